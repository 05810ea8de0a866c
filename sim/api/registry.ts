/** The kinds that the cluster serves: a line each. */
import { mutatingAdmissionPolicies } from './admissionregistration/mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindings } from './admissionregistration/mutating-admission-policy-binding.ts'
import { validatingAdmissionPolicies } from './admissionregistration/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from './admissionregistration/validating-admission-policy-binding.ts'
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './admissionregistration/webhook-configuration.ts'
import { customResourceDefinitions } from './apiextensions/custom-resource-definition.ts'
import { apiServices } from './apiregistration/api-service.ts'
import { controllerRevisions } from './apps/controller-revision.ts'
import { daemonSets } from './apps/daemon-set.ts'
import { deployments } from './apps/deployment.ts'
import { replicaSets } from './apps/replica-set.ts'
import { statefulSets } from './apps/stateful-set.ts'
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from './authorization/reviews.ts'
import { horizontalPodAutoscalers } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJobs } from './batch/cron-job.ts'
import { jobs } from './batch/job.ts'
import { certificateSigningRequests } from './certificates/certificate-signing-request.ts'
import { leases } from './coordination/lease.ts'
import { bindings } from './core/binding.ts'
import { componentStatuses } from './core/component-status.ts'
import { configMaps } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { events } from './core/event.ts'
import { limitRanges } from './core/limit-range.ts'
import { namespaces } from './core/namespace.ts'
import { nodes } from './core/node.ts'
import { persistentVolumes } from './core/persistent-volume.ts'
import { persistentVolumeClaims } from './core/persistent-volume-claim.ts'
import { pods } from './core/pod.ts'
import { podTemplates } from './core/pod-template.ts'
import { replicationControllers } from './core/replication-controller.ts'
import { resourceQuotas } from './core/resource-quota.ts'
import { secrets } from './core/secret.ts'
import { services } from './core/service.ts'
import { serviceAccounts } from './core/service-account.ts'
import { endpointSlices } from './discovery/endpoint-slice.ts'
import { flowSchemas } from './flowcontrol/flow-schema.ts'
import { priorityLevelConfigurations } from './flowcontrol/priority-level-configuration.ts'
import type { Kind } from './meta/kind.ts'
import { ingresses } from './networking/ingress.ts'
import { ingressClasses } from './networking/ingress-class.ts'
import { ipAddresses } from './networking/ip-address.ts'
import { networkPolicies } from './networking/network-policy.ts'
import { serviceCidrs } from './networking/service-cidr.ts'
import { runtimeClasses } from './node/runtime-class.ts'
import { podDisruptionBudgets } from './policy/pod-disruption-budget.ts'
import { clusterRoles, roles } from './rbac/role.ts'
import { clusterRoleBindings, roleBindings } from './rbac/role-binding.ts'
import { deviceClasses } from './resource/device-class.ts'
import { resourceClaims } from './resource/resource-claim.ts'
import { resourceClaimTemplates } from './resource/resource-claim-template.ts'
import { resourceSlices } from './resource/resource-slice.ts'
import { priorityClasses } from './scheduling/priority-class.ts'
import { csiDrivers } from './storage/csi-driver.ts'
import { csiNodes } from './storage/csi-node.ts'
import { csiStorageCapacities } from './storage/csi-storage-capacity.ts'
import { storageClasses } from './storage/storage-class.ts'
import { volumeAttachments } from './storage/volume-attachment.ts'
import { volumeAttributesClasses } from './storage/volume-attributes-class.ts'

/** In the order of discovery: by group, then by plural. */
export const kinds: readonly Kind[] = [
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
  customResourceDefinitions,
  apiServices,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  horizontalPodAutoscalers,
  cronJobs,
  jobs,
  certificateSigningRequests,
  leases,
  endpointSlices,
  flowSchemas,
  priorityLevelConfigurations,
  podDisruptionBudgets,
  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCidrs,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
  runtimeClasses,
  priorityClasses,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
]

/** Kinds that are answered and not stored: most can be created, and neither listed nor watched. */
export const virtualKinds: readonly Kind[] = [
  bindings,
  componentStatuses,
  selfSubjectReviews,
  tokenReviews,
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
] as unknown as readonly Kind[]

/** The kind that an object's apiVersion and kind name. */
export const findKind = (group: string, version: string, kindName: string): Kind | undefined =>
  kinds.find((kind) => kind.group === group && kind.version === version && kind.kind === kindName)

/**
 * The kind that a user calls by any of its names: `po`, `pod`, `pods`, `Pod`, `deploy.apps`, `deployments.v1.apps`.
 * Full names win over short ones, and earlier kinds over later.
 */
export function findResource(name: string): Kind | undefined {
  const [resource, ...rest] = name.toLowerCase().split('.')
  const suffix = rest.join('.')
  const matches = (kind: Kind): boolean =>
    suffix === '' ||
    suffix === kind.group ||
    suffix === `${kind.version}.${kind.group}` ||
    (kind.group === '' && suffix === kind.version)
  const candidates = kinds.filter(matches)
  return (
    candidates.find(
      (kind) => kind.plural === resource || kind.singular === resource || kind.kind.toLowerCase() === resource,
    ) ?? candidates.find((kind) => kind.shortNames.includes(resource))
  )
}
