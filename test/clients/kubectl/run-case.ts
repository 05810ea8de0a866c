/** Runs a case of a table: its lines by bash with the real kubectl, its checks on the sandbox's own objects. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { evaluateCel } from '../../../sim/index.ts'
import { celResources, snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { realKubectl } from '../../support/real-kubectl.ts'
import { type SandboxServer, startSandboxServer } from '../../support/sandbox-server.ts'
import type { Case, Check, Line } from './table.ts'

/** What a line may take of the wall clock, and what a check may wait. */
const patienceMs = 40_000
const speed = 20
/** Characters of objects in a message. */
const mostSeen = 2000

/**
 * On a cluster of its own.
 * @throws Error with path and line of the first step that does not do what it should
 */
export async function runCase({ steps }: Case, path: string): Promise<void> {
  const nodes = ['node-1', 'node-2', 'node-3'].map((name) => ({ name, cpu: '4', memory: '8Gi' }))
  const shape = { nodes, metricsServer: true, ingressController: true, cloudProvider: true }
  const server = await startSandboxServer({ speed, shape })
  const folder = mkdtempSync(join(tmpdir(), 'podium-kubectl-'))
  try {
    const environment = makeEnvironment(folder, server)
    for (const step of steps) {
      const problem =
        step.do === 'line'
          ? await runLine(step, folder, environment)
          : step.do === 'check'
            ? await findUnmet(step, server)
            : await advance(server, step.ms)
      if (problem) throw new Error(`${path}:${step.number}: ${problem}`)
    }
    assert.deepEqual(server.errors, [])
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await server.close()
  }
}

function makeEnvironment(folder: string, server: SandboxServer): Record<string, string> {
  const programs = join(folder, '.bin')
  mkdirSync(programs)
  const kubectl = realKubectl()
  if (kubectl.includes('/')) symlinkSync(resolve(kubectl), join(programs, 'kubectl'))
  return {
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    HOME: folder,
    KUBECONFIG: server.kubeconfig,
    CERTS: resolve('test/kubectl/parity/files/certs'),
  }
}

interface Result {
  exit: number | undefined
  stdout: string
  stderr: string
}

async function runLine(line: Line, folder: string, environment: Record<string, string>): Promise<string | undefined> {
  const result = await runBash(line.text, folder, environment)
  const { exit, stdout, stderr } = result
  const wrong =
    exit !== line.exit
      ? `exit ${exit ?? `after ${patienceMs} ms without an end`}, expected ${line.exit}`
      : (missing('standard output', line.stdout, stdout) ?? missing('standard error', line.stderr, stderr))
  return wrong && `${line.text}\n${wrong}\n---- stdout\n${stdout}\n---- stderr\n${stderr}`
}

function missing(where: string, wanted: readonly string[], text: string): string | undefined {
  const absent = wanted.find((part) => !text.includes(part))
  return absent === undefined ? undefined : `${JSON.stringify(absent)} is not in its ${where}`
}

/** As a process group of its own, so that what it left in the background ends with it. */
function runBash(command: string, cwd: string, env: Record<string, string>): Promise<Result> {
  const child = spawn('bash', ['-c', `set -o pipefail\n${command}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const result: Result = { exit: undefined, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text
  })
  const endGroup = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nobody of it is left.
    }
  }
  const alarm = setTimeout(endGroup, patienceMs)
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.on('exit', (code) => {
      result.exit = code ?? undefined
      endGroup()
    })
    child.on('close', () => {
      clearTimeout(alarm)
      done(result)
    })
  })
}

async function advance({ sandbox }: SandboxServer, ms: number): Promise<undefined> {
  const untilMs = sandbox.shownMs + ms
  while (!sandbox.runAhead(untilMs, () => false)) await pause()
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 20))

/** @returns what is wrong with the cluster, when it has not become right in time */
async function findUnmet(check: Check, server: SandboxServer): Promise<string | undefined> {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    server.sandbox.catchUp()
    const seen = look(check, server)
    if (seen === undefined) return undefined
    if (performance.now() > untilMs) return `${check.text}\n${seen}`
    await pause()
  }
}

/** @returns undefined when it holds, else what is seen instead */
function look({ namespace, of, cel }: Check, { sandbox: { cluster } }: SandboxServer): string | undefined {
  const snapshot = snapshotNow(cluster)
  const within = (plural: string) =>
    snapshot.everywhere(plural).filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace)
  const it = of && within(of.plural).find(({ metadata }) => metadata.name === of.name)
  if (cel === undefined) return it && `it is there: ${JSON.stringify(it)}`
  if (of && !it) return 'it is not there'
  const named = celResources.filter((plural) => new RegExp(`\\b${plural}\\b`).test(cel))
  const bindings = Object.fromEntries(named.map((plural) => [plural, within(plural)]))
  const seen = JSON.stringify(it ?? bindings).slice(0, mostSeen)
  try {
    const value = evaluateCel(cluster, cel, { ...bindings, ...(it ? { it } : {}) })
    return value === true ? undefined : `is ${JSON.stringify(value)}: ${seen}`
  } catch (error) {
    return `${(error as Error).message}: ${seen}`
  }
}
