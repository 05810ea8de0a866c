/**
 * tar, as busybox has it and as GNU's: creates, lists and extracts archives. Simplified: nothing is compressed (-z, -j), and times are
 * not set back to those of the archive.
 */
import { FileError } from '../../runtime/files.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { type Member, readArchive, writeArchive } from '../../runtime/tar-archive.ts'
import { decodeBytes, encodeBytes } from '../../runtime/text-bytes.ts'
import { accountName } from './basic.ts'
import { atOnce, type Options, parseOptions, pathOf, UsageError } from './support.ts'

/** What two tars do alike and say differently. */
interface Flavour {
  /** Blocks of a record. */
  blocking: number
  usage: string
  nothingToDo: string
  emptyArchive: string
  noArchive: string
  tooShort: string
  stripped(prefix: string): string
  missing(name: string, error: FileError): string
  unopened(name: string, error: FileError): string
  noDirectory(name: string, error: FileError): string
  notFound(name: string): string
  delayed: string
  failureStatus: number
}

const busybox: Flavour = {
  blocking: 2,
  usage:
    'BusyBox v1.36.1 multi-call binary.\n\nUsage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...\n',
  nothingToDo:
    'BusyBox v1.36.1 multi-call binary.\n\nUsage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...\n',
  emptyArchive: 'tar: empty archive\n',
  noArchive: 'tar: invalid tar magic\n',
  tooShort: 'tar: short read\n',
  stripped: (prefix) => `tar: removing leading '${prefix}' from member names\n`,
  missing: (name, { message }) => `tar: ${name}: ${message}\n`,
  unopened: (name, { message }) => `tar: can't open '${name}': ${message}\n`,
  noDirectory: (name, { message }) => `tar: can't change directory to '${name}': ${message}\n`,
  notFound: (name) => `tar: ${name}: not found in archive\n`,
  delayed: 'tar: error exit delayed from previous errors\n',
  failureStatus: 1,
}

const gnuDelayed = 'tar: Exiting with failure status due to previous errors\n'
const gnu: Flavour = {
  blocking: 20,
  usage: "Try 'tar --help' or 'tar --usage' for more information.\n",
  nothingToDo:
    "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n",
  emptyArchive:
    "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n",
  noArchive: `tar: This does not look like a tar archive\n${gnuDelayed}`,
  tooShort: `tar: This does not look like a tar archive\n${gnuDelayed}`,
  stripped: (prefix) => `tar: Removing leading \`${prefix}' from member names\n`,
  missing: (name, { message }) => `tar: ${name}: Cannot stat: ${message}\n`,
  unopened: (name, { message }) => `tar: ${name}: Cannot open: ${message}\n`,
  noDirectory: (name, { message }) =>
    `tar: ${name}: Cannot open: ${message}\ntar: Error is not recoverable: exiting now\n`,
  notFound: (name) => `tar: ${name}: Not found in archive\n`,
  delayed: gnuDelayed,
  failureStatus: 2,
}

const letters = 'cxtf:C:vzjJahmokOpT:X:'
const longNames: Readonly<Record<string, string>> = {
  create: 'c',
  extract: 'x',
  get: 'x',
  list: 't',
  file: 'f:',
  directory: 'C:',
  verbose: 'v',
  gzip: 'z',
  bzip2: 'j',
  xz: 'J',
  dereference: 'h',
  touch: 'm',
  'keep-old-files': 'k',
  'to-stdout': 'O',
  'same-permissions': 'p',
  'preserve-permissions': 'p',
  'no-same-permissions': 'no-same-permissions',
  'no-same-owner': 'o',
  'same-owner': 'same-owner',
  'numeric-owner': 'numeric-owner',
  'no-overwrite-dir': 'no-overwrite-dir',
  overwrite: 'overwrite',
  'strip-components': 'strip-components:',
  exclude: 'X:',
}

export const tarProgram: Program = createTar(busybox)
export const gnuTarProgram: Program = createTar(gnu)

function createTar(flavour: Flavour): Program {
  return function* (process) {
    yield* atOnce
    const fail = (words: string): number => {
      process.stderr.write(words)
      return flavour.failureStatus
    }
    let options: Options
    try {
      options = parseOptions(dashed(process.argv.slice(1)), letters, longNames)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return fail(`tar: ${error.message}\n${flavour.usage}`)
    }
    const mode = ['c', 'x', 't'].find((letter) => options.has(letter))
    if (!mode) return fail(flavour.nothingToDo)
    const file = options.value('f') ?? '-'
    const where = options.value('C') ?? '.'
    const directory = pathOf(process, where)
    try {
      if (process.files.stat(directory).type !== 'directory') throw new FileError('ENOTDIR', 'Not a directory')
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return fail(flavour.noDirectory(where, error))
    }
    const job: Job = { process, flavour, options, directory, failed: false }
    if (mode === 'c') return create(job, file)
    let bytes: Uint8Array
    if (file === '-') bytes = encodeBytes(yield* waitFor(process.stdin.readAll()))
    else {
      try {
        bytes = encodeBytes(process.files.read(pathOf(process, file)))
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return fail(flavour.unopened(file, error))
      }
    }
    return read(job, bytes, mode === 't')
  }
}

/** Old style: the first word may lack its dash, and values of its letters follow in their order. */
function dashed(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args
  if (first === undefined || first.startsWith('-')) return args
  const words: string[] = []
  for (const letter of first) {
    words.push(`-${letter}`)
    if (letters[letters.indexOf(letter) + 1] === ':') words.push(rest.shift() ?? '')
  }
  return [...words, ...rest]
}

interface Job {
  process: Process
  flavour: Flavour
  options: Options
  directory: string
  failed: boolean
}

/** The exit status, after the last words. */
function finish({ process, flavour, failed }: Job): number {
  if (failed) process.stderr.write(flavour.delayed)
  return failed ? flavour.failureStatus : 0
}

function create(job: Job, file: string): number {
  const { process, flavour, options } = job
  if (options.rest.length === 0) {
    process.stderr.write(flavour.emptyArchive)
    return flavour.failureStatus
  }
  const members: Member[] = []
  const told = new Set<string>()
  for (const name of options.rest) collect(job, name, members, told)
  if (options.has('v'))
    for (const { name } of members) (file === '-' ? process.stderr : process.stdout).write(`${name}\n`)
  const archive = decodeBytes(writeArchive(members, flavour.blocking))
  if (file === '-') process.stdout.write(archive)
  else {
    try {
      process.files.write(pathOf(process, file), archive)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      process.stderr.write(flavour.unopened(file, error))
      return flavour.failureStatus
    }
  }
  return finish(job)
}

function collect(job: Job, name: string, members: Member[], told: Set<string>): void {
  const { process, flavour, options, directory } = job
  const { files } = process
  if (options.values('X').some((excluded) => name === excluded || name.endsWith(`/${excluded}`))) return
  const path = name.startsWith('/') ? name : `${directory}/${name}`
  const stored = safeName(name, (prefix) => {
    if (told.has(prefix)) return
    told.add(prefix)
    process.stderr.write(flavour.stripped(prefix))
  })
  try {
    const stat = options.has('h') ? files.stat(path) : files.lstat(path)
    if (stat.type === 'device' || stat.type === 'socket') return
    const isDirectory = stat.type === 'directory'
    const base = stored.replace(/\/+$/, '')
    const content = stat.type === 'file' ? encodeBytes(files.read(path)) : new Uint8Array()
    const owner = {
      user: accountName(process, '/etc/passwd', stat.uid) ?? '',
      group: accountName(process, '/etc/group', stat.gid) ?? '',
    }
    members.push({
      name: isDirectory ? `${base}/` : base,
      type: stat.type,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
      ...owner,
      modifiedEpochMs: stat.modifiedEpochMs,
      target: stat.target ?? '',
      content,
    })
    if (isDirectory)
      for (const child of files.list(path)) collect(job, `${name.replace(/\/+$/, '')}/${child}`, members, told)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    process.stderr.write((error.code === 'EACCES' ? flavour.unopened : flavour.missing)(name, error))
    job.failed = true
  }
}

/** A member's name without what would lead out of the directory it is extracted to. */
function safeName(name: string, tell: (prefix: string) => void): string {
  const prefix = /^(?:.*(?:^|\/)\.\.(?=\/|$))?\/*/.exec(name)![0]
  if (prefix !== '') tell(prefix)
  return name.slice(prefix.length) || '.'
}

function read(job: Job, bytes: Uint8Array, isList: boolean): number {
  const { process, flavour, options } = job
  const { members, problem } = readArchive(bytes)
  const told = new Set<string>()
  const found = new Set<string>()
  for (const member of members) {
    const wanted = options.rest.find((name) => isBelow(member.name, name))
    if (options.rest.length > 0 && wanted === undefined) continue
    if (wanted !== undefined) found.add(wanted)
    const stripped = strip(member.name, Number(options.value('strip-components') ?? 0))
    if (stripped === '') continue
    const isShown = isList || options.has('v')
    if (isShown) (options.has('O') ? process.stderr : process.stdout).write(`${member.name}\n`)
    if (isList) continue
    const name = safeName(stripped, (prefix) => {
      if (told.has(prefix)) return
      told.add(prefix)
      process.stderr.write(flavour.stripped(prefix))
    })
    try {
      if (!options.has('O')) extract(job, member, name)
      else if (member.type === 'file') process.stdout.write(decodeBytes(member.content))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      process.stderr.write(flavour.unopened(name, error))
      job.failed = true
    }
  }
  for (const name of options.rest) {
    if (found.has(name)) continue
    process.stderr.write(flavour.notFound(name))
    job.failed = true
  }
  if (problem) {
    process.stderr.write(problem === 'short' ? flavour.tooShort : flavour.noArchive)
    return flavour.failureStatus
  }
  return finish(job)
}

const isBelow = (name: string, wanted: string): boolean => {
  const folder = wanted.replace(/\/+$/, '')
  return name.replace(/\/+$/, '') === folder || name.startsWith(`${folder}/`)
}

const strip = (name: string, components: number): string => name.split('/').slice(components).join('/')

function extract(job: Job, member: Member, name: string): void {
  const { process, options, directory } = job
  const { files } = process
  const path = `${directory === '/' ? '' : directory}/${name.replace(/\/+$/, '')}`
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  if (!files.exists(parent)) files.mkdir(parent, { parents: true })
  const isThere = isAnything(files, path)
  const mode = options.has('no-same-permissions') ? member.mode & ~0o022 : member.mode
  switch (member.type) {
    case 'directory':
      if (!isThere) files.mkdir(path, { mode })
      else if (files.stat(path).type !== 'directory') throw new FileError('EEXIST', 'File exists')
      else if (options.has('no-overwrite-dir')) return
      break
    case 'symlink':
      if (isThere) files.remove(path)
      files.symlink(member.target, path)
      return
    case 'hardlink':
      if (isThere) files.remove(path)
      files.write(path, files.read(`${directory}/${safeName(member.target, () => undefined)}`), { mode })
      return
    case 'file':
      if (isThere && options.has('k')) throw new FileError('EEXIST', 'File exists')
      // The name gets a new file: who may not write the old one may still replace it.
      if (isThere && files.lstat(path).type !== 'directory' && !isMounted(files, path)) files.remove(path)
      files.write(path, decodeBytes(member.content), { mode })
  }
  // Only root gives files away, and does so unless told.
  if (process.uid === 0 && !options.has('o')) files.chown(path, ownerOf(process, member), groupOf(process, member))
  files.chmod(path, mode)
}

function isAnything(files: Process['files'], path: string): boolean {
  try {
    files.lstat(path)
    return true
  } catch {
    return false
  }
}

/** A single file that is mounted cannot be removed; it is written in place. */
function isMounted(files: Process['files'], path: string): boolean {
  return files
    .read('/proc/mounts')
    .split('\n')
    .some((line) => line.split(' ')[1] === path)
}

const ownerOf = (process: Process, { user, uid }: Member): number => idOf(process, '/etc/passwd', user) ?? uid
const groupOf = (process: Process, { group, gid }: Member): number => idOf(process, '/etc/group', group) ?? gid

function idOf({ files }: Process, path: string, name: string): number | undefined {
  if (name === '' || !files.exists(path)) return undefined
  const row = files
    .read(path)
    .split('\n')
    .find((line) => line.split(':')[0] === name)
  return row === undefined ? undefined : Number(row.split(':')[2])
}
