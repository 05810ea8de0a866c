/** kubectl create role and clusterrole. Source: k8s.io/kubectl/pkg/cmd/create/{create_role,create_clusterrole}.go */

import { sorted } from '../../../api/meta/go-json.ts'
import type { PolicyRule } from '../../../api/rbac/types.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import type { Flag } from '../../flags.ts'
import { generatorCommand } from './generator.ts'

const API_VERSION = 'rbac.authorization.k8s.io/v1'

const STANDARD_VERBS = new Set(
  ['get list watch create update patch delete deletecollection use bind impersonate proxy escalate *'].flatMap((text) =>
    text.split(' '),
  ),
)

const URL_VERBS = new Set(['*', 'get', 'post', 'put', 'delete', 'patch', 'head', 'options'])

const ruleFlags: readonly Flag[] = [
  { name: 'verb', type: 'list', help: 'Verb that applies to the resources contained in the rule' },
  { name: 'resource', type: 'list', help: 'Resource that the rule applies to' },
  {
    name: 'resource-name',
    type: 'array',
    help: 'Resource in the white list that the rule applies to, repeat this flag for multiple items',
  },
]

export const createRole = generatorCommand({
  name: 'role',
  short: 'Create a role with single rule',
  usage: 'NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [options]',
  flags: ruleFlags,
  build(invocation, name) {
    const verbs = verbsOf(invocation)
    if (verbs.length === 0) throw new KubectlError('at least one verb must be specified')
    warnOfVerbs(invocation, verbs)
    const rules = resourceRules(invocation, verbs)
    if (rules.length === 0) throw new KubectlError('at least one resource must be specified')
    return { kind: 'Role', apiVersion: API_VERSION, metadata: { name }, rules }
  },
})

export const createClusterRole = generatorCommand({
  name: 'clusterrole',
  short: 'Create a cluster role',
  usage: 'NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [options]',
  flags: [
    ...ruleFlags,
    { name: 'non-resource-url', type: 'list', help: 'A partial url that user should have access to.' },
    {
      name: 'aggregation-rule',
      type: 'pairs',
      help: 'An aggregation label selector for combining ClusterRoles.',
    },
  ],
  build(invocation, name) {
    const { flags } = invocation
    const aggregation = flags.list('aggregation-rule')
    const urls = [...new Set(flags.list('non-resource-url'))]
    const base = { kind: 'ClusterRole', apiVersion: API_VERSION, metadata: { name } }
    if (aggregation.length > 0) {
      if (['non-resource-url', 'resource', 'verb', 'resource-name'].some((flag) => flags.list(flag).length > 0))
        throw new KubectlError(
          'aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
        )
      const matchLabels = sorted(
        Object.fromEntries(
          aggregation.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
        ),
      )
      return { ...base, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } }
    }
    const verbs = verbsOf(invocation)
    if (verbs.length === 0) throw new KubectlError('at least one verb must be specified')
    const hasResources = flags.list('resource').length > 0
    if (!hasResources && urls.length === 0)
      throw new KubectlError('one of resource or nonResourceURL must be specified')
    if (hasResources) warnOfVerbs(invocation, verbs)
    const wrong = urls.length > 0 && verbs.find((verb) => !URL_VERBS.has(verb))
    const rules: PolicyRule[] = resourceRules(invocation, verbs)
    if (wrong) throw new KubectlError(`invalid verb: '${wrong}' for nonResourceURL`)
    for (const url of urls) {
      if (url === '*') continue
      if (!url.startsWith('/')) throw new KubectlError('nonResourceURL should start with /')
      if (url.slice(0, -1).includes('*'))
        throw new KubectlError(`nonResourceURL only supports wildcard matches when '*' is at the end`)
    }
    if (urls.length > 0) rules.push({ verbs, nonResourceURLs: urls })
    return { ...base, rules }
  },
})

/** Each once; `*` stands for all. */
function verbsOf(invocation: Invocation): string[] {
  const verbs = [...new Set(invocation.flags.list('verb'))]
  return verbs.includes('*') ? ['*'] : verbs
}

function warnOfVerbs(invocation: Invocation, verbs: readonly string[]): void {
  for (const verb of verbs)
    if (!STANDARD_VERBS.has(verb)) invocation.err(`Warning: '${verb}' is not a standard resource verb\n`)
}

/** A rule for each API group, in the order of their names. */
function resourceRules(invocation: Invocation, verbs: string[]): PolicyRule[] {
  const given = invocation.flags.list('resource')
  const names = [...new Set(invocation.flags.list('resource-name'))]
  const byGroup = new Map<string, string[]>()
  for (const text of given) {
    const slash = text.indexOf('/')
    const typed = slash < 0 ? text : text.slice(0, slash)
    const subresource = slash < 0 ? '' : text.slice(slash + 1)
    if (!typed || typed.startsWith('.'))
      throw new KubectlError('resource must be specified if apiGroup/subresource specified')
    const { group, resource } = typed === '*' ? { group: '*', resource: '*' } : lookUp(invocation, typed, verbs)
    const resources = byGroup.get(group) ?? []
    const full = subresource ? `${resource}/${subresource}` : resource
    if (!resources.includes(full)) resources.push(full)
    byGroup.set(group, resources)
  }
  return [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({
      verbs,
      apiGroups: [group],
      resources,
      ...(names.length > 0 ? { resourceNames: names } : {}),
    }))
}

/** Verbs that mean something to a few resources only, of which the server need not have any. Source: specialVerbs of create_role.go */
const SPECIAL_VERBS: Readonly<Record<string, readonly string[]>> = {
  use: ['podsecuritypolicies.policy', 'podsecuritypolicies.extensions'],
  bind: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  escalate: ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'],
  impersonate: ['users', 'serviceaccounts', 'groups', 'userextras.authentication.k8s.io'],
}

function lookUp(invocation: Invocation, typed: string, verbs: readonly string[]): { group: string; resource: string } {
  const [first, ...rest] = typed.split('.')
  if (first === '*') return { group: rest.join('.'), resource: '*' }
  const kind = invocation.resources.lookUp(typed)
  const found = kind ? { group: kind.group, resource: kind.plural } : { group: rest.join('.'), resource: first }
  const special = verbs.filter((verb) => Object.hasOwn(SPECIAL_VERBS, verb))
  for (const verb of special)
    if (!SPECIAL_VERBS[verb].includes(found.group ? `${found.resource}.${found.group}` : found.resource))
      throw new KubectlError(`can not perform '${verb}' on '${found.resource}' in group '${found.group}'`)
  if (special.length > 0) return found
  if (!kind) {
    const group = rest.join('.')
    const where = group ? ` in group "${group}"` : ''
    throw new KubectlError(`the server doesn't have a resource type "${first}"${where}`, 1, true)
  }
  return { group: kind.group, resource: kind.plural }
}
