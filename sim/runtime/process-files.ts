/** A process's view of its files: /dev/stdin, /dev/stdout, /dev/stderr and /proc lead to the process itself. */
import type { ContainerFiles } from './file-system.ts'
import { fileError } from './file-tree.ts'
import type { FileStat, FileSystem } from './files.ts'
import type { OutputStream, Process } from './process.ts'

type ProcessRow = ReturnType<Process['processes']>[number] & {
  env: Record<string, string>
  stdout: OutputStream
  stderr: OutputStream
  capabilities: ReadonlySet<string> | undefined
  view: ContainerFiles
}

/** Adds what depends on the process to the container's files. */
export function createProcessFiles(
  files: ContainerFiles,
  process: Process,
  processes: () => readonly ProcessRow[],
  dynamicFiles: Readonly<Record<string, () => string>>,
): FileSystem {
  const outputOf = (path: string): OutputStream | undefined => {
    if (!isOwn(path)) return undefined
    if (path === '/dev/stdout' || path === '/dev/fd/1') return process.stdout
    if (path === '/dev/stderr' || path === '/dev/fd/2') return process.stderr
    const match = /^\/proc\/(self|\d+)\/fd\/([12])$/.exec(path)
    if (!match) return undefined
    const owner = match[1] === 'self' ? process : processes().find((other) => String(other.pid) === match[1])
    return match[2] === '1' ? owner?.stdout : owner?.stderr
  }
  const special = (path: string): string => {
    if (!isOwn(path)) {
      try {
        // A link may lead there: /var/log/nginx/access.log -> /dev/stdout.
        const link = files.lstat(path)
        if (link.type === 'symlink' && /^\/(?:dev|proc)\//.test(link.target ?? '')) return link.target ?? path
      } catch {
        return path
      }
    }
    return path
  }
  const procFile = (path: string): string | undefined => {
    const match = /^\/proc\/(self|\d+)\/(cmdline|comm|environ|status)$/.exec(path)
    if (!match) return undefined
    const row =
      match[1] === 'self'
        ? processes().find((other) => other.pid === process.pid)
        : processes().find((other) => String(other.pid) === match[1])
    if (!row) return undefined
    if (match[2] === 'cmdline') return row.argv.map((word) => `${word}\0`).join('')
    if (match[2] === 'comm') return `${commandName(row.argv[0])}\n`
    if (match[2] === 'environ')
      return Object.entries(row.env)
        .map(([name, value]) => `${name}=${value}\0`)
        .join('')
    return `Name:\t${commandName(row.argv[0])}\nState:\t${row.state}\nPid:\t${row.pid}\nPPid:\t${row.ppid}\nUid:\t${row.uid}\t${row.uid}\t${row.uid}\t${row.uid}\n${capabilityLines(row)}`
  }
  const procStat = (path: string): FileStat | undefined => {
    if (!isOwn(path)) return undefined
    const isDirectory = /^\/proc\/(self|\d+)$/.exec(path)
    if (isDirectory && (isDirectory[1] === 'self' || processes().some((row) => String(row.pid) === isDirectory[1])))
      return { type: 'directory', mode: 0o555, uid: 0, gid: 0, sizeBytes: 0, modifiedEpochMs: process.nowEpochMs() }
    if (procFile(path) === undefined && !outputOf(path)) return undefined
    return {
      type: outputOf(path) ? 'device' : 'file',
      mode: 0o666,
      uid: 0,
      gid: 0,
      sizeBytes: 0,
      modifiedEpochMs: process.nowEpochMs(),
    }
  }
  /** Below /proc/PID/root lie the files of that process, which may be another container's. */
  const elsewhere = (path: string): { files: ContainerFiles; path: string } | undefined => {
    if (!path.startsWith('/proc/')) return undefined
    const match = /^\/proc\/(self|\d+)\/root(\/.*)?$/.exec(path)
    if (!match) return undefined
    const pid = match[1] === 'self' ? process.pid : Number(match[1])
    const row = processes().find((other) => other.pid === pid)
    if (!row || (process.uid !== 0 && process.uid !== row.uid)) throw fileError('EACCES')
    return { files: row.view, path: match[2] ?? '/' }
  }
  return {
    read(path) {
      const other = elsewhere(path)
      if (other) return other.files.read(other.path)
      if (!path.startsWith('/proc/') && !path.startsWith('/sys/')) return files.read(path)
      return dynamicFiles[path]?.() ?? procFile(path) ?? files.read(path)
    },
    write(path, content, options) {
      const other = elsewhere(path)
      if (other) {
        other.files.write(other.path, content, options)
        return
      }
      const output = outputOf(special(path))
      if (output) output.write(content)
      else if (procFile(path) !== undefined) throw fileError('EACCES')
      else files.write(path, content, options)
    },
    stat(path) {
      const other = elsewhere(path)
      return other ? other.files.stat(other.path) : (procStat(path) ?? files.stat(path))
    },
    lstat(path) {
      const other = elsewhere(path)
      return other ? other.files.lstat(other.path) : (procStat(path) ?? files.lstat(path))
    },
    exists(path) {
      const other = elsewhere(path)
      return other ? other.files.exists(other.path) : procStat(path) !== undefined || files.exists(path)
    },
    list(path) {
      const other = elsewhere(path)
      if (other) return other.files.list(other.path)
      const names = files.list(path)
      if (files.realpath(path) !== '/proc') return names
      return [...names, 'self', ...processes().map((row) => String(row.pid))].sort()
    },
    mkdir: (path, options) => files.mkdir(path, options),
    remove: (path, options) => files.remove(path, options),
    rename: (from, to) => files.rename(from, to),
    symlink: (target, path) => files.symlink(target, path),
    chmod: (path, mode) => files.chmod(path, mode),
    chown: (path, uid, gid) => files.chown(path, uid, gid),
    touch: (path) => files.touch(path),
    allocate: (path, sizeBytes) => files.allocate(path, sizeBytes),
    may(path, bits) {
      const other = elsewhere(path)
      return other ? other.files.may(other.path, bits) : procStat(path) !== undefined || files.may(path, bits)
    },
    realpath: (path) => (elsewhere(path) || procStat(path) ? path : files.realpath(path)),
  }
}

/** Whether a path may be one that differs from process to process. */
const isOwn = (path: string): boolean => path.startsWith('/proc/') || path.startsWith('/dev/')

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
