/** What claims ask for, alone and in templates: defaults and validation. Source: kubernetes/pkg/apis/resource/{v1/defaults.go,validation/validation.go} */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import type { StrategyContext } from '../meta/kind.ts'
import { labelValueErrors, qualifiedNameErrors } from '../meta/names.ts'
import { classNameErrors, driverNameErrors, fullyQualifiedNameErrors, requestNameErrors } from './device-names.ts'
import { selectorErrors } from './device-selector.ts'
import { listErrors, setErrors } from './lists.ts'
import type {
  DeviceClaimConfiguration,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceClaimSpec,
} from './types.ts'

const MOST_REQUESTS = 32
const MOST_ALTERNATIVES = 8
const MOST_CONSTRAINTS = 32
export const MOST_CONFIGS = 32
/** The label of a namespace whose claims may have devices that others use. */
const ADMIN_ACCESS = 'resource.kubernetes.io/admin-access'
export const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'None']

/** One device of each request, unless it says otherwise. */
export function defaultClaimSpec(spec: ResourceClaimSpec | undefined): void {
  for (const { exactly, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    for (const request of exactly ? [exactly, ...firstAvailable] : firstAvailable) {
      request.allocationMode ||= 'ExactCount'
      if (request.allocationMode === 'ExactCount') request.count ||= 1
      for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal'
    }
  }
}

/** @param path of the spec */
export function validateClaimSpec(spec: ResourceClaimSpec | undefined, path: string): FieldError[] {
  const { requests, constraints, config } = spec?.devices ?? {}
  const names = namesOf(requests ?? [])
  const ofNames = (list: string[] | undefined, at: string): FieldError[] =>
    setErrors(
      list,
      MOST_REQUESTS,
      `${at}.requests`,
      (name, one) => requestReferenceErrors(name, one, names),
      (name) => name,
    )
  return [
    ...setErrors(requests, MOST_REQUESTS, `${path}.devices.requests`, validateRequest, ({ name }) => name ?? ''),
    ...listErrors(constraints, MOST_CONSTRAINTS, `${path}.devices.constraints`, (constraint, at) => [
      ...ofNames(constraint.requests, at),
      ...validateConstraint(constraint, at),
    ]),
    ...listErrors(config, MOST_CONFIGS, `${path}.devices.config`, (one: DeviceClaimConfiguration, at) => [
      ...ofNames(one.requests, at),
      ...validateConfiguration(one, at),
    ]),
  ]
}

/** `request`, and `request/alternative` for each of a request that has some. */
const namesOf = (requests: readonly DeviceRequest[]): ReadonlySet<string> =>
  new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((one) => `${name}/${one.name}`)]),
  )

function requestReferenceErrors(name: string, path: string, names: ReadonlySet<string>): FieldError[] {
  const unknown = invalid(
    path,
    name,
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
  )
  const parts = name.split('/')
  if (parts.length > 2) return [unknown]
  return [...parts.flatMap((part) => requestNameErrors(part, path)), ...(names.has(name) ? [] : [unknown])]
}

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  const errors = requestNameErrors(name, `${path}.name`)
  const exactlyOne = 'exactly one of `exactly` or `firstAvailable` is required'
  if (!exactly && firstAvailable.length === 0) return [...errors, required(path, exactlyOne)]
  if (exactly && firstAvailable.length > 0)
    return [...errors, invalid(path, null, `${exactlyOne}, but multiple fields are set`)]
  if (exactly) return [...errors, ...validateExactRequest(exactly, `${path}.exactly`)]
  return [
    ...errors,
    ...setErrors(
      firstAvailable,
      MOST_ALTERNATIVES,
      `${path}.firstAvailable`,
      (one, at) => [...requestNameErrors(one.name, `${at}.name`), ...validateExactRequest(one, at)],
      (one) => one.name ?? '',
    ),
  ]
}

const validateExactRequest = (request: ExactDeviceRequest, path: string): FieldError[] => [
  ...classNameErrors(request.deviceClassName, `${path}.deviceClassName`),
  ...selectorErrors(request.selectors, `${path}.selectors`),
  ...allocationModeErrors(request, path),
  ...(request.tolerations ?? []).flatMap((one, n) => tolerationErrors(one, `${path}.tolerations[${n}]`)),
]

function allocationModeErrors({ allocationMode, count = 0 }: ExactDeviceRequest, path: string): FieldError[] {
  if (allocationMode === 'All')
    return count === 0 ? [] : [invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'")]
  if (allocationMode === 'ExactCount')
    return count > 0 ? [] : [invalid(`${path}.count`, count, 'must be greater than zero')]
  return [notSupported(`${path}.allocationMode`, allocationMode, ['All', 'ExactCount'])]
}

function tolerationErrors({ key, operator, value = '', effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? qualifiedNameErrors(key).map((why) => invalid(`${path}.key`, key, why)) : []
  if (operator === 'Exists' && value !== '')
    errors.push(invalid(`${path}.value`, value, 'must be empty for operator `Exists`'))
  else if (operator === 'Equal')
    errors.push(...labelValueErrors(value).map((why) => invalid(`${path}.value`, value, why)))
  else if (operator !== 'Exists') errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']))
  if (effect && !TAINT_EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, TAINT_EFFECTS))
  return errors
}

function validateConstraint({ matchAttribute, distinctAttribute }: DeviceConstraint, path: string): FieldError[] {
  if (matchAttribute !== undefined) return fullyQualifiedNameErrors(matchAttribute, `${path}.matchAttribute`)
  if (distinctAttribute !== undefined) return fullyQualifiedNameErrors(distinctAttribute, `${path}.distinctAttribute`)
  // The server says it in these words, though none is set.
  return [
    required(path, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'),
  ]
}

/** What is passed on to a driver. */
export function validateConfiguration({ opaque }: DeviceConfiguration, path: string): FieldError[] {
  if (!opaque) return [required(`${path}.opaque`)]
  const { parameters } = opaque
  const isObject = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters)
  return [
    ...driverNameErrors(opaque.driver, `${path}.opaque.driver`),
    ...(parameters === undefined || parameters === null
      ? [required(`${path}.opaque.parameters`)]
      : isObject
        ? []
        : [invalid(`${path}.opaque.parameters`, '<value omitted>', 'must be a valid JSON object')]),
  ]
}

/** Admin access is given in namespaces that say so. Source: pkg/registry/resource/utils.go AuthorizedForAdmin */
export function adminAccessErrors(
  spec: ResourceClaimSpec | undefined,
  namespace: string | undefined,
  { namespaceLabels }: StrategyContext,
): FieldError[] {
  const at = (spec?.devices?.requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess)
  if (at < 0 || namespaceLabels(namespace ?? '')[ADMIN_ACCESS] === 'true') return []
  const why = `admin access to devices requires the \`${ADMIN_ACCESS}: true\` label on the containing namespace`
  return [forbiddenField(`spec.devices.requests[${at}].adminAccess`, why)]
}
