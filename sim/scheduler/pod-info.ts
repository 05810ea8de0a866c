/** A Pod with what the plugins ask of it worked out once. */
import { countedSpec } from '../api/core/pod/resources.ts'
import type { Pod, PodAffinityTerm, PodSpec } from '../api/core/pod-types.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import { charge } from '../engine/work.ts'
import type { ResourceReader, Resources } from './resources.ts'

export interface HostPort {
  /** '' for every address of the node. */
  hostIP: string
  protocol: string
  port: number
}

export interface PodInfo {
  readonly pod: Pod
  /** `namespace/name` */
  readonly key: string
  readonly uid: string
  readonly priority: number
  readonly requests: Resources
  readonly nonZeroRequests: Resources
  readonly hostPorts: readonly HostPort[]
  readonly hasAffinity: boolean
  readonly requiredAntiAffinity: readonly PodAffinityTerm[]
}

const NO_PORTS: readonly HostPort[] = []
const NO_TERMS: readonly PodAffinityTerm[] = []

export function createPodInfo(pod: Pod, reader: ResourceReader): PodInfo {
  const { spec } = pod
  const counted = countedSpec(pod)
  return {
    pod,
    key: keyText(keyOf(pod)),
    uid: pod.metadata.uid,
    priority: spec.priority ?? 0,
    requests: reader.requests(counted),
    nonZeroRequests: reader.nonZeroRequests(counted),
    hostPorts: hostPortsOf(spec),
    hasAffinity: spec.affinity?.podAffinity !== undefined || spec.affinity?.podAntiAffinity !== undefined,
    requiredAntiAffinity: spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? NO_TERMS,
  }
}

function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  let ports: HostPort[] | undefined
  const sidecars = spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? []
  for (const container of sidecars.length > 0 ? [...spec.containers, ...sidecars] : spec.containers) {
    charge((container.ports?.length ?? 0) / 4)
    for (const port of container.ports ?? []) {
      const number = port.hostPort || (spec.hostNetwork ? port.containerPort : 0)
      if (!number) continue
      ports ??= []
      const hostIP = !port.hostIP || port.hostIP === '0.0.0.0' ? '' : port.hostIP
      ports.push({ hostIP, protocol: port.protocol ?? 'TCP', port: number })
    }
  }
  return ports ?? NO_PORTS
}
