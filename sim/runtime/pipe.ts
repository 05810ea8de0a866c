/** Streams between processes: pipes with counted ends and a full mark, texts as input, callbacks as output. */

import { charge, chargeText } from '../engine/work.ts'
import type { InputStream, OutputStream, Wait } from './process.ts'

/** A stream that must know how many processes hold it: the last one to leave closes it. */
export interface CountedStream {
  hold(): void
  release(): void
}

/** An output that may be full, be closed, or forward to the process that writes. */
export interface PipeEnd extends OutputStream, CountedStream {
  readonly isFull: boolean
  readonly isBroken: boolean
  /** Calls back once there is room; gives what takes that back. */
  whenDrained(resume: () => void): () => void
}

export interface Pipe {
  input: InputStream & CountedStream
  output: PipeEnd
  /** Ends the input without any process to release the output: exec's stdin. */
  close(): void
}

/** Characters that a pipe takes before its writer has to wait. */
const capacity = 65_536

export function createPipe(options: { isTerminal?: boolean } = {}): Pipe {
  const isTerminal = options.isTerminal ?? false
  let buffer = ''
  let writers = 0
  let readers = 0
  let isEnded = false
  let isBroken = false
  let readerWaits: (() => boolean)[] = []
  let drainWaits: (() => void)[] = []

  const wakeReaders = (): void => {
    const waiting = readerWaits
    readerWaits = []
    for (const tryRead of waiting) if (!tryRead()) readerWaits.push(tryRead)
  }
  const drained = (): void => {
    if (buffer.length >= capacity) return
    const waiting = drainWaits
    drainWaits = []
    for (const resume of waiting) resume()
  }
  const end = (): void => {
    isEnded = true
    wakeReaders()
  }
  const readWhen = <T>(take: () => { value: T } | undefined): Wait<T> => ({
    start(resume) {
      const tryRead = (): boolean => {
        const taken = take()
        if (!taken) return false
        resume(taken.value)
        drained()
        return true
      }
      if (tryRead()) return () => {}
      readerWaits.push(tryRead)
      return () => {
        readerWaits = readerWaits.filter((wait) => wait !== tryRead)
      }
    },
  })
  // Text that readAll has taken so far counts as read, so that a writer of more than the capacity is not stuck.
  const readAll = (): Wait<string> => {
    let taken = ''
    return readWhen(() => {
      chargeText(buffer.length)
      taken += buffer
      buffer = ''
      drained()
      return isEnded ? { value: taken } : undefined
    })
  }
  // The same of a line that is longer than the capacity. Who gives up waiting for the end of it leaves it to the next one.
  const readLine = (): Wait<string | undefined> => {
    let taken = ''
    const wait = readWhen<string | undefined>(() => {
      const newline = buffer.indexOf('\n')
      const isWhole = newline >= 0 || isEnded
      if (!isWhole && buffer.length < capacity) return undefined
      charge(1)
      const end = newline >= 0 ? newline + 1 : buffer.length
      chargeText(end)
      taken += buffer.slice(0, end)
      buffer = buffer.slice(end)
      if (isWhole) return { value: taken === '' ? undefined : taken }
      drained()
      return undefined
    })
    return {
      start(resume) {
        const stop = wait.start((line) => {
          taken = ''
          resume(line)
        })
        return () => {
          stop()
          buffer = taken + buffer
          taken = ''
        }
      },
    }
  }
  return {
    input: {
      isTerminal,
      readLine,
      readSome: (most) =>
        readWhen<string | undefined>(() => {
          if (buffer === '' && !isEnded) return undefined
          const some = buffer.slice(0, most)
          chargeText(some.length)
          buffer = buffer.slice(most)
          return { value: some === '' ? undefined : some }
        }),
      readAll,
      hold: () => void readers++,
      release: () => {
        if (--readers > 0) return
        isBroken = true
        buffer = ''
        drained()
      },
    },
    output: {
      isTerminal,
      get isFull() {
        return buffer.length >= capacity && !isBroken
      },
      get isBroken() {
        return isBroken
      },
      write(text) {
        if (isBroken || isEnded) return
        buffer += text
        wakeReaders()
      },
      whenDrained(resume) {
        drainWaits.push(resume)
        return () => {
          drainWaits = drainWaits.filter((wait) => wait !== resume)
        }
      },
      hold: () => void writers++,
      release: () => {
        if (--writers <= 0) end()
      },
    },
    close: end,
  }
}

/** Input that is all there from the start. */
export function createTextInput(text: string): InputStream {
  let rest = text
  return {
    isTerminal: false,
    readLine: () =>
      now(() => {
        if (rest === '') return undefined
        const end = rest.indexOf('\n') + 1 || rest.length
        charge(1)
        chargeText(end)
        const line = rest.slice(0, end)
        rest = rest.slice(end)
        return line
      }),
    readSome: (most) =>
      now(() => {
        const some = rest.slice(0, most)
        chargeText(some.length)
        rest = rest.slice(most)
        return some === '' ? undefined : some
      }),
    readAll: () =>
      now(() => {
        const all = rest
        chargeText(all.length)
        rest = ''
        return all
      }),
  }
}

/** Output that goes to a function. */
export function createOutput(write: (text: string) => void, isTerminal = false): OutputStream {
  return { write, isTerminal }
}

/** A wait that is over at once. */
function now<T>(value: () => T): Wait<T> {
  return {
    start(resume) {
      resume(value())
      return () => {}
    },
  }
}
