/**
 * The kubelet as a service: its unit and the drop-ins beside it, as systemd reads them, and the command that comes of them. Simplified: of a
 * unit only what makes the command does something. Sources: systemd.unit(5), systemd.service(5), systemd.exec(5)
 */
import { chargeText } from '../../engine/work.ts'
import type { ContainerFiles } from '../../runtime/file-system.ts'
import { FileError } from '../../runtime/files.ts'

type Files = Pick<ContainerFiles, 'exists' | 'list' | 'read' | 'stat'>

/** Where a unit may be; the first one counts. */
const UNIT_FILES = ['/etc/systemd/system/kubelet.service', '/usr/lib/systemd/system/kubelet.service'] as const
/** Where its drop-ins may be; of one name the first one counts. */
const DROP_IN_FOLDERS = ['/etc/systemd/system/kubelet.service.d', '/usr/lib/systemd/system/kubelet.service.d'] as const
/** Of a command with its arguments. Source: execve(2) */
const MOST_CHARACTERS = 131_072
/** Of all files of variables together; what is beyond is not read. */
const MOST_OF_VARIABLES = 1_000_000

/** What systemd has read. */
export interface LoadedUnit {
  /** Of the unit itself; '' where there is none. */
  readonly path: string
  /** Of its drop-ins, in the order in which they are read. */
  readonly dropIns: readonly string[]
  /** The lines of all of them. */
  readonly text: string
}

/** The unit and its drop-ins as they lie on the disk. What cannot be read is passed over. */
export function loadUnit(files: Files): LoadedUnit {
  const path = UNIT_FILES.find((one) => files.exists(one)) ?? ''
  const byName = new Map<string, string>()
  for (const folder of DROP_IN_FOLDERS)
    for (const name of namesIn(files, folder))
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, `${folder}/${name}`)
  const dropIns = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
  return { path, dropIns, text: [path, ...dropIns].map((one) => textOf(files, one)).join('\n') }
}

/** Why systemd starts nothing, in its words; undefined where it does. */
export function loadProblem({ path, text }: LoadedUnit, files: Files): string | undefined {
  if (path === '') return 'Unit kubelet.service not found.'
  if (files.exists(path) && files.stat(path).type === 'device') return 'Unit kubelet.service is masked.'
  return commandsIn(text).length === 1 ? undefined : 'Unit kubelet.service has a bad unit file setting.'
}

/** The command as the unit writes it. */
export const writtenCommand = ({ text }: LoadedUnit): string => commandsIn(text).at(-1) ?? ''

/** The command of a unit, its variables filled in; [] where it names none, or one that is longer than a command may be. */
export function commandOf({ text }: LoadedUnit, files: Files): readonly string[] {
  const variables = new Map<string, string>()
  let left = MOST_OF_VARIABLES
  for (const [name, value] of settingsIn(text)) {
    if (name === 'Environment') for (const [key, given] of assignmentsIn(value)) variables.set(key, given)
    if (name !== 'EnvironmentFile') continue
    const file = textOf(files, value.replace(/^-/, ''))
    if (file.length > left) continue
    left -= file.length
    for (const [key, given] of assignmentsOf(file)) variables.set(key, given)
  }
  return wordsOf(commandsIn(text).at(-1) ?? '', variables)
}

/** Each `ExecStart=`; an empty one takes back those before it. */
function commandsIn(text: string): string[] {
  const commands: string[] = []
  for (const [name, value] of settingsIn(text)) {
    if (name !== 'ExecStart') continue
    if (value === '') commands.length = 0
    else commands.push(value)
  }
  return commands
}

/** Names and values, in their order. */
const settingsIn = (text: string): [string, string][] =>
  linesOf(text).flatMap((line): [string, string][] => {
    const [, name, value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, value]]
  })

/** With continued lines put together, without comments. */
function linesOf(text: string): string[] {
  chargeText(text.length)
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;[]/.test(line))
}

/** `"NAME=a b" OTHER=c` */
const assignmentsIn = (text: string): [string, string][] =>
  splitWords(text).flatMap((word): [string, string][] => {
    const at = word.indexOf('=')
    return at > 0 ? [[word.slice(0, at), word.slice(at + 1)]] : []
  })

/** A line for each, with quotation marks around the value or without. */
const assignmentsOf = (file: string): [string, string][] =>
  linesOf(file).flatMap((line): [string, string][] => {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value.replace(/^(["'])(.*)\1$/, '$2')]]
  })

/** A variable that is a word of its own may become several, or none. */
function wordsOf(command: string, variables: ReadonlyMap<string, string>): string[] {
  const split = new Map<string, string[]>()
  const wordsIn = (name: string): string[] => {
    const known = split.get(name) ?? splitWords(variables.get(name) ?? '')
    split.set(name, known)
    return known
  }
  const words: string[] = []
  let length = 0
  for (const word of splitWords(command.replace(/^[-@:+!]+/, ''))) {
    const [, name] = /^\$(\w+)$/.exec(word) ?? []
    let filled = ''
    for (const [n, piece] of word.split(/\$\{(\w+)\}/).entries()) {
      filled += n % 2 === 0 ? piece : (variables.get(piece) ?? '')
      if (filled.length > MOST_CHARACTERS) return []
    }
    const added = name === undefined ? [filled] : wordsIn(name)
    length += 1 + added.reduce((sum, one) => sum + one.length + 1, 0)
    if (length > MOST_CHARACTERS) return []
    words.push(...added)
  }
  return words
}

/** By spaces, but for those within quotation marks, which go, wherever in a word they are. Within double ones `\\` keeps what follows. */
function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character
      word ??= ''
    } else word = (word ?? '') + (quote === '"' && character === '\\' ? (text[++at] ?? '') : character)
  }
  return word === undefined ? words : [...words, word]
}

/** '' for what is no file, or leads to none. */
function textOf(files: Files, path: string): string {
  if (path === '') return ''
  try {
    return files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return ''
  }
}

function namesIn(files: Files, folder: string): readonly string[] {
  try {
    return files.list(folder)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return []
  }
}
