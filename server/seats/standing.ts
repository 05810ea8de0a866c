/** How a seat stands in its sitting: whether it is open, what time its person has, and by which rules. Pure. */
import { newSitting, practiceLife, type SittingLife } from '../sittings/life.ts'
import { newWatch } from '../sittings/watch.ts'
import type { Participant, Sitting } from '../storage/types.ts'
import { practiceSeatLife, type SeatLife } from './life.ts'

export type Rules = Sitting['rules']

export interface Standing {
  sitting: SittingLife
  seat: SeatLife
  rules: Rules
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
