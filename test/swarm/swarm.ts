/**
 * Swarm testing: each seed turns on a random subset of operations and faults, does them at random times, and the invariants
 * are checked after every event. Then faults are repaired, and the cluster must converge.
 */

import { createRandom, type Random } from '../../sim/engine/random.ts'
import {
  BudgetError,
  type ClusterShape,
  type Command,
  createCluster,
  type Fault,
  type LiveCluster,
} from '../../sim/index.ts'
import { etcdFault, etcdMended, etcdShape } from './etcd.ts'
import { Broken, convergenceProblems, watchInvariants } from './invariants.ts'
import { podOperations } from './pods.ts'
import { networkShape, serviceOperations, serviceProblems, servicesMended } from './services.ts'
import { staticPodsCommand, staticPodsMended, staticPodsProblems, staticPodsShape } from './static-pods.ts'
import { storageMended, storageOperations, storageProblems } from './storage.ts'
import { workloadOperations, workloadsMended } from './workloads.ts'

export interface SwarmStep {
  atMs: number
  command: Command
}

export interface SwarmFailure {
  seed: string
  /** What was wrong, and when. */
  problem: string
  event: number
  /** The steps that are enough to see it. */
  steps: SwarmStep[]
}

/** Virtual time in which a cluster that is left alone must have converged: the longest back-off, and some. */
const convergeMs = 900_000

/**
 * A Pod that is made and deleted while its controller's informer has no connection is never seen. The controller waits for it for
 * five minutes, and after that until something changes: in a real cluster for the resync of its informers, after half a day or more.
 */
const expectationsMs = 310_000
const nudge = line('kubectl annotate deployments,replicasets,daemonsets,statefulsets,jobs --all nudged=yes')

const images = ['nginx:1.26', 'nginx:1.27', 'httpd:2.4', 'nginx:9.99']
const names = ['web', 'api', 'db']

type Operation = (random: Random) => Command[]

const manifest = (name: string, random: Random): string => {
  // One that is changed to Recreate in the middle of a rolling update, with other replicas, stays as it is in a real cluster
  // too: its controller takes that for scaling, and scaling knows only rolling updates. So the type belongs to the name.
  const strategy =
    name === 'db'
      ? '{type: Recreate}'
      : random.pick([
          '{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}',
          '{rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}',
          '{rollingUpdate: {maxSurge: 50%, maxUnavailable: 50%}}',
        ])
  const probe = random.pick([
    '',
    '        readinessProbe: {httpGet: {port: 80}, periodSeconds: 2}\n',
    '        livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 5}\n',
  ])
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${random.int(0, 6)}
  minReadySeconds: ${random.pick([0, 0, 3])}
  strategy: ${strategy}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: ${random.pick([0, 5, 30])}
      containers:
      - name: main
        image: ${random.pick(images.slice(0, 3))}
        resources: {requests: {cpu: ${random.pick(['50m', '200m'])}, memory: 64Mi}}
${probe}`
}

const operations: Record<string, Operation> = {
  deploy: (random) => [{ op: 'apply', manifest: manifest(random.pick(names), random) }],
  expose: (random) => {
    const name = random.pick(names)
    return [
      {
        op: 'apply',
        manifest: `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${name}}, ports: [{port: 80}]}\n`,
      },
    ]
  },
  scale: (random) => [line(`kubectl scale deploy/${random.pick(names)} --replicas=${random.int(0, 7)}`)],
  image: (random) => [line(`kubectl set image deploy/${random.pick(names)} main=${random.pick(images)}`)],
  restart: (random) => [line(`kubectl rollout restart deploy/${random.pick(names)}`)],
  undo: (random) => [line(`kubectl rollout undo deploy/${random.pick(names)}`)],
  pause: (random) => [line(`kubectl rollout ${random.pick(['pause', 'resume'])} deploy/${random.pick(names)}`)],
  deletePods: (random) => [line(`kubectl delete pod -l app=${random.pick(names)} --wait=false`)],
  deleteDeployment: (random) => [
    line(
      `kubectl delete deploy ${random.pick(names)} --wait=false --cascade=${random.pick(['background', 'foreground', 'orphan'])}`,
    ),
  ],
  label: (random) => [
    line(`kubectl label pods -l app=${random.pick(names)} tier=${random.pick(['a', 'b'])} --overwrite`),
  ],
  cordon: (random) => [line(`kubectl ${random.pick(['cordon', 'uncordon'])} node-${random.int(1, 3)}`)],
  barePod: (random) => [
    line(
      `kubectl run bare-${random.int(1, 3)} --image=${random.pick(images)} --restart=${random.pick(['Always', 'OnFailure', 'Never'])}`,
    ),
  ],
  crash: (random) => [
    {
      op: 'create',
      manifest: `apiVersion: v1\nkind: Pod\nmetadata: {name: crash-${random.int(1, 3)}}\nspec:\n  restartPolicy: ${random.pick(['Always', 'OnFailure', 'Never'])}\n  containers:\n  - {name: main, image: 'busybox:1.36', command: [sh, -c, 'sleep ${random.int(0, 5)}; exit ${random.int(0, 1)}']}\n`,
    },
  ],
  nodeDown: (random) => [
    {
      op: 'fault',
      fault: { kind: 'node', node: `node-${random.int(1, 3)}`, state: random.pick(['down', 'up'] as const) },
    },
  ],
  kubelet: (random) => [
    {
      op: 'fault',
      fault: { kind: 'kubelet', node: `node-${random.int(1, 3)}`, state: random.pick(['stopped', 'started'] as const) },
    },
  ],
  registry: (random) => [
    { op: 'fault', fault: { kind: 'registry', state: random.pick(['down', 'slow', 'up'] as const) } },
  ],
  nodeTrouble: (random) => {
    const node = `node-${random.int(1, 3)}`
    const fault = random.pick<Fault>([
      { kind: 'runtime', node, state: 'stopped' },
      { kind: 'runtime', node, state: 'started' },
      { kind: 'cni', node, state: 'failing' },
      { kind: 'cni', node, state: 'working' },
      { kind: 'disk', node, state: 'low' },
      { kind: 'disk', node, state: 'freed' },
      { kind: 'memory', node, state: 'low' },
      { kind: 'memory', node, state: 'freed' },
      { kind: 'pids', node, state: 'low' },
      { kind: 'pids', node, state: 'freed' },
      { kind: 'node', node, state: 'shutdown' },
    ])
    return [{ op: 'fault', fault }]
  },
  partition: (random) => [
    {
      op: 'fault',
      fault: {
        kind: 'partition',
        node: `node-${random.int(1, 3)}`,
        state: random.pick(['from-control-plane', 'from-all', 'healed', 'healed'] as const),
      },
    },
  ],
  podSecurity: (random) => [
    line(
      `kubectl label namespace default pod-security.kubernetes.io/enforce=${random.pick(['privileged', 'baseline', 'restricted'])} --overwrite`,
    ),
  ],
  apiServer: (random) => [
    {
      op: 'fault',
      fault: { kind: 'component', component: 'kube-apiserver', state: random.pick(['stopped', 'started'] as const) },
    },
  ],
  debug: (random) => [
    line(`kubectl debug bare-${random.int(1, 3)} --image=busybox:1.36 -- sleep ${random.int(1, 30)}`),
  ],
  resize: (random) => [
    line(
      `kubectl patch pod bare-${random.int(1, 3)} --subresource=resize -p '{"spec":{"containers":[{"name":"bare-1","resources":{"requests":{"cpu":"${random.pick(['100m', '2', '9'])}"}}}]}}'`,
    ),
  ],
  component: (random) => [
    {
      op: 'fault',
      fault: {
        kind: 'component',
        component: random.pick(['kube-scheduler', 'kube-controller-manager'] as const),
        state: random.pick(['stopped', 'started'] as const),
      },
    },
  ],
  kill: (random) => [
    {
      op: 'fault',
      fault: { kind: 'pod', selector: `app=${random.pick(names)}`, act: random.pick(['kill', 'delete'] as const) },
    },
  ],
  ...workloadOperations,
  ...podOperations,
  ...serviceOperations,
  ...storageOperations,
}

function line(text: string): Command {
  return { op: 'kubectl', line: text }
}

/** The steps of a seed: about half of the operations, 10 to 30 times, within ten minutes. */
export function stepsOf(seed: string): SwarmStep[] {
  const random = createRandom(seed, 'swarm')
  const enabled = Object.values(operations).filter(() => random.next() < 0.5)
  const chosen = [operations.deploy, ...enabled]
  const steps: SwarmStep[] = []
  let atMs = 0
  for (let i = random.int(10, 30); i > 0; i--) {
    atMs += random.pick([50, 700, 3000, 20_000, 45_000])
    for (const command of random.pick(chosen)(random)) steps.push({ atMs, command })
  }
  return [...steps, ...etcdSteps(seed, atMs), ...staticPodsSteps(seed, atMs)].sort((a, b) => a.atMs - b.atMs)
}

/** What the seed's cluster has for a control plane. */
const controlPlaneOf = (seed: string): Pick<ClusterShape, 'controlPlane'> => {
  const staticPods = staticPodsShape(seed)
  return staticPods ? { controlPlane: staticPods } : etcdShape(createRandom(seed, 'etcd shape'))
}

/** Of etcd, where they can be stopped by themselves. */
const membersOf = (seed: string): number => {
  const { controlPlane } = controlPlaneOf(seed)
  return controlPlane?.staticPods ? 0 : (controlPlane?.members ?? 0)
}

/** What befalls a control plane of static Pods meanwhile. */
function staticPodsSteps(seed: string, lastMs: number): SwarmStep[] {
  const shape = staticPodsShape(seed)
  if (!shape) return []
  const random = createRandom(seed, 'static pods faults')
  return Array.from({ length: random.int(3, 10) }, () => ({
    atMs: random.int(0, lastMs),
    command: staticPodsCommand(random, shape),
  }))
}

/** What befalls the members of etcd meanwhile, where there are several. */
function etcdSteps(seed: string, lastMs: number): SwarmStep[] {
  const members = membersOf(seed)
  const random = createRandom(seed, 'etcd faults')
  if (members === 0) return []
  return Array.from({ length: random.int(4, 14) }, () => ({
    atMs: random.int(0, lastMs),
    command: { op: 'fault', fault: etcdFault(random, members) },
  }))
}

const serverMended: Command = {
  op: 'fault',
  fault: { kind: 'component', component: 'kube-apiserver', state: 'started' },
}
/** Informers try to connect again at least this often. What is changed and deleted before is replaced by what they knew. */
const reconnectMs = 60_000
const crashBackOffMs = 330_000

const repaired: Command[] = [
  line('kubectl label namespace default pod-security.kubernetes.io/enforce-'),
  ...[1, 2, 3].flatMap((n): Command[] => [
    { op: 'fault', fault: { kind: 'node', node: `node-${n}`, state: 'up' } },
    { op: 'fault', fault: { kind: 'kubelet', node: `node-${n}`, state: 'started' } },
    { op: 'fault', fault: { kind: 'partition', node: `node-${n}`, state: 'healed' } },
    { op: 'fault', fault: { kind: 'runtime', node: `node-${n}`, state: 'started' } },
    { op: 'fault', fault: { kind: 'cni', node: `node-${n}`, state: 'working' } },
    { op: 'fault', fault: { kind: 'disk', node: `node-${n}`, state: 'freed' } },
    { op: 'fault', fault: { kind: 'memory', node: `node-${n}`, state: 'freed' } },
    { op: 'fault', fault: { kind: 'pids', node: `node-${n}`, state: 'freed' } },
    line(`kubectl uncordon node-${n}`),
  ]),
  { op: 'fault', fault: { kind: 'registry', state: 'up' } },
  { op: 'fault', fault: { kind: 'component', component: 'kube-controller-manager', state: 'started' } },
  { op: 'fault', fault: { kind: 'component', component: 'kube-scheduler', state: 'started' } },
  // One of them may kill whatever runs on its node, again and again.
  line('kubectl delete pod -l app=lively --wait=false'),
  ...names.flatMap((name): Command[] => [
    line(`kubectl rollout resume deploy/${name}`),
    line(`kubectl set image deploy/${name} main=nginx:1.27`),
  ]),
  ...workloadsMended,
  ...servicesMended,
  ...storageMended,
]

/** Runs the steps; undefined when all is well. */
export function runSwarm(seed: string, steps: readonly SwarmStep[]): { problem: string; event: number } | undefined {
  const nodes = ['node-1', 'node-2', 'node-3'].map((name) => ({
    name,
    cpu: '4',
    memory: '8Gi',
    maxPids: 400,
    podPidsLimit: 80,
    evictionHard: { 'pid.available': '15%' },
  }))
  const network = networkShape(createRandom(seed, 'network shape'))
  const cluster: LiveCluster = createCluster({
    seed,
    shape: { nodes, absentImages: ['httpd:2.4'], ...network, ...controlPlaneOf(seed) },
    strict: true,
    limits: { events: 2_000_000 },
  })
  const fail = (problem: string) => ({
    problem: `${problem} (at ${(cluster.nowMs / 1000).toFixed(3)} s)`,
    event: cluster.eventsProcessed,
  })
  try {
    watchInvariants(cluster)
    for (const { atMs, command } of steps) {
      if (atMs > cluster.nowMs) cluster.advance(atMs - cluster.nowMs)
      cluster.execute(command)
    }
    const members = membersOf(seed)
    const staticPods = staticPodsShape(seed)
    const hadOutage =
      members > 0 ||
      staticPods !== undefined ||
      steps.some(({ command }) => command.op === 'fault' && command.fault.kind === 'component')
    cluster.execute(serverMended)
    for (const command of etcdMended(members)) cluster.execute(command)
    if (staticPods) {
      for (const command of staticPodsMended(staticPods)) cluster.execute(command)
      // Until the longest back-off of a container is over.
      cluster.advance(crashBackOffMs)
    }
    if (hadOutage) cluster.advance(reconnectMs)
    for (const command of repaired) cluster.execute(command)
    if (hadOutage) {
      cluster.advance(expectationsMs)
      cluster.execute(nudge)
    }
    cluster.advance(convergeMs)
    const [problem] = [
      ...convergenceProblems(cluster),
      ...serviceProblems(cluster, network.cloudProvider ?? false),
      ...storageProblems(cluster),
      ...(staticPods ? staticPodsProblems(cluster, staticPods) : []),
    ]
    return problem ? fail(problem) : undefined
  } catch (error) {
    if (error instanceof Broken || error instanceof BudgetError) return fail(error.message)
    return fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

/** Runs a seed; a failure is shrunk to the steps that are enough for it. */
export function trySeed(seed: string): SwarmFailure | undefined {
  let steps = stepsOf(seed)
  let failure = runSwarm(seed, steps)
  if (!failure) return undefined
  const kindOf = (problem: string) => problem.replace(/[0-9a-z-]*\d[0-9a-z-.]*/g, '#').slice(0, 60)
  for (let i = steps.length - 1; i >= 0; i--) {
    const fewer = steps.filter((_, index) => index !== i)
    const again = runSwarm(seed, fewer)
    if (!again || kindOf(again.problem) !== kindOf(failure.problem)) continue
    steps = fewer
    failure = again
  }
  return { seed, ...failure, steps }
}
