/** Types of certificates.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'

export interface CertificateSigningRequest extends KubeObject {
  spec: {
    /** A PKCS#10 request in PEM, in base64. */
    request: string
    signerName: string
    usages?: string[]
    expirationSeconds?: number
    username?: string
    uid?: string
    groups?: string[]
    extra?: Record<string, string[]>
  }
  status: {
    conditions?: CertificateCondition[]
    /** What was issued, in PEM, in base64. */
    certificate?: string
  }
}

export interface CertificateCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastUpdateTime?: string | null
  lastTransitionTime?: string | null
}
