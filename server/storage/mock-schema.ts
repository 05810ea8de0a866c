/** The form of a mock exam or interview, and of its parts, as they are stored. */
import { z } from 'zod'
import { origin } from './origin.ts'
import type { Mock, MockResult, TaskResult } from './types.ts'

const ms = z.number()
const id = z.string().min(1)
const texts = z.record(z.string(), z.union([z.string(), z.number()]))

export const confidence = z.enum(['sure', 'fairly', 'guess']).nullable()

export const mockResult: z.ZodType<MockResult> = z.discriminatedUnion('verdict', [
  z.object({
    verdict: z.enum(['right', 'partly', 'wrong']),
    score: z.number().min(0).max(1),
    key: z.string().nullable(),
    judged: z.object({ held: z.array(z.boolean()), refused: z.string(), beside: z.string().optional() }).nullable(),
  }),
  z.object({ verdict: z.literal('none'), key: z.string().nullable() }),
  z.object({
    verdict: z.literal('void'),
    why: z.string(),
    refusal: z.object({ text: z.string(), values: texts }).optional(),
  }),
])

const item = z.object({
  questionId: id,
  contentHash: z.string(),
  seed: z.string(),
  group: id,
  given: z.array(z.string()),
  confidence,
  isFlagged: z.boolean(),
  spentMs: ms,
  result: mockResult.nullable(),
})

export const taskResult: z.ZodType<TaskResult> = z.discriminatedUnion('verdict', [
  z.object({
    verdict: z.enum(['right', 'partly', 'wrong']),
    score: z.number().min(0).max(1),
    attempt: id,
    grading: z.int().min(1),
  }),
  z.object({ verdict: z.literal('none') }),
  z.object({ verdict: z.enum(['refused', 'void']), why: z.string(), values: texts }),
])

const task = z.object({
  challengeId: id,
  contentHash: z.string(),
  seed: z.string(),
  group: id,
  isFlagged: z.boolean(),
  result: taskResult.nullable(),
})

/** One but for whose it is. */
export const mockContent = z.object({
  id,
  kind: z.enum(['exam', 'hands-on', 'interview']),
  pool: id,
  mode: z.enum(['training', 'timed', 'exam']),
  seed: z.string(),
  startedAtMs: ms,
  endsAtMs: ms.nullable(),
  handedInAtMs: ms.nullable(),
  clock: z.object({ seenAtMs: ms, usedMs: ms }).optional(),
  current: z.int().min(0),
  origin,
  items: z.array(item),
  tasks: z.array(task).optional(),
})

export const mockSchema: z.ZodType<Mock> = mockContent.extend({ participantId: id })
