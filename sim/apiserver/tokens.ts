/**
 * Tokens of service accounts: JSON Web Tokens that say who holds them, for whom and until when, bound to a Pod,
 * a Secret, a Node or to nothing.
 * Simplified: the signature is HMAC-SHA-256 with the cluster's seed as its key, instead of RSA, and as long as one of RSA.
 * Source: kubernetes/pkg/serviceaccount/claims.go
 */
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import { secrets } from '../api/core/secret.ts'
import { serviceAccounts } from '../api/core/service-account.ts'
import { decodeBase64Text, encodeBase64Text, padBase64 } from '../api/meta/base64.ts'
import { isRecord } from '../api/meta/json.ts'
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { sha256 } from '../api/meta/sha256.ts'
import type { UserInfo } from '../client/client.ts'
import { randomUuid } from '../engine/random.ts'
import type { ApiServer } from './api-server.ts'
import { secretOfToken, userOfBootstrapToken } from './bootstrap-tokens.ts'

export const apiAudience = 'https://kubernetes.default.svc.cluster.local'
const AUTHENTICATION = 'authentication.kubernetes.io'
const HEADER = encodeUrl(JSON.stringify({ alg: 'RS256', kid: 'podium' }))
/** As long as one of RSA with 2048 bits, in letters of base64url. */
const SIGNATURE_LETTERS = 342

export interface TokenRequest {
  audiences: readonly string[]
  expirationSeconds: number
  bound: BoundTo
}

interface Named {
  name: string
  uid: string
}

/** Without what it is bound to a token is worth nothing. */
export interface BoundTo {
  pod?: Named
  secret?: Named
  /** The Pod's own; with nothing else, what the token is bound to. */
  node?: Named
}

/** @returns the token, which holds from now on */
export function issueToken(server: ApiServer, account: KubeObject, request: TokenRequest): string {
  const { name, namespace, uid } = account.metadata
  const nowSeconds = Math.floor(server.engine.epochMs / 1000)
  const { pod, secret, node } = request.bound
  const id = randomUuid(server.engine.random('apiserver/tokens'))
  const payload = encodeUrl(
    JSON.stringify({
      aud: request.audiences,
      exp: nowSeconds + request.expirationSeconds,
      iat: nowSeconds,
      iss: apiAudience,
      jti: id,
      'kubernetes.io': {
        namespace,
        ...(node ? { node } : {}),
        ...(pod ? { pod } : {}),
        ...(secret ? { secret } : {}),
        serviceaccount: { name, uid },
      },
      nbf: nowSeconds,
      sub: `system:serviceaccount:${namespace}:${name}`,
    }),
  )
  return `${HEADER}.${payload}.${signature(server, payload)}`
}

/** Who holds the token; undefined when it is not one of this cluster's, is over, or what it is bound to is gone. */
export function userOfToken(server: ApiServer, token: string, audience = apiAudience): UserInfo | undefined {
  if (secretOfToken(token))
    return userOfBootstrapToken(token, (key) => server.stored(secrets, key), server.engine.epochMs)
  const [header, payload, signed, ...more] = token.split('.')
  if (header !== HEADER || !payload || more.length > 0 || signed !== signature(server, payload)) return undefined
  const claims = parseClaims(payload)
  if (!claims) return undefined
  const nowSeconds = server.engine.epochMs / 1000
  if (!claims.audiences.includes(audience) || claims.expires <= nowSeconds || claims.notBefore > nowSeconds)
    return undefined
  const { namespace, account, pod, secret, node, id } = claims
  const isThere = <T extends KubeObject>(kind: Kind<T>, { name, uid }: Named): boolean =>
    server.stored(kind, { namespace: kind.isNamespaced ? namespace : '', name })?.metadata.uid === uid
  const isBound =
    isThere(serviceAccounts, account) &&
    (!pod || isThere(pods, pod)) &&
    (!secret || isThere(secrets, secret)) &&
    // A Pod's token says on which node it is, and outlives it.
    (!node || pod !== undefined || isThere(nodes, node))
  if (!isBound) return undefined
  const said = (name: string, value: string): Record<string, string[]> => ({ [`${AUTHENTICATION}/${name}`]: [value] })
  return {
    name: `system:serviceaccount:${namespace}:${account.name}`,
    uid: account.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      ...said('credential-id', `JTI=${id}`),
      ...(node ? { ...said('node-name', node.name), ...said('node-uid', node.uid) } : {}),
      ...(pod ? { ...said('pod-name', pod.name), ...said('pod-uid', pod.uid) } : {}),
    },
  }
}

interface Claims {
  audiences: unknown[]
  expires: number
  notBefore: number
  namespace: string
  account: Named
  pod: Named | undefined
  secret: Named | undefined
  node: Named | undefined
  id: string
}

/** What is signed is as it was issued, so that its types need no check. */
function parseClaims(payload: string): Claims | undefined {
  const text = decodeBase64Text(padBase64(payload.replaceAll('-', '+').replaceAll('_', '/')))
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  if (!isRecord(value) || !Array.isArray(value.aud)) return undefined
  const bound = value['kubernetes.io'] as { namespace: string; serviceaccount: Named } & BoundTo
  return {
    audiences: value.aud,
    expires: Number(value.exp),
    notBefore: Number(value.nbf),
    namespace: bound.namespace,
    account: bound.serviceaccount,
    pod: bound.pod,
    secret: bound.secret,
    node: bound.node,
    id: String(value.jti),
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Letters that only who knows the cluster's seed can tell: six bits of the code each, over and over. */
function signature(server: ApiServer, payload: string): string {
  const code = hmac(utf8(server.engine.seed), utf8(payload))
  const sixes = Math.floor((code.length * 8) / 6)
  let letters = ''
  for (let n = 0; n < SIGNATURE_LETTERS; n++) {
    const bit = (n % sixes) * 6
    const two = (code[bit >> 3] << 8) | (code[(bit >> 3) + 1] ?? 0)
    letters += LETTERS[(two >> (10 - (bit & 7))) & 63]
  }
  return letters
}

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)]

const blockBytes = 64

/** HMAC-SHA-256. Source: RFC 2104 */
function hmac(key: readonly number[], message: readonly number[]): number[] {
  const short = key.length > blockBytes ? digest(key) : key
  const padded = (filler: number): number[] => Array.from({ length: blockBytes }, (_, n) => (short[n] ?? 0) ^ filler)
  return digest([...padded(0x5c), ...digest([...padded(0x36), ...message])])
}

const digest = (bytes: readonly number[]): number[] =>
  sha256(bytes).flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255))

function encodeUrl(text: string): string {
  return encodeBase64Text(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
