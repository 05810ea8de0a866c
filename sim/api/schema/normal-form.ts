/**
 * The form an object has after the server has read and written it: nulls and empty values are left out where Go's `omitempty`
 * leaves them out. A pointer keeps what it points to, be it zero: which fields are pointers is not in the schema.
 * Source: types.go of k8s.io/api and k8s.io/apimachinery.
 */

import { charge } from '../../engine/work.ts'
import { resolveSchema } from './schema.ts'
import type { Schema } from './types.ts'

/**
 * Scalar fields that are pointers, by definition: `false`, `0` and `''` mean something else than leaving them out. And those that
 * need not be given and are written all the same.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  PodSpec: [
    'activeDeadlineSeconds',
    'automountServiceAccountToken',
    'enableServiceLinks',
    'hostUsers',
    'hostnameOverride',
    'preemptionPolicy',
    'priority',
    'runtimeClassName',
    'setHostnameAsFQDN',
    'shareProcessNamespace',
    'terminationGracePeriodSeconds',
  ],
  Container: ['restartPolicy'],
  EphemeralContainer: ['restartPolicy'],
  SecurityContext: [
    'allowPrivilegeEscalation',
    'privileged',
    'procMount',
    'readOnlyRootFilesystem',
    'runAsGroup',
    'runAsNonRoot',
    'runAsUser',
  ],
  PodSecurityContext: [
    'fsGroup',
    'fsGroupChangePolicy',
    'runAsGroup',
    'runAsNonRoot',
    'runAsUser',
    'seLinuxChangePolicy',
    'supplementalGroupsPolicy',
  ],
  SeccompProfile: ['localhostProfile'],
  AppArmorProfile: ['localhostProfile'],
  Probe: ['terminationGracePeriodSeconds'],
  GRPCAction: ['service'],
  Lifecycle: ['stopSignal'],
  VolumeMount: ['mountPropagation', 'recursiveReadOnly'],
  HostPathVolumeSource: ['type'],
  SecretVolumeSource: ['defaultMode', 'optional'],
  ConfigMapVolumeSource: ['defaultMode', 'optional'],
  DownwardAPIVolumeSource: ['defaultMode'],
  ProjectedVolumeSource: ['defaultMode'],
  SecretProjection: ['optional'],
  ConfigMapProjection: ['optional'],
  ServiceAccountTokenProjection: ['expirationSeconds'],
  KeyToPath: ['mode'],
  DownwardAPIVolumeFile: ['mode'],
  SecretKeySelector: ['optional'],
  ConfigMapKeySelector: ['optional'],
  SecretEnvSource: ['optional'],
  ConfigMapEnvSource: ['optional'],
  CSIVolumeSource: ['fsType', 'readOnly'],
  LocalVolumeSource: ['fsType'],
  Toleration: ['tolerationSeconds'],
  TopologySpreadConstraint: ['minDomains', 'nodeAffinityPolicy', 'nodeTaintsPolicy'],
  PodDNSConfigOption: ['value'],
  ContainerStatus: ['started', 'stopSignal'],
  ServicePort: ['appProtocol'],
  EndpointPort: ['appProtocol', 'name', 'port', 'protocol'],
  ServiceSpec: [
    'allocateLoadBalancerNodePorts',
    'internalTrafficPolicy',
    'ipFamilyPolicy',
    'loadBalancerClass',
    'trafficDistribution',
  ],
  ValidatingAdmissionPolicySpec: ['failurePolicy'],
  MatchResources: ['matchPolicy'],
  MutatingAdmissionPolicySpec: ['failurePolicy'],
  MutatingWebhook: ['failurePolicy', 'matchPolicy', 'reinvocationPolicy', 'sideEffects', 'timeoutSeconds'],
  ValidatingWebhook: ['failurePolicy', 'matchPolicy', 'sideEffects', 'timeoutSeconds'],
  APIServiceSpec: ['groupPriorityMinimum', 'versionPriority'],
  ServiceReference: ['path', 'port'],
  WebhookClientConfig: ['url'],
  NamedRuleWithOperations: ['scope'],
  RuleWithOperations: ['scope'],
  Validation: ['reason'],
  ParamRef: ['parameterNotFoundAction'],
  ClientIPConfig: ['timeoutSeconds'],
  LoadBalancerIngress: ['ipMode'],
  EndpointAddress: ['nodeName'],
  EndpointConditions: ['ready', 'serving', 'terminating'],
  Endpoint: ['hostname', 'nodeName', 'zone'],
  ConfigMap: ['immutable'],
  Secret: ['immutable'],
  ServiceAccount: ['automountServiceAccountToken'],
  OwnerReference: ['blockOwnerDeletion', 'controller'],
  ObjectMeta: ['deletionGracePeriodSeconds'],
  HorizontalPodAutoscalerSpec: ['minReplicas', 'targetCPUUtilizationPercentage'],
  HorizontalPodAutoscalerStatus: [
    'currentCPUUtilizationPercentage',
    'currentReplicas',
    'lastScaleTime',
    'observedGeneration',
  ],
  HPAScalingRules: ['selectPolicy', 'stabilizationWindowSeconds', 'tolerance'],
  MetricTarget: ['averageUtilization'],
  MetricValueStatus: ['averageUtilization'],
  NetworkPolicyPort: ['endPort', 'protocol'],
  IngressSpec: ['ingressClassName'],
  HTTPIngressPath: ['pathType'],
  IngressClassParametersReference: ['apiGroup', 'namespace', 'scope'],
  CertificateSigningRequestSpec: ['expirationSeconds'],
  LeaseSpec: ['holderIdentity', 'leaseDurationSeconds', 'leaseTransitions', 'preferredHolder', 'strategy'],
  DeploymentSpec: ['progressDeadlineSeconds', 'replicas', 'revisionHistoryLimit'],
  DeploymentStatus: ['collisionCount', 'terminatingReplicas'],
  PersistentVolumeClaimSpec: ['dataSource', 'storageClassName', 'volumeAttributesClassName', 'volumeMode'],
  PersistentVolumeSpec: ['volumeAttributesClassName', 'volumeMode'],
  PersistentVolumeStatus: ['lastPhaseTransitionTime'],
  PodDisruptionBudgetSpec: ['unhealthyPodEvictionPolicy'],
  PodDisruptionBudgetStatus: ['currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'],
  PriorityClass: ['preemptionPolicy', 'value'],
  CronJobSpec: [
    'failedJobsHistoryLimit',
    'startingDeadlineSeconds',
    'successfulJobsHistoryLimit',
    'suspend',
    'timeZone',
  ],
  JobSpec: [
    'activeDeadlineSeconds',
    'backoffLimit',
    'backoffLimitPerIndex',
    'completionMode',
    'completions',
    'managedBy',
    'manualSelector',
    'maxFailedIndexes',
    'parallelism',
    'podReplacementPolicy',
    'suspend',
    'ttlSecondsAfterFinished',
  ],
  JobStatus: ['failedIndexes', 'ready', 'terminating'],
  PodFailurePolicyOnExitCodesRequirement: ['containerName'],
  SuccessPolicyRule: ['succeededCount', 'succeededIndexes'],
  DaemonSetSpec: ['revisionHistoryLimit'],
  DaemonSetStatus: ['collisionCount'],
  ReplicaSetSpec: ['replicas'],
  ReplicationControllerSpec: ['replicas'],
  ReplicaSetStatus: ['terminatingReplicas'],
  RollingUpdateStatefulSetStrategy: ['partition'],
  StatefulSetSpec: ['replicas', 'revisionHistoryLimit', 'serviceName'],
  StatefulSetStatus: ['availableReplicas', 'collisionCount'],
  StorageClass: ['allowVolumeExpansion', 'reclaimPolicy', 'volumeBindingMode'],
  StatefulSetOrdinals: ['start'],
  PodFailurePolicyOnPodConditionsPattern: ['status'],
  AzureDiskVolumeSource: ['cachingMode', 'fsType', 'kind', 'readOnly'],
  AzureFilePersistentVolumeSource: ['secretNamespace'],
  ClusterTrustBundleProjection: ['name', 'optional', 'signerName'],
  Event: ['reportingComponent', 'reportingInstance'],
  FCVolumeSource: ['lun'],
  FileKeySelector: ['optional'],
  GlusterfsPersistentVolumeSource: ['endpointsNamespace'],
  ISCSIPersistentVolumeSource: ['initiatorName'],
  ISCSIVolumeSource: ['initiatorName'],
  NodeFeatures: ['supplementalGroupsPolicy'],
  NodeRuntimeHandler: ['name'],
  NodeRuntimeHandlerFeatures: ['recursiveReadOnlyMounts', 'userNamespaces'],
  NodeSwapStatus: ['capacity'],
  PersistentVolumeClaimStatus: ['currentVolumeAttributesClassName'],
  PodCertificateProjection: ['maxExpirationSeconds'],
  AllocatedDeviceStatus: ['shareID'],
  Device: ['allNodes', 'allowMultipleAllocations', 'bindsToNode', 'nodeName'],
  DeviceAttribute: ['bool', 'int', 'string', 'version'],
  DeviceClassSpec: ['extendedResourceName'],
  DeviceConstraint: ['distinctAttribute', 'matchAttribute'],
  DeviceRequestAllocationResult: ['adminAccess', 'shareID'],
  DeviceToleration: ['tolerationSeconds'],
  ExactDeviceRequest: ['adminAccess'],
  NodeAllocatableResourceMapping: ['capacityKey'],
  ResourceSliceSpec: ['allNodes', 'nodeName', 'perDeviceNodeSelection'],
  PodResourceClaim: ['resourceClaimName', 'resourceClaimTemplateName'],
  PodResourceClaimStatus: ['resourceClaimName'],
  PodSchedulingGroup: ['podGroupName'],
  PortStatus: ['error'],
  ResourceHealth: ['message'],
  TypedLocalObjectReference: ['apiGroup'],
  TypedObjectReference: ['apiGroup', 'namespace'],
  VolumeMountStatus: ['recursiveReadOnly'],
  WindowsSecurityContextOptions: ['gmsaCredentialSpec', 'gmsaCredentialSpecName', 'hostProcess', 'runAsUserName'],
  IngressPortStatus: ['error'],
  RoleRef: ['apiGroup'],
  VolumeAttachmentSource: ['persistentVolumeName'],
  VolumeError: ['errorCode'],
  VolumeNodeResources: ['count'],
  CSIDriverSpec: [
    'attachRequired',
    'fsGroupPolicy',
    'nodeAllocatableUpdatePeriodSeconds',
    'podInfoOnMount',
    'preventPodSchedulingIfMissing',
    'requiresRepublish',
    'seLinuxMount',
    'serviceAccountTokenInSecrets',
    'storageCapacity',
  ],
  TokenRequest: ['expirationSeconds'],
  JSONSchemaProps: [
    '$ref',
    'maxItems',
    'maxLength',
    'maxProperties',
    'maximum',
    'minItems',
    'minLength',
    'minProperties',
    'minimum',
    'multipleOf',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
    'x-kubernetes-preserve-unknown-fields',
  ],
  ValidationRule: ['optionalOldSelf', 'reason'],
  CustomResourceSubresourceScale: ['labelSelectorPath'],
  CustomResourceDefinitionVersion: ['deprecationWarning'],
  FlowSchemaSpec: ['matchingPrecedence'],
  ExemptPriorityLevelConfiguration: ['lendablePercent', 'nominalConcurrencyShares'],
  LimitedPriorityLevelConfiguration: ['borrowingLimitPercent', 'lendablePercent', 'nominalConcurrencyShares'],
  QueuingConfiguration: ['handSize', 'queueLengthLimit', 'queues'],
}

/** Fields whose null is written out. */
const WRITTEN_NULLS: Readonly<Record<string, readonly string[]>> = {
  Event: ['eventTime', 'firstTimestamp', 'lastTimestamp'],
  PodCondition: ['lastProbeTime', 'lastTransitionTime'],
}

/** Lists of which the server itself tells whether there is none or an empty one, before it leaves both out. */
const HELD_LISTS: Readonly<Record<string, readonly string[]>> = {
  HPAScalingRules: ['policies'],
  IngressSpec: ['rules'],
}

/** The object without what the server would leave out. Gives the same object back where there is nothing to leave out. */
export const toNormalForm = <T>(kind: { schema: string }, object: T): T =>
  normalValue({ $ref: kind.schema }, object) as T

/** Of a list, map or struct. */
const stepsOfNode = 8

function normalValue(schema: Schema, value: unknown): unknown {
  if (typeof value === 'string') return isPadded(value) ? withoutPadding(schema, value) : value
  if (typeof value !== 'object' || value === null) return value
  charge(stepsOfNode)
  const resolved = resolveSchema(schema)
  if (Array.isArray(value)) {
    const items = resolved.items
    return items ? mapChanged(value, (item) => (item === null ? zeroOf(items) : normalValue(items, item))) : value
  }
  if (resolved.properties) return normalStruct(schema.$ref ?? '', resolved, value as Record<string, unknown>)
  return resolved.additionalProperties
    ? normalMap(value as Record<string, unknown>, resolved.additionalProperties)
    : value
}

const isPadded = (text: string): boolean => text.length !== text.trim().length

/** Spaces around a quantity are read over. Source: k8s.io/apimachinery/pkg/api/resource/quantity.go UnmarshalJSON */
const withoutPadding = (schema: Schema, text: string): string =>
  resolveSchema(schema).format === 'quantity' ? text.trim() : text

function normalMap(map: Record<string, unknown>, values: Schema): Record<string, unknown> {
  if (!Object.values(map).some((value) => value === null || (typeof value === 'string' && isPadded(value)))) return map
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      if (value === null) return [key, zeroOf(values)]
      return [key, typeof value === 'string' ? withoutPadding(values, value) : value]
    }),
  )
}

/** What Go makes of a null that has no field to be left out of, in a list or a map: the zero value of its type. Source: encoding/json */
function zeroOf(schema: Schema): unknown {
  const { type, format, properties } = resolveSchema(schema)
  if (format === 'quantity') return '0'
  if (format === 'int-or-string') return 0
  if (properties) return {}
  if (type === 'string') return format === 'date-time' ? null : ''
  if (type === 'integer' || type === 'number') return 0
  return type === 'boolean' ? false : null
}

function mapChanged(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const changed = list.map(change)
  return changed.some((item, index) => item !== list[index]) ? changed : list
}

function normalStruct(name: string, schema: Schema, value: Record<string, unknown>): Record<string, unknown> {
  const struct = name.slice(name.lastIndexOf('.') + 1)
  const result: Record<string, unknown> = {}
  let isChanged = false
  for (const [key, old] of Object.entries(value)) {
    const property = schema.properties?.[key]
    const item = property ? normalValue(property, old) : old
    if (property && isLeftOut(struct, key, item, property, schema)) {
      isChanged = true
      continue
    }
    if (item !== old) isChanged = true
    result[key] = item
  }
  return isChanged ? result : value
}

function isLeftOut(struct: string, field: string, value: unknown, property: Schema, owner: Schema): boolean {
  if (value === undefined) return true
  if (value === null) return !WRITTEN_NULLS[struct]?.includes(field)
  if (owner.required?.includes(field) || KEPT[struct]?.includes(field)) return false
  if (value === '' || value === 0 || value === false) return resolveSchema(property).format !== 'int-or-string'
  if (Array.isArray(value)) return value.length === 0 && !HELD_LISTS[struct]?.includes(field)
  return typeof value === 'object' && property.additionalProperties !== undefined && Object.keys(value).length === 0
}
