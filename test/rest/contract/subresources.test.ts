/**
 * The parts `status` and `scale` of every kind that has them, by every way of writing.
 * Sources: kubernetes/test/e2e/apps, kubernetes/test/e2e/network, kubernetes/test/e2e/storage, k8s.io/apiserver
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster } from '../ask.ts'

const labels = { app: 'a' }
const containers = [{ name: 'c', image: 'nginx:1.27' }]
const template = { metadata: { labels }, spec: { containers } }
const selector = { matchLabels: labels }
const CORE = '/api/v1/namespaces/default'
const APPS = '/apis/apps/v1/namespaces/default'
const condition = {
  type: 'StatusUpdated',
  status: 'True',
  reason: 'Tested',
  message: 'set from outside',
  lastTransitionTime: '2026-01-01T00:00:00Z',
}
const conditions = { conditions: [condition] }

interface Case {
  path: string
  object: { apiVersion: string; kind: string } & Record<string, unknown>
  /** What is written into the status, and nobody else writes. */
  status: Record<string, unknown>
}

const CASES: readonly Case[] = [
  {
    path: `${APPS}/deployments`,
    object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1, selector, template } },
    status: conditions,
  },
  {
    path: `${APPS}/replicasets`,
    object: { apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: { replicas: 1, selector, template } },
    status: conditions,
  },
  {
    path: `${APPS}/statefulsets`,
    object: { apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { serviceName: 's', replicas: 1, selector, template } },
    status: conditions,
  },
  {
    path: `${APPS}/daemonsets`,
    object: { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { selector, template } },
    status: conditions,
  },
  {
    path: `${CORE}/replicationcontrollers`,
    object: { apiVersion: 'v1', kind: 'ReplicationController', spec: { replicas: 1, selector: labels, template } },
    status: conditions,
  },
  {
    path: `${CORE}/services`,
    object: { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }] } },
    status: { conditions: [condition] },
  },
  { path: `${CORE}/pods`, object: { apiVersion: 'v1', kind: 'Pod', spec: { containers } }, status: conditions },
  { path: '/api/v1/namespaces', object: { apiVersion: 'v1', kind: 'Namespace' }, status: conditions },
  {
    path: '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    },
    status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
  },
  {
    path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    object: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1, selector } },
    status: conditions,
  },
  {
    path: '/apis/storage.k8s.io/v1/volumeattachments',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      spec: { attacher: 'e2e.example.com', nodeName: 'node-1', source: { persistentVolumeName: 'none' } },
    },
    status: { attached: true, attachmentMetadata: { by: 'test' } },
  },
]

const TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
}

for (const { path, object, status } of CASES)
  test(`the status of a ${object.kind} is read, replaced and patched apart from the rest`, () => {
    const cluster = smallCluster()
    const named = `${path}/x`
    const created = ask(cluster, 'POST', path, { ...object, metadata: { name: 'x', labels } })
    assert.equal(created.status, 201, JSON.stringify(created.body))
    const has = (answer: { status: number; body: { status?: object } }): void => {
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const [[field, wanted]] = Object.entries(status)
      const found = JSON.stringify((answer.body.status as Record<string, unknown>)[field])
      assert.ok(found.includes(Array.isArray(wanted) ? '"StatusUpdated"' : JSON.stringify(wanted)), found)
    }
    const before = ask(cluster, 'GET', `${named}/status`).body
    has(
      ask(cluster, 'PUT', `${named}/status`, {
        ...before,
        metadata: { ...before.metadata, labels: { app: 'a', put: '1' } },
        status: { ...before.status, ...status },
      }),
    )
    has(
      ask(
        cluster,
        'PATCH',
        `${named}/status`,
        { metadata: { annotations: { by: 'merge' } }, status },
        { 'content-type': TYPES.merge },
      ),
    )
    has(ask(cluster, 'PATCH', `${named}/status`, { status }, { 'content-type': TYPES.strategic }))
    has(
      ask(cluster, 'PATCH', `${named}/status`, [{ op: 'add', path: '/metadata/annotations/also', value: 'json' }], {
        'content-type': TYPES.json,
      }),
    )
    has(
      ask(
        cluster,
        'PATCH',
        `${named}/status?fieldManager=tester&force=true`,
        { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: 'x' }, status },
        { 'content-type': TYPES.apply },
      ),
    )
    const after = ask(cluster, 'GET', named).body
    assert.deepEqual(after.metadata.annotations?.by, 'merge')
    assert.deepEqual(after.spec, before.spec, 'the specification is not touched')
    assert.equal(after.metadata.generation, created.body.metadata.generation)
    const replaced = ask(cluster, 'PUT', named, { ...after, status: {} })
    has({ status: replaced.status, body: ask(cluster, 'GET', named).body })
    cluster.advance(60_000)
    assert.equal(ask(cluster, 'GET', named).status, 200, 'nobody takes it away')
  })

for (const { path, object } of CASES.filter(({ object: { kind } }) =>
  ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(kind),
))
  test(`a ${object.kind} is scaled by every way of writing`, () => {
    const cluster = smallCluster()
    ask(cluster, 'POST', path, { ...object, metadata: { name: 'x' } })
    const scale = `${path}/x/scale`
    const replicas = () => ask(cluster, 'GET', `${path}/x`).body.spec.replicas
    const read = ask(cluster, 'GET', scale).body
    assert.deepEqual([read.kind, read.apiVersion, read.spec], ['Scale', 'autoscaling/v1', { replicas: 1 }])
    const put = (body: object) => ask(cluster, 'PUT', scale, body)
    assert.equal(put({ ...read, spec: { replicas: 2 } }).body.spec.replicas, 2)
    assert.equal(put({ ...read, spec: { replicas: 9 } }).status, 409, 'of an old version')
    for (const [n, [name, type]] of Object.entries(TYPES).entries()) {
      const wanted = 3 + n
      const body =
        name === 'json'
          ? [{ op: 'replace', path: '/spec/replicas', value: wanted }]
          : { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: wanted } }
      const query = name === 'apply' ? '?fieldManager=scaler&force=true' : ''
      const answer = ask(cluster, 'PATCH', scale + query, body, { 'content-type': type })
      assert.deepEqual([answer.status, answer.body.kind, answer.body.spec?.replicas], [200, 'Scale', wanted], name)
      assert.equal(replicas(), wanted, name)
    }
    const entries = ask(cluster, 'GET', `${path}/x`).body.metadata.managedFields
    const own = entries.find(({ manager }: { manager: string }) => manager === 'scaler')
    assert.deepEqual(
      [own.operation, own.subresource, own.fieldsV1],
      ['Apply', 'scale', { 'f:spec': { 'f:replicas': {} } }],
    )
    const other = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: 1 } }
    assert.equal(
      ask(cluster, 'PATCH', `${scale}?fieldManager=other`, other, { 'content-type': TYPES.apply }).status,
      409,
    )
  })
