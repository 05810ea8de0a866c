/** The plugins that are on, in the order in which the server runs them. Source: kubernetes/pkg/kubeapiserver/options/plugins.go */
import type { AdmissionPlugin } from './admission.ts'
import { certificateApproval, certificateSubjectRestriction } from './certificates.ts'
import { defaultIngressClass } from './default-ingress-class.ts'
import { defaultStorageClass } from './default-storage-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts'
import { podResizeValidator } from './pod-resize-validator.ts'
import { podSecurityAdmission } from './pod-security.ts'
import { podTopologyLabels } from './pod-topology-labels.ts'
import { mutatingAdmissionPolicy } from './policies/mutating.ts'
import { validatingAdmissionPolicy } from './policies/validating.ts'
import { priorityAdmission } from './priority.ts'
import { rbacEscalation } from './rbac-escalation.ts'
import { resourceQuotaAdmission } from './resource-quota.ts'
import { runtimeClassAdmission } from './runtime-class.ts'
import { serviceAccountAdmission } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts'
import { mutatingAdmissionWebhook } from './webhooks/mutating.ts'
import { validatingAdmissionWebhook } from './webhooks/validating.ts'

export const admissionChain: readonly AdmissionPlugin[] = [
  rbacEscalation,
  namespaceLifecycle,
  limitRanger,
  serviceAccountAdmission,
  nodeRestriction,
  podSecurityAdmission,
  priorityAdmission,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClassAdmission,
  certificateApproval,
  certificateSubjectRestriction,
  defaultIngressClass,
  podTopologyLabels,
  podResizeValidator,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuotaAdmission,
]

/** Those that have a say in what is written through the subresource status. */
export const statusAdmission: readonly AdmissionPlugin[] = [
  nodeRestriction,
  mutatingAdmissionWebhook,
  validatingAdmissionWebhook,
]
