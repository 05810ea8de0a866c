/**
 * A rolling hash of a run. Values are hashed by structure; parts that are shared between revisions are hashed once,
 * so that a status write costs what changed.
 */
import { hash32 } from './random.ts'

// Values of different types that print alike hash differently.
const STRING_SEED = 0x85ebca6b
const NUMBER_SEED = 0xc2b2ae35
const OTHER_SEED = 0x27d4eb2f

const known = new WeakMap<object, number>()

/** A 32-bit hash of a JSON value that depends on its content only; keys are taken in any order. */
export function hashValue(value: unknown): number {
  if (value === null || value === undefined) return 0x2f0b4c47
  if (typeof value === 'string') return hash32(value, STRING_SEED)
  if (typeof value !== 'object') return hash32(String(value), typeof value === 'number' ? NUMBER_SEED : OTHER_SEED)
  const cached = known.get(value)
  if (cached !== undefined) return cached
  let h: number
  if (Array.isArray(value)) {
    h = 0x1b873593
    for (const item of value) h = mix(h, hashValue(item))
  } else {
    h = 0
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key]
      if (item !== undefined) h = (h + mix(hash32(key), hashValue(item))) | 0
    }
  }
  h >>>= 0
  known.set(value, h)
  return h
}

/** Folds one more number into a hash. */
function mix(hash: number, more: number): number {
  let h = Math.imul(hash ^ more, 0xcc9e2d51)
  h = (h << 15) | (h >>> 17)
  return Math.imul(h ^ (more >>> 3), 0x1b873593) >>> 0
}

export class StateHash {
  private high = 0x6a09e667
  private low = 0xbb67ae85

  fold(value: number): void {
    this.high = mix(this.high, value)
    this.low = mix(this.low, value ^ this.high)
  }

  /** Sixteen hexadecimal digits. */
  digest(): string {
    return this.high.toString(16).padStart(8, '0') + this.low.toString(16).padStart(8, '0')
  }
}
