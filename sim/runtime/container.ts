/** A running container: an image's programs on a file system and a network, with a user, limits and a log. */

import type { Engine } from '../engine/engine.ts'
import type { NetworkNamespace } from '../network/types.ts'
import { cpuMax, cpuStat, cpuWeight, limitText, memoryEvents, processLines } from './cgroup-files.ts'
import type { ControlGroup, Limits } from './control-group.ts'
import type { ContainerFiles, Credentials } from './file-system.ts'
import { fileError } from './file-tree.ts'
import {
  type CpuThrottling,
  type Interference,
  Kernel,
  type LookupFailure,
  type NodePids,
  type PidBudget,
  type PidNamespace,
} from './kernel.ts'
import type { ProcessPlace } from './namespaces.ts'
import { createOutput } from './pipe.ts'
import type { Image, InputStream, OutputStream, Program, Signal } from './process.ts'

export interface ContainerOptions {
  engine: Engine
  image: Image
  /** The whole command: entrypoint (or `command`) and arguments. */
  argv: readonly string[]
  /** What the Pod sets; the image's own environment, HOSTNAME, HOME and PATH are added. */
  env: Readonly<Record<string, string>>
  /** Made when it is missing; the image's, then `/`, without one. */
  workingDir?: string
  /** As root sees them: `createFileSystem`, with volumes mounted. */
  files: ContainerFiles
  network: NetworkNamespace
  hostname: string
  /** By which its image was asked for. */
  imageTag?: string
  /** Files below /proc/sys that show something else than usual. */
  kernelValues?: Readonly<Record<string, string>>
  /** Root without it; `findUser` reads an image's or a Pod's user. */
  user?: Credentials
  limits?: Limits
  /** Process numbers shared with other containers. */
  pids?: PidNamespace
  /** The node's process numbers, and the process there that starts the container. */
  nodePids?: NodePids
  nodeParent?: number
  /** The node's own programs. */
  nodePrograms?: () => Readonly<Record<string, Program>>
  pidBudget?: PidBudget
  /** The Pod's limits, and how readily the kernel kills this container for them. */
  group?: ControlGroup
  oomScoreAdjust?: number
  /** What lies in memory besides what processes hold. */
  sharedMemoryBytes?: () => number
  /** That much more memory is held than before; Infinity when it is not known. */
  onMemory?: (addedBytes: number) => void
  /** Told when something makes its command do something else than it says. */
  onInterference?: (what: Interference) => void
  /** It was put into a Pod that runs, by somebody who looks into it. */
  isForDebugging?: boolean
  /** Its control group and its namespaces. */
  place?: ProcessPlace
  stdin?: InputStream
  tty?: boolean
  /** Name of the container's random stream; any name that no other container has. */
  name?: string
  onOutput: (stream: 'stdout' | 'stderr', text: string, atMs: number) => void
  onExit: (exit: ContainerExit) => void
}

export interface ContainerExit {
  exitCode: number
  signal?: Signal
  reason?: 'OOMKilled'
}

/** The container could not be started: reason StartError, and what the runtime says. */
export interface StartFailure {
  error: string
  exitCode: 128
}

export interface ExecOptions {
  argv: readonly string[]
  /** Added to the container's environment. */
  env?: Readonly<Record<string, string>>
  stdin?: InputStream
  tty?: boolean
  /** The container's own specification asks for it: a probe, or the hook after its start. */
  isBeside?: boolean
  /** The hook before its end. */
  isBeforeEnd?: boolean
  onOutput: (stream: 'stdout' | 'stderr', text: string, atMs: number) => void
  onExit: (exit: ContainerExit) => void
}

export interface RunningExec {
  pid: number
  /** Ends it, as a timeout does. */
  kill(): void
  /** Sends a signal to it and all that it started, as its terminal does. */
  interrupt(signal: Signal): void
}

export interface Container {
  /** The first process's number: 1 unless process numbers are shared. */
  readonly pid1: number
  /** Of the same process, as the node counts; undefined once it has ended. */
  readonly nodePid: number | undefined
  /** Of all its processes, as the node counts. */
  readonly nodePids: readonly number[]
  readonly isRunning: boolean
  readonly pids: PidNamespace
  /** Sends a signal to PID 1 from outside. */
  signal(signal: Signal): void
  /** SIGKILL: ends every process at once; onExit is called with 137 before this returns. */
  kill(): void
  /** A volume in memory has grown. */
  memoryGrew(): void
  /** The kernel kills it because memory ran out. */
  oomKill(): void
  /** Runs another program inside. The error is worded as runc's for exec. */
  exec(options: ExecOptions): RunningExec | { error: string }
  /** Sends a signal to the first process and all that it started, as its terminal does. */
  interrupt(signal: Signal): void
  /** Other limits from now on, as an update of its control group. */
  setLimits(limits: Limits): void
  /** Bytes that it holds now: its processes, and what lies in its volumes in memory. */
  memoryUsage(): number
  /** Bytes that its processes alone hold. */
  processMemory(): number
  /** CPU used since the start in milliseconds, and lately in millicores. */
  cpuUsage(): { totalMs: number; millis: number }
  /** How often its quota was used up; undefined without a limit. */
  cpuThrottling(): CpuThrottling | undefined
  /** Bytes in the container's own layer, for ephemeral-storage. */
  writtenBytes(): number
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const rootUser: Credentials = { uid: 0, gid: 0 }

/** Starts a container, or tells why the runtime can't. The first process runs from the next virtual millisecond on. */
export function startContainer(options: ContainerOptions): Container | StartFailure {
  const { engine, image, files, hostname } = options
  const { limits } = options
  const user = options.user ?? rootUser
  const cwd = options.workingDir || image.workingDir || '/'
  const problem = prepareWorkingDir(files, cwd)
  if (problem) return startFailure(problem)
  if (options.argv.length === 0) return { error: 'no command specified', exitCode: 128 }

  const env: Record<string, string> = { PATH: defaultPath, ...image.env, HOSTNAME: hostname, ...options.env }
  env.HOME ??= homeOf(files, user.uid)
  if (options.tty) env.TERM ??= 'xterm'
  const kernel: Kernel = new Kernel({
    engine,
    pids: options.pids,
    nodePids: options.nodePids,
    nodeParent: options.nodeParent,
    pidBudget: options.pidBudget,
    group: options.group,
    oomScoreAdjust: options.oomScoreAdjust,
    onMemory: options.onMemory,
    onInterference: options.onInterference,
    isForDebugging: options.isForDebugging,
    place: options.place,
    sharedMemoryBytes: options.sharedMemoryBytes,
    programs: image.programs,
    nodePrograms: options.nodePrograms,
    files,
    network: options.network,
    hostname,
    imageTag: options.imageTag,
    memoryLimitBytes: limits?.memoryBytes,
    cpuLimitMillis: limits?.cpuMillis,
    cpuShares: limits?.cpuShares,
    randomStream: `container/${options.name ?? hostname}`,
    dynamicFile: (path) => options.kernelValues?.[path] ?? dynamicFile(path, kernel),
    onExit: options.onExit,
  })
  const place: Place = { env, cwd, user }
  const started = kernel.startRoot({
    argv: options.argv,
    env,
    cwd,
    ...user,
    stdin: options.stdin,
    ...outputOf(engine, options.onOutput, options.tty),
  })
  if ('error' in started) return startFailure(describeLookup(options.argv[0], started, files, cwd))
  return new RunningContainer(kernel, started.pid, place)
}

/** Where and as whom programs are run in a container. */
interface Place {
  env: Readonly<Record<string, string>>
  cwd: string
  user: Credentials
}

class RunningContainer implements Container {
  readonly pid1: number
  private readonly kernel: Kernel
  private readonly place: Place

  constructor(kernel: Kernel, pid1: number, place: Place) {
    this.kernel = kernel
    this.pid1 = pid1
    this.place = place
  }

  get pids(): PidNamespace {
    return this.kernel.pids
  }

  get isRunning(): boolean {
    return this.kernel.isRunning
  }

  signal(signal: Signal): void {
    this.kernel.signal(this.pid1, signal)
  }

  kill(): void {
    this.kernel.killAll({ exitCode: 137, signal: 'SIGKILL' })
  }

  /** A function of its own: volumes are given it to call. */
  readonly memoryGrew = (): void => {
    if (this.kernel.isRunning) this.kernel.memoryChanged(Number.POSITIVE_INFINITY)
  }

  oomKill(): void {
    this.kernel.oomKill()
  }

  interrupt(signal: Signal): void {
    this.kernel.signalGroup(this.pid1, signal)
  }

  exec(request: ExecOptions): RunningExec | { error: string } {
    const { kernel } = this
    if (!kernel.isRunning) return { error: 'cannot exec in a stopped container' }
    if (request.argv.length === 0) return { error: 'OCI runtime exec failed: exec failed: args must not be empty' }
    const { env, cwd, user } = this.place
    const { engine, files } = kernel.options
    const process = kernel.startRoot({
      argv: request.argv,
      env: { ...env, ...(request.tty ? { TERM: 'xterm' } : {}), ...request.env },
      cwd,
      ...user,
      stdin: request.stdin,
      isBeside: request.isBeside,
      isBeforeEnd: request.isBeforeEnd,
      ...outputOf(engine, request.onOutput, request.tty),
      onExit: request.onExit,
    })
    if ('error' in process) {
      const why = describeLookup(request.argv[0] ?? '', process, files, cwd)
      return { error: `OCI runtime exec failed: exec failed: unable to start container process: ${why}` }
    }
    const { pid } = process
    return {
      pid,
      kill: () => void kernel.signal(pid, 'SIGKILL'),
      interrupt: (signal) => kernel.signalGroup(pid, signal),
    }
  }

  setLimits(limits: Limits): void {
    this.kernel.setLimits(limits)
  }

  get nodePid(): number | undefined {
    return this.kernel.pids.find(this.pid1)?.process.nodePid
  }

  get nodePids(): readonly number[] {
    return [...this.kernel.ownProcesses()].map(({ nodePid }) => nodePid)
  }

  memoryUsage(): number {
    return this.kernel.memoryBytes()
  }

  processMemory(): number {
    return this.kernel.processMemoryBytes()
  }

  cpuUsage(): { totalMs: number; millis: number } {
    return this.kernel.cpuUsage()
  }

  cpuThrottling(): CpuThrottling | undefined {
    return this.kernel.cpuThrottling()
  }

  writtenBytes(): number {
    return this.kernel.options.files.writtenBytes()
  }
}

function outputOf(
  engine: Engine,
  emit: ContainerOptions['onOutput'],
  isTerminal?: boolean,
): { stdout: OutputStream; stderr: OutputStream } {
  const stdout = createOutput((text) => emit('stdout', text, engine.nowMs), isTerminal)
  return { stdout, stderr: isTerminal ? stdout : createOutput((text) => emit('stderr', text, engine.nowMs)) }
}

/** What every container has mounted besides its root and its volumes. Source: containerd, oci.defaultMounts */
const kernelMounts = `proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0
devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666 0 0
mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime 0 0
sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0
cgroup /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0
`

/** /proc/mounts, in the order of mounting. */
function mountTable(files: ContainerFiles): string {
  const [root, ...mounts] = files.mountPoints().map(({ path, readOnly, device }) => {
    const what = path === '/' ? 'overlay / overlay' : device ? `${device} ${path} tmpfs` : `/dev/vda ${path} ext4`
    return `${what} ${readOnly ? 'ro' : 'rw'},relatime 0 0\n`
  })
  return [root, kernelMounts, ...mounts].join('')
}

/** The files of /proc and /sys that are written when read. */
function dynamicFile(path: string, kernel: Kernel): string | undefined {
  const { engine, files, memoryLimitBytes, cpuLimitMillis } = kernel.options
  switch (path) {
    case '/proc/uptime':
      return `${(engine.nowMs / 1000).toFixed(2)} ${(engine.nowMs / 500).toFixed(2)}\n`
    case '/proc/mounts':
      return mountTable(files)
    case '/sys/fs/cgroup/memory.max':
      return limitText(memoryLimitBytes)
    case '/sys/fs/cgroup/memory.current':
      return `${kernel.memoryBytes()}\n`
    case '/sys/fs/cgroup/memory.events':
      return memoryEvents(0)
    case '/sys/fs/cgroup/cpu.weight':
      return `${cpuWeight(kernel.options.cpuShares)}\n`
    case '/sys/fs/cgroup/cpu.max':
      return cpuMax(cpuLimitMillis)
    case '/sys/fs/cgroup/cpu.stat':
      return cpuStat(kernel.cpuUsage().totalMs, kernel.cpuThrottling())
    case '/sys/fs/cgroup/cgroup.procs':
      return processLines([...kernel.ownProcesses()].map(({ pid }) => pid))
    case '/sys/fs/cgroup/pids.current':
      return `${[...kernel.ownProcesses()].length}\n`
    default:
      return undefined
  }
}

/**
 * The user that an image or Pod names: a number or name, with `:group` or without; its supplementary groups come from
 * /etc/group. Undefined when a name is not in /etc/passwd.
 */
export function findUser(files: ContainerFiles, user: string | undefined): Credentials | undefined {
  const [name, group] = (user || '0').split(':')
  const passwd = readLines(files, '/etc/passwd').map((line) => line.split(':'))
  const row = passwd.find((fields) => fields[0] === name) ?? passwd.find((fields) => fields[2] === name)
  if (!row && !/^\d+$/.test(name)) return undefined
  const groups = readLines(files, '/etc/group').map((line) => line.split(':'))
  const groupRow = group === undefined ? undefined : groups.find((fields) => fields[0] === group || fields[2] === group)
  if (group !== undefined && !groupRow && !/^\d+$/.test(group)) return undefined
  const own = row ? groups.filter((fields) => fields[3]?.split(',').includes(row[0])) : []
  return {
    uid: row ? Number(row[2]) : Number(name),
    gid: group !== undefined ? Number(groupRow ? groupRow[2] : group) : row ? Number(row[3]) : 0,
    ...(own.length > 0 ? { groups: own.map((fields) => Number(fields[2])) } : {}),
  }
}

/** Lines of a file in the container; none when it can't be read. */
export function readLines(
  files: { exists(path: string): boolean; read(path: string): string },
  path: string,
): string[] {
  if (!files.exists(path)) return []
  return files.read(path).split('\n').filter(Boolean)
}

const startFailure = (why: string): StartFailure => ({
  error: `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${why}`,
  exitCode: 128,
})

function homeOf(files: ContainerFiles, uid: number): string {
  const row = readLines(files, '/etc/passwd').find((line) => line.split(':')[2] === String(uid))
  return row?.split(':')[5] || '/'
}

function prepareWorkingDir(files: ContainerFiles, cwd: string): string | undefined {
  try {
    if (!files.exists(cwd)) files.mkdir(cwd, { parents: true })
    if (files.stat(cwd).type !== 'directory') throw fileError('ENOTDIR')
  } catch (error) {
    if (error instanceof Error)
      return `chdir to cwd ("${cwd}") set in config.json failed: ${error.message.toLowerCase()}`
    throw error
  }
  return undefined
}

/** What Go's exec.LookPath and the kernel say of a command that can't be run. */
function describeLookup(name: string, failure: LookupFailure, files: ContainerFiles, cwd: string): string {
  if (failure.error === 'not-executable')
    return `exec: "${name}": ${isDirectory(files, name, cwd) ? 'is a directory' : 'permission denied'}`
  if (!name.includes('/')) return `exec: "${name}": executable file not found in $PATH`
  return `exec: "${name}": stat ${name}: no such file or directory`
}

function isDirectory(files: ContainerFiles, name: string, cwd: string): boolean {
  const path = name.startsWith('/') ? name : `${cwd}/${name}`
  return files.exists(path) && files.stat(path).type === 'directory'
}
