/**
 * RuntimeClass: a Pod's class adds its overhead, its node selector and its tolerations.
 * Source: kubernetes/plugin/pkg/admission/runtimeclass
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod, Toleration } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { runtimeClasses } from '../../api/node/runtime-class.ts'
import type { AdmissionPlugin } from './admission.ts'

export const runtimeClassAdmission: AdmissionPlugin = {
  name: 'RuntimeClass',
  admit(request, context) {
    if (request.kind !== pods || request.operation !== 'CREATE' || request.subresource) return
    const pod = request.object as Pod
    const { spec } = pod
    const refuse = (why: string) => forbidden('pods', pod.metadata.name || (pod.metadata.generateName ?? ''), why)
    const name = spec.runtimeClassName
    const runtimeClass = name ? context.find(runtimeClasses, { namespace: '', name }) : undefined
    if (name && !runtimeClass) throw refuse(`pod rejected: RuntimeClass "${name}" not found`)
    const overhead = runtimeClass?.overhead?.podFixed
    if (spec.overhead && !overhead)
      throw refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    if (spec.overhead && !equalJson(spec.overhead, overhead))
      throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    if (overhead) spec.overhead = overhead
    if (!runtimeClass?.scheduling) return
    const { nodeSelector, tolerations = [] } = runtimeClass.scheduling
    for (const [key, value] of Object.entries(nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key]
      if (own !== undefined && own !== value)
        throw refuse(
          `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
        )
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
    }
    const merged = mergeTolerations([...(spec.tolerations ?? []), ...tolerations])
    if (merged.length > 0) spec.tolerations = merged
  },
}

/** Without those that another one covers; of equal ones the first stays. Source: kubernetes/pkg/util/tolerations/tolerations.go */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = []
  for (const [index, one] of all.entries()) {
    const isCoveredLater = all.slice(index + 1).some((other) => !equalJson(other, one) && covers(other, one))
    if (!isCoveredLater && !merged.some((other) => covers(other, one))) merged.push(one)
  }
  return merged
}

/** Whether the first tolerates all that the second does. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (equalJson(wide, narrow)) return true
  const isOfAll = !wide.key && wide.operator === 'Exists'
  if (wide.key !== narrow.key && !isOfAll) return false
  if (wide.effect && wide.effect !== narrow.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined)
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false
  return wide.operator === 'Exists' || (narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? ''))
}
