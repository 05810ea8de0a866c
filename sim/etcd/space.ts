/**
 * How much the databases of the members take, and what happens when one takes more than it may: an alarm is raised, and until it is disarmed
 * no member takes what would make them larger. What compaction frees is used again, but stays in the file until that is defragmented.
 *
 * Simplified: a member that was down has a file as large as those of the others; heartbeats that are reckoned and not written take nothing.
 * Sources: https://etcd.io/docs/v3.6/op-guide/maintenance/; etcd server/storage/quota.go, server/etcdserver/apply/{apply,uber_applier}.go
 */
import { type JsonSize, sizeOf } from '../api/meta/json.ts'

export const NO_SPACE = 'etcdserver: mvcc: database space exceeded'
/** --quota-backend-bytes unless told. */
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3
/** What is reckoned for a key besides its name and its value, and for a lease. */
const KEY_OVERHEAD_BYTES = 256
export const LEASE_BYTES = 64
/** --max-request-bytes unless told, and what a client sends at most. Sources: etcd server/embed/config.go; client/v3/options.go */
const MOST_REQUEST_BYTES = 1.5 * 1024 ** 2
const MOST_MESSAGE_BYTES = 2 * 1024 ** 2
/** Of bbolt, in which a member keeps its keys. */
const PAGE_BYTES = 4096
/** Pages of a database with nothing in it. */
const EMPTY_PAGES = 5
/** What a field of an object takes besides the text in it: its number and its length in protobuf. */
const FIELD_BYTES = 3
/** What it takes in metadata.managedFields, where an object of a common size has all of its fields, and long lists are one. */
const MANAGED_FIELD_BYTES = 20
const MOST_MANAGED_FIELDS = 300
/** What it can take there at most, besides the text in it: items of a list go by the text of their keys. */
const MOST_MANAGED_FIELD_BYTES = 40

/**
 * What writing a value takes.
 * @param size of the object as it is stored
 * @param managedLength characters of its metadata.managedFields, asked for where they may make it too large for a request
 */
export function costOf(key: string, { nodes, textLength }: JsonSize, managedLength?: () => number): number {
  const own = KEY_OVERHEAD_BYTES + key.length + textLength + FIELD_BYTES * nodes
  const usual = MANAGED_FIELD_BYTES * Math.min(nodes, MOST_MANAGED_FIELDS)
  const isDecisive =
    own + usual <= MOST_MESSAGE_BYTES && own + textLength + MOST_MANAGED_FIELD_BYTES * nodes > MOST_REQUEST_BYTES
  return own + (managedLength && isDecisive ? managedLength() : usual)
}

/** The same of an object that nobody has measured yet. */
export const costOfObject = (key: string, object: unknown): number => costOf(key, sizeOf(object))

/** Why a request of so many bytes is refused however much room there is, as etcd or its client words it. */
export function sizeProblem(bytes: number): string | undefined {
  if (bytes > MOST_MESSAGE_BYTES)
    return `rpc error: code = ResourceExhausted desc = trying to send message larger than max (${bytes} vs. ${MOST_MESSAGE_BYTES})`
  return bytes > MOST_REQUEST_BYTES ? 'etcdserver: request is too large' : undefined
}

/** Whether one member says so by itself, at once, where others may have to agree on something else. */
export const isOwnRefusal = (message: string): boolean => message === NO_SPACE || tooLarge.test(message)
const tooLarge = /too large|larger than max/

/** Bytes of a file that holds so many, whole pages of it. */
export const databaseBytes = (bytes: number): number => PAGE_BYTES * (EMPTY_PAGES + Math.ceil(bytes / PAGE_BYTES))

/** A member that is asked to write something. */
export interface AskedMember {
  /** Of its node. */
  readonly name: string
  readonly id: string
}

export class DatabaseSpace {
  private readonly used: () => number
  /** Of each member that was defragmented, or had a peak before another one was: the most that its file held since. */
  private readonly held = new Map<string, number>()
  /** The most that was needed since somebody was defragmented last. */
  private peak = 0
  private readonly quotas = new Map<string, number>()
  private readonly raised = new Set<string>()
  private readonly listeners = new Set<() => void>()

  /** @param used bytes of the revisions that are still needed */
  constructor(used: () => number) {
    this.used = used
  }

  /** What is needed of every file. */
  get inUseBytes(): number {
    return databaseBytes(this.used())
  }

  sizeOf(member: string): number {
    return databaseBytes(Math.max(this.held.get(member) ?? 0, this.peak, this.used()))
  }

  defragment(member: string, members: readonly string[]): void {
    for (const name of members) this.held.set(name, Math.max(this.held.get(name) ?? 0, this.peak))
    this.held.set(member, this.used())
    this.peak = this.used()
  }

  quotaOf(member: string): number {
    return this.quotas.get(member) ?? DEFAULT_QUOTA_BYTES
  }

  /** @param bytes of --quota-backend-bytes: 0 is the default, less is none */
  setQuota(member: string, bytes: number): void {
    this.quotas.set(member, bytes < 0 ? Number.POSITIVE_INFINITY : bytes || DEFAULT_QUOTA_BYTES)
  }

  // ---------- alarms ----------

  /** The ids of those whose databases are too large, in order. */
  get alarms(): readonly string[] {
    return [...this.raised].sort()
  }

  /** Whether nothing may be written that takes space. */
  get isFull(): boolean {
    return this.raised.size > 0
  }

  /** Calls when an alarm is raised, or all are disarmed. Returns how to leave. */
  onAlarm(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** @returns whose were */
  disarm(): readonly string[] {
    const { alarms } = this
    this.raised.clear()
    if (alarms.length > 0) this.tell()
    return alarms
  }

  /**
   * Whether a member takes what needs so many bytes; where it does not, the alarm is raised.
   * @returns why not, as etcd words it
   */
  refusal(asked: AskedMember, bytes: number): string | undefined {
    if (!this.isFull) {
      if (this.hasRoom(asked.name, bytes)) return undefined
      this.raise(asked.id)
    }
    return NO_SPACE
  }

  /** Something was written: others may have less room than who was asked. */
  noteWrite(others: readonly AskedMember[]): void {
    this.peak = Math.max(this.peak, this.used())
    for (const { name, id } of others) if (!this.isFull && !this.hasRoom(name, 0)) this.raise(id)
  }

  /** Whether nobody's quota can be exceeded by so many bytes: for who writes often. */
  isAmple(bytes: number): boolean {
    if (this.isFull) return false
    const largest = databaseBytes(Math.max(this.peak, this.used(), ...this.held.values()) + bytes)
    return largest < Math.min(DEFAULT_QUOTA_BYTES, ...this.quotas.values())
  }

  private hasRoom(member: string, bytes: number): boolean {
    return this.sizeOf(member) + bytes < this.quotaOf(member)
  }

  private raise(id: string): void {
    this.raised.add(id)
    this.tell()
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}
