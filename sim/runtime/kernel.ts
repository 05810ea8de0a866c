/** The processes of one container: started, scheduled in virtual time, signalled, waited for, and ended. */

import type { Engine, Timer } from '../engine/engine.ts'
import { budgeted, charge, chargeText, stepsPerSecond, workLeft, workSpent } from '../engine/work.ts'
import type {
  Cancel,
  DnsReply,
  HttpRequest,
  HttpResult,
  NetworkNamespace,
  PortServer,
  RecordType,
  SpokenProtocols,
  Target,
  TcpResult,
} from '../network/types.ts'
import { isTooLong } from './argument-limits.ts'
import type { ControlGroup, Limits } from './control-group.ts'
import { type ContainerFiles, executableMark } from './file-system.ts'
import { FileError, type FileSystem, type Listener, type RpcServer } from './files.ts'
import { createHostsReader } from './hosts-file.ts'
import type { ProcessPlace } from './namespaces.ts'
import { type CountedStream, createTextInput, type PipeEnd } from './pipe.ts'
import type {
  EnteredNamespaces,
  ExitStatus,
  InputStream,
  OutputStream,
  Process,
  Program,
  Signal,
  SpawnOptions,
  StartFailure,
  Wait,
} from './process.ts'
import type { ProcessRow } from './process-files.ts'
import { type FileVisit, ProcessFiles } from './process-files.ts'

/** What starting a process costs, in milliseconds of CPU. */
const spawnCostMs = 1
/** Simplified: processes that a container may hold, whatever its node allows. */
const maxProcesses = 1024
/** Bytes that every process holds. */
const baseMemoryBytes = 400 * 1024
/** metrics-server --metric-resolution: what it tells is the average of that time. */
const useWindowMs = 15_000
/** The kubelet's cpuCFSQuotaPeriod. */
const CFS_PERIOD_MS = 100
/** What wants less sleeps through some of the periods: those are not counted. */
const ALWAYS_AWAKE_MILLIS = 50
/** CPU time without rest after which each further unit of work is charged more: a busy loop then costs the simulator ever less. */
const burstMs = 2000
/** Resumptions in one moment before the rest is put off by a millisecond. */
const maxTurns = 2000

const signalNumbers: Record<Signal, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGXCPU: 24,
  SIGWINCH: 28,
}
/** Of computing that a program may do without a pause: a third of a second. Then it has used up its CPU time, as by `ulimit -t`. */
const turnSteps = stepsPerSecond / 3
const stepsOfTurn = 10
/**
 * What the programs of a container compute beside what they say takes virtual time once it adds up to a fiftieth of a second: nobody
 * minds less, and an endless walk through files would otherwise take none.
 */
const stepsOnCredit = stepsPerSecond / 50
const stepsOfMs = stepsPerSecond / 1000
/** Stands for one that the kernel refused to start. Source: opencontainers/runc libcontainer/init_linux.go, Init: it ends with 255 */
// biome-ignore lint/correctness/useYield: a program that ends at once
const tooLongProgram: Program = function* (process) {
  process.stderr.write(`exec ${process.argv[0]}: argument list too long\n`)
  return 255
}

const overrun: IteratorResult<Wait, number> = { done: true, value: 0 }

/** What a program is sent that is to end. */
const asksToEnd = new Set<Signal>(['SIGTERM', 'SIGQUIT', 'SIGINT'])

const ignoredByDefault = new Set<Signal>(['SIGCHLD', 'SIGCONT', 'SIGWINCH'])

const superuser = { uid: 0, gid: 0 }

/** What the names of a node's programs begin with, in its executables. */
export const nodeProgramMark = 'node:'
/** What stands between such a program's name and its release, where the file says which one it is. */
export const releaseMark = '@'

/** All that there are here, by their numbers. */
export const signalNames = Object.keys(signalNumbers) as readonly Signal[]

/** A signal's number on Linux. */
export const signalNumber = (signal: Signal): number => signalNumbers[signal]

/** The signal of a name (`TERM`, `SIGTERM`, in any case) or number; undefined when there is none. 0 is not a signal here. */
export function findSignal(text: string): Signal | undefined {
  const wanted = text.toUpperCase().replace(/^SIG/, '')
  for (const [name, number] of Object.entries(signalNumbers) as [Signal, number][]) {
    if (name.slice(3) === wanted || String(number) === wanted) return name
  }
  return undefined
}

/** Unwinds the program of a process that has just ended. */
class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded'
}

/** How many processes there may be: on a node, or in the containers of a Pod, which count on their node as well. */
export class PidBudget {
  used = 0
  readonly limit: number
  /** Told when there are more. */
  onGrow: (() => void) | undefined
  private readonly outer: PidBudget | undefined

  constructor(limit: number, outer?: PidBudget) {
    this.limit = limit
    this.outer = outer
  }

  get available(): number {
    return this.limit - this.used
  }

  get hasRoom(): boolean {
    return this.used < this.limit && (this.outer?.hasRoom ?? true)
  }

  change(by: number): void {
    this.used += by
    this.outer?.change(by)
    if (by > 0) this.onGrow?.()
  }
}

/** Process numbers that one container has to itself, that the containers of a Pod share, or that a node's have. */
export class PidNamespace {
  readonly kernels = new Set<Kernel>()
  /** The node's, where its processes have a number as well. */
  readonly outer: NodePids | undefined
  protected nextPid = 1

  constructor(outer?: NodePids) {
    this.outer = outer
  }

  newPid(): number {
    return this.nextPid++
  }

  enter(kernel: Kernel): void {
    this.kernels.add(kernel)
    this.outer?.inner.add(this)
  }

  leave(kernel: Kernel): void {
    this.kernels.delete(kernel)
    if (this.kernels.size === 0) this.outer?.inner.delete(this)
  }

  find(pid: number): { kernel: Kernel; process: SimProcess } | undefined {
    for (const kernel of this.kernels) {
      const process = kernel.own(pid)
      if (process) return { kernel, process }
    }
    return undefined
  }

  processes(): readonly ProcessRow[] {
    if (this.kernels.size === 1) return [...[...this.kernels][0].ownProcesses()]
    return [...this.kernels].flatMap((kernel) => [...kernel.ownProcesses()]).sort((a, b) => a.pid - b.pid)
  }
}

/** The numbers of a node: what runs on it beside containers, and the processes of every container, which see none of that. */
export class NodePids extends PidNamespace {
  readonly inner = new Set<PidNamespace>()
  private readonly others: () => Iterable<ProcessRow>

  constructor(others: () => Iterable<ProcessRow>) {
    super()
    this.others = others
  }

  /** The numbers begin anew, as when the node starts. */
  reset(): void {
    this.nextPid = 1
  }

  override find(pid: number): { kernel: Kernel; process: SimProcess } | undefined {
    for (const kernel of this.containers())
      for (const process of kernel.ownProcesses()) if (process.nodePid === pid) return { kernel, process }
    return undefined
  }

  override processes(): readonly ProcessRow[] {
    const rows = [...this.others()]
    for (const kernel of this.containers())
      for (const process of kernel.ownProcesses()) rows.push(seenFromNode(process, kernel))
    return rows.sort((a, b) => a.pid - b.pid)
  }

  private containers(): Kernel[] {
    return [...this.kernels, ...[...this.inner].flatMap(({ kernels }) => [...kernels])]
  }
}

function seenFromNode(process: SimProcess, { pids, options }: Kernel): ProcessRow {
  const { nodePid, uid, argv, startedMs, state, env, stdout, stderr, capabilities, view, place } = process
  const numberOf = (pid: number): number | undefined => (pid ? pids.find(pid)?.process.nodePid : undefined)
  // The first process of a container, and who has lost its parent outside of one, are the shim's.
  const ppid = numberOf(process.ppid) ?? options.nodeParent ?? 0
  const group = numberOf(process.group) ?? nodePid
  return { pid: nodePid, ppid, group, uid, argv, startedMs, state, env, stdout, stderr, capabilities, view, place }
}

/** What makes a container's command do something else than it says: nobody who reads its image and its words sees that. */
export type Interference =
  /** It ran another program than the image's of that name, or found it gone. */
  | { readonly kind: 'program'; readonly name: string }
  /** Something that it had started was ended or stopped, not by itself, or the command itself was stopped. */
  | { readonly kind: 'signal'; readonly signal: Signal; readonly command: string }
  | { readonly kind: 'stopped'; readonly command: string }
  /** Somebody who came in, or was on the node, ended the command, or something that it had started. */
  | { readonly kind: 'ended'; readonly signal: Signal; readonly command: string }
  /** Somebody who came in changed a file that was there: its contents, its rights, or that it is there at all. */
  | { readonly kind: 'file'; readonly path: string }

export interface KernelOptions {
  engine: Engine
  /** The container's own, unless it shares another's. */
  pids?: PidNamespace
  /** The node's numbers, and the process there that started this container. */
  nodePids?: NodePids
  nodeParent?: number
  /** What it shares limits with. */
  group?: ControlGroup
  oomScoreAdjust?: number
  /** What its processes are counted in. */
  pidBudget?: PidBudget
  programs: Readonly<Record<string, Program>>
  /** The node's own, which whoever sees its files may run. */
  nodePrograms?: () => Readonly<Record<string, Program>>
  /** What is called by its name is the node's own program, whatever stands in its place. */
  ownProgramsOnly?: boolean
  files: ContainerFiles
  network: NetworkNamespace
  hostname: string
  /** Of the image that its processes come from. */
  imageTag?: string
  memoryLimitBytes?: number
  /** CPU limit in millicores; work takes that much longer. */
  cpuLimitMillis?: number
  /** Its part of the processor where others want it as well, 1024 a core. */
  cpuShares?: number
  /** Bytes of memory besides those of processes: what lies in mounted tmpfs volumes. */
  sharedMemoryBytes?: () => number
  /** Name of the random stream that its processes draw from. */
  randomStream: string
  /** A file of /proc or /sys that is written when read; undefined when there is none. */
  dynamicFile?(path: string): string | undefined
  /** That much more memory is held than before. */
  onMemory?: (addedBytes: number) => void
  /** Told when something makes the container's command do something else than it says. */
  onInterference?: (what: Interference) => void
  /** Of somebody who looks into the Pod: what they do there themselves is no doing of its containers. */
  isForDebugging?: boolean
  /** The control group and the namespaces of its processes. */
  place?: ProcessPlace
  /** The first process has ended, and with it all others. */
  onExit: (status: ExitStatus & { reason?: 'OOMKilled' }) => void
}

export interface RootOptions {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  uid: number
  gid: number
  groups?: readonly number[]
  /** What root may do; everything unless told. */
  capabilities?: ReadonlySet<string>
  stdin?: InputStream
  stdout: OutputStream
  stderr: OutputStream
  onExit?: (status: ExitStatus) => void
  /** What it runs, instead of what `argv` names. */
  program?: Program
  /** The container's own specification starts it beside its command: a probe, or the hook after its start. */
  isBeside?: boolean
  /** The hook before its end: what it does counts from when the command has been told to end. */
  isBeforeEnd?: boolean
}

/** The command does not name a program that can be run. */
export type LookupFailure = { error: 'not-found' | 'not-executable' }

interface Executable {
  program: Program
  /** Words before the arguments: a script's interpreter. */
  argv: readonly string[]
}

/** As cpu.stat of a control group counts it. Source: Documentation/admin-guide/cgroup-v2.rst of Linux */
export interface CpuThrottling {
  readonly periods: number
  readonly throttledPeriods: number
  readonly throttledMs: number
}

export class Kernel {
  readonly options: KernelOptions
  private readonly table = new Map<number, SimProcess>()
  private readonly ready: { process: SimProcess; value: unknown }[] = []
  readonly pids: PidNamespace
  private initPid = 0
  private isPumping = false
  private hasEnded = false
  /** Its first process has been told to end, and does what it has to do before. */
  private isEnding = false
  busyWaits = 0
  private cpuMs = 0
  /** Of a container with a CPU limit. Periods are counted in parts, since processes do not begin with one. */
  private readonly throttled = { periods: 0, throttledPeriods: 0, throttledMs: 0 }
  /** What had been used when, at most a note a second, as far back as the window goes. */
  private readonly uses: { atMs: number; cpuMs: number }[] = []
  /** When all work beside the processes' own is done, as far as the limit lets it. */
  private workUntilMs = 0
  private cpuSinceMs: number
  private readonly startedMs: number
  private readonly timers = new Set<Timer>()
  /** The process whose program runs at this moment. */
  private running: SimProcess | undefined
  /** Files that were made by those who came in. */
  private readonly filesOfVisitors = new Set<string>()

  constructor(options: KernelOptions) {
    this.options = options
    this.pids = options.pids ?? new PidNamespace(options.nodePids)
    this.pids.enter(this)
    options.group?.members.add(this)
    this.startedMs = options.engine.nowMs
    this.cpuSinceMs = options.engine.nowMs
    this.uses.push({ atMs: options.engine.nowMs, cpuMs: 0 })
  }

  get isRunning(): boolean {
    return !this.hasEnded
  }

  /** Starts a process that no other process started: the container's first, or one by exec. */
  startRoot(options: RootOptions): { pid: number } | LookupFailure {
    const found = options.program
      ? { program: options.program, argv: [] }
      : this.lookup(options.argv[0], options.env.PATH ?? '', options.cwd, this.options.files.as(options))
    if ('error' in found) return found
    const process: SimProcess = new SimProcess(this, undefined, options)
    this.initPid ||= process.pid
    if (!options.program) this.tellOther(options.argv[0], found, process.group)
    process.onEnd = options.onExit
    // A runtime finds that out when nobody waits for it any more: what it says is the container's output.
    const program = isTooLong(options.argv, options.env) ? tooLongProgram : found.program
    this.begin(process, program, found.argv.length ? [...found.argv, ...options.argv.slice(1)] : options.argv)
    return { pid: process.pid }
  }

  /** A signal from outside the container. */
  signal(pid: number, signal: Signal): boolean {
    const process = this.table.get(pid)
    if (!process || process.isZombie) return false
    if (pid === this.initPid) this.isEnding ||= asksToEnd.has(signal)
    this.deliver(process, signal, true)
    this.pump()
    return true
  }

  /** A signal to every process of a group, as a terminal sends it. */
  signalGroup(group: number, signal: Signal): void {
    for (const process of [...this.table.values()])
      if (process.group === group && !process.isZombie) this.deliver(process, signal, true)
    this.pump()
  }

  own(pid: number): SimProcess | undefined {
    return this.table.get(pid)
  }

  ownProcesses(): Iterable<SimProcess> {
    return this.table.values()
  }

  /** Other limits from now on; less memory than is held ends the container. */
  setLimits(limits: Limits): void {
    this.accountCpu()
    this.options.memoryLimitBytes = limits.memoryBytes
    this.options.cpuLimitMillis = limits.cpuMillis
    this.options.cpuShares = limits.cpuShares
    if (limits.memoryBytes !== undefined && this.memoryBytes() > limits.memoryBytes) this.oomKill()
  }

  memoryBytes(): number {
    return (this.options.sharedMemoryBytes?.() ?? 0) + this.processMemoryBytes()
  }

  processMemoryBytes(): number {
    let sum = 0
    for (const process of this.table.values()) if (!process.isZombie) sum += baseMemoryBytes + process.memoryBytes
    return sum
  }

  get oomScoreAdjust(): number {
    return this.options.oomScoreAdjust ?? 0
  }

  oomKill(): void {
    this.killAll({ exitCode: 137, signal: 'SIGKILL', reason: 'OOMKilled' })
  }

  /** CPU used since the start, in milliseconds, and how much of it lately, in millicores: over the window of a metrics-server. */
  cpuUsage(): { totalMs: number; millis: number } {
    this.accountCpu()
    const now = this.options.engine.nowMs
    const fromMs = Math.max(this.startedMs, now - useWindowMs)
    const millis = now > fromMs ? ((this.cpuMs - this.cpuMsAt(fromMs)) * 1000) / (now - fromMs) : this.wantedMillis()
    return { totalMs: this.cpuMs, millis }
  }

  /** How often its quota was used up; undefined without a limit. */
  cpuThrottling(): CpuThrottling | undefined {
    if (this.options.cpuLimitMillis === undefined) return undefined
    this.accountCpu()
    const { periods, throttledPeriods, throttledMs } = this.throttled
    return { periods: Math.floor(periods), throttledPeriods: Math.floor(throttledPeriods), throttledMs }
  }

  /**
   * Notes a time in which there was something to compute. Simplified: what is wanted is spread evenly over it, so a burst that a whole
   * period has room for is not throttled.
   * @param wantedMillis of the processor, if there were no limit
   */
  private noteQuota(elapsedMs: number, wantedMillis: number): void {
    const { cpuLimitMillis } = this.options
    if (cpuLimitMillis === undefined || wantedMillis <= 0 || elapsedMs <= 0) return
    const periods = (elapsedMs / CFS_PERIOD_MS) * Math.min(1, wantedMillis / ALWAYS_AWAKE_MILLIS)
    this.throttled.periods += periods
    if (wantedMillis <= cpuLimitMillis) return
    this.throttled.throttledPeriods += periods
    // Each processor that its threads run on waits for the rest of the period.
    this.throttled.throttledMs += elapsedMs * (1 - cpuLimitMillis / wantedMillis) * Math.ceil(wantedMillis / 1000)
  }

  /** Ends everything, as when the container is killed. */
  killAll(status: ExitStatus & { reason?: 'OOMKilled' }): void {
    if (this.hasEnded) return
    this.end(status)
  }

  /** Finds the program that a command names. */
  lookup(name: string, path: string, cwd: string, files: ContainerFiles): Executable | LookupFailure {
    if (name === '') return { error: 'not-found' }
    const candidates = name.includes('/')
      ? [absolutePath(name, cwd)]
      : path.split(':').map((directory) => `${absolutePath(directory || '.', cwd)}/${name}`)
    if (this.options.ownProgramsOnly && !name.includes('/')) {
      const own = this.options.nodePrograms?.() ?? {}
      const key = candidates.map((candidate) => nodeProgramMark + candidate).find((each) => Object.hasOwn(own, each))
      if (key !== undefined) return { program: own[key]!, argv: [] }
    }
    let failure: LookupFailure = { error: 'not-found' }
    for (const candidate of candidates) {
      charge(5)
      if (!files.exists(candidate)) continue
      const found = this.executableAt(candidate, cwd, files)
      if (!('error' in found)) return found
      failure = found
    }
    return failure
  }

  /** Tells when the command, or what it has started, runs another program than the image's of that name, or finds none in its place. */
  private tellOther(name: string, found: Executable | LookupFailure, group: number): void {
    const { files, onInterference, programs } = this.options
    if (!onInterference || group !== this.initPid) return
    const own = programsNamed(programs, name)
    if (!own) return
    const all = files.as(superuser)
    const isOther =
      'error' in found
        ? ![...own.keys()].some((path) => all.exists(path) && all.read(path) === `${executableMark}${path}`)
        : found.argv.length > 0 || ![...own.values()].includes(found.program)
    if (isOther) onInterference({ kind: 'program', name })
  }

  private executableAt(path: string, cwd: string, files: ContainerFiles, depth = 0): Executable | LookupFailure {
    if (files.stat(path).type !== 'file' || !files.may(path, 1)) return { error: 'not-executable' }
    const content = files.as(superuser).read(path)
    if (content.startsWith(executableMark)) {
      const whole = content.slice(executableMark.length)
      const isOfNode = whole.startsWith(nodeProgramMark)
      const name = isOfNode ? whole.split(releaseMark, 1)[0] : whole
      const programs = isOfNode ? (this.options.nodePrograms?.() ?? {}) : this.options.programs
      if (!Object.hasOwn(programs, name)) return { error: 'not-executable' }
      return { program: programs[name], argv: [] }
    }
    const shebang = /^#![ \t]*(\S+)[ \t]*([^\n]*?)[ \t]*(?:\n|$)/.exec(content)
    const interpreter = shebang ? shebang[1] : '/bin/sh'
    if (depth > 3 || !files.exists(interpreter)) return { error: 'not-found' }
    const found = this.executableAt(interpreter, cwd, files, depth + 1)
    if ('error' in found) return found
    return { program: found.program, argv: [interpreter, ...(shebang?.[2] ? [shebang[2]] : []), path] }
  }

  spawn(parent: SimProcess, options: SpawnOptions): { pid: number } | StartFailure {
    const env = options.env ?? parent.env
    const cwd = options.cwd ?? parent.cwd
    const found = this.lookup(options.argv[0], env.PATH ?? parent.env.PATH ?? '', cwd, parent.view)
    this.tellOther(options.argv[0], found, parent.group)
    if ('error' in found) return found
    if (isTooLong(options.argv, env)) return { error: 'too-long' }
    if (!this.hasRoom) this.refuse(parent)
    const child = this.child(parent, options)
    const argv = found.argv.length ? [...found.argv, ...options.argv.slice(1)] : options.argv
    this.begin(child, found.program, argv)
    return { pid: child.pid }
  }

  fork(parent: SimProcess, program: Program, options: Partial<SpawnOptions>): { pid: number } {
    if (!this.hasRoom) this.refuse(parent)
    const child = this.child(parent, options)
    for (const [signal, action] of parent.actions) if (action === 'ignore') child.actions.set(signal, action)
    this.begin(child, program, options.argv ?? parent.argv)
    return { pid: child.pid }
  }

  /** Replaces a process's program; its pid, its place in the tree and ignored signals stay. */
  exec(process: SimProcess, options: SpawnOptions): Wait<never> | StartFailure {
    const env = options.env ?? process.env
    const cwd = options.cwd ?? process.cwd
    const view = options.root === undefined ? process.view : process.view.rootedAt(options.root)
    const found = this.lookup(options.argv[0], env.PATH ?? process.env.PATH ?? '', cwd, view)
    // Below another root lie the programs of somebody else.
    if (options.root === undefined) this.tellOther(options.argv[0], found, process.group)
    if ('error' in found) return found
    if (isTooLong(options.argv, env)) return { error: 'too-long' }
    return {
      start: () => {
        process.enter(view)
        process.become(options, found.argv.length ? [...found.argv, ...options.argv.slice(1)] : options.argv)
        process.generator = found.program(process)
        this.later(process, this.chargedMs(process, spawnCostMs))
        return () => {}
      },
    }
  }

  sleep(ms: number): Wait<void> {
    return {
      start: (resume) => {
        // Simplified: a container that has run for a minute, or sleeps for one, does not keep the cluster from being settled.
        const background = ms >= 60_000 || this.options.engine.nowMs - this.startedMs > 60_000
        return this.timer(Math.max(ms, 0), 'process wakes', () => resume(), background)
      },
    }
  }

  cpu(process: SimProcess, ms: number): Wait<void> {
    const { computing } = process
    return {
      start: (resume) => {
        this.busyWaits++
        // Of what its programs have computed that much is paid with it.
        computing.unpaidSteps = Math.max(0, computing.unpaidSteps - ms * stepsOfMs)
        const cancel = this.timer(this.chargedMs(process, ms), 'process computes', () => {
          this.busyWaits--
          resume()
        })
        return () => {
          this.busyWaits--
          cancel()
        }
      },
    }
  }

  waitChild(parent: SimProcess, pid?: number): Wait<({ pid: number } & ExitStatus) | undefined> {
    return {
      start: (resume) => {
        const wait = { pid, resume }
        if (this.tryReap(parent, wait)) return () => {}
        parent.childWaits.push(wait)
        return () => {
          parent.childWaits = parent.childWaits.filter((other) => other !== wait)
        }
      },
    }
  }

  /** A signal from inside. PID 1 can't be killed by its own container. */
  kill(sender: SimProcess, pid: number, signal: Signal): boolean {
    const found = this.pids.find(pid)
    const target = found?.process
    if (!target || (sender.uid !== 0 && sender.uid !== target.uid)) return false
    // The first process of a namespace takes no signal from inside that it has no handler for, and nobody has one for these: they are
    // dropped, and whoever sends them is told of no error. Source: kernel/signal.c, sig_task_ignored
    if (pid === 1 && (signal === 'SIGKILL' || signal === 'SIGSTOP')) return true
    const isLate = sender.isBeforeEnd && found.kernel.isEnding
    if (sender.isBeside || isLate || (found.kernel !== this && !this.options.isForDebugging))
      found.kernel.tellSignal(target, signal)
    if (found.kernel !== this || this.isVisitor(sender)) found.kernel.tellEnded(target, signal)
    if (target.pid === found.kernel.initPid && target.actions.has(signal))
      found.kernel.isEnding ||= asksToEnd.has(signal)
    found.kernel.deliver(target, signal, found.kernel.pids !== this.pids)
    if (found.kernel !== this && !this.options.isForDebugging) found.kernel.pump()
    if (target === this.running && target.isZombie) throw new ProcessEnded()
    return true
  }

  useMemory(process: SimProcess, bytes: number): void {
    const before = process.memoryBytes
    process.memoryBytes = Math.max(0, bytes)
    this.memoryChanged(process.memoryBytes - before)
  }

  /** More, or less, is held by a process or a volume: beyond the limit everything is killed. */
  memoryChanged(addedBytes: number): void {
    if (addedBytes > 0) this.options.onMemory?.(addedBytes)
    this.enforceMemory()
  }

  private enforceMemory(): void {
    const { memoryLimitBytes: limit, group } = this.options
    if (limit !== undefined && this.memoryBytes() > limit) this.oomKill()
    group?.enforceMemory()
    // The Pod or the node may have run out of memory, and their kernel have chosen this very container.
    if (this.hasEnded && this.running) throw new ProcessEnded()
  }

  useCpu(process: SimProcess, millis: number): void {
    this.accountCpu()
    process.cpuMillis = Math.max(0, millis)
  }

  processes(): readonly ProcessRow[] {
    return this.pids.processes()
  }

  /** Ends a process at once when it writes to a pipe that nobody reads. */
  breakPipe(process: SimProcess): void {
    this.deliver(process, 'SIGPIPE', false)
    if (process === this.running && process.isZombie) throw new ProcessEnded()
  }

  private child(parent: SimProcess, options: Partial<SpawnOptions>): SimProcess {
    return new SimProcess(this, parent, {
      argv: options.argv ?? parent.argv,
      env: options.env ?? parent.env,
      cwd: options.cwd ?? parent.cwd,
      uid: parent.uid,
      gid: parent.gid,
      groups: parent.groups,
      capabilities: parent.capabilities,
      stdin: options.stdin ?? parent.stdin,
      stdout: options.stdout ?? parent.stdout,
      stderr: options.stderr ?? parent.stderr,
    })
  }

  private get hasRoom(): boolean {
    return this.table.size <= maxProcesses && (this.options.pidBudget?.hasRoom ?? true)
  }

  private forget(pid: number): void {
    if (this.table.delete(pid)) this.options.pidBudget?.change(-1)
  }

  /** The process table is full: a shell that can't fork says so and ends. */
  private refuse(parent: SimProcess): never {
    parent.stderr.write("sh: can't fork: Resource temporarily unavailable\n")
    this.finish(parent, { exitCode: 2 })
    throw new ProcessEnded()
  }

  private begin(process: SimProcess, program: Program, argv: readonly string[]): void {
    process.argv = argv
    process.generator = program(process)
    process.holdStreams()
    this.table.set(process.pid, process)
    this.options.pidBudget?.change(1)
    this.later(process, this.chargedMs(process, spawnCostMs))
    this.enforceMemory()
  }

  private later(process: SimProcess, ms: number): void {
    process.cancelWait = this.timer(ms, 'process starts', () => this.resume(process, undefined))
  }

  private timer(ms: number, label: string, action: () => void, background = false): () => void {
    const { engine } = this.options
    const timer = engine.after(
      ms,
      label,
      () => {
        this.timers.delete(timer)
        action()
      },
      { background },
    )
    this.timers.add(timer)
    return () => {
      this.timers.delete(timer)
      engine.cancel(timer)
    }
  }

  private resume(process: SimProcess, value: unknown): void {
    if (process.isZombie) return
    process.cancelWait = undefined
    if (process.isStopped) {
      process.whenContinued = () => this.resume(process, value)
      return
    }
    this.ready.push({ process, value })
    this.pump()
  }

  /** Runs what is ready, one after the other: a process that wakes another does not run inside it. */
  private pump(): void {
    if (this.isPumping) return
    this.isPumping = true
    let turns = 0
    try {
      for (let next = this.ready.shift(); next; next = this.ready.shift()) {
        if (++turns > maxTurns) {
          const { process, value } = next
          process.cancelWait = this.timer(1, 'process turn', () => this.resume(process, value))
          continue
        }
        if (!next.process.isZombie) this.run(next.process, next.value)
      }
    } finally {
      this.isPumping = false
    }
  }

  private run(process: SimProcess, first: unknown): void {
    let value = first
    for (let turns = 0; ; turns++) {
      let step: IteratorResult<Wait, number>
      const before = workSpent()
      this.running = process
      try {
        step = budgeted<IteratorResult<Wait, number>>(
          // Ending the program costs less than ending the run, which a budget around it would do.
          Math.min(turnSteps, Math.floor(0.9 * workLeft())),
          () => {
            charge(stepsOfTurn)
            return process.generator.next(value)
          },
          () => overrun,
        )
      } catch (error) {
        this.running = undefined
        if (error instanceof ProcessEnded) return
        if (error instanceof FileError) {
          // A write that failed in a program that does not look: as stdio reports it at the end.
          process.stderr.write(`${process.argv[0]}: write error: ${error.message}\n`)
          this.finish(process, { exitCode: 1 })
          return
        }
        if (!(error instanceof RangeError)) throw error
        // The interpreter's stack is full, as a real program's would be.
        this.finish(process, { exitCode: 139 })
        return
      }
      this.running = undefined
      const { computing } = process
      computing.unpaidSteps += workSpent() - before
      if (process.isZombie) return
      if (step === overrun) {
        this.finish(process, { exitCode: 128 + signalNumber('SIGXCPU'), signal: 'SIGXCPU' })
        return
      }
      if (step.done) {
        this.finish(process, { exitCode: step.value & 255 })
        return
      }
      const wait = process.blockedOn?.isFull ? afterDrain(process.blockedOn, step.value) : step.value
      process.blockedOn = undefined
      if (computing.unpaidSteps > stepsOnCredit) {
        const ms = computing.unpaidSteps / stepsOfMs
        computing.unpaidSteps = 0
        const paid: Wait = afterDelay(
          (resume) => this.timer(this.chargedMs(process, ms), 'process computes', resume),
          wait,
        )
        process.cancelWait = paid.start((result) => this.resume(process, result))
        return
      }
      let isStarting = true
      let outcome: { value: unknown } | undefined
      const cancel = wait.start((result) => {
        if (isStarting) outcome ??= { value: result }
        else if (process.cancelWait === cancel) this.resume(process, result)
      })
      isStarting = false
      if (!outcome) {
        process.cancelWait ??= cancel
        return
      }
      value = outcome.value
      if (turns < maxTurns) continue
      const late = value
      process.cancelWait = this.timer(this.chargedMs(process, 1), 'process turn', () => this.resume(process, late))
      return
    }
  }

  /** How long that much CPU takes a process: longer under a CPU limit, and ever longer for a command that never rests. */
  private chargedMs({ computing }: SimProcess, ms: number): number {
    const { engine, cpuLimitMillis, group } = this.options
    const now = engine.nowMs
    computing.burstMs = Math.max(0, computing.burstMs - (now - computing.sinceMs))
    computing.sinceMs = now
    const scaled = Math.round(ms * Math.max(1, computing.burstMs / burstMs)) || 1
    this.accountCpu()
    this.cpuMs += scaled
    const ownStretch = cpuLimitMillis ? (1000 * Math.max(1, this.busyWaits)) / cpuLimitMillis : 1
    const stretch = Math.max(1, ownStretch, group?.stretch() ?? 1)
    const takes = Math.ceil(scaled * stretch)
    // One that computes for longer than a period is held up in each.
    this.noteQuota(
      takes,
      computing.burstMs > CFS_PERIOD_MS
        ? 1000 * Math.max(1, this.busyWaits)
        : Math.min(ALWAYS_AWAKE_MILLIS, cpuLimitMillis ?? 0),
    )
    // Twice what it takes: after it has passed, what is left says how long there was no rest.
    computing.burstMs += 2 * takes
    return takes
  }

  private accountCpu(): void {
    const now = this.options.engine.nowMs
    const { uses } = this
    const last = uses[uses.length - 1]
    const isDue = now - last.atMs >= 1000
    // Since then processes used what they said; what they computed before is not spread over that time.
    if (isDue && this.cpuMs > last.cpuMs) uses.push({ atMs: this.cpuSinceMs, cpuMs: this.cpuMs })
    this.cpuMs += ((now - this.cpuSinceMs) * this.wantedMillis()) / 1000
    if (this.options.cpuLimitMillis !== undefined) this.noteQuota(now - this.cpuSinceMs, this.unlimitedMillis())
    this.cpuSinceMs = now
    if (!isDue) return
    uses.push({ atMs: now, cpuMs: this.cpuMs })
    while (uses[1].atMs <= now - useWindowMs) uses.shift()
  }

  /** What had been used at a moment of the window: between two notes, as if it had been used evenly. */
  private cpuMsAt(atMs: number): number {
    const { uses } = this
    let n = 0
    while (n + 1 < uses.length && uses[n + 1].atMs <= atMs) n++
    const before = uses[n]
    const after = uses[n + 1] ?? { atMs: this.cpuSinceMs, cpuMs: this.cpuMs }
    if (after.atMs <= before.atMs) return before.cpuMs
    const part = (atMs - before.atMs) / (after.atMs - before.atMs)
    return before.cpuMs + part * (after.cpuMs - before.cpuMs)
  }

  work(process: SimProcess, ms: number, done: () => void): void {
    const { engine, cpuLimitMillis = Number.POSITIVE_INFINITY, group } = this.options
    const limitMillis = Math.min(cpuLimitMillis, group?.limits.cpuMillis ?? Number.POSITIVE_INFINITY)
    this.workUntilMs = Math.max(this.workUntilMs, engine.nowMs) + (ms * 1000) / limitMillis
    this.noteQuota(
      Math.max(ms, (ms * 1000) / limitMillis),
      (1000 * ms) / CFS_PERIOD_MS > limitMillis ? 1000 : limitMillis,
    )
    this.timer(Math.max(ms, this.workUntilMs - engine.nowMs), 'process works', () => {
      if (process.isZombie) return
      this.accountCpu()
      this.cpuMs += ms
      done()
    })
  }

  private wantedMillis(): number {
    const own = this.ownMillis()
    return this.options.group?.grantedMillis(own) ?? own
  }

  ownMillis(): number {
    return Math.min(this.unlimitedMillis(), this.options.cpuLimitMillis ?? Number.POSITIVE_INFINITY)
  }

  private unlimitedMillis(): number {
    let sum = 0
    for (const process of this.table.values()) if (!process.isZombie) sum += process.cpuMillis
    return sum
  }

  /** Who is told of files that a process has made or changed: it was started by exec, and not as the container's specification says. */
  visitOf(process: SimProcess): FileVisit | undefined {
    const { onInterference } = this.options
    if (!onInterference || !this.isVisitor(process)) return undefined
    return {
      made: (path) => void this.filesOfVisitors.add(path),
      changed: (path) => {
        if (!this.filesOfVisitors.has(path)) onInterference({ kind: 'file', path })
      },
    }
  }

  /** It was started by exec, and not as the container's specification says. */
  private isVisitor({ group, isBeside, isBeforeEnd }: SimProcess): boolean {
    return group !== this.initPid && !isBeside && !isBeforeEnd
  }

  /** Tells when a visitor's signal ends or stops the command, or what it has started. */
  private tellEnded(target: SimProcess, signal: Signal): void {
    const { onInterference } = this.options
    if (!onInterference || target.group !== this.initPid || target.isZombie) return
    const action = target.actions.get(signal)
    const isFinal = signal === 'SIGKILL' || signal === 'SIGSTOP'
    const isHeeded = isFinal || (action === undefined ? target.pid !== 1 : action !== 'ignore')
    // Of the command a signal may ask for something else, such as its settings to be read anew.
    const isEnd = isFinal || asksToEnd.has(signal) || (action === undefined && !ignoredByDefault.has(signal))
    const command = target.argv[0] ?? ''
    // What stands still does not do what its image says, whoever made it; what was ended is started again.
    if (isHeeded && isEnd)
      onInterference(signal === 'SIGSTOP' ? { kind: 'stopped', command } : { kind: 'ended', signal, command })
  }

  /** Tells when a signal ends or stops what the command has started. The first process itself may be told to go, or to read its settings anew, but not to stand still. */
  private tellSignal(target: SimProcess, signal: Signal): void {
    const { onInterference } = this.options
    if (!onInterference || target.group !== this.initPid || target.isZombie) return
    if (target.pid === this.initPid) {
      if (signal === 'SIGSTOP') onInterference({ kind: 'stopped', command: target.argv[0] ?? '' })
      return
    }
    const isHandled = signal !== 'SIGKILL' && signal !== 'SIGSTOP' && target.actions.has(signal)
    if (!isHandled && !ignoredByDefault.has(signal))
      onInterference({ kind: 'signal', signal, command: target.argv[0] ?? '' })
  }

  private deliver(process: SimProcess, signal: Signal, isFromOutside: boolean): void {
    if (process.isZombie) return
    if (signal === 'SIGCONT') {
      process.isStopped = false
      const resume = process.whenContinued
      process.whenContinued = undefined
      resume?.()
      const { heldBack } = process
      process.heldBack = []
      for (const act of heldBack) act()
    }
    if (signal === 'SIGSTOP') {
      process.isStopped = true
      return
    }
    // Whoever stands still hears of it once they go on.
    if (process.isStopped && signal !== 'SIGKILL') {
      process.heldBack.push(() => this.deliver(process, signal, isFromOutside))
      return
    }
    const action = signal === 'SIGKILL' ? 'default' : (process.actions.get(signal) ?? 'default')
    if (action === 'ignore') return
    if (typeof action === 'function') {
      action()
      return
    }
    if (ignoredByDefault.has(signal)) return
    if (process.pid === 1 && !(signal === 'SIGKILL' && isFromOutside)) return
    this.finish(process, { exitCode: 128 + signalNumber(signal), signal })
  }

  private finish(process: SimProcess, status: ExitStatus): void {
    if (process.isZombie) return
    this.accountCpu()
    process.end(status)
    if (process.pid === this.initPid) {
      this.end(status)
      return
    }
    for (const child of this.table.values()) {
      if (child.ppid !== process.pid) continue
      child.ppid = 1
      child.isAdopted = true
    }
    if (process.ppid === 0) {
      this.forget(process.pid)
      process.onEnd?.(status)
      return
    }
    const parent = this.table.get(process.ppid)
    // The first process of a shared namespace is another container's: it reaps whom it adopts at once.
    if (!parent && process.isAdopted) this.forget(process.pid)
    if (!parent || parent.isZombie) return
    for (const wait of [...parent.childWaits]) {
      if (!this.tryReap(parent, wait)) continue
      parent.childWaits = parent.childWaits.filter((other) => other !== wait)
    }
    if (!parent.isZombie) this.deliver(parent, 'SIGCHLD', false)
  }

  private tryReap(
    parent: SimProcess,
    wait: { pid?: number; resume: (value: ({ pid: number } & ExitStatus) | undefined) => void },
  ): boolean {
    let hasChild = false
    for (const child of this.table.values()) {
      if (child.ppid !== parent.pid) continue
      if (child.isAdopted && child.isZombie) {
        this.forget(child.pid)
        continue
      }
      if (wait.pid !== undefined && child.pid !== wait.pid) continue
      hasChild = true
      if (!child.exit) continue
      this.forget(child.pid)
      wait.resume({ pid: child.pid, ...child.exit })
      return true
    }
    if (hasChild) return false
    wait.resume(undefined)
    return true
  }

  private end(status: ExitStatus & { reason?: 'OOMKilled' }): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.accountCpu()
    const killed: ExitStatus = { exitCode: 137, signal: 'SIGKILL' }
    const roots: SimProcess[] = []
    for (const process of this.table.values()) {
      if (!process.isZombie) {
        process.end(killed)
        if (process.ppid === 0 && process.pid !== this.initPid) roots.push(process)
      }
    }
    for (const timer of this.timers) this.options.engine.cancel(timer)
    this.timers.clear()
    this.ready.length = 0
    this.options.pidBudget?.change(-this.table.size)
    this.table.clear()
    this.pids.leave(this)
    this.options.group?.members.delete(this)
    for (const process of roots) process.onEnd?.(killed)
    this.options.onExit(status)
  }
}

const never: Wait<never> = { start: () => () => {} }

/** By path. */
type Programs = ReadonlyMap<string, Program>

/** Of an image, by their names without the folder. */
const programsByName = new WeakMap<Readonly<Record<string, Program>>, ReadonlyMap<string, Programs>>()

/** @returns what an image has by that name; undefined where it has nothing, or where the name leads to no folder of programs */
function programsNamed(all: Readonly<Record<string, Program>>, name: string): Programs | undefined {
  let known = programsByName.get(all)
  if (!known) {
    const found = new Map<string, Map<string, Program>>()
    for (const [path, program] of Object.entries(all)) {
      const own = path.slice(path.lastIndexOf('/') + 1)
      const same = found.get(own) ?? new Map<string, Program>()
      found.set(own, same.set(path, program))
    }
    programsByName.set(all, found)
    known = found
  }
  const [, folder, own] = /^(.*\/)?([^/]*)$/s.exec(name)!
  if (folder !== undefined && !/^\/(?:usr\/(?:local\/)?)?s?bin\/$/.test(folder)) return undefined
  return known.get(own)
}

/** One process. */
/** What a command that was started from outside has computed, with all processes that it started. */
interface Computing {
  /** Steps that have taken no time yet. */
  unpaidSteps: number
  /** CPU time without rest, as of a moment. */
  burstMs: number
  sinceMs: number
}

export class SimProcess implements Process {
  readonly computing: Computing
  readonly pid: number
  /** Its number among all processes of the node. */
  readonly nodePid: number
  ppid: number
  /** The number of the first process of its group, whom a terminal's signals reach together. */
  readonly group: number
  /** It, or who started it, was started beside the container's command. */
  readonly isBeside: boolean
  /** It, or who started it, is the hook before the container's end. */
  readonly isBeforeEnd: boolean
  argv: readonly string[]
  env: Record<string, string>
  cwd: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[] | undefined
  readonly capabilities: ReadonlySet<string> | undefined
  readonly startedMs: number
  view: ContainerFiles
  readonly actions = new Map<Signal, (() => void) | 'ignore'>()
  stdin: InputStream
  stdout: OutputStream
  stderr: OutputStream
  generator!: Generator<Wait, number, unknown>
  cancelWait: (() => void) | undefined
  childWaits: { pid?: number; resume: (value: ({ pid: number } & ExitStatus) | undefined) => void }[] = []
  blockedOn: PipeEnd | undefined
  isZombie = false
  isStopped = false
  isAdopted = false
  whenContinued: (() => void) | undefined
  /** What has come since it was stopped. */
  heldBack: (() => void)[] = []
  exit: ExitStatus | undefined
  memoryBytes = 0
  cpuMillis = 0
  onEnd: ((status: ExitStatus) => void) | undefined
  private readonly kernel: Kernel
  private held: CountedStream[] = []
  private processFiles: FileSystem | undefined
  private processNetwork: NetworkNamespace | undefined
  private entered: EnteredNamespaces | undefined
  private readonly openPorts = new Set<() => void>()

  constructor(kernel: Kernel, parent: SimProcess | undefined, options: RootOptions) {
    this.kernel = kernel
    this.pid = kernel.pids.newPid()
    this.nodePid = kernel.pids.outer?.newPid() ?? this.pid
    this.ppid = parent?.pid ?? 0
    this.group = parent?.group ?? this.pid
    this.isBeside = parent?.isBeside ?? options.isBeside ?? false
    this.isBeforeEnd = parent?.isBeforeEnd ?? options.isBeforeEnd ?? false
    this.argv = options.argv
    this.env = { ...options.env }
    this.cwd = options.cwd
    this.uid = options.uid
    this.gid = options.gid
    this.groups = options.groups
    this.capabilities = options.capabilities
    this.startedMs = kernel.options.engine.nowMs
    this.computing = parent?.computing ?? { unpaidSteps: 0, burstMs: 0, sinceMs: this.startedMs }
    this.view = parent ? parent.view : kernel.options.files.as(options)
    this.entered = parent?.entered
    this.stdin = options.stdin ?? createTextInput('')
    this.stdout = this.ownOutput(options.stdout)
    this.stderr = this.ownOutput(options.stderr)
  }

  get hostname(): string {
    return this.entered?.hostname ?? this.kernel.options.hostname
  }
  get imageTag(): string {
    return this.kernel.options.imageTag ?? ''
  }
  /** What comes to somebody who stands still waits for them. */
  private onceRunning(act: () => void): void {
    if (this.isStopped) this.heldBack.push(act)
    else act()
  }
  listening(server: RpcServer, bind: (server: RpcServer) => Listener): Listener {
    const listener = bind({
      call: (method, request, reply) => this.onceRunning(() => server.call(method, request, reply)),
    })
    const close = (): void => listener.close()
    this.openPorts.add(close)
    listener.onClose.add(() => this.openPorts.delete(close))
    return listener
  }
  get files(): FileSystem {
    this.processFiles ??= new ProcessFiles(this.view, this, this.kernel.visitOf(this))
    return this.processFiles
  }
  get network(): NetworkNamespace {
    this.processNetwork ??= new ProcessNetwork(
      this.namespace,
      this.openPorts,
      () => this.hostsFile(),
      (act) => this.onceRunning(act),
    )
    return this.processNetwork
  }
  /** The network that it is in, whoever's it is. */
  get namespace(): NetworkNamespace {
    return this.entered?.network ?? this.kernel.options.network
  }
  private hostsFile(): string | undefined {
    try {
      return this.files.read('/etc/hosts')
    } catch (error) {
      if (error instanceof FileError) return undefined
      throw error
    }
  }
  get place(): ProcessPlace | undefined {
    const { place } = this.kernel.options
    return place && this.entered ? { ...place, namespaces: { ...place.namespaces, ...this.entered.numbers } } : place
  }
  get state(): string {
    return this.isZombie ? 'Z' : this.isStopped ? 'T' : this.cancelWait ? 'S' : 'R'
  }

  nowEpochMs(): number {
    return this.kernel.options.engine.epochMs
  }
  random(): number {
    return this.kernel.options.engine.random(this.kernel.options.randomStream).next()
  }
  sleep(ms: number): Wait<void> {
    return this.kernel.sleep(ms)
  }
  forever(): Wait<never> {
    return never
  }
  cpu(ms: number): Wait<void> {
    return this.kernel.cpu(this, ms)
  }
  spawn(options: SpawnOptions): { pid: number } | StartFailure {
    return this.kernel.spawn(this, options)
  }
  exec(options: SpawnOptions): Wait<never> | StartFailure {
    return this.kernel.exec(this, options)
  }
  fork(program: Program, options: Partial<SpawnOptions> = {}): { pid: number } {
    return this.kernel.fork(this, program, options)
  }
  waitChild(pid?: number): Wait<({ pid: number } & ExitStatus) | undefined> {
    return this.kernel.waitChild(this, pid)
  }
  kill(pid: number, signal: Signal): boolean {
    return this.kernel.kill(this, pid, signal)
  }
  nodeProgram(path: string): Program | undefined {
    return this.kernel.options.nodePrograms?.()[`${nodeProgramMark}${path}`]
  }
  processes(): readonly ProcessRow[] {
    return this.kernel.processes()
  }
  dynamicFile(path: string): string | undefined {
    return this.kernel.options.dynamicFile?.(path)
  }
  useMemory(bytes: number): void {
    this.kernel.useMemory(this, bytes)
  }
  useCpu(millis: number): void {
    this.kernel.useCpu(this, millis)
  }
  work(cpuMs: number, done: () => void): void {
    this.kernel.work(this, cpuMs, done)
  }

  onSignal(signal: Signal, action: (() => void) | 'ignore' | 'default'): void {
    if (action === 'default') this.actions.delete(signal)
    else this.actions.set(signal, action)
  }

  holdStreams(): void {
    const streams = [this.stdin, unwrap(this.stdout), unwrap(this.stderr)] as Partial<CountedStream>[]
    for (const stream of streams) {
      if (!stream.hold) continue
      stream.hold()
      this.held.push(stream as CountedStream)
    }
  }

  /** Another root. */
  enter(view: ContainerFiles): void {
    if (view === this.view) return
    this.view = view
    this.processFiles = undefined
  }

  /** exec: a new program with these streams, words and environment. */
  become(options: SpawnOptions, argv: readonly string[]): void {
    const before = this.held
    this.held = []
    if (options.stdin) this.stdin = options.stdin
    if (options.stdout) this.stdout = this.ownOutput(options.stdout)
    if (options.stderr) this.stderr = this.ownOutput(options.stderr)
    this.holdStreams()
    for (const stream of before) stream.release()
    if (options.env) this.env = { ...options.env }
    if (options.cwd) this.cwd = options.cwd
    if (options.enter) {
      this.entered = {
        ...this.entered,
        ...options.enter,
        numbers: { ...this.entered?.numbers, ...options.enter.numbers },
      }
      this.processNetwork = undefined
    }
    this.argv = argv
    this.memoryBytes = 0
    this.cpuMillis = 0
    for (const [signal, action] of this.actions) if (action !== 'ignore') this.actions.delete(signal)
  }

  end(status: ExitStatus): void {
    this.isZombie = true
    this.exit = status
    this.memoryBytes = 0
    this.cpuMillis = 0
    const cancel = this.cancelWait
    this.cancelWait = undefined
    try {
      cancel?.()
    } finally {
      const held = this.held
      this.held = []
      for (const stream of held) stream.release()
      for (const close of this.openPorts) close()
      this.openPorts.clear()
    }
  }

  private ownOutput(target: OutputStream): OutputStream {
    return new ProcessOutput(this, this.kernel, unwrap(target))
  }
}

/** The Pod's network, except that a process's ports close when it ends, and that it goes by the /etc/hosts that it sees. */
class ProcessNetwork implements NetworkNamespace {
  readonly ip: string
  readonly hostname: string
  private readonly network: NetworkNamespace
  private readonly openPorts: Set<() => void>
  private readonly addressOf: (name: string) => string | undefined
  private readonly onceRunning: (act: () => void) => void

  constructor(
    network: NetworkNamespace,
    openPorts: Set<() => void>,
    readHosts: () => string | undefined,
    onceRunning: (act: () => void) => void,
  ) {
    this.onceRunning = onceRunning
    this.addressOf = createHostsReader(readHosts)
    this.ip = network.ip
    this.hostname = network.hostname
    this.network = network
    this.openPorts = openPorts
  }

  get linkIndex(): number {
    return this.network.linkIndex
  }

  listeningPorts(protocol?: 'TCP' | 'UDP'): readonly number[] {
    return this.network.listeningPorts(protocol)
  }

  isLocal(port: number, protocol?: 'TCP' | 'UDP'): boolean {
    return this.network.isLocal(port, protocol)
  }

  spokenOn(port: number): SpokenProtocols | undefined {
    return this.network.spokenOn(port)
  }

  listen(port: number, server: PortServer, protocol?: 'TCP' | 'UDP'): { close: () => void } | { error: string } {
    const listening = this.network.listen(port, this.patient(server), protocol)
    if ('error' in listening) return listening
    const close = (): void => {
      this.openPorts.delete(close)
      listening.close()
    }
    this.openPorts.add(close)
    return { close }
  }

  /** While the process stands still connections are made, as the kernel does that, and nobody answers. */
  private patient(server: PortServer): PortServer {
    const { onceRunning } = this
    const held: Pick<PortServer, 'http' | 'tcp' | 'udp'> = {
      ...(server.http && { http: (request, reply) => onceRunning(() => server.http!(request, reply)) }),
      ...(server.tcp && { tcp: (input, reply) => onceRunning(() => server.tcp!(input, reply)) }),
      ...(server.udp && { udp: (input, reply, clientIP) => onceRunning(() => server.udp!(input, reply, clientIP)) }),
    }
    return Object.assign(Object.create(server) as PortServer, held)
  }

  http(target: Target, request: HttpRequest, timeoutMs: number, done: (result: HttpResult) => void): Cancel {
    return this.network.http(this.found(target), request, timeoutMs, done)
  }

  tcp(target: Target, input: string | undefined, timeoutMs: number, done: (result: TcpResult) => void): Cancel {
    return this.network.tcp(this.found(target), input, timeoutMs, done)
  }

  udp(target: Target, input: string, timeoutMs: number, done: (result: TcpResult) => void): Cancel {
    return this.network.udp(this.found(target), input, timeoutMs, done)
  }

  grpcHealth(
    target: Target,
    service: string,
    timeoutMs: number,
    done: (result: TcpResult & { status?: string }) => void,
  ): Cancel {
    return this.network.grpcHealth(this.found(target), service, timeoutMs, done)
  }

  query(name: string, type: RecordType, done: (reply: DnsReply) => void): Cancel {
    return this.network.query(name, type, done)
  }

  searchPath(): readonly string[] {
    return this.network.searchPath()
  }

  candidateNames(name: string): readonly string[] {
    return this.network.candidateNames(name)
  }

  resolve(name: string, done: (addresses: readonly string[], server: string) => void): Cancel {
    const known = this.addressOf(name)
    if (known === undefined) return this.network.resolve(name, done)
    return this.network.resolve(known, (addresses) => done(addresses, '/etc/hosts'))
  }

  /** Simplified: what somebody takes out of the file the network still knows. */
  private found(target: Target): Target {
    const known = this.addressOf(target.host)
    return known === undefined ? target : { ...target, host: known }
  }
}

/** A process's output: notices a pipe that is full or that nobody reads. */
class ProcessOutput implements OutputStream {
  readonly target: OutputStream
  private readonly process: SimProcess
  private readonly kernel: Kernel

  constructor(process: SimProcess, kernel: Kernel, target: OutputStream) {
    this.process = process
    this.kernel = kernel
    this.target = target
  }

  get isTerminal(): boolean {
    return this.target.isTerminal
  }

  write(text: string): void {
    if (text === '') return
    chargeText(text.length)
    const pipe = this.target as Partial<PipeEnd>
    if (pipe.isBroken) {
      this.kernel.breakPipe(this.process)
      return
    }
    this.target.write(text)
    if (pipe.isFull) this.process.blockedOn = this.target as PipeEnd
  }
}

function unwrap(stream: OutputStream): OutputStream {
  return stream instanceof ProcessOutput ? stream.target : stream
}

/** Starts a wait only once the pipe has room again. */
function afterDrain(pipe: PipeEnd, wait: Wait): Wait {
  return {
    start(resume) {
      let cancel = pipe.whenDrained(() => {
        cancel = wait.start(resume)
      })
      return () => cancel()
    },
  }
}

/** Starts a wait only when that delay is over. */
function afterDelay(delay: (resume: () => void) => () => void, wait: Wait): Wait {
  return {
    start(resume) {
      let cancel = delay(() => {
        cancel = wait.start(resume)
      })
      return () => cancel()
    },
  }
}

/** A path from a process's point of view, without `.` and doubled slashes; `..` is left to the file system. */
export function absolutePath(path: string, cwd: string): string {
  if (path.startsWith('/')) return path
  if (path === '' || path === '.') return cwd
  return `${cwd === '/' ? '' : cwd}/${path.replace(/^(?:\.\/)+/, '')}`
}
