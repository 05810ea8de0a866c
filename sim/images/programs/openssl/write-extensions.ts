/** Extensions as configuration files and `-addext` word them, in DER. Source: x509v3_config(5) of OpenSSL 3.0 */

import { utf8Bytes } from '../../../api/meta/base64.ts'
import { TAG, writeDer, writeOid } from '../../../pki/der.ts'
import { encodeBytes } from '../../../runtime/text-bytes.ts'
import { parseAddress } from './address.ts'
import type { Extension } from './certificate.ts'
import type { Config, Pairs } from './config.ts'
import { keyIdentifier } from './make.ts'
import { extendedUsages, oidOfExtension, usageBits } from './print-extensions.ts'
import { notSimulated, Stop } from './stop.ts'

type Bytes = readonly number[] | Uint8Array

/** Whose extensions they are to be. */
export interface Subject {
  readonly publicKey: Bytes
  /** Of the certificate that signs; undefined where it signs itself, and for requests. */
  readonly issuer?: {
    /** What its own extension tells. */
    readonly keyIdentifier?: Uint8Array
    /** Who signed it, and its number there. */
    readonly issuerName: Uint8Array
    readonly serial: Bytes
  }
}

interface Context {
  readonly command: string
  readonly config: Config
  readonly subject: Subject
}

const SUBJECT_KEY = '2.5.29.14'
const AUTHORITY_KEY = '2.5.29.35'
const known =
  'certificatePolicies crlDistributionPoints authorityInfoAccess subjectInfoAccess nameConstraints policyConstraints inhibitAnyPolicy issuerAltName nsCertType nsBaseUrl nsCaPolicyUrl nsRevocationUrl tlsfeature noCheck policyMappings proxyCertInfo freshestCRL'

/** Why a value is none of its extension: entries of the error queue. */
class Wrong extends Error {
  override readonly name = 'Wrong'
  readonly queue: readonly string[]
  constructor(...queue: readonly string[]) {
    super(queue.join('\n'))
    this.queue = queue.map((entry) => `error:${entry}`)
  }
}

/**
 * The extensions of the pairs: a later one of a name replaces what was there.
 * @param title the error's first line, such as `Error checking extension section default`. @throws Stop
 */
export function writeExtensions(
  pairs: Pairs,
  context: Context & { readonly section: string; readonly title: string },
  before: readonly Extension[] = [],
): Extension[] {
  let extensions = [...before]
  for (const [name, text] of pairs) {
    try {
      const written = writeExtension(name, text, context, extensions)
      if (!written) continue
      extensions = [...extensions.filter(({ oid }) => oid !== written.oid), written]
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      throw new Stop(context.title, {
        queue: [
          ...error.queue,
          `error:11000080:X509 V3 routines:X509V3_EXT_nconf_int:error in extension:../crypto/x509/v3_conf.c:48:section=${context.section}, name=${name}, value=${text}`,
        ],
      })
    }
  }
  return extensions
}

/** With the identifiers of the keys that a certificate with extensions has anyway. Source: do_X509_sign of OpenSSL 3.0, apps/lib/apps.c */
export function withIdentifiers(extensions: readonly Extension[], subject: Subject): Extension[] {
  if (extensions.length === 0) return []
  const all = [...extensions]
  const has = (oid: string): boolean => all.some((extension) => extension.oid === oid)
  if (!has(SUBJECT_KEY)) all.push(subjectKey(subject))
  const authority = has(AUTHORITY_KEY) || !subject.issuer ? undefined : authorityKey('keyid, issuer', subject, all)
  return withoutEmpty(authority ? [...all, authority] : all)
}

/** Without those that are told to be absent. */
export const withoutEmpty = (extensions: readonly Extension[]): Extension[] =>
  extensions.filter(({ value }) => value.length > 0)

const subjectKey = ({ publicKey }: Subject): Extension => ({
  oid: SUBJECT_KEY,
  isCritical: false,
  value: Uint8Array.from(writeDer(TAG.octets, keyIdentifier(publicKey))),
})

/** @param before those that it has already. Undefined where there is nothing to say */
function writeExtension(
  name: string,
  text: string,
  { command, config, subject }: Context,
  before: readonly Extension[],
): Extension | undefined {
  const [, critical, value] = /^(critical\s*,\s*)?([\s\S]*)$/.exec(text) ?? ['', '', '']
  const oid = oidOfExtension(name)
  if (!oid && !known.split(' ').includes(name) && !/^\d+(?:\.\d+)+$/.test(name))
    throw new Wrong('11000082:X509 V3 routines:do_ext_nconf:unknown extension name:../crypto/x509/v3_conf.c:88:')
  const list = listOf(name, value, config)
  const written = (bytes: Bytes): Extension => ({
    oid: oid ?? '',
    isCritical: critical !== undefined,
    value: Uint8Array.from(bytes),
  })
  switch (name) {
    case 'basicConstraints':
      return written(constraints(list))
    case 'keyUsage':
      return written(usages(list))
    case 'extendedKeyUsage':
      return written(extended(list))
    case 'subjectAltName':
      return written(names(command, list))
    case 'nsComment':
      return written(writeDer(0x16, encodeBytes(value)))
    case 'subjectKeyIdentifier':
      if (value === 'none') return written([])
      if (value !== 'hash') throw notSimulated(command, `with subjectKeyIdentifier=${value}`)
      return { ...subjectKey(subject), isCritical: critical !== undefined }
    case 'authorityKeyIdentifier':
      return value === 'none' ? written([]) : authorityKey(value, subject, before)
    default:
      throw notSimulated(command, `with the extension ${name}`)
  }
}

/** `CA:TRUE, pathlen:0`, or the lines of a section. */
function listOf(name: string, value: string, config: Config): Pairs {
  if (value.startsWith('@')) {
    const section = config.section(value.slice(1))
    if (section) return section
    throw new Wrong(
      `11000069:X509 V3 routines:do_ext_nconf:invalid extension string:../crypto/x509/v3_conf.c:102:name=${name},section=${value}`,
    )
  }
  const items = value.split(',').map((item) => item.trim())
  if (items.includes(''))
    throw new Wrong(
      '1100006C:X509 V3 routines:X509V3_parse_list:invalid empty name:../crypto/x509/v3_utl.c:388:',
      `11000069:X509 V3 routines:do_ext_nconf:invalid extension string:../crypto/x509/v3_conf.c:102:name=${name},section=${value}`,
    )
  return items.map((item) => {
    const colon = item.indexOf(':')
    return colon < 0 ? ([item, ''] as const) : ([item.slice(0, colon).trim(), item.slice(colon + 1).trim()] as const)
  })
}

function constraints(list: Pairs): number[] {
  let isAuthority = false
  let length: number[] = []
  for (const [name, value] of list) {
    if (name === 'CA') {
      if (!/^(?:TRUE|true|Y|y|YES|yes|FALSE|false|N|n|NO|no)$/.test(value))
        throw new Wrong(
          `11000068:X509 V3 routines:X509V3_get_value_bool:invalid boolean string:../crypto/x509/v3_utl.c:289:name=CA, value=${value}`,
        )
      isAuthority = /^[TtYy]/.test(value)
    } else if (name === 'pathlen' && /^\d{1,2}$/.test(value)) length = writeDer(TAG.integer, [Number(value)])
    else
      throw new Wrong(
        `1100006A:X509 V3 routines:v2i_BASIC_CONSTRAINTS:invalid name:../crypto/x509/v3_bcons.c:80:name=${name}`,
      )
  }
  return writeDer(TAG.sequence, isAuthority ? writeDer(TAG.boolean, [255]) : [], length)
}

function usages(list: Pairs): number[] {
  const set = list.map(([name]) => {
    const bit = usageBits.findIndex(([known, title]) => known === name || title === name)
    if (bit >= 0) return bit
    throw new Wrong(
      `1100006F:X509 V3 routines:v2i_ASN1_BIT_STRING:unknown bit string argument:../crypto/x509/v3_bitst.c:82:${name}`,
    )
  })
  const last = Math.max(...set)
  const bytes = Array.from({ length: (last >> 3) + 1 }, (_, at) =>
    set.reduce((sum, bit) => (bit >> 3 === at ? sum | (0x80 >> (bit & 7)) : sum), 0),
  )
  return writeDer(TAG.bits, [7 - (last & 7), ...bytes])
}

function extended(list: Pairs): number[] {
  const oids = list.map(([name, value]) => {
    const wanted = value || name
    const usage = extendedUsages.find(([oid, short, title]) => [oid, short, title].includes(wanted))
    if (usage) return writeOid(usage[0])
    if (/^[0-2]\.[0-3]?\d(?:\.\d{1,9})+$/.test(wanted)) return writeOid(wanted)
    throw new Wrong(
      '04000067:object identifier routines:OBJ_txt2obj:unknown object name:../crypto/objects/obj_dat.c:372:',
      `1100006E:X509 V3 routines:v2i_EXTENDED_KEY_USAGE:invalid object identifier:../crypto/x509/v3_extku.c:94:${wanted}`,
    )
  })
  return writeDer(TAG.sequence, ...oids)
}

/** Tags of the kinds of names that are a text. */
const textNames: Readonly<Record<string, number>> = { email: 0x81, DNS: 0x82, URI: 0x86 }

function names(command: string, list: Pairs): number[] {
  const written = list.map(([name, value]) => {
    const kind = name.replace(/\..*$/, '')
    if (value === '')
      throw new Wrong('1100007C:X509 V3 routines:v2i_GENERAL_NAME_ex:missing value:../crypto/x509/v3_san.c:607:')
    if (kind === 'IP') {
      const address = parseAddress(value)
      if (address) return writeDer(0x87, address)
      throw new Wrong(
        `11000076:X509 V3 routines:a2i_GENERAL_NAME:bad ip address:../crypto/x509/v3_san.c:552:value=${value}`,
      )
    }
    if (['RID', 'dirName', 'otherName'].includes(kind) || (kind === 'email' && /^(?:copy|move)$/.test(value)))
      throw notSimulated(command, `with the name ${kind}:${value}`)
    if (Object.hasOwn(textNames, kind)) return writeDer(textNames[kind], utf8Bytes(value))
    throw new Wrong(
      `11000075:X509 V3 routines:v2i_GENERAL_NAME_ex:unsupported option:../crypto/x509/v3_san.c:626:name=${name}`,
    )
  })
  return writeDer(TAG.sequence, ...written)
}

/** The key of who signs, or who signed that one and its number there. Undefined where neither is known. */
function authorityKey(value: string, subject: Subject, own: readonly Extension[]): Extension | undefined {
  const wanted = value.split(',').map((item) => item.trim())
  const always = wanted.includes('issuer:always')
  const ownKey = own.find(({ oid }) => oid === SUBJECT_KEY)?.value.subarray(2)
  const key = subject.issuer ? subject.issuer.keyIdentifier : ownKey
  const hasKey = key !== undefined && wanted.some((item) => item.startsWith('keyid'))
  const { issuer } = subject
  const named =
    issuer && (always || (!hasKey && wanted.includes('issuer')))
      ? [writeDer(0xa1, writeDer(0xa4, issuer.issuerName)), writeDer(0x82, issuer.serial)]
      : []
  if (!hasKey && named.length === 0) return undefined
  const bytes = writeDer(TAG.sequence, hasKey ? writeDer(0x80, key) : [], ...named)
  return { oid: AUTHORITY_KEY, isCritical: false, value: Uint8Array.from(bytes) }
}
