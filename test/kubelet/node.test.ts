import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lease } from '../../sim/api/coordination/types.ts'
import type { Node } from '../../sim/api/core/types.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { createCluster, type LiveCluster } from '../../sim/cluster.ts'
import { aCluster, apply, containerNamed, kubeletEvents, podNamed } from './support.ts'

const forever = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]
`
const node = (cluster: LiveCluster): Node => cluster.objects('nodes')[0] as Node
const fault = (cluster: LiveCluster, kind: 'node' | 'kubelet', state: string): void => {
  const result = cluster.execute({ op: 'fault', fault: { kind, node: 'node-1', state } as never })
  assert.equal(result.exit, 0)
}

test('a node registers with its capacity, conditions, addresses and images', () => {
  const { metadata, status } = node(aCluster())
  assert.equal(metadata.labels?.['kubernetes.io/hostname'], 'node-1')
  assert.equal(status.allocatable?.cpu, '2')
  assert.deepEqual(
    status.conditions?.map((c) => `${c.type}=${c.status}`),
    ['MemoryPressure=False', 'DiskPressure=False', 'PIDPressure=False', 'Ready=True'],
  )
  assert.equal(findCondition(status.conditions, 'Ready')?.message, 'kubelet is posting ready status')
  // nodeStatusMaxImages
  assert.ok(status.images!.length > 0 && status.images!.length <= 50)
})

test('the lease is renewed every ten seconds', () => {
  const cluster = aCluster()
  const before = (cluster.objects('leases')[0] as Lease).spec.renewTime
  cluster.advance(11_000)
  const after = (cluster.objects('leases')[0] as Lease).spec.renewTime
  assert.ok(Date.parse(after!) - Date.parse(before!) >= 10_000)
})

test('containers go on while their kubelet is stopped, and nothing is restarted until it is back', () => {
  const cluster = aCluster()
  apply(cluster, forever)
  cluster.advance(3000)
  const { containerID } = containerNamed(cluster)!
  fault(cluster, 'kubelet', 'stopped')
  cluster.advance(10_000)
  fault(cluster, 'kubelet', 'started')
  cluster.advance(5000)
  assert.equal(containerNamed(cluster)?.containerID, containerID)
  assert.equal(containerNamed(cluster)?.restartCount, 0)
})

test('a container that ended while the kubelet was stopped is restarted when it is back', () => {
  const cluster = aCluster()
  apply(cluster, forever.replace('100000', '8'))
  cluster.advance(3000)
  fault(cluster, 'kubelet', 'stopped')
  cluster.advance(20_000)
  assert.equal(containerNamed(cluster)?.restartCount, 0)
  fault(cluster, 'kubelet', 'started')
  cluster.advance(5000)
  assert.equal(containerNamed(cluster)?.restartCount, 1)
})

test('a Pod deleted while the kubelet was stopped goes when it is back', () => {
  const cluster = aCluster()
  apply(cluster, forever)
  cluster.advance(3000)
  fault(cluster, 'kubelet', 'stopped')
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false --grace-period=3' })
  cluster.advance(10_000)
  assert.ok(podNamed(cluster)?.metadata.deletionTimestamp)
  fault(cluster, 'kubelet', 'started')
  cluster.advance(10_000)
  assert.equal(podNamed(cluster), undefined)
})

test('after a power cut containers start again in a new sandbox', () => {
  const cluster = aCluster()
  apply(cluster, forever)
  cluster.advance(3000)
  fault(cluster, 'node', 'down')
  cluster.advance(10_000)
  assert.equal(podNamed(cluster)?.status.phase, 'Running')
  fault(cluster, 'node', 'up')
  cluster.advance(20_000)
  const main = containerNamed(cluster)!
  assert.equal(main.restartCount, 1)
  assert.ok(main.state.running)
  assert.equal(main.lastState.terminated?.exitCode, 255)
  assert.ok(kubeletEvents(cluster).includes('SandboxChanged: Pod sandbox changed, it will be killed and re-created.'))
})

test('a network plugin that fails is quoted in the event about the sandbox', () => {
  const cluster = aCluster()
  cluster.execute({ op: 'fault', fault: { kind: 'cni', node: 'node-1', state: 'failing' } })
  apply(cluster, forever)
  cluster.advance(3000)
  assert.match(
    kubeletEvents(cluster).join('\n'),
    /^FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "[0-9a-f]{64}": plugin type="flannel" failed \(add\): /m,
  )
})

test('a static Pod does not notice that its kubelet is restarted', () => {
  const cluster = aCluster()
  const manifest =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec:\n  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]\n'
  cluster.execute({ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest })
  cluster.advance(5000)
  const before = containerNamed(cluster, 'main', 'web-node-1')!
  const { uid } = podNamed(cluster, 'web-node-1')!.metadata
  fault(cluster, 'kubelet', 'stopped')
  cluster.advance(10_000)
  fault(cluster, 'kubelet', 'started')
  cluster.advance(20_000)
  const after = containerNamed(cluster, 'main', 'web-node-1')!
  assert.equal(podNamed(cluster, 'web-node-1')!.metadata.uid, uid)
  assert.equal(after.containerID, before.containerID)
  assert.equal(after.restartCount, 0)
})

test('a static Pod runs, shows as a mirror, comes back when the mirror is deleted, and goes with its file', () => {
  const cluster = aCluster()
  const manifest =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec:\n  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]\n'
  cluster.execute({ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest })
  cluster.advance(5000)
  const mirror = podNamed(cluster, 'web-node-1')!
  assert.equal(mirror.status.phase, 'Running')
  assert.equal(mirror.metadata.annotations?.['kubernetes.io/config.source'], 'file')
  const [owner] = mirror.metadata.ownerReferences ?? []
  assert.deepEqual([owner?.kind, owner?.name, owner?.controller], ['Node', 'node-1', true])
  const { containerID } = containerNamed(cluster, 'main', 'web-node-1')!
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod web-node-1 --wait=false' })
  cluster.advance(500)
  assert.notEqual(podNamed(cluster, 'web-node-1')?.metadata.uid, mirror.metadata.uid)
  // The status manager looks for what nobody has changed every ten seconds.
  assert.equal(podNamed(cluster, 'web-node-1')?.status.phase, 'Pending')
  cluster.advance(10_000)
  assert.equal(containerNamed(cluster, 'main', 'web-node-1')?.containerID, containerID)
  cluster.execute({ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest: '' })
  cluster.advance(40_000)
  assert.equal(podNamed(cluster, 'web-node-1'), undefined)
})

test('what a file says anew runs only when what it said before has ended, and another turn has come', () => {
  const cluster = aCluster()
  const manifest = (image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec:\n  terminationGracePeriodSeconds: 2\n  containers: [{name: main, image: "${image}", command: [sleep, "100000"]}]\n`
  const write = (text: string) => cluster.execute({ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest: text })
  const image = () => podNamed(cluster, 'web-node-1')?.spec.containers[0].image
  write(manifest('busybox:1.36'))
  cluster.advance(5000)
  write(manifest('busybox:1.35'))
  cluster.advance(9000)
  // Nothing is told of the old one's end: the mirror shows what ran.
  assert.deepEqual([image(), podNamed(cluster, 'web-node-1')?.status.phase], ['busybox:1.36', 'Running'])
  cluster.advance(8000)
  assert.deepEqual([image(), podNamed(cluster, 'web-node-1')?.status.phase], ['busybox:1.35', 'Running'])
  // Whoever waits for a turn and is taken back never runs.
  write(manifest('busybox:1.28'))
  cluster.advance(3000)
  write('')
  cluster.advance(20_000)
  assert.equal(podNamed(cluster, 'web-node-1'), undefined)
  assert.ok(!kubeletEvents(cluster, 'web-node-1').some((text) => text.includes('busybox:1.28')))
})

test('a file whose Pod needs something of the API runs nothing, and no Pod shows it', () => {
  const refusals = {
    'serviceAccountName: default': 'serviceaccounts',
    'imagePullSecrets: [{name: s}]': 'secrets',
    'volumes: [{name: v, secret: {secretName: s}}]': 'secrets',
    'volumes: [{name: v, configMap: {name: c}}]': 'configmaps',
    'volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]': 'persistentvolumeclaims',
    'volumes: [{name: v, csi: {driver: d.example.com}}]': 'csidrivers (via CSI volumes)',
  }
  for (const [field, reference] of Object.entries(refusals)) {
    const cluster = aCluster()
    const manifest = `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: default}\nspec:\n  containers: [{name: main, image: "busybox:1.36", command: [sleep, "100000"]}]\n  ${field}\n`
    cluster.execute({ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest })
    cluster.advance(25_000)
    assert.equal(podNamed(cluster, 'web-node-1'), undefined)
    const { stdout } = cluster.execute({ op: 'node', node: 'node-1', line: 'journalctl -u kubelet -n 1 -o cat' })
    assert.ok(stdout.includes(`static pods may not reference ${reference}`), `${field}: ${stdout}`)
  }
})

test('a hollow node tells of memory that nobody asked for as none', () => {
  const cluster = createCluster({ seed: 'hollow', shape: { nodes: [{ name: 'node-1', hollow: true }] } })
  apply(cluster, forever.replace('{name: main,', '{name: main, resources: {requests: {cpu: 100m}},'))
  cluster.advance(5000)
  assert.deepEqual(containerNamed(cluster)?.resources, { requests: { memory: '0', cpu: '100m' } })
})

test('a hollow node that loses its power remembers no container, and the Pod tells of one that is not found', () => {
  const cluster = createCluster({ seed: 'hollow', shape: { nodes: [{ name: 'node-1', hollow: true }] } })
  apply(cluster, forever)
  cluster.advance(5000)
  cluster.execute({ op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } })
  cluster.advance(10_000)
  cluster.execute({ op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'up' } })
  cluster.advance(10_000)
  const status = containerNamed(cluster)
  assert.deepEqual([status?.restartCount, status?.lastState.terminated?.reason], [1, 'ContainerStatusUnknown'])
})
