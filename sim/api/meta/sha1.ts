/** SHA-1, FIPS 180-4: fingerprints and key identifiers of OpenSSL are of it. */
import { charge } from '../../engine/work.ts'
import { paddedMessage } from './sha256.ts'

/** The digest, as five words of 32 bits. */
export function sha1(bytes: readonly number[]): number[] {
  charge((stepsOfBlock * (bytes.length + 64)) / 64)
  const message = paddedMessage(bytes, false)
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const words = new Int32Array(80)
  for (let block = 0; block < message.byteLength; block += 64) {
    for (let n = 0; n < 80; n++)
      words[n] =
        n < 16
          ? message.getUint32(block + n * 4)
          : rotateLeft(words[n - 3] ^ words[n - 8] ^ words[n - 14] ^ words[n - 16], 1)
    let [a, b, c, d, e] = state
    for (let n = 0; n < 80; n++) {
      const round = Math.floor(n / 20)
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d
      const sum = (rotateLeft(a, 5) + mixed + e + constants[round] + words[n]) | 0
      e = d
      d = c
      c = rotateLeft(b, 30)
      b = a
      a = sum
    }
    state = [a, b, c, d, e].map((value, index) => (value + state[index]) | 0)
  }
  return state
}

/** Of computing: 64 bytes. */
const stepsOfBlock = 15
const constants = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6]

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))
