/** Labs on worker threads, with limits on time and memory. The thread that answers requests never simulates. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { FairQueue } from './fair-queue.ts'
import { LabRefusal, type Labs } from './types.ts'
import type { Reply, Task } from './worker.ts'

export interface PoolOptions {
  threads: number
  memoryMb: number
  timeoutMs: number
}

export function createWorkerLabs(options: PoolOptions): Labs {
  const source = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const isSource = existsSync(source)
  const pool = new Piscina({
    filename: isSource ? source : fileURLToPath(new URL('./worker.js', import.meta.url)),
    execArgv: isSource ? ['--import', 'tsx'] : [],
    minThreads: options.threads,
    maxThreads: options.threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    maxQueue: 500,
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
  })
  const queue = new FairQueue()

  const run = async <T>(task: Task): Promise<T> => {
    let reply: Reply
    try {
      reply = await pool.run(task, { signal: AbortSignal.timeout(options.timeoutMs) })
    } catch (error) {
      throw explain(error, options)
    }
    if ('refused' in reply) throw new LabRefusal(reply.refused.status, reply.refused.message)
    return reply.ok as T
  }
  const queued = <T>(who: string, task: Task) => queue.run(who, () => run<T>(task))

  // The first task of a thread pays for loading the simulator: better now than when somebody waits.
  for (let thread = 0; thread < options.threads; thread++) pool.run({ kind: 'warm' } satisfies Task).catch(() => {})

  return {
    runDemo: (who, request) => queued(who, { kind: 'demo', request }),
    work: (who, request) => queued(who, { kind: 'work', request }),
    grade: (who, request) => queued(who, { kind: 'grade', request }),
    predict: (who, request) => queued(who, { kind: 'predict', request }),
    about: () => run({ kind: 'about' }),
    close: () => pool.destroy(),
  }
}

function explain(error: unknown, options: PoolOptions): unknown {
  if (!(error instanceof Error)) return error
  const code = (error as NodeJS.ErrnoException).code
  if (error.name === 'AbortError')
    return new LabRefusal(
      422,
      `The run was stopped: it took longer than ${options.timeoutMs / 1000} s of computing time.`,
    )
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new LabRefusal(422, `The run was stopped: it needed more than ${options.memoryMb} MB of memory.`)
  if (/queue is at limit/i.test(error.message))
    return new LabRefusal(503, 'Many simulations are waiting. Try again in a few seconds.')
  return error
}
