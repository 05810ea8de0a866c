/** Endpoints and EndpointSlices: what stands behind a Service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../sim/api/apps/deployment.ts'
import { endpoints } from '../../sim/api/core/endpoints.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { services } from '../../sim/api/core/service.ts'
import { endpointSlices } from '../../sim/api/discovery/endpoint-slice.ts'
import type { Endpoint, EndpointSlice } from '../../sim/api/discovery/types.ts'
import { truncate } from '../../sim/controllers/endpoints/plan.ts'
import { planSlices, type SliceContent } from '../../sim/controllers/endpointslice/plan.ts'
import { createDeployment, startControlled } from './cluster.ts'

type Cluster = ReturnType<typeof startControlled>

const createService = ({ client }: Cluster, spec: Record<string, unknown> = {}) =>
  client.create(services, {
    metadata: { name: 'web', namespace: 'ns' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  })
const subsetsOf = ({ client }: Cluster) => client.find(endpoints, { namespace: 'ns', name: 'web' })?.subsets
const slicesOf = ({ client }: Cluster) => client.list(endpointSlices, { namespace: 'ns' }).items
const counts = (cluster: Cluster) => {
  const [subset] = subsetsOf(cluster) ?? []
  const all = slicesOf(cluster).flatMap((slice) => slice.endpoints)
  return {
    ready: subset?.addresses?.length ?? 0,
    notReady: subset?.notReadyAddresses?.length ?? 0,
    sliceReady: all.filter(({ conditions }) => conditions.ready).length,
    slice: all.length,
  }
}

test('a Service without Pods has an empty Endpoints object and one empty slice', () => {
  const cluster = startControlled()
  createService(cluster)
  cluster.runFor(500)
  assert.equal(subsetsOf(cluster), undefined)
  assert.ok(cluster.client.find(endpoints, { namespace: 'ns', name: 'web' }))
  const [slice, ...others] = slicesOf(cluster)
  assert.deepEqual([slice.endpoints, slice.ports ?? null, others.length], [[], null, 0])
  assert.equal(slice.metadata.generateName, 'web-')
  assert.deepEqual(slice.metadata.labels, {
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'kubernetes.io/service-name': 'web',
  })
  assert.equal(slice.metadata.ownerReferences?.[0].name, 'web')
})

test('Pods appear behind their Service when they are ready and leave when they are deleted', () => {
  const cluster = startControlled()
  createService(cluster)
  createDeployment(cluster.client, 'web', 3)
  cluster.runFor(3000)
  assert.deepEqual(counts(cluster), { ready: 3, notReady: 0, sliceReady: 3, slice: 3 })
  assert.equal(slicesOf(cluster).length, 1)
  cluster.client.patch(deployments, { namespace: 'ns', name: 'web' }, 'merge', { spec: { replicas: 1 } })
  cluster.runFor(500)
  // Going: out of Endpoints at once, and in the slice until they are gone.
  assert.deepEqual(counts(cluster), { ready: 1, notReady: 0, sliceReady: 1, slice: 3 })
  const going = slicesOf(cluster)[0].endpoints.filter(({ conditions }) => conditions.terminating)
  assert.deepEqual(
    going.map(({ conditions }) => conditions),
    [
      { ready: false, serving: true, terminating: true },
      { ready: false, serving: true, terminating: true },
    ],
  )
  cluster.runFor(3000)
  assert.deepEqual(counts(cluster), { ready: 1, notReady: 0, sliceReady: 1, slice: 1 })
})

test('a Pod that is not ready is listed as such, unless the Service publishes it all the same', () => {
  const cluster = startControlled()
  cluster.brokenImages.add('nginx:1.25')
  createService(cluster)
  createDeployment(cluster.client, 'web', 1)
  cluster.runFor(3000)
  assert.deepEqual(counts(cluster), { ready: 0, notReady: 1, sliceReady: 0, slice: 1 })
  cluster.client.patch(services, { namespace: 'ns', name: 'web' }, 'merge', {
    spec: { publishNotReadyAddresses: true },
  })
  cluster.runFor(500)
  assert.deepEqual(counts(cluster), { ready: 1, notReady: 0, sliceReady: 1, slice: 1 })
})

test('a named target port is looked up in each Pod; those without it are in no Endpoints, and in a slice without ports', () => {
  const cluster = startControlled()
  createService(cluster, { ports: [{ port: 80, targetPort: 'http' }] })
  const named = (name: string, containerPort?: number) =>
    cluster.client.create(pods, {
      metadata: { name, namespace: 'ns', labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'main', image: 'x', ...(containerPort ? { ports: [{ name: 'http', containerPort }] } : {}) },
        ],
      },
    })
  named('a', 8080)
  named('b', 9090)
  named('c')
  cluster.runFor(3000)
  assert.deepEqual(
    subsetsOf(cluster)?.map(({ ports, addresses }) => [ports?.[0].port, addresses?.[0].targetRef?.name]),
    [
      [8080, 'a'],
      [9090, 'b'],
    ],
  )
  assert.deepEqual(
    slicesOf(cluster)
      .map(({ ports, endpoints }) => `${endpoints.map(({ targetRef }) => targetRef?.name)}: ${ports?.[0]?.port}`)
      .sort(),
    ['a: 8080', 'b: 9090', 'c: undefined'],
  )
})

test('Endpoints and slices of a deleted Service go', () => {
  const cluster = startControlled()
  createService(cluster)
  cluster.runFor(500)
  cluster.client.delete(services, { namespace: 'ns', name: 'web' })
  cluster.runFor(500)
  assert.equal(cluster.client.find(endpoints, { namespace: 'ns', name: 'web' }), undefined)
  assert.deepEqual(slicesOf(cluster), [])
})

test('Endpoints written before their Service wait for it; a controller that starts takes those away that have none', () => {
  const cluster = startControlled()
  const key = { namespace: 'ns', name: 'early' }
  cluster.client.create(endpoints, { metadata: key })
  cluster.runFor(3000)
  assert.ok(cluster.client.find(endpoints, key))
  cluster.stop()
  cluster.start()
  cluster.runFor(3000)
  assert.equal(cluster.client.find(endpoints, key), undefined)
})

test('a Service changed while the controllers were stopped is right after they start', () => {
  const cluster = startControlled()
  createService(cluster)
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  cluster.stop()
  const [pod] = cluster.client.list(pods, { namespace: 'ns' }).items
  cluster.client.delete(pods, { namespace: 'ns', name: pod.metadata.name })
  cluster.runFor(3000)
  cluster.start()
  cluster.runFor(5000)
  assert.deepEqual(counts(cluster), { ready: 2, notReady: 0, sliceReady: 2, slice: 2 })
})

test('Endpoints written by hand for a Service without a selector are mirrored into a slice', () => {
  const cluster = startControlled()
  createService(cluster, { selector: undefined })
  const subsets = [{ addresses: [{ ip: '10.9.9.9' }], ports: [{ port: 80, protocol: 'TCP' as const }] }]
  cluster.client.create(endpoints, { metadata: { name: 'web', namespace: 'ns' }, subsets })
  cluster.runFor(500)
  const [slice, ...others] = slicesOf(cluster)
  assert.deepEqual([slice.endpoints, others], [[{ addresses: ['10.9.9.9'], conditions: { ready: true } }], []])
  assert.equal(
    slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
    'endpointslicemirroring-controller.k8s.io',
  )
  cluster.client.delete(endpoints, { namespace: 'ns', name: 'web' })
  cluster.runFor(2000)
  assert.deepEqual(slicesOf(cluster), [])
})

const ports = [{ name: '', protocol: 'TCP' as const, port: 80 }]
const endpointsNamed = (from: number, to: number): Endpoint[] =>
  Array.from({ length: to - from }, (_, i) => ({ addresses: [`10.0.0.${from + i}`], conditions: { ready: true } }))
const aSlice = (name: string, from: number, to: number): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
  addressType: 'IPv4',
  endpoints: endpointsNamed(from, to),
  ports,
})
const cases: {
  name: string
  existing: EndpointSlice[]
  desired: SliceContent[]
  want: { create: number[]; update: string[]; delete: string[] }
}[] = [
  {
    name: 'fills slices of a hundred',
    existing: [],
    desired: [{ ports, endpoints: endpointsNamed(0, 250) }],
    want: { create: [100, 100, 50], update: [], delete: [] },
  },
  {
    name: 'leaves alone what is right',
    existing: [aSlice('a', 0, 100), aSlice('b', 100, 120)],
    desired: [{ ports, endpoints: endpointsNamed(0, 120) }],
    want: { create: [], update: [], delete: [] },
  },
  {
    name: 'adds to the slice that has room',
    existing: [aSlice('a', 0, 100), aSlice('b', 100, 120)],
    desired: [{ ports, endpoints: endpointsNamed(0, 125) }],
    want: { create: [], update: ['b:25'], delete: [] },
  },
  {
    name: 'puts new endpoints where something is written anyway',
    existing: [aSlice('a', 0, 100), aSlice('b', 100, 150)],
    desired: [{ ports, endpoints: endpointsNamed(1, 151) }],
    want: { create: [], update: ['a:100'], delete: [] },
  },
  {
    name: 'turns the last slice into an empty one',
    existing: [aSlice('a', 0, 1)],
    desired: [],
    want: { create: [], update: ['a:0'], delete: [] },
  },
  {
    name: 'deletes a slice that has become empty beside others',
    existing: [aSlice('a', 0, 100), aSlice('b', 100, 101)],
    desired: [{ ports, endpoints: endpointsNamed(0, 100) }],
    want: { create: [], update: [], delete: ['b'] },
  },
]
for (const { name, existing, desired, want } of cases) {
  test(`planSlices ${name}`, () => {
    const plan = planSlices(existing, desired)
    assert.deepEqual(
      {
        create: plan.create.map((content) => content.endpoints.length),
        update: plan.update.map(({ slice, content }) => `${slice.metadata.name}:${content.endpoints.length}`),
        delete: plan.delete.map(({ metadata }) => metadata.name),
      },
      want,
    )
  })
}

test('an Endpoints object holds a thousand addresses at most, ready ones first', () => {
  const addresses = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ ip: `10.0.${from}.${i}` }))
  assert.equal(truncate([{ addresses: addresses(0, 600), notReadyAddresses: addresses(1, 400) }]), undefined)
  const [subset] = truncate([{ addresses: addresses(0, 600), notReadyAddresses: addresses(1, 600) }]) ?? []
  assert.deepEqual([subset.addresses?.length, subset.notReadyAddresses?.length], [600, 400])
  const [ready] = truncate([{ addresses: addresses(0, 1500), notReadyAddresses: addresses(1, 5) }]) ?? []
  assert.deepEqual([ready.addresses?.length, ready.notReadyAddresses], [1000, undefined])
})
