/** install: copies files and makes folders, with their mode and owner. Source: install(1) of coreutils */
import { accountId, baseName, changeMode } from '../../images/programs/files.ts'
import { complain, type Options, parseOptions, pathOf, type Run, UsageError } from '../../images/programs/support.ts'
import { FileError, type FileStat } from '../../runtime/files.ts'
import type { Process } from '../../runtime/process.ts'
import type { NodeProgram } from '../machine.ts'

const longNames = {
  backup: 'b',
  compare: 'C',
  directory: 'd',
  group: 'g:',
  mode: 'm:',
  owner: 'o:',
  'no-target-directory': 'T',
  'preserve-timestamps': 'p',
  strip: 's',
  suffix: 'S:',
  'target-directory': 't:',
  verbose: 'v',
  context: 'Z',
  help: 'help',
  version: 'version',
}

/** What is missing at the line of options: its words, and where the help is. */
class Misused extends Error {
  override readonly name = 'Misused'
}

/** It ends with these words. */
class Failed extends Error {
  override readonly name = 'Failed'
}

interface Settings {
  readonly mode: number
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly options: Options
}

export const install: NodeProgram = {
  path: '/usr/bin/install',
  make: () =>
    function* (process): Run {
      yield* []
      try {
        const options = parseOptions(process.argv.slice(1), 'bcCdDg:m:o:psS:t:TvZ', longNames)
        return run(process, options)
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof Misused || error instanceof Failed)) throw error
        complain(process, error.message)
        if (!(error instanceof Failed)) process.stderr.write("Try 'install --help' for more information.\n")
        return 1
      }
    },
}

/** @throws UsageError, Misused, Failed */
function run(process: Process, options: Options): number {
  if (options.has('version')) {
    process.stdout.write('install (GNU coreutils) 9.1\n')
    return 0
  }
  if (options.has('help')) {
    process.stdout.write(usage)
    return 0
  }
  for (const letter of ['S', 'Z']) if (options.has(letter)) throw new Failed(`podium: -${letter} is not simulated`)
  const given = options.value('m') ?? '755'
  const mode = changeMode(0, given)
  if (mode === undefined) throw new Failed(`invalid mode '${given}'`)
  const [user, group] = [options.value('o'), options.value('g')]
  const uid = accountId(process, '/etc/passwd', user)
  if (Number.isNaN(uid)) throw new Failed(`invalid user '${user}'`)
  const gid = accountId(process, '/etc/group', group)
  if (Number.isNaN(gid)) throw new Failed(`invalid group '${group}'`)
  const settings: Settings = { mode, uid, gid, options }
  const paths = [...options.rest]
  if (paths.length === 0) throw new Misused('missing file operand')
  if (options.has('d')) return worst(paths.map((path) => told(process, () => makeFolder(process, path, settings))))
  const folder = options.value('t')
  if (folder !== undefined && options.has('T'))
    throw new Failed('cannot combine --target-directory (-t) and --no-target-directory (-T)')
  if (folder !== undefined) {
    if (options.has('D')) makeFolders(process, folder, options)
    const what = kindOf(process, folder)
    if (what !== 'directory')
      throw new Failed(
        what === undefined
          ? `failed to access '${folder}': No such file or directory`
          : `target '${folder}' is not a directory`,
      )
    return copies(process, paths, folder, settings)
  }
  if (paths.length === 1) throw new Misused(`missing destination file operand after '${paths[0]}'`)
  const target = paths.pop()!
  if (options.has('T') && paths.length > 1) throw new Misused(`extra operand '${target}'`)
  const what = options.has('T') ? undefined : kindOf(process, target)
  if (what === 'directory') return copies(process, paths, target, settings)
  if (paths.length > 1)
    throw new Failed(`target '${target}': ${what === undefined ? 'No such file or directory' : 'Not a directory'}`)
  if (options.has('D')) makeFolders(process, target.replace(/\/*[^/]*$/, ''), options)
  return told(process, () => copy(process, paths[0]!, target, settings))
}

const worst = (statuses: readonly number[]): number => Math.max(0, ...statuses)

/** What fails for one path is told, and others come next. */
function told(process: Process, act: () => void): number {
  try {
    act()
    return 0
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    complain(process, error.message)
    return 1
  }
}

const copies = (process: Process, paths: readonly string[], folder: string, settings: Settings): number =>
  worst(
    paths.map((path) =>
      told(process, () => copy(process, path, `${folder.replace(/(.)\/+$/, '$1')}/${baseName(path)}`, settings)),
    ),
  )

/** @throws Failed in the words for what is done */
function doing<T>(words: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new Failed(`${words}: ${error.message}`)
  }
}

function kindOf(process: Process, path: string): FileStat['type'] | undefined {
  const absolute = pathOf(process, path)
  return process.files.exists(absolute) ? process.files.stat(absolute).type : undefined
}

/** All folders on the way, as far as there are none. */
function makeFolders(process: Process, path: string, options: Options): void {
  const parts = path.split('/')
  for (let n = 1; n <= parts.length; n++) {
    const each = parts.slice(0, n).join('/')
    if (parts[n - 1] === '' || parts[n - 1] === '.' || kindOf(process, each) === 'directory') continue
    doing(`cannot create directory '${each}'`, () => process.files.mkdir(pathOf(process, each), { mode: 0o755 }))
    if (options.has('v')) process.stdout.write(`install: creating directory '${each}'\n`)
  }
}

/** The last folder of a path is the one that gets the mode and the owner. */
function makeFolder(process: Process, path: string, settings: Settings): void {
  makeFolders(process, path.replace(/(.)\/+$/, '$1'), settings.options)
  own(process, path, settings)
}

function own(process: Process, path: string, { mode, uid, gid }: Settings): void {
  const absolute = pathOf(process, path)
  if (uid !== undefined || gid !== undefined) {
    const now = process.files.stat(absolute)
    doing(`cannot change ownership of '${path}'`, () => process.files.chown(absolute, uid ?? now.uid, gid ?? now.gid))
  }
  doing(`cannot change permissions of '${path}'`, () => process.files.chmod(absolute, mode))
}

function copy(process: Process, from: string, to: string, settings: Settings): void {
  const { files, stdout } = process
  const { options } = settings
  const [source, target] = [pathOf(process, from), pathOf(process, to)]
  const stat = doing(`cannot stat '${from}'`, () => files.stat(source))
  if (stat.type === 'directory') throw new Failed(`omitting directory '${from}'`)
  const isThere = files.exists(target)
  if (isThere && files.realpath(source) === files.realpath(target))
    throw new Failed(`'${from}' and '${to}' are the same file`)
  if (isThere && files.stat(target).type === 'directory')
    throw new Failed(`cannot overwrite directory '${to}' with non-directory`)
  const text = doing(`cannot open '${from}' for reading`, () => files.read(source))
  if (isThere && options.has('C') && isSame(process, target, text, settings)) return
  if (isThere && options.has('b')) doing(`cannot backup '${to}'`, () => files.rename(target, `${target}~`))
  else if (isThere) {
    doing(`cannot remove '${to}'`, () => files.remove(target))
    if (options.has('v')) stdout.write(`removed '${to}'\n`)
  }
  if (to.endsWith('/')) throw new Failed(`cannot create regular file '${to}': Not a directory`)
  doing(`cannot create regular file '${to}'`, () => files.write(target, text, { mode: 0o600 }))
  if (options.has('v'))
    stdout.write(`'${from}' -> '${to}'${isThere && options.has('b') ? ` (backup: '${to}~')` : ''}\n`)
  if (options.has('s')) {
    // A node has no strip.
    complain(process, 'cannot run strip: No such file or directory')
    files.remove(target)
    throw new Failed('strip process terminated abnormally')
  }
  own(process, to, settings)
}

const isSame = ({ files, uid: own }: Process, target: string, text: string, { mode, uid, gid }: Settings): boolean => {
  const now = files.stat(target)
  const isOwned = now.uid === (uid ?? own) && (gid === undefined || now.gid === gid)
  return isOwned && (now.mode & 0o7777) === mode && files.read(target) === text
}

/** Simplified: without the words for each option. */
const usage = `Usage: install [OPTION]... [-T] SOURCE DEST
  or:  install [OPTION]... SOURCE... DIRECTORY
  or:  install [OPTION]... -t DIRECTORY SOURCE...
  or:  install [OPTION]... -d DIRECTORY...
`
