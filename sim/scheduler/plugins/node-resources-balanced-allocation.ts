/** Prefers nodes whose CPU and memory the Pod brings closer to being used in like parts. Source: noderesources/balanced_allocation.go */
import type { SchedulerPlugin } from '../framework.ts'
import type { Resources } from '../resources.ts'

export const nodeResourcesBalancedAllocation = (): SchedulerPlugin => ({
  name: 'NodeResourcesBalancedAllocation',
  // A Pod without requests would change no balance, and so gather with its like on one node.
  preScore: ({ info }) => (info.requests.cpuMillis === 0 && info.requests.memoryBytes === 0 ? 'skip' : undefined),
  score({ info: { requests } }, { allocatable, cpuMillis, memoryBytes }) {
    const before = balance(cpuMillis, memoryBytes, allocatable)
    const after = balance(cpuMillis + requests.cpuMillis, memoryBytes + requests.memoryBytes, allocatable)
    // 75 when the Pod changes nothing, since v1.36: https://github.com/kubernetes/kubernetes/pull/135573
    return 50 + Math.trunc((50 + after - before) / 2)
  },
})

/** From 50, when one of the two is used up and the other not at all, to 100. */
function balance(cpuMillis: number, memoryBytes: number, allocatable: Resources): number {
  if (allocatable.cpuMillis === 0 || allocatable.memoryBytes === 0) return 100
  const cpu = Math.min(1, cpuMillis / allocatable.cpuMillis)
  const memory = Math.min(1, memoryBytes / allocatable.memoryBytes)
  return Math.trunc((1 - Math.abs(cpu - memory) / 2) * 100)
}
