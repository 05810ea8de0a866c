/**
 * What was proven before: of each piece of content the hash of its files, and the engine and grader that it was proven by. What is the same today
 * need not be proven again, but for a part that is another one with each commit: an engine may change what it does without saying so.
 * `by` tells whether all variants and mutants were run, or some.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Catalog } from '../../server/catalog/types.ts'
import type { ProofTask } from './worker.ts'

/** One in so many of what is known is proven all the same. */
const rotation = 24

const schema = z.record(
  z.string(),
  z.strictObject({ content: z.string(), engine: z.string(), by: z.enum(['all', 'some']) }),
)
export type KnownProofs = z.infer<typeof schema>

export const nameOf = ({ kind, id }: ProofTask): string => `${kind}:${id}`

/** @throws Error that names the file, when it is damaged */
export function readKnownProofs(path: string): KnownProofs {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new Error(
      `${path} cannot be read: ${(error as Error).message}. Delete it, and run npm run content:check -- --keep`,
    )
  }
}

export function writeKnownProofs(path: string, proofs: KnownProofs): void {
  const sorted = Object.fromEntries(Object.entries(proofs).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`)
}

/** Of all that a proof depends on besides the engine. */
export function contentHashOf(
  { kind, id }: ProofTask,
  { lessons, questions }: Catalog,
  folders: readonly string[],
): string {
  if (kind === 'lesson') return lessons.get(id)!.hash
  if (kind === 'question') return questions.get(id)!.hash
  const hash = createHash('sha256')
  for (const folder of folders)
    for (const path of filesIn(join(folder, 'challenges', id)))
      hash
        .update(`${path}\0`)
        .update(readFileSync(join(folder, 'challenges', id, path)))
        .update('\0')
  return hash.digest('hex').slice(0, 16)
}

/** Translations say nothing that is proven. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.[a-z]{2}\.(md|yaml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

/** With what was proven now. What all variants have proven is not said to be proven by some of them. */
export function withProven(known: KnownProofs, proven: KnownProofs): KnownProofs {
  const isMore = ([name, { content, engine, by }]: [string, KnownProofs[string]]): boolean => {
    const before = known[name]
    return by === 'all' || before?.by !== 'all' || before.content !== content || before.engine !== engine
  }
  return { ...known, ...Object.fromEntries(Object.entries(proven).filter(isMore)) }
}

/** Whether that content was proven by that engine. */
export function isKnown(task: ProofTask, content: string, engine: string, known: KnownProofs): boolean {
  const before = known[nameOf(task)]
  return before?.content === content && before.engine === engine
}

/** A number that a turn has, such as a commit: which of many are chosen. */
export const numberOf = (turn: string): number => createHash('sha256').update(turn).digest().readUInt32BE(0)

/** @param turn names the part of what is known that is proven again, such as a commit */
export function isDue(task: ProofTask, content: string, engine: string, known: KnownProofs, turn: string): boolean {
  if (!isKnown(task, content, engine, known)) return true
  return numberOf(`${turn}/${nameOf(task)}`) % rotation === 0
}
