/** What controllers ask of a Pod. Source: kubernetes/pkg/controller/controller_utils.go, pkg/api/v1/pod */
import type { Pod } from '../api/core/pod-types.ts'
import { type Condition, findCondition } from '../api/meta/object.ts'

export const isFinished = (pod: Pod): boolean => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'

/** Counts towards a controller's replicas: neither finished nor being deleted. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined

export const readyCondition = (pod: Pod): Condition | undefined => findCondition(pod.status.conditions, 'Ready')

export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True'

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowEpochMs: number): boolean {
  const ready = readyCondition(pod)
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  return (
    ready.lastTransitionTime !== undefined &&
    Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= nowEpochMs
  )
}
