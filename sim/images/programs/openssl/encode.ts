/** `openssl base64` and `openssl rand`. Sources: openssl-enc(1), openssl-rand(1), OpenSSL 3.0 */
import { decodeBase64, encodeBase64 } from '../../../api/meta/base64.ts'
import { charge } from '../../../engine/work.ts'
import type { Process } from '../../../runtime/process.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import { bytesOf } from '../bytes.ts'
import { atOnce, type Run } from '../support.ts'
import { hexDigits } from './hex.ts'
import { openText, writeOutput } from './input.ts'
import { randomBytes } from './make.ts'
import { readNumber, readOptions } from './options.ts'
import { notSimulated, Stop } from './stop.ts'

const encodeLines = (bytes: readonly number[]): string =>
  (encodeBase64(bytes).match(/.{1,64}/g) ?? []).map((line) => `${line}\n`).join('')

/** Text to base64, or back with `-d`; `-A` for all in one line. */
export const base64 = (process: Process, words: readonly string[]): Run => encode(process, 'base64', words)

/** `openssl enc -base64`; ciphers are not simulated. */
export const enc = (process: Process, words: readonly string[]): Run => encode(process, 'enc', words)

function* encode(process: Process, command: string, words: readonly string[]): Run {
  const given = readOptions(command, words, {
    flags: 'd e A a base64',
    values: 'in out',
    refused: 'K P S bufsize ciphers debug iter iv k kfile list md none nopad nosalt p pass pbkdf2 salt v',
    unknown: 'Unknown cipher: ',
    isFetched: true,
  })
  if (command === 'enc' && !given.has('base64') && !given.has('a')) throw notSimulated('enc', 'without -base64')
  const text = yield* openText(process, given.value('in'), 'rb')
  const bytes = given.has('d') ? decode(text, given.has('A')) : undefined
  if (bytes) writeOutput(process, given.value('out'), decodeBytes(Uint8Array.from(bytes)))
  else {
    const all = bytesOf(text)
    writeOutput(process, given.value('out'), given.has('A') ? encodeBase64(all) : encodeLines(all))
  }
  return 0
}

/**
 * The bytes, as far as they are read: nothing of a text that ends within its only line, and nothing from a bad character on. With `-A`
 * all must be one line.
 */
function decode(text: string, isOneLine: boolean): number[] {
  charge(text.length)
  if (isOneLine) return decoded(/\n[^\n]/.test(text) ? '' : text)
  const lines = text.split('\n')
  if (lines.length < 2) return []
  // Lines before the first that is one are skipped.
  const first = lines.findIndex((line) => /^[A-Za-z0-9+/= \t\r]+$/.test(line))
  return first < 0 ? [] : decoded(lines.slice(first).join(''))
}

function decoded(text: string): number[] {
  const result = decodeBase64(text.replaceAll(/[ \t\r\n]/g, ''))
  return 'bytes' in result ? result.bytes : []
}

/** Bytes by chance. */
export function* rand(process: Process, words: readonly string[]): Run {
  yield* atOnce
  const given = readOptions('rand', words, {
    flags: 'hex base64',
    values: 'out',
    refused: '',
    unknown: 'Unknown option: -',
    words: 1,
  })
  const help = ['rand: Use -help for summary.']
  const count = given.words.length > 0 ? readNumber('rand', given.words[0], help) : 0
  if (given.words.length > 0 && count <= 0) throw new Stop(help[0])
  charge(count)
  const bytes = randomBytes(process, count)
  const kind = given.options.findLast(([name]) => name !== 'out')?.[0]
  const text =
    kind === 'hex'
      ? `${hexDigits(bytes).toLowerCase()}\n`
      : kind === 'base64'
        ? encodeLines(bytes)
        : decodeBytes(Uint8Array.from(bytes))
  writeOutput(process, given.value('out'), text)
  return 0
}
