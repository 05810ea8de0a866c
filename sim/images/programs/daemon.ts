/** A server that is known by its ports and its log: says what it says, listens, and ends on a signal as the real one does. */
import type { PortServer } from '../../network/types.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process, Program, Signal } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { formatDate } from './date-format.ts'
import type { Run } from './support.ts'
import { isLoopback, untilSignal } from './web-server.ts'

type Text = string | ((process: Process) => string)

export interface DaemonOptions {
  ports: readonly number[] | ((process: Process) => readonly number[])
  /** The addresses that it is told to bind to, separated by commas or blanks; all unless told. */
  address?: (process: Process) => string | undefined
  memoryBytes: number
  /** CPU that it wants while idle; 2 unless told. */
  cpuMillis?: number
  /** Waiting until it listens. */
  startMs?: number | ((process: Process) => number)
  /** CPU time until it listens, after `startMs`: a CPU limit stretches it. */
  startCpuMs?: number
  /** Why it can't start, printed before it exits with 1 (or with the code beside it); undefined when all is well. */
  refuse?: (process: Process) => string | { text: string; exitCode: number } | undefined
  /** Printed before it starts. */
  starting?: Text
  ready: Text
  stopping?: Text
  /** From the signal to the end. */
  stopMs?: number
  /** Signals that end it, with the exit code of each; SIGTERM, SIGINT and SIGQUIT with 0 unless told. Others do what they do to any process. */
  signals?: Partial<Record<Signal, number>>
  /** What it does with a connection; nothing but accepting it unless told. Called once, when it starts to listen. */
  serve?: (process: Process, port: number) => PortServer
  /** After the last request, before `stopped`: what it writes down. */
  onStop?: (process: Process) => void
  /** Printed when it has stopped. */
  stopped?: Text
  logsTo?: 'stdout' | 'stderr'
}

/** Makes the program of such a server. */
export const createDaemon = (options: DaemonOptions): Program =>
  function* (process) {
    try {
      return yield* run(process, options)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      process.stderr.write(`${process.argv[0]}: ${error.message}\n`)
      return 1
    }
  }

/** A server whose files can't be written tells its client so. */
const careful = (server: PortServer): PortServer => ({
  ...server,
  ...(server.tcp && {
    tcp(input: string, reply: (output: string) => void) {
      try {
        server.tcp?.(input, reply)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        reply(`ERROR: ${error.message}\n`)
      }
    },
  }),
})

function* run(process: Process, options: DaemonOptions): Run {
  const say = (text: Text | undefined): void => {
    const words = typeof text === 'function' ? text(process) : text
    if (words) process[options.logsTo ?? 'stdout'].write(words)
  }
  const problem = options.refuse?.(process)
  if (problem) {
    process.stderr.write(typeof problem === 'string' ? problem : problem.text)
    return typeof problem === 'string' ? 1 : problem.exitCode
  }
  const exitCodes: Partial<Record<Signal, number>> = options.signals ?? { SIGTERM: 0, SIGINT: 0, SIGQUIT: 0 }
  const signals = Object.keys(exitCodes) as Signal[]
  process.useMemory(options.memoryBytes)
  say(options.starting)
  const startMs = typeof options.startMs === 'function' ? options.startMs(process) : (options.startMs ?? 0)
  const early = yield* waitFor(signalWithin(process, signals, startMs))
  if (early) return exitCodes[early] ?? 0
  if (options.startCpuMs) yield* waitFor(process.cpu(options.startCpuMs))
  process.useCpu(options.cpuMillis ?? 2)
  const ports = typeof options.ports === 'function' ? options.ports(process) : options.ports
  const addresses =
    options
      .address?.(process)
      ?.split(/[\s,]+/)
      .filter(Boolean) ?? []
  const isLocal = addresses.length > 0 && addresses.every((address) => isLoopback(address.replace(/^-/, '')))
  const closers: (() => void)[] = []
  for (const port of ports) {
    const server = options.serve?.(process, port) ?? { tcp: (_: string, reply: (output: string) => void) => reply('') }
    const listening = process.network.listen(port, careful(isLocal ? { ...server, isLocal } : server))
    if ('error' in listening) {
      process.stderr.write(`could not listen on port ${port}: ${listening.error}\n`)
      for (const close of closers) close()
      return 1
    }
    closers.push(listening.close)
  }
  say(options.ready)
  const signal = yield* waitFor(untilSignal(process, signals))
  for (const close of closers) close()
  say(options.stopping)
  if (options.stopMs) yield* waitFor(process.sleep(options.stopMs))
  options.onStop?.(process)
  say(options.stopped)
  return exitCodes[signal] ?? 0
}

/** One of the signals, or undefined when none came in that time. */
export const signalWithin = (process: Process, signals: readonly Signal[], ms: number) => ({
  start(resume: (signal: Signal | undefined) => void): () => void {
    let isDone = false
    const cancel = process.sleep(ms).start(() => {
      isDone = true
      resume(undefined)
    })
    for (const signal of signals)
      process.onSignal(signal, () => {
        if (isDone) return
        isDone = true
        cancel()
        resume(signal)
      })
    return cancel
  },
})

/** The moment in a strftime pattern; `%L` is milliseconds in three digits. */
export function stamp(process: Process, pattern: string): string {
  const nowMs = process.nowEpochMs()
  return formatDate(nowMs, pattern.replace('%L', String(Math.floor(nowMs) % 1000).padStart(3, '0')))
}

/** An image's entrypoint script that does nothing worth telling: it becomes the rest of its command, adding `program` before options. */
export const becomes = (program?: string): Program =>
  function* (process) {
    const given = process.argv.slice(1)
    const argv = program !== undefined && (given.length === 0 || given[0].startsWith('-')) ? [program, ...given] : given
    const wait = process.exec({ argv })
    if (!('error' in wait)) return yield* waitFor(wait)
    process.stderr.write(
      `${process.argv[0]}: exec: ${argv[0]}: ${wait.error === 'not-found' ? 'not found' : 'Permission denied'}\n`,
    )
    return wait.error === 'not-found' ? 127 : 126
  }
