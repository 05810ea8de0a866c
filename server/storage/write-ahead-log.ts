/**
 * Where a change of a document is safe first: at the end of one file, which many changes share with one fdatasync. The documents' own
 * files are written later, many changes at once, in the background (a checkpoint); then the segments of the write-ahead log that are done
 * with are deleted. After a crash the next start reads the segments that are left. `log-records.ts` has their form.
 *
 * - A change is acknowledged, and seen by readers, after the fdatasync of its group.
 * - A group that fails is cut off again and refused; the segment is left, since after a failed fsync nobody knows what a file holds.
 * - A segment goes when each document in it is durable in its own file, or in a later segment; earlier ones go before later ones.
 *   So what is replayed is never older than the files.
 * - A patch builds on a record of its own segment, never on a file or on another segment.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type DocumentText, printDocument, spliceBetween } from './document-text.ts'
import { checkKey } from './documents.ts'
import { namesIn, syncFolder } from './durable-file.ts'
import { codeOf, type Files, type OpenFile } from './files.ts'
import { type Change, logFormat, printRecord, printSegmentMark, readSegment } from './log-records.ts'
import { replaySegments } from './replay.ts'
import { freeName, keepStranger, setLostAside, settleDocument } from './settling.ts'

export interface LogOptions {
  folder: string
  files: Files
  /** Told in words what the operator should know. */
  onProblem: (message: string) => void
  limits?: Partial<LogLimits>
}

export interface LogLimits {
  /** A checkpoint begins so long after a change. No promise depends on it. */
  settleAfterMs: number
  /** A segment of so many bytes, or so many of changed documents in memory, begin one at once. */
  segmentBytes: number
  unsettledBytes: number
  /** With so many bytes of changed documents in memory, writers wait for a checkpoint. */
  mostUnsettledBytes: number
  /** Shorter documents are written whole. */
  patchedFromCharacters: number
}

const usualLimits: LogLimits = {
  settleAfterMs: 30_000,
  segmentBytes: 16 << 20,
  unsettledBytes: 24 << 20,
  mostUnsettledBytes: 96 << 20,
  patchedFromCharacters: 2048,
}

/** A document that the write-ahead log has and its file has not, or not yet. */
interface Unsettled {
  kind: string
  key: string
  /** Undefined when it was removed. */
  now: { version: number; text: DocumentText } | undefined
  /** The newest record of it, and the segment where that is. */
  seq: number
  segment: number
  /** How many characters a replay has to build for the patches since it was last written whole. */
  patchedCharacters: number
  /** It was removed at some time, so what was set aside of it goes as well. */
  wasRemoved: boolean
  /** Another program may have written its file since. */
  isReplayed: boolean
}

interface Segment {
  number: number
  name: string
  /** Kept under another name when it goes. */
  isDamaged: boolean
}

interface OpenSegment extends Segment {
  file: OpenFile
  /** What is on the disk. */
  bytes: number
}

interface Write {
  kind: string
  key: string
  now: Unsettled['now']
}

interface Waiting extends Write {
  resolve(): void
  reject(error: unknown): void
}

/** A replay of a large document's patches should take no longer than a second. */
const mostPatchedCharacters = 256 << 20
const entryBytes = 300
/** A group with as many takes no more. */
const groupCharacters = 8 << 20
/** How many documents share the fsync of their folders, and how many of them are written at once. */
const settledTogether = 64
const settledAtOnce = 2
const settledAtOnceInHaste = 8
/** These hit every file alike: there is no use in trying the next. */
const failuresOfTheDisk = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

export class WriteAheadLog {
  private readonly folder: string
  private readonly files: Files
  private readonly limits: LogLimits
  private readonly onProblem: (message: string) => void
  private readonly unsettled = new Map<string, Map<string, Unsettled>>()
  private unsettledBytes = 0
  /** Oldest first, without the one that is written. */
  private past: Segment[] = []
  private current: OpenSegment | undefined
  /** A segment that has more than was acknowledged, which could not be cut off yet. Nothing is written before it is. */
  private uncut: OpenSegment | undefined
  private nextNumber = 1
  private nextSeq = 1
  private queue: Waiting[] = []
  private writing: Promise<void> | undefined
  /** Who writes or changes segments does so one after the other. */
  private turn: Promise<unknown> = Promise.resolve()
  private checkpointing: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  private lastProblem = ''
  private isClosed = false
  /** Told of each document that is settled, while somebody lists names. */
  private readonly observers = new Set<(kind: string, key: string, exists: boolean) => void>()

  private constructor({ folder, files, onProblem, limits }: LogOptions) {
    this.folder = folder
    this.files = files
    this.onProblem = onProblem
    this.limits = { ...usualLimits, ...limits }
  }

  /** Reads what an unclean end has left. @throws LogTooNew */
  static async open(options: LogOptions): Promise<WriteAheadLog> {
    const log = new WriteAheadLog(options)
    await log.replay()
    return log
  }

  /** What the write-ahead log knows of a document; undefined when its file is all there is. */
  find(kind: string, key: string): { now: { version: number; text: string } | undefined } | undefined {
    const entry = this.unsettled.get(kind)?.get(key)
    return entry && { now: entry.now && { version: entry.now.version, text: entry.now.text.text } }
  }

  /**
   * Makes `data` the document, or removes it when that is undefined. Changes of one document are made in the order of the calls.
   * @returns when the change is durable: how many characters the document's text has
   */
  write(kind: string, key: string, document: { version: number; data: unknown } | undefined): Promise<number> {
    return new Promise((done, reject) => {
      if (this.isClosed) throw new Error('the storage is closed')
      const now = document && { version: document.version, text: printDocument(document.data) }
      const resolve = () => done(now?.text.text.length ?? 0)
      this.queue.push({ kind, key, now, resolve, reject })
      this.writing ??= this.drain()
    })
  }

  /**
   * The keys of a kind: those that `list` finds among the files, and those that have none yet.
   * @param list reads the folder; what is settled meanwhile is minded
   */
  async keys(kind: string, list: () => Promise<string[]>): Promise<string[]> {
    const meanwhile = new Map<string, boolean>()
    const observe = (settledKind: string, key: string, exists: boolean) => {
      if (settledKind === kind) meanwhile.set(key, exists)
    }
    this.observers.add(observe)
    try {
      const keys = new Set(await list())
      for (const [key, entry] of this.unsettled.get(kind) ?? []) meanwhile.set(key, entry.now !== undefined)
      for (const [key, exists] of meanwhile) {
        if (exists) keys.add(key)
        else keys.delete(key)
      }
      return [...keys].sort()
    } finally {
      this.observers.delete(observe)
    }
  }

  /** Settles every document and deletes the segments that are done with. @throws when the disk does not let it */
  checkpoint(inHaste = false): Promise<void> {
    this.checkpointing ??= this.settleAll(inHaste).finally(() => {
      this.checkpointing = undefined
      this.planCheckpoint()
    })
    return this.checkpointing
  }

  /** Leaves no segment behind, unless the disk does not let the documents be settled: then the next start does it. */
  async close(): Promise<void> {
    this.isClosed = true
    while (this.writing) await this.writing
    try {
      // One may be under way that began before the last changes.
      await this.checkpointing?.catch(() => {})
      await this.checkpoint(true)
    } catch (error) {
      this.tellProblem(error)
    }
    clearTimeout(this.timer)
    await this.current?.file.close()
    await this.uncut?.file.close()
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      let batch: Waiting[] = []
      try {
        await this.waitForRoom()
        batch = this.nextGroup()
        await this.inTurn(() => this.append(batch))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch.length > 0 ? batch : this.queue.splice(0)) reject(error)
      }
      this.planCheckpoint()
    }
    // In the same turn as the last look at the queue, so that nothing slips in between.
    this.writing = undefined
  }

  private nextGroup(): Waiting[] {
    let characters = 0
    let count = 0
    while (count < this.queue.length && characters < groupCharacters)
      characters += this.queue[count++]!.now?.text.text.length ?? 0
    return this.queue.splice(0, count)
  }

  private async waitForRoom(): Promise<void> {
    if (this.unsettledBytes < this.limits.mostUnsettledBytes) return
    await this.checkpoint(true)
    if (this.unsettledBytes >= this.limits.mostUnsettledBytes)
      throw new Error(
        `the write-ahead log of ${this.folder} is full, since documents cannot be written to their files: ${this.lastProblem}`,
      )
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act)
    this.turn = done.catch(() => {})
    return done
  }

  /** Writes a group at the end of the current segment; nothing of it counts when that fails. */
  private async append(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return
    await this.cutOff()
    const segment = this.current ?? (await this.begin())
    const bytes: Buffer[] = segment.bytes === 0 ? [Buffer.from(this.markOf(segment))] : []
    const after = new Map<string, Unsettled>()
    let seq = this.nextSeq
    for (const write of writes) {
      const id = `${write.kind}/${write.key}`
      const known = after.get(id) ?? this.unsettled.get(write.kind)?.get(write.key)
      const { change, body, entry } = this.recordOf(write, known, seq, segment.number)
      bytes.push(...printRecord(change, body))
      after.set(id, entry)
      seq++
    }
    const group = Buffer.concat(bytes)
    try {
      await segment.file.writeFile(group)
      await segment.file.datasync()
    } catch (error) {
      this.current = undefined
      this.uncut = segment
      // When this fails as well, it is tried before the next group.
      await this.cutOff().catch(() => {})
      throw error
    }
    segment.bytes += group.length
    this.nextSeq = seq
    for (const entry of after.values()) this.remember(entry)
  }

  private recordOf(
    { kind, key, now }: Write,
    known: Unsettled | undefined,
    seq: number,
    segment: number,
  ): { change: Change; body: string; entry: Unsettled } {
    const place = { seq, group: this.nextSeq, kind, key }
    const entry: Unsettled = {
      kind,
      key,
      now,
      seq,
      segment,
      patchedCharacters: 0,
      wasRemoved: (known?.wasRemoved ?? false) || now === undefined,
      isReplayed: known?.isReplayed ?? false,
    }
    if (!now) return { change: { ...place, op: 'remove' }, body: '', entry }
    const { version, text } = now
    const patchedCharacters = (known?.patchedCharacters ?? 0) + text.text.length
    if (
      known?.now?.version === version &&
      known.segment === segment &&
      text.text.length >= this.limits.patchedFromCharacters &&
      patchedCharacters <= mostPatchedCharacters
    ) {
      const body = JSON.stringify(spliceBetween(known.now.text, text))
      if (body.length < text.text.length / 2) {
        const change: Change = { ...place, op: 'patch', version, base: known.seq, result: crc32(text.text) }
        return { change, body, entry: { ...entry, patchedCharacters } }
      }
    }
    return { change: { ...place, op: 'put', version }, body: text.text, entry }
  }

  private remember(entry: Unsettled): void {
    const { kind, key } = entry
    const known = this.unsettled.get(kind) ?? new Map<string, Unsettled>()
    this.unsettled.set(kind, known)
    this.unsettledBytes += sizeOf(entry) - sizeOf(known.get(key))
    known.set(key, entry)
  }

  private async begin(): Promise<OpenSegment> {
    const number = this.nextNumber++
    const name = segmentName(number)
    const path = join(this.folder, name)
    const file = await this.files.open(path, 'ax', 0o600)
    try {
      await syncFolder(this.folder, this.files)
    } catch (error) {
      await file.close().catch(() => {})
      // An empty segment that stays is passed over by the next start.
      await this.files.rm(path).catch(() => {})
      throw error
    }
    this.current = { number, name, isDamaged: false, file, bytes: 0 }
    return this.current
  }

  private markOf({ number }: Segment): string {
    return printSegmentMark({ format: logFormat, segment: number, first: this.nextSeq })
  }

  /** Takes away what was refused, so that no start finds it, and leaves the segment. */
  private async cutOff(): Promise<void> {
    if (!this.uncut) return
    const { file, bytes, number, name, isDamaged } = this.uncut
    await file.truncate(bytes)
    await file.datasync()
    this.uncut = undefined
    this.past.push({ number, name, isDamaged })
    await file.close()
  }

  private planCheckpoint(): void {
    if (this.isClosed || (this.unsettledBytes === 0 && this.past.length === 0)) return
    const { segmentBytes, unsettledBytes, settleAfterMs } = this.limits
    const isDue = (this.current?.bytes ?? 0) >= segmentBytes || this.unsettledBytes >= unsettledBytes
    // After a failure the timer tries again.
    if (isDue && !this.lastProblem && !this.checkpointing) this.checkpoint().catch((error) => this.tellProblem(error))
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.checkpoint().catch((error) => this.tellProblem(error))
    }, settleAfterMs).unref()
  }

  private tellProblem(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    if (why === this.lastProblem) return
    this.lastProblem = why
    this.onProblem(
      `Changes stay in the write-ahead log of ${this.folder}, where they are safe, and are tried again: ${why}`,
    )
  }

  private async settleAll(inHaste: boolean): Promise<void> {
    await this.inTurn(async () => {
      await this.cutOff()
      if (!this.current) return
      const { file, number, name, isDamaged } = this.current
      this.current = undefined
      this.past.push({ number, name, isDamaged })
      await file.close()
    })
    const done = this.past.length
    const entries = [...this.unsettled.values()].flatMap((known) => [...known.values()])
    const stuck: Unsettled[] = []
    for (let first = 0; first < entries.length; first += settledTogether)
      stuck.push(...(await this.settleSome(entries.slice(first, first + settledTogether), inHaste)))
    // One document that cannot be settled does not hold back the segments of all others: it moves to a later one.
    if (stuck.length > 0) await this.inTurn(() => this.append(stuck.flatMap(rewritten(this.unsettled))))
    for (let n = 0; n < done; n++) {
      await this.drop(this.past[0]!)
      this.past.shift()
    }
    if (stuck.length === 0) this.lastProblem = ''
  }

  /** @returns those that could not be settled; it is told why */
  private async settleSome(entries: readonly Unsettled[], inHaste: boolean): Promise<Unsettled[]> {
    const folders = new Set<string>()
    const stuck: Unsettled[] = []
    const left = [...entries]
    const settled: Unsettled[] = []
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        // The newest, which is durable as well, may have come since.
        const was = this.unsettled.get(next.kind)?.get(next.key) ?? next
        try {
          const folder = await this.settle(was)
          if (folder !== undefined) folders.add(folder)
          settled.push(was)
        } catch (error) {
          if (failuresOfTheDisk.has(codeOf(error) ?? '')) throw error
          stuck.push(next)
          this.tellProblem(error)
        }
      }
    }
    const workers = await Promise.allSettled(
      Array.from({ length: inHaste ? settledAtOnceInHaste : settledAtOnce }, () => work()),
    )
    for (const folder of folders) await syncFolder(folder, this.files)
    for (const was of settled) this.forget(was)
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
    return stuck
  }

  private async settle({ kind, key, now, wasRemoved, isReplayed }: Unsettled): Promise<string | undefined> {
    const path = this.pathOf(kind, key)
    const document = now && { version: now.version, text: now.text.text }
    if (isReplayed) {
      const { mayReplace, problem } = await keepStranger(path, document, this.files)
      if (problem) this.onProblem(problem)
      if (!mayReplace) return undefined
    }
    return settleDocument(path, document, wasRemoved, this.files)
  }

  /** The file has what `was` had: unless there is something newer, it is all there is. */
  private forget(was: Unsettled): void {
    const known = this.unsettled.get(was.kind)
    const entry = known?.get(was.key)
    if (!known || !entry) return
    if (entry !== was) {
      known.set(was.key, { ...entry, isReplayed: false })
      return
    }
    known.delete(was.key)
    if (known.size === 0) this.unsettled.delete(was.kind)
    this.unsettledBytes -= sizeOf(was)
    for (const observe of this.observers) observe(was.kind, was.key, was.now !== undefined)
  }

  private async drop({ name, isDamaged }: Segment): Promise<void> {
    const path = join(this.folder, name)
    if (isDamaged) await this.files.rename(path, await freeName(path, this.files))
    else await this.files.rm(path)
    // Before the next: a later segment must not go while an earlier one may come back.
    await syncFolder(this.folder, this.files)
  }

  private async replay(): Promise<void> {
    const names = (await namesIn(this.folder, this.files)).filter(isSegment).sort()
    const segments: { name: string; read: ReturnType<typeof readSegment> }[] = []
    for (const name of names)
      segments.push({ name, read: readSegment(await this.files.readFile(join(this.folder, name))) })
    const { documents, nextSeq, problems, damaged } = replaySegments(segments)
    this.nextSeq = nextSeq
    this.past = names.map((name) => ({ number: segmentNumberOf(name), name, isDamaged: damaged.has(name) }))
    this.nextNumber = (this.past.at(-1)?.number ?? 0) + 1
    for (const problem of problems) this.onProblem(problem)
    for (const { kind, key, now, seq, wasRemoved, lost } of documents) {
      if (lost) {
        const before = now ?? (wasRemoved ? undefined : null)
        this.onProblem(await setLostAside(this.pathOf(kind, key), before, lost, this.files))
        continue
      }
      const text = now && { version: now.version, text: { text: now.text } }
      // No segment has the number 0: the next change is written whole.
      this.remember({ kind, key, now: text, seq, segment: 0, patchedCharacters: 0, wasRemoved, isReplayed: true })
    }
    // What is set aside is looked at by a person: the segments that speak of it must not come back.
    if (damaged.size > 0) await this.checkpoint(true).catch((error) => this.tellProblem(error))
    this.planCheckpoint()
  }

  private pathOf(kind: string, key: string): string {
    return join(this.folder, checkKey(kind), `${checkKey(key)}.json`)
  }
}

/** A document of several segments, written once more: removed first when what was set aside of it has to go. */
const rewritten =
  (unsettled: ReadonlyMap<string, ReadonlyMap<string, Unsettled>>) =>
  ({ kind, key }: Unsettled): Write[] => {
    const entry = unsettled.get(kind)?.get(key)
    if (!entry) return []
    const gone: Write[] = entry.wasRemoved ? [{ kind, key, now: undefined }] : []
    return entry.now ? [...gone, { kind, key, now: entry.now }] : gone
  }

const sizeOf = (entry: Unsettled | undefined): number =>
  entry ? entryBytes + entry.key.length + (entry.now?.text.text.length ?? 0) : 0

export const isSegment = (name: string): boolean => /^journal-\d{9}\.log$/.test(name)
const segmentName = (number: number): string => `journal-${String(number).padStart(9, '0')}.log`
/** Later ones have higher numbers, without a gap but for one that could not be begun. */
export const segmentNumberOf = (name: string): number => Number(name.slice('journal-'.length, -'.log'.length))
