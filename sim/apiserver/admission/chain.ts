/** The plugins that are on, in the order in which the server runs them. */
import type { AdmissionPlugin } from './admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { priorityAdmission } from './priority.ts'
import { rbacEscalation } from './rbac-escalation.ts'
import { serviceAccountAdmission } from './service-account.ts'

export const admissionChain: readonly AdmissionPlugin[] = [
  rbacEscalation,
  namespaceLifecycle,
  nodeRestriction,
  serviceAccountAdmission,
  priorityAdmission,
  defaultTolerationSeconds,
]
