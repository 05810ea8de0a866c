/** What a ReplicaSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import type { FieldError } from '../../meta/field-error.ts'
import type { ReplicaSet } from '../types.ts'

export const validateReplicaSet = (_replicaSet: ReplicaSet): FieldError[] => []
export const validateReplicaSetUpdate = (_replicaSet: ReplicaSet, _old: ReplicaSet): FieldError[] => []
export const validateReplicaSetStatusUpdate = (_replicaSet: ReplicaSet, _old: ReplicaSet): FieldError[] => []
