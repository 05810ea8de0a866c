import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allHold, decidingPart } from '../../sim/scenario/checks/time-modes.ts'
import { gradeChallenge, replayGraded } from '../../sim/scenario/grade.ts'
import type { ChallengeSpec, CheckSpec, LoggedCommand } from '../../sim/scenario/types.ts'

const check = (id: string, rest: Partial<CheckSpec>): CheckSpec => ({
  id,
  title: id,
  points: 10,
  when: { mode: 'settled' },
  ...rest,
})

const robot = 'system:serviceaccount:default:robot'

const spec: ChallengeSpec = {
  id: 'course',
  title: 'Course',
  version: 1,
  style: 'operate',
  difficulty: 1,
  minutes: 5,
  topics: [],
  params: { replicas: { oneOf: [2] } },
  world: {
    shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] },
    setup: [
      { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=2' },
      { op: 'kubectl', line: 'kubectl create service nodeport web --tcp=80:80 --node-port=30080' },
      { op: 'kubectl', line: 'kubectl create serviceaccount robot' },
    ],
    settleSeconds: 20,
    traffic: [{ name: 'visitors', from: 'outside', url: 'http://node-1:30080/', perSecond: 2, seconds: 100 }],
  },
  workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
  checks: [
    check('ready', {
      assert: { cel: 'deployments.all(d, has(d.status.readyReplicas) && d.status.readyReplicas == {{replicas}})' },
    }),
    check('no-secret', { when: { mode: 'never' }, assert: { object: { kind: 'Secret', metadata: { name: 'key' } } } }),
    check('reads', { assert: { access: { user: robot, can: ['get pods in default'] } } }),
    check('probed', {
      criteria: [
        { id: 'a', title: 'a', points: 5, assert: { object: { kind: 'Service', metadata: { name: 'web' } } } },
        {
          id: 'b',
          title: 'b',
          points: 5,
          assert: { probe: { from: 'new-pod', protocol: 'http', target: 'http://web/', expect: { status: 200 } } },
        },
      ],
    }),
    check('survives', {
      given: [{ kind: 'pod', selector: 'app=web', act: 'delete' }],
      when: { mode: 'eventually', withinSeconds: 30 },
      assert: { cel: 'deployments.all(d, has(d.status.readyReplicas) && d.status.readyReplicas == {{replicas}})' },
    }),
    check('later', { dependsOn: ['reads'], assert: { cel: 'pods.size() == 2' } }),
  ],
  hints: [],
  observeSeconds: 30,
}

const kubectl = (line: string, atMs: number): LoggedCommand => ({ atMs, command: { op: 'kubectl', line } })
const submission = {
  log: [
    kubectl('kubectl scale deployment web --replicas=3', 5000),
    kubectl('kubectl create secret generic key --from-literal=a=b', 10_000),
    kubectl('kubectl delete secret key', 12_000),
    kubectl('kubectl create role reader --verb=get --resource=pods', 14_000),
    kubectl('kubectl create rolebinding reader --role=reader --serviceaccount=default:robot', 15_000),
    kubectl('kubectl delete rolebinding reader', 20_000),
    kubectl('kubectl scale deployment web --replicas=2', 25_000),
  ],
}
const graded = gradeChallenge(spec, submission, 's', 'hash')
const courseOf = (id: string) => graded.tests.find((test) => test.id === id)!.course
/** Whole seconds. */
const turns = (id: string) =>
  courseOf(id)!.spans.map(({ fromMs, holds }) => [Math.floor(fromMs / 1000), holds] as const)

test('a course tells when what a check asks for held, lost it, and held again', () => {
  // Lost as soon as the third Pod is ready, a start of a container after the scaling.
  assert.deepEqual(turns('ready').slice(0, 2), [
    [0, true],
    [5, false],
  ])
  const last = courseOf('ready')!.spans.at(-1)!
  assert.ok(last.holds && last.fromMs > 25_000)
  assert.deepEqual(courseOf('ready')!.deciding, { fromMs: graded.virtualMs, toMs: graded.virtualMs })
})

test('what must never be does not hold while it is', () => {
  assert.deepEqual(turns('no-secret'), [
    [0, true],
    [10, false],
    [12, true],
  ])
  assert.equal(graded.tests[1]!.status, 'fail')
})

test('access is looked back at as the roles and bindings were', () => {
  assert.deepEqual(turns('reads'), [
    [0, false],
    [15, true],
    [20, false],
  ])
})

test('of a check with requests of its own the rest has a course, and it says that they came at the end', () => {
  assert.deepEqual(turns('probed'), [[0, true]])
  assert.equal(courseOf('probed')!.isTriedAtEnd, true)
})

test('a check after faults is watched from them on, in a run that can be replayed', () => {
  const course = courseOf('survives')!
  assert.equal(course.fromMs, graded.virtualMs)
  assert.equal(course.endMs, graded.virtualMs + 30_000)
  assert.deepEqual(course.faults, [{ kind: 'pod', selector: 'app=web', act: 'delete' }])
  const { cluster, verdictMs, stateHash, faults } = replayGraded(spec, submission, 's', 'survives')
  assert.equal(verdictMs, graded.virtualMs)
  assert.equal(stateHash, graded.stateHash)
  assert.deepEqual(faults, course.faults)
  assert.equal(cluster.nowMs, course.endMs)
  const deleted = cluster.changes('pods').filter(({ type, atMs }) => type === 'DELETED' && atMs >= verdictMs)
  assert.ok(deleted.length > 0)
})

test('a replay without faults is the run that was graded', () => {
  const { cluster, stateHash, faults } = replayGraded(spec, submission, 's')
  assert.deepEqual([cluster.nowMs, stateHash, faults], [graded.virtualMs, graded.stateHash, []])
})

test('a check that was not looked at has no course', () => {
  assert.equal(courseOf('later'), undefined)
})

test('of traffic, the seconds in which requests were lost do not hold', () => {
  const lossy: ChallengeSpec = {
    ...spec,
    checks: [check('answered', { assert: { traffic: { name: 'visitors', cel: 'failed == 0' } } })],
  }
  const log = [
    kubectl('kubectl delete service web', 10_000),
    kubectl('kubectl create service nodeport web --tcp=80:80 --node-port=30080', 20_000),
  ]
  const [answered] = gradeChallenge(lossy, { log }, 's', 'hash').tests
  assert.equal(answered!.status, 'fail')
  const [first, lost, again] = answered!.course!.spans
  assert.deepEqual(first, { fromMs: 0, holds: true })
  assert.ok(lost && !lost.holds && Math.abs(lost.fromMs - 10_000) <= 1000, JSON.stringify(answered!.course))
  assert.ok(again?.holds && again.fromMs >= 20_000)
  assert.equal(Math.floor(answered!.firstFailAtMs! / 1000), lost.fromMs / 1000)
})

test('several courses hold together where each of them does', () => {
  const spans = (...turns: [number, boolean][]) => turns.map(([fromMs, holds]) => ({ fromMs, holds }))
  assert.deepEqual(
    allHold([spans([0, false], [3, true], [9, false]), spans([0, true], [5, false], [7, true])]),
    spans([0, false], [3, true], [5, false], [7, true], [9, false]),
  )
  assert.deepEqual(allHold([]), [])
})

const run = { fromMs: 0, lastCommandMs: 4000, endMs: 60_000 }
const deciding = [
  { when: { mode: 'settled' }, part: [60_000, 60_000] },
  { when: { mode: 'eventually', withinSeconds: 10 }, part: [4000, 14_000] },
  { when: { mode: 'eventually', withinSeconds: 900 }, part: [4000, 60_000] },
  { when: { mode: 'always', fromSeconds: 5, toSeconds: 20 }, part: [5000, 20_000] },
  { when: { mode: 'never' }, part: [0, 60_000] },
  { when: { mode: 'stable', withinSeconds: 10, forSeconds: 20 }, part: [4000, 34_000] },
  { when: { mode: 'once', forSeconds: 3 }, part: [0, 60_000] },
] as const
for (const { when, part } of deciding)
  test(`${JSON.stringify(when)} is decided from ${part[0]} to ${part[1]} ms`, () => {
    assert.deepEqual(decidingPart(when, run), { fromMs: part[0], toMs: part[1] })
  })
