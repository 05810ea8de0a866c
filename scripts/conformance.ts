/**
 * Kubernetes' conformance suite against sandboxes: `npm run conformance -- --bin PATH/e2e.test`, for whoever has built the binary
 * (`go test -c ./test/e2e` in the source of v1.36). Each few specs get a sandbox of their own; those that do not pass are tried once more, alone.
 * A line for each spec and a table by group go to stderr; the last line, and the only one on stdout, is the result as JSON. Ends with 1 unless all pass.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { listSpecs, runSpecs, type Spec, type SpecResult } from './conformance/suite.ts'

const usage = `usage: npm run conformance -- --bin PATH [--kubectl PATH] [--focus TEXT] [--labels QUERY] [--jobs N] [--batch N] [--speed N] [--seconds N] [--out FOLDER]
  --bin PATH       e2e.test of the Kubernetes version that is simulated
  --kubectl PATH   a kubectl of that version (kubectl)
  --focus TEXT     only specs whose name holds it
  --labels QUERY   ginkgo's label filter (Conformance)
  --jobs N         sandboxes at a time (2)
  --batch N        specs of one sandbox, one after the other (6)
  --speed N        virtual seconds to a second (5)
  --seconds N      of one spec, at most (180)
  --out FOLDER     where the log of each spec that did not pass is kept`

function fail(message: string): never {
  console.error(`${message}\n${usage}`)
  process.exit(2)
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        bin: { type: 'string' },
        kubectl: { type: 'string', default: 'kubectl' },
        focus: { type: 'string', default: '' },
        labels: { type: 'string', default: 'Conformance' },
        jobs: { type: 'string', default: '2' },
        batch: { type: 'string', default: '6' },
        speed: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '180' },
        out: { type: 'string' },
      },
    }).values
  } catch (error) {
    return fail((error as Error).message)
  }
}

const given = readArguments()
const numberOf = (name: 'jobs' | 'batch' | 'speed' | 'seconds'): number => {
  const value = Number(given[name])
  if (!(value > 0) || (name !== 'speed' && !Number.isInteger(value)))
    fail(`--${name} ${given[name]}: must be a number above 0`)
  return value
}
const binary = given.bin ?? fail('--bin is missing')
const [jobs, batch, speed, seconds] = [numberOf('jobs'), numberOf('batch'), numberOf('speed'), numberOf('seconds')]
const { out } = given
if (out !== undefined) mkdirSync(out, { recursive: true })

/** What runs: it ends with this script, however that ends. */
const sandboxes = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of sandboxes) child.kill('SIGTERM')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** A fresh cluster while `act` has it. */
async function withSandbox<T>(act: (kubeconfig: string) => Promise<T>): Promise<T> {
  // From its source or built, as this script is.
  const script = process.argv[1]!.replace(/conformance(\.[jt]s)$/, 'sandbox$1')
  const child = spawn(process.execPath, [...process.execArgv, script, '--speed', String(speed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  sandboxes.add(child)
  try {
    const line = await new Promise<string>((done, failed) => {
      child.on('error', failed)
      child.on('exit', (code) => failed(new Error(`the sandbox ended with ${code}`)))
      createInterface({ input: child.stdout }).once('line', done)
    })
    return await act((JSON.parse(line) as { kubeconfig: string }).kubeconfig)
  } finally {
    child.kill('SIGTERM')
    sandboxes.delete(child)
  }
}

async function run(specs: readonly Spec[]): Promise<SpecResult[]> {
  const { results, log } = await withSandbox((kubeconfig) =>
    runSpecs(
      {
        binary,
        args: [
          `--kubeconfig=${kubeconfig}`,
          '--provider=skeleton',
          '--dump-logs-on-failure=false',
          `--kubectl-path=${given.kubectl}`,
        ],
      },
      specs,
      specs.length * seconds * 1000,
    ),
  )
  if (out !== undefined && specs.length === 1 && results[0]?.state !== 'passed')
    writeFileSync(join(out, `${specs[0]!.name.replaceAll(/[^\w-]+/g, '-').slice(0, 150)}.log`), log)
  return results
}

const results: SpecResult[] = []
const tell = (result: SpecResult): void => {
  results.push(result)
  const { name, state, seconds: took, why } = result
  console.error(
    `${state === 'passed' ? 'pass' : state.slice(0, 4)} ${String(took).padStart(4)} s  ${name}${why ? `\n       ${why.replaceAll('\n', '\n       ')}` : ''}`,
  )
}

/** Those that are left over of a batch are tried alone. */
async function runBatch(specs: readonly Spec[]): Promise<void> {
  const first = specs.length > 1 ? await run(specs) : []
  for (const spec of specs) {
    const found = first.find(({ name }) => name === spec.name)
    if (found?.state === 'passed' || found?.state === 'skipped') tell(found)
    else {
      const [alone] = await run([spec])
      tell(alone ?? { ...spec, state: 'failed', seconds, why: 'it did not come to an end' })
    }
  }
}

const specs = (await listSpecs({ binary, args: [] }, given.labels).catch((error: Error) => fail(error.message))).filter(
  ({ name }) => name.includes(given.focus),
)
if (specs.length === 0) fail(`no spec with ${given.labels} holds ${JSON.stringify(given.focus)}`)
console.error(`${specs.length} specs`)
const batches: Spec[][] = []
for (const spec of specs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
  const last = batches.at(-1)
  // What breaks nodes, or counts all that is there, has a cluster to itself.
  if (last && last.length < batch && !isAlone(spec) && !isAlone(last[0]!) && last[0]!.group === spec.group)
    last.push(spec)
  else batches.push([spec])
}
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let next = batches.shift(); next; next = batches.shift()) await runBatch(next)
  }),
)

function isAlone({ name }: Spec): boolean {
  return /\[(Serial|Disruptive)\]/.test(name)
}

const groups = [...new Set(results.map(({ group }) => group))].sort()
const counted = (state: SpecResult['state'], group?: string): number =>
  results.filter((result) => result.state === state && (group === undefined || result.group === group)).length
for (const group of groups)
  console.error(
    `${group.padEnd(20)} ${counted('passed', group)} passed, ${counted('failed', group)} failed, ${counted('skipped', group)} skipped`,
  )
const failed = results.filter(({ state }) => state === 'failed').map(({ name }) => name)
console.log(JSON.stringify({ specs: results.length, passed: counted('passed'), skipped: counted('skipped'), failed }))
process.exit(failed.length > 0 ? 1 : 0)
