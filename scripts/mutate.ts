/**
 * Changes source files in small ways, one at a time, and counts which changes no test notices: `npm run mutate -- PATH...`, of a
 * folder all its files. Of tests that
 * reach a file by imports the nearest `--tests N` (8) are run, and of the simulator its transcripts and recorded refusals; for a mutant those that
 * come by it, the nearest first, then those that come by most of the file, for twenty seconds. `--most N` tries so
 * many mutants of a file, spread evenly; `--jobs N` runs so many at a time (2). Progress and survivors go to stderr; the last line, and the only
 * one on stdout, is JSON. Ends with 2 when a file cannot be read.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Mutant, mutantsOf } from './mutate/mutants.ts'
import { nearestTests } from './mutate/nearest-tests.ts'
import { buildTrials, refusals, runTrial, type Trial, transcripts } from './mutate/trial.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', default: '8' },
    most: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
})
const [mostTests, mostMutants, jobs] = [values.tests, values.most ?? '1000000', values.jobs].map(Number) as [
  number,
  number,
  number,
]
const files = positionals.map((path) => relative('.', resolve(path))).flatMap(filesAt)
const missing = files.filter((path) => !existsSync(path) || !/^(sim|server)\/.*\.ts$/.test(path))
if (
  files.length === 0 ||
  missing.length > 0 ||
  ![mostTests, mostMutants, jobs].every((n) => Number.isInteger(n) && n > 0)
) {
  for (const path of missing) console.error(`${path}: no TypeScript file of sim/ or server/`)
  console.error('usage: npm run mutate -- PATH... [--tests N] [--most N] [--jobs N]')
  process.exit(2)
}

/** The TypeScript of a folder, tests aside; what is no folder stands for itself. */
function filesAt(path: string): string[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

/** Tests that take longer by themselves are left out: each mutant would. */
const longestTestMs = 60_000
/** What those that come by a mutant may take together, as they take without it. */
const mostTrialsMs = 20_000
const folder = 'dist/mutate'

interface Survivor extends Mutant {
  file: string
  /** No test came by. */
  isUncovered: boolean
}

/** Each of the items in its turn, so many at a time. */
async function each<T>(items: readonly T[], together: number, act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const goOn = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: together }, goOn))
}

/** A trial with what it came by, and how long it took, without a mutant. */
interface Baseline {
  trial: Trial
  ms: number
  hits: ReadonlyMap<string, ReadonlySet<number>>
}

const nearest = nearestTests(files, mostTests)
const sources = files.map((file) => ({ file, ...mutantsOf(file, readFileSync(file, 'utf8')) }))
const tests = new Set([...nearest.values()].flat())
if (files.some((file) => file.startsWith('sim/'))) tests.add(transcripts).add(refusals)
const trials = await buildTrials([...tests], new Map(sources.map(({ file, text }) => [file, text])), folder)
const baselines: Baseline[] = []
await each(trials, jobs, async (trial) => {
  const { outcome, ms, hits } = await runTrial(trial, undefined, longestTestMs)
  if (outcome === 'passed') baselines.push({ trial, ms, hits })
  else console.error(`${trial.name}: ${outcome === 'timeout' ? 'takes too long' : 'fails without a mutant'}; left out`)
})
console.error(`${baselines.length} of ${trials.length} tests pass without a mutant`)

async function isKilled(file: string, { number }: Mutant, by: readonly Baseline[]): Promise<boolean> {
  let leftMs = mostTrialsMs
  for (const { trial, ms } of by) {
    if ((await runTrial(trial, `${file}#${number}`, 3 * ms + 5000)).outcome !== 'passed') return true
    leftMs -= ms
    if (leftMs < 0) break
  }
  return false
}

async function mutate({ file, mutants }: (typeof sources)[number]): Promise<{ tried: number; survivors: Survivor[] }> {
  const step = Math.max(1, mutants.length / mostMutants)
  const chosen = mutants.filter((_, n) => Math.floor(n / step) !== Math.floor((n - 1) / step))
  const isNear = ({ trial }: Baseline): boolean => nearest.get(file)!.includes(trial.test)
  const seen = ({ hits }: Baseline): number => hits.get(file)?.size ?? 0
  const inOrder = [...baselines].sort(
    (a, b) => Number(isNear(b)) - Number(isNear(a)) || seen(b) - seen(a) || a.ms - b.ms,
  )
  const survivors: Survivor[] = []
  await each(chosen, jobs, async (mutant) => {
    const by = inOrder.filter(({ hits }) => hits.get(file)?.has(mutant.number))
    if (!(await isKilled(file, mutant, by))) survivors.push({ ...mutant, file, isUncovered: by.length === 0 })
  })
  survivors.sort((a, b) => a.number - b.number)
  for (const { line, column, change, isUncovered } of survivors)
    console.error(`${file}:${line}:${column}: ${change}${isUncovered ? ' (no test comes by)' : ''}`)
  console.error(`${file}: ${chosen.length - survivors.length} of ${chosen.length} killed`)
  return { tried: chosen.length, survivors }
}

let mutants = 0
const survivors: Survivor[] = []
for (const source of sources) {
  const result = await mutate(source)
  mutants += result.tried
  survivors.push(...result.survivors)
}
rmSync(folder, { recursive: true, force: true })
const killed = mutants - survivors.length
const score = mutants === 0 ? 1 : Math.round((killed / mutants) * 1000) / 1000
console.log(
  JSON.stringify({
    ...{ mutants, killed, score },
    survivors: survivors.map(({ file, line, column, change, isUncovered }) => ({
      file,
      line,
      column,
      change,
      isUncovered,
    })),
  }),
)
