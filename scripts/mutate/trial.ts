/** Test files, bundled with the mutants of one source in them, and run with one of them on. */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundleTests } from '../build/bundle-tests.mjs'

export interface BuiltTest {
  test: string
  path: string
}

/**
 * `MUTANT` names one as `FILE#NUMBER`; `MUTANT_HITS` is a folder: each thread and process writes into a file of it which of them it came by.
 */
const switchboard = `
import { writeFileSync as __write } from 'node:fs'
import { threadId as __thread } from 'node:worker_threads'
if (!globalThis.__mutantOn) {
  const on = process.env.MUTANT ?? '', hits = new Set(), folder = process.env.MUTANT_HITS
  globalThis.__mutantOn = (file, number) => { hits.add(number); return on === file + '#' + number }
  if (folder) process.on('exit', () => __write(folder + '/' + process.pid + '-' + __thread, JSON.stringify([...hits])))
}
`

/** @param mutated the source's text with its mutants */
export async function buildTests(
  tests: readonly string[],
  source: string,
  mutated: string,
  folder: string,
): Promise<BuiltTest[]> {
  rmSync(folder, { recursive: true, force: true })
  const textOf = { [resolve(source)]: mutated }
  const paths: string[] = await bundleTests(tests, folder, { textOf, banner: switchboard })
  return tests.map((test, n) => ({ test, path: paths[n]! }))
}

export interface TrialResult {
  /** `passed` when no test noticed anything. */
  outcome: 'passed' | 'failed' | 'timeout'
  ms: number
  /** Numbers of the mutants that were come by; only of a run that has passed. */
  hits: ReadonlySet<number>
}

/** @param mutant none for the source as it is */
export async function runTest(
  { path }: BuiltTest,
  mutant: string | undefined,
  timeoutMs: number,
): Promise<TrialResult> {
  const startedMs = performance.now()
  const hitsFolder = `${path}.hits`
  if (mutant === undefined) mkdirSync(hitsFolder, { recursive: true })
  const child = spawn(process.execPath, [path], {
    env: {
      ...process.env,
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
  const hits = (isCounted ? readdirSync(hitsFolder) : []).flatMap(
    (file) => JSON.parse(readFileSync(join(hitsFolder, file), 'utf8')) as number[],
  )
  return { outcome, ms: performance.now() - startedMs, hits: new Set(hits) }
}
