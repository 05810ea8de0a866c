/** The file of one's data: what `/progress/export` gives, and what is read back in from it. Whoever brings one is not trusted. */
import { z } from 'zod'
import { t } from '../i18n/translate.ts'
import { toStored } from '../journal/stored.ts'
import type { Seat } from '../seat.ts'
import { shownResult } from '../storage/shown-result.ts'
import { actsOfFile } from './acts-of-file.ts'
import type { Belongings } from './belongings.ts'
import { words } from './file-words.ts'
import { actsOfFormerFile, formerVersion } from './former-file.ts'
import { formsAt, most } from './forms.ts'
import { withResults } from './graded-acts.ts'
import { nestsDeeperThan } from './json-depth.ts'
import { type Maker, makerOf, signatureOf } from './signature.ts'

/** Of the file's form: up to 3 it held work as it stood, and since 4 it holds the journal. */
const version = 4

/**
 * The journal, with results as their learner may see them, and the sandboxes.
 * @param facts of the learner, for who reads the file: they are not read back in
 * @param sign left out, the file is nobody's in particular
 */
export function writeFile(
  { acts, sandboxes }: Belongings,
  facts: object,
  sign?: { maker: Maker; key: string },
): string {
  const shown = acts.map((act) => toStored(withResults(act, shownResult)))
  const file = { podium: 'data', version, ...facts, acts: shown, sandboxes }
  const signature = sign && signatureOf(file, sign.maker, sign.key)
  return laidOut({ ...file, ...(signature ? { signature } : {}) })
}

/** A line for each act and each sandbox, the rest as JSON is mostly laid out. */
function laidOut(file: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(file)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = Array.isArray(value)
        ? `[${value.map((one) => `\n    ${JSON.stringify(one)}`).join(',')}${value.length > 0 ? '\n  ' : ''}]`
        : JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')
      return `  ${JSON.stringify(name)}: ${text}`
    })
  return `{\n${lines.join(',\n')}\n}`
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
      problems: [{ at: '', what: t('is not JSON: {why}', { why: placeOf(String((error as Error).message), text) }) }],
      count: 1,
    }
  }
  const read = frameSchema(nowMs).safeParse(data, { error: words })
  if (!read.success) return problemsOf(read.error.issues)
  const given = read.data.version <= formerVersion ? actsOfFormerFile(data, nowMs) : actsOfFile(data, owner, nowMs)
  if ('issues' in given) return problemsOf(given.issues)
  return { belongings: { acts: given.acts, sandboxes: read.data.sandboxes }, maker: makerOf(data, key) }
}

function problemsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): FileRead {
  const problems = issues.map(({ path, message }) => ({ at: printPath(path), what: message }))
  return { problems: problems.slice(0, mostProblems), count: problems.length }
}

/** What every form has. */
const frameSchema = (nowMs: number) =>
  z.object({
    podium: z.literal('data', { error: () => t('must be "data": is this a file of Podium’s?') }).default('data'),
    version: z
      .int()
      .min(1)
      .max(version, {
        error: () => t('comes from a newer Podium than this one, which reads versions up to {version}', { version }),
      })
      .default(1),
    sandboxes: z.array(formsAt(nowMs).sandbox).max(most.sandboxes).default([]),
  })

const mostProblems = 12
/** Objects of a cluster stand in it, which nest by a few dozen levels. */
const mostLevels = 500

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
