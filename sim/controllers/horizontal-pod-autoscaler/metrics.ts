/**
 * How many replicas one metric asks for. Pure.
 * Sources: kubernetes/pkg/controller/podautoscaler/{replica_calculator.go,metrics/utilization.go}
 */
import type { MetricSpec, MetricStatus, MetricTarget, PodMetrics } from '../../api/autoscaling/types.ts'
import { hasPodLevelRequests, isSidecar, podRequests } from '../../api/core/pod/resources.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { canonicalQuantity, quantityFrom, quantityMillis } from '../../api/meta/quantity.ts'
import { goSelectorText } from '../../api/meta/selector-text.ts'
import { readyCondition } from '../pod-state.ts'

/** --horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay */
const CPU_INITIALIZATION_MS = 300_000
const INITIAL_READINESS_MS = 30_000

export interface MetricInput {
  metric: MetricSpec
  namespace: string
  currentReplicas: number
  /** Those that the target's selector chooses. */
  pods: readonly Pod[]
  /** What the metrics API answered, or why it did not. */
  metrics: readonly PodMetrics[] | { error: string }
  /** How far from the target a metric may be, for growing and for shrinking. */
  tolerance: { up: number; down: number }
  nowEpochMs: number
}

/** What a metric asks for; or why that can't be said, the reason of the event, and the same as part of what the autoscaler tells of all metrics. */
export type Proposal =
  | { replicas: number; name: string; status: MetricStatus }
  | { error: string; reason: string; wrapped: string }

/** Thrown inside this file only: the metric cannot be reckoned. */
class Unknown extends Error {}

export function proposeReplicas(input: MetricInput): Proposal {
  const { metric } = input
  const { resource, containerResource } = metric
  const source = resource ?? containerResource
  if (!source) return unavailable(input)
  const isContainer = containerResource !== undefined
  const isValue = source.target.averageValue !== undefined
  try {
    const { replicas, status } = propose(input, source.name, source.target, containerResource?.container)
    const what = isContainer ? `${source.name} container resource` : `${source.name} resource`
    const name = isValue ? `${source.name} resource` : `${what} utilization (percentage of request)`
    const current = { name: source.name, current: status }
    return {
      replicas,
      name,
      status: containerResource
        ? { type: metric.type, containerResource: { container: containerResource.container, ...current } }
        : { type: metric.type, resource: current },
    }
  } catch (error) {
    if (!(error instanceof Unknown)) throw error
    const why = `failed to get ${source.name} ${isValue ? 'usage' : 'utilization'}: ${error.message}`
    return containerResource
      ? failure('FailedGetContainerResourceMetric', why, `${containerResource.container} container`)
      : failure('FailedGetResourceMetric', why, `${source.name} resource`)
  }
}

/** @param wrapped what the autoscaler makes of the error before it tells of all metrics, where that is more */
const failure = (reason: string, error: string, what: string, wrapped = error): Proposal => ({
  error,
  reason,
  wrapped: `failed to get ${what} metric value: ${wrapped}`,
})

/** Metrics that need an adapter, which the cluster has none of. */
function unavailable({ metric, namespace }: MetricInput): Proposal {
  const missing = (api: string): string =>
    `unable to fetch metrics from ${api} metrics API: no ${api} metrics API (${api}.metrics.k8s.io) registered`
  if (metric.pods)
    return failure(
      'FailedGetPodsMetric',
      `unable to get metric ${metric.pods.metric.name}: ${missing('custom')}`,
      'pods',
    )
  if (metric.object) {
    const { describedObject, metric: identifier, target } = metric.object
    const place = `${describedObject.kind} ${namespace}/${describedObject.name}`
    const error = `unable to get metric ${identifier.name}: ${missing('custom')} on ${place}`
    const wrapped = isOfValue(target) ? error : `failed to get ${identifier.name} object metric: ${error}`
    return failure('FailedGetObjectMetric', error, 'object', wrapped)
  }
  if (metric.external) {
    const { metric: identifier, target } = metric.external
    const { name, selector } = identifier
    const error = `unable to get external metric ${namespace}/${name}/${goSelectorText(selector)}: ${missing('external')}`
    const what = target.averageValue === undefined ? `external metric ${name}` : `${name} external metric`
    return failure('FailedGetExternalMetric', error, `${name} external`, `failed to get ${what}: ${error}`)
  }
  const error = `unknown metric source type ${JSON.stringify(metric.type)}`
  return { error, reason: 'InvalidMetricSourceType', wrapped: error }
}

const isOfValue = ({ type, value }: MetricTarget): boolean => type === 'Value' && value !== undefined

interface Groups {
  ready: number
  /** Not counted as they are: Pods that have not begun, or whose first CPU use says nothing. */
  ignored: ReadonlySet<string>
  missing: ReadonlySet<string>
}

function propose(
  input: MetricInput,
  resource: string,
  target: { averageUtilization?: number; averageValue?: string },
  container: string | undefined,
): { replicas: number; status: { averageUtilization?: number; averageValue: string } } {
  const { pods, currentReplicas } = input
  const usage = usageOf(input, resource, container)
  if (pods.length === 0) throw new Unknown('no pods returned by selector while calculating replica count')
  const { ready, ignored, missing } = groupPods(input, usage, resource)
  for (const name of ignored) usage.delete(name)
  if (usage.size === 0) throw new Unknown('did not receive metrics for targeted pods (pods might be unready)')
  const requests = target.averageUtilization === undefined ? undefined : requestsOf(pods, resource, container)
  const first = ratioOf(usage, requests, target)
  const status = {
    ...(first.utilization === undefined ? {} : { averageUtilization: first.utilization }),
    averageValue:
      resource === 'memory'
        ? quantityFrom(Math.floor(first.averageMillis / 1000), 'BinarySI')
        : canonicalQuantity(`${first.averageMillis}m`),
  }
  const stay = { replicas: currentReplicas, status }
  const isWithin = (ratio: number): boolean =>
    ratio >= 1 - input.tolerance.down - 1e-9 && ratio <= 1 + input.tolerance.up + 1e-9

  const rebalances = ignored.size > 0 && first.ratio > 1
  if (!rebalances && missing.size === 0) {
    if (isWithin(first.ratio)) return stay
    return { replicas: Math.ceil(round(first.ratio * ready)), status }
  }
  // Who is not known counts against the change: full use when shrinking, none when growing.
  for (const name of missing) {
    if (first.ratio < 1) usage.set(name, requests?.get(name) ?? quantityMillis(target.averageValue ?? '0'))
    else if (first.ratio > 1) usage.set(name, 0)
  }
  if (rebalances) for (const name of ignored) usage.set(name, 0)
  const second = ratioOf(usage, requests, target)
  const turns = (first.ratio < 1 && second.ratio > 1) || (first.ratio > 1 && second.ratio < 1)
  if (isWithin(second.ratio) || turns) return stay
  const replicas = Math.ceil(round(second.ratio * usage.size))
  if ((second.ratio < 1 && replicas > currentReplicas) || (second.ratio > 1 && replicas < currentReplicas)) return stay
  return { replicas, status }
}

/** Doubles leave a remainder that would count as a whole Pod. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6

/** Use by Pod, in thousandths. */
function usageOf({ metrics }: MetricInput, resource: string, container: string | undefined): Map<string, number> {
  if ('error' in metrics)
    throw new Unknown(
      `unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: ${metrics.error}`,
    )
  if (metrics.length === 0)
    throw new Unknown(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`)
  const usage = new Map<string, number>()
  for (const { metadata, containers } of metrics) {
    const counted = container === undefined ? containers : containers.filter(({ name }) => name === container)
    if (counted.length === 0) continue
    let sum = 0
    for (const one of counted) sum += quantityMillis(resource === 'memory' ? one.usage.memory : one.usage.cpu)
    usage.set(metadata.name, sum)
  }
  return usage
}

function groupPods({ pods, nowEpochMs }: MetricInput, usage: ReadonlyMap<string, number>, resource: string): Groups {
  let ready = 0
  const ignored = new Set<string>()
  const missing = new Set<string>()
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') continue
    if (pod.status.phase === 'Pending') ignored.add(name)
    else if (!usage.has(name)) missing.add(name)
    else if (resource === 'cpu' && isStarting(pod, nowEpochMs)) ignored.add(name)
    else ready++
  }
  return { ready, ignored, missing }
}

/** Whether what the Pod uses now says nothing yet about what it will use. */
function isStarting(pod: Pod, nowEpochMs: number): boolean {
  const condition = readyCondition(pod)
  if (!condition || !pod.status.startTime) return true
  const startMs = Date.parse(pod.status.startTime)
  if (startMs + CPU_INITIALIZATION_MS > nowEpochMs) return condition.status === 'False'
  const changedMs = Date.parse(condition.lastTransitionTime ?? pod.status.startTime)
  return condition.status === 'False' && startMs + INITIAL_READINESS_MS > changedMs
}

function requestsOf(pods: readonly Pod[], resource: string, container: string | undefined): Map<string, number> {
  const requests = new Map<string, number>()
  for (const pod of pods) {
    const isWhole = container === undefined && hasPodLevelRequests(pod.spec)
    requests.set(
      pod.metadata.name,
      isWhole ? requestOfPod(pod, resource) : requestOfContainers(pod, resource, container),
    )
  }
  return requests
}

function requestOfPod(pod: Pod, resource: string): number {
  const request = podRequests(pod.spec)[resource]
  if (request === undefined) throw new Unknown(`missing pod-level request for ${resource} in Pod ${pod.metadata.name}`)
  return quantityMillis(request)
}

/** The sum of those of the containers and sidecars, or that of the one that is named. */
function requestOfContainers(pod: Pod, resource: string, container: string | undefined): number {
  const { name } = pod.metadata
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]
  const counted = container === undefined ? all : all.filter((one) => one.name === container)
  if (counted.length === 0) throw new Unknown(`container ${container} not found in Pod ${name}`)
  let sum = 0
  for (const one of counted) {
    const request = one.resources?.requests?.[resource]
    if (request === undefined)
      throw new Unknown(`missing request for ${resource} in container ${one.name} of Pod ${name}`)
    sum += quantityMillis(request)
  }
  return sum
}

function ratioOf(
  usage: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number> | undefined,
  target: { averageUtilization?: number; averageValue?: string },
): { ratio: number; utilization?: number; averageMillis: number } {
  let used = 0
  let requested = 0
  let count = 0
  for (const [name, millis] of usage) {
    const request = requests?.get(name)
    if (requests && request === undefined) continue
    used += millis
    requested += request ?? 0
    count++
  }
  const averageMillis = Math.floor(used / count)
  if (!requests) return { ratio: averageMillis / quantityMillis(target.averageValue ?? '1'), averageMillis }
  if (requested === 0) throw new Unknown('no metrics returned matched known pods')
  const utilization = Math.floor((used * 100) / requested)
  return { ratio: utilization / (target.averageUtilization ?? 1), utilization, averageMillis }
}
