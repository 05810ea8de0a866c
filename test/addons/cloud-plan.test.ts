import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  balancedNodes,
  balancerSpecOf,
  changeOf,
  FINALIZER,
  needsCleanup,
  wantsBalancer,
} from '../../sim/addons/cloud/plan.ts'
import type { Node, Service, ServiceSpec } from '../../sim/api/core/types.ts'

const aService = (spec: Partial<ServiceSpec> = {}, metadata: Partial<Service['metadata']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'ns', uid: '', resourceVersion: '', creationTimestamp: '', ...metadata },
  spec: {
    type: 'LoadBalancer',
    sessionAffinity: 'None',
    externalTrafficPolicy: 'Cluster',
    ports: [{ port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 }],
    ...spec,
  },
  status: { loadBalancer: {} },
})

const changes: { name: string; from?: Partial<ServiceSpec>; to?: Partial<ServiceSpec>; want: string | boolean }[] = [
  { name: 'nothing that concerns it', to: { internalTrafficPolicy: 'Local' }, want: false },
  { name: 'another port', to: { ports: [{ port: 81, targetPort: 8080, protocol: 'TCP' }] }, want: true },
  { name: 'session affinity', to: { sessionAffinity: 'ClientIP' }, want: true },
  {
    name: 'ranges',
    to: { loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'] },
    want: 'LoadBalancerSourceRanges: [] -> [10.0.0.0/8 192.0.2.0/24]',
  },
  {
    name: 'the traffic policy',
    to: { externalTrafficPolicy: 'Local' },
    want: 'ExternalTrafficPolicy: Cluster -> Local',
  },
  { name: 'external IPs', to: { externalIPs: ['192.0.2.1'] }, want: 'ExternalIP: Count: 0 -> 1' },
  { name: 'the type', from: { type: 'ClusterIP' }, want: 'Type: ClusterIP -> LoadBalancer' },
  { name: 'a Service that never had one', from: { type: 'ClusterIP' }, to: { type: 'NodePort' }, want: false },
]
for (const { name, from = {}, to = {}, want } of changes)
  test(`a load balancer is looked at again after a change of ${name}`, () => {
    const { isNeeded, event } = changeOf(aService(from), aService({ ...from, type: 'LoadBalancer', ...to }))
    assert.equal(event ? `${event.reason}: ${event.message}` : isNeeded, want)
  })

test('a Service with a class is not wanted, and one that is deleted or has another type is cleaned up', () => {
  assert.equal(wantsBalancer(aService()), true)
  assert.equal(wantsBalancer(aService({ loadBalancerClass: 'example.com/x' })), false)
  const finalizers = [FINALIZER]
  assert.equal(needsCleanup(aService({}, { finalizers })), false)
  assert.equal(needsCleanup(aService({}, { finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' })), true)
  assert.equal(needsCleanup(aService({ type: 'ClusterIP' }, { finalizers })), true)
  assert.equal(needsCleanup(aService({ type: 'ClusterIP' })), false)
})

test('nodes are balanced whether they are ready or not, but not when they are excluded or about to go', () => {
  const aNode = (name: string, labels: Record<string, string> = {}, taints: { key: string }[] = []): Node =>
    ({
      metadata: { name, labels },
      spec: { taints },
      status: { conditions: [{ type: 'Ready', status: 'False' }] },
    }) as unknown as Node
  const excluded = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
  assert.deepEqual(
    balancedNodes([
      aNode('b'),
      aNode('a'),
      aNode('c', excluded),
      aNode('d', {}, [{ key: 'ToBeDeletedByClusterAutoscaler' }]),
    ]),
    ['a', 'b'],
  )
})

test('the cloud asks each node for the Service when its policy is Local, and for itself otherwise', () => {
  assert.deepEqual(balancerSpecOf(aService(), ['n']).health, { port: 10_256, path: '/healthz' })
  const local = aService({ externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000 })
  assert.deepEqual(balancerSpecOf(local, ['n']).health, { port: 32_000, path: '/healthz' })
})
