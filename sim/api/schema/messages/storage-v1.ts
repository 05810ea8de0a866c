/** Messages of k8s.io/api/storage/v1, v1.36: generated.proto and types.go. How they are written: ../messages.ts */
export default `
CSIDriver kind
  1 metadata meta.v1.ObjectMeta
  2 spec CSIDriverSpec always

CSIDriverSpec
  1 attachRequired *bool
  2 podInfoOnMount *bool
  3 volumeLifecycleModes []string
  4 storageCapacity *bool
  5 fsGroupPolicy *string
  6 tokenRequests []TokenRequest
  7 requiresRepublish *bool
  8 seLinuxMount *bool
  9 nodeAllocatableUpdatePeriodSeconds *int64
  10 serviceAccountTokenInSecrets *bool
  11 preventPodSchedulingIfMissing *bool

CSINode kind
  1 metadata meta.v1.ObjectMeta
  2 spec CSINodeSpec always

CSINodeDriver
  1 name string always
  2 nodeID string always
  3 topologyKeys []string always
  4 allocatable *VolumeNodeResources

CSINodeSpec
  1 drivers []CSINodeDriver always

CSIStorageCapacity kind
  1 metadata meta.v1.ObjectMeta
  2 nodeTopology *meta.v1.LabelSelector
  3 storageClassName string always
  4 capacity *Quantity
  5 maximumVolumeSize *Quantity

StorageClass kind
  1 metadata meta.v1.ObjectMeta
  2 provisioner string always
  3 parameters map[string]string
  4 reclaimPolicy *string
  5 mountOptions []string
  6 allowVolumeExpansion *bool
  7 volumeBindingMode *string
  8 allowedTopologies []core.v1.TopologySelectorTerm

TokenRequest
  1 audience string always
  2 expirationSeconds *int64

VolumeAttachment kind
  1 metadata meta.v1.ObjectMeta
  2 spec VolumeAttachmentSpec always
  3 status VolumeAttachmentStatus

VolumeAttachmentSource
  1 persistentVolumeName *string
  2 inlineVolumeSpec *core.v1.PersistentVolumeSpec

VolumeAttachmentSpec
  1 attacher string always
  2 source VolumeAttachmentSource always
  3 nodeName string always

VolumeAttachmentStatus
  1 attached bool always
  2 attachmentMetadata map[string]string
  3 attachError *VolumeError
  4 detachError *VolumeError

VolumeAttributesClass kind
  1 metadata meta.v1.ObjectMeta
  2 driverName string always
  3 parameters map[string]string

VolumeError
  1 time Time
  2 message string
  3 errorCode *int32

VolumeNodeResources
  1 count *int32
`
