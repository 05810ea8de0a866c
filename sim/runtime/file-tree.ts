/** Inodes: a tree of files that starts as another's (an image's) and copies a node only when it is first written. */
import { FileError, type FileErrorCode, type Listener } from './files.ts'
import { isEscape } from './text-bytes.ts'

/** Files bigger than this can only be sparse (`dd if=/dev/zero`): their bytes are counted, not kept. */
export const maxContentLength = 8 * 1024 * 1024

/** What a device file does. `read` gives what is there now; an endless device gives a piece. */
export interface Device {
  read(): string
  write(text: string): void
  /** Reading never ends (`/dev/zero`). */
  isEndless?: boolean
}

interface NodeBase {
  mode: number
  uid: number
  gid: number
  modifiedEpochMs: number
  /** The tree that may change this node in place; another must copy it first. */
  owner: FileTree
  /** What it holds is worked out when somebody looks: nobody can write it. */
  isLive?: true
  /** Of a file that is live only until somebody writes it: then it says what they wrote. */
  isReplaceable?: true
}
export interface FileNode extends NodeBase {
  kind: 'file'
  content: string
  /** Bytes of `content` in UTF-8. */
  contentBytes: number
  /** Bytes beyond `content`, all of them zero. */
  sparseBytes: number
}
export interface DirectoryNode extends NodeBase {
  kind: 'directory'
  entries: Map<string, TreeNode>
  /** Of a live one: takes an entry away. */
  unlink?(name: string): void
}
export interface SymlinkNode extends NodeBase {
  kind: 'symlink'
  target: string
}
export interface DeviceNode extends NodeBase {
  kind: 'device'
  device: Device
}
export interface SocketNode extends NodeBase {
  kind: 'socket'
  listener: Listener
}
export type TreeNode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | SocketNode

const errorTexts: Record<FileErrorCode, string> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ELOOP: 'Too many levels of symbolic links',
  EBUSY: 'Resource busy',
  EPERM: 'Operation not permitted',
  EINVAL: 'Invalid argument',
  ENXIO: 'No such device or address',
  EADDRINUSE: 'Address already in use',
}

/** The error of that code, with strerror's words. */
export const fileError = (code: FileErrorCode): FileError => new FileError(code, errorTexts[code])

/** How many bytes `encodeBytes` makes of a text. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 2
      i++
    } else if (!isEscape(unit)) bytes += 2
  }
  return bytes
}

/** A disk that several trees lie on. */
export class Disk {
  readonly capacityBytes: number
  usedBytes = 0
  /** Told when something was added. */
  onGrow: (() => void) | undefined
  /** More that are told. */
  readonly watchers = new Set<() => void>()

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  get availableBytes(): number {
    return Math.max(0, this.capacityBytes - this.usedBytes)
  }

  /** @throws FileError ENOSPC when there is not that much room */
  take(bytes: number): void {
    if (bytes > this.availableBytes) throw fileError('ENOSPC')
    this.usedBytes += bytes
    this.onGrow?.()
    for (const watcher of [...this.watchers]) watcher()
  }

  give(bytes: number): void {
    this.usedBytes = Math.max(0, this.usedBytes - bytes)
  }
}

/** A tree, or a part of it, as it is mounted somewhere. */
export interface Mounted {
  tree: FileTree
  /** Where in its tree the mount begins. */
  root: TreeNode
  readOnly: boolean
  /** What /proc/mounts calls a file system in memory; a disk's without it. */
  device?: string
}

/** Told of what is mounted at a path of a volume, or of its end. */
export type MountFollower = (path: string, mounted: Mounted | undefined) => void

export class FileTree {
  root: DirectoryNode
  /** Bytes that may be held; Infinity unless a limit was set (an emptyDir's sizeLimit on memory). */
  capacityBytes = Number.POSITIVE_INFINITY
  /** What the tree lies on; without one there is always room. */
  disk: Disk | undefined
  /** Told when what lies at a node, or below it, is about to change. */
  readonly watches = new Map<TreeNode, () => void>()
  /** Where the volume is seen by those who want to know what is mounted below it. */
  readonly followers = new Set<MountFollower>()
  private used = 0

  /** @param base what the tree holds at first; it is never changed */
  constructor(base?: FileTree, epochMs = 0, mode = 0o755) {
    this.root = base
      ? base.root
      : { kind: 'directory', mode, uid: 0, gid: 0, modifiedEpochMs: epochMs, owner: this, entries: new Map() }
  }

  /** Bytes written since the tree was made, less what was removed: what counts towards a size limit. */
  get usedBytes(): number {
    return this.used
  }

  charge(bytes: number): void {
    if (bytes > 0 && this.used + bytes > this.capacityBytes) throw fileError('ENOSPC')
    const used = Math.max(0, this.used + bytes)
    if (used > this.used) this.disk?.take(used - this.used)
    else this.disk?.give(this.used - used)
    this.used = used
  }

  /** The tree is gone: its disk has room for others. */
  discard(): void {
    this.disk?.give(this.used)
    this.disk = undefined
  }

  /** The node at these names below `from`, safe to change: copies what the tree does not own on the way. */
  own(from: DirectoryNode, names: readonly string[]): TreeNode {
    let directory = from
    if (directory.isLive) throw fileError('EPERM')
    if (directory.owner !== this) {
      directory = { ...directory, owner: this, entries: new Map(directory.entries) }
      this.root = directory
    }
    let node: TreeNode = directory
    if (this.watches.size > 0) this.watches.get(node)?.()
    for (const name of names) {
      if (node.kind !== 'directory') throw fileError('ENOTDIR')
      const child: TreeNode | undefined = node.entries.get(name)
      if (!child) throw fileError('ENOENT')
      if (child.isLive && !(child.kind === 'file' && child.isReplaceable)) throw fileError('EPERM')
      if (child.isLive) {
        const frozen = asItIs(child as FileNode, this)
        node.entries.set(name, frozen)
        node = frozen
      } else if (child.owner === this) node = child
      else {
        const copy: TreeNode =
          child.kind === 'directory'
            ? { ...child, owner: this, entries: new Map(child.entries) }
            : { ...child, owner: this }
        node.entries.set(name, copy)
        node = copy
      }
      if (this.watches.size > 0) this.watches.get(node)?.()
    }
    return node
  }
}

/** A live file with what it says now, in a tree of its own. */
const asItIs = ({ mode, uid, gid, content, contentBytes, modifiedEpochMs }: FileNode, owner: FileTree): FileNode => ({
  ...{ kind: 'file', mode, uid, gid, content, contentBytes, modifiedEpochMs, sparseBytes: 0, owner },
})

/** What lies at these names below a node, as it is: undefined for nothing. */
export function nodeAt(from: TreeNode, names: readonly string[]): TreeNode | undefined {
  let node: TreeNode | undefined = from
  for (const name of names) node = node?.kind === 'directory' ? node.entries.get(name) : undefined
  return node
}

/** Whether somebody who goes these names comes through a live directory, or to one. */
export function leadsThroughLive(from: TreeNode, names: readonly string[]): boolean {
  return names.some((_, i) => nodeAt(from, names.slice(0, i + 1))?.isLive)
}

interface LiveAttributes {
  modifiedEpochMs(): number
  /** Takes an entry of a directory away; without it none can be. */
  unlink?(name: string): void
  mode?: number
}

/** A file whose text is worked out when it is read. */
export function liveFile(
  owner: FileTree,
  read: () => string,
  { modifiedEpochMs, mode = 0o644, isReplaceable }: LiveAttributes & { isReplaceable?: true },
) {
  const node: FileNode = {
    kind: 'file',
    mode,
    uid: 0,
    gid: 0,
    sparseBytes: 0,
    owner,
    isLive: true,
    ...(isReplaceable ? { isReplaceable } : {}),
    get modifiedEpochMs() {
      return modifiedEpochMs()
    },
    get content() {
      return read()
    },
    get contentBytes() {
      return byteLength(read())
    },
  }
  return node
}

/** A directory whose entries are worked out when somebody looks; they may belong to other trees, and are written there. */
export function liveDirectory(
  owner: FileTree,
  list: () => Map<string, TreeNode>,
  { modifiedEpochMs, mode = 0o755, unlink }: LiveAttributes,
): DirectoryNode {
  return {
    kind: 'directory',
    mode,
    uid: 0,
    gid: 0,
    owner,
    isLive: true,
    ...(unlink && { unlink }),
    get modifiedEpochMs() {
      return modifiedEpochMs()
    },
    get entries() {
      return list()
    },
  }
}

export const sizeOf = (node: TreeNode): number =>
  node.kind === 'file'
    ? node.contentBytes + node.sparseBytes
    : node.kind === 'directory'
      ? 4096
      : node.kind === 'symlink'
        ? byteLength(node.target)
        : 0
