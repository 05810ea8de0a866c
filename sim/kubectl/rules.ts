/** Rules in rows, as `describe role` and `auth can-i --list` show them. Source: k8s.io/kubectl/pkg/describe, rbacv1helpers.SortableRuleSlice */

export interface ShownRule {
  verbs: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

/** A cell for each column: Resources, Non-Resource URLs, Resource Names, Verbs. */
export function ruleRows(rules: readonly ShownRule[]): string[][] {
  const single = rules.flatMap(breakDown)
  return compact(single)
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

/** A rule for each single permission: one verb on one resource of one group, or on one path. */
export function breakDown(rule: ShownRule): ShownRule[] {
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

/** Verbs on one resource in one row; paths stay apart. */
function compact(rules: readonly ShownRule[]): ShownRule[] {
  const known = new Map<string, { verbs: string[] }>()
  const result: ShownRule[] = []
  for (const rule of rules) {
    const key = rule.resources
      ? `${rule.apiGroups?.[0]}|${rule.resources[0]}|${rule.resourceNames?.[0] ?? ''}`
      : undefined
    const before = key === undefined ? undefined : known.get(key)
    if (before) {
      if (!before.verbs.includes(rule.verbs[0])) before.verbs.push(rule.verbs[0])
      continue
    }
    const copy = { ...rule, verbs: [...rule.verbs] }
    if (key !== undefined) known.set(key, copy)
    result.push(copy)
  }
  return result
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
