/** Which describer a kind has, by resource; others are described field by field. */
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import { describeAutoscaler } from './autoscaling.ts'
import { describeCronJob, describeJob } from './batch.ts'
import { describeCertificateSigningRequest } from './certificates.ts'
import type { Describer } from './common.ts'
import { describeConfigMap, describeNamespace, describeSecret, describeServiceAccount } from './configuration.ts'
import { describeGeneric } from './generic.ts'
import {
  describeIngress,
  describeIngressClass,
  describeIpAddress,
  describeNetworkPolicy,
  describeServiceCidr,
} from './networking.ts'
import { describeNode } from './node.ts'
import { describePod } from './pod.ts'
import {
  describeLimitRange,
  describePodDisruptionBudget,
  describePriorityClass,
  describeResourceQuota,
} from './policy.ts'
import { describeRole, describeRoleBinding } from './rbac.ts'
import { describeEndpointSlice, describeEndpoints, describeService } from './service.ts'
import { describeDaemonSet, describeReplicationController, describeStatefulSet } from './sets.ts'
import {
  describeCsiNode,
  describePersistentVolume,
  describePersistentVolumeClaim,
  describeStorageClass,
} from './storage.ts'
import { describeDeployment, describeReplicaSet } from './workloads.ts'

const describers: Readonly<Record<string, Describer<never>>> = {
  'certificatesigningrequests.certificates.k8s.io': describeCertificateSigningRequest,
  'clusterrolebindings.rbac.authorization.k8s.io': describeRoleBinding,
  'clusterroles.rbac.authorization.k8s.io': describeRole,
  configmaps: describeConfigMap,
  'cronjobs.batch': describeCronJob,
  'csinodes.storage.k8s.io': describeCsiNode,
  'daemonsets.apps': describeDaemonSet,
  'deployments.apps': describeDeployment,
  endpoints: describeEndpoints,
  'endpointslices.discovery.k8s.io': describeEndpointSlice,
  'horizontalpodautoscalers.autoscaling': describeAutoscaler,
  'ingressclasses.networking.k8s.io': describeIngressClass,
  'ingresses.networking.k8s.io': describeIngress,
  'ipaddresses.networking.k8s.io': describeIpAddress,
  limitranges: describeLimitRange,
  'jobs.batch': describeJob,
  namespaces: describeNamespace,
  'networkpolicies.networking.k8s.io': describeNetworkPolicy,
  nodes: describeNode,
  'poddisruptionbudgets.policy': describePodDisruptionBudget,
  persistentvolumeclaims: describePersistentVolumeClaim,
  persistentvolumes: describePersistentVolume,
  pods: describePod,
  'priorityclasses.scheduling.k8s.io': describePriorityClass,
  'replicasets.apps': describeReplicaSet,
  resourcequotas: describeResourceQuota,
  'rolebindings.rbac.authorization.k8s.io': describeRoleBinding,
  'roles.rbac.authorization.k8s.io': describeRole,
  replicationcontrollers: describeReplicationController,
  secrets: describeSecret,
  serviceaccounts: describeServiceAccount,
  'servicecidrs.networking.k8s.io': describeServiceCidr,
  services: describeService,
  'statefulsets.apps': describeStatefulSet,
  'storageclasses.storage.k8s.io': describeStorageClass,
}

export const hasDescriber = (kind: Kind): boolean => Object.hasOwn(describers, resourceName(kind))

export const describerFor = (kind: Kind): Describer => (describers[resourceName(kind)] ?? describeGeneric) as Describer
