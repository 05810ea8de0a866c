/** What the commands read and write: certificates, requests and keys from files or standard input, and what comes of them. */

import { charge, chargeText } from '../../../engine/work.ts'
import { type PemBlock, readPem, writePem } from '../../../pki/pem.ts'
import { RSA_ENCRYPTION, type RsaKey, readRsaKey } from '../../../pki/rsa-key.ts'
import { FileError } from '../../../runtime/files.ts'
import { type Process, type Wait, waitFor } from '../../../runtime/process.ts'
import { encodeBytes } from '../../../runtime/text-bytes.ts'
import { pathOf } from '../support.ts'
import { type Certificate, firstOf, inside, oidOf, type Request, readCertificate, readRequest } from './certificate.ts'
import { keyAlgorithm, rsaOf } from './print-key.ts'
import { notSimulated, openFailure, Stop, storeFailure } from './stop.ts'

/** Reads that wait for standard input. */
export type Reading<T> = Generator<Wait, T, unknown>

const certificateTypes = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']
const requestTypes = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']

/** All text of the file, or of standard input. */
function* readText(process: Process, path: string | undefined, failed: (error: FileError) => Stop): Reading<string> {
  if (path === undefined || path === '-' || path === '/dev/stdin') return yield* waitFor(process.stdin.readAll())
  try {
    return process.files.read(pathOf(process, path))
  } catch (error) {
    if (error instanceof FileError) throw failed(error)
    throw error
  }
}

/** The text of a file that is opened by its name. @throws Stop */
export const openText = (
  process: Process,
  path: string | undefined,
  mode: 'r' | 'rb',
  last: readonly string[] = [],
): Reading<string> =>
  readText(process, path, (error) =>
    error.code === 'EISDIR'
      ? new Stop('', {
          queue: [
            'error:80000015:system library:file_read:Is a directory:../crypto/bio/bss_file.c:149:calling fread()',
            'error:10080002:BIO routines:file_read:system lib:../crypto/bio/bss_file.c:151:',
          ],
          last,
        })
      : new Stop(`Can't open "${path}" for reading, ${error.message}`, {
          queue: openFailure(error, path ?? '', mode),
          last,
        }),
  )

/** The blocks of a text of PEM. Runs of white space are shortened first, so that they are passed once. */
function pemBlocks(text: string): PemBlock[] {
  chargeText(text.length)
  const blocks = readPem(text.replaceAll(/\s{2,}/g, '\n'))
  charge(blocks.reduce((sum, { bytes }) => sum + bytes.length, 0))
  return blocks
}

/** A thing that is kept in a file: how it is told in errors, and what follows these. */
interface Store {
  readonly what: string
  readonly last?: readonly string[]
  readonly status?: number
}

/** @throws Stop */
function* openStore(process: Process, path: string | undefined, { what, ...more }: Store): Reading<string> {
  return yield* readText(process, path, (error) =>
    error.code === 'EISDIR'
      ? new Stop(`Could not read ${what} from ${path}`, more)
      : new Stop(`Could not open file or uri for loading ${what} from ${path}`, {
          queue: storeFailure(error, path ?? ''),
          ...more,
        }),
  )
}

/** All certificates of the file, at least one. @throws Stop */
export function* loadCertificates(
  process: Process,
  path: string | undefined,
  what = 'certificate',
  status = 1,
  last: readonly string[] = [`Unable to load ${what}`],
): Reading<[Certificate, ...Certificate[]]> {
  const store = { what, last, status }
  const text = yield* openStore(process, path, store)
  const [first, ...more] = certificatesIn(text)
  if (!first)
    throw new Stop(`Could not read ${what} from ${path ?? '<stdin>'}`, {
      ...store,
      // Simplified: one entry for each PEM that is of another kind or broken, where the real one tells of each way that it tried.
      queue: text.includes('-----BEGIN ')
        ? [
            'error:1608010C:STORE routines:ossl_store_handle_load_result:unsupported:../crypto/store/store_result.c:149:',
          ]
        : [],
    })
  return [first, ...more]
}

/** Those of a text of PEM, or the one that the text is in DER. */
export function certificatesIn(text: string): Certificate[] {
  const blocks = pemBlocks(text).filter(({ type }) => certificateTypes.includes(type))
  const found = blocks.length > 0 ? blocks.map(({ bytes }) => bytes) : [binaryOf(text)]
  return found.flatMap((bytes) => readCertificate(bytes) ?? [])
}

/** A text that may be DER. */
function binaryOf(text: string): Uint8Array {
  if (!text.startsWith('0')) return new Uint8Array()
  charge(text.length)
  return encodeBytes(text)
}

/** @param last what follows an error. @throws Stop */
export function* loadRequest(process: Process, path: string | undefined, last: string): Reading<Request> {
  const text = yield* openText(process, path, 'r', [last])
  const block = pemBlocks(text).find(({ type }) => requestTypes.includes(type))
  const request = readRequest(block?.bytes ?? binaryOf(text))
  if (request) return request
  throw new Stop(last, {
    queue: block
      ? ['error:068000A8:asn1 encoding routines:asn1_check_tlen:wrong tag:../crypto/asn1/tasn_dec.c:1194:']
      : [
          'error:0480006C:PEM routines:get_name:no start line:../crypto/pem/pem_lib.c:760:Expecting: CERTIFICATE REQUEST',
        ],
  })
}

/** A private key. @throws Stop, also for one that is not of RSA */
export function* loadKey(process: Process, path: string | undefined, what: string, command: string): Reading<RsaKey> {
  const text = yield* openStore(process, path, { what })
  const key = privateKeyIn(text)
  if (key === 'other' && command === 'rsa') throw new Stop('Not an RSA key')
  if (key === 'other') throw notSimulated(command, 'with a key that is not of RSA')
  if (key === 'encrypted') throw notSimulated(command, 'with a key behind a pass phrase')
  if (!key) throw new Stop(`Could not read ${what} from ${path ?? '<stdin>'}`)
  return key
}

function privateKeyIn(text: string): RsaKey | 'other' | 'encrypted' | undefined {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) return 'encrypted'
  const blocks = pemBlocks(text)
  if (blocks.some(({ type }) => type === 'EC PRIVATE KEY')) return 'other'
  const block = blocks.find(({ type }) => type === 'RSA PRIVATE KEY' || type === 'PRIVATE KEY')
  const bytes = block?.bytes ?? binaryOf(text)
  if (bytes.length === 0) return undefined
  charge(bytes.length * 5)
  const algorithm = oidOf(inside(inside(firstOf(bytes))[1])[0])
  const key = readRsaKey(writePem(algorithm ? 'PRIVATE KEY' : 'RSA PRIVATE KEY', bytes))
  if (key && rsaOf(Uint8Array.from(key.publicKey))) return key
  return algorithm && algorithm !== RSA_ENCRYPTION ? 'other' : undefined
}

/** SubjectPublicKeyInfo of a public key's file. @throws Stop */
export function* loadPublicKey(
  process: Process,
  path: string | undefined,
  what: string,
  unread = what,
): Reading<Uint8Array> {
  const text = yield* openStore(process, path, { what })
  const block = pemBlocks(text).find(({ type }) => type === 'PUBLIC KEY')
  const bytes = block?.bytes ?? binaryOf(text)
  if (keyAlgorithm(bytes) === undefined) throw new Stop(`Could not read ${unread} from ${path ?? '<stdin>'}`)
  return bytes
}

/** @param named begins the error with the command's name, as for keys. @throws Stop */
export function writeOutput(
  process: Process,
  path: string | undefined,
  text: string,
  { mode, named }: { mode?: number; named?: string } = {},
): void {
  if (path === undefined) {
    process.stdout.write(text)
    return
  }
  try {
    process.files.write(pathOf(process, path), text, mode === undefined ? {} : { mode })
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const words = `Can't open "${path}" for writing, ${error.message}`
    throw new Stop(named ? `${named}: ${words}` : words, { queue: named ? [] : openFailure(error, path, 'w') })
  }
}
