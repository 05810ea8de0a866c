/** Sprig's checksums, and what it draws by chance, from the cluster's own stream. */
import { encodeBase64, utf8Bytes } from '../../api/meta/base64.ts'
import { sha256 } from '../../api/meta/sha256.ts'
import { type Random, randomUuid } from '../../engine/random.ts'
import { charge } from '../../engine/work.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { longestList } from '../../go-template/values.ts'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const alpha = lower + lower.toUpperCase()
const ascii = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')

/** What stands in certificates and password hashes would take seconds of computing, or keys that nobody has. */
const absent = [
  ...['bcrypt', 'htpasswd', 'derivePassword', 'genPrivateKey', 'genCA', 'genCAWithKey', 'genSelfSignedCert'],
  ...[
    'genSelfSignedCertWithKey',
    'genSignedCert',
    'genSignedCertWithKey',
    'buildCustomCert',
    'encryptAES',
    'decryptAES',
  ],
]

export const hashFunctions = (random: Random): Readonly<Record<string, GoFunction>> => {
  const drawn = (letters: string): GoFunction =>
    fn('int', (count: bigint) => {
      if (count > longestList) throw new CallError(`a text of ${count} characters is too long`)
      charge(Number(count))
      return Array.from({ length: Math.max(0, Number(count)) }, () => letters[random.int(0, letters.length - 1)]).join(
        '',
      )
    })
  return {
    sha256sum: fn('string', (text: string) => hex(sha256(utf8Bytes(text)))),
    sha1sum: fn('string', (text: string) => sha1(utf8Bytes(text))),
    sha512sum: fn('string', (text: string) => sha512(utf8Bytes(text))),
    adler32sum: fn('string', (text: string) => adler32(utf8Bytes(text))),
    randAlphaNum: drawn(alpha + digits),
    randAlpha: drawn(alpha),
    randNumeric: drawn(digits),
    randAscii: drawn(ascii),
    randBytes: fn('int', (count: bigint) => {
      if (count > longestList) throw new CallError(`${count} bytes are too many`)
      return encodeBase64(Array.from({ length: Math.max(0, Number(count)) }, () => random.int(0, 255)))
    }),
    randInt: fn('int int', (from: bigint, to: bigint) => {
      if (to <= from) throw new CallError('invalid argument to Intn')
      return from + BigInt(Math.floor(random.next() * Number(to - from)))
    }),
    shuffle: fn('string', (text: string) => {
      const letters = [...text]
      charge(letters.length)
      for (let at = letters.length - 1; at > 0; at--) {
        const other = random.int(0, at)
        ;[letters[at], letters[other]] = [letters[other]!, letters[at]!]
      }
      return letters.join('')
    }),
    uuidv4: fn('', () => randomUuid(random)),
    ...Object.fromEntries(
      absent.map((name) => [
        name,
        fn('any...', () => {
          throw new CallError('keys, certificates and password hashes are not made in this simulator')
        }),
      ]),
    ),
  }
}

const hex = (words: readonly number[]): string =>
  words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')

const adler32 = (bytes: readonly number[]): string => {
  charge(bytes.length / 8)
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

/** The message with a bit, zeros and its length behind it. */
function padded(bytes: readonly number[], block: number): number[] {
  charge(bytes.length)
  const zeros = (2 * block - ((bytes.length + 1 + block / 8) % block)) % block
  const length = BigInt(bytes.length) * 8n
  const tail = Array.from({ length: block / 8 }, (_, at) => Number((length >> BigInt(8 * (block / 8 - 1 - at))) & 255n))
  return [...bytes, 0x80, ...Array.from({ length: zeros }, () => 0), ...tail]
}

/** FIPS 180-4 */
function sha1(bytes: readonly number[]): string {
  const message = padded(bytes, 64)
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  for (let block = 0; block < message.length; block += 64) {
    charge(15)
    const words: number[] = []
    for (let n = 0; n < 80; n++) {
      const at = block + n * 4
      words.push(
        n < 16
          ? (message[at]! << 24) | (message[at + 1]! << 16) | (message[at + 2]! << 8) | message[at + 3]!
          : rotateLeft(words[n - 3]! ^ words[n - 8]! ^ words[n - 14]! ^ words[n - 16]!, 1),
      )
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number]
    for (let n = 0; n < 80; n++) {
      const round = Math.floor(n / 20)
      const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round]!
      const sum =
        (rotateLeft(a, 5) + mixed + e + [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6][round]! + words[n]!) | 0
      ;[e, d, c, b, a] = [d, c, rotateLeft(b, 30), a, sum]
    }
    state = [a, b, c, d, e].map((value, at) => (value + state[at]!) | 0)
  }
  return hex(state)
}

const primes = (count: number): number[] => {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}
/** The first 64 bits behind the point of a root. */
function rootFraction(value: number, degree: 2 | 3): bigint {
  const wanted = BigInt(value) << BigInt(64 * degree)
  let [low, high] = [0n, 1n << 70n]
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (middle ** BigInt(degree) <= wanted) low = middle
    else high = middle
  }
  return low & mask
}
const mask = (1n << 64n) - 1n

function sha512(bytes: readonly number[]): string {
  const constants = primes(80).map((prime) => rootFraction(prime, 3))
  const message = padded(bytes, 128)
  const turn = (value: bigint, bits: bigint): bigint => ((value >> bits) | (value << (64n - bits))) & mask
  let state = primes(8).map((prime) => rootFraction(prime, 2))
  for (let block = 0; block < message.length; block += 128) {
    charge(2000)
    const words: bigint[] = []
    for (let n = 0; n < 80; n++) {
      if (n < 16)
        words.push(
          message.slice(block + n * 8, block + n * 8 + 8).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
        )
      else {
        const [w15, w2] = [words[n - 15]!, words[n - 2]!]
        const s0 = turn(w15, 1n) ^ turn(w15, 8n) ^ (w15 >> 7n)
        const s1 = turn(w2, 19n) ^ turn(w2, 61n) ^ (w2 >> 6n)
        words.push((words[n - 16]! + s0 + words[n - 7]! + s1) & mask)
      }
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
    for (let n = 0; n < 80; n++) {
      const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)
      const first = h + s1 + ((e & f) ^ (~e & mask & g)) + constants[n]! + words[n]!
      const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)
      const second = s0 + ((a & b) ^ (a & c) ^ (b & c))
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) & mask, c, b, a, (first + second) & mask]
    }
    state = [a, b, c, d, e, f, g, h].map((value, at) => (value + state[at]!) & mask)
  }
  return state.map((word) => word.toString(16).padStart(16, '0')).join('')
}
