/** What somebody may do, asked of the authorizer: nobody has to try it. */

import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { clusterRoles, roles } from '../../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../api/rbac/role-binding.ts'
import { type AuthorizationStore, createRbacAuthorization } from '../../apiserver/authorization/rbac.ts'
import { ruleAllows } from '../../apiserver/authorization/rules.ts'
import { type Authorization, inWords, missingRule, type RequestInfo } from '../../apiserver/request.ts'
import type { UserInfo } from '../../client/client.ts'
import type { LiveCluster } from '../../cluster.ts'
import { serviceAccountUser } from '../../component-context.ts'
import type { AccessAssertion } from '../types.ts'
import type { Verdict } from './assertion.ts'
import { type Snapshot, walkHistory } from './history.ts'
import type { Span } from './time-modes.ts'

type Request = Omit<RequestInfo, 'user'>

/** Judges what the authorizer says now. Nothing is changed by asking. */
export function judgeAccess(
  { server }: LiveCluster,
  { user, can = [], cannot = [] }: AccessAssertion,
): Verdict & { why?: string } {
  const subject = userNamed(user)
  const isAllowed = allowedBy(server.authorization, subject)
  const grantOf = (text: string): string => {
    const request = { user: subject, ...parseRequest(text) }
    const grant = server.authorization
      .rulesFor(subject, request.namespace)
      .grants.find(({ rule }) => ruleAllows(rule, request))
    return grant ? `${inWords(request)} is allowed by ${grant.role}, granted by ${grant.binding}.` : ''
  }
  const missing = can.filter((text) => !isAllowed(text))
  const tooMuch = cannot.filter(isAllowed)
  const holds = missing.length === 0 && tooMuch.length === 0
  return {
    holds,
    why: [...missing.map((text) => missingRule(parseRequest(text))), ...tooMuch.map(grantOf)].join(' ') || undefined,
    actual: `${user} ${holds ? 'may do what it should' : inShort(tooMuch, missing)}`,
    expected: `${user} ${inShort(can, cannot)}`,
  }
}

/** When in a part of the run the authorizer would have said what has to be: as often as a role or binding changed. */
export function accessCourse(
  cluster: LiveCluster,
  { user, can = [], cannot = [] }: AccessAssertion,
  fromMs: number,
  endMs: number,
): Span[] {
  const subject = userNamed(user)
  const spans: Span[] = []
  const plurals = new Set([roles, roleBindings, clusterRoles, clusterRoleBindings].map((kind) => kind.plural))
  walkHistory(cluster, fromMs, endMs, plurals, (snapshot) => {
    const isAllowed = allowedBy(createRbacAuthorization(storeOf(snapshot)), subject)
    const holds = can.every(isAllowed) && !cannot.some(isAllowed)
    if (spans.at(-1)?.holds !== holds) spans.push({ fromMs: snapshot.atMs, holds })
  })
  return spans
}

const allowedBy =
  (authorization: Authorization, user: UserInfo) =>
  (text: string): boolean =>
    authorization.authorize({ user, ...parseRequest(text) }).allowed

/** The roles and bindings of a moment, as an authorizer reads them. */
const storeOf = (snapshot: Snapshot): AuthorizationStore => {
  const list = <T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[] =>
    (snapshot.everywhere(kind.plural) as readonly T[]).filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    )
  return {
    list,
    find: (kind, { namespace, name }) =>
      list(kind).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace),
  }
}

const inShort = (may: readonly string[], mayNot: readonly string[]): string =>
  [
    ...(may.length > 0 ? [`may ${may.join(', ')}`] : []),
    ...(mayNot.length > 0 ? [`may not ${mayNot.join(', ')}`] : []),
  ].join('; ')

/** A user by name, with the groups that every ServiceAccount is in. */
function userNamed(name: string): UserInfo {
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  return namespace ? serviceAccountUser(namespace, account) : { name, groups: ['system:authenticated'] }
}

/**
 * `VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME] [in NAMESPACE]`; without a namespace it is the cluster as a whole.
 * @throws Error when it is none
 */
export function parseRequest(text: string): Request {
  const match = /^(\S+) ([^\s./]+)(?:\.([^\s/]+))?(?:\/(\S+))?(?: (?!in )(\S+))?(?: in (\S+))?$/.exec(text)
  if (!match) throw new Error(`a request is VERB RESOURCE[.GROUP][/SUBRESOURCE] [NAME] [in NAMESPACE], not: ${text}`)
  const [, verb, resource, group = '', subresource = '', name = '', namespace = ''] = match
  return { verb, resource, group, subresource, name, namespace }
}
