/**
 * What an operator watches, for Prometheus. Every label has few values, which the program names: nothing that a visitor sends becomes one.
 * Loaded only where METRICS_PORT is set.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { buildId } from '../build-id.ts'
import { livingProcesses } from '../child-processes.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import type { WorkerLabs } from '../labs/tasks/pool.ts'
import type { Labs } from '../labs/types.ts'
import type { Readiness } from '../readiness.ts'
import type { Job, Jobs } from '../storage/jobs.ts'
import type { Storage } from '../storage/types.ts'
import { countedLabs } from './labs.ts'
import { observeRequests, type RequestMetrics } from './requests.ts'

export interface Metrics extends RequestMetrics {
  /** The same labs, whose runs are counted. */
  counted(labs: Labs): Labs
  /** From now on a scrape tells of these as well. */
  observe(parts: Observed): void
  readonly contentType: string
  /** What Prometheus reads. Whatever cannot be told is left out: a scrape comes back also while storage is away. */
  text(): Promise<string>
}

export interface Observed {
  labs: Pick<WorkerLabs, 'about' | 'load'>
  sandboxes: Pick<Sandboxes, 'live'>
  storage: Pick<Storage, 'gradingsOwed' | 'webhooksOwed'>
  readiness: Readiness
  now: () => number
  /** How long a scrape waits for storage. */
  patienceMs?: number
}

const usualPatienceMs = 2000

export function createMetrics(): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const build = new Gauge({
    ...{
      name: 'podium_build_info',
      help: 'Always 1: the build, the engine of the simulator and the version of Node.js.',
    },
    ...{ labelNames: ['build', 'engine', 'node'] as const, registers: [register] },
  })
  const buildName = buildId ?? 'sources'
  build.set({ build: buildName, engine: 'unknown', node: process.version }, 1)
  new Gauge({
    ...{ name: 'podium_child_processes', help: 'Child processes that live, by what they do.' },
    ...{ labelNames: ['kind'] as const, registers: [register] },
    collect() {
      this.reset()
      for (const kind of livingProcesses()) this.inc({ kind })
    },
  })
  return {
    ...observeRequests(register),
    counted: (labs) => countedLabs(labs, register),
    observe(parts) {
      observeQueues(register, parts)
      observeSandboxes(register, parts)
      observeReadiness(register, parts)
      // It asks a worker once, as soon as one has loaded.
      parts.labs.about().then(
        ({ engineVersion }) => {
          build.reset()
          build.set({ build: buildName, engine: engineVersion, node: process.version }, 1)
        },
        () => undefined,
      )
    },
    contentType: register.contentType,
    text: () => register.metrics(),
  }
}

function observeQueues(register: Registry, { labs, storage, now, patienceMs = usualPatienceMs }: Observed): void {
  const registers = [register]
  new Gauge({
    ...{ name: 'podium_simulations_waiting', help: 'Runs that wait for a worker process.', registers },
    collect() {
      this.set(labs.load().waiting)
    },
  })
  new Gauge({
    ...{ name: 'podium_simulations_running', help: 'Runs that a worker process computes.', registers },
    collect() {
      this.set(labs.load().running)
    },
  })
  const unanswered = new Counter({
    ...{ name: 'podium_jobs_unanswered_total', help: 'Times that storage did not tell its jobs in time.', registers },
  })
  const kinds: [string, Pick<Jobs<unknown>, 'list'>][] = [
    ['grading', storage.gradingsOwed],
    ['webhook', storage.webhooksOwed],
  ]
  const look = together(() =>
    Promise.all(
      kinds.map(async ([kind, jobs]) => {
        const told = await within(jobs.list(), patienceMs)
        if (!told) unanswered.inc()
        return [kind, told] as const
      }),
    ),
  )
  const perKind = (name: string, help: string, of: (jobs: Job<unknown>[]) => number): void => {
    new Gauge({
      ...{ name, help, labelNames: ['kind'] as const, registers },
      async collect() {
        const told = await look()
        this.reset()
        for (const [kind, jobs] of told) {
          if (jobs) this.set({ kind }, of(jobs))
        }
      },
    })
  }
  const owed = (jobs: Job<unknown>[]) => jobs.filter(({ failed }) => !failed)
  perKind('podium_jobs_owed', 'Jobs that are kept until they are done.', (jobs) => owed(jobs).length)
  perKind('podium_jobs_failed', 'Jobs that nobody tries any more.', (jobs) => jobs.length - owed(jobs).length)
  perKind('podium_jobs_oldest_seconds', 'Age of the oldest job that is owed; 0 when none is.', (jobs) =>
    Math.max(0, ...owed(jobs).map(({ createdAtMs }) => (now() - createdAtMs) / 1000)),
  )
}

function observeSandboxes(register: Registry, { sandboxes }: Observed): void {
  new Gauge({
    ...{ name: 'podium_sandboxes_live', help: 'Sandboxes that a process has in memory.', registers: [register] },
    collect() {
      this.set(sandboxes.live())
    },
  })
}

function observeReadiness(register: Registry, { readiness }: Observed): void {
  const registers = [register]
  const look = together(() => readiness.problems())
  new Gauge({
    ...{ name: 'podium_not_ready', help: '1 for each part for which /readyz answers 503.' },
    ...{ labelNames: ['part'] as const, registers },
    async collect() {
      const problems = await look()
      this.reset()
      for (const part of problems) this.set({ part }, 1)
    },
  })
  new Gauge({
    ...{ name: 'podium_ready', help: 'Whether /readyz answers 200.', registers },
    async collect() {
      this.set((await look()).length === 0 ? 1 : 0)
    },
  })
}

/** One look for all who ask while it is under way: a scrape asks all gauges at once. */
function together<T>(look: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= look().finally(() => {
      running = undefined
    })
    return running
  }
}

/** Undefined when it failed, or takes longer. */
async function within<T>(work: Promise<T>, patienceMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs)
  })
  try {
    return await Promise.race([work.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
