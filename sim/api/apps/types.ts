/** Types of the apps/v1 kinds. */

import type { PodTemplateSpec } from '../core/pod-types.ts'
import type { Condition, IntOrString, KubeObject, LabelSelector } from '../meta/object.ts'

export interface ReplicaSet extends KubeObject {
  spec: { replicas: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplateSpec }
  status: {
    replicas: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    terminatingReplicas?: number
    observedGeneration?: number
    conditions?: Condition[]
  }
}

export interface Deployment extends KubeObject {
  spec: {
    replicas: number
    selector: LabelSelector
    template: PodTemplateSpec
    strategy: {
      type: 'RollingUpdate' | 'Recreate'
      rollingUpdate?: { maxUnavailable?: IntOrString; maxSurge?: IntOrString }
    }
    minReadySeconds?: number
    revisionHistoryLimit: number
    paused?: boolean
    progressDeadlineSeconds: number
  }
  status: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    unavailableReplicas?: number
    terminatingReplicas?: number
    conditions?: Condition[]
    collisionCount?: number
  }
}
