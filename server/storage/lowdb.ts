/** Documents as JSON files under a data folder, one file each, through lowdb. One process at a time. */
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Low } from 'lowdb'
import {
  checkKey,
  type DocumentKind,
  type DocumentStore,
  type Documents,
  DocumentUnreadable,
  type Envelope,
  EnvelopeError,
  readEnvelope,
} from './documents.ts'
import { DurableJsonFile, fileExists, syncFolder, writeDurably } from './durable-file.ts'
import { lockFolder } from './lock.ts'

export interface LowdbOptions {
  folder: string
  /** Told when a damaged file is set aside. */
  onSetAside?: (message: string) => void
  /** Documents kept in memory after use. */
  cached?: number
}

/** @throws DataFolderLocked when another process has the folder. */
export async function createLowdbStore(options: LowdbOptions): Promise<DocumentStore> {
  const lock = await lockFolder(options.folder)
  const open: { settle(): Promise<void> }[] = []
  return {
    documents: <T>(kind: DocumentKind<T>) => {
      const collection = new Collection(kind, options)
      open.push(collection)
      return collection
    },
    healthy: () => writeDurably(join(options.folder, 'last-check'), ''),
    close: async () => {
      await Promise.all(open.map((collection) => collection.settle()))
      await lock.release()
    },
  }
}

class Collection<T> implements Documents<T> {
  private readonly kind: DocumentKind<T>
  private readonly folder: string
  private readonly options: LowdbOptions
  /** Least recently used first. */
  private readonly files = new Map<string, DocumentFile<T>>()

  constructor(kind: DocumentKind<T>, options: LowdbOptions) {
    this.kind = kind
    this.options = options
    this.folder = join(options.folder, kind.name)
  }

  find(key: string): Promise<T | undefined> {
    return this.file(key).find()
  }

  update(key: string, change: (current: T | undefined) => T): Promise<T> {
    return this.file(key).update(change)
  }

  async remove(key: string): Promise<void> {
    await this.file(key).remove()
    this.files.delete(key)
  }

  async keys(prefix?: string): Promise<string[]> {
    const folder = prefix ? join(this.folder, checkKey(prefix)) : this.folder
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const found: string[] = []
    for (const entry of entries) {
      const key = prefix ? `${prefix}/${entry.name}` : entry.name
      if (entry.isDirectory()) found.push(...(await this.keys(key)))
      else found.push(...(/^(.*)\.json(?:\.corrupt-\d+)?$/.exec(key)?.slice(1) ?? []))
    }
    // One that was set aside is still there: whoever lists what there is learns of it, and whoever removes all removes it.
    return [...new Set(found)].sort()
  }

  async settle(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.settle()))
  }

  private file(key: string): DocumentFile<T> {
    const known = this.files.get(key)
    const file =
      known ?? new DocumentFile(this.kind, checkKey(key), join(this.folder, `${key}.json`), this.options.onSetAside)
    this.files.delete(key)
    this.files.set(key, file)
    for (const [oldKey, old] of this.files) {
      if (this.files.size <= (this.options.cached ?? 2000)) break
      if (old.isIdle && old !== file) this.files.delete(oldKey)
    }
    return file
  }
}

interface Change<T> {
  change: (current: T | undefined) => T
  resolve: (value: T) => void
  reject: (error: unknown) => void
}

/** One document. Changes that arrive while a write is under way are applied together and share the next write. */
class DocumentFile<T> {
  private readonly kind: DocumentKind<T>
  private readonly key: string
  private readonly path: string
  private readonly onSetAside: ((message: string) => void) | undefined
  private readonly low: Low<Envelope | null>
  private value: T | undefined
  private loading: Promise<void> | undefined
  private waiting: Change<T>[] = []
  private writing: Promise<void> | undefined

  constructor(kind: DocumentKind<T>, key: string, path: string, onSetAside: ((message: string) => void) | undefined) {
    this.kind = kind
    this.key = key
    this.path = path
    this.onSetAside = onSetAside
    this.low = new Low<Envelope | null>(new DurableJsonFile(path), null)
  }

  get isIdle(): boolean {
    return !this.writing && this.waiting.length === 0
  }

  async find(): Promise<T | undefined> {
    await this.load()
    return this.value
  }

  update(change: (current: T | undefined) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, resolve, reject })
      this.writing ??= this.drain()
    })
  }

  async remove(): Promise<void> {
    await this.settle()
    const folder = dirname(this.path)
    const name = basename(this.path)
    const names = await readdir(folder).catch(() => [])
    const mine = names.filter((other) => other === name || other.startsWith(`${name}.corrupt-`))
    for (const other of mine) await rm(join(folder, other), { force: true })
    if (mine.length > 0) await syncFolder(folder)
    this.value = undefined
    this.low.data = null
    this.loading = undefined
  }

  async settle(): Promise<void> {
    while (this.writing) await this.writing
  }

  private load(): Promise<void> {
    this.loading ??= this.read().catch((error) => {
      this.loading = undefined // so that a mended file is found without a restart
      throw error
    })
    return this.loading
  }

  private async read(): Promise<void> {
    this.low.data = null // lowdb keeps the former value when there is no file
    try {
      await this.low.read()
    } catch (error) {
      if (error instanceof SyntaxError) throw await this.setAside('it is not JSON')
      throw error
    }
    // What was set aside waits for a person: a fresh document in its place would hide the loss.
    if (this.low.data === null) {
      if (await fileExists(`${this.path}.corrupt-1`))
        throw new DocumentUnreadable(
          this.kind.name,
          this.key,
          `${this.path} is missing and ${this.path}.corrupt-1 waits for repair`,
        )
      return
    }
    try {
      this.value = readEnvelope(this.kind, this.low.data)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      if (error.reason === 'damaged') throw await this.setAside(error.message)
      throw new DocumentUnreadable(this.kind.name, this.key, `${this.path}: ${error.message}`)
    }
  }

  private async setAside(reason: string): Promise<DocumentUnreadable> {
    let number = 1
    while (await fileExists(`${this.path}.corrupt-${number}`)) number++
    const aside = `${this.path}.corrupt-${number}`
    await rename(this.path, aside)
    await syncFolder(dirname(this.path))
    const message = `${this.path} cannot be read (${reason}). It was moved to ${aside}, and nothing takes its place: mend that file and move it back.`
    this.onSetAside?.(message)
    return new DocumentUnreadable(this.kind.name, this.key, message)
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting
      this.waiting = []
      try {
        await this.load()
        await this.writeTogether(batch)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    // In the same turn as the last look at `waiting`, so that no change slips in between.
    this.writing = undefined
  }

  private async writeTogether(batch: readonly Change<T>[]): Promise<void> {
    let next = this.value
    const done: (() => void)[] = []
    for (const { change, resolve, reject } of batch) {
      try {
        const changed = change(next)
        next = changed
        done.push(() => resolve(changed))
      } catch (error) {
        reject(error)
      }
    }
    if (done.length === 0 || next === undefined) return
    const before = this.low.data
    this.low.data = { schemaVersion: this.kind.version, data: next }
    try {
      await this.low.write()
    } catch (error) {
      this.low.data = before
      throw error
    }
    this.value = next
    for (const resolve of done) resolve()
  }
}
