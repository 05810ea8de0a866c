/** Where the volumes of a class may be made. */
import type { Node } from '../core/types.ts'
import type { StorageClass } from './types.ts'

/** Whether one of the class's terms matches the node's labels; a class without terms allows every node. Source: pkg/scheduler/framework/plugins/volumebinding/binder.go */
export function allowsNode({ allowedTopologies = [] }: StorageClass, { metadata }: Node): boolean {
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  )
}
