/**
 * The daily incident: one broken cluster each UTC day, the same for everybody. What is drawn, and how somebody's day stands. Pure.
 */
import type { Catalog, Challenge } from '../catalog/types.ts'
import { chanceOf } from '../questions/chance.ts'
import { usedMs } from '../sittings/watch.ts'
import type { DailyRun } from '../storage/daily-schema.ts'
import { examOfDaily } from '../storage/daily-schema.ts'
import type { Attempt } from '../storage/types.ts'
import { isProven } from './attempts.ts'
import { solutionsHint } from './hints.ts'

/** By then a check has to be right for a green square. Who goes on longer earns yellow ones. */
export const dailyMs = 5 * 60_000
const dayMs = 24 * 3_600_000

/** Its UTC day, as 2026-05-31. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`)

/** @param days how many later; may be negative */
export const dayAfter = (day: string, days = 1): string => dayOf(startOfDay(day) + days * dayMs)

/** Something is broken, it is found in a few looks, and no more than a few lines put it right. */
export const isIncident = ({ spec }: Challenge): boolean =>
  spec.difficulty <= 2 &&
  (spec.style === 'task' ? spec.minutes <= 6 && spec.topics.includes('troubleshooting') : isRepair(spec))

const isRepair = ({ style, minutes }: Challenge['spec']): boolean =>
  (style === 'fix' || style === 'operate') && minutes <= 15

/** The challenge of a day: each of those that fit once, in an order of its own, before any comes again. Undefined when none fits. */
export function incidentOf({ challenges }: Pick<Catalog, 'challenges'>, day: string): Challenge | undefined {
  const ids = [...challenges.values()]
    .filter(isIncident)
    .map(({ id }) => id)
    .sort()
  if (ids.length === 0) return undefined
  const n = Math.floor(startOfDay(day) / dayMs)
  const cycle = Math.floor(n / ids.length)
  const order = orderOf(ids, cycle)
  // No cycle begins with what the one before it has ended with. What it ends with itself is left where it is.
  if (order.length > 2 && order[0] === orderOf(ids, cycle - 1).at(-1)) [order[0], order[1]] = [order[1]!, order[0]!]
  return challenges.get(order[n % ids.length]!)
}

const orderOf = (ids: readonly string[], cycle: number): string[] =>
  ids.length > 2 ? [...chanceOf(`daily/${cycle}`).shuffle(ids)] : [...ids]

/** Draws the variant: the same for everybody. */
export const seedOfDay = (day: string): string => `daily/${day}`

/** `green`: in time. `yellow`: later. `none`: not yet, or never. */
export type Square = 'green' | 'yellow' | 'none'

export interface DailyStanding {
  day: string
  challengeId: string
  /** One a check that learners see, in their order. */
  squares: { id: string; square: Square }[]
  /** By the clock of the day; null until it is passed. */
  passedMs: number | null
  gaveUp: boolean
  hints: number
  /** The last grading that counts, as the attempt and its number. */
  last: { attempt: string; number: number } | undefined
}

/** How much of the day's time is used. Once it is passed the clock stands. */
export const usedOf = ({ clock }: DailyRun, nowMs: number): number => usedMs({ isRunning: true, ...clock }, nowMs)

/** @param challenge as it was begun; undefined when it is not there any more */
export function standingOf(
  daily: DailyRun,
  attempts: readonly Attempt[],
  challenge: Challenge | undefined,
): DailyStanding {
  const all = attempts.filter(
    ({ mock, challengeId }) => mock === examOfDaily(daily.day) && challengeId === daily.challengeId,
  )
  // With the solutions before one's eyes nothing is earned any more.
  const given = all.findIndex(({ hintsOpened }) => hintsOpened.includes(solutionsHint))
  const own = given < 0 ? all : all.slice(0, given + 1)
  const graded = own
    .flatMap((attempt) =>
      attempt.gradings.flatMap((grading, n) => {
        const handIn = daily.handIns.find((one) => one.attempt === attempt.id && one.sha256 === grading.proof?.sha256)
        const isOwn = isProven(grading) && grading.result.gradable && !grading.hintsOpened.includes(solutionsHint)
        return handIn && isOwn ? [{ attempt, grading, number: n + 1, usedMs: handIn.usedMs }] : []
      }),
    )
    .sort((a, b) => a.usedMs - b.usedMs)
  const passed = graded.find(({ grading }) => grading.result.passed)
  const counted = passed ? graded.slice(0, graded.indexOf(passed) + 1) : graded
  const checks = (challenge?.spec.checks ?? []).filter(({ hidden, gate }) => !hidden && !gate)
  const last = counted.at(-1)
  return {
    day: daily.day,
    challengeId: daily.challengeId,
    squares: checks.map(({ id }) => {
      const found = counted.find(({ grading }) =>
        grading.result.tests.some((one) => one.id === id && one.status === 'pass'),
      )
      return { id, square: !found ? 'none' : found.usedMs <= dailyMs ? 'green' : 'yellow' }
    }),
    passedMs: passed?.usedMs ?? null,
    gaveUp: given >= 0 && !passed,
    hints: new Set(own.flatMap(({ hintsOpened }) => hintsOpened).filter((id) => id !== solutionsHint)).size,
    last: last && { attempt: last.attempt.id, number: last.number },
  }
}

const marks: Record<Square, string> = { green: '🟩', yellow: '🟨', none: '⬜' }

/** The line of squares as people paste it. */
export const lineOfSquares = (squares: readonly Square[]): string => squares.map((square) => marks[square]).join('')
