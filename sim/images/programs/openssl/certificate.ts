/** Certificates and requests as openssl takes them apart: every part that it prints. Sources: RFC 5280, RFC 2986 */
import { type DerValue, readDer, TAG } from '../../../pki/der.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'

export interface Extension {
  readonly oid: string
  readonly isCritical: boolean
  readonly value: Uint8Array
}

/** What a certificate and a request have in common. */
interface Signed {
  readonly version: number
  /** With tag and length, as all parts in DER here. */
  readonly whole: Uint8Array
  readonly content: Uint8Array
  readonly subject: Uint8Array
  readonly publicKey: Uint8Array
  readonly extensions: readonly Extension[]
  readonly algorithm: string
  readonly signature: Uint8Array
}

export interface Certificate extends Signed {
  /** The number's bytes, without those of the sign that say nothing. */
  readonly serial: Uint8Array
  readonly isNegative: boolean
  readonly issuer: Uint8Array
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface Request extends Signed {
  /** Those besides the extensions: their types and texts. */
  readonly attributes: readonly { readonly oid: string; readonly text: string }[]
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
/** The context-specific tags [0] and [3] that hold others. */
const CONTEXT_0 = 0xa0
const CONTEXT_3 = 0xa3
/** Numbers in OpenSSL fit into a certificate; longer ones are none. */
const LONGEST_OID = 64

export const inside = (value: DerValue | undefined): readonly DerValue[] =>
  value && value.tag & 0x20 ? (readDer(value.content) ?? []) : []
export const firstOf = (bytes: Uint8Array): DerValue | undefined => readDer(bytes)?.[0]

/** `2.5.4.3`; undefined for bytes that are no object identifier. */
export function oidOf(value: DerValue | undefined): string | undefined {
  if (value?.tag !== TAG.oid) return undefined
  const { content } = value
  if (content.length === 0 || content.length > LONGEST_OID || content[content.length - 1] & 0x80) return undefined
  const numbers: bigint[] = []
  let number = 0n
  for (const byte of content) {
    number = (number << 7n) | BigInt(byte & 0x7f)
    if (byte & 0x80) continue
    numbers.push(number)
    number = 0n
  }
  const [first, ...rest] = numbers
  const top = first < 80n ? first / 40n : 2n
  return [top, first - top * 40n, ...rest].join('.')
}

/** The certificate in the bytes; undefined where there is none. */
export function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const signed = readSigned(bytes)
  if (!signed) return undefined
  const { fields, ...rest } = signed
  const hasVersion = fields[0]?.tag === CONTEXT_0
  const [number, algorithm, issuer, validity, subject, publicKey, ...optional] = hasVersion ? fields.slice(1) : fields
  const version = hasVersion ? numberOf(inside(fields[0])[0]) : 0
  const [notBeforeMs, notAfterMs] = inside(validity).map(timeOf)
  if (number?.tag !== TAG.integer || algorithm?.tag !== TAG.sequence || version === undefined) return undefined
  if (!isName(issuer) || !isName(subject) || !isPublicKey(publicKey)) return undefined
  if (notBeforeMs === undefined || notAfterMs === undefined || number.content.length === 0) return undefined
  const extensions = readExtensions(inside(optional.find(({ tag }) => tag === CONTEXT_3))[0])
  if (!extensions) return undefined
  return {
    ...rest,
    version,
    ...magnitudeOf(number.content),
    issuer: issuer.whole,
    subject: subject.whole,
    publicKey: publicKey.whole,
    notBeforeMs,
    notAfterMs,
    extensions,
  }
}

/** The request in the bytes; undefined where there is none. */
export function readRequest(bytes: Uint8Array): Request | undefined {
  const signed = readSigned(bytes)
  if (!signed) return undefined
  const { fields, ...rest } = signed
  const [number, subject, publicKey, attributes] = fields
  const version = numberOf(number)
  if (version === undefined || !isName(subject) || !isPublicKey(publicKey)) return undefined
  const pairs = inside(attributes).map((attribute) => {
    const [type, values] = inside(attribute)
    return { oid: oidOf(type) ?? '', value: inside(values)[0] }
  })
  const requested = pairs.find(({ oid }) => oid === EXTENSION_REQUEST)
  const extensions = readExtensions(requested?.value)
  if (!extensions) return undefined
  return {
    ...rest,
    version,
    subject: subject.whole,
    publicKey: publicKey.whole,
    extensions,
    attributes: pairs
      .filter((pair) => pair !== requested)
      .map(({ oid, value }) => ({ oid, text: decodeBytes(value?.content ?? new Uint8Array()) })),
  }
}

/** What is signed, how, and the signature. */
function readSigned(bytes: Uint8Array) {
  const outer = firstOf(bytes)
  const [content, algorithms, bits, ...more] = inside(outer)
  const algorithm = oidOf(inside(algorithms)[0])
  if (!outer || outer.tag !== TAG.sequence || content?.tag !== TAG.sequence || !algorithm) return undefined
  if (bits?.tag !== TAG.bits || bits.content.length === 0 || more.length > 0) return undefined
  const fields = inside(content)
  return { whole: outer.whole, content: content.whole, fields, algorithm, signature: bits.content.subarray(1) }
}

/** Of a small number that is not negative. */
function numberOf(value: DerValue | undefined): number | undefined {
  if (value?.tag !== TAG.integer || value.content.length !== 1 || value.content[0] > 127) return undefined
  return value.content[0]
}

/** A name is a sequence of sets of pairs of a type and a text. */
const isName = (value: DerValue | undefined): value is DerValue =>
  value?.tag === TAG.sequence &&
  readDer(value.content)?.every(
    (set) => set.tag === TAG.set && inside(set).every((pair) => inside(pair).length === 2 && oidOf(inside(pair)[0])),
  ) === true

const isPublicKey = (value: DerValue | undefined): value is DerValue =>
  value?.tag === TAG.sequence && oidOf(inside(inside(value)[0])[0]) !== undefined && inside(value)[1]?.tag === TAG.bits

/** Undefined where one is none; empty where there are none. */
function readExtensions(list: DerValue | undefined): Extension[] | undefined {
  const extensions: Extension[] = []
  for (const item of inside(list)) {
    const [type, ...rest] = inside(item)
    const oid = oidOf(type)
    const value = rest.at(-1)
    if (!oid || value?.tag !== TAG.octets) return undefined
    const isCritical = rest.length > 1 && rest[0].tag === TAG.boolean && rest[0].content[0] !== 0
    extensions.push({ oid, isCritical, value: value.content })
  }
  return extensions
}

/** A number in two's complement. */
function magnitudeOf(content: Uint8Array): { serial: Uint8Array; isNegative: boolean } {
  const isNegative = content[0] > 127
  const bytes = Uint8Array.from(content)
  if (isNegative) {
    let carry = 1
    for (let at = bytes.length - 1; at >= 0; at--) {
      const sum = (~bytes[at] & 255) + carry
      bytes[at] = sum & 255
      carry = sum >> 8
    }
  }
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  return { serial: bytes.subarray(start), isNegative }
}

/** UTCTime or GeneralizedTime, in milliseconds; undefined for what is no moment. */
function timeOf({ tag, content }: DerValue): number | undefined {
  if ((tag !== TAG.utcTime && tag !== TAG.generalizedTime) || content.length > 20) return undefined
  const text = String.fromCharCode(...content)
  const long = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) >= 50 ? 19 : 20}${text}` : text
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(long)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts.map(Number)
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second))
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && hour < 24 && minute < 60 && second < 60 ? date.getTime() : undefined
}
