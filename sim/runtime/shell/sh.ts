/** The program `sh`: `-c`, a script, or lines from standard input, with or without a prompt. */
import { parse } from 'unbash'
import { FileError } from '../files.ts'
import { absolutePath } from '../kernel.ts'
import type { Process, Program, Wait } from '../process.ts'
import { Evaluator } from './evaluate.ts'
import { optionLetters, ShellError, ShellExit, ShellInterrupted, ShellState } from './state.ts'

export const sh: Program = function* (process) {
  const options: [string, boolean][] = []
  let commandText: string | undefined
  let isCommand = false
  let readsInput = false
  let wantsPrompt = false
  const args = [...process.argv.slice(1)]
  while (args[0] !== undefined && /^[-+]./.test(args[0])) {
    const word = args.shift()!
    if (word === '--') break
    const isOn = word[0] === '-'
    if (word === '--login') continue
    for (const letter of word.slice(1)) {
      if (letter === 'c') isCommand = true
      else if (letter === 's') readsInput = true
      else if (letter === 'i') wantsPrompt = true
      else if (letter === 'l') continue
      else if (letter === 'o') options.push([args.shift() ?? '', isOn])
      else if (optionLetters[letter]) options.push([optionLetters[letter], isOn])
      else {
        process.stderr.write(`${process.argv[0]}: illegal option ${word[0]}${letter}\n`)
        return 2
      }
    }
  }
  const ownName = process.argv[0]
  if (isCommand) {
    commandText = args.shift()
    if (commandText === undefined) {
      process.stderr.write(`${ownName}: -c requires an argument\n`)
      return 2
    }
  }
  const script = commandText === undefined && !readsInput ? args.shift() : undefined
  const state = new ShellState(process, (isCommand ? args.shift() : script) ?? ownName, args)
  state.hasArrays = nameOfShell(process) === 'bash'
  for (const [name, value] of options) {
    if (!Object.hasOwn(state.options, name)) {
      process.stderr.write(`${ownName}: illegal option -o ${name}\n`)
      return 2
    }
    state.options[name as keyof ShellState['options']] = value
  }
  const shell = new Evaluator(state)
  if (commandText !== undefined) {
    const text = commandText
    return yield* shell.runAsProcess(() => shell.runText(text, true))
  }
  if (script !== undefined) {
    const path = absolutePath(script, process.cwd)
    let text: string
    try {
      if (process.files.stat(path).type === 'directory') throw new FileError('EISDIR', 'Is a directory')
      text = process.files.read(path)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      process.stderr.write(`${ownName}: can't open '${script}': ${error.message}\n`)
      return 2
    }
    return yield* shell.runAsProcess(() => shell.runText(text, true))
  }
  if (wantsPrompt || process.stdin.isTerminal) return yield* shell.runAsProcess(() => interact(shell, process))
  return yield* shell.runAsProcess(() => runInput(shell))
}

/** Runs lines from standard input as they come; a command may read the lines after it. */
function* runInput(shell: Evaluator): Generator<Wait, number, unknown> {
  let status = 0
  let pending = ''
  for (;;) {
    const outcome = yield* shell.state.interruptible(shell.state.process.stdin.readLine())
    if ('signal' in outcome) {
      yield* shell.runTraps()
      continue
    }
    if (outcome.value !== undefined) pending += outcome.value
    const isEnd = outcome.value === undefined
    if (pending !== '' && (isEnd || isComplete(pending))) {
      const text = pending
      pending = ''
      status = yield* shell.runText(text)
    }
    if (isEnd) return status
  }
}

/** A shell at a terminal: prompts, and survives errors. */
function* interact(shell: Evaluator, process: Process): Generator<Wait, number, unknown> {
  const { state } = shell
  state.isInteractive = true
  process.onSignal('SIGTERM', 'ignore')
  process.onSignal('SIGQUIT', 'ignore')
  state.catchInterrupt()
  const isBash = nameOfShell(process) === 'bash'
  if (process.env.PS1 === undefined) state.set('PS1', defaultPrompt(process))
  const { stdin } = process
  // dash leaves the line to the terminal.
  const edits = isBash || isBusybox(process)
  const history: string[] = []
  let pending = ''
  for (;;) {
    const shown = pending ? (state.get('PS2') ?? '> ') : prompt(state)
    state.err(shown)
    const reading = (edits && stdin.editLine?.(shown, history)) || stdin.readLine()
    const outcome = yield* state.interruptible(reading)
    if ('signal' in outcome) {
      if (yield* isInterrupted(shell, shell.runTraps())) pending = ''
      continue
    }
    if (outcome.value === undefined) {
      if (isBash) state.err('exit\n')
      if (pending) state.complain('syntax error: unexpected end of file')
      return state.status
    }
    remember(history, outcome.value)
    pending += outcome.value
    if (!isComplete(pending)) continue
    const text = pending
    pending = ''
    try {
      yield* isInterrupted(shell, runLine(shell, text))
    } catch (error) {
      if (isBash && error instanceof ShellExit) state.err('exit\n')
      throw error
    }
  }
}

/** Neither empty lines nor the same one twice. */
function remember(history: string[], line: string): void {
  const text = line.replace(/\n$/, '')
  if (text.trim() === '' || history.at(-1) === text) return
  history.push(text)
  if (history.length > longestHistory) history.shift()
}

/** CONFIG_FEATURE_EDITING_HISTORY of busybox. */
const longestHistory = 255

function* runLine(shell: Evaluator, text: string): Generator<Wait, void, unknown> {
  const { state } = shell
  try {
    state.status = yield* shell.runText(text)
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    state.complain(error.message)
    state.status = error.status
  }
}

/** Does something until it is done, or until Ctrl-C. */
function* isInterrupted(shell: Evaluator, act: Generator<Wait, void, unknown>): Generator<Wait, boolean, unknown> {
  try {
    yield* act
    return false
  } catch (error) {
    if (!(error instanceof ShellInterrupted)) throw error
    shell.state.err('\n')
    shell.state.status = 130
    return true
  }
}

const nameOfShell = ({ argv: [path] }: Process): string => path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '')

/** bash as Debian sets it up for everybody (/etc/bash.bashrc), busybox's shell, or the dash that stands beside a bash. */
export function defaultPrompt(process: Process): string {
  if (nameOfShell(process) === 'bash') return '\\u@\\h:\\w\\$ '
  return isBusybox(process) ? '\\w \\$ ' : '\\$ '
}

const isBusybox = ({ files }: Process): boolean => files.exists('/bin/busybox') && !files.exists('/bin/bash')

/** What PS1 says at the moment. */
export function prompt(state: ShellState): string {
  const home = state.get('HOME')
  const cwd =
    home && home !== '/' && state.process.cwd.startsWith(home)
      ? `~${state.process.cwd.slice(home.length)}`
      : state.process.cwd
  return (state.get('PS1') ?? '$ ').replace(/\\([wWhu$])/g, (_, letter: string) => {
    if (letter === 'w') return cwd
    if (letter === 'W') return cwd.slice(cwd.lastIndexOf('/') + 1) || '/'
    if (letter === 'h') return state.process.hostname
    if (letter === 'u') return state.process.uid === 0 ? 'root' : String(state.process.uid)
    return state.process.uid === 0 ? '#' : '$'
  })
}

/** False while a construct, a quote or a here-document is still open, or the line ends with a backslash. */
export function isComplete(text: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(text)) return false
  const script = parse(text)
  if (text.includes('<<') && holdsOpenDocument(script)) return false
  const errors = script.errors ?? []
  return !errors.some(
    ({ message, pos }) =>
      /unterminated|to close|here-?doc/i.test(message) ||
      (/expected command/.test(message) && pos >= text.trimEnd().length),
  )
}

/** Whether a here-document is below that node whose last line has not come. */
function holdsOpenDocument(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { type, closing } = node as { type?: string; closing?: unknown }
  if (type === 'HereDoc' && closing === undefined) return true
  return Object.values(node).some(holdsOpenDocument)
}
