/** A cluster as it was at a moment of its past: the store keeps every version, so nothing is run again for it. */
import type { Cluster, LiveCluster } from '../../../sim/index.ts'
import type { ClusterView } from '../types.ts'
import { viewCluster } from './view.ts'

/** @param atMs on the cluster's clock, as is the hand-over */
export function viewAt(cluster: LiveCluster, atMs: number, handedOverMs = 0): ClusterView {
  return viewCluster(atMs >= cluster.nowMs ? cluster : asOf(cluster, atMs), handedOverMs)
}

/** The same, as it was. */
export function asOf(cluster: LiveCluster, atMs: number): Cluster {
  return {
    seed: cluster.seed,
    nowMs: atMs,
    epochMs: cluster.epochMs - (cluster.nowMs - atMs),
    isSettled: false,
    trace: cluster.trace,
    setupResults: cluster.setupResults,
    log: cluster.log.filter((entry) => entry.atMs <= atMs),
    objects: (resource, options = {}) => cluster.objects(resource, { atMs, ...options }),
    changes: (resource) => cluster.changes(resource).filter((change) => change.atMs <= atMs),
    schedulingAttempts: (limit, isWanted) =>
      cluster.schedulingAttempts(limit, (attempt) => attempt.atMs <= atMs && isWanted(attempt)),
    traffic: (name) => cluster.traffic(name),
    etcdMembers: (ms = atMs) => cluster.etcdMembers(ms),
    etcdTurns: () => cluster.etcdTurns().filter((ms) => ms <= atMs),
    stateHash: () => cluster.stateHash(),
    eventsProcessed: cluster.eventsProcessed,
    notSimulated: cluster.notSimulated,
    execute: past,
    advance: past,
    settle: past,
    step: past,
  }
}

function past(): never {
  throw new Error('the past of a cluster does not change')
}
