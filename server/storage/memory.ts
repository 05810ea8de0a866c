/** Documents in memory: for tests, and for a trial without a disk. Values are stored as JSON text, so that nothing is shared by accident. */
import { localBus } from './bus.ts'
import { checkKey, type DocumentKind, type Documents, readEnvelope } from './documents.ts'
import { noIndex, withIndexes } from './indexed.ts'
import { documentJobs } from './jobs.ts'
import { localLeases } from './leases.ts'
import type { Store } from './store.ts'
import { documentStreams } from './streams.ts'

export function createMemoryStore(): Store {
  const leases = localLeases()
  const collections = new Map<string, Map<string, string>>()
  const documents = <T>(kind: DocumentKind<T>) => {
    const texts = collections.get(kind.name) ?? new Map<string, string>()
    collections.set(kind.name, texts)
    return withIndexes(kind, memoryDocuments(kind, texts))
  }
  return {
    documents,
    streams: (kind) => documentStreams(documents, kind, leases),
    jobs: (kind) => documentJobs(documents, kind),
    bus: localBus(),
    leases,
    healthy: async () => {},
    close: async () => {},
  }
}

function memoryDocuments<T>(kind: DocumentKind<T>, texts: Map<string, string>): Documents<T> {
  const read = (key: string): T | undefined => {
    const text = texts.get(checkKey(key))
    return text === undefined ? undefined : readEnvelope(kind, JSON.parse(text))
  }
  return {
    find: async (key) => read(key),
    update: async (key, change) => {
      const next = change(read(key))
      texts.set(key, JSON.stringify({ schemaVersion: kind.version, data: next }))
      return read(key)!
    },
    remove: async (key) => {
      texts.delete(checkKey(key))
    },
    keysBy: async (field) => noIndex(kind, field),
    keys: async (prefix) => [...texts.keys()].filter((key) => !prefix || key.startsWith(`${prefix}/`)).sort(),
  }
}
