/** A Pod that names its node fits on no other. Source: nodename/node_name.go */
import { type SchedulerPlugin, unresolvable } from '../framework.ts'

const NAME = 'NodeName'
const REJECTION = unresolvable(NAME, "node(s) didn't match the requested node name")

export const nodeName = (): SchedulerPlugin => ({
  name: NAME,
  preFilter: ({ info }) => (info.pod.spec.nodeName ? undefined : 'skip'),
  filter: ({ info }, node) => (info.pod.spec.nodeName === node.name ? undefined : REJECTION),
  wakes: (info, event) =>
    event.on === 'node' && event.change === 'add' && info.pod.spec.nodeName === event.node.metadata.name,
})
