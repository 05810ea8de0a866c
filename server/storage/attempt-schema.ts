/** The form of an attempt, and of its parts, as they are stored. */
import { z } from 'zod'
import type { GradeResult, LoggedCommand } from '../../sim/index.ts'
import { origin } from './origin.ts'
import type { Attempt, Grading } from './types.ts'

const ms = z.number()
const id = z.string().min(1)

// Commands and results are written by the simulator and read back by it: their inner form is its own business.
export const loggedCommand = z.custom<LoggedCommand>(
  (value) => typeof value === 'object' && value !== null && 'atMs' in value && 'command' in value,
  'is not a logged command',
)
const gradeResult = z.custom<GradeResult>(
  (value) => typeof value === 'object' && value !== null && 'score' in value && 'tests' in value,
  'is not a result',
)

/** What a grading says of itself, whenever and for whomever it was made. */
export const gradingContent = z.object({
  commands: z.number(),
  clockMs: ms.optional(),
  log: z.array(loggedCommand).optional(),
  result: gradeResult,
  hintsOpened: z.array(z.string()),
  proof: z
    .object({ sha256: z.string(), seed: z.string(), contentHash: z.string(), engineVersion: z.string() })
    .nullable(),
})

const grading: z.ZodType<Grading> = gradingContent.extend({ atMs: ms, origin, verifiedAtMs: ms.optional() })

export const earlierDrafts = z.array(z.object({ file: z.string(), text: z.string(), atMs: ms }))

/** An attempt but for whose it is, and what of. */
export const attemptContent = z.object({
  id,
  engineVersion: z.string(),
  contentHash: z.string(),
  seed: z.string(),
  createdAtMs: ms,
  updatedAtMs: ms,
  log: z.array(loggedCommand),
  clockMs: ms,
  drafts: z.record(z.string(), z.string()),
  earlierDrafts,
  hintsOpened: z.array(z.string()),
  gradings: z.array(grading),
  state: z.enum(['open', 'closed']),
  before: z
    .object({
      ...{ log: z.array(loggedCommand), clockMs: ms },
      rewound: z.object({ by: z.string(), toMs: ms.nullable() }).optional(),
    })
    .optional(),
  mock: id.optional(),
  origin,
})

export const attemptSchema: z.ZodType<Attempt> = attemptContent.extend({
  participantId: id,
  sittingId: id,
  challengeId: id,
})
