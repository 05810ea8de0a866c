/** What the spec of a Pod or of a Pod template must be. Source: ValidatePodSpec in kubernetes/pkg/apis/core/validation/validation.go */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, ipErrors, searchDomainErrors } from '../../meta/names.ts'
import { validateAnnotations, validateLabelName, validateLabels } from '../../meta/object-meta.ts'
import { canonicalQuantity, compareQuantities } from '../../meta/quantity.ts'
import type { PodSpec, PodTemplateSpec } from '../pod-types.ts'
import { validatePodResources, validateQuantity } from '../resource-validation.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './container-validation.ts'
import { validateFileVolumes } from './env-validation.ts'
import { validateForLinux, validateForWindows, validateHostProcesses } from './os-validation.ts'
import { validateAffinity, validateSpreadConstraints, validateTolerations } from './placement-validation.ts'
import { podRequests } from './resources.ts'
import { validateHostUsers, validatePodSecurityContext } from './security-validation.ts'
import { validateVolumes } from './volume-validation.ts'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_INT32 = 2 ** 31 - 1
const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARACTERS = 2048

/**
 * @param isPod a Pod itself, not the template of one: its host ports are defaulted already
 * @param podName its name, if it is one
 */
export function validatePodSpec(spec: PodSpec, path: string, isPod: boolean, podName?: string): FieldError[] {
  const { errors: volumeErrors, names } = validateVolumes(spec.volumes, `${path}.volumes`, { isPod, podName })
  const setting = { spec, volumes: names }
  return [
    ...volumeErrors,
    ...validateResourceClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateContainers(setting, `${path}.containers`),
    ...validateInitContainers(setting, `${path}.initContainers`),
    ...validateEphemeralContainers(setting, `${path}.ephemeralContainers`),
    ...validatePodLevelResources(spec, `${path}.resources`),
    ...validateHostPorts(spec, `${path}.containers`, isPod),
    ...oneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`),
    ...oneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(spec.securityContext, spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      validateLabelName(conditionType ?? '', `${path}.readinessGates[${index}].conditionType`),
    ),
    ...validateSchedulingGates(spec, `${path}.schedulingGates`),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostProcesses(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...validateHostnameOverride(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateHostAliases(spec, `${path}.hostAliases`),
    ...(spec.preemptionPolicy === undefined
      ? []
      : oneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`)),
    ...Object.entries(spec.overhead ?? {}).flatMap(([name, quantity]) =>
      validateQuantity(name, quantity, `${path}.overhead[${name}]`),
    ),
    ...validateOs(spec, path),
    ...validateFileVolumes(spec, path),
  ]
}

/** Claims of devices: each is there already, or made from a template. */
function validateResourceClaims(claims: PodSpec['resourceClaims'] = [], path: string): FieldError[] {
  const seen = new Set<string>()
  return claims.flatMap((claim, n) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const at = `${path}[${n}]`
    const errors: FieldError[] = []
    if (!name) errors.push(required(`${at}.name`))
    else if (seen.has(name)) errors.push(duplicate(`${at}.name`, name))
    else errors.push(...dnsLabelErrors(name).map((why) => invalid(`${at}.name`, name, why)))
    seen.add(name)
    const shown = {
      Name: name ?? '',
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    const fields = { resourceClaimName, resourceClaimTemplateName }
    const given = Object.entries(fields).filter(([, value]) => value !== undefined)
    if (given.length === 2)
      errors.push(
        invalid(at, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      )
    if (given.length === 0)
      errors.push(invalid(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    for (const [field, value = ''] of given)
      errors.push(...dnsSubdomainErrors(value).map((why) => invalid(`${at}.${field}`, value, why)))
    return errors
  })
}

export function oneOf(value: string | undefined, supported: readonly string[], path: string): FieldError[] {
  if (!value) return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const check = (field: string, value: string | undefined, wrong: (value: string) => string[]) => {
    if (value) for (const why of wrong(value)) errors.push(invalid(`${path}.${field}`, value, why))
  }
  check('serviceAccountName', spec.serviceAccountName, dnsSubdomainErrors)
  check('nodeName', spec.nodeName, dnsSubdomainErrors)
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32))
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_INT32}, inclusive`))
  check('hostname', spec.hostname, dnsLabelErrors)
  check('subdomain', spec.subdomain, dnsLabelErrors)
  check('priorityClassName', spec.priorityClassName, dnsSubdomainErrors)
  check('runtimeClassName', spec.runtimeClassName, dnsSubdomainErrors)
  return errors
}

/** Source: validatePodHostName in pkg/apis/core/validation/validation.go */
function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const { hostnameOverride: name } = spec
  if (name === undefined) return []
  const field = `${path}.hostnameOverride`
  const errors: FieldError[] = []
  if (spec.setHostnameAsFQDN) errors.push(forbiddenField(field, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork) errors.push(forbiddenField(field, 'may not be specified when hostNetwork is true'))
  if (name.length > 64) errors.push(tooLong(field, 64))
  return [...errors, ...dnsSubdomainErrors(name).map((why) => invalid(field, name, why))]
}

function validatePodLevelResources(spec: PodSpec, path: string): FieldError[] {
  if (!spec.resources) return []
  const errors = validatePodResources(spec.resources, path)
  if (errors.length > 0) return errors
  const needed = podRequests({ ...spec, resources: undefined, overhead: undefined })
  for (const [name, quantity] of Object.entries(needed)) {
    const given = spec.resources.requests?.[name] ?? '0'
    const isPodLevel = name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
    if (isPodLevel && compareQuantities(quantity, given) > 0)
      errors.push(
        invalid(
          `${path}.requests[${name}]`,
          canonicalQuantity(given),
          `must be greater than or equal to aggregate container requests of ${canonicalQuantity(quantity)}`,
        ),
      )
  }
  for (const [index, container] of spec.containers.entries())
    for (const [name, limit] of Object.entries(container.resources.limits ?? {})) {
      const whole = spec.resources.limits?.[name]
      if (whole !== undefined && compareQuantities(limit, whole) > 0)
        errors.push(
          invalid(
            `${path}.containers[${index}][${name}].limits`,
            canonicalQuantity(limit),
            `must be less than or equal to pod limits of ${canonicalQuantity(whole)}`,
          ),
        )
    }
  return errors
}

function validateHostPorts(spec: PodSpec, path: string, isPod: boolean): FieldError[] {
  if (!spec.hostNetwork) return []
  return (spec.containers ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort }, place) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [
            invalid(
              `${path}[${index}].ports[${place}].hostPort`,
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ]
        : [],
    ),
  )
}

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!dnsConfig.nameservers?.length)
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  if (!dnsConfig) return []
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  const errors: FieldError[] = []
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`))
  for (const [index, server] of nameservers.entries())
    for (const why of ipErrors(server)) errors.push(invalid(`${path}.nameservers[${index}]`, server, why))
  if (searches.length > MAX_SEARCHES)
    errors.push(invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`))
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS)
    errors.push(
      invalid(
        `${path}.searches`,
        searches,
        `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
      ),
    )
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue
    const bare = search.replace(/\.$/, '')
    for (const why of searchDomainErrors(bare)) errors.push(invalid(`${path}.searches[${index}]`, bare, why))
  }
  for (const [index, option] of options.entries())
    if (!option.name) errors.push(required(`${path}.options[${index}]`, 'must not be empty'))
  return errors
}

function validateSchedulingGates({ schedulingGates = [] }: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return schedulingGates.flatMap(({ name = '' }, index) => {
    const errors = validateLabelName(name, `${path}[${index}]`)
    if (seen.has(name)) errors.push(duplicate(`${path}[${index}]`, name))
    seen.add(name)
    return errors
  })
}

const validateHostAliases = ({ hostAliases = [] }: PodSpec, path: string): FieldError[] =>
  hostAliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...ipErrors(ip ?? '').map((why) => invalid(`${path}[${index}].ip`, ip ?? '', why)),
    ...hostnames.flatMap((name, place) =>
      dnsSubdomainErrors(name).map((why) => invalid(`${path}[${index}].hostnames[${place}]`, name, why)),
    ),
  ])

function validateOs(spec: PodSpec, path: string): FieldError[] {
  const { os } = spec
  if (!os) return []
  if (!os.name) return [required(`${path}.os.name`)]
  if (os.name === 'linux') return validateForLinux(spec, path)
  if (os.name === 'windows') return validateForWindows(spec, path)
  return [notSupported(`${path}.os`, os.name, ['linux', 'windows'])]
}

/** @param path of the template: `spec.template` */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const errors = [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template.spec, `${path}.spec`, false),
  ]
  if (template.spec.ephemeralContainers?.length)
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  return errors
}
