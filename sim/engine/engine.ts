/** The discrete-event engine: one queue, one virtual clock, one seed. Everything that happens in a cluster happens in an event of it. */
import { Heap } from './heap.ts'
import { createRandom, hash32, type Random } from './random.ts'
import { StateHash } from './state-hash.ts'
import { Trace } from './trace.ts'
import { budgeted, charge, workSpent } from './work.ts'

/** An event that is due; keep it to cancel it. */
export interface Timer {
  readonly dueMs: number
  readonly priority: number
  readonly sequence: number
  readonly label: string
  readonly isBackground: boolean
  readonly cause: number
  action: (() => void) | undefined
}

export interface TimerOptions {
  /** Periodic work that changes nothing by itself (heartbeats, probes, resyncs): a cluster with only such events due is settled. */
  background?: boolean
  /** Lower runs first among events of the same millisecond; 0 unless told. */
  priority?: number
}

export interface EngineLimits {
  /** Events that one run may process. */
  events: number
  /** Virtual milliseconds that one run may last. */
  virtualMs: number
  /** Records that the trace keeps. */
  traceRecords: number
  /** Objects that may exist at a time. */
  objects: number
  /** Steps of computing that its events may take, all of them together: see `charge`. */
  work: number
  /** So many more for each virtual second that passed, up to so many in all: a long run has more to do than a short one. */
  workPerSecond: number
  mostWork: number
  /** Steps that a single event may take. */
  eventWork: number
}

const defaultLimits: EngineLimits = {
  events: 50_000_000,
  virtualMs: 400 * 24 * 3_600_000,
  traceRecords: 2_000_000,
  objects: 1_000_000,
  work: Number.POSITIVE_INFINITY,
  workPerSecond: 0,
  mostWork: Number.POSITIVE_INFINITY,
  eventWork: Number.POSITIVE_INFINITY,
}

/** What an event costs by itself: the queue, its record, the hash. */
const stepsOfEvent = 100

/** A run passed one of its budgets. The message names the budget. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError'
  readonly budget: 'events' | 'work' | 'virtualMs' | 'objects'
  /** What the message says by numbers and names, for who words it otherwise. */
  readonly values: Readonly<Record<string, string | number>>
  constructor(budget: BudgetError['budget'], message: string, values: BudgetError['values']) {
    super(message)
    this.budget = budget
    this.values = values
  }
}

export interface EngineOptions {
  seed: string
  /** The wall clock at virtual time 0, in milliseconds since 1970. */
  startEpochMs: number
  limits?: Partial<EngineLimits>
}

export class Engine {
  readonly seed: string
  /** The wall clock at virtual time 0. */
  readonly startEpochMs: number
  readonly limits: EngineLimits
  readonly trace: Trace
  readonly stateHash = new StateHash()
  /** Called after every event; tests check invariants here. */
  onEvent: ((timer: Timer) => void) | undefined
  private readonly queue = new Heap<Timer>()
  private readonly streams = new Map<string, Random>()
  private time = 0
  private sequence = 0
  private cancelled = 0
  private foreground = 0
  private processed = 0
  private worked = 0
  /** The second of `stamp`, which many objects share. */
  private stampedSecond = Number.NaN
  private stamp = ''

  constructor(options: EngineOptions) {
    this.seed = options.seed
    this.startEpochMs = options.startEpochMs
    this.limits = { ...defaultLimits, ...options.limits }
    this.trace = new Trace(() => this.time, this.limits.traceRecords)
  }

  /** Virtual milliseconds since the cluster started. */
  get nowMs(): number {
    return this.time
  }

  /** The virtual wall clock, in milliseconds since 1970. */
  get epochMs(): number {
    return this.startEpochMs + this.time
  }

  /** The virtual wall clock as Kubernetes writes it: RFC 3339, whole seconds, UTC. */
  timestamp(): string {
    const second = Math.floor(this.epochMs / 1000)
    if (second !== this.stampedSecond) {
      this.stampedSecond = second
      this.stamp = timestampOf(second * 1000)
    }
    return this.stamp
  }

  get eventsProcessed(): number {
    return this.processed
  }

  /** Steps of computing that events took: the same for the same run, whatever was read of it meanwhile. */
  get workDone(): number {
    return this.worked
  }

  /** The random stream of that name; the same name gives the same stream. */
  random(stream: string): Random {
    let random = this.streams.get(stream)
    if (!random) {
      random = createRandom(this.seed, stream)
      this.streams.set(stream, random)
    }
    return random
  }

  /** Runs `action` at a virtual moment; one that is past counts as now. */
  at(dueMs: number, label: string, action: () => void, options?: TimerOptions): Timer {
    const timer: Timer = {
      dueMs: dueMs > this.time ? dueMs : this.time,
      priority: options?.priority ?? 0,
      sequence: ++this.sequence,
      label,
      isBackground: options?.background ?? false,
      cause: this.trace.current,
      action,
    }
    if (!timer.isBackground) this.foreground++
    this.queue.push(timer)
    return timer
  }

  after(delayMs: number, label: string, action: () => void, options?: TimerOptions): Timer {
    return this.at(this.time + delayMs, label, action, options)
  }

  /** Takes an event back; one that has run or was cancelled is left alone. */
  cancel(timer: Timer | undefined): void {
    if (!timer?.action) return
    timer.action = undefined
    if (!timer.isBackground) this.foreground--
    if (++this.cancelled > 1024 && this.cancelled > this.queue.size / 2) {
      this.queue.retain((t) => t.action !== undefined)
      this.cancelled = 0
    }
  }

  /** True when nothing but background work is due. */
  get isSettled(): boolean {
    return this.foreground === 0
  }

  /** The moment of the next event, or undefined when none is due. */
  nextDueMs(): number | undefined {
    this.dropCancelled()
    return this.queue.peek()?.dueMs
  }

  /** Runs the next event; false when there was none. */
  step(): boolean {
    this.dropCancelled()
    const timer = this.queue.pop()
    if (!timer) return false
    this.run(timer)
    return true
  }

  /** Runs every event due up to that moment, and puts the clock there. */
  runUntil(untilMs: number): void {
    for (;;) {
      this.dropCancelled()
      const next = this.queue.peek()
      if (!next || next.dueMs > untilMs) break
      this.queue.pop()
      this.run(next)
    }
    if (untilMs > this.time) this.time = untilMs
  }

  /** Runs until only background work is due or the moment is reached; tells which by returning true when settled. */
  runUntilSettled(untilMs: number): boolean {
    while (this.foreground > 0) {
      this.dropCancelled()
      const next = this.queue.peek()
      if (!next || next.dueMs > untilMs) break
      this.queue.pop()
      this.run(next)
    }
    return this.foreground === 0
  }

  private run(timer: Timer): void {
    const action = timer.action
    if (!action) return
    timer.action = undefined
    if (!timer.isBackground) this.foreground--
    this.time = timer.dueMs
    if (++this.processed > this.limits.events) {
      throw new BudgetError(
        'events',
        `the run passed its budget of ${this.limits.events} events at ${this.time / 1000} s of virtual time`,
        { events: this.limits.events, seconds: this.time / 1000 },
      )
    }
    if (this.time > this.limits.virtualMs) {
      throw new BudgetError(
        'virtualMs',
        `the run passed its budget of ${this.limits.virtualMs / 1000} s of virtual time`,
        { seconds: this.limits.virtualMs / 1000 },
      )
    }
    this.trace.current = timer.cause
    this.stateHash.fold(hash32(timer.label, timer.dueMs | 0))
    this.compute(action)
    this.trace.current = 0
    this.onEvent?.(timer)
  }

  /**
   * Runs an event, or what somebody does to the cluster from outside, on the run's budget of computing.
   * @throws BudgetError when it is used up: what was begun is half done, and nothing may follow
   */
  compute<T>(act: () => T): T {
    const { eventWork, workPerSecond, mostWork } = this.limits
    const work = Math.min(mostWork, this.limits.work + Math.floor((workPerSecond * this.time) / 1000))
    const before = workSpent()
    try {
      return budgeted(
        Math.min(eventWork, work - this.worked),
        () => {
          charge(stepsOfEvent)
          return act()
        },
        () => {
          const steps = this.worked + eventWork > work ? work : eventWork
          const seconds = Math.round(this.time / 1000)
          throw new BudgetError(
            'work',
            `the run passed its budget of ${steps} steps of computing at ${seconds} s of virtual time`,
            { steps, seconds },
          )
        },
      )
    } finally {
      this.worked += workSpent() - before
    }
  }

  private dropCancelled(): void {
    for (let top = this.queue.peek(); top && top.action === undefined; top = this.queue.peek()) {
      this.queue.pop()
      if (this.cancelled > 0) this.cancelled--
    }
  }
}

/** RFC 3339 with whole seconds, as metav1.Time is written. */
export function timestampOf(epochMs: number): string {
  return new Date(Math.floor(epochMs / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}

/** RFC 3339 with microseconds, as metav1.MicroTime is written. */
export function microTimestampOf(epochMs: number): string {
  const whole = Math.floor(epochMs)
  const micros = Math.floor((epochMs - whole) * 1000)
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`
}
