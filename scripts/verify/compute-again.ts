/** Computes the grade of a task of a receipt again: finds the content that it names, and grades as the server's own processes do. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { challengeOfFiles, questionOfText } from '../../server/catalog/load.ts'
import type { Challenge } from '../../server/catalog/types.ts'
import type { JudgedAnswer, ReceiptChallenge, ReceiptQuestion } from '../../server/hiring/receipts.ts'
import { gradeOnAll } from '../../server/labs/tasks/hidden-seeds.ts'
import { grade, judgeFix, judgeTyped, mostStepsOfChallenge, predict } from '../../server/labs/tasks/work.ts'
import type { GradeRequest } from '../../server/labs/types.ts'
import { simulatedVariant } from '../../server/practice/simulated-variant.ts'
import { questionType } from '../../server/questions/registry.ts'
import { budgeted, type GradeResult } from '../../sim/index.ts'

type Files = Readonly<Record<string, string>>

/** Where content is looked up: `challenge:crash-loop`, `question:pod/probes`. Of several versions the one with the right hash counts. */
export type Content = (item: string) => Files[]

/** @param path a folder of content, or a JSON file of kept versions: `{item, hash, files}`, one or a list of them. @throws when it is neither */
export function readContent(path: string): Content {
  if (statSync(path).isDirectory()) {
    const challenges = join(path, 'challenges')
    if (!statSync(challenges, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`${path} is not content: it has no folder "challenges".`)
    return (item) => {
      const [kind, id = ''] = item.split(':')
      const place = kind === 'question' ? join(path, 'questions', `${id}.md`) : join(challenges, id)
      const found = statSync(place, { throwIfNoEntry: false })
      if (kind === 'question') return found?.isFile() ? [{ [`${id}.md`]: readFileSync(place, 'utf8') }] : []
      return found?.isDirectory() ? [filesIn(place)] : []
    }
  }
  const given: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const versions = (Array.isArray(given) ? given : [given]).filter(isVersion)
  if (versions.length === 0) throw new Error(`${path} holds no content: a version has "item" and "files".`)
  return (wanted) => versions.flatMap(({ item, files }) => (item === wanted ? [files] : []))
}

function filesIn(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]),
  )
}

const isVersion = (value: unknown): value is { item: string; files: Files } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { item?: unknown }).item === 'string' &&
  typeof (value as { files?: unknown }).files === 'object' &&
  Object.values((value as { files: object }).files ?? {}).every((text) => typeof text === 'string')

/** @returns why it could not be done, in words */
export async function computeAgain(
  { task, contentHash, content: embedded, seed, hiddenSeeds, log }: ReceiptChallenge,
  content: Content,
): Promise<{ result: GradeResult } | { problem: string }> {
  const id = task.slice('challenge:'.length)
  const found = [...(embedded ? [embedded] : []), ...content(task)].flatMap((files) => challengeOrNone(id, files) ?? [])
  const challenge = found.find(({ hash }) => hash === contentHash)
  if (!challenge) return { problem: whyMissing(task, contentHash, found) }
  try {
    const request = { spec: challenge.spec, contentHash, seed, log }
    return { result: await gradeOnAll(gradeWithinBudget, request, hiddenSeeds) }
  } catch (error) {
    return { problem: `The commands cannot be graded: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Judges an answer again, with the simulator where it has a part. @returns why it could not be done, in words */
export async function judgeAgain(
  { task, contentHash, seed, given, wrongPicksCancel }: ReceiptQuestion,
  content: Content,
): Promise<{ judged: JudgedAnswer } | { problem: string }> {
  const id = task.slice('question:'.length)
  const found = content(task).flatMap((files) => Object.values(files).flatMap((text) => questionOfText(id, text) ?? []))
  const question = found.find(({ hash }) => hash === contentHash)
  if (!question) return { problem: whyMissing(task, contentHash, found) }
  const type = questionType(question.type)
  try {
    // Nothing that could be judged was said.
    if (type.isBlank(question.data, given)) return { judged: { verdict: 'wrong', score: 0 } }
    const labs = {
      judgeFix: async (_: string, request: Parameters<typeof judgeFix>[0]) => judgeFix(request),
      judgeTyped: async (_: string, request: Parameters<typeof judgeTyped>[0]) => judgeTyped(request),
      predict: async (_: string, request: Parameters<typeof predict>[0]) => predict(request),
    }
    const { variant } = await simulatedVariant({ labs }, '', question, seed, given)
    const { verdict, score } = type.grade(question.data, variant, given, { wrongPicksCancel })
    return { judged: { verdict, score } }
  } catch (error) {
    return { problem: `The answer cannot be judged: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function whyMissing(task: string, contentHash: string, found: readonly { hash: string }[]): string {
  const [other] = found
  return other
    ? `The content is another version: ${task} has the hash ${other.hash}, but the receipt names ${contentHash}. Name the right one with --content.`
    : `There is no ${task} in the content. Say where it is with --content.`
}

/** Undefined for files that make no challenge. */
function challengeOrNone(id: string, files: Files): Challenge | undefined {
  try {
    return challengeOfFiles(id, files)
  } catch {
    return undefined
  }
}

/** As a process of the server has it for a task. @throws Error beyond it */
function gradeWithinBudget(request: GradeRequest): GradeResult {
  const done = budgeted<{ result: GradeResult } | undefined>(
    mostStepsOfChallenge,
    () => ({ result: grade(request) }),
    () => undefined,
  )
  if (!done) throw new Error(`they take more than ${mostStepsOfChallenge} steps of computing`)
  return done.result
}
