/** Types of resource.k8s.io/v1: devices, and claims of them. */
import type { NodeSelectorTerm } from '../core/pod-types.ts'
import type { KubeObject, ObjectMeta } from '../meta/object.ts'

export interface NodeSelector {
  nodeSelectorTerms?: NodeSelectorTerm[]
}

export interface DeviceSelector {
  cel?: { expression: string }
}

export interface DeviceToleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

/** ExactDeviceRequest, and DeviceSubRequest when it has a name. */
export interface ExactDeviceRequest {
  name?: string
  deviceClassName?: string
  selectors?: DeviceSelector[]
  allocationMode?: string
  count?: number
  adminAccess?: boolean
  tolerations?: DeviceToleration[]
  capacity?: { requests?: Record<string, string> }
}

export interface DeviceRequest {
  name: string
  exactly?: ExactDeviceRequest
  firstAvailable?: ExactDeviceRequest[]
}

export interface DeviceConfiguration {
  opaque?: { driver: string; parameters: unknown }
}

export interface DeviceClaimConfiguration extends DeviceConfiguration {
  requests?: string[]
}

export interface DeviceConstraint {
  requests?: string[]
  matchAttribute?: string
  distinctAttribute?: string
}

export interface ResourceClaimSpec {
  devices?: { requests?: DeviceRequest[]; constraints?: DeviceConstraint[]; config?: DeviceClaimConfiguration[] }
}

/** A device that a request got. */
export interface DeviceRequestAllocationResult {
  request: string
  driver: string
  pool: string
  device: string
  adminAccess?: boolean
  tolerations?: DeviceToleration[]
}

export interface AllocationResult {
  devices?: {
    results?: DeviceRequestAllocationResult[]
    config?: (DeviceClaimConfiguration & { source: string })[]
  }
  nodeSelector?: NodeSelector
  allocationTimestamp?: string
}

export interface ConsumerReference {
  apiGroup?: string
  resource: string
  name: string
  uid: string
}

export interface ResourceClaim extends KubeObject {
  spec: ResourceClaimSpec
  status?: {
    allocation?: AllocationResult
    reservedFor?: ConsumerReference[]
    devices?: { driver: string; pool: string; device: string; shareID?: string }[]
  }
}

export interface ResourceClaimTemplate extends KubeObject {
  spec: { metadata?: Partial<ObjectMeta>; spec: ResourceClaimSpec }
}

export interface DeviceClass extends KubeObject {
  spec: { selectors?: DeviceSelector[]; config?: DeviceConfiguration[]; extendedResourceName?: string }
}

/** Exactly one of its members is set. */
export interface DeviceAttribute {
  int?: number
  bool?: boolean
  string?: string
  version?: string
  ints?: number[]
  bools?: boolean[]
  strings?: string[]
  versions?: string[]
}

export interface DeviceTaint {
  key: string
  value?: string
  effect: string
  timeAdded?: string
}

export interface Device {
  name: string
  attributes?: Record<string, DeviceAttribute>
  capacity?: Record<string, { value: string; requestPolicy?: unknown }>
  consumesCounters?: { counterSet: string; counters?: Record<string, { value: string }> }[]
  nodeName?: string
  nodeSelector?: NodeSelector
  allNodes?: boolean
  taints?: DeviceTaint[]
  allowMultipleAllocations?: boolean
  nodeAllocatableResourceMappings?: Record<string, { capacityKey?: string; allocationMultiplier?: string }>
}

export interface ResourceSlice extends KubeObject {
  spec: {
    driver: string
    pool: { name: string; generation: number; resourceSliceCount: number }
    nodeName?: string
    nodeSelector?: NodeSelector
    allNodes?: boolean
    devices?: Device[]
    perDeviceNodeSelection?: boolean
    sharedCounters?: { name: string; counters?: Record<string, { value: string }> }[]
  }
}
