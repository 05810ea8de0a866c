/** Conditions of both kinds of the group. Source: kubernetes/pkg/apis/flowcontrol/validation/validation.go */
import { duplicate, type FieldError, required } from '../meta/field-error.ts'
import type { FlowCondition } from './types.ts'

export function validateConditions(conditions: readonly FlowCondition[] = []): FieldError[] {
  const types = new Set<string>()
  return conditions.flatMap(({ type }, i) => {
    const path = `status.conditions[${i}].type`
    const errors: FieldError[] = types.has(type) ? [duplicate(path, type)] : []
    types.add(type)
    return type ? errors : [...errors, required(path, 'must not be empty')]
  })
}
