/** Classical item statistics, of first tries: what an item says of people, and what people say of the item. Pure. */
import { mean, quantile, sum } from 'simple-statistics'
import { correlation } from './correlation.ts'
import { enoughPeople, fewestPeople } from './thresholds.ts'

/** What somebody did first at an item. */
export interface FirstTry {
  /** 0 to 1. */
  score: number
  /** Undefined where it is not known. */
  tookMs?: number
  /** Hints that were open when it was scored. */
  hints: number
  /** Of an item with options, those that were picked. */
  picked?: readonly string[]
}

/**
 * An item and a person: a first try; `skipped` by somebody who came to what follows it, and earns nothing; `not reached` by somebody who did not
 * come so far; undefined where it was not put to them.
 */
export type Cell = FirstTry | 'skipped' | 'not reached' | undefined

export interface ItemOption {
  id: string
  isRight: boolean
}

/** An item, and who did what at it. */
export interface ItemColumn {
  /** `question:pod/probes` */
  item: string
  options?: readonly ItemOption[]
}

/** What whoever wrote the item should look at; the first two of how many people it is told by. */
export type ItemFlag =
  | 'suppressed'
  | 'few people'
  | 'too hard'
  | 'too easy'
  | 'does not tell people apart'
  | 'a wrong option draws the better'

export interface OptionFigures extends ItemOption {
  /** Of those who tried it, by thirds of their scores, the lowest first: who picked it. */
  thirds: readonly [number, number, number]
  /** Of its being picked with what the same people scored on all other items. */
  itemTotal: number | undefined
}

export interface ItemFigures {
  /** People who tried it. */
  n: number
  /** The mean score, 0 to 1. Undefined with all that follows below `fewestPeople`. */
  facility: number | undefined
  /** Corrected item-total correlation: of the item's scores with what the same people scored on all other items. */
  itemTotal: number | undefined
  /** The mean score of the 27 % who scored most on all items, less that of the 27 % who scored least. */
  upperLower: number | undefined
  p50Ms: number | undefined
  p90Ms: number | undefined
  options: readonly OptionFigures[] | undefined
  /** The share of those who tried it with a hint, and how many hints each used. */
  hints: { share: number; mean: number } | undefined
  /** Of those to whom it was put, the share that did not come so far. Undefined where there is no order to come far in. */
  notReached: number | undefined
  flags: readonly ItemFlag[]
}

const hardest = 0.2
const easiest = 0.95
const leastItemTotal = 0.1
/** Where groups of people tell most: T. L. Kelley, The selection of upper and lower groups for the validation of test items, 1939. */
const extreme = 0.27

/**
 * @param people their cells in the order of the items
 * @returns one for each item
 */
export function itemFigures(people: readonly (readonly Cell[])[], items: readonly ItemColumn[]): ItemFigures[] {
  const known = people.map((cells): Person => {
    const scores = cells.flatMap(scoreOf)
    return { cells, sum: sum(scores), count: scores.length }
  })
  return items.map(({ options }, at) => figuresOf(known, at, options))
}

interface Person {
  cells: readonly Cell[]
  /** Of the scores on all items that they came to, and how many those are. */
  sum: number
  count: number
}

interface Tried {
  first: FirstTry
  /** The mean score on all items that they came to; on all others, where there are any. */
  total: number
  rest: number | undefined
}

function figuresOf(people: readonly Person[], at: number, options: readonly ItemOption[] | undefined): ItemFigures {
  const column = people.map(({ cells }) => cells[at])
  const put = column.filter((cell) => cell !== undefined).length
  const notReached = column.filter((cell) => cell === 'not reached').length
  const tried = people.flatMap(({ cells, sum, count }): Tried[] => {
    const first = cells[at]
    if (!isTried(first)) return []
    return [{ first, total: sum / count, rest: count > 1 ? (sum - first.score) / (count - 1) : undefined }]
  })
  const n = tried.length
  const isOrdered = column.some((cell) => cell === 'not reached' || cell === 'skipped')
  const shareNotReached = isOrdered && put >= fewestPeople ? notReached / put : undefined
  if (n < fewestPeople) return { ...unknown, n, notReached: shareNotReached, flags: n > 0 ? ['suppressed'] : [] }
  const scores = tried.map(({ first }) => first.score)
  const times = tried.flatMap(({ first }) => first.tookMs ?? [])
  const hints = tried.map(({ first }) => first.hints)
  const facility = mean(scores)
  const itemTotal = withRest(tried, ({ first }) => first.score)
  const picked = options && optionFigures(tried, options)
  return {
    n,
    facility,
    itemTotal,
    upperLower: upperLower(tried),
    p50Ms: times.length >= fewestPeople ? quantile(times, 0.5) : undefined,
    p90Ms: times.length >= fewestPeople ? quantile(times, 0.9) : undefined,
    options: picked,
    hints: { share: hints.filter((count) => count > 0).length / n, mean: mean(hints) },
    notReached: shareNotReached,
    flags: [
      ...(n < enoughPeople ? (['few people'] as const) : []),
      ...(facility < hardest ? (['too hard'] as const) : facility > easiest ? (['too easy'] as const) : []),
      ...(itemTotal !== undefined && itemTotal < leastItemTotal ? (['does not tell people apart'] as const) : []),
      ...(picked?.some((option) => !option.isRight && (option.itemTotal ?? 0) > 0)
        ? (['a wrong option draws the better'] as const)
        : []),
    ],
  }
}

const unknown = {
  ...{ facility: undefined, itemTotal: undefined, upperLower: undefined },
  ...{ p50Ms: undefined, p90Ms: undefined, options: undefined, hints: undefined },
} as const

const isTried = (cell: Cell): cell is FirstTry => typeof cell === 'object'

const scoreOf = (cell: Cell): number[] => (isTried(cell) ? [cell.score] : cell === 'skipped' ? [0] : [])

/** Of those who did something else as well. */
function withRest(tried: readonly Tried[], measure: (one: Tried) => number): number | undefined {
  const compared = tried.filter(({ rest }) => rest !== undefined)
  return compared.length < fewestPeople
    ? undefined
    : correlation(
        compared.map(measure),
        compared.map(({ rest }) => rest!),
      )
}

function upperLower(tried: readonly Tried[]): number | undefined {
  const compared = tried.filter(({ rest }) => rest !== undefined)
  const n = compared.length
  if (n < fewestPeople) return undefined
  const count = Math.round(extreme * n)
  const meanOf = (from: number, to: number): number =>
    meanWithin(
      compared,
      from,
      to,
      ({ total }) => total,
      ({ first }) => first.score,
    )
  return meanOf(n - count, n) - meanOf(0, count)
}

function optionFigures(tried: readonly Tried[], options: readonly ItemOption[]): OptionFigures[] | undefined {
  // Picked of others: the item had other options then.
  const known = new Set(options.map(({ id }) => id))
  const own = tried.filter(({ first }) => first.picked?.every((id) => known.has(id)))
  const n = own.length
  if (n < fewestPeople) return undefined
  const bounds = [0, Math.round(n / 3), Math.round((2 * n) / 3), n]
  return options.map(({ id, isRight }) => {
    const isPicked = ({ first }: Tried): number => (first.picked!.includes(id) ? 1 : 0)
    const third = (k: number): number => meanWithin(own, bounds[k]!, bounds[k + 1]!, ({ total }) => total, isPicked)
    return { id, isRight, thirds: [third(0), third(1), third(2)], itemTotal: withRest(own, isPicked) }
  })
}

/**
 * The mean of a value over those who stand from place `from` to `to`, the lowest first. Who stand equal share their places, so that nothing
 * depends on the order in which they come.
 */
function meanWithin<T>(
  people: readonly T[],
  from: number,
  to: number,
  standing: (one: T) => number,
  measure: (one: T) => number,
): number {
  const sorted = people.map((one) => ({ at: standing(one), value: measure(one) })).sort((a, b) => a.at - b.at)
  let sum = 0
  for (let begin = 0; begin < sorted.length; ) {
    let end = begin + 1
    // Means of the same scores in another order differ by rounding.
    while (end < sorted.length && sorted[end]!.at - sorted[begin]!.at < sameScore) end++
    const places = Math.max(0, Math.min(to, end) - Math.max(from, begin))
    if (places > 0) sum += places * mean(sorted.slice(begin, end).map(({ value }) => value))
    begin = end
  }
  return sum / (to - from)
}

const sameScore = 1e-9
