/** Types of authorization.k8s.io/v1 and authentication.k8s.io/v1: questions that are answered and not stored. */
import type { KubeObject } from '../meta/object.ts'

export interface ResourceAttributes {
  namespace?: string
  verb?: string
  group?: string
  version?: string
  resource?: string
  subresource?: string
  name?: string
}

export interface NonResourceAttributes {
  path?: string
  verb?: string
}

export interface AccessReviewStatus {
  allowed: boolean
  denied?: boolean
  reason?: string
  evaluationError?: string
}

export interface SelfSubjectAccessReview extends KubeObject {
  spec: { resourceAttributes?: ResourceAttributes; nonResourceAttributes?: NonResourceAttributes }
  status: AccessReviewStatus
}

export interface SubjectAccessReview extends KubeObject {
  spec: SelfSubjectAccessReview['spec'] & { user?: string; groups?: string[]; uid?: string }
  status: AccessReviewStatus
}

export interface SelfSubjectRulesReview extends KubeObject {
  spec: { namespace?: string }
  status: {
    resourceRules: { verbs: string[]; apiGroups?: string[]; resources?: string[]; resourceNames?: string[] }[]
    nonResourceRules: { verbs: string[]; nonResourceURLs?: string[] }[]
    incomplete: boolean
    evaluationError?: string
  }
}

export interface TokenReview extends KubeObject {
  spec: { token?: string; audiences?: string[] }
  status?: {
    authenticated?: boolean
    user?: ReviewedUser
    audiences?: string[]
    error?: string
  }
}

export interface SelfSubjectReview extends KubeObject {
  status: { userInfo: ReviewedUser }
}

/** Who somebody is, as reviews say it. */
export interface ReviewedUser {
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}
