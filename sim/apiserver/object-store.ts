/**
 * What is stored, and every way of it there and out again. Etcd keeps versions; this knows kinds: which objects expire, which are
 * renewed without a write, how far back clients may ask.
 */
import { leases } from '../api/coordination/lease.ts'
import type { Lease } from '../api/coordination/types.ts'
import { chargeSize, cloneJson, freezeJson } from '../api/meta/json.ts'
import { definitionOf, type Kind, resourceName } from '../api/meta/kind.ts'
import { type Draft, type KubeObject, keyText, type ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { lengthOfFields } from '../api/schema/field-set.ts'
import type { Renewal } from '../client/leader-election.ts'
import type { Engine } from '../engine/engine.ts'
import { randomUuid } from '../engine/random.ts'
import { hashValue } from '../engine/state-hash.ts'
import { charge } from '../engine/work.ts'
import { type Change, Etcd, type Version, type Write } from '../etcd/etcd.ts'
import { type EtcdMembers, REQUEST_TIMEOUT_MS } from '../etcd/members.ts'
import { costOf, costOfObject, DatabaseSpace, sizeProblem } from '../etcd/space.ts'
import { type Caller, serverItself } from './caller.ts'
import { asWritten, type ConversionParts, Conversions, originalOf } from './conversions.ts'
import { type VirtualResources, virtualMethod } from './virtual.ts'

/** Of computing: each label and annotation is copied, compared and kept by several components for every version of an object. */
const stepsOfMark = 16
/** A field or item of a large object: each version is copied, compared and watched. */
const stepsOfNode = 3
const housekeepingMs = 300_000
/** What etcd takes to tell a client of its own of a change. */
const NOTICE_MS = 1

export interface ObjectStoreOptions {
  engine: Engine
  /** Deep-freezes what is stored. */
  isStrict: boolean
  /** Folds what is written into the state hash, not only that something was. */
  hashesContent: boolean
  /** How much of the past is kept, in virtual milliseconds. */
  historyMs: number
  /** Resources that are answered instead of stored. */
  virtualResources: () => VirtualResources
  /** Who has to agree on each write; without them nobody has to. */
  members: EtcdMembers | undefined
  /** How custom resources of one version become those of another. */
  conversion: Pick<ConversionParts, 'converted' | 'calls'>
}

export class ObjectStore {
  readonly etcd: Etcd
  /** What there is for it in the databases of the members. */
  readonly space: DatabaseSpace
  readonly conversions: Conversions
  /** An object is gone: what was reserved for it is given back. */
  onRemoved: <T extends KubeObject>(kind: Kind<T>, object: T) => void = () => undefined
  private readonly options: ObjectStoreOptions
  private readonly engine: Engine
  private readonly dryRuns = new WeakMap<KubeObject, Version>()
  /** Leases that are renewed without a write, by key. */
  private readonly renewals = new Map<string, Renewal>()
  private readonly expiries: { dueMs: number; kind: Kind; key: string }[] = []
  private readonly waiting = new Set<() => void>()
  private spentMs = 0
  private nextOldestRevision = 0
  private oldest = 0

  constructor(options: ObjectStoreOptions) {
    this.options = options
    this.engine = options.engine
    this.etcd = new Etcd(() => this.engine.nowMs)
    this.space = new DatabaseSpace(() => this.etcd.usedBytes)
    this.conversions = new Conversions({ ...options.conversion, engine: this.engine, etcd: this.etcd })
    this.housekeep()
  }

  /**
   * The first revision that clients may still ask for. A real server compacts its store every five minutes, up to where it was at the
   * time before; here the past is kept for those who look at it, and clients are told the same.
   * Source: k8s.io/apiserver/pkg/storage/etcd3/compact.go
   */
  get oldestRevision(): number {
    return this.oldest
  }

  /** As stored now. */
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    if (kind.isVirtual)
      return virtualMethod(this.options.virtualResources(), kind as unknown as Kind, 'get')(key) as T | undefined
    const object = this.etcd.get(resourceName(kind), keyText(key)) as T | undefined
    return object && this.asRead(kind, [object])[0]
  }

  /** The same as etcd has it: a custom resource is converted anew. @throws StatusError 500 when it cannot be */
  read<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    if (!kind.custom) return this.get(kind, key)
    const object = this.etcd.get(resourceName(kind), keyText(key)) as T | undefined
    return object && this.conversions.readCurrent(kind, object)
  }

  /** Whether there is such an object, whatever it is. */
  has<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): boolean {
    return kind.isVirtual
      ? this.get(kind, key) !== undefined
      : this.etcd.get(resourceName(kind), keyText(key)) !== undefined
  }

  /** All of a kind, as stored now. */
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): T[] {
    const prefix = namespace ? `${namespace}/` : ''
    return this.asRead(kind, this.etcd.range(resourceName(kind), { prefix }).items as T[])
  }

  /**
   * Asks whether what is read is what was written last.
   * @throws StatusError 500 as etcd words it, when no majority can tell
   */
  checkCurrent(): void {
    const { members } = this.options
    if (!members || members.isServing) return
    this.spentMs += REQUEST_TIMEOUT_MS
    throw refusedByEtcd(members.whyRefused)
  }

  /** Whether etcd would take something new. */
  get isWritable(): boolean {
    return this.options.members?.isServing !== false && !this.space.isFull
  }

  /** Virtual milliseconds that etcd took since the last asking. */
  takeSpentMs(): number {
    const { spentMs } = this
    this.spentMs = 0
    return spentMs
  }

  /**
   * Has the members of etcd write it down, before anything here shows it.
   * @param bytes that it takes; 0 for what makes room
   * @throws StatusError 500 when they cannot, or have no room for it
   */
  private agree(bucket: string, key: string, bytes: number): void {
    const { members } = this.options
    const problem = sizeProblem(bytes)
    if (problem !== undefined) throw refusedByEtcd(problem)
    if (!members) return
    this.checkSpace(bytes)
    const { tookMs, error } = members.write({ revision: this.etcd.revision + 1, bucket, key })
    this.spentMs += tookMs
    if (error !== undefined) throw refusedByEtcd(error)
  }

  /** Has whoever leads the members look whether there is room. @throws StatusError 500 when there is none */
  checkSpace(bytes: number): void {
    const { members } = this.options
    if (!members || bytes === 0 || this.space.isAmple(bytes)) return
    const leader = members.status().find(({ isLeader, isUp }) => isLeader && isUp)
    if (!leader || !members.isServing) return
    const refused = this.space.refusal(leader, bytes)
    if (refused !== undefined) throw refusedByEtcd(refused)
  }

  /** Something was written. */
  private noteSpace(): void {
    const { members } = this.options
    if (members) this.space.noteWrite(this.space.isAmple(0) ? [] : members.status().filter(({ isUp }) => isUp))
  }

  /** The same for what the server removes by itself, and can remove later. */
  private isAgreed(bucket: string, key: string): boolean {
    try {
      this.agree(bucket, key, 0)
      return true
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return false
    }
  }

  /** Has clients told that what was before this revision is gone. */
  compact(revision: number): void {
    this.oldest = Math.max(this.oldest, revision)
    this.etcd.release(this.oldest)
  }

  /** Calls soon after the next change. @returns how to take it back */
  onNextChange(call: () => void): () => void {
    this.waiting.add(call)
    return () => void this.waiting.delete(call)
  }

  /** Is told of each change before anybody else. */
  noteChange(change: Change): void {
    if (this.waiting.size > 0) {
      const calls = [...this.waiting]
      this.waiting.clear()
      // Not in the middle of a write.
      for (const call of calls) this.engine.after(NOTICE_MS, 'etcd watch', call, { background: true })
    }
    if (change.bucket === resourceName(leases)) this.renewals.get(change.key)?.onOverwritten()
  }

  /** Each resource draws from a stream of its own, so that a new kind of object does not shift the uids of others. */
  newUid<T extends KubeObject>(kind: Kind<T>): string {
    return randomUuid(this.engine.random(`apiserver/uids/${resourceName(kind)}`))
  }

  put<T extends KubeObject>(kind: Kind<T>, key: string, object: T, record: number, write: Write): T {
    const { labels = {}, annotations = {} } = object.metadata
    const bytes = costOf(key, chargeSize(object, stepsOfNode), () => lengthOfFields(definitionOf(kind), object))
    charge(stepsOfMark * (Object.keys(labels).length + Object.keys(annotations).length))
    const { conversions } = this
    const made = kind.custom?.conversion && conversions.toStored(kind.custom.conversion, object)
    const value = made?.object ?? object
    this.spentMs += made?.tookMs ?? 0
    this.agree(resourceName(kind), key, bytes)
    const stored = this.etcd.put(
      resourceName(kind),
      key,
      (revision) => {
        value.metadata.resourceVersion = String(revision)
        return this.options.isStrict ? freezeJson(value) : value
      },
      { record, bytes, write: made ? { ...write, apiVersion: kind.apiVersion } : write },
    ) as T
    this.noteSpace()
    if (this.options.hashesContent) this.engine.stateHash.fold(hashValue(stored))
    if (!made) return stored
    this.spentMs += conversions.lastTookMs(kind as unknown as Kind)
    return conversions.read(kind, stored)
  }

  remove<T extends KubeObject>(kind: Kind<T>, object: T, record: number): T {
    const key = keyText({ namespace: object.metadata.namespace ?? '', name: object.metadata.name })
    this.agree(resourceName(kind), key, 0)
    const last = this.etcd.delete(
      resourceName(kind),
      key,
      (value, revision) => ({ ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } }),
      record,
    ) as T
    this.onRemoved(kind, object)
    if (this.options.hashesContent) this.engine.stateHash.fold(hashValue(last))
    return kind.custom?.conversion ? this.conversions.read(kind, last) : last
  }

  /**
   * What a client of etcd's own writes, beside the API server.
   * @param isWithinQuota false for what is put back, whatever the quota says
   * @throws StatusError 500 when the members cannot agree on it, or have no room
   */
  putRaw(bucket: string, key: string, value: KubeObject, isWithinQuota = true): void {
    const bytes = costOfObject(key, value)
    this.agree(bucket, key, isWithinQuota ? bytes : 0)
    this.etcd.put(
      bucket,
      key,
      (revision) => ({ ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } }),
      { record: 0, bytes },
    )
    this.noteSpace()
  }

  /** The same of a key that is removed: nothing that the API server would do is done. */
  removeRaw(bucket: string, key: string): void {
    this.agree(bucket, key, 0)
    this.etcd.delete(
      bucket,
      key,
      (value, revision) => ({ ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } }),
      0,
    )
  }

  /** Of a kind whose objects expire: one was made. */
  expires<T extends KubeObject>(kind: Kind<T>, key: string): void {
    if (!kind.expiry) return
    const dueMs = this.engine.nowMs + kind.expiry.ttlMs
    this.expiries.push({ dueMs, kind: kind as unknown as Kind, key })
  }

  /**
   * Puts an object there as the server itself does at its start: without checks, defaults and admission, and without a copy.
   * @param object as it is to be stored, but for what the server sets
   */
  seed<T extends KubeObject>(kind: Kind<T>, object: Draft<T> & { metadata: { name: string } }): void {
    const { name, namespace = '' } = object.metadata
    const metadata = { ...object.metadata, uid: this.newUid(kind), creationTimestamp: this.engine.timestamp() }
    const stored = { apiVersion: kind.apiVersion, kind: kind.kind, ...object, metadata } as unknown as T
    this.put(kind, keyText({ namespace, name }), stored, 0, plainWrite(serverItself, this.engine))
  }

  /**
   * Has a Lease renewed without a write each time: whoever reads it sees when that was last.
   * @returns how to end it, which stores the last renewal
   */
  keepRenewed(key: ObjectKey, renewal: Renewal): () => void {
    const text = keyText(key)
    this.renewals.set(text, renewal)
    return () => {
      const lease = this.get(leases, key)
      this.renewals.delete(text)
      if (!lease) return
      try {
        this.put(leases, text, cloneJson(lease), 0, plainWrite(serverItself, this.engine))
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        // It was renewed while that was possible: whoever reads it sees when that was last, until somebody else writes it.
        const { renewTime = '' } = lease.spec
        this.renewals.set(text, { renewTime: () => renewTime, onOverwritten: () => this.renewals.delete(text) })
      }
    }
  }

  /** Custom resources in the version that is asked for, Leases with their last renewal; everything else as it lies there. */
  asRead<T extends KubeObject>(kind: Kind<T>, objects: T[]): T[] {
    if (kind.custom) return objects.map((object) => this.conversions.read(kind, object))
    if (this.renewals.size === 0 || kind.plural !== leases.plural || kind.group !== leases.group) return objects
    return objects.map((object) => {
      const { namespace = '', name } = object.metadata
      const renewal = this.renewals.get(keyText({ namespace, name }))
      if (!renewal) return object
      const lease = object as KubeObject as Lease
      return { ...lease, spec: { ...lease.spec, renewTime: renewal.renewTime() } } as KubeObject as T
    })
  }

  /** What a dry run gives, with the version that it would have been. */
  unwritten<T extends KubeObject>(object: T, write: Write, before: Version | undefined): T {
    const now = { revision: 0, createRevision: 0, version: 0, record: 0, bytes: 0, atMs: this.engine.nowMs }
    this.dryRuns.set(object, { ...now, value: object, write, before })
    return object
  }

  /** The version that an object is, or would be if it was written; undefined for one that the store does not keep. */
  versionOf<T extends KubeObject>(kind: Kind<T>, object: T): Version | undefined {
    const unwritten = this.dryRuns.get(object)
    if (unwritten) return unwritten
    const { namespace = '', name } = object.metadata
    const versions = this.etcd.versionsOf(resourceName(kind), keyText({ namespace, name }))
    const original = originalOf(object)
    for (let i = versions.length - 1; i >= 0; i--)
      if (versions[i].value === original) return asWritten(kind as unknown as Kind, versions[i])
    return undefined
  }

  private housekeep(): void {
    this.engine.after(
      housekeepingMs,
      'apiserver housekeeping',
      () => {
        const now = this.engine.nowMs
        while (this.expiries.length > 0 && this.expiries[0].dueMs <= now) this.expire(this.expiries.shift()!)
        if (this.options.historyMs < now) this.etcd.compact(this.etcd.revisionAt(now - this.options.historyMs))
        this.compact(this.etcd.compactRevision)
        // The server notes in a key how far it has compacted: without room for that it does not.
        if (this.isWritable) {
          this.compact(this.nextOldestRevision)
          this.nextOldestRevision = this.etcd.revision
        }
        this.housekeep()
      },
      { background: true },
    )
  }

  /** Each write begins the time to live anew, as of an etcd lease. */
  private expire({ kind, key }: { kind: Kind; key: string }): void {
    const object = this.etcd.get(resourceName(kind), key)
    const { expiry } = kind
    if (!object || !expiry) return
    const written = expiry.lastWrittenEpochMs(object)
    const dueMs = (written === undefined ? 0 : written - this.engine.startEpochMs) + expiry.ttlMs
    if (dueMs > this.engine.nowMs) this.expiries.push({ dueMs, kind, key })
    else if (this.isAgreed(resourceName(kind), key)) this.etcd.delete(resourceName(kind), key, (value) => value, 0)
    // Without a majority no lease of etcd runs out.
    else this.expiries.push({ dueMs: this.engine.nowMs + 1, kind, key })
  }
}

/** Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/status.go: what is no status of the API's own is passed on as it is. */
const refusedByEtcd = (message: string): StatusError => new StatusError(500, '', message)

/** How a write is noted that is no server-side apply and of no subresource. */
export const plainWrite = (
  { fieldManager, isTrusted }: Pick<Caller, 'fieldManager' | 'isTrusted'>,
  { epochMs }: Engine,
): Write => ({
  manager: fieldManager,
  isByComponent: isTrusted,
  operation: 'Update',
  subresource: undefined,
  atEpochMs: epochMs,
  applied: undefined,
})
