/** Types of apiregistration.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'

export interface ApiServiceCondition {
  type: string
  status: string
  lastTransitionTime?: string
  reason?: string
  message?: string
}

export interface ApiService extends KubeObject {
  spec: {
    /** Who serves the version; without one, the API server itself. */
    service?: { namespace?: string; name?: string; port?: number }
    group?: string
    version?: string
    insecureSkipTLSVerify?: boolean
    caBundle?: string
    groupPriorityMinimum: number
    versionPriority: number
  }
  status: { conditions?: ApiServiceCondition[] }
}
