/** The local cache of an informer: objects by key and by index, each listing sorted by namespace and name and kept that way. */
import { type KubeObject, keyOf, keyText, type ObjectKey } from '../api/meta/object.ts'
import type { Lister } from './informer.ts'

/** What an object is found under in an index. */
export type IndexFunction<T> = (object: T) => readonly string[]

export interface Indexer<T extends KubeObject> extends Lister<T> {
  readonly size: number
  /** Adds an index over what the cache holds now and will hold. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void
  /** Puts the object in the place of the one with its key, which is returned. */
  put(object: T): T | undefined
  /** Takes the object with that key out and returns it. */
  remove(key: ObjectKey): T | undefined
}

/**
 * Lists that the cache hands out are its own: they are right until the next delivery, and a caller that keeps one longer copies it.
 * A put costs O(log n) for each listing in use, so that a listing of thousands is not sorted again for every change.
 */
export function createIndexer<T extends KubeObject>(): Indexer<T> {
  const objects = new Map<string, T>()
  const all = new SortedSet<T>()
  const namespaces = new Map<string, SortedSet<T>>()
  const indexes = new Map<string, Index<T>>()

  const place = (key: string, object: T, old: T | undefined): void => {
    all.put(key, object)
    const namespace = object.metadata.namespace
    if (namespace) setIn(namespaces, namespace).put(key, object)
    for (const index of indexes.values()) index.place(key, object, old)
  }

  return {
    get size() {
      return objects.size
    },
    get: (key) => objects.get(keyText(key)),
    list: (namespace) => (namespace ? (namespaces.get(namespace)?.list() ?? []) : all.list()),
    byIndex(index, value) {
      const found = indexes.get(index)
      if (!found) throw new Error(`the informer has no index ${index}`)
      return found.list(value)
    },
    addIndex(name, valuesOf) {
      if (indexes.has(name)) return
      const index = new Index(valuesOf)
      for (const [key, object] of objects) index.place(key, object, undefined)
      indexes.set(name, index)
    },
    put(object) {
      const key = keyText(keyOf(object))
      const old = objects.get(key)
      objects.set(key, object)
      place(key, object, old)
      return old
    },
    remove(key) {
      const text = keyText(key)
      const old = objects.get(text)
      if (!old) return undefined
      objects.delete(text)
      all.remove(text, old)
      if (key.namespace) removeFrom(namespaces, key.namespace, text, old)
      for (const index of indexes.values()) index.displace(text, old)
      return old
    },
  }
}

class Index<T extends KubeObject> {
  private readonly sets = new Map<string, SortedSet<T>>()
  private readonly valuesOf: IndexFunction<T>

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf
  }

  place(key: string, object: T, old: T | undefined): void {
    const values = this.valuesOf(object)
    if (old) for (const value of this.valuesOf(old)) if (!values.includes(value)) removeFrom(this.sets, value, key, old)
    for (const value of values) setIn(this.sets, value).put(key, object)
  }

  displace(key: string, object: T): void {
    for (const value of this.valuesOf(object)) removeFrom(this.sets, value, key, object)
  }

  list(value: string): readonly T[] {
    return this.sets.get(value)?.list() ?? []
  }
}

/** Objects by key whose sorted listing is built when first asked for and then mended, not rebuilt. */
class SortedSet<T extends KubeObject> {
  private readonly members = new Map<string, T>()
  private sorted: T[] | undefined

  get size(): number {
    return this.members.size
  }

  put(key: string, object: T): void {
    const isKnown = this.members.has(key)
    this.members.set(key, object)
    if (!this.sorted) return
    if (isKnown) this.sorted[position(this.sorted, object)] = object
    else if (this.sorted.length > SPLICE_LIMIT) this.sorted = undefined
    else this.sorted.splice(position(this.sorted, object), 0, object)
  }

  remove(key: string, object: T): void {
    if (!this.members.delete(key) || !this.sorted) return
    if (this.sorted.length > SPLICE_LIMIT) this.sorted = undefined
    else this.sorted.splice(position(this.sorted, object), 1)
  }

  list(): readonly T[] {
    this.sorted ??= [...this.members.values()].sort(byKey)
    return this.sorted
  }
}

// Above this, moving the tail of the array for every insertion costs more than sorting once when somebody asks.
const SPLICE_LIMIT = 20_000

/** Orders objects by namespace, then name. */
export function byKey(a: KubeObject, b: KubeObject): number {
  const left = a.metadata.namespace ?? ''
  const right = b.metadata.namespace ?? ''
  if (left !== right) return left < right ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0
}

/** Where the object stands, or would stand, in the sorted list. */
function position(sorted: readonly KubeObject[], object: KubeObject): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (byKey(sorted[middle], object) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function setIn<T extends KubeObject>(sets: Map<string, SortedSet<T>>, value: string): SortedSet<T> {
  let set = sets.get(value)
  if (!set) {
    set = new SortedSet<T>()
    sets.set(value, set)
  }
  return set
}

function removeFrom<T extends KubeObject>(
  sets: Map<string, SortedSet<T>>,
  value: string,
  key: string,
  object: T,
): void {
  const set = sets.get(value)
  if (!set) return
  set.remove(key, object)
  if (set.size === 0) sets.delete(value)
}
