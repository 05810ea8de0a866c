/**
 * ValidatingAdmissionPolicy: what policies in CEL, bound by somebody, say of a write. A policy is in force with the write that made it; a real
 * server takes up to a second. Sources: k8s.io/apiserver/pkg/admission/plugin/policy/{generic,matching,validating}
 */
import type { CelInput } from '@bufbuild/cel'
import type {
  MatchResources,
  PolicyValidation,
  ResourceRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../api/admissionregistration/types.ts'
import {
  policyNames,
  validatingAdmissionPolicies,
} from '../../api/admissionregistration/validating-admission-policy.ts'
import { validatingAdmissionPolicyBindings } from '../../api/admissionregistration/validating-admission-policy-binding.ts'
import { compilePolicyExpression, type PolicyExpression } from '../../api/cel/policy-expression.ts'
import { toCel } from '../../api/cel/values.ts'
import { namespaces } from '../../api/core/namespace.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { forbidden, StatusError, type StatusReason } from '../../api/meta/status-error.ts'
import { findKind } from '../../api/registry.ts'
import { WorkExceeded } from '../../engine/work.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

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

/** Nobody may be locked out of the policies themselves. */
const EXEMPT_GROUP = 'admissionregistration.k8s.io'
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

/** @throws WorkExceeded when it is that: who computes too much is ended, whatever the policy says of failures */
function reasonOf(error: unknown): string {
  if (error instanceof WorkExceeded) throw error
  return error instanceof Error ? error.message : String(error)
}

// ---------- which requests ----------

function matches(match: MatchResources, request: AdmissionRequest, context: AdmissionContext): boolean {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy = 'Equivalent' } = match
  const isNamed = (rules: readonly ResourceRule[]) => rules.some((rule) => ruleMatches(rule, request, matchPolicy))
  return (
    namespaceMatches(match, request, context) &&
    objectMatches(match, request) &&
    !isNamed(excludeResourceRules) &&
    (resourceRules.length === 0 || isNamed(resourceRules))
  )
}

/** Objects without a namespace match, unless they are namespaces: then their own labels decide. */
function namespaceMatches({ namespaceSelector }: MatchResources, request: AdmissionRequest, context: AdmissionContext) {
  if (!namespaceSelector || Object.keys(namespaceSelector).length === 0) return true
  if (request.kind === (namespaces as unknown as Kind)) {
    const one = request.operation === 'DELETE' ? request.old : request.object
    return selectorMatches(namespaceSelector, one?.metadata.labels ?? {})
  }
  if (request.namespace === '') return true
  const namespace = context.find(namespaces, { namespace: '', name: request.namespace })
  return selectorMatches(namespaceSelector, namespace?.metadata.labels ?? {})
}

function objectMatches({ objectSelector }: MatchResources, { object, old }: AdmissionRequest): boolean {
  if (!objectSelector || Object.keys(objectSelector).length === 0) return true
  return [object, old].some((one) => one !== undefined && selectorMatches(objectSelector, one.metadata.labels ?? {}))
}

/** Source: k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules */
function ruleMatches(rule: ResourceRule, request: AdmissionRequest, matchPolicy: string): boolean {
  const { kind, operation, subresource, name } = request
  const has = (values: readonly string[] | undefined, value: string) =>
    values?.includes('*') === true || values?.includes(value) === true
  // The same objects in another version of their group are equivalent.
  const isVersion =
    has(rule.apiVersions, kind.version) ||
    (matchPolicy === 'Equivalent' && rule.apiVersions.some((version) => findKind(kind.group, version, kind.kind)))
  const isScope =
    !rule.scope ||
    rule.scope === '*' ||
    (rule.scope === 'Namespaced') === (kind.isNamespaced && request.namespace !== '')
  const isResource = rule.resources.some((text) => {
    const [resource, part = ''] = text.split('/')
    return (resource === '*' || resource === kind.plural) && (part === '*' || part === subresource)
  })
  const names = rule.resourceNames ?? []
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, kind.group) &&
    isVersion &&
    isScope &&
    isResource &&
    (names.length === 0 || names.includes(name))
  )
}

// ---------- what they say ----------

type Bindings = Readonly<Record<string, CelInput>>

function judge(
  { metadata: { name: policy }, spec }: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  context: AdmissionContext,
): Denial[] {
  const bound = { policy, binding: binding.metadata.name }
  const failed = (message: string): Denial[] =>
    spec.failurePolicy === 'Ignore' ? [] : [{ ...bound, message, reason: 'Invalid' }]
  let params: readonly (KubeObject | undefined)[]
  try {
    params = paramsOf(spec, binding, request, context)
  } catch (error) {
    return failed(`failed to configure binding: ${reasonOf(error)}`)
  }
  const names = policyNames(spec)
  const base = bindingsOf(request, context)
  return params.flatMap((param) => {
    const given = { ...base, params: toCel(param) }
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
      const message = messageOf(validation, evaluate)
      const actions = binding.spec.validationActions ?? []
      if (actions.includes('Warn'))
        request.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${bound.binding}': ${message}`,
        )
      return actions.includes('Deny') ? [{ ...bound, message, reason: validation.reason || 'Invalid' }] : []
    })
  })
}

/** @throws Error with what is wrong with the expression or with one that it uses */
function evaluateWith(
  text: string,
  names: ReadonlySet<string>,
  { variables = [] }: ValidatingAdmissionPolicy['spec'],
  bindings: Bindings,
): unknown {
  const expression = compiled(text, names)
  const values = new Map<string, CelInput>()
  const needed = new Set(expression.variables)
  // A variable may use those before it, so whoever needs one needs theirs as well.
  const used = variables.toReversed().filter(({ name, expression: own }) => {
    if (!needed.has(name)) return false
    for (const other of compiled(own, names).variables) needed.add(other)
    return true
  })
  for (const { name, expression: own } of used.reverse()) {
    try {
      values.set(name, compiled(own, names).evaluate({ ...bindings, variables: values as never }) as CelInput)
    } catch (error) {
      throw new Error(`composited variable "${name}" fails to evaluate: ${reasonOf(error)}`)
    }
  }
  return expression.evaluate({ ...bindings, variables: values as never })
}

const known = new Map<string, PolicyExpression>()
/** Expressions that are kept compiled; the oldest goes. */
const mostKnown = 500

function compiled(text: string, names: ReadonlySet<string>): PolicyExpression {
  const key = `${names.has('params')} ${text}`
  const found = known.get(key)
  if (found) return found
  const made = compilePolicyExpression(text, names)
  known.set(key, made)
  if (known.size > mostKnown) known.delete(known.keys().next().value!)
  return made
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

function bindingsOf(request: AdmissionRequest, context: AdmissionContext): Bindings {
  const { kind, namespace, name, operation, subresource, object, old, user, isDryRun } = request
  const typed = (one: KubeObject | undefined) =>
    toCel(one === undefined ? undefined : { ...one, apiVersion: kind.apiVersion, kind: kind.kind })
  const own = namespace === '' || kind.plural === 'namespaces' ? undefined : namespace
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const gvr = { group: kind.group, version: kind.version, resource: kind.plural }
  return {
    object: typed(object),
    oldObject: typed(old),
    namespaceObject: toCel(own === undefined ? undefined : context.find(namespaces, { namespace: '', name: own })),
    request: toCel({
      ...{ kind: gvk, resource: gvr, requestKind: gvk, requestResource: gvr },
      ...{ subResource: subresource, requestSubResource: subresource, name, namespace, operation, dryRun: isDryRun },
      userInfo: { username: user.name, groups: user.groups, uid: user.uid ?? '', extra: user.extra ?? {} },
    }),
  }
}

/** @throws Error with what is wrong with the binding */
function paramsOf(
  { paramKind }: ValidatingAdmissionPolicy['spec'],
  { spec: { paramRef } }: ValidatingAdmissionPolicyBinding,
  { namespace }: AdmissionRequest,
  context: AdmissionContext,
): readonly (KubeObject | undefined)[] {
  if (!paramKind || !paramRef) return [undefined]
  const slash = paramKind.apiVersion.lastIndexOf('/')
  const kind = findKind(
    paramKind.apiVersion.slice(0, Math.max(slash, 0)),
    paramKind.apiVersion.slice(slash + 1),
    paramKind.kind,
  )
  if (!kind)
    throw new Error(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    )
  if (paramRef.namespace && !kind.isNamespaced)
    throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const place = kind.isNamespaced ? paramRef.namespace || namespace : ''
  if (kind.isNamespaced && place === '')
    throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  const found = paramRef.name
    ? [context.find(kind, { namespace: place, name: paramRef.name })].filter((one) => one !== undefined)
    : context
        .list(kind, kind.isNamespaced ? place : undefined)
        .filter(({ metadata }) => selectorMatches(paramRef.selector, metadata.labels ?? {}))
  if (found.length === 0 && paramRef.parameterNotFoundAction === 'Deny')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction')
  return found.map((param) => ({ ...param, apiVersion: kind.apiVersion, kind: kind.kind }))
}
