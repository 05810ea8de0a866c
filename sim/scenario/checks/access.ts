/** What somebody may do, asked of the authorizer or computed from the rules: nobody has to try it. */

import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { clusterRoles, roles } from '../../api/rbac/role.ts'
import { clusterRoleBindings, roleBindings } from '../../api/rbac/role-binding.ts'
import type { RoleBinding } from '../../api/rbac/types.ts'
import { type AuthorizationStore, createRbacAuthorization } from '../../apiserver/authorization/rbac.ts'
import { ruleAllows } from '../../apiserver/authorization/rules.ts'
import { type Authorization, inWords, missingRule, type RequestInfo } from '../../apiserver/request.ts'
import type { UserInfo } from '../../client/client.ts'
import type { LiveCluster } from '../../cluster.ts'
import { serviceAccountUser } from '../../component-context.ts'
import { said } from '../../engine/said.ts'
import type { AccessAssertion } from '../types.ts'
import { beyond, heldBy, heldInWords, heldOf, holdsTheSame, pathsOf, requestOf, rightsInWords } from './held-access.ts'
import { type Snapshot, snapshotNow, walkHistory } from './history.ts'
import type { Span } from './time-modes.ts'
import type { Verdict } from './verdict.ts'

type Request = Omit<RequestInfo, 'user'>

interface AccessVerdict extends Verdict {
  why?: string
}

/** Rules at a moment, and the namespaces that there were. */
interface Moment {
  authorization: Authorization
  namespaces: readonly string[]
  bindings: readonly RoleBinding[]
}

/** Judges what the authorizer says now. Nothing is changed by asking. @param fromMs the hand-over */
export function judgeAccess(cluster: LiveCluster, assertion: AccessAssertion, fromMs = 0): AccessVerdict {
  const now = momentOf(snapshotNow(cluster), cluster.server.authorization)
  return compileAccess(assertion)(now, () => momentAt(cluster, fromMs))
}

/** When in a part of the run the authorizer would have said what has to be: as often as a role, a binding or a namespace changed. */
export function accessCourse(cluster: LiveCluster, assertion: AccessAssertion, fromMs: number, endMs: number): Span[] {
  const judge = compileAccess(assertion)
  const spans: Span[] = []
  let start: Moment | undefined
  walkHistory(cluster, fromMs, endMs, plurals, (snapshot) => {
    const moment = momentOf(snapshot)
    start ??= moment
    const { holds } = judge(moment, () => start!)
    if (spans.at(-1)?.holds !== holds) spans.push({ fromMs: snapshot.atMs, holds })
  })
  return spans
}

const plurals: ReadonlySet<string> = new Set(
  [roles, roleBindings, clusterRoles, clusterRoleBindings].map((kind) => kind.plural).concat('namespaces'),
)

function momentAt(cluster: LiveCluster, atMs: number): Moment {
  let moment: Moment | undefined
  walkHistory(cluster, atMs, atMs, plurals, (snapshot) => {
    moment ??= momentOf(snapshot)
  })
  return moment!
}

const momentOf = (
  snapshot: Snapshot,
  authorization: Authorization = createRbacAuthorization(storeOf(snapshot)),
): Moment => ({
  authorization,
  namespaces: snapshot.everywhere('namespaces').map(({ metadata }) => metadata.name),
  bindings: [roleBindings, clusterRoleBindings].flatMap(
    (kind) => snapshot.everywhere(kind.plural) as readonly RoleBinding[],
  ),
})

/** @throws Error when it cannot be read: no request, or one for what the API does not have */
function compileAccess(assertion: AccessAssertion): (now: Moment, start: () => Moment) => AccessVerdict {
  if ('nobodyGainsBut' in assertion) {
    const { nobodyGainsBut } = assertion
    return (now, start) => judgeGains(now, start(), nobodyGainsBut)
  }
  if ('exactly' in assertion || 'atMost' in assertion) {
    const { user } = assertion
    const [least, most] = 'exactly' in assertion ? [assertion.exactly, []] : [assertion.atLeast ?? [], assertion.atMost]
    // A mistake of the author is told at once.
    heldOf([...least, ...most], [])
    return (now) => judgeHeld(now, user, least, most)
  }
  const { user, can = [], cannot = [] } = assertion
  const [wanted, forbidden] = [can, cannot].map((list) => list.map(readRequest))
  return ({ authorization }) => judgeRequests(authorization, user, wanted!, forbidden!)
}

interface Asked {
  text: string
  request: Request
}
const readRequest = (text: string): Asked => ({ text, request: parseRequest(text) })
const textsOf = (all: readonly Asked[]): string[] => all.map(({ text }) => text)

function judgeRequests(
  authorization: Authorization,
  user: string,
  can: readonly Asked[],
  cannot: readonly Asked[],
): AccessVerdict {
  const subject = userNamed(user)
  const isAllowed = ({ request }: Asked): boolean => authorization.authorize({ user: subject, ...request }).allowed
  const missing = can.filter((asked) => !isAllowed(asked))
  const tooMuch = cannot.filter(isAllowed)
  const holds = missing.length === 0 && tooMuch.length === 0
  return {
    holds,
    why:
      [
        ...missing.map(({ request }) => missingRule(request)),
        ...tooMuch.map(({ request }) => grantOf(authorization, { user: subject, ...request })),
      ].join(' ') || undefined,
    actual: holds ? said`${user} may do what it should` : inShort(user, textsOf(tooMuch), textsOf(missing)),
    expected: inShort(user, textsOf(can), textsOf(cannot)),
  }
}

function grantOf(authorization: Authorization, request: RequestInfo): string {
  const grant = authorization
    .rulesFor(request.user, request.namespace)
    .grants.find(({ rule }) => ruleAllows(rule, request))
  return grant ? said`${inWords(request)} is allowed by ${grant.role}, granted by ${grant.binding}.` : ''
}

function judgeHeld(
  { authorization, namespaces }: Moment,
  user: string,
  least: readonly string[],
  most: readonly string[],
): AccessVerdict {
  const subject = userNamed(user)
  const held = heldBy(authorization, subject, namespaces)
  const tooMuch = beyond(held, heldOf([...least, ...most], namespaces))
  const missing = beyond(heldOf(least, namespaces), held)
  const more = rightsInWords({ entries: tooMuch, paths: pathsOf(authorization, subject) }, namespaces)
  const less = missing.length > 0 ? heldInWords(missing, namespaces) : ''
  const [extra] = tooMuch
  const right = [...least, ...most].join('; ')
  return {
    holds: !more && !less,
    actual: heldInShort(user, more, less),
    expected:
      least.length === 0
        ? said`${user} may at most ${right}, and nothing else`
        : said`${user} may ${right}, and nothing else`,
    why: extra && grantOf(authorization, requestOf(subject, extra)),
  }
}

function judgeGains(now: Moment, start: Moment, others: readonly string[]): AccessVerdict {
  const gains = subjectsOf(now).flatMap(({ user, group }) => {
    if (others.includes(user.name)) return []
    if (holdsTheSame(now.authorization, start.authorization, user, now.namespaces)) return []
    const more = beyond(
      heldBy(now.authorization, user, now.namespaces),
      heldBy(start.authorization, user, now.namespaces),
    )
    const had = pathsOf(start.authorization, user)
    const paths = pathsOf(now.authorization, user).filter((path) => !had.includes(path))
    const words = rightsInWords({ entries: more, paths }, now.namespaces)
    if (!words) return []
    const text =
      group === undefined ? said`${user.name} may ${words}` : said`everybody in the group ${group} may ${words}`
    return [{ user, more, text }]
  })
  const [first] = gains
  const told = gains.slice(0, mostTold).map(({ text }) => text)
  const more = gains.length > mostTold ? `. ${said`And ${gains.length - mostTold} more got rights`}` : ''
  return {
    holds: gains.length === 0,
    actual: `${told.join('. ') || said`nobody else got a right`}${more}`,
    expected:
      others.length > 0
        ? said`nobody gets a right but ${others.join(', ')}`
        : said`nobody gets a right but those who had it`,
    why: first?.more[0] && grantOf(now.authorization, requestOf(first.user, first.more[0])),
  }
}

/** How many are told. */
const mostTold = 3

/** Everybody whom a binding names. Of a group, somebody who is in it and in no other. */
function subjectsOf({ bindings }: Moment): { user: UserInfo; group?: string }[] {
  const [users, groups] = [new Map<string, { user: UserInfo }>(), new Map<string, { user: UserInfo; group: string }>()]
  for (const { subjects = [], metadata } of bindings)
    for (const { kind, name, namespace = metadata.namespace ?? '' } of subjects) {
      if (kind === 'Group') {
        groups.set(name, { user: { name: 'somebody', groups: [name] }, group: name })
        continue
      }
      const user = userNamed(kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name)
      users.set(user.name, { user })
    }
  return [...users.values(), ...groups.values()]
}

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

function inShort(user: string, may: readonly string[], mayNot: readonly string[]): string {
  const [allowed, refused] = [may.join(', '), mayNot.join(', ')]
  if (!refused) return said`${user} may ${allowed}`
  return allowed ? said`${user} may ${allowed}; may not ${refused}` : said`${user} may not ${refused}`
}

function heldInShort(user: string, more: string, less: string): string {
  if (!more && !less) return said`${user} may do what it should, and no more`
  if (!less) return said`${user} may do more than it should: ${more}`
  return more ? said`${user} may do more than it should: ${more}; may not ${less}` : said`${user} may not ${less}`
}

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
