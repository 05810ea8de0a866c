/** Whether somebody may do something now: the one place that decides, whatever page or room it is done from. Pure. */
import { standingOfMock } from '../exams/mock.ts'
import { seatOfCandidate } from '../seats/candidate-life.ts'
import { onSeat, type SeatLife, seatAt, takesWork } from '../seats/life.ts'
import type { Standing } from '../seats/standing.ts'
import { sittingAt } from '../sittings/life.ts'
import { type DailyRun, dayOfDaily } from '../storage/daily-schema.ts'
import type { Attempt, Mock } from '../storage/types.ts'
import type { NewAct } from './act.ts'
import type { KnownAct } from './acts/registry.ts'
import { type Candidacy, eventOfAct } from './folds/candidacy.ts'

/**
 * Why not: the sitting is not open, the seat's own time is over, somebody is on a break, hints are not given, all attempts at the challenge are made, or the mock
 * exam is over.
 */
export type WhyNot = 'not-open' | 'over' | 'on-break' | 'no-hints' | 'no-attempts' | 'exam-over'

/** What the seat has done. */
export interface Done {
  mocks: readonly Mock[]
  dailies?: readonly Pick<DailyRun, 'day'>[]
  attempts: readonly Pick<Attempt, 'id' | 'challengeId' | 'mock'>[]
  candidacy?: Pick<Candidacy, 'changes'>
}

/** What the server does with work that was accepted in time: it may come later. */
const ofServer: ReadonlySet<KnownAct['act']> = new Set([
  ...(['graded', 'verified', 'mock-judged', 'mock-seen', 'task-graded'] as const),
])

/** How the seat stands, by what was done in it. */
export const seatOf = ({ seat, candidate }: Standing, { candidacy }: Pick<Done, 'candidacy'>): SeatLife =>
  candidate ? seatOfCandidate(candidate.allowance, candidacy?.changes ?? [], candidate.pauses) : seat

/**
 * @param begunAtMs when it was typed, of what was kept in the browser while the server could not be reached
 * @returns undefined when it may be done
 */
export function mayAct(
  standing: Standing,
  done: Done,
  act: NewAct<KnownAct>,
  nowMs: number,
  begunAtMs?: number,
): WhyNot | undefined {
  const { sitting, rules } = standing
  if (ofServer.has(act.act)) return sitting.state === 'erased' ? 'not-open' : undefined
  const seat = seatOf(standing, done)
  if (standing.candidate) {
    if (act.act === 'declined' || act.act === 'time-asked' || eventOfAct(act as KnownAct))
      return mayBecome(standing, seat, act as KnownAct, nowMs)
    // What was written in time, as a file, is put into the log when it is graded.
    const isOver = seatAt(seat, nowMs).endedAtMs !== null || sittingAt(sitting, nowMs).state === 'closing'
    if (isHandedIn(act) && isOver) return undefined
  }
  if (!takesWork(sitting, seat, nowMs, begunAtMs)) {
    if (sittingAt(sitting, nowMs).state !== 'open') return 'not-open'
    return seatAt(seat, nowMs).state === 'on-break' ? 'on-break' : 'over'
  }
  const exam = mockOfAttempt(done, act)
  if (exam) {
    const own = exam.mock && standingOfMock(exam.mock)
    // Of one that was removed its work stays as it was.
    if (!own || (!takesWork(own.sitting, own.seat, nowMs) && !isHandedIn(act))) return 'exam-over'
    if (act.act === 'hinted' && !own.rules.hints) return 'no-hints'
  }
  switch (act.act) {
    case 'hinted':
      return rules.hints ? undefined : 'no-hints'
    case 'opened': {
      const made = done.attempts.filter(
        ({ challengeId, mock }) => act.item === `challenge:${challengeId}` && mock === act.data.mock,
      )
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

/** Whether that may become of the seat of a candidate. */
function mayBecome({ sitting }: Standing, seat: SeatLife, act: KnownAct, nowMs: number): WhyNot | undefined {
  const { state } = sittingAt(sitting, nowMs)
  // Time is given also to somebody whose time was over; nobody begins in a pause.
  if (state !== 'open' && (state !== 'paused' || act.act === 'started')) return 'not-open'
  // To something else, before the start.
  if (act.act === 'consented' && seat.watch === null) return undefined
  const event = eventOfAct(act)
  return event && 'impossible' in onSeat(seat, event, nowMs) ? 'over' : undefined
}

/** The hands-on exam, a sitting of its own, whose task the act is on; undefined in practice. */
function mockOfAttempt(
  { attempts, mocks, dailies = [] }: Done,
  act: NewAct<KnownAct>,
): { mock: Mock | undefined } | undefined {
  if (!('attempt' in act.data) || typeof act.data.attempt !== 'string') return undefined
  const { attempt } = act.data
  const id = act.act === 'opened' ? act.data.mock : attempts.find((one) => one.id === attempt)?.mock
  // A daily incident may be worked on for as long as one likes: only its squares know the time.
  if (id === undefined || dailies.some(({ day }) => day === dayOfDaily(id))) return undefined
  return { mock: mocks.find((one) => one.id === id) }
}

/** A file of answers that was saved in time is put into the log when it is graded, which is after the end. */
const isHandedIn = (act: NewAct<KnownAct>): boolean => act.act === 'ran' && act.data.logged?.command.op === 'answer'
