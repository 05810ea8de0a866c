import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveCluster } from '../../sim/cluster.ts'
import { aCluster, apply, containerNamed, firstSecond, kubeletEvents, log, podNamed, stateWord } from './support.ts'

const aManifest = (command: string, more = ''): string => `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
${more}
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, "${command}"]
`

/** The moments (whole seconds after the hand-over) at which the container's starts happened. */
const starts = (cluster: LiveCluster): number[] =>
  cluster.trace
    .records()
    .filter((record) => record.action === 'start' && record.object?.name === 'p')
    .map((record) => Math.round((record.atMs - 20_500) / 1000))

test('a Pod runs within two seconds, and shows its address, start and readiness', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('sleep 1000'))
  cluster.advance(2000)
  const pod = podNamed(cluster)!
  assert.equal(pod.status.phase, 'Running')
  assert.match(pod.status.podIP ?? '', /^10\.244\.0\.\d+$/)
  assert.equal(pod.status.qosClass, 'BestEffort')
  assert.equal(containerNamed(cluster)?.ready, true)
  assert.deepEqual(kubeletEvents(cluster), [
    'Pulled: Container image "busybox:1.36" already present on machine and can be accessed by the pod',
    'Created: Container created',
    'Started: Container started',
  ])
})

test('a crashing container is restarted at once, then after growing delays', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('exit 1'))
  cluster.advance(100_000)
  const [first, second, third, fourth, fifth] = starts(cluster)
  assert.ok(second - first <= 2)
  assert.ok(third - second >= 10 && third - second <= 18, `third start after ${third - second} s`)
  assert.ok(fourth - third >= 20 && fourth - third <= 32, `fourth start after ${fourth - third} s`)
  assert.ok(fifth - fourth >= 40 && fifth - fourth <= 58, `fifth start after ${fifth - fourth} s`)
})

test('CrashLoopBackOff shows when the kubelet looks again: at the end of a short back-off, a minute into a long one', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('exit 1'))
  for (const atMs of [2_500, 10_000, 30_000, 70_000]) {
    cluster.advance(atMs - cluster.nowMs)
    assert.equal(stateWord(cluster), 'Error')
  }
  cluster.advance(290_000 - cluster.nowMs)
  assert.equal(stateWord(cluster), 'CrashLoopBackOff')
  const pod = podNamed(cluster)!
  assert.equal(
    containerNamed(cluster)?.state.waiting?.message,
    `back-off 2m40s restarting failed container=main pod=p_default(${pod.metadata.uid})`,
  )
  assert.equal(pod.status.phase, 'Running')
})

test('under Never a container that exits 3 makes the Pod Failed for good', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('echo why > /dev/termination-log; exit 3', '  restartPolicy: Never'))
  cluster.advance(60_000)
  const pod = podNamed(cluster)!
  assert.equal(pod.status.phase, 'Failed')
  assert.equal(containerNamed(cluster)?.restartCount, 0)
  assert.equal(containerNamed(cluster)?.state.terminated?.message, 'why\n')
})

test('a container that ignores SIGTERM is killed when its grace period ends', () => {
  const cluster = aCluster()
  apply(cluster, aManifest("trap '' TERM; while true; do sleep 1; done", '  terminationGracePeriodSeconds: 6'))
  cluster.advance(5000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  const askedMs = cluster.nowMs
  cluster.advance(5500)
  assert.equal(stateWord(cluster), 'running')
  cluster.advance(3500)
  assert.equal(podNamed(cluster), undefined)
  const ended = firstSecond(cluster, (pod) => pod.status.containerStatuses?.[0].state.terminated?.exitCode === 137)!
  assert.ok(ended - askedMs / 1000 >= 6 && ended - askedMs / 1000 < 7.5)
})

test('a container that stops at SIGTERM is gone well before its grace period ends', () => {
  const cluster = aCluster()
  apply(cluster, aManifest("trap 'exit 0' TERM; while true; do sleep 1; done"))
  cluster.advance(5000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  cluster.advance(4000)
  assert.equal(podNamed(cluster), undefined)
})

test('a preStop hook runs before SIGTERM, and within the grace period', () => {
  const cluster = aCluster()
  apply(
    cluster,
    `${aManifest("trap 'exit 0' TERM; while true; do sleep 0.1; done", '  terminationGracePeriodSeconds: 10')}
    lifecycle: {preStop: {exec: {command: [sleep, "3"]}}}`,
  )
  cluster.advance(5000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  cluster.advance(2500)
  assert.equal(stateWord(cluster), 'running')
  cluster.advance(3500)
  assert.equal(podNamed(cluster), undefined)
})

test('a failing postStart hook kills the container', () => {
  const cluster = aCluster()
  apply(cluster, `${aManifest('sleep 1000')}\n    lifecycle: {postStart: {exec: {command: [sh, -c, exit 3]}}}`)
  cluster.advance(3000)
  assert.ok(kubeletEvents(cluster).includes('Killing: FailedPostStartHook'))
  assert.equal(containerNamed(cluster)?.started, false)
})

test('a deadline ends a Pod that is still running', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('sleep 1000', '  activeDeadlineSeconds: 5\n  terminationGracePeriodSeconds: 2'))
  cluster.advance(15_000)
  const pod = podNamed(cluster)!
  assert.equal(pod.status.phase, 'Failed')
  assert.equal(pod.status.reason, 'DeadlineExceeded')
})

test('init containers run one after the other before the containers', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest(
      'sleep 1000',
      `  initContainers:
  - {name: one, image: "busybox:1.36", command: [sleep, "2"]}
  - {name: two, image: "busybox:1.36", command: [sleep, "2"]}`,
    ),
  )
  cluster.advance(3000)
  assert.equal(stateWord(cluster, 'two'), 'PodInitializing')
  assert.equal(stateWord(cluster), 'PodInitializing')
  cluster.advance(7000)
  assert.equal(stateWord(cluster, 'one'), 'Completed')
  assert.equal(stateWord(cluster), 'running')
})

test('a sidecar starts before the containers and ends after them', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest(
      'sleep 3',
      `  restartPolicy: Never
  initContainers:
  - {name: side, image: "busybox:1.36", restartPolicy: Always, command: [sleep, "1000"]}`,
    ),
  )
  cluster.advance(3500)
  assert.equal(stateWord(cluster, 'side'), 'running')
  cluster.advance(40_000)
  assert.equal(podNamed(cluster)?.status.phase, 'Succeeded')
  assert.notEqual(stateWord(cluster, 'side'), 'running')
})

test('an image that does not exist alternates between ErrImagePull and ImagePullBackOff', () => {
  const cluster = aCluster()
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: main, image: "nginx:9.99"}]',
  )
  cluster.advance(60_000)
  const seen = cluster
    .changes('pods')
    .map(
      (change) =>
        (change.object as never as { status: { containerStatuses?: { state: { waiting?: { reason?: string } } }[] } })
          .status.containerStatuses?.[0].state.waiting?.reason,
    )
    .filter((reason, i, all) => reason !== undefined && reason !== all[i - 1])
  assert.deepEqual(seen.slice(0, 4), ['ContainerCreating', 'ErrImagePull', 'ImagePullBackOff', 'ErrImagePull'])
  assert.ok(kubeletEvents(cluster).includes('BackOff: Back-off pulling image "nginx:9.99"'))
})

test('an image that is not on the node is pulled first', () => {
  const cluster = aCluster(['redis:7'])
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: main, image: "redis:7"}]',
  )
  cluster.advance(20_000)
  const events = kubeletEvents(cluster)
  assert.equal(events[0], 'Pulling: Pulling image "redis:7"')
  assert.match(
    events[1],
    /^Pulled: Successfully pulled image "redis:7" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\.$/,
  )
  assert.equal(stateWord(cluster), 'running')
})

test('with the registry down a pull fails', () => {
  const cluster = aCluster(['redis:7'])
  cluster.execute({ op: 'fault', fault: { kind: 'registry', state: 'down' } })
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: main, image: "redis:7"}]',
  )
  cluster.advance(3000)
  assert.equal(stateWord(cluster), 'ErrImagePull')
  cluster.execute({ op: 'fault', fault: { kind: 'registry', state: 'up' } })
  cluster.advance(60_000)
  assert.equal(stateWord(cluster), 'running')
})

test('a command that does not exist cannot be run', () => {
  const cluster = aCluster()
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: main, image: "busybox:1.36", command: [nope]}]',
  )
  cluster.advance(1700)
  const main = containerNamed(cluster)!
  assert.equal(main.state.waiting?.reason, 'RunContainerError')
  assert.equal(main.lastState.terminated?.exitCode, 128)
  assert.match(main.lastState.terminated?.message ?? '', /exec: "nope": executable file not found in \$PATH/)
})

test('a Pod that does not fit the node it names fails at once', () => {
  const cluster = aCluster()
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  nodeName: node-1\n  containers: [{name: main, image: "busybox:1.36", resources: {requests: {cpu: "100"}}}]',
  )
  cluster.advance(1000)
  const { status } = podNamed(cluster)!
  assert.equal(status.phase, 'Failed')
  assert.equal(status.reason, 'OutOfcpu')
})

test('logs of the former run are kept', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('echo hello from $HOSTNAME; sleep 3; exit 1'))
  cluster.advance(10_000)
  assert.equal(log(cluster), 'hello from p\n')
  assert.equal(log(cluster, 'main', 'p', { previous: true }), 'hello from p\n')
  assert.match(log(cluster, 'main', 'p', { timestamps: true }), /^2026-01-01T00:00:\d\d\.\d{9}Z hello from p\n$/)
})

test('a quiet Pod leaves nothing in the queue but background work', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('sleep 100000'))
  assert.equal(cluster.settle(10_000), true)
  const before = cluster.eventsProcessed
  cluster.advance(600_000)
  assert.ok(cluster.eventsProcessed - before < 300, `${cluster.eventsProcessed - before} events in ten quiet minutes`)
})

test('a Pod whose postStart hook hangs can be deleted', () => {
  const cluster = aCluster()
  apply(
    cluster,
    `${aManifest("trap 'exit 0' TERM; while true; do sleep 0.1; done")}\n    lifecycle: {postStart: {exec: {command: [sleep, "1000"]}}}`,
  )
  cluster.advance(5000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  cluster.advance(5000)
  assert.equal(podNamed(cluster), undefined)
})

test('a Pod whose image is still being pulled can be deleted', () => {
  const cluster = aCluster(['redis:7'])
  cluster.execute({ op: 'fault', fault: { kind: 'registry', state: 'slow' } })
  apply(
    cluster,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: main, image: "redis:7"}]',
  )
  cluster.advance(1000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  cluster.advance(2000)
  assert.equal(podNamed(cluster), undefined)
})
