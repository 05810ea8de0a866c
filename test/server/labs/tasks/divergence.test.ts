/** Runs of one variant: made again in a sandbox, and compared. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDivergence } from '../../../../server/labs/tasks/divergence.ts'
import { challengeLimits, Workbench } from '../../../../server/labs/tasks/work.ts'
import { worldOf } from '../../../../server/labs/tasks/world.ts'
import { viewCluster } from '../../../../server/labs/views/view.ts'
import { createCluster, type LoggedCommand, replayCluster } from '../../../../sim/index.ts'
import { aSpec } from '../a-spec.ts'

const seed = 'one'
const kubectl = (atMs: number, line: string): LoggedCommand => ({
  atMs,
  command: { op: 'kubectl', line: `kubectl ${line}` },
})
const create = kubectl(1000, 'create deployment web --image=nginx:1.27 --replicas=2')
const compare = (a: LoggedCommand[], b: LoggedCommand[], clocks = [60_000, 60_000]) =>
  findDivergence(
    {
      spec: aSpec(),
      seed,
      runs: [
        { log: a, clockMs: clocks[0]! },
        { log: b, clockMs: clocks[1]! },
      ],
    },
    challengeLimits,
  )

test('the same done to both is the same in both, up to the clock of the one that is less far', () => {
  const look = kubectl(5000, 'get pods')
  assert.deepEqual(compare([create, look], [create], [90_000, 60_000]), {
    untilMs: 60_000,
    atMs: undefined,
    parted: [undefined, undefined],
  })
})

test('the first difference is told with its moment and its fields', () => {
  const { atMs, parted } = compare(
    [create, kubectl(20_000, 'scale deployment web --replicas=5')],
    [create, kubectl(30_000, 'scale deployment web --replicas=3')],
  )
  assert.equal(atMs, 20_080)
  assert.deepEqual(parted, [
    { type: 'MODIFIED', object: 'Deployment/web', fields: [{ field: 'spec.replicas', from: '2', to: '5' }] },
    undefined,
  ])
})

test('two commands at one moment are told side by side', () => {
  const { atMs, parted } = compare([create], [kubectl(1000, 'create deployment api --image=nginx:1.27')])
  assert.equal(atMs, 1080)
  assert.deepEqual(
    parted.map((one) => one && [one.type, one.object]),
    [
      ['ADDED', 'Deployment/web'],
      ['ADDED', 'Deployment/api'],
    ],
  )
})

test('a sandbox of the world and the log is the cluster that was worked on', () => {
  const spec = aSpec({ traffic: [{ name: 'users', from: 'outside', url: 'http://web', perSecond: 1, seconds: 30 }] })
  const log = [create, kubectl(20_000, 'scale deployment web --replicas=5')]
  const worked = new Workbench().work({ spec, contentHash: 'h', seed, log, clockMs: 45_000, action: { do: 'look' } })
  const { log: own, ...options } = worldOf({ spec, seed })
  const made = replayCluster(options, [...own, ...log], 45_000)
  assert.deepEqual(viewCluster(made, 0).pods, worked.view.pods)
  assert.deepEqual(viewCluster(made, 0).events, worked.view.events)
  assert.equal(made.traffic('users')!.sent, 30)
  assert.equal(createCluster(options).nowMs, 0)
})
