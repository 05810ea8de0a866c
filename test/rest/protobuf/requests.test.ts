/** What a cluster makes of requests in protobuf, and what it keeps of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findKind } from '../../../sim/api/registry.ts'
import { createCluster, type LiveCluster, replayCluster } from '../../../sim/index.ts'
import { encodeProtobuf } from '../../../sim/rest/protobuf/encode.ts'
import { recordedBodies } from './bodies.ts'

const options = { seed: 'protobuf', strict: true, shape: { nodes: [{ name: 'n1' }] } }

function post(cluster: LiveCluster, body: Uint8Array, type = 'application/vnd.kubernetes.protobuf'): number {
  const url = '/api/v1/namespaces/default/configmaps?fieldManager=test'
  const outcome = cluster.request({ method: 'POST', url, headers: { 'content-type': type }, body })
  assert.equal(outcome.kind, 'answer')
  return outcome.kind === 'answer' ? outcome.status : 0
}

const names = (cluster: LiveCluster): string[] => cluster.objects('configmaps').map(({ metadata }) => metadata.name)

function checkReplay(cluster: LiveCluster): void {
  cluster.advance(10_000)
  const replayed = replayCluster(options, JSON.parse(JSON.stringify(cluster.log)), cluster.nowMs)
  assert.deepEqual(names(replayed), names(cluster))
  assert.equal(replayed.stateHash(), cluster.stateHash())
}

const configMap = (name: string): Uint8Array =>
  encodeProtobuf({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, annotations: { a: 'ü' } },
    data: { a: '\0' },
  })!

test('an object in protobuf is created again', () => {
  const cluster = createCluster(options)
  assert.equal(post(cluster, configMap('one')), 201)
  assert.ok(names(cluster).includes('one'))
  checkReplay(cluster)
})

/** One byte less than it says: as text, where a byte that is no UTF-8 takes three, there would be enough. */
const short = (name: string): Uint8Array => {
  const body = Buffer.from(configMap(name).map((byte) => (byte === 0xc3 ? 0xff : byte)))
  const at = body.indexOf(0xff)
  return Buffer.concat([body.subarray(0, at + 1), body.subarray(at + 2)])
}

test('what was refused for its bytes is refused again', () => {
  const cluster = createCluster(options)
  assert.equal(post(cluster, short('short')), 400)
  const json = Buffer.from('{"metadata":{"name":"latin"},"data":{"a":"\xff"}}', 'latin1')
  assert.equal(post(cluster, json, 'application/json'), 400)
  assert.ok(!names(cluster).includes('latin'))
  checkReplay(cluster)
})

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** A StatefulSet as a manifest has it, and a Pod with every kind of field: what kubectl never sends as protobuf, but other clients do. */
const manifests: Record<string, unknown>[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'c',
              image: 'nginx:1.27',
              env: [{ name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
              readinessProbe: { httpGet: { port: 80 } },
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db' },
    spec: {
      selector: { app: 'db' },
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81, targetPort: 'http' },
      ],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'all' },
    spec: { podSelector: {}, ingress: [{}] },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'slow' },
    provisioner: 'example.com/slow',
  },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader' },
    spec: { holderIdentity: 'me', renewTime: '2026-01-02T03:04:05.000006Z' },
  },
]

function created(object: Record<string, unknown>, type: string): { status: number; body: unknown } {
  const {
    apiVersion,
    kind: name,
    metadata,
  } = object as { apiVersion: string; kind: string; metadata: { namespace?: string } }
  const [version, group = ''] = apiVersion.split('/').reverse()
  const kind = findKind(group, version, name)!
  const place = kind.isNamespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : ''
  const cluster = createCluster(options)
  if (metadata.namespace === 'team-a') cluster.execute({ op: 'kubectl', line: 'create namespace team-a' })
  const body = type === PROTOBUF ? encodeProtobuf(object)! : new TextEncoder().encode(JSON.stringify(object))
  const outcome = cluster.request({
    method: 'POST',
    url: `${group ? '/apis' : '/api'}/${apiVersion}${place}/${kind.plural}?fieldValidation=Strict`,
    headers: { 'content-type': type },
    body,
  })
  assert.equal(outcome.kind, 'answer')
  return outcome.kind === 'answer'
    ? { status: outcome.status, body: JSON.parse(String(outcome.body)) }
    : { status: 0, body: '' }
}

const sent = recordedBodies
  .map(({ json }) => json)
  .filter(({ apiVersion, kind }) => {
    const [version, group = ''] = String(apiVersion).split('/').reverse()
    return findKind(group, version, String(kind)) !== undefined
  })

test('a StatefulSet from a manifest without a serviceName can be updated by a client of Go, which always writes one', () => {
  const cluster = createCluster(options)
  const url = '/apis/apps/v1/namespaces/default/statefulsets'
  const [manifest] = manifests
  const request = (method: string, path: string, type: string, body: Uint8Array) => {
    const outcome = cluster.request({ method, url: path, headers: { 'content-type': type }, body })
    assert.equal(outcome.kind, 'answer')
    return outcome.kind === 'answer'
      ? { status: outcome.status, body: JSON.parse(String(outcome.body)) }
      : assert.fail()
  }
  const made = request('POST', url, 'application/json', new TextEncoder().encode(JSON.stringify(manifest)))
  assert.equal(made.body.spec.serviceName, '')
  made.body.spec.replicas = 2
  const updated = request('PUT', `${url}/db`, PROTOBUF, encodeProtobuf(made.body)!)
  assert.equal(updated.status, 200, JSON.stringify(updated.body))
  assert.equal(updated.body.spec.replicas, 2)
})

/** The Pod of `kubectl debug --copy-to`, with what the server refuses of it put right. */
const copied = structuredClone(sent.find(({ metadata }) => (metadata as { name: string }).name === 'p2')!) as {
  spec: {
    terminationGracePeriodSeconds: number
    securityContext: { supplementalGroups: number[]; sysctls?: unknown }
    containers: { readinessProbe: unknown }[]
  }
}
copied.spec.terminationGracePeriodSeconds = 30
copied.spec.securityContext = { supplementalGroups: [1, 70_000] }
copied.spec.containers[0].readinessProbe = { tcpSocket: { port: 'http' }, failureThreshold: 1 }

for (const object of [...manifests, copied as unknown as Record<string, unknown>]) {
  const { name } = object.metadata as { name: string }
  test(`${object.kind} ${name} is created the same, whether it comes in JSON or in protobuf`, () => {
    const inProtobuf = created(object, PROTOBUF)
    assert.equal(inProtobuf.status, 201, JSON.stringify(inProtobuf.body))
    assert.deepEqual(inProtobuf, created(object, 'application/json'))
  })
}

test('what kubectl sends is answered the same, refusals and all, whether it comes in JSON or in protobuf', () => {
  const statuses = new Map<number, number>()
  for (const object of sent) {
    const inProtobuf = created(object, PROTOBUF)
    assert.deepEqual(inProtobuf, created(object, 'application/json'))
    statuses.set(inProtobuf.status, (statuses.get(inProtobuf.status) ?? 0) + 1)
  }
  assert.deepEqual([...statuses.keys()].toSorted(), [201, 422])
  assert.ok(statuses.get(201)! > 20)
})
