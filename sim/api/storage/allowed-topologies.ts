/** Where the volumes of a class may be made. */
import type { Node } from '../core/types.ts'
import { duplicate, type FieldError, invalid, required } from '../meta/field-error.ts'
import { qualifiedNameErrors } from '../meta/names.ts'
import type { StorageClass } from './types.ts'

/** Whether one of the class's terms matches the node's labels; a class without terms allows every node. Source: pkg/scheduler/framework/plugins/volumebinding/binder.go */
export function allowsNode({ allowedTopologies = [] }: StorageClass, { metadata }: Node): boolean {
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  )
}

/** Source: ValidateTopologySelectorTerm in kubernetes/pkg/apis/core/validation/validation.go */
export function validateAllowedTopologies({ allowedTopologies = [] }: StorageClass): FieldError[] {
  const seen = new Set<string>()
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) => {
    const errors = matchLabelExpressions.flatMap(({ key, values = [] }, j) => {
      const path = `allowedTopologies[${i}].matchLabelExpressions[${j}]`
      return [
        ...(values.length === 0 ? [required(`${path}.values`)] : []),
        ...values.flatMap((value, k) => (values.indexOf(value) < k ? [duplicate(`${path}.values[${k}]`, value)] : [])),
        ...qualifiedNameErrors(key ?? '').map((why) => invalid(`${path}.key`, key ?? '', why)),
        ...(matchLabelExpressions.findIndex((other) => other.key === key) < j ? [duplicate(`${path}.key`, key)] : []),
      ]
    })
    // A term says the same as another in whatever order.
    const said = matchLabelExpressions.map(({ key, values = [] }) => [key, ...[...new Set(values)].toSorted()])
    const term = JSON.stringify(said.map((words) => JSON.stringify(words)).toSorted())
    // One that says nothing is told as one too many. Source: rawTopologies in pkg/apis/storage/validation
    if (seen.has(term) || said.length === 0) errors.push(duplicate(`allowedTopologies[${i}].matchLabelExpressions`, ''))
    seen.add(term)
    return errors
  })
}
