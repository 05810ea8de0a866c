/**
 * Bootstrap tokens: Secrets with which a machine that is no node yet proves that it may become one.
 * Sources: plugin/pkg/auth/authenticator/token/bootstrap/bootstrap.go; k8s.io/cluster-bootstrap/token/{api,util}
 */
import type { Secret } from '../api/core/types.ts'
import { decodeBase64Text } from '../api/meta/base64.ts'
import type { UserInfo } from '../client/client.ts'

/** The id and the secret of a token. */
export const bootstrapTokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const TYPE = 'bootstrap.kubernetes.io/token'
const GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const EVERYBODY = 'system:bootstrappers'

/** What a usage of a token is for: to prove who one is, or to sign what others shall trust. */
export type TokenUsage = 'authentication' | 'signing'

/** Where the Secret of a token is; undefined for what is no such token. */
export function secretOfToken(token: string): { namespace: string; name: string } | undefined {
  const [, id] = bootstrapTokenPattern.exec(token) ?? []
  return id === undefined ? undefined : { namespace: 'kube-system', name: `bootstrap-token-${id}` }
}

/** Whether the Secret holds that token, for that use, now. @param nowEpochMs in milliseconds since 1970 */
export function isTokenOf(secret: Secret, token: string, usage: TokenUsage, nowEpochMs: number): boolean {
  const [, id, text] = bootstrapTokenPattern.exec(token) ?? []
  const field = fieldsOf(secret)
  const expiration = field('expiration')
  return (
    secret.type === TYPE &&
    !secret.metadata.deletionTimestamp &&
    field('token-id') === id &&
    field('token-secret') === text &&
    (expiration === '' || (RFC3339.test(expiration) && Date.parse(expiration) > nowEpochMs)) &&
    field(`usage-bootstrap-${usage}`) === 'true'
  )
}

/** As whom the API server takes whoever shows the token; undefined where it does not. */
export function userOfBootstrapToken(
  token: string,
  find: (key: { namespace: string; name: string }) => Secret | undefined,
  nowEpochMs: number,
): UserInfo | undefined {
  const key = secretOfToken(token)
  const secret = key && find(key)
  if (!secret || !isTokenOf(secret, token, 'authentication', nowEpochMs)) return undefined
  const field = fieldsOf(secret)
  const extra = field('auth-extra-groups').split(',').filter(Boolean)
  if (!extra.every((group) => GROUP.test(group))) return undefined
  return {
    name: `system:bootstrap:${field('token-id')}`,
    groups: [...new Set([EVERYBODY, ...extra.toSorted(), 'system:authenticated'])],
  }
}

const fieldsOf =
  ({ data = {} }: Secret) =>
  (name: string): string =>
    decodeBase64Text(data[name] ?? '') ?? ''
