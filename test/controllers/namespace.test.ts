/** Namespaces: what is put into new ones, and how they end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { serviceAccounts } from '../../sim/api/core/service-account.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { conditionsOf, type Remainder, remainderOf, unexpectedRemainder } from '../../sim/controllers/namespace/plan.ts'
import { createDeployment, podTemplate, startControlled } from './cluster.ts'

test('a namespace gets its default account and the cluster CA, and gets them back when they are deleted', () => {
  const cluster = startControlled()
  for (let i = 0; i < 2; i++) {
    assert.equal(cluster.client.list(serviceAccounts, { namespace: 'ns' }).items[0]?.metadata.name, 'default')
    assert.equal(cluster.client.list(configMaps, { namespace: 'ns' }).items[0]?.metadata.name, 'kube-root-ca.crt')
    cluster.client.delete(serviceAccounts, { namespace: 'ns', name: 'default' })
    cluster.client.delete(configMaps, { namespace: 'ns', name: 'kube-root-ca.crt' })
    cluster.runFor(100)
  }
})

test('a deleted namespace is emptied after five seconds and goes when its Pods are gone', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  cluster.client.delete(namespaces, { namespace: '', name: 'ns' })
  cluster.runFor(4900)
  assert.equal(cluster.client.list(pods, { namespace: 'ns' }).items.length, 2)
  cluster.runFor(600)
  const { status } = cluster.client.get(namespaces, { namespace: '', name: 'ns' })
  assert.equal(status.phase, 'Terminating')
  // Nothing is counted as long as there are Pods.
  assert.equal(
    findCondition(status.conditions, 'NamespaceContentRemaining')?.message,
    'All content successfully removed',
  )
  cluster.runFor(8000)
  assert.equal(cluster.client.find(namespaces, { namespace: '', name: 'ns' }), undefined)
})

test('a namespace waits for an object whose finalizer nobody takes away, and says so', () => {
  const cluster = startControlled()
  cluster.client.create(configMaps, { metadata: { name: 'held', namespace: 'ns', finalizers: ['example.com/hold'] } })
  cluster.client.delete(namespaces, { namespace: '', name: 'ns' })
  cluster.runFor(20_000)
  const { conditions } = cluster.client.get(namespaces, { namespace: '', name: 'ns' }).status
  assert.equal(
    findCondition(conditions, 'NamespaceFinalizersRemaining')?.message,
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  )
  cluster.client.patch(configMaps, { namespace: 'ns', name: 'held' }, 'merge', { metadata: { finalizers: null } })
  cluster.runFor(20_000)
  assert.equal(cluster.client.find(namespaces, { namespace: '', name: 'ns' }), undefined)
})

test('a new Pod is refused in a namespace that is closing, and its ReplicaSet does not complain', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 1)
  cluster.runFor(3000)
  cluster.client.delete(namespaces, { namespace: '', name: 'ns' })
  cluster.runFor(6000)
  assert.deepEqual(
    cluster.eventTexts().filter((text) => text.startsWith('Warning')),
    [],
  )
  assert.throws(
    () => cluster.client.create(pods, { ...podTemplate({}), metadata: { name: 'late', namespace: 'ns' } }),
    /unable to create new content in namespace ns because it is being terminated/,
  )
})

const aRemainder = (
  plural: string,
  group: string,
  count: number,
  finalizers: Record<string, number> = {},
): Remainder => ({
  ...{ plural, group, version: 'v1', count, estimateSeconds: 0 },
  finalizers: new Map(Object.entries(finalizers)),
})
const texts = (...given: [Remainder[], string[]]): string[] =>
  conditionsOf(undefined, ...given, '2026-01-01T00:00:00Z').map(
    ({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`,
  )
const discovered = [
  'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered: All resources successfully discovered',
  'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions: All legacy kube types successfully parsed',
]
const deleted =
  'NamespaceDeletionContentFailure False ContentDeleted: All content successfully deleted, may be waiting on finalization'

test('a namespace of which nothing is left says so in five conditions', () => {
  assert.deepEqual(texts([], []), [
    ...discovered,
    deleted,
    'NamespaceContentRemaining False ContentRemoved: All content successfully removed',
    'NamespaceFinalizersRemaining False ContentHasNoFinalizers: All content-preserving finalizers finished',
  ])
})

test('a namespace says what is left by kind, and which finalizers hold how much of it', () => {
  const left = [
    aRemainder('pods', '', 2, { b: 1, a: 2 }),
    aRemainder('services', '', 0),
    aRemainder('deployments', 'apps', 1, { b: 1 }),
  ]
  assert.deepEqual(texts(left, []), [
    ...discovered,
    deleted,
    'NamespaceContentRemaining True SomeResourcesRemain: Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances',
    'NamespaceFinalizersRemaining True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: a in 2 resource instances, b in 2 resource instances',
  ])
})

test('a namespace says what could not be deleted, in the order of the words', () => {
  assert.equal(
    texts([], ['no', 'boom'])[2],
    'NamespaceDeletionContentFailure True ContentDeletionFailed: Failed to delete all resource types, 2 remaining: boom, no',
  )
  assert.equal(
    unexpectedRemainder('ns', aRemainder('deployments', 'apps', 1)),
    'unexpected items still remain in namespace: ns for gvr: apps/v1, Resource=deployments',
  )
})

const estimates = [
  { name: 'as long as its Pods may take', finalizers: [], graceSeconds: 30, want: 30 },
  { name: 'as long as its Pods may take even with finalizers', finalizers: ['a'], graceSeconds: 7, want: 7 },
  { name: 'a second if that is all', finalizers: ['a'], graceSeconds: 1, want: 1 },
  { name: '15 s for finalizers', finalizers: ['a'], graceSeconds: 0, want: 15 },
  { name: 'not at all for anything else', finalizers: [], graceSeconds: 0, want: 0 },
]
for (const { name, finalizers, graceSeconds, want } of estimates)
  test(`what is left of a kind is waited for ${name}`, () => {
    const kind = { plural: 'pods', group: '', version: 'v1' }
    const left = remainderOf(kind, [{ metadata: { finalizers } }, { metadata: {} }], graceSeconds)
    assert.equal(left?.estimateSeconds, want)
    assert.equal(remainderOf(kind, [], graceSeconds), undefined)
  })

test('finalizers of what is left are counted by name', () => {
  const kind = { plural: 'pods', group: '', version: 'v1' }
  const left = remainderOf(kind, [{ metadata: { finalizers: ['a', 'b'] } }, { metadata: { finalizers: ['a'] } }], 0)
  assert.deepEqual(left, {
    ...kind,
    count: 2,
    finalizers: new Map([
      ['a', 2],
      ['b', 1],
    ]),
    estimateSeconds: 15,
  })
})

test('conditions keep their transition time while their status stays', () => {
  const remainder = {
    plural: 'pods',
    group: '',
    version: 'v1',
    finalizers: new Map<string, number>(),
    estimateSeconds: 30,
  }
  const first = conditionsOf(undefined, [{ ...remainder, count: 2 }], [], '2026-01-01T00:00:00Z')
  const second = conditionsOf(first, [{ ...remainder, count: 1 }], ['boom'], '2026-01-01T00:00:10Z')
  assert.equal(findCondition(second, 'NamespaceContentRemaining')?.lastTransitionTime, '2026-01-01T00:00:00Z')
  assert.equal(findCondition(second, 'NamespaceDeletionContentFailure')?.lastTransitionTime, '2026-01-01T00:00:10Z')
  assert.equal(
    findCondition(second, 'NamespaceDeletionContentFailure')?.message,
    'Failed to delete all resource types, 1 remaining: boom',
  )
})
