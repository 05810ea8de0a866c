/** tar: creates, lists and extracts archives of its own form. Simplified: an archive is text and can't leave the simulator. */
import { FileError, type FileStat } from '../../runtime/files.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { atOnce, complain, pathOf } from './support.ts'

const magic = 'podium-tar\n'

interface Entry {
  name: string
  type: FileStat['type']
  mode: number
  content: string
}

function collect(process: Process, name: string, directory: string, entries: Entry[]): void {
  const path = pathOf(process, name.startsWith('/') ? name : `${directory}/${name}`)
  const stat = process.files.lstat(path)
  const content = stat.type === 'file' ? process.files.read(path) : (stat.target ?? '')
  entries.push({ name: name.replace(/^\/+/, ''), type: stat.type, mode: stat.mode & 0o7777, content })
  if (stat.type === 'directory')
    for (const child of process.files.list(path))
      collect(process, `${name.replace(/\/$/, '')}/${child}`, directory, entries)
}

/** Entries of an archive; undefined when somebody has changed it. */
function readEntries(text: string): Entry[] | undefined {
  try {
    const found: unknown = JSON.parse(text)
    if (!Array.isArray(found)) return undefined
    const isEntry = (entry: Partial<Entry> | null): boolean =>
      typeof entry?.name === 'string' &&
      !entry.name.split('/').includes('..') &&
      typeof entry.mode === 'number' &&
      typeof entry.content === 'string'
    return found.every(isEntry) ? (found as Entry[]) : undefined
  } catch {
    return undefined
  }
}

export const tarProgram: Program = function* (process) {
  yield* atOnce
  const args = process.argv.slice(1)
  let letters = ''
  let file = '-'
  let directory = process.cwd
  const names: string[] = []
  while (args.length) {
    const word = args.shift()!
    if (word.startsWith('--') || (names.length > 0 && !word.startsWith('-')))
      names.push(...(word.startsWith('--') ? [] : [word]))
    else if (word.startsWith('-') || letters === '') {
      for (const letter of word.replace(/^-/, '')) {
        if (letter === 'f') file = args.shift() ?? '-'
        else if (letter === 'C') directory = pathOf(process, args.shift() ?? '.')
        else letters += letter
      }
    } else names.push(word)
  }
  const mode = ['c', 'x', 't'].find((letter) => letters.includes(letter))
  if (!mode) {
    process.stderr.write(
      'BusyBox v1.36.1 multi-call binary.\n\nUsage: tar c|x|t [-zJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [FILE]...\n',
    )
    return 1
  }
  let failed = false
  const say = (name: string): void => {
    if (letters.includes('v') || mode === 't')
      (file === '-' && mode === 'c' ? process.stderr : process.stdout).write(`${name}\n`)
  }
  const attemptEach = (name: string, action: () => void): void => {
    try {
      action()
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      complain(process, `${name}: ${error.message}`)
      failed = true
    }
  }
  if (mode === 'c') {
    const entries: Entry[] = []
    for (const name of names) attemptEach(name, () => collect(process, name, directory, entries))
    for (const { name, type } of entries) say(type === 'directory' ? `${name}/` : name)
    const archive = magic + JSON.stringify(entries)
    if (file === '-') process.stdout.write(archive)
    else attemptEach(file, () => process.files.write(pathOf(process, file), archive))
    return failed ? 1 : 0
  }
  let text = ''
  if (file === '-') text = yield* waitFor(process.stdin.readAll())
  else
    attemptEach(`can't open '${file}'`, () => {
      text = process.files.read(pathOf(process, file))
    })
  if (failed) return 1
  if (!text.startsWith(magic)) {
    complain(process, text === '' ? 'short read' : 'invalid tar magic')
    return 1
  }
  const entries = readEntries(text.slice(magic.length))
  if (!entries) {
    complain(process, 'corrupted archive')
    return 1
  }
  for (const { name, type, mode: bits, content } of entries) {
    if (names.length && !names.some((wanted) => name === wanted || name.startsWith(`${wanted}/`))) continue
    say(type === 'directory' ? `${name}/` : name)
    if (mode === 't') continue
    attemptEach(name, () => {
      const path = pathOf(process, `${directory}/${name}`)
      const parent = path.slice(0, path.lastIndexOf('/')) || '/'
      if (!process.files.exists(parent)) process.files.mkdir(parent, { parents: true })
      if (type === 'directory') {
        if (!process.files.exists(path)) process.files.mkdir(path, { mode: bits })
      } else if (type === 'symlink') process.files.symlink(content, path)
      else process.files.write(path, content, { mode: bits })
    })
  }
  return failed ? 1 : 0
}
