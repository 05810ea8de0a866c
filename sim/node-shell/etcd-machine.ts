/** What the members of etcd have together, for the programs on their nodes. */
import { StatusError } from '../api/meta/status-error.ts'
import { keysOfLease, removeKey } from '../apiserver/etcd-keys.ts'
import type { ObjectStore } from '../apiserver/object-store.ts'
import type { Engine } from '../engine/engine.ts'
import { EtcdLeases } from '../etcd/leases.ts'
import type { EtcdMembers } from '../etcd/members.ts'

export interface EtcdMachine {
  readonly store: ObjectStore
  readonly members: EtcdMembers
  readonly leases: EtcdLeases
}

export function createEtcdMachine(engine: Engine, store: ObjectStore, members: EtcdMembers): EtcdMachine {
  const removeKeys = (id: bigint): boolean => {
    try {
      store.checkCurrent()
      for (const key of keysOfLease(store, id)) removeKey(store, key)
      return true
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return false
    }
  }
  return { store, members, leases: new EtcdLeases({ engine, removeKeys }) }
}
