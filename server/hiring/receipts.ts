/**
 * Receipts: what was graded, so that anybody who has the content can compute the grade again. The same work gives the same bytes. A receipt is
 * signed by the server's key, whose public half stands in it; whoever knows that half knows that the server gave the receipt.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import type { GradeResult, LoggedCommand } from '../../sim/index.ts'
import { msg } from '../i18n/translate.ts'
import { loggedCommand } from '../storage/attempt-schema.ts'
import { canonical } from '../storage/canonical.ts'
import { graderOf, hashLog } from '../storage/evidence.ts'

/** What was handed in of a challenge, and what came of it. */
export interface GradedChallenge {
  /** `challenge:crash-loop` */
  task: string
  /** Of the variant that was worked on. */
  seed: string
  /** Of the further variants that it was graded on. Whoever can still work on the task must not see them. */
  hiddenSeeds: readonly string[]
  log: readonly LoggedCommand[]
  result: GradeResult
  /** What `result.contentHash` is the hash of. */
  files: Readonly<Record<string, string>>
}

/** What was answered to a question, and what came of it. */
export interface AnsweredQuestion {
  /** `question:pod/probes` */
  task: string
  /** Of the variant. */
  seed: string
  given: readonly string[]
  /** By which rules it was scored. */
  wrongPicksCancel: boolean
  contentHash: string
  /** Of the simulator that had a part in it. */
  engineVersion: string
  judged: JudgedAnswer
}

export interface JudgedAnswer {
  verdict: 'right' | 'partly' | 'wrong'
  /** 0 to 1. */
  score: number
}

export type GradedTask = GradedChallenge | AnsweredQuestion

export interface ReceiptOptions {
  /** Whose it is and of what, in words that may be shown to whoever sees the receipt. */
  about: Readonly<Record<string, string>>
  /** The content stands in it, checks included: for reviewers. Otherwise it is named by its hash. */
  hasContent: boolean
  /** The points stand in it. Without them it says no more of the grade than that it is the one that is computed from the work. */
  hasPoints: boolean
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hex64 = z.string().regex(/^[0-9a-f]{64}$/)

const sharedFields = {
  seed: z.string().max(200),
  contentHash: z.string().regex(/^[0-9a-f]{16}$/),
  engine: z.string().max(40),
}

const challengeSchema = z.strictObject({
  task: z.string().regex(/^challenge:[a-z0-9][a-z0-9-]{0,80}$/),
  ...sharedFields,
  hiddenSeeds: z.array(z.string().max(200)).max(10),
  grader: z.string().max(40),
  logSha256: hex64,
  log: z.array(loggedCommand),
  grade: z.strictObject({
    /** Of all that the grader says. */
    sha256: hex64,
    /** Of the run. */
    stateHash: z.string().max(80),
    points: z.strictObject({ score: z.number(), maxScore: z.number(), passed: z.boolean() }).optional(),
  }),
  content: z.record(z.string(), z.string()).optional(),
})

const questionSchema = z.strictObject({
  task: z.string().regex(/^question:[a-z0-9-]{1,60}\/[a-z0-9-]{1,80}$/),
  ...sharedFields,
  given: z.array(z.string()).max(200),
  wrongPicksCancel: z.boolean(),
  /**
   * Only together with the points: there are so few verdicts that whoever had the hash of one would know it. The text of a question does not
   * stand in a receipt.
   */
  judged: z.strictObject({ verdict: z.enum(['right', 'partly', 'wrong']), score: z.number().min(0).max(1) }).optional(),
})

const receiptSchema = z.strictObject({
  podiumReceipt: z.literal(1),
  about: z.record(z.string(), z.string()),
  tasks: z
    .array(z.union([challengeSchema, questionSchema]))
    .min(1)
    .max(200),
  sha256: hex64,
  signature: z.strictObject({ publicKey: hex64, ed25519: z.string().regex(/^[0-9a-f]{128}$/) }),
})

export type ReceiptChallenge = z.infer<typeof challengeSchema>
export type ReceiptQuestion = z.infer<typeof questionSchema>
export type Receipt = z.infer<typeof receiptSchema>

/** The key of a server's receipts: of no use for anything else that its secret protects. */
export function receiptKey(secret: string): KeyObject {
  const seed = createHmac('sha256', secret).update('podium/receipt/1').digest()
  // An Ed25519 key as PKCS #8 writes it: RFC 8410.
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
}

/** By which its receipts are known: 64 hexadecimal digits, to be shown to whoever wants to check one. */
export function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
}

const publicKeyFrom = (digits: string): KeyObject =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(digits, 'hex')]),
    format: 'der',
    type: 'spki',
  })

/**
 * The bytes of a receipt, always the same for the same work.
 * @param key as `receiptKey` makes it
 */
export function receiptOf(tasks: readonly GradedTask[], options: ReceiptOptions, key: KeyObject): string {
  const rest = {
    podiumReceipt: 1 as const,
    about: options.about,
    tasks: tasks.map((one) => ('given' in one ? questionOf(one, options) : challengeOf(one, options))),
  }
  const signed = canonical(rest)
  const receipt: z.input<typeof receiptSchema> = {
    ...rest,
    sha256: sha256(signed),
    signature: { publicKey: publicKeyOf(key), ed25519: sign(null, Buffer.from(signed), key).toString('hex') },
  }
  return `${canonical(receiptSchema.parse(receipt))}\n`
}

function challengeOf(graded: GradedChallenge, { hasContent, hasPoints }: ReceiptOptions): ReceiptChallenge {
  const { task, seed, hiddenSeeds, log, result, files } = graded
  return {
    ...{ task, seed, hiddenSeeds: [...hiddenSeeds], contentHash: result.contentHash },
    ...{ engine: result.engineVersion, grader: graderOf(result), logSha256: hashLog(log), log: [...log] },
    grade: gradeOf(result, hasPoints),
    ...(hasContent ? { content: { ...files } } : {}),
  }
}

function questionOf(answered: AnsweredQuestion, { hasPoints }: ReceiptOptions): ReceiptQuestion {
  const { task, seed, given, wrongPicksCancel, contentHash, engineVersion, judged } = answered
  return {
    ...{ task, seed, contentHash, engine: engineVersion, given: [...given], wrongPicksCancel },
    ...(hasPoints ? { judged: { verdict: judged.verdict, score: judged.score } } : {}),
  }
}

/** What a receipt says of a grade. How long it took, and which engine computed it, is no part of it. */
function gradeOf(result: GradeResult, hasPoints: boolean): ReceiptChallenge['grade'] {
  const { wallMs: _, engineVersion: __, graderVersion: ___, ...told } = result
  const { score, maxScore, passed, stateHash } = result
  return { sha256: sha256(canonical(told)), stateHash, ...(hasPoints ? { points: { score, maxScore, passed } } : {}) }
}

/** A text for `t`, and its values. */
export interface Problem {
  text: string
  values?: Record<string, string | number>
}

export const receiptProblems = {
  tooLarge: msg('The receipt has {mb} MB, and the limit is {most} MB.'),
  cut: msg('The receipt ends in the middle: it was cut off. Ask for it again.'),
  damaged: msg('The receipt is damaged: it is not JSON. Ask for it again.'),
  none: msg('This is not a receipt: {what}.'),
  newer: msg('The receipt has version {version}, and this program reads version 1. Use a newer program.'),
  altered: msg('The receipt was altered after it was signed: its SHA-256 is not the one that it states.'),
  alteredLog: msg('The commands of {task} were altered: their SHA-256 is not the one that the receipt states.'),
  unsigned: msg('The signature does not belong to this receipt: it was altered, or somebody else made it.'),
  foreignKey: msg('The receipt is signed, but not by the key that you named.'),
}

const mostMegabytes = 32

/**
 * Reads a receipt, and finds out whether anything in it was altered.
 * @param publicKey by which it must be signed; any unless told
 */
export function readReceipt(text: string, publicKey?: string): { receipt: Receipt } | { problem: Problem } {
  const problem = (why: string, values?: Problem['values']) => ({
    problem: { text: why, ...(values ? { values } : {}) },
  })
  const megabytes = Math.ceil(text.length / 2 ** 20)
  if (megabytes > mostMegabytes) return problem(receiptProblems.tooLarge, { mb: megabytes, most: mostMegabytes })
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    const isCut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}')
    return problem(isCut ? receiptProblems.cut : receiptProblems.damaged)
  }
  const version =
    typeof given === 'object' && given !== null && 'podiumReceipt' in given ? given.podiumReceipt : undefined
  if (typeof version === 'number' && version > 1) return problem(receiptProblems.newer, { version })
  const read = receiptSchema.safeParse(given)
  if (!read.success) {
    const [issue] = read.error.issues
    return problem(receiptProblems.none, { what: `${issue!.path.join('.') || 'it'}: ${issue!.message}` })
  }
  const receipt = read.data
  const { sha256: said, signature, ...rest } = receipt
  let signed: string
  try {
    signed = canonical(rest)
  } catch (error) {
    // Nested too deeply to be written: no server wrote it.
    if (!(error instanceof RangeError)) throw error
    return problem(receiptProblems.damaged)
  }
  if (sha256(signed) !== said) return problem(receiptProblems.altered)
  for (const one of receipt.tasks)
    if ('log' in one && hashLog(one.log) !== one.logSha256)
      return problem(receiptProblems.alteredLog, { task: one.task })
  if (!isSigned(signed, signature)) return problem(receiptProblems.unsigned)
  if (publicKey !== undefined && publicKey.toLowerCase() !== signature.publicKey)
    return problem(receiptProblems.foreignKey)
  return { receipt }
}

function isSigned(text: string, { publicKey, ed25519 }: Receipt['signature']): boolean {
  try {
    return verify(null, Buffer.from(text), publicKeyFrom(publicKey), Buffer.from(ed25519, 'hex'))
  } catch {
    // Not the digits of any key.
    return false
  }
}

/** What came of computing a grade again. */
export interface Verdict {
  isSame: boolean
  why: Problem | undefined
}

export const verdicts = {
  sameElsewhere: msg(
    'The receipt names engine {engine} and grader {grader}, and this program has {ownEngine} and {ownGrader}: they agree here.',
  ),
  differsElsewhere: msg(
    'The receipt names engine {engine} and grader {grader}, and this program has {ownEngine} and {ownGrader}, which may give a different history. Verify it with the version that graded it.',
  ),
  otherRun: msg('The same commands make a different run here: its state hash is {own}, and the receipt says {said}.'),
  otherPoints: msg('The run is the same, and earns {own} points where the receipt says {said}.'),
  otherAnswer: msg('The same answer is worth {own} here, and {said} in the receipt.'),
  otherWords: msg('The run and its points are the same, but the grader says something else about it.'),
}

/**
 * Whether what was computed now is what the receipt says.
 * @param result of the same log, seed and content
 */
export function compareGrades(task: ReceiptChallenge, result: GradeResult): Verdict {
  const { engine, grader, grade } = task
  const own = gradeOf(result, true)
  const isSame = own.sha256 === grade.sha256
  const versions = { engine, grader, ownEngine: result.engineVersion, ownGrader: graderOf(result) }
  const isForeign = engine !== versions.ownEngine || grader !== versions.ownGrader
  if (isForeign)
    return { isSame, why: { text: isSame ? verdicts.sameElsewhere : verdicts.differsElsewhere, values: versions } }
  if (isSame) return { isSame, why: undefined }
  if (own.stateHash !== grade.stateHash)
    return { isSame, why: { text: verdicts.otherRun, values: { own: own.stateHash, said: grade.stateHash } } }
  const said = grade.points?.score
  if (said !== undefined && said !== result.score)
    return { isSame, why: { text: verdicts.otherPoints, values: { own: result.score, said } } }
  return { isSame, why: { text: verdicts.otherWords } }
}

/** As `compareGrades`, for an answer. A receipt without points says nothing that could differ. */
export function compareAnswers({ judged }: ReceiptQuestion, own: JudgedAnswer): Verdict {
  const isSame = judged === undefined || (judged.verdict === own.verdict && judged.score === own.score)
  return {
    isSame,
    why: isSame ? undefined : { text: verdicts.otherAnswer, values: { own: own.score, said: judged.score } },
  }
}
