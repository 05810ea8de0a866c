import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases } from '../../../sim/api/coordination/lease.ts'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { nodes } from '../../../sim/api/core/node.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { nodeRestriction } from '../../../sim/apiserver/admission/node-restriction.ts'
import { type Asked, ask } from './plugin.ts'

const user = { name: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] }
const refusalOf = (kind: unknown, asked: Asked): string | undefined =>
  ask(nodeRestriction, kind as typeof pods, { user, ...asked }, [[nodes, [{ metadata: { name: 'n', uid: 'u' } }]]])
    .refusal

const pod = (nodeName: string, part: object = {}) => ({
  metadata: { name: 'p', ...part },
  spec: { nodeName, containers: [] },
})
const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u', controller: true }
const mirrorOf = (...ownerReferences: object[]) => ({
  annotations: { 'kubernetes.io/config.mirror': 'x' },
  ownerReferences,
})
const mirror = mirrorOf(owner)
const forPods: { name: string; asked: Asked; why?: string }[] = [
  { name: 'deletes a Pod of its own', asked: { operation: 'DELETE', old: pod('n') } },
  {
    name: 'deletes a Pod of another node',
    asked: { operation: 'DELETE', old: pod('m') },
    why: 'node "n" can only delete pods with spec.nodeName set to itself',
  },
  {
    name: 'changes a Pod of its own',
    asked: { operation: 'UPDATE', object: pod('n'), old: pod('n') },
    why: 'unexpected operation "UPDATE", node "n" can only create and delete mirror pods',
  },
  { name: 'makes the mirror of a static Pod', asked: { object: pod('n', mirror) } },
  {
    name: 'makes a Pod',
    asked: { object: pod('n') },
    why: 'pod does not have "kubernetes.io/config.mirror" annotation, node "n" can only create mirror pods',
  },
  {
    name: 'makes a mirror on another node',
    asked: { object: pod('m', mirror) },
    why: 'node "n" can only create pods with spec.nodeName set to itself',
  },
  {
    name: 'makes a mirror that nobody owns',
    asked: { object: pod('n', mirrorOf()) },
    why: 'node "n" can only create pods with an owner reference set to itself',
  },
  {
    name: 'makes a mirror of two owners',
    asked: { object: pod('n', mirrorOf(owner, owner)) },
    why: 'node "n" can only create pods with a single owner reference set to itself',
  },
  ...[{ apiVersion: 'v2' }, { kind: 'Pod' }, { name: 'm' }].map((part) => ({
    name: `makes a mirror whose owner has the wrong ${Object.keys(part)}`,
    asked: { object: pod('n', mirrorOf({ ...owner, ...part })) },
    why: 'node "n" can only create pods with an owner reference set to itself',
  })),
  {
    name: 'makes a mirror that its owner does not control',
    asked: { object: pod('n', mirrorOf({ ...owner, controller: undefined })) },
    why: 'node "n" can only create pods with a controller owner reference set to itself',
  },
  {
    name: 'makes a mirror that keeps its owner from going',
    asked: { object: pod('n', mirrorOf({ ...owner, blockOwnerDeletion: true })) },
    why: 'node "n" must not set blockOwnerDeletion on an owner reference',
  },
  {
    name: 'makes a mirror for a Node that was here before',
    asked: { object: pod('n', mirrorOf({ ...owner, uid: 'old' })) },
    why: 'node n UID mismatch: expected old got u',
  },
  {
    name: 'makes a mirror that reads a Secret',
    asked: {
      object: {
        ...pod('n', mirror),
        spec: { nodeName: 'n', containers: [], volumes: [{ name: 'v', secret: { secretName: 's' } }] },
      },
    },
    why: 'node "n" can not create pods that reference secrets',
  },
  {
    name: 'tells the status of a Pod of its own',
    asked: { operation: 'UPDATE', subresource: 'status', object: pod('n', { labels: {} }), old: pod('n') },
  },
  {
    name: 'tells the status of a Pod of another node',
    asked: { operation: 'UPDATE', subresource: 'status', object: pod('m'), old: pod('m') },
    why: 'node "n" can only update pod status for pods with spec.nodeName set to itself',
  },
  {
    name: 'labels a Pod together with its status',
    asked: { operation: 'UPDATE', subresource: 'status', object: pod('n', { labels: { a: 'b' } }), old: pod('n') },
    why: 'node "n" cannot update labels through pod status',
  },
]
for (const { name, asked, why } of forPods)
  test(`a kubelet that ${name} is ${why ? 'refused' : 'let through'}`, () =>
    assert.equal(refusalOf(pods, asked), why && `pods "p" is forbidden: ${why}`))

test('a kubelet whose Node is gone is told that', () => {
  const asked = { user: { ...user, name: 'system:node:m' }, object: pod('m', mirrorOf({ ...owner, name: 'm' })) }
  assert.equal(refusalOf(pods, asked), 'node "m" not found')
})

test('whoever is no kubelet, and other kinds, are no matter of nodes', () => {
  const other = { operation: 'DELETE', old: pod('m') } as const
  assert.equal(refusalOf(pods, { ...other, user: { name: 'system:node:n', groups: [] } }), undefined)
  assert.equal(refusalOf(configMaps, other), undefined)
})

const node = (name: string, labels: Record<string, string> = {}, taints?: object[]) => ({
  metadata: { name, labels },
  spec: { taints },
})
const changed = (labels: Record<string, string>, before: Record<string, string> = {}): string | undefined =>
  refusalOf(nodes, { operation: 'UPDATE', object: node('n', labels), old: node('n', before) })

test('a kubelet changes no other node than its own', () => {
  const why = 'nodes "m" is forbidden: node "n" is not allowed to modify node "m"'
  for (const operation of ['CREATE', 'UPDATE', 'DELETE'] as const)
    assert.equal(refusalOf(nodes, { operation, object: node('m'), old: node('m') }), why)
  assert.equal(refusalOf(nodes, { object: node('n', { 'node-restriction.kubernetes.io/a': 'b' }) }), undefined)
})

test('a kubelet does not change the taints of its node', () => {
  const why = 'nodes "n" is forbidden: node "n" is not allowed to modify taints'
  const [taint] = [{ key: 'a', effect: 'NoSchedule' }]
  const update = (now?: object[], before?: object[], subresource = '') =>
    refusalOf(nodes, { operation: 'UPDATE', subresource, object: node('n', {}, now), old: node('n', {}, before) })
  assert.equal(update([taint], undefined), why)
  assert.equal(update(undefined, [taint]), why)
  assert.equal(update([], undefined), undefined)
  assert.equal(update([taint], [taint]), undefined)
  assert.equal(update([taint], undefined, 'status'), undefined)
})

const ownLabels = [
  ...['kubernetes.io/hostname', 'kubernetes.io/os', 'kubernetes.io/arch', 'beta.kubernetes.io/os'],
  ...['beta.kubernetes.io/arch', 'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
  ...['topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone'],
  ...['failure-domain.beta.kubernetes.io/region', 'kubelet.kubernetes.io/a', 'a.kubelet.kubernetes.io/b'],
  ...['node.kubernetes.io/a', 'a.node.kubernetes.io/b', 'example.com/a', 'a', 'mykubernetes.io/a', 'myk8s.io/a'],
]
for (const label of ownLabels)
  test(`a kubelet may label its node with ${label}`, () => {
    assert.equal(changed({ [label]: '' }), undefined)
    assert.equal(changed({}, { [label]: 'a' }), undefined)
  })

const keptLabels = [
  ...['node-restriction.kubernetes.io/a', 'a.node-restriction.kubernetes.io/b', 'node-role.kubernetes.io/worker'],
  ...['kubernetes.io/a', 'k8s.io/a', 'a.k8s.io/b', 'topology.kubernetes.io/rack'],
]
for (const label of keptLabels)
  test(`a kubelet may not change the label ${label} of its node`, () => {
    const why = `nodes "n" is forbidden: is not allowed to modify labels: ${label}`
    assert.equal(changed({ [label]: '' }), why)
    assert.equal(changed({}, { [label]: 'a' }), why)
    assert.equal(changed({ [label]: 'b' }, { [label]: 'a' }), why)
    assert.equal(changed({ [label]: 'a', 'example.com/b': 'c' }, { [label]: 'a' }), undefined)
  })

test('labels that a kubelet may not change are told in order', () =>
  assert.equal(
    changed({ 'k8s.io/b': '', 'k8s.io/a': '' }),
    'nodes "n" is forbidden: is not allowed to modify labels: k8s.io/a, k8s.io/b',
  ))

test('a kubelet renews its own lease alone', () => {
  const lease = (name: string, namespace = 'kube-node-lease') =>
    refusalOf(leases, { operation: 'UPDATE', namespace, object: { metadata: { name, namespace } } })
  assert.equal(lease('n'), undefined)
  assert.equal(
    lease('m'),
    'leases.coordination.k8s.io "m" is forbidden: can only access node lease with the same name as the requesting node',
  )
  assert.equal(
    lease('n', 'kube-system'),
    'leases.coordination.k8s.io "n" is forbidden: can only access leases in the "kube-node-lease" system namespace',
  )
})
