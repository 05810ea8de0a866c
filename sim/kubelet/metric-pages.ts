/**
 * What a kubelet tells of its containers as metrics. Pure. Simplified: of each page the metrics that are asked for most; what the system's own
 * services use is told as one. Sources: kubernetes/pkg/kubelet/metrics, metrics/collectors/resource_metrics.go; cAdvisor, metrics/prometheus.go
 */
import { buildInfo, printMetrics } from '../client/component-metrics.ts'
import type { CpuThrottling } from '../runtime/kernel.ts'
import { counter, type Family, gauge } from '../text/metrics-text.ts'

/** A running container, with what it has used since it was started. */
export interface MeasuredContainer {
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  /** `Burstable` */
  readonly qosClass: string
  readonly container: string
  readonly id: string
  readonly image: string
  readonly startedEpochMs: number
  readonly memoryBytes: number
  readonly cpuSeconds: number
  /** Undefined without a limit. */
  readonly throttling: CpuThrottling | undefined
  readonly cpuLimitMillis: number | undefined
  readonly memoryLimitBytes: number | undefined
  readonly cpuShares: number
}

/** A volume of a claim that a Pod of the node has mounted. */
export interface MeasuredVolume {
  readonly namespace: string
  readonly claim: string
  readonly pod: string
  readonly podUid: string
  /** In the Pod's specification. */
  readonly name: string
  readonly capacityBytes: number
  readonly usedBytes: number
}

export interface MeasuredNode {
  readonly name: string
  readonly release: string
  readonly cores: number
  readonly memoryBytes: number
  /** Of everything that ever ran on it. */
  readonly cpuSeconds: number
  readonly workingSetBytes: number
  readonly pods: number
  readonly containers: readonly MeasuredContainer[]
  readonly volumes: readonly MeasuredVolume[]
}

type Labels = Readonly<Record<string, string>>
type Samples = Family['samples']
/** To the millisecond. */
const seconds = (ms: number): number => Math.round(ms) / 1000
const sum = (of: readonly MeasuredContainer[], what: (one: MeasuredContainer) => number): number =>
  of.reduce((total, one) => total + what(one), 0)

function byPod(containers: readonly MeasuredContainer[]): MeasuredContainer[][] {
  const groups = new Map<string, MeasuredContainer[]>()
  for (const one of containers) {
    const group = groups.get(one.podUid) ?? []
    groups.set(one.podUid, group)
    group.push(one)
  }
  return [...groups.values()]
}

/** /metrics */
export function kubeletPage({ name, release, pods, containers, volumes }: MeasuredNode): string {
  // Two Pods of a claim tell of one volume.
  const claims = new Map(volumes.map((one) => [`${one.namespace}/${one.claim}`, one]))
  const ofClaims = (value: (one: MeasuredVolume) => number): Samples =>
    [...claims.values()].map((one) => ({
      labels: { namespace: one.namespace, persistentvolumeclaim: one.claim },
      value: value(one),
    }))
  return printMetrics([
    gauge('kubelet_node_name', "[ALPHA] The node's name. The count is always 1.", [
      { labels: { node: name }, value: 1 },
    ]),
    gauge('kubelet_running_containers', '[ALPHA] Number of containers currently running', [
      { labels: { container_state: 'running' }, value: containers.length },
    ]),
    gauge('kubelet_running_pods', '[ALPHA] Number of pods that have a running pod sandbox', [
      { labels: {}, value: pods },
    ]),
    gauge(
      'kubelet_volume_stats_available_bytes',
      '[ALPHA] Number of available bytes in the volume',
      ofClaims(({ capacityBytes, usedBytes }) => Math.max(0, capacityBytes - usedBytes)),
    ),
    gauge(
      'kubelet_volume_stats_capacity_bytes',
      '[ALPHA] Capacity in bytes of the volume',
      ofClaims(({ capacityBytes }) => capacityBytes),
    ),
    gauge(
      'kubelet_volume_stats_used_bytes',
      '[ALPHA] Number of used bytes in the volume',
      ofClaims(({ usedBytes }) => usedBytes),
    ),
    buildInfo(release),
  ])
}

/** /metrics/resource, what metrics-server asks for. */
export function resourcePage({ cpuSeconds, workingSetBytes, containers }: MeasuredNode): string {
  const each = (value: (one: MeasuredContainer) => number): Samples =>
    containers.map((one) => ({
      labels: { container: one.container, namespace: one.namespace, pod: one.pod },
      value: value(one),
    }))
  const ofPods = (value: (one: MeasuredContainer) => number): Samples =>
    byPod(containers).map((group) => ({
      labels: { namespace: group[0]!.namespace, pod: group[0]!.pod },
      value: sum(group, value),
    }))
  const [cpu, memory] = [(one: MeasuredContainer) => one.cpuSeconds, (one: MeasuredContainer) => one.memoryBytes]
  return printMetrics([
    counter(
      'container_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      each(cpu),
    ),
    gauge('container_memory_working_set_bytes', '[STABLE] Current working set of the container in bytes', each(memory)),
    gauge(
      'container_start_time_seconds',
      '[STABLE] Start time of the container since unix epoch in seconds',
      each(({ startedEpochMs }) => seconds(startedEpochMs)),
    ),
    counter('node_cpu_usage_seconds_total', '[STABLE] Cumulative cpu time consumed by the node in core-seconds', [
      { labels: {}, value: cpuSeconds },
    ]),
    gauge('node_memory_working_set_bytes', '[STABLE] Current working set of the node in bytes', [
      { labels: {}, value: workingSetBytes },
    ]),
    counter(
      'pod_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      ofPods(cpu),
    ),
    gauge('pod_memory_working_set_bytes', '[STABLE] Current working set of the pod in bytes', ofPods(memory)),
    gauge('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [
      { labels: {}, value: 0 },
    ]),
  ])
}

/** The control group of a Pod. Source: kubernetes/pkg/kubelet/cm/cgroup_manager_linux.go, with the driver of systemd */
function sliceOf({ podUid, qosClass }: MeasuredContainer): string {
  const uid = podUid.replaceAll('-', '_')
  if (qosClass === 'Guaranteed') return `/kubepods.slice/kubepods-pod${uid}.slice`
  const quality = qosClass.toLowerCase()
  return `/kubepods.slice/kubepods-${quality}.slice/kubepods-${quality}-pod${uid}.slice`
}

/** /metrics/cadvisor */
export function cadvisorPage({
  name,
  cores,
  memoryBytes,
  cpuSeconds,
  workingSetBytes,
  containers,
}: MeasuredNode): string {
  const labelsOf = (one: MeasuredContainer): Labels => {
    const id = one.id.replace(/^\w+:\/\//, '')
    return {
      container: one.container,
      id: `${sliceOf(one)}/cri-containerd-${id}.scope`,
      image: one.image,
      name: id,
      ...{ namespace: one.namespace, pod: one.pod },
    }
  }
  const podLabels = ([one]: readonly MeasuredContainer[]): Labels => ({
    ...{ container: '', id: sliceOf(one!), image: '', name: '' },
    ...{ namespace: one!.namespace, pod: one!.pod },
  })
  const nothing: Labels = { container: '', id: '/', image: '', name: '', namespace: '', pod: '' }
  const groups = byPod(containers)
  /** Of containers, of Pods and of the node. */
  const all = (value: (one: MeasuredContainer) => number, ofNode: number, more: Labels = {}): Samples =>
    [
      { labels: nothing, value: ofNode },
      ...groups.map((group) => ({ labels: podLabels(group), value: sum(group, value) })),
      ...containers.map((one) => ({ labels: labelsOf(one), value: value(one) })),
    ].map(({ labels, value: found }) => ({ labels: { ...labels, ...more }, value: found }))
  const limited = (value: (throttling: CpuThrottling) => number): Samples =>
    containers.flatMap((one) => (one.throttling ? [{ labels: labelsOf(one), value: value(one.throttling) }] : []))
  const each = (value: (one: MeasuredContainer) => number | undefined): Samples =>
    containers.flatMap((one) => {
      const found = value(one)
      return found === undefined ? [] : [{ labels: labelsOf(one), value: found }]
    })
  const memory = (one: MeasuredContainer): number => one.memoryBytes
  const machine: Labels = { boot_id: name, machine_id: name, system_uuid: name }
  return printMetrics([
    counter(
      'container_cpu_cfs_periods_total',
      'Number of elapsed enforcement period intervals.',
      limited(({ periods }) => periods),
    ),
    counter(
      'container_cpu_cfs_throttled_periods_total',
      'Number of throttled period intervals.',
      limited(({ throttledPeriods }) => throttledPeriods),
    ),
    counter(
      'container_cpu_cfs_throttled_seconds_total',
      'Total time duration the container has been throttled.',
      limited(({ throttledMs }) => seconds(throttledMs)),
    ),
    counter(
      'container_cpu_usage_seconds_total',
      'Cumulative cpu time consumed in seconds.',
      all((one) => one.cpuSeconds, cpuSeconds, { cpu: 'total' }),
    ),
    gauge(
      'container_memory_usage_bytes',
      'Current memory usage in bytes, including all memory regardless of when it was accessed',
      all(memory, workingSetBytes),
    ),
    gauge('container_memory_working_set_bytes', 'Current working set in bytes.', all(memory, workingSetBytes)),
    gauge(
      'container_spec_cpu_period',
      'CPU period of the container.',
      each(() => 100_000),
    ),
    gauge(
      'container_spec_cpu_quota',
      'CPU quota of the container.',
      each(({ cpuLimitMillis }) => cpuLimitMillis && cpuLimitMillis * 100),
    ),
    gauge(
      'container_spec_cpu_shares',
      'CPU share of the container.',
      each(({ cpuShares }) => cpuShares),
    ),
    gauge(
      'container_spec_memory_limit_bytes',
      'Memory limit for the container.',
      each(({ memoryLimitBytes }) => memoryLimitBytes ?? 0),
    ),
    gauge(
      'container_start_time_seconds',
      'Start time of the container since unix epoch in seconds.',
      each(({ startedEpochMs }) => Math.floor(startedEpochMs / 1000)),
    ),
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', [{ labels: machine, value: cores }]),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', [
      { labels: machine, value: memoryBytes },
    ]),
  ])
}
