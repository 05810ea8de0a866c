/**
 * RuntimeClass: a Pod's class adds its overhead, its node selector and its tolerations.
 * Source: kubernetes/plugin/pkg/admission/runtimeclass
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
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
    if (!name) {
      if (spec.overhead)
        throw refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
      return
    }
    const runtimeClass = context.find(runtimeClasses, { namespace: '', name })
    if (!runtimeClass) throw refuse(`pod rejected: RuntimeClass "${name}" not found`)
    const overhead = runtimeClass.overhead?.podFixed
    if (spec.overhead && !equalJson(spec.overhead, overhead))
      throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    if (overhead) spec.overhead = overhead
    const { nodeSelector, tolerations } = runtimeClass.scheduling ?? {}
    for (const [key, value] of Object.entries(nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key]
      if (own !== undefined && own !== value)
        throw refuse(
          `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
        )
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
    }
    for (const toleration of tolerations ?? [])
      if (!spec.tolerations?.some((own) => equalJson(own, toleration)))
        spec.tolerations = [...(spec.tolerations ?? []), toleration]
  },
}
