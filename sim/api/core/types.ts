/** Types of the other core/v1 kinds. */
import type { Condition, IntOrString, KubeObject, ResourceList } from '../meta/object.ts'
import type { PodTemplateSpec } from './pod-types.ts'

export interface Namespace extends KubeObject {
  spec: { finalizers?: string[] }
  status: { phase: 'Active' | 'Terminating'; conditions?: Condition[] }
}

export interface Taint {
  key: string
  value?: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
  timeAdded?: string
}

export interface Node extends KubeObject {
  spec: {
    podCIDR?: string
    podCIDRs?: string[]
    providerID?: string
    externalID?: string
    unschedulable?: boolean
    taints?: Taint[]
  }
  status: NodeStatus
}

export interface NodeStatus {
  capacity?: ResourceList
  allocatable?: ResourceList
  conditions?: Condition[]
  addresses?: { type: string; address: string }[]
  daemonEndpoints?: { kubeletEndpoint: { Port: number } }
  features?: { supplementalGroupsPolicy?: boolean }
  nodeInfo?: Record<string, string>
  images?: { names: string[]; sizeBytes: number }[]
  volumesInUse?: string[]
  volumesAttached?: { name: string; devicePath: string }[]
}

export interface ServicePort {
  name?: string
  protocol: 'TCP' | 'UDP' | 'SCTP'
  appProtocol?: string
  port: number
  targetPort: IntOrString
  nodePort?: number
}

export interface Service extends KubeObject {
  spec: ServiceSpec
  status: {
    loadBalancer: { ingress?: { ip?: string; hostname?: string; ipMode?: string }[] }
    conditions?: Condition[]
  }
}

export interface ServiceSpec {
  ports?: ServicePort[]
  selector?: Record<string, string>
  /** 'None' for a headless Service. */
  clusterIP?: string
  clusterIPs?: string[]
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  externalIPs?: string[]
  sessionAffinity: 'None' | 'ClientIP'
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } }
  loadBalancerIP?: string
  loadBalancerSourceRanges?: string[]
  loadBalancerClass?: string
  externalName?: string
  externalTrafficPolicy?: 'Cluster' | 'Local'
  internalTrafficPolicy?: 'Cluster' | 'Local'
  healthCheckNodePort?: number
  publishNotReadyAddresses?: boolean
  ipFamilies?: string[]
  ipFamilyPolicy?: string
  allocateLoadBalancerNodePorts?: boolean
  trafficDistribution?: string
}

export interface ObjectReference {
  apiVersion?: string
  kind?: string
  namespace?: string
  name?: string
  uid?: string
  resourceVersion?: string
  fieldPath?: string
}

export interface EndpointAddress {
  ip: string
  hostname?: string
  nodeName?: string
  targetRef?: ObjectReference
}

export interface Endpoints extends KubeObject {
  subsets?: {
    addresses?: EndpointAddress[]
    notReadyAddresses?: EndpointAddress[]
    ports?: { name?: string; port: number; protocol: 'TCP' | 'UDP' | 'SCTP'; appProtocol?: string }[]
  }[]
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>
  binaryData?: Record<string, string>
  immutable?: boolean
}

export interface Secret extends KubeObject {
  type: string
  /** Values are base64. */
  data?: Record<string, string>
  stringData?: Record<string, string>
  immutable?: boolean
}

export interface ServiceAccount extends KubeObject {
  secrets?: ObjectReference[]
  imagePullSecrets?: { name: string }[]
  automountServiceAccountToken?: boolean
}

export interface PodTemplate extends KubeObject {
  template: PodTemplateSpec
}

export interface ReplicationController extends KubeObject {
  spec: { replicas: number; minReadySeconds?: number; selector: Record<string, string>; template: PodTemplateSpec }
  status: {
    replicas: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    observedGeneration?: number
    conditions?: Condition[]
  }
}

/** core/v1 Event, also served as events.k8s.io/v1. */
export interface Event extends KubeObject {
  involvedObject: ObjectReference
  reason: string
  message: string
  type: 'Normal' | 'Warning'
  source: { component?: string; host?: string }
  firstTimestamp: string | null
  lastTimestamp: string | null
  count?: number
  eventTime: string | null
  series?: { count: number; lastObservedTime: string }
  action?: string
  related?: ObjectReference
  reportingComponent: string
  reportingInstance: string
}
