/**
 * Priority: a Pod's class becomes a number. Only the classes that every cluster has are known here.
 * Source: kubernetes/plugin/pkg/admission/priority
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import type { AdmissionPlugin } from './admission.ts'

const builtIn: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

export const priorityAdmission: AdmissionPlugin = {
  name: 'Priority',
  admit(request) {
    if (request.kind !== pods || request.operation !== 'CREATE' || request.subresource) return
    const pod = request.object as Pod
    const name = pod.metadata.name || (pod.metadata.generateName ?? '')
    const className = pod.spec.priorityClassName
    const priority = className ? builtIn[className] : 0
    if (priority === undefined) throw forbidden('pods', name, `no PriorityClass with name ${className} was found`)
    if (pod.spec.priority !== undefined && pod.spec.priority !== priority) {
      throw forbidden(
        'pods',
        name,
        `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
      )
    }
    pod.spec.priority = priority
    pod.spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}
