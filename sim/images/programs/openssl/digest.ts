/** `openssl dgst`, and digests as commands of their own. Source: openssl-dgst(1), OpenSSL 3.0 */
import { sha1 } from '../../../api/meta/sha1.ts'
import { sha256 } from '../../../api/meta/sha256.ts'
import { FileError } from '../../../runtime/files.ts'
import { type Process, waitFor } from '../../../runtime/process.ts'
import { decodeBytes } from '../../../runtime/text-bytes.ts'
import { bytesOf } from '../bytes.ts'
import { md5 } from '../checksums.ts'
import { pathOf, type Run } from '../support.ts'
import { bytesOfWords, hexDigits } from './hex.ts'
import { writeOutput } from './input.ts'
import { type Given, readOptions } from './options.ts'
import { printQueue, readFailure } from './stop.ts'

interface Digest {
  /** As it stands before a file's name. */
  readonly label: string
  compute(bytes: readonly number[]): number[]
}

const digests: Readonly<Record<string, Digest>> = {
  sha256: { label: 'SHA2-256', compute: (bytes) => bytesOfWords(sha256(bytes)) },
  sha1: { label: 'SHA1', compute: (bytes) => bytesOfWords(sha1(bytes)) },
  md5: { label: 'MD5', compute: (bytes) => (md5(bytes).match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)) },
}
/** What it takes without being told; its label is another then. */
const usual: Digest = { ...digests.sha256, label: 'SHA256' }

/** `openssl dgst -sha256 [FILE...]` */
export const dgst = (process: Process, words: readonly string[]): Run => digestFiles(process, 'dgst', words, usual)

/** `openssl sha256 [FILE...]` */
export const digestCommands: Readonly<Record<string, (process: Process, words: readonly string[]) => Run>> =
  Object.fromEntries(
    Object.entries(digests).map(([name, digest]) => [
      name,
      (process: Process, words: readonly string[]) => digestFiles(process, name, words, digest),
    ]),
  )

function* digestFiles(process: Process, command: string, words: readonly string[], preset: Digest): Run {
  const given = readOptions(command, words, {
    flags: 'hex binary r c',
    values: 'out',
    refused:
      'd debug engine_impl fips-fingerprint hmac keyform list mac macopt passin prverify sign signature sigopt verify xoflen',
    unknown: 'Unknown option or message digest: ',
    isFetched: true,
    isDigest: (name) => Object.hasOwn(digests, name),
    words: Number.POSITIVE_INFINITY,
  })
  const chosen = given.options.findLast(([name]) => Object.hasOwn(digests, name))?.[0]
  const digest = chosen === undefined ? preset : digests[chosen]
  let status = 0
  let shown = ''
  for (const path of given.words.length > 0 ? given.words : [undefined]) {
    const text = path === undefined ? yield* waitFor(process.stdin.readAll()) : readOrTell(process, path)
    if (text === undefined) status = 1
    else shown += line(digest, bytesOf(text), path, given)
  }
  writeOutput(process, given.value('out'), shown)
  return status
}

function line({ label, compute }: Digest, bytes: readonly number[], path: string | undefined, given: Given): string {
  const digest = compute(bytes)
  if (given.has('binary') && !given.has('hex')) return decodeBytes(Uint8Array.from(digest))
  const digits = hexDigits(digest, given.has('c') ? ':' : '').toLowerCase()
  return given.has('r') ? `${digits} *${path ?? 'stdin'}\n` : `${label}(${path ?? 'stdin'})= ${digits}\n`
}

/** Undefined after the error was told. */
function readOrTell(process: Process, path: string): string | undefined {
  try {
    return process.files.read(pathOf(process, path))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    process.stderr.write(
      error.code === 'EISDIR'
        ? `Read error in ${path}\n${printQueue(process, [
            'error:80000015:system library:file_read:Is a directory:../crypto/bio/bss_file.c:149:calling fread()',
            'error:10080002:BIO routines:file_read:system lib:../crypto/bio/bss_file.c:151:',
          ])}`
        : `${path}: ${error.message}\n${printQueue(process, readFailure(error, path))}`,
    )
    return undefined
  }
}
