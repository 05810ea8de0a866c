/** A process's view of its files: /dev/stdin, /dev/stdout, /dev/stderr and /proc lead to the process itself. */

import { charge } from '../engine/work.ts'
import type { ContainerFiles } from './file-system.ts'
import { fileError } from './file-tree.ts'
import { FileError, type FileSpace, type FileStat, type FileSystem, type Listener, type RpcServer } from './files.ts'
import { cgroupSeenFrom, type NamespaceType, namespaceTypes, type ProcessPlace } from './namespaces.ts'
import type { OutputStream, Process } from './process.ts'

/** A process as it is seen by one that may be another container's. */
export interface ProcessRow {
  readonly pid: number
  readonly ppid: number
  readonly group: number
  readonly uid: number
  readonly argv: readonly string[]
  readonly startedMs: number
  readonly state: string
  readonly env: Record<string, string>
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly capabilities: ReadonlySet<string> | undefined
  readonly view: ContainerFiles
  readonly place: ProcessPlace | undefined
}

/** What a process's files need of it and of the container. */
interface ProcessHost extends Pick<Process, 'pid' | 'uid' | 'stdout' | 'stderr'> {
  readonly capabilities: ReadonlySet<string> | undefined
  readonly place: ProcessPlace | undefined
  nowEpochMs(): number
  /** The same server, which answers nobody while the process stands still; it is closed when the process ends. */
  listening(server: RpcServer, bind: (server: RpcServer) => Listener): Listener
  processes(): readonly ProcessRow[]
  /** A file of /proc or /sys that is written when read; undefined when there is none. */
  dynamicFile(path: string): string | undefined
}

/** What somebody who came into a container does to its files is told, by their paths without links. */
export interface FileVisit {
  made(path: string): void
  changed(path: string): void
}

/** Steps of computing of a question about a path, besides following it. */
const stepsOfCall = 20

/** The container's files, with what depends on the process. */
export class ProcessFiles implements FileSystem {
  private readonly files: ContainerFiles
  private readonly process: ProcessHost

  private readonly visit: FileVisit | undefined

  constructor(files: ContainerFiles, process: ProcessHost, visit?: FileVisit) {
    this.files = files
    this.process = process
    this.visit = visit
  }

  read(path: string): string {
    charge(stepsOfCall)
    const other = this.elsewhere(path)
    if (other) return other.files.read(other.path)
    if (!path.startsWith('/proc/') && !path.startsWith('/sys/')) return this.files.read(path)
    return this.process.dynamicFile(path) ?? this.procFile(path) ?? this.files.read(path)
  }

  write(path: string, content: string, options?: { append?: boolean; mode?: number }): void {
    charge(stepsOfCall)
    const other = this.elsewhere(path)
    if (other) {
      other.files.write(other.path, content, options)
      return
    }
    const output = this.outputOf(this.special(path))
    if (output) output.write(content)
    else if (this.procFile(path) !== undefined) throw fileError('EACCES')
    else this.change(path, () => this.files.write(path, content, options))
  }

  stat(path: string): FileStat {
    charge(stepsOfCall)
    const other = this.elsewhere(path)
    return other ? other.files.stat(other.path) : (this.procStat(path) ?? this.files.stat(path))
  }

  lstat(path: string): FileStat {
    charge(stepsOfCall)
    const other = this.elsewhere(path)
    return other ? other.files.lstat(other.path) : (this.procStat(path) ?? this.files.lstat(path))
  }

  exists(path: string): boolean {
    charge(stepsOfCall)
    const other = this.elsewhere(path)
    return other ? other.files.exists(other.path) : this.procStat(path) !== undefined || this.files.exists(path)
  }

  list(path: string): string[] {
    const other = this.elsewhere(path)
    charge(stepsOfCall)
    if (other) return other.files.list(other.path)
    const ofProcess = this.procNames(path)
    if (ofProcess) return ofProcess
    const names = this.files.list(path)
    charge(2 * names.length)
    if (this.files.realpath(path) !== '/proc') return names
    return [...names, 'self', ...this.process.processes().map((row) => String(row.pid))].sort()
  }

  mkdir(path: string, options?: { parents?: boolean; mode?: number }): void {
    charge(stepsOfCall)
    const parts = this.visit ? path.split('/') : []
    const above = parts.map((_, n) => parts.slice(0, n + 1).join('/') || '/')
    const missing = above.filter((one) => this.followed(one) === undefined)
    this.files.mkdir(path, options)
    for (const one of missing) this.visit!.made(this.followed(one) ?? one)
  }

  remove(path: string, options?: { recursive?: boolean }): void {
    charge(stepsOfCall)
    this.change(path, () => this.files.remove(path, options), this.named)
  }

  rename(from: string, to: string): void {
    charge(stepsOfCall)
    this.change(to, () => this.change(from, () => this.files.rename(from, to), this.named), this.named)
  }

  symlink(target: string, path: string): void {
    this.change(path, () => this.files.symlink(target, path), this.named)
  }

  bind(path: string, server: RpcServer): Listener {
    let listener: Listener | undefined
    this.change(
      path,
      () => {
        listener = this.process.listening(server, (patient) => this.files.bind(path, patient))
      },
      this.named,
    )
    return listener!
  }

  listenerAt(path: string): Listener | undefined {
    charge(stepsOfCall)
    return this.files.listenerAt(path)
  }

  chmod(path: string, mode: number): void {
    this.change(path, () => this.files.chmod(path, mode))
  }

  chown(path: string, uid: number, gid: number): void {
    this.change(path, () => this.files.chown(path, uid, gid))
  }

  touch(path: string): void {
    this.files.touch(path)
  }

  allocate(path: string, sizeBytes: number): void {
    this.change(path, () => this.files.allocate(path, sizeBytes))
  }

  spaceAt(path: string): FileSpace {
    charge(stepsOfCall)
    return this.files.spaceAt(path)
  }

  spaces(): FileSpace[] {
    const all = this.files.spaces()
    charge(stepsOfCall * all.length)
    return all
  }

  may(path: string, bits: number): boolean {
    const other = this.elsewhere(path)
    return other ? other.files.may(other.path, bits) : this.procStat(path) !== undefined || this.files.may(path, bits)
  }

  attach(path: string, source?: string): void {
    this.files.attach(path, source)
  }

  detach(path: string): void {
    this.files.detach(path)
  }

  realpath(path: string): string {
    return this.elsewhere(path) || this.procStat(path) ? path : this.files.realpath(path)
  }

  /** Makes a change, and tells of it where somebody wants to know: what was there is changed, what was not is made. */
  private change(path: string, make: () => void, whereIs: (path: string) => string | undefined = this.followed): void {
    if (!this.visit) {
      make()
      return
    }
    const before = whereIs(path)
    make()
    if (before !== undefined) this.visit.changed(before)
    else {
      const now = whereIs(path)
      if (now !== undefined) this.visit.made(now)
    }
  }

  /** Where a path leads to, without links; undefined where nothing is, or a device. */
  private readonly followed = (path: string): string | undefined =>
    this.placeOf(() => (this.files.stat(path).type === 'device' ? undefined : this.files.realpath(path)))

  /** Of what has this name itself, if it is a link as well. */
  private readonly named = (path: string): string | undefined =>
    this.placeOf(() => {
      const [, folder = '', name = ''] = /^(.*?)\/+([^/]*)\/*$/s.exec(path) ?? []
      if (this.files.lstat(path).type === 'device') return undefined
      return `${this.files.realpath(folder || '/').replace(/\/$/, '')}/${name}`
    })

  private placeOf(find: () => string | undefined): string | undefined {
    charge(stepsOfCall)
    try {
      return find()
    } catch (error) {
      if (error instanceof FileError) return undefined
      throw error
    }
  }

  /** Below /proc/PID/root lie the files of that process, which may be another container's. */
  private elsewhere(path: string): { files: ContainerFiles; path: string } | undefined {
    if (!path.startsWith('/proc/')) return undefined
    const match = /^\/proc\/(self|\d+)\/root(\/.*)?$/.exec(path)
    if (!match) return undefined
    const row = this.rowOf(match[1])
    if (!row || !this.maySearch(row)) throw fileError('EACCES')
    return { files: row.view, path: match[2] ?? '/' }
  }

  /** As ptrace_may_access: who may do more than the one that asks is closed to it. */
  private maySearch({ uid, capabilities }: ProcessRow): boolean {
    const own = this.process
    if (own.uid !== 0) return own.uid === uid
    if (!own.capabilities || own.capabilities.has('SYS_PTRACE')) return true
    return capabilities !== undefined && [...capabilities].every((name) => own.capabilities!.has(name))
  }

  private rowOf(pid: string): ProcessRow | undefined {
    const wanted = pid === 'self' ? String(this.process.pid) : pid
    return this.process.processes().find((row) => String(row.pid) === wanted)
  }

  private outputOf(path: string): OutputStream | undefined {
    if (!isOwn(path)) return undefined
    const { stdout, stderr } = this.process
    if (path === '/dev/stdout' || path === '/dev/fd/1') return stdout
    if (path === '/dev/stderr' || path === '/dev/fd/2') return stderr
    const match = /^\/proc\/(self|\d+)\/fd\/([12])$/.exec(path)
    if (!match) return undefined
    const owner = match[1] === 'self' ? this.process : this.rowOf(match[1])
    return match[2] === '1' ? owner?.stdout : owner?.stderr
  }

  private special(path: string): string {
    if (isOwn(path)) return path
    try {
      // A link may lead there: /var/log/nginx/access.log -> /dev/stdout.
      const link = this.files.lstat(path)
      return link.type === 'symlink' && isOwn(link.target ?? '') ? (link.target ?? path) : path
    } catch {
      return path
    }
  }

  /** What lies in the directory of a process, and in that of its namespaces. */
  private procNames(path: string): string[] | undefined {
    const match = /^\/proc\/(self|\d+)(\/ns)?\/?$/.exec(path)
    const row = match && this.rowOf(match[1])
    if (!row) return undefined
    if (!match[2]) return row.place ? [...procFiles, 'ns'].sort() : [...procFiles]
    return row.place ? [...namespaceLinks.keys()] : undefined
  }

  /** Where a link in the directory of a process's namespaces leads to: `net:[4026531833]`. */
  private namespaceLink(path: string): string | undefined {
    const match = /^\/proc\/(self|\d+)\/ns\/(\w+)$/.exec(path)
    const type = match && namespaceLinks.get(match[2])
    const row = type ? this.rowOf(match[1]) : undefined
    if (!type || !row?.place) return undefined
    if (!this.maySearch(row)) throw fileError('EACCES')
    return `${type}:[${row.place.namespaces[type]}]`
  }

  private procFile(path: string): string | undefined {
    const match = /^\/proc\/(self|\d+)\/(cgroup|cmdline|comm|environ|status)$/.exec(path)
    const row = match ? this.rowOf(match[1]) : undefined
    if (!match || !row) return undefined
    if (match[2] === 'cgroup')
      return row.place && `0::${cgroupSeenFrom(this.process.place?.cgroupRoot ?? '/', row.place.cgroup)}\n`
    if (match[2] === 'cmdline') return row.argv.map((word) => `${word}\0`).join('')
    if (match[2] === 'comm') return `${commandName(row.argv[0])}\n`
    if (match[2] === 'environ' && !this.maySearch(row)) throw fileError('EACCES')
    if (match[2] === 'environ')
      return Object.entries(row.env)
        .map(([name, value]) => `${name}=${value}\0`)
        .join('')
    return `Name:\t${commandName(row.argv[0])}\nState:\t${row.state}\nPid:\t${row.pid}\nPPid:\t${row.ppid}\nUid:\t${row.uid}\t${row.uid}\t${row.uid}\t${row.uid}\n${capabilityLines(row)}`
  }

  private procStat(path: string): FileStat | undefined {
    if (!isOwn(path)) return undefined
    const modifiedEpochMs = this.process.nowEpochMs()
    const directory = /^\/proc\/(self|\d+)$/.exec(path)
    if (directory && (directory[1] === 'self' || this.rowOf(directory[1])))
      return { type: 'directory', mode: 0o555, uid: 0, gid: 0, sizeBytes: 0, modifiedEpochMs }
    if (directory === null && this.procNames(path))
      return { type: 'directory', mode: 0o511, uid: 0, gid: 0, sizeBytes: 0, modifiedEpochMs }
    const target = this.namespaceLink(path)
    if (target) return { type: 'symlink', mode: 0o777, uid: 0, gid: 0, sizeBytes: 0, modifiedEpochMs, target }
    const output = this.outputOf(path)
    if (!output && this.procFile(path) === undefined) return undefined
    return { type: output ? 'device' : 'file', mode: 0o666, uid: 0, gid: 0, sizeBytes: 0, modifiedEpochMs }
  }
}

/** Whether a path may be one that differs from process to process. */
const isOwn = (path: string): boolean => path.startsWith('/proc/') || path.startsWith('/dev/')

const procFiles: readonly string[] = ['cgroup', 'cmdline', 'comm', 'environ', 'status']

/** The names of the links, and of what type the namespace is that each leads to. */
const namespaceLinks: ReadonlyMap<string, NamespaceType> = new Map(
  [...namespaceTypes.map((type) => [type, type] as const), ['pid_for_children', 'pid'], ['time_for_children', 'time']]
    .map(([name, type]) => [name, type] as [string, NamespaceType])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
)

/** As the kernel numbers them. */
const capabilityNames =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

/** Sets of capabilities as /proc/PID/status shows them: only root has any in effect. */
function capabilityLines({ uid, capabilities }: ProcessRow): string {
  let mask = 0n
  capabilityNames.forEach((name, bit) => {
    if (!capabilities || capabilities.has(name)) mask |= 1n << BigInt(bit)
  })
  const text = (value: bigint): string => value.toString(16).padStart(16, '0')
  const effective = uid === 0 ? mask : 0n
  return `CapInh:\t${text(0n)}\nCapPrm:\t${text(effective)}\nCapEff:\t${text(effective)}\nCapBnd:\t${text(mask)}\nCapAmb:\t${text(0n)}\n`
}

const commandName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
