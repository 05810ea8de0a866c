/**
 * kubectl auth reconcile: Roles and their bindings are given at least what a file grants.
 * Source: k8s.io/kubectl/pkg/cmd/auth/reconcile.go and k8s.io/component-helpers/auth/rbac
 */

import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { coversPath } from '../../api/rbac/non-resource-urls.ts'
import { type ClusterRole, type PolicyRule, RBAC_GROUP, type RoleBinding, type Subject } from '../../api/rbac/types.ts'
import { charge } from '../../engine/work.ts'
import { type Command, dryRunFlag, fileFlags, type Invocation, outputFlags } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { readManifests, requireFilename } from '../manifests.ts'
import { showResult } from '../results.ts'
import { breakDown } from '../rules.ts'

type Operation = 'create' | 'update' | 'recreate' | undefined

/** What is to be done to one object, and what it gains and loses by that. */
interface Plan {
  operation: Operation
  object: KubeObject
  isProtected: boolean
  missing: readonly string[]
  extra: readonly string[]
  /** `rules`, `subjects` */
  what: string
}

const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

export const reconcile: Command = {
  name: 'reconcile',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  readsTypes: true,
  usage: '-f FILENAME [options]',
  flags: [
    ...outputFlags,
    ...fileFlags,
    dryRunFlag,
    { name: 'remove-extra-permissions', type: 'bool', help: 'If true, removes extra permissions added to roles' },
    { name: 'remove-extra-subjects', type: 'bool', help: 'If true, removes extra subjects added to rolebindings' },
  ],
  run(invocation) {
    requireFilename(invocation)
    if (invocation.args.length > 0) throw new KubectlError('no arguments are allowed')
    if (invocation.dryRun === 'server')
      throw new KubectlError('--dry-run=server for command reconcile is not supported yet')
    const manifests = readManifests(invocation, (error) => {
      throw error
    })
    let shownBefore = false
    for (const { kind, object, namespace, name } of manifests) {
      if (kind.group !== RBAC_GROUP) continue
      const wanted = object as unknown as KubeObject
      const plan = planFor(invocation, kind, wanted, findLive(invocation, kind, { namespace, name }))
      // One printer prints them all, as documents of one stream.
      if (shownBefore && invocation.flags.string('output').toLowerCase() === 'yaml') invocation.out('---\n')
      shownBefore = true
      const isDone = invocation.dryRun === 'none' && !plan.isProtected
      const shown = isDone ? perform(invocation, kind, plan) : plan.object
      showResult(invocation, kind, shown, 'reconciled')
      tell(invocation, plan)
    }
    return 0
  },
}

function findLive(
  { client }: Invocation,
  kind: Kind,
  key: { namespace: string; name: string },
): KubeObject | undefined {
  try {
    return client.get(kind, key)
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined
    throw error
  }
}

function planFor({ flags }: Invocation, kind: Kind, wanted: KubeObject, live: KubeObject | undefined): Plan {
  if (kind.kind.endsWith('Binding'))
    return planBinding(wanted as RoleBinding, live as RoleBinding | undefined, flags.bool('remove-extra-subjects'))
  return planRole(wanted as ClusterRole, live as ClusterRole | undefined, flags.bool('remove-extra-permissions'))
}

function planRole(wanted: ClusterRole, live: ClusterRole | undefined, removesExtra: boolean): Plan {
  const what = 'rules'
  const rules = wanted.rules ?? []
  if (!live) {
    const missing = rules.map(printRule)
    return { operation: 'create', object: wanted, isProtected: false, missing, extra: [], what }
  }
  const held = live.rules ?? []
  const missing = uncovered(held, rules)
  // What an aggregated role holds is made of others: none of it is too much.
  const isAggregated = wanted.aggregationRule !== undefined && live.aggregationRule !== undefined
  const extra = isAggregated ? [] : uncovered(rules, held)
  const selectors = wanted.aggregationRule?.clusterRoleSelectors ?? []
  const heldSelectors = live.aggregationRule?.clusterRoleSelectors ?? []
  const missingSelectors = selectors.filter((selector) => !heldSelectors.some((other) => equalJson(selector, other)))
  const extraSelectors = heldSelectors.filter((selector) => !selectors.some((other) => equalJson(selector, other)))
  const kept = <T>(
    old: readonly T[],
    lacking: readonly T[],
    tooMuch: readonly T[],
    given: readonly T[],
  ): readonly T[] => {
    if (removesExtra) return lacking.length > 0 || tooMuch.length > 0 ? given : old
    return [...old, ...lacking]
  }
  const newRules = kept(held, missing, extra, rules)
  const newSelectors = kept(heldSelectors, missingSelectors, extraSelectors, selectors)
  const object = {
    ...withMetadata(live, wanted),
    ...(newRules.length > 0 ? { rules: newRules } : {}),
    ...(newSelectors.length > 0 ? { aggregationRule: { clusterRoleSelectors: newSelectors } } : {}),
  }
  return planUpdate(live, object as KubeObject, missing.map(printRule), removesExtra ? extra.map(printRule) : [], what)
}

function planBinding(wanted: RoleBinding, live: RoleBinding | undefined, removesExtra: boolean): Plan {
  const what = 'subjects'
  const subjects = wanted.subjects ?? []
  if (!live) {
    const missing = subjects.map(printSubject)
    return { operation: 'create', object: wanted, isProtected: false, missing, extra: [], what }
  }
  const isProtected = live.metadata.annotations?.[AUTOUPDATE] === 'false'
  // What a binding refers to cannot be changed.
  if (!equalJson(wanted.roleRef, live.roleRef))
    return { operation: 'recreate', object: wanted, isProtected, missing: [], extra: [], what }
  const held = live.subjects ?? []
  const missing = subjectsBeside(held, subjects)
  const extra = subjectsBeside(subjects, held)
  const isChanged = missing.length > 0 || (removesExtra && extra.length > 0)
  const object: RoleBinding = {
    ...(withMetadata(live, wanted) as RoleBinding),
    ...(isChanged ? { subjects: removesExtra ? subjects : [...held, ...missing] } : {}),
  }
  return planUpdate(live, object, missing.map(printSubject), removesExtra ? extra.map(printSubject) : [], what)
}

const planUpdate = (
  live: KubeObject,
  object: KubeObject,
  missing: readonly string[],
  extra: readonly string[],
  what: string,
): Plan => ({
  operation: equalJson(live, object) ? undefined : 'update',
  object,
  isProtected: live.metadata.annotations?.[AUTOUPDATE] === 'false',
  missing,
  extra,
  what,
})

/** The live object with the labels and annotations that it lacks. */
function withMetadata(live: KubeObject, { metadata: wanted }: KubeObject): KubeObject {
  const merged = (name: 'labels' | 'annotations'): Partial<KubeObject['metadata']> => {
    const pairs = { ...wanted[name], ...live.metadata[name] }
    return Object.keys(pairs).length > 0 ? { [name]: pairs } : {}
  }
  return { ...live, metadata: { ...live.metadata, ...merged('labels'), ...merged('annotations') } }
}

function perform({ client, resources }: Invocation, kind: Kind, { operation, object }: Plan): KubeObject {
  const { name, namespace = '' } = object.metadata
  if (operation === 'update') return client.update(kind, object)
  if (operation === 'recreate') client.delete(kind, { namespace, name })
  if (operation === undefined) return object
  if (operation === 'create' && namespace) ensureNamespace(client, resources.find('namespaces'), namespace)
  return client.create(kind, object)
}

function ensureNamespace(client: Invocation['client'], kind: Kind, name: string): void {
  try {
    client.get(kind, { namespace: '', name })
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
    client.create(kind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as KubeObject)
  }
}

function tell(invocation: Invocation, { operation, isProtected, missing, extra, what }: Plan): void {
  if (!operation) return
  const caveat = isProtected ? `, but object opted out (${AUTOUPDATE}: false)` : ''
  const list = (title: string, items: readonly string[]): string =>
    items.length === 0 ? '' : `\t${title}:\n${items.map((item) => `\t\t${item}\n`).join('')}`
  invocation.err(`\treconciliation required ${operation}${caveat}\n`)
  invocation.err(list(`missing ${what} added`, missing))
  invocation.err(list(`extra ${what} removed`, extra))
}

const printList = (list: readonly string[] = []): string => `[${list.join(' ')}]`
const printRule = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string =>
  `{Verbs:${printList(verbs)} APIGroups:${printList(apiGroups)} Resources:${printList(resources)} ResourceNames:${printList(resourceNames)} NonResourceURLs:${printList(nonResourceURLs)}}`
const printSubject = ({ kind, apiGroup = '', name, namespace = '' }: Subject): string =>
  `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`

/** Those of the subjects that are not among the known ones. */
function subjectsBeside(known: readonly Subject[], subjects: readonly Subject[]): Subject[] {
  const texts = new Set(known.map(printSubject))
  return subjects.filter((subject) => !texts.has(printSubject(subject)))
}

/** Single permissions of the wanted rules that the held ones do not give. Source: k8s.io/component-helpers/auth/rbac/validation */
const uncovered = (held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  (wanted.flatMap(breakDown) as PolicyRule[]).filter((single) => !held.some((rule) => covers(rule, single)))

/** Of computing: a list of a rule is looked through this fast, in values a step. */
const valuesPerStep = 16

function covers(rule: PolicyRule, single: PolicyRule): boolean {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const values = verbs.length + apiGroups.length + resources.length + resourceNames.length + nonResourceURLs.length
  charge(3 + values / valuesPerStep)
  const hasAll = (held: readonly string[], wanted: readonly string[] = []): boolean =>
    held.includes('*') || wanted.every((one) => held.includes(one))
  const hasResource = (one: string): boolean => {
    const slash = one.indexOf('/')
    return resources.includes(one) || (slash >= 0 && resources.includes(`*${one.slice(slash)}`))
  }
  const hasPath = (one: string): boolean => nonResourceURLs.some((path) => coversPath(path, one))
  const names = single.resourceNames ?? []
  return (
    hasAll(verbs, single.verbs) &&
    hasAll(apiGroups, single.apiGroups) &&
    (resources.includes('*') || (single.resources ?? []).every(hasResource)) &&
    (resourceNames.length === 0 || (names.length > 0 && names.every((name) => resourceNames.includes(name)))) &&
    (single.nonResourceURLs ?? []).every(hasPath)
  )
}
