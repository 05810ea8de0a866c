/** What pages may ask of simulated clusters, and the plain data they get back. It crosses processes, so it holds no functions. */
import type {
  ChallengeSpec,
  ClusterShape,
  Command,
  CommandOutput,
  CommandResult,
  Fault,
  GradeResult,
  KubeObject,
  LoggedCommand,
  SchemaOutline,
  StageAct,
  StageOptions,
  StageScene,
} from '../../sim/index.ts'
import type { Demo, ScenarioBody } from '../catalog/types.ts'
import type { PodRun } from '../explorers/pod-history.ts'
import type { PodScenario } from '../explorers/types.ts'
import { t, type Values } from '../i18n/translate.ts'
import type { FixQuestion } from '../questions/fix.ts'
import type { PredictQuestion } from '../questions/predict.ts'
import type { ShortRun } from '../questions/short.ts'
import type { Judged } from '../questions/types.ts'

/** Runs clusters somewhere else than in the process that answers requests. */
export interface Labs {
  /** A lesson's demo from start to end. */
  runDemo(who: string, request: DemoRequest): Promise<DemoRun>
  /** Rebuilds an attempt's cluster, does the action, and shows what there is. */
  work(who: string, request: WorkRequest): Promise<WorkResult>
  grade(who: string, request: GradeRequest): Promise<GradeResult>
  /** The run that was graded, as it was at a moment. */
  moment(who: string, request: MomentRequest): Promise<RunMoment>
  /** The run that was graded, as a film of its nodes and Pods. */
  film(who: string, request: GradeRequest): Promise<RunFilm>
  /** @throws Error when they cannot be read */
  solutions(who: string, request: SolutionsRequest): Promise<Solution[]>
  /** The cluster of a challenge's variant, as a sandbox is made from it. */
  world(who: string, request: WorldRequest): Promise<World>
  /** The first thing that happened in one of two runs and not in the other, both replayed from one seed. */
  divergence(who: string, request: DivergenceRequest): Promise<Compared>
  /** What each fault that a run was given did to it so far, and how long that lasted. */
  recoveries(who: string, request: RecoveriesRequest): Promise<Recovery[]>
  /** How the checks stood at moments of somebody's work, in order. */
  standings(who: string, request: StandingsRequest): Promise<LiveCheck[][]>
  /** What somebody did in a run, a word for each step: without names, values and formatting. */
  behaviour(who: string, request: BehaviourRequest): Promise<string[]>
  /** The objects that people write, as they stand at the end of a run. */
  outcome(who: string, request: OutcomeRequest): Promise<KubeObject[]>
  /** The key of a predict question's variant, and the run that proves it. */
  predict(who: string, request: PredictRequest): Promise<{ key: string; run: DemoRun }>
  /** What a learner's manifest does in the place of the one to fix. */
  judgeFix(who: string, request: FixRequest): Promise<{ judged: Judged; run: DemoRun }>
  /** Whether a line or a path that was typed does what it should, in each of the question's clusters. */
  judgeTyped(who: string, request: TypedRequest): Promise<Judged>
  /** What is wrong with manifests, told by the API server's own checks. */
  lint(who: string, text: string): Promise<Diagnostic[]>
  /** The schema of a kind, for completion; undefined when there is no such kind. */
  outline(who: string, type: { apiVersion: string; kind: string }): Promise<SchemaOutline | undefined>
  /** A scenario about one Pod, and the Pod's whole history. */
  explorePod(who: string, request: ExploreRequest): Promise<PodRun>
  /** A group of Raft members, after so many acts. */
  stage(who: string, request: StageRequest): Promise<StageScene>
  /** A scenario file as a cluster and what is done to it. @throws LabRefusal 422 that says what is wrong and where */
  readScenario(who: string, text: string): Promise<ScenarioPlan>
  /** The file that `readScenario` reads as the same plan. */
  writeScenario(who: string, plan: ScenarioPlan): Promise<string>
  /** What is simulated. */
  about(): Promise<SimulatorFacts>
  /** Resolves when somebody has computed something lately, or does now. @throws Error when nobody does */
  healthy(): Promise<void>
  close(): Promise<void>
}

/** The cluster was not run, or was stopped. The message is for the learner, in the language of the request in which it is read. */
export class LabRefusal extends Error {
  override readonly name = 'LabRefusal'
  readonly status: number
  /** In English, as `t` takes it. Between processes, where errors lose their class, it travels with its values. */
  readonly text: string
  readonly values: Values
  constructor(status: number, text: string, values: Values = {}) {
    super()
    this.status = status
    this.text = text
    this.values = values
  }

  override get message(): string {
    return t(this.text, this.values)
  }
}

/** It computed for longer than it may. */
export class LabTimeout extends LabRefusal {}

/** It needed more memory than it may, beside what else its process kept: alone it may do. */
export class LabOutOfMemory extends LabRefusal {}

export interface StageRequest {
  options: StageOptions
  acts: StageAct[]
}

export interface DemoRequest {
  demo: ScenarioBody & Partial<Pick<Demo, 'sequence' | 'title'>>
  seed: string
  /** Takes the place of the manifest of step `demo.edit`. */
  edited?: { step: number; manifest: string }
}

export interface DemoRun {
  steps: StepResult[]
  view: ClusterView
  /** At which there is something to see, from the first to the last. */
  moments: MomentView[]
  timeline: TimelineRow[]
  sequence: SequenceRow[]
}

export interface StepResult extends CommandOutput {
  atSeconds: number
  /** The line as a person would have typed it. */
  title: string
  exit: number
}

export type WorkAction =
  /** At a moment that is over, where one is told. */
  | { do: 'look'; atMs?: number }
  | { do: 'command'; command: Command }
  | { do: 'advance'; ms: number }
  | { do: 'settle'; maxMs: number }
  | { do: 'step' }
  /** Goes on until the cluster settles, `ms` at most, and shows it at so many moments on the way. */
  | { do: 'play'; ms: number; frames: number }
  /** What could stand at the cursor of a kubectl line. */
  | { do: 'complete'; line: string; cursor: number }

export interface WorkRequest {
  spec: ChallengeSpec
  contentHash: string
  seed: string
  log: LoggedCommand[]
  clockMs: number
  action: WorkAction
}

export interface WorkResult {
  /** The virtual time after the action, since the hand-over. */
  clockMs: number
  params: Record<string, string | number>
  /** Of the simulator that did it. */
  engineVersion: string
  /** What was added to the log, when the action was a command. */
  logged?: LoggedCommand
  output?: CommandResult
  /** Of a completion. */
  candidates?: string[]
  /** Of a play: what there was to see before the end. */
  frames?: { clockMs: number; view: ClusterView }[]
  view: ClusterView
  checks: LiveCheck[]
}

export interface LiveCheck {
  id: string
  title: string
  points: number
  gate: boolean
  /** `unknown`: only a grade can tell, because it takes requests or faults, or another check comes first. */
  state: 'holds' | 'not yet' | 'unknown'
  message: string
}

export interface GradeRequest {
  spec: ChallengeSpec
  contentHash: string
  seed: string
  log: LoggedCommand[]
  /** The parameters of the variant that was worked on, when this seed is another one's. */
  shown?: Record<string, string | number>
}

export interface MomentRequest extends GradeRequest {
  /** Of the grade, to tell whether it is the same run. */
  stateHash: string
  /** A check with faults of its own: the run that goes on with them after the verdict. */
  after?: string
  /** Virtual milliseconds since the hand-over; the verdict unless told. */
  atMs?: number
}

export interface RunMoment {
  /** Not beyond the end. */
  atMs: number
  endMs: number
  /** False when the challenge or the simulator has changed since, so that the same commands make another run. */
  isGradedRun: boolean
  view: ClusterView
  happenings: Happening[]
}

/** A run as a film: virtual milliseconds from the hand-over, 0, to the verdict. */
export interface RunFilm {
  endMs: number
  nodes: FilmedNode[]
  /** In the order in which they came. */
  pods: FilmedPod[]
}

export interface FilmedNode {
  name: string
  turns: { atMs: number; is: 'ready' | 'failing' | 'gone' }[]
}

export interface FilmedPod {
  name: string
  /** The last that it had; empty when it never had one. */
  node: string
  /** From each moment on it was so, on that node, until the next. */
  turns: { atMs: number; is: Tone | 'gone'; node: string }[]
}

/** What is worth a mark on a run's time axis, besides its commands and checks. Virtual milliseconds since the hand-over. */
export type Happening =
  | { what: 'fault'; atMs: number; fault: Fault }
  /** Requests of the world's traffic that were lost. */
  | { what: 'loss'; atMs: number; untilMs: number; url: string; sent: number; failed: number }
  | { what: 'event'; atMs: number; type: string; reason: string; object: string; message: string }

export interface SolutionsRequest {
  /** The folders of the content. */
  content: string[]
  spec: ChallengeSpec
  seed: string
}

/** A way to do a challenge, for the variant of a seed. */
export interface Solution {
  name: string
  about: string
  /** Text by name. */
  files: Record<string, string>
  /** The lines that are typed. */
  steps: string[]
  log: LoggedCommand[]
}

export interface WorldRequest {
  spec: ChallengeSpec
  seed: string
}

/** A cluster at its hand-over, before anything is done to it. */
export interface World {
  seed: string
  shape: ClusterShape
  startEpochMs: number
  setup: { commands: Command[]; settleMs: number }
  /** What goes on by itself from the hand-over on. */
  log: LoggedCommand[]
}

export interface DivergenceRequest {
  spec: ChallengeSpec
  seed: string
  runs: [ComparedRun, ComparedRun]
}

export interface ComparedRun {
  log: LoggedCommand[]
  clockMs: number
}

export interface Compared {
  /** Virtual milliseconds up to which both were looked at: the clock of the one that is less far. */
  untilMs: number
  /** When they part; undefined when they do not. */
  atMs: number | undefined
  /** What happened in each of them at that moment; undefined for nothing. */
  parted: [Parted?, Parted?]
}

export interface Parted {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `Deployment/web` */
  object: string
  /** Of one that was changed, the first fields that people write. */
  fields: { field: string; from: string; to: string }[]
}

export interface RecoveriesRequest {
  spec: ChallengeSpec
  seed: string
  log: LoggedCommand[]
  clockMs: number
}

/** What came of a fault. Virtual milliseconds since the hand-over. */
export interface Recovery {
  /** Of the fault. */
  id: string
  dueMs: number
  /** When it was felt; undefined when it has not been so far. */
  hurtMs: number | undefined
  /** From when on all was well again, to the present; undefined when it is not yet. */
  backMs: number | undefined
  /** What is watched: the checks that held when it came, or, where none did, that as many Pods are ready as then. */
  by: 'checks' | 'pods'
  /** Titles of the checks that it broke. */
  broken: string[]
}

export interface StandingsRequest {
  spec: ChallengeSpec
  seed: string
  /** The run at each of them: so many commands of the one before, and those that were added. What was taken back is in none that follows. */
  points: { keeps: number; added: LoggedCommand[]; clockMs: number }[]
  /** Checks that learners do not see are told, too. */
  withHidden: boolean
}

export interface BehaviourRequest {
  spec: ChallengeSpec
  seed: string
  log: LoggedCommand[]
}

export interface OutcomeRequest {
  spec: ChallengeSpec
  seed: string
  log: LoggedCommand[]
}

export interface PredictRequest {
  question: PredictQuestion
  seed: string
  params: Record<string, string | number>
}

/** Lines and columns from 1; the end is behind the last character. */
export interface Diagnostic {
  severity: 'error' | 'warning'
  message: string
  from: { line: number; column: number }
  to: { line: number; column: number }
}

export interface FixRequest {
  question: FixQuestion
  seed: string
  manifest: string
}

export interface TypedRequest {
  run: ShortRun
  seed: string
  typed: string
}

export interface ExploreRequest {
  scenario: PodScenario
  pod: { namespace: string; name: string }
  seed: string
}

/** A run without its outcome: what `npm run scenario` takes, and what sandboxes are made from and exported as. */
export interface ScenarioPlan {
  name: string
  /** Drawn when it is left out. */
  seed?: string
  /** The cluster's date at its hand-over, as ISO 8601 writes it. */
  start?: string
  shape: ClusterShape
  log: readonly LoggedCommand[]
  durationMs: number
}

export interface SimulatorFacts {
  engineVersion: string
  kubernetes: string
  /** An entry for each kind: what has an effect, and what is accepted without one. */
  kinds: { kind: string; apiVersion: string; plural: string; isNamespaced: boolean; notSimulated: string[] }[]
  controllers: string[]
  images: string[]
  nodePrograms: string[]
}

/** One of four states that are never shown by colour alone, and one for what has ended well. */
export type Tone = 'ready' | 'waiting' | 'failing' | 'ending' | 'done'

export interface PodView {
  namespace: string
  name: string
  tone: Tone
  word: string
  ready: string
  restarts: number
  node: string
  ip: string
  /** As kubectl prints it: `42s`, `3m10s`. */
  age: string
  /** Why it waits or fails, when the cluster says so. */
  message: string
  labels: string
}

export interface NodeView {
  name: string
  tone: Tone
  word: string
  cpuUsedMillis: number
  cpuMillis: number
  memoryUsedMib: number
  memoryMib: number
  pods: PodView[]
  /** Those of kube-system that are not shown, which count in what is used. */
  systemPods: number
  /** Of the member of etcd that is there. */
  etcd?: EtcdView
}

export interface EtcdView {
  /** In the words of etcd, which are not translated: `leader`. */
  word: string
  tone: Tone
  term: number
}

export interface ServiceView {
  namespace: string
  name: string
  type: string
  clusterIP: string
  ports: string
  selector: string
  endpoints: { ip: string; pod: string; isReady: boolean }[]
}

export interface ObjectTable {
  resource: string
  /** In English, for `t`. */
  columns: string[]
  rows: string[][]
}

export interface EventView {
  age: string
  type: string
  reason: string
  object: string
  message: string
  count: number
}

/** The scheduler's last attempt for a Pod; what is listed by node is in the order of `nodes`. */
export interface AttemptView {
  /** With its namespace, unless that is `default`. */
  pod: string
  uid: string
  number: number
  /** Virtual seconds since the hand-over; negative before it. */
  atSeconds: number
  profile: string
  isPlaced: boolean
  /** Something else than the nodes stood in its way. */
  isFailed: boolean
  /** Where it is placed. */
  node: string
  /** Why it is not, as its event says it. */
  message: string
  evaluated: number
  feasible: number
  /** The best first; of many the best. */
  nodes: { name: string; isChosen: boolean }[]
  filters: FilterRow[]
  scores: ScoreRow[]
  totals: (number | undefined)[]
  refusals: { plugin: string; reason: string; nodes: string[] }[]
  /** Filters that had nothing to say. */
  skipped: string[]
  preemption: { node: string; victims: string[] } | undefined
}

export interface FilterRow {
  name: string
  verdicts: ('passed' | 'refused' | 'not asked')[]
}

export interface ScoreRow {
  name: string
  weight: number
  /** As the plugin gave it, from 0 to 100, and times the weight; undefined for a node that was refused. */
  cells: ({ raw: number; scaled: number; weighted: number } | undefined)[]
}

/** What there is in a cluster. */
export interface PictureView {
  nodes: NodeView[]
  /** Pods that have no node yet. */
  unscheduled: PodView[]
  pods: PodView[]
  services: ServiceView[]
  tables: ObjectTable[]
}

/** A moment of a run, in milliseconds since the hand-over. */
export interface MomentView extends PictureView {
  atMs: number
}

export interface ClusterView extends PictureView {
  /** Virtual seconds since the cluster was handed over. */
  clockSeconds: number
  isSettled: boolean
  /** Latest first. */
  events: EventView[]
  scheduling: AttemptView[]
  notSimulated: string[]
}

export interface TimelineRow {
  name: string
  spans: { fromSeconds: number; toSeconds: number; tone: Tone; word: string }[]
}

export interface SequenceRow {
  atSeconds: number
  from: string
  to: string
  label: string
}
