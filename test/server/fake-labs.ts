/** Labs without a simulator: canned clusters, so that pages are tested for what they do with them. */

import type { PodRun } from '../../server/explorers/pod-history.ts'
import { readScenario, writeScenario } from '../../server/labs/tasks/scenario.ts'
import {
  type AttemptView,
  type ClusterView,
  type Compared,
  type DemoRun,
  type Diagnostic,
  LabRefusal,
  type Labs,
  type PodView,
  type Recovery,
  type RunFilm,
  type RunMoment,
  type Solution,
} from '../../server/labs/types.ts'
import type { Judged } from '../../server/questions/types.ts'
import { type GradeResult, type KubeObject, playStage, type TestResult } from '../../sim/index.ts'

export const aPod = (over: Partial<PodView> = {}): PodView => ({
  namespace: 'default',
  name: 'web-1',
  tone: 'ready',
  word: 'Running',
  message: '',
  ready: '1/1',
  restarts: 0,
  node: 'node-1',
  ip: '10.1.0.2',
  age: '12s',
  labels: 'app=web',
  ...over,
})

/** Two nodes scored, one refused. */
export const anAttempt = (over: Partial<AttemptView> = {}): AttemptView => ({
  pod: 'web-1',
  uid: '0d8f',
  number: 1,
  atSeconds: 0.2,
  profile: 'default-scheduler',
  isPlaced: true,
  isFailed: false,
  node: 'node-1',
  message: '',
  evaluated: 3,
  feasible: 2,
  nodes: [
    { name: 'node-1', isChosen: true },
    { name: 'node-2', isChosen: false },
    { name: 'node-3', isChosen: false },
  ],
  filters: [{ name: 'TaintToleration', verdicts: ['passed', 'passed', 'refused'] }],
  scores: [
    {
      name: 'TaintToleration',
      weight: 3,
      cells: [{ raw: 0, scaled: 100, weighted: 300 }, { raw: 1, scaled: 0, weighted: 0 }, undefined],
    },
  ],
  totals: [300, 0, undefined],
  refusals: [{ plugin: 'TaintToleration', reason: 'node(s) had untolerated taint(s)', nodes: ['node-3'] }],
  skipped: ['NodePorts'],
  preemption: undefined,
  ...over,
})

export const aView = (over: Partial<ClusterView> = {}): ClusterView => ({
  clockSeconds: 0,
  isSettled: true,
  nodes: [
    {
      name: 'node-1',
      tone: 'ready',
      word: 'Ready',
      cpuUsedMillis: 100,
      cpuMillis: 2000,
      memoryUsedMib: 64,
      memoryMib: 4096,
      pods: [aPod()],
      systemPods: 0,
    },
  ],
  unscheduled: [],
  pods: [aPod()],
  services: [
    {
      namespace: 'default',
      name: 'web',
      type: 'ClusterIP',
      clusterIP: '10.96.0.10',
      ports: '80/TCP → 8080',
      selector: 'app=web',
      endpoints: [{ ip: '10.1.0.2', pod: 'web-1', isReady: true }],
    },
  ],
  tables: [{ resource: 'deployments', columns: ['Name', 'Ready'], rows: [['web', '1/1']] }],
  events: [
    { age: '3s', type: 'Normal', reason: 'Started', object: 'Pod/web-1', message: 'Started container', count: 1 },
  ],
  scheduling: [anAttempt()],
  notSimulated: [],
  ...over,
})

export const aRun = (stdout: string): DemoRun => ({
  steps: [{ atSeconds: 0, title: 'kubectl apply -f -', exit: 0, stdout, stderr: '' }],
  view: aView({ clockSeconds: 20 }),
  moments: [
    { ...aView(), atMs: 0, pods: [], nodes: [], unscheduled: [] },
    { ...aView(), atMs: 20_000 },
  ],
  timeline: [
    {
      name: 'web-1',
      spans: [
        { fromSeconds: 0, toSeconds: 2, tone: 'waiting', word: 'Pending' },
        { fromSeconds: 2, toSeconds: 20, tone: 'ready', word: 'Ready' },
      ],
    },
  ],
  sequence: [
    { atSeconds: 0, from: 'kubectl', to: 'kube-apiserver', label: 'create Pod web-1' },
    { atSeconds: 0.1, from: 'kube-scheduler', to: 'kube-apiserver', label: 'bind Pod web-1 to node-1' },
  ],
})

export const aPodRun = (): PodRun => ({
  steps: [{ atSeconds: 0, title: 'kubectl apply -f -', exit: 0, stdout: 'pod/life created', stderr: '' }],
  history: {
    endSeconds: 120,
    moments: [
      { atSeconds: 0, isGone: false, isDeleting: false, phase: 'Pending', isReady: false, containers: [] },
      {
        atSeconds: 1.4,
        isGone: false,
        isDeleting: false,
        phase: 'Running',
        isReady: true,
        containers: [
          {
            name: 'main',
            state: 'running',
            reason: '',
            exitCode: undefined,
            restarts: 0,
            isStarted: true,
            last: undefined,
          },
        ],
      },
    ],
    occurrences: [{ atSeconds: 0.6, type: 'Normal', reason: 'Started', message: 'Container started' }],
  },
})

/** A Pod that dies after ten seconds, and its successor. */
export const aFilm = (): RunFilm => ({
  endMs: 60_000,
  nodes: [{ name: 'node-1', turns: [{ atMs: 0, is: 'ready' }] }],
  pods: [
    {
      name: 'web-1',
      node: 'node-1',
      turns: [
        { atMs: 0, is: 'failing', node: 'node-1' },
        { atMs: 10_000, is: 'gone', node: 'node-1' },
      ],
    },
    {
      name: 'web-2',
      node: 'node-1',
      turns: [
        { atMs: 9000, is: 'waiting', node: '' },
        { atMs: 9100, is: 'waiting', node: 'node-1' },
        { atMs: 12_000, is: 'ready', node: 'node-1' },
      ],
    },
  ],
})

const test = (over: Partial<TestResult>): TestResult => ({
  id: 'ready',
  title: 'Three Pods are ready',
  status: 'pass',
  points: 100,
  maxPoints: 100,
  criteria: [],
  message: '',
  cause: [],
  causes: [],
  ...over,
})

export const aGrade = (over: Partial<GradeResult> = {}): GradeResult => ({
  gradable: true,
  score: 100,
  maxScore: 100,
  passed: true,
  seed: 's',
  params: {},
  engineVersion: '1',
  contentHash: 'h',
  virtualMs: 60_000,
  wallMs: 3,
  stateHash: '0123456789abcdef',
  tests: [test({})],
  gates: [],
  commands: [],
  notSimulated: [],
  ...over,
})

export const aFailedGrade = (): GradeResult =>
  aGrade({
    score: 0,
    passed: false,
    tests: [
      test({
        status: 'fail',
        points: 0,
        message: 'One Pod is ready',
        actual: '1 ready Pod',
        expected: '3 ready Pods',
        why: 'Traffic needs them',
        cause: ['the image does not exist', 'the container cannot start'],
        causes: ['image-not-found'],
        firstFailAtMs: 12_300,
      }),
      test({ id: 'secret', title: 'HIDDEN CHECK', status: 'fail', hidden: true }),
    ],
  })

export interface FakeLabs extends Labs {
  calls: { method: string; request: unknown }[]
  /** What the next calls answer with, or throw. */
  next: {
    grade?: GradeResult
    refusal?: LabRefusal
    key?: string
    solutions?: Solution[]
    /** One after the other. */
    outcomes?: KubeObject[][]
    diagnostics?: Diagnostic[]
    judged?: Judged
    cannotRebuild?: boolean
    isMoving?: boolean
    commandMs?: number
    podRun?: PodRun
    moment?: Partial<RunMoment>
    film?: RunFilm
    compared?: Compared
    recoveries?: Recovery[]
    behaviour?: string[]
  }
}

export function createFakeLabs(): FakeLabs {
  const fake: FakeLabs = {
    calls: [],
    next: {},
    runDemo: async (_who, request) => {
      note('runDemo', request)
      return aRun(request.edited ? `ran: ${request.edited.manifest.slice(0, 40)}` : 'pod/web-1 created')
    },
    work: async (_who, request) => {
      if (request.action.do !== 'look') note('work', request)
      if (fake.next.cannotRebuild && request.log.length > 0) throw new LabRefusal(422, 'It took too long.')
      const { action, clockMs } = request
      const passed = {
        look: 0,
        step: 100,
        command: fake.next.commandMs ?? 0,
        advance: action.do === 'advance' ? action.ms : 0,
        settle: 7000,
        play: action.do === 'play' ? action.ms : 0,
        complete: 0,
      }[action.do]
      const command = action.do === 'command' ? action.command : undefined
      return {
        clockMs: clockMs + passed,
        engineVersion: '1',
        params: {},
        logged: command && { atMs: clockMs, command },
        output: command && {
          atMs: clockMs,
          doneMs: clockMs,
          exit: 0,
          stdout: `did ${JSON.stringify(command)}`,
          stderr: '',
        },
        view: aView({ clockSeconds: (clockMs + passed) / 1000, isSettled: !fake.next.isMoving }),
        checks: [
          { id: 'ready', title: 'Three Pods are ready', points: 100, gate: false, state: 'not yet', message: '' },
        ],
      }
    },
    grade: async (_who, request) => {
      note('grade', request)
      return fake.next.grade ?? aGrade()
    },
    moment: async (_who, request) => {
      note('moment', request)
      const atMs = Math.min(request.atMs ?? 60_000, 60_000)
      return {
        atMs,
        endMs: 60_000,
        isGradedRun: true,
        view: aView({ clockSeconds: atMs / 1000 }),
        happenings: [],
        ...fake.next.moment,
      }
    },
    film: async (_who, request) => {
      note('film', request)
      return fake.next.film ?? aFilm()
    },
    solutions: async (_who, request) => {
      note('solutions', request)
      return fake.next.solutions ?? []
    },
    world: async (_who, { seed }) => ({
      ...{ seed, startEpochMs: 0, shape: { nodes: [{ name: 'node-1' }] } },
      ...{ setup: { commands: [], settleMs: 0 }, log: [] },
    }),
    standings: async (_who, request) => {
      note('standings', request)
      return request.points.map(() => [
        { id: 'ready', title: 'Three Pods are ready', points: 100, gate: false, state: 'not yet', message: '' },
      ])
    },
    divergence: async (_who, request) => {
      note('divergence', request)
      return fake.next.compared ?? { untilMs: 0, atMs: undefined, parted: [undefined, undefined] }
    },
    recoveries: async (_who, request) => {
      note('recoveries', request)
      return fake.next.recoveries ?? []
    },
    behaviour: async (_who, request) => {
      note('behaviour', request)
      return fake.next.behaviour ?? []
    },
    outcome: async (_who, request) => {
      note('outcome', request)
      return fake.next.outcomes?.shift() ?? []
    },
    predict: async (_who, request) => {
      note('predict', request)
      return { key: fake.next.key ?? '3', run: aRun('') }
    },
    judgeFix: async (_who, request) => {
      note('judgeFix', request)
      return {
        judged: fake.next.judged ?? { held: request.question.checks.map(() => true), refused: '' },
        run: aRun(''),
      }
    },
    judgeTyped: async (_who, request) => {
      note('judgeTyped', request)
      return fake.next.judged ?? { held: [false], refused: '' }
    },
    lint: async (_who, text) => {
      note('lint', text)
      return fake.next.diagnostics ?? []
    },
    outline: async (_who, { apiVersion, kind }) =>
      apiVersion === 'v1' && kind === 'Pod' ? { root: 'Pod', definitions: { Pod: { type: 'object' } } } : undefined,
    explorePod: async (_who, request) => {
      note('explorePod', request)
      return fake.next.podRun ?? aPodRun()
    },
    stage: async (_who, { options, acts }) => playStage(options, acts),
    readScenario: async (_who, text) => readScenario(text),
    writeScenario: async (_who, plan) => writeScenario(plan),
    about: async () => ({
      engineVersion: '1',
      kubernetes: 'v1.36',
      kinds: [{ kind: 'Pod', apiVersion: 'v1', plural: 'pods', isNamespaced: true, notSimulated: ['spec.hostname'] }],
      controllers: ['deployment'],
      nodePrograms: ['/usr/bin/crictl'],
      images: ['nginx'],
    }),
    healthy: async () => {},
    close: async () => {},
  }
  function note(method: string, request: unknown): void {
    if (fake.next.refusal) throw fake.next.refusal
    fake.calls.push({ method, request })
  }
  return fake
}
