/** ReplicaSets: the plan, and what it comes to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replicaSets } from '../../sim/api/apps/replica-set.ts'
import type { ReplicaSet } from '../../sim/api/apps/types.ts'
import { pods } from '../../sim/api/core/pod.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { keyOf } from '../../sim/api/meta/object.ts'
import { slowStartBatches } from '../../sim/controllers/pod-control.ts'
import { byDeletionRank } from '../../sim/controllers/replicaset/deletion-rank.ts'
import { planReplicaSet } from '../../sim/controllers/replicaset/plan.ts'
import { podTemplate, startControlled } from './cluster.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString().replace('.000', '')

interface PodFacts {
  node?: string
  phase?: 'Pending' | 'Running'
  readyFor?: number
  age?: number
  cost?: string
  restarts?: number
}

/** A Pod that has been ready on its own node for an hour unless told. */
function aPod(name: string, facts: PodFacts = {}): Pod {
  const { node = `node of ${name}`, phase = 'Running', readyFor = 3600, age = 3600, cost, restarts = 0 } = facts
  const ready = readyFor >= 0 ? [{ type: 'Ready', status: 'True', lastTransitionTime: at(readyFor) }] : []
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: at(age),
      ...(cost ? { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } : {}),
    },
    spec: { nodeName: node },
    status: { phase, conditions: ready, containerStatuses: [{ restartCount: restarts }] },
  } as unknown as Pod
}

const rankCases: { name: string; first: PodFacts; last: PodFacts }[] = [
  { name: 'a Pod without a node', first: { node: '' }, last: {} },
  { name: 'a Pending Pod', first: { phase: 'Pending', readyFor: -1 }, last: { readyFor: -1 } },
  { name: 'a Pod that is not ready', first: { readyFor: -1 }, last: {} },
  { name: 'the cheaper Pod', first: { cost: '-5' }, last: { cost: '10' } },
  { name: 'the Pod that became ready much later', first: { readyFor: 10 }, last: { readyFor: 3000 } },
  { name: 'the Pod with more restarts', first: { restarts: 4 }, last: { restarts: 1 } },
  { name: 'the much younger Pod', first: { readyFor: -1, age: 10 }, last: { readyFor: -1, age: 9000 } },
]
for (const { name, first, last } of rankCases) {
  test(`of two Pods, ${name} is deleted first`, () => {
    // Names that sort the other way round, so that the order cannot come from them.
    const candidates = [aPod('a', last), aPod('b', first)]
    const order = byDeletionRank(candidates, candidates, NOW).map((pod) => pod.metadata.name)
    assert.deepEqual(order, ['b', 'a'])
  })
}

test('a Pod on the node with more of its siblings is deleted first', () => {
  const candidates = [aPod('a', { node: 'n1' }), aPod('b', { node: 'n2' }), aPod('c', { node: 'n2' })]
  const [first] = byDeletionRank(candidates, candidates, NOW)
  assert.equal(first.spec.nodeName, 'n2')
})

test('Pods ready within the same power of two go by uid, not by age', () => {
  const candidates = [aPod('a', { readyFor: 600 }), aPod('b', { readyFor: 601 })]
  assert.deepEqual(
    byDeletionRank(candidates, candidates, NOW).map((pod) => pod.metadata.name),
    ['a', 'b'],
  )
})

const planCases = [
  { name: 'creates the shortfall', replicas: 3, running: 1, want: { create: 2, remove: 0 } },
  { name: 'does nothing when converged', replicas: 2, running: 2, want: { create: 0, remove: 0 } },
  { name: 'removes the surplus', replicas: 1, running: 3, want: { create: 0, remove: 2 } },
  { name: 'creates no more than 500 at a time', replicas: 900, running: 0, want: { create: 500, remove: 0 } },
]
for (const { name, replicas, running, want } of planCases) {
  test(`planReplicaSet ${name}`, () => {
    const active = Array.from({ length: running }, (_, i) => aPod(`p${i}`))
    const plan = planReplicaSet({ spec: { replicas } } as ReplicaSet, active, () => active, NOW)
    assert.deepEqual({ create: plan.create, remove: plan.remove.length }, want)
  })
}

test('creation starts slowly: one, then twice as many each time', () => {
  assert.deepEqual(slowStartBatches(12), [1, 2, 4, 5])
})

const createSet = (cluster: ReturnType<typeof startControlled>, name: string, replicas: number, more = {}) =>
  cluster.client.create(replicaSets, {
    metadata: { name, namespace: 'ns' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate({ app: name }), ...more },
  })
const statusOf = (cluster: ReturnType<typeof startControlled>, name: string) =>
  cluster.client.get(replicaSets, { namespace: 'ns', name }).status
const podNames = (cluster: ReturnType<typeof startControlled>) =>
  cluster.client.list(pods, { namespace: 'ns' }).items.map((pod) => pod.metadata.name)

test('a ReplicaSet replaces a Pod that is deleted, and never has one too many', () => {
  const cluster = startControlled()
  createSet(cluster, 'web', 3)
  cluster.runFor(3000)
  const [victim] = cluster.client.list(pods, { namespace: 'ns' }).items
  cluster.client.delete(pods, keyOf(victim))
  for (let i = 0; i < 40; i++) {
    cluster.runFor(50)
    const live = cluster.client.list(pods, { namespace: 'ns' }).items.filter((pod) => !pod.metadata.deletionTimestamp)
    assert.ok(live.length <= 3)
  }
  cluster.runFor(2000)
  assert.equal(podNames(cluster).length, 3)
  assert.equal(statusOf(cluster, 'web').readyReplicas, 3)
})

test('a ReplicaSet adopts a matching Pod that nobody owns, and releases one whose labels change', () => {
  const cluster = startControlled()
  cluster.client.create(pods, {
    ...podTemplate({ app: 'web' }),
    metadata: { name: 'stray', namespace: 'ns', labels: { app: 'web' } },
  })
  createSet(cluster, 'web', 2)
  cluster.runFor(3000)
  assert.equal(podNames(cluster).length, 2)
  const stray = () => cluster.client.get(pods, { namespace: 'ns', name: 'stray' })
  assert.equal(stray().metadata.ownerReferences?.[0].name, 'web')
  cluster.client.patch(pods, { namespace: 'ns', name: 'stray' }, 'merge', { metadata: { labels: { app: 'other' } } })
  cluster.runFor(3000)
  assert.deepEqual(stray().metadata.ownerReferences ?? [], [])
  assert.equal(podNames(cluster).length, 3)
})

test('Pods count as available minReadySeconds after they became ready', () => {
  const cluster = startControlled()
  createSet(cluster, 'web', 2, { minReadySeconds: 3 })
  cluster.runFor(2500)
  assert.deepEqual([statusOf(cluster, 'web').readyReplicas, statusOf(cluster, 'web').availableReplicas], [2, undefined])
  cluster.runFor(3000)
  assert.equal(statusOf(cluster, 'web').availableReplicas, 2)
})

test('a ReplicaSet says why it cannot create Pods, and stops saying so once it can', () => {
  const cluster = startControlled()
  const template = {
    ...podTemplate({ app: 'web' }),
    spec: { serviceAccountName: 'missing', containers: [{ name: 'main', image: 'x' }] },
  }
  createSet(cluster, 'web', 1, { template })
  cluster.runFor(2000)
  const [condition] = statusOf(cluster, 'web').conditions ?? []
  assert.equal(condition.type, 'ReplicaFailure')
  assert.equal(condition.reason, 'FailedCreate')
  assert.match(condition.message ?? '', /serviceaccount "missing" not found/)
  assert.match(cluster.eventTexts('web')[0], /^Warning FailedCreate Error creating: pods "web-/)
})
