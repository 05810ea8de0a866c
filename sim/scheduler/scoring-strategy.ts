/**
 * How NodeResourcesFit scores a node by what would be requested of it.
 * Source: noderesources/{resource_allocation,least_allocated,most_allocated,requested_to_capacity_ratio}.go
 */
import type { ScoringStrategy } from '../scenario/types.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

type Scorer = (info: PodInfo, node: NodeInfo) => number

const CPU_AND_MEMORY: NonNullable<ScoringStrategy['resources']> = [{ name: 'cpu' }, { name: 'memory' }]
/** Scores of a shape go to 10, those of plugins to 100. */
const SHAPE_SCALE = 10

/** Of one resource, from 0 to 100; the capacity is greater than 0. */
type ResourceScore = (requested: number, capacity: number) => number

/** A score from 0 to 100; CPU and memory of containers that request none count with a default. */
export function createScorer(strategy: ScoringStrategy = { type: 'LeastAllocated' }): Scorer {
  const resources = (strategy.resources ?? CPU_AND_MEMORY).map(({ name, weight = 1 }) => ({ name, weight }))
  const isRatio = strategy.type === 'RequestedToCapacityRatio'
  const scoreOf = isRatio
    ? byShape(strategy.requestedToCapacityRatio?.shape ?? [])
    : strategy.type === 'MostAllocated'
      ? mostAllocated
      : leastAllocated
  return (info, node) => {
    let sum = 0
    let weights = 0
    for (const { name, weight } of resources) {
      const [requested, capacity] = amountsOf(name, info, node)
      if (capacity === 0) continue
      const score = scoreOf(requested, capacity)
      // What scores nothing in a shape is left out of the average.
      if (isRatio && score <= 0) continue
      sum += score * weight
      weights += weight
    }
    if (weights === 0) return 0
    return isRatio ? Math.round(sum / weights) : Math.trunc(sum / weights)
  }
}

/** What would be requested of the node in all, and what it has. A resource that the Pod asks nothing of says nothing. */
function amountsOf(name: string, { requests, nonZeroRequests }: PodInfo, node: NodeInfo): readonly [number, number] {
  const { allocatable } = node
  switch (name) {
    case 'cpu':
      return [node.nonZeroCpuMillis + nonZeroRequests.cpuMillis, allocatable.cpuMillis]
    case 'memory':
      return [node.nonZeroMemoryBytes + nonZeroRequests.memoryBytes, allocatable.memoryBytes]
    case 'ephemeral-storage':
      return [node.ephemeralBytes + requests.ephemeralBytes, allocatable.ephemeralBytes]
    default: {
      const own = requests.scalars.get(name) ?? 0
      return own === 0 ? [0, 0] : [(node.scalars.get(name) ?? 0) + own, allocatable.scalars.get(name) ?? 0]
    }
  }
}

const leastAllocated: ResourceScore = (requested, capacity) =>
  requested > capacity ? 0 : Math.trunc(((capacity - requested) * 100) / capacity)

const mostAllocated: ResourceScore = (requested, capacity) =>
  Math.trunc((Math.min(requested, capacity) * 100) / capacity)

/** A line from point to point, level before the first and after the last. */
const byShape =
  (shape: readonly { utilization: number; score: number }[]): ResourceScore =>
  (requested, capacity) => {
    const utilization = Math.trunc((Math.min(requested, capacity) * 100) / capacity)
    const next = shape.findIndex((point) => utilization <= point.utilization)
    if (next < 0) return (shape.at(-1)?.score ?? 0) * SHAPE_SCALE
    const [to, from] = [shape[next], shape[next - 1]]
    if (!from) return to.score * SHAPE_SCALE
    const rise = (to.score - from.score) * SHAPE_SCALE
    const part = (rise * (utilization - from.utilization)) / (to.utilization - from.utilization)
    return from.score * SHAPE_SCALE + Math.trunc(part)
  }
