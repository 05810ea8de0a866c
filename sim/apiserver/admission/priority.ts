/**
 * Priority: a Pod's class becomes a number, and only one class may be the default.
 * Source: kubernetes/plugin/pkg/admission/priority
 */
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { priorityClasses } from '../../api/scheduling/priority-class.ts'
import type { PriorityClass } from '../../api/scheduling/types.ts'
import type { AdmissionContext, AdmissionPlugin } from './admission.ts'

type Resolved = Pick<PriorityClass, 'value' | 'preemptionPolicy'> & { name: string }

export const priorityAdmission: AdmissionPlugin = {
  name: 'Priority',
  admit(request, context) {
    if (request.kind !== pods || request.operation === 'DELETE' || request.subresource) return
    const pod = request.object as Pod
    if (request.operation === 'UPDATE') {
      // Whoever leaves them out means no other ones.
      const { priority, preemptionPolicy } = (request.old as Pod).spec
      pod.spec.priority ??= priority
      pod.spec.preemptionPolicy ??= preemptionPolicy
      return
    }
    const refuse = (why: string) => forbidden('pods', pod.metadata.name || (pod.metadata.generateName ?? ''), why)
    const className = pod.spec.priorityClassName
    const resolved = className ? findClass(className, context) : classByDefault(context)
    if (!resolved) throw refuse(`no PriorityClass with name ${className} was found`)
    if (!className && resolved.name) pod.spec.priorityClassName = resolved.name
    if (pod.spec.priority !== undefined && pod.spec.priority !== resolved.value) {
      throw refuse(
        `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${resolved.value} from the given PriorityClass name`,
      )
    }
    pod.spec.priority = resolved.value
    const policy = resolved.preemptionPolicy ?? 'PreemptLowerPriority'
    if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy) {
      throw refuse(
        `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      )
    }
    pod.spec.preemptionPolicy = policy
  },
  validate(request, context) {
    if (request.kind !== priorityClasses || request.subresource || request.operation === 'DELETE') return
    const priorityClass = request.object as PriorityClass
    if (!priorityClass.globalDefault) return
    const known = findDefault(context)
    if (!known || (request.operation === 'UPDATE' && known.metadata.name === request.name)) return
    const why = `PriorityClass ${known.metadata.name} is already marked as default. Only one default can exist`
    throw forbidden('priorityclasses.scheduling.k8s.io', request.name, why)
  },
}

function findClass(name: string, context: AdmissionContext): Resolved | undefined {
  const found = context.find(priorityClasses, { namespace: '', name })
  return found && { name, value: found.value, preemptionPolicy: found.preemptionPolicy }
}

/** The default class, or none and priority 0. */
function classByDefault(context: AdmissionContext): Resolved {
  const found = findDefault(context)
  if (!found) return { name: '', value: 0 }
  return { name: found.metadata.name, value: found.value, preemptionPolicy: found.preemptionPolicy }
}

/** Of several, which only a race can make, the one worth the least. */
function findDefault(context: AdmissionContext): PriorityClass | undefined {
  let least: PriorityClass | undefined
  for (const candidate of context.list(priorityClasses))
    if (candidate.globalDefault && (!least || candidate.value < least.value)) least = candidate
  return least
}
