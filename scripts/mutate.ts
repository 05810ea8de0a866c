/**
 * Changes a source file in small ways, one at a time, and counts which changes no test notices: `npm run mutate -- PATH...`, of a
 * folder all its files. Only tests that
 * reach the file by imports are run, the nearest `--tests N` (8) of them, and of those only the ones that come by the change. `--most N` tries so
 * many mutants of a file, spread evenly; `--jobs N` runs so many at a time (2). Progress and survivors go to stderr; the last line, and the only
 * one on stdout, is JSON. Ends with 2 when a file cannot be read.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Mutant, mutantsOf } from './mutate/mutants.ts'
import { nearestTests } from './mutate/nearest-tests.ts'
import { type BuiltTest, buildTests, runTest } from './mutate/trial.ts'

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
const longestTestMs = 30_000
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

async function mutate(file: string, tests: readonly string[]): Promise<{ mutants: number; survivors: Survivor[] }> {
  const { mutants, text } = mutantsOf(file, readFileSync(file, 'utf8'))
  const step = Math.max(1, mutants.length / mostMutants)
  const chosen = mutants.filter((_, n) => Math.floor(n / step) !== Math.floor((n - 1) / step))
  const built = await buildTests(tests, file, text, folder)
  const covering: { built: BuiltTest; ms: number; hits: ReadonlySet<number> }[] = []
  await each(built, jobs, async (one) => {
    const { outcome, ms, hits } = await runTest(one, undefined, longestTestMs)
    if (outcome === 'passed') covering.push({ built: one, ms, hits })
    else console.error(`${one.test}: ${outcome === 'timeout' ? 'takes too long' : 'fails without a mutant'}; left out`)
  })
  covering.sort((a, b) => a.ms - b.ms)
  const survivors: Survivor[] = []
  let tried = 0
  await each(chosen, jobs, async (mutant) => {
    const by = covering.filter(({ hits }) => hits.has(mutant.number))
    let isKilled = false
    for (const { built: one, ms } of by) {
      const { outcome } = await runTest(one, `${file}#${mutant.number}`, 3 * ms + 5000)
      if (outcome === 'passed') continue
      isKilled = true
      break
    }
    tried++
    if (tried % 50 === 0) console.error(`${file}: ${tried} of ${chosen.length}, ${survivors.length} survive`)
    if (isKilled) return
    survivors.push({ ...mutant, file, isUncovered: by.length === 0 })
  })
  survivors.sort((a, b) => a.number - b.number)
  for (const { line, column, change, isUncovered } of survivors)
    console.error(`${file}:${line}:${column}: ${change}${isUncovered ? ' (no test comes by)' : ''}`)
  console.error(
    `${file}: ${chosen.length - survivors.length} of ${chosen.length} killed by ${covering.length} test files`,
  )
  return { mutants: chosen.length, survivors }
}

const nearest = nearestTests(files, mostTests)
let mutants = 0
const survivors: Survivor[] = []
for (const file of files) {
  const result = await mutate(file, nearest.get(file)!)
  mutants += result.mutants
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
