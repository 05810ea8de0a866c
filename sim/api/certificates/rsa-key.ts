/**
 * RSA keys in shape: drawn from a seed, of the right length and form, so that a key and what it is in can be told to belong together.
 * Simplified: their factors are odd numbers that need not be prime, and nothing is computed with them. Sources: RFC 8017, RFC 5280, RFC 5208
 */
import { createRandom } from '../../engine/random.ts'
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
