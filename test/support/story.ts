/** A story that touches every component: a rollout under probes, a crash loop, a failing node, traffic. */
import { type ClusterOptions, type Command, createCluster } from '../../sim/index.ts'

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.26
        readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`
const crasher = `apiVersion: v1
kind: Pod
metadata: {name: crash}
spec: {containers: [{name: main, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 1']}]}
`

export const story: readonly { atMs: number; command: Command }[] = [
  { atMs: 0, command: { op: 'apply', manifest: deployment } },
  { atMs: 5_000, command: { op: 'apply', manifest: crasher } },
  {
    atMs: 20_000,
    command: {
      op: 'traffic',
      traffic: { name: 'users', from: 'outside', url: 'http://node-1:80', perSecond: 5, seconds: 20 },
    },
  },
  { atMs: 25_000, command: { op: 'kubectl', line: 'kubectl set image deploy/web web=nginx:1.27' } },
  { atMs: 60_000, command: { op: 'fault', fault: { kind: 'node', node: 'node-2', state: 'down' } } },
  { atMs: 200_000, command: { op: 'fault', fault: { kind: 'node', node: 'node-2', state: 'up' } } },
  { atMs: 260_000, command: { op: 'kubectl', line: 'kubectl delete pod -l app=web' } },
]

export const options = (seed: string): ClusterOptions => ({
  seed,
  shape: { nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name })), absentImages: ['nginx:1.27'] },
  strict: true,
})

/** The state hash after every event of the story. */
export function historyOf(seed: string): string[] {
  const cluster = createCluster(options(seed))
  const hashes: string[] = []
  cluster.engine.onEvent = () => hashes.push(cluster.stateHash())
  for (const { atMs, command } of story) {
    if (atMs > cluster.nowMs) cluster.advance(atMs - cluster.nowMs)
    cluster.execute(command)
  }
  cluster.advance(60_000)
  return hashes
}
