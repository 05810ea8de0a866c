/** Types of admissionregistration.k8s.io/v1: policies in CEL, and webhooks. */
import type { KubeObject, LabelSelector } from '../meta/object.ts'
import type { WebhookClientConfig } from '../meta/webhook-client.ts'

export interface ResourceRule {
  operations: string[]
  apiGroups: string[]
  apiVersions: string[]
  /** `pods`, `pods/status`, `*`, all of them with all their parts */
  resources: string[]
  scope?: string
  resourceNames?: string[]
}

export interface MatchResources {
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: ResourceRule[]
  excludeResourceRules?: ResourceRule[]
}

export interface PolicyValidation {
  expression: string
  message?: string
  messageExpression?: string
  reason?: string
}

export interface ParamKind {
  apiVersion: string
  kind: string
}

export interface ExpressionWarning {
  fieldRef: string
  warning: string
}

export interface ValidatingAdmissionPolicy extends KubeObject {
  spec: {
    failurePolicy?: string
    paramKind?: ParamKind
    matchConstraints?: MatchResources
    matchConditions?: { name: string; expression: string }[]
    variables?: { name: string; expression: string }[]
    validations?: PolicyValidation[]
    auditAnnotations?: { key: string; valueExpression: string }[]
  }
  status: {
    observedGeneration?: number
    typeChecking?: { expressionWarnings?: ExpressionWarning[] }
    conditions?: object[]
  }
}

export interface Mutation {
  patchType?: string
  applyConfiguration?: { expression?: string }
  jsonPatch?: { expression?: string }
}

export interface MutatingAdmissionPolicy extends KubeObject {
  spec: {
    failurePolicy?: string
    paramKind?: ParamKind
    matchConstraints?: MatchResources
    matchConditions?: { name: string; expression: string }[]
    variables?: { name: string; expression: string }[]
    mutations?: Mutation[]
    reinvocationPolicy?: string
  }
}

export interface MutatingAdmissionPolicyBinding extends KubeObject {
  spec: { policyName: string; paramRef?: ParamRef; matchResources?: MatchResources }
}

export interface ParamRef {
  name?: string
  namespace?: string
  selector?: LabelSelector
  parameterNotFoundAction?: string
}

export interface ValidatingAdmissionPolicyBinding extends KubeObject {
  spec: {
    policyName: string
    paramRef?: ParamRef
    matchResources?: MatchResources
    validationActions?: string[]
  }
}

/** A webhook of either configuration. */
export interface Webhook {
  name: string
  clientConfig: WebhookClientConfig
  rules?: ResourceRule[]
  failurePolicy?: string
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  sideEffects?: string
  timeoutSeconds?: number
  admissionReviewVersions: string[]
  matchConditions?: { name: string; expression: string }[]
  /** Of a mutating webhook. */
  reinvocationPolicy?: string
}

/** ValidatingWebhookConfiguration and MutatingWebhookConfiguration. */
export interface WebhookConfiguration extends KubeObject {
  webhooks?: Webhook[]
}
