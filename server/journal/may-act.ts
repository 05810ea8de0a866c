/** Whether somebody may do something now: the one place that decides, whatever page or room it is done from. Pure. */
import { isClosed } from '../exams/mock.ts'
import { practiceSeatLife, type SeatLife, takesWork } from '../seats/life.ts'
import { practiceLife, type SittingLife, sittingAt } from '../sittings/life.ts'
import type { Mock, Sitting } from '../storage/types.ts'
import type { NewAct } from './act.ts'
import type { KnownAct } from './acts/registry.ts'

/** How a seat stands in its sitting. */
export interface Standing {
  sitting: SittingLife
  seat: SeatLife
  rules: Pick<Sitting['rules'], 'hints'>
}

/** One's own practice: always open, and nothing is counted. */
export const practiceStanding: Standing = {
  sitting: practiceLife,
  seat: practiceSeatLife,
  rules: { hints: true },
}

/** Why not: the sitting is not open, the seat's own time is over, hints are not given, or the mock exam is over. */
export type WhyNot = 'not-open' | 'over' | 'no-hints' | 'exam-over'

/** What the server does with work that was accepted in time: it may come later. */
const ofServer: ReadonlySet<KnownAct['act']> = new Set(['graded', 'verified', 'mock-judged', 'mock-seen'])

/**
 * @param mocks of the seat, as they stand
 * @returns undefined when it may be done
 */
export function mayAct(
  { sitting, seat, rules }: Standing,
  mocks: readonly Mock[],
  act: NewAct<KnownAct>,
  nowMs: number,
): WhyNot | undefined {
  if (ofServer.has(act.act)) return sitting.state === 'erased' ? 'not-open' : undefined
  if (!takesWork(sitting, seat, nowMs)) return sittingAt(sitting, nowMs).state === 'open' ? 'over' : 'not-open'
  if (act.act === 'hinted' && !rules.hints) return 'no-hints'
  if (act.act !== 'mock-said') return undefined
  const mock = mocks.find(({ id }) => id === act.data.mock)
  return mock && isClosed(mock, nowMs) ? 'exam-over' : undefined
}
