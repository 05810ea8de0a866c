/** Chance from a text seed, for drawing and shuffling variants. */
import { createHash } from 'node:crypto'
import type { Chance } from './types.ts'

export function chanceOf(seed: string): Chance {
  let counter = 0
  const below = (limit: number) =>
    createHash('sha256').update(`${seed}/${counter++}`).digest().readUIntBE(0, 6) % Math.max(1, limit)
  return {
    below,
    shuffle: (values) => {
      const shuffled = [...values]
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = below(last + 1)
        ;[shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!]
      }
      return shuffled
    },
  }
}
