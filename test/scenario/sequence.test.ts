/** The creation of a Pod as messages between components. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, podCreationSequence } from '../../sim/index.ts'

const manifest = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: disks}
provisioner: ebs.csi.aws.com
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: disks, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
  containers: [{name: main, image: 'nginx:1.27', volumeMounts: [{name: data, mountPath: /data}]}]
`

test('the story of a Pod with a claim tells who calls its storage driver, in order and before the container starts', () => {
  const cluster = createCluster({ seed: 'sequence', shape: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(30_000)
  const messages = podCreationSequence(cluster, { namespace: 'default', name: 'web' })
  const calls = messages.filter(({ to }) => to === 'ebs.csi.aws.com')
  assert.deepEqual(
    calls.map(({ from, label }) => `${from}: ${label}`),
    [
      'external-provisioner: CreateVolume',
      'external-attacher: ControllerPublishVolume',
      'kubelet: NodeStageVolume',
      'kubelet: NodePublishVolume',
    ],
  )
  const start = messages.findIndex(({ label }) => label.startsWith('StartContainer'))
  assert.ok(messages.indexOf(calls[3]) < start)
  assert.equal(messages.filter(({ from, to }) => `${from}${to}`.includes('system:')).length, 0)
})
