/** `openssl x509`: shows certificates, and signs requests. Source: openssl-x509(1), OpenSSL 3.0 */

import { sha1 } from '../../../api/meta/sha1.ts'
import { sha256 } from '../../../api/meta/sha256.ts'
import { publicKeyPem } from '../../../pki/rsa-key.ts'
import type { Process } from '../../../runtime/process.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import { md5 } from '../checksums.ts'
import type { Run } from '../support.ts'
import type { Certificate } from './certificate.ts'
import { bytesOfWords, colonHex } from './hex.ts'
import { loadCertificates, writeOutput } from './input.ts'
import { certificatePem } from './make.ts'
import { printName } from './names.ts'
import { type Given, readNumber, readOptions } from './options.ts'
import { printCertificate, printSerial, printTime } from './print-certificate.ts'
import { oidOfExtension, printExtensions } from './print-extensions.ts'
import { printModulus } from './print-key.ts'
import { Stop } from './stop.ts'
import { signRequest } from './x509-sign.ts'

const options = {
  flags:
    'text noout subject issuer serial dates startdate enddate fingerprint pubkey modulus req CAcreateserial sha256 sha1 md5 nocert',
  values:
    'in out inform outform checkend ext CA CAkey CAserial CAform CAkeyform days set_serial extfile extensions signkey key copy_extensions',
  refused:
    'addreject addtrust alias badsig certopt checkemail checkhost checkip clrext clrreject clrtrust dateopt email force_pubkey hash issuer_hash issuer_hash_old keyform nameopt new next_serial ocsp_uri ocspid passin preserve_dates purpose setalias sigopt subj subject_hash subject_hash_old trustout vfyopt x509toreq',
  unknown: 'Unknown option: -',
  /** Any name may be a digest: it is looked for when one is wanted. */
  isDigest: (name: string) => !/^(?:sha224|sha384|sha512|sha3-.*|blake2.*|ripemd160|sm3)$/.test(name),
} as const

/** Shows the certificate, or makes one of a request. */
export function* x509(process: Process, words: readonly string[]): Run {
  const given = readOptions('x509', words, options)
  checkFormats('x509', given)
  if (given.has('days') && readNumber('x509', given.value('days') ?? '') < -1)
    throw new Stop('x509: -days parameter arg must be >= -1')
  if (given.has('checkend')) readNumber('x509', given.value('checkend') ?? '')
  let certificate: Certificate
  if (given.has('req')) certificate = yield* signRequest(process, given)
  else {
    if (given.has('signkey') || given.has('key') || given.has('CA') || given.has('CAkey'))
      throw new Stop('podium: openssl x509 -CA, -CAkey and -key without -req is not simulated')
    ;[certificate] = yield* loadCertificates(process, given.value('in'))
  }
  const out = given.value('out')
  const shown = shownOf(process, certificate, given)
  if (given.has('checkend')) {
    const willExpire = certificate.notAfterMs < process.nowEpochMs() + (given.number('checkend') ?? 0) * 1000
    writeOutput(process, out, `${shown}Certificate will${willExpire ? '' : ' not'} expire\n`)
    return willExpire ? 1 : 0
  }
  writeOutput(process, out, given.has('noout') || given.has('nocert') ? shown : shown + encoded(certificate, given))
  return 0
}

const encoded = ({ whole }: Certificate, given: Given): string =>
  isDer(given) ? decodeBytes(whole) : certificatePem(whole)

export const isDer = (given: Given): boolean => /^der$/i.test(given.value('outform') ?? '')

/** @throws Stop for what is neither PEM nor DER */
export function checkFormats(command: string, given: Given): void {
  for (const name of ['inform', 'outform']) {
    const format = given.value(name)
    if (format !== undefined && !/^(?:pem|der)$/i.test(format))
      throw new Stop(`${command}: Bad format "${format}"\n${command}: Invalid format "${format}" for option -${name}`, {
        last: [`${command}: Use -help for summary.`],
      })
  }
}

/** What the options ask for, in their order: of one that is given twice, the last counts. */
function shownOf(process: Process, certificate: Certificate, given: Given): string {
  const names = given.options.map(([name]) => name)
  const wanted = names.filter((name, at) => names.lastIndexOf(name) === at)
  return wanted
    .map((name) => {
      switch (name) {
        case 'text':
          return printCertificate(certificate)
        case 'subject':
          return `subject=${printName(certificate.subject)}\n`
        case 'issuer':
          return `issuer=${printName(certificate.issuer)}\n`
        case 'serial':
          return `serial=${printSerial(certificate)}\n`
        case 'dates':
          return `notBefore=${printTime(certificate.notBeforeMs)}\nnotAfter=${printTime(certificate.notAfterMs)}\n`
        case 'startdate':
          return `notBefore=${printTime(certificate.notBeforeMs)}\n`
        case 'enddate':
          return `notAfter=${printTime(certificate.notAfterMs)}\n`
        case 'fingerprint':
          return fingerprint(certificate, given)
        case 'pubkey':
          return publicKeyPem({ publicKey: [...certificate.publicKey] })
        case 'modulus':
          return printModulus(certificate.publicKey, 'No modulus for this public key type')
        case 'ext':
          return shownExtensions(process, certificate, given.value('ext') ?? '')
        default:
          return ''
      }
    })
    .join('')
}

/** The name of a digest as it is given stands before; sha1 unless one is. */
function fingerprint({ whole }: Certificate, given: Given): string {
  const known = options.flags.split(' ')
  const digest = given.options.findLast(
    ([name]) =>
      ['sha1', 'sha256', 'md5'].includes(name) || !(known.includes(name) || options.values.split(' ').includes(name)),
  )?.[0]
  const bytes = [...whole]
  switch (digest) {
    case undefined:
      return `SHA1 Fingerprint=${colonHex(bytesOfWords(sha1(bytes)))}\n`
    case 'sha1':
      return `sha1 Fingerprint=${colonHex(bytesOfWords(sha1(bytes)))}\n`
    case 'sha256':
      return `sha256 Fingerprint=${colonHex(bytesOfWords(sha256(bytes)))}\n`
    case 'md5':
      return `md5 Fingerprint=${md5(bytes)
        .toUpperCase()
        .replaceAll(/..(?=.)/g, '$&:')}\n`
    default:
      throw new Stop('Unknown digest', {
        queue: [
          `error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${digest} : 0), Properties (<null>)`,
        ],
      })
  }
}

/** The extensions of those names, in the order of the certificate. */
function shownExtensions(process: Process, { extensions }: Certificate, list: string): string {
  const wanted = list.split(',').map((name) => oidOfExtension(name.trim()) ?? name.trim())
  const found = extensions.filter(({ oid }) => wanted.includes(oid))
  if (found.length === 0) process.stderr.write('No extensions in certificate\n')
  return printExtensions(found, 0)
}
