/** Conditions of a CustomResourceDefinition. Source: k8s.io/apiextensions-apiserver/pkg/apihelpers */
import type { CustomResourceDefinition, DefinitionCondition } from './types.ts'

type Status = CustomResourceDefinition['status']

/** The status with the condition, which keeps its time unless it turns. */
export function withCondition(status: Status, condition: DefinitionCondition): Status {
  const conditions = status.conditions ?? []
  const before = conditions.find(({ type }) => type === condition.type)
  if (!before) return { ...status, conditions: [...conditions, condition] }
  const lastTransitionTime =
    before.status === condition.status ? before.lastTransitionTime : condition.lastTransitionTime
  const changed = { ...condition, lastTransitionTime }
  return { ...status, conditions: conditions.map((one) => (one === before ? changed : one)) }
}
