/**
 * What rules allow, and whether one set of rules covers another.
 * Sources: kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go, component-helpers/auth/rbac/validation/policy_comparator.go
 */
import type { PolicyRule } from '../../api/rbac/types.ts'
import type { RequestInfo } from '../request.ts'

const holds = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(value) || list.includes('*'))

/** Whether the rule names the resource; a subresource also by `*` and a pattern such as `*` + `/scale`. */
function resourceMatches(rule: PolicyRule, resource: string, subresource: string): boolean {
  const combined = subresource ? `${resource}/${subresource}` : resource
  for (const named of rule.resources ?? []) {
    if (named === '*' || named === combined) return true
    if (subresource && named.startsWith('*/') && named.slice(2) === subresource) return true
  }
  return false
}

/** Whether the rule allows the request, were it for any name. */
export const ruleMatches = (rule: PolicyRule, request: Omit<RequestInfo, 'user' | 'namespace' | 'name'>): boolean =>
  holds(rule.verbs, request.verb) &&
  holds(rule.apiGroups, request.group) &&
  resourceMatches(rule, request.resource, request.subresource)

const namesMatch = (rule: PolicyRule, name: string): boolean =>
  !rule.resourceNames?.length || rule.resourceNames.includes(name)

export const ruleAllows = (rule: PolicyRule, request: RequestInfo): boolean =>
  ruleMatches(rule, request) && namesMatch(rule, request.name)

export const ruleAllowsPath = (rule: PolicyRule, verb: string, path: string): boolean =>
  holds(rule.verbs, verb) && (rule.nonResourceURLs ?? []).some((url) => pathMatches(url, path))

const pathMatches = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))

/** The rule as many, each of one verb on one resource (with one name), or on one path. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const single: PolicyRule[] = []
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) {
        const base = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!rule.resourceNames?.length) single.push(base)
        else for (const name of rule.resourceNames) single.push({ ...base, resourceNames: [name] })
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs ?? []) single.push({ nonResourceURLs: [url], verbs: [verb] })
  return single
}

/** What of `wanted` is not held, broken down. */
export const missingRules = (held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(breakDown).filter((single) => !held.some((rule) => covers(rule, single)))

function covers(rule: PolicyRule, single: PolicyRule): boolean {
  if (!holds(rule.verbs, single.verbs[0])) return false
  if (single.nonResourceURLs?.length) {
    return (rule.nonResourceURLs ?? []).some((url) => pathMatches(url, single.nonResourceURLs![0]))
  }
  const [resource, subresource = ''] = single.resources![0].split('/', 2)
  const names = single.resourceNames ?? []
  return (
    holds(rule.apiGroups, single.apiGroups![0]) &&
    resourceMatches(rule, resource, subresource) &&
    (!rule.resourceNames?.length || (names.length > 0 && names.every((name) => rule.resourceNames!.includes(name))))
  )
}

/** Single rules about the same resource put together, their verbs in the order in which they came. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule>()
  const result: PolicyRule[] = []
  for (const rule of rules) {
    const isSimple =
      rule.apiGroups?.length === 1 && rule.resources?.length === 1 && (rule.resourceNames ?? []).length < 2
    if (!isSimple) {
      result.push(rule)
      continue
    }
    const key = `${rule.apiGroups![0]}|${rule.resources![0]}|${rule.resourceNames?.[0] ?? ''}`
    const known = byResource.get(key)
    if (known) {
      for (const verb of rule.verbs) if (!known.verbs.includes(verb)) known.verbs.push(verb)
      continue
    }
    const copy = { ...rule, verbs: [...rule.verbs] }
    byResource.set(key, copy)
    result.push(copy)
  }
  return result
}

const quotedList = (list: readonly string[]): string => `[${list.map((text) => JSON.stringify(text)).join(' ')}]`

/** `{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}` */
export function printRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  return `{${parts
    .filter(([, list]) => list?.length)
    .map(([name, list]) => `${name}:${quotedList(list!)}`)
    .join(', ')}}`
}
