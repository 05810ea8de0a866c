import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, ReplicaSet } from '../../sim/api/apps/types.ts'
import {
  actualReplicasOf,
  availableReplicasOf,
  byAge,
  newestSetReplicas,
  planCleanup,
  planNewest,
  planOld,
  planScale,
  type Scaling,
} from '../../sim/controllers/deployment/plan.ts'

const aDeployment = (
  replicas: number,
  rollingUpdate: object | undefined = { maxSurge: '25%', maxUnavailable: '25%' },
  more: object = {},
): Deployment =>
  ({
    metadata: { name: 'web' },
    spec: {
      replicas,
      revisionHistoryLimit: 2,
      strategy: rollingUpdate ? { type: 'RollingUpdate', rollingUpdate } : { type: 'Recreate' },
    },
    status: {},
    ...more,
  }) as unknown as Deployment
const recreate = (replicas: number): Deployment => ({
  ...aDeployment(replicas),
  spec: { ...aDeployment(replicas).spec, strategy: { type: 'Recreate' } },
})

interface Facts {
  /** Of Pods; as many as replicas unless told. */
  available?: number
  actual?: number
  /** Seconds after midnight. */
  created?: number
  desired?: number | string
  max?: number | string
  revision?: number
  going?: boolean
  generation?: number
  observed?: number
}
const aSet = (name: string, replicas: number, facts: Facts = {}): ReplicaSet => {
  const {
    available = replicas,
    actual = replicas,
    created = 0,
    desired,
    max,
    revision,
    going,
    generation,
    observed,
  } = facts
  const annotations = {
    ...(desired === undefined ? {} : { 'deployment.kubernetes.io/desired-replicas': String(desired) }),
    ...(max === undefined ? {} : { 'deployment.kubernetes.io/max-replicas': String(max) }),
    ...(revision === undefined ? {} : { 'deployment.kubernetes.io/revision': String(revision) }),
  }
  return {
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:00:0${created}Z`,
      annotations,
      ...(going ? { deletionTimestamp: '2026-01-01T01:00:00Z' } : {}),
      ...(generation === undefined ? {} : { generation }),
    },
    spec: { replicas },
    status: {
      replicas: actual,
      ...(available > 0 ? { availableReplicas: available } : {}),
      ...(observed === undefined ? {} : { observedGeneration: observed }),
    },
  } as unknown as ReplicaSet
}
const textsOf = (scalings: readonly Scaling[]): string[] =>
  scalings.map(({ set, replicas }) => `${set.metadata.name} ${replicas}`)

test('older ReplicaSets come first, of the same age by name', () => {
  const sets = [
    aSet('c', 1, { created: 2 }),
    aSet('b', 1, { created: 1 }),
    aSet('d', 1, { created: 2 }),
    aSet('a', 1, { created: 2 }),
  ]
  assert.deepEqual(
    sets.sort(byAge).map(({ metadata }) => metadata.name),
    ['b', 'a', 'c', 'd'],
  )
})

test('what ReplicaSets have, and what of it is available, is added up', () => {
  const sets = [aSet('a', 3, { actual: 2, available: 1 }), aSet('b', 4, { available: 0 })]
  assert.deepEqual([actualReplicasOf(sets), availableReplicasOf(sets)], [6, 1])
})

const newest: { name: string; deployment: Deployment; old: ReplicaSet[]; newest: ReplicaSet; want: string[] }[] = [
  {
    name: 'grows as far as the surge leaves room',
    deployment: aDeployment(4, { maxSurge: 1 }),
    old: [aSet('a', 4)],
    newest: aSet('n', 0),
    want: ['n 1'],
  },
  {
    name: 'grows no further than is wanted, however much room there is',
    deployment: aDeployment(4, { maxSurge: 3 }),
    old: [aSet('a', 1)],
    newest: aSet('n', 2),
    want: ['n 4'],
  },
  {
    name: 'waits while there is no room',
    deployment: aDeployment(4, { maxSurge: 1 }),
    old: [aSet('a', 3)],
    newest: aSet('n', 2),
    want: [],
  },
  {
    name: 'waits while there are more than there should be',
    deployment: aDeployment(4, { maxSurge: 1 }),
    old: [aSet('a', 6)],
    newest: aSet('n', 2),
    want: [],
  },
  { name: 'has its size', deployment: aDeployment(4), old: [aSet('a', 0)], newest: aSet('n', 4), want: [] },
  {
    name: 'shrinks to what is wanted',
    deployment: aDeployment(2),
    old: [aSet('a', 3)],
    newest: aSet('n', 4),
    want: ['n 2'],
  },
]
for (const { name, deployment, old, newest: set, want } of newest)
  test(`in a rolling update the newest ReplicaSet ${name}`, () => {
    const scaling = planNewest(deployment, [...old, set], set)
    assert.deepEqual(textsOf(scaling ? [scaling] : []), want)
  })

test('where all Pods are recreated the newest ReplicaSet has its whole size at once', () => {
  assert.equal(newestSetReplicas(recreate(4), [aSet('a', 9)], 0), 4)
})

const olds: { name: string; deployment: Deployment; old: ReplicaSet[]; newest: ReplicaSet; want: string[] }[] = [
  {
    name: 'shrink by as many Pods as may be unavailable',
    deployment: aDeployment(10, { maxSurge: 3, maxUnavailable: 2 }),
    old: [aSet('a', 10)],
    newest: aSet('n', 3, { available: 0 }),
    want: ['a 8'],
  },
  {
    name: 'stay while the new Pods that do not come up leave nothing to spare',
    deployment: aDeployment(10, { maxSurge: 3, maxUnavailable: 2 }),
    old: [aSet('a', 8, { available: 7 })],
    newest: aSet('n', 5, { available: 0 }),
    want: [],
  },
  {
    name: 'lose the Pods that do not come up first, as many as can be spared',
    deployment: aDeployment(10, { maxSurge: 3, maxUnavailable: 2 }),
    old: [aSet('a', 5, { available: 0 })],
    newest: aSet('n', 8, { available: 7 }),
    want: ['a 1'],
  },
  {
    name: 'lose Pods that do not come up of the oldest first',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 1 }),
    old: [aSet('b', 2, { available: 0, created: 2 }), aSet('a', 2, { available: 1, created: 1 })],
    newest: aSet('n', 1, { available: 0 }),
    want: ['a 1'],
  },
  {
    name: 'lose Pods that do not come up of several until no more can be spared',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 2 }),
    old: [
      aSet('a', 2, { available: 1, created: 1 }),
      aSet('b', 2, { available: 2, created: 2 }),
      aSet('c', 2, { available: 0, created: 3 }),
    ],
    newest: aSet('n', 0, { available: 0 }),
    want: ['a 1', 'c 0', 'a 0'],
  },
  {
    name: 'lose Pods that work after those that do not, the oldest first',
    deployment: aDeployment(4, { maxSurge: 4, maxUnavailable: 1 }),
    old: [aSet('b', 2, { created: 2 }), aSet('a', 3, { available: 2, created: 1 })],
    newest: aSet('n', 2),
    want: ['a 2', 'a 0', 'b 1'],
  },
  {
    name: 'lose no Pod that works while none can be spared',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 0 }),
    old: [aSet('a', 4, { available: 3 })],
    newest: aSet('n', 1),
    want: ['a 3'],
  },
  {
    name: 'with more available than they should have are older news than that: they wait',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 1 }),
    old: [aSet('a', 2, { available: 1, created: 1 }), aSet('b', 2, { available: 3, created: 2 })],
    newest: aSet('n', 2),
    want: ['a 1'],
  },
  {
    name: 'lose Pods that do not come up of the next as far as can be spared after the first',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 1 }),
    old: [aSet('a', 2, { available: 1, created: 1 }), aSet('b', 3, { available: 0, created: 2 })],
    newest: aSet('n', 0),
    want: ['a 1', 'b 2'],
  },
  {
    name: 'that lost all Pods as they did not come up have none that work to lose',
    deployment: aDeployment(4, { maxSurge: 4, maxUnavailable: 1 }),
    old: [aSet('a', 2, { available: 0, created: 1 }), aSet('b', 2, { created: 2 })],
    newest: aSet('n', 2),
    want: ['a 0', 'b 1'],
  },
  {
    name: 'that are empty and still have Pods do not hold the others up',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 1 }),
    old: [aSet('a', 0, { available: 1, created: 1 }), aSet('b', 4, { created: 2 })],
    newest: aSet('n', 1, { available: 0 }),
    want: ['b 3'],
  },
  {
    name: 'stay while there are just enough Pods by what is wanted, however many are said to be available',
    deployment: aDeployment(4, { maxSurge: 1, maxUnavailable: 1 }),
    old: [aSet('a', 3, { available: 5 })],
    newest: aSet('n', 0),
    want: [],
  },
  {
    name: 'that are empty are left alone',
    deployment: aDeployment(1),
    old: [aSet('a', 0)],
    newest: aSet('n', 1),
    want: [],
  },
  {
    name: 'without a limit on what may be unavailable still lose what is too much',
    deployment: aDeployment(3, { maxSurge: 1, maxUnavailable: 0 }),
    old: [aSet('a', 3)],
    newest: aSet('n', 1),
    want: ['a 2'],
  },
]
for (const { name, deployment, old, newest: set, want } of olds)
  test(`in a rolling update old ReplicaSets ${name}`, () => {
    assert.deepEqual(textsOf(planOld(deployment, old, set)), want)
  })

const scales: { name: string; deployment: Deployment; newest?: ReplicaSet; old?: ReplicaSet[]; want: string[] }[] = [
  { name: 'the only ReplicaSet takes the new size', deployment: aDeployment(5), newest: aSet('n', 2), want: ['n 5'] },
  { name: 'the only ReplicaSet that has the size stays', deployment: aDeployment(2), newest: aSet('n', 2), want: [] },
  {
    name: 'the only one with replicas takes the new size, be it an old one',
    deployment: aDeployment(5),
    newest: aSet('n', 0),
    old: [aSet('a', 0), aSet('b', 2)],
    want: ['b 5'],
  },
  {
    name: 'where none has replicas the newest takes the size',
    deployment: aDeployment(5),
    newest: aSet('n', 0),
    old: [aSet('a', 0)],
    want: ['n 5'],
  },
  {
    name: 'where none has replicas and there is no newest the youngest takes the size',
    deployment: aDeployment(5),
    old: [aSet('b', 0, { created: 2 }), aSet('a', 0, { created: 1 })],
    want: ['b 5'],
  },
  { name: 'without any ReplicaSet there is nothing to scale', deployment: aDeployment(5), want: [] },
  {
    name: 'once the newest has all its Pods the others are emptied',
    deployment: aDeployment(3),
    newest: aSet('n', 3, { desired: 3 }),
    old: [aSet('a', 2), aSet('b', 0), aSet('c', 1)],
    want: ['a 0', 'c 0'],
  },
  {
    name: 'where Pods are recreated several ReplicaSets are left to the rollout',
    deployment: recreate(5),
    newest: aSet('n', 2),
    old: [aSet('a', 1)],
    want: [],
  },
  {
    name: 'replicas that are added are shared in proportion, the rest to the largest',
    deployment: aDeployment(20, { maxSurge: 3 }),
    newest: aSet('n', 5, { max: 13 }),
    old: [aSet('a', 8, { max: 13 })],
    want: ['a 14', 'n 9'],
  },
  {
    name: 'of two of a size the younger is the first to grow',
    deployment: aDeployment(7, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 2, { created: 2, max: 4 }),
    old: [aSet('a', 2, { created: 1, max: 4 })],
    want: ['n 4', 'a 3'],
  },
  {
    name: 'of two of a size the older is the first to shrink',
    deployment: aDeployment(5, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 5, { created: 2, max: 10 }),
    old: [aSet('a', 5, { created: 1, max: 10 })],
    want: ['a 2', 'n 3'],
  },
  {
    name: 'a single replica that is added goes to one alone',
    deployment: aDeployment(5, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 2, { created: 2, max: 2 }),
    old: [aSet('a', 2, { created: 1, max: 2 })],
    want: ['n 3', 'a 2'],
  },
  {
    name: 'none shrinks while others grow, whatever its share',
    deployment: aDeployment(10, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 5, { max: 5 }),
    old: [aSet('a', 3, { max: 40 })],
    want: ['n 7', 'a 3'],
  },
  {
    name: 'none loses more than is left to take away',
    deployment: aDeployment(8, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 5, { created: 2, max: 20 }),
    old: [aSet('a', 5, { created: 1, max: 10 })],
    want: ['a 4', 'n 4'],
  },
  {
    name: 'to one replica there is still room for its surge',
    deployment: aDeployment(1, { maxSurge: 1 }),
    newest: aSet('n', 1, { created: 2, max: 2 }),
    old: [aSet('a', 1, { created: 1, max: 2 })],
    want: ['a 1', 'n 1'],
  },
  {
    name: 'scaled to zero every ReplicaSet is emptied',
    deployment: aDeployment(0, { maxSurge: 3 }),
    newest: aSet('n', 5, { max: 13 }),
    old: [aSet('a', 8, { max: 13 })],
    want: ['a 0', 'n 0'],
  },
  {
    name: 'nothing is shared where the sum is right',
    deployment: aDeployment(10, { maxSurge: 3 }),
    newest: aSet('n', 5, { max: 9 }),
    old: [aSet('a', 8, { max: 9 })],
    want: ['a 8', 'n 5'],
  },
  {
    name: 'without a newest ReplicaSet the old ones share',
    deployment: aDeployment(8, { maxSurge: 0, maxUnavailable: 1 }),
    old: [aSet('a', 3, { max: 4 }), aSet('b', 1, { max: 4 }), aSet('c', 0)],
    want: ['a 6', 'b 2'],
  },
  {
    name: 'without the note of its former size the size of the Deployment counts',
    deployment: aDeployment(20, { maxSurge: 0, maxUnavailable: 1 }, { status: { replicas: 10 } }),
    newest: aSet('n', 4, { max: 'many' }),
    old: [aSet('a', 6)],
    want: ['a 12', 'n 8'],
  },
  {
    name: 'without any note of a former size the largest takes what is missing',
    deployment: aDeployment(20, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 4),
    old: [aSet('a', 6, { max: 0 })],
    want: ['a 16', 'n 4'],
  },
  {
    name: 'without any note of a former size the largest loses what is too much',
    deployment: aDeployment(5, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 4),
    old: [aSet('a', 6)],
    want: ['a 1', 'n 4'],
  },
  {
    name: 'no ReplicaSet becomes less than empty by what rounding leaves',
    deployment: aDeployment(1, { maxSurge: 0, maxUnavailable: 1 }),
    newest: aSet('n', 3, { max: 4 }),
    old: [aSet('a', 3, { max: 4, created: 1 }), aSet('b', 3, { max: 4, created: 2 })],
    want: ['n 0', 'a 1', 'b 1'],
  },
]
for (const { name, deployment, newest: set, old = [], want } of scales)
  test(`when a Deployment is scaled, ${name}`, () => assert.deepEqual(textsOf(planScale(deployment, set, old)), want))

const unsaturated: { name: string; newest: ReplicaSet }[] = [
  { name: 'is not available yet', newest: aSet('n', 3, { desired: 3, available: 2 }) },
  { name: 'was sized for another number', newest: aSet('n', 3, { desired: 4 }) },
  { name: 'has another size', newest: aSet('n', 4, { desired: 3, available: 3 }) },
  { name: 'has no note of its size', newest: aSet('n', 3) },
]
for (const { name, newest: set } of unsaturated)
  test(`old ReplicaSets are not emptied by scaling while the newest ${name}`, () => {
    assert.ok(textsOf(planScale(aDeployment(3, { maxSurge: 3 }), set, [aSet('a', 2)])).includes('a 2'))
  })

const empty = (name: string, facts: Facts): ReplicaSet => aSet(name, 0, facts)
const cleanups: { name: string; old: ReplicaSet[]; want: string[] }[] = [
  {
    name: 'goes when there are more than the limit, the lowest revision first',
    old: [
      empty('d', { revision: 12 }),
      empty('c', { revision: 3 }),
      empty('b', { revision: 10 }),
      empty('a', { revision: 4 }),
    ],
    want: ['c', 'a'],
  },
  { name: 'stays within the limit', old: [empty('a', { revision: 1 }), empty('b', { revision: 2 })], want: [] },
  {
    name: 'goes by age where revisions do not tell',
    old: [empty('b', { created: 2 }), empty('a', { created: 1 }), empty('c', { created: 3 })],
    want: ['a'],
  },
  {
    name: 'stays while it has Pods, wants some, or has not seen its latest size; none goes in its place',
    old: [
      empty('a', { revision: 1, actual: 1 }),
      aSet('b', 1, { revision: 2, actual: 0 }),
      empty('c', { revision: 3, generation: 2, observed: 1 }),
      empty('d', { revision: 4, generation: 2, observed: 2 }),
      empty('e', { revision: 5 }),
      empty('f', { revision: 6 }),
    ],
    want: ['d'],
  },
  {
    name: 'that is going already does not count',
    old: [empty('a', { revision: 1, going: true }), empty('b', { revision: 2 }), empty('c', { revision: 3 })],
    want: [],
  },
  {
    name: 'that never was observed stays',
    old: [empty('a', { revision: 1, generation: 1 }), empty('b', { revision: 2 }), empty('c', { revision: 3 })],
    want: [],
  },
]
for (const { name, old, want } of cleanups)
  test(`an old ReplicaSet ${name}`, () => {
    const gone = planCleanup(aDeployment(1), old)
    assert.deepEqual(
      gone.map(({ metadata }) => metadata.name),
      want,
    )
  })

test('old ReplicaSets far within the limit all stay', () => {
  const deployment = aDeployment(1)
  const patient = { ...deployment, spec: { ...deployment.spec, revisionHistoryLimit: 10 } }
  assert.deepEqual(
    planCleanup(
      patient,
      ['a', 'b', 'c'].map((name) => empty(name, {})),
    ),
    [],
  )
})
