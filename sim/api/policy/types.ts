/** Types of policy/v1. */
import type { Condition, IntOrString, KubeObject, LabelSelector } from '../meta/object.ts'

export interface PodDisruptionBudget extends KubeObject {
  spec: {
    minAvailable?: IntOrString
    maxUnavailable?: IntOrString
    /** Left out it selects nothing; empty, every Pod of the namespace. */
    selector?: LabelSelector
    unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow'
  }
  status: PodDisruptionBudgetStatus
}

export interface PodDisruptionBudgetStatus {
  observedGeneration?: number
  /** Pods that were evicted and are not seen to go yet, with the time. */
  disruptedPods?: Record<string, string>
  disruptionsAllowed: number
  currentHealthy: number
  desiredHealthy: number
  expectedPods: number
  conditions?: Condition[]
}
