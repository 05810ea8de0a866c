/**
 * What there is of an object before anything is said of it: Go's zero value of its type, as far as fields are owned by it. A struct that is
 * no pointer is always there, and so are a list and a map that are never left out.
 * Source: types.go of k8s.io/api, whose OpenAPI names such structs by the default `{}`
 */
import { findDefinition, resolveSchema } from './schema.ts'

/** Structs that are no pointers, besides those of the roots. */
const INLINE: Readonly<Record<string, readonly string[]>> = {
  ClusterRoleBinding: ['roleRef'],
  CronJobSpec: ['jobTemplate'],
  CustomResourceDefinitionSpec: ['names'],
  CustomResourceDefinitionStatus: ['acceptedNames'],
  DaemonSetSpec: ['template', 'updateStrategy'],
  DeploymentSpec: ['strategy', 'template'],
  Event: ['involvedObject', 'source'],
  FlowSchemaSpec: ['priorityLevelConfiguration'],
  HorizontalPodAutoscalerSpec: ['scaleTargetRef'],
  IngressStatus: ['loadBalancer'],
  JobSpec: ['template'],
  NetworkPolicySpec: ['podSelector'],
  NodeDaemonEndpoints: ['kubeletEndpoint'],
  NodeStatus: ['daemonEndpoints', 'nodeInfo'],
  PersistentVolumeClaimSpec: ['resources'],
  PodTemplate: ['template'],
  ReplicaSetSpec: ['template'],
  ResourceClaimSpec: ['devices'],
  ResourceSliceSpec: ['pool'],
  RoleBinding: ['roleRef'],
  ServiceStatus: ['loadBalancer'],
  StatefulSetSpec: ['template', 'updateStrategy'],
  VolumeAttachmentSpec: ['source'],
}

const parts: readonly string[] = ['metadata', 'spec', 'status']

/** @param definition `io.k8s.api.apps.v1.Deployment` */
export function zeroForm(definition: string): Record<string, unknown> {
  const { properties = {}, required = [] } = findDefinition(definition) ?? {}
  const isObject = properties.metadata !== undefined
  const inline = INLINE[definition.slice(definition.lastIndexOf('.') + 1)] ?? []
  const zero: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (property.$ref && (inline.includes(name) || (isObject && parts.includes(name))))
      zero[name] = zeroForm(property.$ref)
    else if (required.includes(name)) {
      const { type } = resolveSchema(property)
      if (type === 'array') zero[name] = []
    }
  }
  return zero
}
