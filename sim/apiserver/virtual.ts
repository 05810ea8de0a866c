/** Resources that are answered instead of stored: reviews of what somebody may do, Bindings, and what add-ons serve. */
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  tokenReviews,
} from '../api/authorization/reviews.ts'
import type {
  NonResourceAttributes,
  ResourceAttributes,
  ReviewedUser,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  TokenReview,
} from '../api/authorization/types.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../api/meta/object.ts'
import { methodNotAllowed, StatusError } from '../api/meta/status-error.ts'
import type { UserInfo, WriteOptions } from '../client/client.ts'
import type { Caller } from './caller.ts'
import type { Authorization } from './request.ts'
import { apiAudience } from './tokens.ts'

export interface VirtualCreate {
  caller: Caller
  namespace: string
  options: WriteOptions
}

/** How such a resource answers; what it lacks is refused as a method that is not supported. */
export interface VirtualResource {
  create?(object: KubeObject, request: VirtualCreate): KubeObject
  get?(key: ObjectKey): KubeObject | undefined
  /** What is answered where there is none; as for every other resource unless told. */
  missing?(key: ObjectKey): StatusError | undefined
  list?(namespace: string): readonly KubeObject[]
}

export type VirtualResources = Map<string, VirtualResource>

/** Every server's own: who am I, what may I do, what may they do. */
/** @param userOfToken who holds a token that is meant for the audience; undefined for one that is not valid */
export function createReviews(
  authorization: Authorization,
  userOfToken: (token: string, audience: string) => UserInfo | undefined,
  now: () => string,
): VirtualResources {
  const decide = (
    user: UserInfo,
    resource: ResourceAttributes | undefined,
    path: NonResourceAttributes | undefined,
    namespace?: string,
  ): SelfSubjectAccessReview['status'] => {
    const { allowed, reason } = path
      ? authorization.authorizePath(user, path.verb ?? '', path.path ?? '')
      : authorization.authorize({
          user,
          verb: resource?.verb ?? '',
          group: resource?.group ?? '',
          resource: resource?.resource ?? '',
          subresource: resource?.subresource ?? '',
          namespace: namespace ?? resource?.namespace ?? '',
          name: resource?.name ?? '',
        })
    return { allowed, ...(reason && !allowed ? { reason } : {}) }
  }
  const others = (object: KubeObject, namespace?: string): KubeObject => {
    const review = object as SubjectAccessReview
    const user = { name: review.spec.user ?? '', groups: review.spec.groups ?? [] }
    const { resourceAttributes, nonResourceAttributes } = review.spec
    return { ...review, status: decide(user, resourceAttributes, nonResourceAttributes, namespace) } as KubeObject
  }
  const entries: [Kind<never>, VirtualResource][] = [
    [
      selfSubjectAccessReviews as unknown as Kind<never>,
      {
        create(object, { caller: { user } }) {
          const review = object as SelfSubjectAccessReview
          const { resourceAttributes, nonResourceAttributes } = review.spec
          return { ...review, status: decide(user, resourceAttributes, nonResourceAttributes) } as KubeObject
        },
      },
    ],
    [subjectAccessReviews as unknown as Kind<never>, { create: (object) => others(object) }],
    [
      localSubjectAccessReviews as unknown as Kind<never>,
      { create: (object, { namespace }) => others(object, namespace) },
    ],
    [
      selfSubjectRulesReviews as unknown as Kind<never>,
      {
        create(object, { caller: { user } }) {
          const review = object as SelfSubjectRulesReview
          return { ...review, status: rulesStatus(authorization, user, review.spec?.namespace ?? '') } as KubeObject
        },
      },
    ],
    [
      tokenReviews as unknown as Kind<never>,
      { create: (object) => reviewToken(object as TokenReview, userOfToken) as KubeObject },
    ],
    [
      selfSubjectReviews as unknown as Kind<never>,
      {
        create: (object, { caller: { user } }) =>
          ({
            ...(object as SelfSubjectReview),
            metadata: { creationTimestamp: now() },
            status: { userInfo: reviewedUser(user) },
          }) as unknown as KubeObject,
      },
    ],
  ]
  return new Map(entries.map(([kind, resource]) => [resourceName(kind), resource]))
}

const reviewedUser = ({ name, uid, groups, extra }: UserInfo): ReviewedUser => ({
  username: name,
  ...(uid ? { uid } : {}),
  groups: [...groups],
  ...(extra ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}),
})

/** Source: kubernetes/pkg/registry/authentication/tokenreview/storage.go */
function reviewToken(
  review: TokenReview,
  userOfToken: (token: string, audience: string) => UserInfo | undefined,
): TokenReview {
  const audiences = review.spec.audiences?.length ? review.spec.audiences : [apiAudience]
  const held = audiences.map((audience) => ({ audience, user: userOfToken(review.spec.token ?? '', audience) }))
  const valid = held.filter(({ user }) => user)
  const user = valid[0]?.user
  if (!user) return { ...review, status: { user: {}, error: 'invalid bearer token' } }
  return {
    ...review,
    status: {
      authenticated: true,
      user: reviewedUser(user),
      audiences: valid.map(({ audience }) => audience),
    },
  }
}

function rulesStatus(
  authorization: Authorization,
  user: UserInfo,
  namespace: string,
): SelfSubjectRulesReview['status'] {
  const { grants, errors } = authorization.rulesFor(user, namespace)
  const status: SelfSubjectRulesReview['status'] = { resourceRules: [], nonResourceRules: [], incomplete: false }
  for (const { rule } of grants) {
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule
    if (resources?.length)
      status.resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) })
    if (nonResourceURLs?.length) status.nonResourceRules.push({ verbs, nonResourceURLs })
  }
  if (errors.length > 0) return { ...status, incomplete: true, evaluationError: errors.join(', ') }
  return status
}

/** @throws StatusError 404 when nobody serves the resource, 405 when it has no such method */
export function virtualMethod<M extends keyof VirtualResource>(
  resources: VirtualResources,
  kind: Kind,
  method: M,
): NonNullable<VirtualResource[M]> {
  const resource = resources.get(resourceName(kind))
  if (!resource) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource')
  const found = resource[method]
  if (!found) throw methodNotAllowed()
  return found
}
