/** Whatever happens to Pods and nodes, once everything works again and the Pods are deleted nothing of them is left. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/cluster.ts'
import { createRandom } from '../../sim/engine/random.ts'
import type { Command, Fault } from '../../sim/scenario/types.ts'

const commands = ['sleep 1000', 'exit 1', 'sleep 3', 'sleep 2; exit 1', "trap '' TERM; sleep 1000"]
const extras = [
  '',
  'livenessProbe: {exec: {command: ["false"]}, periodSeconds: 2, failureThreshold: 1}',
  'readinessProbe: {tcpSocket: {port: 80}}',
  'lifecycle: {postStart: {exec: {command: [sleep, "4"]}}, preStop: {exec: {command: [sleep, "2"]}}}',
  'env: [{name: X, valueFrom: {configMapKeyRef: {name: nope, key: k}}}]',
]
const nodes = ['node-1', 'node-2']
const names = ['a', 'b', 'c', 'd', 'e', 'f']

function drawCommand(random: ReturnType<typeof createRandom>): Command {
  const name = random.pick(names)
  const fault = (value: Fault): Command => ({ op: 'fault', fault: value })
  const node = random.pick(nodes)
  switch (random.int(0, 12)) {
    case 0:
    case 1:
      return { op: 'kubectl', line: `kubectl delete pod ${name} --wait=false` }
    case 2:
      return { op: 'kubectl', line: `kubectl delete pod ${name} --wait=false --force --grace-period=0` }
    case 3:
      return fault({ kind: 'kubelet', node: random.pick(nodes), state: random.pick(['stopped', 'started']) })
    case 4:
      return fault({ kind: 'node', node: random.pick(nodes), state: random.pick(['down', 'up']) })
    case 5:
      return fault({ kind: 'registry', state: random.pick(['up', 'down', 'slow']) })
    case 6:
      return fault({ kind: 'runtime', node, state: random.pick(['stopped', 'started']) })
    case 7:
      return fault({ kind: 'cni', node, state: random.pick(['failing', 'working', 'working']) })
    case 8:
      return fault(
        random.pick<Fault>([
          { kind: 'disk', node, state: 'low' },
          { kind: 'disk', node, state: 'freed' },
          { kind: 'memory', node, state: 'low' },
          { kind: 'memory', node, state: 'freed' },
        ]),
      )
    case 9:
      return { op: 'kubectl', line: `kubectl debug ${name} --image=busybox:1.36 -- sleep 3` }
    default:
      return {
        op: 'apply',
        manifest: `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  restartPolicy: ${random.pick(['Always', 'OnFailure', 'Never'])}
  terminationGracePeriodSeconds: ${random.int(0, 8)}
  containers:
  - name: main
    image: ${random.pick(['busybox:1.36', 'busybox:1.36', 'redis:7', 'nginx:9.99'])}
    command: [sh, -c, "${random.pick(commands)}"]
    ${random.pick(extras)}
`,
      }
  }
}

for (const seed of ['one', 'two', 'three', 'four', 'five'])
  test(`Pods that were started, broken and deleted at random leave nothing behind (seed ${seed})`, () => {
    const random = createRandom(seed, 'commands')
    const cluster = createCluster({
      seed,
      shape: { nodes: nodes.map((name) => ({ name })), absentImages: ['redis:7'] },
    })
    for (let n = 0; n < 60; n++) {
      cluster.execute(drawCommand(random))
      cluster.advance(random.int(0, 6000))
    }
    for (const node of nodes) {
      cluster.execute({ op: 'fault', fault: { kind: 'node', node, state: 'up' } })
      cluster.execute({ op: 'fault', fault: { kind: 'kubelet', node, state: 'started' } })
      cluster.execute({ op: 'fault', fault: { kind: 'runtime', node, state: 'started' } })
      cluster.execute({ op: 'fault', fault: { kind: 'cni', node, state: 'working' } })
      cluster.execute({ op: 'fault', fault: { kind: 'disk', node, state: 'freed' } })
      cluster.execute({ op: 'fault', fault: { kind: 'memory', node, state: 'freed' } })
    }
    cluster.advance(60_000)
    for (const name of names) cluster.execute({ op: 'kubectl', line: `kubectl delete pod ${name} --wait=false` })
    cluster.advance(120_000)
    assert.deepEqual(cluster.objects('pods', { namespace: 'default' }), [])
    const count = (action: string) =>
      cluster.trace
        .records()
        .filter((r) => r.action === action && r.object?.kind === 'Pod' && r.detail?.reason !== 'StartError').length
    assert.equal(count('exit'), count('start'))
    assert.equal(count('CNI DEL'), count('CNI ADD'))
  })
