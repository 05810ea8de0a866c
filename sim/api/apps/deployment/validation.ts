/** What a Deployment must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import type { FieldError } from '../../meta/field-error.ts'
import type { Deployment } from '../types.ts'

export const validateDeployment = (_deployment: Deployment): FieldError[] => []
export const validateDeploymentUpdate = (_deployment: Deployment, _old: Deployment): FieldError[] => []
export const validateDeploymentStatusUpdate = (_deployment: Deployment, _old: Deployment): FieldError[] => []
