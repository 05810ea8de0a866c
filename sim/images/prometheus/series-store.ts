/**
 * The time series that a Prometheus has seen, in its memory. Simplified: nothing is on disk, so that a new container begins with none; of each
 * series the last samples are kept. Source: https://prometheus.io/docs/prometheus/latest/storage/
 */
import { charge } from '../../engine/work.ts'
import { keyOf, type Source } from './promql/evaluate.ts'
import type { Range } from './promql/functions.ts'
import { isMatchedBy } from './promql/parse.ts'
import type { Labels, Matcher, Point, Sample } from './promql/types.ts'

/** Of a series: a day and more at a sample each 15 s. */
const MOST_POINTS = 6000
const MOST_SERIES = 20_000
/** Of all series: then each gives up its older half. */
const MOST_IN_ALL = 400_000

interface Series {
  readonly labels: Labels
  /** In their order; where it says that the series was gone, its value is undefined. */
  readonly points: { readonly ms: number; readonly value: number | undefined }[]
}

export class SeriesStore implements Source {
  private readonly byKey = new Map<string, Series>()
  private readonly byName = new Map<string, Set<Series>>()
  private kept = 0

  get count(): number {
    return this.byKey.size
  }

  /** @returns whether it was taken: not a second one of a moment, and not one series too many */
  append(labels: Labels, ms: number, value: number | undefined): boolean {
    charge(1)
    const key = keyOf(labels)
    let series = this.byKey.get(key)
    if (!series) {
      if (value === undefined || this.byKey.size >= MOST_SERIES) return false
      series = { labels, points: [] }
      this.byKey.set(key, series)
      const name = labels.__name__ ?? ''
      const named = this.byName.get(name) ?? new Set()
      this.byName.set(name, named.add(series))
    }
    const last = series.points.at(-1)
    if (last && last.ms >= ms) return false
    if (last?.value === undefined && value === undefined) return false
    series.points.push({ ms, value })
    this.kept++
    if (series.points.length > MOST_POINTS) this.kept -= series.points.splice(0, MOST_POINTS / 10).length
    if (this.kept > MOST_IN_ALL) this.forget()
    return true
  }

  private forget(): void {
    charge(this.kept)
    for (const { points } of this.byKey.values()) this.kept -= points.splice(0, Math.floor(points.length / 2)).length
    // Who has been gone for so long is told of no more.
    for (const [key, series] of this.byKey) {
      if (series.points.length > 1 || series.points[0]?.value !== undefined) continue
      this.byKey.delete(key)
      this.byName.get(series.labels.__name__ ?? '')?.delete(series)
      this.kept -= series.points.length
    }
  }

  select(matchers: readonly Matcher[], fromMs: number, toMs: number): Range[] {
    return this.matching(matchers).flatMap(({ labels, points }) => {
      const found: Point[] = []
      for (let n = firstAfter(points, fromMs); n < points.length && points[n].ms <= toMs; n++) {
        const { ms, value } = points[n]
        if (value !== undefined) found.push({ ms, value })
      }
      return found.length > 0 ? [{ labels, points: found }] : []
    })
  }

  last(matchers: readonly Matcher[], fromMs: number, toMs: number): Sample[] {
    return this.matching(matchers).flatMap(({ labels, points }) => {
      const { ms, value } = points[firstAfter(points, toMs) - 1] ?? { ms: fromMs, value: undefined }
      return value === undefined || ms <= fromMs ? [] : [{ labels, ms, value }]
    })
  }

  /** All labels of series that were there after a moment. */
  labels(matchers: readonly Matcher[], fromMs: number): Labels[] {
    return this.matching(matchers)
      .filter(({ points }) => (points.at(-1)?.ms ?? 0) > fromMs)
      .map(({ labels }) => labels)
  }

  private matching(matchers: readonly Matcher[]): Series[] {
    const name = matchers.find(({ label, op }) => label === '__name__' && op === '=')?.value
    const candidates = name === undefined ? [...this.byKey.values()] : [...(this.byName.get(name) ?? [])]
    const tests = matchers
      .filter(({ label, op }) => name === undefined || label !== '__name__' || op !== '=')
      .map((matcher) => ({ label: matcher.label, holds: isMatchedBy(matcher) }))
    charge(candidates.length * (1 + tests.length))
    return candidates.filter(({ labels }) => tests.every(({ label, holds }) => holds(labels[label] ?? '')))
  }
}

/** Where the first point lies that is later. */
function firstAfter(points: readonly { readonly ms: number }[], ms: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle].ms <= ms) low = middle + 1
    else high = middle
  }
  return low
}
