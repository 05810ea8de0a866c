/**
 * Benchmarks: `npm run bench`, or `npm run bench -- boot grade` for some of them. Prints one JSON line a case: its figures,
 * the aim, and the ratio to it. Each case runs in a process of its own, so that none warms or fills the next.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../server/catalog/load.ts'
import { challengeRuns } from '../server/labs/tasks/runs.ts'
import { Workbench } from '../server/labs/tasks/work.ts'
import { createCluster, gradeChallenge, type LoggedCommand, replayCluster } from '../sim/index.ts'
import { benchApi } from './api-bench.ts'
import { benchPages } from './pages-bench.ts'
import { benchStart } from './start-bench.ts'
import { benchStorage } from './storage-bench.ts'
import { benchVitals } from './vitals-bench.ts'

/** What is read of the cluster's objects here. */
interface Deployment {
  status: { readyReplicas?: number }
}
interface Pod {
  spec: { nodeName?: string; containers: { image: string }[] }
}

interface Case {
  /** What `ms` (or the named figure) should be at most, on one core. */
  aim: Record<string, number>
  /** What its process may use, if more than usual. */
  heapMegabytes?: number
  run(): Promise<Record<string, number>> | Record<string, number>
}

const threeNodes = { nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, cpu: '8', memory: '32Gi' })) }

const deployment = (name: string, replicas: number, probes = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
${probes}`

const probes = `        readinessProbe: {httpGet: {port: 80}, periodSeconds: 5}
        livenessProbe: {httpGet: {port: 80}, periodSeconds: 10}
`

const threeProbes = (startup: string, readiness: string, liveness: string): string =>
  Object.entries({ startup, readiness, liveness })
    .map(([kind, handler]) => `        ${kind}Probe: ${handler}\n`)
    .join('')

interface Taken {
  /** Wall clock. */
  ms: number
  /** Processor time of the whole process: what other work on the machine does not change. */
  cpuMs: number
}

/** The median of several runs; the first ones warm up and do not count. `prepare` is not measured. */
function median<T>(times: number, act: (prepared: T) => void, prepare: () => T): Taken {
  const taken: Taken[] = []
  for (let i = -2; i < times; i++) {
    const prepared = prepare()
    const once = timed(() => act(prepared))
    if (i >= 0) taken.push(once)
  }
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
  return { ms: middle(taken.map(({ ms }) => ms)), cpuMs: middle(taken.map(({ cpuMs }) => cpuMs)) }
}

function timed(act: () => void): Taken {
  const before = process.cpuUsage()
  const start = performance.now()
  act()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return { ms, cpuMs: (user + system) / 1000 }
}

const nothing = (): undefined => undefined

/** `count` large nodes, named node-1 and on. */
const largeNodes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `node-${i + 1}`, cpu: '32', memory: '128Gi', pods: 110 }))

type BenchCluster = ReturnType<typeof createCluster>

const readyReplicas = (cluster: BenchCluster): number =>
  cluster
    .objects('deployments')
    .reduce((sum, object) => sum + ((object as Partial<Deployment>).status?.readyReplicas ?? 0), 0)

const podsOf = (cluster: BenchCluster): readonly Pod[] =>
  cluster.objects('pods', { namespace: 'default' }) as unknown as readonly Pod[]

/** Plays on in steps until it holds; throws when it does not within a virtual hour. */
function playUntil(cluster: BenchCluster, holds: () => boolean, stepMs = 100): void {
  const limitMs = cluster.nowMs + 3_600_000
  while (!holds()) {
    cluster.advance(stepMs)
    if (cluster.nowMs > limitMs)
      throw new Error(`not so after an hour: ${JSON.stringify(cluster.objects('deployments')[0])}`)
  }
}

/** From the apply until all replicas are ready; throws when they are not within a virtual hour. */
function deploy(replicas: number): Record<string, number> {
  const nodes = largeNodes(Math.max(3, Math.ceil(replicas / 100)))
  let virtualMs = 0
  let events = 0
  const manifest = deployment('web', replicas)
  const boot = () => createCluster({ seed: 'bench', shape: { nodes } })
  const once = (cluster: ReturnType<typeof boot>): void => {
    const before = cluster.eventsProcessed
    cluster.execute({ op: 'apply', manifest })
    playUntil(cluster, () => readyReplicas(cluster) === replicas)
    virtualMs = cluster.nowMs
    events = cluster.eventsProcessed - before
  }
  const cluster = replicas >= 5000 ? boot() : undefined
  const taken = cluster ? timed(() => once(cluster)) : median(replicas >= 500 ? 5 : 15, once, boot)
  return { ...taken, perPodMs: taken.cpuMs / replicas, virtualMs, events }
}

/**
 * A thousand Pods on a cluster of that many nodes, from the apply until the last is bound. Kubelets, controllers and proxies
 * take part: it is what a user of the simulator waits for.
 */
function schedule(nodeCount: number): Record<string, number> {
  const podCount = 1000
  const cluster = createCluster({ seed: 'bench', shape: { nodes: largeNodes(nodeCount) } })
  const startMs = cluster.nowMs
  const taken = timed(() => {
    cluster.execute({ op: 'apply', manifest: deployment('web', podCount) })
    playUntil(cluster, () => podsOf(cluster).filter(({ spec }) => spec.nodeName !== undefined).length === podCount)
  })
  return { ...taken, podsPerCpuSecond: podCount / (taken.cpuMs / 1000), virtualMs: cluster.nowMs - startMs }
}

/** 1,000 replicas brought to another image, from the `set image` until the last old Pod is gone. */
function rollout(): Record<string, number> {
  const replicas = 1000
  const cluster = createCluster({ seed: 'bench', shape: { nodes: largeNodes(20) } })
  cluster.execute({ op: 'apply', manifest: deployment('web', replicas) })
  playUntil(cluster, () => readyReplicas(cluster) === replicas)
  const startMs = cluster.nowMs
  const before = cluster.eventsProcessed
  const image = 'nginx:1.26'
  const isNew = ({ spec }: Pod): boolean => spec.containers[0].image === image
  const taken = timed(() => {
    cluster.execute({ op: 'kubectl', line: `kubectl set image deploy/web web=${image}` })
    playUntil(cluster, () => {
      const pods = podsOf(cluster)
      return pods.length === replicas && pods.every(isNew) && readyReplicas(cluster) === replicas
    })
  })
  return {
    ...taken,
    perPodMs: taken.cpuMs / replicas,
    virtualMs: cluster.nowMs - startMs,
    events: cluster.eventsProcessed - before,
  }
}

/** The largest cluster that Kubernetes supports: 5,000 nodes, 150,000 Pods. */
function largest(): Record<string, number> {
  let cluster: BenchCluster | undefined
  const boot = timed(() => {
    cluster = createCluster({ seed: 'bench', shape: { nodes: largeNodes(5000) } })
  })
  const live = cluster!
  const taken = timed(() => {
    for (let i = 0; i < 150; i++) live.execute({ op: 'apply', manifest: deployment(`web-${i}`, 1000) })
    playUntil(live, () => readyReplicas(live) === 150_000, 1000)
  })
  return {
    bootSeconds: boot.ms / 1000,
    seconds: taken.ms / 1000,
    cpuSeconds: taken.cpuMs / 1000,
    perPodMs: taken.cpuMs / 150_000,
    virtualSeconds: live.nowMs / 1000,
    events: live.eventsProcessed,
    megabytes: usedKilobytes() / 1024,
  }
}

/** A thousand clusters of a small application in one process, and what they cost while nobody looks. */
async function manySandboxes(): Promise<Record<string, number>> {
  const before = usedKilobytes()
  const sandboxes: BenchCluster[] = []
  const taken = timed(() => {
    for (let i = 0; i < 1000; i++) {
      const cluster = createCluster({ seed: `sandbox-${i}`, shape: threeNodes })
      cluster.execute({ op: 'apply', manifest: deployment('web', 3, probes) })
      cluster.advance(60_000)
      sandboxes.push(cluster)
    }
  })
  const megabytes = (usedKilobytes() - before) / 1024
  // What the making left to the garbage collector's threads is not theirs.
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const idleSince = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const { user, system } = process.cpuUsage(idleSince)
  return { ...taken, megabytes, idleCpuPercent: (user + system) / 1000 / 5000 / 0.01, sandboxes: sandboxes.length }
}

const cases: Record<string, Case> = {
  boot: {
    aim: { cpuMs: 2 },
    run: () => ({ ...median(21, () => createCluster({ seed: 'bench', shape: threeNodes }), nothing) }),
  },
  'replay-hour': {
    aim: { cpuMs: 200 },
    run() {
      const options = { seed: 'bench', shape: threeNodes }
      const log: LoggedCommand[] = []
      for (let minute = 0; minute < 60; minute += 5) {
        const line =
          minute % 10 === 0
            ? `kubectl set image deploy/web web=nginx:1.2${minute % 20 === 0 ? 6 : 7}`
            : `kubectl scale deploy/web --replicas=${4 + (minute % 3)}`
        log.push({
          atMs: minute * 60_000,
          command: minute === 0 ? { op: 'apply', manifest: deployment('web', 5, probes) } : { op: 'kubectl', line },
        })
      }
      return { ...median(3, () => replayCluster(options, log, 3_600_000), nothing) }
    },
  },
  'deployment-10': { aim: { cpuMs: 5 }, run: () => deploy(10) },
  'deployment-100': { aim: { cpuMs: 50 }, run: () => deploy(100) },
  'deployment-500': { aim: { cpuMs: 250 }, run: () => deploy(500) },
  'deployment-5000': { aim: { cpuMs: 3000 }, run: () => deploy(5000) },
  'rollout-1000': { aim: {}, run: rollout },
  'schedule-100': { aim: {}, run: () => schedule(100) },
  'schedule-1000': { aim: {}, run: () => schedule(1000) },
  'schedule-5000': { aim: {}, run: () => schedule(5000) },
  'cluster-5000': { aim: { seconds: 60 }, run: largest, heapMegabytes: 16_000 },
  'sandboxes-1000': { aim: { megabytes: 2048, idleCpuPercent: 1 }, run: manySandboxes, heapMegabytes: 4096 },
  api: {
    aim: {
      getPodsP95Ms: 5,
      pageP95With400WatchesMs: 50,
      fanOut200P50Ms: 50,
      rebuild1000CpuMs: 1000,
      sandboxMegabytes: 2,
    },
    run: benchApi,
    heapMegabytes: 2048,
  },
  pages: {
    aim: { firstVisitKB: 100, homeP95Ms: 50, workspaceP95Ms: 200, searchP95Ms: 50 },
    run: benchPages,
  },
  storage: {
    aim: { operations200: 1, cpuMs200: 0.3, p95Ms200: 50, startMs10000: 50 },
    run: benchStorage,
  },
  start: {
    aim: { cpuMs: 1000 },
    run: benchStart,
  },
  vitals: {
    aim: { firstVisitKB: 150, lcpMs: 1000, cls: 0.01, inpMs: 200 },
    run: benchVitals,
  },
  grade: {
    aim: { cpuMs: 10 },
    async run() {
      const { catalog } = await loadCatalog('content')
      const figures: Record<string, number> = {}
      const all: number[] = []
      for (const challenge of catalog.challenges.values()) {
        const [solution] = await challengeRuns('content', challenge.id, 'solutions')
        const log = solution.logFor(challenge.spec, 'bench')
        const act = (): void => {
          const { score, maxScore } = gradeChallenge(challenge.spec, { log }, 'bench', challenge.hash)
          if (score !== maxScore) throw new Error(`${challenge.id}: a solution scored ${score} of ${maxScore}`)
        }
        const { cpuMs } = median(7, act, nothing)
        figures[challenge.id] = cpuMs
        all.push(cpuMs)
      }
      return { cpuMs: all.sort((a, b) => a - b)[Math.floor(all.length / 2)], ...figures }
    },
  },
  act: {
    aim: { p50CpuMs: 20 },
    async run() {
      const { catalog } = await loadCatalog('content')
      const [kept, rebuilt] = [[], []] as [number[], number[]]
      for (const { id, hash, spec } of catalog.challenges.values()) {
        const [solution] = await challengeRuns('content', id, 'solutions')
        const log = solution.logFor(spec, 'bench').map(({ atMs, command }) => ({ atMs, command }))
        const bench = new Workbench()
        const request = { spec, contentHash: hash, seed: 'bench' }
        for (const [n, { atMs, command }] of log.entries()) {
          const act = (on: Workbench): number =>
            timed(() =>
              on.work({ ...request, log: log.slice(0, n), clockMs: atMs, action: { do: 'command', command } }),
            ).cpuMs
          // The first one builds it.
          if (n === 0) act(bench)
          else kept.push(act(bench))
          rebuilt.push(act(new Workbench()))
        }
        const last = log.at(-1)!.atMs
        const look = (on: Workbench): number =>
          timed(() => on.work({ ...request, log, clockMs: last, action: { do: 'look' } })).cpuMs
        kept.push(look(bench))
        rebuilt.push(look(new Workbench()))
      }
      const share = (values: number[], part: number): number =>
        values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]
      return {
        acts: kept.length,
        ...{ p50CpuMs: share(kept, 0.5), p95CpuMs: share(kept, 0.95) },
        ...{ p50RebuiltCpuMs: share(rebuilt, 0.5), p95RebuiltCpuMs: share(rebuilt, 0.95) },
      }
    },
  },
  day: {
    aim: { cpuMs: 2000 },
    run() {
      let events = 0
      const taken = timed(() => {
        const cluster = createCluster({ seed: 'bench', shape: threeNodes })
        cluster.execute({ op: 'apply', manifest: deployment('web', 10, probes) })
        cluster.advance(24 * 3_600_000)
        events = cluster.eventsProcessed
      })
      return { ...taken, events }
    },
  },
  probes: {
    aim: { cpuMs: 5500 },
    run() {
      const http = '{httpGet: {port: 80}}'
      const exec = '{exec: {command: [cat, /etc/nginx/nginx.conf]}}'
      const cluster = createCluster({ seed: 'bench', shape: { nodes: largeNodes(10) } })
      cluster.execute({ op: 'apply', manifest: deployment('one', 500, threeProbes(http, exec, http)) })
      cluster.execute({ op: 'apply', manifest: deployment('other', 500, threeProbes(exec, http, exec)) })
      cluster.advance(120_000)
      if (readyReplicas(cluster) !== 1000) throw new Error(`${readyReplicas(cluster)} of 1000 are ready`)
      const before = cluster.eventsProcessed
      const taken = timed(() => cluster.advance(3_600_000))
      // Two probes a Pod go on once it has started, each in its period of ten seconds.
      const probesDone = 1000 * 2 * 360
      const restarts = cluster.objects('pods').flatMap(restartsOf)
      if (restarts.some((count) => count > 0)) throw new Error('a probe failed')
      return { ...taken, perProbeUs: (taken.cpuMs * 1000) / probesDone, events: cluster.eventsProcessed - before }
    },
  },
  'sandbox-memory': {
    aim: { kilobytesEach: 2048 },
    run() {
      const count = 100
      const sandboxes = []
      const before = usedKilobytes()
      for (let i = 0; i < count; i++) {
        const cluster = createCluster({ seed: `sandbox-${i}`, shape: threeNodes })
        cluster.execute({ op: 'apply', manifest: deployment('web', 3, probes) })
        cluster.advance(60_000)
        sandboxes.push(cluster)
      }
      const kilobytesEach = (usedKilobytes() - before) / count
      return { kilobytesEach, sandboxes: sandboxes.length }
    },
  },
}

const restartsOf = (pod: object): number[] =>
  (pod as { status: { containerStatuses?: { restartCount: number }[] } }).status.containerStatuses?.map(
    ({ restartCount }) => restartCount,
  ) ?? []

function usedKilobytes(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed / 1024
}

/** Classes and workshops on the built server: programs of their own with options of their own, minutes long, so that each is run when it is named. */
const loads = ['load', 'soak', 'workshop', 'exam', 'scale']

const [flag, name] = process.argv.slice(2)
if (flag !== undefined && loads.includes(flag)) {
  const { status } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      ['workshop', 'exam', 'scale'].includes(flag) ? `scripts/${flag}-bench.ts` : 'scripts/load-bench.ts',
      ...process.argv.slice(2),
    ],
    {
      stdio: 'inherit',
    },
  )
  process.exitCode = status ?? 1
} else if (flag === '--case') {
  const { aim, run } = cases[name]
  const figures = await run()
  const ratios = Object.fromEntries(
    Object.entries(aim).map(([figure, most]) => [figure, round(figures[figure] / most)]),
  )
  const rounded = Object.fromEntries(Object.entries(figures).map(([figure, value]) => [figure, round(value)]))
  console.log(JSON.stringify({ case: name, ...rounded, aim, ratioToAim: ratios }))
} else {
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((wantedName) => !cases[wantedName])
  if (unknown.length > 0) {
    console.error(`no case ${unknown.join(', ')}; there are ${[...Object.keys(cases), ...loads].join(', ')}`)
    process.exit(2)
  }
  let failures = 0
  for (const caseName of wanted.length > 0 ? wanted : Object.keys(cases)) {
    const heap = cases[caseName].heapMegabytes
    const args = [
      '--expose-gc',
      ...(heap ? [`--max-old-space-size=${heap}`] : []),
      fileURLToPath(import.meta.url),
      '--case',
      caseName,
    ]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) {
      failures++
      console.log(JSON.stringify({ case: caseName, error: `ended with status ${status}` }))
    }
  }
  process.exitCode = failures > 0 ? 1 : 0
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}
