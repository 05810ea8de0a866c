/**
 * StorageObjectInUseProtection: volumes and claims get the finalizers that keep them while they are used.
 * Source: kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection
 */
import { persistentVolumes } from '../../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { AdmissionPlugin } from './admission.ts'

const finalizers = new Map<unknown, string>([
  [persistentVolumes, 'kubernetes.io/pv-protection'],
  [persistentVolumeClaims, 'kubernetes.io/pvc-protection'],
])

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ kind, operation, subresource, object }) {
    const finalizer = finalizers.get(kind)
    if (!finalizer || operation !== 'CREATE' || subresource || !object) return
    const known = object.metadata.finalizers ?? []
    if (!known.includes(finalizer)) object.metadata.finalizers = [...known, finalizer]
  },
}
