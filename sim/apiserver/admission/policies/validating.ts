/**
 * ValidatingAdmissionPolicy: what policies in CEL, bound by somebody, say of a write. A policy is in force with the write that made it; a real
 * server takes up to a second. Sources: k8s.io/apiserver/pkg/admission/plugin/policy/{generic,matching,validating}
 */
import type {
  PolicyValidation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/admissionregistration/types.ts'
import {
  policyNames,
  validatingAdmissionPolicies,
} from '../../../api/admissionregistration/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '../../../api/admissionregistration/validating-admission-policy-binding.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { forbidden, StatusError, type StatusReason } from '../../../api/meta/status-error.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { configurationErrorOf, evaluateWith, givenOf, paramsOf, reasonOf } from './evaluation.ts'
import { EXEMPT_GROUP, matches } from './matching.ts'

/** Said of a write: by which policy and binding, and why. */
interface Denial {
  policy: string
  binding: string | undefined
  message: string
  reason: string
}

const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
}

/** Source: celconfig.MaxEvaluatedMessageExpressionSizeBytes */
const LONGEST_MESSAGE = 5 * 1024

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(request, context) {
    if (request.kind.group === EXEMPT_GROUP) return
    const policies = context.list(validatingAdmissionPolicies)
    if (policies.length === 0) return
    const bindings = context.list(validatingAdmissionPolicyBindings)
    const denials = policies.flatMap((policy) => {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name)
      if (own.length === 0 || !matches(policy.spec.matchConstraints ?? {}, request, context)) return []
      const error = configurationErrorOf(policy.spec, context)
      if (error !== undefined) {
        const denial = { policy: policy.metadata.name, binding: undefined, message: error, reason: 'Invalid' }
        return policy.spec.failurePolicy === 'Ignore' ? [] : [denial]
      }
      return own.flatMap((binding) =>
        matches(binding.spec.matchResources ?? {}, request, context) ? judge(policy, binding, request, context) : [],
      )
    })
    if (denials[0]) throw refusal(request, denials[0])
  },
}

/** A refusal like any of admission, with the reason that the policy gives. */
function refusal({ kind, name, object }: AdmissionRequest, { policy, binding, message, reason }: Denial): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding}'`
  const why = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`
  const resource = kind.group ? `${kind.plural}.${kind.group}` : kind.plural
  const base = forbidden(resource, name || (object?.metadata.generateName ?? ''), why)
  const causes = [{ reason: '', message: why }]
  return new StatusError(codes[reason] ?? 422, reason as StatusReason, base.message, { ...base.details, causes })
}

function judge(
  { metadata: { name: policy }, spec }: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  context: AdmissionContext,
): Denial[] {
  const bound = { policy, binding: binding.metadata.name }
  const isIgnored = spec.failurePolicy === 'Ignore'
  /** The binding says what comes of it. */
  const decided = (message: string, reason = 'Invalid'): Denial[] => {
    const actions = binding.spec.validationActions ?? []
    if (actions.includes('Warn'))
      request.warn(
        `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${bound.binding}': ${message}`,
      )
    return actions.includes('Deny') ? [{ ...bound, message, reason }] : []
  }
  const failed = (message: string): Denial[] => (isIgnored ? [] : decided(message))
  let params: readonly (KubeObject | undefined)[]
  try {
    params = paramsOf(spec, binding.spec.paramRef, request, context)
  } catch (error) {
    const message = `failed to configure binding: ${reasonOf(error)}`
    return isIgnored ? [] : [{ ...bound, message, reason: 'Invalid' }]
  }
  const names = policyNames(spec)
  return params.flatMap((param) => {
    const given = givenOf(request, context, param)
    const evaluate = (text: string) => evaluateWith(text, names, spec, given)
    try {
      for (const { expression } of spec.matchConditions ?? []) if (evaluate(expression) !== true) return []
    } catch (error) {
      return failed(reasonOf(error))
    }
    return (spec.validations ?? []).flatMap((validation): Denial[] => {
      try {
        if (evaluate(validation.expression) === true) return []
      } catch (error) {
        return failed(`expression '${validation.expression}' resulted in error: ${reasonOf(error)}`)
      }
      return decided(messageOf(validation, evaluate), validation.reason || undefined)
    })
  })
}

function messageOf({ message, messageExpression, expression }: PolicyValidation, evaluate: (text: string) => unknown) {
  let told = ''
  if (messageExpression?.trim())
    try {
      const result = evaluate(messageExpression)
      told = typeof result === 'string' ? result.trim() : ''
      if (told.includes('\n') || told.length > LONGEST_MESSAGE) told = ''
    } catch (error) {
      // The text, or the expression, is told instead.
      reasonOf(error)
    }
  return told || message?.trim() || `failed expression: ${expression.trim()}`
}
