/** Messages of k8s.io/api/autoscaling/v2, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
ContainerResourceMetricSource
  1 name string always
  2 target MetricTarget always
  3 container string always

ContainerResourceMetricStatus
  1 name string always
  2 current MetricValueStatus always
  3 container string always

CrossVersionObjectReference
  1 kind string always
  2 name string always
  3 apiVersion string

ExternalMetricSource
  1 metric MetricIdentifier always
  2 target MetricTarget always

ExternalMetricStatus
  1 metric MetricIdentifier always
  2 current MetricValueStatus always

HPAScalingPolicy
  1 type string always
  2 value int32 always
  3 periodSeconds int32 always

HPAScalingRules
  3 stabilizationWindowSeconds *int32
  1 selectPolicy *string
  2 policies []HPAScalingPolicy
  4 tolerance *Quantity

HorizontalPodAutoscaler kind
  1 metadata meta.v1.ObjectMeta
  2 spec HorizontalPodAutoscalerSpec
  3 status HorizontalPodAutoscalerStatus

HorizontalPodAutoscalerBehavior
  1 scaleUp *HPAScalingRules
  2 scaleDown *HPAScalingRules

HorizontalPodAutoscalerCondition
  1 type string always
  2 status string always
  3 lastTransitionTime Time
  4 reason string
  5 message string

HorizontalPodAutoscalerSpec
  1 scaleTargetRef CrossVersionObjectReference always
  2 minReplicas *int32
  3 maxReplicas int32 always
  4 metrics []MetricSpec
  5 behavior *HorizontalPodAutoscalerBehavior

HorizontalPodAutoscalerStatus
  1 observedGeneration *int64
  2 lastScaleTime *Time
  3 currentReplicas int32
  4 desiredReplicas int32 always
  5 currentMetrics []MetricStatus always
  6 conditions []HorizontalPodAutoscalerCondition

MetricIdentifier
  1 name string always
  2 selector *meta.v1.LabelSelector

MetricSpec
  1 type string always
  2 object *ObjectMetricSource
  3 pods *PodsMetricSource
  4 resource *ResourceMetricSource
  7 containerResource *ContainerResourceMetricSource
  5 external *ExternalMetricSource

MetricStatus
  1 type string always
  2 object *ObjectMetricStatus
  3 pods *PodsMetricStatus
  4 resource *ResourceMetricStatus
  7 containerResource *ContainerResourceMetricStatus
  5 external *ExternalMetricStatus

MetricTarget
  1 type string always
  2 value *Quantity
  3 averageValue *Quantity
  4 averageUtilization *int32

MetricValueStatus
  1 value *Quantity
  2 averageValue *Quantity
  3 averageUtilization *int32

ObjectMetricSource
  1 describedObject CrossVersionObjectReference always
  2 target MetricTarget always
  3 metric MetricIdentifier always

ObjectMetricStatus
  1 metric MetricIdentifier always
  2 current MetricValueStatus always
  3 describedObject CrossVersionObjectReference always

PodsMetricSource
  1 metric MetricIdentifier always
  2 target MetricTarget always

PodsMetricStatus
  1 metric MetricIdentifier always
  2 current MetricValueStatus always

ResourceMetricSource
  1 name string always
  2 target MetricTarget always

ResourceMetricStatus
  1 name string always
  2 current MetricValueStatus always
`
