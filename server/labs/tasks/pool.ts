/** Labs in processes of their own, with limits on time and memory. The process that answers requests never simulates. */
import { processEntry } from '../../child-processes.ts'
import { msg } from '../../i18n/translate.ts'
import { type OverdueBy, watchProcessTime } from '../../process-time.ts'
import { answerableFor, currentCaller } from '../../request-caller.ts'
import { Quarantine } from '../quarantine.ts'
import { LabOutOfMemory, LabRefusal, type Labs, LabTimeout, type SimulatorFacts } from '../types.ts'
import { FairQueue } from './fair-queue.ts'
import type { Task } from './lab-process.ts'
import { WorkerLost, WorkerPool } from './worker-pool.ts'

/** How long a task waits for its turn at most, and then for a process that is still loading. */
const maxWaitMs = 30_000
/** A process that has answered so lately needs no other proof that it lives. */
const latelyMs = 10_000
/** A task is stopped by the wall clock after so many times the computing time that it may take: on a busy machine it gets a part of a core. */
const wallPerCpu = 6
/** Besides: for who is in quarantine, for gradings meanwhile, and in place of one that was stopped until another has loaded. */
const spareProcesses = 1
/** A class behind one address has two hundred. */
const mostWaiting = { learner: 5, address: 250, all: 500 }
const busy = msg('Many simulations are waiting. Try again in a few seconds.')
const starved = msg('The run was stopped: this server is so busy that the run got no time to compute. Try again.')

export interface PoolOptions {
  processes: number
  memoryMb: number
  /** Computing time that a task may take. Work budgets stop it long before. */
  timeoutMs: number
  /** Told when a process ends for another reason than a limit: it cannot load, for one. */
  onError?: (error: unknown) => void
}

export interface WorkerLabs extends Labs {
  /** Runs that wait for a process, and that one computes. */
  load(): { waiting: number; running: number }
}

export function createWorkerLabs(options: PoolOptions): WorkerLabs {
  const pool = new WorkerPool({
    entry: processEntry(import.meta.url, './lab-process'),
    processes: options.processes + spareProcesses,
    memoryMb: options.memoryMb,
    onError: (error) => options.onError?.(error),
  })
  const queue = new FairQueue({
    together: options.processes,
    spare: spareProcesses,
    waiting: mostWaiting,
    waitMs: maxWaitMs,
  })
  const quarantine = new Quarantine()
  let facts: Promise<SimulatorFacts> | undefined
  let answeredMs = Number.NEGATIVE_INFINITY

  /** @param lost told when the task has cost its process */
  const run = async <T>(task: Task, lost: () => void = () => undefined, whose?: string): Promise<T> => {
    const controller = new AbortController()
    // Computing time counts from the moment a process takes the task up: waiting, and loading a new one, are not its fault.
    const timer = setTimeout(() => controller.abort(), maxWaitMs)
    const timeoutMs = options.timeoutMs * runsOf(task)
    let stopWatch: (() => void) | undefined
    let stoppedBy: OverdueBy | undefined
    try {
      const begun = (pid: number): void => {
        clearTimeout(timer)
        const limits = { cpuMs: timeoutMs, wallMs: wallPerCpu * timeoutMs }
        stopWatch = watchProcessTime(pid, limits, (by) => {
          stoppedBy = by
          controller.abort()
        })
      }
      const reply = await pool.run(task, controller.signal, begun, whose)
      answeredMs = performance.now()
      if ('refused' in reply) throw new LabRefusal(reply.refused.status, reply.refused.text, reply.refused.values)
      if ('failed' in reply) throw new Error(reply.failed)
      return reply.ok as T
    } catch (error) {
      const hasStarted = stopWatch !== undefined
      if (hasStarted && isLossOfProcess(error)) lost()
      throw explain(error, hasStarted, stoppedBy, { ...options, timeoutMs })
    } finally {
      clearTimeout(timer)
      stopWatch?.()
    }
  }
  const queued = async <T>(learner: string, task: Task): Promise<T> => {
    const caller = currentCaller() ?? { address: learner }
    const who = answerableFor(caller)
    quarantine.check(who)
    return queue.run(
      { address: caller.address, learner },
      () => run<T>(task, () => quarantine.note(who), learner),
      // A grading is owed, and there are many at once when an exam ends.
      { isQuarantined: quarantine.holds(who), mayUseSpare: task.kind === 'grade' },
    )
  }

  return {
    runDemo: (who, request) => queued(who, { kind: 'demo', request }),
    work: (who, request) => queued(who, { kind: 'work', request }),
    grade: (who, request) => queued(who, { kind: 'grade', request }),
    moment: (who, request) => queued(who, { kind: 'moment', request }),
    film: (who, request) => queued(who, { kind: 'film', request }),
    solutions: (who, request) => queued(who, { kind: 'solutions', request }),
    world: (who, request) => queued(who, { kind: 'world', request }),
    divergence: (who, request) => queued(who, { kind: 'divergence', request }),
    recoveries: (who, request) => queued(who, { kind: 'recoveries', request }),
    standings: (who, request) => queued(who, { kind: 'standings', request }),
    behaviour: (who, request) => queued(who, { kind: 'behaviour', request }),
    outcome: (who, request) => queued(who, { kind: 'outcome', request }),
    predict: (who, request) => queued(who, { kind: 'predict', request }),
    judgeFix: (who, request) => queued(who, { kind: 'fix', request }),
    judgeTyped: (who, request) => queued(who, { kind: 'typed', request }),
    lint: (who, text) => queued(who, { kind: 'lint', text }),
    outline: (who, type) => queued(who, { kind: 'outline', type }),
    explorePod: (who, request) => queued(who, { kind: 'explore', request }),
    stage: (who, request) => queued(who, { kind: 'stage', request }),
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
      if (pool.living === 0) throw new Error('no worker process lives')
      if (performance.now() - answeredMs > latelyMs) await run({ kind: 'warm' })
    },
    load: () => queue.load,
    close: () => pool.close(),
  }
}

/** A grade runs the learner's work once for all checks of the cluster as it was left, and once for each list of what others do then. */
function runsOf(task: Task): number {
  if (task.kind !== 'grade') return 1
  const own = task.request.spec.checks.filter(({ given, afterwards }) => given ?? afterwards)
  return 1 + new Set(own.map(({ given, afterwards }) => JSON.stringify([given, afterwards]))).size
}

const isAborted = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

const isLossOfProcess = (error: unknown): boolean => isAborted(error) || error instanceof WorkerLost

function explain(error: unknown, hasStarted: boolean, stoppedBy: OverdueBy | undefined, options: PoolOptions): unknown {
  if (isAborted(error) && !hasStarted) return new LabRefusal(503, busy)
  // Others had the processor: no word against what was asked for, which may be asked for again.
  if (isAborted(error) && stoppedBy === 'wall') return new LabRefusal(503, starved)
  if (isAborted(error))
    return new LabTimeout(422, msg('The run was stopped: it took longer than {seconds} s of computing time.'), {
      seconds: options.timeoutMs / 1000,
    })
  if (error instanceof WorkerLost && error.isOutOfMemory)
    return new LabOutOfMemory(422, msg('The run was stopped: it needed more than {mb} MB of memory.'), {
      mb: options.memoryMb,
    })
  return error
}
