/** Labs on worker threads, with limits on time and memory. The thread that answers requests never simulates. */
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { msg } from '../i18n/translate.ts'
import { answerableFor, currentCaller } from '../request-caller.ts'
import { watchThreadTime } from '../thread-time.ts'
import { threadEntry } from '../threads.ts'
import { FairQueue } from './fair-queue.ts'
import { Quarantine } from './quarantine.ts'
import { LabRefusal, type Labs, type SimulatorFacts } from './types.ts'
import type { Assignment, Reply, Task } from './worker.ts'

/** How long a task waits for its turn at most, and then for a thread that is still loading. */
const maxWaitMs = 30_000
/** A thread that has answered so lately needs no other proof that it lives. */
const latelyMs = 10_000
/** A task is stopped by the wall clock after so many times the computing time that it may take: on a busy machine it gets a part of a core. */
const wallPerCpu = 6
/** Besides: for who is in quarantine, and in place of one that was stopped until another has loaded. */
const spareThreads = 1
/** A class behind one address has two hundred. */
const mostWaiting = { learner: 5, address: 250, all: 500 }
const busy = msg('Many simulations are waiting. Try again in a few seconds.')

export interface PoolOptions {
  threads: number
  memoryMb: number
  /** Computing time that a task may take. Work budgets stop it long before. */
  timeoutMs: number
  /** Told when a thread ends for another reason than a limit: it cannot load, for one. */
  onError?: (error: unknown) => void
}

export function createWorkerLabs(options: PoolOptions): Labs {
  const threads = options.threads + spareThreads
  const pool = new Piscina({
    filename: threadEntry(import.meta.url, './worker'),
    execArgv: [],
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    maxQueue: 500,
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
  })
  pool.on('error', (error) => options.onError?.(error))
  const queue = new FairQueue({
    together: options.threads,
    quarantined: spareThreads,
    waiting: mostWaiting,
    waitMs: maxWaitMs,
  })
  const quarantine = new Quarantine()
  let facts: Promise<SimulatorFacts> | undefined
  let answeredMs = Number.NEGATIVE_INFINITY

  /** @param lost told when the task has cost its thread */
  const run = async <T>(task: Task, lost: () => void = () => undefined): Promise<T> => {
    const controller = new AbortController()
    const { port1, port2 } = new MessageChannel()
    // Computing time counts from the moment a thread takes the task up: waiting, and loading a new thread, are not its fault.
    const timer = setTimeout(() => controller.abort(), maxWaitMs)
    let stopWatch: (() => void) | undefined
    port1.once('message', (thread: number) => {
      clearTimeout(timer)
      const limits = { cpuMs: options.timeoutMs, wallMs: wallPerCpu * options.timeoutMs }
      stopWatch = watchThreadTime(thread, limits, () => controller.abort())
    })
    try {
      const reply: Reply = await pool.run({ task, started: port2 } satisfies Assignment, {
        signal: controller.signal,
        transferList: [port2],
      })
      answeredMs = performance.now()
      if ('refused' in reply) throw new LabRefusal(reply.refused.status, reply.refused.text, reply.refused.values)
      return reply.ok as T
    } catch (error) {
      const hasStarted = stopWatch !== undefined
      if (hasStarted && isLossOfThread(error)) lost()
      throw explain(error, hasStarted, options)
    } finally {
      clearTimeout(timer)
      stopWatch?.()
      port1.close()
    }
  }
  const queued = async <T>(learner: string, task: Task): Promise<T> => {
    const caller = currentCaller() ?? { address: learner }
    const who = answerableFor(caller)
    quarantine.check(who)
    return queue.run(
      { address: caller.address, learner },
      () => run<T>(task, () => quarantine.note(who)),
      quarantine.holds(who),
    )
  }

  // The first task of a thread pays for loading the simulator: better now than when somebody waits.
  for (let thread = 0; thread < threads; thread++) run({ kind: 'warm' }).catch(() => {})

  return {
    runDemo: (who, request) => queued(who, { kind: 'demo', request }),
    work: (who, request) => queued(who, { kind: 'work', request }),
    grade: (who, request) => queued(who, { kind: 'grade', request }),
    moment: (who, request) => queued(who, { kind: 'moment', request }),
    solutions: (who, request) => queued(who, { kind: 'solutions', request }),
    outcome: (who, request) => queued(who, { kind: 'outcome', request }),
    predict: (who, request) => queued(who, { kind: 'predict', request }),
    judgeFix: (who, request) => queued(who, { kind: 'fix', request }),
    lint: (who, text) => queued(who, { kind: 'lint', text }),
    outline: (who, type) => queued(who, { kind: 'outline', type }),
    explorePod: (who, request) => queued(who, { kind: 'explore', request }),
    readScenario: (who, text) => queued(who, { kind: 'read-scenario', text }),
    writeScenario: (who, plan) => queued(who, { kind: 'write-scenario', plan }),
    about: () => {
      // It cannot change while the process lives. A failure is not kept.
      facts ??= run<SimulatorFacts>({ kind: 'about' }).catch((error) => {
        facts = undefined
        throw error
      })
      return facts
    },
    healthy: async () => {
      if (pool.threads.length === 0) throw new Error('no worker thread lives')
      if (performance.now() - answeredMs > latelyMs) await run({ kind: 'warm' })
    },
    close: () => pool.destroy(),
  }
}

const isLossOfThread = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')

function explain(error: unknown, hasStarted: boolean, options: PoolOptions): unknown {
  if (!(error instanceof Error)) return error
  const code = (error as NodeJS.ErrnoException).code
  if (error.name === 'AbortError' && !hasStarted) return new LabRefusal(503, busy)
  if (error.name === 'AbortError')
    return new LabRefusal(422, msg('The run was stopped: it took longer than {seconds} s of computing time.'), {
      seconds: options.timeoutMs / 1000,
    })
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new LabRefusal(422, msg('The run was stopped: it needed more than {mb} MB of memory.'), {
      mb: options.memoryMb,
    })
  if (/queue is at limit/i.test(error.message)) return new LabRefusal(503, busy)
  return error
}
