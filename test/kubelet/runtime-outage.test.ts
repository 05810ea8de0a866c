// A container runtime that goes away at any moment of a Pod's start, and comes back: no worker waits for ever.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: main, image: 'httpd:2.4', readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}}
`

test('a Pod whose runtime was away for a while can be deleted, whenever that began', () => {
  const stuck: number[] = []
  for (let stopsMs = 100; stopsMs <= 4000; stopsMs += 100) {
    const cluster = createCluster({ seed: 's', shape: { nodes: [{ name: 'node-1' }], absentImages: ['httpd:2.4'] } })
    cluster.execute({ op: 'apply', manifest })
    cluster.advance(stopsMs)
    cluster.execute({ op: 'fault', fault: { kind: 'runtime', node: 'node-1', state: 'stopped' } })
    cluster.advance(20_000)
    cluster.execute({ op: 'fault', fault: { kind: 'runtime', node: 'node-1', state: 'started' } })
    cluster.execute({ op: 'kubectl', line: 'kubectl delete pod web --wait=false' })
    cluster.advance(60_000)
    if (cluster.objects('pods', { namespace: 'default' }).length > 0) stuck.push(stopsMs)
  }
  assert.deepEqual(stuck, [])
})
