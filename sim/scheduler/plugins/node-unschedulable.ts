/** Keeps Pods off cordoned nodes, unless they tolerate that. Source: nodeunschedulable/node_unschedulable.go */

import { findUntolerated } from '../../api/core/pod/node-fit.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { type SchedulerPlugin, unresolvable } from '../framework.ts'

const NAME = 'NodeUnschedulable'
const REJECTION = unresolvable(NAME, 'node(s) were unschedulable')
const CORDON = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] as const

const keepsOff = (node: Node | undefined, pod: Pod): boolean =>
  node?.spec.unschedulable === true && findUntolerated(pod, CORDON, 'NoSchedule') !== undefined

export const nodeUnschedulable = (): SchedulerPlugin => ({
  name: NAME,
  filter: ({ info }, { isCordoned, node }) => (isCordoned && keepsOff(node, info.pod) ? REJECTION : undefined),
  wakes(info, event) {
    if (event.on === 'pod') return event.change === 'tolerations'
    if (event.on !== 'node' || event.change === 'delete' || keepsOff(event.node, info.pod)) return false
    return event.change === 'add' || keepsOff(event.old, info.pod)
  },
})
