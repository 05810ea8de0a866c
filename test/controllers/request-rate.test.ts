import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { createCluster } from '../../sim/index.ts'

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {nodeName: node-1, containers: [{name: web, image: 'nginx:1.27'}]}
`

test('Pods that a kubelet rejects at once are replaced no faster than the controller may ask: 30 requests, then 20 a second', () => {
  const cluster = createCluster({ seed: 'rejected', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'fault', fault: { kind: 'disk', node: 'node-1', state: 'low' } })
  cluster.advance(30_000)
  // No scheduler is asked, so its taint keeps nobody away from the node.
  cluster.execute({ op: 'apply', manifest: deployment })
  const seconds = 10
  cluster.advance(seconds * 1000)
  const made = (cluster.objects('pods') as Pod[]).filter(({ metadata }) => metadata.name.startsWith('web-'))
  const rejected = made.filter(({ status }) => status.reason === 'Evicted')
  assert.ok(rejected.length > 20, `${rejected.length} rejected`)
  assert.ok(made.length <= 30 + 20 * seconds, `${made.length} made in ${seconds} seconds`)
})
