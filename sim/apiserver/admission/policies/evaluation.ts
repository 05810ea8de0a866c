/** What the expressions of a policy say of a request. Source: k8s.io/apiserver/pkg/admission/plugin/{cel,policy/generic} */
import type { CelInput } from '@bufbuild/cel'
import type { ParamKind, ParamRef } from '../../../api/admissionregistration/types.ts'
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts'
import { servedKinds } from '../../../api/apiextensions/kinds.ts'
import { type AskAccess, answeringAccess, authorizerOf } from '../../../api/cel/library/authorizer.ts'
import {
  type CompileOptions,
  compilePolicyExpression,
  type PolicyExpression,
} from '../../../api/cel/policy-expression.ts'
import { toCel } from '../../../api/cel/values.ts'
import { namespaces } from '../../../api/core/namespace.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import { selectorMatches } from '../../../api/meta/label-selector.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { findKind } from '../../../api/registry.ts'
import type { UserInfo } from '../../../client/client.ts'
import { charge, WorkExceeded, workSpent } from '../../../engine/work.ts'
import type { AdmissionContext, AdmissionRequest } from '../admission.ts'

/** What expressions may read, by name. */
export type Bindings = Readonly<Record<string, CelInput>>

/** With who answers what `authorizer` asks. */
export interface Given {
  readonly bindings: Bindings
  readonly ask: AskAccess
}

/** What of a policy its expressions go by. */
export interface PolicyParts {
  paramKind?: ParamKind
  variables?: { name: string; expression: string }[]
}

/** @throws WorkExceeded when it is that: who computes too much is ended, whatever the policy says of failures */
export function reasonOf(error: unknown): string {
  if (error instanceof WorkExceeded) throw error
  return error instanceof Error ? error.message : String(error)
}

/** @throws Error with what is wrong with the expression or with one that it uses */
export function evaluateWith(
  text: string,
  names: ReadonlySet<string>,
  { variables = [] }: PolicyParts,
  { ask, bindings }: Given,
  options: CompileOptions = {},
): unknown {
  return answeringAccess(ask, () => evaluated(text, names, variables, bindings, options))
}

function evaluated(
  text: string,
  names: ReadonlySet<string>,
  variables: NonNullable<PolicyParts['variables']>,
  bindings: Bindings,
  options: CompileOptions,
): unknown {
  // What each has to give was asked when the policy was written. A variable may hold a part of an object as well.
  const inner: CompileOptions = { makesPatches: options.makesPatches }
  const expression = compiled(text, names, inner)
  const values = new Map<string, CelInput>()
  const needed = new Set(expression.variables)
  // A variable may use those before it, so whoever needs one needs theirs as well.
  const used = variables.toReversed().filter(({ name, expression: own }) => {
    if (!needed.has(name)) return false
    for (const other of compiled(own, names, inner).variables) needed.add(other)
    return true
  })
  for (const { name, expression: own } of used.reverse()) {
    try {
      values.set(name, compiled(own, names, inner).evaluate({ ...bindings, variables: values as never }) as CelInput)
    } catch (error) {
      throw new Error(`composited variable "${name}" fails to evaluate: ${reasonOf(error)}`)
    }
  }
  return expression.evaluate({ ...bindings, variables: values as never })
}

/** Expressions that are kept compiled, with what compiling them costs; the oldest goes. */
const known = new Map<string, { made: PolicyExpression; steps: number }>()
const mostKnown = 500

function compiled(text: string, names: ReadonlySet<string>, options: CompileOptions): PolicyExpression {
  const key = `${names.has('params')} ${options.makesPatches ?? false} ${text}`
  const found = known.get(key)
  if (found) {
    // Whoever comes first pays no more than those who come later.
    charge(found.steps)
    return found.made
  }
  const before = workSpent()
  const made = compilePolicyExpression(text, names, options)
  known.set(key, { made, steps: workSpent() - before })
  if (known.size > mostKnown) known.delete(known.keys().next().value!)
  return made
}

/** Without the group of whoever has shown who they are. Source: serviceaccount.UserInfo */
const accountOf = ({ namespace, name }: { namespace: string; name: string }): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
})

/** Who answers what an expression asks about the one who makes the request, or about a service account. */
function accessFor({ user }: AdmissionRequest, { authorization }: AdmissionContext): AskAccess {
  return ({ serviceAccount, path, ...resource }) => {
    const who = serviceAccount ? accountOf(serviceAccount) : user
    const { allowed, reason = '' } =
      path === undefined
        ? authorization.authorize({ ...resource, user: who })
        : authorization.authorizePath(who, resource.verb, path)
    return { allowed, reason }
  }
}

/** What every expression may read of the request, and whom it may ask. */
export function givenOf(request: AdmissionRequest, context: AdmissionContext, params?: KubeObject): Given {
  return {
    bindings: { ...bindingsOf(request, context), params: toCel(params) },
    ask: accessFor(request, context),
  }
}

function bindingsOf(request: AdmissionRequest, context: AdmissionContext): Bindings {
  const { kind, namespace, name, operation, subresource, object, old, user, isDryRun } = request
  const typed = (one: KubeObject | undefined) =>
    toCel(one === undefined ? undefined : { ...one, apiVersion: kind.apiVersion, kind: kind.kind })
  const own = namespace === '' || kind.plural === 'namespaces' ? undefined : namespace
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const gvr = { group: kind.group, version: kind.version, resource: kind.plural }
  return {
    authorizer: authorizerOf({
      ...{ group: kind.group, resource: kind.plural, subresource: subresource ?? '' },
      ...{ namespace: namespace ?? '', name: name ?? '' },
    }) as CelInput,
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

function paramKindOf({ apiVersion, kind: name }: ParamKind, context: AdmissionContext): Kind | undefined {
  const slash = apiVersion.lastIndexOf('/')
  const own = findKind(apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1), name)
  if (own) return own
  const custom = context.list(customResourceDefinitions).flatMap(servedKinds)
  return custom.find((kind) => kind.apiVersion === apiVersion && kind.kind === name)
}

/** @returns what is wrong with the policy, whoever binds it */
export function configurationErrorOf({ paramKind }: PolicyParts, context: AdmissionContext): string | undefined {
  if (!paramKind || paramKindOf(paramKind, context)) return undefined
  const { apiVersion, kind } = paramKind
  return `failed to configure policy: failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`
}

/** @throws Error with what is wrong with the binding */
export function paramsOf(
  { paramKind }: PolicyParts,
  paramRef: ParamRef | undefined,
  { namespace }: AdmissionRequest,
  context: AdmissionContext,
): readonly (KubeObject | undefined)[] {
  const kind = paramKind && paramKindOf(paramKind, context)
  if (!kind || !paramRef) return [undefined]
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
