/** The shell's builtin commands: one function each. */
import { FileError } from '../files.ts'
import { findSignal, signalNumber } from '../kernel.ts'
import type { Signal, Wait } from '../process.ts'
import { waitFor } from '../process.ts'
import { ArithmeticError, evaluateArithmetic } from './arithmetic.ts'
import type { Evaluator } from './evaluate.ts'
import { formatEcho, formatPrintf } from './format.ts'
import { FunctionReturn, LoopJump, optionLetters, ShellError, ShellExit, type ShellState } from './state.ts'
import { evaluateTest, TestError } from './test-command.ts'

/** Runs with its name as the first word; gives the exit status. */
export type Builtin = (argv: readonly string[], shell: Evaluator) => Generator<Wait, number, unknown>

/** Their errors end a script, and assignments before them stay. */
export const specialBuiltins: ReadonlySet<string> = new Set(
  ': . break continue eval exec exit export readonly return set shift source times trap unset'.split(' '),
)

/** A builtin that never waits. */
const instant = (run: (argv: readonly string[], state: ShellState, shell: Evaluator) => number): Builtin =>
  function* (argv, shell) {
    yield* []
    return run(argv, shell.state, shell)
  }

const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text)

/** Text in single quotes, as the shell prints what can be read back. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\"'\"'")}'`

function countArgument(argv: readonly string[], fallback: number): number {
  if (argv[1] === undefined) return fallback
  if (!/^\d+$/.test(argv[1])) throw new ShellError(`${argv[0]}: Illegal number: ${argv[1]}`)
  return Number(argv[1])
}

const test: Builtin = instant((argv, state) => {
  let args = argv.slice(1)
  if (argv[0] !== 'test') {
    if (args[args.length - 1] !== (argv[0] === '[' ? ']' : ']]')) {
      state.complain('missing ]')
      return 2
    }
    args = args.slice(0, -1)
  }
  try {
    return evaluateTest(args, state.process) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    state.complain(error.message)
    return 2
  }
})

/** `export` and `readonly`. */
const mark = (attribute: 'isExported' | 'isReadOnly', word: string): Builtin =>
  instant((argv, state) => {
    const args = argv.slice(1).filter((arg) => !/^-[pn]+$/.test(arg))
    const isUndone = argv.includes('-n')
    if (args.length === 0) {
      for (const name of [...state.variables.keys()].sort()) {
        const variable = state.variables.get(name)!
        if (variable[attribute])
          state.out(`${word} ${name}${variable.value === undefined ? '' : `=${quote(variable.value)}`}\n`)
      }
      return 0
    }
    for (const arg of args) {
      const [, name, plus, value] = /^([^=+]*)(\+?)(?:=([\s\S]*))?$/.exec(arg) ?? [arg, arg]
      if (!isName(name)) throw new ShellError(`${argv[0]}: ${arg}: bad variable name`)
      if (value !== undefined) state.set(name, plus ? (state.get(name) ?? '') + value : value)
      const variable = state.variables.get(name)
      if (variable) variable[attribute] = !isUndone
      else if (attribute === 'isReadOnly' || !isUndone)
        state.variables.set(name, {
          value: undefined,
          isExported: attribute === 'isExported',
          isReadOnly: attribute === 'isReadOnly',
        })
    }
    return 0
  })

const cd: Builtin = instant((argv, state) => {
  const args = argv.slice(1).filter((arg) => arg !== '-P' && arg !== '-L')
  const target = args[0] === '-' ? state.get('OLDPWD') : (args[0] ?? state.get('HOME'))
  if (!target) {
    if (args[0] === undefined) return 0
    state.complain('cd: OLDPWD not set')
    return 1
  }
  try {
    const path = normalise(state.path(target))
    if (state.process.files.stat(path).type !== 'directory') throw new FileError('ENOTDIR', 'Not a directory')
    if (!state.process.files.may(path, 1)) throw new FileError('EACCES', 'Permission denied')
    state.set('OLDPWD', state.process.cwd)
    state.process.cwd = path
    state.set('PWD', path)
    state.variables.get('PWD')!.isExported = true
    if (args[0] === '-') state.out(`${path}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    state.complain(`cd: can't cd to ${target}: ${error.message}`)
    return 1
  }
})

/** A path without `.`, `..` and doubled slashes, by its text alone, as the shell's logical `cd` does. */
function normalise(path: string): string {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..') names.pop()
    else names.push(name)
  }
  return `/${names.join('/')}`
}

const set: Builtin = instant((argv, state) => {
  if (argv.length === 1) {
    for (const name of [...state.variables.keys()].sort()) {
      const value = state.variables.get(name)!.value
      if (value !== undefined) state.out(`${name}=${quote(value)}\n`)
    }
    return 0
  }
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]
    if (word === '--' || !/^[-+]./.test(word)) {
      state.positional = argv.slice(word === '--' ? i + 1 : i)
      return 0
    }
    const isOn = word[0] === '-'
    for (const letter of word.slice(1)) {
      if (letter === 'o') {
        const name = argv[++i]
        if (name === undefined) {
          for (const [option, value] of Object.entries(state.options))
            state.out(`${option.padEnd(16)}${value ? 'on' : 'off'}\n`)
        } else if (Object.hasOwn(state.options, name)) state.options[name as keyof ShellState['options']] = isOn
        else throw new ShellError(`set: illegal option ${word[0]}o ${name}`)
        continue
      }
      const option = optionLetters[letter]
      if (!option) throw new ShellError(`set: illegal option ${word[0]}${letter}`)
      state.options[option] = isOn
    }
  }
  return 0
})

const trap: Builtin = instant((argv, state) => {
  const args = argv.slice(argv[1] === '--' ? 2 : 1)
  if (args.length === 0) {
    for (const [name, command] of state.traps) state.out(`trap -- ${quote(command)} ${name}\n`)
    return 0
  }
  const isReset = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0])
  const names = isReset && args[0] !== '-' ? args : args.slice(1)
  let status = 0
  for (const name of names) {
    const isExit = name === '0' || name.toUpperCase() === 'EXIT'
    const signal = isExit ? undefined : findSignal(name)
    if (!isExit && !signal) {
      state.complain(`trap: ${name}: invalid signal specification`)
      status = 1
      continue
    }
    state.trap(signal ? signal.slice(3) : 'EXIT', isReset ? undefined : args[0])
  }
  return status
})

const kill: Builtin = instant((argv, state) => {
  let signal: Signal | undefined = 'SIGTERM'
  let isProbe = false
  let args = argv.slice(1)
  if (args[0] === '-l') {
    if (args[1] !== undefined) {
      const number = Number(args[1]) > 128 ? Number(args[1]) - 128 : args[1]
      const found = findSignal(String(number))
      if (!found) {
        state.complain(`kill: unknown signal '${args[1]}'`)
        return 1
      }
      state.out(/^\d+$/.test(args[1]) ? `${found.slice(3)}\n` : `${signalNumber(found)}\n`)
    } else state.out('HUP\nINT\nQUIT\nKILL\nUSR1\nUSR2\nPIPE\nALRM\nTERM\nCHLD\nCONT\nSTOP\nWINCH\n')
    return 0
  }
  const option = /^-(?:s|n)$/.test(args[0] ?? '') ? args[1] : /^-(?!-$)(\w+)$/.exec(args[0] ?? '')?.[1]
  if (option !== undefined) {
    args = args.slice(/^-[sn]$/.test(args[0]) ? 2 : 1)
    isProbe = option === '0'
    signal = isProbe ? undefined : findSignal(option)
    if (!isProbe && !signal) {
      state.complain(`kill: bad signal name '${option}'`)
      return 1
    }
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) {
    state.complain('kill: you need to specify whom to kill')
    return 1
  }
  let status = 0
  for (const arg of args) {
    const job = /^%(\d+|%|\+)?$/.exec(arg)
    const jobNumber = job && /^\d+$/.test(job[1] ?? '') ? Number(job[1]) : state.jobs.length
    const pid = job ? state.jobs[jobNumber - 1]?.pid : Number(arg)
    if (pid === undefined || !Number.isInteger(pid)) {
      state.complain(`kill: invalid number '${arg}'`)
      status = 1
      continue
    }
    const all = state.process.processes()
    // 0 is the own group, -1 everybody but PID 1, and another negative number the group of that number.
    const group = pid === 0 ? all.find((row) => row.pid === state.process.pid)?.group : -pid
    const isMeant = (row: { pid: number; group: number }): boolean =>
      row.pid !== 1 && (pid === -1 || row.group === group)
    const targets = pid <= 0 ? all.filter(isMeant).map((row) => row.pid) : [pid]
    for (const target of targets) {
      const exists = all.some((row) => row.pid === target)
      const done = isProbe ? exists : state.process.kill(target, signal!)
      if (done) continue
      state.complain(`can't kill pid ${arg}: ${exists ? 'Operation not permitted' : 'No such process'}`)
      status = 1
    }
  }
  return status
})

const wait: Builtin = function* (argv, shell) {
  const { state } = shell
  const targets = argv.slice(1)
  const waitOne = function* (pid: number): Generator<Wait, number | { signal: number }, unknown> {
    const job = state.jobs.find((candidate) => candidate.pid === pid)
    if (!job) return 127
    if (job.status === undefined) {
      const outcome = yield* state.interruptible(state.process.waitChild(pid))
      if ('signal' in outcome) return outcome
      job.status = outcome.value?.exitCode ?? 127
    }
    return job.status
  }
  if (targets.length === 0) {
    for (const job of [...state.jobs]) {
      const outcome = yield* waitOne(job.pid)
      if (typeof outcome === 'object') return outcome.signal
    }
    state.jobs = []
    return 0
  }
  let status = 0
  for (const target of targets) {
    const job = /^%(\d+)$/.exec(target)
    const pid = job ? (state.jobs[Number(job[1]) - 1]?.pid ?? -1) : Number(target)
    if (!Number.isInteger(pid)) {
      state.complain(`wait: ${target}: Illegal number`)
      return 2
    }
    const outcome = yield* waitOne(pid)
    if (typeof outcome === 'object') return outcome.signal
    status = outcome
  }
  return status
}

const read: Builtin = function* (argv, shell) {
  const { state } = shell
  let isRaw = false
  let isSilent = false
  let timeoutMs: number | undefined
  let fd = 0
  let count: number | undefined
  let i = 1
  for (; i < argv.length && /^-[a-z]/.test(argv[i]); i++) {
    if (argv[i] === '--') {
      i++
      break
    }
    for (let at = 1; at < argv[i].length; at++) {
      const letter = argv[i][at]
      if (letter === 'r') isRaw = true
      else if (letter === 's') isSilent = true
      else if ('ptnud'.includes(letter)) {
        const value = argv[i].slice(at + 1) || argv[++i] || ''
        if (letter === 'p' && state.input().isTerminal) state.err(value)
        if (letter === 't') timeoutMs = Number(value) * 1000
        if (letter === 'u') fd = Number(value)
        if (letter === 'n') count = Number(value)
        break
      } else throw new ShellError(`read: illegal option -${letter}`)
    }
  }
  void isSilent
  const names = argv.slice(i)
  let line = ''
  let hasEnd = false
  for (;;) {
    const input = state.input(fd)
    const waiting =
      timeoutMs === undefined ? input.readLine() : withTimeout(input.readLine(), state.process.sleep(timeoutMs))
    const outcome = yield* state.interruptible(waiting)
    if ('signal' in outcome) return outcome.signal
    if (outcome.value === undefined) break
    line += outcome.value
    hasEnd = line.endsWith('\n')
    if (isRaw || !/(?:^|[^\\])(?:\\\\)*\\\n$/.test(line)) break
    line = line.slice(0, -2)
    hasEnd = false
  }
  if (hasEnd) line = line.slice(0, -1)
  if (count !== undefined) line = line.slice(0, count)
  const ifs = state.get('IFS') ?? ' \t\n'
  if (names.length === 0) state.set('REPLY', isRaw ? line : removeBackslashes(line))
  else {
    const values = splitForRead(line, ifs, names.length, isRaw)
    for (const [index, name] of names.entries()) {
      if (!isName(name)) throw new ShellError(`read: ${name}: bad variable name`)
      state.set(name, values[index] ?? '')
    }
  }
  return hasEnd || (count !== undefined && line.length > 0) ? 0 : 1
}

const removeBackslashes = (text: string): string => text.replace(/\\([\s\S])/g, '$1')

/** Cuts a line into that many values; the last takes the rest. */
function splitForRead(line: string, ifs: string, count: number, isRaw: boolean): string[] {
  const isSpace = (char: string): boolean => ifs.includes(char) && /[ \t\n]/.test(char)
  const values: string[] = []
  let i = 0
  while (i < line.length && isSpace(line[i])) i++
  while (i < line.length && values.length < count - 1) {
    let value = ''
    while (i < line.length && !ifs.includes(line[i])) {
      if (line[i] === '\\' && !isRaw) i++
      value += line[i++] ?? ''
    }
    values.push(value)
    while (i < line.length && isSpace(line[i])) i++
    if (i < line.length && ifs.includes(line[i])) {
      i++
      while (i < line.length && isSpace(line[i])) i++
    }
  }
  let rest = line.slice(i)
  while (rest && isSpace(rest[rest.length - 1])) rest = rest.slice(0, -1)
  if (count > 0 && i < line.length) values.push(isRaw ? rest : removeBackslashes(rest))
  return values
}

function withTimeout(input: Wait<string | undefined>, timeout: Wait<void>): Wait<string | undefined> {
  return {
    start(resume) {
      let stop = (): void => {}
      const cancelInput = input.start((value) => {
        stop()
        resume(value)
      })
      const cancelTimeout = timeout.start(() => {
        cancelInput()
        resume(undefined)
      })
      stop = cancelTimeout
      return () => {
        cancelInput()
        cancelTimeout()
      }
    },
  }
}

const evalBuiltin: Builtin = function* (argv, shell) {
  const text = argv.slice(1).join(' ')
  if (text.trim() === '') return 0
  shell.state.enter()
  try {
    return yield* shell.runText(text)
  } finally {
    shell.state.leave()
  }
}

const source: Builtin = function* (argv, shell) {
  const { state } = shell
  const name = argv[1]
  if (name === undefined) throw new ShellError(`${argv[0]}: filename argument required`)
  const path = name.includes('/') ? state.path(name) : findInPath(state, name)
  let text: string
  try {
    if (!path) throw new FileError('ENOENT', 'No such file or directory')
    text = state.process.files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ShellError(`${argv[0]}: can't open '${name}': ${error.message}`)
  }
  const positional = state.positional
  if (argv.length > 2) state.positional = argv.slice(2)
  state.enter()
  try {
    return yield* shell.runText(text)
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status
    throw error
  } finally {
    state.leave()
    if (argv.length > 2) state.positional = positional
  }
}

/** The path of an executable, or of any file in the current directory. */
function findInPath(state: ShellState, name: string): string | undefined {
  const { files } = state.process
  for (const directory of (state.get('PATH') ?? '').split(':')) {
    const path = `${directory}/${name}`
    if (directory && files.exists(path)) return path
  }
  return files.exists(state.path(name)) ? state.path(name) : undefined
}

function findExecutable(state: ShellState, name: string): string | undefined {
  const { files } = state.process
  const isThere = (path: string): boolean =>
    files.exists(path) && files.stat(path).type === 'file' && files.may(path, 1)
  if (name.includes('/')) return isThere(state.path(name)) ? name : undefined
  return (state.get('PATH') ?? '')
    .split(':')
    .map((directory) => `${directory}/${name}`)
    .find(isThere)
}

const exec: Builtin = function* (argv, shell) {
  const { state } = shell
  if (argv.length === 1) return 0
  const wait = state.process.exec({
    argv: argv.slice(1),
    env: state.environment(),
    cwd: state.process.cwd,
    stdin: state.input(),
    stdout: state.output(1),
    stderr: state.output(2),
  })
  if (!('error' in wait)) return yield* waitFor(wait)
  const isMissing = wait.error === 'not-found'
  state.complain(`exec: ${argv[1]}: ${isMissing ? 'not found' : 'Permission denied'}`)
  throw new ShellExit(isMissing ? 127 : 126)
}

const command: Builtin = function* (argv, shell) {
  const { state } = shell
  let i = 1
  let isQuery = ''
  for (; /^-[pvV]+$/.test(argv[i] ?? ''); i++) if (/[vV]/.test(argv[i])) isQuery = argv[i].includes('V') ? 'V' : 'v'
  if (argv[i] === '--') i++
  const rest = argv.slice(i)
  if (rest.length === 0) return 0
  if (isQuery) {
    let status = 0
    for (const name of rest) {
      const text = describe(state, name, isQuery === 'V')
      if (text !== undefined) state.out(`${text}\n`)
      else {
        if (isQuery === 'V') state.out(`${name}: not found\n`)
        status = 127
      }
    }
    return status
  }
  const builtin: Builtin | undefined = Object.hasOwn(builtins, rest[0]) ? builtins[rest[0]] : undefined
  if (builtin) return yield* builtin(rest, shell)
  return yield* shell.runExternal(rest, state.environment(), false)
}

function describe(state: ShellState, name: string, isVerbose: boolean): string | undefined {
  if (state.functions.has(name)) return isVerbose ? `${name} is a function` : name
  if (/^(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|in|\{|\}|!)$/.test(name))
    return isVerbose ? `${name} is a shell keyword` : name
  if (Object.hasOwn(builtins, name))
    return isVerbose ? `${name} is a ${specialBuiltins.has(name) ? 'special shell builtin' : 'shell builtin'}` : name
  const path = findExecutable(state, name)
  return path && isVerbose ? `${name} is ${path}` : path
}

const type: Builtin = instant((argv, state) => {
  let status = 0
  for (const name of argv.slice(1)) {
    const text = describe(state, name, true)
    state.out(`${text ?? `${name}: not found`}\n`)
    if (text === undefined) status = 127
  }
  return status
})

const getopts: Builtin = instant((argv, state) => {
  const [, letters, name, ...given] = argv
  if (name === undefined) throw new ShellError('getopts: usage: getopts optstring var [arg]')
  const args = given.length ? given : state.positional
  const isQuiet = letters.startsWith(':')
  const finish = (value: string, index: number, offset: number): void => {
    state.set(name, value)
    state.set('OPTIND', String(index))
    state.optionOffset = offset
  }
  const word = args[state.optionIndex - 1]
  if (state.optionOffset === 0) {
    if (word === '--') {
      finish('?', state.optionIndex + 1, 0)
      return 1
    }
    if (word === undefined || !/^-./.test(word)) {
      finish('?', state.optionIndex, 0)
      return 1
    }
    state.optionOffset = 1
  }
  const letter = word[state.optionOffset]
  const at = letters.indexOf(letter, isQuiet ? 1 : 0)
  const isLastLetter = state.optionOffset + 1 >= word.length
  const next = (): [number, number] =>
    isLastLetter ? [state.optionIndex + 1, 0] : [state.optionIndex, state.optionOffset + 1]
  if (at < 0 || letter === ':') {
    if (isQuiet) state.set('OPTARG', letter)
    else {
      state.complain(`illegal option -${letter}`)
      state.unset('OPTARG')
    }
    finish('?', ...next())
    return 0
  }
  if (letters[at + 1] !== ':') {
    state.unset('OPTARG')
    finish(letter, ...next())
    return 0
  }
  const value = isLastLetter ? args[state.optionIndex] : word.slice(state.optionOffset + 1)
  if (value === undefined) {
    if (isQuiet) state.set('OPTARG', letter)
    else state.complain(`no arg for -${letter} option`)
    finish(isQuiet ? ':' : '?', state.optionIndex + 1, 0)
    return 0
  }
  state.set('OPTARG', value)
  finish(letter, state.optionIndex + (isLastLetter ? 2 : 1), 0)
  return 0
})

const ulimits: Record<string, string> = {
  t: 'cpu time (seconds)|unlimited',
  f: 'file size (blocks)|unlimited',
  d: 'data seg size (kb)|unlimited',
  s: 'stack size (kb)|8192',
  c: 'core file size (blocks)|unlimited',
  n: 'open files|1048576',
  u: 'processes|1024',
  v: 'virtual memory (kb)|unlimited',
}

export const builtins: Readonly<Record<string, Builtin>> = Object.assign(
  Object.create(null) as Record<string, Builtin>,
  {
    ':': instant(() => 0),
    true: instant(() => 0),
    false: instant(() => 1),
    echo: instant((argv, state) => {
      state.out(formatEcho(argv.slice(1)))
      return 0
    }),
    printf: instant((argv, state) => {
      if (argv.length < 2) {
        state.err('printf: usage: printf FORMAT [ARG]...\n')
        return 2
      }
      const { text, errors } = formatPrintf(argv.slice(argv[1] === '--' ? 2 : 1))
      state.out(text)
      for (const error of errors) state.err(`printf: ${error}\n`)
      return errors.length ? 1 : 0
    }),
    test,
    '[': test,
    '[[': test,
    cd,
    chdir: cd,
    pwd: instant((_, state) => {
      state.out(`${state.process.cwd}\n`)
      return 0
    }),
    export: mark('isExported', 'export'),
    readonly: mark('isReadOnly', 'readonly'),
    unset: instant((argv, state) => {
      const isFunction = argv[1] === '-f'
      for (const name of argv.slice(/^-[fv]$/.test(argv[1] ?? '') ? 2 : 1)) {
        if (isFunction || (!state.variables.has(name) && state.functions.has(name))) state.functions.delete(name)
        else state.unset(name)
      }
      return 0
    }),
    local: instant((argv, state) => {
      const scope = state.locals[state.locals.length - 1]
      if (!scope) throw new ShellError('local: not in a function')
      for (const arg of argv.slice(1)) {
        const [, name, value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(arg)!
        if (!isName(name)) throw new ShellError(`local: ${arg}: bad variable name`)
        const before = state.variables.get(name)
        if (!scope.has(name)) scope.set(name, before && { ...before })
        state.variables.set(name, {
          value: value ?? before?.value,
          isExported: before?.isExported ?? false,
          isReadOnly: false,
        })
      }
      return 0
    }),
    set,
    shift: instant((argv, state) => {
      const n = countArgument(argv, 1)
      if (n > state.positional.length) {
        if (argv.length > 1) state.complain("shift: can't shift that many")
        return 1
      }
      state.positional = state.positional.slice(n)
      return 0
    }),
    return: instant((argv, state) => {
      throw new FunctionReturn(countArgument(argv, state.status) & 255)
    }),
    exit: instant((argv, state) => {
      throw new ShellExit(countArgument(argv, state.status) & 255)
    }),
    break: instant((argv, state) => {
      if (state.loops > 0) throw new LoopJump('break', Math.max(1, countArgument(argv, 1)))
      return 0
    }),
    continue: instant((argv, state) => {
      if (state.loops > 0) throw new LoopJump('continue', Math.max(1, countArgument(argv, 1)))
      return 0
    }),
    eval: evalBuiltin,
    '.': source,
    source,
    exec,
    command,
    type,
    trap,
    kill,
    wait,
    read,
    getopts,
    jobs: function* (_: readonly string[], shell: Evaluator) {
      yield* shell.reapJobs()
      for (const [index, job] of shell.state.jobs.entries())
        shell.state.out(
          `[${index + 1}]${index === shell.state.jobs.length - 1 ? '+' : ' '}  ${job.status === undefined ? 'Running' : job.status === 0 ? 'Done' : `Done(${job.status})`}\n`,
        )
      return 0
    },
    let: instant((argv, state) => {
      let value = 0n
      try {
        for (const arg of argv.slice(1))
          value = evaluateArithmetic(arg, {
            get: (name) => state.get(name),
            set: (name, text) => state.set(name, text),
          })
      } catch (error) {
        if (!(error instanceof ArithmeticError)) throw error
        throw new ShellError(error.message)
      }
      return value === 0n ? 1 : 0
    }),
    umask: instant((argv, state) => {
      if (argv[1] === undefined) {
        state.out(`${(state.get('_UMASK') ?? '022').padStart(4, '0')}\n`)
        return 0
      }
      if (!/^[0-7]{1,4}$/.test(argv[1])) throw new ShellError(`umask: illegal mode: ${argv[1]}`)
      state.set('_UMASK', argv[1])
      return 0
    }),
    ulimit: instant((argv, state) => {
      const letter = /^-[HS]*([a-z])$/.exec(argv[1] ?? '-f')?.[1] ?? 'f'
      if (argv[2] !== undefined) return 0
      if (letter === 'a')
        for (const [key, value] of Object.entries(ulimits))
          state.out(`${value.split('|')[0]} (-${key}) ${value.split('|')[1]}\n`)
      else state.out(`${ulimits[letter]?.split('|')[1] ?? 'unlimited'}\n`)
      return 0
    }),
    times: instant((_, state) => {
      state.out('0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n')
      return 0
    }),
    hash: instant(() => 0),
    alias: instant((argv, state) => {
      for (const arg of argv.slice(1)) {
        const at = arg.indexOf('=')
        if (at > 0) state.aliases.set(arg.slice(0, at), arg.slice(at + 1))
      }
      return 0
    }),
    unalias: instant(() => 0),
  },
)
