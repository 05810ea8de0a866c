/** Labs on worker threads, with limits on time and memory. The thread that answers requests never simulates. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { msg } from '../i18n/translate.ts'
import { FairQueue } from './fair-queue.ts'
import { LabRefusal, type Labs, type SimulatorFacts } from './types.ts'
import type { Assignment, Reply, Task } from './worker.ts'

/** A thread that has answered so lately needs no other proof that it lives. */
const latelyMs = 10_000
/** How long a task waits for a thread at most. */
const maxWaitMs = 30_000
const busy = msg('Many simulations are waiting. Try again in a few seconds.')

export interface PoolOptions {
  threads: number
  memoryMb: number
  timeoutMs: number
  /** Told when a thread ends for another reason than a limit: it cannot load, for one. */
  onError?: (error: unknown) => void
}

export function createWorkerLabs(options: PoolOptions): Labs {
  // Beside this file stands the built worker, or that of the sources with what loads TypeScript.
  const built = fileURLToPath(new URL('./worker.js', import.meta.url))
  const pool = new Piscina({
    filename: existsSync(built) ? built : fileURLToPath(new URL('./worker-from-source.mjs', import.meta.url)),
    execArgv: [],
    minThreads: options.threads,
    maxThreads: options.threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    maxQueue: 500,
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
  })
  pool.on('error', (error) => options.onError?.(error))
  const queue = new FairQueue()
  let facts: Promise<SimulatorFacts> | undefined
  let answeredMs = Number.NEGATIVE_INFINITY

  const run = async <T>(task: Task): Promise<T> => {
    const controller = new AbortController()
    const { port1, port2 } = new MessageChannel()
    // Computing time counts from the moment a thread takes the task up: waiting, and loading a new thread, are not its fault.
    let timer = setTimeout(() => controller.abort(), maxWaitMs)
    let hasStarted = false
    port1.once('message', () => {
      hasStarted = true
      clearTimeout(timer)
      timer = setTimeout(() => controller.abort(), options.timeoutMs)
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
      throw explain(error, hasStarted, options)
    } finally {
      clearTimeout(timer)
      port1.close()
    }
  }
  const queued = <T>(who: string, task: Task) => queue.run(who, () => run<T>(task))

  // The first task of a thread pays for loading the simulator: better now than when somebody waits.
  for (let thread = 0; thread < options.threads; thread++) run({ kind: 'warm' }).catch(() => {})

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
