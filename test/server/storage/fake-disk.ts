/** A disk in memory that knows what a power cut leaves, and that fails when it is told to. */
import { basename, dirname, join } from 'node:path'
import type { Files, OpenFile } from '../../../server/storage/files.ts'

interface FakeFile {
  now: Buffer
  /** What was synced. */
  durable: Buffer
}

interface FakeFolder {
  now: Map<string, FakeFile | FakeFolder>
  durable: Map<string, FakeFile | FakeFolder>
}

const isFolder = (node: FakeFile | FakeFolder): node is FakeFolder => node.now instanceof Map

/** Throws to let an operation fail. @returns of a write the part that is still written, 0 to 1; nothing is a whole one */
export type Fault = (operation: number, name: string, path: string) => void

export class FakeDisk implements Files {
  readonly root: FakeFolder
  operations = 0
  fault: Fault = () => {}

  constructor(root: FakeFolder = { now: new Map(), durable: new Map() }) {
    this.root = root
  }

  /** The process is gone; what it wrote is there. */
  afterKill(): FakeDisk {
    return new FakeDisk(copy(this.root, (node) => node.now) as FakeFolder)
  }

  /**
   * The machine lost its power. Without `chance` only what was synced is left; with it, of everything else as much as it says: names
   * one by one, and of what was added to a file a part.
   * @param chance 0 to 1, below 1
   */
  afterPowerLoss(chance?: () => number): FakeDisk {
    return new FakeDisk(
      copy(this.root, (node) => {
        if (!chance) return node.durable
        if (!isFolder(node)) return chance() < 0.5 ? node.durable : cutAfter(node, chance())
        const names = [...new Set([...node.now.keys(), ...node.durable.keys()])]
        const left = names.map((name) => [name, (chance() < 0.5 ? node.now : node.durable).get(name)] as const)
        return new Map(left.filter((entry): entry is [string, FakeFile | FakeFolder] => entry[1] !== undefined))
      }) as FakeFolder,
    )
  }

  /** The contents of a file, to look at or to damage without an operation. */
  peek(path: string): Buffer | undefined {
    const node = this.#find(path)
    return node && !isFolder(node) ? node.now : undefined
  }

  poke(path: string, contents: Buffer): void {
    const node = this.#find(path)
    if (!node || isFolder(node)) throw new Error(`there is no file ${path}`)
    node.now = node.durable = contents
  }

  /** All files' paths, sorted. */
  paths(folder: FakeFolder = this.root, prefix = '/'): string[] {
    return [...folder.now]
      .flatMap(([name, node]) => (isFolder(node) ? this.paths(node, `${prefix}${name}/`) : [prefix + name]))
      .sort()
  }

  async open(path: string, flags: 'r' | 'w' | 'ax'): Promise<OpenFile> {
    this.#operate('open', path)
    const known = this.#find(path)
    if (flags === 'r' && !known) throw failure('ENOENT', path)
    if (flags === 'ax' && known) throw failure('EEXIST', path)
    if (flags !== 'r' && known && isFolder(known)) throw failure('EISDIR', path)
    const node = known ?? this.#make(path)
    if (flags === 'w') (node as FakeFile).now = Buffer.alloc(0)
    const sync = async (name: string) => {
      this.#operate(name, path)
      // A name that is synced brings the folder or file itself, empty as long as that is not synced.
      if (isFolder(node)) node.durable = new Map(node.now)
      else node.durable = node.now
    }
    return {
      writeFile: async (data) => {
        const file = node as FakeFile
        const bytes = Buffer.from(data)
        try {
          this.#operate('write', path)
        } catch (error) {
          // As a disk that is full: the first half fits.
          file.now = Buffer.concat([file.now, bytes.subarray(0, bytes.length / 2)])
          throw error
        }
        file.now = Buffer.concat([file.now, bytes])
      },
      datasync: () => sync('datasync'),
      sync: () => sync('sync'),
      truncate: async (length) => {
        this.#operate('truncate', path)
        ;(node as FakeFile).now = (node as FakeFile).now.subarray(0, length)
      },
      close: async () => this.#operate('close', path),
    }
  }

  async readFile(path: string): Promise<Buffer> {
    this.#operate('readFile', path)
    const node = this.#find(path)
    if (!node) throw failure('ENOENT', path)
    if (isFolder(node)) throw failure('EISDIR', path)
    return node.now
  }

  async readdir(folder: string): Promise<string[]> {
    this.#operate('readdir', folder)
    const node = this.#find(folder)
    if (!node || !isFolder(node)) throw failure('ENOENT', folder)
    return [...node.now].map(([name, child]) => (isFolder(child) ? `${name}/` : name))
  }

  async mkdir(folder: string): Promise<string | undefined> {
    this.#operate('mkdir', folder)
    let first: string | undefined
    const make = (path: string): FakeFolder => {
      const known = this.#find(path)
      if (known && isFolder(known)) return known
      const parent = make(dirname(path))
      const made: FakeFolder = { now: new Map(), durable: new Map() }
      parent.now.set(basename(path), made)
      first ??= path
      return made
    }
    make(folder)
    return first
  }

  async rename(from: string, to: string): Promise<void> {
    this.#operate('rename', from)
    const node = this.#find(from)
    if (!node) throw failure('ENOENT', from)
    this.#folderOf(from).now.delete(basename(from))
    this.#folderOf(to).now.set(basename(to), node)
  }

  async rm(path: string): Promise<void> {
    this.#operate('rm', path)
    if (this.#find(path)) this.#folderOf(path).now.delete(basename(path))
  }

  async access(path: string): Promise<void> {
    this.#operate('access', path)
    if (!this.#find(path)) throw failure('ENOENT', path)
  }

  #operate(name: string, path: string): void {
    this.operations++
    this.fault(this.operations, name, path)
  }

  #find(path: string): FakeFile | FakeFolder | undefined {
    let node: FakeFile | FakeFolder | undefined = this.root
    for (const name of join('/', path).split('/').filter(Boolean))
      node = node && isFolder(node) ? node.now.get(name) : undefined
    return node
  }

  #folderOf(path: string): FakeFolder {
    const folder = this.#find(dirname(path))
    if (!folder || !isFolder(folder)) throw failure('ENOENT', path)
    return folder
  }

  #make(path: string): FakeFile {
    const file: FakeFile = { now: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.#folderOf(path).now.set(basename(path), file)
    return file
  }
}

export const failure = (code: string, path: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${path}`), { code })

/** Of what is not synced the first part. */
function cutAfter({ now, durable }: FakeFile, part: number): Buffer {
  const added = Math.max(0, now.length - durable.length)
  return now.subarray(0, now.length - Math.floor(added * part))
}

function copy(
  node: FakeFile | FakeFolder,
  left: (node: FakeFile | FakeFolder) => Buffer | FakeFolder['now'],
): FakeFile | FakeFolder {
  const contents = left(node)
  if (Buffer.isBuffer(contents)) return { now: contents, durable: contents }
  const names = () => new Map([...children])
  const children = [...contents].map(([name, child]) => [name, copy(child, left)] as const)
  return { now: names(), durable: names() }
}
