/**
 * What rules allow, and whether one set of rules covers another.
 * Sources: kubernetes/pkg/apis/rbac/v1/evaluation_helpers.go, component-helpers/auth/rbac/validation/policy_comparator.go
 */
import { coversPath } from '../../api/rbac/non-resource-urls.ts'
import type { PolicyRule } from '../../api/rbac/types.ts'
import { charge } from '../../engine/work.ts'
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
  holds(rule.verbs, verb) && (rule.nonResourceURLs ?? []).some((url) => coversPath(url, path))

/** Of computing: what it costs to make a single rule, and to compare it with a rule that is held. */
const stepsOfSingle = 4
const stepsOfCheck = 2
/** What one costs that is missing, until it is told. */
const stepsOfMissing = 4
const stepsOfPrinted = 15

/** How many rules it breaks down to. */
const singlesIn = ({ apiGroups, resources, verbs, resourceNames, nonResourceURLs }: PolicyRule): number =>
  ((apiGroups?.length ?? 0) * (resources?.length ?? 0) * (resourceNames?.length || 1) +
    (nonResourceURLs?.length ?? 0)) *
  (verbs?.length ?? 0)

/** The rule as many, each of one verb on one resource (with one name), or on one path. */
function* breakDown(rule: PolicyRule): Generator<PolicyRule> {
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) {
        const base = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!rule.resourceNames?.length) yield base
        else for (const name of rule.resourceNames) yield { ...base, resourceNames: [name] }
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs ?? []) yield { nonResourceURLs: [url], verbs: [verb] }
}

/** What of `wanted` is not held, broken down. A rule that one held rule covers as it is need not be. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const sets = held.map(setsOf)
  const missing: PolicyRule[] = []
  for (const rule of wanted) {
    charge(stepsOfCheck * sets.length)
    const near = sets.filter((one) => one.meets(rule))
    if (near.some((one) => one.coversAll(rule))) continue
    charge(singlesIn(rule) * (stepsOfSingle + stepsOfCheck * near.length))
    for (const single of breakDown(rule)) {
      if (near.some((one) => one.coversAll(single))) continue
      charge(stepsOfMissing)
      missing.push(single)
    }
  }
  return missing
}

/** A held rule, its lists as sets. */
interface HeldRule {
  /** Whether it may cover some of what the rule breaks down to. */
  meets(rule: PolicyRule): boolean
  /** Whether it covers all of it. */
  coversAll(rule: PolicyRule): boolean
}

function setsOf(rule: PolicyRule): HeldRule {
  const setOf = (list: readonly string[] = []): ReadonlySet<string> => {
    charge(list.length)
    return new Set(list)
  }
  const verbs = setOf(rule.verbs)
  const groups = setOf(rule.apiGroups)
  const resources = setOf(rule.resources)
  const names = setOf(rule.resourceNames)
  const urls = rule.nonResourceURLs ?? []
  const has = (held: ReadonlySet<string>, value: string): boolean => held.has('*') || held.has(value)
  const hasPath = (wanted: string): boolean => {
    charge(urls.length)
    return urls.some((url) => coversPath(url, wanted))
  }
  const hasResource = (wanted: string): boolean => {
    const [resource, subresource = ''] = wanted.split('/', 2)
    if (resources.has('*')) return true
    return subresource
      ? resources.has(`${resource}/${subresource}`) || resources.has(`*/${subresource}`)
      : resources.has(resource)
  }
  /** Each list is counted when it is gone through; a single rule's have been. */
  const every = (list: readonly string[], test: (value: string) => boolean): boolean => {
    if (list.length > 1) charge(list.length)
    return list.every(test)
  }
  return {
    meets({ verbs: wanted = [], apiGroups = [], nonResourceURLs = [] }) {
      charge(wanted.length + apiGroups.length)
      if (!wanted.some((verb) => has(verbs, verb))) return false
      return (nonResourceURLs.length > 0 && urls.length > 0) || apiGroups.some((group) => has(groups, group))
    },
    coversAll(wanted) {
      const { apiGroups = [], resources: named = [], resourceNames = [], nonResourceURLs = [] } = wanted
      if (!every(wanted.verbs ?? [], (verb) => has(verbs, verb))) return false
      if (!every(nonResourceURLs, hasPath)) return false
      if (apiGroups.length === 0 || named.length === 0) return nonResourceURLs.length > 0
      return (
        every(apiGroups, (group) => has(groups, group)) &&
        every(named, hasResource) &&
        (names.size === 0 || (resourceNames.length > 0 && every(resourceNames, (name) => names.has(name))))
      )
    },
  }
}

/** Single rules about the same resource put together, their verbs in the order in which they came. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  charge(2 * stepsOfMissing * rules.length)
  const byResource = new Map<string, Set<string>>()
  const result: (PolicyRule | { rule: PolicyRule; verbs: ReadonlySet<string> })[] = []
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
      for (const verb of rule.verbs) known.add(verb)
      continue
    }
    const verbs = new Set(rule.verbs)
    byResource.set(key, verbs)
    result.push({ rule, verbs })
  }
  return result.map((one) => ('rule' in one ? { ...one.rule, verbs: [...one.verbs] } : one))
}

const quotedList = (list: readonly string[]): string => `[${list.map((text) => JSON.stringify(text)).join(' ')}]`

/** `{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}` */
export function printRule(rule: PolicyRule): string {
  charge(stepsOfPrinted)
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
