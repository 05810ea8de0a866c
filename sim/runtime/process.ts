/**
 * The seam between a program and the container it runs in. A program is a generator: it yields whenever it waits, and the
 * runtime resumes it in virtual time with what it waited for. Everything else it does at once, through its `Process`.
 */

import type { NetworkNamespace } from '../network/types.ts'
import type { FileSystem } from './files.ts'
import type { Namespaces } from './namespaces.ts'

export type Signal =
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGPIPE'
  | 'SIGALRM'
  | 'SIGTERM'
  | 'SIGCHLD'
  | 'SIGCONT'
  | 'SIGSTOP'
  | 'SIGXCPU'
  | 'SIGWINCH'

/** Something to wait for. `start` begins it and is given what to call with the outcome; it returns what takes it back. */
export interface Wait<T = unknown> {
  start(resume: (value: T) => void): () => void
}

/** Runs until it returns its exit code (0-255). */
export type Program = (process: Process) => Generator<Wait, number, unknown>

/** Waits inside a program: `const value = yield* waitFor(wait)`. */
export function* waitFor<T>(wait: Wait<T>): Generator<Wait, T, unknown> {
  return (yield wait as Wait) as T
}

export interface OutputStream {
  write(text: string): void
  readonly isTerminal: boolean
}

export interface InputStream {
  /** The next line with its newline, the rest at end of input without one, or undefined at the end. */
  readLine(): Wait<string | undefined>
  /** What there is by now, or as soon as there is something, so many characters of it at most; undefined at the end. */
  readSome(most: number): Wait<string | undefined>
  readAll(): Wait<string>
  readonly isTerminal: boolean
  /** A line that is edited while it is typed, behind a prompt that is shown already. Only terminals have it. */
  editLine?(prompt: string, history: readonly string[]): Wait<string | undefined>
  /** Of the terminal, in characters. */
  readonly size?: { readonly columns: number; readonly rows: number }
}

export interface SpawnOptions {
  argv: readonly string[]
  env?: Readonly<Record<string, string>>
  cwd?: string
  stdin?: InputStream
  stdout?: OutputStream
  stderr?: OutputStream
  /** The directory that is its root from now on: only of a program that the process becomes. */
  root?: string
  /** Namespaces that it is in from now on: only of a program that the process becomes. */
  enter?: EnteredNamespaces
}

/** Namespaces of somebody else that a process is in, by setns(2). */
export interface EnteredNamespaces {
  readonly network?: NetworkNamespace
  readonly hostname?: string
  readonly numbers: Partial<Namespaces>
}

/** Why a program cannot be started: as ENOENT, EACCES and E2BIG. */
export interface StartFailure {
  error: 'not-found' | 'not-executable' | 'too-long'
}

export interface ExitStatus {
  /** 128 + n after signal n. */
  exitCode: number
  signal?: Signal
}

export interface Process {
  readonly pid: number
  readonly ppid: number
  readonly argv: readonly string[]
  /** Its own copy; a program may change it. */
  env: Record<string, string>
  cwd: string
  readonly uid: number
  readonly gid: number
  readonly hostname: string
  /** Of the image that its container was made of: `v1.36.2`. '' outside of containers. */
  readonly imageTag: string
  readonly files: FileSystem
  readonly network: NetworkNamespace
  readonly stdin: InputStream
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Virtual wall clock in milliseconds since 1970. */
  nowEpochMs(): number
  /** A number in [0, 1) from the run's seed. */
  random(): number

  sleep(ms: number): Wait<void>
  /** Never ends by itself. */
  forever(): Wait<never>
  /** Charges virtual time for computing; every `cpuMs(1)` or so a busy loop must yield this. CPU limits stretch it. */
  cpu(ms: number): Wait<void>
  /** Starts a program found by PATH or by path; undefined when there is no such program (127) or it may not be executed (126). */
  spawn(options: SpawnOptions): { pid: number } | StartFailure
  /** Becomes another program, keeping its pid; what comes after the wait never runs. */
  exec(options: SpawnOptions): Wait<never> | StartFailure
  /** Starts a function as a child process: subshells and pipelines. */
  fork(program: Program, options?: Partial<SpawnOptions>): { pid: number }
  /** Ends when that child has ended; `undefined` pid waits for any. Resumes with undefined when there is no such child. */
  waitChild(pid?: number): Wait<({ pid: number } & ExitStatus) | undefined>
  /** False when there is no such process. */
  kill(pid: number, signal: Signal): boolean
  /** What a signal does: a handler, 'ignore' or 'default'. PID 1 ignores what it has no handler for, but for SIGKILL. */
  onSignal(signal: Signal, action: (() => void) | 'ignore' | 'default'): void
  /** What the node itself has under that path in place of a program of an image: a part of the control plane that is kept there. */
  nodeProgram(path: string): Program | undefined
  /** Processes this one can see, itself among them. */
  processes(): readonly {
    pid: number
    ppid: number
    /** The number of the first process of its group. */
    group: number
    uid: number
    argv: readonly string[]
    startedMs: number
    state: string
  }[]
  /** Bytes of memory the process holds from now on; beyond its container's limit the kernel kills it. */
  useMemory(bytes: number): void
  /** CPU the process uses from now on besides what it computes, in millicores. */
  useCpu(millis: number): void
  /** Computes beside whatever it waits for, as a thread for a request does, and calls back. What exceeds the CPU limit waits its turn. */
  work(cpuMs: number, done: () => void): void
}

/** A container image: its configuration and how its programs behave. */
/** A build on another image than the usual one. */
interface ImageVariant {
  readonly base?: string
  readonly sizeBytes: number
  /** That are others there. */
  readonly files?: Readonly<Record<string, string>>
}

export interface Image {
  /** Repository names that it answers to, without registry: `nginx`. */
  readonly repositories: readonly string[]
  /** Tags that exist in the registry; `latest` must be listed to exist. */
  readonly tags: readonly string[]
  readonly sizeBytes: number
  /** The image that it is built on: its layers are pulled once for all that are built on it. */
  readonly base?: string
  /** Tags with that word (`alpine`, `slim`) are built on another image and have another size. */
  readonly variants?: Readonly<Record<string, ImageVariant>>
  /** Who may pull it; everybody unless told. */
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly workingDir?: string
  /** Name or number of the user the image runs as; root unless told. */
  readonly user?: string
  readonly exposedPorts?: readonly number[]
  readonly stopSignal?: Signal
  /** Path in the image -> contents; a directory ends with '/'. */
  readonly files?: Readonly<Record<string, string>>
  /** Path in the image -> permission bits; without it, what the system gives to a file or directory of root. */
  readonly modes?: Readonly<Record<string, number>>
  /** Absolute path of an executable -> its program. */
  readonly programs: Readonly<Record<string, Program>>
}
