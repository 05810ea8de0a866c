/** What a Deployment reports, and how it knows whether its rollout gets on. Pure. Source: kubernetes/pkg/controller/deployment/progress.go */
import type { Deployment, ReplicaSet } from '../../api/apps/types.ts'
import { type Condition, findCondition } from '../../api/meta/object.ts'
import { maxUnavailable } from './limits.ts'
import { actualReplicasOf, availableReplicasOf, replicasOf } from './plan.ts'

type Status = Deployment['status']

// What progressDeadlineSeconds is defaulted to when a Deployment is not to have one.
const NO_DEADLINE = 2 ** 31 - 1

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE

export const progressingOf = (status: Status): Condition | undefined => findCondition(status.conditions, 'Progressing')

export function newCondition(
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  now: string,
): Condition {
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message }
}

/** With the condition set: one of the same status and reason stays as it is, one of the same status keeps its transition time. */
export function withCondition(conditions: readonly Condition[] | undefined, condition: Condition): Condition[] {
  const known = findCondition(conditions, condition.type)
  if (known && known.status === condition.status && known.reason === condition.reason) return [...conditions!]
  const kept =
    known?.status === condition.status ? { ...condition, lastTransitionTime: known.lastTransitionTime } : condition
  return [...withoutCondition(conditions, condition.type), kept]
}

const withoutCondition = (conditions: readonly Condition[] | undefined, type: string): Condition[] =>
  (conditions ?? []).filter((condition) => condition.type !== type)

/** Counts and the Available condition. */
export function statusOf(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  now: string,
): Status {
  const available = availableReplicasOf(sets)
  const isEnough = available >= deployment.spec.replicas - maxUnavailable(deployment)
  const condition = isEnough
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : newCondition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      )
  const ready = sets.reduce((sum, set) => sum + (set.status.readyReplicas ?? 0), 0)
  const terminating = sets.reduce((sum, set) => sum + (set.status.terminatingReplicas ?? 0), 0)
  return {
    ...nonZero({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: actualReplicasOf(sets),
      updatedReplicas: newest?.status.replicas ?? 0,
      readyReplicas: ready,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, replicasOf(sets) - available),
    }),
    terminatingReplicas: terminating,
    ...(deployment.status.collisionCount !== undefined ? { collisionCount: deployment.status.collisionCount } : {}),
    conditions: withCondition(deployment.status.conditions, condition),
  }
}

/** Counts of 0 are left out, as the API does. */
const nonZero = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))

/** All replicas are of the newest template and available, and nothing old is left. */
export function isComplete({ spec, metadata }: Deployment, status: Status): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  )
}

function isProgress(before: Status, after: Status): boolean {
  const old = (status: Status): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function isTimedOut(deployment: Deployment, status: Status, nowEpochMs: number): boolean {
  const condition = progressingOf(status)
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  return Date.parse(condition.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds * 1000 < nowEpochMs
}

/** The status during a rollout: as statusOf, with the Progressing and ReplicaFailure conditions. */
export function rolloutStatusOf(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  nowEpochMs: number,
  now: string,
): Status {
  const status = statusOf(deployment, sets, newest, now)
  let conditions = status.conditions ?? []
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing')
  const current = progressingOf(deployment.status)
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  if (hasDeadline(deployment) && !wasComplete) {
    const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`
      conditions = withCondition(
        conditions,
        newCondition('Progressing', 'True', 'NewReplicaSetAvailable', message, now),
      )
    } else if (isProgress(deployment.status, status)) {
      // Unlike other conditions this one is renewed with the same reason: the deadline counts from the last progress.
      const condition = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now)
      if (current?.status === 'True') condition.lastTransitionTime = current.lastTransitionTime
      conditions = [...withoutCondition(conditions, 'Progressing'), condition]
    } else if (isTimedOut(deployment, { ...status, conditions }, nowEpochMs)) {
      const message = `${subject} has timed out progressing.`
      conditions = withCondition(
        conditions,
        newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now),
      )
    }
  }
  const failure = replicaFailureOf(newest ? [newest, ...sets] : sets)
  conditions = failure ? withCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure')
  return { ...status, conditions }
}

function replicaFailureOf(sets: readonly ReplicaSet[]): Condition | undefined {
  for (const set of sets) {
    const failure = findCondition(set.status.conditions, 'ReplicaFailure')
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime }
  }
  return undefined
}

/**
 * Milliseconds until the deadline has to be looked at again; undefined when there is nothing to wait for.
 * A second is added because conditions have only whole seconds.
 */
export function nextDeadlineCheckMs(deployment: Deployment, status: Status, nowEpochMs: number): number | undefined {
  const current = progressingOf(deployment.status)
  if (!hasDeadline(deployment) || !current) return undefined
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return undefined
  const leftMs = Date.parse(current.lastUpdateTime ?? '') + deployment.spec.progressDeadlineSeconds * 1000 - nowEpochMs
  return leftMs < 1000 ? 0 : leftMs + 1000
}
