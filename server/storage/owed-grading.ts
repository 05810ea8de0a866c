/** What was handed in and waits to be graded. */
import { z } from 'zod'
import type { Seat } from '../seat.ts'
import { loggedCommand } from './attempt-schema.ts'
import type { JobKind } from './jobs.ts'
import type { Attempt } from './types.ts'

/** Exactly what is graded, whatever becomes of the attempt meanwhile. */
export interface OwedGrading {
  seat: Seat
  challengeId: string
  contentHash: string
  attemptId: string
  seed: string
  log: Attempt['log']
  /** Where the attempt's clock stood; those from before that was kept lack it. */
  clockMs?: number
  hintsOpened: string[]
  /** How many gradings the attempt had by then. */
  before: number
}

export const owedGradingKind: JobKind<OwedGrading> = {
  name: 'gradings-owed',
  version: 1,
  upgrades: [],
  payload: z.object({
    seat: z.object({ sittingId: z.string(), participantId: z.string(), learnerId: z.string(), seed: z.string() }),
    ...{ challengeId: z.string(), contentHash: z.string(), attemptId: z.string(), seed: z.string() },
    log: z.array(loggedCommand),
    clockMs: z.number().optional(),
    hintsOpened: z.array(z.string()),
    before: z.int(),
  }),
}
