/**
 * Certificates as they are read and trusted: whose they are, for which names, how long, and by whom. Simplified: signatures are not
 * computed; one counts as made by whoever has the issuer's name and, where both tell of one, its key.
 * Sources: RFC 5280; crypto/x509 of Go, whose words these are
 */
import { type DerValue, readDer, TAG } from './der.ts'
import { readPem } from './pem.ts'

export interface Certificate {
  /** The bytes as hexadecimal digits. */
  der: string
  issuer: string
  subject: string
  commonName: string
  organizations: readonly string[]
  /** The name of its owner, in DER. */
  subjectDer: Uint8Array
  /** Its public key, SubjectPublicKeyInfo in DER. */
  publicKey: Uint8Array
  isAuthority: boolean
  usages: readonly ('server auth' | 'client auth')[]
  isRsa: boolean
  notBeforeMs: number
  notAfterMs: number
  hasNames: boolean
  /** DNS names and addresses that it is for. */
  names: readonly string[]
  /** '' where it says none. */
  subjectKey: string
  authorityKey: string
}

const OID = {
  commonName: '550403',
  organization: '55040a',
  basicConstraints: '551d13',
  extendedUsages: '551d25',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
  subjectKey: '551d0e',
  names: '551d11',
  authorityKey: '551d23',
  rsa: '2a864886f70d0101',
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const inside = (value: DerValue | undefined): DerValue[] => (value && readDer(value.content)) ?? []

/** The DER of each certificate in a text of PEM. */
const pemCertificates = (pem: string): Uint8Array[] =>
  readPem(pem).flatMap(({ type, bytes }) => (type === 'CERTIFICATE' ? [bytes] : []))

/** @returns undefined for bytes that are no certificate */
function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const outer = readDer(bytes)
  const [content, algorithm] = inside(outer?.[0])
  const fields = inside(content).filter(({ tag }) => tag !== 0xa0)
  const [, , issuer, validity, subject, publicKey] = fields
  const [notBefore, notAfter] = inside(validity).map(timeOf)
  if (
    outer?.length !== 1 ||
    subject?.tag !== TAG.sequence ||
    publicKey?.tag !== TAG.sequence ||
    notBefore === undefined ||
    notAfter === undefined
  )
    return undefined
  const extensions = new Map(
    inside(inside(fields.find(({ tag }) => tag === 0xa3))[0]).map((extension) => {
      const parts = inside(extension)
      return [hex(parts[0]?.content ?? new Uint8Array()), readDer(parts.at(-1)?.content ?? new Uint8Array()) ?? []]
    }),
  )
  const attributes = inside(subject).flatMap((set) => inside(set).map(inside))
  const named = attributes.find(([oid]) => oid && hex(oid.content) === OID.commonName)
  return {
    der: hex(bytes),
    issuer: hex(issuer.content),
    subject: hex(subject.content),
    commonName: named?.[1] ? textOf(named[1].content) : '',
    organizations: attributes.flatMap(([oid, value]) =>
      oid && value && hex(oid.content) === OID.organization ? [textOf(value.content)] : [],
    ),
    subjectDer: subject.whole,
    publicKey: publicKey.whole,
    isAuthority: inside(extensions.get(OID.basicConstraints)?.[0])[0]?.content[0] === 255,
    usages: inside(extensions.get(OID.extendedUsages)?.[0]).flatMap(({ content: usage }) => {
      const oid = hex(usage)
      return oid === OID.serverAuth ? ['server auth'] : oid === OID.clientAuth ? ['client auth'] : []
    }),
    isRsa: hex(inside(algorithm)[0]?.content ?? new Uint8Array()).startsWith(OID.rsa),
    notBeforeMs: notBefore,
    notAfterMs: notAfter,
    hasNames: extensions.has(OID.names),
    names: inside(extensions.get(OID.names)?.[0]).flatMap(({ tag, content: name }) =>
      tag === 0x82 ? [textOf(name)] : tag === 0x87 ? [addressOf(name)] : [],
    ),
    subjectKey: keyOf(extensions.get(OID.subjectKey)?.[0]),
    authorityKey: keyOf(inside(extensions.get(OID.authorityKey)?.[0]).find(({ tag }) => tag === 0x80)),
  }
}

/** IPv4, or IPv6 as far as it is the loopback. */
const addressOf = (bytes: Uint8Array): string =>
  bytes.length === 4
    ? [...bytes].join('.')
    : bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1
      ? '::1'
      : hex(bytes)

const keyOf = (value: DerValue | undefined): string => (value ? hex(value.content) : '')

/** UTCTime or GeneralizedTime, in milliseconds. */
function timeOf({ tag, content }: DerValue): number | undefined {
  const text = textOf(content)
  const year = Number(text.slice(0, 2))
  const long = tag === TAG.utcTime ? `${year >= 50 ? 19 : 20}${text}` : text
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(long)
  if (!parts) return undefined
  const [, y, month, day, hour, minute, second] = parts.map(Number)
  return Date.UTC(y, month - 1, day, hour, minute, second)
}

export interface Trust {
  /** The name that the client asked for. */
  host: string
  /** The certificates of those whom it knows, as PEM. */
  authorities: string
  nowEpochMs: number
}

/**
 * Why a client does not trust a server that shows this certificate first.
 * @param pem the server's own, and those that lead from it to an authority
 * @returns `x509: …`; undefined when it does
 */
export function distrustOf(pem: string, { host, authorities, nowEpochMs }: Trust): string | undefined {
  const [leaf, ...between] = pemCertificates(pem).map(readCertificate)
  if (!leaf) return 'x509: malformed certificate'
  if (nowEpochMs < leaf.notBeforeMs || nowEpochMs > leaf.notAfterMs) return outsideOfTime(leaf, nowEpochMs)
  return nameFailure(leaf, host) ?? chainFailure(leaf, between, authorities)
}

/** The same of a client that shows its certificate to a server, whatever its names. */
export function clientDistrustOf(pem: string, { authorities, nowEpochMs }: Omit<Trust, 'host'>): string | undefined {
  const [leaf, ...between] = pemCertificates(pem).map(readCertificate)
  if (!leaf) return 'x509: malformed certificate'
  if (nowEpochMs < leaf.notBeforeMs || nowEpochMs > leaf.notAfterMs) return outsideOfTime(leaf, nowEpochMs)
  return chainFailure(leaf, between, authorities)
}

/** What the first certificate of a text says; undefined where it has none that can be read. */
export function readFirstCertificate(pem: string): Certificate | undefined {
  const [first] = pemCertificates(pem)
  return first && readCertificate(first)
}

const goTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

function outsideOfTime({ notBeforeMs, notAfterMs }: Certificate, nowEpochMs: number): string {
  const when = nowEpochMs < notBeforeMs ? `is before ${goTime(notBeforeMs)}` : `is after ${goTime(notAfterMs)}`
  return `x509: certificate has expired or is not yet valid: current time ${goTime(nowEpochMs)} ${when}`
}

function nameFailure({ names: all, hasNames, commonName }: Certificate, host: string): string | undefined {
  const isAddress = /^[\d.]+$|:/.test(host)
  const names = all.filter((name) => /^[\d.]+$|:/.test(name) === isAddress)
  if (isAddress && names.length === 0)
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`
  if (names.some((name) => holdsName(name, host))) return undefined
  if (!hasNames && holdsName(commonName, host))
    return 'x509: certificate relies on legacy Common Name field, use SANs instead'
  if (names.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`
  return `x509: certificate is valid for ${names.join(', ')}, not ${host}`
}

/** A star stands for one whole label, the first. */
function holdsName(pattern: string, host: string): boolean {
  const [first, ...rest] = pattern.toLowerCase().split('.')
  const [label, ...others] = host.toLowerCase().split('.')
  return (first === '*' || first === label) && rest.join('.') === others.join('.')
}

const UNKNOWN = 'x509: certificate signed by unknown authority'

function chainFailure(
  leaf: Certificate,
  between: readonly (Certificate | undefined)[],
  pem: string,
): string | undefined {
  const known = pemCertificates(pem)
  const roots = known.map(readCertificate)
  if (roots.some((root) => root?.der === leaf.der)) return undefined
  const links = between.filter((link) => link !== undefined)
  let current = leaf
  // Each link leads on once at the most.
  for (let step = 0; step <= links.length; step++) {
    const root = roots.find((one) => one !== undefined && isIssuer(one, current))
    if (root) return undefined
    const next = links.find((link) => isIssuer(link, current) && link.der !== current.der)
    if (!next) break
    current = next
  }
  const candidate = roots.find((root) => root?.subject === current.issuer)
  if (!candidate) return UNKNOWN
  const failure = current.isRsa ? 'crypto/rsa: verification error' : 'x509: ECDSA verification failure'
  return `${UNKNOWN} (possibly because of ${JSON.stringify(failure)} while trying to verify candidate authority certificate ${JSON.stringify(candidate.commonName)})`
}

const isIssuer = (one: Certificate, { issuer, authorityKey }: Certificate): boolean =>
  one.subject === issuer && (!authorityKey || !one.subjectKey || one.subjectKey === authorityKey)
