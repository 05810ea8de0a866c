/** StatefulSets: what is done next, and what is reported. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from '../../sim/api/apps/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { claimOwners } from '../../sim/controllers/statefulset/claims.ts'
import { newPod } from '../../sim/controllers/statefulset/identity.ts'
import { planStatefulSet, statusOf } from '../../sim/controllers/statefulset/plan.ts'
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

type State = 'ready' | 'starting' | 'going' | 'failed'

/** `0`, `1 starting`, `2 going old`: a ready Pod of the newest revision unless told. */
function pods(...texts: string[]): Pod[] {
  return texts.map((text) => {
    const [ordinal, ...words] = text.split(' ')
    const state = (words.find((word) => word !== 'old') ?? 'ready') as State
    const name = `db-${ordinal}`
    return {
      metadata: {
        name,
        uid: name,
        creationTimestamp: '2025-12-31T23:00:00Z',
        labels: {
          'statefulset.kubernetes.io/pod-name': name,
          'apps.kubernetes.io/pod-index': ordinal,
          'controller-revision-hash': words.includes('old') ? 'db-1' : 'db-2',
        },
        ...(state === 'going' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: {},
      status: {
        phase: state === 'failed' ? 'Failed' : 'Running',
        conditions: [
          {
            type: 'Ready',
            status: state === 'ready' || state === 'going' ? 'True' : 'False',
            lastTransitionTime: '2025-12-31T23:00:00Z',
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
    name: 'updates no more than maxUnavailable in parallel',
    set: aSet(4, { ...parallel, ...rolling({ maxUnavailable: 2 }) }),
    pods: pods('0 old', '1 old', '2 old', '3 starting'),
    remove: ['db-2'],
  },
  {
    name: 'rounds a percentage of maxUnavailable down',
    set: aSet(3, { ...parallel, ...rolling({ maxUnavailable: '50%' }) }),
    pods: pods('0 old', '1 old', '2 old'),
    remove: ['db-2'],
  },
  {
    name: 'replaces a broken old Pod in parallel',
    set: aSet(2, parallel),
    pods: pods('0 old starting', '1'),
    remove: ['db-0'],
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
  assert.deepEqual(pod.spec.volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-db-7', readOnly: false } },
  ])
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
