/** Messages of k8s.io/api/policy/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
Eviction kind
  1 metadata meta.v1.ObjectMeta
  2 deleteOptions *meta.v1.DeleteOptions

PodDisruptionBudget kind
  1 metadata meta.v1.ObjectMeta
  2 spec PodDisruptionBudgetSpec
  3 status PodDisruptionBudgetStatus

PodDisruptionBudgetSpec
  1 minAvailable *IntOrString
  2 selector *meta.v1.LabelSelector
  3 maxUnavailable *IntOrString
  4 unhealthyPodEvictionPolicy *string

PodDisruptionBudgetStatus
  1 observedGeneration int64
  2 disruptedPods map[string]Time
  3 disruptionsAllowed int32 always
  4 currentHealthy int32 always
  5 desiredHealthy int32 always
  6 expectedPods int32 always
  7 conditions []meta.v1.Condition
`
