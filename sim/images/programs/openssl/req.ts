/** `openssl req`: makes and shows requests, and certificates that sign themselves. Source: openssl-req(1), OpenSSL 3.0 */
import { pkcs8Pem, publicKeyPem, type RsaKey } from '../../../pki/rsa-key.ts'
import type { Process } from '../../../runtime/process.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import type { Run } from '../support.ts'
import { type Certificate, type Extension, type Request, readCertificate, readRequest } from './certificate.ts'
import { type Config, noConfig, type Pairs, readConfig, valueIn } from './config.ts'
import { loadKey, loadRequest, openText, type Reading, writeOutput } from './input.ts'
import { generate, tellProgress } from './keys.ts'
import {
  certificatePem,
  daysFrom,
  isSignatureOf,
  makeCertificate,
  makeRequest,
  randomSerial,
  requestPem,
} from './make.ts'
import { type NameReader, printName, readSubject, writePairs } from './names.ts'
import { type Given, readNumber, readOptions } from './options.ts'
import { printCertificate, printRequest } from './print-certificate.ts'
import { printModulus } from './print-key.ts'
import { notSimulated, Stop } from './stop.ts'
import { withIdentifiers, withoutEmpty, writeExtensions } from './write-extensions.ts'
import { checkFormats, isDer } from './x509.ts'
import { serialOf } from './x509-sign.ts'

const DEFAULT_DAYS = 30
const DEFAULT_BITS = 2048
/** What Debian's own configuration gives a certificate that signs itself. Source: /etc/ssl/openssl.cnf */
const ownExtensions: Pairs = [
  ['subjectKeyIdentifier', 'hash'],
  ['authorityKeyIdentifier', 'keyid:always,issuer'],
  ['basicConstraints', 'critical,CA:true'],
]

const options = {
  flags: 'new x509 nodes noenc noout text subject verify pubkey modulus utf8 batch sha256 verbose',
  values: 'in out key keyout newkey subj addext config set_serial extensions reqexts inform outform',
  numbers: 'days',
  refused:
    'CA CAkey copy_extensions keyform keygen_engine multivalue-rdn nameopt newhdr passin passout pkeyopt precert reqopt section sigopt vfyopt',
  unknown: 'Unknown option or message digest: ',
  isDigest: (name: string) => name === 'sha256',
} as const

/** Makes a request or shows one. */
export function* req(process: Process, words: readonly string[]): Run {
  const given = readOptions('req', words, options)
  checkFormats('req', given)
  checkAdded(given.values('addext'))
  const path = given.value('config')
  const config = path === undefined ? undefined : readConfig('req', yield* openText(process, path, 'r'), path)
  if ((settingOf(config, 'default_md') ?? 'sha256') !== 'sha256')
    throw notSimulated('req', `with default_md=${settingOf(config, 'default_md')}`)
  const isNew = given.has('new') || given.has('newkey') || (given.has('x509') && !given.has('in'))
  if (given.has('days') && !given.has('x509'))
    process.stderr.write('Ignoring -days without -x509; not generating a certificate\n')
  if (given.has('x509') && given.has('in')) throw notSimulated('req', '-x509 with -in')
  if (!isNew) {
    if (given.has('subj')) throw notSimulated('req', '-subj with -in')
    return show(process, yield* loadRequest(process, given.value('in'), 'Unable to load X509 request'), given)
  }
  const key = yield* keyFor(process, given, config)
  const subject = subjectFor(process, given, config)
  if (given.has('x509')) return show(process, makeOwn(process, given, config, key, subject), given)
  const request = readRequest(makeRequest(subject, key, requestedExtensions(given, config, key)))
  if (!request) throw notSimulated('req', 'for such a name')
  return show(process, request, given)
}

/** @throws Stop */
function checkAdded(added: readonly string[]): void {
  const names = added.map((text) => text.split('=')[0].trim())
  const wrong = added.find((text, at) => !text.includes('=') || names.indexOf(names[at]) < at)
  if (wrong !== undefined) throw new Stop(`Duplicate extension: ${wrong}`, { last: ['req: Use -help for summary.'] })
}

/** The key of `-key`, or a new one, which is written to its file. @throws Stop */
function* keyFor(process: Process, given: Given, config: Config | undefined): Reading<RsaKey> {
  const path = given.value('key')
  if (path !== undefined && !given.has('newkey')) return yield* loadKey(process, path, 'private key', 'req')
  const bits = bitsOf(given.value('newkey'), config)
  const hasPhrase = !given.has('nodes') && !given.has('noenc') && settingOf(config, 'encrypt_key') !== 'no'
  if (hasPhrase) throw notSimulated('req', 'without -nodes: a key behind a pass phrase')
  const key = yield* generate(process, 'req', bits, 'Error setting keysize')
  tellProgress(process)
  const out = given.value('keyout') ?? (config ? settingOf(config, 'default_keyfile') : 'privkey.pem')
  writeOutput(process, out, pkcs8Pem(key), { mode: 0o600, named: 'req' })
  process.stderr.write('-----\n')
  return key
}

const settingOf = (config: Config | undefined, name: string): string | undefined =>
  config && valueIn(config, 'req', name)

/** Of `rsa:2048`. @throws Stop */
function bitsOf(kind: string | undefined, config: Config | undefined): number {
  if (kind === undefined || kind === 'rsa') {
    const bits = settingOf(config, 'default_bits')
    return bits === undefined ? DEFAULT_BITS : readNumber('req', bits)
  }
  const [, number] = /^rsa:(.*)$/.exec(kind) ?? []
  if (number === undefined) throw notSimulated('req', `-newkey ${kind}`)
  if (!/^\d{1,6}$/.test(number)) throw notSimulated('req', `-newkey ${kind}`)
  return Number(number)
}

/** The name of `-subj`, or of a configuration that asks nobody. @throws Stop */
function subjectFor(process: Process, given: Given, config: Config | undefined): number[] {
  const isUtf8 = given.has('utf8') || settingOf(config, 'utf8') === 'yes'
  const reader: NameReader = { command: 'req', isUtf8, warn: (text) => process.stderr.write(text) }
  const subj = given.value('subj')
  if (subj !== undefined) return readSubject(subj, reader)
  if (!config || settingOf(config, 'prompt') !== 'no')
    throw notSimulated('req', 'without -subj: it would ask for a name')
  if (config.section(settingOf(config, 'attributes') ?? '')?.length)
    throw notSimulated('req', 'with attributes of a request')
  const section = settingOf(config, 'distinguished_name')
  const pairs = section === undefined ? undefined : config.section(section)
  if (!pairs) throw new Stop(`Unable to find 'distinguished_name' in config`)
  // `1.OU` and `2.OU` are both OU.
  const name = writePairs(
    pairs.map(([type, value]) => [type.replace(/^[^:,.]*[:,.](?=.)/, ''), value] as const),
    reader,
  )
  if (pairs.length === 0)
    throw new Stop('Error: No objects specified in config file', { last: ['Error making certificate request'] })
  return name
}

/** @throws Stop */
function extensionsOf(
  given: Given,
  config: Config | undefined,
  key: RsaKey,
  { section, kind }: { section: string | undefined; kind: 'x509' | 'request' },
): Extension[] {
  const subject = { publicKey: key.publicKey }
  const context = { command: 'req', config: config ?? noConfig, subject }
  const title = `Error checking ${kind} extension section ${section}`
  const pairs = section === undefined ? [] : config?.section(section)
  if (!pairs) throw new Stop(title)
  const told = writeExtensions(pairs, { ...context, section: section ?? '', title })
  const added = given.values('addext').map((text) => {
    const equals = text.indexOf('=')
    return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()] as const
  })
  return writeExtensions(
    added,
    { ...context, section: 'default', title: 'Error checking extensions defined using -addext' },
    told,
  )
}

const requestedExtensions = (given: Given, config: Config | undefined, key: RsaKey): Extension[] =>
  withoutEmpty(
    extensionsOf(given, config, key, {
      section: given.value('reqexts') ?? given.value('extensions') ?? settingOf(config, 'req_extensions'),
      kind: 'request',
    }),
  )

/** A certificate that the key signs itself. @throws Stop */
function makeOwn(
  process: Process,
  given: Given,
  config: Config | undefined,
  key: RsaKey,
  subject: readonly number[],
): Certificate {
  const days = given.number('days') ?? DEFAULT_DAYS
  const times = daysFrom(process.nowEpochMs(), days)
  if (!times) throw notSimulated('req', `-days ${days}`)
  const own: Config = { section: (name) => (name === 'v3_ca' ? ownExtensions : undefined) }
  const section = given.value('extensions') ?? (config ? settingOf(config, 'x509_extensions') : 'v3_ca')
  const extensions = extensionsOf(given, config ?? own, key, { section, kind: 'x509' })
  const wanted = given.value('set_serial')
  const der = makeCertificate({
    subject,
    publicKey: key.publicKey,
    issuer: subject,
    signer: key,
    serial: wanted === undefined ? randomSerial(process) : serialOf('req', wanted),
    ...times,
    extensions: withIdentifiers(extensions, { publicKey: key.publicKey }),
  })
  const certificate = readCertificate(der)
  if (!certificate) throw notSimulated('req', 'for such a name')
  return certificate
}

/** What the options ask for, in the command's own order. */
function show(process: Process, shown: Request | Certificate, given: Given): number {
  const isCertificate = 'issuer' in shown
  const { publicKey, subject, whole } = shown
  if (given.has('verify')) {
    // Simplified: signatures of elliptic curves are taken as right.
    const isRight = isSignatureOf(shown, publicKey) !== false
    process.stderr.write(
      isRight
        ? 'Certificate request self-signature verify OK\n'
        : 'Certificate request self-signature verify failure\n',
    )
  }
  const parts = [
    given.has('pubkey') ? publicKeyPem({ publicKey: [...publicKey] }) : '',
    given.has('text') ? (isCertificate ? printCertificate(shown) : printRequest(shown)) : '',
    given.has('subject') ? `subject=${printName(subject)}\n` : '',
    given.has('modulus') ? printModulus(publicKey, 'Wrong Algorithm type') : '',
  ]
  if (!given.has('noout'))
    parts.push(isDer(given) ? decodeBytes(whole) : isCertificate ? certificatePem(whole) : requestPem(whole))
  writeOutput(process, given.value('out'), parts.join(''))
  return 0
}
