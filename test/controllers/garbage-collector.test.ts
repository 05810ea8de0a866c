/** What goes with its owner, and how. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../sim/api/apps/deployment.ts'
import { replicaSets } from '../../sim/api/apps/replica-set.ts'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { pods } from '../../sim/api/core/pod.ts'
import type { OwnerReference } from '../../sim/api/meta/object.ts'
import { planCollection } from '../../sim/controllers/garbage-collector/plan.ts'
import { createDeployment, startControlled } from './cluster.ts'

type Cluster = ReturnType<typeof startControlled>

const reference = (name: string, uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid })

const createMap = ({ client }: Cluster, name: string, owners: OwnerReference[] = []) =>
  client.create(configMaps, {
    metadata: { name, namespace: 'ns', ...(owners.length > 0 ? { ownerReferences: owners } : {}) },
  })

const mapNames = ({ client }: Cluster): string[] =>
  client
    .list(configMaps, { namespace: 'ns' })
    .items.map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt')

const owner = reference('o', 'u')
const cases: { name: string; plan: Parameters<typeof planCollection>; want: ReturnType<typeof planCollection> }[] = [
  { name: 'keeps what has no owner', plan: [[], [], false], want: { action: 'keep' } },
  {
    name: 'keeps what has a solid owner',
    plan: [[{ reference: owner, state: 'solid' }], [], false],
    want: { action: 'keep' },
  },
  {
    name: 'takes a lost owner out of what has another',
    plan: [
      [
        { reference: owner, state: 'solid' },
        { reference: reference('p', 'v'), state: 'dangling' },
      ],
      [],
      false,
    ],
    want: { action: 'disown', uids: ['v'] },
  },
  {
    name: 'deletes what lost its owners',
    plan: [[{ reference: owner, state: 'dangling' }], [], true],
    want: { action: 'delete', policy: 'Background', unblock: false },
  },
  {
    name: 'passes foreground deletion on to what has dependents',
    plan: [[{ reference: owner, state: 'waiting' }], [], true],
    want: { action: 'delete', policy: 'Foreground', unblock: true },
  },
  {
    name: 'passes foreground deletion on when one of several owners waits',
    plan: [
      [
        { reference: owner, state: 'dangling' },
        { reference: reference('p', 'v'), state: 'waiting' },
      ],
      [],
      true,
    ],
    want: { action: 'delete', policy: 'Foreground', unblock: true },
  },
  {
    name: 'deletes what has no dependents without waiting for them',
    plan: [[{ reference: owner, state: 'waiting' }], [], false],
    want: { action: 'delete', policy: 'Background', unblock: false },
  },
  {
    name: 'lets the dependents stay where a finalizer of the object asks for that',
    plan: [[{ reference: owner, state: 'dangling' }], ['foregroundDeletion', 'orphan'], true],
    want: { action: 'delete', policy: 'Orphan', unblock: false },
  },
  {
    name: 'takes the dependents along first where a finalizer of the object asks for that',
    plan: [[{ reference: owner, state: 'dangling' }], ['foregroundDeletion'], true],
    want: { action: 'delete', policy: 'Foreground', unblock: false },
  },
]
for (const { name, plan, want } of cases)
  test(`planCollection ${name}`, () => assert.deepEqual(planCollection(...plan), want))

test('an object whose owner never existed is deleted at once', () => {
  const cluster = startControlled()
  createMap(cluster, 'lost', [reference('gone', '00000000-0000-0000-0000-000000000000')])
  cluster.runFor(200)
  assert.deepEqual(mapNames(cluster), [])
})

test('an owner of the right name and another uid is no owner', () => {
  const cluster = startControlled()
  createMap(cluster, 'owner')
  createMap(cluster, 'imposter', [reference('owner', '00000000-0000-0000-0000-000000000000')])
  cluster.runFor(200)
  assert.deepEqual(mapNames(cluster), ['owner'])
})

for (const policy of ['Background', 'Foreground'] as const) {
  test(`${policy} deletion takes the dependents along`, () => {
    const cluster = startControlled()
    const parent = createMap(cluster, 'parent')
    createMap(cluster, 'child', [{ ...reference('parent', parent.metadata.uid), blockOwnerDeletion: true }])
    cluster.runFor(100)
    cluster.client.delete(configMaps, { namespace: 'ns', name: 'parent' }, { propagationPolicy: policy })
    assert.deepEqual(mapNames(cluster), policy === 'Background' ? ['child'] : ['child', 'parent'])
    cluster.runFor(500)
    assert.deepEqual(mapNames(cluster), [])
  })
}

test('orphaning leaves the dependents, without their owner', () => {
  const cluster = startControlled()
  const parent = createMap(cluster, 'parent')
  createMap(cluster, 'child', [reference('parent', parent.metadata.uid)])
  cluster.runFor(100)
  cluster.client.delete(configMaps, { namespace: 'ns', name: 'parent' }, { propagationPolicy: 'Orphan' })
  cluster.runFor(500)
  assert.deepEqual(mapNames(cluster), ['child'])
  assert.equal(cluster.client.get(configMaps, { namespace: 'ns', name: 'child' }).metadata.ownerReferences, undefined)
})

test('deleting a Deployment in the foreground keeps it until its last Pod is gone', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  cluster.client.delete(deployments, { namespace: 'ns', name: 'web' }, { propagationPolicy: 'Foreground' })
  cluster.runFor(500)
  assert.equal(cluster.client.list(deployments).items.length, 1)
  assert.ok(cluster.client.list(pods, { namespace: 'ns' }).items.every((pod) => pod.metadata.deletionTimestamp))
  cluster.runFor(5000)
  assert.deepEqual(
    [deployments, replicaSets, pods].map(
      (kind) => cluster.client.list(kind as typeof pods, { namespace: 'ns' }).items.length,
    ),
    [0, 0, 0],
  )
})

test('what was orphaned while the collector was stopped is collected when it starts', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  cluster.stop()
  cluster.client.delete(deployments, { namespace: 'ns', name: 'web' }, { propagationPolicy: 'Background' })
  cluster.runFor(1000)
  assert.equal(cluster.client.list(replicaSets).items.length, 1)
  cluster.start()
  cluster.runFor(5000)
  assert.equal(cluster.client.list(replicaSets).items.length, 0)
  assert.equal(cluster.client.list(pods, { namespace: 'ns' }).items.length, 0)
})

test('a second deletion that asks for orphans lets the owner go and its dependents stay', () => {
  const cluster = startControlled()
  const parent = createMap(cluster, 'parent')
  const child = { ...reference('parent', parent.metadata.uid), blockOwnerDeletion: true }
  cluster.client.create(configMaps, {
    metadata: { name: 'child', namespace: 'ns', ownerReferences: [child], finalizers: ['example.com/hold'] },
  })
  const key = { namespace: 'ns', name: 'parent' }
  cluster.engine.runUntil(cluster.engine.nowMs + 1000)
  cluster.client.delete(configMaps, key, { propagationPolicy: 'Foreground' })
  cluster.engine.runUntil(cluster.engine.nowMs + 1000)
  assert.deepEqual(mapNames(cluster), ['child', 'parent'])
  cluster.client.delete(configMaps, key, { propagationPolicy: 'Orphan' })
  cluster.engine.runUntil(cluster.engine.nowMs + 1000)
  assert.deepEqual(mapNames(cluster), ['child'])
})
