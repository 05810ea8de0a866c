/** The entry of the process that reads one file: bytes in, what they hold or what is wrong with them out. */
import { connectToParent } from '../child-processes.ts'
import { type Locale, runInLocale } from '../i18n/locale.ts'
import type { Seat } from '../seat.ts'
import { type FileRead, readFile } from './file.ts'

export interface ReaderTask {
  bytes: Uint8Array
  owner: Seat
  nowMs: number
  /** Of the files' signatures. */
  key: string
  /** Of the problems' words. */
  locale: Locale
}

connectToParent<undefined, ReaderTask, FileRead>(
  (_, say) =>
    ({ bytes, owner, nowMs, key, locale }) => {
      const text = new TextDecoder().decode(bytes)
      say(runInLocale(locale, () => readFile(text, owner, nowMs, key)))
    },
  { mayComputeForever: true },
)
