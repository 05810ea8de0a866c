/** Test files, bundled with the mutants of sources in them, and run with one of them on. */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { bundleTests } from '../build/bundle-tests.mjs'

/** A test file, or a part of one, as it is run for a mutant. */
export interface Trial {
  /** `test/scenarios/pods/kill.txt`, of that transcript. */
  name: string
  /** The file in the project. */
  test: string
  path: string
  env?: Readonly<Record<string, string>>
}

/**
 * `MUTANT` names one as `FILE#NUMBER`; `MUTANT_HITS` is a folder: each thread and process writes into a file of it which of them it came by.
 */
const switchboard = `
import { writeFileSync as __write } from 'node:fs'
import { threadId as __thread } from 'node:worker_threads'
if (!globalThis.__mutantOn) {
  const [onFile, onNumber] = (process.env.MUTANT ?? '#').split('#'), on = Number(onNumber)
  const hits = new Map(), folder = process.env.MUTANT_HITS
  globalThis.__mutantOn = (file, number) => {
    if (folder) {
      const own = hits.get(file)
      if (own) own.add(number)
      else hits.set(file, new Set([number]))
    }
    return on === number && onFile === file
  }
  if (folder) process.on('exit', () => __write(folder + '/' + process.pid + '-' + __thread, JSON.stringify([...hits].map(([file, own]) => [file, [...own]]))))
}
`

/** Every transcript is a test by itself; together they take too long for a mutant. */
export const transcripts = 'test/scenarios/scenarios.test.ts'
/** What a real API server refused: by imports it is far from each of the files that it is about. */
export const refusals = 'test/apiserver/refusals.test.ts'

/** @param mutated texts of sources with their mutants, by path */
export async function buildTrials(
  tests: readonly string[],
  mutated: ReadonlyMap<string, string>,
  folder: string,
): Promise<Trial[]> {
  rmSync(folder, { recursive: true, force: true })
  const textOf = Object.fromEntries([...mutated].map(([source, text]) => [resolve(source), text]))
  const paths: string[] = await bundleTests(tests, folder, { textOf, banner: switchboard })
  return tests.flatMap((test, n): Trial[] => {
    const path = paths[n]!
    if (test !== transcripts) return [{ name: test, test, path }]
    return readdirSync(dirname(test), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.txt'))
      .map((name) => ({ name: join(dirname(test), name), test, path, env: { TRANSCRIPTS: name } }))
  })
}

export interface TrialResult {
  /** `passed` when no test noticed anything. */
  outcome: 'passed' | 'failed' | 'timeout'
  ms: number
  /** By source, numbers of the mutants that were come by; only of a run that has passed. */
  hits: ReadonlyMap<string, ReadonlySet<number>>
}

/** @param mutant none for the source as it is */
export async function runTrial(
  { path, name, env }: Trial,
  mutant: string | undefined,
  timeoutMs: number,
): Promise<TrialResult> {
  const startedMs = performance.now()
  const hitsFolder = `${path}.hits/${name.replace(/\W/g, '-')}`
  if (mutant === undefined) mkdirSync(hitsFolder, { recursive: true })
  const child = spawn(process.execPath, [path], {
    env: {
      ...process.env,
      ...env,
      ...(mutant === undefined ? { MUTANT_HITS: hitsFolder } : { MUTANT: mutant }),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    // It may start processes of its own.
    detached: true,
  })
  const stop = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  let outcome: TrialResult['outcome'] = 'passed'
  const timer = setTimeout(() => {
    outcome = 'timeout'
    stop()
  }, timeoutMs)
  let tail = ''
  child.stdout.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-2000)
    // One failure is enough.
    if (/^\s*not ok /m.test(tail) && outcome === 'passed') {
      outcome = 'failed'
      stop()
    }
  })
  const code = await new Promise<number | null>((done) => child.once('close', (ended) => done(ended)))
  clearTimeout(timer)
  if (outcome === 'passed' && code !== 0) outcome = 'failed'
  const isCounted = mutant === undefined && outcome === 'passed'
  const hits = new Map<string, Set<number>>()
  for (const file of isCounted ? readdirSync(hitsFolder) : [])
    for (const [source, numbers] of JSON.parse(readFileSync(join(hitsFolder, file), 'utf8')) as [string, number[]][])
      hits.set(source, new Set([...(hits.get(source) ?? []), ...numbers]))
  return { outcome, ms: performance.now() - startedMs, hits }
}
