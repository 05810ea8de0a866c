/** Sets of indexes as Jobs write them: `0,2-5,7`. Source: kubernetes/pkg/controller/job/indexed_job_utils.go */

/** From first to last, both included; in order, and apart from each other. */
export interface Interval {
  first: number
  last: number
}

/** What the text says of indexes below `completions`; parts that are no index are left out. */
export function parseIndexes(text: string | undefined, completions: number): Interval[] {
  const intervals: Interval[] = []
  for (const part of (text ?? '').split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined) continue
    if (Number(first) >= completions) break
    const interval = { first: Number(first), last: Math.min(Number(last), completions - 1) }
    const before = intervals.at(-1)
    if (before && before.last === interval.first - 1) before.last = interval.last
    else intervals.push(interval)
  }
  return intervals
}

/** Two in a row are written as two: `0,1,3-5`. */
export const printIndexes = (intervals: readonly Interval[]): string =>
  intervals
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',')

export const countIndexes = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0)

export const hasIndex = (intervals: readonly Interval[], index: number): boolean =>
  intervals.some(({ first, last }) => first <= index && index <= last)

/** The intervals and the indexes, in order. */
export function addIndexes(intervals: readonly Interval[], indexes: Iterable<number>): Interval[] {
  const all = [...intervals, ...[...indexes].map((index) => ({ first: index, last: index }))]
  const merged: Interval[] = []
  for (const { first, last } of all.sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last)
    else merged.push({ first, last })
  }
  return merged
}

/** How many of the indexes of `wanted` are among `present`. */
export function countCommon(wanted: readonly Interval[], present: readonly Interval[]): number {
  let count = 0
  for (const a of wanted)
    for (const b of present) count += Math.max(0, Math.min(a.last, b.last) - Math.max(a.first, b.first) + 1)
  return count
}

/** How many indexes the text names, or why it is not one. */
export function checkIndexes(text: string, completions: number): { total: number } | { problem: string } {
  let total = 0
  let previous = -1
  for (const part of text === '' ? [] : text.split(',')) {
    const limits = part.split('-')
    if (limits.length > 2)
      return {
        problem: `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`,
      }
    const numbers: number[] = []
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) return { problem: `cannot convert string to integer for index: "${limit}"` }
      if (Number(limit) >= completions) return { problem: `too large index: "${limit}"` }
      numbers.push(Number(limit))
    }
    const [first, last = first] = numbers
    if (numbers.length === 2 && first >= last)
      return { problem: `non-increasing order, previous: ${first}, current: ${last}` }
    if (previous >= first) return { problem: `non-increasing order, previous: ${previous}, current: ${first}` }
    total += last - first + 1
    previous = last
  }
  return { total }
}
