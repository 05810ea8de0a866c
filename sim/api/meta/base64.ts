/** Base64 of UTF-8 text and of bytes. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const CODES = [...ALPHABET].map((character) => character.charCodeAt(0))
const PADDING = '='.charCodeAt(0)
const VALUE_OF = new Map([...ALPHABET].map((character, value) => [character, value]))

/** The UTF-8 bytes of a text; half a surrogate pair becomes U+FFFD. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
  }
  return bytes
}

/** How many bytes the text is in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}

export const encodeBase64Text = (text: string): string => encodeBase64(utf8Bytes(text))

export function encodeBase64(bytes: ArrayLike<number>): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  for (let i = 0, at = 0; i < bytes.length; i += 3) {
    const a = bytes[i]
    const b = bytes[i + 1] ?? 0
    const c = bytes[i + 2] ?? 0
    const left = bytes.length - i
    text[at++] = CODES[a >> 2]
    text[at++] = CODES[((a & 3) << 4) | (b >> 4)]
    text[at++] = left > 1 ? CODES[((b & 15) << 2) | (c >> 6)] : PADDING
    text[at++] = left > 2 ? CODES[c & 63] : PADDING
  }
  return new TextDecoder().decode(text)
}

/**
 * The bytes, or where the text is wrong, as Go counts it: the first character that is out of place, or where the last four begin when some
 * of them are missing. Line ends are read over. Source: encoding/base64, decodeQuantum
 */
export function decodeBase64(text: string): { bytes: number[] } | { badOffset: number } {
  const bytes: number[] = []
  let at = 0
  while (at < text.length) {
    const values: number[] = []
    while (values.length < 4) {
      if (at === text.length) {
        if (values.length === 0) return { bytes }
        return { badOffset: at - values.length }
      }
      const character = text[at++]!
      const value = VALUE_OF.get(character)
      if (value !== undefined) values.push(value)
      else if (character === '=') break
      else if (!isLineEnd(character)) return { badOffset: at - 1 }
    }
    const [a, b, c = 0, d = 0] = values as [number, number, number?, number?]
    if (values.length < 2) return { badOffset: at - 1 }
    bytes.push((a << 2) | (b >> 4))
    if (values.length > 2) bytes.push(((b & 15) << 4) | (c >> 2))
    if (values.length > 3) bytes.push(((c & 3) << 6) | d)
    if (values.length === 4) continue
    at = afterLineEnds(text, at)
    if (values.length === 2) {
      if (at === text.length) return { badOffset: at }
      if (text[at] !== '=') return { badOffset: at - 1 }
      at = afterLineEnds(text, at + 1)
    }
    return at < text.length ? { badOffset: at } : { bytes }
  }
  return { bytes }
}

const isLineEnd = (character: string | undefined): boolean => character === '\n' || character === '\r'

function afterLineEnds(text: string, from: number): number {
  let at = from
  while (isLineEnd(text[at])) at++
  return at
}

/** @throws Error for a text that is no base64: whoever calls this knows that it is */
export function bytesOfBase64(text: string): Uint8Array {
  const decoded = decodeBase64(text)
  if ('bytes' in decoded) return Uint8Array.from(decoded.bytes)
  throw new Error(`illegal base64 data at input byte ${decoded.badOffset}`)
}

/** The text that the base64 holds, or undefined when it is none or no UTF-8. */
export function decodeBase64Text(text: string): string | undefined {
  const decoded = decodeBase64(text)
  return 'bytes' in decoded ? utf8Text(decoded.bytes) : undefined
}

/** The text that the base64 holds, whatever it is: other characters are left out, and bytes that are no UTF-8 become U+FFFD. */
export function decodeBase64Lossy(text: string): string {
  const { bytes } = decodeBase64(padBase64(text.replace(/[^A-Za-z0-9+/]/g, ''))) as { bytes: number[] }
  return utf8TextLossy(bytes)
}

/** The text of the bytes; what is no UTF-8 in them becomes U+FFFD. */
export const utf8TextLossy = (bytes: readonly number[]): string => utf8Text(bytes, '\ufffd')!

/** With the padding that its length needs; a last character that holds no whole byte is left out. */
export function padBase64(letters: string): string {
  const whole = letters.length % 4 === 1 ? letters.slice(0, -1) : letters
  return whole.padEnd(Math.ceil(whole.length / 4) * 4, '=')
}

/** The text of the bytes; undefined where they are no UTF-8 and nothing stands for a bad one. */
function utf8Text(bytes: readonly number[], replacement?: string): string | undefined {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]
    const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0
    const rest = bytes.slice(i + 1, i + length)
    const point = rest.reduce(
      (held, byte) => (held << 6) | (byte & 63),
      length < 2 ? first : first & (0xff >> (length + 1)),
    )
    if (length === 0 || rest.length < length - 1 || rest.some((byte) => byte >> 6 !== 2) || point > 0x10ffff) {
      if (replacement === undefined) return undefined
      text += replacement
      i++
      continue
    }
    text += String.fromCodePoint(point)
    i += length
  }
  return text
}
