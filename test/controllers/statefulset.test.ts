/** StatefulSets: what is done next, and what is reported. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from '../../sim/api/apps/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { claimOwners } from '../../sim/controllers/statefulset/claims.ts'
import { newPod } from '../../sim/controllers/statefulset/identity.ts'
import { planStatefulSet, statusOf } from '../../sim/controllers/statefulset/plan.ts'
import { createCluster } from '../../sim/index.ts'
import { hashOf } from './revisions.ts'

const NOW = Date.UTC(2026, 0, 1)
const revisions = { current: 'db-1', update: 'db-2' }

const aSet = (replicas: number, spec: Partial<StatefulSet['spec']> = {}): StatefulSet =>
  ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'ns', uid: 'set', generation: 3 },
    spec: {
      replicas,
      serviceName: 'db',
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    status: { replicas: 0 },
  }) as unknown as StatefulSet

type State = 'ready' | 'starting' | 'going' | 'failed' | 'done' | 'pending'

const phases: Partial<Record<State, string>> = { failed: 'Failed', done: 'Succeeded', pending: 'Pending' }

/** `0`, `1 starting`, `2 going old`: a ready Pod of the newest revision unless told. `nameless` lacks its label; `fresh` is ready for ten seconds, `new` since now. */
function pods(...texts: string[]): Pod[] {
  return texts.map((text) => {
    const [ordinal, ...words] = text.split(' ')
    const state = (words.find((word) => !['old', 'nameless', 'fresh', 'new', 'older'].includes(word)) ??
      'ready') as State
    const isReady = state === 'ready' || state === 'going' || state === 'pending'
    const name = `db-${ordinal}`
    return {
      metadata: {
        name,
        uid: name,
        creationTimestamp: '2025-12-31T23:00:00Z',
        labels: {
          ...(words.includes('nameless') ? {} : { 'statefulset.kubernetes.io/pod-name': name }),
          'apps.kubernetes.io/pod-index': ordinal,
          'controller-revision-hash': words.includes('older') ? 'db-0' : words.includes('old') ? 'db-1' : 'db-2',
        },
        ...(words.includes('going') ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: {},
      status: {
        phase: phases[state] ?? 'Running',
        conditions: [
          {
            type: 'Ready',
            status: isReady ? 'True' : 'False',
            lastTransitionTime: words.includes('new')
              ? '2026-01-01T00:00:00Z'
              : words.includes('fresh')
                ? '2025-12-31T23:59:50Z'
                : '2025-12-31T23:00:00Z',
          },
        ],
      },
    } as unknown as Pod
  })
}

const parallel = { podManagementPolicy: 'Parallel' } as const
const rolling = (rollingUpdate: object): Partial<StatefulSet['spec']> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate },
})

const cases: { name: string; set: StatefulSet; pods: Pod[]; create?: string[]; remove?: string[] }[] = [
  { name: 'begins with the first Pod', set: aSet(3), pods: [], create: ['0 db-2'] },
  { name: 'goes on when the Pod before is ready', set: aSet(3), pods: pods('0'), create: ['1 db-2'] },
  { name: 'waits for the Pod before', set: aSet(3), pods: pods('0 starting') },
  { name: 'fills the lowest gap first', set: aSet(3), pods: pods('0', '2'), create: ['1 db-2'] },
  { name: 'removes the highest surplus Pod first', set: aSet(1), pods: pods('0', '1', '2'), remove: ['db-2'] },
  { name: 'removes no more while one is going', set: aSet(1), pods: pods('0', '1', '2 going') },
  { name: 'does not scale down past an unready Pod', set: aSet(1), pods: pods('0 starting', '1') },
  { name: 'scales an unready surplus Pod away', set: aSet(1), pods: pods('0', '1 starting'), remove: ['db-1'] },
  { name: 'replaces a Pod that ended', set: aSet(2), pods: pods('0 failed', '1'), remove: ['db-0'] },
  { name: 'updates from the highest ordinal', set: aSet(2), pods: pods('0 old', '1 old'), remove: ['db-1'] },
  { name: 'updates the next when the last is ready', set: aSet(2), pods: pods('0 old', '1'), remove: ['db-0'] },
  { name: 'is stuck behind a broken Pod', set: aSet(2), pods: pods('0 old', '1 starting') },
  {
    name: 'leaves Pods below the partition',
    set: aSet(2, rolling({ partition: 1 })),
    pods: pods('0 old', '1'),
  },
  {
    name: 'brings a Pod below the partition back as it was',
    set: aSet(2, rolling({ partition: 1 })),
    pods: pods('1'),
    create: ['0 db-1'],
  },
  {
    name: 'leaves Pods alone under OnDelete',
    set: aSet(1, { updateStrategy: { type: 'OnDelete' } }),
    pods: pods('0 old'),
  },
  { name: 'creates all at once in parallel', set: aSet(2, parallel), pods: [], create: ['0 db-2', '1 db-2'] },
  {
    name: 'removes all surplus at once in parallel',
    set: aSet(0, parallel),
    pods: pods('0', '1 starting'),
    remove: ['db-1', 'db-0'],
  },
  {
    name: 'updates one by one in parallel too, whatever maxUnavailable says',
    set: aSet(4, { ...parallel, ...rolling({ maxUnavailable: 2 }) }),
    pods: pods('0 old', '1 old', '2 old', '3 old'),
    remove: ['db-3'],
  },
  {
    name: 'updates no Pod in parallel while one above it is not ready',
    set: aSet(3, parallel),
    pods: pods('0 old', '1 starting', '2'),
  },
  {
    name: 'updates no Pod in parallel while one above it is missing',
    set: aSet(3, parallel),
    pods: pods('0 old', '1'),
    create: ['2 db-2'],
  },
  {
    name: 'updates no Pod in parallel while one above it is going',
    set: aSet(2, parallel),
    pods: pods('0 old', '1 going old'),
  },
  {
    name: 'updates no Pod in parallel while one above it is not available yet',
    set: aSet(2, { ...parallel, minReadySeconds: 30 }),
    pods: pods('0 old', '1 fresh'),
  },
  {
    name: 'updates a Pod in parallel whatever becomes of those below it',
    set: aSet(3, parallel),
    pods: pods('0 starting', '1 old', '2'),
    remove: ['db-1'],
  },
  {
    name: 'replaces a broken old Pod in parallel',
    set: aSet(2, parallel),
    pods: pods('0 old starting', '1'),
    remove: ['db-0'],
  },
  {
    name: 'replaces all Pods that ended in parallel, and creates those that are missing',
    set: aSet(4, parallel),
    pods: pods('0 failed', '1 failed going', '3 done'),
    create: ['2 db-2'],
    remove: ['db-0', 'db-3'],
  },
  {
    name: 'replaces an old Pod that ended once in parallel',
    set: aSet(2, parallel),
    pods: pods('0 old', '1 old failed'),
    remove: ['db-1'],
  },
  {
    name: 'removes surplus Pods in parallel but those that are going',
    set: aSet(0, parallel),
    pods: pods('0', '1 going', '2 failed'),
    remove: ['db-2', 'db-0'],
  },
  { name: 'waits for a Pod that ended and is going', set: aSet(2), pods: pods('0 failed going') },
  { name: 'replaces a Pod that ended well, as it may not', set: aSet(1), pods: pods('0 done'), remove: ['db-0'] },
  { name: 'waits for a Pod that is going', set: aSet(2), pods: pods('0 going') },
  { name: 'waits for a Pod that is said to be ready and does not run', set: aSet(2), pods: pods('0 pending') },
  {
    name: 'does not scale a Pod away while one below it among the surplus is not ready',
    set: aSet(1),
    pods: pods('0', '1 starting', '2 starting'),
  },
  {
    name: 'scales a ready Pod away whatever the surplus below it does',
    set: aSet(1),
    pods: pods('0', '1 starting', '2'),
    remove: ['db-2'],
  },
  {
    name: 'scales in order before it updates',
    set: aSet(1),
    pods: pods('0 old', '1 old'),
    remove: ['db-1'],
  },
  {
    name: 'updates no Pod at all below a partition beyond the last',
    set: aSet(2, rolling({ partition: 5 })),
    pods: pods('0 old', '1 old'),
  },
  {
    name: 'without a partition updates all',
    set: aSet(1, rolling({})),
    pods: pods('0 old'),
    remove: ['db-0'],
  },
  {
    name: 'without a partition brings a Pod back at the newest revision',
    set: aSet(1, rolling({})),
    pods: [],
    create: ['0 db-2'],
  },
  {
    name: 'counts its partition from the start ordinal',
    set: aSet(2, { ...parallel, ordinals: { start: 4 }, ...rolling({ partition: 1 }) }),
    pods: [],
    create: ['4 db-1', '5 db-2'],
  },
  {
    name: 'with a strategy that says nothing brings as many Pods back as they were as there are of them',
    set: {
      ...aSet(2, { ...parallel, updateStrategy: { type: 'RollingUpdate' } }),
      status: { replicas: 2, currentReplicas: 1 },
    },
    pods: [],
    create: ['0 db-1', '1 db-2'],
  },
  {
    name: 'with a strategy that says nothing brings Pods back at the newest revision once all have it',
    set: aSet(1, { updateStrategy: { type: 'RollingUpdate' } }),
    pods: [],
    create: ['0 db-2'],
  },
  {
    name: 'under OnDelete brings even the first Pods back at the newest revision',
    set: { ...aSet(1, { updateStrategy: { type: 'OnDelete' } }), status: { replicas: 1, currentReplicas: 1 } },
    pods: [],
    create: ['0 db-2'],
  },
  {
    name: 'goes on the moment the Pod before is ready',
    set: aSet(2),
    pods: pods('0 new'),
    create: ['1 db-2'],
  },
  {
    name: 'under OnDelete brings a Pod back at the newest revision',
    set: aSet(1, { updateStrategy: { type: 'OnDelete' } }),
    pods: [],
    create: ['0 db-2'],
  },
  {
    name: 'removes a Pod just behind the last',
    set: aSet(1, { ordinals: { start: 4 } }),
    pods: pods('4', '5'),
    remove: ['db-5'],
  },
  { name: 'counts from the start ordinal', set: aSet(1, { ordinals: { start: 4 } }), pods: [], create: ['4 db-2'] },
  {
    name: 'removes Pods before the start ordinal',
    set: aSet(1, { ordinals: { start: 4 } }),
    pods: pods('0', '4'),
    remove: ['db-0'],
  },
  { name: 'is not interested in Pods of other names', set: aSet(0), pods: pods('x-1') },
]
for (const { name, set, pods: present, create = [], remove = [] } of cases) {
  test(`planStatefulSet ${name}`, () => {
    const plan = planStatefulSet(set, present, revisions, NOW)
    assert.deepEqual(
      {
        create: plan.create.map(({ ordinal, revision }) => `${ordinal} ${revision}`),
        remove: plan.remove.map(({ metadata }) => metadata.name),
      },
      { create, remove },
    )
  })
}

const repaired: { name: string; set: StatefulSet; pods: Pod[]; want: string[] }[] = [
  { name: 'that lacks its label', set: aSet(2), pods: pods('0 nameless', '1'), want: ['db-0'] },
  { name: 'unless it is going', set: aSet(1, parallel), pods: pods('0 nameless going'), want: [] },
  {
    name: 'by its own ordinal',
    set: aSet(2, { ordinals: { start: 4 } }),
    pods: pods('4', '5 nameless'),
    want: ['db-5'],
  },
  { name: 'only when the Pods before it are healthy', set: aSet(2), pods: pods('0 starting', '1 nameless'), want: [] },
]
for (const { name, set, pods: present, want } of repaired)
  test(`a Pod is given the labels that say who it is, ${name}`, () => {
    const { repair } = planStatefulSet(set, present, revisions, NOW)
    assert.deepEqual(
      repair.map(({ metadata }) => metadata.name),
      want,
    )
  })

test('a set of more Pods than any cluster holds is planned up to a hundred thousand of them', () => {
  assert.equal(planStatefulSet(aSet(2_000_000_000, parallel), [], revisions, NOW).create.length, 100_000)
})

test('a Pod waits for minReadySeconds before the next is made', () => {
  const set = aSet(2, { minReadySeconds: 7200 })
  assert.deepEqual(planStatefulSet(set, pods('0'), revisions, NOW).create, [])
})

test('the current revision becomes the new one when the update is complete, and not before', () => {
  const done = { created: [], deleted: new Set<string>() }
  const during = statusOf(aSet(2), pods('0 old', '1'), revisions, done, 0, NOW)
  assert.deepEqual([during.currentRevision, during.currentReplicas, during.updatedReplicas], ['db-1', 1, 1])
  const after = statusOf(aSet(2), pods('0', '1'), revisions, done, 0, NOW)
  assert.deepEqual([after.currentRevision, after.currentReplicas, after.updatedReplicas], ['db-2', 2, 2])
})

const report = (set: StatefulSet, present: Pod[], created: string[] = [], deleted: string[] = []) =>
  statusOf(set, present, revisions, { created, deleted: new Set(deleted) }, 2, NOW)

test('the status counts Pods by their revision, readiness and availability', () => {
  const present = pods('0 old', '1 old', '2', '3 starting', '4 fresh', '5 going', '6 older', '7 pending')
  assert.deepEqual(report(aSet(9, { minReadySeconds: 30 }), present), {
    observedGeneration: 3,
    replicas: 8,
    readyReplicas: 6,
    currentReplicas: 2,
    updatedReplicas: 4,
    currentRevision: 'db-1',
    updateRevision: 'db-2',
    collisionCount: 2,
    availableReplicas: 5,
  })
})

test('a Pod that is ready since now counts as available where nobody asks for more', () => {
  const { readyReplicas, availableReplicas } = report(aSet(1), pods('0 new'))
  assert.deepEqual([readyReplicas, availableReplicas], [1, 1])
})

test('the status counts what was just created, and no revision of what was just deleted', () => {
  assert.deepEqual(report(aSet(3), pods('0 old', '1 old', '2'), ['db-2', 'db-1', 'db-2'], ['db-1']), {
    observedGeneration: 3,
    replicas: 6,
    readyReplicas: 3,
    currentReplicas: 2,
    updatedReplicas: 3,
    currentRevision: 'db-1',
    updateRevision: 'db-2',
    collisionCount: 2,
    availableReplicas: 3,
  })
})

test('a status of nothing has no counts but the total and that of available Pods, and keeps its conditions', () => {
  const conditions = [{ type: 'Other', status: 'True' as const }]
  const set = { ...aSet(1), status: { replicas: 4, readyReplicas: 3, conditions } } as StatefulSet
  assert.deepEqual(report(set, []), {
    observedGeneration: 3,
    replicas: 0,
    currentRevision: 'db-1',
    updateRevision: 'db-2',
    collisionCount: 2,
    conditions,
    availableReplicas: 0,
  })
})

const unfinished = [
  { name: 'a Pod is not ready', set: aSet(2), pods: pods('0', '1 starting') },
  { name: 'a Pod is too many', set: aSet(1), pods: pods('0', '1') },
  { name: 'a Pod that is too many is going', set: aSet(2), pods: pods('0', '1', '2 going') },
  { name: 'an old Pod is left', set: aSet(2), pods: pods('0 old', '1') },
  {
    name: 'Pods are updated when somebody deletes them',
    set: aSet(1, { updateStrategy: { type: 'OnDelete' } }),
    pods: pods('0'),
  },
]
for (const { name, set, pods: present } of unfinished)
  test(`the current revision stays while ${name}`, () => {
    assert.equal(report(set, present).currentRevision, 'db-1')
  })

test('a Pod has its name as host name, and the volumes of its claims in the place of those of the template', () => {
  const set = aSet(1, {
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }],
  })
  const template = {
    metadata: { labels: { app: 'db' } },
    spec: { volumes: [{ name: 'data', emptyDir: {} }], containers: [] },
  }
  const pod = newPod(set, 7, template as never, 'db-2')
  assert.equal(pod.metadata.name, 'db-7')
  assert.deepEqual([pod.spec.hostname, pod.spec.subdomain], ['db-7', 'db'])
  assert.deepEqual(pod.spec.volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-7' } }])
})

const owners = [
  { when: 'nothing is said', policy: undefined, ordinal: 0, want: [] },
  {
    when: 'whenDeleted is Delete',
    policy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    ordinal: 0,
    want: ['StatefulSet'],
  },
  {
    when: 'its Pod is scaled away and whenScaled is Delete',
    policy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    ordinal: 3,
    want: ['Pod'],
  },
  {
    when: 'its Pod is scaled away and whenScaled is Retain',
    policy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    ordinal: 3,
    want: [],
  },
] as const
for (const { when, policy, ordinal, want } of owners) {
  test(`a claim goes with ${want[0] ?? 'nobody'} when ${when}`, () => {
    const set = aSet(2, { persistentVolumeClaimRetentionPolicy: policy })
    assert.deepEqual(
      claimOwners(set, pods(String(ordinal))[0]).map(({ kind }) => kind),
      want,
    )
  })
}

test('a revision has the name that a real cluster gave it', () => {
  assert.equal(hashOf('nginx:1.25'), 'db-6947ddd79f')
  assert.equal(hashOf('nginx:1.26'), 'db-7654f4cb86')
})

test('a set of more Pods than are made in a turn has them all, each once', () => {
  const cluster = createCluster({ seed: 'many', shape: { nodes: [{ name: 'node-1' }] } })
  const manifest = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {serviceName: db, replicas: 1203, podManagementPolicy: Parallel, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: "nginx:1.27"}]}}}}`
  cluster.execute({ op: 'apply', manifest })
  // At 20 requests a second: a Pod takes two, one for itself and one for its event.
  cluster.advance(180_000)
  const { stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl get pods -o name' })
  const names = stdout.trim().split('\n')
  assert.equal(names.length, 1203)
  assert.deepEqual(new Set(names), new Set(Array.from({ length: 1203 }, (_, n) => `pod/db-${n}`)))
})
