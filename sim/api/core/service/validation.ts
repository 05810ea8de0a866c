/** What a Service must be. Source: ValidateService in kubernetes/pkg/apis/core/validation/validation.go */
import type { FieldError } from '../../meta/field-error.ts'
import type { Service } from '../types.ts'

export const validateService = (_service: Service): FieldError[] => []
export const validateServiceUpdate = (_service: Service, _old: Service): FieldError[] => []
