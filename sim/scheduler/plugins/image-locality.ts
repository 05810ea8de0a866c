/** Prefers nodes that have the Pod's images already, by size. Source: imagelocality/image_locality.go */
import { type SchedulerPlugin, StateKey } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'

const MIB = 1024 * 1024
/** Below it the images count nothing, above the other everything; the latter for each container. */
const LEAST_BYTES = 23 * MIB
const MOST_BYTES_A_CONTAINER = 1000 * MIB

interface Images {
  /** Normalized names, with the part of all nodes that have them. */
  readonly spread: ReadonlyMap<string, number>
  readonly names: readonly string[]
}

const state = new StateKey<Images>('ImageLocality')

/** With a tag: `nginx` is `nginx:latest`. */
const normalized = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image

export const imageLocality = (): SchedulerPlugin => ({
  name: 'ImageLocality',
  preScore(cycle) {
    const { spec } = cycle.info.pod
    const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => normalized(image))
    const spread = new Map<string, number>()
    for (const name of names) {
      if (!spread.has(name)) spread.set(name, (cycle.index.imageHolders.get(name) ?? 0) / cycle.nodes.length)
    }
    cycle.write(state, { names, spread })
    return undefined
  },
  score: (cycle, node) => scoreImages(cycle.read(state)!, node),
})

function scoreImages({ names, spread }: Images, node: NodeInfo): number {
  let sum = 0
  for (const name of names) {
    const size = node.images.get(name)
    if (size !== undefined) sum += Math.trunc(size * (spread.get(name) ?? 0))
  }
  const most = MOST_BYTES_A_CONTAINER * names.length
  const bounded = Math.min(Math.max(sum, LEAST_BYTES), most)
  return Math.trunc((100 * (bounded - LEAST_BYTES)) / (most - LEAST_BYTES))
}
