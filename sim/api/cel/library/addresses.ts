/** Addresses and networks. Sources: k8s.io/apiserver/pkg/cel/library/{ip,cidr}.go, net/netip of Go's library */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import { goQuote } from '../../../text/go-quote.ts'
import { isOpaque, isReadable, noSuchOverload, opaque, opaqueOf, textOf } from './values.ts'

/** 4 or 16 bytes. */
type Address = readonly number[]

class AddressError extends Error {
  constructor(text: string, why: string, at = '') {
    super(`ParseAddr(${goQuote(text)}): ${why}${at === '' ? '' : ` (at ${goQuote(at)})`}`)
  }
}

/** @throws AddressError in the words of net/netip */
function addressOf(text: string): Address {
  const first = /[.:%]/.exec(text)?.[0]
  if (first === '.') return fourBytes(text, text)
  if (first === ':') return sixteenBytes(text)
  throw new AddressError(text, first === '%' ? 'missing IPv6 address' : 'unable to parse IP')
}

function fourBytes(text: string, whole: string): number[] {
  const bytes: number[] = []
  let value = 0
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (/\d/.test(char)) {
      if (digits === 1 && value === 0) throw new AddressError(whole, 'IPv4 field has octet with leading zero')
      value = value * 10 + Number(char)
      digits++
      if (value > 255) throw new AddressError(whole, 'IPv4 field has value >255')
    } else if (char === '.') {
      if (at === 0 || at === text.length - 1 || text[at - 1] === '.')
        throw new AddressError(whole, 'IPv4 field must have at least one digit', text.slice(at))
      if (bytes.length === 3) throw new AddressError(whole, 'IPv4 address too long')
      bytes.push(value)
      value = 0
      digits = 0
    } else throw new AddressError(whole, 'unexpected character', text.slice(at))
  }
  if (bytes.length < 3) throw new AddressError(whole, 'IPv4 address too short')
  return [...bytes, value]
}

function sixteenBytes(whole: string): number[] {
  const zone = whole.indexOf('%')
  let text = zone < 0 ? whole : whole.slice(0, zone)
  if (zone === whole.length - 1) throw new AddressError(whole, 'zone must be a non-empty string')
  const bytes: number[] = []
  let gap = -1
  if (text.startsWith('::')) {
    gap = 0
    text = text.slice(2)
  }
  while (bytes.length < 16 && text !== '') {
    const [digits = ''] = /^[0-9a-fA-F]*/.exec(text) ?? []
    if (digits.length > 4) throw new AddressError(whole, 'each group must have 4 or fewer digits', text)
    if (digits === '') throw new AddressError(whole, 'each colon-separated field must have at least one digit', text)
    if (text[digits.length] === '.') {
      if (gap < 0 && bytes.length !== 12)
        throw new AddressError(whole, 'embedded IPv4 address must replace the final 2 fields of the address', text)
      if (bytes.length + 4 > 16)
        throw new AddressError(whole, 'too many hex fields to fit an embedded IPv4 at the end of the address', text)
      bytes.push(...fourBytes(text, whole))
      text = ''
      break
    }
    const value = Number.parseInt(digits, 16)
    bytes.push(value >> 8, value & 255)
    text = text.slice(digits.length)
    if (text === '') break
    if (text[0] !== ':') throw new AddressError(whole, 'unexpected character, want colon', text)
    if (text.length === 1) throw new AddressError(whole, 'colon must be followed by more characters', text)
    text = text.slice(1)
    if (text[0] === ':') {
      if (gap >= 0) throw new AddressError(whole, 'multiple :: in address', text)
      gap = bytes.length
      text = text.slice(1)
    }
  }
  if (text !== '') throw new AddressError(whole, 'trailing garbage after address', text)
  if (bytes.length === 16) {
    if (gap >= 0) throw new AddressError(whole, 'the :: must expand to at least one field of zeros')
  } else if (gap < 0) throw new AddressError(whole, 'address string too short')
  else bytes.splice(gap, 0, ...Array.from({ length: 16 - bytes.length }, () => 0))
  return bytes
}

/** As RFC 5952 has it: the longest run of zeros, of two or more, is left out. */
function printed(bytes: Address): string {
  if (bytes.length === 4) return bytes.join('.')
  const fields = Array.from({ length: 8 }, (_, n) => bytes[2 * n]! * 256 + bytes[2 * n + 1]!)
  let [from, length] = [-1, 1]
  for (let n = 0; n < 8; n++) {
    let end = n
    while (end < 8 && fields[end] === 0) end++
    if (end - n > length) [from, length] = [n, end - n]
  }
  const hex = (some: readonly number[]): string => some.map((field) => field.toString(16)).join(':')
  return from < 0 ? hex(fields) : `${hex(fields.slice(0, from))}::${hex(fields.slice(from + length))}`
}

const isMapped = (bytes: Address): boolean =>
  bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255

/** @throws Error in the words of the API server */
function parseIP(text: string): Address {
  let bytes: Address
  try {
    bytes = addressOf(text)
  } catch (error) {
    throw new Error(
      `IP Address ${goQuote(text)} parse error during conversion from string: ${(error as Error).message}`,
    )
  }
  if (text.includes('%')) throw new Error(`IP address ${goQuote(text)} with zone value is not allowed`)
  if (isMapped(bytes)) throw new Error(`IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`)
  return bytes
}

interface Prefix {
  bytes: Address
  bits: number
}

/** @throws Error in the words of net/netip */
function prefixOf(text: string): Prefix {
  const refuse = (why: string): never => {
    throw new Error(`netip.ParsePrefix(${goQuote(text)}): ${why}`)
  }
  const slash = text.lastIndexOf('/')
  if (slash < 0) return refuse("no '/'")
  let bytes: Address = []
  try {
    bytes = addressOf(text.slice(0, slash))
  } catch (error) {
    refuse((error as Error).message)
  }
  if (text.includes('%')) refuse('IPv6 zones cannot be present in a prefix')
  const digits = text.slice(slash + 1)
  if (!/^(?:\d|[1-9]\d+)$/.test(digits)) refuse(`bad bits after slash: ${goQuote(digits)}`)
  const bits = Number(digits)
  if (bits > bytes.length * 8) refuse('prefix length out of range')
  return { bytes, bits }
}

const inConversion = 'network address parse error during conversion from string'

/** @throws Error in the words of the API server */
function parseCIDR(text: string): Prefix {
  let prefix: Prefix
  try {
    prefix = prefixOf(text)
  } catch (error) {
    throw new Error(`${inConversion}: ${inConversion}: ${(error as Error).message}`)
  }
  if (isMapped(prefix.bytes))
    throw new Error(`${inConversion}: IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`)
  return prefix
}

/** Without what lies beyond the first bits. */
const masked = (bytes: Address, bits: number): number[] =>
  bytes.map((byte, n) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * n))) & 0xff)

const contains = ({ bytes, bits }: Prefix, other: Address): boolean =>
  bytes.length === other.length && printed(masked(bytes, bits)) === printed(masked(other, bits))

const ipOf = (value: unknown): Address => (typeof value === 'string' ? parseIP(value) : addressOf(textOf('ip', value)))
const cidrOf = (value: unknown): Prefix =>
  typeof value === 'string' ? parseCIDR(value) : prefixOf(textOf('cidr', value))
const makeIP = (bytes: Address) => opaqueOf('ip', printed(bytes)) as never
const makeCIDR = ({ bytes, bits }: Prefix) => opaqueOf('cidr', `${printed(bytes)}/${bits}`) as never

const isUnspecified = (bytes: Address): boolean => bytes.every((byte) => byte === 0)
const isLoopback = (bytes: Address): boolean => (bytes.length === 4 ? bytes[0] === 127 : printed(bytes) === '::1')
const isLinkLocalUnicast = (bytes: Address): boolean =>
  bytes.length === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80
const isLinkLocalMulticast = (bytes: Address): boolean =>
  bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 0x02
const isMulticast = (bytes: Address): boolean => (bytes.length === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff)
const isGlobalUnicast = (bytes: Address): boolean =>
  !isUnspecified(bytes) &&
  printed(bytes) !== '255.255.255.255' &&
  !isLoopback(bytes) &&
  !isMulticast(bytes) &&
  !isLinkLocalUnicast(bytes)

const questions = { isUnspecified, isLoopback, isLinkLocalMulticast, isLinkLocalUnicast, isGlobalUnicast }

export const addressFunctions = [
  celFunc('ip', [CelScalar.STRING], opaque, (text) => makeIP(parseIP(text))),
  celFunc('isIP', [CelScalar.STRING], CelScalar.BOOL, (text) => isReadable(() => parseIP(text))),
  celFunc('ip.isCanonical', [CelScalar.STRING], CelScalar.BOOL, (text) => printed(parseIP(text)) === text),
  celMethod('family', opaque, [], CelScalar.INT, function () {
    return ipOf(this).length === 4 ? 4n : 6n
  }),
  ...Object.entries(questions).map(([name, question]) =>
    celMethod(name, opaque, [], CelScalar.BOOL, function () {
      return question(ipOf(this))
    }),
  ),
  celFunc('cidr', [CelScalar.STRING], opaque, (text) => makeCIDR(parseCIDR(text))),
  celFunc('isCIDR', [CelScalar.STRING], CelScalar.BOOL, (text) => isReadable(() => parseCIDR(text))),
  celMethod('containsIP', opaque, [CelScalar.DYN], CelScalar.BOOL, function (other) {
    return contains(cidrOf(this), ipOf(other))
  }),
  celMethod('containsCIDR', opaque, [CelScalar.DYN], CelScalar.BOOL, function (other) {
    const [outer, inner] = [cidrOf(this), cidrOf(other)]
    return outer.bits <= inner.bits && contains(outer, inner.bytes)
  }),
  celMethod('ip', opaque, [], opaque, function () {
    return makeIP(cidrOf(this).bytes)
  }),
  celMethod('prefixLength', opaque, [], CelScalar.INT, function () {
    return BigInt(cidrOf(this).bits)
  }),
  celMethod('masked', opaque, [], opaque, function () {
    const { bytes, bits } = cidrOf(this)
    return makeCIDR({ bytes: masked(bytes, bits), bits })
  }),
  celFunc('string', [opaque], CelScalar.STRING, (one) => {
    for (const type of ['ip', 'cidr'] as const) if (isOpaque(type, one)) return textOf(type, one)
    throw noSuchOverload()
  }),
]
