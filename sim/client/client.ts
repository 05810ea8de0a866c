/** The seam between the cluster's components and the API server: what a component may ask, under its own identity. */

import type { Kind } from '../api/meta/kind.ts'
import type { Draft, KubeObject, LabelSelector, ManagedFieldsEntry, ObjectKey } from '../api/meta/object.ts'
import type { Link } from './link.ts'

export interface UserInfo {
  name: string
  groups: readonly string[]
  uid?: string
  /** What else whoever authenticated the user says of them. */
  extra?: Readonly<Record<string, readonly string[]>>
}

export interface WriteOptions {
  /** metadata.managedFields names it; without one, the first part of the user agent is taken. */
  fieldManager?: string
  dryRun?: boolean
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Of a body that came as text. */
  written?: WrittenFields
  /** Of an update or a patch: `approval`, `resize`, `ephemeralcontainers`. */
  subresource?: string
}

/** What the text of a body tells besides its value. */
export interface WrittenFields {
  /** Fields that stand twice: what is said of each, and the place of the second one among all fields. */
  duplicates: readonly { text: string; path?: string; position: number }[]
  /** The paths of all fields; left out where they are told of in another order than they were written in. */
  order?: readonly string[]
}

export interface ApplyOptions extends WriteOptions {
  force?: boolean
}

export type PatchType = 'json' | 'merge' | 'strategic'

export interface Preconditions {
  uid?: string
  resourceVersion?: string
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: Preconditions
  dryRun?: boolean
}

export interface ListOptions {
  /** '' or left out: all namespaces. */
  namespace?: string
  /** Parsed, or as text (`app=web,tier in (a,b)`). */
  labelSelector?: LabelSelector | string
  /** `spec.nodeName=n1,status.phase!=Failed` */
  fieldSelector?: string
  limit?: number
  continue?: string
  /** Read at this revision; unset reads the newest. */
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface ObjectList<T> {
  items: readonly T[]
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

export interface WatchEvent<T> {
  type: WatchEventType
  object: T
}

export interface WatchOptions extends ListOptions {
  /** Virtual milliseconds between a write and its delivery; the client's own unless told. */
  latencyMs?: number
  allowBookmarks?: boolean
  sendInitialEvents?: boolean
}

export interface Watch {
  stop(): void
}

/** The scale subresource, autoscaling/v1. */
export interface Scale {
  spec: { replicas: number }
  status: { replicas: number; selector: string }
}

/**
 * Calls are synchronous: each answers, or throws a StatusError, at the same virtual moment. What a caller sees through
 * its watches lags behind.
 */
export interface Client {
  readonly user: UserInfo
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T
  /** As get, but undefined when there is none. */
  find<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): ObjectList<T>
  create<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options?: WriteOptions): T
  /** Replaces the object; a resourceVersion in it must be the current one. */
  update<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): T
  updateStatus<T extends KubeObject>(kind: Kind<T>, object: T, options?: WriteOptions): T
  patch<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, type: PatchType, patch: unknown, options?: WriteOptions): T
  patchStatus<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): T
  /** Server-side apply. */
  apply<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options?: ApplyOptions): T
  /** The object as it was left: gone, or with a deletionTimestamp. */
  delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): T
  /** Deletes all that are selected. @returns them as they were left */
  deleteCollection<T extends KubeObject>(kind: Kind<T>, selection: ListOptions): readonly T[]
  /** How many replicas the object wants and has. @throws StatusError 404 also for kinds that cannot be scaled */
  getScale(kind: Kind, key: ObjectKey): Scale
  updateScale(kind: Kind, key: ObjectKey, replicas: number): Scale
  /** POST to a subresource: `binding`, `eviction`, `token`. */
  createSubresource(kind: Kind, key: ObjectKey, subresource: string, body: unknown, options?: WriteOptions): unknown
  /** Events come in order, later than the writes they tell of. */
  watch<T extends KubeObject>(kind: Kind<T>, options: WatchOptions, onEvent: (event: WatchEvent<T>) => void): Watch
  /**
   * Who owns which field of an object that a read or a write gave. Simplified: answers leave metadata.managedFields out, because
   * working it out for everybody would cost each write; this is how to ask for it.
   */
  managedFields<T extends KubeObject>(kind: Kind<T>, object: T): ManagedFieldsEntry[]
  /** Warnings that the last write's answer carried. */
  readonly warnings: readonly string[]
  /** The way to the API server. While it is cut, every call throws (see `unreachable`), and watches end with an ERROR. */
  readonly link?: Link
  /** Virtual milliseconds that the calls since the last asking took; a work queue keeps its worker busy that long. */
  takeChargedMs?(): number
}
