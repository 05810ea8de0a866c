/** Types of core/v1 that limit what a namespace may use. */
import type { KubeObject, ResourceList } from '../meta/object.ts'

export interface ResourceQuota extends KubeObject {
  spec: ResourceQuotaSpec
  status: { hard?: ResourceList; used?: ResourceList }
}

export interface ResourceQuotaSpec {
  hard?: ResourceList
  scopes?: string[]
  scopeSelector?: { matchExpressions?: ScopeRequirement[] }
}

export interface ScopeRequirement {
  scopeName: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

export interface LimitRange extends KubeObject {
  spec: { limits: LimitRangeItem[] }
}

export interface LimitRangeItem {
  type: string
  max?: ResourceList
  min?: ResourceList
  default?: ResourceList
  defaultRequest?: ResourceList
  maxLimitRequestRatio?: ResourceList
}
