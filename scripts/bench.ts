/**
 * Benchmarks: `npm run bench`, or `npm run bench -- boot grade` for some of them. Prints one JSON line a case: its figures,
 * the aim, and the ratio to it. Each case runs in a process of its own, so that none warms or fills the next.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { loadCatalog } from '../server/catalog/load.ts'
import { challengeRuns } from '../server/labs/proofs/runs.ts'
import { createCluster, gradeChallenge, type LoggedCommand, replayCluster } from '../sim/index.ts'

interface Case {
  /** What `ms` (or the named figure) should be at most, on one core. */
  aim: Record<string, number>
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

/** The median of several runs, in milliseconds; the first warms up and does not count. */
function median(times: number, act: () => void): number {
  const taken: number[] = []
  for (let i = 0; i <= times; i++) {
    const start = performance.now()
    act()
    if (i > 0) taken.push(performance.now() - start)
  }
  return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)]
}

/** Until all replicas are ready; throws when they are not within a virtual hour. */
function deploy(replicas: number): Record<string, number> {
  const nodeCount = Math.max(3, Math.ceil(replicas / 100))
  const nodes = Array.from({ length: nodeCount }, (_, i) => ({
    name: `node-${i + 1}`,
    cpu: '32',
    memory: '128Gi',
    pods: 110,
  }))
  let virtualMs = 0
  let events = 0
  const once = (): void => {
    const cluster = createCluster({ seed: 'bench', shape: { nodes } })
    const before = cluster.eventsProcessed
    cluster.execute({ op: 'apply', manifest: deployment('web', replicas) })
    const isReady = () =>
      (cluster.objects('deployments')[0] as { status?: { readyReplicas?: number } }).status?.readyReplicas === replicas
    while (!isReady()) {
      cluster.advance(100)
      if (cluster.nowMs > 3_600_000)
        throw new Error(`not ready after an hour: ${JSON.stringify(cluster.objects('deployments')[0])}`)
    }
    virtualMs = cluster.nowMs
    events = cluster.eventsProcessed - before
  }
  const ms = replicas >= 5000 ? timed(once) : median(replicas >= 500 ? 3 : 7, once)
  return { ms, perPodMs: ms / replicas, virtualMs, events }
}

function timed(act: () => void): number {
  const start = performance.now()
  act()
  return performance.now() - start
}

const cases: Record<string, Case> = {
  boot: {
    aim: { ms: 2 },
    run: () => ({ ms: median(21, () => createCluster({ seed: 'bench', shape: threeNodes })) }),
  },
  'replay-hour': {
    aim: { ms: 200 },
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
      return { ms: median(3, () => replayCluster(options, log, 3_600_000)) }
    },
  },
  'deployment-10': { aim: { ms: 5 }, run: () => deploy(10) },
  'deployment-100': { aim: { ms: 50 }, run: () => deploy(100) },
  'deployment-500': { aim: { ms: 250 }, run: () => deploy(500) },
  'deployment-5000': { aim: { ms: 3000 }, run: () => deploy(5000) },
  grade: {
    aim: { ms: 10 },
    async run() {
      const { catalog } = await loadCatalog('content')
      const figures: Record<string, number> = {}
      const all: number[] = []
      for (const challenge of catalog.challenges.values()) {
        const [solution] = await challengeRuns('content', challenge.id, 'solutions')
        const log = solution.logFor(challenge.spec, 'bench')
        const ms = median(5, () => {
          const { score, maxScore } = gradeChallenge(challenge.spec, { log }, 'bench', challenge.hash)
          if (score !== maxScore) throw new Error(`${challenge.id}: a solution scored ${score} of ${maxScore}`)
        })
        figures[challenge.id] = ms
        all.push(ms)
      }
      return { ms: all.sort((a, b) => a - b)[Math.floor(all.length / 2)], ...figures }
    },
  },
  day: {
    aim: { ms: 2000 },
    run() {
      let events = 0
      const ms = timed(() => {
        const cluster = createCluster({ seed: 'bench', shape: threeNodes })
        cluster.execute({ op: 'apply', manifest: deployment('web', 10, probes) })
        cluster.advance(24 * 3_600_000)
        events = cluster.eventsProcessed
      })
      return { ms, events }
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

function usedKilobytes(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed / 1024
}

const [flag, name] = process.argv.slice(2)
if (flag === '--case') {
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
    console.error(`no case ${unknown.join(', ')}; there are ${Object.keys(cases).join(', ')}`)
    process.exit(2)
  }
  let failures = 0
  for (const caseName of wanted.length > 0 ? wanted : Object.keys(cases)) {
    const args = ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), '--case', caseName]
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
