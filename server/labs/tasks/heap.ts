/**
 * What of the process's heap is in use. V8's own figure counts between two collections what nobody holds any more: only a whole
 * collection tells what is kept.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/** After one whole collection, in bytes; the limit is where the process ends. */
export interface HeapReading {
  used: number
  limit: number
}

/** Tells the latest reading, the same object until there is another; undefined before the first. */
export type HeapGauge = () => HeapReading | undefined

/** Begins to watch. The watching keeps no process alive. */
export function watchHeap(): HeapGauge {
  let latest: HeapReading | undefined
  new PerformanceObserver((list) => {
    if (!list.getEntries().some((entry) => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR)) return
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
    latest = { used, limit }
  }).observe({ entryTypes: ['gc'] })
  return () => latest
}

function kindOf(entry: object): unknown {
  const detail = 'detail' in entry ? entry.detail : undefined
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined
}
