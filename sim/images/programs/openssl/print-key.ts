/** Public keys as openssl prints them within certificates and requests. Source: OpenSSL 3.0, providers/implementations/encode_decode/encode_key2text.c */

import { charge } from '../../../engine/work.ts'
import { readDer } from '../../../pki/der.ts'
import { integer, RSA_ENCRYPTION, rsaNumbersOf } from '../../../pki/rsa-key.ts'
import { firstOf, inside, oidOf } from './certificate.ts'
import { hexDigits, hexRows } from './hex.ts'

const EC_KEY = '1.2.840.10045.2.1'
const ED25519 = '1.3.101.112'
const curves: Readonly<Record<string, { name: string; nist: string; bits: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'prime256v1', nist: 'P-256', bits: 256 },
  '1.3.132.0.34': { name: 'secp384r1', nist: 'P-384', bits: 384 },
  '1.3.132.0.35': { name: 'secp521r1', nist: 'P-521', bits: 521 },
}
const algorithms: Readonly<Record<string, string>> = {
  [RSA_ENCRYPTION]: 'rsaEncryption',
  [EC_KEY]: 'id-ecPublicKey',
  [ED25519]: 'ED25519',
}
/** Longer ones are refused. Source: OPENSSL_RSA_MAX_MODULUS_BITS of openssl/rsa.h */
const MOST_BYTES = 2048

const bytesIn = (value: bigint): Uint8Array =>
  readDer(Uint8Array.from(integer(value)))?.[0]?.content ?? new Uint8Array()

/** The modulus and the exponent; undefined for keys of another kind. */
export function rsaOf(publicKey: Uint8Array): { modulus: bigint; exponent: bigint; bits: number } | undefined {
  charge(publicKey.length)
  if (publicKey.length > MOST_BYTES + 64 || keyAlgorithm(publicKey) !== RSA_ENCRYPTION) return undefined
  const numbers = rsaNumbersOf(publicKey)
  return numbers && { ...numbers, bits: numbers.modulus.toString(2).length }
}

export const keyAlgorithm = (publicKey: Uint8Array): string | undefined =>
  oidOf(inside(inside(firstOf(publicKey))[0])[0])

/** What stands in the key's string of bits. */
export const keyBits = (publicKey: Uint8Array): Uint8Array =>
  inside(firstOf(publicKey))[1]?.content.subarray(1) ?? new Uint8Array()

/** `Modulus=B44560…`. */
export function printModulus(publicKey: Uint8Array, other: string): string {
  const rsa = rsaOf(publicKey)
  if (!rsa) return `Modulus=${other}\n`
  const digits = hexDigits(bytesIn(rsa.modulus)).replace(/^00(?=.)/, '')
  return `Modulus=${digits}\n`
}

/** The lines below `Subject Public Key Info:`. */
export function printPublicKey(publicKey: Uint8Array): string {
  const algorithm = keyAlgorithm(publicKey) ?? ''
  return `            Public Key Algorithm: ${algorithms[algorithm] ?? algorithm}\n${printNumbers(publicKey, algorithm)}`
}

function printNumbers(publicKey: Uint8Array, algorithm: string): string {
  const indent = ' '.repeat(16)
  const rsa = rsaOf(publicKey)
  if (rsa) {
    const { modulus, exponent, bits } = rsa
    const size =
      exponent < 2n ** 64n ? `${exponent} (0x${exponent.toString(16)})\n` : `\n${hexRows(bytesIn(exponent), 15, 20)}`
    return `${indent}Public-Key: (${bits} bit)\n${indent}Modulus:\n${hexRows(bytesIn(modulus), 15, 20)}${indent}Exponent: ${size}`
  }
  const bits = keyBits(publicKey)
  const curve = curves[oidOf(inside(inside(firstOf(publicKey))[0])[1]) ?? '']
  if (algorithm === EC_KEY && curve && bits.length > 0)
    return `${indent}Public-Key: (${curve.bits} bit)\n${indent}pub:\n${hexRows(bits, 15, 20)}${indent}ASN1 OID: ${curve.name}\n${indent}NIST CURVE: ${curve.nist}\n`
  if (algorithm === ED25519 && bits.length === 32)
    return `${indent}ED25519 Public-Key:\n${indent}pub:\n${hexRows(bits, 15, 20)}`
  return `            Unable to load Public Key\n`
}
