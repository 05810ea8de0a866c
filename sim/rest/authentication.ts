/**
 * Who sends a request: the owner of a certificate, the holder of a bearer token, or whoever comes without; and as whom they act.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */

import { forbidden, StatusError } from '../api/meta/status-error.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import { forbiddenMessage, type RequestInfo } from '../apiserver/request.ts'
import { userOfToken } from '../apiserver/tokens.ts'
import type { UserInfo } from '../client/client.ts'

/** Who shows nothing. Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests */
export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized')
const EXTRA = 'impersonate-extra-'
const AUTHENTICATION = 'authentication.k8s.io'
const core = { group: '', subresource: '', namespace: '' }
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/
/** Headers of one name that came several times are joined so. */
const listOf = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

/** What a connection tells of who sends. */
export interface Sender {
  /** The owner of the certificate that was shown, where it is known. */
  readonly byCertificate?: UserInfo
  /** Whom a request without a token comes from; undefined where it is refused. */
  readonly otherwise?: UserInfo
}

/**
 * @param sender a known certificate is looked at before a token. Source: kubernetes/pkg/kubeapiserver/authenticator/config.go
 * @throws StatusError 401 for a bad token, or none where nobody may come without, 403 for somebody who may not act as who they want to
 */
export function authenticate(
  server: ApiServer,
  headers: Readonly<Record<string, string>>,
  { byCertificate, otherwise }: Sender,
  path: string,
): UserInfo {
  const [scheme, token] = (headers.authorization ?? '').split(' ', 2)
  const bearer = scheme.toLowerCase() === 'bearer' && token ? token : undefined
  const user = byCertificate ?? (bearer === undefined ? otherwise : userOfToken(server, bearer))
  if (!user || (user === anonymous && !server.admitsAnonymous(path))) throw unauthorized()
  return impersonated(server, headers, user)
}

function impersonated(server: ApiServer, headers: Readonly<Record<string, string>>, user: UserInfo): UserInfo {
  const name = headers['impersonate-user']
  const groups = listOf(headers['impersonate-group'])
  const uid = headers['impersonate-uid']
  const extra = extraIn(headers)
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0)
      throw new StatusError(400, 'BadRequest', 'requested groups or uid without impersonating a user')
    return user
  }
  const serviceAccount = SERVICE_ACCOUNT.exec(name)
  const checks: Omit<RequestInfo, 'user' | 'verb'>[] = [
    serviceAccount
      ? { ...core, resource: 'serviceaccounts', namespace: serviceAccount[1], name: serviceAccount[2] }
      : { ...core, resource: 'users', name },
    ...groups.map((group) => ({ ...core, resource: 'groups', name: group })),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({
        ...core,
        group: AUTHENTICATION,
        resource: 'userextras',
        subresource: key,
        name: value,
      })),
    ),
    ...(uid === undefined ? [] : [{ ...core, group: AUTHENTICATION, resource: 'uids', name: uid }]),
  ]
  for (const check of checks) {
    const request: RequestInfo = { ...check, user, verb: 'impersonate' }
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
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}

/** What stands behind the name of the header is the key, its signs escaped as in a URL. */
function extraIn(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  const given = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA))
  return Object.fromEntries(given.map(([name, value]) => [unescaped(name.slice(EXTRA.length)), listOf(value)]))
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
