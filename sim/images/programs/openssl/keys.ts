/** Keys: `openssl genrsa`, `genpkey`, `rsa` and `pkey`. Sources: openssl-genrsa(1), openssl-genpkey(1), openssl-rsa(1), openssl-pkey(1), OpenSSL 3.0 */

import { charge } from '../../../engine/work.ts'
import { readDer, TAG } from '../../../pki/der.ts'
import { readPem } from '../../../pki/pem.ts'
import { pkcs1Pem, pkcs8Pem, publicKeyPem, type RsaKey, rsaKey } from '../../../pki/rsa-key.ts'
import { type Process, waitFor } from '../../../runtime/process.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import type { Run } from '../support.ts'
import { loadKey, loadPublicKey, type Reading, writeOutput } from './input.ts'
import { type Given, readNumber, readOptions } from './options.ts'
import { printModulus, rsaOf } from './print-key.ts'
import { notSimulated, Stop } from './stop.ts'
import { checkFormats, isDer } from './x509.ts'

const DEFAULT_BITS = 2048
const LEAST_BITS = 512
const MOST_BITS = 16_384
const OWNER_ONLY = 0o600
/** Computing for a key of 2048 bits; it grows with the fourth power. */
const GENERATION_MS = 80

const TOO_SMALL =
  'error:1C8000AB:Provider routines:rsa_gen_set_params:key size too small:../providers/implementations/keymgmt/rsa_kmgmt.c:509:'

/** A new key. @param small the words for one of too few bits. @throws Stop */
export function* generate(process: Process, command: string, bits: number, small: string): Reading<RsaKey> {
  if (bits < LEAST_BITS) throw new Stop(small, { queue: [TOO_SMALL] })
  if (bits > MOST_BITS || bits % 16 !== 0) throw notSimulated(command, `with a key of ${bits} bits`)
  charge(bits * 4)
  yield* waitFor(process.cpu(Math.ceil(GENERATION_MS * (bits / DEFAULT_BITS) ** 3)))
  return rsaKey(`${process.random()} ${process.random()} ${process.random()}`, bits)
}

/** Dots and pluses, as they are printed while numbers are tried: a line for each of two primes. */
export function tellProgress(process: Process): void {
  const dots = (): string => {
    const count = 3 + Math.floor(process.random() * 20)
    return Array.from({ length: count }, () => (process.random() < 0.2 ? '+' : '.')).join('')
  }
  const end = '+'.repeat(65)
  for (let prime = 0; prime < 2; prime++) process.stderr.write(`.${dots()}.${end}*${dots()}.${end}*${dots()}.${end}\n`)
}

/** `openssl genrsa [-out FILE] [BITS]` */
export function* genrsa(process: Process, words: readonly string[]): Run {
  const given = readOptions('genrsa', words, {
    flags: 'traditional F4 f4',
    values: 'out',
    refused: '3 passout primes verbose',
    unknown: 'Unknown cipher: ',
    isFetched: true,
    hasNoHelp: true,
    words: Number.POSITIVE_INFINITY,
  })
  if (given.words.length > 1) throw new Stop('Extra arguments given.', { last: ['genrsa: Use -help for summary.'] })
  const bits = given.words.length > 0 ? readNumber('genrsa', given.words[0], []) : DEFAULT_BITS
  const key = yield* generate(process, 'genrsa', bits, 'Error setting RSA length')
  const text = given.has('traditional') ? pkcs1Pem(key) : pkcs8Pem(key)
  writeOutput(process, given.value('out'), text, { mode: OWNER_ONLY, named: 'genrsa' })
  return 0
}

/** `openssl genpkey -algorithm RSA [-out FILE] [-pkeyopt rsa_keygen_bits:N]` */
export function* genpkey(process: Process, words: readonly string[]): Run {
  const given = readOptions('genpkey', words, {
    flags: 'quiet',
    values: 'algorithm out pkeyopt outform',
    refused: 'config genparam paramfile pass text',
    unknown: 'Unknown cipher: ',
    isFetched: true,
  })
  const algorithm = given.value('algorithm')
  if (algorithm === undefined) throw new Stop('genpkey: Use -help for summary.')
  if (isDer(given)) throw notSimulated('genpkey', '-outform DER')
  if (/^(?:rsa-pss|ec|ed25519|ed448|x25519|x448|dsa|dh|dhx|sm2|hmac)$/i.test(algorithm))
    throw notSimulated('genpkey', `-algorithm ${algorithm}`)
  if (!/^rsa$/i.test(algorithm))
    throw new Stop(`Error initializing ${algorithm} context`, {
      queue: [
        `error:0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${algorithm} : 0), Properties (<null>)`,
      ],
    })
  let bits = DEFAULT_BITS
  for (const option of given.values('pkeyopt')) {
    const [, number] = /^rsa_keygen_bits:(\d{1,9})$/.exec(option) ?? []
    if (number === undefined) throw notSimulated('genpkey', `-pkeyopt ${option}`)
    bits = Number(number)
  }
  const key = yield* generate(process, 'genpkey', bits, `genpkey: Error setting rsa_keygen_bits:${bits} parameter:`)
  if (!given.has('quiet')) tellProgress(process)
  writeOutput(process, given.value('out'), pkcs8Pem(key), { mode: OWNER_ONLY, named: 'genpkey' })
  return 0
}

/** `openssl rsa`: shows keys and writes them in other forms. */
export function* rsa(process: Process, words: readonly string[]): Run {
  const given = readOptions('rsa', words, {
    flags: 'noout modulus check pubin pubout traditional',
    values: 'in out inform outform',
    refused: 'RSAPublicKey_in RSAPublicKey_out passin passout pvk-none pvk-strong pvk-weak text',
    unknown: 'Unknown cipher: ',
  })
  checkFormats('rsa', given)
  const source = given.value('in')
  if (given.has('pubin')) {
    const publicKey = yield* loadPublicKey(process, source, 'public key')
    if (!rsaOf(publicKey)) throw new Stop('Not an RSA key')
    if (given.has('check')) throw new Stop('Only private keys can be checked')
    const shown = given.has('modulus') ? printModulus(publicKey, '') : ''
    return writeKey(process, given, shown, { publicKey: [...publicKey] }, 'rsa')
  }
  const key = yield* loadKey(process, source, 'private key', 'rsa')
  const publicKey = Uint8Array.from(key.publicKey)
  const shown = given.has('modulus') ? printModulus(publicKey, '') : ''
  const checked = given.has('check') ? (isWhole(key) ? 'RSA key ok\n' : 'RSA key not ok\n') : ''
  return writeKey(process, given, shown + checked, key, 'rsa')
}

/** `openssl pkey`: the same for keys of any kind, of which those of RSA are simulated. */
export function* pkey(process: Process, words: readonly string[]): Run {
  const given = readOptions('pkey', words, {
    flags: 'noout check pubin pubout traditional',
    values: 'in out inform outform',
    refused: 'ec_conv_form ec_param_enc passin passout pubcheck text text_pub',
    unknown: 'Unknown cipher: ',
    isFetched: true,
  })
  checkFormats('pkey', given)
  if (given.has('pubin')) {
    const publicKey = yield* loadPublicKey(process, given.value('in'), 'public key of Public Key', 'key of Public Key')
    if (given.has('check')) throw notSimulated('pkey', '-check of a public key')
    return writeKey(process, given, '', { publicKey: [...publicKey] }, 'pkey')
  }
  const key = yield* loadKey(process, given.value('in'), 'key', 'pkey')
  const shown = given.has('check') ? (isWhole(key) ? 'Key is valid\n' : 'Key is invalid\n') : ''
  return writeKey(process, given, shown, key, 'pkey')
}

/** What is shown, and the key unless `-noout`: its public part where that is wanted or all there is. */
function writeKey(
  process: Process,
  given: Given,
  shown: string,
  key: Pick<RsaKey, 'publicKey'> & Partial<RsaKey>,
  command: string,
): number {
  const out = given.value('out')
  if (given.has('noout')) {
    writeOutput(process, out, shown)
    return 0
  }
  if (command === 'rsa') process.stderr.write('writing RSA key\n')
  const { pkcs1, publicKey } = key
  const isPublic = given.has('pubout') || pkcs1 === undefined
  const pem = isPublic
    ? publicKeyPem({ publicKey })
    : given.has('traditional')
      ? pkcs1Pem({ pkcs1, publicKey })
      : pkcs8Pem({ pkcs1, publicKey })
  const text = isDer(given) ? decodeBytes(readPem(pem)[0].bytes) : pem
  writeOutput(process, out, shown + text, isPublic ? {} : { mode: OWNER_ONLY })
  return 0
}

/** Whether the modulus is the product of its factors. Simplified: they need not be prime. */
function isWhole({ pkcs1 }: RsaKey): boolean {
  const parts = readDer(readDer(Uint8Array.from(pkcs1))?.[0]?.content ?? new Uint8Array()) ?? []
  charge(pkcs1.length * 8)
  const [, modulus, , , p, q] = parts.map(({ tag, content }) =>
    tag === TAG.integer ? content.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '0x0') : '0x0',
  )
  return parts.length === 9 && BigInt(modulus) === BigInt(p) * BigInt(q)
}
