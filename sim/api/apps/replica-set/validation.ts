/** What a ReplicaSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */

import {
  immutableSelector,
  validateCounts,
  validateSelectedReplicas,
  WORKLOAD_META,
} from '../../core/workload/validation.ts'
import type { FieldError } from '../../meta/field-error.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { ReplicaSet } from '../types.ts'

export const validateReplicaSet = (replicaSet: ReplicaSet): FieldError[] => [
  ...validateObjectMeta(replicaSet.metadata, WORKLOAD_META),
  ...validateSpec(replicaSet),
]

const validateSpec = ({ spec }: ReplicaSet): FieldError[] => [
  ...nonNegative('spec.replicas', spec.replicas),
  ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
  ...validateSelectedReplicas(spec),
]

export const validateReplicaSetUpdate = (replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] => [
  ...validateObjectMetaUpdate(replicaSet.metadata, old.metadata),
  ...validateSpec(replicaSet),
  ...immutableSelector(replicaSet.spec.selector, old.spec.selector),
]

export const validateReplicaSetStatusUpdate = (replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] => [
  ...validateObjectMetaUpdate(replicaSet.metadata, old.metadata),
  ...validateCounts(replicaSet.status, [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
    'terminatingReplicas',
  ]),
]
