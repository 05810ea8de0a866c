/** Which of two states of one thing counts. */
import { canonical } from './canonical.ts'

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
