/**
 * DefaultTolerationSeconds: a Pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.
 * Source: kubernetes/plugin/pkg/admission/defaulttolerationseconds
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod, Toleration } from '../../api/core/pod-types.ts'
import type { AdmissionPlugin } from './admission.ts'

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const tolerationSeconds = 300

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request) {
    if (request.kind !== pods || request.operation === 'DELETE' || request.subresource) return
    const pod = request.object as Pod
    const tolerations = pod.spec.tolerations ?? []
    const missing = taints.filter((taint) => !tolerations.some((toleration) => covers(toleration, taint)))
    const added = missing.map(
      (key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }),
    )
    if (added.length > 0) pod.spec.tolerations = [...tolerations, ...added]
  },
}

const covers = (toleration: Toleration, taint: string): boolean =>
  (toleration.key === taint || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect)
