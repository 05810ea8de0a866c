/** How a command of openssl ends before its end: with words on standard error, the first its own and the others of the error queue. */
import { hash32 } from '../../../engine/random.ts'
import type { FileError, FileErrorCode } from '../../../runtime/files.ts'
import type { Process } from '../../../runtime/process.ts'

/** What the learner did is wrong; the program prints this and exits. */
export class Stop extends Error {
  override readonly name = 'Stop'
  /** Entries of the error queue, without the number of the thread. */
  readonly queue: readonly string[]
  /** Lines that follow these. */
  readonly last: readonly string[]
  readonly status: number
  constructor(
    message: string,
    {
      queue = [],
      last = [],
      status = 1,
    }: { queue?: readonly string[]; last?: readonly string[]; status?: number } = {},
  ) {
    super(message)
    this.queue = queue
    this.last = last
    this.status = status
  }
}

/** What the real one can and this one cannot. */
export const notSimulated = (command: string, what = ''): Stop =>
  new Stop(`podium: openssl ${command}${what && ` ${what}`} is not simulated`)

/** Lines of the error queue, as ERR_print_errors prints them: behind the address of the thread. */
export function printQueue(process: Process, queue: readonly string[]): string {
  const digits = hash32(`openssl ${process.pid}`).toString(16).padStart(8, '0').toUpperCase()
  const thread = `40${digits[0]}7${digits.slice(1, 7)}7F0000`
  return queue.map((entry) => `${thread}:${entry}\n`).join('')
}

export function printStop(process: Process, { message, queue, last, status }: Stop): number {
  const lines = [...last, ''].join('\n')
  process.stderr.write(`${message && `${message}\n`}${printQueue(process, queue)}${lines}`)
  return status
}

/** Errors by their number in Linux, in hexadecimal digits. */
const numbers: Readonly<Partial<Record<FileErrorCode, string>>> = {
  ENOENT: '2',
  EACCES: 'D',
  ENOTDIR: '14',
  EISDIR: '15',
  EROFS: '1E',
  ENOSPC: '1C',
  ELOOP: '28',
}
const system = ({ code, message }: FileError, where: string): string =>
  `error:800000${(numbers[code] ?? '2').padStart(2, '0')}:system library:${where.replace('%', message)}`

/** A file that is opened by its name. Source: OpenSSL 3.0, crypto/bio/bss_file.c */
export function openFailure(error: FileError, path: string, mode: string): string[] {
  return [
    system(error, `BIO_new_file:%:../crypto/bio/bss_file.c:67:calling fopen(${path}, ${mode})`),
    error.code === 'ENOENT'
      ? 'error:10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:'
      : 'error:10080002:BIO routines:BIO_new_file:system lib:../crypto/bio/bss_file.c:77:',
  ]
}

/** A file that is opened as a store of keys and certificates. Source: OpenSSL 3.0, crypto/store */
export function storeFailure(error: FileError, path: string): string[] {
  return [
    'error:16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:../crypto/store/store_register.c:237:scheme=file',
    system(error, `file_open:%:../providers/implementations/storemgmt/file_store.c:266:calling stat(${path})`),
  ]
}

/** A file that dgst reads. */
export const readFailure = (error: FileError, path: string): string[] => [
  system(error, `file_ctrl:%:../crypto/bio/bss_file.c:297:calling fopen(${path}, r)`),
  'error:10080002:BIO routines:file_ctrl:system lib:../crypto/bio/bss_file.c:300:',
]
