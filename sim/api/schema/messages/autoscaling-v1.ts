/** Messages of k8s.io/api/autoscaling/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
CrossVersionObjectReference
  1 kind string always
  2 name string always
  3 apiVersion string

HorizontalPodAutoscaler kind
  1 metadata meta.v1.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference always
  2 minReplicas *int32
  3 maxReplicas int32 always
  4 targetCPUUtilizationPercentage *int32

HorizontalPodAutoscalerStatus
  1 observedGeneration *int64
  2 lastScaleTime *Time
  3 currentReplicas int32 always
  4 desiredReplicas int32 always
  5 currentCPUUtilizationPercentage *int32

Scale kind
  1 metadata meta.v1.ObjectMeta
  2 spec ScaleSpec
  3 status ScaleStatus

ScaleSpec
  1 replicas int32

ScaleStatus
  1 replicas int32 always
  2 selector string
`
