import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Replays } from '../../../../server/labs/tasks/replays.ts'
import { type ChallengeSpec, gradeChallenge, type LoggedCommand } from '../../../../sim/index.ts'

const spec: ChallengeSpec = {
  id: 'replayed',
  title: 'Replayed',
  version: 1,
  style: 'operate',
  difficulty: 1,
  minutes: 5,
  topics: [],
  params: { replicas: { oneOf: [2] } },
  world: {
    shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] },
    setup: [
      { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas={{replicas}}' },
      { op: 'kubectl', line: 'kubectl create service nodeport web --tcp=80:80 --node-port=30080' },
    ],
    settleSeconds: 20,
    traffic: [{ name: 'visitors', from: 'outside', url: 'http://node-1:30080/', perSecond: 2, seconds: 300 }],
  },
  workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
  checks: [
    {
      id: 'ready',
      title: 'Ready',
      points: 10,
      when: { mode: 'settled' },
      assert: { object: { kind: 'Deployment', status: { readyReplicas: 2 } } },
    },
    {
      id: 'survives',
      title: 'Survives',
      points: 10,
      given: [{ kind: 'node', node: 'node-2', state: 'down' }],
      when: { mode: 'always', toSeconds: 60 },
      assert: { cel: 'nodes.size() == 2' },
    },
  ],
  hints: [],
  observeSeconds: 60,
}

const kubectl = (line: string, atMs: number): LoggedCommand => ({ atMs, command: { op: 'kubectl', line } })
const log = [
  kubectl('kubectl scale deployment web --replicas=0', 10_000),
  kubectl('kubectl set image deployment/web nginx=nginx:no-such-tag', 30_000),
  kubectl('kubectl scale deployment web --replicas=2', 31_000),
]
const graded = gradeChallenge(spec, { log }, 's', 'hash')
const request = { spec, contentHash: 'hash', seed: 's', log, stateHash: graded.stateHash }
const replays = new Replays({})

test('a moment shows the cluster as it was then, at whatever order it is asked for', () => {
  const podsAt = (atMs: number) => replays.moment({ ...request, atMs }).view.pods.map(({ word }) => word)
  assert.deepEqual(
    podsAt(70_000).map((word) => /Running|Image/.test(word)),
    [true, true],
  )
  assert.deepEqual(podsAt(5000), ['Running', 'Running'])
  assert.deepEqual(podsAt(29_000), [])
  assert.deepEqual(podsAt(5000), ['Running', 'Running'])
  assert.equal(replays.moment({ ...request, atMs: 29_000 }).view.clockSeconds, 29)
})

test('without a moment the verdict is shown, and what lies beyond the end is the end', () => {
  const verdict = replays.moment(request)
  assert.deepEqual([verdict.atMs, verdict.endMs], [graded.virtualMs, graded.virtualMs])
  assert.equal(replays.moment({ ...request, atMs: 1e9 }).atMs, graded.virtualMs)
})

test('a kept run gives what a fresh one gives', () => {
  const fresh = new Replays({}).moment({ ...request, atMs: 32_000 })
  assert.deepEqual(replays.moment({ ...request, atMs: 32_000 }), fresh)
})

test('lost requests, warnings and turns are told in order, and nothing from before the hand-over', () => {
  const { happenings } = replays.moment(request)
  const told = happenings.map((one) => (one.what === 'event' ? one.reason : one.what))
  assert.ok(happenings.every(({ atMs }) => atMs >= 0))
  assert.deepEqual(
    happenings,
    happenings.toSorted((a, b) => a.atMs - b.atMs),
  )
  for (const part of ['loss', 'ScalingReplicaSet', 'Failed']) assert.ok(told.includes(part), `${part}: ${told}`)
  const loss = happenings.find((one) => one.what === 'loss')!
  assert.ok(Math.abs(loss.atMs - 10_000) <= 1000 && loss.failed > 0 && loss.untilMs > loss.atMs)
})

test('with a check’s faults the run goes on after the verdict, and says what broke', () => {
  const { endMs, happenings, isGradedRun, view } = replays.moment({ ...request, after: 'survives', atMs: 1e9 })
  assert.equal(endMs, graded.virtualMs + 60_000)
  assert.ok(isGradedRun)
  const faults = happenings.filter((one) => one.what === 'fault')
  assert.deepEqual(faults, [
    { what: 'fault', atMs: graded.virtualMs, fault: { kind: 'node', node: 'node-2', state: 'down' } },
  ])
  assert.deepEqual(
    view.nodes.map(({ word }) => word),
    ['Ready', 'NotReady'],
  )
})

test('a challenge that changed since is told: the run is another one', () => {
  const changed = { ...spec, world: { ...spec.world, settleSeconds: 25 } }
  assert.ok(replays.moment(request).isGradedRun)
  assert.ok(!replays.moment({ ...request, spec: changed, contentHash: 'other' }).isGradedRun)
})

test('a run that costs too much is stopped', () => {
  assert.throws(() => new Replays({ events: 100 }).moment(request), { name: 'BudgetError' })
})

test('a film tells when each Pod came, waited for a node, was ready and went, and nothing of after the verdict', () => {
  const film = replays.film(request)
  assert.equal(film.endMs, graded.virtualMs)
  assert.deepEqual(
    film.nodes.map(({ name, turns }) => [name, turns.map(({ is }) => is)]),
    [
      ['node-1', ['ready']],
      ['node-2', ['ready']],
    ],
  )
  const lives = film.pods.map(({ turns }) => turns.map(({ is }) => is).join(' '))
  assert.equal(lives.filter((life) => /^ready ending gone$/.test(life)).length, 2, lives.join('\n'))
  assert.equal(lives.filter((life) => /^waiting waiting .*failing/.test(life)).length, 2, lives.join('\n'))
  for (const { turns } of film.pods)
    for (const [n, { atMs }] of turns.entries())
      assert.ok(atMs >= (turns[n - 1]?.atMs ?? 0) && atMs <= film.endMs, String(atMs))
  assert.deepEqual(film, new Replays({}).film(request))
})
