/** Reads files on threads of their own, with limits on time and memory: a hostile one holds up nobody. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { currentLocale } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'
import type { Owner } from './belongings.ts'
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
  read(bytes: Buffer, owner: Owner, nowMs: number): Promise<FileRead> | undefined
}

/** @param key of the files' signatures */
export function createReader(key: string, limits: ReaderLimits = usualLimits): Reader {
  // Beside this file stands the built thread, or that of the sources with what loads TypeScript.
  const built = fileURLToPath(new URL('./reader-thread.js', import.meta.url))
  const entry = existsSync(built) ? built : fileURLToPath(new URL('./reader-thread-from-source.mjs', import.meta.url))
  let running = 0
  return {
    read(bytes, owner, nowMs) {
      if (running >= limits.together) return undefined
      running++
      return readOnce(entry, { bytes, owner, nowMs, key, locale: currentLocale() }, limits).finally(() => running--)
    },
  }
}

function readOnce(entry: string, workerData: ReaderTask, { timeoutMs, memoryMb }: ReaderLimits): Promise<FileRead> {
  return new Promise((done, fail) => {
    const thread = new Worker(entry, {
      workerData,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    const end = (act: () => void) => {
      clearTimeout(timer)
      void thread.terminate()
      act()
    }
    const tooMuch = () =>
      done({ problems: [{ at: '', what: t('takes more time or memory to read than there is for one') }], count: 1 })
    const timer = setTimeout(() => end(tooMuch), timeoutMs)
    thread.once('message', (read: FileRead) => end(() => done(read)))
    thread.once('error', (error: NodeJS.ErrnoException) =>
      end(() => (error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : fail(error))),
    )
    thread.once('exit', () => end(() => fail(new Error('the thread that reads a file ended without a word'))))
  })
}
