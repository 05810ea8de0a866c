/** Solutions and wrong answers of a challenge, as commands at their times. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import {
  type ChallengeSpec,
  fillText,
  type LoggedCommand,
  prepareChallenge,
  replayCluster,
} from '../../../sim/index.ts'

const runFile = z.strictObject({
  about: z.string().optional(),
  steps: z.array(
    z.union([
      z.strictObject({ at: z.number().min(0), apply: z.string(), args: z.string().optional() }),
      z.strictObject({ at: z.number().min(0), run: z.string(), stdin: z.string().optional() }),
      z.strictObject({ at: z.number().min(0), helm: z.string() }),
      z.strictObject({ at: z.number().min(0), node: z.string(), line: z.string() }),
      // An answer that is handed in: a text, or what a line of kubectl prints then.
      z.strictObject({ at: z.number().min(0), answer: z.string(), text: z.string() }),
      z.strictObject({ at: z.number().min(0), answer: z.string(), from: z.string() }),
    ]),
  ),
})

const expectFile = z.strictObject({ about: z.string().optional(), loses: z.array(z.string()) })

/** A file that a run applies, with `{{param}}` still in it. */
export interface RunFile {
  name: string
  text: string
}

type RunStep = z.infer<typeof runFile>['steps'][number]

export interface ChallengeRun {
  name: string
  about?: string
  /** `content/challenges/ID/solutions/NAME` */
  path: string
  files: readonly RunFile[]
  steps: readonly RunStep[]
  /** Of a wrong answer: the checks and criteria it must lose, and no others. */
  loses?: readonly string[]
  /** The log of the variant of that seed; `files` may replace the run's own (mutants). */
  logFor(spec: ChallengeSpec, seed: string, files?: readonly RunFile[]): LoggedCommand[]
}

/** Where the challenge lies: all of it is in one of the folders of content. */
export function challengeFolder(content: string | readonly string[], id: string): string {
  const all = [content].flat().map((folder) => join(folder, 'challenges', id))
  return all.find((path) => existsSync(path)) ?? all[0]!
}

/**
 * The runs in a folder of a challenge, sorted by name.
 * @throws Error `path: what is wrong` for a run that can't be read
 */
export async function challengeRuns(
  content: string | readonly string[],
  id: string,
  kind: 'solutions' | 'wrong',
): Promise<ChallengeRun[]> {
  const folder = join(challengeFolder(content, id), kind)
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  return Promise.all(
    names.sort().map((name) => readRun(folder, `content/challenges/${id}/${kind}/${name}`, name, kind)),
  )
}

async function readRun(folder: string, path: string, name: string, kind: 'solutions' | 'wrong'): Promise<ChallengeRun> {
  const all: RunFile[] = []
  for (const file of (await readdir(join(folder, name))).sort())
    all.push({ name: file, text: await readFile(join(folder, name, file), 'utf8') })
  const files = all.filter((file) => file.name !== 'run.yaml' && file.name !== 'expect.yaml')
  const read = <T>(fileName: string, schema: z.ZodType<T>): T | undefined => {
    const found = all.find((file) => file.name === fileName)
    if (!found) return undefined
    const document = parseDocument(found.text)
    const [error] = document.errors
    if (error) throw new Error(`${path}/${fileName}: ${error.message}`)
    const parsed = schema.safeParse(document.toJS())
    if (!parsed.success) throw new Error(`${path}/${fileName}: ${z.prettifyError(parsed.error)}`)
    return parsed.data
  }
  const run = read('run.yaml', runFile)
  const steps: RunStep[] = run?.steps ?? files.map((file) => ({ at: 0, apply: file.name }))
  const expected = read('expect.yaml', expectFile)
  if (kind === 'wrong' && !expected)
    throw new Error(`${path}: expect.yaml is missing: it names the checks that are lost`)
  for (const step of steps) {
    if ('apply' in step && !files.some((file) => file.name === step.apply))
      throw new Error(`${path}/run.yaml: there is no file ${step.apply}`)
  }
  return {
    name,
    about: run?.about,
    path,
    files,
    steps,
    loses: expected?.loses,
    logFor: (spec, seed, replaced) => commandsOf(steps, replaced ?? files, spec, seed),
  }
}

function commandsOf(
  steps: readonly RunStep[],
  files: readonly RunFile[],
  spec: ChallengeSpec,
  seed: string,
): LoggedCommand[] {
  const { params, options } = prepareChallenge(spec, seed)
  const log: LoggedCommand[] = []
  for (const step of steps) {
    const atMs = step.at * 1000
    if ('answer' in step) {
      const text =
        'text' in step
          ? fillText(step.text, params)
          : printed(options, log, { atMs, line: fillText(step.from, params) })
      log.push({ atMs, command: { op: 'answer', file: step.answer, text } })
    } else if ('node' in step) {
      const [node, line] = [fillText(step.node, params), fillText(step.line, params)]
      log.push({ atMs, command: { op: 'node', node, line } })
    } else if ('helm' in step) {
      log.push({ atMs, command: { op: 'helm', line: fillText(step.helm, params) } })
    } else if ('run' in step) {
      const stdin = step.stdin === undefined ? {} : { stdin: fillText(step.stdin, params) }
      log.push({ atMs, command: { op: 'kubectl', line: fillText(step.run, params), ...stdin } })
    } else {
      const manifest = fillText(files.find((file) => file.name === step.apply)?.text ?? '', params)
      log.push({ atMs, command: { op: 'apply', manifest, ...(step.args === undefined ? {} : { args: step.args }) } })
    }
  }
  return log
}

/** What a line prints at that moment of a run. */
const printed = (
  options: ReturnType<typeof prepareChallenge>['options'],
  log: readonly LoggedCommand[],
  { atMs, line }: { atMs: number; line: string },
): string => replayCluster(options, log, atMs).execute({ op: 'kubectl', line }).stdout
