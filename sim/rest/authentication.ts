/**
 * Who sends a request: the holder of a bearer token, or whoever knows the address; and as whom they act.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */

import { forbidden, StatusError } from '../api/meta/status-error.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import { forbiddenMessage, type RequestInfo } from '../apiserver/request.ts'
import { userOfToken } from '../apiserver/tokens.ts'
import type { UserInfo } from '../client/client.ts'

const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized')
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/
/** Headers of one name that came several times are joined so. */
const listOf = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

/**
 * @param fallback who a request without a token comes from
 * @throws StatusError 401 for a bad token, 403 for somebody who may not act as who they want to
 */
export function authenticate(
  server: ApiServer,
  headers: Readonly<Record<string, string>>,
  fallback: UserInfo,
): UserInfo {
  const [scheme, token] = (headers.authorization ?? '').split(' ', 2)
  const bearer = scheme.toLowerCase() === 'bearer' && token ? token : undefined
  const user = bearer === undefined ? fallback : userOfToken(server, bearer)
  if (!user) throw unauthorized()
  return impersonated(server, headers, user)
}

function impersonated(server: ApiServer, headers: Readonly<Record<string, string>>, user: UserInfo): UserInfo {
  const name = headers['impersonate-user']
  const groups = listOf(headers['impersonate-group'])
  const uid = headers['impersonate-uid']
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined)
      throw new StatusError(400, 'BadRequest', 'requested groups or uid without impersonating a user')
    return user
  }
  const serviceAccount = SERVICE_ACCOUNT.exec(name)
  const checks: Pick<RequestInfo, 'group' | 'resource' | 'namespace' | 'name'>[] = [
    serviceAccount
      ? { group: '', resource: 'serviceaccounts', namespace: serviceAccount[1], name: serviceAccount[2] }
      : { group: '', resource: 'users', namespace: '', name },
    ...groups.map((group) => ({ group: '', resource: 'groups', namespace: '', name: group })),
    ...(uid === undefined ? [] : [{ group: 'authentication.k8s.io', resource: 'uids', namespace: '', name: uid }]),
  ]
  for (const check of checks) {
    const request: RequestInfo = { ...check, user, verb: 'impersonate', subresource: '' }
    const { allowed, reason } = server.authorization.authorize(request)
    const resource = check.group ? `${check.resource}.${check.group}` : check.resource
    if (!allowed) throw forbidden(resource, check.name, forbiddenMessage(request, reason))
  }
  const own = serviceAccount ? ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount[1]}`] : []
  const all = [...(groups.length > 0 ? groups : own), 'system:authenticated']
  return {
    name,
    groups: name === 'system:anonymous' ? [...groups, 'system:unauthenticated'] : [...new Set(all)],
    ...(uid === undefined ? {} : { uid }),
  }
}
