import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aCluster, apply, containerNamed, firstSecond, kubeletEvents, stateWord } from './support.ts'

const nginx = (probes: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: main
    image: nginx:1.27
    ports: [{name: web, containerPort: 80}]
${probes}
`
const busybox = (command: string, probes: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, "${command}"]
${probes}
`
const readySecond = (cluster: ReturnType<typeof aCluster>) =>
  firstSecond(cluster, (pod) => pod.status.containerStatuses?.[0].ready === true)

test('a container is ready once its readiness probe succeeds', () => {
  const cluster = aCluster()
  apply(cluster, nginx('    readinessProbe: {httpGet: {path: /, port: web}, periodSeconds: 2}'))
  cluster.advance(5000)
  assert.ok(readySecond(cluster)! < 3)
})

test('initialDelaySeconds delays the first check', () => {
  const cluster = aCluster()
  apply(cluster, nginx('    readinessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 10, periodSeconds: 2}'))
  cluster.advance(20_000)
  const second = readySecond(cluster)!
  assert.ok(second >= 9.5 && second <= 13, `ready at ${second}`)
})

test('a readiness probe that fails never restarts the container', () => {
  const cluster = aCluster()
  apply(cluster, nginx('    readinessProbe: {tcpSocket: {port: 81}, periodSeconds: 2}'))
  cluster.advance(60_000)
  assert.equal(containerNamed(cluster)?.ready, false)
  assert.equal(containerNamed(cluster)?.restartCount, 0)
  assert.match(
    kubeletEvents(cluster).at(-1)!,
    /^Unhealthy: Readiness probe failed: dial tcp 10\.244\.0\.\d+:81: connect: connection refused$/,
  )
})

test('an HTTP probe tells the status code that it got', () => {
  const cluster = aCluster()
  apply(cluster, nginx('    readinessProbe: {httpGet: {path: /nothing, port: 80}, periodSeconds: 2}'))
  cluster.advance(5000)
  assert.ok(
    kubeletEvents(cluster).includes('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404'),
  )
})

test('a liveness probe that begins to fail kills the container after failureThreshold, and it is restarted', () => {
  const cluster = aCluster()
  apply(
    cluster,
    busybox(
      'touch /tmp/ok; sleep 8; rm /tmp/ok; sleep 1000',
      '    livenessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 3, failureThreshold: 2}',
    ),
  )
  cluster.advance(22_000)
  assert.equal(containerNamed(cluster)?.restartCount, 1)
  assert.equal(containerNamed(cluster)?.lastState.terminated?.exitCode, 137)
  const events = kubeletEvents(cluster)
  assert.ok(events.includes("Unhealthy: Liveness probe failed: cat: can't open '/tmp/ok': No such file or directory\n"))
  assert.ok(events.includes('Killing: Container main failed liveness probe, will be restarted'))
})

test('a startup probe holds the other probes back', () => {
  const cluster = aCluster()
  apply(
    cluster,
    busybox(
      'sleep 15; touch /tmp/up; sleep 1000',
      `    startupProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 3, failureThreshold: 10}
    livenessProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 1, failureThreshold: 1}`,
    ),
  )
  cluster.advance(12_000)
  assert.equal(containerNamed(cluster)?.started, false)
  cluster.advance(10_000)
  assert.equal(containerNamed(cluster)?.started, true)
  assert.equal(containerNamed(cluster)?.ready, true)
  assert.equal(containerNamed(cluster)?.restartCount, 0)
  assert.ok(!kubeletEvents(cluster).some((event) => event.includes('Liveness')))
})

test('a startup probe that never succeeds restarts the container', () => {
  const cluster = aCluster()
  apply(
    cluster,
    busybox('sleep 1000', '    startupProbe: {exec: {command: ["false"]}, periodSeconds: 2, failureThreshold: 3}'),
  )
  cluster.advance(14_000)
  assert.ok(containerNamed(cluster)!.restartCount >= 1)
  assert.ok(kubeletEvents(cluster).includes('Killing: Container main failed startup probe, will be restarted'))
})

test('a probe that takes longer than its timeout fails', () => {
  const cluster = aCluster()
  apply(
    cluster,
    busybox('sleep 1000', '    readinessProbe: {exec: {command: [sleep, "5"]}, timeoutSeconds: 1, periodSeconds: 3}'),
  )
  cluster.advance(6000)
  assert.ok(
    kubeletEvents(cluster).includes(
      'Unhealthy: Readiness probe failed: command timed out: "sleep 5" timed out after 1s',
    ),
  )
})

test('successful probes leave a cluster settled', () => {
  const cluster = aCluster()
  apply(
    cluster,
    nginx(
      '    livenessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}\n    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}',
    ),
  )
  assert.equal(cluster.settle(30_000), true)
  assert.equal(stateWord(cluster), 'running')
  assert.equal(containerNamed(cluster)?.ready, true)
})

test('a successful exec probe leaves a cluster settled', () => {
  const cluster = aCluster()
  apply(cluster, busybox('sleep 100000', '    livenessProbe: {exec: {command: ["true"]}, periodSeconds: 5}'))
  assert.equal(cluster.settle(30_000), true)
  assert.equal(containerNamed(cluster)?.ready, true)
})

test('a ready Pod stays ready when its kubelet is restarted', () => {
  const cluster = aCluster()
  apply(cluster, nginx('    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}'))
  cluster.advance(5000)
  cluster.execute({ op: 'fault', fault: { kind: 'kubelet', node: 'node-1', state: 'stopped' } })
  cluster.advance(5000)
  const beforeMs = cluster.nowMs
  cluster.execute({ op: 'fault', fault: { kind: 'kubelet', node: 'node-1', state: 'started' } })
  cluster.advance(15_000)
  const unready = cluster
    .changes('pods')
    .filter((change) => change.atMs >= beforeMs)
    .filter(
      (change) =>
        (change.object as never as { status: { containerStatuses: { ready: boolean }[] } }).status.containerStatuses[0]
          .ready === false,
    )
  assert.deepEqual(unready, [])
})

test('a probe of a port name that the container does not have neither succeeds nor fails, and is told of', () => {
  const cluster = aCluster()
  const probe = '{httpGet: {path: /, port: nope}, periodSeconds: 2, failureThreshold: 1}'
  apply(cluster, nginx(`    livenessProbe: ${probe}\n    readinessProbe: ${probe}`))
  cluster.advance(20_000)
  const status = containerNamed(cluster)
  assert.equal(status?.restartCount, 0)
  assert.equal(status?.ready, false)
  const told = new Set(kubeletEvents(cluster).filter((event) => event.includes('Unhealthy')))
  const why = 'probe errored and resulted in unknown state: strconv.Atoi: parsing "nope": invalid syntax'
  assert.equal(told.size, 2)
  for (const event of told) assert.ok(event.includes(why), event)
})
