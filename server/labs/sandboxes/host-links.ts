/** Hosts in worker threads, and a host in this thread for tests: the same messages either way. */
import { startThread, threadEntry } from '../../threads.ts'
import { type HostOptions, SandboxHost } from './host.ts'
import type { StartHost } from './host-client.ts'
import type { Wall } from './live-sandbox.ts'
import type { FromHost, ToHost } from './protocol.ts'

export interface ThreadOptions extends HostOptions {
  memoryMb: number
  /** A thread that works on one sandbox for so long without a pause is ended. */
  stallMs: number
}

/** What the thread is given, beside its options: where it notes what it works on and worked on last, and how often it has paused. */
export interface ThreadData {
  options: HostOptions
  progress: SharedArrayBuffer
}

/** What each number of `progress` is: an opening (0 for none), the latest opening that was not 0, and a count. */
export const cell = { current: 0, last: 1, pauses: 2 }

const lookMs = 500

/** A thread that ends tells nobody why, so what it works on is noted where both sides read. */
export function startThreadHost(options: ThreadOptions): StartHost {
  return (listener) => {
    const progress = new SharedArrayBuffer(Object.keys(cell).length * Int32Array.BYTES_PER_ELEMENT)
    const noted = new Int32Array(progress)
    const { memoryMb, stallMs, ...hostOptions } = options
    let pauses = 0
    let sincePauseMs = performance.now()
    const watch = setInterval(() => {
      const count = Atomics.load(noted, cell.pauses)
      const nowMs = performance.now()
      if (count !== pauses || Atomics.load(noted, cell.current) === 0) {
        pauses = count
        sincePauseMs = nowMs
      } else if (nowMs - sincePauseMs > stallMs) {
        void thread.end()
        lost(`it worked for ${stallMs} ms without a pause`)
      }
    }, lookMs).unref()
    const lost = (why: string, over = Atomics.load(noted, cell.current)): void => {
      clearInterval(watch)
      listener.lost(over, why)
    }
    const thread = startThread<ToHost, FromHost[]>({
      entry: threadEntry(import.meta.url, './host-thread'),
      data: { options: hostOptions, progress } satisfies ThreadData,
      memoryMb,
      message: (messages) => listener.messages(messages),
      problem: (error) => listener.problem(error),
      // Memory runs out just as well behind the work that filled it: while a message is read, or what came of the work is told.
      lost: ({ text, isOutOfMemory }) => lost(text, Atomics.load(noted, isOutOfMemory ? cell.last : cell.current)),
    })
    return {
      post: thread.post,
      async close() {
        clearInterval(watch)
        await thread.end()
      },
    }
  }
}

/** Without a thread: what is said is copied as it is on the way to one, and arrives a turn later. */
export function startLocalHost(options: HostOptions, wall: Wall): StartHost {
  return (listener) => {
    let isOver = false
    const host = new SandboxHost(
      (messages) => {
        const copy = structuredClone(messages)
        setImmediate(() => {
          if (!isOver) listener.messages(copy)
        })
      },
      wall,
      options,
    )
    return {
      post(message) {
        const copy = structuredClone(message)
        setImmediate(() => {
          if (!isOver) host.receive(copy)
        })
      },
      async close() {
        isOver = true
        host.close()
      },
    }
  }
}
