/** Types of core/v1 storage. */
import type { Condition, KubeObject, LabelSelector, ObjectMeta, ResourceList } from '../meta/object.ts'
import type { NodeSelectorTerm, ResourceRequirements } from './pod-types.ts'
import type { ObjectReference } from './types.ts'

export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod'
export type ReclaimPolicy = 'Retain' | 'Delete' | 'Recycle'

export interface PersistentVolume extends KubeObject {
  spec: PersistentVolumeSpec
  status: {
    phase?: 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed'
    message?: string
    reason?: string
    lastPhaseTransitionTime?: string
  }
}

export interface PersistentVolumeSpec {
  capacity?: ResourceList
  accessModes?: AccessMode[]
  claimRef?: ObjectReference
  persistentVolumeReclaimPolicy: ReclaimPolicy
  storageClassName?: string
  mountOptions?: string[]
  volumeMode?: 'Filesystem' | 'Block'
  nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelectorTerm[] } }
  volumeAttributesClassName?: string
  hostPath?: { path: string; type?: string }
  local?: { path: string; fsType?: string }
  nfs?: { server: string; path: string; readOnly?: boolean }
  csi?: {
    driver: string
    volumeHandle: string
    readOnly?: boolean
    fsType?: string
    volumeAttributes?: Record<string, string>
  }
  /** Sources of other plugins. */
  [source: string]: unknown
}

export interface PersistentVolumeClaim extends KubeObject {
  spec: PersistentVolumeClaimSpec
  status: {
    phase?: 'Pending' | 'Bound' | 'Lost'
    accessModes?: AccessMode[]
    capacity?: ResourceList
    conditions?: Condition[]
    allocatedResources?: ResourceList
    allocatedResourceStatuses?: Record<string, string>
    currentVolumeAttributesClassName?: string
  }
}

export interface PersistentVolumeClaimSpec {
  accessModes?: AccessMode[]
  selector?: LabelSelector
  resources: ResourceRequirements
  volumeName?: string
  /** '' asks for a volume without a class; left out, for the default class. */
  storageClassName?: string
  volumeMode?: 'Filesystem' | 'Block'
  volumeAttributesClassName?: string
  dataSource?: { apiGroup?: string; kind: string; name: string }
  dataSourceRef?: { apiGroup?: string; kind: string; name: string; namespace?: string }
}

/** From which the claim of an ephemeral volume is made. */
export interface ClaimTemplate {
  metadata?: Partial<ObjectMeta>
  spec?: PersistentVolumeClaimSpec
}
