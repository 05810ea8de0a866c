/** Types of coordination.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'

export interface Lease extends KubeObject {
  spec: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    acquireTime?: string
    renewTime?: string
    leaseTransitions?: number
  }
}
