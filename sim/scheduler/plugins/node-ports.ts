/** Two Pods cannot take the same port of a node. Source: nodeports/node_ports.go */
import { type SchedulerPlugin, unschedulable } from '../framework.ts'
import type { HostPort } from '../pod-info.ts'

const NAME = 'NodePorts'
const REJECTION = unschedulable(NAME, "node(s) didn't have free ports for the requested pod ports")

const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.hostIP === b.hostIP || a.hostIP === '' || b.hostIP === '')

const anyClash = (wanted: readonly HostPort[], used: readonly HostPort[]): boolean =>
  used.length > 0 && wanted.some((port) => used.some((other) => clash(port, other)))

export const nodePorts = (): SchedulerPlugin => ({
  name: NAME,
  preFilter: ({ info }) => (info.hostPorts.length === 0 ? 'skip' : undefined),
  filter: ({ info }, node) => (anyClash(info.hostPorts, node.ports) ? REJECTION : undefined),
  wakes: (info, event) =>
    event.on === 'node'
      ? event.change === 'add'
      : event.on === 'assigned-pod' && event.change === 'delete' && anyClash(info.hostPorts, event.info.hostPorts),
})
