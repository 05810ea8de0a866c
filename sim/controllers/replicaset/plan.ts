/** What a ReplicaSet does next, and what it reports. Pure. Source: kubernetes/pkg/controller/replicaset */
import type { ReplicaSet } from '../../api/apps/types.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { type Condition, findCondition } from '../../api/meta/object.ts'
import { isActive, isAvailable, isFinished, isReady } from '../pod-state.ts'
import { byDeletionRank } from './deletion-rank.ts'
import type { Replicated } from './replicated.ts'

// No more creations or deletions than this in one go.
const BURST_REPLICAS = 500

export interface ReplicaSetPlan {
  create: number
  remove: Pod[]
}

/**
 * Decides how many Pods to add, or which to remove, to reach spec.replicas.
 * @param pods every Pod this ReplicaSet owns, any phase
 * @param peersOf asked only when Pods have to go: see byDeletionRank
 */
export function planReplicaSet(
  replicaSet: Replicated,
  pods: readonly Pod[],
  peersOf: () => readonly Pod[],
  nowEpochMs: number,
): ReplicaSetPlan {
  let activeCount = 0
  for (const pod of pods) if (isActive(pod)) activeCount++
  const missing = replicaSet.spec.replicas - activeCount
  if (missing >= 0) return { create: Math.min(missing, BURST_REPLICAS), remove: [] }
  const surplus = Math.min(-missing, BURST_REPLICAS)
  const active = pods.filter(isActive)
  const remove = surplus < activeCount ? byDeletionRank(active, peersOf(), nowEpochMs).slice(0, surplus) : active
  return { create: 0, remove }
}

/**
 * The status that the Pods add up to.
 * @param pods the ReplicaSet's Pods as the cache shows them, before what this reconcile does
 * @param failure why Pods could not be created or deleted
 */
export function statusOf(
  replicaSet: Replicated,
  pods: readonly Pod[],
  failure: string | undefined,
  nowEpochMs: number,
  now: string,
): ReplicaSet['status'] {
  const { replicas, minReadySeconds = 0, template } = replicaSet.spec
  const labelsOfTemplate = { matchLabels: template.metadata?.labels }
  let active = 0
  let terminating = 0
  let labeled = 0
  let ready = 0
  let available = 0
  for (const pod of pods) {
    if (isFinished(pod)) continue
    if (pod.metadata.deletionTimestamp !== undefined) {
      terminating++
      continue
    }
    active++
    if (selectorMatches(labelsOfTemplate, pod.metadata.labels)) labeled++
    if (!isReady(pod)) continue
    ready++
    if (isAvailable(pod, minReadySeconds, nowEpochMs)) available++
  }
  const status: ReplicaSet['status'] = { replicas: active }
  if (labeled > 0) status.fullyLabeledReplicas = labeled
  if (ready > 0) status.readyReplicas = ready
  if (available > 0) status.availableReplicas = available
  status.terminatingReplicas = terminating
  if (replicaSet.metadata.generation !== undefined) status.observedGeneration = replicaSet.metadata.generation
  const conditions = conditionsOf(replicaSet, active - replicas, failure, now)
  if (conditions.length > 0) status.conditions = conditions
  return status
}

/** ReplicaFailure comes with the first failure, and goes with the first reconcile that has none. */
function conditionsOf(replicaSet: Replicated, surplus: number, failure: string | undefined, now: string): Condition[] {
  const others = (replicaSet.status.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure')
  if (failure === undefined) return others
  const known = findCondition(replicaSet.status.conditions, 'ReplicaFailure')
  if (known) return [...replicaSet.status.conditions!]
  const reason = surplus < 0 ? 'FailedCreate' : 'FailedDelete'
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, reason, message: failure }]
}
