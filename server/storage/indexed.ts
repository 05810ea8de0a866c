/**
 * Looking documents up by what is in them. The fields stand in the kind; a backend without indexes of its own reads all documents once, when
 * somebody first asks, and follows the changes from then on.
 */
import { type DocumentKind, type Documents, type DocumentUnreadable, unlessDamaged } from './documents.ts'

/** What a collection without indexes says. @throws Error */
export function noIndex({ name }: { name: string }, field: string): never {
  throw new Error(`${name} has no index of ${field}`)
}

/** So many of those that wait for repair are read again with each question. */
const lookedAtAgain = 100

/** By field and value: the keys of the documents that have it. */
type Index = Map<string, Map<string, Set<string>>>

export function withIndexes<T>(kind: DocumentKind<T>, documents: Documents<T>): Documents<T> {
  const fields = Object.entries(kind.indexes ?? {})
  if (fields.length === 0) return documents
  /** What is in the index of each document. */
  const entered = new Map<string, readonly (readonly [field: string, value: string])[]>()
  const index: Index = new Map(fields.map(([field]) => [field, new Map()]))
  /** Those that wait for repair: whoever looks something up is told of them, since any of them may be it. */
  const damaged = new Map<string, DocumentUnreadable>()
  let building: Promise<void> | undefined

  const enter = (key: string, data: T | undefined): void => {
    for (const [field, value] of entered.get(key) ?? []) {
      const keys = index.get(field)!.get(value)!
      keys.delete(key)
      if (keys.size === 0) index.get(field)!.delete(value)
    }
    const pairs =
      data === undefined ? [] : fields.flatMap(([field, of]) => of(data).map((value) => [field, value] as const))
    for (const [field, value] of pairs) {
      const values = index.get(field)!
      const keys = values.get(value) ?? new Set()
      values.set(value, keys)
      keys.add(key)
    }
    if (data === undefined) entered.delete(key)
    else entered.set(key, pairs)
  }
  /** As it is now: what waits for repair has no fields. */
  const read = async (key: string): Promise<void> => {
    let error: DocumentUnreadable | undefined
    const data = await unlessDamaged(documents.find(key), (why) => {
      error = why
    })
    enter(key, data)
    if (error) damaged.set(key, error)
    else damaged.delete(key)
  }
  const build = async (): Promise<void> => {
    for (const key of await documents.keys()) await read(key)
  }
  /** What changed while it is built is read again behind that. */
  const follow = async (key: string): Promise<void> => {
    if (!building) return
    await building
    await read(key)
  }

  return {
    find: (key) => documents.find(key),
    keys: (prefix) => documents.keys(prefix),
    async update(key, change) {
      const now = await documents.update(key, change)
      await follow(key)
      return now
    },
    async remove(key) {
      await documents.remove(key)
      await follow(key)
    },
    async keysBy(field, value, onUnreadable) {
      const values = index.get(field)
      if (!values) return noIndex(kind, field)
      building ??= build().catch((error) => {
        building = undefined
        throw error
      })
      await building
      // So that a repaired one is found without a restart.
      for (const key of [...damaged.keys()].slice(0, lookedAtAgain)) await read(key)
      if (onUnreadable) for (const error of damaged.values()) onUnreadable(error)
      return [...(values.get(value) ?? [])].sort()
    },
  }
}
