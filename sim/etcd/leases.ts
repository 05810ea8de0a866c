/**
 * Leases of etcd, which clients of its own make: keys that are put with one are gone when it runs out or is revoked. Those that the API
 * server has for Events and for itself are not among them.
 *
 * Simplified: a new leader does not begin them anew. Source: etcd server/lease/lessor.go
 */
import type { Engine, Timer } from '../engine/engine.ts'

/** In seconds. What is shorter is as long as this: one and a half election timeouts. Source: etcd server/etcdserver/server.go (minTTL) */
const LEAST_TTL = 2
const MOST_TTL = 9_000_000_000
/** One that ran out while nobody could agree on it is tried again. Source: lessor.go (defaultExpiredleaseRetryInterval) */
const RETRY_MS = 3000

export const LEASE_NOT_FOUND = 'etcdserver: requested lease not found'
export const TTL_TOO_LARGE = 'etcdserver: too large lease TTL'

export interface EtcdLease {
  readonly id: bigint
  /** As granted, in seconds. */
  readonly ttl: number
  readonly dueMs: number
}

export interface LeaseOptions {
  engine: Engine
  /** Removes the keys that were put with it. @returns false when that cannot be agreed on now */
  removeKeys(id: bigint): boolean
}

export class EtcdLeases {
  private readonly engine: Engine
  private readonly removeKeys: LeaseOptions['removeKeys']
  private readonly leases = new Map<bigint, EtcdLease & { timer: Timer }>()
  private made = 0n

  constructor({ engine, removeKeys }: LeaseOptions) {
    this.engine = engine
    this.removeKeys = removeKeys
  }

  /** @param member who grants it: its id begins with some of its digits. Source: etcd pkg/idutil */
  grant(ttl: number, member: string): EtcdLease | undefined {
    if (ttl > MOST_TTL) return undefined
    const clock = BigInt(this.engine.epochMs) & ((1n << 40n) - 1n)
    const id = ((BigInt(`0x${member}`) & 0x7fffn) << 48n) | (((clock << 8n) + ++this.made) & ((1n << 48n) - 1n))
    return this.begin(id, Math.max(LEAST_TTL, ttl))
  }

  get(id: bigint): EtcdLease | undefined {
    return this.leases.get(id)
  }

  /** In seconds, whole ones. */
  remaining({ dueMs }: EtcdLease): number {
    return Math.max(0, Math.floor((dueMs - this.engine.nowMs) / 1000))
  }

  /** Those that end last come last. */
  list(): readonly EtcdLease[] {
    return [...this.leases.values()].sort((a, b) => a.dueMs - b.dueMs)
  }

  /** Begins its time anew. @returns undefined when it is not there */
  renew(id: bigint): EtcdLease | undefined {
    const lease = this.leases.get(id)
    if (!lease) return undefined
    this.engine.cancel(lease.timer)
    return this.begin(id, lease.ttl)
  }

  /** @returns whether its end was agreed on */
  revoke(id: bigint): boolean {
    const lease = this.leases.get(id)
    if (!lease || !this.removeKeys(id)) return false
    this.engine.cancel(lease.timer)
    this.leases.delete(id)
    return true
  }

  private begin(id: bigint, ttl: number): EtcdLease {
    const lease = { id, ttl, dueMs: this.engine.nowMs + ttl * 1000, timer: this.expireAfter(id, ttl * 1000) }
    this.leases.set(id, lease)
    return lease
  }

  private expireAfter(id: bigint, ms: number): Timer {
    const expire = (): void => {
      const lease = this.leases.get(id)
      if (lease && !this.revoke(id)) lease.timer = this.expireAfter(id, RETRY_MS)
    }
    return this.engine.after(ms, 'etcd lease', expire, { background: true })
  }
}

/** As etcdctl shows one. */
export const leaseText = (id: bigint): string => id.toString(16).padStart(16, '0')
