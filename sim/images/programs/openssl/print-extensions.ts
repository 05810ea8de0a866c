/** Extensions as openssl prints them. Sources: x509v3_config(5), OpenSSL 3.0 crypto/x509 */
import { type DerValue, TAG } from '../../../pki/der.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import { type Extension, firstOf, inside, oidOf } from './certificate.ts'
import { colonHex } from './hex.ts'
import { printOldName } from './names.ts'

interface Printer {
  /** As `-ext` and configuration files name it. */
  readonly name: string
  readonly title: string
  /** What it says, a line each; undefined where the value is none of its kind. */
  lines(value: DerValue): readonly string[] | undefined
}

export const usageBits: readonly (readonly [name: string, title: string])[] = [
  ['digitalSignature', 'Digital Signature'],
  ['nonRepudiation', 'Non Repudiation'],
  ['keyEncipherment', 'Key Encipherment'],
  ['dataEncipherment', 'Data Encipherment'],
  ['keyAgreement', 'Key Agreement'],
  ['keyCertSign', 'Certificate Sign'],
  ['cRLSign', 'CRL Sign'],
  ['encipherOnly', 'Encipher Only'],
  ['decipherOnly', 'Decipher Only'],
]

export const extendedUsages: readonly (readonly [oid: string, name: string, title: string])[] = [
  ['1.3.6.1.5.5.7.3.1', 'serverAuth', 'TLS Web Server Authentication'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth', 'TLS Web Client Authentication'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning', 'Code Signing'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection', 'E-mail Protection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping', 'Time Stamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning', 'OCSP Signing'],
  ['2.5.29.37.0', 'anyExtendedKeyUsage', 'Any Extended Key Usage'],
]

/** Said in place of what the real one prints of these. */
const notPrinted = (): readonly string[] => ['<podium: openssl does not print this extension here>']

const printers: Readonly<Record<string, Printer>> = {
  '2.5.29.14': {
    name: 'subjectKeyIdentifier',
    title: 'X509v3 Subject Key Identifier',
    lines: ({ tag, content }) => (tag === TAG.octets ? [colonHex(content)] : undefined),
  },
  '2.5.29.15': { name: 'keyUsage', title: 'X509v3 Key Usage', lines: usageLines },
  '2.5.29.17': { name: 'subjectAltName', title: 'X509v3 Subject Alternative Name', lines: nameLines },
  '2.5.29.19': { name: 'basicConstraints', title: 'X509v3 Basic Constraints', lines: constraintLines },
  '2.5.29.35': { name: 'authorityKeyIdentifier', title: 'X509v3 Authority Key Identifier', lines: authorityLines },
  '2.5.29.37': { name: 'extendedKeyUsage', title: 'X509v3 Extended Key Usage', lines: extendedLines },
  '2.16.840.1.113730.1.13': {
    name: 'nsComment',
    title: 'Netscape Comment',
    lines: ({ content }) => [decodeBytes(content)],
  },
  '2.5.29.18': { name: 'issuerAltName', title: 'X509v3 Issuer Alternative Name', lines: nameLines },
  '2.5.29.30': { name: 'nameConstraints', title: 'X509v3 Name Constraints', lines: notPrinted },
  '2.5.29.31': { name: 'crlDistributionPoints', title: 'X509v3 CRL Distribution Points', lines: notPrinted },
  '2.5.29.32': { name: 'certificatePolicies', title: 'X509v3 Certificate Policies', lines: notPrinted },
  '1.3.6.1.5.5.7.1.1': { name: 'authorityInfoAccess', title: 'Authority Information Access', lines: notPrinted },
  '1.3.6.1.4.1.11129.2.4.2': { name: 'ct_precert_scts', title: 'CT Precertificate SCTs', lines: notPrinted },
}

/** Whether there is an extension of that name. */
export const oidOfExtension = (name: string): string | undefined =>
  Object.keys(printers).find((oid) => printers[oid].name === name)

/** Each with its title, and what it says below. */
export const printExtensions = (extensions: readonly Extension[], indent: number): string =>
  extensions.map((extension) => printExtension(extension, ' '.repeat(indent))).join('')

function printExtension({ oid, isCritical, value }: Extension, indent: string): string {
  const printer = printers[oid]
  const parsed = firstOf(value)
  const lines = (parsed && printer?.lines(parsed)) ?? [rawText(value)]
  const head = `${indent}${printer?.title ?? oid}: ${isCritical ? 'critical' : ''}\n`
  return head + lines.map((line) => `${indent}    ${line}\n`).join('')
}

/** Bytes of an extension that it knows nothing of. */
const rawText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) =>
    (byte >= 32 && byte < 127) || byte === 10 || byte === 13 ? String.fromCharCode(byte) : '.',
  ).join('')

/** Whether each bit of keyUsage is set. */
export const usagesIn = ({ content }: DerValue): readonly boolean[] =>
  usageBits.map((_, bit) => ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0)

function usageLines(value: DerValue): readonly string[] | undefined {
  if (value.tag !== TAG.bits) return undefined
  const set = usagesIn(value)
  return [
    usageBits
      .filter((_, bit) => set[bit])
      .map(([, title]) => title)
      .join(', '),
  ]
}

function extendedLines(value: DerValue): readonly string[] | undefined {
  if (value.tag !== TAG.sequence) return undefined
  const names = inside(value).map((usage) => {
    const oid = oidOf(usage) ?? ''
    return extendedUsages.find(([known]) => known === oid)?.[2] ?? oid
  })
  return [names.join(', ')]
}

/** What basicConstraints says; undefined where the value is none. */
export function constraintsIn(value: DerValue): { isAuthority: boolean; pathLength?: string } | undefined {
  if (value.tag !== TAG.sequence) return undefined
  const parts = inside(value)
  const length = parts.find(({ tag }) => tag === TAG.integer)
  return {
    isAuthority: parts.some(({ tag, content }) => tag === TAG.boolean && content[0] !== 0),
    ...(length && { pathLength: numberText(length.content) }),
  }
}

function constraintLines(value: DerValue): readonly string[] | undefined {
  const constraints = constraintsIn(value)
  if (!constraints) return undefined
  const { isAuthority, pathLength } = constraints
  return [`CA:${isAuthority ? 'TRUE' : 'FALSE'}${pathLength === undefined ? '' : `, pathlen:${pathLength}`}`]
}

const numberText = (bytes: Uint8Array): string =>
  bytes.length > 6
    ? `0x${colonHex(bytes).replaceAll(':', '')}`
    : String(bytes.reduce((sum, byte) => sum * 256 + byte, 0))

/** The key alone stands without its name. */
function authorityLines(value: DerValue): readonly string[] | undefined {
  if (value.tag !== TAG.sequence) return undefined
  const parts = inside(value)
  const lines: string[] = []
  for (const part of parts) {
    if (part.tag === 0x80) lines.push(parts.length > 1 ? `keyid:${colonHex(part.content)}` : colonHex(part.content))
    else if (part.tag === 0xa1) lines.push(...inside(part).map(generalName))
    else if (part.tag === 0x82)
      lines.push(
        `serial:${colonHex(part.content.length > 1 && part.content[0] === 0 ? part.content.subarray(1) : part.content)}`,
      )
  }
  return lines
}

function nameLines(value: DerValue): readonly string[] | undefined {
  if (value.tag !== TAG.sequence) return undefined
  return [inside(value).map(generalName).join(', ')]
}

/** One of a certificate's names. Source: GENERAL_NAME_print of OpenSSL 3.0 */
function generalName(value: DerValue): string {
  const { tag, content } = value
  switch (tag & 0x1f) {
    case 0:
      return 'othername:<unsupported>'
    case 1:
      return `email:${decodeBytes(content)}`
    case 2:
      return `DNS:${decodeBytes(content)}`
    case 3:
      return 'X400Name:<unsupported>'
    case 4:
      return `DirName:${printOldName(content)}`
    case 5:
      return 'EdiPartyName:<unsupported>'
    case 6:
      return `URI:${decodeBytes(content)}`
    case 7:
      return `IP Address:${addressText(content)}`
    case 8:
      return `Registered ID:${oidOf({ ...value, tag: TAG.oid }) ?? ''}`
    default:
      return ''
  }
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return '<invalid>'
  return Array.from({ length: 8 }, (_, at) =>
    (bytes[2 * at] * 256 + bytes[2 * at + 1]).toString(16).toUpperCase(),
  ).join(':')
}
