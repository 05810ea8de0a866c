/** Nodes must have what the Pod requests left, and those with the most left are preferred, unless told otherwise. Source: noderesources/fit.go */
import { charge } from '../../engine/work.ts'
import type { ScoringStrategy } from '../../scenario/types.ts'
import { type Rejection, type SchedulerPlugin, unresolvable, unschedulable } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import { createResourceReader, type Resources } from '../resources.ts'
import { createScorer } from '../scoring-strategy.ts'

const NAME = 'NodeResourcesFit'

const hasRequests = ({ cpuMillis, memoryBytes, ephemeralBytes, scalars }: Resources): boolean =>
  cpuMillis > 0 || memoryBytes > 0 || ephemeralBytes > 0 || scalars.size > 0

/** Every resource of which too little is left; undefined when the Pod fits. */
function findShortage(info: PodInfo, node: NodeInfo): Rejection | undefined {
  const { requests } = info
  const { allocatable } = node
  const isCpuShort = requests.cpuMillis > 0 && requests.cpuMillis > allocatable.cpuMillis - node.cpuMillis
  const isMemoryShort = requests.memoryBytes > 0 && requests.memoryBytes > allocatable.memoryBytes - node.memoryBytes
  const isStorageShort =
    requests.ephemeralBytes > 0 && requests.ephemeralBytes > allocatable.ephemeralBytes - node.ephemeralBytes
  const isFull = node.pods.size + 1 > node.allowedPods
  if (!isCpuShort && !isMemoryShort && !isStorageShort && !isFull && requests.scalars.size === 0) return undefined
  const reasons: string[] = []
  charge(requests.scalars.size)
  let isUnresolvable = false
  const note = (reason: string, requested: number, capacity: number): void => {
    reasons.push(reason)
    if (requested > capacity) isUnresolvable = true
  }
  if (isFull) reasons.push('Too many pods')
  if (isCpuShort) note('Insufficient cpu', requests.cpuMillis, allocatable.cpuMillis)
  if (isMemoryShort) note('Insufficient memory', requests.memoryBytes, allocatable.memoryBytes)
  if (isStorageShort) note('Insufficient ephemeral-storage', requests.ephemeralBytes, allocatable.ephemeralBytes)
  for (const [name, amount] of requests.scalars) {
    const capacity = allocatable.scalars.get(name) ?? 0
    if (amount > 0 && amount > capacity - (node.scalars.get(name) ?? 0)) note(`Insufficient ${name}`, amount, capacity)
  }
  if (reasons.length === 0) return undefined
  return isUnresolvable ? unresolvable(NAME, ...reasons) : unschedulable(NAME, ...reasons)
}

export const nodeResourcesFit = (strategy?: ScoringStrategy): SchedulerPlugin => {
  const reader = createResourceReader()
  const scorer = createScorer(strategy)
  return {
    name: NAME,
    filter: ({ info }, node) => findShortage(info, node),
    score: ({ info }, node) => scorer(info, node),
    wakes(info, event) {
      if (event.on === 'assigned-pod') {
        if (event.change !== 'delete' && event.change !== 'requests') return false
        return !hasRequests(info.requests) || hasRequests(event.info.requests) || event.change === 'delete'
      }
      if (event.on === 'pod') return event.change === 'requests'
      if (event.on !== 'node' || (event.change !== 'add' && event.change !== 'allocatable')) return false
      const { requests } = info
      const allocatable = reader.list(event.node.status?.allocatable)
      return (
        requests.cpuMillis <= allocatable.cpuMillis &&
        requests.memoryBytes <= allocatable.memoryBytes &&
        requests.ephemeralBytes <= allocatable.ephemeralBytes &&
        [...requests.scalars].every(([name, amount]) => amount <= (allocatable.scalars.get(name) ?? 0))
      )
    },
  }
}
