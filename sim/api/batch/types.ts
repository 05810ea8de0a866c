/** Types of the batch/v1 kinds. */
import type { PodTemplateSpec } from '../core/pod-types.ts'
import type { ObjectReference } from '../core/types.ts'
import type { Condition, KubeObject, LabelSelector, ObjectMeta } from '../meta/object.ts'

export interface Job extends KubeObject {
  spec: JobSpec
  status: JobStatus
}

export interface JobSpec {
  parallelism?: number
  /** Undefined: a work queue, done when its Pods say so. */
  completions?: number
  activeDeadlineSeconds?: number
  podFailurePolicy?: { rules: PodFailurePolicyRule[] }
  successPolicy?: { rules: SuccessPolicyRule[] }
  backoffLimit?: number
  backoffLimitPerIndex?: number
  maxFailedIndexes?: number
  selector?: LabelSelector
  manualSelector?: boolean
  template: PodTemplateSpec
  ttlSecondsAfterFinished?: number
  completionMode?: 'NonIndexed' | 'Indexed'
  suspend?: boolean
  podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed'
  managedBy?: string
}

export type PodFailureAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'

export interface PodFailurePolicyRule {
  action: PodFailureAction
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] }
  onPodConditions?: { type: string; status: 'True' | 'False' | 'Unknown' }[]
}

export interface SuccessPolicyRule {
  /** `0,2-5` */
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobStatus {
  conditions?: Condition[]
  startTime?: string
  completionTime?: string
  active?: number
  succeeded?: number
  failed?: number
  terminating?: number
  completedIndexes?: string
  failedIndexes?: string
  /** Pods that have ended, are about to lose their finalizer, and are not in the counts yet. */
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
  ready?: number
}

export interface CronJob extends KubeObject {
  spec: {
    schedule: string
    timeZone?: string
    startingDeadlineSeconds?: number
    concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace'
    suspend: boolean
    jobTemplate: { metadata?: Partial<ObjectMeta>; spec: JobSpec }
    successfulJobsHistoryLimit: number
    failedJobsHistoryLimit: number
  }
  status: { active?: ObjectReference[]; lastScheduleTime?: string; lastSuccessfulTime?: string }
}
