/** The entry of the thread that reads one file: text in, what it holds or what is wrong with it out. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Locale, runInLocale } from '../i18n/locale.ts'
import type { Seat } from '../seat.ts'
import { readFile } from './file.ts'

export interface ReaderTask {
  bytes: Uint8Array
  owner: Seat
  nowMs: number
  /** Of the files' signatures. */
  key: string
  /** Of the problems' words. */
  locale: Locale
}

const { bytes, owner, nowMs, key, locale } = workerData as ReaderTask
const text = new TextDecoder().decode(bytes)
parentPort?.postMessage(runInLocale(locale, () => readFile(text, owner, nowMs, key)))
