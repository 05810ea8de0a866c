/** How a seat stands in its sitting: whether it is open, what time its person has, and by which rules. Pure. */
import { newSitting, practiceLife, type SittingLife } from '../sittings/life.ts'
import type { Allowance } from '../sittings/watch.ts'
import { newWatch } from '../sittings/watch.ts'
import type { Participant, Sitting } from '../storage/types.ts'
import type { Pause } from './candidate-life.ts'
import { newSeat, practiceSeatLife, type SeatLife } from './life.ts'

export type Rules = Sitting['rules']

export interface Standing {
  sitting: SittingLife
  seat: SeatLife
  rules: Rules
  /** Of a candidate: of these and of what they did is folded how the seat stands. */
  candidate?: { allowance: Allowance | null; pauses: readonly Pause[] }
}

/** In their own practice a learner has every help and all the time. */
export const rulesOfPractice: Rules = {
  wrongPicksCancel: false,
  showSolutions: 'at once',
  maxAttempts: null,
  hints: true,
  hiddenSeeds: 0,
}

/** One's own practice: always open, and nothing is counted. */
export const practiceStanding: Standing = { sitting: practiceLife, seat: practiceSeatLife, rules: rulesOfPractice }

/**
 * Of a seat as it is stored. The sitting opens and closes by its clock; its person's time runs from their own start.
 * @param life of a sitting that somebody opens and closes
 */
export function standingOf({ clock, rules }: Sitting, participant: Participant, life?: SittingLife): Standing {
  const { opensAtMs, closesAtMs, durationMs } = clock
  const { startedAtMs, finishedAtMs, timeMultiplier } = participant
  const watch = startedAtMs === null ? null : newWatch(startedAtMs)
  return {
    sitting: life ?? { ...newSitting, state: opensAtMs === null ? 'open' : 'scheduled', opensAtMs, closesAtMs },
    seat: {
      state: finishedAtMs !== null ? 'submitted' : startedAtMs !== null ? 'started' : 'joined',
      allowance: durationMs === null ? null : { baseMs: durationMs, multiplier: timeMultiplier, creditsMs: 0 },
      watch,
      endedAtMs: finishedAtMs,
    },
    rules,
  }
}

/** Of a seat in a hiring exercise: a candidate, or somebody who tries the workspace out and has all the time. */
export function standingInExercise(
  { clock, rules }: Sitting,
  { candidate, timeMultiplier }: Participant,
  { life, pauses }: { life: SittingLife; pauses: readonly Pause[] },
): Standing {
  if (!candidate) return { sitting: life, seat: practiceSeatLife, rules }
  const { durationMs } = clock
  const allowance = durationMs === null ? null : { baseMs: durationMs, multiplier: timeMultiplier, creditsMs: 0 }
  return { sitting: life, seat: newSeat(allowance, 'joined'), rules, candidate: { allowance, pauses } }
}
