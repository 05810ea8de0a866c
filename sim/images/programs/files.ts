/** Programs on files: cat, ls, touch, mkdir, rm, cp, mv, ln, find, stat, dd and their kin. */
import { FileError, type FileStat } from '../../runtime/files.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { matchPattern } from '../../runtime/shell/pattern.ts'
import { accountName } from './basic.ts'
import { formatDate } from './date-format.ts'
import { busyboxDf } from './df.ts'
import { attempt, complain, openInput, parseSize, pathOf, type Run, withOptions } from './support.ts'

const cat = withOptions('unvetA', function* (process, options) {
  let status = 0
  let number = 0
  for (const path of options.rest.length ? options.rest : ['-']) {
    const input = openInput(process, path)
    if (!input) {
      status = 1
      continue
    }
    if (path !== '-' && !options.has('n')) {
      if (isEndless(process, path)) yield* drain(process, path)
      process.stdout.write(yield* waitFor(input.readAll()))
      continue
    }
    for (let line = yield* waitFor(input.readLine()); line !== undefined; line = yield* waitFor(input.readLine()))
      process.stdout.write(options.has('n') ? `${String(++number).padStart(6)}\t${line}` : line)
  }
  return status
})

const isEndless = (process: Process, path: string): boolean =>
  /^\/dev\/(?:zero|u?random|full)$/.test(pathOf(process, path))

/** Reads a device that never ends, for ever. */
function* drain(process: Process, path: string) {
  const piece = process.files.read(pathOf(process, path))
  for (;;) {
    process.stdout.write(piece)
    yield* waitFor(process.cpu(1))
  }
}

/** `-rw-r--r--` of a file. */
function modeString(stat: FileStat): string {
  const type = { file: '-', directory: 'd', symlink: 'l', device: 'c', socket: 's' }[stat.type]
  let text = ''
  for (let shift = 6; shift >= 0; shift -= 3) {
    const bits = (stat.mode >> shift) & 7
    text += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
  }
  if (stat.mode & 0o1000) text = text.slice(0, 8) + (stat.mode & 1 ? 't' : 'T')
  if (stat.mode & 0o2000) text = `${text.slice(0, 5)}${stat.mode & 0o10 ? 's' : 'S'}${text.slice(6)}`
  if (stat.mode & 0o4000) text = `${text.slice(0, 2)}${stat.mode & 0o100 ? 's' : 'S'}${text.slice(3)}`
  return type + text
}

/** `2.0K`, as `ls -h` and `du -h` print sizes. */
function humanSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 5) {
    value /= 1024
    unit++
  }
  return unit === 0 ? String(bytes) : `${value.toFixed(1)}${'KMGTP'[unit - 1]}`
}

const ls = withOptions('1aAlhdRrtSFinpCxwLs', function* (process, options) {
  const { files } = process
  let status = 0
  const isLong = options.has('l')
  // A link is told of by itself; with -L its target is.
  const look = (path: string): FileStat => (options.has('L') ? files.stat(path) : files.lstat(path))
  type Entry = { name: string; stat: FileStat; target?: string }
  const order = (entries: Entry[]): Entry[] => {
    if (options.has('t')) entries.sort((a, b) => b.stat.modifiedEpochMs - a.stat.modifiedEpochMs)
    if (options.has('S')) entries.sort((a, b) => b.stat.sizeBytes - a.stat.sizeBytes)
    if (options.has('r')) entries.reverse()
    return entries
  }
  const nameWithMark = (entry: Entry): string => {
    if (!options.has('F') && !options.has('p')) return entry.name
    if (entry.stat.type === 'directory') return `${entry.name}/`
    if (!options.has('F')) return entry.name
    const mark =
      { symlink: '@', socket: '=', file: entry.stat.mode & 0o111 ? '*' : '' }[entry.stat.type as string] ?? ''
    return `${entry.name}${mark}`
  }
  const print = (entries: readonly Entry[]): void => {
    if (!isLong) {
      // Simplified: one name a line, as ls prints to anything but a terminal; a terminal gets two spaces between.
      if (process.stdout.isTerminal && !options.has('1') && entries.length)
        process.stdout.write(`${entries.map(nameWithMark).join('  ')}\n`)
      else for (const entry of entries) process.stdout.write(`${nameWithMark(entry)}\n`)
      return
    }
    for (const entry of entries) {
      const { stat } = entry
      const owner = options.has('n') ? undefined : accountName(process, '/etc/passwd', stat.uid)
      const group = options.has('n') ? undefined : accountName(process, '/etc/group', stat.gid)
      const size =
        stat.type === 'device' ? '1,   3' : options.has('h') ? humanSize(stat.sizeBytes) : String(stat.sizeBytes)
      process.stdout.write(
        `${modeString(stat)} ${String(stat.links ?? 1).padStart(4)} ${(owner ?? String(stat.uid)).padEnd(8)} ${(group ?? String(stat.gid)).padEnd(8)} ${size.padStart(9)} ${listingDate(stat.modifiedEpochMs, process.nowEpochMs())} ${nameWithMark(entry)}${stat.target === undefined ? '' : ` -> ${stat.target}`}\n`,
      )
    }
  }
  const plain: Entry[] = []
  const directories: string[] = []
  for (const path of options.rest.length ? options.rest : ['.']) {
    const absolute = pathOf(process, path)
    const stat = attempt(
      () => (isLong || options.has('d') ? look(absolute) : files.stat(absolute)),
      (error) => {
        complain(process, `${path}: ${error.message}`)
        status = 1
      },
    )
    if (!stat) continue
    const isDirectory = stat.type === 'directory' || (stat.type === 'symlink' && path.endsWith('/'))
    if (isDirectory && !options.has('d')) directories.push(path)
    else plain.push({ name: path, stat })
  }
  print(order(plain))
  const listDirectory = (path: string, isTitled: boolean, isFirst: boolean, depth: number): void => {
    const absolute = pathOf(process, path)
    const names = attempt(
      () => files.list(absolute),
      (error) => {
        complain(process, `can't open '${path}': ${error.message}`)
        status = 1
      },
    )
    if (!names) return
    if (isTitled) process.stdout.write(`${isFirst ? '' : '\n'}${path}:\n`)
    const visible = names.filter((name) => options.has('a') || options.has('A') || !name.startsWith('.'))
    const entries: Entry[] = []
    for (const name of [...(options.has('a') ? ['.', '..'] : []), ...visible]) {
      const stat = attempt(
        () => look(`${absolute}/${name}`),
        () => {},
      )
      if (stat) entries.push({ name, stat })
    }
    // busybox sorts `.` and `..` among the names.
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    if (isLong) process.stdout.write(`total ${entries.reduce((sum, { stat }) => sum + blocksOf(stat), 0)}\n`)
    print(order(entries))
    if (!options.has('R') || depth > 40) return
    for (const entry of entries)
      if (entry.stat.type === 'directory' && entry.name !== '.' && entry.name !== '..')
        listDirectory(`${path === '/' ? '' : path}/${entry.name}`, true, false, depth + 1)
  }
  for (const [index, path] of directories.entries())
    listDirectory(
      path,
      directories.length > 1 || plain.length > 0 || options.has('R'),
      index === 0 && plain.length === 0,
      0,
    )
  yield* waitFor(process.cpu(1))
  return status
})

/** Kilobytes that a file takes in blocks of 4 KiB. */
const blocksOf = (stat: FileStat): number =>
  stat.type !== 'file' && stat.type !== 'directory' ? 0 : Math.ceil(stat.sizeBytes / 4096) * 4

/** `Nov 20 08:09`, or with the year when it is half a year away. */
function listingDate(epochMs: number, nowEpochMs: number): string {
  const isNear = Math.abs(nowEpochMs - epochMs) < 183 * 86_400_000
  return formatDate(epochMs, isNear ? '%b %e %H:%M' : '%b %e  %Y')
}

/** Runs something for each path; prints errors in the given words and exits 1 after any. */
function forEachPath(
  process: Process,
  paths: readonly string[],
  action: (path: string) => void,
  words: (path: string, error: FileError) => string,
): number {
  let status = 0
  for (const path of paths) {
    attempt(
      () => action(path),
      (error) => {
        complain(process, words(path, error))
        status = 1
      },
    )
  }
  return status
}

const touch = withOptions('acmd:t:r:h', function* (process, options) {
  return forEachPath(
    process,
    options.rest,
    (path) => {
      if (options.has('c') && !process.files.exists(pathOf(process, path))) return
      process.files.touch(pathOf(process, path))
    },
    (path, error) => `${path}: ${error.message}`,
  )
})

const mkdir = withOptions(
  'pm:',
  function* (process, options) {
    const mode = options.value('m')
    return forEachPath(
      process,
      options.rest,
      (path) =>
        process.files.mkdir(pathOf(process, path), {
          parents: options.has('p'),
          mode: mode ? Number.parseInt(mode, 8) : undefined,
        }),
      (path, error) => `can't create directory '${path}': ${error.message}`,
    )
  },
  { longNames: { parents: 'p', mode: 'm:' } },
)

const rmdir = withOptions('p', function* (process, options) {
  return forEachPath(
    process,
    options.rest,
    (path) => {
      if (process.files.lstat(pathOf(process, path)).type !== 'directory')
        throw new FileError('ENOTDIR', 'Not a directory')
      process.files.remove(pathOf(process, path))
    },
    (path, error) => `'${path}': ${error.message}`,
  )
})

const rm = withOptions('rRfiv', function* (process, options) {
  if (options.rest.length === 0 && !options.has('f')) {
    process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: rm [-irf] FILE...\n')
    return 1
  }
  const isRecursive = options.has('r') || options.has('R')
  let status = 0
  for (const path of options.rest) {
    const absolute = pathOf(process, path)
    if (/(?:^|\/)\.{1,2}\/*$/.test(path)) {
      complain(process, `"." and ".." may not be removed`)
      status = 1
      continue
    }
    attempt(
      () => {
        const stat = process.files.lstat(absolute)
        if (stat.type === 'directory' && !isRecursive) {
          complain(process, `'${path}' is a directory`)
          status = 1
        } else process.files.remove(absolute, { recursive: isRecursive })
      },
      (error) => {
        if (options.has('f') && error.code === 'ENOENT') return
        complain(
          process,
          error.code === 'ENOENT'
            ? `can't remove '${path}': ${error.message}`
            : `can't remove '${path}': ${error.message}`,
        )
        status = 1
      },
    )
  }
  return status
})

function copyFile(process: Process, from: string, to: string, isRecursive: boolean, keeps: boolean): void {
  const { files } = process
  const stat = isRecursive ? files.lstat(from) : files.stat(from)
  if (stat.type === 'symlink') {
    if (files.exists(to)) files.remove(to)
    files.symlink(stat.target ?? '', to)
    return
  }
  if (stat.type === 'directory') {
    if (!isRecursive) throw new FileError('EISDIR', 'is a directory')
    if (!files.exists(to)) files.mkdir(to, { mode: stat.mode })
    for (const name of files.list(from)) copyFile(process, `${from}/${name}`, `${to}/${name}`, true, keeps)
    return
  }
  files.write(to, files.read(from), { mode: stat.mode & 0o777 })
  if (keeps && process.uid === 0) files.chown(to, stat.uid, stat.gid)
}

export const baseName = (path: string): string => path.replace(/\/+$/, '').split('/').pop() ?? ''

/** Where a copy, move or link lands: inside the target when that is a directory. */
function landing(process: Process, source: string, target: string): string {
  const absolute = pathOf(process, target)
  const isDirectory = attempt(
    () => process.files.stat(absolute).type === 'directory',
    () => {},
  )
  return isDirectory ? `${absolute === '/' ? '' : absolute.replace(/\/+$/, '')}/${baseName(source)}` : absolute
}

const cp = withOptions('rRafpdLPvTun', function* (process, options) {
  const paths = [...options.rest]
  const target = paths.pop()
  if (target === undefined || paths.length === 0) {
    process.stderr.write(
      'BusyBox v1.36.1 multi-call binary.\n\nUsage: cp [-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }\n',
    )
    return 1
  }
  const isRecursive = options.has('r') || options.has('R') || options.has('a')
  return forEachPath(
    process,
    paths,
    (path) => {
      const to = options.has('T') ? pathOf(process, target) : landing(process, path, target)
      if (!process.files.exists(pathOf(process, path))) throw new FileError('ENOENT', 'No such file or directory')
      copyFile(
        process,
        pathOf(process, path).replace(/\/\.$/, ''),
        to.replace(/\/\.$/, ''),
        isRecursive,
        options.has('a') || options.has('p'),
      )
    },
    (path, error) =>
      error.code === 'ENOENT' && !process.files.exists(pathOf(process, path))
        ? `can't stat '${path}': ${error.message}`
        : error.code === 'EISDIR'
          ? `omitting directory '${path}'`
          : `can't create '${target}': ${error.message}`,
  )
})

/** Simplified: -v is of the mv of coreutils, and of busybox since 1.37; others take it as well. */
const mv = withOptions('finTv', function* (process, options) {
  const paths = [...options.rest]
  const target = paths.pop()
  if (target === undefined || paths.length === 0) {
    process.stderr.write(
      'BusyBox v1.36.1 multi-call binary.\n\nUsage: mv [-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }\n',
    )
    return 1
  }
  return forEachPath(
    process,
    paths,
    (path) => {
      const to = landing(process, path, target)
      process.files.rename(pathOf(process, path), to)
      if (options.has('v'))
        process.stdout.write(
          `'${path}' -> '${target.endsWith('/') || to !== pathOf(process, target) ? `${target.replace(/\/$/, '')}/${baseName(path)}` : target}'\n`,
        )
    },
    (path, error) => `can't rename '${path}': ${error.message}`,
  )
})

const ln = withOptions('sfnTv', function* (process, options) {
  const [target, link = baseName(options.rest[0] ?? '')] = options.rest
  if (target === undefined) {
    process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: ln [-sfnbtv] [-S SUF] TARGET... LINK|DIR\n')
    return 1
  }
  return forEachPath(
    process,
    [link],
    () => {
      const path = options.has('n') || options.has('T') ? pathOf(process, link) : landing(process, target, link)
      if (
        options.has('f') &&
        attempt(
          () => process.files.lstat(path),
          () => {},
        )
      )
        process.files.remove(path)
      if (options.has('s')) process.files.symlink(target, path)
      // Simplified: a hard link is a copy.
      else copyFile(process, pathOf(process, target), path, false, true)
    },
    (path, error) => `${path}: ${error.message}`,
  )
})

const readlink = withOptions('fnm', function* (process, options) {
  let status = 0
  for (const path of options.rest) {
    const absolute = pathOf(process, path)
    const target = attempt(
      () => (options.has('f') ? process.files.realpath(absolute) : process.files.lstat(absolute).target),
      () => {},
    )
    if (target === undefined) status = 1
    else process.stdout.write(`${target}${options.has('n') ? '' : '\n'}`)
  }
  return status
})

const realpath: Program = function* (process) {
  return forEachPath(
    process,
    process.argv.slice(1),
    (path) => process.stdout.write(`${process.files.realpath(pathOf(process, path))}\n`),
    (path, error) => `${path}: ${error.message}`,
  )
}

/** Applies `755` or `u+x,go-w` to a mode; undefined when it makes no sense. */
export function changeMode(mode: number, change: string): number | undefined {
  if (/^[0-7]{1,4}$/.test(change)) return Number.parseInt(change, 8)
  let result = mode
  for (const clause of change.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause)
    if (!match) return undefined
    const who = match[1] === '' || match[1].includes('a') ? 'ugo' : match[1]
    for (const letter of who) {
      const shift = { u: 6, g: 3, o: 0 }[letter as 'u']
      let bits = 0
      if (match[3].includes('r')) bits |= 4
      if (match[3].includes('w')) bits |= 2
      if (match[3].includes('x') || (match[3].includes('X') && mode & 0o111)) bits |= 1
      if (match[2] === '+') result |= bits << shift
      else if (match[2] === '-') result &= ~(bits << shift)
      else result = (result & ~(7 << shift)) | (bits << shift)
    }
    if (match[3].includes('t')) result = match[2] === '-' ? result & ~0o1000 : result | 0o1000
  }
  return result
}

function walkTree(process: Process, path: string, isRecursive: boolean, action: (path: string) => void): void {
  action(path)
  if (!isRecursive || process.files.lstat(path).type !== 'directory') return
  for (const name of process.files.list(path)) walkTree(process, `${path === '/' ? '' : path}/${name}`, true, action)
}

const chmod: Program = function* (process) {
  const args = process.argv.slice(1)
  let isRecursive = false
  while (/^-[Rvcf]+$/.test(args[0] ?? '')) isRecursive = args.shift()!.includes('R') || isRecursive
  const [change, ...paths] = args
  if (change === undefined || changeMode(0, change) === undefined) {
    complain(process, `invalid mode '${change ?? ''}'`)
    return 1
  }
  return forEachPath(
    process,
    paths,
    (path) =>
      walkTree(process, pathOf(process, path), isRecursive, (each) =>
        process.files.chmod(each, changeMode(process.files.stat(each).mode, change)!),
      ),
    (path, error) => `${path}: ${error.message}`,
  )
}

/** The number of a user or a group, by its name or itself; NaN of one that there is not, undefined of none. */
export function accountId(
  process: Process,
  file: '/etc/passwd' | '/etc/group',
  name: string | undefined,
): number | undefined {
  if (name === undefined || name === '') return undefined
  if (/^\d+$/.test(name)) return Number(name)
  const text = attempt(
    () => process.files.read(file),
    () => {},
  )
  const row = text?.split('\n').find((line) => line.startsWith(`${name}:`))
  return row ? Number(row.split(':')[2]) : Number.NaN
}

const chown = withOptions('Rhvcf', function* (process, options) {
  const [owner = '', ...paths] = options.rest
  const [user, group] = owner.split(/[:.]/)
  const uid = accountId(process, '/etc/passwd', user)
  const gid = accountId(process, '/etc/group', group)
  if (Number.isNaN(uid) || Number.isNaN(gid)) {
    complain(process, `unknown ${Number.isNaN(uid) ? `user ${user}` : `group ${group}`}`)
    return 1
  }
  return forEachPath(
    process,
    paths,
    (path) =>
      walkTree(process, pathOf(process, path), options.has('R'), (each) => {
        const stat = process.files.stat(each)
        process.files.chown(each, uid ?? stat.uid, gid ?? stat.gid)
      }),
    (path, error) => `${path}: ${error.message}`,
  )
})

const stat = withOptions('c:Lf', function* (process, options) {
  return forEachPath(
    process,
    options.rest,
    (path) => {
      const info = options.has('L')
        ? process.files.stat(pathOf(process, path))
        : process.files.lstat(pathOf(process, path))
      const user = accountName(process, '/etc/passwd', info.uid) ?? 'UNKNOWN'
      const group = accountName(process, '/etc/group', info.gid) ?? 'UNKNOWN'
      const mode = (info.mode & 0o7777).toString(8)
      const kind = {
        file: info.sizeBytes ? 'regular file' : 'regular empty file',
        directory: 'directory',
        symlink: 'symbolic link',
        device: 'character special file',
        socket: 'socket',
      }[info.type]
      const fields: Record<string, string> = {
        n: path,
        s: String(info.sizeBytes),
        a: mode,
        A: modeString(info),
        u: String(info.uid),
        U: user,
        g: String(info.gid),
        G: group,
        F: kind,
        Y: String(Math.floor(info.modifiedEpochMs / 1000)),
        y: formatDate(info.modifiedEpochMs, '%Y-%m-%d %H:%M:%S.000000000 +0000'),
      }
      const format = options.value('c')
      if (format !== undefined)
        process.stdout.write(`${format.replace(/%([a-zA-Z])/g, (whole, letter: string) => fields[letter] ?? whole)}\n`)
      else
        process.stdout.write(
          `  File: ${path}${info.target ? ` -> ${info.target}` : ''}\n  Size: ${String(info.sizeBytes).padEnd(10)}\tBlocks: ${String(blocksOf(info) * 2).padEnd(10)} IO Block: 4096   ${kind}\nAccess: (${mode.padStart(4, '0')}/${modeString(info)})  Uid: (${String(info.uid).padStart(5)}/${user.padStart(8)})   Gid: (${String(info.gid).padStart(5)}/${group.padStart(8)})\nModify: ${fields.y}\n`,
        )
    },
    (path, error) => `can't stat '${path}': ${error.message}`,
  )
})

const find: Program = function* (process) {
  const args = process.argv.slice(1)
  const roots: string[] = []
  while (args.length && !/^[-!(]/.test(args[0])) roots.push(args.shift()!)
  type Test = (path: string, stat: FileStat, depth: number) => boolean
  const tests: Test[] = []
  /** Tests before each -o. Simplified: what is done is done with every match, and there are no parentheses. */
  const alternatives: Test[][] = []
  let maxDepth = Number.POSITIVE_INFINITY
  let minDepth = 0
  let isNegated = false
  let action: 'print' | 'print0' | 'delete' | { exec: string[]; isOnce: boolean } = 'print'
  const add = (test: Test): void => {
    const negated = isNegated
    isNegated = false
    tests.push((path, info, depth) => test(path, info, depth) !== negated)
  }
  while (args.length) {
    const word = args.shift()!
    if (word === '!' || word === '-not') isNegated = true
    else if (word === '-name' || word === '-iname') {
      const pattern = args.shift() ?? ''
      const fold = (text: string): string => (word === '-iname' ? text.toLowerCase() : text)
      add((path) => matchPattern(fold(pattern), fold(baseName(path) || '/')))
    } else if (word === '-path') {
      const pattern = args.shift() ?? ''
      add((path) => matchPattern(pattern, path))
    } else if (word === '-type') {
      const kind = { f: 'file', d: 'directory', l: 'symlink', c: 'device', s: 'socket' }[args.shift() ?? '']
      add((_, info) => info.type === kind)
    } else if (word === '-empty') {
      add((path, info) =>
        info.type === 'directory' ? process.files.list(pathOf(process, path)).length === 0 : info.sizeBytes === 0,
      )
    } else if (word === '-size') {
      const [, sign, amount] = /^([-+]?)(.*)$/.exec(args.shift() ?? '')!
      const wanted = parseSize(/\d$/.test(amount) ? `${amount}b` : amount) ?? 0
      add((_, info) =>
        sign === '+'
          ? info.sizeBytes > wanted
          : sign === '-'
            ? info.sizeBytes < wanted
            : Math.ceil(info.sizeBytes / 512) * 512 === wanted || info.sizeBytes === wanted,
      )
    } else if (word === '-mmin' || word === '-mtime') {
      const [, sign, amount] = /^([-+]?)(.*)$/.exec(args.shift() ?? '')!
      const unit = word === '-mmin' ? 60_000 : 86_400_000
      add((_, info) => {
        const age = Math.floor((process.nowEpochMs() - info.modifiedEpochMs) / unit)
        return sign === '+' ? age > Number(amount) : sign === '-' ? age < Number(amount) : age === Number(amount)
      })
    } else if (word === '-perm') {
      const [, sign, text] = /^([-/]?)(.*)$/.exec(args.shift() ?? '')!
      const wanted = changeMode(0, text)
      if (wanted === undefined) {
        complain(process, `invalid mode '${text}'`)
        return 1
      }
      add((_, info) => {
        const bits = info.mode & 0o7777
        return sign === '-' ? (bits & wanted) === wanted : sign === '/' ? (bits & wanted) !== 0 : bits === wanted
      })
    } else if (word === '-user' || word === '-group') {
      const name = args.shift() ?? ''
      const file = word === '-user' ? '/etc/passwd' : '/etc/group'
      add((_, info) => {
        const id = word === '-user' ? info.uid : info.gid
        return String(id) === name || accountName(process, file, id) === name
      })
    } else if (word === '-newer') {
      const than = attempt(
        () => process.files.stat(pathOf(process, args.shift() ?? '')).modifiedEpochMs,
        (error) => complain(process, error.message),
      )
      if (than === undefined) return 1
      add((_, info) => info.modifiedEpochMs > than)
    } else if (word === '-o' || word === '-or') {
      alternatives.push([...tests])
      tests.length = 0
    } else if (word === '-prune' || word === '-xdev' || word === '-follow') {
      // Simplified: nothing here is pruned or on another device.
    } else if (word === '-maxdepth') maxDepth = Number(args.shift())
    else if (word === '-mindepth') minDepth = Number(args.shift())
    else if (word === '-print') action = 'print'
    else if (word === '-print0') action = 'print0'
    else if (word === '-delete') action = 'delete'
    else if (word === '-exec') {
      const end = args.findIndex((arg) => arg === ';' || arg === '+')
      if (end < 0) {
        complain(process, "-exec requires an argument ending in ';'")
        return 1
      }
      action = { exec: args.splice(0, end), isOnce: args[0] === '+' }
      args.shift()
    } else if (word !== '-a') {
      complain(process, `unrecognized: ${word}`)
      return 1
    }
  }
  let status = 0
  const found: string[] = []
  const visit = (path: string, depth: number): void => {
    const info = attempt(
      () => process.files.lstat(pathOf(process, path)),
      (error) => {
        complain(process, `${path}: ${error.message}`)
        status = 1
      },
    )
    if (!info) return
    const isMatch =
      depth >= minDepth && [...alternatives, tests].some((each) => each.every((test) => test(path, info, depth)))
    if (isMatch && action !== 'delete') found.push(path)
    if (info.type === 'directory' && depth < maxDepth) {
      const names = attempt(
        () => process.files.list(pathOf(process, path)),
        (error) => {
          complain(process, `${path}: ${error.message}`)
          status = 1
        },
      )
      for (const name of names ?? []) visit(`${path === '/' ? '' : path}/${name}`, depth + 1)
    }
    if (isMatch && action === 'delete') found.push(path)
  }
  for (const root of roots.length ? roots : ['.']) visit(root, 0)
  if (typeof action === 'object' && action.isOnce) {
    if (found.length === 0) return status
    const started = process.spawn({ argv: action.exec.flatMap((word) => (word === '{}' ? found : [word])) })
    if ('error' in started) {
      complain(process, `${action.exec[0]}: No such file or directory`)
      return 1
    }
    const ended = yield* waitFor(process.waitChild(started.pid))
    return ended?.exitCode ? 1 : status
  }
  for (const path of found) {
    if (action === 'print') process.stdout.write(`${path}\n`)
    else if (action === 'print0') process.stdout.write(`${path}\0`)
    else if (action === 'delete') {
      attempt(
        () => process.files.remove(pathOf(process, path)),
        (error) => {
          complain(process, `${path}: ${error.message}`)
          status = 1
        },
      )
    } else {
      const started = process.spawn({ argv: action.exec.map((word) => word.replaceAll('{}', path)) })
      if ('error' in started) {
        complain(process, `${action.exec[0]}: No such file or directory`)
        return 1
      }
      yield* waitFor(process.waitChild(started.pid))
    }
  }
  return status
}

const tee = withOptions('ai', function* (process, options) {
  let status = 0
  const targets: string[] = []
  for (const path of options.rest) {
    attempt(
      () => {
        process.files.write(pathOf(process, path), '', { append: options.has('a') })
        targets.push(pathOf(process, path))
      },
      (error) => {
        complain(process, `${path}: ${error.message}`)
        status = 1
      },
    )
  }
  for (
    let line = yield* waitFor(process.stdin.readLine());
    line !== undefined;
    line = yield* waitFor(process.stdin.readLine())
  ) {
    process.stdout.write(line)
    for (const path of targets) process.files.write(path, line, { append: true })
  }
  return status
})

/** Bytes a second that dd and its kin write. */
const diskBytesPerMs = 500_000

const dd: Program = function* (process) {
  const operands = new Map(
    process.argv.slice(1).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  )
  const blockSize = parseSize(operands.get('bs') ?? '512')
  const count = operands.has('count') ? Number(operands.get('count')) : undefined
  const source = operands.get('if')
  const target = operands.get('of')
  if (!blockSize || Number.isNaN(count)) {
    complain(process, `invalid number '${blockSize ? operands.get('count') : operands.get('bs')}'`)
    return 1
  }
  process.useMemory(blockSize)
  const isGenerated = source !== undefined && /^\/dev\/(?:zero|u?random)$/.test(source)
  let bytes = 0
  let text = ''
  if (isGenerated) bytes = count === undefined ? Number.POSITIVE_INFINITY : blockSize * count
  else {
    const input = openInput(process, source ?? '-')
    if (!input) return 1
    text = yield* waitFor(input.readAll())
    if (count !== undefined) text = text.slice(0, blockSize * count)
    bytes = text.length
  }
  const startMs = process.nowEpochMs()
  if (bytes === Number.POSITIVE_INFINITY && (target === undefined || target === '/dev/null')) {
    for (;;) yield* waitFor(process.cpu(1000))
  }
  if (bytes === Number.POSITIVE_INFINITY) bytes = 2 ** 50
  let status = 0
  attempt(
    () => {
      if (target === undefined) process.stdout.write(isGenerated ? '\0'.repeat(Math.min(bytes, 1_000_000)) : text)
      else if (!isGenerated) process.files.write(pathOf(process, target), text)
      else if (target !== '/dev/null') process.files.allocate(pathOf(process, target), bytes)
    },
    (error) => {
      complain(
        process,
        error.code === 'ENOSPC'
          ? `error writing '${target}': ${error.message}`
          : `can't open '${target}': ${error.message}`,
      )
      status = 1
    },
  )
  if (status) return status
  yield* waitFor(process.sleep(Math.ceil(Math.min(bytes, 2 ** 40) / diskBytesPerMs)))
  const blocks = Math.floor(bytes / blockSize)
  const partial = bytes % blockSize ? 1 : 0
  const seconds = Math.max(0.000001, (process.nowEpochMs() - startMs) / 1000)
  process.stderr.write(
    `${blocks}+${partial} records in\n${blocks}+${partial} records out\n${bytes} bytes (${humanSize(bytes)}B) copied, ${seconds.toFixed(6)} seconds, ${humanSize(bytes / seconds)}B/s\n`,
  )
  return 0
}

const truncate = withOptions('s:c', function* (process, options) {
  const size = parseSize(options.value('s') ?? '')
  if (size === undefined) {
    complain(process, `invalid number '${options.value('s') ?? ''}'`)
    return 1
  }
  return forEachPath(
    process,
    options.rest,
    (path) => process.files.allocate(pathOf(process, path), size),
    (path, error) => `${path}: open: ${error.message}`,
  )
})

const fallocate = withOptions('l:o:', function* (process, options): Run {
  return forEachPath(
    process,
    options.rest,
    (path) => process.files.allocate(pathOf(process, path), parseSize(options.value('l') ?? '0') ?? 0),
    (path, error) => `fallocate '${path}': ${error.message}`,
  )
})

const mktemp = withOptions('dqtp:u', function* (process, options) {
  const template = options.rest[0] ?? `${options.value('p') ?? '/tmp'}/tmp.XXXXXX`
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  const path = template.replace(/X{6,}$/, (marks) =>
    [...marks].map(() => letters[Math.floor(process.random() * letters.length)]).join(''),
  )
  const status = forEachPath(
    process,
    [path],
    () =>
      options.has('d')
        ? process.files.mkdir(pathOf(process, path), { mode: 0o700 })
        : process.files.write(pathOf(process, path), '', { mode: 0o600 }),
    (_, error) => `${error.message}: ${template}`,
  )
  if (status === 0) process.stdout.write(`${path}\n`)
  return status
})

const du = withOptions('shkmacd:', function* (process, options) {
  const { files } = process
  const print = (bytes: number, path: string): void =>
    void process.stdout.write(
      `${options.has('h') ? humanSize(bytes) : Math.ceil(bytes / (options.has('m') ? 1024 ** 2 : 1024))}\t${path}\n`,
    )
  const measure = (path: string, isTop: boolean): number => {
    const absolute = pathOf(process, path)
    const info = files.lstat(absolute)
    let bytes = blocksOf(info) * 1024
    if (info.type === 'directory')
      for (const name of files.list(absolute)) bytes += measure(`${path === '/' ? '' : path}/${name}`, false)
    if (isTop || options.has('a') || (!options.has('s') && info.type === 'directory')) print(bytes, path)
    return bytes
  }
  return forEachPath(
    process,
    options.rest.length ? options.rest : ['.'],
    (path) => void measure(path, true),
    (path, error) => `${path}: ${error.message}`,
  )
})

export const filePrograms: Readonly<Record<string, Program>> = {
  cat,
  ls,
  touch,
  mkdir,
  rmdir,
  rm,
  cp,
  mv,
  ln,
  readlink,
  realpath,
  chmod,
  chown,
  chgrp: chown,
  stat,
  find,
  tee,
  dd,
  truncate,
  fallocate,
  mktemp,
  du,
  df: busyboxDf,
}
