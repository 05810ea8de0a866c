// A driver's devices on a node: what happens when the driver, the kubelet or the claim is not as it should be.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveCluster } from '../../sim/cluster.ts'
import { aCluster, apply, kubeletEvents, log, podNamed, stateWord } from './support.ts'

const driver = (env: Record<string, string> = {}) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: driver}
rules:
- {apiGroups: [resource.k8s.io], resources: [resourceclaims], verbs: [get]}
- {apiGroups: [resource.k8s.io], resources: [resourceslices], verbs: [get, list, watch, create, update, delete]}
- {apiGroups: [""], resources: [nodes], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: driver}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: driver}
---
apiVersion: v1
kind: Pod
metadata: {name: driver}
spec:
  nodeName: node-1
  containers:
  - name: main
    image: registry.k8s.io/dra-example-driver/dra-example-driver:v0.4.0
    command: [dra-example-kubeletplugin]
    env:
    - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
${Object.entries(env)
  .map(([name, value]) => `    - {name: ${name}, value: '${value}'}`)
  .join('\n')}
    volumeMounts:
    - {name: registry, mountPath: /var/lib/kubelet/plugins_registry}
    - {name: plugins, mountPath: /var/lib/kubelet/plugins}
    - {name: cdi, mountPath: /etc/cdi}
  volumes:
  - {name: registry, hostPath: {path: /var/lib/kubelet/plugins_registry}}
  - {name: plugins, hostPath: {path: /var/lib/kubelet/plugins}}
  - {name: cdi, hostPath: {path: /etc/cdi}}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu}
spec: {selectors: [{cel: {expression: device.driver == 'gpu.example.com'}}]}
`

/** A Pod of that name with a claim of its own. */
const user = (name: string, config = '') => `
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: ${name}}
spec:
  devices:
    requests: [{name: gpu, exactly: {deviceClassName: gpu}}]
${config}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 1
  resourceClaims: [{name: g, resourceClaimName: ${name}}]
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, 'env | grep GPU | sort; exec sleep 3600']
    resources: {claims: [{name: g}]}
  - name: beside
    image: busybox:1.36
    command: [sh, -c, 'env | grep -c GPU; exec sleep 3600']
`

const slices = (cluster: LiveCluster) => cluster.objects('resourceslices')
const run = (cluster: LiveCluster, line: string) => cluster.execute({ op: 'kubectl', line })
const onNode = (cluster: LiveCluster, line: string) => cluster.execute({ op: 'node', node: 'node-1', line }).stdout
const failures = (cluster: LiveCluster, pod: string) =>
  kubeletEvents(cluster, pod).filter((text) => text.startsWith('FailedPrepareDynamicResources'))

test('only the container that names the claim gets what its driver gives', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  apply(cluster, user('p'))
  cluster.advance(10_000)
  assert.match(log(cluster), /^GPU_DEVICE_0=gpu-0\nGPU_DEVICE_0_SHARING_STRATEGY=TimeSlicing\n/)
  assert.equal(log(cluster, 'beside'), '0\n')
  const shown = podNamed(cluster)?.status.containerStatuses?.map(({ name, allocatedResourcesStatus }) => [
    name,
    allocatedResourcesStatus,
  ])
  assert.deepEqual(shown, [
    ['beside', undefined],
    ['main', [{ name: 'claim:g', resources: [{ resourceID: 'k8s.gpu.example.com/gpu=common', health: 'Unknown' }] }]],
  ])
})

test('a claim that two Pods share is prepared once, and given back after the last of them', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  apply(cluster, user('p'))
  apply(
    cluster,
    `apiVersion: v1
kind: Pod
metadata: {name: q}
spec:
  terminationGracePeriodSeconds: 1
  resourceClaims: [{name: g, resourceClaimName: p}]
  containers:
  - {name: main, image: 'busybox:1.36', command: [sleep, '3600'], resources: {claims: [{name: g}]}}
`,
  )
  cluster.advance(10_000)
  assert.deepEqual([stateWord(cluster), stateWord(cluster, 'main', 'q')], ['running', 'running'])
  const told = (what: string) => log(cluster, 'main', 'driver').split(`"${what} is called"`).length - 1
  assert.equal(told('PrepareResourceClaims'), 1)
  run(cluster, 'kubectl delete pod p --wait=false')
  cluster.advance(10_000)
  assert.equal(told('UnprepareResourceClaims'), 0)
  run(cluster, 'kubectl delete pod q --wait=false')
  cluster.advance(10_000)
  assert.equal(told('UnprepareResourceClaims'), 1)
  assert.equal(onNode(cluster, 'ls /etc/cdi'), 'k8s.gpu.example.com-gpu_common.yaml\n')
})

test('its sockets are files of their own kind', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  const socket = '/var/lib/kubelet/plugins/gpu.example.com/dra.sock'
  assert.match(onNode(cluster, `ls -l ${socket}`), /^srwxr-xr-x/)
  assert.equal(
    onNode(cluster, `stat -c %F ${socket}; [ -S ${socket} ] && echo yes; [ -f ${socket} ] || echo no`),
    'socket\nyes\nno\n',
  )
  assert.match(onNode(cluster, `cat ${socket} 2>&1`), /No such device or address/)
  assert.equal(
    onNode(cluster, `find /var/lib/kubelet -type s | sort`),
    `/var/lib/kubelet/plugins/gpu.example.com/dra.sock\n/var/lib/kubelet/plugins_registry/gpu.example.com-reg.sock\n`,
  )
  apply(
    cluster,
    `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - {name: main, image: 'busybox:1.36', command: [sleep, '3600'], volumeMounts: [{name: there, mountPath: /x}]}
  volumes:
  - {name: there, hostPath: {path: ${socket}, type: Socket}}
`,
  )
  apply(
    cluster,
    `apiVersion: v1
kind: Pod
metadata: {name: q}
spec:
  containers:
  - {name: main, image: 'busybox:1.36', command: [sleep, '3600'], volumeMounts: [{name: none, mountPath: /x}]}
  volumes:
  - {name: none, hostPath: {path: /etc/hostname, type: Socket}}
`,
  )
  cluster.advance(5000)
  assert.equal(stateWord(cluster), 'running')
  assert.match(kubeletEvents(cluster, 'q').join(), /hostPath type check failed: \/etc\/hostname is not a socket file/)
})

test('a driver that crashes is back on the same socket, and its Pods start at the next look', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  onNode(cluster, 'pkill -9 dra-example')
  apply(cluster, user('p'))
  cluster.advance(1500)
  assert.equal(stateWord(cluster, 'main', 'driver'), 'running')
  assert.equal(onNode(cluster, 'ls /var/lib/kubelet/plugins_registry'), 'gpu.example.com-reg.sock\n')
  cluster.advance(100_000)
  assert.equal(stateWord(cluster), 'running')
  assert.equal(slices(cluster).length, 1)
})

test('a driver that stays away leaves its sockets behind, and loses its slices after half a minute', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }).replace('nodeName: node-1', 'nodeName: node-1\n  restartPolicy: Never'))
  cluster.advance(5000)
  apply(cluster, user('p'))
  cluster.advance(10_000)
  onNode(cluster, 'pkill -9 dra-example')
  cluster.advance(25_000)
  assert.equal(slices(cluster).length, 1)
  cluster.advance(10_000)
  assert.equal(slices(cluster).length, 0)
  assert.equal(stateWord(cluster), 'running')
  run(cluster, 'kubectl delete pod p --wait=false')
  cluster.advance(60_000)
  assert.ok(podNamed(cluster)?.metadata.deletionTimestamp)
  assert.match(
    onNode(cluster, "journalctl -u kubelet --no-pager | grep 'skipping' | tail -n 1"),
    /unprepare dynamic resources: NodeUnprepareResources: rpc error: code = Unavailable .*dial unix .*dra\.sock: connect: connection refused/,
  )
  apply(
    cluster,
    driver({ NUM_DEVICES: '1' }).replace(
      'metadata: {name: driver}\nspec:\n  nodeName',
      'metadata: {name: again}\nspec:\n  nodeName',
    ),
  )
  cluster.advance(40_000)
  assert.equal(podNamed(cluster), undefined)
})

test('a kubelet that starts anew offers nothing until the driver has registered, and knows what was prepared', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  apply(cluster, user('p'))
  cluster.advance(10_000)
  cluster.execute({ op: 'fault', fault: { kind: 'kubelet', node: 'node-1', state: 'stopped' } })
  cluster.advance(5000)
  cluster.execute({ op: 'fault', fault: { kind: 'kubelet', node: 'node-1', state: 'started' } })
  assert.equal(slices(cluster).length, 0)
  cluster.advance(60_000)
  assert.equal(slices(cluster).length, 1)
  assert.equal(stateWord(cluster), 'running')
  run(cluster, 'kubectl delete pod p --wait=false')
  cluster.advance(10_000)
  assert.equal(podNamed(cluster), undefined)
})

test('what the driver refuses is told of the Pod, which can be deleted', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }))
  cluster.advance(5000)
  const config = (strategy: string) => `    config:
    - opaque:
        driver: gpu.example.com
        parameters: {apiVersion: gpu.resource.example.com/v1alpha1, kind: GpuConfig, sharing: {strategy: ${strategy}}}`
  apply(cluster, user('p', config('Magic')))
  cluster.advance(5000)
  const uid = cluster.objects('resourceclaims')[0]?.metadata.uid
  assert.deepEqual(failures(cluster, 'p'), [
    `FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: NodePrepareResources failed for ResourceClaim p: error preparing devices for claim ${uid}: prepare failed: error applying config: error validating GPU config: unknown GPU sharing strategy: Magic`,
  ])
  run(cluster, 'kubectl delete pod p --wait=false')
  cluster.advance(10_000)
  assert.equal(podNamed(cluster), undefined)
  run(cluster, 'kubectl delete resourceclaim p')
  apply(cluster, user('p', config('SpacePartitioning')))
  cluster.advance(10_000)
  assert.match(log(cluster), /GPU_DEVICE_0_PARTITION_COUNT=1\n/)
})

test('a driver that may not read claims says so, and so does the event', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1' }).replace('resources: [resourceclaims]', 'resources: [deviceclasses]'))
  cluster.advance(5000)
  apply(cluster, user('p'))
  cluster.advance(5000)
  assert.deepEqual(failures(cluster, 'p'), [
    'FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: NodePrepareResources: rpc error: code = Unknown desc = get resource claims: retrieve claim default/p: resourceclaims.resource.k8s.io "p" is forbidden: User "system:serviceaccount:default:default" cannot get resource "resourceclaims" in API group "resource.k8s.io" in the namespace "default"',
  ])
})

test('devices whose files the runtime does not find hold up the container, not the claim', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '1', CDI_ROOT: '/var/run/somewhere' }))
  cluster.advance(5000)
  apply(cluster, user('p'))
  cluster.advance(10_000)
  const uid = cluster.objects('resourceclaims')[0]?.metadata.uid
  assert.equal(stateWord(cluster), 'CreateContainerError')
  assert.ok(
    kubeletEvents(cluster).includes(
      `Failed: Error: failed to create containerd container: CDI device injection failed: unresolvable CDI devices k8s.gpu.example.com/gpu=common, k8s.gpu.example.com/gpu=${uid}-gpu-0`,
    ),
    kubeletEvents(cluster).join('\n'),
  )
})

test('a slice that somebody deletes or changes is as its driver wants it half a minute later', () => {
  const cluster = aCluster()
  apply(cluster, driver({ NUM_DEVICES: '3' }))
  cluster.advance(5000)
  run(cluster, 'kubectl delete resourceslices --all')
  cluster.advance(35_000)
  const [slice] = slices(cluster) as unknown as { metadata: { name: string }; spec: { devices: unknown[] } }[]
  assert.equal(slice?.spec.devices.length, 3)
  run(
    cluster,
    `kubectl patch resourceslice ${slice?.metadata.name} --type=json -p '[{"op":"remove","path":"/spec/devices/0"}]'`,
  )
  cluster.advance(35_000)
  const [again] = slices(cluster) as unknown as { spec: { devices: unknown[] } }[]
  assert.equal(again?.spec.devices.length, 3)
})

test('settings that are missing, wrong or not simulated are said before anything is opened', () => {
  const ends = (env: Record<string, string>, manifest = driver(env)): string => {
    const cluster = aCluster()
    apply(cluster, manifest)
    cluster.advance(3000)
    return log(cluster, 'main', 'driver').trim()
  }
  assert.equal(ends({}, driver().replace('name: NODE_NAME', 'name: OTHER')), 'Error: Required flag "node-name" not set')
  assert.equal(ends({ NUM_DEVICES: 'many' }), 'Error: invalid value "many" for flag -num-devices: parse error')
  assert.equal(ends({ GPU_PARTITIONS: '4' }), 'Error: podium: gpu-partitions=4 is not simulated')
  assert.equal(ends({ DEVICE_PROFILE: 'net' }), 'Error: podium: device-profile=net is not simulated')
})
