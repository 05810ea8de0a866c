/** Which requests a policy or a binding is about: defaults and validation. Source: kubernetes/pkg/apis/admissionregistration */
import { duplicate, type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import { pathSegmentErrors } from '../meta/names.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import type { MatchResources, ResourceRule } from './types.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
export const MATCH_POLICIES = ['Equivalent', 'Exact']

export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return []
  const rules = (name: 'resourceRules' | 'excludeResourceRules'): FieldError[] =>
    (match[name] ?? []).flatMap((rule, n) => validateRule(rule, `${path}.${name}[${n}]`))
  return [
    ...(MATCH_POLICIES.includes(match.matchPolicy ?? '')
      ? []
      : [notSupported(`${path}.matchPolicy`, match.matchPolicy, MATCH_POLICIES)]),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...rules('resourceRules'),
    ...rules('excludeResourceRules'),
  ]
}

export function validateRule(rule: ResourceRule, path: string): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], resourceNames = [], scope } = rule
  const alone = (values: readonly string[], field: string, what: string): FieldError[] =>
    values.length > 1 && values.includes('*')
      ? [invalid(`${path}.${field}`, values, `if '*' is present, must not specify other ${what}`)]
      : []
  const given = (values: readonly string[], field: string): FieldError[] =>
    values.length === 0 ? [required(`${path}.${field}`)] : []
  return [
    ...resourceNames.flatMap((name, n) => [
      ...pathSegmentErrors(name).map((why) => invalid(`${path}.resourceNames[${n}]`, name, why)),
      ...(resourceNames.indexOf(name) < n ? [duplicate(`${path}.resourceNames[${n}]`, name)] : []),
    ]),
    ...given(operations, 'operations'),
    ...alone(operations, 'operations', 'operations'),
    ...operations.flatMap((operation, n) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(`${path}.operations[${n}]`, operation, OPERATIONS)],
    ),
    ...given(apiGroups, 'apiGroups'),
    ...alone(apiGroups, 'apiGroups', 'API groups'),
    ...given(apiVersions, 'apiVersions'),
    ...alone(apiVersions, 'apiVersions', 'API versions'),
    ...apiVersions.flatMap((version, n) => (version === '' ? [required(`${path}.apiVersions[${n}]`)] : [])),
    ...validateResources(resources, `${path}.resources`),
    ...(scope === undefined || SCOPES.includes(scope) ? [] : [notSupported(`${path}.scope`, scope, SCOPES)]),
  ]
}

function validateResources(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)]
  const errors: FieldError[] = []
  const wholeResources = new Set<string>()
  const wholeParts = new Set<string>()
  let hasPlain = false
  for (const [n, text] of resources.entries()) {
    const at = `${path}[${n}]`
    if (text === '') {
      errors.push(required(at))
      continue
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      hasPlain = text !== '*'
      continue
    }
    const [resource, part] = [text.slice(0, slash), text.slice(slash + 1)]
    if (wholeResources.has(resource))
      errors.push(invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`))
    if (wholeParts.has(part)) errors.push(invalid(at, text, `if '*/${part}' is present, must not specify ${text}`))
    if (part === '*') wholeResources.add(resource)
    if (resource === '*') wholeParts.add(part)
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && hasPlain)
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}
