/** Commands that name what is not there, or cannot be read: they are refused in words, and the cluster goes on as if they had not been given. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Command, createCluster } from '../../sim/index.ts'

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'

const refused: { command: Command; says: string }[] = [
  {
    command: { op: 'fault', fault: { kind: 'node', node: 'node-9', state: 'down' } },
    says: 'error: there is no node node-9; there are node-1\n',
  },
  {
    command: { op: 'fault', fault: { kind: 'join', node: { name: 'node-1' } } },
    says: 'error: there is a node node-1 already\n',
  },
  {
    command: { op: 'fault', fault: { kind: 'pod', selector: ',,', act: 'kill' } },
    says: `error: the selector ",,": found ',', expected: !, identifier, or 'end of string'\n`,
  },
  {
    command: { op: 'evict', selector: ',,', first: 'ready' },
    says: `Error from server (BadRequest): found ',', expected: !, identifier, or 'end of string'\n`,
  },
  {
    command: { op: 'staticPod', node: 'node-9', file: 'a.yaml', manifest },
    says: 'error: there is no node node-9; there are node-1\n',
  },
  {
    command: { op: 'traffic', traffic: { name: 'a', from: 'b', url: 'web', perSecond: 1, seconds: 1 } },
    says: 'error: web is not a URL like http://web:8080/path\n',
  },
  // kubectl 1.32 says the same of -l beside -f.
  {
    command: { op: 'kubectl', line: "kubectl apply -f - --prune -l ',,'", stdin: manifest },
    says: `error: the provided selector ",," is not valid: found ',', expected: !, identifier, or 'end of string'\n`,
  },
]
for (const { command, says } of refused)
  test(`${JSON.stringify(command).slice(0, 90)} is refused in words`, () => {
    const cluster = createCluster({ seed: 'a', shape: { nodes: [{ name: 'node-1' }] } })
    const { exit, stderr } = cluster.execute(command)
    assert.deepEqual([exit, stderr], [1, says])
    assert.equal(cluster.execute({ op: 'kubectl', line: 'kubectl get nodes' }).exit, 0)
    cluster.advance(60_000)
  })

test('a kustomization whose patch has a selector that cannot be read is refused in words', () => {
  const cluster = createCluster({ seed: 'a', shape: { nodes: [{ name: 'node-1' }] } })
  const files = {
    '/k/cm.yaml': manifest,
    '/k/kustomization.yaml': 'resources: [cm.yaml]\npatches:\n- patch: "[]"\n  target: { labelSelector: ",," }\n',
  }
  const workplace = { directory: '/', environment: {}, files }
  const { exit, stderr } = cluster.execute({ op: 'kubectl', line: 'kubectl kustomize k', workplace })
  assert.equal(exit, 1)
  assert.match(stderr, /found ',', expected: !, identifier, or 'end of string'/)
})
