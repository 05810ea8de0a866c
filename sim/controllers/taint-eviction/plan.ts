/** How long a Pod bears the NoExecute taints of its node. Pure. Source: kubernetes/pkg/controller/tainteviction */
import { tolerationFinder } from '../../api/core/pod/node-fit.ts'
import type { Toleration } from '../../api/core/pod-types.ts'
import type { Taint } from '../../api/core/types.ts'

/**
 * Seconds that a Pod may stay: 0 when a taint is not tolerated, Infinity when all are and none with a limit, otherwise the
 * smallest limit of the tolerations in use.
 * @param taints those with effect NoExecute
 */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let seconds = Number.POSITIVE_INFINITY
  const findToleration = tolerationFinder(tolerations, taints.length)
  for (const taint of taints) {
    const toleration = findToleration(taint)
    if (!toleration) return 0
    if (toleration.tolerationSeconds !== undefined)
      seconds = Math.min(seconds, Math.max(0, toleration.tolerationSeconds))
  }
  return seconds
}
