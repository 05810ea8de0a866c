/**
 * Answers in protobuf, for clients that understand nothing else.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../../../sim/api/registry.ts'
import { decodeProtobuf } from '../../../sim/rest/protobuf/decode.ts'
import type { HttpStream } from '../../../sim/rest/types.ts'
import { ask, smallCluster } from '../ask.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const METADATA = ';as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const ENVELOPE = [0x6b, 0x38, 0x73, 0x00]
const decode = (body: Uint8Array) => decodeProtobuf(body, { apiVersion: '', kind: '' })

function read(cluster: ReturnType<typeof smallCluster>, url: string, accept: string, method = 'GET') {
  const outcome = cluster.request({ method, url, headers: { accept }, body: new Uint8Array() })
  assert.equal(outcome.kind, 'answer')
  const { status, headers, body } = outcome as Extract<typeof outcome, { kind: 'answer' }>
  return { status, type: headers['content-type'], body: body as Uint8Array }
}

/** The fields of a message that hold bytes, as its wire says them. */
function fieldsOf(bytes: Uint8Array): [number: number, content: Uint8Array][] {
  const fields: [number, Uint8Array][] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let place = 1; ; place *= 128) {
      const byte = bytes[at++]
      value += (byte & 127) * place
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    assert.equal(tag % 8, 2, 'length-delimited')
    const length = varint()
    fields.push([Math.floor(tag / 8), bytes.slice(at, at + length)])
    at += length
  }
  return fields
}
const fieldOf = (bytes: Uint8Array, number: number): Uint8Array | undefined =>
  fieldsOf(bytes).find(([found]) => found === number)?.[1]

/** An item of a list as an object by itself. */
function itemOf(raw: Uint8Array, apiVersion: string, kind: string): Record<string, unknown> {
  const text = new TextEncoder()
  const field = (number: number, content: Uint8Array | number[]): number[] => {
    const length: number[] = []
    for (let left = content.length; ; left >>>= 7) {
      if (left < 128) {
        length.push(left)
        break
      }
      length.push((left & 127) | 128)
    }
    return [number * 8 + 2, ...length, ...content]
  }
  const type = [...field(1, text.encode(apiVersion)), ...field(2, text.encode(kind))]
  return decode(Uint8Array.from([...ENVELOPE, ...field(1, type), ...field(2, raw)]))
}

/** With each form that a part of a schema may have. */
const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.example.com}
spec:
  group: example.com
  names: {plural: crontabs, kind: CronTab}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations: [{rule: "self.replicas < 10", message: too many}]
            properties:
              replicas: {type: integer, minimum: 1, maximum: 10.5, default: 2}
              mode: {type: string, enum: [fast, slow], default: fast}
              labels: {type: object, additionalProperties: {type: string}}
              list: {type: array, items: {type: string}}
              port: {x-kubernetes-int-or-string: true}
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
`

test('objects of every kind, and lists of them, say in protobuf what they say in JSON', () => {
  const cluster = smallCluster()
  assert.equal(cluster.execute({ op: 'apply', manifest: definition }).exit, 0)
  cluster.execute({ op: 'kubectl', line: 'create deployment web --image=nginx:1.27 --replicas=2' })
  cluster.execute({ op: 'kubectl', line: 'expose deployment web --port=80' })
  cluster.advance(20_000)
  let seen = 0
  for (const kind of kinds) {
    const root = kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.version}`
    const url = `${root}/${kind.plural}`
    const { items, metadata } = ask(cluster, 'GET', url).body
    const list = read(cluster, url, PROTOBUF)
    assert.deepEqual([list.status, list.type], [200, PROTOBUF])
    const raw = fieldOf(list.body.slice(ENVELOPE.length), 2)!
    const revision = fieldOf(fieldOf(raw, 1)!, 2)
    assert.equal(new TextDecoder().decode(revision), metadata.resourceVersion)
    const told = fieldsOf(raw)
      .filter(([number]) => number === 2)
      .map(([, content]) => itemOf(content, kind.apiVersion, kind.kind))
    const identity = { kind: kind.kind, apiVersion: kind.apiVersion }
    assert.deepEqual(
      told,
      items.map((item: object) => ({ ...identity, ...item })),
    )
    const [first] = items
    if (!first) continue
    seen++
    const { namespace, name } = first.metadata
    const path = `${root}${namespace ? `/namespaces/${namespace}` : ''}/${kind.plural}/${encodeURIComponent(name)}`
    assert.deepEqual(decode(read(cluster, path, PROTOBUF).body), ask(cluster, 'GET', path).body)
  }
  assert.ok(seen > 20, String(seen))
})

test('metadata alone, a failure and a deletion come in protobuf too', () => {
  const cluster = smallCluster()
  const path = '/api/v1/namespaces/default/configmaps/kube-root-ca.crt'
  const metadata = read(cluster, path, `${PROTOBUF}${METADATA}`)
  const { kind, apiVersion, metadata: found } = decode(metadata.body)
  assert.deepEqual([kind, apiVersion], ['PartialObjectMetadata', 'meta.k8s.io/v1'])
  assert.deepEqual(found, ask(cluster, 'GET', path).body.metadata)
  const missing = read(cluster, '/api/v1/namespaces/default/pods/none', PROTOBUF)
  assert.deepEqual([missing.status, missing.type], [404, PROTOBUF])
  assert.deepEqual(decode(missing.body), ask(cluster, 'GET', '/api/v1/namespaces/default/pods/none').body)
  ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } })
  const deleted = read(cluster, '/api/v1/namespaces/default/configmaps/a', PROTOBUF, 'DELETE')
  assert.equal(decode(deleted.body).status, 'Success')
})

test('who understands JSON as well gets JSON, and a table has no protobuf', () => {
  const cluster = smallCluster()
  const pods = '/api/v1/pods'
  for (const accept of [`${PROTOBUF},application/json`, `${PROTOBUF}, */*`])
    assert.equal(read(cluster, pods, accept).type, 'application/json')
  assert.equal(read(cluster, pods, `${PROTOBUF};as=Table;g=meta.k8s.io;v=v1`).status, 406)
})

test('a watch is a row of messages, each with its length before it', () => {
  const cluster = smallCluster()
  const url = '/api/v1/namespaces/default/configmaps?watch=true&allowWatchBookmarks=true'
  const outcome = cluster.request({ method: 'GET', url, headers: { accept: PROTOBUF }, body: new Uint8Array() })
  assert.equal(outcome.kind, 'stream')
  const stream = outcome as HttpStream
  assert.equal(stream.headers['content-type'], `${PROTOBUF};stream=watch`)
  assert.equal(stream.isBinary, true)
  let text = ''
  const open = stream.open({
    write: (piece) => {
      text += piece
    },
    end: () => undefined,
  })
  ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' }, data: { k: 'ü€😀' } })
  open.close('timeout')
  const bytes = Uint8Array.from(text, (byte) => byte.charCodeAt(0))
  const events: [string, Record<string, unknown>][] = []
  for (let at = 0; at < bytes.length; ) {
    const length = new DataView(bytes.buffer).getUint32(at)
    const event = bytes.slice(at + 4, at + 4 + length)
    const raw = fieldOf(fieldOf(event, 2)!, 1)!
    events.push([new TextDecoder().decode(fieldOf(event, 1)), decode(raw)])
    at += 4 + length
  }
  assert.deepEqual(
    events.map(([type]) => type),
    ['ADDED', 'ADDED', 'BOOKMARK'],
  )
  assert.deepEqual(events[1][1], ask(cluster, 'GET', '/api/v1/namespaces/default/configmaps/a').body)
  assert.equal(events[2][1].kind, 'ConfigMap')
})
