/** The plugins that are on, in the order in which the server runs them. */
import type { AdmissionPlugin } from './admission.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { priorityAdmission } from './priority.ts'
import { nodeRestriction } from './node-restriction.ts'
import { serviceAccountAdmission } from './service-account.ts'
import { rbacEscalation } from './rbac-escalation.ts'
import { resourceQuotaAdmission } from './resource-quota.ts'

export const admissionChain: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  rbacEscalation,
  serviceAccountAdmission,
  nodeRestriction,
  limitRanger,
  priorityAdmission,
  defaultTolerationSeconds,
]
