/** Messages of k8s.io/api/resource/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
AllocatedDeviceStatus
  1 driver string always
  2 pool string always
  3 device string always
  7 shareID *string
  4 conditions []meta.v1.Condition always
  5 data *RawExtension
  6 networkData *NetworkDeviceData

AllocationResult
  1 devices DeviceAllocationResult
  3 nodeSelector *core.v1.NodeSelector
  5 allocationTimestamp *Time

CELDeviceSelector
  1 expression string always

CapacityRequestPolicy
  1 default *Quantity always
  3 validValues []Quantity
  4 validRange *CapacityRequestPolicyRange

CapacityRequestPolicyRange
  1 min *Quantity
  2 max *Quantity
  3 step *Quantity

CapacityRequirements
  1 requests map[string]Quantity

Counter
  1 value Quantity always

CounterSet
  1 name string always
  2 counters map[string]Counter

Device
  1 name string always
  2 attributes map[string]DeviceAttribute
  3 capacity map[string]DeviceCapacity
  4 consumesCounters []DeviceCounterConsumption
  5 nodeName *string
  6 nodeSelector *core.v1.NodeSelector
  7 allNodes *bool
  8 taints []DeviceTaint
  9 bindsToNode *bool
  10 bindingConditions []string
  11 bindingFailureConditions []string
  12 allowMultipleAllocations *bool
  13 nodeAllocatableResourceMappings map[string]NodeAllocatableResourceMapping

DeviceAllocationConfiguration
  1 source string always
  2 requests []string
  3 deviceConfiguration DeviceConfiguration inline

DeviceAllocationResult
  1 results []DeviceRequestAllocationResult
  2 config []DeviceAllocationConfiguration

DeviceAttribute
  2 int *int64
  3 bool *bool
  4 string *string
  5 version *string
  6 ints []int64
  7 bools []bool
  8 strings []string
  9 versions []string

DeviceCapacity
  1 value Quantity always
  2 requestPolicy *CapacityRequestPolicy

DeviceClaim
  1 requests []DeviceRequest always
  2 constraints []DeviceConstraint
  3 config []DeviceClaimConfiguration

DeviceClaimConfiguration
  1 requests []string
  2 deviceConfiguration DeviceConfiguration inline

DeviceClass kind
  1 metadata meta.v1.ObjectMeta
  2 spec DeviceClassSpec always

DeviceClassConfiguration
  1 deviceConfiguration DeviceConfiguration inline

DeviceClassSpec
  1 selectors []DeviceSelector
  2 config []DeviceClassConfiguration
  4 extendedResourceName *string

DeviceConfiguration
  1 opaque *OpaqueDeviceConfiguration

DeviceConstraint
  1 requests []string
  2 matchAttribute *string
  3 distinctAttribute *string

DeviceCounterConsumption
  1 counterSet string always
  2 counters map[string]Counter

DeviceRequest
  1 name string always
  2 exactly *ExactDeviceRequest
  3 firstAvailable []DeviceSubRequest

DeviceRequestAllocationResult
  1 request string always
  2 driver string always
  3 pool string always
  4 device string always
  5 adminAccess *bool
  6 tolerations []DeviceToleration
  7 bindingConditions []string
  8 bindingFailureConditions []string
  9 shareID *string
  10 consumedCapacity map[string]Quantity

DeviceSelector
  1 cel *CELDeviceSelector

DeviceSubRequest
  1 name string always
  2 deviceClassName string always
  3 selectors []DeviceSelector
  4 allocationMode string
  5 count int64
  6 tolerations []DeviceToleration
  7 capacity *CapacityRequirements

DeviceTaint
  1 key string always
  2 value string
  3 effect string always
  4 timeAdded *Time

DeviceToleration
  1 key string
  2 operator string
  3 value string
  4 effect string
  5 tolerationSeconds *int64

ExactDeviceRequest
  1 deviceClassName string always
  2 selectors []DeviceSelector
  3 allocationMode string
  4 count int64
  5 adminAccess *bool
  6 tolerations []DeviceToleration
  7 capacity *CapacityRequirements

NetworkDeviceData
  1 interfaceName string
  2 ips []string
  3 hardwareAddress string

NodeAllocatableResourceMapping
  1 capacityKey *string
  2 allocationMultiplier *Quantity

OpaqueDeviceConfiguration
  1 driver string always
  2 parameters RawExtension always

ResourceClaim kind
  1 metadata meta.v1.ObjectMeta
  2 spec ResourceClaimSpec always
  3 status ResourceClaimStatus

ResourceClaimConsumerReference
  1 apiGroup string
  3 resource string always
  4 name string always
  5 uid string always

ResourceClaimSpec
  1 devices DeviceClaim always

ResourceClaimStatus
  1 allocation *AllocationResult
  2 reservedFor []ResourceClaimConsumerReference
  4 devices []AllocatedDeviceStatus

ResourceClaimTemplate kind
  1 metadata meta.v1.ObjectMeta
  2 spec ResourceClaimTemplateSpec always

ResourceClaimTemplateSpec
  1 metadata meta.v1.ObjectMeta
  2 spec ResourceClaimSpec always

ResourcePool
  1 name string always
  2 generation int64 always
  3 resourceSliceCount int64 always

ResourceSlice kind
  1 metadata meta.v1.ObjectMeta
  2 spec ResourceSliceSpec always

ResourceSliceSpec
  1 driver string always
  2 pool ResourcePool always
  3 nodeName *string
  4 nodeSelector *core.v1.NodeSelector
  5 allNodes *bool
  6 devices []Device
  7 perDeviceNodeSelection *bool
  8 sharedCounters []CounterSet
`
