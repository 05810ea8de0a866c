/** What environment variables and their sources must be. Source: ValidateEnv in kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, invalid, notFoundField, notSupported, required } from '../../meta/field-error.ts'
import {
  configKeyErrors,
  dnsLabelErrors,
  dnsSubdomainErrors,
  qualifiedNameErrors,
  relaxedEnvVarNameErrors,
} from '../../meta/names.ts'
import { canonicalQuantity, compareQuantities } from '../../meta/quantity.ts'
import type { EnvFromSource, EnvVar, PodSpec } from '../pod-types.ts'

/** Sorted, as messages list them. */
const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
/** Fields that the downward API knows at all, labels and annotations by key apart. */
const KNOWN_FIELDS = new Set([
  ...ENV_FIELDS,
  ...VOLUME_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const CPU_DIVISORS = ['1m', '1']
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

export function validateEnv(env: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return (env ?? []).flatMap((variable, index) => {
    const at = `${path}[${index}]`
    const name = variable.name
      ? relaxedEnvVarNameErrors(variable.name).map((why) => invalid(`${at}.name`, variable.name, why))
      : [required(`${at}.name`)]
    return [...name, ...validateValueFrom(variable, `${at}.valueFrom`)]
  })
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: string): FieldError[] {
  if (!valueFrom) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  const errors: FieldError[] = []
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`))
  if (resourceFieldRef) errors.push(...validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`))
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`))
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`))
  if (fileKeyRef) errors.push(...validateFileKeyRef(fileKeyRef, `${path}.fileKeyRef`))
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length
  if (sources === 0)
    errors.push(
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    )
  else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

function validateFileKeyRef(
  { volumeName, path: file, key }: { volumeName: string; path: string; key: string },
  path: string,
): FieldError[] {
  const check = (field: string, value: string, wrong: (value: string) => string[]): FieldError[] =>
    value ? wrong(value).map((why) => invalid(`${path}.${field}`, value, why)) : [required(`${path}.${field}`)]
  return [
    ...check('key', key, relaxedEnvVarNameErrors),
    ...check('volumeName', volumeName, dnsLabelErrors),
    ...check('path', file, (value) => (value.split('/').includes('..') ? ["must not contain '..'"] : [])),
  ]
}

/** Files of variables must lie in a volume that is empty at first. @param path of the Pod's spec */
export function validateFileVolumes(spec: PodSpec, path: string): FieldError[] {
  const volumes = new Map(spec.volumes?.map((volume) => [volume.name, volume]))
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ env }, n) =>
      (env ?? []).flatMap(({ valueFrom }, m) => {
        if (!valueFrom?.fileKeyRef) return []
        const { volumeName = '' } = valueFrom.fileKeyRef
        const at = `${path}.${list}[${n}].env[${m}].valueFrom.fileKeyRef.volumeName`
        const volume = volumes.get(volumeName)
        if (!volume) return [notFoundField(at, volumeName)]
        return volume.emptyDir ? [] : [invalid(at, volumeName, 'referenced volume must be of type emptyDir')]
      }),
    ),
  )
}

export function validateFieldRef(
  ref: { apiVersion?: string; fieldPath: string },
  supported: readonly string[],
  path: string,
): FieldError[] {
  if (!ref.apiVersion) return [required(`${path}.apiVersion`)]
  if (!ref.fieldPath) return [required(`${path}.fieldPath`)]
  const wrong = (why: string): FieldError[] => [
    invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (ref.apiVersion !== 'v1') return wrong(`unsupported pod version: ${ref.apiVersion}`)
  const subscripted = /^(.+)\['(.*)'\]$/.exec(ref.fieldPath)
  if (subscripted) {
    const [, field, key] = subscripted
    if (field === 'metadata.annotations')
      return qualifiedNameErrors(key.toLowerCase()).map((why) => invalid(path, key.toLowerCase(), why))
    if (field === 'metadata.labels') return qualifiedNameErrors(key).map((why) => invalid(path, key, why))
    return wrong(`field label does not support subscript: ${ref.fieldPath}`)
  }
  const field = ref.fieldPath === 'spec.host' ? 'spec.nodeName' : ref.fieldPath
  if (!KNOWN_FIELDS.has(field)) return wrong(`field label not supported: ${field}`)
  return supported.includes(field) ? [] : [notSupported(`${path}.fieldPath`, field, supported)]
}

export function validateResourceFieldRef(
  ref: { containerName?: string; resource: string; divisor?: string },
  path: string,
  isInVolume = false,
): FieldError[] {
  const errors: FieldError[] = []
  if (isInVolume && !ref.containerName) errors.push(required(`${path}.containerName`))
  else if (!ref.resource) errors.push(required(`${path}.resource`))
  else if (!RESOURCE_FIELDS.includes(ref.resource) && !/^(limits|requests)\.hugepages-/.test(ref.resource))
    errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCE_FIELDS))
  if (!ref.divisor || compareQuantities(ref.divisor, '0') === 0) return errors
  const isCpu = ref.resource?.endsWith('.cpu')
  const divisors = isCpu ? CPU_DIVISORS : BYTE_DIVISORS
  if (divisors.includes(canonicalQuantity(ref.divisor))) return errors
  const resource = isCpu
    ? 'cpu'
    : ref.resource?.endsWith('.memory')
      ? 'memory'
      : ref.resource?.endsWith('-storage')
        ? 'local ephemeral storage'
        : 'hugepages'
  const list = isCpu ? '1m and 1' : BYTE_DIVISORS.join(', ')
  return [
    ...errors,
    invalid(
      `${path}.divisor`,
      ref.resource,
      `only divisor's values ${list} are supported with the ${resource} resource`,
    ),
  ]
}

function validateKeyRef(ref: { name: string; key: string }, path: string): FieldError[] {
  const errors = dnsSubdomainErrors(ref.name ?? '').map((why) => invalid(`${path}.name`, ref.name ?? '', why))
  if (!ref.key) return [...errors, required(`${path}.key`)]
  return [...errors, ...configKeyErrors(ref.key).map((why) => invalid(`${path}.key`, ref.key, why))]
}

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    if (prefix) for (const why of relaxedEnvVarNameErrors(prefix)) errors.push(invalid(`${at}.prefix`, prefix, why))
    if (configMapRef) errors.push(...validateSourceName(configMapRef.name, `${at}.configMapRef.name`))
    if (secretRef) errors.push(...validateSourceName(secretRef.name, `${at}.secretRef.name`))
    if (!configMapRef && !secretRef)
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef && secretRef)
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
    return errors
  })
}

const validateSourceName = (name: string | undefined, path: string): FieldError[] =>
  name ? dnsSubdomainErrors(name).map((why) => invalid(path, name, why)) : [required(path)]
