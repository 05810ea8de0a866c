/**
 * Shells on a node, as somebody has them who comes by ssh: of one line, or a session that goes on with the next. Simplified: with the
 * shell everything ends that it started.
 */
import { onNode } from '../kubelet/node-processes.ts'
import type { Driven } from '../runtime/drive.ts'
import { Kernel } from '../runtime/kernel.ts'
import { createOutput, createTextInput } from '../runtime/pipe.ts'
import type { InputStream, Process, Program, Signal, Wait } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { createSessionInput, type SessionInput } from '../runtime/session-input.ts'
import { Evaluator } from '../runtime/shell/evaluate.ts'
import { defaultPrompt, isComplete, prompt } from '../runtime/shell/sh.ts'
import { ShellError, ShellInterrupted, ShellState } from '../runtime/shell/state.ts'
import type { NodeMachine } from './machine.ts'

export interface ShellLine {
  line: string
  stdin?: string
  /** Lines of one session share their shell: its directory, its variables. Without it, a shell for the line alone. */
  session?: string
  /** It runs the node's own programs, whatever somebody has put in their place: a check's. */
  ownProgramsOnly?: boolean
  /** Connects what is typed while a line of a session runs to the terminal there; without it the line has `stdin`. */
  keyboard?: (terminal: SessionInput) => void
}

export type Emit = (stream: 'stdout' | 'stderr', text: string) => void

/** Given a line's exit code, and how the session asks for the next one: `root@node-1:/etc# `, or `> ` while something is still open. */
export type Done = (exitCode: number, prompt?: string) => void

export interface NodeShells {
  run(request: ShellLine, emit: Emit, done: Done): Driven
  /** The machine goes off: who waits for a line is told so. */
  close(): void
}

const env: Readonly<Record<string, string>> = {
  HOME: '/root',
  LANG: 'C.UTF-8',
  LOGNAME: 'root',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  SHELL: '/bin/bash',
  USER: 'root',
}
const home = '/root'
const loginShell = '-bash'
/** What ssh ends with when the connection breaks. */
const BROKEN = 255
/** 128 and SIGINT. */
const INTERRUPTED = 130

interface Running {
  emit: Emit
  done: Done
}

export function createNodeShells(machine: NodeMachine, programs: () => Readonly<Record<string, Program>>): NodeShells {
  const sessions = new Map<string, Session>()
  const running = new Set<Shell>()

  function open(kind: Kind): Shell {
    const shell = new Shell(machine, programs, kind, () => running.delete(shell))
    running.add(shell)
    return shell
  }

  return {
    run({ line, stdin, session, ownProgramsOnly, keyboard }, emit, done) {
      if (session === undefined) {
        const shell = open({ argv: ['bash', '-c', line], stdin, program: lineProgram(line), ownProgramsOnly })
        return shell.start({ emit, done })
      }
      let own = sessions.get(session)
      if (!own) {
        own = new Session(open, () => sessions.delete(session))
        sessions.set(session, own)
      }
      return own.run({ line, stdin, keyboard }, { emit, done })
    },
    close() {
      sessions.clear()
      for (const shell of [...running]) shell.breakOff(`Connection to ${machine.shape.name} closed by remote host.\n`)
    },
  }
}

type Kind = Pick<Shell, 'program' | 'argv' | 'stdin'> & Pick<ShellLine, 'ownProgramsOnly'>

/** A shell's processes, and who sees its output at the moment. */
class Shell {
  readonly program: Program
  readonly argv: readonly string[]
  readonly stdin: string | undefined
  readonly ownProgramsOnly: boolean
  private readonly machine: NodeMachine
  private readonly programs: () => Readonly<Record<string, Program>>
  private readonly onEnd: () => void
  private kernel: Kernel | undefined
  private pid = 0
  viewer: Running | undefined

  constructor(
    machine: NodeMachine,
    programs: () => Readonly<Record<string, Program>>,
    { program, argv, stdin, ownProgramsOnly = false }: Kind,
    onEnd: () => void,
  ) {
    this.machine = machine
    this.programs = programs
    this.program = program
    this.argv = argv
    this.stdin = stdin
    this.ownProgramsOnly = ownProgramsOnly
    this.onEnd = onEnd
  }

  start(viewer: Running): Driven {
    const { machine } = this
    const { runtime } = machine.kubelet
    this.viewer = viewer
    const { hostFiles, processes, pids } = runtime
    this.kernel = new Kernel({
      engine: machine.engine,
      pids: processes.pids,
      nodeParent: 1,
      pidBudget: pids,
      programs: {},
      nodePrograms: this.programs,
      ownProgramsOnly: this.ownProgramsOnly,
      place: onNode('/user.slice/user-0.slice/session-1.scope'),
      files: hostFiles.files,
      network: machine.network,
      hostname: machine.shape.name,
      randomStream: `shell/${machine.shape.name}`,
      onExit: ({ exitCode }) => {
        this.onEnd()
        this.tell(exitCode)
      },
    })
    // A session is at a terminal; a line alone is not.
    const stream = (name: 'stdout' | 'stderr') =>
      createOutput((text) => this.viewer?.emit(name, text), this.argv[0] === loginShell)
    const started = this.kernel.startRoot({
      argv: this.argv,
      program: this.program,
      env,
      cwd: hostFiles.files.exists(home) ? home : '/',
      uid: 0,
      gid: 0,
      stdin: createTextInput(this.stdin ?? ''),
      stdout: stream('stdout'),
      stderr: stream('stderr'),
    })
    if ('error' in started) throw new Error('a shell always finds its program')
    this.pid = started.pid
    return this.handle()
  }

  /** What the caller holds of the line that runs now. */
  handle(): Driven {
    const own = this.viewer
    const isDone = (): boolean => own === undefined || this.viewer !== own
    return {
      get isDone() {
        return isDone()
      },
      interrupt: () => {
        if (isDone()) return
        this.viewer = undefined
        this.kill()
      },
    }
  }

  /** The line has ended with that code. */
  tell(exitCode: number, prompt?: string): void {
    const { viewer } = this
    this.viewer = undefined
    viewer?.done(exitCode, prompt)
  }

  /** A terminal's signal, to the shell and all that it runs. */
  signal(signal: Signal): void {
    this.kernel?.signalGroup(this.pid, signal)
  }

  kill(): void {
    this.kernel?.killAll({ exitCode: 129, signal: 'SIGHUP' })
  }

  breakOff(message: string): void {
    this.viewer?.emit('stderr', message)
    this.tell(BROKEN)
    this.kill()
  }
}

const shellOf = (process: Process, name: string): Evaluator => {
  const state = new ShellState(process, name, [])
  state.isBash = true
  state.hasArrays = true
  return new Evaluator(state)
}

const lineProgram = (line: string): Program =>
  function* (process) {
    const shell = shellOf(process, 'bash')
    return yield* shell.runAsProcess(() => shell.runText(line, true))
  }

/** A login shell that is given its lines one at a time. */
class Session {
  private readonly open: (kind: Kind) => Shell
  private readonly onEnd: () => void
  private shell: Shell | undefined
  /** As it was left, when an interrupt ended its processes. */
  private state: ShellState | undefined
  private pending: Omit<ShellLine, 'session'>[] = []
  private wake: (() => void) | undefined

  constructor(open: Session['open'], onEnd: () => void) {
    this.open = open
    this.onEnd = onEnd
  }

  run(line: Omit<ShellLine, 'session'>, viewer: Running): Driven {
    this.pending.push(line)
    if (!this.shell) {
      this.shell = this.open({ argv: [loginShell], stdin: undefined, program: this.program() })
      return this.leaving(this.shell.start(viewer))
    }
    this.shell.viewer = viewer
    const handle = this.leaving(this.shell.handle())
    this.wake?.()
    return handle
  }

  /** An interrupted line ends the processes of the shell; the next line has a new one that knows what the old one knew. */
  private leaving(driven: Driven): Driven {
    return {
      get isDone() {
        return driven.isDone
      },
      interrupt: () => {
        this.shell = undefined
        this.wake = undefined
        driven.interrupt()
      },
    }
  }

  private program(): Program {
    const session = this
    return function* (process) {
      const shell = shellOf(process, loginShell)
      shell.state.set('PS1', defaultPrompt(process))
      session.takeOver(shell.state)
      shell.state.isInteractive = true
      process.onSignal('SIGTERM', 'ignore')
      process.onSignal('SIGQUIT', 'ignore')
      shell.state.catchInterrupt()
      const status = yield* shell.runAsProcess(() => session.lines(shell))
      session.onEnd()
      return status
    }
  }

  /** What a line reads: what is typed meanwhile at a terminal, or what came along. */
  private inputFor({ stdin = '', keyboard }: Omit<ShellLine, 'session'>): InputStream {
    if (!keyboard) return createTextInput(stdin)
    const { shell } = this
    const terminal = createSessionInput({
      echo: (text) => shell?.viewer?.emit('stdout', text),
      signal: (signal) => shell?.signal(signal),
    })
    keyboard(terminal)
    return terminal.input
  }

  private takeOver(state: ShellState): void {
    const before = this.state
    this.state = state
    if (!before) return
    for (const [name, variable] of before.variables) state.variables.set(name, { ...variable })
    for (const [name, body] of before.functions) state.functions.set(name, body)
    for (const [name, text] of before.aliases) state.aliases.set(name, text)
    state.process.cwd = before.process.cwd
  }

  private *lines(shell: Evaluator): Generator<Wait, number, unknown> {
    const { state } = shell
    /** Lines before that did not make a whole. */
    let begun = ''
    for (;;) {
      if (this.pending.length === 0)
        yield* waitFor<void>({
          start: (resume) => {
            this.wake = () => {
              this.wake = undefined
              resume()
            }
            return () => undefined
          },
        })
      const next = this.pending.shift()
      if (!next) continue
      const text = `${begun}${next.line}\n`
      begun = isComplete(text) ? '' : text
      if (begun) {
        this.shell?.tell(0, '> ')
        continue
      }
      state.fds.set(0, { input: this.inputFor(next) })
      try {
        state.status = yield* shell.runText(text)
      } catch (error) {
        if (error instanceof ShellInterrupted) {
          state.err('\n')
          state.status = INTERRUPTED
        } else if (error instanceof ShellError) {
          state.complain(error.message)
          state.status = error.status
        } else throw error
      }
      this.shell?.tell(state.status, prompt(state))
    }
  }
}
