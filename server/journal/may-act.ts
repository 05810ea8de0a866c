/** Whether somebody may do something now: the one place that decides, whatever page or room it is done from. Pure. */
import { standingOfMock } from '../exams/mock.ts'
import { takesWork } from '../seats/life.ts'
import type { Standing } from '../seats/standing.ts'
import { sittingAt } from '../sittings/life.ts'
import type { Attempt, Mock } from '../storage/types.ts'
import type { NewAct } from './act.ts'
import type { KnownAct } from './acts/registry.ts'

/**
 * Why not: the sitting is not open, the seat's own time is over, hints are not given, all attempts at the challenge are made, or the mock
 * exam is over.
 */
export type WhyNot = 'not-open' | 'over' | 'no-hints' | 'no-attempts' | 'exam-over'

/** What the seat has done. */
export interface Done {
  mocks: readonly Mock[]
  attempts: readonly Pick<Attempt, 'challengeId'>[]
}

/** What the server does with work that was accepted in time: it may come later. */
const ofServer: ReadonlySet<KnownAct['act']> = new Set(['graded', 'verified', 'mock-judged', 'mock-seen'])

/** @returns undefined when it may be done */
export function mayAct(standing: Standing, done: Done, act: NewAct<KnownAct>, nowMs: number): WhyNot | undefined {
  const { sitting, seat, rules } = standing
  if (ofServer.has(act.act)) return sitting.state === 'erased' ? 'not-open' : undefined
  if (!takesWork(sitting, seat, nowMs)) return sittingAt(sitting, nowMs).state === 'open' ? 'over' : 'not-open'
  switch (act.act) {
    case 'hinted':
      return rules.hints ? undefined : 'no-hints'
    case 'opened': {
      const made = done.attempts.filter(({ challengeId }) => act.item === `challenge:${challengeId}`)
      return rules.maxAttempts !== null && made.length >= rules.maxAttempts ? 'no-attempts' : undefined
    }
    case 'mock-said': {
      // A sitting of its own, within the practice.
      const mock = done.mocks.find(({ id }) => id === act.data.mock)
      const own = mock && standingOfMock(mock)
      return own && !takesWork(own.sitting, own.seat, nowMs) ? 'exam-over' : undefined
    }
    default:
      return undefined
  }
}
