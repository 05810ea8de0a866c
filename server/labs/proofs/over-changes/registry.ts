/** What of each kind can be changed besides. Pods and what makes them are in `pods.ts`. */
import type { LiveCluster } from '../../../../sim/index.ts'
import {
  accountChanges,
  autoscalerChanges,
  budgetChanges,
  claimChanges,
  limitRangeChanges,
  nodeChanges,
  quotaChanges,
  volumeChanges,
} from './bounds.ts'
import type { Change, Json } from './change.ts'
import { ingressChanges, policyChanges, serviceChanges } from './network.ts'
import { bindingChanges, ruleChanges } from './rights.ts'

export const changesByKind: Readonly<Record<string, (object: Json, cluster?: LiveCluster) => Change[]>> = {
  Role: ruleChanges,
  ClusterRole: ruleChanges,
  RoleBinding: bindingChanges,
  ClusterRoleBinding: bindingChanges,
  NetworkPolicy: policyChanges,
  Service: serviceChanges,
  Ingress: ingressChanges,
  ResourceQuota: quotaChanges,
  LimitRange: limitRangeChanges,
  PodDisruptionBudget: budgetChanges,
  HorizontalPodAutoscaler: autoscalerChanges,
  PersistentVolume: ({ spec }) =>
    volumeChanges('/spec/persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy),
  StorageClass: ({ reclaimPolicy }) => volumeChanges('/reclaimPolicy', reclaimPolicy),
  PersistentVolumeClaim: claimChanges,
  Node: nodeChanges,
  ServiceAccount: accountChanges,
}
