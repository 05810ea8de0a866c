/** Reads files on threads of their own, with limits on time and memory: a hostile one holds up nobody. */
import { currentLocale } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'
import type { Seat } from '../seat.ts'
import { startThread, threadEntry } from '../threads.ts'
import type { FileRead } from './file.ts'
import type { ReaderTask } from './reader-thread.ts'

export interface ReaderLimits {
  timeoutMs: number
  memoryMb: number
  /** Files at a time. */
  together: number
}

const usualLimits: ReaderLimits = { timeoutMs: 20_000, memoryMb: 768, together: 2 }

export interface Reader {
  /** Undefined while as many are read as may be at a time. */
  read(bytes: Buffer, owner: Seat, nowMs: number): Promise<FileRead> | undefined
}

/** @param key of the files' signatures */
export function createReader(key: string, limits: ReaderLimits = usualLimits): Reader {
  const entry = threadEntry(import.meta.url, './reader-thread')
  let running = 0
  return {
    read(bytes, owner, nowMs) {
      if (running >= limits.together) return undefined
      running++
      return readOnce(entry, { bytes, owner, nowMs, key, locale: currentLocale() }, limits).finally(() => running--)
    },
  }
}

function readOnce(entry: string, data: ReaderTask, { timeoutMs, memoryMb }: ReaderLimits): Promise<FileRead> {
  return new Promise((done, fail) => {
    const tooMuch = () =>
      done({ problems: [{ at: '', what: t('takes more time or memory to read than there is for one') }], count: 1 })
    const end = (act: () => void) => {
      clearTimeout(timer)
      void thread.end()
      act()
    }
    const thread = startThread<never, FileRead>({
      entry,
      data,
      memoryMb,
      message: (read) => end(() => done(read)),
      problem: (error) => end(() => fail(error)),
      lost: ({ text, isOutOfMemory }) =>
        end(() => (isOutOfMemory ? tooMuch() : fail(new Error(`the thread that reads a file was lost: ${text}`)))),
    })
    const timer = setTimeout(() => end(tooMuch), timeoutMs)
  })
}
