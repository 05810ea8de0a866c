/**
 * PodTopologyLabels: a Pod that is given a node gets the labels that tell that node's zone and region, in place of its own.
 * Source: kubernetes/plugin/pkg/admission/podtopologylabels
 */
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import type { AdmissionPlugin } from './admission.ts'

const copied = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone']

/** Of a node that is not there, none. */
export function topologyLabels(node: Node | undefined): Record<string, string> {
  const labels = node?.metadata.labels ?? {}
  return Object.fromEntries(copied.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]]])))
}

/** For Pods that name their node themselves; those that a scheduler binds get the labels with the binding. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  admit(request, context) {
    if (request.kind !== pods || request.operation !== 'CREATE' || request.subresource) return
    const pod = request.object as Pod
    if (!pod.spec.nodeName) return
    const labels = topologyLabels(context.find(nodes, { namespace: '', name: pod.spec.nodeName }))
    if (Object.keys(labels).length > 0) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
  },
}
