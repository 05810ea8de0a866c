/** Messages of k8s.io/api/scheduling/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
PriorityClass kind
  1 metadata meta.v1.ObjectMeta
  2 value int32 always
  3 globalDefault bool
  4 description string
  5 preemptionPolicy *string
`
