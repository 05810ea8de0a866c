/** What somebody may do, asked of the authorizer: nobody has to try it. */

import { ruleAllows } from '../../apiserver/authorization/rules.ts'
import { inWords, missingRule, type RequestInfo } from '../../apiserver/request.ts'
import type { UserInfo } from '../../client/client.ts'
import type { LiveCluster } from '../../cluster.ts'
import { serviceAccountUser } from '../../component-context.ts'
import type { AccessAssertion } from '../types.ts'
import type { Verdict } from './assertion.ts'

type Request = Omit<RequestInfo, 'user'>

/** Judges what the authorizer says now. Nothing is changed by asking. */
export function judgeAccess(
  { server }: LiveCluster,
  { user, can = [], cannot = [] }: AccessAssertion,
): Verdict & { why?: string } {
  const subject = userNamed(user)
  const isAllowed = (text: string): boolean =>
    server.authorization.authorize({ user: subject, ...parseRequest(text) }).allowed
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
