/** What two journals say of one thing, as one: whoever comes first, it comes out the same. Pure. */
import { canonical } from '../storage/canonical.ts'
import type { Origin } from '../storage/origin.ts'

export type Choose<T> = (a: T, b: T) => T

/** Whichever ranks higher; of equal ranks, always the same. */
export function later<T>(rank: (value: T) => readonly number[]): Choose<T> {
  return (a, b) => {
    const [left, right] = [rank(a), rank(b)]
    const place = left.findIndex((number, n) => number !== right[n])
    if (place >= 0) return left[place]! > right[place]! ? a : b
    return canonical(a) >= canonical(b) ? a : b
  }
}

/** Each once, in the order of their moments, then of their keys. */
export function joined<T>(
  a: readonly T[],
  b: readonly T[],
  keyOf: (value: T) => string,
  merge: Choose<T>,
  momentOf: (value: T) => number,
): T[] {
  const all = new Map<string, T>()
  for (const value of [...a, ...b]) {
    const known = all.get(keyOf(value))
    all.set(keyOf(value), known === undefined ? value : merge(known, value))
  }
  return [...all]
    .sort(([left, one], [right, other]) => momentOf(one) - momentOf(other) || (left < right ? -1 : 1))
    .map(([, value]) => value)
}

/** What is also somebody's own is their own; what was read in twice came when it came first. */
export function mergeOrigins(a: { origin?: Origin }, b: { origin?: Origin }): { origin?: Origin } {
  return a.origin && b.origin ? { origin: later<Origin>(({ atMs }) => [-atMs])(a.origin, b.origin) } : {}
}
