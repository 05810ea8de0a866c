/** The Pod with the higher priority goes first, and of two alike the one that waits longer. Source: queuesort/priority_sort.go */
import type { SchedulerPlugin } from '../framework.ts'

export const prioritySort = (): SchedulerPlugin => ({
  name: 'PrioritySort',
  isBefore: (a, b, aQueuedMs, bQueuedMs) =>
    a.priority !== b.priority ? a.priority > b.priority : aQueuedMs < bQueuedMs,
})
