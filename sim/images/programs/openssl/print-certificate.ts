/** Certificates and requests in words, as `-text` prints them. Source: OpenSSL 3.0, crypto/x509/t_x509.c and t_req.c */
import { charge } from '../../../engine/work.ts'
import type { Certificate, Request } from './certificate.ts'
import { hexDigits, hexRows } from './hex.ts'
import { printName } from './names.ts'
import { printExtensions } from './print-extensions.ts'
import { printPublicKey } from './print-key.ts'

const signatureNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'ED25519',
}
const attributeNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '1.2.840.113549.1.9.7': 'challengePassword',
}
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const signatureName = (algorithm: string): string => signatureNames[algorithm] ?? algorithm

/** `Nov 25 17:30:12 2026 GMT` */
export function printTime(epochMs: number): string {
  const date = new Date(epochMs)
  const clock = date.toISOString().slice(-13, -5)
  return `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${clock} ${date.getUTCFullYear()} GMT`
}

/** `serial=` is followed by this. */
export const printSerial = ({ serial, isNegative }: Certificate): string =>
  `${isNegative ? '-' : ''}${hexDigits(serial)}`

/** A number that fits into 63 bits stands on the line itself. */
function serialLines({ serial, isNegative }: Certificate): string {
  if (serial.length <= 8) {
    const value = serial.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
    const sign = isNegative ? '-' : ''
    if (value < 2n ** 63n) return ` ${sign}${value} (${sign}0x${value.toString(16)})\n`
  }
  return `\n            ${isNegative ? ' (Negative)' : ''}${hexDigits(serial, ':').toLowerCase()}\n`
}

const signatureLines = ({ algorithm, signature }: { algorithm: string; signature: Uint8Array }): string =>
  `    Signature Algorithm: ${signatureName(algorithm)}\n    Signature Value:\n${hexRows(signature, 18, 8)}`

export function printCertificate(certificate: Certificate): string {
  const { version, algorithm, issuer, subject, notBeforeMs, notAfterMs, publicKey, extensions } = certificate
  charge(certificate.whole.length)
  return [
    'Certificate:\n    Data:\n',
    version <= 2 ? `        Version: ${version + 1} (0x${version})\n` : `        Version: Unknown (${version})\n`,
    `        Serial Number:${serialLines(certificate)}`,
    `        Signature Algorithm: ${signatureName(algorithm)}\n`,
    `        Issuer: ${printName(issuer)}\n`,
    `        Validity\n            Not Before: ${printTime(notBeforeMs)}\n            Not After : ${printTime(notAfterMs)}\n`,
    `        Subject: ${printName(subject)}\n`,
    `        Subject Public Key Info:\n${printPublicKey(publicKey)}`,
    extensions.length > 0 ? `        X509v3 extensions:\n${printExtensions(extensions, 12)}` : '',
    signatureLines(certificate),
  ].join('')
}

export function printRequest(request: Request): string {
  const { version, subject, publicKey, attributes, extensions } = request
  charge(request.whole.length)
  const isEmpty = attributes.length === 0 && extensions.length === 0
  return [
    'Certificate Request:\n    Data:\n',
    version === 0 ? '        Version: 1 (0x0)\n' : `        Version: Unknown (${version})\n`,
    `        Subject: ${printName(subject)}\n`,
    `        Subject Public Key Info:\n${printPublicKey(publicKey)}`,
    `        Attributes:\n${isEmpty ? '            (none)\n' : ''}`,
    ...attributes.map(({ oid, text }) => `            ${(attributeNames[oid] ?? oid).padEnd(25)}:${text}\n`),
    '            Requested Extensions:\n',
    printExtensions(extensions, 16),
    signatureLines(request),
  ].join('')
}
