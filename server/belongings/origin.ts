/**
 * What a file is believed. One that this server signed for the same learner is their own. Of any other the work comes along with its
 * origin, and grades wait until they are computed again here. Pure.
 */
import type { Seat } from '../seat.ts'
import type { Origin } from '../storage/origin.ts'
import type { Mock } from '../storage/types.ts'
import type { Belongings } from './belongings.ts'
import type { Maker } from './signature.ts'

/**
 * Whose a file is: the learner's `own`; of somebody who is `gone` from this server, which may be the same person under an earlier name;
 * of another `learner` of this server; or from `elsewhere`: another server's, or changed since it was made.
 */
export type Standing = 'own' | 'gone' | 'learner' | 'elsewhere'

/** @param isThere whether the learner that the file was made for is still known here */
export function standingOf(maker: Maker | null, owner: Seat, isThere: boolean): Standing {
  if (!maker) return 'elsewhere'
  if (maker.learner === owner.learnerId) return 'own'
  return isThere ? 'learner' : 'gone'
}

/** What was read, with marks on what is not the learner's own. */
export function received(given: Belongings, standing: Standing, nowMs: number): Belongings {
  if (standing === 'own') return given
  const origin: Origin = { from: standing === 'elsewhere' ? 'elsewhere' : 'learner', atMs: nowMs }
  // What this server graded is graded, whoever it was that has gone since.
  const isGraded = standing === 'gone'
  // What a file says of its origins is believed if this server signed it: anybody may have written the others.
  const originOf = (one: { origin?: Origin }): Origin => (standing === 'elsewhere' ? origin : (one.origin ?? origin))
  return {
    ...given,
    answers: given.answers.map((answer) => ({ ...answer, origin: originOf(answer) })),
    attempts: given.attempts.map((attempt) => ({
      ...attempt,
      origin: originOf(attempt),
      gradings: isGraded
        ? attempt.gradings
        : attempt.gradings.map(({ verifiedAtMs: _, ...grading }) => ({ ...grading, origin: originOf(grading) })),
    })),
    mocks: given.mocks.map((mock) => ({
      ...(isGraded ? mock : ended(mock, nowMs)),
      origin: originOf(mock),
    })),
  }
}

/** Time that another clock gave is over. */
function ended(mock: Mock, nowMs: number): Mock {
  const isRunning = mock.endsAtMs !== null && mock.handedInAtMs === null && mock.endsAtMs > nowMs
  return isRunning ? { ...mock, handedInAtMs: nowMs } : mock
}
