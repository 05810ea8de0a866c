/**
 * Whether a certificate and a private key belong together, as far as what is written in them tells.
 * Source: Go's crypto/tls, X509KeyPair.
 * Simplified: a key that does not name its public half (Ed25519) is taken at its word.
 */
import { decodeBase64 } from '../api/meta/base64.ts'

interface Block {
  type: string
  bytes: readonly number[]
}

/** What is wrong with the pair; undefined when nothing is. */
export function keyPairProblem(certificate: string, key: string): string | undefined {
  const certificates = pemBlocks(certificate)
  const found = certificates.find(({ type }) => type === 'CERTIFICATE')
  if (!found) return missingCertificate(certificates.map(({ type }) => type))
  const keys = pemBlocks(key)
  const privateKey = keys.find(({ type }) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'))
  if (!privateKey) return missingKey(keys.map(({ type }) => type))
  const subject = publicKeyOf(found.bytes)
  if (!subject) return 'x509: malformed certificate'
  const own = halvesOf(privateKey)
  if (!own) return 'tls: failed to parse private key'
  if (own.algorithm !== subject.algorithm) return 'tls: private key type does not match public key type'
  return own.publicKey && own.publicKey !== subject.key ? 'tls: private key does not match public key' : undefined
}

function missingCertificate(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (skipped.length === 1 && skipped[0].endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

function missingKey(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input'
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

function pemBlocks(text: string): Block[] {
  const blocks: Block[] = []
  for (const match of text.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----\s*\n([\s\S]*?)\n?-----END \1-----/gm)) {
    const decoded = decodeBase64(match[2].replace(/\s/g, ''))
    if ('bytes' in decoded) blocks.push({ type: match[1], bytes: decoded.bytes })
  }
  return blocks
}

// ---------- ASN.1, DER ----------

interface Value {
  tag: number
  content: readonly number[]
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const OBJECT_ID = 0x06
const BIT_STRING = 0x03

/** The values one after the other; undefined when the bytes are cut short. */
function readValues(bytes: readonly number[]): Value[] | undefined {
  const values: Value[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++]
    let length = bytes[at++]
    if (length > 0x80) {
      const digits = bytes.slice(at, at + length - 0x80)
      at += digits.length
      length = digits.reduce((held, digit) => held * 256 + digit, 0)
    }
    if (length === undefined || at + length > bytes.length) return undefined
    values.push({ tag, content: bytes.slice(at, at + length) })
    at += length
  }
  return values
}

const membersOf = (value: Value | undefined): Value[] => (value ? (readValues(value.content) ?? []) : [])

const RSA = '2a864886f70d010101'
const ELLIPTIC = '2a8648ce3d0201'

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')

interface PublicKey {
  /** Object identifier, in hexadecimal. */
  algorithm: string
  key: string
}

/** The subject's public key of a certificate. */
function publicKeyOf(bytes: readonly number[]): PublicKey | undefined {
  const [certificate] = readValues(bytes) ?? []
  const fields = membersOf(membersOf(certificate)[0])
  // [0] version, serial number, signature, issuer, validity, subject, then the key.
  const info = fields[fields[0]?.tag === 0xa0 ? 6 : 5]
  const [algorithm, key] = membersOf(info)
  const id = membersOf(algorithm)[0]
  if (id?.tag !== OBJECT_ID || key?.tag !== BIT_STRING) return undefined
  return { algorithm: hex(id.content), key: comparable(hex(id.content), key.content.slice(1)) }
}

/** Of an RSA key its modulus, of the others all of it. */
const comparable = (algorithm: string, key: readonly number[]): string =>
  hex(algorithm === RSA ? (membersOf(readValues(key)?.[0])[0]?.content ?? []) : key)

interface PrivateKey {
  algorithm: string
  /** Undefined when the key does not tell. */
  publicKey: string | undefined
}

function halvesOf({ type, bytes }: Block): PrivateKey | undefined {
  const [outer] = readValues(bytes) ?? []
  if (outer?.tag !== SEQUENCE) return undefined
  const fields = membersOf(outer)
  if (type === 'RSA PRIVATE KEY') return { algorithm: RSA, publicKey: modulusOf(fields) }
  if (type === 'EC PRIVATE KEY') return { algorithm: ELLIPTIC, publicKey: pointOf(fields) }
  const id = membersOf(fields[1])[0]
  if (id?.tag !== OBJECT_ID || !fields[2]) return undefined
  const algorithm = hex(id.content)
  const inner = membersOf(readValues(fields[2].content)?.[0])
  return {
    algorithm,
    publicKey: algorithm === RSA ? modulusOf(inner) : algorithm === ELLIPTIC ? pointOf(inner) : undefined,
  }
}

const modulusOf = (fields: readonly Value[]): string | undefined =>
  fields[1]?.tag === INTEGER ? hex(fields[1].content) : undefined

/** The point of an EC key, in its field [1]. */
function pointOf(fields: readonly Value[]): string | undefined {
  const point = membersOf(fields.find(({ tag }) => tag === 0xa1))[0]
  return point && hex(point.content.slice(1))
}
