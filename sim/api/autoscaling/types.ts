/** Types of autoscaling/v2 and metrics.k8s.io/v1beta1. */
import type { Condition, KubeObject, LabelSelector, Quantity } from '../meta/object.ts'

export interface MetricTarget {
  type: string
  value?: Quantity
  averageValue?: Quantity
  averageUtilization?: number
}

export interface MetricIdentifier {
  name: string
  selector?: LabelSelector
}

export interface CrossVersionObjectReference {
  kind: string
  name: string
  apiVersion?: string
}

export interface MetricSpec {
  type: string
  resource?: { name: string; target: MetricTarget }
  containerResource?: { name: string; container: string; target: MetricTarget }
  pods?: { metric: MetricIdentifier; target: MetricTarget }
  object?: { describedObject: CrossVersionObjectReference; metric: MetricIdentifier; target: MetricTarget }
  external?: { metric: MetricIdentifier; target: MetricTarget }
}

export interface MetricValueStatus {
  value?: Quantity
  averageValue?: Quantity
  averageUtilization?: number
}

export interface MetricStatus {
  type: string
  resource?: { name: string; current: MetricValueStatus }
  containerResource?: { name: string; container: string; current: MetricValueStatus }
}

export interface ScalingPolicy {
  type: string
  value: number
  periodSeconds: number
}

export interface ScalingRules {
  stabilizationWindowSeconds?: number
  selectPolicy?: string
  policies?: ScalingPolicy[]
  tolerance?: Quantity
}

export interface HorizontalPodAutoscaler extends KubeObject {
  spec: {
    scaleTargetRef: CrossVersionObjectReference
    minReplicas?: number
    maxReplicas: number
    metrics?: MetricSpec[]
    behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules }
  }
  status: {
    observedGeneration?: number
    lastScaleTime?: string
    currentReplicas?: number
    desiredReplicas?: number
    /** Go's nil is written as null. */
    currentMetrics?: MetricStatus[] | null
    conditions?: Condition[]
  }
}

export interface PodMetrics extends KubeObject {
  timestamp: string
  window: string
  containers: { name: string; usage: { cpu: Quantity; memory: Quantity } }[]
}

export interface NodeMetrics extends KubeObject {
  timestamp: string
  window: string
  usage: { cpu: Quantity; memory: Quantity }
}
