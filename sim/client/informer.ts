/** What a component sees of the cluster: a cache kept by list and watch, lagging behind the store. */
import type { KubeObject, ObjectKey } from '../api/meta/object.ts'

export interface InformerHandlers<T> {
  onAdd?(object: T): void
  onUpdate?(object: T, old: T): void
  onDelete?(object: T): void
}

/** Reads of the local cache: never a request. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined
  /** Sorted by namespace, then name. */
  list(namespace?: string): readonly T[]
  /** The objects for which the named index gives `value`; see SharedInformer.addIndex. */
  byIndex(index: string, value: string): readonly T[]
}

export interface SharedInformer<T extends KubeObject> extends Lister<T> {
  /** Handlers run in the order they were added, at the virtual moment of delivery. */
  addHandlers(handlers: InformerHandlers<T>): void
  /** Adds an index; call it before the informer starts. */
  addIndex(name: string, valuesOf: (object: T) => readonly string[]): void
  hasSynced(): boolean
}
