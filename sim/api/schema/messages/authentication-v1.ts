/** Messages of k8s.io/api/authentication/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
BoundObjectReference
  1 kind string
  2 apiVersion string
  3 name string
  4 uid string

ExtraValue
  1 items []string alone

SelfSubjectReview kind
  1 metadata meta.v1.ObjectMeta
  2 status SelfSubjectReviewStatus

SelfSubjectReviewStatus
  1 userInfo UserInfo

TokenRequest kind
  1 metadata meta.v1.ObjectMeta
  2 spec TokenRequestSpec always
  3 status TokenRequestStatus

TokenRequestSpec
  1 audiences []string always
  4 expirationSeconds *int64 always
  3 boundObjectRef *BoundObjectReference always

TokenRequestStatus
  1 token string always
  2 expirationTimestamp Time always

TokenReview kind
  1 metadata meta.v1.ObjectMeta
  2 spec TokenReviewSpec always
  3 status TokenReviewStatus

TokenReviewSpec
  1 token string
  2 audiences []string

TokenReviewStatus
  1 authenticated bool
  2 user UserInfo
  4 audiences []string
  3 error string

UserInfo
  1 username string
  2 uid string
  3 groups []string
  4 extra map[string]ExtraValue
`
