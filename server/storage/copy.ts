/** All that one store holds, put into another one that is empty, and compared afterwards. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { createStorage } from './aggregates.ts'
import { type DocumentKind, DocumentUnreadable } from './documents.ts'
import type { JobKind } from './jobs.ts'
import { createMemoryStore } from './memory.ts'
import type { Store } from './store.ts'
import type { StreamKind } from './streams.ts'

/** What there is of a kind: documents, streams or jobs, and the hash of their names and contents in the order of the names. */
export interface Held {
  count: number
  sha256: string
}

export interface CopyOptions {
  /** Told of each kind that is copied. */
  say?(kind: string, held: Held): void
  /** What waits for repair is left out, and told once; without this it ends the copy. */
  onDamaged?: ((message: string) => void) | undefined
}

/** What was copied is not what is there. */
export class CopyDiffers extends Error {
  override readonly name = 'CopyDiffers'
}

interface Item {
  name: string
  content: unknown
}

interface Part {
  kind: string
  /** In the order of their names. */
  items(): AsyncIterable<Item>
  put(item: Item): Promise<void>
}

const together = 100
/** As many as a segment of a folder has. */
const entriesTogether = 64

/** The names of all kinds that the program stores. */
export function knownKinds(): string[] {
  const { documents, streams, jobs } = kindsOfStorage()
  return [documents, streams, jobs].flatMap((kinds) => kinds.map(({ name }) => name))
}

/** The version of each kind's form that the program writes. */
export function knownVersions(): Record<string, number> {
  const { documents, streams, jobs } = kindsOfStorage()
  return Object.fromEntries(
    [documents, streams, jobs].flatMap((kinds) => kinds.map(({ name, version }) => [name, version])),
  )
}

/**
 * Nobody else may use either of them meanwhile.
 * @throws CopyDiffers when somebody did; DocumentUnreadable when something waits for repair
 */
export async function copyStore(from: Store, to: Store, options: CopyOptions = {}): Promise<ReadonlyMap<string, Held>> {
  const told = new Set<string>()
  const onDamaged = (error: DocumentUnreadable): void => {
    if (!options.onDamaged) throw error
    if (!told.has(error.message)) options.onDamaged(error.message)
    told.add(error.message)
  }
  const source = partsOf(from, onDamaged)
  const target = partsOf(to, onDamaged)
  const held = new Map<string, Held>()
  for (const [n, part] of source.entries()) {
    const found = await passThrough(part, target[n]!.put)
    held.set(part.kind, found)
    options.say?.(part.kind, found)
  }
  // Once more from what is stored by now, on both sides.
  for (const [where, parts] of [
    ['what was copied from', source],
    ['the copy', target],
  ] as const)
    for (const part of parts) {
      const [then, now] = [held.get(part.kind)!, await passThrough(part)]
      if (now.sha256 !== then.sha256)
        throw new CopyDiffers(
          `${where} has ${now.count} ${part.kind} that are not the ${then.count} that were copied: stop whoever uses it, and copy again`,
        )
    }
  return held
}

async function passThrough({ items }: Part, put?: Part['put']): Promise<Held> {
  const hash = createHash('sha256')
  let count = 0
  let batch: Item[] = []
  const flush = async (): Promise<void> => {
    if (put) await Promise.all(batch.map(put))
    batch = []
  }
  for await (const item of items()) {
    hash.update(`${JSON.stringify([item.name, item.content])}\n`)
    count++
    if (batch.push(item) >= together) await flush()
  }
  await flush()
  return { count, sha256: hash.digest('hex') }
}

type OnDamaged = (error: DocumentUnreadable) => void

function partsOf(store: Store, onDamaged: OnDamaged): Part[] {
  const { documents, streams, jobs } = kindsOfStorage()
  return [
    ...documents.map((kind) => documentsPart(store, kind, onDamaged)),
    ...streams.map((kind) => streamsPart(store, kind, onDamaged)),
    ...jobs.map((kind) => jobsPart(store, kind)),
  ]
}

/** As they are stored: what a schema would leave out stays. */
function documentsPart(store: Store, kind: DocumentKind<unknown>, onDamaged: OnDamaged): Part {
  const fields = Object.entries(kind.indexes ?? {}).map(([field, of]) => {
    const valuesOf = (data: unknown): readonly string[] => {
      const read = kind.schema.safeParse(data)
      return read.success ? of(read.data) : []
    }
    return [field, valuesOf] as const
  })
  const indexes = kind.indexes && Object.fromEntries(fields)
  const documents = store.documents<unknown>({ ...kind, indexes, schema: z.unknown() })
  return {
    kind: kind.name,
    async *items() {
      const keys = (await documents.keys()).sort()
      for (let at = 0; at < keys.length; at += together) {
        const some = keys.slice(at, at + together)
        for (const found of await Promise.all(
          some.map(async (name) => readable(async () => ({ name, content: await documents.find(name) }), onDamaged)),
        ))
          if (found?.content !== undefined) yield found
      }
    },
    put: async ({ name, content }) => void (await documents.update(name, () => content)),
  }
}

function streamsPart(store: Store, kind: StreamKind<unknown>, onDamaged: OnDamaged): Part {
  const streams = store.streams<unknown>({ ...kind, entry: z.unknown() })
  return {
    kind: kind.name,
    async *items() {
      for (const name of (await streams.names()).sort()) {
        const found = await readable(async () => {
          const entries = await streams.read(name, 0, onDamaged)
          return { name, content: entries.map(({ entry }) => entry) }
        }, onDamaged)
        if (found && found.content.length > 0) yield found
      }
    },
    async put({ name, content }) {
      const entries = content as unknown[]
      for (let at = 0; at < entries.length; at += entriesTogether)
        await streams.append(name, at, entries.slice(at, at + entriesTogether))
    },
  }
}

/** What is owed is due at once in the other store, and was never tried. */
function jobsPart(store: Store, kind: JobKind<unknown>): Part {
  const jobs = store.jobs<unknown>({ ...kind, payload: z.unknown() })
  return {
    kind: kind.name,
    async *items() {
      for (const { key, who, payload, engine = null, createdAtMs, failed = null } of (await jobs.list()).sort((a, b) =>
        a.key < b.key ? -1 : 1,
      ))
        yield { name: key, content: { who, payload, engine, createdAtMs, failed } }
    },
    async put({ name: key, content }) {
      const { who, payload, engine, createdAtMs, failed } = content as {
        who: string
        payload: unknown
        engine: string | null
        createdAtMs: number
        failed: { text: string; values: Record<string, string | number> } | null
      }
      await jobs.add({ key, who, payload, ...(engine === null ? {} : { engine }) }, createdAtMs)
      const job = failed && (await jobs.take(createdAtMs, 1, { key }))
      if (job) await jobs.fail(job, failed)
    },
  }
}

async function readable<T>(read: () => Promise<T>, onDamaged: OnDamaged): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DocumentUnreadable)) throw error
    onDamaged(error)
    return undefined
  }
}

/** Whatever the aggregates are built on. */
function kindsOfStorage() {
  const documents: DocumentKind<unknown>[] = []
  const streams: StreamKind<unknown>[] = []
  const jobs: JobKind<unknown>[] = []
  const store = createMemoryStore()
  createStorage({
    ...store,
    documents(kind) {
      documents.push(kind as DocumentKind<unknown>)
      return store.documents(kind)
    },
    streams(kind) {
      streams.push(kind as StreamKind<unknown>)
      return store.streams(kind)
    },
    jobs(kind) {
      jobs.push(kind as JobKind<unknown>)
      return store.jobs(kind)
    },
  })
  return { documents, streams, jobs }
}
