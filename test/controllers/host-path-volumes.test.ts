/** Volumes of `kubernetes.io/host-path`: made by the controller manager itself, where its flag is on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const manifest = (mode = 'Filesystem') => `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: here }
provisioner: kubernetes.io/host-path
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec:
  storageClassName: here
  volumeMode: ${mode}
  accessModes: [ReadWriteOnce]
  resources: { requests: { storage: 1Gi } }
`

function start(hostPathProvisioner: boolean, mode?: string) {
  const cluster = createCluster({ seed: 'host-path', shape: { nodes: [{ name: 'node-1' }], hostPathProvisioner } })
  cluster.execute({ op: 'apply', manifest: manifest(mode) })
  cluster.advance(5000)
  const run = (line: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}` }).stdout
  return { cluster, run }
}

test('a claim gets a folder below /tmp, and takes it along when it goes', () => {
  const { cluster, run } = start(true)
  assert.match(run('get pvc data'), /Bound +pvc-/)
  assert.match(run('get pv -o jsonpath={.items[0].spec.hostPath.path}'), /^\/tmp\/hostpath_pv\/[0-9a-f-]{36}$/)
  assert.match(run('get pv -o jsonpath={.items[0].metadata.finalizers}'), /kubernetes\.io\/pv-controller/)
  assert.match(
    run('get events'),
    /ProvisioningSucceeded.*Successfully provisioned volume pvc-\S+ using kubernetes\.io\/host-path/,
  )
  run('delete pvc data')
  cluster.advance(5000)
  assert.equal(run('get pv'), '')
})

test('a block device it cannot make, and without the flag there is no such plugin', () => {
  assert.match(start(true, 'Block').run('get events'), /host-path does not support block volume provisioning/)
  const without = start(false)
  assert.match(without.run('get events'), /no volume plugin matched name: kubernetes\.io\/host-path/)
  assert.match(without.run('get pvc data'), /Pending/)
})
