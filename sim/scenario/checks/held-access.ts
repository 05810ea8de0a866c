/**
 * All that somebody may do, computed from the rules that they hold: every verb on every resource and subresource, in every namespace, for any
 * object or for some by name. Two of these can be compared, so that a check says what is too much and what is missing, and no list of samples
 * stands for the whole.
 */

import { componentStatuses } from '../../api/core/component-status.ts'
import { coversPath } from '../../api/rbac/non-resource-urls.ts'
import { clusterRoles, roles } from '../../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../api/rbac/role-binding.ts'
import type { PolicyRule } from '../../api/rbac/types.ts'
import { kinds, virtualKinds } from '../../api/registry.ts'
import { defaultPolicy } from '../../apiserver/authorization/default-policy.ts'
import { type AuthorizationStore, createRbacAuthorization } from '../../apiserver/authorization/rbac.ts'
import { ruleMatches } from '../../apiserver/authorization/rules.ts'
import type { Authorization, Grant, RequestInfo } from '../../apiserver/request.ts'
import type { UserInfo } from '../../client/client.ts'
import { charge, uncharged } from '../../engine/work.ts'
import { verbsOf } from '../../rest/discovery.ts'
import { subresourcesOf } from '../../rest/subresource-table.ts'
import { grouped } from './grouped.ts'

/** What the API serves under one name, with all that can be asked of it. */
interface Target {
  group: string
  resource: string
  subresource: string
  isNamespaced: boolean
  verbs: readonly string[]
  /** Nothing serves it yet, so that nobody knows whether it will lie in namespaces. */
  isLater?: boolean
}

/** Of which objects: of all there may be, or of those. */
type Names = 'any' | ReadonlySet<string>

/** What may be done with one resource by one verb in one place. */
interface Entry {
  target: Target
  verb: string
  /** '' is the cluster as a whole. */
  namespace: string
  names: Names
}

/** By verb, resource and place. */
export type Held = ReadonlyMap<string, Entry>

const objectVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What v1.36 serves besides the objects that this API server keeps: a rule may name it all the same. Source: kubernetes/api/discovery, the stable versions. */
const notServed: readonly [group: string, isNamespaced: boolean, resources: string][] = [
  ['', false, 'componentstatuses:get,list'],
  ['events.k8s.io', true, 'events'],
]

/**
 * Verbs that no request has, and that the API server asks the authorizer for.
 * Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping,
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization,
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/#kubelet-authorization, and for constrained impersonation
 * k8s.io/apiserver/pkg/endpoints/filters/impersonation
 */
const askedFor: readonly Target[] = [
  ...['roles', 'clusterroles'].map((resource) => ({
    ...{ group: 'rbac.authorization.k8s.io', resource, subresource: '' },
    ...{ isNamespaced: resource === 'roles', verbs: ['bind', 'escalate'] },
  })),
  ...['users', 'groups'].map((resource) => impersonated('', resource, false)),
  impersonated('', 'serviceaccounts', true),
  ...['uids', 'userextras'].map((resource) => impersonated('authentication.k8s.io', resource, false)),
  {
    ...{ group: 'certificates.k8s.io', resource: 'signers', subresource: '' },
    ...{ isNamespaced: false, verbs: ['approve', 'attest', 'sign'] },
  },
  ...'checkpoint configz healthz log metrics pods spec stats'.split(' ').map((subresource) => ({
    ...{ group: '', resource: 'nodes', subresource, isNamespaced: false },
    verbs: ['create', 'delete', 'get', 'patch', 'update'],
  })),
  ...['users', 'groups', 'uids', 'userextras', 'serviceaccounts', 'nodes'].map((resource) => ({
    ...{ group: 'authentication.k8s.io', resource, subresource: '', isNamespaced: resource === 'serviceaccounts' },
    verbs: ['user-info', 'serviceaccount', 'arbitrary-node', 'associated-node'].map((mode) => `impersonate:${mode}`),
  })),
]

/** What is done in somebody else's name has a verb for each of its own: `impersonate-on:user-info:get`. Only rules that name it allow it. */
const inAnothersName = /^impersonate-on:/

function impersonated(group: string, resource: string, isNamespaced: boolean): Target {
  return { group, resource, subresource: '', isNamespaced, verbs: ['impersonate'] }
}

function targetsNotServed(): Target[] {
  return notServed.flatMap(([group, isNamespaced, list]) =>
    list.split(' ').map((text) => {
      const [name, verbs] = text.split(':') as [string, string?]
      const [resource, subresource = ''] = name.split('/') as [string, string?]
      const usual = subresource ? ['get', 'patch', 'update'] : objectVerbs
      return { group, resource, subresource, isNamespaced, verbs: verbs?.split(',') ?? usual }
    }),
  )
}

/** Everything that a rule can be about. */
const targets: readonly Target[] = [
  ...[...kinds, ...virtualKinds.filter(({ kind }) => kind !== componentStatuses.kind)].flatMap((kind): Target[] => {
    const { group, plural, isNamespaced } = kind
    const own = { group, resource: plural, isNamespaced }
    return [
      { ...own, subresource: '', verbs: verbsOf(kind, ['create']) },
      ...subresourcesOf(kind).map(({ name, verbs }) => ({ ...own, subresource: name, verbs })),
    ]
  }),
  ...targetsNotServed(),
  ...askedFor,
]

const servedGroups: ReadonlySet<string> = new Set(targets.map(({ group }) => group))

/**
 * What a rule is about that nothing serves yet: a definition may bring it any day, or a server of its own. Groups of definitions have a dot, and
 * `*` is each of them. That a rule names no resource of a group which Kubernetes serves gives nothing: lists of groups and of resources cross.
 */
function laterTargets(rules: readonly PolicyRule[], isNamespaced: boolean): Target[] {
  const found = new Map<string, Target>()
  for (const { apiGroups = [], resources = [], verbs } of rules) {
    const groups = apiGroups.filter((group) => group === '*' || (group.includes('.') && !servedGroups.has(group)))
    charge(groups.length * resources.length)
    for (const group of groups)
      for (const named of resources) {
        const [resource, subresource = ''] = named.split('/') as [string, string?]
        if (group === '*' && targets.some((one) => one.resource === resource)) continue
        const target = { group, resource, subresource, isNamespaced, isLater: true }
        const label = labelOf({ ...target, verbs: [] })
        const own = verbs.filter((verb) => verb !== '*' && !inAnothersName.test(verb))
        found.set(label, { ...target, verbs: [...new Set([...(found.get(label)?.verbs ?? objectVerbs), ...own])] })
      }
  }
  return [...found.values()]
}

const labelOf = ({ resource, group, subresource }: Target): string =>
  `${resource}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`

/** Requests for one object: a rule with names can allow them. Lists and watches have a name when a field selector asks for one; others have ''. */
const hasName = ({ subresource }: Target, verb: string): boolean =>
  verb !== 'deletecollection' && (verb !== 'create' || subresource !== '')

/** A Namespace lies in itself: a role of it may allow what is done to it. */
const liesInItself = ({ resource, group }: Target): boolean => resource === 'namespaces' && group === ''

/** With which verbs something is asked for there; what lies in namespaces is only listed and watched across them. */
function verbsIn(target: Target, namespace: string): readonly string[] {
  if (target.isLater) return target.verbs
  if (namespace === '')
    return target.isNamespaced ? target.verbs.filter((verb) => verb === 'list' || verb === 'watch') : target.verbs
  if (liesInItself(target)) return target.verbs.filter((verb) => ['delete', 'get', 'patch', 'update'].includes(verb))
  return target.isNamespaced ? target.verbs : []
}

const keyOf = (target: Target, verb: string, namespace: string): string => `${verb} ${labelOf(target)} ${namespace}`

/** @param grants that hold in the namespace */
function entriesIn(namespace: string, grants: readonly Grant[]): Entry[] {
  if (grants.length === 0) return []
  const asked = grants.map(({ rule }) => ({ rule, ofAnyVerb: { ...rule, verbs: ['*'] } }))
  const later = laterTargets(
    grants.map(({ rule }) => rule),
    namespace !== '',
  )
  return [...targets, ...later].flatMap((target) => {
    const verbs = verbsIn(target, namespace)
    if (verbs.length === 0) return []
    const about = asked.flatMap(({ rule, ofAnyVerb }) =>
      ruleMatches(ofAnyVerb, { ...target, verb: '' }) ? [rule] : [],
    )
    if (about.length === 0) return []
    const onBehalf = new Set(about.flatMap((rule) => rule.verbs.filter((verb) => inAnothersName.test(verb))))
    return [...verbs, ...onBehalf].flatMap((verb): Entry[] => {
      const names = namesOf(
        about.filter((rule) => rule.verbs.includes(verb) || rule.verbs.includes('*')),
        target,
        verb,
        namespace,
      )
      return names === 'any' || names.size > 0 ? [{ target, verb, namespace, names }] : []
    })
  })
}

function namesOf(rules: readonly PolicyRule[], target: Target, verb: string, namespace: string): Names {
  const isAny = rules.some(({ resourceNames }) => !resourceNames?.length)
  const isSelf = namespace !== '' && liesInItself(target)
  if (isAny) return isSelf ? new Set([namespace]) : 'any'
  const names = rules.flatMap(({ resourceNames }) => resourceNames ?? [])
  if (!hasName(target, verb)) return names.includes('') ? 'any' : new Set()
  return new Set(isSelf ? names.filter((name) => name === namespace) : names)
}

/**
 * What somebody holds, besides what everybody has from the start.
 * @param namespaces all that there are
 */
export function heldBy(authorization: Authorization, user: UserInfo, namespaces: readonly string[]): Held {
  const entries = ['', ...namespaces, later].flatMap((namespace) => {
    const { grants } = authorization.rulesFor(user, namespace)
    charge(targets.length * (1 + grants.length))
    const usual = uncharged(() => usualIn(namespace, user))
    return entriesIn(namespace, grants).flatMap((entry) => {
      const names = without(entry.names, namesIn(usual, entry))
      return names ? [{ ...entry, names }] : []
    })
  })
  return new Map(entries.map((entry) => [textKey(entry), entry]))
}

const textKey = ({ target, verb, namespace }: Entry): string => keyOf(target, verb, namespace)

/** What somebody holds in a namespace from the start. */
function usualIn(namespace: string, user: UserInfo): ReadonlyMap<string, Entry> {
  // Only few names and groups come in the bindings that a cluster begins with; most have the same by their groups.
  const { grants } = ofEverybody().rulesFor(user, namespace)
  const key = [namespace, ...grants.map(({ role, binding }) => `${role} ${binding}`)].join('\n')
  const known = usuals.get(key)
  if (known) return known
  const usual = new Map(entriesIn(namespace, grants).map((entry) => [textKey(entry), entry]))
  if (usuals.size >= mostUsuals) usuals.clear()
  usuals.set(key, usual)
  return usual
}
const usuals = new Map<string, ReadonlyMap<string, Entry>>()
const mostUsuals = 500

/** Whether somebody holds the very rules at both moments: then nothing has to be compared. */
export function holdsTheSame(
  a: Authorization,
  b: Authorization,
  user: UserInfo,
  namespaces: readonly string[],
): boolean {
  return ['', ...namespaces].every((namespace) => {
    const [one, other] = [a.rulesFor(user, namespace).grants, b.rulesFor(user, namespace).grants]
    charge(one.length)
    return (
      one.length === other.length &&
      one.every((grant, n) => grant.rule === other[n]!.rule && grant.namespace === other[n]!.namespace)
    )
  })
}

/** Stands for the namespaces that will be made later. No Namespace is called so. */
const later = '*'

/** The rules that a cluster has before anybody gives one: those of the groups of all who are known, for instance. */
function ofEverybody(): Authorization {
  usualAuthorization ??= createRbacAuthorization(defaultStore())
  return usualAuthorization
}
let usualAuthorization: Authorization | undefined

function defaultStore(): AuthorizationStore {
  const of = (kind: unknown): readonly { name: string; namespace: string }[] => {
    const { roles: allRoles, bindings } = defaultPolicy
    if (kind === clusterRoles) return allRoles.filter(({ namespace }) => namespace === '')
    if (kind === roles) return allRoles.filter(({ namespace }) => namespace !== '')
    if (kind === clusterRoleBindings) return bindings.filter(({ namespace }) => namespace === '')
    return kind === roleBindings ? bindings.filter(({ namespace }) => namespace !== '') : []
  }
  const object = ({ name, namespace, ...rest }: { name: string; namespace: string }) =>
    ({ ...rest, metadata: { name, ...(namespace ? { namespace } : {}) } }) as never
  return {
    list: (kind) => of(kind).map(object),
    find: (kind, key) => {
      const found = of(kind).find(({ name, namespace }) => name === key.name && namespace === key.namespace)
      return found && object(found)
    },
  }
}

/** @returns undefined when nothing is left */
function without(names: Names, taken: Names | undefined): Names | undefined {
  if (taken === undefined) return names
  if (taken === 'any') return undefined
  if (names === 'any') return 'any'
  const left = [...names].filter((name) => !taken.has(name))
  return left.length > 0 ? new Set(left) : undefined
}

function united(a: Names, b: Names | undefined): Names {
  if (b === undefined) return a
  return a === 'any' || b === 'any' ? 'any' : new Set([...a, ...b])
}

/** What of the first is not in the second. */
export function beyond(held: Held, other: Held): Entry[] {
  charge(held.size)
  return [...held.values()].flatMap((entry) => {
    const names = without(entry.names, namesIn(other, entry))
    return names ? [{ ...entry, names }] : []
  })
}

/** Of which objects somebody holds the same. What nothing serves yet may be held by a star as well: its group, its resource, or both. */
function namesIn(held: Held, entry: Entry): Names | undefined {
  const { target, verb, namespace } = entry
  if (!target.isLater) return held.get(textKey(entry))?.names
  const { resource, subresource } = target
  const about = [
    { resource, subresource },
    { resource: '*', subresource },
    { resource: '*', subresource: '' },
  ]
  return [target.group, '*'].reduce<Names | undefined>((all, group) => {
    for (const one of about) {
      const names = held.get(keyOf({ ...target, ...one, group }, verb, namespace))?.names
      if (names !== undefined) all = united(names, all)
    }
    return all
  }, undefined)
}

const patternForm = /^(\S+) (\S+)(?: (?!in )(\S+))?(?: in (\S+))?$/

/**
 * Reads patterns `VERBS RESOURCES [NAMES] [in NAMESPACES]`, lists separated by commas: `get,list pods,pods/log in shop`. `*` stands for all verbs
 * of a resource, and for all namespaces, which is also what a pattern without any means.
 * @param namespaces all that there are
 * @throws Error when one is none, or names what the API does not have
 */
export function heldOf(patterns: readonly string[], namespaces: readonly string[]): Held {
  const held = new Map<string, Entry>()
  for (const pattern of patterns) {
    const [, verbs, resources, names, where = '*'] = patternForm.exec(pattern) ?? []
    if (verbs === undefined || resources === undefined)
      throw new Error(`what somebody may do is VERBS RESOURCES [NAMES] [in NAMESPACES], not: ${pattern}`)
    const places = where === '*' ? ['', ...namespaces, later] : where.split(',')
    for (const label of resources.split(',')) {
      const about = targets.filter((target) => labelOf(target) === label)
      if (about.length === 0) throw new Error(`the API has no ${label}, which is named in: ${pattern}`)
      for (const verb of verbs === '*' ? new Set(about.flatMap((target) => target.verbs)) : verbs.split(',')) {
        const target = about.find((one) => one.verbs.includes(verb))
        if (!target) throw new Error(`nobody can ${verb} ${label}, which is said in: ${pattern}`)
        for (const namespace of places) {
          if (!verbsIn(target, namespace).includes(verb)) continue
          const key = keyOf(target, verb, namespace)
          const own: Names = names === undefined || !hasName(target, verb) ? 'any' : new Set(names.split(','))
          held.set(key, { target, verb, namespace, names: united(own, held.get(key)?.names) })
        }
      }
    }
  }
  return held
}

/** A request that it stands for. */
export function requestOf(user: UserInfo, { target, verb, namespace, names }: Entry): RequestInfo {
  const { group, resource, subresource } = target
  return { user, verb, group, resource, subresource, namespace, name: names === 'any' ? '' : [...names][0]! }
}

/** Paths that are no resources and that somebody may ask for, besides what everybody may. */
export function pathsOf(authorization: Authorization, user: UserInfo): string[] {
  const pathsIn = (grants: readonly Grant[]): string[] =>
    grants.flatMap(({ rule, namespace }) => (namespace === '' ? (rule.nonResourceURLs ?? []) : []))
  const usual = pathsIn(uncharged(() => ofEverybody().rulesFor(user, '').grants))
  return [...new Set(pathsIn(authorization.rulesFor(user, '').grants))].filter(
    (path) => !usual.some((known) => coversPath(known, path)),
  )
}

/** How many are told. */
const mostTold = 4
const mostLabels = 5

/** What somebody has, to be told. */
export interface Rights {
  entries: readonly Entry[]
  paths: readonly string[]
}

/** What somebody may do, in words after "may"; empty for nothing. */
export const rightsInWords = ({ entries, paths }: Rights, namespaces: readonly string[]): string =>
  [heldInWords(entries, namespaces), ...paths.map((path) => `ask for the path ${path}`)].filter(Boolean).join('; ')

/** In words, the like put together: `delete, patch deployments.apps, pods in shop`. */
export function heldInWords(entries: readonly Entry[], namespaces: readonly string[]): string {
  const everywhere = new Set(entries.flatMap((entry) => (entry.namespace === later ? [labelAndVerb(entry)] : [])))
  // What may be listed in each namespace may be listed in all of them at once, too.
  const told = entries.filter((entry) => entry.namespace !== '' || !everywhere.has(labelAndVerb(entry)))
  const byVerbs = grouped(told, ({ target, namespace, names }) => [labelOf(target), namespace, namesInWords(names)])
  const rows = byVerbs.map((group) => {
    const [{ target, namespace, names }] = group as [Entry]
    const verbs = group.map(({ verb }) => verb)
    const isAll = verbs.length > 2 && verbs.length === verbsIn(target, namespace).length
    return {
      verbs: isAll ? 'do everything with' : verbs.join(', '),
      label: labelOf(target),
      namespace,
      names: namesInWords(names),
    }
  })
  const byPlace = grouped(rows, ({ verbs, label, names, namespace }) => [verbs, label, names, String(namespace === '')])
  const placed = byPlace.map((group) => ({
    ...group[0]!,
    where: whereInWords(
      group.map(({ namespace }) => namespace),
      namespaces,
    ),
  }))
  const phrases = grouped(placed, ({ verbs, names, where }) => [verbs, names, where]).map((group) => {
    const labels = group.map(({ label }) => label)
    const more = labels.length - mostLabels
    const shown =
      more > 0 ? [...labels.slice(0, mostLabels), `${more} more ${more === 1 ? 'resource' : 'resources'}`] : labels
    const { verbs, names, where } = group[0]!
    return [verbs, shown.join(', '), names, where].filter(Boolean).join(' ')
  })
  const more = phrases.length - mostTold
  return [...phrases.slice(0, mostTold), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

const labelAndVerb = ({ target, verb }: Entry): string => `${verb} ${labelOf(target)}`

const namesInWords = (names: Names): string => (names === 'any' ? '' : [...names].map((name) => `"${name}"`).join(', '))

function whereInWords(places: readonly string[], namespaces: readonly string[]): string {
  if (places.includes('')) return ''
  if (places.includes(later)) return 'in every namespace'
  return `in ${places.length === namespaces.length ? 'every namespace there is' : places.join(', ')}`
}
