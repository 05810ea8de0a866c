/** Types of flowcontrol.apiserver.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'

export interface FlowCondition {
  type: string
  status: string
  lastTransitionTime?: string
  reason?: string
  message?: string
}

export interface FlowSubject {
  kind: string
  user?: { name: string }
  group?: { name: string }
  serviceAccount?: { namespace: string; name: string }
}

export interface FlowResourceRule {
  verbs: string[]
  apiGroups: string[]
  resources: string[]
  clusterScope?: boolean
  namespaces?: string[]
}

export interface FlowPathRule {
  verbs: string[]
  nonResourceURLs: string[]
}

export interface FlowRule {
  subjects: FlowSubject[]
  resourceRules?: FlowResourceRule[]
  nonResourceRules?: FlowPathRule[]
}

export interface FlowSchema extends KubeObject {
  spec: {
    priorityLevelConfiguration: { name: string }
    /** The lowest one that matches a request is taken. */
    matchingPrecedence: number
    distinguisherMethod?: { type: string }
    rules?: FlowRule[]
  }
  status: { conditions?: FlowCondition[] }
}

export interface FlowQueuing {
  queues: number
  handSize: number
  queueLengthLimit: number
}

export interface LimitedLevel {
  nominalConcurrencyShares?: number
  limitResponse: { type: string; queuing?: FlowQueuing }
  lendablePercent?: number
  borrowingLimitPercent?: number
}

export interface PriorityLevelConfiguration extends KubeObject {
  spec: {
    type: string
    limited?: LimitedLevel
    exempt?: { nominalConcurrencyShares?: number; lendablePercent?: number }
  }
  status: { conditions?: FlowCondition[] }
}
