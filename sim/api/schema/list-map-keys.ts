/**
 * How patches combine lists, maps and structs: for strategic merge (patchStrategy, patchMergeKey) and for server-side apply
 * (listType, listMapKey, mapType, structType), which differ in places.
 * Source: the field tags and markers in types.go of k8s.io/api and k8s.io/apimachinery.
 */
import { findDefinition } from './schema.ts'

/** A definition of the API by its name, or the schema of a custom resource, or a part of it. */
export type Definition = string | CustomSchema

/** JSONSchemaProps, as far as they say how fields are combined. */
export interface CustomSchema {
  type?: string
  properties?: Readonly<Record<string, CustomSchema>>
  additionalProperties?: CustomSchema | boolean
  items?: CustomSchema
  default?: unknown
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: readonly string[]
  'x-kubernetes-map-type'?: string
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
}

/** How server-side apply owns a field: as a whole, item by item, or (`granular`) member by member. */
export type ApplyRule =
  | { type: 'granular' }
  | { type: 'atomic' }
  | { type: 'set' }
  | { type: 'map'; keys: readonly string[] }

/** How a strategic merge patch combines a field. */
export interface PatchRule {
  /** Lists: items are combined, or the list is replaced. Maps and structs always combine. */
  strategy: 'merge' | 'replace'
  /** What tells items apart; a merged list without one holds plain values. */
  mergeKey?: string
  /** The patch lists the members that stay, under $retainKeys. */
  retainKeys?: boolean
}

export interface MergeRule<D extends Definition = string> {
  apply: ApplyRule
  patch: PatchRule
  /** The definition of the field, or of its items or values, when that is a struct. */
  definition?: D
}

const map = (...keys: string[]): ApplyRule => ({ type: 'map', keys })
const SET: ApplyRule = { type: 'set' }
const ATOMIC: ApplyRule = { type: 'atomic' }
const GRANULAR: ApplyRule = { type: 'granular' }
const REPLACE: PatchRule = { strategy: 'replace' }
const MERGE: PatchRule = { strategy: 'merge' }
const mergeBy = (mergeKey: string): PatchRule => ({ strategy: 'merge', mergeKey })

type Rules = Readonly<Record<string, readonly [ApplyRule, PatchRule]>>

const CONTAINER: Rules = {
  env: [map('name'), mergeBy('name')],
  ports: [map('containerPort', 'protocol'), mergeBy('containerPort')],
  volumeDevices: [map('devicePath'), mergeBy('devicePath')],
  volumeMounts: [map('mountPath'), mergeBy('mountPath')],
}
const CONDITIONS: Rules = { conditions: [map('type'), mergeBy('type')] }

/** Lists that are not atomic, and maps and structs that are not granular, by definition and field. */
const RULES: Readonly<Record<string, Rules>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
    finalizers: [SET, MERGE],
    ownerReferences: [map('uid'), mergeBy('uid')],
  },
  'io.k8s.api.core.v1.NamespaceStatus': CONDITIONS,
  'io.k8s.api.core.v1.NodeSpec': { podCIDRs: [SET, MERGE] },
  'io.k8s.api.core.v1.NodeStatus': { ...CONDITIONS, addresses: [map('type'), mergeBy('type')] },
  'io.k8s.api.core.v1.PodSpec': {
    containers: [map('name'), mergeBy('name')],
    initContainers: [map('name'), mergeBy('name')],
    ephemeralContainers: [map('name'), mergeBy('name')],
    hostAliases: [map('ip'), mergeBy('ip')],
    imagePullSecrets: [map('name'), mergeBy('name')],
    nodeSelector: [ATOMIC, MERGE],
    resourceClaims: [map('name'), { strategy: 'merge', mergeKey: 'name', retainKeys: true }],
    schedulingGates: [map('name'), mergeBy('name')],
    topologySpreadConstraints: [map('topologyKey', 'whenUnsatisfiable'), mergeBy('topologyKey')],
    volumes: [map('name'), { strategy: 'merge', mergeKey: 'name', retainKeys: true }],
  },
  'io.k8s.api.core.v1.Container': CONTAINER,
  'io.k8s.api.core.v1.EphemeralContainer': CONTAINER,
  'io.k8s.api.core.v1.ResourceRequirements': { claims: [map('name'), REPLACE] },
  'io.k8s.api.core.v1.PodStatus': {
    ...CONDITIONS,
    hostIPs: [ATOMIC, mergeBy('ip')],
    podIPs: [map('ip'), mergeBy('ip')],
    resourceClaimStatuses: [map('name'), { strategy: 'merge', mergeKey: 'name', retainKeys: true }],
  },
  'io.k8s.api.core.v1.ContainerStatus': {
    allocatedResourcesStatus: [map('name'), mergeBy('name')],
    volumeMounts: [map('mountPath'), mergeBy('mountPath')],
  },
  'io.k8s.api.core.v1.ReplicationControllerSpec': { selector: [ATOMIC, MERGE] },
  'io.k8s.api.core.v1.ReplicationControllerStatus': CONDITIONS,
  'io.k8s.api.core.v1.ResourceStatus': { resources: [map('resourceID'), REPLACE] },
  'io.k8s.api.core.v1.ServiceAccount': { secrets: [map('name'), mergeBy('name')] },
  'io.k8s.api.core.v1.ServiceSpec': {
    ports: [map('port', 'protocol'), mergeBy('port')],
    selector: [ATOMIC, MERGE],
  },
  'io.k8s.api.core.v1.ServiceStatus': CONDITIONS,
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus': CONDITIONS,
  'io.k8s.api.policy.v1.PodDisruptionBudgetSpec': { selector: [ATOMIC, REPLACE] },
  'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': CONDITIONS,
  'io.k8s.api.apps.v1.DeploymentSpec': { strategy: [GRANULAR, { strategy: 'merge', retainKeys: true }] },
  'io.k8s.api.apps.v1.DeploymentStatus': CONDITIONS,
  'io.k8s.api.apps.v1.DaemonSetStatus': CONDITIONS,
  'io.k8s.api.apps.v1.ReplicaSetStatus': CONDITIONS,
  'io.k8s.api.apps.v1.StatefulSetStatus': CONDITIONS,
  'io.k8s.api.batch.v1.JobStatus': { conditions: [ATOMIC, mergeBy('type')] },
  'io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement': { values: [SET, REPLACE] },
  'io.k8s.api.batch.v1.UncountedTerminatedPods': { failed: [SET, REPLACE], succeeded: [SET, REPLACE] },
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': CONDITIONS,
  'io.k8s.api.discovery.v1.Endpoint': { addresses: [SET, REPLACE] },
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec': {
    matchResources: [ATOMIC, MERGE],
    paramRef: [ATOMIC, MERGE],
  },
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec': {
    matchConditions: [map('name'), mergeBy('name')],
    matchConstraints: [ATOMIC, MERGE],
    paramKind: [ATOMIC, MERGE],
    variables: [ATOMIC, REPLACE],
    mutations: [ATOMIC, REPLACE],
  },
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration': { webhooks: [map('name'), mergeBy('name')] },
  'io.k8s.api.admissionregistration.v1.MutatingWebhook': { matchConditions: [map('name'), mergeBy('name')] },
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration': { webhooks: [map('name'), mergeBy('name')] },
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook': { matchConditions: [map('name'), mergeBy('name')] },
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec': {
    matchConditions: [map('name'), mergeBy('name')],
    matchConstraints: [ATOMIC, MERGE],
    paramKind: [ATOMIC, MERGE],
    variables: [map('name'), mergeBy('name')],
  },
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec': {
    matchResources: [ATOMIC, MERGE],
    paramRef: [ATOMIC, MERGE],
    validationActions: [SET, REPLACE],
  },
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus': { conditions: [map('type'), REPLACE] },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': {
    conditions: [map('type'), REPLACE],
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps': {
    'x-kubernetes-validations': [map('rule'), mergeBy('rule')],
  },
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus': CONDITIONS,
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec': { service: [GRANULAR, MERGE] },
  'io.k8s.api.flowcontrol.v1.FlowSchemaStatus': CONDITIONS,
  'io.k8s.api.flowcontrol.v1.NonResourcePolicyRule': { verbs: [SET, REPLACE], nonResourceURLs: [SET, REPLACE] },
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus': CONDITIONS,
  'io.k8s.api.flowcontrol.v1.ResourcePolicyRule': {
    verbs: [SET, REPLACE],
    apiGroups: [SET, REPLACE],
    resources: [SET, REPLACE],
    namespaces: [SET, REPLACE],
  },
  'io.k8s.api.networking.v1.ServiceCIDRStatus': CONDITIONS,
  'io.k8s.api.resource.v1.AllocatedDeviceStatus': { conditions: [map('type'), REPLACE] },
  'io.k8s.api.resource.v1.ResourceClaimStatus': {
    devices: [map('driver', 'device', 'pool', 'shareID'), REPLACE],
    reservedFor: [map('uid'), mergeBy('uid')],
  },
  'io.k8s.api.storage.v1.CSINodeSpec': { drivers: [map('name'), mergeBy('name')] },
}

/** Structs that server-side apply owns as a whole wherever they stand. */
const ATOMIC_STRUCTS: ReadonlySet<string> = new Set([
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'io.k8s.api.core.v1.FileKeySelector',
  'io.k8s.api.core.v1.LocalObjectReference',
  'io.k8s.api.core.v1.NodeSelector',
  'io.k8s.api.core.v1.NodeSelectorTerm',
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'io.k8s.api.core.v1.ObjectReference',
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'io.k8s.api.core.v1.SecretKeySelector',
  'io.k8s.api.core.v1.ScopeSelector',
  'io.k8s.api.core.v1.SecretReference',
  'io.k8s.api.core.v1.TopologySelectorTerm',
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'io.k8s.api.rbac.v1.RoleRef',
])

export const isAtomicStruct = (definition: string): boolean => ATOMIC_STRUCTS.has(definition)

/** What a key of a list's items is when an item leaves it out. */
export const KEY_DEFAULTS: Readonly<Record<string, string | number>> = { protocol: 'TCP' }

/**
 * The same, of a custom resource's list too. What has to be given is the zero value of its type where it is not. Source: the defaults of
 * the server's OpenAPI, which k8s.io/kube-openapi/pkg/generators makes of types.go
 */
export function keyDefault(items: Definition | undefined, key: string): unknown {
  if (typeof items === 'object') return items.properties?.[key]?.default
  if (key in KEY_DEFAULTS) return KEY_DEFAULTS[key]
  const { required, properties } = (items && findDefinition(items)) || {}
  if (!required?.includes(key)) return undefined
  return properties?.[key].type === 'string' ? '' : 0
}

/** How the field is combined, of a custom resource too. */
export const ruleOf = (definition: Definition, field: string): MergeRule<Definition> | undefined =>
  typeof definition === 'string' ? findMergeRule(definition, field) : customRule(definition, field)

/** How a field of a custom resource is combined. Source: k8s.io/kube-openapi/pkg/schemaconv */
function customRule(owner: CustomSchema, field: string): MergeRule<Definition> | undefined {
  if (field === 'metadata' && owner.type === 'object' && !owner.properties?.metadata?.items)
    return { apply: GRANULAR, patch: MERGE, definition: OBJECT_META }
  const { properties, additionalProperties } = owner
  const schema =
    properties && Object.hasOwn(properties, field)
      ? properties[field]
      : typeof additionalProperties === 'object'
        ? additionalProperties
        : undefined
  if (!schema) return undefined
  const { items, 'x-kubernetes-list-type': listType, 'x-kubernetes-map-type': mapType } = schema
  const definition = items ?? schema
  if (mapType === 'atomic') return { apply: ATOMIC, patch: REPLACE, definition }
  if (!items) return { apply: GRANULAR, patch: MERGE, definition }
  if (listType === 'set') return { apply: SET, patch: REPLACE, definition }
  if (listType === 'map')
    return { apply: map(...(schema['x-kubernetes-list-map-keys'] ?? [])), patch: REPLACE, definition }
  return { apply: ATOMIC, patch: REPLACE, definition }
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/**
 * How the field is combined.
 * @param definition the definition that has the field: `io.k8s.api.core.v1.PodSpec`
 * @returns undefined when it has no such field
 */
export function findMergeRule(definition: string, field: string): MergeRule | undefined {
  const properties = findDefinition(definition)?.properties
  const schema = properties && Object.hasOwn(properties, field) ? properties[field] : undefined
  if (!schema) return undefined
  const holder = schema.items ?? schema.additionalProperties ?? schema
  const child = holder.$ref && findDefinition(holder.$ref)?.properties ? { definition: holder.$ref } : {}
  const rules = RULES[definition]
  if (rules && Object.hasOwn(rules, field)) return { apply: rules[field][0], patch: rules[field][1], ...child }
  if (schema.items) return { apply: ATOMIC, patch: REPLACE, ...child }
  if (schema.$ref && ATOMIC_STRUCTS.has(schema.$ref)) return { apply: ATOMIC, patch: MERGE, ...child }
  return { apply: GRANULAR, patch: MERGE, ...child }
}
