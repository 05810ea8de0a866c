/**
 * What a StatefulSet does next, and what it reports. Pure.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/, kubernetes/pkg/controller/statefulset
 */
import type { StatefulSet } from '../../api/apps/types.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { isAvailable, isFinished, isReady } from '../pod-state.ts'
import { hasIdentity, ordinalOf, revisionOf, startOrdinal } from './identity.ts'

/** Names of the revision that Pods had before the update, and of the one they get. */
export interface Revisions {
  current: string
  update: string
}

export interface StatefulSetPlan {
  /** Ordinals without a Pod, and the revision each gets. */
  create: { ordinal: number; revision: string }[]
  /** Pods whose labels do not say who they are. */
  repair: Pod[]
  remove: Pod[]
}

const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined
const isRunningAndReady = (pod: Pod): boolean => pod.status.phase === 'Running' && isReady(pod)

/**
 * Decides which Pods to create and which to delete.
 * OrderedReady does one thing at a time, and none while a Pod before it is not available; Parallel does all at once, but
 * updates one by one. The feature gate MaxUnavailableStatefulSet, by which it would update more, is off in v1.36.
 * @param pods every Pod the set owns, any phase
 */
export function planStatefulSet(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  nowEpochMs: number,
): StatefulSetPlan {
  const plan: StatefulSetPlan = { create: [], repair: [], remove: [] }
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel'
  const minReadySeconds = set.spec.minReadySeconds ?? 0
  const isHealthy = (pod: Pod): boolean =>
    isRunningAndReady(pod) && isAvailable(pod, minReadySeconds, nowEpochMs) && !isTerminating(pod)
  const { replicas, condemned } = partition(set, pods)
  const start = startOrdinal(set)

  for (const [at, pod] of replicas.entries()) {
    if (!pod) {
      plan.create.push({ ordinal: start + at, revision: revisionFor(set, at, revisions) })
      if (isOrdered) return plan
      continue
    }
    if (isFinished(pod)) {
      if (!isTerminating(pod)) plan.remove.push(pod)
      if (isOrdered) return plan
      continue
    }
    if (isOrdered && !isHealthy(pod)) return plan
    if (!isTerminating(pod) && !hasIdentity(pod, start + at)) plan.repair.push(pod)
  }

  // In order, all others are healthy by now.
  const firstUnhealthy = condemned.findLast((pod) => !isHealthy(pod))
  for (const pod of condemned) {
    if (isTerminating(pod)) {
      if (isOrdered) return plan
      continue
    }
    if (isOrdered && !isHealthy(pod) && pod !== firstUnhealthy) return plan
    plan.remove.push(pod)
    if (isOrdered) return plan
  }

  if (set.spec.updateStrategy.type !== 'OnDelete') plan.remove.push(...planUpdate(set, replicas, revisions, isHealthy))
  return plan
}

/** The Pod of an older revision that may go: that of the highest ordinal down to the partition, once all above it are healthy. */
function planUpdate(
  set: StatefulSet,
  replicas: readonly (Pod | undefined)[],
  { update }: Revisions,
  isHealthy: (pod: Pod) => boolean,
): Pod[] {
  for (const pod of replicas.slice(set.spec.updateStrategy.rollingUpdate?.partition).toReversed()) {
    if (!pod || isFinished(pod)) return []
    if (revisionOf(pod) !== update && !isTerminating(pod)) return [pod]
    if (!isHealthy(pod)) return []
  }
  return []
}

/** Simplified: no cluster here holds as many Pods, and a list of all the desired ones would cost more than the cluster. */
const mostPlaces = 100_000

/** The Pods by place, undefined where one is missing; and those beyond the range, the highest first. */
function partition(set: StatefulSet, pods: readonly Pod[]): { replicas: (Pod | undefined)[]; condemned: Pod[] } {
  const start = startOrdinal(set)
  const places = Math.min(set.spec.replicas, mostPlaces)
  const replicas: (Pod | undefined)[] = Array.from({ length: places })
  const condemned: { ordinal: number; pod: Pod }[] = []
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod)
    if (ordinal === undefined) continue
    if (ordinal >= start && ordinal < start + places) replicas[ordinal - start] = pod
    else condemned.push({ ordinal, pod })
  }
  return { replicas, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal).map(({ pod }) => pod) }
}

/** A missing Pod comes back as it was while the update has not reached it: below the partition. */
function revisionFor(set: StatefulSet, place: number, { current, update }: Revisions): string {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type !== 'RollingUpdate') return update
  const before = (rollingUpdate ? rollingUpdate.partition : set.status.currentReplicas) ?? 0
  return place < before ? current : update
}

/**
 * The status that the Pods add up to, after what the plan did.
 * @param done what was created (revisions) and deleted (uids) since the Pods were read
 */
export function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  done: { created: readonly string[]; deleted: ReadonlySet<string> },
  collisionCount: number,
  nowEpochMs: number,
): StatefulSet['status'] {
  const minReadySeconds = set.spec.minReadySeconds ?? 0
  let { current, update } = revisions
  const counts = { replicas: 0, ready: 0, available: 0, current: 0, updated: 0 }
  const count = (revision: string): void => {
    if (revision === current) counts.current++
    if (revision === update) counts.updated++
  }
  for (const pod of pods) {
    counts.replicas++
    if (isRunningAndReady(pod)) {
      counts.ready++
      if (isAvailable(pod, minReadySeconds, nowEpochMs)) counts.available++
    }
    if (!isTerminating(pod) && !done.deleted.has(pod.metadata.uid)) count(revisionOf(pod))
  }
  for (const revision of done.created) {
    counts.replicas++
    count(revision)
  }
  const isComplete =
    set.spec.updateStrategy.type === 'RollingUpdate' &&
    [counts.updated, counts.replicas, counts.ready].every((number) => number === set.spec.replicas)
  if (isComplete) {
    current = update
    counts.current = counts.updated
  }
  return {
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    ...(counts.ready > 0 ? { readyReplicas: counts.ready } : {}),
    ...(counts.current > 0 ? { currentReplicas: counts.current } : {}),
    ...(counts.updated > 0 ? { updatedReplicas: counts.updated } : {}),
    currentRevision: current,
    updateRevision: update,
    collisionCount,
    ...(set.status.conditions ? { conditions: set.status.conditions } : {}),
    availableReplicas: counts.available,
  }
}
