/**
 * DefaultStorageClass: a claim that says nothing of its class gets the default one, if there is one.
 * Source: kubernetes/plugin/pkg/admission/storage/storageclass/setdefault
 */
import { namesClass } from '../../api/core/persistent-volume/access-modes.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { findDefaultClass, storageClasses } from '../../api/storage/storage-class.ts'
import type { AdmissionPlugin } from './admission.ts'

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  admit(request, context) {
    if (request.kind !== persistentVolumeClaims) return
    if (request.operation !== 'CREATE' || request.subresource) return
    const claim = request.object as PersistentVolumeClaim
    if (namesClass(claim)) return
    const found = findDefaultClass(context.list(storageClasses))
    if (found) claim.spec.storageClassName = found.metadata.name
  },
}
