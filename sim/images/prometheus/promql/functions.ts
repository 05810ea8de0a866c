/** The functions of PromQL. Sources: https://prometheus.io/docs/prometheus/latest/querying/functions/; promql/functions.go */
import type { Labels, Point, Sample, ValueType } from './types.ts'

/** A series with what it had in a range. */
export interface Range {
  readonly labels: Labels
  readonly points: readonly Point[]
}

export interface Known {
  readonly args: readonly ValueType[]
  /** So many of the last arguments may be left out. */
  readonly optional?: number
  /** Whether more may follow of the type of the last one. */
  readonly isVariadic?: boolean
  readonly returns: ValueType
  /** Of each series in a range, what it comes to; undefined leaves it out. The evaluator does the others by their names. */
  readonly overRange?: (points: readonly Point[], window: Window, numbers: readonly number[]) => number | undefined
  /** Of each value. */
  readonly ofValue?: (value: number, numbers: readonly number[], sample: Sample) => number
  /** What is told of time keeps its name. */
  readonly keepsName?: boolean
}

/** Of the range that is asked for: its end and its length in milliseconds. */
export interface Window {
  readonly endMs: number
  readonly rangeMs: number
}

const [scalar, text, vector, range] = ['scalar', 'string', 'instant vector', 'range vector'] as const

const overTime = (overRange: Known['overRange'], before: readonly ValueType[] = [], keepsName = false): Known => ({
  args: [...before, range],
  returns: vector,
  overRange,
  keepsName,
})
const math = (ofValue: Known['ofValue'], more: readonly ValueType[] = [], optional = 0): Known => ({
  args: [vector, ...more],
  optional,
  returns: vector,
  ofValue,
})
const calendar = (of: (date: Date) => number): Known => ({
  ...math((value) => of(new Date(value * 1000))),
  optional: 1,
})

const sum = (points: readonly Point[]): number => points.reduce((total, { value }) => total + value, 0)
const mean = (points: readonly Point[]): number => sum(points) / points.length
const variance = (points: readonly Point[]): number => {
  const middle = mean(points)
  return points.reduce((total, { value }) => total + (value - middle) ** 2, 0) / points.length
}

export function quantileOf(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const sorted = [...values].sort((a, b) => a - b)
  const rank = q * (sorted.length - 1)
  const [low, high] = [Math.floor(rank), Math.min(sorted.length - 1, Math.floor(rank) + 1)]
  const weight = rank - low
  return sorted[low] * (1 - weight) + sorted[high] * weight
}

/**
 * How much a series grew in a range, as if it had been watched at both ends of it: what lies between the ends and the first and last sample is
 * reckoned from what was seen, where that is near. Source: promql/functions.go, extrapolatedRate
 */
function extrapolated(
  points: readonly Point[],
  { endMs, rangeMs }: Window,
  isCounter: boolean,
  isRate: boolean,
): number | undefined {
  if (points.length < 2) return undefined
  const [first, last] = [points[0], points.at(-1)!]
  let grown = last.value - first.value
  if (isCounter)
    for (let n = 1; n < points.length; n++) if (points[n].value < points[n - 1].value) grown += points[n - 1].value
  const seenMs = last.ms - first.ms
  const averageMs = seenMs / (points.length - 1)
  let toStartMs = first.ms - (endMs - rangeMs)
  let toEndMs = endMs - last.ms
  if (toStartMs >= averageMs * 1.1) toStartMs = averageMs / 2
  // A counter was never below zero.
  if (isCounter && grown > 0 && first.value >= 0) toStartMs = Math.min(toStartMs, seenMs * (first.value / grown))
  if (toEndMs >= averageMs * 1.1) toEndMs = averageMs / 2
  const factor = (seenMs + toStartMs + toEndMs) / seenMs
  return grown * factor * (isRate ? 1000 / rangeMs : 1)
}

/** Between the last two samples alone. */
function instant(points: readonly Point[], isRate: boolean): number | undefined {
  if (points.length < 2) return undefined
  const [before, last] = points.slice(-2)
  if (last.ms === before.ms) return undefined
  if (!isRate) return last.value - before.value
  return ((last.value < before.value ? last.value : last.value - before.value) * 1000) / (last.ms - before.ms)
}

/** The line that is nearest to the points: what it grows in a second, and where it is at a moment. */
function regression(points: readonly Point[], atMs: number): { slope: number; at: number } | undefined {
  if (points.length < 2) return undefined
  const xs = points.map(({ ms }) => (ms - atMs) / 1000)
  const middle = xs.reduce((total, x) => total + x, 0) / xs.length
  const height = mean(points)
  let [up, across] = [0, 0]
  for (const [n, { value }] of points.entries()) {
    up += (xs[n] - middle) * (value - height)
    across += (xs[n] - middle) ** 2
  }
  const slope = up / across
  return { slope, at: height - slope * middle }
}

const countWhere = (points: readonly Point[], holds: (now: number, before: number) => boolean): number =>
  points.filter(({ value }, n) => n > 0 && holds(value, points[n - 1].value)).length

const rounded = (value: number, to: number): number => {
  const inverse = 1 / to
  return Math.floor(value * inverse + 0.5) / inverse
}

export const functions: Readonly<Record<string, Known>> = {
  abs: math(Math.abs),
  ceil: math(Math.ceil),
  floor: math(Math.floor),
  exp: math(Math.exp),
  ln: math(Math.log),
  log2: math(Math.log2),
  log10: math(Math.log10),
  sqrt: math(Math.sqrt),
  sgn: math(Math.sign),
  deg: math((value) => (value * 180) / Math.PI),
  rad: math((value) => (value * Math.PI) / 180),
  ...Object.fromEntries(
    (['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh'] as const).map(
      (name) => [name, math(Math[name])],
    ),
  ),
  round: math((value, [to = 1]) => rounded(value, to), [scalar], 1),
  clamp: math(
    (value, [least, most]) => (least > most ? Number.NaN : Math.max(least, Math.min(most, value))),
    [scalar, scalar],
  ),
  clamp_min: math((value, [least]) => Math.max(least, value), [scalar]),
  clamp_max: math((value, [most]) => Math.min(most, value), [scalar]),
  timestamp: math((_, __, { ms }) => ms / 1000),
  minute: calendar((date) => date.getUTCMinutes()),
  hour: calendar((date) => date.getUTCHours()),
  day_of_week: calendar((date) => date.getUTCDay()),
  day_of_month: calendar((date) => date.getUTCDate()),
  day_of_year: calendar((date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000)),
  days_in_month: calendar((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
  month: calendar((date) => date.getUTCMonth() + 1),
  year: calendar((date) => date.getUTCFullYear()),

  rate: overTime((points, window) => extrapolated(points, window, true, true)),
  increase: overTime((points, window) => extrapolated(points, window, true, false)),
  delta: overTime((points, window) => extrapolated(points, window, false, false)),
  irate: overTime((points) => instant(points, true)),
  idelta: overTime((points) => instant(points, false)),
  deriv: overTime((points, { endMs }) => regression(points, endMs)?.slope),
  predict_linear: {
    args: [range, scalar],
    returns: vector,
    overRange(points, { endMs }, [seconds]) {
      const line = regression(points, endMs)
      return line && line.at + line.slope * seconds
    },
  },
  changes: overTime((points) =>
    countWhere(points, (now, before) => now !== before && !(Number.isNaN(now) && Number.isNaN(before))),
  ),
  resets: overTime((points) => countWhere(points, (now, before) => now < before)),
  avg_over_time: overTime(mean),
  min_over_time: overTime((points) =>
    points.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY),
  ),
  max_over_time: overTime((points) =>
    points.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ),
  sum_over_time: overTime(sum),
  count_over_time: overTime((points) => points.length),
  last_over_time: overTime((points) => points.at(-1)!.value, [], true),
  first_over_time: overTime((points) => points[0].value, [], true),
  present_over_time: overTime(() => 1),
  stddev_over_time: overTime((points) => Math.sqrt(variance(points))),
  stdvar_over_time: overTime(variance),
  quantile_over_time: overTime(
    (points, _, [q]) =>
      quantileOf(
        q,
        points.map(({ value }) => value),
      ),
    [scalar],
  ),

  absent: { args: [vector], returns: vector },
  absent_over_time: { args: [range], returns: vector },
  histogram_quantile: { args: [scalar, vector], returns: vector },
  label_join: { args: [vector, text, text, text], optional: 1, isVariadic: true, returns: vector },
  label_replace: { args: [vector, text, text, text, text], returns: vector },
  pi: { args: [], returns: scalar },
  scalar: { args: [vector], returns: scalar },
  sort: { args: [vector], returns: vector },
  sort_desc: { args: [vector], returns: vector },
  time: { args: [], returns: scalar },
  vector: { args: [scalar], returns: vector },
}
