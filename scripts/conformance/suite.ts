/** Kubernetes' own e2e binary: which specs it has, and what came of those that it ran. Source: github.com/onsi/ginkgo/v2/types (Report, SpecReport) */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Spec {
  /** As ginkgo joins containers and leaf: `[sig-node] Pods should …`. */
  name: string
  /** `node` of `[sig-node]`; `other` where it names none. */
  group: string
}

export interface SpecResult extends Spec {
  state: 'passed' | 'failed' | 'skipped'
  seconds: number
  /** The first lines of why, and where. */
  why?: string
}

export interface Suite {
  /** Path of `e2e.test`. */
  binary: string
  /** Handed to it as they are, before what is asked for here. */
  args: readonly string[]
}

/** @throws Error when the binary cannot be run, or writes no report */
export async function listSpecs(suite: Suite, labels: string): Promise<Spec[]> {
  const { reports, log } = await runSuite(suite, ['--ginkgo.dry-run', `--ginkgo.label-filter=${labels}`], 120_000)
  if (!reports) throw new Error(`${suite.binary} tells no specs:\n${log.slice(-2000)}`)
  return reports.filter(({ State }) => State === 'passed').map(specOf)
}

/**
 * Runs the specs of these names, one after the other.
 * @returns those that came to an end; the log is of the whole run
 */
export async function runSpecs(
  suite: Suite,
  specs: readonly Spec[],
  timeoutMs: number,
): Promise<{ results: SpecResult[]; log: string }> {
  // Ginkgo looks at a spec's name behind that of the suite.
  const focus = ` (${specs.map(({ name }) => escaped(name)).join('|')})$`
  const seconds = Math.ceil(timeoutMs / 1000)
  const limits = [`--ginkgo.timeout=${seconds}s`, '--ginkgo.grace-period=5s']
  const { reports, log } = await runSuite(suite, [`--ginkgo.focus=${focus}`, ...limits], timeoutMs + 30_000)
  const wanted = new Set(specs.map(({ name }) => name))
  const results = (reports ?? [])
    .filter((report) => report.State !== 'skipped' || report.Failure?.Message)
    .map((report) => ({ ...specOf(report), ...resultOf(report) }))
    .filter(({ name }) => wanted.has(name))
  return { results, log }
}

interface SpecReport {
  LeafNodeType: string
  ContainerHierarchyTexts: string[] | null
  LeafNodeText: string
  State: string
  /** Nanoseconds. */
  RunTime: number
  Failure?: { Message?: string; Location?: { FileName?: string; LineNumber?: number } }
}

async function runSuite(
  { binary, args }: Suite,
  more: readonly string[],
  timeoutMs: number,
): Promise<{ reports: SpecReport[] | undefined; log: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-conformance-'))
  const report = join(folder, 'report.json')
  try {
    const log = await output(
      binary,
      [...args, '--ginkgo.no-color', `--ginkgo.json-report=${report}`, ...more],
      timeoutMs,
    )
    const text = await readFile(report, 'utf8').catch(() => undefined)
    const suites = text === undefined ? undefined : (JSON.parse(text) as { SpecReports: SpecReport[] | null }[])
    const reports = suites?.flatMap(({ SpecReports }) => SpecReports ?? []).filter((one) => one.LeafNodeType === 'It')
    return { reports, log }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What it prints. One that goes on for too long is ended. */
function output(binary: string, args: string[], timeoutMs: number): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        text = (text + part).slice(-keptCharacters)
      })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.on('error', failed)
    child.on('close', () => {
      clearTimeout(timer)
      done(text)
    })
  })
}

const keptCharacters = 4_000_000
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

function specOf({ ContainerHierarchyTexts, LeafNodeText }: SpecReport): Spec {
  const name = [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' ')
  return { name, group: /^\[sig-([\w-]+)\]/.exec(name)?.[1] ?? 'other' }
}

function resultOf({ State, RunTime, Failure }: SpecReport): Pick<SpecResult, 'state' | 'seconds' | 'why'> {
  const seconds = Math.round(RunTime / 1e9)
  if (State === 'passed') return { state: 'passed', seconds }
  const { FileName = '', LineNumber } = Failure?.Location ?? {}
  const where = FileName ? `${FileName.replace(/^.*\/kubernetes\//, '')}:${LineNumber}: ` : ''
  const why = `${where}${(Failure?.Message ?? State).trim().slice(0, 600)}`
  return { state: State === 'skipped' ? 'skipped' : 'failed', seconds, why }
}
