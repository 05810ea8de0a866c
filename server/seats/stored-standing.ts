/** How seats stand, as it is stored. */
import { practiceSeat, type SeatId } from '../seat.ts'
import { newSitting, type SittingLife } from '../sittings/life.ts'
import type { Storage } from '../storage/types.ts'
import type { Pause } from './candidate-life.ts'
import { newSeat } from './life.ts'
import { practiceStanding, rulesOfPractice, type Standing, standingInExercise, standingOf } from './standing.ts'

/** Of a sitting or a person in it that is not there (any more): nothing is taken. */
const gone: Standing = {
  sitting: { ...newSitting, state: 'erased' },
  seat: newSeat(null),
  rules: rulesOfPractice,
}

/** How a sitting that has a room stands for one of its seats. */
export type StandingInRoom = (seat: SeatId) => Promise<{ life: SittingLife; isRemoved: boolean }>

/** How a hiring exercise goes, by the sitting's id. */
export type CourseOfExercise = (sittingId: string) => Promise<{ life: SittingLife; pauses: readonly Pause[] }>

/** Looks up how a seat stands. One's own practice needs no look: it is always open. */
export function createStandings(
  storage: Pick<Storage, 'sittings' | 'participants'>,
  inRoom?: StandingInRoom,
  courseOfExercise?: CourseOfExercise,
) {
  return async (seat: SeatId): Promise<Standing> => {
    const { sittingId, participantId } = seat
    if (sittingId === practiceSeat(participantId).sittingId) return practiceStanding
    const sitting = await storage.sittings.find(sittingId)
    const participant = await storage.participants.find(sittingId, participantId)
    if (!sitting || !participant) return gone
    if (sitting.exercise && courseOfExercise)
      return standingInExercise(sitting, participant, await courseOfExercise(sittingId))
    const room = sitting.room && (await inRoom?.(seat))
    // Who was taken out keeps what they have done.
    const person = room?.isRemoved ? { ...participant, finishedAtMs: 0 } : participant
    return standingOf(sitting, person, room?.life)
  }
}
