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
  StreamSink,
} from '../../../sim/index.ts'
import { type ClusterOptions, createCluster } from '../simulator.ts'
import { type ClockSetting, virtualAt, wallUntil } from './clock.ts'

/** What a sandbox is stored as: everything else is a replay of it. */
export interface SandboxState {
  options: ClusterOptions
  log: readonly LoggedCommand[]
  clock: ClockSetting
}

/** The wall clock and its alarms: real ones, or those of a test. */
export interface Wall {
  nowMs(): number
  /** @returns how to take it back */
  after(ms: number, act: () => void): () => void
}

/** A command that runs while the clock goes on. */
export interface RunningCommand {
  interrupt(): void
}

/** Computing time that one look may take: what is left is made up for by the next. */
const sliceMs = 40
/** The finest that output is handed on in: between two looks of a stream. */
const shortestWaitMs = 5

export class LiveSandbox {
  readonly cluster: LiveCluster
  readonly #wall: Wall
  #clock: ClockSetting
  /** Streams and commands that are held open. */
  #open = 0
  #cancelAlarm: (() => void) | undefined

  constructor({ options, log, clock }: SandboxState, wall: Wall) {
    this.#wall = wall
    this.#clock = clock
    this.cluster = createCluster(options)
    for (const { atMs, command, isBegun } of log) {
      this.cluster.advance(Math.max(0, atMs - this.cluster.nowMs))
      if (isBegun) this.cluster.begin(command, () => undefined)
      else this.cluster.execute(command)
    }
  }

  get clock(): ClockSetting {
    return this.#clock
  }

  get isIdle(): boolean {
    return this.#open === 0
  }

  /** Lets happen what is due by now. @returns whether all of it has */
  catchUp(): boolean {
    const target = virtualAt(this.#clock, this.#wall.nowMs())
    const { cluster } = this
    const stopAt = performance.now() + sliceMs
    while (cluster.nowMs < target) {
      const next = cluster.engine.nextDueMs()
      const dueMs = next === undefined ? target : next - (cluster.engine.nowMs - cluster.nowMs)
      cluster.advance(Math.max(0, Math.min(dueMs, target) - cluster.nowMs))
      if (performance.now() > stopAt) return cluster.nowMs >= target
    }
    return true
  }

  /** The clock goes on at another speed from here. */
  setSpeed(speed: number): void {
    this.catchUp()
    this.#clock = { speed, wallMs: this.#wall.nowMs(), virtualMs: Math.floor(this.cluster.nowMs) }
    this.#setAlarm()
  }

  /** Jumps ahead: what lies between happens at once. */
  skip(ms: number): void {
    this.cluster.advance(ms)
    this.#clock = { ...this.#clock, wallMs: this.#wall.nowMs(), virtualMs: Math.floor(this.cluster.nowMs) }
    this.#setAlarm()
  }

  request(request: HttpRequest): HttpOutcome {
    this.catchUp()
    const outcome = this.#held(this.cluster.request(request))
    this.#setAlarm()
    return outcome
  }

  /** Starts a line, a fault or the like; what it prints comes as the clock goes on. */
  begin(
    command: Command,
    done: (result: CommandResult) => void,
    onOutput: (stream: 'stdout' | 'stderr', text: string) => void,
  ): RunningCommand {
    this.catchUp()
    this.#open++
    const begun = this.cluster.begin(
      command,
      (result) => {
        this.#open--
        done(result)
      },
      onOutput,
    )
    this.#setAlarm()
    return {
      interrupt: () => {
        this.catchUp()
        begun.interrupt()
      },
    }
  }

  /** No alarm of it is left behind. */
  close(): void {
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
  }

  /** Counts what is held open, so that the clock is driven for it. */
  #held(outcome: HttpOutcome): HttpOutcome {
    const hold = (): (() => void) => {
      this.#open++
      this.#setAlarm()
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        this.#open--
      }
    }
    switch (outcome.kind) {
      case 'stream':
        return {
          ...outcome,
          open: (sink: StreamSink) => {
            const release = hold()
            const stream = outcome.open({
              write: (text) => sink.write(text),
              end: () => {
                release()
                sink.end()
              },
            })
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
            const release = hold()
            const input = outcome.open({
              ...sink,
              stdout: (data) => sink.stdout(data),
              stderr: (data) => sink.stderr(data),
              end: (status) => {
                release()
                sink.end(status)
              },
            })
            const act =
              <A extends unknown[]>(call: (...given: A) => void) =>
              (...given: A): void => {
                this.catchUp()
                call(...given)
                this.#setAlarm()
              }
            return {
              write: act((data: Uint8Array) => input.write(data)),
              end: act(() => input.end()),
              resize: act((columns: number, rows: number) => input.resize(columns, rows)),
              close: act(() => {
                release()
                input.close()
              }),
            }
          },
        }
      case 'port-forward': {
        const release = hold()
        return {
          ...outcome,
          connect: (port, sink) => {
            this.catchUp()
            const input = outcome.connect(port, sink)
            this.#setAlarm()
            return {
              write: (data) => {
                this.catchUp()
                input.write(data)
                this.#setAlarm()
              },
              end: () => {
                this.catchUp()
                input.end()
                this.#setAlarm()
              },
              close: () => {
                this.catchUp()
                input.close()
              },
            }
          },
          close: () => {
            this.catchUp()
            release()
            outcome.close()
          },
        }
      }
      default:
        return outcome
    }
  }

  #setAlarm(): void {
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
    if (this.#open === 0) return
    const { engine } = this.cluster
    const next = engine.nextDueMs()
    if (next === undefined) return
    const dueMs = next - (engine.nowMs - this.cluster.nowMs)
    const wait = wallUntil(this.#clock, dueMs, this.#wall.nowMs())
    if (wait === Number.POSITIVE_INFINITY) return
    this.#cancelAlarm = this.#wall.after(Math.max(shortestWaitMs, Math.ceil(wait)), () => {
      this.#cancelAlarm = undefined
      this.catchUp()
      this.#setAlarm()
    })
  }
}

/** Node's own clock. */
export const realWall: Wall = {
  nowMs: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(ms, 2 ** 31 - 1))
    timer.unref?.()
    return () => clearTimeout(timer)
  },
}
