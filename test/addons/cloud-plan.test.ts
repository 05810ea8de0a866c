import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  balancedNodes,
  balancerSpecOf,
  hasFinalizer,
  needsCleanup,
  needsUpdate,
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

const port = { port: 80, targetPort: 8080, protocol: 'TCP', nodePort: 30080 } as const
const otherPorts = [
  { ...port, port: 81 },
  { ...port, targetPort: 'http' },
  { ...port, protocol: 'UDP' as const },
  { ...port, nodePort: 30081 },
  { ...port, name: 'web' },
  { ...port, appProtocol: 'kubernetes.io/ws' },
]
const changes: { name: string; from?: Partial<ServiceSpec>; to: Partial<ServiceSpec>; isNeeded: boolean }[] = [
  { name: 'whom nodes send to inside the cluster', to: { internalTrafficPolicy: 'Local' }, isNeeded: false },
  { name: 'the Pods it is for', to: { selector: { app: 'other' } }, isNeeded: false },
  ...otherPorts.map((other) => ({
    name: `its port to ${JSON.stringify(other)}`,
    to: { ports: [other] },
    isNeeded: true,
  })),
  { name: 'the number of its ports', to: { ports: [port, { ...port, port: 81 }] }, isNeeded: true },
  { name: 'session affinity', to: { sessionAffinity: 'ClientIP' }, isNeeded: true },
  {
    name: 'how long a session lasts',
    from: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
    to: { sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
    isNeeded: true,
  },
  { name: 'ranges', to: { loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'] }, isNeeded: true },
  { name: 'the address it asks for', to: { loadBalancerIP: '192.0.2.9' }, isNeeded: true },
  { name: 'the traffic policy', to: { externalTrafficPolicy: 'Local' }, isNeeded: true },
  { name: 'the port of its health', to: { healthCheckNodePort: 32_000 }, isNeeded: true },
  { name: 'the number of external IPs', to: { externalIPs: ['192.0.2.1'] }, isNeeded: true },
  { name: 'an external IP', from: { externalIPs: ['192.0.2.1'] }, to: { externalIPs: ['192.0.2.2'] }, isNeeded: true },
  {
    name: 'the number of IP families',
    from: { ipFamilies: ['IPv4'] },
    to: { ipFamilies: ['IPv4', 'IPv6'] },
    isNeeded: true,
  },
  { name: 'the type to LoadBalancer', from: { type: 'ClusterIP' }, to: { type: 'LoadBalancer' }, isNeeded: true },
  { name: 'the type to another', to: { type: 'ClusterIP' }, isNeeded: true },
  {
    name: 'the ports of a Service that has none',
    from: { type: 'NodePort' },
    to: { ports: [{ ...port, port: 81 }] },
    isNeeded: false,
  },
]
for (const { name, from = {}, to, isNeeded } of changes)
  test(`a load balancer is ${isNeeded ? '' : 'not '}looked at again after a change of ${name}`, () => {
    assert.equal(needsUpdate(aService(from), aService({ ...from, ...to })), isNeeded)
  })

test('a load balancer is looked at again when the annotations of its Service change, or another Service takes its name', () => {
  const annotated = aService({}, { annotations: { 'example.com/internal': 'true' } })
  assert.equal(needsUpdate(aService(), annotated), true)
  assert.equal(needsUpdate(annotated, annotated), false)
  assert.equal(needsUpdate(aService(), aService({}, { uid: 'other' })), true)
  assert.equal(needsUpdate(aService(), aService({}, { labels: { app: 'web' } })), false)
})

test('a Service with a class is not wanted, and one that is deleted or has another type is cleaned up', () => {
  assert.equal(wantsBalancer(aService()), true)
  assert.equal(wantsBalancer(aService({ loadBalancerClass: 'example.com/x' })), false)
  const finalizers = ['service.kubernetes.io/load-balancer-cleanup']
  assert.equal(hasFinalizer(aService({}, { finalizers })), true)
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
  const excluded = (value: string) => ({ 'node.kubernetes.io/exclude-from-external-load-balancers': value })
  const going = aNode('e')
  assert.deepEqual(
    balancedNodes([
      aNode('b'),
      aNode('a'),
      aNode('c', excluded('')),
      aNode('c2', excluded('true')),
      aNode('f', excluded('false')),
      { ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      aNode('d', {}, [{ key: 'ToBeDeletedByClusterAutoscaler' }]),
      aNode('g', {}, [{ key: 'example.com/other' }]),
    ]),
    ['a', 'b', 'f', 'g'],
  )
})

test('the cloud asks each node for the Service when its policy is Local, and for itself otherwise', () => {
  assert.deepEqual(balancerSpecOf(aService(), ['n']).health, { port: 10_256, path: '/healthz' })
  const local = aService({ externalTrafficPolicy: 'Local', healthCheckNodePort: 32_000 })
  assert.deepEqual(balancerSpecOf(local, ['n']).health, { port: 32_000, path: '/healthz' })
  assert.deepEqual(balancerSpecOf(aService({ healthCheckNodePort: 32_000 }), ['n']).health.port, 10_256)
})

test('the cloud is asked for the ports that clients use, on those nodes, and for the same node each time if the Service wants that', () => {
  const { service, ports, nodes, isSticky } = balancerSpecOf(aService(), ['n', 'm'])
  assert.deepEqual(
    { service, ports, nodes, isSticky },
    { service: 'ns/web', ports: [{ protocol: 'TCP', port: 80 }], nodes: ['n', 'm'], isSticky: false },
  )
  assert.equal(balancerSpecOf(aService({ sessionAffinity: 'ClientIP' }), []).isSticky, true)
})
