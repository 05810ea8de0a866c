/** What a cluster keeps of requests in protobuf: a replay of its log gives the same cluster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, type LiveCluster, replayCluster } from '../../../sim/index.ts'
import { encodeProtobuf } from '../../../sim/rest/protobuf/encode.ts'

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
