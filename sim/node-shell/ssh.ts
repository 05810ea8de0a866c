/** The way to a node from outside of the cluster, and what ssh says when there is none. Source: ssh(1), connect(2) */
import type { Engine } from '../engine/engine.ts'
import type { Driven } from '../runtime/drive.ts'
import type { Done, Emit } from './shell.ts'

export interface ConnectionFailure {
  afterMs: number
  message: string
}

const CONNECT_MS = 120
const RESOLVE_MS = 20
/** Three questions for the address of a neighbour, a second apart. */
const UNREACHABLE_MS = 3060
/** ConnectTimeout: without it a connection that nobody answers is given up after two minutes. */
const TIMEOUT_MS = 10_000
const FAILED = 255

export const unknownHost = (node: string): ConnectionFailure => ({
  afterMs: RESOLVE_MS,
  message: `ssh: Could not resolve hostname ${node}: Name or service not known\n`,
})
export const unroutable = (node: string): ConnectionFailure => ({
  afterMs: UNREACHABLE_MS,
  message: `ssh: connect to host ${node} port 22: No route to host\n`,
})
export const unanswered = (node: string): ConnectionFailure => ({
  afterMs: TIMEOUT_MS,
  message: `ssh: connect to host ${node} port 22: Connection timed out\n`,
})

/** Waits for the connection, then begins; or says after a while why there is none. */
export function connect(
  engine: Engine,
  failure: ConnectionFailure | undefined,
  emit: Emit,
  done: Done,
  begin: () => Driven,
): Driven {
  let driven: Driven | undefined
  let isOver = false
  const timer = engine.after(failure?.afterMs ?? CONNECT_MS, 'ssh', () => {
    if (failure) {
      isOver = true
      emit('stderr', failure.message)
      done(FAILED)
    } else driven = begin()
  })
  return {
    get isDone() {
      return isOver || (driven?.isDone ?? false)
    },
    interrupt() {
      if (driven) driven.interrupt()
      else if (!isOver) {
        isOver = true
        engine.cancel(timer)
      }
    },
  }
}
