/** Types of scheduling.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'

export interface PriorityClass extends KubeObject {
  value: number
  globalDefault?: boolean
  description?: string
  preemptionPolicy?: 'PreemptLowerPriority' | 'Never'
}
