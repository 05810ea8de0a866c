/**
 * What the expressions of a policy get wrong about the kinds that its rules name: told in its status, and no hindrance to it.
 * Source: k8s.io/apiserver/pkg/admission/plugin/policy/validating/typechecking.go
 */
import { requestTypes, withVariables } from '../../api/admissionregistration/policy-types.ts'
import type {
  ExpressionWarning,
  ResourceRule,
  ValidatingAdmissionPolicy,
} from '../../api/admissionregistration/types.ts'
import { policyNames } from '../../api/admissionregistration/validating-admission-policy.ts'
import type { CelTypes } from '../../api/cel/checker.ts'
import {
  CompileError,
  compilePolicyExpression,
  InstantiationError,
  type PolicyExpression,
} from '../../api/cel/policy-expression.ts'
import { type CelType, DYN } from '../../api/cel/types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { objectTypeOf } from './object-types.ts'

const mostKinds = 10

type Policy = ValidatingAdmissionPolicy
type Find = (apiVersion: string, kind: string) => Kind | undefined

/**
 * @param kinds that the cluster serves
 * @param serial makes the names of types unlike others
 */
export function expressionWarnings(
  { spec }: Policy,
  kinds: readonly Kind[],
  find: Find,
  serial: number,
): ExpressionWarning[] {
  const { validations = [], variables = [], paramKind } = spec
  const names = policyNames(spec)
  const paramsKind = paramKind && find(paramKind.apiVersion, paramKind.kind)
  const params = paramsKind ? objectTypeOf(paramsKind, `${paramsKind.kind}${serial}`) : DYN
  const contexts = kindsToCheck(spec, kinds).map((kind) => {
    const object = objectTypeOf(kind, `${kind.kind}${serial}`)
    const types = { ...requestTypes, object, oldObject: object, params }
    const known: Record<string, CelType> = {}
    for (const { name, expression } of variables) {
      const found = compiled(expression, names, withVariables(types, { ...known }))
      known[name] = 'type' in found ? found.type : DYN
    }
    return { kind, types: withVariables(types, known) }
  })
  const warned = (text: string, fieldRef: string): ExpressionWarning[] => {
    const told = contexts.flatMap(({ kind, types }) => {
      const found = compiled(text, names, types)
      return 'why' in found ? [`${kind.group}/${kind.version}, Kind=${kind.kind}: ${found.why}\n`] : []
    })
    return told.length > 0 ? [{ fieldRef, warning: told.join('') }] : []
  }
  return validations.flatMap(({ expression = '', messageExpression = '' }, n) => [
    ...warned(expression, `spec.validations[${n}].expression`),
    ...(messageExpression === '' ? [] : warned(messageExpression, `spec.validations[${n}].messageExpression`)),
  ])
}

function compiled(text: string, names: ReadonlySet<string>, types: CelTypes): PolicyExpression | { why: string } {
  try {
    return compilePolicyExpression(text, names, { types })
  } catch (error) {
    if (!(error instanceof CompileError) && !(error instanceof InstantiationError)) throw error
    return { why: error.message.replace(/^compilation failed: /, '') }
  }
}

/** Those that the rules name without a wildcard, in the order of their names. */
function kindsToCheck({ matchConstraints }: Policy['spec'], kinds: readonly Kind[]): Kind[] {
  const found = (matchConstraints?.resourceRules ?? []).flatMap((rule) =>
    kinds.filter((kind) => isNamed(rule, kind)).slice(0, mostKinds),
  )
  const order = (kind: Kind): string => `${kind.group} ${kind.version} ${kind.kind}`
  return [...new Set(found)].toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}

const isNamed = ({ apiGroups = [], apiVersions = [], resources = [] }: ResourceRule, kind: Kind): boolean =>
  !apiGroups.includes('*') &&
  !apiVersions.includes('*') &&
  apiGroups.includes(kind.group) &&
  apiVersions.includes(kind.version) &&
  resources.includes(kind.plural)
