/** What a budget selects, and how its status tells whether it allows a disruption: for its controller, evictions and the scheduler. */
import type { Pod } from '../core/pod-types.ts'
import { selectorMatches } from '../meta/label-selector.ts'
import { type Condition, findCondition } from '../meta/object.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from './types.ts'

export const DISRUPTION_ALLOWED = 'DisruptionAllowed'

/** Whether the budget is of the Pod's namespace and selects it. */
export const selectsPod = ({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean =>
  spec.selector !== undefined &&
  metadata.namespace === pod.metadata.namespace &&
  selectorMatches(spec.selector, pod.metadata.labels)

/** The conditions with that of whether disruptions are allowed, as the number says. */
export function withDisruptionAllowed(
  status: PodDisruptionBudgetStatus,
  generation: number | undefined,
  now: string,
): PodDisruptionBudgetStatus {
  const isAllowed = status.disruptionsAllowed > 0
  return withCondition(status, {
    type: DISRUPTION_ALLOWED,
    status: isAllowed ? 'True' : 'False',
    observedGeneration: generation,
    lastTransitionTime: now,
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  })
}

/** The status with the condition; the time of its last change stays while its status does. */
export function withCondition(status: PodDisruptionBudgetStatus, condition: Condition): PodDisruptionBudgetStatus {
  const known = findCondition(status.conditions, condition.type)
  const kept = known?.status === condition.status ? { lastTransitionTime: known.lastTransitionTime } : {}
  const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type)
  return { ...status, conditions: [...others, { ...condition, ...kept }] }
}
