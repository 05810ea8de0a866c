/**
 * Documents as JSON files under a data folder, one file each, through lowdb, and before them a write-ahead log that makes changes durable
 * (`write-ahead-log.ts`). One process at a time.
 */
import { basename, dirname, join, relative } from 'node:path'
import { localBus } from './bus.ts'
import {
  checkKey,
  type DocumentKind,
  type Documents,
  DocumentUnreadable,
  EnvelopeError,
  readEnvelope,
} from './documents.ts'
import { fileExists, namesIn, writeDurably } from './durable-file.ts'
import { disk, type Files } from './files.ts'
import { noIndex, withIndexes } from './indexed.ts'
import { documentJobs } from './jobs.ts'
import { localLeases } from './leases.ts'
import { lockFolder } from './lock.ts'
import { readSettled, setFileAside } from './settling.ts'
import type { Store } from './store.ts'
import { documentStreams } from './streams.ts'
import { type LogLimits, WriteAheadLog } from './write-ahead-log.ts'

export interface LowdbOptions {
  folder: string
  /** Told in words what the operator should know: a damaged file that is set aside, documents that cannot be written to their files. */
  onProblem?: (message: string) => void
  /** What is kept in memory after use, of all documents together. */
  cached?: Partial<CacheLimits>
  /** Of the write-ahead log. */
  limits?: Partial<LogLimits>
}

export interface CacheLimits {
  documents: number
  /** Of their JSON texts. */
  characters: number
}

/** @throws DataFolderLocked when another process has the folder, LogTooNew when a newer program left work in it. */
export async function createLowdbStore(options: LowdbOptions): Promise<Store> {
  const lock = await lockFolder(options.folder)
  try {
    const store = await openStore(options, disk)
    return {
      ...store,
      close: async () => {
        try {
          await store.close()
        } finally {
          await lock.release()
        }
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** The store without the lock, on any files. */
export async function openStore(options: LowdbOptions, files: Files): Promise<Store> {
  const onProblem = options.onProblem ?? (() => {})
  const log = await WriteAheadLog.open({ folder: options.folder, files, onProblem, limits: options.limits })
  const shared = {
    folder: options.folder,
    files,
    log,
    onProblem,
    recent: new Recent({ ...usualCache, ...options.cached }),
  }
  const leases = localLeases()
  const open: { settle(): Promise<void> }[] = []
  const documents = <T>(kind: DocumentKind<T>) => {
    const collection = new Collection(kind, shared)
    open.push(collection)
    return withIndexes(kind, collection)
  }
  return {
    documents,
    streams: (kind) => documentStreams(documents, kind, leases),
    jobs: (kind) => documentJobs(documents, kind),
    bus: localBus((error) => onProblem(`a listener of the bus failed: ${String(error)}`)),
    leases,
    healthy: () => writeDurably(join(options.folder, 'last-check'), ''),
    close: async () => {
      await Promise.all(open.map((collection) => collection.settle()))
      await log.close()
    },
  }
}

interface Shared {
  folder: string
  files: Files
  log: WriteAheadLog
  onProblem: (message: string) => void
  recent: Recent
}

/** A heap holds about twice as many bytes for them. */
const usualCache: CacheLimits = { documents: 20_000, characters: 16 << 20 }

interface Kept {
  readonly isIdle: boolean
  readonly characters: number
  forget(): void
}

/** Which documents are in memory, of all collections: the least recently used go first, and none that is being written. */
class Recent {
  private readonly limits: CacheLimits
  private readonly documents = new Set<Kept>()
  private characters = 0

  constructor(limits: CacheLimits) {
    this.limits = limits
  }

  /** It is used now. */
  use(document: Kept): void {
    if (!this.documents.delete(document)) this.characters += document.characters
    this.documents.add(document)
    this.makeRoom(document)
  }

  /** Its text has another length now. */
  grew(document: Kept, characters: number): void {
    if (!this.documents.has(document)) return
    this.characters += characters
    this.makeRoom(document)
  }

  private makeRoom(used: Kept): void {
    for (const old of this.documents) {
      if (this.documents.size <= this.limits.documents && this.characters <= this.limits.characters) return
      if (old === used || !old.isIdle) continue
      this.documents.delete(old)
      this.characters -= old.characters
      old.forget()
    }
  }
}

class Collection<T> implements Documents<T> {
  private readonly kind: DocumentKind<T>
  private readonly folder: string
  private readonly shared: Shared
  private readonly known = new Map<string, StoredDocument<T>>()

  constructor(kind: DocumentKind<T>, shared: Shared) {
    this.kind = kind
    this.shared = shared
    this.folder = join(shared.folder, kind.name)
  }

  find(key: string): Promise<T | undefined> {
    return this.document(key).find()
  }

  update(key: string, change: (current: T | undefined) => T): Promise<T> {
    return this.document(key).update(change)
  }

  remove(key: string): Promise<void> {
    return this.document(key).remove()
  }

  async keysBy(field: string): Promise<string[]> {
    return noIndex(this.kind, field)
  }

  async keys(prefix?: string): Promise<string[]> {
    const folder = prefix ? join(this.folder, checkKey(prefix)) : this.folder
    const keys = await this.shared.log.keys(this.kind.name, () => this.keysOfFiles(folder))
    return prefix ? keys.filter((key) => key.startsWith(`${prefix}/`)) : keys
  }

  async settle(): Promise<void> {
    await Promise.all([...this.known.values()].map((document) => document.settle()))
  }

  private async keysOfFiles(folder: string): Promise<string[]> {
    const found: string[] = []
    for (const name of await namesIn(folder, this.shared.files)) {
      const path = join(folder, name)
      if (name.endsWith('/')) found.push(...(await this.keysOfFiles(path)))
      // One that was set aside is still there: whoever lists what there is learns of it, and whoever removes all removes it.
      else found.push(...(/^(.*)\.json(?:\.corrupt-\d+)?$/.exec(relative(this.folder, path))?.slice(1) ?? []))
    }
    return [...new Set(found)]
  }

  private document(key: string): StoredDocument<T> {
    const path = join(this.folder, `${checkKey(key)}.json`)
    const document =
      this.known.get(key) ?? new StoredDocument<T>(this.kind, key, path, this.shared, () => this.known.delete(key))
    this.known.set(key, document)
    this.shared.recent.use(document)
    return document
  }
}

interface Change<T> {
  /** Undefined removes the document. */
  change: ((current: T | undefined) => T) | undefined
  resolve: (value: T | undefined) => void
  reject: (error: unknown) => void
}

/** One document. Changes that arrive while one is written are applied together and share the next record. */
class StoredDocument<T> {
  private readonly kind: DocumentKind<T>
  private readonly key: string
  private readonly path: string
  private readonly shared: Shared
  private value: T | undefined
  private loading: Promise<void> | undefined
  private waiting: Change<T>[] = []
  private writing: Promise<void> | undefined
  /** Of its text, as it was read or written last. */
  characters = 0
  readonly forget: () => void

  constructor(kind: DocumentKind<T>, key: string, path: string, shared: Shared, forget: () => void) {
    this.kind = kind
    this.key = key
    this.path = path
    this.shared = shared
    this.forget = forget
  }

  get isIdle(): boolean {
    return !this.writing && this.waiting.length === 0
  }

  async find(): Promise<T | undefined> {
    await this.load()
    return this.value
  }

  async update(change: (current: T | undefined) => T): Promise<T> {
    return (await this.enqueue(change)) as T
  }

  async remove(): Promise<void> {
    await this.enqueue(undefined)
  }

  async settle(): Promise<void> {
    while (this.writing) await this.writing
  }

  private enqueue(change: Change<T>['change']): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, resolve, reject })
      this.writing ??= this.drain()
    })
  }

  private load(): Promise<void> {
    this.loading ??= this.read().catch((error) => {
      this.loading = undefined // so that a repaired file is found without a restart
      throw error
    })
    return this.loading
  }

  private async read(): Promise<void> {
    const { log, files } = this.shared
    const unsettled = log.find(this.kind.name, this.key)
    if (unsettled) {
      const { now } = unsettled
      this.value = now && (await this.parse(() => ({ schemaVersion: now.version, data: JSON.parse(now.text) })))
      this.setCharacters(now?.text.length ?? 0)
      return
    }
    const text = await readSettled(this.path, files)
    // What was set aside waits for a person: a fresh document in its place would hide the loss.
    if (text === undefined) {
      if (await fileExists(`${this.path}.corrupt-1`, files))
        throw new DocumentUnreadable(
          this.kind.name,
          this.key,
          `${this.path} is missing and ${this.path}.corrupt-1 waits for repair`,
        )
      this.value = undefined
      return
    }
    this.value = await this.parse(() => JSON.parse(text))
    this.setCharacters(text.length)
  }

  private setCharacters(characters: number): void {
    const more = characters - this.characters
    this.characters = characters
    this.shared.recent.grew(this, more)
  }

  private async parse(envelope: () => unknown): Promise<T> {
    try {
      return readEnvelope(this.kind, envelope())
    } catch (error) {
      if (error instanceof SyntaxError) throw await this.setAside('it is not JSON')
      if (!(error instanceof EnvelopeError)) throw error
      if (error.reason === 'damaged') throw await this.setAside(error.message)
      throw new DocumentUnreadable(this.kind.name, this.key, `${this.path}: ${error.message}`)
    }
  }

  private async setAside(reason: string): Promise<DocumentUnreadable> {
    const { log, files, onProblem } = this.shared
    // A write-ahead log that still has it would put it back over what a person repairs.
    if (log.find(this.kind.name, this.key)) await log.checkpoint()
    const aside = await setFileAside(this.path, files)
    const message = `${this.path} cannot be read (${reason}). It was moved to ${aside}, and nothing takes its place: repair that file and move it back.`
    onProblem(message)
    return new DocumentUnreadable(this.kind.name, this.key, message)
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const next = this.waiting.findIndex(({ change }) => !change)
      const batch = this.waiting.splice(0, next < 0 ? this.waiting.length : Math.max(next, 1))
      try {
        if (batch[0]!.change) {
          await this.load()
          await this.writeTogether(batch)
        } else await this.writeRemoval(batch[0]!)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    // In the same turn as the last look at `waiting`, so that no change slips in between.
    this.writing = undefined
  }

  private async writeRemoval({ resolve }: Change<T>): Promise<void> {
    const { log, files } = this.shared
    // So that no reader who came before leaves an old value. What cannot be read is removed as well.
    const isReadable = await this.load().then(
      () => true,
      () => false,
    )
    const asides = `${basename(this.path)}.corrupt-`
    if (
      !isReadable ||
      this.value !== undefined ||
      (await namesIn(dirname(this.path), files)).some((name) => name.startsWith(asides))
    )
      await log.write(this.kind.name, this.key, undefined)
    this.value = undefined
    this.setCharacters(0)
    this.loading = Promise.resolve()
    resolve(undefined)
  }

  private async writeTogether(batch: readonly Change<T>[]): Promise<void> {
    let next = this.value
    const done: (() => void)[] = []
    for (const { change, resolve, reject } of batch) {
      try {
        const changed = change!(next)
        next = changed
        done.push(() => resolve(changed))
      } catch (error) {
        reject(error)
      }
    }
    if (done.length === 0) return
    const characters = await this.shared.log.write(this.kind.name, this.key, {
      version: this.kind.version,
      data: next,
    })
    this.value = next
    this.setCharacters(characters)
    for (const resolve of done) resolve()
  }
}
