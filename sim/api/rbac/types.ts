/** Types of rbac.authorization.k8s.io/v1. */
import type { KubeObject, LabelSelector } from '../meta/object.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

/** What may be done: verbs on resources, or verbs on paths that are no resources. */
export interface PolicyRule {
  verbs: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

export interface Role extends KubeObject {
  rules?: PolicyRule[]
}

export interface ClusterRole extends KubeObject {
  rules?: PolicyRule[]
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] }
}

export interface Subject {
  kind: string
  apiGroup?: string
  name: string
  namespace?: string
}

export interface RoleRef {
  apiGroup: string
  kind: string
  name: string
}

export interface RoleBinding extends KubeObject {
  subjects?: Subject[]
  roleRef: RoleRef
}

export type ClusterRoleBinding = RoleBinding
