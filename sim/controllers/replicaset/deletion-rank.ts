/**
 * Which Pods go first when a ReplicaSet has too many.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
import type { Pod } from '../../api/core/pod-types.ts'
import { isReady, readyCondition } from '../pod-state.ts'

const COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost'

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * Orders Pods, the first to go first: unassigned before assigned, Pending before Unknown before Running, not ready before
 * ready, cheaper (pod-deletion-cost) before dearer, on fuller nodes before on emptier ones, ready for less long (by powers of
 * two) before longer, more restarts before fewer, younger (by powers of two) before older.
 * @param peers active Pods of all ReplicaSets with the same owner: what makes a node full
 */
export function byDeletionRank(candidates: readonly Pod[], peers: readonly Pod[], nowEpochMs: number): Pod[] {
  const perNode = new Map<string, number>()
  for (const { spec } of peers) if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1)
  const ranked = candidates.map((pod) => rank(pod, perNode.get(pod.spec.nodeName ?? '') ?? 0))
  return ranked.sort((a, b) => compare(a, b, nowEpochMs)).map(({ pod }) => pod)
}

interface Ranked {
  pod: Pod
  isAssigned: boolean
  phase: number
  isReady: boolean
  cost: number
  nodeFill: number
  readyMs: number
  restarts: number
  createdMs: number
}

const rank = (pod: Pod, nodeFill: number): Ranked => ({
  pod,
  isAssigned: Boolean(pod.spec.nodeName),
  phase: PHASE_ORDER[pod.status.phase ?? 'Pending'] ?? 0,
  isReady: isReady(pod),
  cost: deletionCost(pod),
  nodeFill,
  readyMs: Date.parse(readyCondition(pod)?.lastTransitionTime ?? '') || 0,
  restarts: Math.max(0, ...(pod.status.containerStatuses ?? []).map((status) => status.restartCount)),
  createdMs: Date.parse(pod.metadata.creationTimestamp) || 0,
})

/** An annotation that is no 32-bit number counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[COST_ANNOTATION]
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0
  const cost = Number(text)
  return Math.abs(cost) <= 2 ** 31 - 1 ? cost : 0
}

function compare(a: Ranked, b: Ranked, nowEpochMs: number): number {
  if (a.isAssigned !== b.isAssigned) return a.isAssigned ? 1 : -1
  if (a.phase !== b.phase) return a.phase - b.phase
  if (a.isReady !== b.isReady) return a.isReady ? 1 : -1
  if (a.cost !== b.cost) return a.cost - b.cost
  if (a.nodeFill !== b.nodeFill) return b.nodeFill - a.nodeFill
  if (a.isReady && a.readyMs !== b.readyMs)
    return ageBucket(a.readyMs, nowEpochMs) - ageBucket(b.readyMs, nowEpochMs) || byUid(a, b)
  if (a.restarts !== b.restarts) return b.restarts - a.restarts
  if (a.createdMs !== b.createdMs)
    return ageBucket(a.createdMs, nowEpochMs) - ageBucket(b.createdMs, nowEpochMs) || byUid(a, b)
  return 0
}

/** The power of two below the age in nanoseconds: within one the choice is by uid, which is as good as random. */
function ageBucket(sinceEpochMs: number, nowEpochMs: number): number {
  const ageMs = nowEpochMs - sinceEpochMs
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1
}

const byUid = (a: Ranked, b: Ranked): number => (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)
