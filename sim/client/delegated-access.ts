/**
 * Who somebody is and what they may, as a server other than the API server knows it: it asks that one with reviews, and keeps the answers for a
 * while. Sources: k8s.io/apiserver/pkg/authentication/authenticatorfactory/delegating.go, pkg/authorization/authorizerfactory/delegating.go
 */
import { subjectAccessReviews, tokenReviews } from '../api/authorization/reviews.ts'
import type {
  ReviewedUser,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  TokenReview,
} from '../api/authorization/types.ts'
import type { Client } from './client.ts'

/** Of each kind of answers. */
const MOST_KEPT = 1000

export const anonymous: ReviewedUser = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

export interface DelegatedAccess {
  /** Whose token it is; undefined when it is nobody's. @throws StatusError where nobody can say */
  userOfToken(token: string): ReviewedUser | undefined
  /** @throws StatusError where nobody can say */
  mayHave(user: ReviewedUser, what: SelfSubjectAccessReview['spec']): boolean
}

export interface DelegatedAccessOptions {
  /** Under which the server asks. */
  readonly client: Pick<Client, 'create'>
  nowMs(): number
  /** How long an answer is kept, in milliseconds. */
  readonly kept: { readonly user: number; readonly allowed: number; readonly refused: number }
}

/** The token of a request's `Authorization: Bearer`; undefined without one. */
export function bearerToken(headers: Readonly<Record<string, string>>): string | undefined {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  return /^Bearer (\S+)$/i.exec(given ?? '')?.[1]
}

export function createDelegatedAccess({ client, nowMs, kept }: DelegatedAccessOptions): DelegatedAccess {
  const users = new Map<string, { user: ReviewedUser | undefined; untilMs: number }>()
  const decisions = new Map<string, { isAllowed: boolean; untilMs: number }>()

  /** What is kept, or what is found out now and kept from now on. */
  function answer<T extends { untilMs: number }>(map: Map<string, T>, key: string, find: () => T): T {
    const known = map.get(key)
    if (known && known.untilMs > nowMs()) return known
    const found = find()
    if (map.size >= MOST_KEPT) map.clear()
    map.set(key, found)
    return found
  }

  return {
    userOfToken: (token) =>
      answer(users, token, () => {
        const { status } = client.create(tokenReviews, { metadata: {}, spec: { token } } as unknown as TokenReview)
        return { user: status?.authenticated ? status.user : undefined, untilMs: nowMs() + kept.user }
      }).user,
    mayHave({ username = '', groups = [], uid, extra }, what) {
      const asked = { user: username, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}), ...what }
      return answer(decisions, JSON.stringify(asked), () => {
        const { status } = client.create(subjectAccessReviews, {
          metadata: {},
          spec: asked,
        } as unknown as SubjectAccessReview)
        const isAllowed = status?.allowed === true
        return { isAllowed, untilMs: nowMs() + (isAllowed ? kept.allowed : kept.refused) }
      }).isAllowed
    },
  }
}
