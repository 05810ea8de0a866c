/**
 * Keeps live clusters and does what is asked of them, a little of each in turn, so that one with much to catch up on does not hold up the
 * others. Runs in a process of its own; knows nothing of owners, addresses or storage.
 */
import type { HttpOutcome, LoggedCommand } from '../../../sim/index.ts'
import { type EngineLimits, simulated, stepsPerSecond } from '../../../sim/index.ts'
import { msg } from '../../i18n/translate.ts'
import { LabRefusal } from '../types.ts'
import { viewAt } from '../views/past.ts'
import type { ClockSetting } from './clock.ts'
import { type Channel, openChannel } from './host-channel.ts'
import { LiveSandbox, Outgrown, type Wall } from './live-sandbox.ts'
import type { Act, FromHost, Results, ToHost, WireOutcome } from './protocol.ts'
import { birthOf, causesOf, marksOf, objectsOf } from './readings.ts'
import type { Passed } from './types.ts'

export interface HostOptions {
  /** Budgets of each cluster. */
  limits: Partial<EngineLimits>
  /** Steps of computing that one may take without a pause; one that takes more is out of memory, and has outgrown this host. */
  stretchSteps?: number
  /** One with nothing open that nobody asked for so long leaves memory. */
  idleMs: number
  /** Clusters in memory at a time. */
  live: number
  /** Of the heap, in bytes: above it, those that nobody looks at leave. */
  memoryBytes: number
}

interface Resident {
  id: string
  opening: number
  /** The address that holds it. */
  from: string
  live: LiveSandbox
  jobs: Job[]
  channels: Set<number>
  /** How much of its log the other side knows. */
  logged: number
  clock: ClockSetting
  usedAtMs: number
}

/** Something under way; each step of `work` is a slice of it. */
interface Job {
  call: number
  work: Iterator<undefined, unknown>
  /** Of the log as the other side knew it when it began; undefined as long as it has not begun. */
  from?: number
}

/** Computing time of a round over all that have something to do. */
const roundMs = 12
/** The least of one of them in it. */
const leastSliceMs = 3
/** Steps of computing in slices that one may need for one act where the options limit its stretches; others wait for each slice. */
const slicedSteps = stepsPerSecond / 20
/** Steps of computing after which a cluster that lags behind its clock answers nevertheless. */
const patienceSteps = stepsPerSecond / 20
/** Steps of computing after which time that somebody lets pass stops. */
const passingSteps = (stepsPerSecond * 3) / 20
/** A step goes on until something is written, at most so long. */
const longestStepMs = 60_000
/** A subscriber hears of changes this often at most. */
const changeMs = 100
/** A channel that nobody opens is closed. */
const unopenedMs = 30_000
const sweepMs = 15_000
const crowded = msg('All the sandboxes that this server can hold are in use. Try again in a few minutes.')
const closedMeanwhile = msg('The sandbox was closed meanwhile. Try again.')
const tooMuchPast = msg(
  'To play this file takes more computing time than one file may use. Shorten its duration, or use fewer nodes or steps.',
)
const movedMeanwhile = msg(
  'The cluster needs a lot of computing and was moved to a less crowded thread while this ran. Check what was done before you go on.',
)

export class SandboxHost {
  readonly #post: (messages: FromHost[]) => void
  readonly #wall: Wall
  readonly #options: HostOptions
  readonly #residents = new Map<string, Resident>()
  readonly #channels = new Map<number, { channel: Channel; resident: Resident }>()
  readonly #busy = new Set<Resident>()
  readonly #engineVersion = simulated().engineVersion
  /** Told which sandbox is being worked on, by its opening; 0 for none. */
  readonly #working: (opening: number) => void
  #outbox: FromHost[] = []
  #turn: NodeJS.Immediate | undefined
  #sliceMs = roundMs
  #cancelSweep: (() => void) | undefined

  constructor(
    post: (messages: FromHost[]) => void,
    wall: Wall,
    options: HostOptions,
    working: (opening: number) => void = () => undefined,
  ) {
    this.#post = post
    this.#wall = wall
    this.#options = options
    this.#working = working
    this.#tell({ tell: 'ready', engineVersion: this.#engineVersion })
    this.#sweepLater()
    this.#flush()
  }

  receive(message: ToHost): void {
    switch (message.do) {
      case 'open':
        this.#open(message)
        break
      case 'call':
        this.#call(message.call, message.id, message.act)
        break
      case 'drop': {
        const resident = this.#residents.get(message.id)
        if (resident) this.#forget(resident)
        break
      }
      case 'leave':
        for (const resident of [...this.#residents.values()]) this.#leave(resident)
        this.#tell({ tell: 'done', call: message.call, result: undefined })
        break
      case 'say': {
        const known = this.#channels.get(message.channel)
        if (!known) {
          // It was left open by a cluster that is gone, perhaps with another process.
          const { say } = message.say
          if (say === 'open' || say === 'connect') this.#out(message.channel, { out: 'end' })
          break
        }
        this.#attend(known.resident, () => known.channel.receive(message.say))
      }
    }
    this.#flush()
  }

  close(): void {
    this.#cancelSweep?.()
    clearImmediate(this.#turn)
    for (const resident of this.#residents.values()) this.#forget(resident)
  }

  #open({ id, opening, from, state }: Extract<ToHost, { do: 'open' }>): void {
    if (this.#residents.has(id)) return
    const problem = (error: unknown) => this.#tell({ tell: 'problem', message: `sandbox ${id}: ${textOf(error)}` })
    if (!this.#makeRoom(from)) {
      this.#tell({ tell: 'unopened', id, opening, status: 503, text: crowded, values: {} })
      return
    }
    try {
      this.#working(opening)
      // What it does by itself is noted like what is asked of it: a process that is stuck there is lost to this one, too.
      const wall: Wall = {
        nowMs: () => this.#wall.nowMs(),
        after: (ms, act) =>
          this.#wall.after(ms, () => {
            this.#attend(resident, act)
            this.#flush()
          }),
      }
      const live = new LiveSandbox({ ...state, options: { ...state.options, limits: this.#options.limits } }, wall, {
        ...(this.#options.stretchSteps === undefined ? {} : { stretchSteps: this.#options.stretchSteps }),
        sliceMs: () => Math.max(leastSliceMs, roundMs / this.#openCount()),
        compared: (isSame) => {
          this.#tell({ tell: 'rebuilt', id, opening, isSame })
        },
        failed: problem,
      })
      const resident: Resident = {
        id,
        opening,
        from,
        live,
        jobs: [],
        channels: new Set(),
        logged: state.log.length,
        clock: state.clock,
        usedAtMs: this.#wall.nowMs(),
      }
      this.#residents.set(id, resident)
    } catch (error) {
      const values = { problem: error instanceof Error ? error.message : String(error) }
      const text = msg('Such a cluster cannot be made: {problem}.')
      this.#tell({ tell: 'unopened', id, opening, status: 422, text, values })
    } finally {
      this.#working(0)
    }
  }

  #call(call: number, id: string, act: Act): void {
    const resident = this.#residents.get(id)
    if (!resident) {
      this.#tell({ tell: 'absent', call })
      return
    }
    resident.usedAtMs = this.#wall.nowMs()
    // The last used stands last.
    this.#residents.delete(id)
    this.#residents.set(id, resident)
    resident.jobs.push({ call, work: this.#perform(resident, call, act) })
    this.#busy.add(resident)
    this.#turn ??= setImmediate(() => this.#round())
  }

  #round(): void {
    this.#turn = undefined
    this.#sliceMs = Math.max(leastSliceMs, roundMs / this.#busy.size)
    for (const resident of [...this.#busy]) {
      this.#attend(resident, () => this.#work(resident))
      if (resident.jobs.length === 0) this.#busy.delete(resident)
      this.#flush()
    }
    if (this.#busy.size > 0) this.#turn ??= setImmediate(() => this.#round())
  }

  /** Works on its jobs, in order, for a slice. */
  #work(resident: Resident): void {
    const stopAt = performance.now() + this.#sliceMs
    while (resident.jobs.length > 0) {
      const job = resident.jobs[0]!
      const { call, work } = job
      job.from ??= resident.logged
      try {
        const step = work.next()
        if (!step.done) return
        resident.jobs.shift()
        this.#tellNews(resident)
        this.#tell({ tell: 'done', call, result: step.value })
      } catch (error) {
        if (error instanceof Outgrown) throw error
        resident.jobs.shift()
        this.#tellNews(resident)
        this.#tell(failure(call, error))
      }
      if (performance.now() > stopAt) return
    }
  }

  *#perform(resident: Resident, call: number, act: Act): Generator<undefined, Results[Act['kind']]> {
    const { live } = resident
    const { cluster } = live
    const most = act.kind === 'look' ? act.mostSteps : undefined
    while (!live.catchUp(this.#sliceMs) && !live.isRebuilt) {
      if (most !== undefined && cluster.engine.workDone > most) throw new LabRefusal(422, tooMuchPast)
      yield
    }
    yield* this.#within(live, patienceSteps, () => live.catchUp(this.#sliceMs))
    switch (act.kind) {
      case 'look': {
        const nowMs = cluster.nowMs
        const atMs = Math.min(Math.max(act.atMs ?? nowMs, 0), nowMs)
        const { epochMs } = cluster
        return {
          view: viewAt(cluster, atMs),
          atMs,
          nowMs,
          epochMs: epochMs - (nowMs - atMs),
          speed: live.clock.speed,
          marks: marksOf(cluster),
          stopped: live.stopped,
        }
      }
      case 'subscribe':
        this.#keepChannel(resident, call, this.#subscription(resident, call))
        return undefined
      case 'set-speed':
        live.setSpeed(act.speed)
        return undefined
      case 'skip': {
        const untilMs = live.shownMs + act.ms
        return yield* this.#within(live, passingSteps, () => live.runAhead(untilMs, () => false, this.#sliceMs))
      }
      case 'step': {
        const { etcd } = cluster.server
        const before = etcd.revision
        const untilMs = Math.floor(cluster.nowMs) + longestStepMs
        const isWritten = () => etcd.revision !== before
        return yield* this.#within(live, passingSteps, () => live.runAhead(untilMs, isWritten, this.#sliceMs))
      }
      case 'settle': {
        const untilMs = Math.floor(cluster.nowMs) + act.maxMs
        const isSettled = () => cluster.isSettled
        return yield* this.#within(live, passingSteps, () => live.runAhead(untilMs, isSettled, this.#sliceMs))
      }
      case 'run':
        return yield* live.run(act.command, () => this.#sliceMs)
      case 'begin': {
        let isOver = false
        const running = live.begin(
          act.command,
          (result) => {
            isOver = true
            this.#out(call, { out: 'done', result })
            this.#dropChannel(call)
          },
          (stream, text) => this.#out(call, { out: 'printed', stream, text }),
        )
        if (!isOver)
          this.#keepChannel(resident, call, {
            isOpen: true,
            receive: (said) => {
              if (said.say === 'interrupt') running.interrupt()
              else if (said.say === 'input') running.input(said.input)
            },
            close: () => running.interrupt(),
            end: () => {
              if (isOver) return
              const { nowMs } = cluster
              const result = { atMs: nowMs, doneMs: nowMs, exit: 1, stdout: '', stderr: `error: ${closedMeanwhile}\n` }
              this.#out(call, { out: 'done', result })
            },
          })
        return undefined
      }
      case 'complete':
        return cluster.complete(act.line, act.cursor)
      case 'request':
        return this.#outcome(resident, call, live.request(act.request))
      case 'objects':
        return reading(() => objectsOf(cluster, act.query))
      case 'causes':
        return reading(() => causesOf(cluster, act.object))
      case 'birth':
        return reading(() => birthOf(cluster, act.pod))
    }
  }

  /** Goes on until it is there, or has taken so many steps: then the clock goes on from where the cluster stands. */
  *#within(live: LiveSandbox, steps: number, goOn: () => boolean): Generator<undefined, Passed> {
    const { engine } = live.cluster
    const isShared = this.#options.stretchSteps !== undefined
    const before = engine.workDone
    while (!goOn()) {
      const taken = engine.workDone - before
      // One slice after the other holds up the others here, too.
      if (isShared && live.isRebuilt && taken > slicedSteps) throw new Outgrown()
      if (taken > steps) {
        live.fallBehind()
        return { isCutShort: true }
      }
      yield
    }
    return { isCutShort: false }
  }

  /** What of an outcome crosses to the other process; the rest waits behind its channel. */
  #outcome(resident: Resident, call: number, outcome: HttpOutcome): WireOutcome {
    if (outcome.kind === 'answer' || outcome.kind === 'no-answer') return outcome
    const channel = openChannel(
      outcome,
      (out) => this.#out(call, out),
      () => this.#dropChannel(call),
    )
    this.#keepChannel(resident, call, channel)
    this.#wall.after(unopenedMs, () => {
      if (channel.isOpen || !this.#channels.has(call)) return
      this.#attend(resident, () => channel.close())
      this.#dropChannel(call)
    })
    switch (outcome.kind) {
      case 'stream': {
        const { kind, status, headers, timeoutSeconds, isBinary } = outcome
        return { kind, status, headers, timeoutSeconds, isBinary }
      }
      case 'exec': {
        const { kind, stdin, stdout, stderr, tty } = outcome
        return { kind, stdin, stdout, stderr, tty }
      }
      case 'port-forward':
        return { kind: 'port-forward' }
    }
  }

  #subscription(resident: Resident, call: number): Channel {
    const { live } = resident
    const release = live.hold()
    const seen = () => `${live.cluster.server.etcd.revision} ${live.clock.wallMs} ${live.clock.speed} ${live.stopped}`
    let told = seen()
    let cancel: (() => void) | undefined
    let isOver = false
    const tell = () => {
      cancel = undefined
      if (told === seen() || isOver) return
      told = seen()
      this.#out(call, { out: 'changed' })
      // What changes meanwhile is told together.
      cancel = this.#wall.after(changeMs, () => {
        this.#attend(resident, tell)
        this.#flush()
      })
    }
    const close = () => {
      isOver = true
      cancel?.()
      release()
    }
    return {
      isOpen: true,
      receive: ({ say }) => {
        if (say !== 'close') return
        close()
        this.#dropChannel(call)
      },
      close,
      end: () => {
        close()
        this.#out(call, { out: 'end' })
      },
      moved: () => {
        if (!cancel) tell()
      },
    }
  }

  #keepChannel(resident: Resident, number: number, channel: Channel): void {
    this.#channels.set(number, { channel, resident })
    resident.channels.add(number)
  }

  #dropChannel(number: number): void {
    this.#channels.get(number)?.resident.channels.delete(number)
    this.#channels.delete(number)
  }

  #out(channel: number, out: Extract<FromHost, { tell: 'out' }>['out']): void {
    this.#tell({ tell: 'out', channel, out })
  }

  /** Does something with a sandbox, then tells what came of it. What fails there costs this one its place in memory, and no other. */
  #attend(resident: Resident, act: () => void): void {
    this.#working(resident.opening)
    try {
      act()
      resident.usedAtMs = this.#wall.nowMs()
      this.#tellNews(resident)
    } catch (error) {
      const { id, opening } = resident
      if (error instanceof Outgrown) {
        this.#outgrow(resident)
        return
      }
      this.#tell({ tell: 'problem', message: `sandbox ${id}: ${textOf(error)}` })
      this.#tell({ tell: 'left', id, opening, checkpoint: undefined })
      this.#forget(resident)
    } finally {
      this.#working(0)
    }
  }

  /** Out of memory, to be opened where there is more room. What it was asked and has not told of is asked there again. */
  #outgrow(resident: Resident): void {
    const { id, opening, jobs, live } = resident
    this.#tell({ tell: 'outgrown', id, opening, clock: live.standing })
    resident.jobs = jobs.filter(({ call, from }) => {
      // It was begun, and is in the log: twice it must not be.
      if (from !== undefined && from < resident.logged) return true
      this.#tell({ tell: 'absent', call })
      return false
    })
    this.#forget(resident, movedMeanwhile)
  }

  #tellNews(resident: Resident): void {
    if (this.#residents.get(resident.id) !== resident) return
    const { id, opening, live, logged } = resident
    // What is replayed is no news: it is in the log's order, and stored.
    const log: readonly LoggedCommand[] = live.cluster.log
    if (log.length > logged) {
      this.#tell({ tell: 'logged', id, opening, first: logged, commands: log.slice(logged) })
      resident.logged = log.length
    }
    if (resident.clock !== live.clock) {
      resident.clock = live.clock
      this.#tell({ tell: 'clock', id, opening, clock: live.clock })
    }
    for (const number of resident.channels) this.#channels.get(number)?.channel.moved?.()
  }

  #tell(message: FromHost): void {
    this.#outbox.push(message)
  }

  #flush(): void {
    if (this.#outbox.length === 0) return
    const messages = this.#outbox
    this.#outbox = []
    try {
      this.#post(messages)
    } catch (error) {
      // One of them cannot be copied to the other process: the others still arrive.
      for (const message of messages) this.#postAlone(message, error)
    }
  }

  #postAlone(message: FromHost, because: unknown): void {
    try {
      this.#post([message])
    } catch {
      const text = `a message could not be sent: ${textOf(because)}`
      this.#post([
        'call' in message ? { tell: 'failed', call: message.call, message: text } : { tell: 'problem', message: text },
      ])
    }
  }

  // ---------- memory ----------

  /** Those that somebody looks at. */
  #openCount(): number {
    let count = 0
    for (const { live } of this.#residents.values()) if (!live.isIdle) count++
    return Math.max(1, count)
  }

  #isIdle({ live, jobs, channels }: Resident): boolean {
    return live.isIdle && jobs.length === 0 && channels.size === 0
  }

  /**
   * Lets the longest unused go until another one finds room. While all are in use, who holds the most gives one up for an address that would
   * still hold fewer: the one that was asked least lately, whose watchers are told that it ended. False when there is none.
   */
  #makeRoom(from: string): boolean {
    const isRoom = (): boolean => this.#residents.size < this.#options.live
    for (const resident of [...this.#residents.values()]) {
      if (isRoom()) return true
      if (this.#isIdle(resident)) this.#leave(resident)
    }
    if (isRoom()) return true
    const held = new Map<string, Resident[]>()
    for (const resident of this.#residents.values())
      held.set(resident.from, [...(held.get(resident.from) ?? []), resident])
    const most = [...held.values()].sort((a, b) => b.length - a.length)[0] ?? []
    const own = held.get(from)?.length ?? 0
    // What has begun there comes to its end first.
    const mayGo = ({ jobs }: Resident): boolean => jobs.every((job) => job.from === undefined)
    const given = most.length > own + 1 ? most.find(mayGo) : undefined
    if (given) this.#leave(given)
    return isRoom()
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#wall.after(Math.min(sweepMs, this.#options.idleMs), () => {
      this.#sweep()
      this.#flush()
      this.#sweepLater()
    })
  }

  #sweep(): void {
    const nowMs = this.#wall.nowMs()
    for (const resident of [...this.#residents.values()])
      if (this.#isIdle(resident) && resident.usedAtMs + this.#options.idleMs <= nowMs) this.#leave(resident)
    if (process.memoryUsage().heapUsed < this.#options.memoryBytes) return
    const idle = [...this.#residents.values()].filter((resident) => this.#isIdle(resident))
    for (const resident of idle.slice(0, Math.ceil(idle.length / 4))) this.#leave(resident)
  }

  #leave(resident: Resident): void {
    this.#attend(resident, () => {
      const { id, opening, live } = resident
      const checkpoint = live.checkpoint(this.#engineVersion)
      this.#tellNews(resident)
      this.#tell({ tell: 'left', id, opening, checkpoint })
      this.#forget(resident)
    })
  }

  #forget(resident: Resident, why = closedMeanwhile): void {
    this.#residents.delete(resident.id)
    this.#busy.delete(resident)
    for (const { call } of resident.jobs) this.#tell({ tell: 'refused', call, status: 503, text: why, values: {} })
    resident.jobs = []
    for (const number of [...resident.channels]) {
      this.#channels.get(number)?.channel.end?.()
      this.#dropChannel(number)
    }
    resident.live.close()
  }
}

/** A question about what is not there is answered in words. */
function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && /^no resource /.test(error.message))
      throw new LabRefusal(404, msg('There is no resource {resource}.'), {
        resource: error.message.slice('no resource '.length),
      })
    throw error
  }
}

function failure(call: number, error: unknown): FromHost {
  if (error instanceof LabRefusal) {
    const { status, text, values } = error
    return { tell: 'refused', call, status, text, values }
  }
  return { tell: 'failed', call, message: textOf(error) }
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
