/** Reviews: kinds that are created to be answered, and never stored. */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import { answeredKind, type Kind } from '../meta/kind.ts'
import type { KubeObject } from '../meta/object.ts'
import { nameColumn } from '../meta/table.ts'
import type {
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  TokenReview,
} from './types.ts'

const AUTHORIZATION = 'authorization.k8s.io'
const AUTHENTICATION = 'authentication.k8s.io'

const review = <T extends KubeObject>(
  group: string,
  kind: string,
  options: { isNamespaced?: boolean; validate?(object: T): FieldError[] } = {},
): Kind<T> => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  ...answeredKind,
  shortNames: [],
  isNamespaced: options.isNamespaced ?? false,
  apiVersion: `${group}/v1`,
  schema: `io.k8s.api.${group.split('.')[0]}.v1.${kind}`,
  ...(options.validate ? { validate: options.validate } : {}),
  columns: [nameColumn],
})

export const selfSubjectReviews = review<SelfSubjectReview>(AUTHENTICATION, 'SelfSubjectReview')
export const tokenReviews = review<TokenReview>(AUTHENTICATION, 'TokenReview', {
  validate: ({ spec }) => (spec?.token ? [] : [required('spec.token')]),
})
export const selfSubjectAccessReviews = review<SelfSubjectAccessReview>(AUTHORIZATION, 'SelfSubjectAccessReview', {
  validate: validateAttributes,
})
export const subjectAccessReviews = review<SubjectAccessReview>(AUTHORIZATION, 'SubjectAccessReview', {
  validate: validateSubjectAccessReview,
})
export const localSubjectAccessReviews = review<SubjectAccessReview>(AUTHORIZATION, 'LocalSubjectAccessReview', {
  isNamespaced: true,
  validate: validateSubjectAccessReview,
})
export const selfSubjectRulesReviews = review<SelfSubjectRulesReview>(AUTHORIZATION, 'SelfSubjectRulesReview')

/** Source: kubernetes/pkg/apis/authorization/validation/validation.go */
function validateAttributes({ spec }: SelfSubjectAccessReview): FieldError[] {
  const both = 'cannot be specified in combination with resourceAttributes'
  if (spec?.resourceAttributes && spec.nonResourceAttributes)
    return [invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, both)]
  if (spec?.resourceAttributes || spec?.nonResourceAttributes) return []
  return [
    invalid(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    ),
  ]
}

function validateSubjectAccessReview(review: SubjectAccessReview): FieldError[] {
  const errors = validateAttributes(review)
  if (!review.spec?.user && !review.spec?.groups?.length)
    errors.push(required('spec.user', 'at least one of user or group must be specified'))
  return errors
}
