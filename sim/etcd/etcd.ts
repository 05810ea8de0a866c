/**
 * The store: a multi-version map of immutable objects, as etcd's MVCC keeps them. Every write is a revision; reads at an old
 * revision, watches from one, compaction and the past of every object follow from that. Only the API server uses it.
 * Source: https://etcd.io/docs/v3.6/learning/data_model/
 */
import type { KubeObject, ManagedFieldsEntry } from '../api/meta/object.ts'
import { charge } from '../engine/work.ts'

/** Who wrote a version, and how: what managed fields are worked out from. */
export interface Write {
  readonly manager: string
  /** A part of the cluster wrote it; what comes over HTTP or from kubectl is written by hand, as whomever. */
  readonly isByComponent: boolean
  readonly operation: 'Apply' | 'Update'
  readonly subresource?: string
  /** Of a custom resource with several versions: the one in which it was written. */
  readonly apiVersion?: string
  /** Virtual wall clock of the write, in milliseconds since 1970. */
  readonly atEpochMs: number
  /** Of a server-side apply: the configuration that was applied. */
  readonly applied?: unknown
  /** Who owns what before this write, when the client said so itself: what it put into metadata.managedFields. */
  readonly managedFields?: readonly ManagedFieldsEntry[]
  /** What was sent, when the server made something else of it: what it made belongs to nobody. */
  readonly sent?: unknown
}

/** One version of a key. `value` is undefined for a deletion. */
export interface Version {
  readonly revision: number
  /** The revision that created the key; the version count restarts after a deletion. */
  readonly createRevision: number
  /** How often it was written since then. */
  readonly version: number
  readonly value: KubeObject | undefined
  /** Virtual milliseconds of the write. */
  readonly atMs: number
  /** The trace record of the write. */
  readonly record: number
  /** Undefined for what nobody wrote through the server. */
  readonly write: Write | undefined
  /** The version that it was made from. A writer's second write in a row counts as its first, so that heartbeats form no chain. */
  readonly before: Version | undefined
  /** What it takes in the database. */
  readonly bytes: number
}

/** One write, as watchers and the history see it. */
export interface Change {
  readonly revision: number
  /** `pods`, `deployments.apps` */
  readonly bucket: string
  readonly key: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The new value; of a deletion, the last value with the deletion's revision. */
  readonly value: KubeObject
  readonly previous: KubeObject | undefined
  readonly atMs: number
  readonly record: number
}

/** A read or a watch asked for a revision that compaction has removed. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError'
  readonly compactRevision: number
  constructor(compactRevision: number) {
    super('etcdserver: mvcc: required revision has been compacted')
    this.compactRevision = compactRevision
  }
}

export interface RangeOptions {
  /** The newest revision unless told. */
  revision?: number
  /** Only keys that begin with it: `default/`. */
  prefix?: string
  /** Begin after this key. */
  after?: string
  limit?: number
}

export interface RangeResult {
  items: KubeObject[]
  /** The key of the last item when more follow. */
  lastKey?: string
  remaining: number
  revision: number
}

interface Bucket {
  versions: Map<string, Version[]>
  /** Live and dead keys in order, for moments of the past; rebuilt when a key was added. */
  sortedKeys: string[] | undefined
  /** Keys that had a value when they were last put in order, and those that came or went since. */
  liveKeys: string[]
  stirred: Set<string>
  liveCount: number
}

export class Etcd {
  private readonly buckets = new Map<string, Bucket>()
  private changes: Change[] = []
  private firstRevision = 2
  private current = 1
  private compacted = 0
  private live = 0
  private bytes = 0
  /** What is not needed any more once the revision at which that came about is compacted, in their order. */
  private readonly superseded: { readonly revision: number; readonly bytes: number }[] = []
  private readonly nowMs: () => number
  /** Called with each change right after it was made. */
  onChange: ((change: Change) => void) | undefined

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  get revision(): number {
    return this.current
  }

  get compactRevision(): number {
    return this.compacted
  }

  /** Of all that were ever written to. */
  get bucketNames(): readonly string[] {
    return [...this.buckets.keys()]
  }

  /** Objects of a bucket that exist now. */
  count(bucket: string): number {
    return this.buckets.get(bucket)?.liveCount ?? 0
  }

  /** Objects that exist now, in all buckets. */
  get size(): number {
    return this.live
  }

  /** What the revisions take that `release` has not given back. */
  get usedBytes(): number {
    return this.bytes
  }

  get(bucket: string, key: string): KubeObject | undefined {
    const versions = this.buckets.get(bucket)?.versions.get(key)
    return versions?.[versions.length - 1].value
  }

  /** @throws CompactedError when that revision is gone */
  getAt(bucket: string, key: string, revision: number): KubeObject | undefined {
    this.checkRevision(revision)
    return versionAt(this.buckets.get(bucket)?.versions.get(key), revision)?.value
  }

  /** Every version of a key that is still kept, oldest first. */
  versionsOf(bucket: string, key: string): readonly Version[] {
    return this.buckets.get(bucket)?.versions.get(key) ?? []
  }

  /**
   * Objects by key order.
   * @throws CompactedError when the revision is gone
   */
  range(bucket: string, options: RangeOptions = {}): RangeResult {
    const revision = options.revision ?? this.current
    if (options.revision !== undefined) this.checkRevision(revision)
    const found = this.buckets.get(bucket)
    const items: KubeObject[] = []
    if (!found) return { items, remaining: 0, revision }
    const isPresent = revision === this.current
    const keys = isPresent ? liveKeys(found) : sortedKeys(found)
    const prefix = options.prefix ?? ''
    const limit = options.limit ?? Number.POSITIVE_INFINITY
    let lastKey: string | undefined
    let remaining = 0
    const start =
      options.after !== undefined ? firstAfter(keys, options.after) : prefix ? firstAtOrAfter(keys, prefix) : 0
    for (let i = start; i < keys.length; i++) {
      charge(1)
      const key = keys[i]
      if (prefix && !key.startsWith(prefix)) break
      const versions = found.versions.get(key)
      const value = isPresent ? versions?.[versions.length - 1].value : versionAt(versions, revision)?.value
      if (!value) continue
      if (items.length < limit) {
        items.push(value)
        lastKey = key
      } else remaining++
    }
    return { items, lastKey: remaining > 0 ? lastKey : undefined, remaining, revision }
  }

  /** Writes the value that `make` gives for the new revision. @param bytes that it takes in the database */
  put(
    bucket: string,
    key: string,
    make: (revision: number) => KubeObject,
    { record, bytes, write }: { record: number; bytes: number; write?: Write },
  ): KubeObject {
    charge(stepsOfWrite)
    const found = this.bucket(bucket)
    const revision = ++this.current
    const value = make(revision)
    const versions = found.versions.get(key)
    const last = versions?.[versions.length - 1]
    const previous = last?.value
    const version: Version = {
      revision,
      createRevision: previous ? last!.createRevision : revision,
      version: previous ? last!.version + 1 : 1,
      value,
      atMs: this.nowMs(),
      record,
      write,
      before: previous && (isRepeated(last!.write, write) ? last!.before : last),
      bytes,
    }
    this.bytes += bytes
    if (previous) this.superseded.push({ revision, bytes: last!.bytes })
    if (versions) versions.push(version)
    else {
      found.versions.set(key, [version])
      found.sortedKeys = undefined
    }
    if (!previous) {
      found.stirred.add(key)
      found.liveCount++
      this.live++
    }
    this.note({
      revision,
      bucket,
      key,
      type: previous ? 'MODIFIED' : 'ADDED',
      value,
      previous,
      atMs: version.atMs,
      record,
    })
    return value
  }

  /** Removes a key; `make` gives its last value as watchers see it. */
  delete(
    bucket: string,
    key: string,
    make: (last: KubeObject, revision: number) => KubeObject,
    record: number,
  ): KubeObject {
    const found = this.bucket(bucket)
    const versions = found.versions.get(key)
    const last = versions?.[versions.length - 1]
    if (!versions || !last?.value) throw new Error(`etcd: no key ${bucket}/${key} to delete`)
    const revision = ++this.current
    const value = make(last.value, revision)
    const atMs = this.nowMs()
    const { createRevision } = last
    versions.push({
      ...{ revision, createRevision, version: 0, value: undefined, atMs, record },
      ...{ write: undefined, before: undefined, bytes: tombstoneBytes },
    })
    this.bytes += tombstoneBytes
    this.superseded.push({ revision, bytes: last.bytes + tombstoneBytes })
    found.stirred.add(key)
    found.liveCount--
    this.live--
    this.note({ revision, bucket, key, type: 'DELETED', value, previous: last.value, atMs, record })
    return value
  }

  /** Changes after a revision, oldest first. @throws CompactedError when some of them are gone */
  changesAfter(revision: number): readonly Change[] {
    if (revision < this.compacted) throw new CompactedError(this.compacted)
    return this.changes.slice(Math.max(0, revision + 1 - this.firstRevision))
  }

  /** Every change that is still kept, oldest first. */
  history(): readonly Change[] {
    return this.changes
  }

  /** Changes of virtual moments after the one, and up to the other, oldest first; those that are still kept. */
  changesBetween(afterMs: number, untilMs: number): readonly Change[] {
    return this.changes.slice(this.countUntil(afterMs), this.countUntil(untilMs))
  }

  /** The revision that was current at a virtual moment. */
  revisionAt(atMs: number): number {
    return this.firstRevision + this.countUntil(atMs) - 1
  }

  /** How many of the changes that are kept had been made at a virtual moment. */
  private countUntil(atMs: number): number {
    let low = 0
    let high = this.changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.changes[middle].atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Gives back what only those need who ask for a revision before this one: what compaction does to the database. */
  release(revision: number): void {
    const kept = this.superseded.findIndex((one) => one.revision > revision)
    for (const { bytes } of this.superseded.splice(0, kept < 0 ? this.superseded.length : kept)) this.bytes -= bytes
  }

  /** Forgets what is needed only for revisions before this one. */
  compact(revision: number): void {
    if (revision <= this.compacted || revision > this.current) return
    this.compacted = revision
    const keep = revision + 1 - this.firstRevision
    const dropped = keep > 0 ? this.changes.slice(0, keep) : []
    if (keep > 0) {
      this.changes = this.changes.slice(keep)
      this.firstRevision = revision + 1
    }
    for (const { bucket, key } of dropped) {
      const found = this.bucket(bucket)
      const versions = found.versions.get(key)
      if (!versions) continue
      let newest = 0
      while (newest + 1 < versions.length && versions[newest + 1].revision <= revision) newest++
      if (newest > 0) versions.splice(0, newest)
      if (versions.length === 1 && versions[0].value === undefined) {
        found.versions.delete(key)
        found.sortedKeys = undefined
      }
    }
  }

  private checkRevision(revision: number): void {
    if (revision < this.compacted) throw new CompactedError(this.compacted)
  }

  private bucket(name: string): Bucket {
    let found = this.buckets.get(name)
    if (!found) {
      found = { versions: new Map(), sortedKeys: [], liveKeys: [], stirred: new Set(), liveCount: 0 }
      this.buckets.set(name, found)
    }
    return found
  }

  private note(change: Change): void {
    this.changes.push(change)
    this.onChange?.(change)
  }
}

/** What says in the database that a key is gone. */
const tombstoneBytes = 80

/** Of a write: the server reads, defaults, admits and validates what it stores, and tells who listens. */
const stepsOfWrite = 800

const isRepeated = (former: Write | undefined, write: Write | undefined): boolean =>
  former !== undefined &&
  write !== undefined &&
  !write.applied &&
  !former.applied &&
  !former.sent &&
  former.manager === write.manager &&
  former.subresource === write.subresource &&
  former.apiVersion === write.apiVersion

function versionAt(versions: readonly Version[] | undefined, revision: number): Version | undefined {
  if (!versions) return undefined
  for (let i = versions.length - 1; i >= 0; i--) if (versions[i].revision <= revision) return versions[i]
  return undefined
}

function sortedKeys(bucket: Bucket): string[] {
  bucket.sortedKeys ??= [...bucket.versions.keys()].sort()
  return bucket.sortedKeys
}

/** A few are put in their places, many are sorted anew: the dead ones of a long history cost nothing. */
function liveKeys(bucket: Bucket): readonly string[] {
  const { liveKeys: keys, stirred, versions } = bucket
  if (stirred.size === 0) return keys
  const isLive = (key: string): boolean => versions.get(key)?.at(-1)?.value !== undefined
  if (stirred.size * 8 > keys.length) {
    const kept = keys.filter((key) => !stirred.has(key))
    bucket.liveKeys = [...kept, ...[...stirred].filter(isLive)].sort()
  } else
    for (const key of stirred) {
      const place = firstAtOrAfter(keys, key)
      const isThere = keys[place] === key
      if (isLive(key) !== isThere) keys.splice(place, isThere ? 1 : 0, ...(isThere ? [] : [key]))
    }
  stirred.clear()
  return bucket.liveKeys
}

function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle] < key) low = middle + 1
    else high = middle
  }
  return low
}

function firstAfter(keys: readonly string[], key: string): number {
  const index = firstAtOrAfter(keys, key)
  return keys[index] === key ? index + 1 : index
}
