/** Certificates and requests that are made here, laid out as openssl does. Simplified: signed as all of the cluster are, in shape. Sources: RFC 5280, RFC 2986 */

import { utf8Bytes } from '../../../api/meta/base64.ts'
import { sha1 } from '../../../api/meta/sha1.ts'
import { sha256 } from '../../../api/meta/sha256.ts'
import { charge } from '../../../engine/work.ts'
import { TAG, writeDer, writeOid } from '../../../pki/der.ts'
import { isSignedWith, signatureAlgorithm, signatureOf } from '../../../pki/issue.ts'
import { writePem } from '../../../pki/pem.ts'
import { RSA_ENCRYPTION, type RsaKey } from '../../../pki/rsa-key.ts'
import type { Process } from '../../../runtime/process.ts'
import type { Extension } from './certificate.ts'
import { bytesOfWords } from './hex.ts'
import { keyAlgorithm, keyBits, rsaOf } from './print-key.ts'

type Bytes = readonly number[] | Uint8Array

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const SERIAL_BYTES = 20
/** What stands before a digest of SHA-256 in a signature. Source: RFC 8017 §9.2 */
const DIGEST_INFO = '3031300d060960864801650304020105000420'

export interface Terms {
  readonly subject: Bytes
  readonly publicKey: Bytes
  readonly issuer: Bytes
  /** Whose key signs. */
  readonly signer: RsaKey
  /** The number's bytes, as they are written. */
  readonly serial: Bytes
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: readonly Extension[]
}

const writeExtension = ({ oid, isCritical, value }: Extension): number[] =>
  writeDer(TAG.sequence, writeOid(oid), isCritical ? writeDer(TAG.boolean, [255]) : [], writeDer(TAG.octets, value))

/** The certificate, in DER: of version 3 where it has extensions. */
export function makeCertificate(terms: Terms): Uint8Array {
  const { subject, publicKey, issuer, signer, serial, notBeforeMs, notAfterMs, extensions } = terms
  const isPlain = extensions.length === 0
  return sign(
    writeDer(
      TAG.sequence,
      isPlain ? [] : writeDer(0xa0, writeDer(TAG.integer, [2])),
      writeDer(TAG.integer, serial),
      signatureAlgorithm,
      issuer,
      writeDer(TAG.sequence, writeTime(notBeforeMs), writeTime(notAfterMs)),
      subject,
      publicKey,
      isPlain ? [] : writeDer(0xa3, writeDer(TAG.sequence, ...extensions.map(writeExtension))),
    ),
    signer,
  )
}

/** The request, in DER. */
export function makeRequest(subject: Bytes, key: RsaKey, extensions: readonly Extension[]): Uint8Array {
  const requested = writeDer(
    TAG.sequence,
    writeOid(EXTENSION_REQUEST),
    writeDer(TAG.set, writeDer(TAG.sequence, ...extensions.map(writeExtension))),
  )
  const attributes = writeDer(0xa0, extensions.length > 0 ? requested : [])
  return sign(writeDer(TAG.sequence, writeDer(TAG.integer, [0]), subject, key.publicKey, attributes), key)
}

function sign(content: number[], { publicKey }: RsaKey): Uint8Array {
  charge(content.length)
  const signature = signatureOf(content, publicKey)
  return Uint8Array.from(writeDer(TAG.sequence, content, signatureAlgorithm, writeDer(TAG.bits, [0], signature)))
}

export const certificatePem = (der: Uint8Array): string => writePem('CERTIFICATE', der)
export const requestPem = (der: Uint8Array): string => writePem('CERTIFICATE REQUEST', der)

/** UTCTime until 2049, GeneralizedTime from then on. */
function writeTime(epochMs: number): number[] {
  const digits = new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')
  const isShort = digits >= '1950' && digits < '2050'
  return writeDer(isShort ? TAG.utcTime : TAG.generalizedTime, utf8Bytes(`${digits.slice(isShort ? 2 : 0)}Z`))
}

/** The time so many days from now, on a whole second; undefined where no certificate can tell it. */
export function daysFrom(nowMs: number, days: number): { notBeforeMs: number; notAfterMs: number } | undefined {
  const notBeforeMs = Math.floor(nowMs / 1000) * 1000
  const notAfterMs = notBeforeMs + days * 86_400_000
  return notAfterMs < Date.UTC(10_000, 0, 1) && notAfterMs > 0 ? { notBeforeMs, notAfterMs } : undefined
}

/** A number by chance, of 159 bits, that is positive. */
export function randomSerial(process: Process): number[] {
  const bytes = randomBytes(process, SERIAL_BYTES)
  bytes[0] = (bytes[0] & 0x7f) | 1
  return bytes
}

export function randomBytes(process: Process, count: number): number[] {
  charge(count)
  return Array.from({ length: count }, () => Math.floor(process.random() * 256))
}

/** What tells a key from others. Source: RFC 5280 §4.2.1.2 (1) */
export const keyIdentifier = (publicKey: Bytes): number[] =>
  bytesOfWords(sha1([...keyBits(Uint8Array.from(publicKey))]))

/**
 * Whether a signature is of that key's owner: one of the cluster, or one of the world with RSA and SHA-256.
 * @returns undefined for other algorithms, which are not computed here
 */
export function isSignatureOf(
  {
    whole,
    content,
    algorithm,
    signature,
  }: { whole: Uint8Array; content: Uint8Array; algorithm: string; signature: Uint8Array },
  publicKey: Uint8Array,
): boolean | undefined {
  charge(whole.length)
  if (isSignedWith(whole, publicKey)) return true
  if (algorithm !== SHA256_WITH_RSA)
    return keyAlgorithm(publicKey) === RSA_ENCRYPTION && algorithm.startsWith('1.2.840.10045') ? false : undefined
  const rsa = rsaOf(publicKey)
  if (!rsa || signature.length * 8 < rsa.bits || signature.length > 2048) return false
  const { modulus, exponent } = rsa
  if (modulus < 2n || exponent.toString(2).length > 64) return false
  const digest = bytesOfWords(sha256([...content]))
  const tail = `00${DIGEST_INFO}${hexOf(digest)}`
  const expected = `1${tail.padStart(signature.length * 2 - 4, 'f')}`
  charge(exponent.toString(2).length * 2 * (signature.length / 8) ** 2 * 0.05)
  return power(BigInt(`0x${hexOf(signature)}`), exponent, modulus) === BigInt(`0x${expected}`)
}

const hexOf = (bytes: ArrayLike<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let factor = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % modulus
    factor = (factor * factor) % modulus
  }
  return result
}
