/** Messages of k8s.io/api/certificates/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
CertificateSigningRequest kind
  1 metadata meta.v1.ObjectMeta
  2 spec CertificateSigningRequestSpec always
  3 status CertificateSigningRequestStatus

CertificateSigningRequestCondition
  1 type string always
  6 status string always
  2 reason string
  3 message string
  4 lastUpdateTime Time
  5 lastTransitionTime Time

CertificateSigningRequestSpec
  1 request bytes always
  7 signerName string always
  8 expirationSeconds *int32
  5 usages []string
  2 username string
  3 uid string
  4 groups []string
  6 extra map[string]ExtraValue

CertificateSigningRequestStatus
  1 conditions []CertificateSigningRequestCondition
  2 certificate bytes

ExtraValue
  1 items []string alone
`
