/** Reads files in processes of their own, with limits on time and memory: a hostile one holds up nobody. */
import { processEntry, startProcess } from '../child-processes.ts'
import { currentLocale } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'
import { watchProcessTime } from '../process-time.ts'
import type { Seat } from '../seat.ts'
import type { FileRead } from './file.ts'
import type { ReaderTask } from './reader-process.ts'

export interface ReaderLimits {
  /** Of the process that reads one: its computing, and what passes by the wall clock on a busy machine. */
  cpuMs: number
  wallMs: number
  memoryMb: number
  /** Files at a time. */
  together: number
}

const usualLimits: ReaderLimits = { cpuMs: 15_000, wallMs: 60_000, memoryMb: 768, together: 2 }

/** Stays open until it has been read. */
export interface OpenFile {
  handle: { readonly fd: number }
  /** In bytes. */
  length: number
}

export interface Reader {
  /** Undefined while as many are read as may be at a time. */
  read(file: OpenFile, owner: Seat, nowMs: number): Promise<FileRead> | undefined
}

/** @param key of the files' signatures */
export function createReader(key: string, limits: ReaderLimits = usualLimits): Reader {
  let running = 0
  return {
    read({ handle, length }, owner, nowMs) {
      if (running >= limits.together) return undefined
      running++
      return readOnce({ length, owner, nowMs, key, locale: currentLocale() }, handle.fd, limits).finally(
        () => running--,
      )
    },
  }
}

async function readOnce(task: ReaderTask, file: number, limits: ReaderLimits): Promise<FileRead> {
  const tooMuch: FileRead = {
    problems: [{ at: '', what: t('takes more time or memory to read than one file may use') }],
    count: 1,
  }
  let end = (): unknown => undefined
  try {
    return await new Promise<FileRead>((done, fail) => {
      const child = startProcess<ReaderTask, FileRead>({
        entry: processEntry(import.meta.url, './reader-process'),
        file,
        memoryMb: limits.memoryMb,
        message: done,
        problem: fail,
        lost: ({ text, isOutOfMemory }) =>
          isOutOfMemory ? done(tooMuch) : fail(new Error(`the process that reads a file was lost: ${text}`)),
      })
      const stopWatching = watchProcessTime(child.pid, limits, () => done(tooMuch))
      end = () => {
        stopWatching()
        return child.end()
      }
      child.post(task)
    })
  } finally {
    await end()
  }
}
