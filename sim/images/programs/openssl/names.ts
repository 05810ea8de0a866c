/** Distinguished names: as openssl prints them, and as `-subj` and configuration files give them. Sources: openssl-namedisplay-options(1), openssl-req(1) */

import { charge } from '../../../engine/work.ts'
import { type DerValue, TAG, writeDer, writeOid } from '../../../pki/der.ts'
import { decodeBytes, encodeBytes } from '../../../runtime/text-bytes.ts'
import { firstOf, inside, oidOf } from './certificate.ts'
import { hexDigits } from './hex.ts'
import { Stop } from './stop.ts'

interface Attribute {
  readonly oid: string
  readonly short: string
  readonly long: string
  readonly tag?: number
  readonly least?: number
  readonly most?: number
}

const PRINTABLE = 0x13
const IA5 = 0x16
const BMP = 0x1e
const UNIVERSAL = 0x1c
/** T61, IA5, numeric, printable, times and visible: a byte a character. */
const PLAIN = [0x12, PRINTABLE, 0x14, IA5, 0x17, 0x18, 0x1a]

const attributes: readonly Attribute[] = [
  { oid: '2.5.4.3', short: 'CN', long: 'commonName', most: 64 },
  { oid: '2.5.4.4', short: 'SN', long: 'surname', most: 32_768 },
  { oid: '2.5.4.5', short: 'serialNumber', long: 'serialNumber', tag: PRINTABLE, most: 64 },
  { oid: '2.5.4.6', short: 'C', long: 'countryName', tag: PRINTABLE, least: 2, most: 2 },
  { oid: '2.5.4.7', short: 'L', long: 'localityName', most: 128 },
  { oid: '2.5.4.8', short: 'ST', long: 'stateOrProvinceName', most: 128 },
  { oid: '2.5.4.9', short: 'street', long: 'streetAddress' },
  { oid: '2.5.4.10', short: 'O', long: 'organizationName', most: 64 },
  { oid: '2.5.4.11', short: 'OU', long: 'organizationalUnitName', most: 64 },
  { oid: '2.5.4.12', short: 'title', long: 'title' },
  { oid: '2.5.4.17', short: 'postalCode', long: 'postalCode' },
  { oid: '2.5.4.42', short: 'GN', long: 'givenName', most: 32_768 },
  { oid: '1.2.840.113549.1.9.1', short: 'emailAddress', long: 'emailAddress', tag: IA5, most: 128 },
  { oid: '0.9.2342.19200300.100.1.1', short: 'UID', long: 'userId' },
  { oid: '0.9.2342.19200300.100.1.25', short: 'DC', long: 'domainComponent', tag: IA5 },
]

const shortOf = (oid: string): string => attributes.find((attribute) => attribute.oid === oid)?.short ?? oid

/** Sets of pairs of a type and a value. */
const setsOf = (name: Uint8Array): { type: string; value: DerValue }[][] =>
  inside(firstOf(name)).map((set) =>
    inside(set).flatMap((pair) => {
      const [type, value] = inside(pair)
      const oid = oidOf(type)
      return oid && value ? [{ type: oid, value }] : []
    }),
  )

/** `O = system:masters, CN = kubernetes-admin` */
export function printName(name: Uint8Array): string {
  charge(name.length)
  return setsOf(name)
    .map((set) => set.map(({ type, value }) => `${shortOf(type)} = ${printValue(value)}`).join(' + '))
    .join(', ')
}

/** `/CN=kubernetes`, as extensions have it. Source: X509_NAME_oneline(3) */
export const printOldName = (name: Uint8Array): string =>
  setsOf(name)
    .flat()
    .map(
      ({ type, value }) =>
        `/${shortOf(type)}=${Array.from(value.content, (byte) => (byte < 32 || byte > 126 ? `\\x${hexDigits([byte])}` : String.fromCharCode(byte))).join('')}`,
    )
    .join('')

/** In quotes where it holds a separator; what is no ASCII as its bytes. */
function printValue(value: DerValue): string {
  const bytes = utf8Of(value)
  if (!bytes) return `#${hexDigits(value.whole)}`
  let needsQuotes = false
  const shown = Array.from(bytes, (byte, at) => {
    const character = String.fromCharCode(byte)
    if (byte < 32 || byte > 126) return `\\${hexDigits([byte])}`
    if (character === '"' || character === '\\') return `\\${character}`
    const isEdge = at === 0 || at === bytes.length - 1
    needsQuotes ||= ',+<>;'.includes(character) || (character === ' ' && isEdge) || (character === '#' && at === 0)
    return character
  }).join('')
  return needsQuotes ? `"${shown}"` : shown
}

/** A text as UTF-8; undefined for a value that is no text. */
function utf8Of({ tag, content }: DerValue): Uint8Array | undefined {
  if (tag === TAG.utf8) return content
  const width = PLAIN.includes(tag) ? 1 : tag === BMP ? 2 : tag === UNIVERSAL ? 4 : undefined
  if (!width || content.length % width) return undefined
  let text = ''
  for (let at = 0; at < content.length; at += width) {
    const point = content.subarray(at, at + width).reduce((held, byte) => held * 256 + byte, 0)
    text += point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point)
  }
  return encodeBytes(text)
}

/** What a command calls itself where it reads a name, and where warnings go. */
export interface NameReader {
  readonly command: string
  /** Texts are UTF-8; without it each byte is a character. */
  readonly isUtf8: boolean
  warn(text: string): void
}

/** `/CN=jane/O=dev+OU=x` in DER. @throws Stop */
export function readSubject(text: string, reader: NameReader): number[] {
  const { command } = reader
  if (!text.startsWith('/'))
    throw new Stop(
      `${command}: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'`,
    )
  const sets: number[][][] = []
  let at = 1
  let joins = false
  while (at < text.length) {
    const equals = /^[^=]*/.exec(text.slice(at, at + 256))?.[0] ?? ''
    if (text[at + equals.length] !== '=')
      throw new Stop(`${command}: Missing '=' after RDN type string '${equals}' in subject name string`)
    at += equals.length + 1
    let value = ''
    for (; at < text.length && text[at] !== '/' && text[at] !== '+'; at++) {
      if (text[at] === '\\') at++
      if (at >= text.length) throw new Stop(`${command}: Escape character at end of subject name string`)
      value += text[at]
    }
    const pair = readAttribute(equals, value, reader)
    if (pair && joins) sets.at(-1)?.push(pair)
    else if (pair) sets.push([pair])
    joins = text[at] === '+' && sets.length > 0
    at++
  }
  return writeSets(sets)
}

/** A name of pairs, each a set of its own. @throws Stop */
export const writePairs = (pairs: readonly (readonly [type: string, value: string])[], reader: NameReader): number[] =>
  writeSets(
    pairs.flatMap(([type, value]) => {
      const pair = readAttribute(type, value, reader)
      return pair ? [[pair]] : []
    }),
  )

const writeSets = (sets: readonly (readonly number[][])[]): number[] =>
  writeDer(TAG.sequence, ...sets.map((pairs) => writeDer(TAG.set, ...pairs)))

function readAttribute(type: string, value: string, { command, isUtf8, warn }: NameReader): number[] | undefined {
  const found = attributes.find(({ oid, short, long }) => [oid, short, long].includes(type))
  if (!found) {
    warn(`${command} warning: Skipping unknown subject name attribute "${type}"\n`)
    return undefined
  }
  if (value === '') {
    warn(`${command} warning: No value provided for subject name attribute "${type}", skipped\n`)
    return undefined
  }
  const bytes = encodeBytes(value)
  charge(bytes.length)
  const text = isUtf8 ? decodeBytes(bytes) : Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const problem = problemOf(text, found)
  if (problem)
    throw new Stop('', {
      queue: [problem],
      last: [`${command}: Error adding subject name attribute "/${type}=${value}"`],
    })
  return writeDer(TAG.sequence, writeOid(found.oid), writeDer(found.tag ?? TAG.utf8, encodeBytes(text)))
}

/** Why an attribute cannot have the text, as an entry of the error queue. */
function problemOf(text: string, { tag, least = 0, most = Number.POSITIVE_INFINITY }: Attribute): string | undefined {
  const where = 'asn1 encoding routines:ASN1_mbstring_ncopy:'
  const from = '../crypto/asn1/a_mbstr.c'
  if (text.length < least) return `error:06800098:${where}string too short:${from}:100:minsize=${least}`
  if (text.length > most) return `error:06800097:${where}string too long:${from}:106:maxsize=${most}`
  const isAllowed = tag === PRINTABLE ? /^[A-Za-z0-9 '()+,\-./:=?]*$/ : tag === IA5 ? /^[\0-\x7f]*$/ : /^/
  return isAllowed.test(text) ? undefined : `error:0680007C:${where}illegal characters:${from}:113:`
}
