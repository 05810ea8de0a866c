/** The checks beside a task: how they stand now, and what the last grading found of them. Pure. */
import type { TestStatus } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import type { LiveCheck } from '../../labs/types.ts'
import { areHandedIn } from '../../practice/answer-files.ts'
import { isProven } from '../../practice/attempts.ts'
import { hashLog } from '../../storage/evidence.ts'
import { shownResult } from '../../storage/shown-result.ts'
import type { Attempt, Grading } from '../../storage/types.ts'

export interface CheckModel extends LiveCheck {
  /** What the last grading found; `isNow` as long as nothing was done since. */
  graded?: { found: 'holds' | 'broken' | 'unknown'; isNow: boolean }
}

const found = { pass: 'holds', fail: 'broken', error: 'broken', skipped: 'unknown' } as const satisfies Record<
  TestStatus,
  string
>

/**
 * Whoever was just told that they passed is not told that a check is unknown. Once something was done, what is known of the present comes first,
 * and the last grading speaks for those alone of which only a grade can tell.
 */
export function viewChecks(checks: readonly LiveCheck[], challenge: Challenge, attempt: Attempt): CheckModel[] {
  const last = attempt.gradings.findLast((grading) => isProven(grading) && grading.result.gradable)
  if (!last) return [...checks]
  const isNow = stands(challenge, attempt, last)
  const { tests, gates } = shownResult(last.result)
  const statuses = new Map([...tests, ...gates].map(({ id, status }) => [id, status]))
  return checks.map((check) => {
    const status = statuses.get(check.id)
    return status && (isNow || check.state === 'unknown')
      ? { ...check, graded: { found: found[status], isNow } }
      : check
  })
}

/** Nothing was done since that could change a grade or the cluster: no command, no answer, and no time was let pass. */
const stands = (challenge: Challenge, attempt: Attempt, { clockMs, proof }: Grading): boolean =>
  clockMs === attempt.clockMs && proof?.sha256 === hashLog(attempt.log) && areHandedIn(challenge, attempt)
