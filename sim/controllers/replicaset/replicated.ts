/** What ReplicaSets and ReplicationControllers have in common: one mechanism keeps the Pods of both. */
import type { ReplicaSet } from '../../api/apps/types.ts'
import type { PodTemplateSpec } from '../../api/core/pod-types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject, LabelSelector } from '../../api/meta/object.ts'

/** An object that asks for a number of like Pods. */
export interface Replicated extends KubeObject {
  spec: { replicas: number; minReadySeconds?: number; template: PodTemplateSpec }
  status: ReplicaSet['status']
}

/** How the two kinds differ. */
export interface ReplicatedKind<T extends Replicated> {
  kind: Kind<T>
  /** As in `--controllers`. */
  controller: string
  serviceAccount: string
  /** Who its events are from. */
  eventSource: string
  selectorOf(object: T): LabelSelector
  /** Reports status.terminatingReplicas. */
  countsTerminating: boolean
}
