/** Bytes as openssl prints them: two digits each, with colons between. */
import { charge } from '../../../engine/work.ts'

/** `0A:FF` */
export const colonHex = (bytes: ArrayLike<number>): string => hexDigits(bytes, ':')

/** `0AFF` */
export function hexDigits(bytes: ArrayLike<number>, separator = ''): string {
  charge(bytes.length)
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(separator)
}

/** Rows of so many bytes in small letters; all but the last end with a colon. */
export function hexRows(bytes: Uint8Array, width: number, indent: number): string {
  const rows: string[] = []
  for (let at = 0; at < bytes.length; at += width) {
    const row = hexDigits(bytes.subarray(at, at + width), ':').toLowerCase()
    rows.push(`${' '.repeat(indent)}${row}${at + width < bytes.length ? ':' : ''}\n`)
  }
  return rows.join('')
}

/** The bytes of a digest's words. */
export const bytesOfWords = (words: readonly number[]): number[] =>
  words.flatMap((word) => [(word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
