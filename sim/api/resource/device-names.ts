/** Names around devices. Source: kubernetes/pkg/apis/resource/validation/validation.go */
import { type FieldError, invalid, required, tooLong } from '../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../meta/names.ts'

const LONGEST_DRIVER = 63
const LONGEST_POOL = 253
const LONGEST_ID = 32
const IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'

const named = (name: string | undefined, path: string, errorsOf: (name: string) => string[]): FieldError[] =>
  name ? errorsOf(name).map((why) => invalid(path, name, why)) : [required(path)]

/** Of requests: a label. */
export const requestNameErrors = (name: string | undefined, path: string): FieldError[] =>
  named(name, path, dnsLabelErrors)

/** Of devices and of counters: a label, whose absence is told as a malformed one. */
export const deviceNameErrors = (name: string | undefined, path: string): FieldError[] =>
  dnsLabelErrors(name ?? '').map((why) => invalid(path, name ?? '', why))

export const classNameErrors = (name: string | undefined, path: string): FieldError[] =>
  named(name, path, dnsSubdomainErrors)

/** Of drivers: as those of CSI. */
export const driverNameErrors = (name: string | undefined, path: string): FieldError[] => [
  ...(name && name.length > LONGEST_DRIVER ? [tooLong(path, LONGEST_DRIVER)] : []),
  ...named(name, path, (given) => dnsSubdomainErrors(given.toLowerCase())),
]

/** Of pools: subdomains with slashes between them. */
export function poolNameErrors(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)]
  return [
    ...(name.length > LONGEST_POOL ? [tooLong(path, LONGEST_POOL)] : []),
    ...name.split('/').flatMap((part) => dnsSubdomainErrors(part).map((why) => invalid(path, part, why))),
  ]
}

/** Of attributes and capacities: an identifier, after a domain if it is not the driver's. */
export function qualifiedNameErrors(name: string, path: string): FieldError[] {
  const parts = name.split('/')
  if (parts.length > 2) return []
  const id = parts.at(-1)!
  const domain = parts.length === 2 ? parts[0] : undefined
  return [
    ...(domain === '' ? [invalid(path, '', 'the domain must not be empty')] : []),
    ...(domain ? driverNameErrors(domain, path) : []),
    ...(domain !== undefined && id === ''
      ? [invalid(path, '', 'the name must not be empty')]
      : identifierErrors(id, path)),
  ]
}

/** The same of a name that says its domain. */
export const fullyQualifiedNameErrors = (name: string, path: string): FieldError[] => [
  ...qualifiedNameErrors(name, path),
  ...(name.includes('/')
    ? []
    : [invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash')]),
]

const identifierErrors = (id: string, path: string): FieldError[] => [
  ...(id.length > LONGEST_ID ? [tooLong(path, LONGEST_ID)] : []),
  ...(new RegExp(`^${IDENTIFIER}$`).test(id)
    ? []
    : [
        invalid(
          path,
          id,
          `a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '${IDENTIFIER}')`,
        ),
      ]),
]
