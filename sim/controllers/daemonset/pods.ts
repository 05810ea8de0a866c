/** The Pod of a DaemonSet for a node. Source: kubernetes/pkg/controller/daemon/util/daemonset_util.go */
import { templateGenerationOf } from '../../api/apps/daemon-set.ts'
import type { DaemonSet } from '../../api/apps/types.ts'
import type { Affinity, Pod, PodSpec, Toleration } from '../../api/core/pod-types.ts'
import type { Draft } from '../../api/meta/object.ts'
import { REVISION_LABEL } from '../history.ts'
import { controllerReference } from '../ownership.ts'

const GENERATION_LABEL = 'pod-template-generation'
const NAME_FIELD = 'metadata.name'

/** A daemon runs on nodes that are not well, and is not moved away from them. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
}

/** The Pod for that node: the scheduler binds it there, because its node affinity leaves no choice. */
export function newPod(set: DaemonSet, node: string, hash: string): Draft<Pod> {
  const { metadata, spec } = set.spec.template
  const generation = templateGenerationOf(set)
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: {
        ...metadata?.labels,
        ...(generation > 0 ? { [GENERATION_LABEL]: String(generation) } : {}),
        [REVISION_LABEL]: hash,
      },
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(set)],
    },
    spec: { ...withDaemonTolerations(spec), affinity: withNodeName(spec.affinity, node) },
  }
}

export function withDaemonTolerations(spec: PodSpec): PodSpec {
  const own = spec.tolerations ?? []
  const added = spec.hostNetwork ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS
  const isSame = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key &&
    a.effect === b.effect &&
    (a.operator ?? 'Equal') === b.operator &&
    (a.value ?? '') === (b.value ?? '')
  const kept = own.map((toleration) => added.find((one) => isSame(toleration, one)) ?? toleration)
  return { ...spec, tolerations: [...kept, ...added.filter((one) => !kept.includes(one))] }
}

/** The name takes the place of what the template required of nodes: the controller has seen to that already. */
function withNodeName(affinity: Affinity | undefined, node: string): Affinity {
  const nodeSelectorTerms = [{ matchFields: [{ key: NAME_FIELD, operator: 'In' as const, values: [node] }] }]
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  }
}

/** The node it runs on, or is meant for. */
export function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? [])
    for (const { key, operator, values } of matchFields)
      if (key === NAME_FIELD && operator === 'In' && values?.length === 1) return values[0]
  return ''
}
