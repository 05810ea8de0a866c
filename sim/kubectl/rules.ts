/** Rules in rows, as `describe role` and `auth can-i --list` show them. Source: k8s.io/kubectl/pkg/describe, rbacv1helpers.SortableRuleSlice */

import { charge } from '../engine/work.ts'

export interface ShownRule {
  verbs: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

/** A cell for each column: Resources, Non-Resource URLs, Resource Names, Verbs. */
export function ruleRows(rules: readonly ShownRule[]): string[][] {
  return compact(rules)
    .map((rule) => ({ rule, key: sortKey(rule) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ rule }) => [
      resourceAndGroup(rule),
      printList(rule.nonResourceURLs),
      printList(rule.resourceNames),
      printList(rule.verbs),
    ])
}

const printList = (list: readonly string[] | undefined): string => `[${(list ?? []).join(' ')}]`

/** Of computing: to make a rule of one resource, and what one verb adds to it. */
const stepsOfRow = 30
const stepsOfVerb = 4

/** A rule for each single permission: one verb on one resource of one group, or on one path. */
export function breakDown(rule: ShownRule): ShownRule[] {
  const perVerb =
    (rule.apiGroups?.length ?? 0) * (rule.resources?.length ?? 0) * (rule.resourceNames?.length || 1) +
    (rule.nonResourceURLs?.length ?? 0)
  charge(stepsOfSingle * perVerb * rule.verbs.length)
  const single: ShownRule[] = []
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs) {
        const one = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!rule.resourceNames?.length) single.push(one)
        else for (const name of rule.resourceNames) single.push({ ...one, resourceNames: [name] })
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs) single.push({ nonResourceURLs: [url], verbs: [verb] })
  return single
}

const stepsOfSingle = 4

/** What the rules break down to, with verbs on one resource in one rule; paths stay apart. */
function compact(rules: readonly ShownRule[]): ShownRule[] {
  const known = new Map<string, Set<string>>()
  const result: { rule: Omit<ShownRule, 'verbs'>; verbs: Set<string> }[] = []
  const add = (rule: Omit<ShownRule, 'verbs'>, verbs: readonly string[]): void => {
    charge(stepsOfRow + stepsOfVerb * verbs.length)
    const key = rule.resources && `${rule.apiGroups?.[0]}|${rule.resources[0]}|${rule.resourceNames?.[0] ?? ''}`
    const before = key === undefined ? undefined : known.get(key)
    if (before) {
      for (const verb of verbs) before.add(verb)
      return
    }
    const own = new Set(verbs)
    if (key !== undefined) known.set(key, own)
    result.push({ rule, verbs: own })
  }
  for (const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } of rules) {
    if (verbs.length === 0) continue
    for (const group of apiGroups)
      for (const resource of resources) {
        const one = { apiGroups: [group], resources: [resource] }
        if (resourceNames.length === 0) add(one, verbs)
        else for (const name of resourceNames) add({ ...one, resourceNames: [name] }, verbs)
      }
    for (const url of nonResourceURLs) for (const verb of verbs) add({ nonResourceURLs: [url] }, [verb])
  }
  return result.map(({ rule, verbs }) => ({ ...rule, verbs: [...verbs] }))
}

const sortKey = (rule: ShownRule): string =>
  `Verbs:${printList(rule.verbs)},APIGroups:${printList(rule.apiGroups)},Resources:${printList(rule.resources)},ResourceNames:${printList(rule.resourceNames)},NonResourceURLs:${printList(rule.nonResourceURLs)}`

/** `deployments.apps/scale` */
function resourceAndGroup({ resources, apiGroups }: ShownRule): string {
  if (!resources?.length) return ''
  const [resource, subresource] = resources[0].split('/', 2)
  const group = apiGroups?.[0] ? `.${apiGroups[0]}` : ''
  return `${resource}${group}${subresource ? `/${subresource}` : ''}`
}
