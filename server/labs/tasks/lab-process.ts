/** The entry of a process that simulates: one task in, plain data out. */
import { BudgetError, budgeted, outlineOf, playStage, stepsPerSecond } from '../../../sim/index.ts'
import { connectToParent } from '../../child-processes.ts'
import { msg } from '../../i18n/translate.ts'
import type {
  BehaviourRequest,
  DemoRequest,
  DivergenceRequest,
  ExploreRequest,
  FixRequest,
  GradeRequest,
  MomentRequest,
  OutcomeRequest,
  PredictRequest,
  RecoveriesRequest,
  ScenarioPlan,
  SolutionsRequest,
  StageRequest,
  StandingsRequest,
  TypedRequest,
  WorkRequest,
  WorldRequest,
} from '../types.ts'
import { LabRefusal } from '../types.ts'
import { behaviourOf } from './behaviour.ts'
import { findDivergence } from './divergence.ts'
import { watchHeap } from './heap.ts'
import { lint } from './lint.ts'
import { recoveriesOf } from './recoveries.ts'
import { Replays } from './replays.ts'
import { readScenario, writeScenario } from './scenario.ts'
import { solutionsOf } from './solutions.ts'
import { standings } from './standings.ts'
import {
  about,
  challengeLimits,
  explorePod,
  grade,
  judgeFix,
  judgeTyped,
  learnerLimits,
  mostStepsOfChallenge,
  outcome,
  predict,
  runDemo,
  Workbench,
} from './work.ts'
import { worldOf } from './world.ts'

export type Task =
  | { kind: 'demo'; request: DemoRequest }
  | { kind: 'work'; request: WorkRequest }
  | { kind: 'grade'; request: GradeRequest }
  | { kind: 'moment'; request: MomentRequest }
  | { kind: 'film'; request: GradeRequest }
  | { kind: 'solutions'; request: SolutionsRequest }
  | { kind: 'world'; request: WorldRequest }
  | { kind: 'divergence'; request: DivergenceRequest }
  | { kind: 'recoveries'; request: RecoveriesRequest }
  | { kind: 'standings'; request: StandingsRequest }
  | { kind: 'behaviour'; request: BehaviourRequest }
  | { kind: 'outcome'; request: OutcomeRequest }
  | { kind: 'predict'; request: PredictRequest }
  | { kind: 'fix'; request: FixRequest }
  | { kind: 'typed'; request: TypedRequest }
  | { kind: 'lint'; text: string }
  | { kind: 'outline'; type: { apiVersion: string; kind: string } }
  | { kind: 'explore'; request: ExploreRequest }
  | { kind: 'stage'; request: StageRequest }
  | { kind: 'read-scenario'; text: string }
  | { kind: 'write-scenario'; plan: ScenarioPlan }
  | { kind: 'about' }
  | { kind: 'warm' }

/** Errors lose their class on the way between processes, so they travel as data. */
export type Reply =
  | { ok: unknown }
  | { refused: Pick<LabRefusal, 'status' | 'text' | 'values'> }
  /** A mistake of ours: its stack. */
  | { failed: string }

const bench = new Workbench(undefined, undefined, watchHeap())
const replays = new Replays(challengeLimits)

/** Steps of computing of one task, besides the limits of each of its clusters: an exercise is judged at several moments. */
const mostSteps = 1.5 * stepsPerSecond
const challengeTasks: ReadonlySet<Task['kind']> = new Set([
  ...([
    'work',
    'grade',
    'moment',
    'film',
    'outcome',
    'solutions',
    'world',
    'divergence',
    'recoveries',
    'standings',
    'behaviour',
  ] as const),
])

connectToParent<undefined, Task, Reply>((_, say) => async (task) => say(await run(task)))

async function run(task: Task): Promise<Reply> {
  const steps = challengeTasks.has(task.kind) ? mostStepsOfChallenge : mostSteps
  try {
    const done = budgeted<{ task: unknown } | undefined>(
      steps,
      () => ({ task: perform(task) }),
      () => undefined,
    )
    if (!done) throw new LabRefusal(422, tooMuch, { steps })
    return { ok: await done.task }
  } catch (error) {
    const refusal = refusalOf(error)
    if (!refusal) return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    const { status, text, values } = refusal
    return { refused: { status, text, values } }
  }
}

function refusalOf(error: unknown): LabRefusal | undefined {
  if (error instanceof LabRefusal) return error
  if (error instanceof BudgetError) return new LabRefusal(422, budgetTexts[error.budget], error.values)
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new LabRefusal(422, msg('The run was stopped: the input is nested too deeply.'))
  return undefined
}

const budgetTexts: Record<BudgetError['budget'], string> = {
  events: msg('The run passed its budget of {events} events at {seconds} s of virtual time.'),
  virtualMs: msg('The run passed its budget of {seconds} s of virtual time.'),
  work: msg('The run was stopped: it passed its budget of {steps} steps of computing at {seconds} s of virtual time.'),
  objects: msg('The cluster holds {objects} objects, the most that it may hold: no {kind} was added.'),
}

const tooMuch = msg('The run was stopped: it passed its budget of {steps} steps of computing.')

function perform(task: Task): unknown {
  switch (task.kind) {
    case 'demo':
      return runDemo(task.request)
    case 'work':
      return bench.work(task.request)
    case 'grade':
      return grade(task.request)
    case 'moment':
      return replays.moment(task.request)
    case 'film':
      return replays.film(task.request)
    case 'solutions':
      return solutionsOf(task.request)
    case 'world':
      return worldOf(task.request)
    case 'divergence':
      return findDivergence(task.request, challengeLimits)
    case 'recoveries':
      return recoveriesOf(task.request, challengeLimits)
    case 'standings':
      return standings(task.request)
    case 'behaviour':
      return behaviourOf(task.request, challengeLimits)
    case 'outcome':
      return outcome(task.request)
    case 'predict':
      return predict(task.request)
    case 'fix':
      return judgeFix(task.request)
    case 'typed':
      return judgeTyped(task.request)
    case 'lint':
      return lint(task.text, learnerLimits)
    case 'outline':
      return outlineOf(task.type.apiVersion, task.type.kind)
    case 'explore':
      return explorePod(task.request)
    case 'stage':
      return playStage(task.request.options, task.request.acts)
    case 'read-scenario':
      return readScenario(task.text)
    case 'write-scenario':
      return writeScenario(task.plan)
    case 'about':
      return about()
    case 'warm':
      return true
  }
}
