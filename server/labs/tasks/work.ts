/** What a worker does for the task of one learner: runs its cluster, describes it and grades it. Synchronous. */
import { stepCommand } from '../../../sim/forms.ts'
import type { GradeResult, KubeObject, LiveCluster, LoggedCommand } from '../../../sim/index.ts'
import {
  changedBeside,
  createCluster,
  type EngineLimits,
  engineVersion,
  evaluateCel,
  gradeChallenge,
  judgeNow,
  openChallenge,
  simulated,
  stepsPerSecond,
} from '../../../sim/index.ts'
import { shapeOfScenario } from '../../catalog/scenario-shape.ts'
import { scenarioBody } from '../../catalog/schemas.ts'
import type { Demo } from '../../catalog/types.ts'
import type { PodRun } from '../../explorers/pod-history.ts'
import { fillAll } from '../../questions/params.ts'
import type { Judged } from '../../questions/types.ts'
import { ownCommands } from '../../storage/given-faults.ts'
import type {
  DemoRequest,
  DemoRun,
  ExploreRequest,
  FixRequest,
  GradeRequest,
  LiveCheck,
  OutcomeRequest,
  PredictRequest,
  SimulatorFacts,
  StepResult,
  TypedRequest,
  WorkRequest,
  WorkResult,
} from '../types.ts'
import { lineOf } from '../views/command-line.ts'
import { viewMoments } from '../views/moments.ts'
import { viewAt } from '../views/past.ts'
import { podHistory } from '../views/pod-history.ts'
import { sequenceRows } from '../views/sequence-rows.ts'
import { viewCluster, viewTimeline } from '../views/view.ts'
import type { HeapGauge, HeapReading } from './heap.ts'

export type Limits = Partial<EngineLimits>

/** Budgets of a learner's cluster. A busy challenge uses a hundredth of them. */
export const learnerLimits: Limits = {
  events: 3_000_000,
  virtualMs: 7 * 24 * 3_600_000,
  traceRecords: 300_000,
  objects: 2500,
  work: stepsPerSecond,
  eventWork: stepsPerSecond,
}

/**
 * Of a challenge's cluster: its world has traffic and nodes for hours, which the learner did not ask for. Three nodes that only renew their
 * leases take some 140 steps a second, the busiest model solution 9,000.
 */
export const challengeLimits: Limits = { ...learnerLimits, workPerSecond: 12_000, mostWork: 8 * stepsPerSecond }

/**
 * Steps of computing of one task where a challenge is replayed, once for each kind of faults that its checks have: the longest model solution
 * takes 39 million, and twice as many where an instructor's faults are left out for a second look.
 */
export const mostStepsOfChallenge = 12 * stepsPerSecond

/** Of a demo with a manifest of the reader's own: the busiest demo of the lessons uses 1,230,000 steps. */
const demoLimits: Limits = { ...learnerLimits, objects: 1500, work: (stepsPerSecond * 4) / 10 }

const defaultStartMs = Date.UTC(2026, 2, 2, 9, 0, 0)

export function runDemo({ demo, seed, edited }: DemoRequest, limits = demoLimits): DemoRun {
  const { cluster, steps } = runSteps(demo, seed, { edited, limits })
  const [, namespace, name] = demo.sequence?.split('/') ?? []
  const sequence = namespace && name ? sequenceRows(cluster, { namespace, name }) : []
  return { steps, ...viewWhole(cluster, steps), sequence }
}

/** The end of a run, and the way there. */
const viewWhole = (cluster: LiveCluster, steps: readonly StepResult[]) => ({
  view: viewCluster(cluster, 0),
  moments: viewMoments(
    cluster,
    steps.map(({ atSeconds }) => atSeconds * 1000),
  ),
  timeline: viewTimeline(cluster, 0),
})

/** Runs the demo and tells each of its expectations that does not hold. */
export function proveDemo(demo: Demo): string[] {
  const early = demo.expect.flatMap((expectation) =>
    'cel' in expectation && expectation.at !== undefined ? [expectation.at] : [],
  )
  const runs = new Map(
    [...new Set([...early, demo.duration])].map((at) => [at, runSteps(demo, 'proof', { untilSeconds: at })]),
  )
  const whole = runs.get(demo.duration)!
  return demo.expect.flatMap((expectation) => {
    if ('cel' in expectation) {
      const { cluster, steps } = runs.get(expectation.at ?? demo.duration)!
      const value = evaluateCel(cluster, expectation.cel, { steps })
      return value === true
        ? []
        : [`${expectation.cel} is ${JSON.stringify(value)} after ${expectation.at ?? demo.duration} s`]
    }
    if ('stdout' in expectation) {
      const text = whole.steps[expectation.stdout]?.stdout ?? ''
      return text.includes(expectation.includes)
        ? []
        : [`step ${expectation.stdout} does not print “${expectation.includes}”: ${JSON.stringify(text.slice(0, 300))}`]
    }
    const { object, reason } = expectation.event
    const [kind, name] = object.split('/')
    const wanted = `events.exists(e, e.reason == '${reason}' && e.involvedObject.kind == '${kind}' && e.involvedObject.name.startsWith('${name}'))`
    return evaluateCel(whole.cluster, wanted) === true ? [] : [`there is no event ${reason} about ${object}`]
  })
}

function runSteps(
  demo: DemoRequest['demo'],
  seed: string,
  options: { edited?: DemoRequest['edited']; untilSeconds?: number; limits?: Limits },
) {
  const { edited, untilSeconds = demo.duration, limits = learnerLimits } = options
  const cluster = createCluster({
    seed,
    shape: shapeOfScenario(demo),
    startEpochMs: demo.start ? Date.parse(demo.start) : defaultStartMs,
    limits,
  })
  const steps: StepResult[] = []
  for (const [index, step] of demo.steps.entries()) {
    if (step.at > untilSeconds) break
    advanceTo(cluster, step.at * 1000)
    const atSeconds = cluster.nowMs / 1000
    const changed = edited?.step === index ? { ...step, apply: edited.manifest } : step
    const command = stepCommand(changed)
    const { exit, stdout, stderr, turns } = cluster.execute(command)
    steps.push({ atSeconds, title: lineOf(command), exit, stdout, stderr, ...(turns && { turns }) })
  }
  advanceTo(cluster, untilSeconds * 1000)
  return { cluster, steps }
}

function advanceTo(cluster: LiveCluster, ms: number): void {
  if (ms > cluster.nowMs) cluster.advance(ms - cluster.nowMs)
}

// ---------- challenges ----------

/** A cluster with the run that it has had. */
export interface Bench {
  cluster: LiveCluster
  handedOverMs: number
  params: Record<string, string | number>
  spec: WorkRequest['spec']
  /** The log that made it, as text. */
  log: string[]
  /** When its last command was done; the hand-over without one. */
  lastCommandMs: number
}

/** Kept clusters leave this part of the heap to those that are at work. */
const mostOfHeap = 0.5

/** Rebuilt clusters by challenge and seed, least recently used first. A kept one only saves time. */
export class Workbench {
  private readonly live = new Map<string, Bench>()
  private readonly limits: Limits
  private readonly capacity: number
  private readonly gauge: HeapGauge
  private reading: HeapReading | undefined
  /** As many as the heap had room for when it was last read. */
  private room = Number.POSITIVE_INFINITY
  constructor(limits = challengeLimits, capacity = 200, gauge: HeapGauge = () => undefined) {
    this.limits = limits
    this.capacity = capacity
    this.gauge = gauge
  }

  /** How many clusters are kept. */
  get size(): number {
    return this.live.size
  }

  work(request: WorkRequest): WorkResult {
    const key = `${request.spec.id}/${request.contentHash}/${request.seed}`
    const live = this.reuse(key, request) ?? rebuild(request, this.limits)
    // Whatever goes wrong below may leave it half done, so it is put back only at the end.
    this.live.delete(key)
    const { cluster, handedOverMs } = live
    let logged: LoggedCommand | undefined
    let output: WorkResult['output']
    let frames: WorkResult['frames']
    const { action } = request
    if (action.do === 'command') {
      logged = { atMs: cluster.nowMs - handedOverMs, command: action.command }
      output = cluster.execute(action.command)
      live.lastCommandMs = cluster.nowMs
      live.log.push(JSON.stringify(logged))
    } else if (action.do === 'play') {
      frames = play(cluster, handedOverMs, action)
    } else if (action.do === 'advance') cluster.advance(action.ms)
    else if (action.do === 'settle') cluster.settle(action.maxMs)
    else if (action.do === 'step') {
      cluster.step()
      cluster.advance(0) // all that is due at that moment, so that a replay to it gives the same
    }
    const candidates = action.do === 'complete' ? cluster.complete(action.line, action.cursor) : undefined
    const clockMs = cluster.nowMs - handedOverMs
    const isPast = action.do === 'look' && action.atMs !== undefined
    const view = isPast
      ? viewAt(cluster, handedOverMs + action.atMs!, handedOverMs)
      : viewCluster(cluster, handedOverMs)
    const checks = liveChecks(live)
    this.keep(key, live)
    return {
      ...{ clockMs, params: live.params, engineVersion, logged, output },
      ...(candidates ? { candidates } : {}),
      ...(frames ? { frames } : {}),
      ...{ view, checks },
    }
  }

  private reuse(key: string, request: WorkRequest): Bench | undefined {
    const live = this.live.get(key)
    return live && continueTo(live, request) ? live : undefined
  }

  private keep(key: string, live: Bench): void {
    this.live.set(key, live)
    this.readHeap()
    for (const oldest of this.live.keys()) {
      if (oldest === key || this.live.size <= Math.min(this.capacity, this.room)) return
      this.live.delete(oldest)
    }
  }

  /** Once for each reading: those that go show in the next one only. */
  private readHeap(): void {
    const reading = this.gauge()
    if (!reading || reading === this.reading) return
    this.reading = reading
    const share = (mostOfHeap * reading.limit) / reading.used
    this.room = share < 1 ? Math.floor(share * this.live.size) : Number.POSITIVE_INFINITY
  }
}

/** Brings a cluster on to that run, where its own is the beginning of it. @returns false when it is not: then it is of no use any more */
export function continueTo(live: Bench, { log, clockMs }: Pick<WorkRequest, 'log' | 'clockMs'>): boolean {
  if (live.log.length > log.length) return false
  const wanted = log.map((entry) => JSON.stringify(entry))
  if (live.log.some((entry, n) => entry !== wanted[n])) return false
  const { cluster, handedOverMs } = live
  for (const { atMs, command } of log.slice(live.log.length)) {
    if (cluster.nowMs > handedOverMs + atMs) return false
    advanceTo(cluster, handedOverMs + atMs)
    cluster.execute(command)
    live.lastCommandMs = cluster.nowMs
  }
  live.log = wanted
  if (cluster.nowMs - handedOverMs > clockMs) return false
  advanceTo(cluster, handedOverMs + clockMs)
  return true
}

function play(
  cluster: LiveCluster,
  handedOverMs: number,
  { ms, frames }: { ms: number; frames: number },
): NonNullable<WorkResult['frames']> {
  const seen: NonNullable<WorkResult['frames']> = []
  for (let n = 1; n <= frames && !cluster.isSettled; n++) {
    if (n > 1) seen.push({ clockMs: cluster.nowMs - handedOverMs, view: viewCluster(cluster, handedOverMs) })
    // Close together at first, when most happens.
    const after = (pictures: number) => Math.round(ms * (pictures / frames) ** 2)
    cluster.advance(after(n) - after(n - 1))
  }
  return seen
}

export function rebuild(
  { spec, seed, log, clockMs }: Pick<WorkRequest, 'spec' | 'seed' | 'log' | 'clockMs'>,
  limits: Limits,
): Bench {
  const opened = openChallenge(spec, seed, limits)
  const { cluster } = opened
  const handedOverMs = cluster.nowMs
  let lastCommandMs = handedOverMs
  for (const { atMs, command } of log) {
    advanceTo(cluster, handedOverMs + atMs)
    cluster.execute(command)
    lastCommandMs = cluster.nowMs
  }
  advanceTo(cluster, handedOverMs + clockMs)
  return {
    cluster,
    handedOverMs,
    params: opened.params,
    spec: opened.spec,
    log: log.map((entry) => JSON.stringify(entry)),
    lastCommandMs,
  }
}

/** The checks as they stand at this moment of the run, hidden ones left out unless they are asked for. */
export function liveChecks({ spec, cluster, lastCommandMs }: Bench, withHidden = false): LiveCheck[] {
  const standing = judgeNow(spec, cluster, lastCommandMs).filter(({ check }) => withHidden || !check.hidden)
  return standing.map(({ check, status, message }) => ({
    id: check.id,
    title: check.title,
    points: check.points,
    gate: check.gate ?? false,
    state: status === 'pass' ? 'holds' : status === 'fail' ? 'not yet' : 'unknown',
    message: status === 'fail' ? message : '',
  }))
}

/**
 * What earns more counts: the run as it was, or the same commands in a cluster that nobody gave a fault. So a fault of the instructor's costs nobody
 * a point, and who has dealt with it keeps what that has earned.
 */
export function grade({ spec, seed, log, contentHash, shown }: GradeRequest, limits = challengeLimits): GradeResult {
  const result = gradeChallenge(spec, { log }, seed, contentHash, limits, shown)
  const own = ownCommands(log)
  if (result.passed || own.length === log.length) return result
  const spared = gradeChallenge(spec, { log: own }, seed, contentHash, limits, shown)
  const isBetter = spared.gradable && (!result.gradable || spared.passed || spared.score > result.score)
  return isBetter ? { ...spared, withoutFaults: true } : result
}

/** Kinds whose objects people write; what controllers make of them is left out by its owner. */
const writtenKinds = [
  ...['namespaces', 'configmaps', 'secrets', 'services', 'pods', 'persistentvolumeclaims', 'persistentvolumes'],
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'horizontalpodautoscalers'],
  ...['poddisruptionbudgets', 'networkpolicies', 'ingresses', 'serviceaccounts', 'roles', 'rolebindings'],
  ...['clusterroles', 'clusterrolebindings', 'resourcequotas', 'limitranges', 'priorityclasses', 'storageclasses'],
]

export function outcome({ spec, seed, log }: OutcomeRequest, limits = challengeLimits): KubeObject[] {
  const { cluster } = openChallenge(spec, seed, limits)
  for (const { atMs, command } of log) {
    advanceTo(cluster, atMs)
    cluster.execute(command)
  }
  cluster.advance(spec.observeSeconds * 1000)
  return writtenKinds.flatMap((plural) =>
    cluster.objects(plural).filter(({ metadata }) => !metadata.ownerReferences?.length),
  )
}

export function predict(
  { question, seed, params }: PredictRequest,
  limits = learnerLimits,
): { key: string; run: DemoRun } {
  const scenario = scenarioBody.parse(fillAll(question.scenario, params))
  const ask = fillAll(question.ask, params)
  const { cluster, steps } = runSteps(scenario, seed, { untilSeconds: ask.at, limits })
  const value = evaluateCel(cluster, ask.cel, { steps })
  return {
    key: String(value),
    run: { steps, ...viewWhole(cluster, steps), sequence: [] },
  }
}

/**
 * Runs the scenario with the manifest in its place, once for each moment that a check is about.
 * @returns also `told`: of each check why it does not hold, or nothing
 */
export function judgeFix(
  { question, seed, manifest }: FixRequest,
  limits = learnerLimits,
): { judged: Judged; told: string[]; run: DemoRun } {
  const scenario = scenarioBody.parse(question.scenario)
  const edited = { step: question.edit, manifest }
  const moments = new Set([scenario.duration, ...question.checks.map(({ at }) => at ?? scenario.duration)])
  const runs = new Map(
    [...moments].map((at) => [at, runSteps(scenario, seed, { edited, untilSeconds: at, limits })] as const),
  )
  const { cluster, steps } = runs.get(scenario.duration)!
  const { exit, stderr } = steps[question.edit]!
  const told = question.checks.map(({ cel, at }) => {
    const seen = runs.get(at ?? scenario.duration)!
    try {
      const value = evaluateCel(seen.cluster, cel, { steps: seen.steps })
      return value === true ? '' : `${cel} is ${JSON.stringify(value)}`
    } catch (error) {
      // An object or a field that the learner's manifest lacks.
      return error instanceof Error ? error.message : String(error)
    }
  })
  const beside = exit === 0 ? besideOf(scenario, question, { seed, manifest, limits }) : ''
  return {
    judged: { held: told.map((text) => text === ''), refused: exit === 0 ? '' : stderr.trim(), beside },
    told,
    run: { steps, ...viewWhole(cluster, steps), sequence: [] },
  }
}

/** The cluster of a manifest to fix, at the end of a run with the solution. */
export const clusterAsFixed = ({ scenario, edit, solution }: FixRequest['question'], seed: string): LiveCluster =>
  runSteps(scenarioBody.parse(scenario), seed, { edited: { step: edit, manifest: solution } }).cluster

/**
 * Runs what was typed in each of the question's clusters.
 * @returns whether what it should do comes of it in all of them; what is no line, or fails, does nothing
 */
export function judgeTyped({ run, seed, typed }: TypedRequest, limits = learnerLimits): Judged {
  const holds = run.worlds.every((world) => {
    const scenario = scenarioBody.parse(fillAll(run.scenario, { ...world, given: typed }))
    const { cluster, steps } = runSteps(scenario, seed, { limits })
    return evaluateCel(cluster, fillAll(run.holds, world), { steps }) === true
  })
  return { held: [holds], refused: '' }
}

/** What the manifest changes besides what it was to be changed in, as it is applied; empty for nothing. */
function besideOf(
  scenario: DemoRequest['demo'],
  { edit, solution, work }: FixRequest['question'],
  { seed, manifest, limits }: { seed: string; manifest: string; limits: Limits },
): string {
  const untilSeconds = scenario.steps[edit]!.at
  const steps = scenario.steps.slice(0, edit + 1)
  const [meant, now] = [solution, manifest].map((text) => {
    const edited = { step: edit, manifest: text }
    return runSteps({ ...scenario, steps }, seed, { edited, untilSeconds, limits }).cluster
  })
  return changedBeside(meant!, now!, work) ?? ''
}

export function explorePod({ scenario, pod, seed }: ExploreRequest, limits = learnerLimits): PodRun {
  const { cluster, steps } = runSteps(scenario, seed, { limits })
  return { steps, history: podHistory(cluster, pod) }
}

export function about(): SimulatorFacts {
  return simulated()
}
