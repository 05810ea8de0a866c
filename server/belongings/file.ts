/** The file of one's data: what `/progress/export` gives, and what is read back in from it. Whoever brings one is not trusted. */
import { z } from 'zod'
import { commandSchema, faultSchema, fileContent, loggedCommandSchema } from '../../sim/forms.ts'
import type { CommandResult, GradeResult } from '../../sim/index.ts'
import { clusterShape } from '../catalog/schemas.ts'
import { t } from '../i18n/translate.ts'
import type { Seat } from '../seat.ts'
import { mostEarlierDrafts } from '../storage/earlier-drafts.ts'
import { shownResult } from '../storage/shown-result.ts'
import type { Answer, Attempt, Mock, StudyBook } from '../storage/types.ts'
import { type Belongings, type KeptSandbox, ownedBy } from './belongings.ts'
import { nestsDeeperThan } from './json-depth.ts'
import { type Maker, makerOf, signatureOf } from './signature.ts'

/** Of the file's form: 1 had no number, and sandboxes without clock and terminal; 2 no signature, proofs and origins. */
const version = 3

/**
 * @param facts of the learner, for who reads the file: they are not read back in
 * @param sign left out, the file is nobody's in particular
 */
export function writeFile(belongings: Belongings, facts: object, sign?: { maker: Maker; key: string }): string {
  const attempts = belongings.attempts.map((attempt) => ({
    ...attempt,
    gradings: attempt.gradings.map((grading) => ({ ...grading, result: shownResult(grading.result) })),
  }))
  const file = { podium: 'data', version, ...facts, ...belongings, attempts }
  const signature = sign && signatureOf(file, sign.maker, sign.key)
  return JSON.stringify({ ...file, ...(signature ? { signature } : {}) }, null, 2)
}

export interface Problem {
  /** `answers[3].score`, or empty for the whole file. */
  at: string
  what: string
}

/** What a file holds, or the first problems with it and how many there are. */
export type FileRead = { belongings: Belongings; maker: Maker | null } | { problems: Problem[]; count: number }

/** In the owner's practice. The maker is who this server signed the file for, if it did. @param key of the signatures */
export function readFile(text: string, owner: Seat, nowMs: number, key: string): FileRead {
  let data: unknown
  // The parser goes down as deep as the text does.
  if (nestsDeeperThan(text, mostLevels))
    return {
      problems: [{ at: '', what: t('nests deeper than {most} levels', { most: mostLevels }) }],
      count: 1,
    }
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return {
      problems: [{ at: '', what: t('is no JSON: {why}', { why: placeOf(String((error as Error).message), text) }) }],
      count: 1,
    }
  }
  const read = fileSchema(nowMs).safeParse(data, { error: words })
  if (read.success) {
    const { answers, studyBook, attempts, mocks, sandboxes } = read.data
    const belongings = ownedBy({ answers, studyBook, attempts, mocks, sandboxes }, owner)
    return { belongings, maker: makerOf(data, key) }
  }
  const problems = read.error.issues.map(({ path, message }) => ({ at: printPath(path), what: message }))
  return { problems: problems.slice(0, mostProblems), count: problems.length }
}

const mostProblems = 12
/** Objects of a cluster stand in it, which nest by a few dozen levels. */
const mostLevels = 500

/** What is wrong, where a schema below says nothing of its own. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? t('is missing')
        : t('must be of the type {type}', { type: String(issue.expected) })
    case 'invalid_value':
      return t('must be one of {values}', { values: issue.values.map((value) => JSON.stringify(value)).join(', ') })
    case 'too_big':
      return t('must be {most} or less', { most: String(issue.maximum) })
    case 'too_small':
      return t('must be {least} or more', { least: String(issue.minimum) })
    case 'unrecognized_keys':
      return t('has what there is no such thing as: {keys}', { keys: issue.keys.join(', ') })
    case 'invalid_union':
      return t('is none of the forms that it can have')
    default:
      return undefined
  }
}

/** As the parser says it: with the text around the place, or with the line where it tells a position. */
function placeOf(message: string, text: string): string {
  const end = Number(/at position (\d+)/.exec(message)?.[1] ?? 0)
  if (end >= text.length || /end of JSON input|Unterminated string/.test(message))
    return t('it ends too early. Was it downloaded in full?')
  return message.replace(/at position (\d+)( \(line .*\))?/, (_all, position) => {
    const before = text.slice(0, Number(position)).split('\n')
    return `at line ${before.length}, column ${before.at(-1)!.length + 1}`
  })
}

const printPath = (path: readonly PropertyKey[]): string =>
  path.map((part, n) => (typeof part === 'number' ? `[${part}]` : `${n === 0 ? '' : '.'}${String(part)}`)).join('')

// ---------- what may stand in it ----------

const most = {
  answers: 50_000,
  attempts: 2000,
  gradings: 500,
  mocks: 500,
  marks: 5000,
  sandboxes: 100,
  commands: 100_000,
}
const dayMs = 24 * 3_600_000
/** No sandbox and no challenge gets as far. */
const longestMs = 400 * dayMs

const text = (length: number) =>
  z.string().max(length, { error: () => t('must have {n} characters or fewer', { n: length }) })
/** As this site draws them; an answer of a mock exam's is the exam's with the question's place. */
const notAnId = { error: () => t('must be 18 digits of 0 to f') }
const id = z.string().regex(/^[a-f0-9]{18}$/, notAnId)
const answerId = z.string().regex(/^[a-f0-9]{18}(-\d{1,3})?$/, notAnId)
const contentId = z
  .string()
  .regex(/^[a-z0-9-]{1,80}(\/[a-z0-9-]{1,80})?$/, { error: () => t('must be the id of a piece of content') })
const item = z.string().regex(/^(lesson|question|challenge):[a-z0-9-]{1,80}(\/[a-z0-9-]{1,80})?$/, {
  error: () => t('must name a lesson, question or challenge'),
})
const mark = text(200)
const share = z.number().min(0).max(1)
const virtualMs = z.number().min(0).max(longestMs)
const spanMs = z.number().min(0).max(longestMs)
const count = z.int().min(0).max(1_000_000)
const confidence = z.enum(['sure', 'fairly', 'guess']).nullable()
const given = z.array(text(300_000)).max(200)

const status = z.enum(['pass', 'fail', 'error', 'skipped'])
const points = z.number().min(0).max(10_000)
/** Nobody earns more than there is. */
const isEarned = ({ points, maxPoints }: { points: number; maxPoints: number }): boolean => points <= maxPoints
const tooManyPoints = { path: ['points'], error: () => t('must not be more than there is to earn') }
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
    error: () => t('must not be more than there is to earn'),
  }) as unknown as z.ZodType<GradeResult>

const log = z
  .array(loggedCommandSchema)
  .max(most.commands)
  .superRefine((commands, context) => {
    const place = commands.findIndex(({ atMs }, n) => n > 0 && atMs < commands[n - 1]!.atMs)
    if (place >= 0)
      context.addIssue({ code: 'custom', path: [place, 'atMs'], message: t('must not be before the command above it') })
  })

/** Moments are of the past: what is planned from them would wait for ever. */
function fileSchema(nowMs: number): z.ZodType<Belongings> {
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
  const grading = z.object({
    atMs,
    commands: count,
    log: log.optional(),
    result: gradeResult,
    hintsOpened: z.array(mark).max(500),
    proof: z.object({ sha256: mark, seed: mark, contentHash: mark, engineVersion: mark }).nullable().default(null),
    origin,
    verifiedAtMs: atMs.optional(),
  })
  const attempt: z.ZodType<Attempt> = z.object({
    ...{ id, participantId: z.literal('').catch(''), sittingId: z.literal('').catch('') },
    challengeId: contentId,
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
    origin,
  })
  const result = z.discriminatedUnion('verdict', [
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
  const mock: z.ZodType<Mock> = z
    .object({
      ...{ id, participantId: z.literal('').catch('') },
      kind: z.enum(['exam', 'interview']),
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
        .min(1)
        .max(200),
      origin,
    })
    .superRefine(({ startedAtMs, endsAtMs }, context) => {
      const message = t('must be within a day after the start')
      if (endsAtMs !== null && (endsAtMs < startedAtMs || endsAtMs > startedAtMs + dayMs))
        context.addIssue({ code: 'custom', path: ['endsAtMs'], message })
    })
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
  return z.object({
    podium: z.literal('data', { error: () => t('must be "data": is this a file of Podium’s?') }).default('data'),
    version: z
      .int()
      .min(1)
      .max(version, { error: () => t('is of a newer Podium than this one, which reads up to {version}', { version }) })
      .default(1),
    answers: z.array(answer).max(most.answers),
    studyBook: studyBook.default({ read: [], bookmarks: [], notes: [] }),
    attempts: z.array(attempt).max(most.attempts),
    mocks: z.array(mock).max(most.mocks).default([]),
    sandboxes: z.array(sandbox).max(most.sandboxes).default([]),
  })
}
