/**
 * Eviction: deletes a Pod as a voluntary disruption, unless its disruption budget forbids.
 * Source: kubernetes/pkg/registry/core/pod/storage/eviction.go
 */
import type { Pod } from '../api/core/pod-types.ts'
import { findCondition } from '../api/meta/object.ts'
import { forbidden, StatusError, tooManyRequests } from '../api/meta/status-error.ts'
import { DISRUPTION_ALLOWED, selectsPod, withDisruptionAllowed } from '../api/policy/disruption.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../api/policy/types.ts'

/** No more evictions are noted on one budget at a time. */
const MAX_DISRUPTED_PODS = 2000
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget."

export type EvictionDecision = { refusal: StatusError } | { budget?: PodDisruptionBudget }

/**
 * Whether the Pod may be evicted, and which budget is charged with it. Pure.
 * @param budgets of its namespace
 */
export function decideEviction(pod: Pod, budgets: readonly PodDisruptionBudget[]): EvictionDecision {
  if (isDisruptedAnyway(pod)) return {}
  const [budget, ...others] = budgets.filter((one) => selectsPod(one, pod))
  if (others.length > 0)
    return {
      refusal: new StatusError(
        500,
        '',
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      ),
    }
  if (!budget || (!isReady(pod) && mayGoUnready(budget))) return {}
  const refusal = refusalOf(budget)
  return refusal ? { refusal } : { budget }
}

/** Its going disrupts nothing: it has ended, is ending, or has not begun. */
const isDisruptedAnyway = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined ||
  status.phase === 'Succeeded' ||
  status.phase === 'Failed' ||
  status.phase === 'Pending'

const isReady = ({ status }: Pod): boolean => findCondition(status.conditions, 'Ready')?.status === 'True'

/** Whether a Pod that is running and not ready may go without being counted. */
function mayGoUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0
}

function refusalOf({ metadata, status }: PodDisruptionBudget): StatusError | undefined {
  const { name } = metadata
  const violation = (why: string): StatusError =>
    tooManyRequests(VIOLATION, [{ reason: 'DisruptionBudget', message: `The disruption budget ${name} ${why}` }])
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return violation('is still being processed by the server.')
  if (status.disruptionsAllowed < 0)
    return forbidden('poddisruptionbudget', name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS)
    return forbidden(
      'poddisruptionbudget',
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    )
  if (status.disruptionsAllowed > 0) return undefined
  const condition = findCondition(status.conditions, DISRUPTION_ALLOWED)
  return condition?.reason === 'SyncFailed'
    ? violation(`does not allow evicting pods currently because it failed sync: ${condition.message}`)
    : violation(`needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`)
}

/** The budget's status with one disruption fewer, and the Pod noted as going. */
export function chargeEviction(budget: PodDisruptionBudget, pod: string, now: string): PodDisruptionBudgetStatus {
  const status: PodDisruptionBudgetStatus = {
    ...budget.status,
    disruptionsAllowed: budget.status.disruptionsAllowed - 1,
    disruptedPods: { ...budget.status.disruptedPods, [pod]: now },
  }
  return status.disruptionsAllowed > 0 ? status : withDisruptionAllowed(status, budget.metadata.generation, now)
}

/** The Pod with the condition that says why it goes. */
export const markEvicted = (pod: Pod, now: string): Pod => ({
  ...pod,
  metadata: { ...pod.metadata },
  status: {
    ...pod.status,
    conditions: [
      ...(pod.status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget'),
      {
        type: 'DisruptionTarget',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: now,
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
        observedGeneration: pod.metadata.generation,
      },
    ],
  },
})
