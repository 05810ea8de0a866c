/** What may be set for a Pod of one operating system or the other. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid } from '../../meta/field-error.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import type { Container, PodSpec, WindowsOptions } from '../pod-types.ts'

const MAX_CREDENTIAL_KIB = 64
const MAX_DOMAIN_CHARACTERS = 256
const MAX_USER_CHARACTERS = 104
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DNS_DOMAIN = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*$/
const WRONG_IN_USER = /["/\\:;|=,+*?<>@[\]]/
const NOT_FOR_WINDOWS = 'cannot be set for a windows pod'
const NOT_FOR_LINUX = 'windows options cannot be set for a linux pod'

/** Fields of a Pod's security context, and those beside it which the server keeps there, in the order in which it looks. */
const LINUX_FIELDS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
]
/** Of these only a list with items, or true, counts. */
const MUST_BE_SET = new Set(['hostPID', 'hostIPC', 'securityContext.sysctls'])
const LINUX_CONTAINER_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** Every container with its path, in the server's order. */
const containersOf = (spec: PodSpec, path: string): { container: Container; at: string }[] =>
  (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, n) => ({ container, at: `${path}.${list}[${n}]` })),
  )

export function validateForWindows(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of LINUX_FIELDS) {
    const [first, second] = field.split('.')
    const holder = (second ? spec.securityContext : spec) as unknown as Readonly<Record<string, unknown>> | undefined
    const value = holder?.[second ?? first]
    const isSet = MUST_BE_SET.has(field)
      ? value === true || (Array.isArray(value) && value.length > 0)
      : value !== undefined
    if (isSet) errors.push(forbiddenField(`${path}.${field}`, NOT_FOR_WINDOWS))
  }
  for (const { container, at } of containersOf(spec, path))
    for (const field of LINUX_CONTAINER_FIELDS)
      if (container.securityContext?.[field] !== undefined)
        errors.push(forbiddenField(`${at}.securityContext.${field}`, NOT_FOR_WINDOWS))
  return errors
}

export const validateForLinux = (spec: PodSpec, path: string): FieldError[] => [
  ...(spec.securityContext?.windowsOptions
    ? [forbiddenField(`${path}.securityContext.windowsOptions`, NOT_FOR_LINUX)]
    : []),
  ...containersOf(spec, path).flatMap(({ container, at }) =>
    container.securityContext?.windowsOptions
      ? [forbiddenField(`${at}.securityContext.windowsOptions`, NOT_FOR_LINUX)]
      : [],
  ),
]

/** Processes of a Windows node are either all of a Pod's containers or none. */
export function validateHostProcesses(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const all = containersOf(spec, path).map(({ container, at }) => ({
    own: container.securityContext?.windowsOptions?.hostProcess,
    at: `${at}.securityContext.windowsOptions.hostProcess`,
  }))
  const errors = all
    .filter(({ own }) => own !== undefined && ofPod !== undefined && own !== ofPod)
    .map(({ own, at }) =>
      invalid(at, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`),
    )
  const count = all.filter(({ own }) => own ?? ofPod).length
  if (count === 0) return errors
  if (count < all.length)
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    )
  if (!spec.hostNetwork)
    errors.push(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    )
  return errors
}

export function validateWindowsOptions(options: WindowsOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName } = options ?? {}
  const errors: FieldError[] = []
  if (name !== undefined)
    errors.push(...dnsSubdomainErrors(name).map((why) => invalid(`${path}.gmsaCredentialSpecName`, name, why)))
  if (credential === '')
    errors.push(invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'))
  else if (credential !== undefined && credential.length > MAX_CREDENTIAL_KIB * 1024)
    errors.push(
      invalid(
        `${path}.gmsaCredentialSpec`,
        credential,
        `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`,
      ),
    )
  if (runAsUserName !== undefined)
    for (const why of userNameErrors(runAsUserName)) errors.push(invalid(`${path}.runAsUserName`, runAsUserName, why))
  return errors
}

/** A user's name, or a domain and one. */
function userNameErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts[parts.length - 1]
  const domain = parts.length === 2 ? parts[0] : undefined
  const errors: string[] = []
  if (domain !== undefined && domain.length >= MAX_DOMAIN_CHARACTERS)
    errors.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN_CHARACTERS} characters`)
  if (domain !== undefined && !NET_BIOS.test(domain) && !DNS_DOMAIN.test(domain))
    errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  if (user === '') errors.push("runAsUserName's User cannot be empty")
  else if (user.length > MAX_USER_CHARACTERS)
    errors.push(`runAsUserName's User length must not be longer than ${MAX_USER_CHARACTERS} characters`)
  if (/^[. ]+$/.test(user)) errors.push("runAsUserName's User cannot contain only periods or spaces")
  if (WRONG_IN_USER.test(user))
    errors.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  return errors
}
