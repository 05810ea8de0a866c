/** What a candidate has earned: each item by itself, and sums by section and topic. Each item counts the same. Pure. */
import type { Exercise } from '../hiring/exercises.ts'
import type { Work } from '../journal/journals.ts'
import type { Answer, Attempt, Grading } from '../storage/types.ts'
import { attemptsThatCount, gradingOfHead } from './counted-attempts.ts'

export type ItemResult = { item: string; checks: { passed: number; all: number } } & (
  | { state: 'empty' }
  /** Handed in, and not graded so far. */
  | { state: 'waiting'; attempt: Attempt }
  /** @see GradeResult.problem */
  | { state: 'not gradable'; attempt: Attempt; grading: Grading }
  | { state: 'graded'; share: number; attempt: Attempt; grading: Grading }
  | { state: 'answered'; share: number; answer: Answer }
)

/** In the order of the exercise. */
export function resultsOf(exercise: Pick<Exercise, 'items'>, work: Pick<Work, 'attempts' | 'answers'>): ItemResult[] {
  const attempts = new Map(attemptsThatCount(exercise, work).map(({ item, attempt }) => [item, attempt]))
  return exercise.items.map((item): ItemResult => {
    const none = { passed: 0, all: 0 }
    const [kind, id] = item.split(':')
    if (kind === 'question') {
      const answer = work.answers.findLast(({ questionId }) => questionId === id)
      return answer
        ? { item, checks: none, state: 'answered', share: clamped(answer.score), answer }
        : { item, checks: none, state: 'empty' }
    }
    const attempt = attempts.get(item)
    if (!attempt) return { item, checks: none, state: 'empty' }
    const grading = gradingOfHead(attempt)
    if (!grading) return { item, checks: none, state: 'waiting', attempt }
    const { gradable, score, maxScore, tests } = grading.result
    if (!gradable) return { item, checks: none, state: 'not gradable', attempt, grading }
    const checks = { passed: tests.filter(({ status }) => status === 'pass').length, all: tests.length }
    return { item, checks, state: 'graded', share: clamped(score / Math.max(1, maxScore)), attempt, grading }
  })
}

const clamped = (share: number): number => Math.min(1, Math.max(0, share))

/** Of 1; what was not done earns nothing. Undefined for what is not judged so far, or cannot be. */
export function shareOf(result: ItemResult): number | undefined {
  if (result.state === 'empty') return 0
  return result.state === 'graded' || result.state === 'answered' ? result.share : undefined
}

export interface Sum {
  /** Items that are judged. */
  n: number
  /** Of all their points; undefined without any. */
  percent: number | undefined
  checks: { passed: number; all: number }
}

export function sumOf(results: readonly ItemResult[]): Sum {
  const shares = results.flatMap((one) => shareOf(one) ?? [])
  return {
    n: shares.length,
    percent: shares.length === 0 ? undefined : (100 * shares.reduce((sum, share) => sum + share, 0)) / shares.length,
    checks: {
      passed: results.reduce((sum, { checks }) => sum + checks.passed, 0),
      all: results.reduce((sum, { checks }) => sum + checks.all, 0),
    },
  }
}
