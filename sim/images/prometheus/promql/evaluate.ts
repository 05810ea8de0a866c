/**
 * Works out PromQL at a moment. Sources: https://prometheus.io/docs/prometheus/latest/querying/; promql/engine.go. Simplified: limitk and
 * limit_ratio take the first elements, and no native histograms.
 */
import { budgeted, charge, chargeText, stepsPerSecond } from '../../../engine/work.ts'
import { expandGroups } from '../../../text/go-regexp.ts'
import { functions, quantileOf, type Range } from './functions.ts'
import { isComparison, isSetOperator } from './parse.ts'
import {
  type Aggregation,
  type Binary,
  type BinaryOperator,
  type Call,
  type Expression,
  type Labels,
  type Matcher,
  type Matrix,
  MOST_LABEL_LENGTH,
  PromqlError,
  QueryTimeout,
  type Sample,
  type Selector,
  type Shift,
  type Subquery,
} from './types.ts'
import { wholeMatcher } from './whole-match.ts'

/** How old a sample may be that an instant is told of. */
const LOOKBACK_MS = 300_000

/** Where the samples lie. */
export interface Source {
  /** The series that are asked for with their points after `fromMs` and up to `toMs`; NaN that says "gone" is left out, see `isGone`. */
  select(matchers: readonly Matcher[], fromMs: number, toMs: number): readonly Range[]
  /** The last point in that time of each series, but not of one that is gone. */
  last(matchers: readonly Matcher[], fromMs: number, toMs: number): readonly Sample[]
}

export interface Question {
  readonly source: Source
  readonly atMs: number
  /** Of a question over a range: its ends, for `@ start()` and `@ end()`. */
  readonly startMs?: number
  readonly endMs?: number
  /** The step of a subquery that names none. */
  readonly intervalMs: number
}

export type Value =
  | { readonly is: 'scalar'; readonly value: number }
  | { readonly is: 'string'; readonly value: string }
  | { readonly is: 'vector'; readonly samples: readonly Sample[] }
  | { readonly is: 'matrix'; readonly ranges: readonly Range[] }

/** @throws PromqlError for what cannot be worked out, QueryTimeout for what takes too long */
export function evaluate(expression: Expression, question: Question): Value {
  return inTime(() => {
    const evaluator = new Evaluator(question)
    const value = evaluator.value(expression, question.atMs)
    if (value.is === 'vector') checkUnique(value.samples)
    return value
  })
}

/** Of computing, for one question. Simplified: stands for the two minutes of --query.timeout. */
const STEPS_OF_QUERY = stepsPerSecond / 4

/** @throws QueryTimeout when it takes more computing than there is for one question */
export const inTime = <T>(act: () => T): T =>
  budgeted(STEPS_OF_QUERY, act, () => {
    throw new QueryTimeout('query timed out in expression evaluation')
  })

export function withoutName(all: Labels): Labels {
  const { __name__: _, ...labels } = all
  chargeLabels(Object.keys(labels).length)
  return labels
}

/** In the order in which Prometheus writes them. */
export function inOrder(labels: Labels): Labels {
  const entries = Object.entries(labels)
  chargeLabels(entries.length)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The same text for the same labels. */
export function keyOf(labels: Labels): string {
  const names = Object.keys(labels)
  chargeLabels(names.length)
  const key = names
    .sort()
    .map((name) => `${name}\u0001${labels[name]}`)
    .join('\u0002')
  chargeText(key.length)
  return key
}

/** More fields than these, and an object is a table, which is copied far slower. */
const MOST_QUICK_FIELDS = 30

/** Charges labels that are copied, sorted or compared. */
export const chargeLabels = (count: number): void => charge(1 + (count > MOST_QUICK_FIELDS ? 10 : 2) * count)

function checkUnique(samples: readonly Sample[]): void {
  const seen = new Set<string>()
  for (const { labels } of samples) {
    const key = keyOf(labels)
    if (seen.has(key)) throw new PromqlError('vector cannot contain metrics with the same labelset')
    seen.add(key)
  }
}

class Evaluator {
  private readonly question: Question

  constructor(question: Question) {
    this.question = question
  }

  value(expression: Expression, atMs: number): Value {
    charge(4)
    switch (expression.is) {
      case 'number':
        return { is: 'scalar', value: expression.value }
      case 'string':
        return { is: 'string', value: expression.value }
      case 'negation': {
        const of = this.value(expression.of, atMs)
        if (of.is === 'scalar') return { is: 'scalar', value: -of.value }
        return vectorOf(
          samplesOf(of).map((sample) => ({ ...sample, labels: withoutName(sample.labels), value: -sample.value })),
        )
      }
      case 'selector':
        return vectorOf(this.select(expression, atMs))
      case 'matrix':
      case 'subquery':
        return { is: 'matrix', ranges: this.ranges(expression, atMs).ranges }
      case 'aggregation':
        return vectorOf(this.aggregate(expression, atMs))
      case 'call':
        return this.call(expression, atMs)
      case 'binary':
        return this.binary(expression, atMs)
    }
  }

  private vector(expression: Expression, atMs: number): readonly Sample[] {
    return samplesOf(this.value(expression, atMs))
  }

  private scalar(expression: Expression, atMs: number): number {
    const value = this.value(expression, atMs)
    if (value.is !== 'scalar') throw new PromqlError(`expected a scalar, got ${value.is}`)
    return value.value
  }

  private text(expression: Expression | undefined): string {
    return expression?.is === 'string' ? expression.value : ''
  }

  // ---------- what there is ----------

  private shifted({ offsetMs, at }: Shift, atMs: number): number {
    const { startMs = this.question.atMs, endMs = this.question.atMs } = this.question
    return (at === undefined ? atMs : at === 'start' ? startMs : at === 'end' ? endMs : at) - offsetMs
  }

  private select(selector: Selector, atMs: number): readonly Sample[] {
    const toMs = this.shifted(selector, atMs)
    const found = this.question.source.last(selector.matchers, toMs - LOOKBACK_MS, toMs)
    charge(found.length)
    return found.map((sample) => ({ ...sample, ms: selector.at === undefined ? sample.ms : atMs }))
  }

  private ranges(of: Matrix | Subquery, atMs: number): { ranges: readonly Range[]; endMs: number } {
    const endMs = this.shifted(of.is === 'matrix' ? of.of : of, atMs)
    if (of.is === 'matrix') {
      const ranges = this.question.source
        .select(of.of.matchers, endMs - of.rangeMs, endMs)
        .filter(({ points }) => points.length > 0)
      for (const { points } of ranges) charge(points.length)
      return { ranges, endMs }
    }
    const stepMs = of.stepMs ?? this.question.intervalMs
    if (stepMs <= 0) throw new PromqlError('zero or negative query resolution step widths are not accepted')
    const series = new Map<string, { labels: Labels; points: { ms: number; value: number }[] }>()
    for (let ms = (Math.floor((endMs - of.rangeMs) / stepMs) + 1) * stepMs; ms <= endMs; ms += stepMs) {
      const value = this.value(of.of, ms)
      const samples = value.is === 'scalar' ? [{ labels: {}, ms, value: value.value }] : samplesOf(value)
      charge(Math.max(1, samples.length))
      for (const sample of samples) {
        const key = keyOf(sample.labels)
        const found = series.get(key) ?? { labels: sample.labels, points: [] }
        series.set(key, found)
        found.points.push({ ms, value: sample.value })
      }
    }
    return { ranges: [...series.values()], endMs }
  }

  // ---------- functions ----------

  private call(call: Call, atMs: number): Value {
    const { name, args } = call
    const known = functions[name]
    const numbers = (from: readonly Expression[]): number[] => from.map((argument) => this.scalar(argument, atMs))
    if (known.overRange) {
      const at = known.args.indexOf('range vector')
      const { ranges, endMs } = this.ranges(args[at] as Matrix | Subquery, atMs)
      const given = numbers(args.filter((_, n) => n !== at))
      const { rangeMs } = args[at] as Matrix | Subquery
      return vectorOf(
        ranges.flatMap(({ labels, points }) => {
          const value = known.overRange!(points, { endMs, rangeMs }, given)
          return value === undefined
            ? []
            : [{ labels: known.keepsName ? labels : withoutName(labels), ms: atMs, value }]
        }),
      )
    }
    if (known.ofValue) {
      const samples = args.length === 0 ? [{ labels: {}, ms: atMs, value: atMs / 1000 }] : this.vector(args[0], atMs)
      const given = numbers(args.slice(1))
      return vectorOf(
        samples.map((sample) => ({
          labels: withoutName(sample.labels),
          ms: atMs,
          value: known.ofValue!(sample.value, given, sample),
        })),
      )
    }
    return this.special(call, atMs)
  }

  private special({ name, args }: Call, atMs: number): Value {
    switch (name) {
      case 'time':
        return { is: 'scalar', value: atMs / 1000 }
      case 'pi':
        return { is: 'scalar', value: Math.PI }
      case 'vector':
        return vectorOf([{ labels: {}, ms: atMs, value: this.scalar(args[0], atMs) }])
      case 'scalar': {
        const samples = this.vector(args[0], atMs)
        return { is: 'scalar', value: samples.length === 1 ? samples[0].value : Number.NaN }
      }
      case 'sort':
      case 'sort_desc': {
        const sign = name === 'sort' ? 1 : -1
        return vectorOf([...this.vector(args[0], atMs)].sort((a, b) => compare(a.value, b.value, sign)))
      }
      case 'absent':
        return vectorOf(
          this.vector(args[0], atMs).length > 0 ? [] : [{ labels: labelsOfAbsent(args[0]), ms: atMs, value: 1 }],
        )
      case 'absent_over_time':
        return vectorOf(
          this.ranges(args[0] as Matrix, atMs).ranges.length > 0
            ? []
            : [{ labels: labelsOfAbsent(args[0]), ms: atMs, value: 1 }],
        )
      case 'label_replace': {
        const [target, replacement, source, pattern] = args.slice(1).map((argument) => this.text(argument))
        if (!/^[a-zA-Z_]\w*$/.test(target))
          throw new PromqlError(`invalid destination label name in label_replace(): ${target}`)
        const match = wholeMatcher(pattern)
        return vectorOf(
          this.vector(args[0], atMs).map((sample) => {
            const groups = match(sample.labels[source] ?? '')
            if (!groups) return sample
            return { ...sample, labels: withLabel(sample.labels, target, expandGroups(replacement, groups)) }
          }),
        )
      }
      case 'label_join': {
        const [target, separator, ...sources] = args.slice(1).map((argument) => this.text(argument))
        return vectorOf(
          this.vector(args[0], atMs).map((sample) => ({
            ...sample,
            labels: withLabel(
              sample.labels,
              target,
              sources.map((source) => sample.labels[source] ?? '').join(separator),
            ),
          })),
        )
      }
      case 'histogram_quantile':
        return vectorOf(histogramQuantile(this.scalar(args[0], atMs), this.vector(args[1], atMs), atMs))
      default:
        throw new PromqlError(`podium does not work out ${name}()`)
    }
  }

  // ---------- aggregation ----------

  private aggregate({ op, of, parameter, grouping }: Aggregation, atMs: number): Sample[] {
    const samples = this.vector(of, atMs)
    charge(samples.length)
    const kept = new Set(grouping?.labels)
    const groupOf = (labels: Labels): Labels => {
      if (!grouping) return {}
      chargeLabels(grouping.labels.length)
      if (grouping.by === 'by')
        return Object.fromEntries(grouping.labels.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])))
      return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== '__name__' && !kept.has(name)))
    }
    const groups = new Map<string, { labels: Labels; samples: Sample[] }>()
    for (const sample of samples) {
      const labels = groupOf(sample.labels)
      const key = keyOf(labels)
      const group = groups.get(key) ?? { labels, samples: [] }
      groups.set(key, group)
      group.samples.push(sample)
    }
    const number = parameter && op !== 'count_values' ? this.scalar(parameter, atMs) : 0
    return [...groups.values()].flatMap((group) => {
      const values = group.samples.map(({ value }) => value)
      if (op === 'topk' || op === 'bottomk') {
        const sign = op === 'topk' ? -1 : 1
        return [...group.samples].sort((a, b) => compare(a.value, b.value, sign)).slice(0, Math.max(0, number))
      }
      if (op === 'limitk') return group.samples.slice(0, Math.max(0, number))
      if (op === 'limit_ratio') return group.samples.slice(0, Math.ceil(Math.abs(number) * group.samples.length))
      if (op === 'count_values') {
        const counts = new Map<number, number>()
        for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
        return [...counts].map(([value, count]) => ({
          labels: withLabel(group.labels, this.text(parameter), printValue(value)),
          ...{ ms: atMs, value: count },
        }))
      }
      return [{ labels: group.labels, ms: atMs, value: aggregateOf(op, values, number) }]
    })
  }

  // ---------- two sides ----------

  private binary(expression: Binary, atMs: number): Value {
    const { op, isBool } = expression
    const [left, right] = [this.value(expression.left, atMs), this.value(expression.right, atMs)]
    if (left.is === 'scalar' && right.is === 'scalar')
      return { is: 'scalar', value: compute(op, left.value, right.value) }
    if (left.is === 'scalar' || right.is === 'scalar') {
      const samples = samplesOf(left.is === 'scalar' ? right : left)
      return vectorOf(
        samples.flatMap((sample) => {
          const value =
            left.is === 'scalar'
              ? compute(op, left.value, sample.value)
              : compute(op, sample.value, (right as { value: number }).value)
          // What is compared stays what it is, or goes.
          if (isComparison(op) && !isBool) return value ? [sample] : []
          return [{ labels: withoutName(sample.labels), ms: atMs, value }]
        }),
      )
    }
    const [one, other] = [samplesOf(left), samplesOf(right)]
    charge(one.length + other.length)
    return vectorOf(isSetOperator(op) ? setOf(expression, one, other) : matched(expression, one, other, atMs))
  }
}

const vectorOf = (samples: readonly Sample[]): Value => ({ is: 'vector', samples })

function samplesOf(value: Value): readonly Sample[] {
  if (value.is !== 'vector') throw new PromqlError(`expected an instant vector, got ${value.is}`)
  return value.samples
}

/** NaN comes last, whichever way. */
const compare = (a: number, b: number, sign: number): number =>
  Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : sign * (a - b)

function withLabel(labels: Labels, name: string, value: string): Labels {
  if (value.length > MOST_LABEL_LENGTH)
    throw new PromqlError(
      `podium: the label ${JSON.stringify(name)} would have more than ${MOST_LABEL_LENGTH} characters`,
    )
  chargeText(value.length)
  const { [name]: _, ...others } = labels
  chargeLabels(Object.keys(others).length)
  return value === '' ? others : { ...others, [name]: value }
}

/** What an absent series would have been called: what its selector says for certain. */
function labelsOfAbsent(expression: Expression): Labels {
  const of = expression.is === 'matrix' ? expression.of : expression
  if (of.is !== 'selector') return {}
  const labels = new Map<string, string>()
  for (const { label, op, value } of of.matchers) {
    if (label === '__name__') continue
    if (op === '=' && !labels.has(label)) labels.set(label, value)
    else labels.set(label, '')
  }
  return Object.fromEntries([...labels].filter(([, value]) => value !== ''))
}

function aggregateOf(op: string, values: readonly number[], parameter: number): number {
  const sum = (): number => values.reduce((total, value) => total + value, 0)
  const variance = (): number => {
    const middle = sum() / values.length
    return values.reduce((total, value) => total + (value - middle) ** 2, 0) / values.length
  }
  const extreme = (isBetter: (a: number, b: number) => boolean): number =>
    values.reduce((best, value) => (Number.isNaN(best) || isBetter(value, best) ? value : best))
  switch (op) {
    case 'sum':
      return sum()
    case 'avg':
      return sum() / values.length
    case 'min':
      return extreme((a, b) => a < b)
    case 'max':
      return extreme((a, b) => a > b)
    case 'count':
      return values.length
    case 'group':
      return 1
    case 'stddev':
      return Math.sqrt(variance())
    case 'stdvar':
      return variance()
    default:
      return quantileOf(parameter, values)
  }
}

function compute(op: BinaryOperator, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '^':
      return left ** right
    case 'atan2':
      return Math.atan2(left, right)
    case '==':
      return Number(left === right)
    case '!=':
      return Number(left !== right)
    case '>':
      return Number(left > right)
    case '<':
      return Number(left < right)
    case '>=':
      return Number(left >= right)
    case '<=':
      return Number(left <= right)
    default:
      throw new PromqlError(`operator "${op}" not allowed for Scalar operations`)
  }
}

function signatureOf({ matching }: Binary): (labels: Labels) => string {
  if (matching?.by === 'on')
    return (labels) => {
      chargeLabels(matching.labels.length)
      return matching.labels.map((name) => labels[name] ?? '').join('\u0002')
    }
  const ignored = new Set(['__name__', ...(matching?.labels ?? [])])
  return (labels) => keyOf(Object.fromEntries(Object.entries(labels).filter(([name]) => !ignored.has(name))))
}

function setOf(expression: Binary, left: readonly Sample[], right: readonly Sample[]): Sample[] {
  const signature = signatureOf(expression)
  const inRight = new Set(right.map(({ labels }) => signature(labels)))
  if (expression.op === 'and') return left.filter(({ labels }) => inRight.has(signature(labels)))
  if (expression.op === 'unless') return left.filter(({ labels }) => !inRight.has(signature(labels)))
  const inLeft = new Set(left.map(({ labels }) => signature(labels)))
  return [...left, ...right.filter(({ labels }) => !inLeft.has(signature(labels)))]
}

/** Source: promql/engine.go, VectorBinop */
function matched(expression: Binary, left: readonly Sample[], right: readonly Sample[], atMs: number): Sample[] {
  const { op, isBool, matching } = expression
  const signature = signatureOf(expression)
  const side = matching?.group?.side
  const [many, one] = side === 'right' ? [right, left] : [left, right]
  const ones = new Map<string, Sample>()
  for (const sample of one) {
    const key = signature(sample.labels)
    if (ones.has(key))
      throw new PromqlError(
        `found duplicate series for the match group ${printGroup(expression, sample.labels)} on the ${side === 'right' ? 'left' : 'right'} hand-side of the operation: [${printLabels(sample.labels)}, ${printLabels(ones.get(key)!.labels)}];many-to-many matching not allowed: matching labels must be unique on one side`,
      )
    ones.set(key, sample)
  }
  const found: Sample[] = []
  const taken = new Map<string, Set<string>>()
  for (const sample of many) {
    const key = signature(sample.labels)
    const partner = ones.get(key)
    if (!partner) continue
    const [a, b] = side === 'right' ? [partner, sample] : [sample, partner]
    const value = compute(op, a.value, b.value)
    const isKept = isComparison(op) && !isBool
    if (isKept && !value) continue
    const labels = resultLabels(expression, sample.labels, partner.labels)
    const label = keyOf(labels)
    const before = taken.get(key)
    if (!side && before)
      throw new PromqlError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      )
    if (before?.has(label))
      throw new PromqlError('multiple matches for labels: grouping labels must ensure unique matches')
    taken.set(key, (before ?? new Set()).add(label))
    found.push({ labels, ms: atMs, value: isKept ? a.value : value })
  }
  return found
}

function resultLabels({ op, isBool, matching }: Binary, many: Labels, one: Labels): Labels {
  chargeLabels((matching?.labels.length ?? 0) + Object.keys(many).length)
  let labels = isComparison(op) && !isBool ? many : withoutName(many)
  if (!matching?.group) {
    const named = new Set(matching?.labels)
    if (matching?.by === 'on') return Object.fromEntries(Object.entries(labels).filter(([name]) => named.has(name)))
    return Object.fromEntries(Object.entries(labels).filter(([name]) => !named.has(name)))
  }
  for (const name of matching.group.include) labels = withLabel(labels, name, one[name] ?? '')
  return labels
}

const printGroup = ({ matching }: Binary, labels: Labels): string =>
  printLabels(
    Object.fromEntries(
      Object.entries(labels).filter(
        ([name]) => name !== '__name__' && (matching?.by === 'on') === (matching?.labels.includes(name) ?? false),
      ),
    ),
  )

export function printLabels(labels: Labels): string {
  const { __name__: name = '', ...others } = labels
  const inner = Object.keys(others)
    .sort()
    .map((key) => `${key}=${JSON.stringify(others[key])}`)
    .join(', ')
  return name !== '' && inner === '' ? name : `${name}{${inner}}`
}

/** As Go prints a float. */
export function printValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}

/** Of classic buckets: `le` is how large what they count may be. Source: promql/quantile.go, bucketQuantile */
function histogramQuantile(q: number, samples: readonly Sample[], atMs: number): Sample[] {
  const groups = new Map<string, { labels: Labels; buckets: { le: number; count: number }[] }>()
  for (const { labels: all, value } of samples) {
    const { le, __name__: _, ...labels } = all
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    if (le === undefined || Number.isNaN(bound)) continue
    const key = keyOf(labels)
    const group = groups.get(key) ?? { labels, buckets: [] }
    groups.set(key, group)
    group.buckets.push({ le: bound, count: value })
  }
  return [...groups.values()].map(({ labels, buckets }) => ({
    labels,
    ms: atMs,
    value: bucketQuantile(
      q,
      buckets.sort((a, b) => a.le - b.le),
    ),
  }))
}

function bucketQuantile(q: number, buckets: readonly { le: number; count: number }[]): number {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const last = buckets.at(-1)
  if (last?.le !== Number.POSITIVE_INFINITY || buckets.length < 2 || last.count === 0) return Number.NaN
  const rank = q * last.count
  const at = buckets.findIndex(({ count }) => count >= rank)
  if (at === buckets.length - 1) return buckets[at - 1].le
  if (at === 0 && buckets[0].le <= 0) return buckets[0].le
  const [from, below] = at === 0 ? [0, 0] : [buckets[at - 1].le, buckets[at - 1].count]
  const { le, count } = buckets[at]
  return from + (le - from) * ((rank - below) / (count - below))
}
