/** SHA-256, FIPS 180-4. */
import { charge } from '../../engine/work.ts'

/** The digest, as eight words of 32 bits. */
export function sha256(bytes: readonly number[]): number[] {
  let state = [...firstState]
  charge((stepsOfBlock * (bytes.length + 64)) / 64)
  const message = paddedMessage(bytes, false)
  const words = new Int32Array(64)
  for (let block = 0; block < message.byteLength; block += 64) {
    for (let n = 0; n < 64; n++) {
      if (n < 16) words[n] = message.getUint32(block + n * 4)
      else {
        const s0 = rotateRight(words[n - 15], 7) ^ rotateRight(words[n - 15], 18) ^ (words[n - 15] >>> 3)
        const s1 = rotateRight(words[n - 2], 17) ^ rotateRight(words[n - 2], 19) ^ (words[n - 2] >>> 10)
        words[n] = words[n - 16] + s0 + words[n - 7] + s1
      }
    }
    let [a, b, c, d, e, f, g, h] = state
    for (let n = 0; n < 64; n++) {
      const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
      const first = (h + s1 + ((e & f) ^ (~e & g)) + constants[n] + words[n]) | 0
      const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    state = [a, b, c, d, e, f, g, h].map((value, index) => (value + state[index]) | 0)
  }
  return state
}

/** Of computing: 64 bytes. */
const stepsOfBlock = 15

/** A message with its padding and length, in blocks of 64 bytes: as MD5, SHA-1 and SHA-256 want it. */
export function paddedMessage(bytes: readonly number[], isLittleEndian: boolean): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const view = new DataView(new ArrayBuffer(length))
  for (const [index, byte] of bytes.entries()) view.setUint8(index, byte)
  view.setUint8(bytes.length, 0x80)
  const bits = bytes.length * 8
  const [low, high] = isLittleEndian ? [length - 8, length - 4] : [length - 4, length - 8]
  view.setUint32(low, bits >>> 0, isLittleEndian)
  view.setUint32(high, Math.floor(bits / 2 ** 32), isLittleEndian)
  return view
}

const rotateRight = (value: number, bits: number): number => (value >>> bits) | (value << (32 - bits))

/** The first numbers that only one and themselves divide. */
function primes(count: number): number[] {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
/** The first 32 bits of a number's fraction. */
const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0

const constants = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)))
const firstState = primes(8).map((prime) => fraction(Math.sqrt(prime)))
