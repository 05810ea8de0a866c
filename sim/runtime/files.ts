/** A container's file tree: an image's files below, what the container wrote above, volumes mounted on it. */

export interface FileStat {
  type: 'file' | 'directory' | 'symlink' | 'device' | 'socket'
  mode: number
  uid: number
  gid: number
  sizeBytes: number
  modifiedEpochMs: number
  target?: string
  /** Hard links; a directory of an overlay has always 1. */
  links?: number
}

export type FileErrorCode =
  | 'ENOENT'
  | 'EACCES'
  | 'EISDIR'
  | 'ENOTDIR'
  | 'EEXIST'
  | 'ENOTEMPTY'
  | 'EROFS'
  | 'ENOSPC'
  | 'ELOOP'
  | 'EBUSY'
  | 'EPERM'
  | 'EINVAL'
  | 'ENXIO'
  | 'EADDRINUSE'

/** `message` is what strerror says: `No such file or directory`. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: FileErrorCode
  constructor(code: FileErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** How large the file system is that a path lies in, and where it is mounted. */
export interface FileSpace {
  /** As /proc/mounts has it: `overlay`, `/dev/vda`, `tmpfs`. */
  device: string
  type: 'overlay' | 'ext4' | 'tmpfs'
  path: string
  sizeBytes: number
  usedBytes: number
  availableBytes: number
}

/** What a call comes to: what it gives, or gRPC's words for why it failed. */
export type RpcResult = { readonly value: unknown } | { readonly error: string }

/** What a program answers at a Unix socket: calls of gRPC, with plain values in place of protocol buffers. `reply` may be called later, or never. */
export interface RpcServer {
  call(method: string, request: unknown, reply: (result: RpcResult) => void): void
}

/** A Unix socket that was bound. Its file stays when nobody listens any more. */
export interface Listener {
  /** Undefined once nobody listens. */
  readonly server: RpcServer | undefined
  /** Told once, when nobody listens any more. */
  readonly onClose: Set<() => void>
  close(): void
}

/** Paths are absolute. Every operation throws a FileError when it can't be done. */
export interface FileSystem {
  read(path: string): string
  write(path: string, content: string, options?: { append?: boolean; mode?: number }): void
  stat(path: string): FileStat
  lstat(path: string): FileStat
  exists(path: string): boolean
  /** Names, sorted. */
  list(path: string): string[]
  mkdir(path: string, options?: { parents?: boolean; mode?: number }): void
  remove(path: string, options?: { recursive?: boolean }): void
  rename(from: string, to: string): void
  symlink(target: string, path: string): void
  /** Makes a Unix socket and listens there. @throws FileError EADDRINUSE where something lies already */
  bind(path: string, server: RpcServer): Listener
  /** The socket at a path, to connect to; undefined for another file. */
  listenerAt(path: string): Listener | undefined
  chmod(path: string, mode: number): void
  chown(path: string, uid: number, gid: number): void
  touch(path: string): void
  /** Makes a file that many bytes long, of zeros; its size counts, its bytes are not kept. */
  allocate(path: string, sizeBytes: number): void
  /** Whether the user may read (4), write (2) or execute (1) what is there. */
  may(path: string, bits: number): boolean
  /** Follows symbolic links to the end. */
  realpath(path: string): string
  /** Mounts a new file system in memory, or what lies at `source`, at a path; needs the capability SYS_ADMIN. */
  attach(path: string, source?: string): void
  /** Takes away what was mounted last at a path. */
  detach(path: string): void
  /** The file system that a path lies in. */
  spaceAt(path: string): FileSpace
  /** Those of the container's root and of all that is mounted in it, in the order of mounting. */
  spaces(): FileSpace[]
}

/** A tree that can be mounted at a path: a volume. The same value mounted in two containers is shared. */
export interface VolumeTree {
  readonly files: FileSystem
}
