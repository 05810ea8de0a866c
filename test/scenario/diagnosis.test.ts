import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../sim/api/core/pod.ts'
import { createCluster } from '../../sim/cluster.ts'
import { diagnose } from '../../sim/scenario/diagnosis.ts'

function causesOf(manifest: string, seconds = 20): string[] {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(seconds * 1000)
  return diagnose(cluster).map(({ cause }) => cause)
}

const job = (command: string): string => `apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: 'busybox:1.36', command: [sh, -c, '${command}']}]
`
test('a Job that is done is not ill', () => assert.deepEqual(causesOf(job('exit 0')), []))
test('a Job that failed is', () => assert.deepEqual(causesOf(job('exit 3')), ['container-crashes']))

const pod = (initCommand: string, command: string): string => `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  initContainers: [{name: first, image: 'busybox:1.36', command: [sh, -c, '${initCommand}']}]
  containers: [{name: main, image: 'busybox:1.36', command: [sh, -c, '${command}']}]
`
test('what an init container has done does not hide what ails the program', () =>
  assert.deepEqual(causesOf(pod('exit 0', 'exit 7')), ['container-crashes']))
test('a program that ends well and is started again and again is told', () =>
  assert.deepEqual(causesOf(pod('exit 0', 'exit 0')), ['container-completes']))

test('a request that was refused is told with the rule that it takes, until there is one', () => {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  const run = (line: string) => cluster.execute({ op: 'kubectl', line })
  run('kubectl scale deployment web --as=jane --replicas=2')
  run('kubectl get secrets --as=system:serviceaccount:default:bot')
  run('kubectl get secrets --as=system:serviceaccount:kube-system:other')
  const told = () =>
    diagnose(cluster).map(({ cause, object, chain }) => [cause, object, chain.map(({ text }) => text).join(' ')])
  assert.deepEqual(told(), [
    [
      'request-forbidden',
      'User/jane',
      'The API server refused jane to get deployments.apps "web" in namespace default. No rule allows it: it takes one with apiGroups ["apps"], resources ["deployments"] and verbs ["get"], in a Role of namespace default bound by a RoleBinding there, or in a ClusterRole bound by a ClusterRoleBinding.',
    ],
    [
      'request-forbidden',
      'ServiceAccount/bot',
      'The API server refused system:serviceaccount:default:bot to list secrets in namespace default. No rule allows it: it takes one with apiGroups [""], resources ["secrets"] and verbs ["list"], in a Role of namespace default bound by a RoleBinding there, or in a ClusterRole bound by a ClusterRoleBinding.',
    ],
  ])
  run('kubectl create rolebinding all --clusterrole=edit --user=jane --serviceaccount=default:bot')
  assert.deepEqual(told(), [])
})

test('a workload whose Pods are refused says by which rule, until they are let in', () => {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  const label = (change: string) =>
    cluster.execute({
      op: 'kubectl',
      line: `kubectl label namespace default pod-security.kubernetes.io/enforce${change}`,
    })
  label('=baseline')
  const manifest = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      hostPID: true
      containers: [{name: main, image: 'busybox:1.36', command: [sleep, '3600']}]
`
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(20_000)
  assert.deepEqual(diagnose(cluster), [
    {
      cause: 'create-refused',
      object: 'StatefulSet/db',
      chain: [
        { text: "StatefulSet db can't create its Pods." },
        {
          text: 'The API server refuses them: Create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true).',
          sinceMs: 1000,
        },
      ],
    },
  ])
  label('-')
  cluster.advance(120_000)
  assert.deepEqual(diagnose(cluster), [])
})

const page = (image: string, program: string, flag: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: page}
spec:
  selector: {matchLabels: {app: page}}
  template:
    metadata: {labels: {app: page}}
    spec:
      containers: [{name: main, image: ${image}, command: [${program}], args: ['${flag}=hello', '-listen=:8080']}]
---
apiVersion: v1
kind: Service
metadata: {name: page}
spec:
  selector: {app: page}
  ports: [{port: 80, targetPort: 8080}]
`

/** What is found at each second of two minutes, once the first start has failed. */
function causesOverTime(manifest: string): string[][] {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(40_000)
  return Array.from({ length: 120 }, () => {
    cluster.advance(1000)
    return diagnose(cluster).map(({ cause }) => cause)
  })
}

test('the image that is not there is the root of a Service without endpoints', () => {
  for (const causes of causesOverTime(page('hashicorp/htp-echo', '/http-echo', '-text')))
    assert.deepEqual(causes, ['no-ready-endpoint', 'image-not-found'])
})

test('a program that is not there is the root at every moment between two starts', () => {
  for (const causes of causesOverTime(page('hashicorp/http-echo', '/http-eco', '-text')))
    assert.deepEqual(causes, ['no-ready-endpoint', 'container-crashes'])
})

test('a program that ends at once is the root at every moment, also while it seems to run', () => {
  const told = causesOverTime(page('hashicorp/http-echo', '/http-echo', '-txt'))
  for (const causes of told) assert.equal(causes.at(-1), 'container-crashes')
  assert.ok(
    told.some((causes) => causes.length === 1),
    'at one moment the Pod was ready',
  )
})

test('a program that came up after some tries is well', () => {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: kept, emptyDir: {}}]
  containers:
    - name: main
      image: busybox:1.36
      command: [sh, -c, 'echo x >> /kept/tries; test $(wc -l < /kept/tries) -gt 2 && exec sleep 3600; exit 1']
      volumeMounts: [{name: kept, mountPath: /kept}]
`
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(10_000)
  assert.deepEqual(
    diagnose(cluster).map(({ cause }) => cause),
    ['container-crashes'],
  )
  cluster.advance(30_000)
  assert.equal(cluster.server.storedList(pods, 'default')[0].status.containerStatuses?.[0].restartCount, 2)
  assert.deepEqual(diagnose(cluster), [])
})

test('each step tells since when the cluster has shown it, in time after the hand-over', () => {
  const cluster = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.advance(60_000)
  cluster.execute({ op: 'apply', manifest: pod('exit 0', 'sleep 20; exit 7') })
  cluster.advance(48_000)
  const [{ chain }] = diagnose(cluster)
  const ended = chain.find(({ text }) => text.includes('exit code 7'))
  // 60 s, the images, and twice 20 s of its own.
  assert.ok(ended!.sinceMs! > 100_000 && ended!.sinceMs! <= 108_000, JSON.stringify(chain))
  const lone = createCluster({ seed: 'diagnosis', shape: { nodes: [{ name: 'node-1' }] } })
  lone.advance(30_000)
  lone.execute({
    op: 'apply',
    manifest: pod('exit 0', 'exit 0').replace('spec:', 'spec:\n  nodeSelector: {disk: ssd}'),
  })
  lone.advance(10_000)
  const [unscheduled] = diagnose(lone)
  assert.equal(unscheduled.cause, 'unschedulable')
  assert.ok(unscheduled.chain[0].sinceMs! >= 30_000 && unscheduled.chain[0].sinceMs! <= 31_000)
})
