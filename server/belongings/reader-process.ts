/** The entry of the process that reads one file: an open file in, what it holds or what is wrong with them out. */
import { readSync } from 'node:fs'
import { connectToParent, sharedFile } from '../child-processes.ts'
import { type Locale, runInLocale } from '../i18n/locale.ts'
import type { Seat } from '../seat.ts'
import { type FileRead, readFile } from './file.ts'

export interface ReaderTask {
  /** Of the file, in bytes. */
  length: number
  owner: Seat
  nowMs: number
  /** Of the files' signatures. */
  key: string
  /** Of the problems' words. */
  locale: Locale
}

connectToParent<undefined, ReaderTask, FileRead>(
  (_, say) =>
    ({ length, owner, nowMs, key, locale }) => {
      const text = new TextDecoder().decode(sharedBytes(length))
      say(runInLocale(locale, () => readFile(text, owner, nowMs, key)))
    },
  { mayComputeForever: true },
)

/** All of the shared file; less where it ends before. */
function sharedBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (let read = -1; read !== 0 && at < length; at += read) read = readSync(sharedFile, bytes, at, length - at, at)
  return bytes.subarray(0, at)
}
