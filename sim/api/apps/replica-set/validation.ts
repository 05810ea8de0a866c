/** What a ReplicaSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */

import { validateCounts, validateWorkloadSpec, WORKLOAD_META } from '../../core/workload/validation.ts'
import type { FieldError } from '../../meta/field-error.ts'
import { immutable, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { ReplicaSet } from '../types.ts'

export const validateReplicaSet = (replicaSet: ReplicaSet): FieldError[] => [
  ...validateObjectMeta(replicaSet.metadata, WORKLOAD_META),
  ...validateWorkloadSpec(replicaSet.spec),
]

export const validateReplicaSetUpdate = (replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] => [
  ...validateObjectMetaUpdate(replicaSet.metadata, old.metadata),
  ...validateWorkloadSpec(replicaSet.spec),
  ...immutable('spec.selector', replicaSet.spec.selector, old.spec.selector),
]

export const validateReplicaSetStatusUpdate = (replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] => [
  ...validateObjectMetaUpdate(replicaSet.metadata, old.metadata),
  ...validateCounts(replicaSet.status),
]
