/** How far a rolling update may go above and below the desired replicas. */
import type { Deployment } from '../../api/apps/types.ts'
import { scaledValue } from '../../api/meta/int-or-string.ts'

export const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy.type === 'RollingUpdate'

/** Surge rounds up, unavailability down; when both come to nothing one Pod may be unavailable, or nothing could move. */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { replicas, strategy } = deployment.spec
  const surge = scaledValue(strategy.rollingUpdate?.maxSurge ?? 0, replicas, 'up')
  const unavailable = scaledValue(strategy.rollingUpdate?.maxUnavailable ?? 0, replicas, 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0)

export function maxUnavailable(deployment: Deployment): number {
  if (!isRolling(deployment) || deployment.spec.replicas === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, deployment.spec.replicas)
}
