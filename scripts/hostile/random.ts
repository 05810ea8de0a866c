/** Draws from a seed: the same seed and name give the same draws, on every machine. */
import { createHash } from 'node:crypto'

export interface Draw {
  /** A number from 0 up to 1. */
  part(): number
  whole(from: number, to: number): number
  oneOf<T>(items: readonly T[]): T
  chance(part: number): boolean
  /** One of several, each with its weight. */
  weighted<T>(items: readonly (readonly [number, T])[]): T
}

export function drawFrom(name: string): Draw {
  // mulberry32: 32 bits of state are enough for some hundred draws.
  let state = createHash('sha256').update(name).digest().readUInt32LE(0)
  const part = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (from: number, to: number): number => from + Math.floor(part() * (to - from + 1))
  return {
    part,
    whole,
    oneOf: (items) => items[whole(0, items.length - 1)]!,
    chance: (of) => part() < of,
    weighted(items) {
      let left = part() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return items.at(-1)![1]
    },
  }
}
