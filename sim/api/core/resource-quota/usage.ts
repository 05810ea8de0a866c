/**
 * What an object takes of a quota, and which quotas look at it: what admission and the quota controller both reckon with.
 * Source: kubernetes/pkg/quota/v1/evaluator/core, k8s.io/apiserver/pkg/quota/v1
 */
import { type Kind, resourceName } from '../../meta/kind.ts'
import type { KubeObject, Quantity, ResourceList } from '../../meta/object.ts'
import { addQuantities, canonicalQuantity, compareQuantities, subtractQuantities } from '../../meta/quantity.ts'
import { countedSpec, podLimits, podRequests, qosClass } from '../pod/resources.ts'
import type { Container, Pod, PodSpec } from '../pod-types.ts'
import type { ResourceQuotaSpec, ScopeRequirement } from '../policy-types.ts'
import type { PersistentVolumeClaim } from '../storage-types.ts'
import type { Service } from '../types.ts'

export interface QuotaEvaluator {
  /** Whether an update of the object, or of that part of it, may take more of a quota: a creation always may. */
  countsUpdate(subresource: string, object: KubeObject, old: KubeObject | undefined): boolean
  /** Which of the names of a quota it measures. */
  measures(name: string): boolean
  /** Everything the object takes, by the names that quotas use. */
  usage(object: KubeObject, nowEpochMs: number): ResourceList
  /** The part of the object that its usage follows from, for the usage to be remembered by it. */
  basis?(object: KubeObject, nowEpochMs: number): object | undefined
  /** What the object does not say although a quota limits it: `requests.cpu,requests.memory`; undefined when nothing is missing. */
  missing?(object: KubeObject, limited: readonly string[]): string | undefined
  /** Whether the object is one of the scope. Without it, no quota with a scope looks at such objects. */
  isInScope?(object: KubeObject, scope: ScopeRequirement): boolean
}

/** Names older than `count/<resource>`. */
const OLD_COUNTS = new Set(['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets'])

/** How objects of a kind are measured. */
export function evaluatorOf(kind: Kind): QuotaEvaluator {
  const resource = resourceName(kind)
  if (resource === 'pods') return podEvaluator
  if (resource === 'services') return serviceEvaluator
  if (resource === 'persistentvolumeclaims') return claimEvaluator
  const names = OLD_COUNTS.has(resource) ? [`count/${resource}`, resource] : [`count/${resource}`]
  const usage = Object.fromEntries(names.map((name) => [name, '1']))
  return { countsUpdate: () => false, measures: (name) => names.includes(name), usage: () => usage }
}

// ---------- Pods ----------

const POD_RESOURCES = new Set([
  'pods',
  'count/pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])
/** Once limited, every container has to say how much of these it wants. */
const EXPLICIT = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

const podEvaluator: QuotaEvaluator = {
  countsUpdate: (subresource, object, old) =>
    subresource === 'resize' ||
    (subresource === '' && old !== undefined && hasDeadline(object as Pod) !== hasDeadline(old as Pod)),
  measures: (name) =>
    POD_RESOURCES.has(name) ||
    name.startsWith('hugepages-') ||
    name.startsWith('requests.hugepages-') ||
    (name.startsWith('requests.') && name.includes('/')),
  usage: (object, nowEpochMs) => podUsage(object as Pod, nowEpochMs),
  basis: (object, nowEpochMs) => (takesResources(object as Pod, nowEpochMs) ? countedSpec(object as Pod) : undefined),
  missing: (object, limited) => missingOf((object as Pod).spec, limited),
  isInScope: (object, scope) => isPodInScope(object as Pod, scope),
}

function podUsage(pod: Pod, nowEpochMs: number): ResourceList {
  return takesResources(pod, nowEpochMs)
    ? { 'count/pods': '1', ...podComputeUsage(countedSpec(pod)) }
    : { 'count/pods': '1' }
}

/** Pods that have ended, or should have by now, take no resources: they only exist. */
export function takesResources({ metadata, status }: Pod, nowEpochMs: number): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return nowEpochMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

/** What a Pod that has not ended takes. */
function podComputeUsage(spec: PodSpec): ResourceList {
  const usage: ResourceList = { pods: '1' }
  for (const [name, quantity] of Object.entries(podRequests(spec))) {
    if (isCommon(name) || name.startsWith('hugepages-')) usage[name] = quantity
    usage[`requests.${name}`] = quantity
  }
  for (const [name, quantity] of Object.entries(podLimits(spec))) if (isCommon(name)) usage[`limits.${name}`] = quantity
  return usage
}

const isCommon = (name: string): boolean => name === 'cpu' || name === 'memory' || name === 'ephemeral-storage'

function missingOf(spec: PodSpec, limited: readonly string[]): string | undefined {
  const needed = EXPLICIT.filter((name) => limited.includes(name))
  if (needed.length === 0) return undefined
  const missing = new Map<string, Set<string>>()
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
    for (const name of needed)
      if (!says(container, name) && !saysTogether(spec, name))
        missing.set(name, (missing.get(name) ?? new Set()).add(container.name))
  return missing.size === 0
    ? undefined
    : [...missing]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, containers]) => `${name} for: ${[...containers].sort().join(',')}`)
        .join('; ')
}

const says = ({ resources }: Pick<Container, 'resources'>, name: string): boolean => {
  const [list, resource] = name.startsWith('limits.')
    ? [resources?.limits, name.slice('limits.'.length)]
    : [resources?.requests, name.replace('requests.', '')]
  return list?.[resource] !== undefined
}

/** The Pod as a whole says it, for all its containers. */
const saysTogether = ({ resources }: PodSpec, name: string): boolean =>
  resources !== undefined && says({ resources }, name)

/** A Pod that ends by itself sooner or later: of the scope Terminating. */
export const hasDeadline = ({ spec }: Pod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0

function isPodInScope(pod: Pod, { scopeName, operator, values = [] }: ScopeRequirement): boolean {
  switch (scopeName) {
    case 'Terminating':
      return hasDeadline(pod)
    case 'NotTerminating':
      return !hasDeadline(pod)
    case 'BestEffort':
      return qosClass(pod) === 'BestEffort'
    case 'NotBestEffort':
      return qosClass(pod) !== 'BestEffort'
    case 'CrossNamespacePodAffinity':
      return namesOtherNamespaces(pod.spec)
    case 'PriorityClass':
      return matchesValue(pod.spec.priorityClassName, operator, values)
    default:
      return false
  }
}

function matchesValue(
  value: string | undefined,
  operator: ScopeRequirement['operator'],
  values: readonly string[],
): boolean {
  if (operator === 'Exists') return Boolean(value)
  if (operator === 'DoesNotExist') return !value
  if (!value) return operator === 'NotIn'
  return values.includes(value) === (operator === 'In')
}

function namesOtherNamespaces({ affinity }: PodSpec): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((part) => [
    ...(part?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(part?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined)
}

// ---------- Services and claims ----------

const SERVICE_RESOURCES = new Set(['services', 'count/services', 'services.nodeports', 'services.loadbalancers'])

const serviceEvaluator: QuotaEvaluator = {
  countsUpdate: (subresource) => subresource === '',
  measures: (name) => SERVICE_RESOURCES.has(name),
  usage: (object) => serviceUsage((object as Service).spec),
}

function serviceUsage({ type, ports = [], allocateLoadBalancerNodePorts }: Service['spec']): ResourceList {
  const isBalanced = type === 'LoadBalancer'
  // A balancer that needs no node ports may still be given some by hand.
  const nodePorts =
    type === 'NodePort' || (isBalanced && allocateLoadBalancerNodePorts !== false)
      ? ports.length
      : isBalanced
        ? ports.filter((port) => port.nodePort).length
        : 0
  return {
    services: '1',
    'count/services': '1',
    'services.nodeports': String(nodePorts),
    'services.loadbalancers': isBalanced ? '1' : '0',
  }
}

const CLAIM_RESOURCES = ['persistentvolumeclaims', 'requests.storage']
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/'

const claimEvaluator: QuotaEvaluator = {
  countsUpdate: (subresource) => subresource === '',
  measures: (name) =>
    name === 'count/persistentvolumeclaims' ||
    CLAIM_RESOURCES.includes(name) ||
    CLAIM_RESOURCES.some((resource) => name.endsWith(CLASS_SUFFIX + resource)),
  usage: (object) => claimUsage(object as PersistentVolumeClaim),
  isInScope: (object, { scopeName, operator, values = [] }) =>
    scopeName === 'VolumeAttributesClass' &&
    matchesValue((object as PersistentVolumeClaim).spec.volumeAttributesClassName, operator, values),
}

function claimUsage({ spec, status }: PersistentVolumeClaim): ResourceList {
  const asked = spec.resources?.requests?.storage
  const given = status?.allocatedResources?.storage
  const storage = asked && given && compareQuantities(given, asked) > 0 ? given : asked
  const own: ResourceList = { persistentvolumeclaims: '1', ...(storage ? { 'requests.storage': storage } : {}) }
  const usage: ResourceList = { 'count/persistentvolumeclaims': '1', ...own }
  if (spec.storageClassName)
    for (const [name, quantity] of Object.entries(own)) usage[spec.storageClassName + CLASS_SUFFIX + name] = quantity
  return usage
}

// ---------- quotas ----------

/** Whether the quota counts the object: every scope of it must hold. */
export function isInScopes(spec: ResourceQuotaSpec, evaluator: QuotaEvaluator, object: KubeObject): boolean {
  const scopes: ScopeRequirement[] = [
    ...(spec.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ]
  return scopes.every((scope) => evaluator.isInScope?.(object, scope) ?? false)
}

/** Entries of `list` under those names. */
export const mask = (list: ResourceList, names: Iterable<string>): ResourceList => {
  const result: ResourceList = {}
  for (const name of names) if (list[name] !== undefined) result[name] = list[name]
  return result
}

/** Both together. */
export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  const result = { ...a }
  for (const [name, quantity] of Object.entries(b))
    result[name] = result[name] === undefined ? canonicalQuantity(quantity) : addQuantities(result[name], quantity)
  return result
}

/** What `a` has more than `b`; nothing less than zero. */
export function increase(a: ResourceList, b: ResourceList): ResourceList {
  const result: ResourceList = {}
  for (const [name, quantity] of Object.entries(a)) {
    const before = b[name] ?? '0'
    result[name] = compareQuantities(quantity, before) > 0 ? subtractQuantities(quantity, before) : '0'
  }
  return result
}

/** The amount so many times. */
export function multiplyQuantity(quantity: Quantity, times: number): Quantity {
  let total: Quantity | undefined
  let part = quantity
  for (let left = times; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) total = total === undefined ? part : addQuantities(total, part)
    if (left > 1) part = addQuantities(part, part)
  }
  return total ?? '0'
}

/** `pods=1,requests.cpu=100m`, sorted. */
export const printResources = (list: ResourceList): string =>
  Object.keys(list)
    .sort()
    .map((name) => `${name}=${list[name]}`)
    .join(',')
