/**
 * RSA keys in shape: drawn from a seed, of the right length and form, so that a key and what it is in can be told to belong together.
 * Simplified: their factors are odd numbers that need not be prime, and nothing is computed with them. With a key that was made elsewhere signatures
 * are computed. Sources: RFC 8017, RFC 5280, RFC 5208
 */
import { createRandom } from '../engine/random.ts'
import { readDer, TAG, writeDer, writeOid } from './der.ts'
import { readPem, writePem } from './pem.ts'

export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const PUBLIC_EXPONENT = 65_537n

export interface RsaKey {
  /** RSAPrivateKey of PKCS #1, in DER. */
  readonly pkcs1: readonly number[]
  /** SubjectPublicKeyInfo, in DER: what a certificate says of the key. */
  readonly publicKey: readonly number[]
}

/** The key of that seed. @param bits of the modulus, a multiple of 64 */
export function rsaKey(seed: string, bits = 2048): RsaKey {
  const random = createRandom(seed, 'rsa')
  // The two first bits are set, so that the product has all its bits; the last one, so that it is odd.
  const draw = (length: number): bigint => {
    let digits = ''
    for (let n = 0; n < length / 32; n++) digits += random.int(0, 0xffff_ffff).toString(16).padStart(8, '0')
    return BigInt(`0x${digits}`) | (3n << BigInt(length - 2)) | 1n
  }
  const half = bits / 2
  const [p, q] = [draw(half), draw(half)]
  const n = p * q
  const [d, dp, dq, inverse] = [draw(bits) % n, draw(half) % p, draw(half) % q, draw(half) % p]
  const integers = [0n, n, PUBLIC_EXPONENT, d, p, q, dp, dq, inverse].map(integer)
  return { pkcs1: writeDer(TAG.sequence, ...integers), publicKey: publicKeyOf(n, PUBLIC_EXPONENT) }
}

/** SubjectPublicKeyInfo of a modulus and its exponent. */
const publicKeyOf = (modulus: bigint, exponent: bigint): number[] =>
  writeDer(
    TAG.sequence,
    writeDer(TAG.sequence, writeOid(RSA_ENCRYPTION), writeDer(TAG.null)),
    writeDer(TAG.bits, [0], writeDer(TAG.sequence, integer(modulus), integer(exponent))),
  )

/** As kubeadm and `openssl genrsa -traditional` write it. */
export const pkcs1Pem = ({ pkcs1 }: RsaKey): string => writePem('RSA PRIVATE KEY', pkcs1)

/** As `openssl genrsa` and `openssl genpkey` write it: PKCS #8. */
export const pkcs8Pem = ({ pkcs1 }: RsaKey): string =>
  writePem(
    'PRIVATE KEY',
    writeDer(
      TAG.sequence,
      integer(0n),
      writeDer(TAG.sequence, writeOid(RSA_ENCRYPTION), writeDer(TAG.null)),
      writeDer(TAG.octets, pkcs1),
    ),
  )

/** As `openssl rsa -pubout` writes it. */
export const publicKeyPem = ({ publicKey }: Pick<RsaKey, 'publicKey'>): string => writePem('PUBLIC KEY', publicKey)

/** Of PKCS #1 v1.5: what stands before a SHA-256 digest. Source: RFC 8017 §9.2 */
const SHA256_PREFIX = [
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
]

/** What is signed in place of a digest: as long as the modulus. */
function padded(digest: readonly number[], length: number): bigint {
  const info = [...SHA256_PREFIX, ...digest]
  return numberOf(Uint8Array.from([0, 1, ...Array<number>(length - info.length - 3).fill(0xff), 0, ...info]))
}

/**
 * RSASSA-PKCS1-v1_5 over SHA-256, by a key whose factors are prime: one that somebody made elsewhere. Source: RFC 8017 §8.2
 * @param digest of the content
 */
export function rsaSignature({ pkcs1 }: Pick<RsaKey, 'pkcs1'>, digest: readonly number[]): number[] {
  const numbers = readDer(readDer(Uint8Array.from(pkcs1))![0]!.content)!.map(({ content }) => numberOf(content))
  const [n, p, q, dp, dq, inverse] = [1, 4, 5, 6, 7, 8].map((at) => numbers[at]!)
  const length = Math.ceil(n.toString(16).length / 2)
  const message = padded(digest, length)
  // By its factors apart: four times quicker than by the modulus.
  const [ofP, ofQ] = [power(message, dp, p), power(message, dq, q)]
  const signature = ofQ + q * (((((ofP - ofQ) * inverse) % p) + p) % p)
  const digits = signature.toString(16).padStart(2 * length, '0')
  return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
}

/** Whether the owner of that public key made the signature, by `rsaSignature`. */
export function isRsaSignature(publicKey: Uint8Array, digest: readonly number[], signature: Uint8Array): boolean {
  const numbers = rsaNumbersOf(publicKey)
  if (!numbers || numbers.modulus === 0n) return false
  const { modulus, exponent } = numbers
  // No key has more, and a longer exponent would cost whoever checks.
  if (exponent >= 1n << 32n || modulus >= 1n << 4096n || modulus < 1n << 512n) return false
  const length = Math.ceil(modulus.toString(16).length / 2)
  return signature.length === length && power(numberOf(signature), exponent, modulus) === padded(digest, length)
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The first private key of a text, in either form; undefined where there is none. */
export function readRsaKey(text: string): RsaKey | undefined {
  const block = readPem(text).find(({ type }) => type === 'RSA PRIVATE KEY' || type === 'PRIVATE KEY')
  if (!block) return undefined
  const outer = readDer(block.bytes)?.[0]
  const pkcs1 = block.type === 'PRIVATE KEY' ? outer && readDer(outer.content)?.[2]?.content : block.bytes
  const parts = pkcs1 && readDer(readDer(pkcs1)?.[0]?.content ?? new Uint8Array())
  if (!pkcs1 || parts?.length !== 9) return undefined
  const [, modulus, exponent] = parts
  return { pkcs1: [...pkcs1], publicKey: publicKeyOf(numberOf(modulus.content), numberOf(exponent.content)) }
}

/** The modulus and the exponent that a SubjectPublicKeyInfo holds; undefined for keys of another kind. */
export function rsaNumbersOf(publicKey: Uint8Array): { modulus: bigint; exponent: bigint } | undefined {
  const [, bits] = readDer(readDer(publicKey)?.[0]?.content ?? new Uint8Array()) ?? []
  const [modulus, exponent] =
    readDer(readDer(bits?.content.subarray(1) ?? new Uint8Array())?.[0]?.content ?? new Uint8Array()) ?? []
  if (modulus?.tag !== TAG.integer || exponent?.tag !== TAG.integer) return undefined
  return { modulus: numberOf(modulus.content), exponent: numberOf(exponent.content) }
}

const numberOf = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)

/** A number that is not negative. */
export function integer(value: bigint): number[] {
  const digits = value.toString(16)
  const even = digits.length % 2 ? `0${digits}` : digits
  const bytes = (even.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  return writeDer(TAG.integer, bytes[0] & 0x80 ? [0, ...bytes] : bytes)
}
