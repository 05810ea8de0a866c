/** `agnhost mounttest`: writes files and tells of them what their file system, owner, permissions and contents are. Source: kubernetes/test/images/agnhost/mounttest */
import { FileError, type FileStat } from '../../runtime/files.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { attempt, type Run } from '../programs/support.ts'
import { flag, goFileError, goQuoted } from './support.ts'

const initialContent = 'mount-tester new file\n'
const retryMs = 2000
/** As statfs(2) tells it, in decimal, of what is no tmpfs: EXT4_SUPER_MAGIC. */
const EXT4 = '61267'

/** Each step that its flags ask for, in the program's own order. */
export function* mounttest(process: Process): Run {
  const { files, stdout } = process
  let failures = 0
  const say = (text: string): void => stdout.write(`${text}\n`)
  const tried = (act: () => void, failure: (error: FileError) => string): void =>
    void attempt(act, (error) => {
      failures++
      say(failure(error))
    })
  const step = (name: string, failure: (path: string) => string, act: (path: string) => void): void => {
    const path = flag(process, name)
    if (path)
      tried(
        () => act(path),
        (error) => `${failure(goQuoted(path))}: ${error.message}`,
      )
  }
  const tellContent = (path: string): void =>
    tried(
      () => say(`content of file ${goQuoted(path)}: ${files.read(path)}`),
      (error) => `error reading file content for ${goQuoted(path)}: ${goFileError('open', path, error)}`,
    )

  step(
    'fs_type',
    (path) => `error from statfs(${path})`,
    (path) => {
      files.stat(path)
      say(`mount type of ${goQuoted(path)}: ${isInMemory(process, path) ? 'tmpfs' : EXT4}`)
    },
  )
  for (const mode of [0o644, 0o666, 0o660, 0o777]) {
    const path = flag(process, `new_file_0${mode.toString(8)}`)
    if (!path) continue
    const before = failures
    tried(
      () => files.write(path, initialContent, { mode }),
      (error) => `error writing new file ${goQuoted(path)}: ${goFileError('open', path, error)}`,
    )
    if (failures === before) tellContent(path)
  }
  step(
    'file_mode',
    (path) => `error from Stat(${path})`,
    (path) => say(`mode of file ${goQuoted(path)}: ${goMode(files.stat(path))}`),
  )
  step(
    'file_perm',
    (path) => `error from Stat(${path})`,
    (path) => say(`perms of file ${goQuoted(path)}: -${permissions(files.stat(path).mode)}`),
  )
  step(
    'file_owner',
    (path) => `error from stat(${path})`,
    (path) => {
      const { uid, gid } = files.stat(path)
      say(`owner UID of ${goQuoted(path)}: ${uid}`)
      say(`owner GID of ${goQuoted(path)}: ${gid}`)
    },
  )
  const read = flag(process, 'file_content')
  if (read) tellContent(read)
  const looked = flag(process, 'file_content_in_loop')
  if (looked && !(yield* tellInLoop(process, looked))) failures++
  return failures > 0 ? 1 : 0
}

/** @returns whether it could be read at last */
function* tellInLoop(process: Process, path: string): Generator<Wait, boolean, unknown> {
  const endMs = process.nowEpochMs() + Number(flag(process, 'retry_time') ?? 180) * 1000
  const breaks = flag(process, 'break_on_expected_content') !== 'false'
  let isRead = true
  while (process.nowEpochMs() < endMs) {
    try {
      const content = process.files.read(path)
      isRead = true
      process.stdout.write(`content of file ${goQuoted(path)}: ${content}\n`)
      if (breaks) {
        if (content === initialContent) return true
        process.stdout.write(`Unexpected content. Expected: ${initialContent}. Retrying\n`)
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      isRead = false
      process.stdout.write(`Error reading file ${path}: ${goFileError('open', path, error)}, retrying\n`)
    }
    yield* waitFor(process.sleep(retryMs))
  }
  return isRead
}

/** Whether the file system that is mounted nearest above a path is a tmpfs. */
function isInMemory({ files }: Process, path: string): boolean {
  const real = files.realpath(path)
  const mounts = files
    .read('/proc/mounts')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '']) => at === '/' || real === at || real.startsWith(`${at}/`))
  const nearest = mounts.reduce((best, mount) => ((mount[1] ?? '').length >= (best[1] ?? '').length ? mount : best), [])
  return nearest[2] === 'tmpfs'
}

const permissions = (mode: number): string =>
  [...'rwxrwxrwx'].map((letter, at) => (mode & (0o400 >> at) ? letter : '-')).join('')

/** As Go prints a mode: what it is and its special bits before its permissions. Source: io/fs FileMode.String */
function goMode({ type, mode }: FileStat): string {
  const kind = { directory: 'd', symlink: 'L', device: 'D', socket: 'S', file: '' }[type]
  const special = `${mode & 0o4000 ? 'u' : ''}${mode & 0o2000 ? 'g' : ''}${type === 'device' ? 'c' : ''}${mode & 0o1000 ? 't' : ''}`
  return `${kind}${special}` ? `${kind}${special}${permissions(mode)}` : `-${permissions(mode)}`
}
