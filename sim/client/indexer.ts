/** The local cache of an informer: objects by key and by index, each listing sorted by namespace and name and kept that way. */
import { type KubeObject, keyOf, type ObjectKey } from '../api/meta/object.ts'
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
 * A change costs O(1); what sorting costs is paid once, and a listing after changes costs O(n) without sorting.
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

  const indexer: Indexer<T> & { size: number } = {
    size: 0,
    get: (key) => objects.get(orderKey(key)),
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
      const key = orderKey(keyOf(object))
      const old = objects.get(key)
      objects.set(key, object)
      indexer.size = objects.size
      place(key, object, old)
      return old
    },
    remove(key) {
      const text = orderKey(key)
      const old = objects.get(text)
      if (!old) return undefined
      objects.delete(text)
      indexer.size = objects.size
      all.remove(text)
      if (key.namespace) removeFrom(namespaces, key.namespace, text)
      for (const index of indexes.values()) index.displace(text, old)
      return old
    },
  }
  return indexer
}

class Index<T extends KubeObject> {
  private readonly sets = new Map<string, SortedSet<T>>()
  private readonly valuesOf: IndexFunction<T>

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf
  }

  place(key: string, object: T, old: T | undefined): void {
    const values = this.valuesOf(object)
    if (old) for (const value of this.valuesOf(old)) if (!values.includes(value)) removeFrom(this.sets, value, key)
    for (const value of values) setIn(this.sets, value).put(key, object)
  }

  displace(key: string, object: T): void {
    for (const value of this.valuesOf(object)) removeFrom(this.sets, value, key)
  }

  list(value: string): readonly T[] {
    return this.sets.get(value)?.list() ?? []
  }
}

/**
 * Objects by key, and their listing in order. The order of the keys is made when first asked for, and new keys are merged in;
 * the listing is put together anew by whoever asks first after a change, so that a change nobody looks at costs nothing.
 */
class SortedSet<T extends KubeObject> {
  private readonly members = new Map<string, T>()
  private order: string[] | undefined
  private added: string[] = []
  private hasRemovals = false
  private listing: readonly T[] | undefined

  get size(): number {
    return this.members.size
  }

  put(key: string, object: T): void {
    if (this.order && !this.members.has(key)) this.added.push(key)
    this.members.set(key, object)
    this.listing = undefined
  }

  remove(key: string): void {
    if (!this.members.delete(key)) return
    this.hasRemovals = true
    this.listing = undefined
  }

  list(): readonly T[] {
    if (!this.listing) {
      const order = this.order ? this.repaired(this.order) : [...this.members.keys()].sort()
      this.order = order
      this.added = []
      this.hasRemovals = false
      this.listing = order.map((key) => this.members.get(key)!)
    }
    return this.listing
  }

  /** The order without the keys that went and with those that came; a key may have done both. */
  private repaired(order: readonly string[]): string[] {
    if (this.added.length === 0 && !this.hasRemovals) return order as string[]
    const added = this.added.sort()
    const repaired: string[] = []
    const take = (key: string): void => {
      if (key !== repaired.at(-1) && (!this.hasRemovals || this.members.has(key))) repaired.push(key)
    }
    let i = 0
    for (const key of order) {
      while (i < added.length && added[i] <= key) take(added[i++])
      take(key)
    }
    while (i < added.length) take(added[i++])
    return repaired
  }
}

/** Sorts as (namespace, name) does. */
const orderKey = ({ namespace, name }: ObjectKey): string => `${namespace}\u0000${name}`

function setIn<T extends KubeObject>(sets: Map<string, SortedSet<T>>, value: string): SortedSet<T> {
  let set = sets.get(value)
  if (!set) {
    set = new SortedSet<T>()
    sets.set(value, set)
  }
  return set
}

function removeFrom<T extends KubeObject>(sets: Map<string, SortedSet<T>>, value: string, key: string): void {
  const set = sets.get(value)
  if (!set) return
  set.remove(key)
  if (set.size === 0) sets.delete(value)
}
