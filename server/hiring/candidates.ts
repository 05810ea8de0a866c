/** How the candidates of an exercise stand, without who they are. */
import { createHash } from 'node:crypto'
import type { Journals, Work } from '../journal/journals.ts'
import { seatOf } from '../journal/may-act.ts'
import { type SeatLife, seatAt, timeLeftMs } from '../seats/life.ts'
import { standingInExercise } from '../seats/standing.ts'
import type { OnUnreadable, Participant, Storage } from '../storage/types.ts'
import type { Course } from './exercise.ts'
import type { Exercise, Exercises } from './exercises.ts'

/** A seat that somebody was invited to. */
export type Candidate = Participant & { candidate: NonNullable<Participant['candidate']> }

export const isCandidate = (person: Participant): person is Candidate => person.candidate !== undefined

export type CandidateState =
  | 'invited'
  | 'expired'
  | 'revoked'
  | 'declined'
  | 'agreed'
  | 'started'
  | 'on-break'
  | 'handed-in'
  | 'timed-out'
  /** Some of what they did waits for repair: whether they have begun or handed in is not known. */
  | 'unreadable'

export interface CandidateStanding {
  seat: Candidate
  state: CandidateState
  life: SeatLife
  work: Work
  /** When they handed in, their time was over or the exercise was closed, whichever came first; null before. */
  endedAtMs: number | null
  /** Null before the start and after the end. */
  leftMs: number | null
}

/** How one stands. Pure. */
export function standingOf(
  exercise: Exercise,
  seat: Candidate,
  course: Course,
  work: Work,
  nowMs: number,
): CandidateStanding {
  const life = seatAt(seatOf(standingInExercise(exercise, seat, course), work), nowMs)
  if (work.unreadable.length > 0) return { seat, life, work, state: 'unreadable', leftMs: null, endedAtMs: null }
  const state = stateOf(seat, life, work, course, nowMs)
  const ends = [life.endedAtMs, course.life.closingAtMs].filter((atMs) => atMs !== null)
  return {
    ...{ seat, life, work, state, leftMs: timeLeftMs(course.life, life, nowMs) },
    endedAtMs: isOver(state) ? Math.min(...ends) : null,
  }
}

function stateOf({ candidate }: Candidate, life: SeatLife, work: Work, course: Course, nowMs: number): CandidateState {
  const isClosed = ['closing', 'closed', 'archived'].includes(course.life.state)
  switch (life.state) {
    case 'started':
    case 'on-break':
      // The exercise was closed: all is handed in as it was left.
      return isClosed ? 'timed-out' : life.state
    case 'timed-out':
      return 'timed-out'
    case 'submitted':
    case 'graded':
    case 'reviewed':
    case 'released':
      return 'handed-in'
    default:
      if (candidate.revokedAtMs !== null) return 'revoked'
      if (work.candidacy?.declinedAtMs !== undefined) return 'declined'
      if (candidate.untilMs <= nowMs || isClosed) return 'expired'
      return life.state === 'joined' || life.state === 'invited' ? 'invited' : 'agreed'
  }
}

/** They have handed in, or their time is over. */
export const isOver = (state: CandidateState): boolean => state === 'handed-in' || state === 'timed-out'

export interface CandidateDeps {
  storage: Pick<Storage, 'participants'>
  journals: Pick<Journals, 'work'>
  exercises: Pick<Exercises, 'course'>
  now(): number
}

/**
 * All candidates of an exercise, in the order in which they were invited.
 * @param onUnreadable is told of seats that are damaged, and left out; and of each candidate of whom some of what they did is
 * @throws DocumentUnreadable for what is damaged of the exercise itself, and of a seat unless somebody is told
 */
export async function candidatesOf(
  deps: CandidateDeps,
  exercise: Exercise,
  onUnreadable?: OnUnreadable,
): Promise<CandidateStanding[]> {
  const course = await deps.exercises.course(exercise.id)
  const people = (await deps.storage.participants.listOf(exercise.id, onUnreadable)).filter(isCandidate)
  const found = await Promise.all(
    people.map(async (seat) => {
      const work = await deps.journals.work({ sittingId: exercise.id, participantId: seat.id })
      if (work.unreadable[0]) onUnreadable?.(work.unreadable[0])
      return standingOf(exercise, seat, course, work, deps.now())
    }),
  )
  return found.sort((a, b) => a.seat.joinedAtMs - b.seat.joinedAtMs || (a.seat.id < b.seat.id ? -1 : 1))
}

/**
 * How one candidate stands, for who tells it to others. @returns undefined when there is no such candidate
 * @throws DocumentUnreadable when their seat or some of what they did is damaged
 */
export async function candidateOf(
  deps: CandidateDeps,
  exercise: Exercise,
  id: string,
): Promise<CandidateStanding | undefined> {
  const seat = await deps.storage.participants.find(exercise.id, id)
  if (!seat || !isCandidate(seat)) return undefined
  const course = await deps.exercises.course(exercise.id)
  const work = await deps.journals.work({ sittingId: exercise.id, participantId: id })
  if (work.unreadable[0]) throw work.unreadable[0]
  return standingOf(exercise, seat, course, work, deps.now())
}

/** What of an address names a candidate: the end of their blind name. */
export const numberOf = ({ candidate }: Candidate): string => candidate.blindName.split(' ').at(-1)!.toLowerCase()

/**
 * What the audit log names a candidate by: told from others as long as their seat is there, and nobody's once it is erased, since the seed of the
 * seat goes with it.
 */
export const recordOf = ({ id, seed }: Pick<Candidate, 'id' | 'seed'>): string =>
  createHash('sha256').update(`podium/audit/1 ${id} ${seed}`).digest('hex').slice(0, 24)

/** How many have come how far. */
export interface Funnel {
  invited: number
  started: number
  handedIn: number
  scored: number
  /** Their invitations ran out before they began. */
  expired: number
  /** Of them all, those whose work is gone. */
  erased: number
  /** Handed in long ago, and not scored. */
  overdue: number
}

/** A review is due so long after somebody has handed in. */
export const reviewDueMs = 5 * 24 * 3_600_000

/** Those who were erased are counted on. */
export function funnelOf(
  candidates: readonly CandidateStanding[],
  { scored, erased }: Pick<Course, 'scored' | 'erased'>,
  nowMs: number,
): Funnel {
  const all = [
    ...candidates.map(({ seat, state }) => ({ state: state as string, isScored: scored.has(seat.id) })),
    ...erased.values(),
  ]
  const isIn = (state: string) => state === 'handed-in' || state === 'timed-out'
  const count = (of: (one: (typeof all)[number]) => boolean) => all.filter(of).length
  return {
    invited: all.length,
    started: count(({ state }) => isIn(state) || state === 'started' || state === 'on-break'),
    handedIn: count(({ state }) => isIn(state)),
    scored: count(({ isScored }) => isScored),
    expired: count(({ state }) => state === 'expired'),
    erased: erased.size,
    overdue: candidates.filter(
      ({ seat, state, endedAtMs }) => isIn(state) && !scored.has(seat.id) && nowMs - (endedAtMs ?? nowMs) > reviewDueMs,
    ).length,
  }
}
