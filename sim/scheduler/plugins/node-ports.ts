/** Two Pods cannot take the same port of a node. Source: nodeports/node_ports.go */
import { type SchedulerPlugin, unschedulable } from '../framework.ts'
import { UsedPorts } from '../used-ports.ts'

const NAME = 'NodePorts'
const REJECTION = unschedulable(NAME, "node(s) didn't have free ports for the requested pod ports")

export const nodePorts = (): SchedulerPlugin => ({
  name: NAME,
  preFilter: ({ info }) => (info.hostPorts.length === 0 ? 'skip' : undefined),
  filter: ({ info }, node) => (node.ports.clashWith(info.hostPorts) ? REJECTION : undefined),
  wakes: (info, event) =>
    event.on === 'node'
      ? event.change === 'add'
      : event.on === 'assigned-pod' &&
        event.change === 'delete' &&
        info.hostPorts.length > 0 &&
        new UsedPorts(event.info.hostPorts).clashWith(info.hostPorts),
})
