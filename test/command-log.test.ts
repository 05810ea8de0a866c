// Ctrl-C in a terminal before anything is attached to it ends the line; afterwards it belongs to the program.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../sim/cluster.ts'
import type { CommandResult } from '../sim/scenario/types.ts'

const manifest = `{apiVersion: v1, kind: Pod, metadata: {name: shell}, spec: {containers: [
  {name: c, image: "busybox:1.36", command: [sleep, infinity]}]}}`

const run = (line: string, typedAfterMs: number) => {
  const cluster = createCluster({ seed: 'keys', shape: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(20_000)
  let result: CommandResult | undefined
  const begun = cluster.begin({ op: 'kubectl', line, keyboard: { columns: 80, rows: 24 } }, (given) => {
    result = given
  })
  cluster.advance(typedAfterMs)
  begun.input({ act: 'write', data: '\u0003' })
  cluster.advance(1000)
  return { result, log: cluster.log.map(({ command }) => command.op) }
}

test('a line that waits for a Pod which cannot start is ended by Ctrl-C', () => {
  const { result, log } = run('kubectl run p --image=nginx:99 --restart=Never -it --rm -- sh', 5000)
  assert.equal(result?.exit, 130)
  assert.deepEqual(log, ['apply', 'kubectl', 'interrupt'])
})

test('Ctrl-C in a shell that is attached is the shell’s', () => {
  const { result, log } = run('kubectl exec -it shell -- sh', 5000)
  assert.equal(result, undefined)
  assert.deepEqual(log, ['apply', 'kubectl', 'input'])
})

test('an applied file is called by its name, and makes the history that it made without one', () => {
  const apply = (text: string, file?: string) => {
    const cluster = createCluster({ seed: 'file', shape: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }] } })
    const { exit, stderr, ...result } = cluster.execute({ op: 'apply', manifest: text, ...(file ? { file } : {}) })
    cluster.advance(20_000)
    return { exit, stderr, result, hash: cluster.stateHash(), objects: cluster.objects('pods') }
  }
  assert.deepEqual(apply(manifest, 'pod.yaml'), apply(manifest))
  const bad = manifest.replace('name: shell', 'name: shell, namespace: nowhere')
  assert.match(apply(bad).stderr, /error when creating "STDIN": namespaces "nowhere" not found/)
  const named = apply(bad, 'base/pod.yaml')
  assert.match(named.stderr, /error when creating "base\/pod\.yaml": namespaces "nowhere" not found/)
  assert.equal('files' in named.result, false, 'it is only read: a result holds no copy of it')
  assert.match(apply('kind: [', 'pod.yaml').stderr, /error parsing pod\.yaml/)
})
