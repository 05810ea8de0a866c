/** A server known by its port alone: says what it says, listens, and ends on a signal. */
import type { PortServer } from '../../network/types.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { untilSignal } from './web-server.ts'

export interface DaemonOptions {
  port: number
  memoryBytes: number
  startMs: number
  /** Why it can't start, printed before it exits with 1; undefined when all is well. */
  refuse?: (process: Process) => string | undefined
  ready: (process: Process) => string
  stopping: (process: Process) => string
  tcp?: PortServer['tcp']
}

export const createDaemon = (options: DaemonOptions): Program =>
  function* (process) {
    const problem = options.refuse?.(process)
    if (problem) {
      process.stderr.write(problem)
      return 1
    }
    process.useMemory(options.memoryBytes)
    process.useCpu(2)
    yield* waitFor(process.sleep(options.startMs))
    const listening = process.network.listen(options.port, { tcp: options.tcp ?? ((_, reply) => reply('')) })
    if ('error' in listening) {
      process.stderr.write(`could not listen on port ${options.port}: ${listening.error}\n`)
      return 1
    }
    process.stdout.write(options.ready(process))
    yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT', 'SIGQUIT']))
    listening.close()
    process.stdout.write(options.stopping(process))
    return 0
  }
