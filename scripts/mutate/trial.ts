/** Test files, bundled with the mutants of one source in them, and run with one of them on. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

export interface BuiltTest {
  test: string
  path: string
}

/** `MUTANT` names one as `FILE#NUMBER`; `MUTANT_HITS` a file into which is written which of them are come by. */
const switchboard = `
import { writeFileSync as __write } from 'node:fs'
const __on = process.env.MUTANT ?? '', __hits = new Set()
globalThis.__mutantOn = (file, number) => { __hits.add(number); return __on === file + '#' + number }
if (process.env.MUTANT_HITS) process.on('exit', () => __write(process.env.MUTANT_HITS, JSON.stringify([...__hits])))
`

/** @param mutated the source's text with its mutants */
export async function buildTests(
  tests: readonly string[],
  source: string,
  mutated: string,
  folder: string,
): Promise<BuiltTest[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const mutatedPath = resolve(source)
  return Promise.all(
    tests.map(async (test, n) => {
      const path = join(folder, `${n}.mjs`)
      await build({
        entryPoints: [test],
        outfile: path,
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        packages: 'external',
        banner: { js: switchboard },
        logLevel: 'silent',
        plugins: [
          {
            name: 'mutants',
            setup({ onLoad }) {
              onLoad({ filter: /\/(sim|server|test|scripts)\/.*\.(ts|js|mjs)$/ }, ({ path: file }) => {
                const text = file === mutatedPath ? mutated : readFileSync(file, 'utf8')
                // Files that stand beside a module are found from where it stands.
                const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
                return { contents, loader: file.endsWith('.ts') ? 'ts' : 'js' }
              })
            },
          },
        ],
      })
      return { test, path }
    }),
  )
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
  const hitsFile = `${path}.hits.json`
  const child = spawn(process.execPath, [path], {
    env: {
      ...process.env,
      ...(mutant === undefined ? { MUTANT_HITS: hitsFile } : { MUTANT: mutant }),
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
  const hits =
    mutant === undefined && outcome === 'passed' ? (JSON.parse(readFileSync(hitsFile, 'utf8')) as number[]) : []
  return { outcome, ms: performance.now() - startedMs, hits: new Set(hits) }
}
