/** Pearson's correlation, for data of which some do not vary. Pure. */
import { sampleCorrelation } from 'simple-statistics'

/** What differs by less is equal but for rounding. */
const rounding = 1e-12

/** Of right or wrong with a score it is the point-biserial one. @returns undefined for fewer than two pairs, and where one side does not vary */
export function correlation(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (xs.length < 2 || !varies(xs) || !varies(ys)) return undefined
  // Rounding may lead a little beyond.
  return Math.max(-1, Math.min(1, sampleCorrelation([...xs], [...ys])))
}

/** Whether the values differ by more than rounding. */
export function varies(values: readonly number[]): boolean {
  const [first = 0] = values
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  return values.some((value) => Math.abs(value - first) > rounding * most)
}
