/** A container's files: an image's below, what the container wrote above, volumes mounted on it, seen with a user's rights. */
import { charge } from '../engine/work.ts'
import {
  byteLength,
  type Device,
  type DirectoryNode,
  type Disk,
  FileTree,
  fileError,
  leadsThroughLive,
  type Mounted,
  type MountFollower,
  maxContentLength,
  nodeAt,
  sizeOf,
  type TreeNode,
} from './file-tree.ts'
import type { FileSpace, FileStat, FileSystem, Listener, RpcServer, VolumeTree } from './files.ts'

export { byteLength } from './file-tree.ts'

export interface Credentials {
  uid: number
  gid: number
  /** Supplementary groups: those of the image's user, and what the Pod adds. */
  groups?: readonly number[]
  /** What root may do here, by names without CAP_; everything unless told. */
  capabilities?: ReadonlySet<string>
}

/** Path -> contents; a directory ends with '/', a symbolic link's contents are `-> target`, an executable is marked so. */
export interface LayerOptions {
  files?: Readonly<Record<string, string>>
  executables?: Iterable<string>
  /** Which files nobody but root reads. */
  isForRoot?: (path: string) => boolean
  epochMs?: number
}

const usualDiskBytes = 100 * 1024 ** 3
const usualMemoryBytes = 24 * 1024 ** 3
/** What a file takes is a multiple of it. */
const blockBytes = 4096

export interface Mount extends Mounted {
  path: string
  /** Where in its volume it begins, when mounts below it travel to the other places of the volume. */
  spreads?: { at: string; follower: MountFollower; sends: boolean }
}

/** How what is mounted below a volume comes into a container, and gets out of it. */
export type MountPropagation = 'None' | 'HostToContainer' | 'Bidirectional'

export interface MountOptions {
  readOnly?: boolean
  /** What is mounted below the volume is read-only as well. */
  recursiveReadOnly?: boolean
  propagation?: MountPropagation
  device?: string
  /** A path inside the volume; a directory is made when nothing is there. */
  subPath?: string
}

export interface FileSystemOptions {
  /** The image's files, as `createLayer` made them. */
  base?: FileTree
  nowEpochMs: () => number
  /** securityContext.readOnlyRootFilesystem */
  readOnlyRoot?: boolean
  credentials?: Credentials
  /** What the container's own layer is written to. */
  disk?: Disk
}

/** What an image's executable holds: the mark, then the path of its program. A copy of it runs the same program. */
export const executableMark = '\u007fELF:'

const root: Credentials = { uid: 0, gid: 0 }
const slash = 47
const dot = 46

/** An immutable tree to build containers' file systems on. */
export function createLayer(options: LayerOptions): FileTree {
  const tree = new FileTree(undefined, options.epochMs ?? 0)
  const files = new ContainerFiles(tree, [], root, { nowEpochMs: () => options.epochMs ?? 0, readOnlyRoot: false })
  for (const [path, content] of Object.entries(options.files ?? {})) {
    if (path.endsWith('/')) {
      files.mkdir(path.slice(0, -1), { parents: true })
      continue
    }
    files.mkdir(parentOf(path), { parents: true })
    if (content.startsWith('-> ')) files.symlink(content.slice(3), path)
    else
      files.write(path, content, { mode: options.isForRoot?.(path) ? 0o600 : content.startsWith('#!') ? 0o755 : 0o644 })
  }
  for (const path of options.executables ?? []) {
    files.mkdir(parentOf(path), { parents: true })
    if (!files.exists(path)) files.write(path, `${executableMark}${path}`, { mode: 0o755 })
    else files.chmod(path, 0o755)
  }
  return tree
}

/** The file system of one container, as root sees it; `as` gives another user's view of the same files. */
export function createFileSystem(options: FileSystemOptions): ContainerFiles {
  const tree = new FileTree(options.base, options.nowEpochMs())
  tree.disk = options.disk
  return new ContainerFiles(tree, [], options.credentials ?? root, {
    nowEpochMs: options.nowEpochMs,
    readOnlyRoot: options.readOnlyRoot ?? false,
  })
}

/** A volume's tree: mount it in any number of containers. */
export interface SizedVolumeTree extends VolumeTree {
  readonly files: ContainerFiles
  readonly tree: FileTree
  usedBytes(): number
}

/** A volume, empty without `base`. `capacityBytes` makes writes beyond it fail with ENOSPC (a memory-backed emptyDir). */
export function createVolumeTree(options: {
  base?: FileTree
  nowEpochMs: () => number
  mode?: number
  capacityBytes?: number
  disk?: Disk
}): SizedVolumeTree {
  const tree = new FileTree(options.base, options.nowEpochMs(), options.mode ?? 0o777)
  tree.disk = options.disk
  // Mounts keep the root that they see: it has to be the tree's own from the start.
  if (options.base) tree.own(tree.root, [])
  if (options.capacityBytes !== undefined) tree.capacityBytes = options.capacityBytes
  const files = new ContainerFiles(tree, [], root, { nowEpochMs: options.nowEpochMs, readOnlyRoot: false })
  // The node's own sight of the volume.
  tree.followers.add((path, mounted) => files.receive(`/${path}`, mounted))
  return { files, tree, usedBytes: () => tree.usedBytes }
}

interface Place {
  mount: Mount
  node: TreeNode | undefined
  absolute: string
}

interface Shared {
  nowEpochMs: () => number
  readOnlyRoot: boolean
}

/** The volume trees this module made, found by their public side. */
const sizedTree = (volume: VolumeTree): FileTree | undefined => (volume as Partial<SizedVolumeTree>).tree

export class ContainerFiles implements FileSystem {
  private readonly tree: FileTree
  private readonly mounts: Mount[]
  private readonly credentials: Credentials
  private readonly shared: Shared

  constructor(tree: FileTree, mounts: Mount[], credentials: Credentials, shared: Shared) {
    this.tree = tree
    this.mounts = mounts
    this.credentials = credentials
    this.shared = shared
  }

  /** The same files with another user's rights. */
  as(credentials: Credentials): ContainerFiles {
    return new ContainerFiles(this.tree, this.mounts, credentials, this.shared)
  }

  /** What was made or changed at the top of a container's own layer, and below each such directory. */
  ownLayer(): { root: DirectoryNode; isOwn(node: TreeNode): boolean } {
    return { root: this.tree.root, isOwn: (node) => node.owner === this.tree }
  }

  /** Bytes written to the container's own layer, volumes not counted. */
  writtenBytes(): number {
    return this.tree.usedBytes
  }

  /** The container is removed, and with it what it wrote. */
  discard(): void {
    for (const { tree, spreads } of this.mounts) if (spreads) tree.followers.delete(spreads.follower)
    this.tree.discard()
  }

  /** Mounts a volume; a later mount at the same path covers the earlier. */
  mount(path: string, volume: VolumeTree, options: MountOptions = {}): void {
    const tree = sizedTree(volume)
    if (!tree) throw new Error(`the volume for ${path} was not made by createVolumeTree`)
    let node: TreeNode = tree.root
    if (options.subPath) {
      if (!volume.files.exists(`/${options.subPath}`)) volume.files.mkdir(`/${options.subPath}`, { parents: true })
      const names = volume.files.realpath(`/${options.subPath}`).split('/').filter(Boolean)
      // What is worked out when somebody looks is nobody's own.
      node = leadsThroughLive(tree.root, names) ? nodeAt(tree.root, names)! : tree.own(tree.root, names)
    }
    const mountPoint = this.prepareMountPoint(path, node)
    const owner = node.isLive ? tree : node.owner
    const mount: Mount = { path: mountPoint, tree: owner, root: node, readOnly: options.readOnly ?? false }
    if (options.device) mount.device = options.device
    this.mounts.push(mount)
    const at = options.subPath ? volume.files.realpath(`/${options.subPath}`).slice(1) : ''
    // What the node has mounted there comes along, whatever the propagation (rbind).
    for (const { path: below, spreads: _, ...mounted } of (volume as SizedVolumeTree).files.mounts) {
      const readOnly = mounted.readOnly || (options.recursiveReadOnly ?? false)
      this.receiveBelow(mount, at, below.slice(1), { ...mounted, readOnly })
    }
    const { propagation = 'None' } = options
    if (propagation === 'None') return
    const follower: MountFollower = (where, mounted) => this.receiveBelow(mount, at, where, mounted)
    mount.spreads = { at, follower, sends: propagation === 'Bidirectional' }
    tree.followers.add(follower)
  }

  /** Mounts a new file system in memory, or what lies at `source`, as mount(8) does. */
  attach(path: string, source?: string): void {
    this.demandMountRight()
    const place = this.find(path)
    if (source === undefined && place.node.kind !== 'directory') throw fileError('ENOTDIR')
    const mounted = source === undefined ? this.newTmpfs() : this.bindOf(source)
    this.mounts.push({ ...mounted, path: place.absolute })
    this.spread(place, mounted)
  }

  /** The same files as they are seen by who has that directory as its root, as by chroot(2). */
  rootedAt(path: string): ContainerFiles {
    const { uid, capabilities } = this.credentials
    if (uid !== 0 || (capabilities && !capabilities.has('SYS_CHROOT'))) throw fileError('EPERM')
    const place = this.find(path)
    const { mount, absolute } = place
    if (place.node.kind !== 'directory') throw fileError('ENOTDIR')
    if (absolute === '/') return this
    const below = this.mounts
      .filter((other) => other.path.startsWith(`${absolute}/`))
      .map(({ spreads: _, ...other }) => ({ ...other, path: other.path.slice(absolute.length) }))
    const root: Mount = { path: '/', tree: mount.tree, root: this.own(place), readOnly: mount.readOnly }
    return new ContainerFiles(new FileTree(), [root, ...below], this.credentials, this.shared)
  }

  /** Takes away what was mounted last at a path, as umount(8) does. */
  detach(path: string): void {
    this.demandMountRight()
    const absolute = this.realpath(path)
    const index = this.mounts.findLastIndex((mount) => mount.path === absolute)
    if (index < 0) throw fileError('EINVAL')
    this.mounts.splice(index, 1)
    this.spread(this.place(absolute), undefined)
  }

  /** Something is mounted at a path, or what was mounted there is gone. */
  receive(path: string, mounted: Mounted | undefined): void {
    if (mounted) this.mounts.push({ ...mounted, path })
    else {
      const index = this.mounts.findLastIndex((mount) => mount.path === path)
      if (index >= 0) this.mounts.splice(index, 1)
    }
  }

  /** Nothing is mounted any more: the machine went off. */
  forgetMounts(): void {
    this.mounts.length = 0
  }

  private receiveBelow(mount: Mount, at: string, where: string, mounted: Mounted | undefined): void {
    if (at !== '' && where !== at && !where.startsWith(`${at}/`)) return
    const rest = at === '' ? where : where.slice(at.length + 1)
    this.receive(rest ? `${mount.path}/${rest}` : mount.path, mounted)
  }

  /** Tells the other places of a volume what happened below a mount that is shared with them. */
  private spread(place: Place, mounted: Mounted | undefined): void {
    const { mount } = place
    if (!mount.spreads?.sends) return
    const { at, follower: own } = mount.spreads
    const where = [at, ...namesOf(place)].filter(Boolean).join('/')
    for (const follower of mount.tree.followers) if (follower !== own) follower(where, mounted)
  }

  private newTmpfs(): Mounted {
    const tree = new FileTree(undefined, this.shared.nowEpochMs(), 0o1777)
    return { tree, root: tree.root, readOnly: false, device: 'tmpfs' }
  }

  private bindOf(source: string): Mounted {
    const place = this.find(source)
    const { tree, readOnly } = place.mount
    return { tree, root: this.own(place), readOnly }
  }

  private demandMountRight(): void {
    const { uid, capabilities } = this.credentials
    if (uid !== 0 || (capabilities && !capabilities.has('SYS_ADMIN'))) throw fileError('EPERM')
  }

  /** Places a device file, as /dev holds them. */
  device(path: string, device: Device, mode = 0o666): void {
    const place = this.place(path)
    this.link(place, {
      kind: 'device',
      device,
      mode,
      uid: 0,
      gid: 0,
      modifiedEpochMs: this.shared.nowEpochMs(),
      owner: place.mount.tree,
    })
  }

  read(path: string): string {
    const node = this.glance(path) || this.find(path).node
    this.demand(node, 4)
    if (node.kind === 'directory') throw fileError('EISDIR')
    if (node.kind === 'device') return node.device.read()
    if (node.kind === 'socket') throw fileError('ENXIO')
    return node.kind === 'file' ? node.content : ''
  }

  /** The device at a path, for programs that stream from it. */
  deviceAt(path: string): Device | undefined {
    const { node } = this.place(path)
    return node?.kind === 'device' ? node.device : undefined
  }

  write(path: string, content: string, options: { append?: boolean; mode?: number } = {}): void {
    const place = this.place(path)
    if (path.endsWith('/')) throw fileError('EISDIR')
    if (!place.node) {
      if (content.length > maxContentLength) throw fileError('ENOSPC')
      const contentBytes = byteLength(content)
      place.mount.tree.charge(contentBytes)
      this.link(place, {
        kind: 'file',
        content,
        contentBytes,
        sparseBytes: 0,
        mode: options.mode ?? 0o644,
        uid: this.credentials.uid,
        gid: this.inheritedGroup(place),
        modifiedEpochMs: this.shared.nowEpochMs(),
        owner: place.mount.tree,
      })
      return
    }
    if (place.node.kind === 'directory') throw fileError('EISDIR')
    this.demand(place.node, 2)
    if (place.node.kind === 'socket') throw fileError('ENXIO')
    if (place.node.kind === 'device') {
      place.node.device.write(content)
      return
    }
    this.demandWritable(place)
    if (place.node.kind !== 'file') return
    const next = options.append ? place.node.content + content : content
    if (next.length > maxContentLength) throw fileError('ENOSPC')
    const contentBytes = byteLength(content)
    place.mount.tree.charge(options.append ? contentBytes : contentBytes - sizeOf(place.node))
    const node = this.own(place)
    if (node.kind !== 'file') return
    node.content = next
    node.contentBytes = options.append ? node.contentBytes + contentBytes : contentBytes
    if (!options.append) node.sparseBytes = 0
    node.modifiedEpochMs = this.shared.nowEpochMs()
  }

  /** Makes a file that many bytes long, of zeros; its size counts, its bytes are not kept. */
  allocate(path: string, sizeBytes: number): void {
    this.write(path, '')
    const place = this.find(path)
    if (place.node.kind !== 'file') return
    place.mount.tree.charge(sizeBytes)
    const node = this.own(place)
    if (node.kind === 'file') node.sparseBytes = sizeBytes
  }

  stat(path: string): FileStat {
    const node = this.glance(path)
    return node?.kind === 'file' ? statOfNode(node) : this.statOf(this.find(path))
  }

  lstat(path: string): FileStat {
    return this.statOf(this.find(path, false))
  }

  exists(path: string): boolean {
    const node = this.glance(path)
    if (node !== undefined) return node !== null
    try {
      return this.place(path).node !== undefined
    } catch {
      return false
    }
  }

  list(path: string): string[] {
    const { node, absolute } = this.find(path)
    if (node.kind !== 'directory') throw fileError('ENOTDIR')
    this.demand(node, 4)
    const names = new Set(node.entries.keys())
    const prefix = absolute === '/' ? '/' : `${absolute}/`
    for (const mount of this.mounts) {
      if (!mount.path.startsWith(prefix)) continue
      const rest = mount.path.slice(prefix.length)
      if (rest && !rest.includes('/')) names.add(rest)
    }
    return [...names].sort()
  }

  mkdir(path: string, options: { parents?: boolean; mode?: number } = {}): void {
    const place = this.place(path, true, options.parents ? options.mode : undefined, options.parents)
    if (place.node) {
      if (options.parents && place.node.kind === 'directory') return
      throw fileError('EEXIST')
    }
    this.link(place, this.newDirectory(place, options.mode))
  }

  remove(path: string, options: { recursive?: boolean } = {}): void {
    const place = this.place(path, false)
    if (!place.node) throw fileError('ENOENT')
    if (place.absolute === '/' || this.isMountPoint(place.absolute)) throw fileError('EBUSY')
    this.demandWritable(place)
    if (place.node.kind === 'directory') {
      if (!options.recursive && this.list(place.absolute).length > 0) throw fileError('ENOTEMPTY')
      if (this.mounts.some((m) => m.path.startsWith(`${place.absolute}/`))) throw fileError('EBUSY')
    }
    if (this.unlinkedLive(place)) return
    this.ownParent(place).entries.delete(lastOf(place))
    place.mount.tree.charge(-contentBytes(place.node))
  }

  rename(from: string, to: string): void {
    const source = this.place(from, false)
    if (!source.node) throw fileError('ENOENT')
    let target = this.place(to, false)
    if (target.node?.kind === 'directory' && source.node.kind !== 'directory') throw fileError('EISDIR')
    if (target.node?.kind === 'directory' && target.node.entries.size > 0) throw fileError('ENOTEMPTY')
    if (`${target.absolute}/`.startsWith(`${source.absolute}/`)) {
      if (target.absolute === source.absolute) return
      throw fileError('EBUSY')
    }
    this.demandWritable(source)
    this.demandWritable(target)
    const node = source.mount.tree === target.mount.tree ? this.own(source) : copyNode(source.node, target.mount.tree)
    const bytes = contentBytes(node)
    target.mount.tree.charge(bytes - (target.node ? contentBytes(target.node) : 0))
    this.ownParent(source).entries.delete(lastOf(source))
    source.mount.tree.charge(-bytes)
    target = this.place(to, false)
    this.ownParent(target).entries.set(lastOf(target), node)
  }

  symlink(target: string, path: string): void {
    const place = this.place(path, false)
    if (place.node) throw fileError('EEXIST')
    this.link(place, {
      kind: 'symlink',
      target,
      mode: 0o777,
      uid: this.credentials.uid,
      gid: this.inheritedGroup(place),
      modifiedEpochMs: this.shared.nowEpochMs(),
      owner: place.mount.tree,
    })
  }

  bind(path: string, server: RpcServer): Listener {
    const place = this.place(path, false)
    if (place.node) throw fileError('EADDRINUSE')
    const listener = listenerOf(server)
    this.link(place, {
      kind: 'socket',
      listener,
      mode: 0o755,
      uid: this.credentials.uid,
      gid: this.inheritedGroup(place),
      modifiedEpochMs: this.shared.nowEpochMs(),
      owner: place.mount.tree,
    })
    return listener
  }

  listenerAt(path: string): Listener | undefined {
    const { node } = this.find(path)
    if (node.kind !== 'socket') return undefined
    this.demand(node, 2)
    return node.listener
  }

  chmod(path: string, mode: number): void {
    const node = this.ownForOwner(path)
    node.mode = mode & 0o7777
  }

  chown(path: string, uid: number, gid: number): void {
    const { uid: own, capabilities } = this.credentials
    if (own !== 0 || (capabilities && !capabilities.has('CHOWN'))) throw fileError('EPERM')
    const node = this.ownForOwner(path)
    node.uid = uid
    node.gid = gid
  }

  touch(path: string): void {
    const place = this.place(path)
    if (!place.node) {
      this.write(path, '')
      return
    }
    if (place.node.kind === 'device') return
    if (place.node.uid !== this.credentials.uid) this.demand(place.node, 2)
    this.demandWritable(place)
    this.own(place).modifiedEpochMs = this.shared.nowEpochMs()
  }

  realpath(path: string): string {
    return this.find(path).absolute
  }

  /** Where links lead from a path, of which the last name may be missing. @throws FileError where it leads nowhere */
  resolve(path: string): string {
    return this.place(path).absolute
  }

  /** Whether this user may read (4), write (2) or execute (1) what is there. */
  may(path: string, bits: number): boolean {
    const node = this.glance(path)
    if (node === null) return false
    if (node && !(bits & 2)) return this.allows(node, bits)
    try {
      const place = this.find(path)
      if (!this.allows(place.node, bits)) return false
      return !(bits & 2) || place.node.kind === 'device' || !this.isReadOnly(place)
    } catch {
      return false
    }
  }

  spaceAt(path: string): FileSpace {
    return this.spaceOf(this.find(path).mount)
  }

  spaces(): FileSpace[] {
    const root: Mount = { path: '/', tree: this.tree, root: this.tree.root, readOnly: false }
    return [root, ...this.mounts].map((mount) => this.spaceOf(mount))
  }

  /** Simplified: the tables of a file system take no room. What has no size of its own, and no disk, lies on a disk, or in memory, of the usual size. */
  private spaceOf({ path, tree, device }: Mount): FileSpace {
    const own = Number.isFinite(tree.capacityBytes)
    const isMemory = device !== undefined
    const usual = isMemory
      ? { capacityBytes: usualMemoryBytes, usedBytes: tree.usedBytes }
      : { capacityBytes: usualDiskBytes, usedBytes: usualDiskBytes / 5 }
    const { capacityBytes: sizeBytes, usedBytes: bytes } = own ? tree : ((isMemory ? undefined : tree.disk) ?? usual)
    const usedBytes = Math.ceil(bytes / blockBytes) * blockBytes
    const where = path === '/' ? { device: 'overlay', type: 'overlay' as const } : undefined
    const kind = isMemory ? { device, type: 'tmpfs' as const } : { device: '/dev/vda', type: 'ext4' as const }
    return { ...(where ?? kind), path, sizeBytes, usedBytes, availableBytes: Math.max(0, sizeBytes - usedBytes) }
  }

  /** Mount points with their mode, in the order of mounting: what /proc/mounts tells. */
  mountPoints(): readonly { path: string; readOnly: boolean; device?: string }[] {
    return [{ path: '/', readOnly: this.shared.readOnlyRoot }, ...this.mounts]
  }

  private statOf({ node, mount }: Place & { node: TreeNode }): FileStat {
    const stat = statOfNode(node)
    const isOverlay = mount.tree === this.tree
    if (node.kind === 'directory' && !isOverlay) stat.links = 2 + countDirectories(node)
    if (node.kind === 'symlink') stat.target = node.target
    return stat
  }

  /**
   * What a plain path leads to, found without noting the way: null when nothing is there; undefined when somebody has to
   * look properly, because of a link, a `.`, a missing directory's kind or right on the way.
   */
  private glance(path: string): TreeNode | null | undefined {
    const { mounts } = this
    let node: TreeNode = this.tree.root
    let from = 1
    if (path.charCodeAt(0) !== slash) return undefined
    for (const mount of mounts) if (mount.path.length === 1) return undefined
    while (from < path.length) {
      if (node.kind !== 'directory' || !this.allows(node, 1)) return undefined
      const next = path.indexOf('/', from)
      const end = next < 0 ? path.length : next
      const first = path.charCodeAt(from)
      if (first === slash || first === dot) return undefined
      let child = node.entries.get(path.slice(from, end))
      for (let i = mounts.length - 1; i >= 0; i--) {
        const { path: mountPath, root: mountRoot } = mounts[i]
        if (mountPath.length !== end || !path.startsWith(mountPath)) continue
        child = mountRoot
        break
      }
      if (!child) return null
      if (child.kind === 'symlink') return undefined
      node = child
      from = end + 1
    }
    return node
  }

  private find(path: string, follow = true): Place & { node: TreeNode } {
    const place = this.place(path, follow)
    if (!place.node) throw fileError('ENOENT')
    return place as Place & { node: TreeNode }
  }

  /** Walks a path. The last name may be missing (`node` undefined); `create` makes missing parents. */
  private place(path: string, follow = true, mode?: number, create = false): Place {
    let pending = path.split('/')
    let at = 0
    let links = 0
    const rootMount: Mount = { path: '/', tree: this.tree, root: this.tree.root, readOnly: this.shared.readOnlyRoot }
    const start: Place = this.mounts.length
      ? this.crossMount({ mount: rootMount, node: this.tree.root, absolute: '/' })
      : { mount: rootMount, node: this.tree.root, absolute: '/' }
    let trail: Place[] = [start]
    for (; at < pending.length; at++) {
      const name = pending[at]
      if (name === '' || name === '.') continue
      const here = trail[trail.length - 1]
      if (here.node?.kind !== 'directory') throw fileError('ENOTDIR')
      this.demand(here.node, 1)
      charge(2 + (trail.length >> 5))
      if (name === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      let next: Place = {
        mount: here.mount,
        node: here.node.entries.get(name),
        absolute: here.absolute === '/' ? `/${name}` : `${here.absolute}/${name}`,
      }
      if (here.node.isLive && next.node) next = this.enterLive(next, next.node)
      if (this.mounts.length) next = this.crossMount(next)
      if (next.node?.kind === 'symlink' && (follow || hasMore(pending, at))) {
        if (++links > 40) throw fileError('ELOOP')
        const target = next.node.target
        pending = [...target.split('/'), ...pending.slice(at + 1)]
        at = -1
        if (target.startsWith('/')) trail = [start]
        continue
      }
      if (!next.node) {
        if (hasMore(pending, at)) {
          if (!create) throw fileError('ENOENT')
          const directory = this.newDirectory(next, mode)
          const parent = this.link(next, directory)
          // Making it copied nodes on the way that were an image's: walk again.
          if (parent !== here.node)
            return this.place([next.absolute, ...pending.slice(at + 1)].join('/'), follow, mode, create)
          next.node = directory
        }
      }
      trail.push(next)
    }
    return trail[trail.length - 1]
  }

  /** What a live directory shows of another tree is written to that tree, as if it were mounted here. */
  private enterLive(place: Place, node: TreeNode): Place {
    if (node.isLive || node.kind === 'symlink') return place
    const { absolute } = place
    return { mount: { path: absolute, tree: node.owner, root: node, readOnly: false }, node, absolute }
  }

  private crossMount(place: Place): Place {
    for (let i = this.mounts.length - 1; i >= 0; i--) {
      const mount = this.mounts[i]
      if (mount.path !== place.absolute) continue
      // A volume's root may have been replaced since the mount; a subPath stays what it was.
      return { mount, node: mount.root, absolute: place.absolute }
    }
    return place
  }

  private prepareMountPoint(path: string, node: TreeNode): string {
    const wanted = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
    const asRoot = new ContainerFiles(this.tree, this.mounts, root, { ...this.shared, readOnlyRoot: false })
    if (!asRoot.exists(wanted)) {
      if (node.kind === 'directory') asRoot.mkdir(wanted, { parents: true })
      else {
        asRoot.mkdir(parentOf(wanted), { parents: true })
        asRoot.write(wanted, '')
      }
    }
    return asRoot.realpath(wanted)
  }

  private newDirectory(place: Place, mode = 0o755): DirectoryNode {
    return {
      kind: 'directory',
      entries: new Map(),
      mode,
      uid: this.credentials.uid,
      gid: this.inheritedGroup(place),
      modifiedEpochMs: this.shared.nowEpochMs(),
      owner: place.mount.tree,
    }
  }

  /** A set-group-id directory (a volume with fsGroup) gives its group to what is made in it. */
  private inheritedGroup(place: Place): number {
    const parent = nodeAt(place.mount.root, namesOf(place).slice(0, -1))
    return parent && parent.mode & 0o2000 ? parent.gid : this.credentials.gid
  }

  /** @returns the directory that it is in now, which may be a copy of the one before */
  private link(place: Place, node: TreeNode): DirectoryNode {
    this.demandWritable(place)
    const parent = this.ownParent(place)
    parent.entries.set(lastOf(place), node)
    parent.modifiedEpochMs = this.shared.nowEpochMs()
    return parent
  }

  private own(place: Place): TreeNode {
    return place.mount.tree.own(this.mountRoot(place), namesOf(place))
  }

  /** Whether the directory that lists it by looking has taken it away itself. */
  private unlinkedLive(place: Place): boolean {
    const parent = nodeAt(this.mountRoot(place), namesOf(place).slice(0, -1))
    if (parent?.kind !== 'directory' || !parent.unlink) return false
    this.demand(parent, 2)
    parent.unlink(lastOf(place))
    return true
  }

  private ownParent(place: Place): DirectoryNode {
    const parent = place.mount.tree.own(this.mountRoot(place), namesOf(place).slice(0, -1))
    if (parent.kind !== 'directory') throw fileError('ENOTDIR')
    if (place.absolute === place.mount.path) throw fileError('EBUSY')
    this.demand(parent, 2)
    return parent
  }

  private mountRoot(place: Place): DirectoryNode {
    const node = place.mount.path === '/' && place.mount.tree === this.tree ? this.tree.root : place.mount.root
    // A single file mounted by subPath is its own root: it has no names below it.
    return node as DirectoryNode
  }

  private ownForOwner(path: string): TreeNode {
    const place = this.find(path)
    if (this.credentials.uid !== 0 && place.node.uid !== this.credentials.uid) throw fileError('EPERM')
    this.demandWritable(place)
    return this.own(place)
  }

  private isMountPoint(absolute: string): boolean {
    return this.mounts.some((mount) => mount.path === absolute)
  }

  private isReadOnly(place: Place): boolean {
    return place.mount.readOnly
  }

  private demandWritable(place: Place): void {
    if (this.isReadOnly(place)) throw fileError('EROFS')
  }

  private demand(node: TreeNode, bits: number): void {
    if (!this.allows(node, bits)) throw fileError('EACCES')
  }

  private allows(node: TreeNode, bits: number): boolean {
    const { uid, gid, groups, capabilities } = this.credentials
    if (uid === 0 && (!capabilities || capabilities.has('DAC_OVERRIDE')))
      return !(bits & 1) || node.kind === 'directory' || (node.mode & 0o111) !== 0
    const shift = node.uid === uid ? 6 : node.gid === gid || groups?.includes(node.gid) ? 3 : 0
    return ((node.mode >> shift) & bits) === bits
  }
}

function listenerOf(server: RpcServer): Listener {
  let current: RpcServer | undefined = server
  const onClose = new Set<() => void>()
  return {
    get server() {
      return current
    },
    onClose,
    close() {
      if (!current) return
      current = undefined
      for (const tell of [...onClose]) tell()
      onClose.clear()
    },
  }
}

/** Whether names come after that one. */
function hasMore(names: readonly string[], at: number): boolean {
  for (let i = at + 1; i < names.length; i++) if (names[i] !== '' && names[i] !== '.') return true
  return false
}

function statOfNode(node: TreeNode): FileStat {
  return {
    type: node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    sizeBytes: sizeOf(node),
    modifiedEpochMs: node.modifiedEpochMs,
    links: 1,
  }
}

function countDirectories(node: DirectoryNode): number {
  let count = 0
  for (const child of node.entries.values()) if (child.kind === 'directory') count++
  return count
}

function copyNode(node: TreeNode, owner: FileTree): TreeNode {
  if (node.kind !== 'directory') return { ...node, owner }
  const entries = new Map<string, TreeNode>()
  for (const [name, child] of node.entries) entries.set(name, copyNode(child, owner))
  return { ...node, owner, entries }
}

/** Bytes of the files in a node; directories and links weigh nothing. */
function contentBytes(node: TreeNode): number {
  if (node.kind === 'file') return sizeOf(node)
  if (node.kind !== 'directory') return 0
  let sum = 0
  for (const child of node.entries.values()) sum += contentBytes(child)
  return sum
}

const lastOf = ({ absolute }: Place): string => absolute.slice(absolute.lastIndexOf('/') + 1)

/** Names from the mount's root to the place. */
const namesOf = ({ mount, absolute }: Place): string[] =>
  absolute === mount.path ? [] : absolute.slice(mount.path === '/' ? 1 : mount.path.length + 1).split('/')

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
