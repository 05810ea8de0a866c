/** What people did first at each item, read from their work in practice, workshops and exercises. Pure. */
import type { Answer, Attempt, Grading, Mock } from '../storage/types.ts'
import type { Cell, FirstTry, ItemColumn, ItemOption } from './items.ts'

/** Somebody's work in one sitting. */
export interface WorkInSitting {
  /** Whoever they are: works of one person are taken together. */
  person: string
  answers: readonly Answer[]
  attempts: readonly Attempt[]
  mocks: readonly Mock[]
  /** The sitting's items in their order, where they have one. */
  order?: readonly string[]
  /** Of the gradings of the first attempt at a challenge: where people are examined, the one that stands at the end. */
  counts: 'first grading' | 'last grading'
}

/** People and items, as `itemFigures` takes them. */
export interface FirstTries {
  /** In the order of the alphabet. */
  items: ItemColumn[]
  people: Cell[][]
}

/** A first try, and when. */
interface Tried {
  atMs: number
  cell: FirstTry
}

/**
 * Work of somewhere else does not count until it is verified.
 * @param optionsOf of an item, by the content that it has now
 * @param nowMs up to which exams may be over
 */
export function firstTries(
  works: readonly WorkInSitting[],
  optionsOf: (item: string) => readonly ItemOption[] | undefined,
  nowMs: number,
): FirstTries {
  const people = new Map<string, Map<string, Tried | 'skipped' | 'not reached'>>()
  for (const work of works) {
    const own = people.get(work.person) ?? new Map<string, Tried | 'skipped' | 'not reached'>()
    people.set(work.person, own)
    for (const [item, one] of triesIn(work)) {
      const known = own.get(item)
      if (typeof known !== 'object' || one.atMs < known.atMs) own.set(item, one)
    }
    for (const { order, reached } of orders(work, nowMs))
      for (const [place, item] of order.entries()) {
        const known = own.get(item)
        // What was passed over somewhere was before them once.
        if (place > reached) own.set(item, known ?? 'not reached')
        else if (typeof known !== 'object') own.set(item, 'skipped')
      }
  }
  const items = [...new Set([...people.values()].flatMap((own) => [...own.keys()]))].sort()
  return {
    items: items.map((item) => {
      const options = optionsOf(item)
      return options ? { item, options } : { item }
    }),
    people: [...people.values()].map((own) =>
      items.map((item): Cell => {
        const one = own.get(item)
        return typeof one === 'object' ? one.cell : one
      }),
    ),
  }
}

function triesIn({ answers, attempts, counts }: WorkInSitting): Map<string, Tried> {
  const tries = new Map<string, Tried>()
  const enter = (item: string, one: Tried): void => {
    if (one.atMs < (tries.get(item)?.atMs ?? Number.POSITIVE_INFINITY)) tries.set(item, one)
  }
  for (const { questionId, atMs, score, tookMs, given, origin } of answers)
    if (!origin)
      enter(`question:${questionId}`, {
        atMs,
        cell: { score, hints: 0, picked: given, ...(tookMs === null ? {} : { tookMs }) },
      })
  // By when it was graded first: a later attempt may have been graded before.
  for (const attempt of attempts) {
    const gradings = gradingsOf(attempt)
    const [first] = gradings
    const counted = counts === 'first grading' ? first : gradings.at(-1)
    if (first && counted) enter(`challenge:${attempt.challengeId}`, { atMs: first.atMs, cell: tryOf(attempt, counted) })
  }
  return tries
}

const gradingsOf = ({ gradings, origin: from }: Attempt): Grading[] =>
  gradings.filter(({ origin, result }) => !from && !origin && result.gradable && result.maxScore > 0)

const tryOf = ({ createdAtMs }: Attempt, { atMs, result, hintsOpened }: Grading): FirstTry => ({
  score: result.score / result.maxScore,
  tookMs: Math.max(0, atMs - createdAtMs),
  hints: hintsOpened.length,
})

/** The lists that somebody went through, and the place of each to which they came, from 0. Lists that they did not begin say nothing. */
function orders(
  { order = [], answers, attempts, mocks }: WorkInSitting,
  nowMs: number,
): { order: readonly string[]; reached: number }[] {
  const ofMocks = mocks
    .filter(({ origin, endsAtMs, handedInAtMs }) => !origin && (handedInAtMs ?? endsAtMs ?? nowMs) < nowMs)
    .map(({ items, tasks = [], current }) => {
      const own = [
        ...items.map(({ questionId, given }) => ({ item: `question:${questionId}`, isDone: given.length > 0 })),
        ...tasks.map(({ challengeId, result }) => ({
          item: `challenge:${challengeId}`,
          isDone: result !== null && result.verdict !== 'none',
        })),
      ]
      const last = own.findLastIndex(({ isDone }) => isDone)
      return { order: own.map(({ item }) => item), reached: Math.max(current, last) }
    })
  // Whoever opened a challenge came to it.
  const begun = new Set([
    ...answers.map(({ questionId }) => `question:${questionId}`),
    ...attempts.map(({ challengeId }) => `challenge:${challengeId}`),
  ])
  const reached = order.findLastIndex((item) => begun.has(item))
  return [...(reached >= 0 ? [{ order, reached }] : []), ...ofMocks]
}
