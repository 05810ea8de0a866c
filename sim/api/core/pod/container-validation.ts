/** What containers must be. Source: validateContainers in kubernetes/pkg/apis/core/validation/validation.go */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notFoundField,
  notSupported,
  required,
} from '../../meta/field-error.ts'
import { dnsLabelErrors, portNameErrors, portNumberErrors } from '../../meta/names.ts'
import type { Container, ContainerPort, EphemeralContainer, PodSpec } from '../pod-types.ts'
import { validateContainerResources } from '../resource-validation.ts'
import { validateEnv, validateEnvFrom } from './env-validation.ts'
import { validateLifecycle, validateProbe } from './handler-validation.ts'
import { isSidecar } from './resources.ts'
import { validateSecurityContext } from './security-validation.ts'
import { validateDevices, validateMounts } from './volume-validation.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const INIT_ONLY = 'may not be set for init containers without restartPolicy=Always'

/** Fields that a debugging container may have. */
const EPHEMERAL_FIELDS = new Set([
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'env',
  'envFrom',
  'volumeMounts',
  'volumeDevices',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'targetContainerName',
  'resources',
])

/** What containers are checked against besides themselves. */
export interface ContainerSetting {
  spec: PodSpec
  /** Volumes that are in order. */
  volumes: ReadonlySet<string>
}

export function validateContainers(setting: ContainerSetting, path: string): FieldError[] {
  const containers = setting.spec.containers ?? []
  if (containers.length === 0) return [required(path)]
  const names = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`
    errors.push(...validateCommon(container, setting, at))
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    errors.push(...validateLongRunning(container, setting, at))
  }
  return [...errors, ...hostPortConflicts(containers, path)]
}

export function validateInitContainers(setting: ContainerSetting, path: string): FieldError[] {
  const names = new Set((setting.spec.containers ?? []).map((container) => container.name))
  return (setting.spec.initContainers ?? []).flatMap((container, index) => {
    const at = `${path}[${index}]`
    const errors = validateCommon(container, setting, at)
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    // They run one after the other: each may use the same port.
    errors.push(...hostPortConflicts([container], path))
    if (isSidecar(container)) return [...errors, ...validateLongRunning(container, setting, at)]
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
      if (container[field]) errors.push(forbiddenField(`${at}.${field}`, INIT_ONLY))
    return errors
  })
}

export function validateEphemeralContainers(setting: ContainerSetting, path: string): FieldError[] {
  const others = new Set(
    [...(setting.spec.containers ?? []), ...(setting.spec.initContainers ?? [])].map(({ name }) => name),
  )
  const names = new Set(others)
  return (setting.spec.ephemeralContainers ?? []).flatMap((container: EphemeralContainer, index) => {
    const at = `${path}[${index}]`
    const errors = [...validateCommon(container, setting, at), ...validateImagePadding(container, at)]
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    if (container.targetContainerName && !others.has(container.targetContainerName))
      errors.push(notFoundField(`${at}.targetContainerName`, container.targetContainerName))
    for (const [field, value] of Object.entries(container))
      if (!isAllowedOfEphemeral(field, value))
        errors.push(forbiddenField(`${at}.${field}`, 'cannot be set for an Ephemeral Container'))
    for (const [place, mount] of (container.volumeMounts ?? []).entries())
      for (const field of ['subPath', 'subPathExpr'] as const)
        if (mount[field])
          errors.push(
            forbiddenField(`${at}.volumeMounts[${place}].${field}`, 'cannot be set for an Ephemeral Container'),
          )
    return errors
  })
}

const isAllowedOfEphemeral = (field: string, value: unknown): boolean =>
  field === 'resources' ? Object.keys(value as object).length === 0 : value === undefined || EPHEMERAL_FIELDS.has(field)

function validateCommon(container: Container, { spec, volumes }: ContainerSetting, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!container.name) errors.push(required(`${path}.name`))
  else for (const why of dnsLabelErrors(container.name)) errors.push(invalid(`${path}.name`, container.name, why))
  if (!container.image) errors.push(required(`${path}.image`))
  if (!MESSAGE_POLICIES.includes(container.terminationMessagePolicy))
    errors.push(notSupported(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES))
  errors.push(
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, volumes, `${path}.volumeMounts`),
    ...validateDevices(container, spec.volumes ?? [], `${path}.volumeDevices`),
  )
  if (!PULL_POLICIES.includes(container.imagePullPolicy))
    errors.push(notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES))
  const claims = (spec.resourceClaims ?? []).map(({ name }) => name)
  errors.push(...validateContainerResources(container.resources ?? {}, claims, `${path}.resources`))
  errors.push(...validateResizePolicy(container, spec, `${path}.resizePolicy`))
  errors.push(
    ...validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`),
  )
  if (container.restartPolicy !== undefined && !RESTART_POLICIES.includes(container.restartPolicy))
    errors.push(notSupported(`${path}.restartPolicy`, container.restartPolicy, RESTART_POLICIES))
  errors.push(...validateRestartRules(container, path))
  return errors
}

/** Source: validateContainerRestartPolicy */
function validateRestartRules(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
): FieldError[] {
  if (rules.length === 0) return []
  const errors: FieldError[] = []
  if (restartPolicy === undefined)
    errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
  for (const [index, { action, exitCodes }] of rules.entries()) {
    const at = `${path}.restartPolicyRules[${index}]`
    if (action !== 'Restart') errors.push(notSupported(`${at}.action`, action, ['Restart', 'RestartAllContainers']))
    if (!exitCodes) errors.push(required(`${at}.exitCodes`, 'must be specified'))
    else if (exitCodes.operator !== 'In' && exitCodes.operator !== 'NotIn')
      errors.push(notSupported(`${at}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']))
  }
  return errors
}

/** Hooks and probes: of regular containers and sidecars. */
function validateLongRunning(container: Container, { spec }: ContainerSetting, path: string): FieldError[] {
  return [
    ...(container.lifecycle
      ? validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${path}.lifecycle`)
      : []),
    ...validateProbe(container.livenessProbe, 'liveness', `${path}.livenessProbe`),
    ...validateProbe(container.readinessProbe, 'readiness', `${path}.readinessProbe`),
    ...validateProbe(container.startupProbe, 'startup', `${path}.startupProbe`),
  ]
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return (ports ?? []).flatMap((port, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    if (port.name) {
      const wrong = portNameErrors(port.name)
      for (const why of wrong) errors.push(invalid(`${at}.name`, port.name, why))
      if (wrong.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      if (wrong.length === 0) names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`))
    else
      for (const why of portNumberErrors(port.containerPort))
        errors.push(invalid(`${at}.containerPort`, port.containerPort, why))
    if (port.hostPort)
      for (const why of portNumberErrors(port.hostPort)) errors.push(invalid(`${at}.hostPort`, port.hostPort, why))
    if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
    return errors
  })
}

function hostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const seen = new Set<string>()
  return containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, place) => {
      if (!port.hostPort) return []
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`
      const isTaken = seen.has(key)
      seen.add(key)
      return isTaken ? [duplicate(`${path}[${index}].ports[${place}].hostPort`, key)] : []
    }),
  )
}

function validateResizePolicy({ resizePolicy = [] }: Container, spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return resizePolicy.flatMap(({ resourceName, restartPolicy }, index) => {
    const errors: FieldError[] = []
    if (seen.has(resourceName)) errors.push(duplicate(`${path}[${index}]`, resourceName))
    seen.add(resourceName)
    if (!resourceName) errors.push(required(path))
    else if (resourceName !== 'cpu' && resourceName !== 'memory')
      errors.push(notSupported(path, resourceName, ['cpu', 'memory']))
    if (!restartPolicy) errors.push(required(path))
    else if (restartPolicy !== 'NotRequired' && restartPolicy !== 'RestartContainer')
      errors.push(notSupported(path, restartPolicy, ['NotRequired', 'RestartContainer']))
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    return errors
  })
}

/** Templates may hold such names; Pods may not. */
export const validateImagePadding = (container: Container, path: string): FieldError[] =>
  (container.image ?? '').trim() === (container.image ?? '')
    ? []
    : [invalid(`${path}.image`, container.image, 'must not have leading or trailing whitespace')]
