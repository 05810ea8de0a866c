/** Messages of k8s.io/api/coordination/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
Lease kind
  1 metadata meta.v1.ObjectMeta
  2 spec LeaseSpec

LeaseSpec
  1 holderIdentity *string
  2 leaseDurationSeconds *int32
  3 acquireTime *MicroTime
  4 renewTime *MicroTime
  5 leaseTransitions *int32
  6 strategy *string
  7 preferredHolder *string
`
