/**
 * Grading: the learner's commands are run again in a fresh cluster of the same variant, and the checks look at what the cluster
 * did. A grade is a function of (challenge, submission, seed) and can be recomputed by anybody from its log.
 */

import { createCluster, type LiveCluster, replayCluster } from '../cluster.ts'
import type { ClusterOptions } from '../cluster-types.ts'
import { BudgetError, type EngineLimits } from '../engine/engine.ts'
import { said } from '../engine/said.ts'
import { engineVersion, graderVersion } from '../version.ts'
import { accessCourse, judgeAccess } from './checks/access.ts'
import { judgeAnswer } from './checks/answer.ts'
import { compileStateAssertion, evaluateTraffic } from './checks/assertion.ts'
import { snapshotNow, walkHistory } from './checks/history.ts'
import { runProbe } from './checks/probe.ts'
import { judgeReach } from './checks/reach.ts'
import { allHold, decidingPart, judge, type Span, type TimedVerdict } from './checks/time-modes.ts'
import type { Printed, StateAssertion, Verdict } from './checks/verdict.ts'
import { familyOf } from './commands/registry.ts'
import { diagnose, type Finding } from './diagnosis.ts'
import type {
  Assertion,
  ChallengeSpec,
  CheckCourse,
  CheckSpec,
  CheckWhen,
  CommandResult,
  Fault,
  GradeResult,
  LoggedCommand,
  Submission,
  TestResult,
  TestStatus,
  TrafficReport,
} from './types.ts'
import { drawParams, fillValue, type Params } from './variant.ts'

/** What one challenge's cluster may cost, before it is stopped with a clear message. */
const challengeLimits: Partial<EngineLimits> = { events: 3_000_000, objects: 2_500, traceRecords: 300_000 }

/** A manifest or line longer than this is refused. */
const maxCommandCharacters = 262_144

export interface OpenedChallenge {
  /** The variant: parameters are filled in. */
  spec: ChallengeSpec
  params: Params
  options: ClusterOptions
  /** At the hand-over. */
  cluster: LiveCluster
}

/** The variant of a seed: specification with its parameters filled in, and the options of its cluster. */
export function prepareChallenge(
  spec: ChallengeSpec,
  seed: string,
  limits?: Partial<EngineLimits>,
  shown?: Params,
): Omit<OpenedChallenge, 'cluster'> {
  const params = drawParams(spec.params, seed, spec.reject, shown)
  const filled = fillValue({ ...spec, params: {}, reject: [] }, params)
  return {
    spec: { ...filled, params: spec.params, reject: spec.reject },
    params,
    options: {
      seed: `${spec.id}/${spec.version}/${seed}`,
      shape: filled.world.shape,
      setup: { commands: filled.world.setup, settleMs: filled.world.settleSeconds * 1000 },
      traffic: filled.world.traffic,
      limits: { ...challengeLimits, ...limits },
      hashesContent: true,
    },
  }
}

/** @throws BudgetError when the world costs too much; Error when its setup is refused */
export function openChallenge(spec: ChallengeSpec, seed: string, limits?: Partial<EngineLimits>): OpenedChallenge {
  const prepared = prepareChallenge(spec, seed, limits)
  const cluster = createCluster(prepared.options)
  checkSetup(spec, cluster)
  return { ...prepared, cluster }
}

class WorldError extends Error {}

/** @throws WorldError when the world is not what its author meant: nobody's work is judged in it */
function checkSetup({ id }: ChallengeSpec, { setupResults }: LiveCluster): void {
  const refused = setupResults.find((result) => result.exit !== 0)
  if (refused) throw new WorldError(`challenge ${id}: its world can't be set up: ${refused.stderr.trim()}`)
}

/**
 * Runs the submission and judges it. Never throws for what a learner sent; what is our fault is `gradable: false`.
 * @param shown the parameters that the learner was shown, of the variant that was worked on: another seed changes the hidden ones, and
 * all that chance decides in the cluster
 */
export function gradeChallenge(
  spec: ChallengeSpec,
  submission: Submission,
  seed: string,
  contentHash: string,
  limits?: Partial<EngineLimits>,
  shown?: Params,
): GradeResult {
  const blank: GradeResult = {
    gradable: false,
    score: 0,
    maxScore: spec.checks.filter((check) => !check.gate).reduce((sum, check) => sum + check.points, 0),
    passed: false,
    seed,
    params: {},
    engineVersion,
    graderVersion,
    contentHash,
    virtualMs: 0,
    wallMs: 0,
    stateHash: '',
    tests: [],
    gates: [],
    commands: [],
    notSimulated: [],
  }
  const refusal = refuse(spec, submission)
  if (refusal) return { ...blank, problem: refusal }
  try {
    const prepared = prepareChallenge(spec, seed, limits, shown)
    return { ...blank, ...grade(prepared.spec, prepared.options, submission), gradable: true, params: prepared.params }
  } catch (error) {
    if (error instanceof WorldError) return { ...blank, problem: said`Not graded: ${error.message}` }
    if (error instanceof BudgetError) return { ...blank, problem: said`Not graded: ${error.message}.` }
    throw error
  }
}

/** Why a submission is not run at all. */
function refuse(spec: ChallengeSpec, { log }: Submission): string | undefined {
  const applies = log.filter(({ command }) => command.op === 'apply' || command.op === 'create').length
  if (applies > spec.workspace.maxApplies)
    return said`Not graded: ${applies} applies, and at most ${spec.workspace.maxApplies} are allowed.`
  let before = 0
  for (const [i, { atMs, command }] of log.entries()) {
    if (!(atMs >= before)) return said`Not graded: command ${i + 1} comes before the one ahead of it.`
    before = atMs
    if (atMs > spec.workspace.maxVirtualSeconds * 1000) {
      return said`Not graded: command ${i + 1} came after ${Math.round(atMs / 1000)} s, and the exercise lasts ${spec.workspace.maxVirtualSeconds} s of the cluster's time.`
    }
    const text =
      command.op === 'apply' || command.op === 'create'
        ? command.manifest
        : 'line' in command
          ? command.line + (command.stdin ?? '')
          : command.op === 'answer'
            ? command.text
            : ''
    if (text.length > maxCommandCharacters) {
      return said`Not graded: command ${i + 1} is ${text.length} characters long; at most ${maxCommandCharacters} are allowed.`
    }
    const isGiven = command.op === 'fault' && command.given !== undefined
    if (!familyOf(command).isLearners && !isGiven)
      return said`Not graded: command ${i + 1} (${command.op}) is not the learner's to give.`
  }
  return undefined
}

type Graded = Pick<
  GradeResult,
  'score' | 'passed' | 'virtualMs' | 'stateHash' | 'tests' | 'gates' | 'commands' | 'notSimulated'
>

function grade(spec: ChallengeSpec, options: ClusterOptions, submission: Submission): Graded {
  const commands: CommandResult[] = []
  const run = runToTheEnd(spec, options, submission.log, (result) => commands.push(result))
  const { cluster, endMs } = run
  const outcome = { virtualMs: endMs, stateHash: cluster.stateHash(), notSimulated: [...cluster.notSimulated] }
  const findings = diagnose(cluster)

  const onMain = spec.checks.filter((check) => !hasRunOfItsOwn(check))
  const timed = judgeStates(run, onMain)
  const results = new Map<string, TestResult>()
  let isTaken = false
  const goOn = faultedRuns(() => {
    const isNeeded = onMain.some((check) => isTried(check) || !results.has(check.id))
    if (isNeeded || isTaken) return replayCluster(options, submission.log, endMs)
    isTaken = true
    return cluster
  })
  for (const check of inOrderOfDependence(spec.checks)) {
    const blockers = (check.dependsOn ?? []).filter((id) => results.get(id)?.status !== 'pass')
    if (blockers.length > 0) {
      results.set(
        check.id,
        skipped(check, said`first make this pass: ${blockers.map((id) => titleShown(spec.checks, id)).join('; ')}`),
      )
      continue
    }
    const onFork = hasRunOfItsOwn(check) ? goOn(check) : undefined
    const judgedRun = onFork ?? run
    const states = onFork ? judgeStates(onFork, [check]) : timed
    const result = judgeCheck(check, judgedRun, states, onFork ? diagnose(onFork.cluster) : findings)
    results.set(check.id, { ...result, course: courseOf(check, judgedRun, states) })
  }
  const ordered = spec.checks.map((check) => results.get(check.id)!)
  const tests = ordered.filter((_, i) => !spec.checks[i].gate)
  const gates = ordered.filter((_, i) => spec.checks[i].gate)
  const lost = gates.reduce((sum, gate) => sum + (gate.maxPoints - gate.points), 0)
  const earned = tests.reduce((sum, test) => sum + test.points, 0)
  return {
    ...outcome,
    score: Math.max(0, earned - lost),
    passed: ordered.every((test) => test.status === 'pass'),
    tests,
    gates,
    commands,
  }
}

function titleShown(checks: readonly CheckSpec[], id: string): string {
  const check = checks.find((one) => one.id === id)
  return check?.hidden ? 'a check that is not shown' : (check?.title ?? id)
}

/** The run that is graded: all commands, and the time after the last one. */
function runToTheEnd(
  spec: ChallengeSpec,
  options: ClusterOptions,
  log: readonly LoggedCommand[],
  onResult?: (result: CommandResult) => void,
): Run {
  const cluster = replayCluster(options, log, log.at(-1)?.atMs ?? 0, onResult)
  checkSetup(spec, cluster)
  const lastCommandMs = cluster.nowMs
  cluster.advance(spec.observeSeconds * 1000)
  return { cluster, fromMs: 0, lastCommandMs, endMs: cluster.nowMs }
}

/** A graded run again, to be looked back at. */
export interface ReplayedRun {
  /** The variant: parameters are filled in. */
  spec: ChallengeSpec
  cluster: LiveCluster
  /** When the verdict was due; what came of a check's faults follows it. */
  verdictMs: number
  /** At the verdict: that of the grade when it is the same run. */
  stateHash: string
  /** Of the check that it goes on with. */
  faults: readonly Fault[]
}

/**
 * The run that a submission was graded on, to its end.
 * @param after a check with faults of its own: the run goes on with them, for as long as the check was watched
 * @throws BudgetError when it costs too much
 */
export function replayGraded(
  spec: ChallengeSpec,
  { log }: Submission,
  seed: string,
  after?: string,
  limits?: Partial<EngineLimits>,
): ReplayedRun {
  const prepared = prepareChallenge(spec, seed, limits)
  const { cluster, endMs } = runToTheEnd(prepared.spec, prepared.options, log)
  const stateHash = cluster.stateHash()
  const check = prepared.spec.checks.find(({ id }) => id === after)
  if (check) letFaultsCome(cluster, check)
  return { spec: prepared.spec, cluster, verdictMs: endMs, stateHash, faults: check?.given ?? [] }
}

/** A check as it stands at a moment of a run that goes on. */
export interface StandingCheck {
  check: CheckSpec
  /** `unknown`: only a grade can tell. */
  status: 'pass' | 'fail' | 'unknown'
  message: string
}

/**
 * The checks as they stand at this moment of a cluster, which is left as it is. What sends requests or injects faults is left
 * to the grade.
 * @param spec a variant's, as `openChallenge` gives it
 * @param lastCommandMs when the last command was done
 */
export function judgeNow(spec: ChallengeSpec, cluster: LiveCluster, lastCommandMs: number): StandingCheck[] {
  const run: Run = { cluster, fromMs: 0, lastCommandMs, endMs: cluster.nowMs }
  const isLeft = (check: CheckSpec): boolean => hasRunOfItsOwn(check) || isTried(check)
  const states = judgeStates(
    run,
    spec.checks.filter((check) => !isLeft(check)),
  )
  const standing = new Map<string, StandingCheck>()
  for (const check of inOrderOfDependence(spec.checks)) {
    const isBlocked = (check.dependsOn ?? []).some((id) => standing.get(id)?.status === 'fail')
    if (isBlocked || isLeft(check)) {
      standing.set(check.id, { check, status: 'unknown', message: '' })
      continue
    }
    const { status, message } = judgeCheck(check, run, states, [])
    standing.set(check.id, { check, status: status === 'pass' ? 'pass' : 'fail', message })
  }
  return spec.checks.map((check) => standing.get(check.id)!)
}

/** When a check held over a run so far. */
export interface CheckOverTime {
  check: CheckSpec
  /** From each moment on it held, or did not, until the next. */
  spans: readonly Span[]
}

/** The course of every check that looks at nothing but the state of the cluster. @param spec a variant's, as `openChallenge` gives it */
export function checksOverTime(spec: ChallengeSpec, cluster: LiveCluster): CheckOverTime[] {
  const watched = spec.checks.filter(
    (check) => !hasRunOfItsOwn(check) && assertionsOf(check).every((one) => compileStateAssertion(one) !== undefined),
  )
  const run: Run = { cluster, fromMs: 0, lastCommandMs: 0, endMs: cluster.nowMs }
  const states = judgeStates(run, watched)
  return watched.map((check) => ({ check, spans: courseOf(check, run, states).spans }))
}

interface Run {
  cluster: LiveCluster
  fromMs: number
  lastCommandMs: number
  endMs: number
  /** What the commands of its `afterwards` gave. */
  printed?: readonly Printed[]
}

const hasRunOfItsOwn = ({ given, afterwards }: CheckSpec): boolean => given !== undefined || afterwards !== undefined

/** Whether judging it sends requests or commands into the cluster: what is judged afterwards would see them. */
const isTried = (check: CheckSpec): boolean =>
  assertionsOf(check).some((assertion) => 'probe' in assertion || 'answer' in assertion)

/**
 * Runs that go on after the verdict's moment with a check's faults, what others do then, and time for the cluster to deal with them. Checks
 * that ask for the same faults look at one run, each at its moment; what is tried in a run is the last that it is for.
 * @param clusterAtTheEnd gives a cluster at the end of the learner's run that nobody else goes on with
 */
function faultedRuns(clusterAtTheEnd: () => LiveCluster): (check: CheckSpec) => Run {
  interface FaultedRun {
    cluster: LiveCluster
    fromMs: number
    /** When the faults were in, and what others do was done. */
    readyMs: number
    printed: readonly Printed[]
  }
  const runs = new Map<string, FaultedRun>()
  return (check) => {
    const key = JSON.stringify([check.given, check.afterwards])
    const wantedMs = observedMs(check.when)
    let run = runs.get(key)
    if (!run || run.cluster.nowMs > run.readyMs + wantedMs) {
      const cluster = clusterAtTheEnd()
      const fromMs = cluster.nowMs
      const printed = injectFaults(cluster, check)
      run = { cluster, fromMs, readyMs: cluster.nowMs, printed }
    }
    const { cluster, fromMs, readyMs, printed } = run
    cluster.advance(readyMs + wantedMs - cluster.nowMs)
    if (isTried(check)) runs.delete(key)
    else runs.set(key, run)
    return { cluster, fromMs, lastCommandMs: fromMs, endMs: cluster.nowMs, printed }
  }
}

function letFaultsCome(cluster: LiveCluster, check: CheckSpec): void {
  injectFaults(cluster, check)
  cluster.advance(observedMs(check.when))
}

/** @returns what each command of `afterwards` gave */
function injectFaults(cluster: LiveCluster, check: CheckSpec): Printed[] {
  for (const fault of check.given ?? []) cluster.execute({ op: 'fault', fault })
  return (check.afterwards ?? []).map((command) => {
    const { exit, stdout } = cluster.execute(command.op === 'node' ? { ...command, ownProgramsOnly: true } : command)
    return { exit, stdout }
  })
}

/** How long after its faults a check is watched. */
function observedMs(when: CheckWhen): number {
  if (when.mode === 'eventually') return when.withinSeconds * 1000
  if (when.mode === 'stable') return (when.withinSeconds + when.forSeconds) * 1000
  if (when.mode === 'once') return when.forSeconds * 2000
  if (when.mode === 'always' || when.mode === 'never') return (when.toSeconds ?? 120) * 1000
  return 300_000
}

/** Windows of a check after faults count from the faults. */
const shifted = (when: CheckWhen, fromMs: number): CheckWhen =>
  (when.mode === 'always' || when.mode === 'never') && fromMs > 0
    ? {
        ...when,
        fromSeconds: fromMs / 1000 + (when.fromSeconds ?? 0),
        toSeconds: fromMs / 1000 + (when.toSeconds ?? 120),
      }
    : when

/** When the window of a check begins, after what its times count from. */
const beginOf = (when: CheckWhen): number =>
  when.mode === 'always' || when.mode === 'never' ? (when.fromSeconds ?? 0) * 1000 : 0

interface Asserted {
  assertion: StateAssertion
  spans: Span[]
  last: Verdict | undefined
  /** The verdict when it first failed after having held, or at first. */
  failed: Verdict | undefined
}

type States = ReadonlyMap<Assertion, Asserted>

/** One walk over the run for all assertions about objects. */
function judgeStates(run: Run, checks: readonly CheckSpec[]): States {
  const states = new Map<Assertion, Asserted>()
  for (const check of checks) {
    for (const assertion of assertionsOf(check)) {
      const compiled = compileStateAssertion(assertion, run.fromMs + beginOf(check.when))
      if (compiled) states.set(assertion, { assertion: compiled, spans: [], last: undefined, failed: undefined })
    }
  }
  const reads = new Set([...states.values()].flatMap((state) => [...state.assertion.reads]))
  walkHistory(run.cluster, run.fromMs, run.endMs, reads, (snapshot, changed) => {
    for (const state of states.values()) {
      if (changed !== 'all' && !isAnyOf(state.assertion.reads, changed)) continue
      const verdict = state.assertion.evaluate(snapshot, run.printed)
      const before = state.spans.at(-1)
      if (!before || before.holds !== verdict.holds) state.spans.push({ fromMs: snapshot.atMs, holds: verdict.holds })
      if (!verdict.holds && (before?.holds || !state.failed)) state.failed = verdict
      state.last = verdict
    }
  })
  return states
}

function isAnyOf(plurals: ReadonlySet<string>, changed: ReadonlySet<string>): boolean {
  for (const plural of plurals) if (changed.has(plural)) return true
  return false
}

const assertionsOf = (check: CheckSpec): Assertion[] => [
  ...(check.assert ? [check.assert] : []),
  ...(check.criteria ?? []).map((criterion) => criterion.assert),
]

interface Judged extends TimedVerdict {
  actual: string
  expected: string
}

/** @param limitMs until when something that is asked for may be asked for again: of all criteria of a check the same moment */
function judgeAssertion(assertion: Assertion, when: CheckWhen, run: Run, states: States, limitMs: number): Judged {
  const state = states.get(assertion)
  if (state) {
    const timed = judge(shifted(when, run.fromMs), state.spans, run.lastCommandMs, run.endMs)
    const isWindow = when.mode === 'always'
    const verdict = (timed.holds ? state.last : isWindow ? (state.failed ?? state.last) : state.last) ?? {
      actual: '',
      expected: '',
      holds: false,
    }
    return { ...timed, actual: verdict.actual, expected: verdict.expected }
  }
  if ('traffic' in assertion) {
    const { name, cel, message } = assertion.traffic
    const report = run.cluster.traffic(name)
    const verdict = evaluateTraffic(cel, report, name, message)
    return { ...verdict, firstFailAtMs: verdict.holds ? undefined : report?.failures[0]?.atMs }
  }
  if ('access' in assertion) {
    const verdict = judgeAccess(run.cluster, assertion.access, run.fromMs)
    if (verdict.holds && when.mode === 'always') {
      const spans = accessCourse(run.cluster, assertion.access, run.fromMs, run.endMs)
      const timed = judge(shifted(when, run.fromMs), spans, run.lastCommandMs, run.endMs)
      if (!timed.holds) return { ...timed, actual: said`it was otherwise for a while`, expected: verdict.expected }
    }
    return { ...verdict, [verdict.holds ? 'firstPassAtMs' : 'firstFailAtMs']: run.cluster.nowMs }
  }
  if ('reach' in assertion) {
    const verdict = judgeReach(snapshotNow(run.cluster), assertion.reach, run.cluster.namespace)
    return { ...verdict, [verdict.holds ? 'firstPassAtMs' : 'firstFailAtMs']: run.cluster.nowMs }
  }
  if ('answer' in assertion) {
    const verdict = judgeAnswer(run.cluster, assertion.answer)
    return { ...verdict, [verdict.holds ? 'firstPassAtMs' : 'firstFailAtMs']: run.cluster.nowMs }
  }
  if (!('probe' in assertion))
    throw new Error('an assertion is about objects, CEL, traffic, access, reach, an answer or a probe')
  let verdict = runProbe(run.cluster, assertion.probe)
  while (!verdict.holds && run.cluster.nowMs < limitMs) {
    run.cluster.advance(1000)
    verdict = runProbe(run.cluster, assertion.probe)
  }
  return {
    ...verdict,
    ...(verdict.holds ? { firstPassAtMs: run.cluster.nowMs } : { firstFailAtMs: run.cluster.nowMs }),
  }
}

function judgeCheck(check: CheckSpec, run: Run, states: States, findings: readonly Finding[]): TestResult {
  const base = {
    id: check.id,
    title: check.title,
    maxPoints: check.points,
    why: check.why,
    ...(check.hidden ? { hidden: true } : {}),
  }
  const parts = check.criteria ?? [{ id: check.id, title: check.title, points: check.points, assert: check.assert! }]
  const { when } = check
  // A run of its own has had that time already.
  const waitsMs = when.mode === 'eventually' && !hasRunOfItsOwn(check) ? when.withinSeconds * 1000 : 0
  const limitMs = run.cluster.nowMs + waitsMs
  const judged = parts.map((part) => {
    const verdict = judgeAssertion(part.assert, when, run, states, limitMs)
    return { part, verdict: { ...verdict, expected: verdict.expected || part.title } }
  })
  const failed = judged.filter(({ verdict }) => !verdict.holds)
  const status: TestStatus = failed.length === 0 ? 'pass' : 'fail'
  const blamed = status === 'pass' ? [] : findingsAbout(check, findings)
  const links = blamed.flatMap((finding) => finding.chain).slice(0, 8)
  const points = judged.reduce((sum, { part, verdict }) => sum + (verdict.holds ? part.points : 0), 0)
  const worst = failed[0]?.verdict ?? judged[0].verdict
  return {
    ...base,
    status,
    points,
    criteria: check.criteria
      ? judged.map(({ part, verdict }) => ({
          id: part.id,
          title: part.title,
          status: verdict.holds ? 'pass' : 'fail',
          points: verdict.holds ? part.points : 0,
          maxPoints: part.points,
          actual: verdict.actual,
          expected: verdict.expected,
        }))
      : [],
    message: status === 'pass' ? said`as it has to be` : [worst.actual, worst.why].filter(Boolean).join('; '),
    actual: worst.actual,
    expected: worst.expected,
    cause: links.map(({ text }) => text),
    ...(links.length > 0 ? { causeSinceMs: links.map(({ sinceMs }) => sinceMs ?? null) } : {}),
    causes: [...new Set(blamed.map((finding) => finding.cause))],
    firstFailAtMs: worst.firstFailAtMs,
    firstPassAtMs: worst.firstPassAtMs,
  }
}

/** When the check held over the run, as far as that can be looked back at. */
function courseOf(check: CheckSpec, run: Run, states: States): CheckCourse {
  const { cluster, fromMs, endMs } = run
  const assertions = assertionsOf(check)
  const watched = assertions.flatMap((assertion): (readonly Span[])[] => {
    if ('probe' in assertion || 'reach' in assertion) return []
    if ('traffic' in assertion) return [answeredIn(cluster.traffic(assertion.traffic.name), fromMs, endMs)]
    const spans =
      'access' in assertion
        ? accessCourse(cluster, assertion.access, fromMs, endMs)
        : (states.get(assertion)?.spans ?? [])
    return [check.when.mode === 'never' ? spans.map((span) => ({ ...span, holds: !span.holds })) : spans]
  })
  return {
    fromMs,
    endMs,
    spans: allHold(watched),
    deciding: decidingPart(shifted(check.when, fromMs), run),
    ...(watched.length < assertions.length ? { isTriedAtEnd: true } : {}),
    ...(check.given ? { faults: check.given } : {}),
    ...(check.afterwards ? { isChangedByOthers: true as const } : {}),
  }
}

/** When requests of a traffic source were answered: not in the seconds in which some were lost. */
function answeredIn(report: TrafficReport | undefined, fromMs: number, endMs: number): Span[] {
  const spans: Span[] = [{ fromMs, holds: true }]
  for (const { fromSecond, toSecond } of report?.losses ?? []) {
    const [lostMs, wellMs] = [Math.max(fromSecond * 1000, fromMs), (toSecond + 1) * 1000]
    if (lostMs >= endMs || wellMs <= fromMs) continue
    if (lostMs === fromMs) spans.pop()
    spans.push({ fromMs: lostMs, holds: false })
    if (wellMs < endMs) spans.push({ fromMs: wellMs, holds: true })
  }
  return spans
}

/** The findings about what the check names; all of them when it names nothing that was found wanting. */
function findingsAbout(check: CheckSpec, findings: readonly Finding[]): readonly Finding[] {
  const text = JSON.stringify([check.title, check.assert, check.criteria])
  const about = findings.filter(({ object }) => {
    const name = object.slice(object.indexOf('/') + 1)
    // A Pod is meant by the name of what made it.
    const owner = name.replace(/(-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, '')
    return text.includes(name) || (owner !== '' && text.includes(owner))
  })
  return about.length > 0 ? about : findings
}

const skipped = (check: CheckSpec, message: string): TestResult => ({
  id: check.id,
  title: check.title,
  status: 'skipped',
  points: 0,
  maxPoints: check.points,
  criteria: [],
  message,
  why: check.why,
  cause: [],
  causes: [],
  ...(check.hidden ? { hidden: true } : {}),
})

/**
 * Each after those it depends on; those that look at the learner's run itself come first, then those that watch for a shorter time.
 * @throws Error for a circle
 */
function inOrderOfDependence(checks: readonly CheckSpec[]): CheckSpec[] {
  const waiting = [...checks].sort((a, b) => watchedAfterMs(a) - watchedAfterMs(b))
  const done = new Set<string>()
  const ordered: CheckSpec[] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex((check) => (check.dependsOn ?? []).every((id) => done.has(id)))
    if (next < 0)
      throw new Error(
        `checks depend on each other in a circle, or on one that is not there: ${waiting.map((c) => c.id).join(', ')}`,
      )
    const [check] = waiting.splice(next, 1)
    done.add(check.id)
    ordered.push(check)
  }
  return ordered
}

const watchedAfterMs = (check: CheckSpec): number => (hasRunOfItsOwn(check) ? observedMs(check.when) : -1)
