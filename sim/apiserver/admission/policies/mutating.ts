/**
 * MutatingAdmissionPolicy: policies in CEL, bound by somebody, change a write by what they would apply or by a JSON patch. One is in force
 * with the write that made it. Source: k8s.io/apiserver/pkg/admission/plugin/policy/mutating
 */
import {
  compileMutation,
  mutatingAdmissionPolicies,
} from '../../../api/admissionregistration/mutating-admission-policy.ts'
import { mutatingAdmissionPolicyBindings } from '../../../api/admissionregistration/mutating-admission-policy-binding.ts'
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '../../../api/admissionregistration/types.ts'
import { policyNames } from '../../../api/admissionregistration/validating-admission-policy.ts'
import { toJson } from '../../../api/cel/values.ts'
import { cloneJson, equalJson, isRecord } from '../../../api/meta/json.ts'
import { definitionOf } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { forbidden, StatusError } from '../../../api/meta/status-error.ts'
import { applyOperations, TestFailed } from '../../../api/patch/json-patch.ts'
import { atomicsIn, mergeFields } from '../../../api/schema/field-set.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { become } from '../become.ts'
import { configurationErrorOf, evaluateWith, type Given, givenOf, paramsOf, reasonOf } from './evaluation.ts'
import { EXEMPT_GROUP, matches } from './matching.ts'

export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  admit(request, context) {
    if (request.kind.group === EXEMPT_GROUP || request.object === undefined) return
    const policies = context.list(mutatingAdmissionPolicies)
    if (policies.length === 0) return
    const bindings = context.list(mutatingAdmissionPolicyBindings)
    for (const policy of policies) {
      if (request.reinvocation === 'under way' && policy.spec.reinvocationPolicy !== 'IfNeeded') continue
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name)
      if (own.length === 0 || !matches(policy.spec.matchConstraints ?? {}, request, context)) continue
      const error = configurationErrorOf(policy.spec, context)
      if (error !== undefined) {
        if (policy.spec.failurePolicy === 'Ignore') continue
        throw refusal(request, `policy ${JSON.stringify(policy.metadata.name)} denied request: ${error}`)
      }
      for (const binding of own)
        if (matches(binding.spec.matchResources ?? {}, request, context)) mutate(policy, binding, request, context)
    }
  },
}

function mutate(
  { metadata, spec }: MutatingAdmissionPolicy,
  binding: MutatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  context: AdmissionContext,
): void {
  const fail = (message: string): void => {
    if (spec.failurePolicy === 'Ignore') return
    throw refusal(
      request,
      `policy '${metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`,
    )
  }
  let params: readonly (KubeObject | undefined)[]
  try {
    params = paramsOf(spec, binding.spec.paramRef, request, context)
  } catch (error) {
    fail(`failed to configure binding: ${reasonOf(error)}`)
    return
  }
  const names = policyNames(spec)
  for (const param of params) {
    try {
      const given = (): Given => givenOf(request, context, param)
      const conditions = spec.matchConditions ?? []
      if (!conditions.every(({ expression }) => evaluateWith(expression, names, spec, given()) === true)) continue
      for (const mutation of spec.mutations ?? []) {
        const changed = patched(request, mutation, (text, options) => evaluateWith(text, names, spec, given(), options))
        if (equalJson(changed, request.object)) continue
        become(request, changed)
        request.reinvocation ??= 'due'
      }
    } catch (error) {
      fail(reasonOf(error))
    }
  }
}

type Evaluate = (text: string, options: (typeof compileMutation)[keyof typeof compileMutation]) => unknown

function patched(request: AdmissionRequest, mutation: Mutation, evaluate: Evaluate): KubeObject {
  const { kind, object } = request
  if (mutation.patchType === 'JSONPatch') {
    const operations = toJson(evaluate(mutation.jsonPatch?.expression ?? '', compileMutation.JSONPatch))
    if (!Array.isArray(operations)) throw new Error('type mismatch: JSONPatchType.expression should evaluate to array')
    try {
      return applyOperations(object, operations) as KubeObject
    } catch (error) {
      if (error instanceof TestFailed) return object!
      throw new Error(`JSON Patch: ${reasonOf(error)}`)
    }
  }
  const config = toJson(evaluate(mutation.applyConfiguration?.expression ?? '', compileMutation.ApplyConfiguration))
  if (!isRecord(config)) throw new Error('unsupported return type from ApplyConfiguration expression')
  const definition = definitionOf(kind)
  const atomics = atomicsIn(definition, config)
  if (atomics.length > 0)
    throw new Error(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    )
  return cloneJson(mergeFields(definition, object, config)) as KubeObject
}

function refusal({ kind, name, object }: AdmissionRequest, message: string): StatusError {
  const resource = kind.group ? `${kind.plural}.${kind.group}` : kind.plural
  const { details } = forbidden(resource, name || (object?.metadata.generateName ?? ''), message)
  return new StatusError(403, 'Invalid', message, { ...details, causes: [{ reason: '', message }] })
}
