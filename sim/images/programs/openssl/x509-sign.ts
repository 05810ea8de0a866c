/** `openssl x509 -req`: makes a certificate of a request. Source: openssl-x509(1), OpenSSL 3.0 */
import { readDer } from '../../../pki/der.ts'
import type { RsaKey } from '../../../pki/rsa-key.ts'
import { integer } from '../../../pki/rsa-key.ts'
import { FileError } from '../../../runtime/files.ts'
import type { Process } from '../../../runtime/process.ts'
import { pathOf } from '../support.ts'
import { type Certificate, type Extension, type Request, readCertificate } from './certificate.ts'
import { type Config, DEFAULT_SECTION, noConfig, readConfig, valueIn } from './config.ts'
import { hexDigits } from './hex.ts'
import { loadCertificates, loadKey, loadRequest, openText, type Reading, writeOutput } from './input.ts'
import { daysFrom, isSignatureOf, makeCertificate, randomSerial } from './make.ts'
import { printName } from './names.ts'
import type { Given } from './options.ts'
import { notSimulated, openFailure, Stop } from './stop.ts'
import { type Subject, withIdentifiers, writeExtensions } from './write-extensions.ts'

const DEFAULT_DAYS = 30
const SUBJECT_KEY = '2.5.29.14'

/** The certificate, signed by the authority that the options name, or by the key itself. @throws Stop */
export function* signRequest(process: Process, given: Given): Reading<Certificate> {
  const ownKey = given.value('signkey') ?? given.value('key')
  const authorityPath = given.value('CA')
  if (ownKey !== undefined && authorityPath !== undefined)
    throw new Stop('Cannot use both -key/-signkey and -CA option')
  const copies = given.value('copy_extensions') ?? 'none'
  if (!['none', 'copy', 'copyall'].includes(copies)) throw new Stop(`Invalid extension copy option: ${copies}`)
  const wantedSerial = given.has('set_serial') ? serialOf('x509', given.value('set_serial') ?? '') : undefined
  const extfile = given.value('extfile')
  const config = extfile === undefined ? noConfig : readConfig('x509', yield* openText(process, extfile, 'r'), extfile)
  const section = given.value('extensions') ?? valueIn(config, DEFAULT_SECTION, 'extensions') ?? DEFAULT_SECTION
  if (extfile !== undefined) checkSection(config, section)
  const request = yield* loadRequest(process, given.value('in'), 'Unable to load certificate request input')
  checkRequest(process, request)
  const signer = yield* loadSigner(process, ownKey, authorityPath, given)
  const { key, authority } = signer
  const publicKey = authority ? request.publicKey : Uint8Array.from(key.publicKey)
  const isOwn = isSame(publicKey, key.publicKey)
  const subject: Subject = { publicKey, ...(authority && { issuer: issuerOf(authority) }) }
  const copied = copies === 'none' ? [] : request.extensions
  const told = extfile === undefined ? [] : written(config, section, subject, copied)
  const extensions = withIdentifiers(extfile === undefined ? copied : told, isOwn ? { publicKey } : subject)
  const serial =
    wantedSerial ??
    (authorityPath === undefined ? randomSerial(process) : yield* nextSerial(process, authorityPath, given))
  const times = daysFrom(process.nowEpochMs(), given.number('days') ?? DEFAULT_DAYS)
  if (!times) throw notSimulated('x509', `-days ${given.value('days')}`)
  const der = makeCertificate({
    subject: request.subject,
    publicKey,
    issuer: authority?.subject ?? request.subject,
    signer: key,
    serial,
    ...times,
    extensions,
  })
  const certificate = readCertificate(der)
  if (!certificate) throw notSimulated('x509', 'for such a request')
  return certificate
}

const written = (config: Config, section: string, subject: Subject, before: readonly Extension[]): Extension[] =>
  writeExtensions(
    (config.section(section) ?? []).filter(([name]) => section !== DEFAULT_SECTION || name !== 'extensions'),
    { command: 'x509', config, subject, section, title: `Error checking extension section ${section}` },
    before,
  )

/** Looks at the extensions before anything else is read. @throws Stop */
function checkSection(config: Config, section: string): void {
  if (!config.section(section)) throw new Stop(`Error checking extension section ${section}`)
  written(config, section, { publicKey: [] }, [])
}

/** @throws Stop */
function checkRequest(process: Process, request: Request): void {
  // Simplified: signatures of elliptic curves are taken as right.
  if (isSignatureOf(request, request.publicKey) === false)
    throw new Stop('Certificate request self-signature did not match the contents', {
      queue: [
        'error:02000068:rsa routines:ossl_rsa_verify:bad signature:../crypto/rsa/rsa_sign.c:430:',
        'error:1C880004:Provider routines:rsa_verify:RSA lib:../providers/implementations/signature/rsa_sig.c:769:',
        'error:06880006:asn1 encoding routines:ASN1_item_verify_ctx:EVP lib:../crypto/asn1/a_verify.c:220:',
      ],
    })
  process.stderr.write(`Certificate request self-signature ok\nsubject=${printName(request.subject)}\n`)
}

/** @throws Stop */
function* loadSigner(
  process: Process,
  ownKey: string | undefined,
  authorityPath: string | undefined,
  given: Given,
): Reading<{ key: RsaKey; authority?: Certificate }> {
  if (ownKey !== undefined) return { key: yield* loadKey(process, ownKey, 'private key', 'x509') }
  if (authorityPath === undefined)
    throw new Stop('We need a private key to sign with, use -key or -CAkey or -CA with private key')
  const [authority] = yield* loadCertificates(process, authorityPath, 'CA certificate')
  const key = yield* loadKey(process, given.value('CAkey') ?? authorityPath, 'CA private key', 'x509')
  if (!isSame(authority.publicKey, key.publicKey))
    throw new Stop('CA certificate and CA private key do not match', {
      queue: [
        'error:05800074:x509 certificate routines:X509_check_private_key:key values mismatch:../crypto/x509/x509_cmp.c:403:',
      ],
    })
  return { key, authority }
}

const isSame = (one: ArrayLike<number>, other: ArrayLike<number>): boolean => hexDigits(one) === hexDigits(other)

/** What an extension of one that it signs can tell of it. */
function issuerOf({ extensions, issuer, serial, isNegative }: Certificate): NonNullable<Subject['issuer']> {
  const own = extensions.find(({ oid }) => oid === SUBJECT_KEY)
  const keyIdentifier = own && readDer(own.value)?.[0]?.content
  return {
    ...(keyIdentifier && { keyIdentifier }),
    issuerName: issuer,
    serial: serial[0] & 0x80 && !isNegative ? [0, ...serial] : serial,
  }
}

/** A decimal number, or a hexadecimal one behind 0x. @throws Stop */
export function serialOf(command: string, text: string): number[] {
  if (!/^(?:0x[\da-f]{1,40}|\d{1,48})$/i.test(text))
    throw new Stop(`${command}: Use -help for summary.`, {
      queue: ['error:11000064:X509 V3 routines:s2i_ASN1_INTEGER:bn dec2bn error:../crypto/x509/v3_utl.c:231:'],
    })
  return numberBytes(BigInt(text))
}

const numberBytes = (value: bigint): number[] => [...(readDer(Uint8Array.from(integer(value)))?.[0]?.content ?? [])]

/** The number behind the one in the authority's file, which is kept there. @throws Stop */
function* nextSerial(process: Process, authorityPath: string, given: Given): Reading<number[]> {
  const path = given.value('CAserial') ?? `${authorityPath.replace(/\.[^.]*$/, '')}.srl`
  const exists = process.files.exists(pathOf(process, path))
  if (!exists && given.has('CAcreateserial')) {
    const serial = randomSerial(process)
    writeOutput(process, path, `${hexDigits(serial)}\n`)
    return serial
  }
  if (!exists && !given.has('CAserial')) return randomSerial(process)
  if (!exists) {
    const missing = new FileError('ENOENT', 'No such file or directory')
    throw new Stop(`${path}: ${missing.message}`, { queue: openFailure(missing, path, 'r') })
  }
  const text = (yield* openText(process, path, 'r')).trim()
  if (!/^[\da-f]{1,64}$/i.test(text) || text.length % 2)
    throw new Stop(`Unable to load number from ${path}`, {
      queue: ['error:06800096:asn1 encoding routines:a2i_ASN1_INTEGER:short line:../crypto/asn1/f_int.c:138:'],
    })
  const serial = numberBytes(BigInt(`0x${text}`) + 1n)
  const digits = hexDigits(serial)
  writeOutput(process, path, `${digits.length > 2 ? digits.replace(/^00/, '') : digits}\n`)
  return serial
}
