/** What the candidates of an exercise say of its items: statistics of those who have handed in. Pure. */
import type { Work } from '../journal/journals.ts'
import { firstTries } from '../statistics/first-tries.ts'
import { type ItemFigures, type ItemOption, itemFigures } from '../statistics/items.ts'
import { type Reliability, reliability } from '../statistics/reliability.ts'

export interface Calibration {
  people: number
  /** In the order of the exercise; undefined for an item that nobody came to. */
  items: { item: string; figures: ItemFigures | undefined }[]
  /** Of the sum of all items, each from 0 to 1. */
  reliability: Reliability
  /** How many scored so much: ten equal parts from nothing to everything. */
  distribution: number[]
}

/**
 * @param order the items of the exercise
 * @param works of those who have handed in, by person
 * @param optionsOf of an item, by the content that it has now
 */
export function calibrate(
  order: readonly string[],
  works: readonly { person: string; work: Pick<Work, 'answers' | 'attempts' | 'mocks'> }[],
  optionsOf: (item: string) => readonly ItemOption[] | undefined,
  nowMs: number,
): Calibration {
  const { items, people } = firstTries(
    works.map(({ person, work: { answers, attempts, mocks } }) => ({
      ...{ person, answers, attempts, mocks, order },
      counts: 'last grading' as const,
    })),
    optionsOf,
    nowMs,
  )
  const figures = itemFigures(people, items)
  const placeOf = new Map(items.map(({ item }, at) => [item, at]))
  // What was not done earns nothing.
  const scores = people.map((cells) =>
    order.map((item) => {
      const cell = cells[placeOf.get(item) ?? -1]
      return typeof cell === 'object' ? cell.score : 0
    }),
  )
  return {
    people: works.length,
    items: order.map((item) => ({ item, figures: figures[placeOf.get(item) ?? -1] })),
    reliability: reliability(scores),
    distribution: tenths(scores.map((row) => row.reduce((sum, score) => sum + score, 0) / Math.max(1, order.length))),
  }
}

function tenths(shares: readonly number[]): number[] {
  const counts = Array.from({ length: 10 }, () => 0)
  for (const share of shares) counts[Math.min(9, Math.floor(share * 10))]!++
  return counts
}
