/** What one shell knows: variables, functions, options, traps, open files, jobs. A subshell gets a copy. */
import type { Function as FunctionNode } from 'unbash'
import { charge } from '../../engine/work.ts'
import { FileError } from '../files.ts'
import { absolutePath, signalNumber } from '../kernel.ts'
import { createTextInput } from '../pipe.ts'
import type { InputStream, OutputStream, Process, Signal, Wait } from '../process.ts'
import { waitFor } from '../process.ts'

/** What a builtin costs, in milliseconds of CPU. */
const stepCostMs = 0.02
/** The same in steps of computing. */
const stepsOfStep = 50
/** Characters that all variables of a shell may hold. */
const maxVariableCharacters = 16 * 1024 * 1024
/** Beyond this a shell's variables count as memory of its own. */
const countedVariableCharacters = 256 * 1024
/** Functions and sourced files that may be entered at once: a real shell's stack ends as well. */
const maxDepth = 200

export interface Variable {
  /** Of an array its element 0. */
  value: string | undefined
  /** Of an array, by index, lowest first. */
  elements?: ReadonlyMap<number, string>
  isExported: boolean
  isReadOnly: boolean
}

/** What an array takes besides its element 0, which counts as any variable's value. */
const charactersOf = (elements: ReadonlyMap<number, string> = new Map()): number =>
  [...elements].reduce((sum, [at, text]) => sum + (at === 0 ? 0 : 16 + text.length), 0)

/** The index after the last. */
export const nextIndex = (elements: ReadonlyMap<number, string>): number => ([...elements.keys()].at(-1) ?? -1) + 1

export type Descriptor = { input: InputStream } | { output: OutputStream }

/** The shell ends (exit, or an error that ends a script). */
export class ShellExit {
  readonly status: number
  constructor(status: number) {
    this.status = status
  }
}

export class LoopJump {
  readonly kind: 'break' | 'continue'
  levels: number
  constructor(kind: 'break' | 'continue', levels: number) {
    this.kind = kind
    this.levels = levels
  }
}

export class FunctionReturn {
  readonly status: number
  constructor(status: number) {
    this.status = status
  }
}

/** Ctrl-C: what a shell at a terminal was doing is over, and it prompts again. */
export class ShellInterrupted extends Error {
  override readonly name = 'ShellInterrupted'
}

/** An error that ends a non-interactive shell: expansion, redirection of a special builtin, syntax. */
export class ShellError extends Error {
  override readonly name = 'ShellError'
  readonly status: number
  constructor(message: string, status = 2) {
    super(message)
    this.status = status
  }
}

export interface ShellOptions {
  errexit: boolean
  nounset: boolean
  xtrace: boolean
  noglob: boolean
  allexport: boolean
  noexec: boolean
  noclobber: boolean
  verbose: boolean
  monitor: boolean
  pipefail: boolean
  ignoreeof: boolean
}

/** Letters of `set -x` and of `$-`. */
export const optionLetters: Readonly<Record<string, keyof ShellOptions>> = {
  e: 'errexit',
  u: 'nounset',
  x: 'xtrace',
  f: 'noglob',
  a: 'allexport',
  n: 'noexec',
  C: 'noclobber',
  v: 'verbose',
  m: 'monitor',
}

export interface Job {
  pid: number
  status?: number
}

export class ShellState {
  readonly process: Process
  /** `$0`, and what error messages begin with. */
  name: string
  positional: string[]
  readonly variables: Map<string, Variable>
  readonly functions: Map<string, FunctionNode>
  readonly aliases: Map<string, string>
  readonly options: ShellOptions
  /** Commands by signal name without SIG, or EXIT; an empty command ignores. */
  traps: Map<string, string>
  fds: Map<number, Descriptor>
  status = 0
  /** `$$`: a subshell keeps its shell's. */
  readonly shellPid: number
  lastBackgroundPid: number | undefined
  jobs: Job[] = []
  isInteractive = false
  /** It words what bash words otherwise than ash. */
  isBash = false
  /** Of bash, which ash and dash lack. */
  hasArrays = false
  /** Above zero where a failure does not end a shell under `set -e`. */
  conditions = 0
  loops = 0
  depth = 0
  functionDepth = 0
  locals: Map<string, Variable | undefined>[] = []
  optionIndex = 1
  optionOffset = 0
  private cost = 0
  private characters = 0
  private readonly pending: Signal[] = []
  private interrupt: (() => void) | undefined
  private isRunningTrap = false

  constructor(process: Process, name: string, positional: string[], parent?: ShellState) {
    this.process = process
    this.name = name
    this.positional = positional
    this.shellPid = parent?.shellPid ?? process.pid
    this.variables = new Map(parent ? [...parent.variables].map(([key, value]) => [key, { ...value }]) : [])
    this.functions = new Map(parent?.functions)
    this.aliases = new Map(parent?.aliases)
    this.options = parent
      ? { ...parent.options }
      : {
          errexit: false,
          nounset: false,
          xtrace: false,
          noglob: false,
          allexport: false,
          noexec: false,
          noclobber: false,
          verbose: false,
          monitor: false,
          pipefail: false,
          ignoreeof: false,
        }
    this.traps = new Map([...(parent?.traps ?? [])].filter(([, command]) => command === ''))
    this.fds = new Map(parent?.fds)
    this.fds.set(0, { input: process.stdin })
    this.fds.set(1, { output: process.stdout })
    this.fds.set(2, { output: process.stderr })
    if (parent) {
      this.status = parent.status
      this.isBash = parent.isBash
      this.hasArrays = parent.hasArrays
      this.lastBackgroundPid = parent.lastBackgroundPid
      this.conditions = parent.conditions
      this.depth = parent.depth
      this.functionDepth = parent.functionDepth
      this.characters = parent.characters
      this.locals = parent.locals.map((scope) => new Map(scope))
      this.optionIndex = parent.optionIndex
      return
    }
    for (const [key, value] of Object.entries(process.env))
      if (/^[A-Za-z_]\w*$/.test(key)) this.variables.set(key, { value, isExported: true, isReadOnly: false })
    this.set('IFS', ' \t\n')
    this.set('PWD', process.cwd)
    this.variables.get('PWD')!.isExported = true
    for (const [key, value] of [
      ['PS1', process.uid === 0 ? '\\w # ' : '\\w $ '],
      ['PS2', '> '],
      ['PS4', '+ '],
      ['OPTIND', '1'],
      ['PPID', String(process.ppid)],
    ])
      if (!this.variables.has(key)) this.set(key, value)
  }

  /** Charges a builtin's or a loop turn's time, and lets virtual time pass once it adds up. */
  *charge(): Generator<Wait, void, unknown> {
    charge(stepsOfStep)
    this.cost += stepCostMs
    if (this.cost < 1) return
    const cost = Math.floor(this.cost)
    this.cost -= cost
    yield* waitFor(this.process.cpu(cost))
  }

  get(name: string): string | undefined {
    const variable = this.variables.get(name)
    if (variable) return variable.value
    if (name === 'RANDOM') return String(Math.floor(this.process.random() * 32768))
    if (name === 'LINENO') return '1'
    if (name === 'EPOCHSECONDS') return String(Math.floor(this.process.nowEpochMs() / 1000))
    return undefined
  }

  /** Of bash's arrays; any other variable that is set is its element 0. */
  elements(name: string): ReadonlyMap<number, string> {
    const elements = this.variables.get(name)?.elements
    if (elements) return elements
    const value = this.get(name)
    return new Map(value === undefined ? [] : [[0, value]])
  }

  setElements(name: string, elements: readonly (readonly [index: number, value: string])[]): void {
    charge(4 * elements.length)
    const sorted = new Map([...new Map(elements)].sort(([a], [b]) => a - b))
    const before = this.variables.get(name)?.elements
    this.set(name, sorted.get(0) ?? '')
    this.characters += charactersOf(sorted) - charactersOf(before)
    const variable = this.variables.get(name)!
    variable.value = sorted.get(0)
    variable.elements = sorted
  }

  set(name: string, value: string): void {
    const variable = this.variables.get(name)
    if (variable?.isReadOnly) throw new ShellError(`${name}: is read only`)
    this.characters += value.length - (variable?.value?.length ?? 0)
    if (this.characters > maxVariableCharacters) throw new ShellError('out of memory')
    if (this.characters > countedVariableCharacters) this.process.useMemory(this.characters * 2)
    if (name === 'OPTIND') {
      this.optionIndex = Number(value) || 1
      this.optionOffset = 0
    }
    if (variable) {
      variable.value = value
      if (variable.elements)
        variable.elements = new Map([[0, value], ...[...variable.elements].filter(([at]) => at > 0)])
      if (this.options.allexport) variable.isExported = true
    } else this.variables.set(name, { value, isExported: this.options.allexport, isReadOnly: false })
  }

  unset(name: string): void {
    const variable = this.variables.get(name)
    if (!variable) return
    if (variable.isReadOnly) throw new ShellError(`${name}: is read only`)
    if (variable.elements) this.setElements(name, [])
    this.characters -= variable.value?.length ?? 0
    this.variables.delete(name)
  }

  /** The environment that programs get. */
  environment(): Record<string, string> {
    const env: Record<string, string> = {}
    // What a shell's own environment held that is no variable's name is passed on.
    for (const [name, value] of Object.entries(this.process.env)) if (!/^[A-Za-z_]\w*$/.test(name)) env[name] = value
    for (const [name, { value, elements, isExported }] of this.variables)
      if (isExported && value !== undefined && !elements) env[name] = value
    return env
  }

  out(text: string): void {
    this.output(1).write(text)
  }

  err(text: string): void {
    this.output(2).write(text)
  }

  /** Prints an error as this shell words it: `sh: x: not found`. */
  complain(message: string): void {
    this.err(`${this.name}: ${message}\n`)
  }

  output(fd: number): OutputStream {
    const descriptor = this.fds.get(fd)
    if (descriptor && 'output' in descriptor) return descriptor.output
    return closedOutput
  }

  input(fd = 0): InputStream {
    const descriptor = this.fds.get(fd)
    return descriptor && 'input' in descriptor ? descriptor.input : createTextInput('')
  }

  path(path: string): string {
    return absolutePath(path, this.process.cwd)
  }

  enter(): void {
    // A real shell's stack is full as well some day; it dies of it.
    if (++this.depth > maxDepth) throw new RangeError('shell stack')
  }

  leave(): void {
    this.depth--
  }

  trap(name: string, command: string | undefined): void {
    if (name !== 'EXIT') {
      const signal = `SIG${name}` as Signal
      if (command === undefined && signal === 'SIGINT' && this.isInteractive) this.catchInterrupt()
      else if (command === undefined) this.process.onSignal(signal, 'default')
      else if (command === '') this.process.onSignal(signal, 'ignore')
      else {
        this.process.onSignal(signal, () => {
          this.pending.push(signal)
          this.interrupt?.()
        })
      }
    }
    if (command === undefined) this.traps.delete(name)
    else this.traps.set(name, command)
  }

  /** Ctrl-C ends what a shell at a terminal does, and not the shell. */
  catchInterrupt(): void {
    this.process.onSignal('SIGINT', () => {
      this.pending.push('SIGINT')
      this.interrupt?.()
    })
  }

  get hasPendingTrap(): boolean {
    return this.pending.length > 0 && !this.isRunningTrap
  }

  /** Runs the traps of signals that came, one after the other. */
  *runPendingTraps(run: (command: string) => Generator<Wait, number, unknown>): Generator<Wait, void, unknown> {
    while (this.hasPendingTrap) {
      const signal = this.pending.shift()!
      const command = this.traps.get(signal.slice(3))
      if (!command && signal === 'SIGINT' && this.isInteractive) throw new ShellInterrupted()
      if (!command) continue
      const status = this.status
      this.isRunningTrap = true
      try {
        yield* run(command)
      } finally {
        this.isRunningTrap = false
      }
      this.status = status
    }
  }

  /** Waits, unless a signal with a trap comes first: then 128 + its number is `signal`. */
  *interruptible<T>(wait: Wait<T>): Generator<Wait, { value: T } | { signal: number }, unknown> {
    if (this.hasPendingTrap) return { signal: 128 + signalNumber(this.pending[0]) }
    const outcome = yield* waitFor<{ value: T } | { signal: number }>({
      start: (resume) => {
        const cancel = wait.start((value) => {
          this.interrupt = undefined
          resume({ value })
        })
        this.interrupt = () => {
          this.interrupt = undefined
          cancel()
          resume({ signal: 128 + signalNumber(this.pending[0]) })
        }
        return () => {
          this.interrupt = undefined
          cancel()
        }
      },
    })
    this.interrupt = undefined
    return outcome
  }
}

const closedOutput: OutputStream = {
  isTerminal: false,
  write() {
    throw new FileError('EPERM', 'Bad file descriptor')
  },
}
