/**
 * Bytes of the world outside as texts of the simulator, and back: UTF-8, in which a byte that belongs to no character stands as half
 * a surrogate pair, U+DC80 to U+DCFF. No byte is lost. Source: https://peps.python.org/pep-0383/ (surrogateescape)
 */

const escapeBase = 0xdc00

/** The text's bytes. */
export function encodeBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[length++] = code
      continue
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6)
      bytes[length++] = 0x80 | (code & 63)
      continue
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = code < escapeBase ? text.charCodeAt(i + 1) : 0
      if (next >= 0xdc00 && next <= 0xdfff) {
        const point = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00)
        i++
        bytes[length++] = 0xf0 | (point >> 18)
        bytes[length++] = 0x80 | ((point >> 12) & 63)
        bytes[length++] = 0x80 | ((point >> 6) & 63)
        bytes[length++] = 0x80 | (point & 63)
        continue
      }
      if (isEscape(code)) {
        bytes[length++] = code - escapeBase
        continue
      }
      code = 0xfffd
    }
    bytes[length++] = 0xe0 | (code >> 12)
    bytes[length++] = 0x80 | ((code >> 6) & 63)
    bytes[length++] = 0x80 | (code & 63)
  }
  return bytes.slice(0, length)
}

/** One byte as text. */
export const textOfByte = (byte: number): string => String.fromCharCode(byte < 0x80 ? byte : escapeBase + byte)

/** Bytes that were written one by one and make a character together become that character. */
export const joinCharacters = (text: string): string =>
  /[\udc80-\udcff]/.test(text) ? decodeBytes(encodeBytes(text)) : text

/** The bytes' text. */
export const decodeBytes = (bytes: Uint8Array): string => decode(bytes, false).text

/** Reads text that arrives in pieces: a character that is cut in two waits for its end. */
export class ByteDecoder {
  private rest = new Uint8Array(0)

  decode(piece: Uint8Array): string {
    const bytes = this.rest.length === 0 ? piece : joinBytes([this.rest, piece])
    const { text, left } = decode(bytes, true)
    this.rest = bytes.slice(bytes.length - left)
    return text
  }

  /** What was left waiting. */
  end(): string {
    const rest = this.rest
    this.rest = new Uint8Array(0)
    return decodeBytes(rest)
  }
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Whether a half of a surrogate pair that stands alone stands for a byte. */
export const isEscape = (code: number): boolean => code >= escapeBase + 0x80 && code <= escapeBase + 0xff

/** @param waits leave out a character at the end whose last bytes are missing; `left` says how many there were */
function decode(bytes: Uint8Array, waits: boolean): { text: string; left: number } {
  const parts: string[] = []
  let codes: number[] = []
  let at = 0
  while (at < bytes.length) {
    if (codes.length >= 4096) {
      parts.push(String.fromCharCode(...codes))
      codes = []
    }
    const lead = bytes[at]
    if (lead < 0x80) {
      codes.push(lead)
      at++
      continue
    }
    const size = sizeOfSequence(lead)
    let point = size === 2 ? lead & 31 : size === 3 ? lead & 15 : lead & 7
    let n = 1
    while (n < size && at + n < bytes.length && isContinuation(lead, n, bytes[at + n])) {
      point = (point << 6) | (bytes[at + n] & 63)
      n++
    }
    if (size > 1 && n === size) {
      if (point >= 0x10000) codes.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
      else codes.push(point)
      at += size
      continue
    }
    if (waits && n < size && at + n === bytes.length) break
    codes.push(escapeBase + lead)
    at++
  }
  parts.push(String.fromCharCode(...codes))
  return { text: parts.join(''), left: bytes.length - at }
}

/** Bytes of the character that begins so; 1 when none does. */
function sizeOfSequence(lead: number): number {
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 1
}

/** Whether a byte may stand there: longer forms than needed and halves of surrogate pairs are no UTF-8. */
function isContinuation(lead: number, place: number, byte: number): boolean {
  if ((byte & 0xc0) !== 0x80) return false
  if (place > 1) return true
  if (lead === 0xe0) return byte >= 0xa0
  if (lead === 0xed) return byte < 0xa0
  if (lead === 0xf0) return byte >= 0x90
  return lead !== 0xf4 || byte < 0x90
}
