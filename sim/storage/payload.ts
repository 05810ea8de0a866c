/**
 * Files that a kubelet writes into a volume so that a reader sees either the old set or the new: a directory named after the
 * time, a link `..data` to it, and a link for each name. Source: pkg/volume/util/atomic_writer.go
 */
import type { KeyToPath, Pod } from '../api/core/pod-types.ts'
import { charge, chargeText } from '../engine/work.ts'
import { byteLength, createVolumeTree } from '../runtime/file-system.ts'
import type { DirectoryNode, FileTree, SymlinkNode, TreeNode } from '../runtime/file-tree.ts'
import { nestedMountPoints } from './nested-mounts.ts'
import type { MountedVolume, VolumeHost } from './types.ts'

export interface PayloadFile {
  content: string
  mode: number
  /** Whose it is; root's unless told. */
  uid?: number
}

/** Path in the volume -> file. */
export type Payload = Record<string, PayloadFile>

/** A volume of such files; `collect` reads their sources anew. */
export function payloadVolume(
  name: string,
  pod: Pod,
  host: VolumeHost,
  collect: (pod: Pod) => Payload | { error: string },
): MountedVolume | { error: string } {
  const first = collect(pod)
  if (isError(first)) return first
  const tree = createVolumeTree({ nowEpochMs: host.nowEpochMs, mode: 0o755 })
  const { gid, ofDirectory, ofFile } = ownershipOf(pod)
  let written = first
  let version = ''
  let generation = 0

  // The nodes are made by hand: a path looked up for each would cost more than the rest of a Pod's start.
  const write = (entries: Map<string, TreeNode>, payload: Payload, modifiedEpochMs: number): void => {
    const base = { uid: 0, gid, modifiedEpochMs, owner: tree.tree }
    const directory = (): DirectoryNode => ({
      ...base,
      kind: 'directory',
      mode: 0o755 | ofDirectory,
      entries: new Map(),
    })
    const link = (target: string): SymlinkNode => ({ ...base, kind: 'symlink', mode: 0o777, target })
    const old = version
    version = `..${timeName(modifiedEpochMs)}.${String(++generation).padStart(9, '0')}`
    const files = directory()
    charge(2 * stepsOfFile * Object.keys(payload).length)
    for (const [path, file] of Object.entries(payload)) {
      const names = path.split('/')
      const name = names.pop()!
      let parent = files
      for (const part of names) {
        const found = parent.entries.get(part)
        const child = found?.kind === 'directory' ? found : directory()
        parent.entries.set(part, child)
        parent = child
      }
      const { content, mode, uid = 0 } = file
      parent.entries.set(name, {
        ...base,
        uid,
        kind: 'file',
        mode: mode | ofFile,
        content,
        contentBytes: byteLength(content),
        sparseBytes: 0,
      })
    }
    entries.set(version, files)
    entries.set('..data', link(version))
    for (const [name, { kind }] of [...entries])
      if (kind === 'symlink' && !name.startsWith('..') && !files.entries.has(name)) entries.delete(name)
    for (const name of files.entries.keys()) if (!entries.has(name)) entries.set(name, link(`..data/${name}`))
    entries.delete(old)
  }

  /** Before the files: one that has the same name takes its place. */
  const makeMountPoints = (entries: Map<string, TreeNode>, modifiedEpochMs: number): void => {
    for (const path of nestedMountPoints(name, pod)) {
      let parent = entries
      for (const part of path.split('/')) {
        const found = parent.get(part)
        const child: DirectoryNode =
          found?.kind === 'directory'
            ? found
            : {
                ...{ uid: 0, gid, modifiedEpochMs, owner: tree.tree },
                ...{ kind: 'directory', mode: 0o755 | ofDirectory, entries: new Map() },
              }
        parent.set(part, child)
        parent = child.entries
      }
    }
  }

  const firstEpochMs = host.nowEpochMs()
  const root = new UnseenDirectory(tree.tree, firstEpochMs, (entries) => {
    makeMountPoints(entries, firstEpochMs)
    write(entries, first, firstEpochMs)
  })
  root.gid = gid
  root.mode |= ofDirectory
  tree.tree.root = root
  return {
    tree,
    root: '',
    isReadOnly: true,
    refresh(newest) {
      const payload = collect(newest)
      if (isError(payload)) return payload
      if (isSamePayload(payload, written)) return undefined
      write(tree.tree.root.entries, payload, host.nowEpochMs())
      written = payload
      return undefined
    },
  }
}

/** fsGroup: all of it is the group's, which may read it. Source: kubernetes/pkg/volume/volume_linux.go changeFilePermission, for what is read-only */
function ownershipOf({ spec }: Pod): { gid: number; ofDirectory: number; ofFile: number } {
  const group = spec.securityContext?.fsGroup
  return group === undefined
    ? { gid: 0, ofDirectory: 0, ofFile: 0 }
    : { gid: group, ofDirectory: 0o2550, ofFile: 0o440 }
}

/** A directory whose entries are made when somebody looks for them first: most volumes are never looked into. */
class UnseenDirectory implements DirectoryNode {
  readonly kind = 'directory'
  mode = 0o755
  uid = 0
  gid = 0
  modifiedEpochMs: number
  owner: FileTree
  private fill: ((entries: Map<string, TreeNode>) => void) | undefined
  private filled: Map<string, TreeNode> | undefined

  constructor(owner: FileTree, modifiedEpochMs: number, fill: (entries: Map<string, TreeNode>) => void) {
    this.owner = owner
    this.modifiedEpochMs = modifiedEpochMs
    this.fill = fill
  }

  get entries(): Map<string, TreeNode> {
    if (!this.filled) {
      this.filled = new Map()
      this.fill?.(this.filled)
      this.fill = undefined
    }
    return this.filled
  }
}

/** What is in Base64, read. */
export const decodedData = (data: Readonly<Record<string, string>> | undefined, host: VolumeHost) =>
  Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => {
      chargeText(value.length)
      return [key, host.decodeBase64(value)]
    }),
  )

/** Of computing: to put a file into a payload. */
const stepsOfFile = 4

/**
 * The files that a ConfigMap's or Secret's data make: all keys, or the listed items.
 * @param data undefined when the object does not exist
 * @param title `configmap` or `secret`, for the refusal
 */
export function keysPayload(
  data: Readonly<Record<string, string>> | undefined,
  source: { name: string; items?: readonly KeyToPath[]; optional?: boolean },
  title: 'configmap' | 'secret',
  defaultMode: number,
): Payload | { error: string } {
  if (!data) return source.optional ? {} : { error: `${title} "${source.name}" not found` }
  const payload: Payload = {}
  if (!source.items?.length) {
    const entries = Object.entries(data)
    charge(stepsOfFile * entries.length)
    for (const [key, content] of entries) payload[key] = { content, mode: defaultMode }
    return payload
  }
  charge(stepsOfFile * source.items.length)
  for (const { key, path, mode } of source.items) {
    if (!(key in data)) {
      if (source.optional) continue
      return {
        error:
          title === 'configmap'
            ? `configmap references non-existent config key: ${key}`
            : `references non-existent secret key: ${key}`,
      }
    }
    payload[path] = { content: data[key], mode: mode ?? defaultMode }
  }
  return payload
}

export const isError = (value: Payload | { error: string }): value is { error: string } =>
  typeof value.error === 'string'

const timeName = (epochMs: number): string =>
  new Date(Math.floor(epochMs)).toISOString().slice(0, 19).replaceAll('-', '_').replace('T', '_').replaceAll(':', '_')

function isSamePayload(a: Payload, b: Payload): boolean {
  const names = Object.keys(a)
  charge(names.length)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name]?.content === a[name].content && b[name].mode === a[name].mode)
  )
}
