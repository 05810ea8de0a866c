/** What the containers of a Pod ask for together. Sources: k8s.io/component-helpers/resource, pkg/apis/core/v1/helper/qos */

import { equalJson } from '../../meta/json.ts'
import { findCondition, type ResourceList } from '../../meta/object.ts'
import { addQuantities, compareQuantities } from '../../meta/quantity.ts'
import type { Container, Pod, PodSpec } from '../pod-types.ts'

/** Resources that may be given to a Pod as a whole. */
const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/** Whether the Pod asks for something as a whole. Source: resourcehelpers.IsPodLevelRequestsSet */
export const hasPodLevelRequests = ({ resources }: PodSpec): boolean =>
  Object.keys(resources?.requests ?? {}).some(isPodLevelResource)

/** A sidecar: an init container that keeps running. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

/** Requests of the whole Pod, overhead included: what the scheduler and quotas count. */
export function podRequests(spec: PodSpec): ResourceList {
  const requests = containersTotal(spec, (container) => container.resources?.requests)
  for (const [name, quantity] of Object.entries(spec.resources?.requests ?? {}))
    if (isPodLevelResource(name)) requests[name] = quantity
  return spec.overhead ? sum(requests, spec.overhead) : requests
}

/** Limits of the whole Pod. */
export function podLimits(spec: PodSpec): ResourceList {
  const limits = containersTotal(spec, (container) => container.resources?.limits)
  for (const [name, quantity] of Object.entries(spec.resources?.limits ?? {}))
    if (isPodLevelResource(name)) limits[name] = quantity
  if (!spec.overhead) return limits
  const total = { ...limits }
  for (const [name, quantity] of Object.entries(spec.overhead))
    if (name in total) total[name] = addQuantities(total[name], quantity)
  return total
}

/**
 * The Pod's spec with what each container counts for while it is resized: the most of what it asks for, has and was granted. A size that its
 * node can never give counts for nothing. It is the Pod's own where all of that is the same.
 * Source: component-helpers/resource/helpers.go determineEffectiveRequests, determineEffectiveLimits
 */
export function countedSpec({ spec, status }: Pod): PodSpec {
  const isInfeasible = findCondition(status?.conditions, 'PodResizePending')?.reason === 'Infeasible'
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const counted = (container: Container): Container => {
    const { resources: own, allocatedResources } = statuses.find(({ name }) => name === container.name) ?? {}
    const { requests, limits } = container.resources ?? {}
    if (!own) return container
    const isAsAsked =
      equalJson(own.requests ?? {}, requests ?? {}) &&
      equalJson(own.limits ?? {}, limits ?? {}) &&
      (!allocatedResources || equalJson(allocatedResources, requests ?? {}))
    if (isAsAsked) return container
    const had = greatest(own.requests ?? {}, allocatedResources ?? {})
    const resources = isInfeasible
      ? { requests: had, limits: own.limits }
      : { requests: greatest(requests ?? {}, had), limits: greatest(limits ?? {}, own.limits ?? {}) }
    return { ...container, resources }
  }
  const containers = spec.containers.map(counted)
  const initContainers = spec.initContainers?.map((one) => (isSidecar(one) ? counted(one) : one))
  const isSame = (now: readonly Container[] = [], before: readonly Container[] = []): boolean =>
    now.every((one, n) => one === before[n])
  if (isSame(containers, spec.containers) && isSame(initContainers, spec.initContainers)) return spec
  return { ...spec, containers, ...(initContainers ? { initContainers } : {}) }
}

/**
 * The containers' sum, or what one init container needs beside the sidecars started before it, whichever is more:
 * init containers run one after the other, sidecars stay.
 */
function containersTotal(spec: PodSpec, of: (container: Container) => ResourceList | undefined): ResourceList {
  let total: ResourceList = {}
  for (const container of spec.containers ?? []) total = sum(total, of(container) ?? {})
  let sidecars: ResourceList = {}
  let initPeak: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    const own = of(container) ?? {}
    if (isSidecar(container)) {
      total = sum(total, own)
      sidecars = sum(sidecars, own)
      initPeak = greatest(initPeak, sidecars)
    } else initPeak = greatest(initPeak, sum(sidecars, own))
  }
  return greatest(total, initPeak)
}

function sum(a: ResourceList, b: ResourceList): ResourceList {
  const result = { ...a }
  for (const [name, quantity] of Object.entries(b))
    result[name] = name in result ? addQuantities(result[name], quantity) : quantity
  return result
}

function greatest(a: ResourceList, b: ResourceList): ResourceList {
  const result = { ...a }
  for (const [name, quantity] of Object.entries(b))
    if (!(name in result) || compareQuantities(result[name], quantity) < 0) result[name] = quantity
  return result
}

/** Fills in Pod-level requests where Pod-level limits are given. */
export function defaultPodLevelResources(spec: PodSpec): void {
  const limits = spec.resources?.limits
  if (!spec.resources || !limits || Object.keys(limits).length === 0) return
  const requests = { ...spec.resources.requests }
  const containers = containersTotal(spec, (container) => container.resources?.requests)
  for (const [name, quantity] of Object.entries(containers))
    if (isPodLevelResource(name) && !name.startsWith('hugepages-')) requests[name] ??= quantity
  for (const [name, quantity] of Object.entries(limits)) if (isPodLevelResource(name)) requests[name] ??= quantity
  if (Object.keys(requests).length !== Object.keys(spec.resources.requests ?? {}).length)
    spec.resources.requests = requests
}

/** The class that decides who is evicted first. Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const holders = pod.spec.resources
    ? [{ resources: pod.spec.resources }]
    : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  let hasAny = false
  let isGuaranteed = true
  let requests: ResourceList = {}
  let limits: ResourceList = {}
  for (const { resources } of holders) {
    const ownRequests = computeResources(resources?.requests)
    const ownLimits = computeResources(resources?.limits)
    if (Object.keys(ownRequests).length > 0 || Object.keys(ownLimits).length > 0) hasAny = true
    if (!('cpu' in ownLimits && 'memory' in ownLimits)) isGuaranteed = false
    requests = sum(requests, ownRequests)
    limits = sum(limits, ownLimits)
  }
  if (!hasAny) return 'BestEffort'
  if (!isGuaranteed || Object.keys(requests).length !== Object.keys(limits).length) return 'Burstable'
  return Object.entries(requests).every(
    ([name, quantity]) => limits[name] && compareQuantities(quantity, limits[name]) === 0,
  )
    ? 'Guaranteed'
    : 'Burstable'
}

function computeResources(resources: ResourceList | undefined): ResourceList {
  const result: ResourceList = {}
  for (const name of ['cpu', 'memory'])
    if (resources?.[name] !== undefined && compareQuantities(resources[name], '0') > 0) result[name] = resources[name]
  return result
}
