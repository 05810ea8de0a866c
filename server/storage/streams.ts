/**
 * Append-only streams: who appends says how far they know the stream, so that nothing is written on top of what they have not seen. An
 * entry's sequence number is its place, from 1.
 */
import { z } from 'zod'
import { type DocumentKind, type Documents, type DocumentUnreadable, unlessDamaged } from './documents.ts'
import type { Fence, LocalLeases } from './leases.ts'
import { createTurns } from './turns.ts'

/** How the entries of some streams look, and how older ones become the present form. */
export interface StreamKind<E> {
  /** Folder or table name. */
  name: string
  /** Version of the present form; 1 is the first. */
  version: number
  entry: z.ZodType<E>
  /** Entries tell something without those before them: a stream with a damaged part is read without it, and goes on behind it. */
  toleratesGaps: boolean
  /** `upgrades[n]` turns a segment of version n + 1 into one of version n + 2. */
  upgrades: readonly ((segment: unknown) => unknown)[]
}

/** What was appended at once. */
export interface News<E> {
  stream: string
  /** Of the first of them. */
  seq: number
  entries: readonly E[]
}

/** A stream's name is one or two names of letters, digits, `_`, `-` and `.`, joined by `/`. */
export interface Streams<E> {
  /**
   * Adds all of them at the end, or none; durable when the promise resolves.
   * @param expectedSeq of the last entry that the caller knows; 0 for an empty stream
   * @param fence the lease under which it is written: nothing is, once another process has taken that over
   * @returns the sequence number of the last one
   * @throws LeaseLost; StreamMoved when there are others by now; DocumentUnreadable when the last ones are damaged, in a kind without gaps
   */
  append(stream: string, expectedSeq: number, entries: readonly E[], fence?: Fence): Promise<number>
  /**
   * Those behind `after`, in order.
   * @throws DocumentUnreadable when some of them are damaged, unless `onUnreadable` is told: then without those, in a kind with gaps
   */
  read(stream: string, after?: number, onUnreadable?: (error: DocumentUnreadable) => void): Promise<Sequenced<E>[]>
  /** The sequence number of the last entry; 0 for a stream that is not there. */
  head(stream: string): Promise<number>
  /** The names of all streams, sorted; or of those under `prefix/` and of `prefix` itself. */
  names(prefix?: string): Promise<string[]>
  /** Removing one that is not there is no error. A stream of that name begins at 1 again. */
  remove(stream: string): Promise<void>
  /**
   * Puts others in the place of its entries, each at its own number: what an erased person said goes. Interrupted and done again, it comes to
   * the same. Nobody who follows is told, and damaged parts of a kind with gaps stay as they are.
   * @throws DocumentUnreadable when a part is damaged, in a kind without gaps
   */
  redact(stream: string, change: (entry: E) => E): Promise<void>
  /**
   * Told of what is appended from now on to `prefix` itself and to streams under `prefix/`, after it is durable, in order for each stream.
   * @returns stops it
   */
  follow(prefix: string, told: (news: News<E>) => void): () => void
}

export interface Sequenced<E> {
  seq: number
  entry: E
}

/** The stream has other entries than the caller knows: read them, and decide again. */
export class StreamMoved extends Error {
  override readonly name = 'StreamMoved'
  readonly stream: string
  readonly head: number
  constructor(stream: string, expected: number, head: number) {
    super(`stream ${stream} is at ${head}, not at ${expected}`)
    this.stream = stream
    this.head = head
  }
}

/** Entries that lie in one document. */
export interface Segment<E> {
  /** How many entries are before it. */
  first: number
  entries: E[]
}

/** A segment with as many entries, or as many characters, is left as it is: the next one begins. */
const segmentEntries = 64
const segmentCharacters = 65_536
/** Sequence numbers that are left out behind a last segment that is damaged, since nobody knows how many entries it had. */
const lostEntries = 1_000_000
const keptTails = 5000

/** The form of the segments of a kind's streams. */
export function segmentKind<E>({ name, version, upgrades, entry }: StreamKind<E>): DocumentKind<Segment<E>> {
  return { name, version, upgrades, schema: z.object({ first: z.int().min(0), entries: z.array(entry) }) }
}

/** Streams over documents: what is written is about as much as is appended. */
export function documentStreams<E>(
  documents: (kind: DocumentKind<Segment<E>>) => Documents<Segment<E>>,
  kind: StreamKind<E>,
  leases: Pick<LocalLeases, 'check'>,
): Streams<E> {
  const { name, toleratesGaps } = kind
  const segments = documents(segmentKind(kind))
  const inTurn = createTurns()
  const followers = createFollowers<E>()
  /** Which segments there are, of streams that were used lately. This process is the only one that writes. */
  const known = new Map<string, string[]>()
  /** Of the last segment of a stream that is known, its entries as text: whether there is room in it. */
  const characters = new Map<string, { key: string; count: number }>()

  /** Not those of streams below it. */
  const storedKeys = async (stream: string): Promise<string[]> =>
    (await segments.keys(stream)).filter((key) => !key.includes('/', stream.length + 1))
  const forget = (stream: string): void => {
    known.delete(stream)
    characters.delete(stream)
  }
  const keysOf = async (stream: string): Promise<string[]> => {
    const keys = known.get(stream) ?? (await storedKeys(stream))
    known.delete(stream)
    known.set(stream, keys)
    for (const oldest of known.keys()) {
      if (known.size <= keptTails) break
      forget(oldest)
    }
    return keys
  }
  const find = async (key: string): Promise<Segment<E>> => {
    const segment = await segments.find(key)
    if (!segment) throw new Error(`segment ${key} of ${name} is missing`)
    return segment
  }
  const tailOf = async (
    stream: string,
  ): Promise<{ head: number; key: string; segment: Segment<E> | undefined } | undefined> => {
    const key = (await keysOf(stream)).at(-1)
    if (key === undefined) return undefined
    const segment = await unlessDamaged(find(key), (error) => {
      if (!toleratesGaps) throw error
    })
    return { head: segment ? endOf(segment) : firstOf(key) + lostEntries, key, segment }
  }

  const charactersOf = (stream: string, key: string, { entries }: Segment<E>): number => {
    const last = characters.get(stream)
    return last?.key === key ? last.count : lengthOf(entries)
  }

  const append = async (stream: string, expectedSeq: number, entries: readonly E[]): Promise<number> => {
    const tail = await tailOf(stream)
    const head = tail?.head ?? 0
    if (head !== expectedSeq) throw new StreamMoved(stream, expectedSeq, head)
    if (entries.length === 0) return head
    const before = tail?.segment ? charactersOf(stream, tail.key, tail.segment) : 0
    if (tail?.segment && tail.segment.entries.length < segmentEntries && before < segmentCharacters) {
      await segments.update(tail.key, (segment) => {
        if (!segment) throw new Error(`segment ${tail.key} of ${name} was removed while it was written`)
        return { first: segment.first, entries: [...segment.entries, ...entries] }
      })
      characters.set(stream, { key: tail.key, count: before + lengthOf(entries) })
    } else {
      // Keys sort as numbers do.
      const key = `${stream}/${String(head).padStart(9, '0')}`
      await segments.update(key, () => ({ first: head, entries: [...entries] }))
      known.set(stream, [...(await keysOf(stream)), key])
      characters.set(stream, { key, count: lengthOf(entries) })
    }
    followers.tell({ stream, seq: head + 1, entries })
    return head + entries.length
  }

  return {
    append: (stream, expectedSeq, entries, fence) =>
      inTurn(stream, () => {
        if (fence) leases.check(fence)
        return append(stream, expectedSeq, entries)
      }),
    async read(stream, after = 0, onUnreadable) {
      const keys = await keysOf(stream)
      const begin = Math.max(
        0,
        keys.findLastIndex((key) => firstOf(key) <= after),
      )
      const found: Sequenced<E>[] = []
      let end = keys[begin] === undefined ? 0 : firstOf(keys[begin])
      for (const key of keys.slice(begin)) {
        const segment = await unlessDamaged(find(key), (error) => {
          if (!onUnreadable || !toleratesGaps) throw error
          onUnreadable(error)
        })
        if (!segment) continue
        if (end !== segment.first && !toleratesGaps)
          throw new Error(`${name} ${stream} has ${end} entries where ${segment.first} are due`)
        end = endOf(segment)
        for (const [n, entry] of segment.entries.entries())
          if (segment.first + n + 1 > after) found.push({ seq: segment.first + n + 1, entry })
      }
      return found
    },
    head: async (stream) => (await tailOf(stream))?.head ?? 0,
    names: async (prefix) => [
      ...new Set((await segments.keys(prefix)).map((key) => key.slice(0, key.lastIndexOf('/')))),
    ],
    remove: (stream) =>
      inTurn(stream, async () => {
        for (const key of await storedKeys(stream)) await segments.remove(key)
        forget(stream)
      }),
    redact: (stream, change) =>
      inTurn(stream, async () => {
        characters.delete(stream)
        for (const key of await storedKeys(stream)) {
          const segment = await unlessDamaged(find(key), (error) => {
            if (!toleratesGaps) throw error
          })
          if (segment)
            await segments.update(key, () => ({ first: segment.first, entries: segment.entries.map(change) }))
        }
      }),
    follow: followers.follow,
  }
}

/** Those of this process who follow streams of one kind. */
export function createFollowers<E>(): Pick<Streams<E>, 'follow'> & { tell(news: News<E>): void } {
  const followers = new Set<{ prefix: string; told: (news: News<E>) => void }>()
  return {
    tell(news) {
      for (const { prefix, told } of [...followers])
        if (news.stream === prefix || news.stream.startsWith(`${prefix}/`))
          // What a follower does wrong is no matter of who appends.
          queueMicrotask(() => told(news))
    },
    follow(prefix, told) {
      const follower = { prefix, told }
      followers.add(follower)
      return () => followers.delete(follower)
    },
  }
}

const endOf = ({ first, entries }: Segment<unknown>): number => first + entries.length
const firstOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1))

const lengthOf = (entries: readonly unknown[]): number => JSON.stringify(entries).length
