/**
 * The control groups that a kubelet keeps with the systemd driver: one for all Pods, below it one a class of quality, one a Pod, one a container.
 * Sources: pkg/kubelet/cm/pod_container_manager_linux.go, cgroup_manager_linux.go, helpers_linux.go; containerd names the scopes
 */
import { podLimits, podRequests, qosClass } from '../api/core/pod/resources.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'

export type QosGroup = 'guaranteed' | 'burstable' | 'besteffort'

export interface PodCgroup {
  /** From the root of the tree: `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod….slice`. */
  readonly path: string
  readonly qos: QosGroup
  readonly requestMillis: number
  readonly limitMillis?: number
  readonly memoryBytes?: number
}

const KUBEPODS = '/kubepods.slice'
/** Below it lie the Pods of a class; those of Guaranteed lie beside it. */
const qosSlice = (qos: Exclude<QosGroup, 'guaranteed'>): string => `${KUBEPODS}/kubepods-${qos}.slice`

export const scopeOf = (pod: PodCgroup, containerId: string): string =>
  `${pod.path}/cri-containerd-${containerId}.scope`

/** Shares of the processor, 1024 a core. Source: MilliCPUToShares */
export const cpuShares = (millis: number): number => Math.min(262_144, Math.max(2, Math.floor((millis * 1024) / 1000)))

/** Source: ResourceConfigForPod */
export function podCgroupOf(pod: Pod): PodCgroup {
  const { spec } = pod
  const qos = (pod.status?.qosClass ?? qosClass(pod)).toLowerCase() as QosGroup
  const limits = podLimits(spec)
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  // What one container may use without a limit, the Pod may as well, unless it has a limit as a whole.
  const isLimited = (name: string): boolean =>
    spec.resources?.limits?.[name] !== undefined ||
    containers.every(({ resources }) => quantityMillis(resources?.limits?.[name] ?? '0') > 0)
  const uid = pod.metadata.uid.replaceAll('-', '_')
  return {
    path:
      qos === 'guaranteed'
        ? `${KUBEPODS}/kubepods-pod${uid}.slice`
        : `${qosSlice(qos)}/kubepods-${qos}-pod${uid}.slice`,
    qos,
    requestMillis: quantityMillis(podRequests(spec).cpu ?? '0'),
    ...(isLimited('cpu') ? { limitMillis: quantityMillis(limits.cpu ?? '0') } : {}),
    ...(isLimited('memory') ? { memoryBytes: quantityValue(limits.memory ?? '0') } : {}),
  }
}
