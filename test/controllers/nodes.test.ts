/** Nodes that fall silent, taints that drive Pods away, and Pods whose node is gone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodes } from '../../sim/api/core/node.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { evictionsPerSecond, zoneStateOf } from '../../sim/controllers/node-lifecycle/plan.ts'
import { toleratedSeconds } from '../../sim/controllers/taint-eviction/plan.ts'
import { createDeployment, podTemplate, startControlled } from './cluster.ts'

type Cluster = ReturnType<typeof startControlled>

const getNode = ({ client }: Cluster, name = 'node-1') => client.get(nodes, { namespace: '', name })
const taintsOf = (cluster: Cluster): string[] =>
  (getNode(cluster).spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
const livePods = ({ client }: Cluster) =>
  client.list(pods, { namespace: 'ns' }).items.filter((pod) => !pod.metadata.deletionTimestamp)

test('a silent node becomes Unknown and unreachable, its Pods not ready, and after their toleration they are replaced', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(5000)
  cluster.silence('node-1')
  cluster.runFor(70_000)
  const ready = findCondition(getNode(cluster).status.conditions, 'Ready')
  assert.deepEqual(
    [ready?.status, ready?.reason, ready?.message],
    ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
  )
  assert.deepEqual(taintsOf(cluster), [
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ])
  assert.ok(cluster.eventTexts('node-1').includes('Normal NodeNotReady Node node-1 status is now: NodeNotReady'))
  const there = livePods(cluster).find((pod) => pod.spec.nodeName === 'node-1')
  assert.equal(findCondition(there?.status.conditions, 'Ready')?.status, 'False')
  cluster.runFor(300_000)
  const after = livePods(cluster)
  assert.equal(after.length, 2)
  assert.ok(!after.some((pod) => pod.metadata.uid === there?.metadata.uid))
})

test('a node that answers again loses its taints, and its Pods stay', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(5000)
  const before = livePods(cluster).map((pod) => pod.metadata.uid)
  cluster.silence('node-1')
  cluster.runFor(80_000)
  cluster.wake('node-1')
  cluster.runFor(30_000)
  assert.deepEqual(taintsOf(cluster), [])
  cluster.runFor(400_000)
  assert.deepEqual(
    livePods(cluster).map((pod) => pod.metadata.uid),
    before,
  )
})

test('when every node falls silent at once nobody is driven away', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(5000)
  cluster.silence('node-1')
  cluster.silence('node-2')
  cluster.runFor(600_000)
  assert.ok(!taintsOf(cluster).some((taint) => taint.endsWith('NoExecute')))
  assert.equal(livePods(cluster).length, 2)
})

test('a cordoned node carries the unschedulable taint until it is uncordoned', () => {
  const cluster = startControlled()
  cluster.client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { spec: { unschedulable: true } })
  cluster.runFor(200)
  assert.deepEqual(taintsOf(cluster), ['node.kubernetes.io/unschedulable:NoSchedule'])
  cluster.client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { spec: { unschedulable: null } })
  cluster.runFor(200)
  assert.deepEqual(taintsOf(cluster), [])
})

test('a NoExecute taint evicts at once who does not tolerate it, and later who does for a time', () => {
  const cluster = startControlled({ nodeCount: 1 })
  const make = (name: string, tolerations: unknown[]) =>
    cluster.client.create(pods, {
      metadata: { name, namespace: 'ns' },
      spec: { ...podTemplate({}).spec, tolerations: tolerations as never[] },
    })
  make('never', [])
  make('ten', [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }])
  make('ever', [{ key: 'k', operator: 'Exists' }])
  cluster.runFor(3000)
  const names = () => livePods(cluster).map((pod) => pod.metadata.name)
  cluster.client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', {
    spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] },
  })
  cluster.runFor(500)
  assert.deepEqual(names(), ['ever', 'ten'])
  cluster.runFor(10_000)
  assert.deepEqual(names(), ['ever'])
  assert.deepEqual(cluster.eventTexts('never'), ['Normal TaintManagerEviction Marking for deletion Pod ns/never'])
})

test('Pods of a node that was deleted are collected after a while', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  cluster.silence('node-1')
  cluster.client.delete(nodes, { namespace: '', name: 'node-1' })
  cluster.runFor(35_000)
  const stranded = livePods(cluster).find((pod) => pod.spec.nodeName === 'node-1')
  assert.ok(stranded)
  cluster.runFor(60_000)
  assert.ok(
    !cluster.client.list(pods, { namespace: 'ns' }).items.some((pod) => pod.metadata.uid === stranded.metadata.uid),
  )
  assert.ok(
    cluster
      .eventTexts('node-1')
      .includes('Normal RemovingNode Node node-1 event: Removing Node node-1 from Controller'),
  )
})

const taint = { key: 'k', value: 'v', effect: 'NoExecute' as const }
const tolerationCases = [
  { name: 'nothing tolerated means at once', tolerations: [], want: 0 },
  {
    name: 'a toleration without a limit means for ever',
    tolerations: [{ key: 'k', operator: 'Exists' as const }],
    want: Number.POSITIVE_INFINITY,
  },
  {
    name: 'a limit counts',
    tolerations: [{ key: 'k', operator: 'Equal' as const, value: 'v', tolerationSeconds: 7 }],
    want: 7,
  },
  {
    name: 'another value is not tolerated',
    tolerations: [{ key: 'k', operator: 'Equal' as const, value: 'w' }],
    want: 0,
  },
  {
    name: 'a negative limit means at once',
    tolerations: [{ operator: 'Exists' as const, tolerationSeconds: -1 }],
    want: 0,
  },
]
for (const { name, tolerations, want } of tolerationCases) {
  test(`toleratedSeconds: ${name}`, () => assert.equal(toleratedSeconds([taint], tolerations), want))
}

test('a zone is disrupted in part from more than half of at least three, and then nothing small is emptied', () => {
  assert.equal(zoneStateOf([true, false, false]), 'Normal')
  assert.equal(zoneStateOf([true, false, false, false]), 'PartialDisruption')
  assert.equal(zoneStateOf([false]), 'FullDisruption')
  assert.deepEqual(
    [evictionsPerSecond('PartialDisruption', 10), evictionsPerSecond('PartialDisruption', 60)],
    [0, 0.01],
  )
})
