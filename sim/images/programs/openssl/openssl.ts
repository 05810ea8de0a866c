/** The program `openssl`, as version 3.0 of Debian: certificates, requests and keys of RSA, digests and base64. */
import type { Process, Program } from '../../../runtime/process.ts'
import { atOnce, type Run } from '../support.ts'
import { dgst, digestCommands } from './digest.ts'
import { base64, enc, rand } from './encode.ts'
import { genpkey, genrsa, pkey, rsa } from './keys.ts'
import { readOptions } from './options.ts'
import { req } from './req.ts'
import { notSimulated, printStop, Stop } from './stop.ts'
import { verify } from './verify.ts'
import { x509 } from './x509.ts'

const VERSION = 'OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)'

type Command = (process: Process, words: readonly string[]) => Run

const commands: Readonly<Record<string, Command>> = {
  ...digestCommands,
  base64,
  dgst,
  enc,
  genpkey,
  genrsa,
  pkey,
  rand,
  req,
  rsa,
  verify,
  version,
  x509,
}

/** Those that the real one has besides. */
const others =
  'asn1parse ca ciphers cmp cms crl crl2pkcs7 dhparam dsa dsaparam ec ecparam engine errstr fipsinstall gendsa info kdf list mac nseq ocsp passwd pkcs12 pkcs7 pkcs8 pkeyparam pkeyutl prime rehash rsautl s_client s_server s_time sess_id smime speed spkac srp storeutl ts blake2b512 blake2s256 md4 rmd160 sha224 sha3-224 sha3-256 sha3-384 sha3-512 sha384 sha512 sha512-224 sha512-256 shake128 shake256 sm3 aes-128-cbc aes-192-cbc aes-256-cbc'

/** Tells the version; of where it was built, nothing is known here. */
function* version(process: Process, words: readonly string[]): Run {
  yield* atOnce
  const given = readOptions('version', words, {
    flags: 'v d',
    refused: 'a b c e f m o p r',
    unknown: 'Unknown option: -',
  })
  const showsVersion = given.has('v') || !given.has('d')
  process.stdout.write(`${showsVersion ? `${VERSION}\n` : ''}${given.has('d') ? 'OPENSSLDIR: "/usr/lib/ssl"\n' : ''}`)
  return 0
}

/** Runs the command that the first word names. */
export const openssl: Program = function* (process) {
  const [, name, ...words] = process.argv
  try {
    if (name === undefined || /^(?:help|--?h(?:elp)?)$/.test(name)) throw notSimulated('help')
    if (Object.hasOwn(commands, name)) return yield* commands[name](process, words)
    if (others.split(' ').includes(name)) throw notSimulated(name)
    throw new Stop(`Invalid command '${name}'; type "help" for a list.`)
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return printStop(process, error)
  }
}
