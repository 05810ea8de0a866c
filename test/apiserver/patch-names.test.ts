// Names in a patch come from outside: whatever they are, and however the patch fails, nothing of the process itself is changed by them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const types = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

/** A number where a text belongs: the patched object cannot be read, and is shown with what the patch went through. */
const wrong = { op: 'add', path: '/data/z', value: 5 }

const patches: { type: keyof typeof types; body: string }[] = [
  ...['/__proto__/gone/x/y', '/constructor/prototype/gone/x/y', '/data/__proto__/gone/x'].flatMap((pointer) => [
    { type: 'json' as const, body: JSON.stringify([{ ...wrong, from: pointer }]) },
    { type: 'json' as const, body: JSON.stringify([wrong, { op: 'add', path: pointer, value: 1 }]) },
    { type: 'json' as const, body: JSON.stringify([wrong, { op: 'copy', from: pointer, path: '/data/y' }]) },
  ]),
  ...(['merge', 'strategic'] as const).flatMap((type) => [
    { type, body: '{"data":{"z":5},"__proto__":{"gone":{"x":1}}}' },
    { type, body: '{"data":{"z":5,"__proto__":{"gone":{}}},"constructor":{"prototype":{"gone":{"x":1}}}}' },
  ]),
]

test('a patch leaves what all objects have as it is', () => {
  const cluster = createCluster({ seed: 'names', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl create configmap a --from-literal=k=v' })
  const own = () => [Object.prototype, Object, Array.prototype].map((shared) => Reflect.ownKeys(shared))
  const before = own()
  for (const { type, body } of patches) {
    const outcome = cluster.request({
      ...{ method: 'PATCH', url: '/api/v1/namespaces/default/configmaps/a' },
      ...{ headers: { 'content-type': types[type] }, body: Buffer.from(body) },
    })
    assert.ok('status' in outcome && outcome.status >= 400 && outcome.status < 500, body)
    assert.deepEqual(own(), before, body)
  }
})
