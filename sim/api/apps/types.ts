/** Types of the apps/v1 kinds. */

import type { PodTemplateSpec } from '../core/pod-types.ts'
import type { Condition, IntOrString, KubeObject, LabelSelector, ObjectMeta } from '../meta/object.ts'

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

export interface StatefulSet extends KubeObject {
  spec: {
    replicas: number
    selector: LabelSelector
    template: PodTemplateSpec
    volumeClaimTemplates?: VolumeClaimTemplate[]
    serviceName?: string
    podManagementPolicy: 'OrderedReady' | 'Parallel'
    updateStrategy: {
      type: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { partition?: number }
    }
    revisionHistoryLimit: number
    minReadySeconds?: number
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: RetentionPolicy; whenScaled?: RetentionPolicy }
    ordinals?: { start?: number }
  }
  status: {
    observedGeneration?: number
    replicas: number
    readyReplicas?: number
    currentReplicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    currentRevision?: string
    updateRevision?: string
    collisionCount?: number
    conditions?: Condition[]
  }
}

export type RetentionPolicy = 'Retain' | 'Delete'

/** A PersistentVolumeClaim that each Pod of a StatefulSet gets one of. */
export interface VolumeClaimTemplate {
  apiVersion?: string
  kind?: string
  metadata: Partial<ObjectMeta>
  spec: Record<string, unknown>
  status?: Record<string, unknown>
}

export interface DaemonSet extends KubeObject {
  spec: {
    selector: LabelSelector
    template: PodTemplateSpec
    updateStrategy: {
      type: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { maxUnavailable?: IntOrString; maxSurge?: IntOrString }
    }
    minReadySeconds?: number
    revisionHistoryLimit: number
  }
  status: {
    currentNumberScheduled: number
    numberMisscheduled: number
    desiredNumberScheduled: number
    numberReady: number
    observedGeneration?: number
    updatedNumberScheduled?: number
    numberAvailable?: number
    numberUnavailable?: number
    collisionCount?: number
    conditions?: Condition[]
  }
}

/** What a StatefulSet's or DaemonSet's template was at a revision: a patch that brings it back. */
export interface ControllerRevision extends KubeObject {
  data?: { spec: { template: PodTemplateSpec & { $patch: 'replace' } } }
  revision: number
}
