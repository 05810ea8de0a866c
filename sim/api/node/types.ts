/** Types of node.k8s.io/v1. */
import type { Toleration } from '../core/pod-types.ts'
import type { KubeObject, ResourceList } from '../meta/object.ts'

export interface RuntimeClass extends KubeObject {
  handler: string
  overhead?: { podFixed?: ResourceList }
  scheduling?: { nodeSelector?: Record<string, string>; tolerations?: Toleration[] }
}
