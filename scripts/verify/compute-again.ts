/** Computes the grade of a task of a receipt again: finds the content that it names, and grades as the server's own processes do. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { challengeOfFiles } from '../../server/catalog/load.ts'
import type { Challenge } from '../../server/catalog/types.ts'
import type { ReceiptTask } from '../../server/hiring/receipts.ts'
import { gradeOnAll } from '../../server/labs/tasks/hidden-seeds.ts'
import { grade, mostStepsOfChallenge } from '../../server/labs/tasks/work.ts'
import type { GradeRequest } from '../../server/labs/types.ts'
import { budgeted, type GradeResult } from '../../sim/index.ts'

type Files = Readonly<Record<string, string>>

/** Where challenges are looked up by their names; the first one with the right hash counts. */
export type Content = (id: string) => Files[]

/** @param path a folder of content, or a JSON file of kept versions: `{item, hash, files}`, one or a list of them. @throws when it is neither */
export function readContent(path: string): Content {
  if (statSync(path).isDirectory()) {
    const challenges = join(path, 'challenges')
    if (!statSync(challenges, { throwIfNoEntry: false })?.isDirectory())
      throw new Error(`${path} is no content: it has no folder "challenges".`)
    return (id) => {
      const folder = join(challenges, id)
      return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? [filesIn(folder)] : []
    }
  }
  const given: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const versions = (Array.isArray(given) ? given : [given]).filter(isVersion)
  if (versions.length === 0) throw new Error(`${path} holds no content: a version has "item" and "files".`)
  return (id) => versions.flatMap(({ item, files }) => (item === `challenge:${id}` ? [files] : []))
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
  { task, contentHash, content: embedded, seed, hiddenSeeds, log }: ReceiptTask,
  content: Content,
): Promise<{ result: GradeResult } | { problem: string }> {
  const id = task.slice('challenge:'.length)
  const found = [...(embedded ? [embedded] : []), ...content(id)].flatMap((files) => challengeOrNone(id, files) ?? [])
  const challenge = found.find(({ hash }) => hash === contentHash)
  if (!challenge) {
    const problem =
      found.length > 0
        ? `The content is another version: ${task} has the hash ${found[0]!.hash}, and the receipt is of ${contentHash}. Name the right one with --content.`
        : `There is no ${task} in the content. Name where it is with --content.`
    return { problem }
  }
  try {
    const request = { spec: challenge.spec, contentHash, seed, log }
    return { result: await gradeOnAll(gradeWithinBudget, request, hiddenSeeds) }
  } catch (error) {
    return { problem: `The commands cannot be graded: ${error instanceof Error ? error.message : String(error)}` }
  }
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
