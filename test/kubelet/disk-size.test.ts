/** A volume of a CSI driver is as large as the driver has made it, whatever its PersistentVolume says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, type LiveCluster } from '../../sim/index.ts'

const world = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: disks }
provisioner: ebs.csi.aws.com
allowVolumeExpansion: true
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: disks, resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  volumes: [{ name: files, persistentVolumeClaim: { claimName: data } }]
  containers: [{ name: main, image: 'busybox:1.36', command: [sleep, '86400'], volumeMounts: [{ name: files, mountPath: /data }] }]
`

interface Asked {
  cluster: LiveCluster
  run(line: string): string
  volume: string
}

function aCluster(): Asked {
  const cluster = createCluster({ seed: 'size', shape: { nodes: [{ name: 'node-1' }] } })
  const run = (line: string): string => {
    const { stdout, stderr, exit } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
    return stdout
  }
  cluster.execute({ op: 'apply', manifest: world })
  cluster.advance(20_000)
  return { cluster, run, volume: run('get pvc data -o jsonpath={.spec.volumeName}') }
}

const patch = (object: string, size: string): string =>
  object.startsWith('pv/')
    ? `patch ${object} -p '{"spec":{"capacity":{"storage":"${size}"}}}'`
    : `patch ${object} -p '{"spec":{"resources":{"requests":{"storage":"${size}"}}}}'`

/** What the Pod and its kubelet see, in bytes. */
function sizes({ run }: Asked): number[] {
  const kibibytes = Number(run('exec web -- df -k /data').split('\n')[1]!.split(/ +/)[1])
  const page = run('get --raw /api/v1/nodes/node-1/proxy/metrics')
  const measured = /kubelet_volume_stats_capacity_bytes\{namespace="default",persistentvolumeclaim="data"\} (\S+)/.exec(
    page,
  )
  const summary = JSON.parse(run('get --raw /api/v1/nodes/node-1/proxy/stats/summary')) as {
    pods: { volume?: { capacityBytes: number; name: string; pvcRef: object }[] }[]
  }
  const volume = summary.pods.flatMap((pod) => pod.volume ?? []).find(({ name }) => name === 'files')
  assert.deepEqual(volume?.pvcRef, { name: 'data', namespace: 'default' })
  return [kibibytes * 1024, Number(measured?.[1]), volume!.capacityBytes]
}

const gibibytes = (n: number): number[] => [n, n, n].map((one) => one * 1024 ** 3)

test('a claim that asks for more gets a larger disk and file system', () => {
  const asked = aCluster()
  assert.deepEqual(sizes(asked), gibibytes(1))
  asked.run(patch('pvc/data', '3Gi'))
  asked.cluster.advance(100_000)
  assert.deepEqual(sizes(asked), gibibytes(3))
})

test('a capacity that is written by hand makes no disk larger, though claim and volume say so', () => {
  const asked = aCluster()
  asked.run(patch(`pv/${asked.volume}`, '3Gi'))
  asked.run(patch('pvc/data', '3Gi'))
  asked.cluster.advance(100_000)
  assert.equal(asked.run('get pvc data -o jsonpath={.status.capacity.storage}'), '3Gi')
  assert.deepEqual(sizes(asked), gibibytes(1))
})

test('the driver that is asked is that of the source, whatever stands on the volume', () => {
  const asked = aCluster()
  asked.run(`annotate pv ${asked.volume} --overwrite pv.kubernetes.io/provisioned-by=nobody.example.com`)
  asked.run(patch('pvc/data', '2Gi'))
  asked.cluster.advance(100_000)
  assert.deepEqual(sizes(asked), gibibytes(2))
})
