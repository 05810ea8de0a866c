import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplicaSet } from '../../sim/api/apps/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { Condition } from '../../sim/api/meta/object.ts'
import { planReplicaSet, statusOf } from '../../sim/controllers/replicaset/plan.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const now = '2026-01-01T12:00:00Z'

const aSet = (replicas: number, spec: object = {}, status: object = {}): ReplicaSet =>
  ({
    metadata: { name: 'web', generation: 4 },
    spec: { replicas, template: { metadata: { labels: { app: 'web', tier: 'front' } } }, ...spec },
    status,
  }) as unknown as ReplicaSet

type Word = 'ready' | 'starting' | 'pending' | 'failed' | 'done' | 'going' | 'fresh' | 'new' | 'bare'
/** `ready going`: a Pod that is ready since an hour unless told; `fresh` since ten seconds, `new` since now; `bare` has one of the labels. */
const pods = (...texts: string[]): Pod[] =>
  texts.map((text, n) => {
    const is = (word: Word): boolean => text.split(' ').includes(word)
    const isReady = !is('starting') && !is('pending') && !is('failed') && !is('done')
    return {
      metadata: {
        name: `p${n}`,
        uid: `p${n}`,
        creationTimestamp: '2026-01-01T11:00:00Z',
        labels: is('bare') ? { app: 'web' } : { app: 'web', tier: 'front' },
        ...(is('going') ? { deletionTimestamp: now } : {}),
      },
      spec: { nodeName: `n${n}` },
      status: {
        phase: is('failed') ? 'Failed' : is('done') ? 'Succeeded' : is('pending') ? 'Pending' : 'Running',
        conditions: [
          {
            type: 'Ready',
            status: isReady ? 'True' : 'False',
            lastTransitionTime: is('new') ? now : is('fresh') ? '2026-01-01T11:59:50Z' : '2026-01-01T11:00:00Z',
          },
        ],
      },
    } as unknown as Pod
  })

const plans: { name: string; replicas: number; pods: Pod[]; create?: number; remove?: string[] }[] = [
  {
    name: 'replaces Pods that ended or are on their way out',
    replicas: 1,
    pods: pods('failed', 'done', 'going'),
    create: 1,
  },
  { name: 'removes Pods that are not ready first', replicas: 2, pods: pods('', 'starting', ''), remove: ['p1'] },
  {
    name: 'scaled to zero removes all that are active',
    replicas: 0,
    pods: pods('', 'failed', 'starting', 'going'),
    remove: ['p0', 'p2'],
  },
  { name: 'creates no more than 500 Pods at once', replicas: 501, pods: [], create: 500 },
]
for (const { name, replicas, pods: present, create = 0, remove = [] } of plans)
  test(`a ReplicaSet ${name}`, () => {
    const plan = planReplicaSet(aSet(replicas), present, () => present, NOW)
    assert.deepEqual(
      { create: plan.create, remove: plan.remove.map(({ metadata }) => metadata.name) },
      { create, remove },
    )
  })

test('a ReplicaSet removes no more than 500 Pods at once', () => {
  const many = pods(...Array<string>(502).fill(''))
  assert.equal(planReplicaSet(aSet(0), many, () => many, NOW).remove.length, 500)
  assert.equal(planReplicaSet(aSet(1), many, () => many, NOW).remove.length, 500)
})

test('which Pods go first is asked only while some stay', () => {
  const present = pods('', 'starting')
  const plan = planReplicaSet(aSet(0), present, () => assert.fail('nobody stays'), NOW)
  assert.deepEqual(plan, { create: 0, remove: present })
  assert.deepEqual(
    planReplicaSet(aSet(2), present, () => assert.fail('nobody goes'), NOW),
    { create: 0, remove: [] },
  )
})

const report = (set: ReplicaSet, present: Pod[], failure?: string) => statusOf(set, present, failure, NOW, now)

test('the status counts active Pods, with all labels of the template, ready, available, and those on their way out', () => {
  const present = pods(
    '',
    '',
    'fresh',
    'bare',
    'starting',
    'starting',
    'pending',
    'going',
    'going',
    'failed',
    'done going',
  )
  assert.deepEqual(report(aSet(7, { minReadySeconds: 30 }), present), {
    replicas: 7,
    fullyLabeledReplicas: 6,
    readyReplicas: 4,
    availableReplicas: 3,
    terminatingReplicas: 2,
    observedGeneration: 4,
  })
})

test('a Pod is available as soon as it is ready where nobody asks for more', () => {
  assert.equal(report(aSet(1), pods('new')).availableReplicas, 1)
  assert.equal(report(aSet(1, { minReadySeconds: 10 }), pods('fresh')).availableReplicas, 1)
  assert.equal(report(aSet(1, { minReadySeconds: 11 }), pods('fresh')).availableReplicas, undefined)
})

test('counts of nothing are left out, but for the replicas and those on their way out', () => {
  assert.deepEqual(report(aSet(1), []), { replicas: 0, terminatingReplicas: 0, observedGeneration: 4 })
  const { metadata, ...rest } = aSet(1)
  const { generation: _, ...young } = metadata
  assert.deepEqual(report({ metadata: young, ...rest } as ReplicaSet, []), { replicas: 0, terminatingReplicas: 0 })
})

test('a template without labels is matched by every Pod', () => {
  assert.equal(report(aSet(1, { template: { spec: {} } }), pods('bare')).fullyLabeledReplicas, 1)
})

const failed = (reason: string, message: string): Condition => ({
  type: 'ReplicaFailure',
  status: 'True',
  lastTransitionTime: now,
  reason,
  message,
})
const other: Condition = { type: 'Other', status: 'True' }

test('a failure to create or to delete Pods becomes a condition', () => {
  assert.deepEqual(report(aSet(2, {}, { conditions: [other] }), pods(''), 'quota').conditions, [
    other,
    failed('FailedCreate', 'quota'),
  ])
  assert.deepEqual(report(aSet(0), pods(''), 'refused').conditions, [failed('FailedDelete', 'refused')])
})

test('the condition of a failure says what failed first, until nothing fails', () => {
  const known = [failed('FailedCreate', 'first'), other]
  assert.deepEqual(report(aSet(2, {}, { conditions: known }), pods(''), 'second').conditions, known)
  assert.deepEqual(report(aSet(2, {}, { conditions: known }), pods('')).conditions, [other])
})
