/**
 * The objects by which the server itself is set up: priority and fairness, the addresses of Services, storage drivers.
 * Sources: kubernetes/test/e2e/apimachinery/flowcontrol.go, test/e2e/network/service_cidrs.go, test/e2e/storage/csi_inline.go
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster, watch } from '../ask.ts'

const FLOW = '/apis/flowcontrol.apiserver.k8s.io/v1'
const NET = '/apis/networking.k8s.io/v1'
const STORAGE = '/apis/storage.k8s.io/v1'
const MERGE = { 'content-type': 'application/merge-patch+json' }

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
const namesOf = (list: any): string[] => list.body.items.map((item: any) => item.metadata.name)

test('a new cluster has the mandatory and the suggested priority levels, and no flow schema without one', () => {
  const cluster = smallCluster()
  assert.deepEqual(namesOf(ask(cluster, 'GET', `${FLOW}/prioritylevelconfigurations`)), [
    'catch-all',
    'exempt',
    'global-default',
    'leader-election',
    'node-high',
    'system',
    'workload-high',
    'workload-low',
  ])
  const schemas = ask(cluster, 'GET', `${FLOW}/flowschemas`)
  assert.equal(schemas.body.items.length, 13)
  for (const { status } of schemas.body.items) {
    const [{ type, status: isDangling, reason }] = status.conditions
    assert.deepEqual([type, isDangling, reason], ['Dangling', 'False', 'Found'])
  }
})

const flowSchema = (name: string, level: string) => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name, labels: { of: 'test' } },
  spec: {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: 900,
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'noxu' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
})

const level = {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: { name: 'jail' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
}

test('answers say which flow schema a request belongs to', () => {
  const cluster = smallCluster()
  const asNoxu = { 'impersonate-user': 'noxu' }
  const schemaOf = (headers: Record<string, string>): string => {
    const uid = ask(cluster, 'GET', '/version', undefined, headers).headers['x-kubernetes-pf-flowschema-uid']
    // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
    const found = ask(cluster, 'GET', `${FLOW}/flowschemas`).body.items.find((item: any) => item.metadata.uid === uid)
    return found.metadata.name
  }
  assert.equal(schemaOf({}), 'exempt')
  assert.equal(schemaOf(asNoxu), 'global-default')
  ask(cluster, 'POST', `${FLOW}/flowschemas`, flowSchema('mine', 'jail'))
  cluster.advance(1000)
  const condition = () => ask(cluster, 'GET', `${FLOW}/flowschemas/mine`).body.status.conditions[0]
  assert.equal(condition().status, 'True')
  assert.equal(schemaOf(asNoxu), 'global-default')
  const { body } = ask(cluster, 'POST', `${FLOW}/prioritylevelconfigurations`, level)
  assert.equal(body.spec.limited.nominalConcurrencyShares, 30)
  cluster.advance(1000)
  assert.equal(condition().status, 'False')
  assert.equal(schemaOf(asNoxu), 'mine')
})

test('what belongs to the server comes back, and is as it was', () => {
  const cluster = smallCluster()
  const path = `${FLOW}/prioritylevelconfigurations/workload-low`
  const shares = () => ask(cluster, 'GET', path).body.spec.limited.nominalConcurrencyShares
  ask(cluster, 'PATCH', path, { spec: { limited: { nominalConcurrencyShares: 7 } } }, MERGE)
  assert.equal(shares(), 7)
  ask(cluster, 'DELETE', `${FLOW}/flowschemas/probes`)
  cluster.advance(61_000)
  assert.equal(shares(), 100)
  assert.equal(ask(cluster, 'GET', `${FLOW}/flowschemas/probes`).status, 200)
  const refused = ask(cluster, 'PATCH', `${FLOW}/flowschemas/catch-all`, { spec: { matchingPrecedence: 5 } }, MERGE)
  assert.equal(refused.status, 422)
  assert.match(refused.body.message, /spec of 'catch-all' must equal the fixed value/)
})

test('a table of flow schemas is in the order in which they are tried', () => {
  const { body } = ask(smallCluster(), 'GET', `${FLOW}/flowschemas`, undefined, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  })
  const precedences = body.rows.map(({ cells }: { cells: number[] }) => cells[2])
  assert.deepEqual(
    precedences,
    precedences.toSorted((a: number, b: number) => a - b),
  )
})

test('the address of a Service is an IPAddress as long as it has it', () => {
  const cluster = smallCluster()
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
  const { clusterIP } = ask(cluster, 'POST', '/api/v1/namespaces/default/services', service).body.spec
  const address = ask(cluster, 'GET', `${NET}/ipaddresses/${clusterIP}`).body
  assert.deepEqual(address.spec, { parentRef: { resource: 'services', namespace: 'default', name: 's' } })
  assert.equal(address.metadata.labels['ipaddress.kubernetes.io/managed-by'], 'ipallocator.k8s.io')
  ask(cluster, 'DELETE', '/api/v1/namespaces/default/services/s')
  assert.equal(ask(cluster, 'GET', `${NET}/ipaddresses/${clusterIP}`).status, 404)
  const taken = { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: '10.96.3.3' } }
  const parentRef = { group: 'example.com', resource: 'gateways', name: 'g' }
  assert.equal(ask(cluster, 'POST', `${NET}/ipaddresses`, { ...taken, spec: { parentRef } }).status, 201)
  const wanted = { ...service, spec: { ...service.spec, clusterIP: '10.96.3.3' } }
  const refused = ask(cluster, 'POST', '/api/v1/namespaces/default/services', wanted)
  assert.match(refused.body.message, /failed to allocate IP 10\.96\.3\.3: provided IP is already allocated/)
})

test('a range of addresses serves once it is ready, and goes when no address is left in it', () => {
  const cluster = smallCluster()
  const range = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'more' },
    spec: { cidrs: ['10.196.196.0/24'] },
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { clusterIP: '10.196.196.77', ports: [{ port: 80 }] },
  }
  assert.equal(ask(cluster, 'POST', '/api/v1/namespaces/default/services', service).status, 422)
  ask(cluster, 'POST', `${NET}/servicecidrs`, range)
  cluster.advance(2000)
  const ready = () => ask(cluster, 'GET', `${NET}/servicecidrs/more`).body.status.conditions[0]
  assert.equal(ready().status, 'True')
  assert.equal(ask(cluster, 'POST', '/api/v1/namespaces/default/services', service).status, 201)
  ask(cluster, 'DELETE', `${NET}/servicecidrs/more`)
  cluster.advance(2000)
  assert.deepEqual([ready().status, ready().reason], ['False', 'Terminating'])
  ask(cluster, 'DELETE', '/api/v1/namespaces/default/services/s')
  cluster.advance(12_000)
  assert.equal(ask(cluster, 'GET', `${NET}/servicecidrs/more`).status, 404)
})

const OBJECTS = [
  {
    path: `${STORAGE}/csidrivers`,
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: 'inline.example.com', labels: { of: 'test' } },
      spec: { volumeLifecycleModes: ['Ephemeral'] },
    },
  },
  {
    path: `${STORAGE}/namespaces/default/csistoragecapacities`,
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIStorageCapacity',
      metadata: { name: 'room', labels: { of: 'test' } },
      storageClassName: 'fast',
      capacity: '10Gi',
    },
  },
  {
    path: `${STORAGE}/volumeattributesclasses`,
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata: { name: 'gold', labels: { of: 'test' } },
      driverName: 'example.com/disk',
      parameters: { iops: '100' },
    },
  },
  { path: `${FLOW}/flowschemas`, object: flowSchema('other', 'system') },
  {
    path: `${FLOW}/prioritylevelconfigurations`,
    object: { ...level, metadata: { ...level.metadata, labels: { of: 'test' } } },
  },
]
for (const { path, object } of OBJECTS)
  test(`a ${object.kind} is created, watched, changed in every way, and deleted with others`, () => {
    const cluster = smallCluster()
    const { name } = object.metadata
    const { events } = watch(cluster, `${path}?watch=true&labelSelector=of%3Dtest`)
    assert.equal(ask(cluster, 'POST', path, object).status, 201)
    const patched = ask(cluster, 'PATCH', `${path}/${name}`, { metadata: { annotations: { patched: 'true' } } }, MERGE)
    assert.equal(patched.body.metadata.annotations.patched, 'true')
    patched.body.metadata.annotations.updated = 'true'
    assert.equal(ask(cluster, 'PUT', `${path}/${name}`, patched.body).body.metadata.annotations.updated, 'true')
    const list = ask(cluster, 'DELETE', `${path}?labelSelector=of%3Dtest`)
    assert.equal(list.status, 200)
    assert.equal(ask(cluster, 'GET', `${path}/${name}`).status, 404)
    assert.deepEqual(
      events.map(({ type }) => type),
      ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'],
    )
  })

test('an attachment may carry its volume inline, and not name another as well', () => {
  const cluster = smallCluster()
  const inlineVolumeSpec = {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    csi: { driver: 'd', volumeHandle: 'h' },
  }
  const attach = (source: object) => {
    const spec = { attacher: 'ebs.csi.aws.com', nodeName: 'node-1', source }
    return ask(cluster, 'POST', `${STORAGE}/volumeattachments`, { metadata: { name: 'a' }, spec })
  }
  const both = attach({ inlineVolumeSpec, persistentVolumeName: 'v' })
  assert.match(both.body.message, /spec\.source: Forbidden: must specify exactly one of inlineVolumeSpec and/)
  assert.equal(attach({}).status, 422)
  assert.equal(attach({ inlineVolumeSpec }).status, 201)
})
