/**
 * Certificates that are made here, laid out as Go's x509.CreateCertificate does. Simplified: unless the issuer has a real key, the signature is a
 * digest of the content and of the issuer's public key, so that who knows the key can tell whether it is the issuer's, and nothing more.
 * Sources: RFC 5280, crypto/x509
 */
import { utf8Bytes } from '../api/meta/base64.ts'
import { sha256 } from '../api/meta/sha256.ts'
import { readDer, TAG, writeDer, writeOid } from './der.ts'
import { writePem } from './pem.ts'
import { isRsaSignature } from './rsa-key.ts'

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const SIGNATURE_BYTES = 256
const PRINTABLE = 0x13
const KEY_IDENTIFIER_BYTES = 20
/** Bits of the extension keyUsage. */
const KEY_USAGES: Readonly<Record<string, number>> = {
  'digital signature': 0x80,
  'key encipherment': 0x20,
  'cert sign': 0x04,
}
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
}

type Bytes = readonly number[] | Uint8Array

/** Who signs: its name and its public key, in DER. */
export interface Issuer {
  readonly name: Bytes
  readonly publicKey: Bytes
  /** Computes the signature of a digest (SHA-256), for one with a key that was made elsewhere. */
  readonly sign?: (digest: readonly number[]) => readonly number[]
}

export interface CertificateTerms {
  /** A name, in DER. */
  readonly subject: Bytes
  /** SubjectPublicKeyInfo, in DER. */
  readonly publicKey: Bytes
  /** Undefined where it signs itself. */
  readonly issuer?: Issuer
  /** Where it signs itself: as of the issuer. */
  readonly sign?: Issuer['sign']
  /** As the API names them: `digital signature`, `client auth`. */
  readonly usages: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly addresses?: readonly string[]
  readonly isAuthority?: boolean
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** What tells it from others of the same content. */
  readonly seed: string
  /** 8 as kubeadm has them, 16 as the signers of the cluster. */
  readonly serialBytes: number
}

/** The digest, as bytes. */
const digest = (bytes: Bytes): number[] =>
  sha256([...bytes]).flatMap((word) => [(word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
const sequence = (...parts: readonly Bytes[]): number[] => writeDer(TAG.sequence, ...parts)

/** The certificate, in PEM. */
export function issueCertificate(terms: CertificateTerms): string {
  const { subject, publicKey, issuer = { name: subject, publicKey, sign: terms.sign }, notBeforeMs, notAfterMs } = terms
  // Positive: its first bit is not set.
  const serial = digest(utf8Bytes(terms.seed)).slice(0, terms.serialBytes)
  serial[0] = (serial[0] & 0x7f) | 0x40
  const content = sequence(
    writeDer(0xa0, writeDer(TAG.integer, [2])),
    writeDer(TAG.integer, serial),
    signatureAlgorithm,
    issuer.name,
    sequence(time(notBeforeMs), time(notAfterMs)),
    subject,
    publicKey,
    writeDer(0xa3, sequence(...extensions(terms, issuer))),
  )
  const signature = issuer.sign?.(digest(content)) ?? signatureOf(content, issuer.publicKey)
  return writePem('CERTIFICATE', sequence(content, signatureAlgorithm, writeDer(TAG.bits, [0], signature)))
}

export const signatureAlgorithm = sequence(writeOid(SHA256_WITH_RSA), writeDer(TAG.null))

/** What the owner of that public key puts under the content. */
export function signatureOf(content: Bytes, publicKey: Bytes): number[] {
  const words = digest([...digest(content), ...digest(publicKey)])
  return Array.from(
    { length: SIGNATURE_BYTES },
    (_, at) => (words[at % words.length] + Math.floor(at / words.length) * 37) & 255,
  )
}

/** Whether the first certificate of a text was signed by the owner of that public key. */
export function isSignedWith(der: Uint8Array, publicKey: Bytes): boolean {
  const [content, , signature] = readDer(readDer(der)?.[0]?.content ?? new Uint8Array()) ?? []
  if (!content || !signature) return false
  const expected = signatureOf(content.whole, publicKey)
  const given = signature.content.subarray(1)
  if (given.length === expected.length && expected.every((byte, at) => given[at] === byte)) return true
  return isRsaSignature(Uint8Array.from(publicKey), digest(content.whole), given)
}

/** A name as Go writes it: `O = system:masters, CN = kubernetes-admin`. */
export function writeName(commonName: string, organizations: readonly string[] = []): number[] {
  const attribute = (oid: string, text: string): number[] =>
    sequence(writeOid(oid), writeDer(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? PRINTABLE : TAG.utf8, utf8Bytes(text)))
  return sequence(
    ...(organizations.length > 0
      ? [writeDer(TAG.set, ...organizations.map((organization) => attribute('2.5.4.10', organization)))]
      : []),
    ...(commonName ? [writeDer(TAG.set, attribute('2.5.4.3', commonName))] : []),
  )
}

/** What tells a public key from others. Source: RFC 7093 §2, as Go has it since 1.25 */
function keyIdentifier(publicKey: Bytes): number[] {
  const [, bits] = readDer(readDer(Uint8Array.from(publicKey))?.[0]?.content ?? new Uint8Array()) ?? []
  return digest(bits?.content.subarray(1) ?? []).slice(0, KEY_IDENTIFIER_BYTES)
}

function extensions(terms: CertificateTerms, issuer: Issuer): number[][] {
  const { usages, isAuthority, dnsNames = [], addresses = [] } = terms
  const bits = usages.reduce((all, usage) => all | (KEY_USAGES[usage] ?? 0), 0)
  const extended = usages.flatMap((usage) => (EXTENDED_USAGES[usage] ? [writeOid(EXTENDED_USAGES[usage])] : []))
  const critical = writeDer(TAG.boolean, [255])
  const extension = (oid: string, isCritical: boolean, value: Bytes): number[] =>
    sequence(writeOid(oid), isCritical ? critical : [], writeDer(TAG.octets, value))
  const names = [
    ...dnsNames.map((name) => writeDer(0x82, utf8Bytes(name))),
    ...addresses.map((address) => writeDer(0x87, addressBytes(address))),
  ]
  return [
    ...(bits ? [extension('2.5.29.15', true, writeDer(TAG.bits, [unusedBits(bits), bits]))] : []),
    ...(extended.length > 0 ? [extension('2.5.29.37', false, sequence(...extended))] : []),
    extension('2.5.29.19', true, isAuthority ? sequence(critical) : sequence()),
    ...(isAuthority
      ? [extension('2.5.29.14', false, writeDer(TAG.octets, keyIdentifier(terms.publicKey)))]
      : [extension('2.5.29.35', false, sequence(writeDer(0x80, keyIdentifier(issuer.publicKey))))]),
    ...(names.length > 0 ? [extension('2.5.29.17', false, sequence(...names))] : []),
  ]
}

/** IPv4, or the loopback of IPv6. */
const addressBytes = (address: string): number[] =>
  address === '::1' ? [...Array<number>(15).fill(0), 1] : address.split('.').map(Number)

/** Bits at the end of a byte that are not set. */
function unusedBits(bits: number): number {
  let count = 0
  while (count < 8 && !(bits & (1 << count))) count++
  return count
}

/** UTCTime until 2049, GeneralizedTime from then on. */
function time(epochMs: number): number[] {
  const text = `${new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  return Number(text.slice(0, 4)) < 2050
    ? writeDer(TAG.utcTime, utf8Bytes(text.slice(2)))
    : writeDer(TAG.generalizedTime, utf8Bytes(text))
}
