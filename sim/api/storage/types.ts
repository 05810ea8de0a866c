/** Types of storage.k8s.io/v1. */
import type { ReclaimPolicy } from '../core/storage-types.ts'
import type { KubeObject, LabelSelector } from '../meta/object.ts'

export interface StorageClass extends KubeObject {
  /** What makes its volumes: `kubernetes.io/no-provisioner` makes none. */
  provisioner: string
  parameters?: Record<string, string>
  reclaimPolicy?: ReclaimPolicy
  mountOptions?: string[]
  allowVolumeExpansion?: boolean
  volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
  allowedTopologies?: { matchLabelExpressions?: { key: string; values: string[] }[] }[]
}

export interface CSINode extends KubeObject {
  spec: {
    drivers: { name: string; nodeID: string; topologyKeys?: string[] | null; allocatable?: { count?: number } }[] | null
  }
}

export interface VolumeAttachment extends KubeObject {
  spec: {
    attacher: string
    nodeName: string
    source: { persistentVolumeName?: string; inlineVolumeSpec?: Record<string, unknown> }
  }
  status: { attached: boolean; attachmentMetadata?: Record<string, string> }
}

export interface CSIDriver extends KubeObject {
  spec: {
    attachRequired?: boolean
    podInfoOnMount?: boolean
    volumeLifecycleModes?: string[]
    storageCapacity?: boolean
    fsGroupPolicy?: string
    tokenRequests?: { audience: string; expirationSeconds?: number }[]
    requiresRepublish?: boolean
    seLinuxMount?: boolean
    nodeAllocatableUpdatePeriodSeconds?: number
    serviceAccountTokenInSecrets?: boolean
  }
}

export interface CSIStorageCapacity extends KubeObject {
  nodeTopology?: LabelSelector
  storageClassName: string
  capacity?: string
  maximumVolumeSize?: string
}

export interface VolumeAttributesClass extends KubeObject {
  driverName: string
  parameters?: Record<string, string>
}
