/**
 * The forms of what may stand in a file, read strictly: whoever brings one is not trusted. Each text, list and number has its bound, and
 * moments are of the past.
 */
import { z } from 'zod'
import { commandSchema, faultSchema, fileContent, loggedCommandSchema } from '../../sim/forms.ts'
import type { CommandResult, GradeResult } from '../../sim/index.ts'
import { clusterShape } from '../catalog/schemas.ts'
import { t } from '../i18n/translate.ts'
import { mostEarlierDrafts } from '../storage/earlier-drafts.ts'
import type { Answer, Attempt, Grading, Mock, MockResult, StudyBook, TaskResult } from '../storage/types.ts'
import type { KeptSandbox } from './belongings.ts'

export const most = {
  answers: 50_000,
  acts: 200_000,
  attempts: 2000,
  gradings: 500,
  mocks: 500,
  marks: 5000,
  /** Characters of a file. */
  draft: 300_000,
  dailies: 4000,
  handIns: 500,
  sandboxes: 100,
  commands: 100_000,
}
const dayMs = 24 * 3_600_000
/** No sandbox and no challenge gets as far. */
const longestMs = 400 * dayMs

export const text = (length: number) =>
  z.string().max(length, { error: () => t('must have {n} characters or fewer', { n: length }) })
/** As this site draws them; an answer of a mock exam's is the exam's with the question's place. */
const notAnId = { error: () => t('must be 18 digits of 0 to f') }
export const id = z.string().regex(/^[a-f0-9]{18}$/, notAnId)
export const answerId = z.string().regex(/^[a-f0-9]{18}(-\d{1,3})?$/, notAnId)
const contentId = z
  .string()
  .regex(/^[a-z0-9-]{1,80}(\/[a-z0-9-]{1,80})?$/, { error: () => t('must be the id of a piece of content') })
export const item = z.string().regex(/^(lesson|question|challenge|track):[a-z0-9-]{1,80}(\/[a-z0-9-]{1,80})?$/, {
  error: () => t('must name a lesson, question, challenge or track'),
})
export const mark = text(200)
export const share = z.number().min(0).max(1)
export const virtualMs = z.number().min(0).max(longestMs)
export const spanMs = z.number().min(0).max(longestMs)
export const count = z.int().min(0).max(1_000_000)
export const confidence = z.enum(['sure', 'fairly', 'guess']).nullable()
export const given = z.array(text(300_000)).max(200)

const status = z.enum(['pass', 'fail', 'error', 'skipped'])
const points = z.number().min(0).max(10_000)
/** Nobody earns more than there is. */
const isEarned = ({ points, maxPoints }: { points: number; maxPoints: number }): boolean => points <= maxPoints
const tooManyPoints = { path: ['points'], error: () => t('must not be more than can be earned') }
const tested = z
  .looseObject({
    id: mark,
    title: text(2000),
    status,
    points,
    maxPoints: points,
    criteria: z
      .array(
        z
          .object({
            ...{ id: mark, title: text(2000), status, points, maxPoints: points },
            ...{ actual: z.string().optional(), expected: z.string().optional() },
          })
          .refine(isEarned, tooManyPoints),
      )
      .max(200),
    message: z.string(),
    actual: z.string().optional(),
    expected: z.string().optional(),
    why: z.string().optional(),
    cause: z.array(z.string()).max(200),
    causeSinceMs: z.array(z.number().min(0).nullable()).max(200).optional(),
    causes: z.array(z.string()).max(200),
    firstFailAtMs: z.number().optional(),
    firstPassAtMs: z.number().optional(),
    hidden: z.boolean().optional(),
    course: z
      .looseObject({
        fromMs: virtualMs,
        endMs: virtualMs,
        spans: z.array(z.object({ fromMs: virtualMs, holds: z.boolean() })).max(10_000),
        deciding: z.object({ fromMs: virtualMs, toMs: virtualMs }),
        isTriedAtEnd: z.literal(true).optional(),
        faults: z.array(faultSchema).max(100).optional(),
        isChangedByOthers: z.literal(true).optional(),
      })
      .optional(),
  })
  .refine(isEarned, tooManyPoints)
const fileSet = z.record(text(4096), fileContent)

const commandResult: z.ZodType<CommandResult> = z.object({
  atMs: z.number(),
  doneMs: z.number(),
  exit: z.number(),
  stdout: z.string(),
  stderr: z.string(),
  prompt: z.string().optional(),
  files: z.object({ used: fileSet, written: z.record(text(4096), fileContent.nullable()) }).optional(),
})

const gradeResult = z
  .looseObject({
    gradable: z.boolean(),
    problem: z.string().optional(),
    score: points,
    maxScore: points,
    passed: z.boolean(),
    seed: mark,
    params: z.record(mark, z.union([z.string(), z.number()])),
    engineVersion: mark,
    graderVersion: mark.optional(),
    contentHash: mark,
    virtualMs,
    wallMs: z.number().min(0),
    stateHash: mark,
    tests: z.array(tested).max(500),
    gates: z.array(tested).max(500),
    commands: z.array(commandResult).max(most.commands),
    notSimulated: z.array(z.string()).max(1000),
    otherVariants: z.int().min(0).max(10).optional(),
  })
  .refine(({ score, maxScore }) => score <= maxScore, {
    path: ['score'],
    error: () => t('must not be more than can be earned'),
  }) as unknown as z.ZodType<GradeResult>

/** Faults are given by whoever leads a workshop, never by a file: one that helps would be a way to a grade. */
export const ownLogged = loggedCommandSchema.refine(({ command }) => command.op !== 'fault' || !command.given, {
  path: ['command', 'given'],
  error: () => t('must not be there: only the instructor of a workshop can give a fault'),
})

export const log = z
  .array(ownLogged)
  .max(most.commands)
  .superRefine((commands, context) => {
    const place = commands.findIndex(({ atMs }, n) => n > 0 && atMs < commands[n - 1]!.atMs)
    if (place >= 0)
      context.addIssue({ code: 'custom', path: [place, 'atMs'], message: t('must not be before the command above it') })
  })

/** Whoever reads a file in is the one whose it will be. */
const nobody = z.literal('').catch('')

/** Those that hold moments. They are of the past: what is planned from them would wait for ever. */
export function formsAt(nowMs: number) {
  const atMs = z
    .number()
    .min(0)
    .max(nowMs + dayMs, { error: () => t('must not be in the future') })
  const origin = z.object({ from: z.enum(['learner', 'elsewhere']), atMs }).optional()
  const answer: z.ZodType<Answer> = z.object({
    id: answerId,
    questionId: contentId,
    contentHash: mark,
    seed: mark,
    given,
    confidence,
    score: share,
    verdict: z.enum(['right', 'partly', 'wrong']),
    topics: z.array(mark).max(50),
    tookMs: spanMs.nullable().default(null),
    atMs,
    origin,
  })
  const studyBook: z.ZodType<StudyBook> = z.object({
    read: z.array(z.object({ item, atMs })).max(most.marks),
    bookmarks: z.array(z.object({ item, atMs })).max(most.marks),
    notes: z.array(z.object({ item, text: text(100_000), atMs })).max(most.marks),
  })
  const gradingContent = z.object({
    commands: count,
    clockMs: virtualMs.optional(),
    log: log.optional(),
    result: gradeResult,
    hintsOpened: z.array(mark).max(500),
    proof: z.object({ sha256: mark, seed: mark, contentHash: mark, engineVersion: mark }).nullable().default(null),
  })
  const grading: z.ZodType<Grading> = gradingContent.extend({ atMs, origin, verifiedAtMs: atMs.optional() })
  /** But for whose it is, and what of. */
  const attemptContent = z.object({
    id,
    contentHash: mark,
    engineVersion: mark,
    seed: mark,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    log,
    clockMs: virtualMs,
    drafts: z.record(mark, text(300_000)),
    earlierDrafts: z
      .array(z.object({ file: mark, text: text(300_000), atMs }))
      .max(mostEarlierDrafts)
      .default([]),
    hintsOpened: z.array(mark).max(500),
    gradings: z.array(grading).max(most.gradings),
    state: z.enum(['open', 'closed']),
    before: z
      .object({
        ...{ log: log, clockMs: virtualMs },
        rewound: z.object({ by: mark, toMs: virtualMs.nullable() }).optional(),
      })
      .optional(),
    mock: id.optional(),
    origin,
  })
  const attempt: z.ZodType<Attempt> = attemptContent.extend({
    ...{ participantId: nobody, sittingId: nobody },
    challengeId: contentId,
  })
  const result: z.ZodType<MockResult> = z.discriminatedUnion('verdict', [
    z.object({
      verdict: z.enum(['right', 'partly', 'wrong']),
      score: share,
      key: z.string().nullable(),
      judged: z.object({ held: z.array(z.boolean()).max(200), refused: z.string() }).nullable(),
    }),
    z.object({ verdict: z.literal('none'), key: z.string().nullable() }),
    z.object({
      verdict: z.literal('void'),
      why: z.string(),
      refusal: z
        .object({ text: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })
        .optional(),
    }),
  ])
  const taskResult: z.ZodType<TaskResult> = z.discriminatedUnion('verdict', [
    z.object({
      verdict: z.enum(['right', 'partly', 'wrong']),
      score: share,
      attempt: id,
      grading: z.int().min(1).max(most.gradings),
    }),
    z.object({ verdict: z.literal('none') }),
    z.object({
      verdict: z.enum(['refused', 'void']),
      why: z.string(),
      values: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ])
  /** But for whose it is. */
  const mockContent = z
    .object({
      id,
      kind: z.enum(['exam', 'hands-on', 'interview']),
      pool: mark,
      mode: z.enum(['training', 'timed', 'exam']),
      seed: mark,
      startedAtMs: atMs,
      endsAtMs: z
        .number()
        .min(0)
        .max(nowMs + 2 * dayMs, { error: () => t('must not be in the future') })
        .nullable(),
      handedInAtMs: atMs.nullable(),
      clock: z.object({ seenAtMs: atMs, usedMs: spanMs }).optional(),
      current: count,
      items: z
        .array(
          z.object({
            questionId: contentId,
            contentHash: mark,
            seed: mark,
            group: mark,
            given,
            confidence,
            isFlagged: z.boolean(),
            spentMs: spanMs,
            result: result.nullable(),
          }),
        )
        .max(200),
      tasks: z
        .array(
          z.object({
            challengeId: contentId,
            contentHash: mark,
            seed: mark,
            group: mark,
            isFlagged: z.boolean(),
            result: taskResult.nullable(),
          }),
        )
        .max(60)
        .optional(),
      origin,
    })
    .superRefine(({ kind, items, tasks }, context) => {
      const isTasks = kind === 'hands-on'
      if (isTasks ? !tasks?.length || items.length > 0 : tasks || items.length === 0)
        context.addIssue({
          code: 'custom',
          path: [isTasks ? 'tasks' : 'items'],
          message: t('must contain the items that were asked'),
        })
    })
    .superRefine(({ startedAtMs, endsAtMs }, context) => {
      const message = t('must be within a day after the start')
      if (endsAtMs !== null && (endsAtMs < startedAtMs || endsAtMs > startedAtMs + dayMs))
        context.addIssue({ code: 'custom', path: ['endsAtMs'], message })
    })
  const mock: z.ZodType<Mock> = mockContent.and(z.object({ participantId: nobody }))
  const sandbox: z.ZodType<KeptSandbox> = z
    .object({
      id,
      name: text(200).min(1),
      createdAtMs: atMs,
      lastUsedAtMs: atMs,
      engineVersion: mark.default(''),
      options: z.object({
        seed: mark,
        shape: clusterShape,
        startEpochMs: z
          .number()
          .min(0)
          .max(nowMs + 100 * 365 * dayMs),
        setup: z.object({ commands: z.array(commandSchema).max(1000), settleMs: virtualMs }).optional(),
      }),
      log,
      virtualMs: virtualMs.default(0),
      terminal: z
        .object({ files: fileSet, history: z.array(text(10_000)).max(10_000), uploads: fileSet.optional() })
        .nullable()
        .default(null),
    })
    .transform((copy) => ({ ...copy, virtualMs: Math.max(copy.virtualMs, Math.ceil(copy.log.at(-1)?.atMs ?? 0)) }))
  return {
    atMs,
    origin,
    answer,
    studyBook,
    gradingContent,
    attempt,
    attemptContent,
    result,
    taskResult,
    mock,
    mockContent,
    sandbox,
  }
}
