/** Prefers nodes on which CPU and memory will be used in like parts. Source: noderesources/balanced_allocation.go */
import type { SchedulerPlugin } from '../framework.ts'

export const nodeResourcesBalancedAllocation = (): SchedulerPlugin => ({
  name: 'NodeResourcesBalancedAllocation',
  // A Pod without requests would change no balance, and so gather with its like on one node.
  preScore: ({ info }) => (info.requests.cpuMillis === 0 && info.requests.memoryBytes === 0 ? 'skip' : undefined),
  score({ info }, { allocatable, cpuMillis, memoryBytes }) {
    if (allocatable.cpuMillis === 0 || allocatable.memoryBytes === 0) return 100
    const cpu = Math.min(1, (cpuMillis + info.requests.cpuMillis) / allocatable.cpuMillis)
    const memory = Math.min(1, (memoryBytes + info.requests.memoryBytes) / allocatable.memoryBytes)
    return Math.trunc((1 - Math.abs(cpu - memory) / 2) * 100)
  },
})
