/** Names of Go's types, for the words of its decoder. Source: types.go of k8s.io/api */
import type { Schema } from './schema.ts'

/** Text fields that have a type of their own. */
const NAMED: Readonly<Record<string, string>> = {
  'PodSpec.restartPolicy': 'v1.RestartPolicy',
  'PodSpec.dnsPolicy': 'v1.DNSPolicy',
  'PodSpec.preemptionPolicy': 'v1.PreemptionPolicy',
  'Container.imagePullPolicy': 'v1.PullPolicy',
  'Container.restartPolicy': 'v1.ContainerRestartPolicy',
  'Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
  'ContainerPort.protocol': 'v1.Protocol',
  'ServicePort.protocol': 'v1.Protocol',
  'EndpointPort.protocol': 'v1.Protocol',
  'NetworkPolicyPort.protocol': 'v1.Protocol',
  'HTTPIngressPath.pathType': 'v1.PathType',
  'HTTPGetAction.scheme': 'v1.URIScheme',
  'ServiceSpec.type': 'v1.ServiceType',
  'ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
  'ServiceSpec.externalTrafficPolicy': 'v1.ServiceExternalTrafficPolicy',
  'ServiceSpec.internalTrafficPolicy': 'v1.ServiceInternalTrafficPolicy',
  'ServiceSpec.ipFamilyPolicy': 'v1.IPFamilyPolicy',
  'ServiceSpec.ipFamilies': 'v1.IPFamily',
  'Toleration.operator': 'v1.TolerationOperator',
  'Toleration.effect': 'v1.TaintEffect',
  'Taint.effect': 'v1.TaintEffect',
  'NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
  'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
  'TopologySpreadConstraint.whenUnsatisfiable': 'v1.UnsatisfiableConstraintAction',
  'TopologySpreadConstraint.nodeAffinityPolicy': 'v1.NodeInclusionPolicy',
  'TopologySpreadConstraint.nodeTaintsPolicy': 'v1.NodeInclusionPolicy',
  'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'Secret.type': 'v1.SecretType',
  'EmptyDirVolumeSource.medium': 'v1.StorageMedium',
  'HostPathVolumeSource.type': 'v1.HostPathType',
  'PodStatus.phase': 'v1.PodPhase',
  'NamespaceStatus.phase': 'v1.NamespacePhase',
  'EndpointSlice.addressType': 'v1.AddressType',
  'ObjectReference.uid': 'types.UID',
  'OwnerReference.uid': 'types.UID',
  'ObjectMeta.uid': 'types.UID',
}

/** `int32`, `bool`, `string`, or the named type of the field. */
export function goScalarType(struct: string, field: string | undefined, schema: Schema): string {
  if (schema.type === 'boolean') return 'bool'
  if (schema.type === 'number') return 'float64'
  if (schema.type === 'integer') return schema.format ?? 'int64'
  return NAMED[`${struct}.${field}`] ?? 'string'
}
