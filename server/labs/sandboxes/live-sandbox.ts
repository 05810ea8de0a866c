/**
 * One live cluster: its clock follows the wall clock, and it moves when somebody looks. While a watch, a log or a command is
 * open, a timer is set for the next thing that is due; without any, it costs nothing.
 */
import type {
  Command,
  CommandResult,
  ExecSink,
  HttpOutcome,
  HttpRequest,
  LiveCluster,
  LoggedCommand,
  SessionInput,
  StreamSink,
} from '../../../sim/index.ts'
import { budgeted, type ClusterOptions, createCluster, isRead, stepsPerSecond } from '../../../sim/index.ts'
import { type ClockSetting, virtualAt, wallUntil } from './clock.ts'
import { failureAnswer, failureStatus } from './status.ts'

/** What a sandbox is stored as: everything else is a replay of it. */
export interface SandboxState {
  options: ClusterOptions
  log: readonly LoggedCommand[]
  clock: ClockSetting
  /** What its log may hold. */
  most?: LogLimits
  /** Where it once stood. */
  checkpoint?: Checkpoint
}

/** Where a cluster stood, so that a rebuilt one can be held against it. */
export interface Checkpoint {
  engineVersion: string
  virtualMs: number
  /** Of the log. */
  commands: number
  stateHash: string
}

export interface LogLimits {
  commands: number
  /** Characters of all commands as JSON. */
  characters: number
}

/** The wall clock and its alarms: real ones, or those of a test. */
export interface Wall {
  nowMs(): number
  /** @returns how to take it back */
  after(ms: number, act: () => void): () => void
}

/** A command that runs while the clock goes on. */
export interface RunningCommand {
  /** What is typed meanwhile, for a line with a keyboard. */
  input(input: SessionInput): void
  interrupt(): void
}

const nothingRuns: RunningCommand = { input: () => undefined, interrupt: () => undefined }

/**
 * One call took more computing than a process that many share has for one. It is half done, so its effects are thrown away with the cluster,
 * which is rebuilt in the roomy process, and the call is made again there.
 */
export class Outgrown extends Error {
  override readonly name = 'Outgrown'
}

/** What a sandbox tells whoever keeps it. */
export interface Watcher {
  /** Steps of computing that it may take without a pause, or else it has outgrown its place; any number unless told. */
  stretchSteps?: number
  /** How much computing time it may take when it goes on by itself. */
  sliceMs?(): number
  /** Rebuilt up to its checkpoint; whether it stands as it stood then. */
  compared?(isSame: boolean): void
  /** It cannot go on, for a reason that is no budget. */
  failed?(error: unknown): void
}

/** Computing time that one look may take: what is left is made up for by the next. */
const usualSliceMs = 10
/** A clock that is so far ahead of its cluster is put back to it. */
const longestLagMs = 2000
/** The finest that output is handed on in: between two looks of a stream. */
const shortestWaitMs = 5
/** Steps of computing that the cluster may take while somebody waits for a line: a second. */
const lineSteps = stepsPerSecond
const unlimited: LogLimits = { commands: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY }

/** Moments are whole milliseconds wherever a command is taken: then the sums of a replay are exactly those of the original. */
export class LiveSandbox {
  readonly cluster: LiveCluster
  readonly #wall: Wall
  readonly #watcher: Watcher
  readonly #stored: readonly LoggedCommand[]
  readonly #most: LogLimits
  /** The engine's time at the hand-over. */
  readonly #originMs: number
  #replayed = 0
  /** Lines that were begun in an earlier life of the process, and have not ended: nobody reads what they print. */
  readonly #orphans = new Map<number, RunningCommand>()
  #checkpoint: Checkpoint | undefined
  /** How far it had come when it was stored, at least: lines that were under way went on until then. */
  readonly #storedMs: number
  /** Of the log as JSON. */
  #characters = 0
  #measured = 0
  #clock: ClockSetting
  #stopped: string | undefined
  /** Streams and commands that are held open. */
  #open = 0
  /** Lines that have not ended: told when nothing goes on any more. */
  readonly #running = new Set<(why: string) => void>()
  /** Of them, lines and programs that somebody waits for. */
  #lines = 0
  #cancelAlarm: (() => void) | undefined
  /** Before it goes on by itself. */
  #restMs = 0

  constructor({ options, log, clock, most = unlimited, checkpoint }: SandboxState, wall: Wall, watcher: Watcher = {}) {
    this.#wall = wall
    this.#watcher = watcher
    this.#clock = clock
    this.#stored = log
    this.#most = most
    this.#checkpoint = checkpoint
    this.#storedMs = clock.virtualMs
    this.cluster = createCluster(options)
    this.#originMs = this.cluster.engine.nowMs
  }

  get clock(): ClockSetting {
    return this.#clock
  }

  /** A paused clock goes at the usual speed while a line runs: nobody could type one otherwise. */
  get #pace(): ClockSetting {
    return this.#clock.speed === 0 && this.#lines > 0 ? { ...this.#clock, speed: 1 } : this.#clock
  }

  get isIdle(): boolean {
    return this.#open === 0
  }

  /** Whether all that is stored has happened again. */
  get isReplayed(): boolean {
    return (this.#replayed === this.#stored.length && !this.#checkpoint) || this.#stopped !== undefined
  }

  /** Whether it is where it stood when it was stored, or further: its past is not cut short. */
  get isRebuilt(): boolean {
    return this.isReplayed && (this.#stopped !== undefined || this.cluster.nowMs >= this.#storedMs)
  }

  /** Why it goes no further, or takes no more commands; for who uses it. */
  get stopped(): string | undefined {
    if (this.#stopped !== undefined) return this.#stopped
    const { log } = this.cluster
    const { commands, characters } = this.#most
    if (log.length >= commands)
      return `It has taken ${commands} commands, as many as a sandbox remembers. Branch it at an earlier moment, or reset it.`
    for (; this.#measured < log.length; this.#measured++)
      this.#characters += JSON.stringify(log[this.#measured]!.command).length
    if (this.#characters >= characters)
      return `Its commands are ${Math.floor(this.#characters / 1_000_000)} MB together, as much as a sandbox remembers. Branch it at an earlier moment, or reset it.`
    return undefined
  }

  /** Lets happen what is due by now. @returns whether all of it has */
  catchUp(sliceMs = usualSliceMs): boolean {
    if (this.#stopped !== undefined) return true
    const stopAt = performance.now() + sliceMs
    return this.#guarded(() => this.#replay(stopAt) && this.#runTo(this.shownMs, stopAt), true)
  }

  /** What the clock shows: the cluster may have more to do than to have come so far. */
  get shownMs(): number {
    return virtualAt(this.#pace, this.#wall.nowMs())
  }

  /** The clock as of now, where somebody has seen the cluster: not what runs ahead of it. One that is being rebuilt shows nobody anything yet. */
  get standing(): ClockSetting {
    if (!this.isRebuilt) return this.#clock
    const virtualMs = Math.min(Math.floor(this.cluster.nowMs), this.shownMs)
    return { ...this.#clock, wallMs: this.#wall.nowMs(), virtualMs }
  }

  /** Runs ahead of the clock, up to that moment or until it is so; the clock goes on from there. @returns whether that is reached */
  runAhead(untilMs: number, isEnough: () => boolean, sliceMs = usualSliceMs): boolean {
    if (this.#stopped !== undefined) return true
    const stopAt = performance.now() + sliceMs
    const isReached = this.#guarded(() => isEnough() || this.#runTo(untilMs, stopAt, isEnough), true)
    if (isReached) this.#anchor()
    return isReached
  }

  /** The clock goes on from where the cluster stands: there was more to do than time for it. */
  fallBehind(): void {
    const nowMs = this.#wall.nowMs()
    this.#clock = { ...this.#clock, wallMs: nowMs, virtualMs: Math.ceil(this.cluster.nowMs) }
    this.#setAlarm()
  }

  /** The clock goes on at another speed from here. */
  setSpeed(speed: number): void {
    this.catchUp()
    this.#clock = { speed, wallMs: this.#wall.nowMs(), virtualMs: Math.floor(this.cluster.nowMs) }
    this.#setAlarm()
  }

  request(request: HttpRequest): HttpOutcome {
    this.catchUp()
    const { stopped } = this
    if (stopped !== undefined && !isRead(request)) return failureAnswer(...refusedBecause(stopped))
    const { engine } = this.cluster
    const before = engine.nowMs
    const outcome = this.#guarded<HttpOutcome | undefined>(() => {
      this.#finishMoment()
      const given = this.#stretch(() => this.cluster.request(request))
      // What is passed on to a Pod takes the time that the Pod takes.
      if (engine.nowMs > before) this.#finishMoment()
      return given
    }, undefined)
    if (engine.nowMs > before) this.#anchor()
    if (!outcome) return failureAnswer(...refusedBecause(this.#stopped!))
    if (stopped !== undefined && (outcome.kind === 'exec' || outcome.kind === 'port-forward')) {
      if (outcome.kind === 'port-forward') outcome.close()
      return failureAnswer(...refusedBecause(stopped))
    }
    const held = this.#held(outcome)
    this.#setAlarm()
    return held
  }

  /** Where it stands now; everything that is due by now has happened. */
  checkpoint(engineVersion: string): Checkpoint | undefined {
    const { engine, log } = this.cluster
    this.#guarded(() => this.#finishMoment(), undefined)
    if (this.#stopped !== undefined || !this.isReplayed) return undefined
    const virtualMs = engine.nowMs - this.#originMs
    return { engineVersion, virtualMs, commands: log.length, stateHash: this.cluster.stateHash() }
  }

  /**
   * Runs a command to its end, a slice at a time, ahead of the clock, which goes on from there. One that does not end is ended as if
   * by Ctrl-C.
   */
  *run(command: Command, sliceMs: () => number): Generator<undefined, CommandResult> {
    const { cluster } = this
    const printed = { stdout: '', stderr: '' }
    let result: CommandResult | undefined
    const running = this.begin(
      command,
      (done) => {
        result = done
      },
      (stream, text) => {
        printed[stream] += text
      },
    )
    const { ms, isEndless } = cluster.patience(command)
    const untilMs = Math.floor(cluster.nowMs) + ms
    const { engine } = cluster
    const workUntil = engine.workDone + lineSteps
    const isOverworked = () => engine.workDone > workUntil
    while (!this.runAhead(untilMs, () => result !== undefined || isOverworked(), sliceMs())) yield
    if (this.#stopped !== undefined) return result ?? this.#refusedCommand(this.#stopped)
    if (!result) {
      running.interrupt()
      if (isOverworked() && cluster.nowMs < untilMs)
        printed.stderr += 'error: the command was interrupted: it takes more computing than one line may have\n'
      else if (!isEndless)
        printed.stderr += `error: the command was still waiting after ${ms / 1000} s and was interrupted\n`
    }
    return { ...(result ?? this.#refusedCommand('it did not end')), ...printed }
  }

  /** Starts a line, a fault or the like; what it prints comes as the clock goes on. */
  begin(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput: (stream: 'stdout' | 'stderr', text: string) => void,
  ): RunningCommand {
    this.catchUp()
    const { stopped } = this
    if (stopped !== undefined) {
      const result = this.#refusedCommand(stopped)
      onOutput('stderr', result.stderr)
      done(result)
      return nothingRuns
    }
    const release = this.#holdLine()
    const end = (result: CommandResult): void => {
      this.#running.delete(giveUp)
      release()
      done(result)
    }
    const giveUp = (why: string): void => {
      const result = this.#refusedCommand(why)
      onOutput('stderr', result.stderr)
      end(result)
    }
    this.#running.add(giveUp)
    const begun = this.#guarded<RunningCommand>(() => {
      this.#finishMoment()
      return this.#stretch(() => this.cluster.begin(command, end, onOutput))
    }, nothingRuns)
    this.#setAlarm()
    const act = (perform: () => void): void => {
      this.catchUp()
      this.#perform(perform)
    }
    return {
      input: (input) =>
        act(() => {
          const { stopped } = this
          if (stopped === undefined) return begun.input(input)
          onOutput('stderr', `error: ${stopped}\n`)
          begun.interrupt()
        }),
      interrupt: () => act(() => begun.interrupt()),
    }
  }

  /** Drives the clock for somebody who looks on. @returns how to leave */
  hold(): () => void {
    this.#open++
    this.#setAlarm()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#open--
    }
  }

  /** The same for a line or a program, which moves a paused clock. */
  #holdLine(): () => void {
    const count = (by: number): void => {
      if (this.#clock.speed === 0)
        this.#clock = {
          ...this.#clock,
          wallMs: this.#wall.nowMs(),
          virtualMs: Math.floor(this.cluster.nowMs),
        }
      this.#lines += by
    }
    count(1)
    const release = this.hold()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      count(-1)
      release()
    }
  }

  /** No alarm of it is left behind. */
  close(): void {
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
  }

  #replay(stopAt: number): boolean {
    const { cluster } = this
    for (;;) {
      if (!this.#compare(stopAt)) return false
      if (this.#replayed === this.#stored.length) {
        if (this.#orphans.size > 0 && !this.#runTo(this.#storedMs, stopAt)) return false
        this.#endOrphans()
        return true
      }
      const { atMs, command, isBegun } = this.#stored[this.#replayed]!
      if (!this.#runTo(atMs, stopAt)) return false
      this.#finishMoment()
      const number = this.#replayed
      if (isBegun) {
        let isOver = false
        const begun = this.#stretch(() =>
          cluster.begin(command, () => {
            isOver = true
            this.#orphans.delete(number)
          }),
        )
        if (!isOver) this.#orphans.set(number, begun)
      } else this.#stretch(() => cluster.execute(command))
      this.#replayed++
      if (performance.now() > stopAt) return false
    }
  }

  /** Their terminals are gone, and so they are ended as if by Ctrl-C. */
  #endOrphans(): void {
    const orphans = [...this.#orphans.values()]
    this.#orphans.clear()
    for (const orphan of orphans) orphan.interrupt()
  }

  #compare(stopAt: number): boolean {
    const checkpoint = this.#checkpoint
    if (!checkpoint || this.#replayed < checkpoint.commands) return true
    if (!this.#runTo(checkpoint.virtualMs, stopAt)) return false
    this.#checkpoint = undefined
    this.#watcher.compared?.(this.cluster.stateHash() === checkpoint.stateHash)
    return true
  }

  /** @returns whether that moment is reached, or it is enough */
  #runTo(virtualMs: number, stopAt: number, isEnough?: () => boolean): boolean {
    const { engine } = this.cluster
    const targetMs = this.#originMs + virtualMs
    for (;;) {
      const next = engine.nextDueMs()
      if (next === undefined || next > targetMs) break
      this.#stretch(() => engine.step())
      if (isEnough?.()) break
      if (performance.now() > stopAt) return false
    }
    // With whole milliseconds only is a command's moment told: what else is due in this one comes before it.
    if (isEnough?.()) this.#finishMoment()
    else engine.runUntil(targetMs)
    return true
  }

  /** All that is due in the whole millisecond that has begun. */
  #finishMoment(): void {
    if (this.#stopped !== undefined) return
    const { engine } = this.cluster
    const endMs = Math.ceil(engine.nowMs)
    for (let next = engine.nextDueMs(); next !== undefined && next <= endMs; next = engine.nextDueMs())
      this.#stretch(() => engine.step())
    engine.runUntil(endMs)
  }

  /** @throws Outgrown when it takes more than it may without a pause */
  #stretch<T>(act: () => T): T {
    const { stretchSteps } = this.#watcher
    if (stretchSteps === undefined) return act()
    return budgeted(stretchSteps, act, () => {
      throw new Outgrown()
    })
  }

  /** Does something to what is open. */
  #perform(act: () => void): void {
    this.#guarded(() => {
      this.#finishMoment()
      this.#stretch(act)
    }, undefined)
    this.#setAlarm()
  }

  /** After time was jumped over: what is past stays past. */
  #anchor(): void {
    const nowMs = this.#wall.nowMs()
    const virtualMs = Math.max(Math.floor(this.cluster.nowMs), virtualAt(this.#pace, nowMs))
    this.#clock = { ...this.#clock, wallMs: nowMs, virtualMs }
    this.#setAlarm()
  }

  /** Whatever ends the run ends it for good: a replay would end there, too. */
  #guarded<T>(act: () => T, otherwise: T): T {
    try {
      return act()
    } catch (error) {
      if (error instanceof Outgrown) throw error
      const isBudget = error instanceof Error && error.name === 'BudgetError'
      this.#stopped = isBudget
        ? `${error.message.replace(/^\w/, (letter) => letter.toUpperCase())}. Branch it at an earlier moment, or reset it.`
        : 'The simulator failed here, which is our mistake. Branch it at an earlier moment, or reset it.'
      if (!isBudget) this.#watcher.failed?.(error)
      this.#clock = { speed: 0, wallMs: this.#wall.nowMs(), virtualMs: Math.ceil(this.cluster.nowMs) }
      for (const giveUp of [...this.#running]) giveUp(this.#stopped)
      return otherwise
    }
  }

  #refusedCommand(why: string): CommandResult {
    const atMs = this.cluster.nowMs
    return { atMs, doneMs: atMs, exit: 1, stdout: '', stderr: `error: ${why}\n` }
  }

  /** Counts what is held open, so that the clock is driven for it. */
  #held(outcome: HttpOutcome): HttpOutcome {
    const act =
      <A extends unknown[]>(call: (...given: A) => void) =>
      (...given: A): void => {
        this.catchUp()
        this.#perform(() => call(...given))
      }
    switch (outcome.kind) {
      case 'stream':
        return {
          ...outcome,
          open: (sink: StreamSink) => {
            const release = this.hold()
            const end = () => {
              release()
              sink.end()
            }
            const stream = this.#stretch(() => outcome.open({ write: (text) => sink.write(text), end }))
            return {
              close(reason?: 'timeout') {
                release()
                stream.close(reason)
              },
            }
          },
        }
      case 'exec':
        return {
          ...outcome,
          open: (sink: ExecSink) => {
            const release = this.#holdLine()
            let isOver = false
            const end = (status: Record<string, unknown>): void => {
              if (isOver) return
              isOver = true
              release()
              sink.end(status)
            }
            const open = () =>
              this.stopped === undefined
                ? this.#stretch(() =>
                    outcome.open({ stdout: (data) => sink.stdout(data), stderr: (data) => sink.stderr(data), end }),
                  )
                : undefined
            const input = this.#guarded(open, undefined)
            if (!input) {
              end(failureStatus(...refusedBecause(this.stopped!)))
              return closed
            }
            this.#setAlarm()
            return {
              write: act((data: Uint8Array) => {
                const { stopped } = this
                if (stopped === undefined) return input.write(data)
                end(failureStatus(...refusedBecause(stopped)))
                input.close()
              }),
              end: act(() => input.end()),
              resize: act((columns: number, rows: number) => {
                if (this.stopped === undefined) input.resize(columns, rows)
              }),
              close: act(() => {
                release()
                input.close()
              }),
            }
          },
        }
      case 'port-forward': {
        const release = this.hold()
        return {
          ...outcome,
          connect: (port, sink) => {
            this.catchUp()
            const connect = () =>
              this.stopped === undefined ? this.#stretch(() => outcome.connect(port, sink)) : undefined
            const input = this.#guarded(connect, undefined)
            if (!input) {
              sink.error(`the sandbox is stopped: ${this.stopped}`)
              return closed
            }
            this.#setAlarm()
            let isOver = false
            return {
              write: act((data: Uint8Array) => {
                if (isOver) return
                if (this.stopped === undefined) return input.write(data)
                isOver = true
                sink.end()
                input.close()
              }),
              end: act(() => input.end()),
              close: act(() => input.close()),
            }
          },
          close: act(() => {
            release()
            outcome.close()
          }),
        }
      }
      default:
        return outcome
    }
  }

  #setAlarm(): void {
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
    if (this.#open === 0 || this.#stopped !== undefined) return
    const { engine } = this.cluster
    const next = engine.nextDueMs()
    if (next === undefined) return
    const wait = wallUntil(this.#pace, next - this.#originMs, this.#wall.nowMs())
    if (wait === Number.POSITIVE_INFINITY) return
    this.#cancelAlarm = this.#wall.after(Math.max(shortestWaitMs, this.#restMs, Math.ceil(wait)), () => {
      this.#cancelAlarm = undefined
      const startMs = performance.now()
      const isCaughtUp = this.catchUp(this.#watcher.sliceMs?.())
      // One that cannot keep up leaves the others as much time as it takes.
      this.#restMs = isCaughtUp ? 0 : Math.ceil(performance.now() - startMs)
      const lagMs = this.shownMs - this.cluster.nowMs
      if (!isCaughtUp && this.isRebuilt && lagMs > longestLagMs * this.#pace.speed) this.fallBehind()
      else this.#setAlarm()
    })
  }
}

/** Of a session that did not begin. */
const closed = { write: () => undefined, end: () => undefined, resize: () => undefined, close: () => undefined }

/** What a client is told whose sandbox takes no more: code, reason and message. */
const refusedBecause = (why: string) => [403, 'Forbidden', `the sandbox is stopped: ${why}`] as const

/** Node's own clock. */
export const realWall: Wall = {
  nowMs: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1))
    timer.unref?.()
    return () => clearTimeout(timer)
  },
}
