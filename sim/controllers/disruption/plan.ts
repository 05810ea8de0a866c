/** What a disruption budget's status should say. Pure. Source: kubernetes/pkg/controller/disruption/disruption.go */
import type { Pod } from '../../api/core/pod-types.ts'
import { scaledValue } from '../../api/meta/int-or-string.ts'
import { withDisruptionAllowed } from '../../api/policy/disruption.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/policy/types.ts'
import { isReady } from '../pod-state.ts'

/** An evicted Pod that has not gone by then stays: it counts again. */
const DELETION_TIMEOUT_MS = 120_000

/** How many replicas the controllers of Pods want, or why nobody can tell. */
export type ExpectedScale = { replicas: number; unmanaged: readonly string[] } | { problem: string }

export interface BudgetPlan {
  status: PodDisruptionBudgetStatus
  /** When the status has to be looked at again: an evicted Pod may turn out to stay. */
  recheckMs?: number
  /** Pods that should have gone and have not. */
  notDeleted: readonly Pod[]
}

/**
 * @param pods all that the budget selects, those on their way out included
 * @param scale what the controllers of the Pods want; asked for only when the budget needs it
 * @returns why the number of Pods cannot be told, or the plan
 */
export function planBudget(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  scale: () => ExpectedScale,
  nowEpochMs: number,
  now: string,
): BudgetPlan | { problem: string } {
  const expectation = expected(budget, pods, scale)
  if ('problem' in expectation) return expectation
  const { expectedPods, desiredHealthy } = expectation
  const { disruptedPods, recheckMs, notDeleted } = disrupted(budget, pods, nowEpochMs)
  const currentHealthy = pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined && isReady(pod),
  ).length
  const { disruptedPods: _, ...before } = budget.status
  const status: PodDisruptionBudgetStatus = {
    ...before,
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    disruptionsAllowed: expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy),
    currentHealthy,
    desiredHealthy,
    expectedPods,
  }
  return { status: withDisruptionAllowed(status, budget.metadata.generation, now), recheckMs, notDeleted }
}

function expected(
  { spec }: PodDisruptionBudget,
  pods: readonly Pod[],
  scale: () => ExpectedScale,
): { expectedPods: number; desiredHealthy: number } | { problem: string } {
  if (spec.maxUnavailable !== undefined) {
    const wanted = scale()
    if ('problem' in wanted) return wanted
    const mayMiss = scaledValue(spec.maxUnavailable, wanted.replicas, 'up')
    return { expectedPods: wanted.replicas, desiredHealthy: Math.max(0, wanted.replicas - mayMiss) }
  }
  if (typeof spec.minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: spec.minAvailable }
  if (spec.minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  const wanted = scale()
  if ('problem' in wanted) return wanted
  return { expectedPods: wanted.replicas, desiredHealthy: scaledValue(spec.minAvailable, wanted.replicas, 'up') }
}

/** Evicted Pods that are still expected to go. */
function disrupted(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  nowEpochMs: number,
): { disruptedPods: Record<string, string>; recheckMs?: number; notDeleted: readonly Pod[] } {
  const disruptedPods: Record<string, string> = {}
  const notDeleted: Pod[] = []
  let recheckMs: number | undefined
  for (const pod of pods) {
    const since = status.disruptedPods?.[pod.metadata.name]
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue
    const leftMs = Date.parse(since) + DELETION_TIMEOUT_MS - nowEpochMs
    if (leftMs < 0) {
      notDeleted.push(pod)
      continue
    }
    disruptedPods[pod.metadata.name] = since
    recheckMs = Math.min(recheckMs ?? leftMs, leftMs)
  }
  return { disruptedPods, recheckMs, notDeleted }
}
