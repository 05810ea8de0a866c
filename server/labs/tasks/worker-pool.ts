/** Processes that simulate, one task at a time each. One that is lost is replaced, and costs its task alone. */
import { type Process, startProcess } from '../../child-processes.ts'
import type { Reply, Task } from './lab-process.ts'

export interface WorkerPoolOptions {
  entry: string
  processes: number
  memoryMb: number
  /** Told when a process ends that had nothing to do, or cannot load. */
  onError: (error: unknown) => void
}

/** The process that had the task is gone. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost'
  readonly isOutOfMemory: boolean
  constructor(text: string, isOutOfMemory: boolean) {
    super(text)
    this.isOutOfMemory = isOutOfMemory
  }
}

interface Slot {
  process: Process<Task>
  /** It has answered once. */
  isLoaded: boolean
  work: { done(reply: Reply): void; failed(error: unknown): void } | undefined
}

const closed = 'the pool is closed'
/** One that could not load is started again after so long. */
const restMs = 1000
const mostHomes = 10_000

export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #slots = new Set<Slot>()
  readonly #waiting: ((slot: Slot) => void)[] = []
  /** Where somebody's last task was, the latest last. */
  readonly #homes = new Map<string, Slot>()
  #isClosed = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    for (let n = 0; n < options.processes; n++) this.#start()
  }

  get living(): number {
    return this.#slots.size
  }

  /**
   * @param begun is told the number of the process that takes the task up
   * @param whose it goes to the process that had the last one of theirs, if that is free: what it made then may still be there
   * @throws AbortError when `signal` ended it, WorkerLost when it ended its process
   */
  async run(task: Task, signal: AbortSignal, begun: (pid: number) => void, whose?: string): Promise<Reply> {
    const slot = await this.#take(signal, whose)
    if (whose !== undefined) this.#remember(whose, slot)
    begun(slot.process.pid)
    return new Promise((resolve, reject) => {
      const stop = () => {
        slot.work = undefined
        reject(signal.reason)
        void slot.process.end()
        this.#gone(slot)
      }
      const after =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          signal.removeEventListener('abort', stop)
          act(value)
        }
      slot.work = { done: after(resolve), failed: after(reject) }
      signal.addEventListener('abort', stop)
      try {
        slot.process.post(task)
      } catch (error) {
        slot.work.failed(error)
        this.#rest(slot)
      }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const slots = [...this.#slots]
    this.#slots.clear()
    for (const { work } of slots) work?.failed(new WorkerLost(closed, false))
    await Promise.all(slots.map(({ process }) => process.end()))
  }

  #remember(whose: string, slot: Slot): void {
    this.#homes.delete(whose)
    this.#homes.set(whose, slot)
    for (const oldest of this.#homes.keys()) {
      if (this.#homes.size <= mostHomes) return
      this.#homes.delete(oldest)
    }
  }

  #take(signal: AbortSignal, whose?: string): Promise<Slot> {
    if (this.#isClosed) return Promise.reject(new WorkerLost(closed, false))
    const home = whose === undefined ? undefined : this.#homes.get(whose)
    for (const slot of home && this.#slots.has(home) ? [home, ...this.#slots] : this.#slots) {
      if (slot.work || !slot.isLoaded) continue
      // Nobody else takes it before it is given its task.
      slot.work = taken
      return Promise.resolve(slot)
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(signal.reason)
      }
      const take = (slot: Slot) => {
        signal.removeEventListener('abort', leave)
        resolve(slot)
      }
      signal.addEventListener('abort', leave)
      this.#waiting.push(take)
    })
  }

  /** It has nothing to do, or the next that waits. */
  #rest(slot: Slot): void {
    const next = this.#waiting.shift()
    slot.work = next ? taken : undefined
    next?.(slot)
  }

  #start(): void {
    const { entry, memoryMb, onError } = this.#options
    const slot: Slot = {
      isLoaded: false,
      work: undefined,
      process: startProcess<Task, Reply>({
        entry,
        memoryMb,
        message: (reply) => {
          slot.isLoaded = true
          const { work } = slot
          this.#rest(slot)
          work?.done(reply)
        },
        problem: onError,
        lost: ({ text, isOutOfMemory }) => {
          const { work } = slot
          slot.work = undefined
          this.#gone(slot)
          if (work) work.failed(new WorkerLost(text, isOutOfMemory))
          else onError(new Error(`a worker process was lost: ${text}`))
        },
      }),
    }
    this.#slots.add(slot)
    // The first task pays for loading the simulator: better now than when somebody waits.
    slot.process.post({ kind: 'warm' })
  }

  #gone(slot: Slot): void {
    if (!this.#slots.delete(slot) || this.#isClosed) return
    if (slot.isLoaded) this.#start()
    else setTimeout(() => this.#isClosed || this.#start(), restMs).unref()
  }
}

/** Between being taken and being given its task. */
const taken: NonNullable<Slot['work']> = { done: () => undefined, failed: () => undefined }
