/** Hosts in processes of their own, and a host in this process for tests: the same messages either way. */
import { processEntry, startProcess } from '../../child-processes.ts'
import { overdueBy, type ProcessTimes, processStopwatch } from '../../process-time.ts'
import { type HostOptions, SandboxHost } from './host.ts'
import type { StartHost } from './host-client.ts'
import type { Wall } from './live-sandbox.ts'
import { openNotes } from './notes.ts'
import type { FromHost, ToHost } from './protocol.ts'

export interface ProcessHostOptions extends HostOptions {
  memoryMb: number
  /**
   * A process that computes for so long on one sandbox without a pause is ended, and so is one that goes without a pause for so long by the wall clock:
   * on a busy machine it waits for a processor meanwhile.
   */
  stall: ProcessTimes
  niceness?: number
}

const lookMs = 500

export function startProcessHost(options: ProcessHostOptions): StartHost {
  return (listener) => {
    const notes = openNotes()
    const { memoryMb, stall, niceness, ...hostOptions } = options
    let isClosed = false
    const close = (): void => {
      if (isClosed) return
      isClosed = true
      clearInterval(watch)
      notes.close()
    }
    const child = startProcess<ToHost, FromHost[]>({
      entry: processEntry(import.meta.url, './host-process'),
      data: hostOptions,
      file: notes.file,
      memoryMb,
      niceness,
      message: (messages) => listener.messages(messages),
      problem: (error) => listener.problem(error),
      // Memory runs out just as well behind the work that filled it: while a message is read, or what came of the work is told.
      lost: ({ text, isOutOfMemory }) => {
        const { current, last } = notes.read()
        close()
        listener.lost(isOutOfMemory ? last : current, text)
      },
    })
    let pauses = 0
    let sincePause = processStopwatch(child.pid)
    const watch = setInterval(() => {
      const noted = notes.read()
      if (noted.pauses !== pauses || noted.current === 0) {
        pauses = noted.pauses
        sincePause = processStopwatch(child.pid)
        return
      }
      const taken = sincePause()
      if (!overdueBy(taken, stall)) return
      close()
      void child.end()
      listener.lost(noted.current, `it worked for ${Math.round(taken.cpuMs)} ms without a pause`)
    }, lookMs).unref()
    return {
      post: child.post,
      async close() {
        close()
        await child.end()
      },
    }
  }
}

/** Without a process: what is said is copied as it is on the way to one, and arrives a turn later. */
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
