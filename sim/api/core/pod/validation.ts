/** What a Pod must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import type { FieldError } from '../../meta/field-error.ts'
import type { Pod } from '../pod-types.ts'

export const validatePod = (_pod: Pod): FieldError[] => []
export const validatePodUpdate = (_pod: Pod, _old: Pod): FieldError[] => []
export const validatePodStatusUpdate = (_pod: Pod, _old: Pod): FieldError[] => []
