/**
 * PersistentVolumeClaimResize: a bound claim may only grow when its class allows it.
 * Source: kubernetes/plugin/pkg/admission/storage/persistentvolume/resize
 */
import { classOf } from '../../api/core/persistent-volume/access-modes.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import type { PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import { compareQuantities } from '../../api/meta/quantity.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import { storageClasses } from '../../api/storage/storage-class.ts'
import type { AdmissionPlugin } from './admission.ts'

export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, context) {
    if (request.kind !== persistentVolumeClaims) return
    if (request.operation !== 'UPDATE' || request.subresource) return
    const claim = request.object as PersistentVolumeClaim
    const old = request.old as PersistentVolumeClaim
    const [wanted, before] = [claim.spec.resources?.requests?.storage, old.spec.resources?.requests?.storage]
    if (compareQuantities(wanted ?? '0', before ?? '0') <= 0) return
    const refuse = (why: string) => forbidden('persistentvolumeclaims', request.name, why)
    if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded')
    const storageClass = context.find(storageClasses, { namespace: '', name: classOf(old) })
    if (storageClass?.allowVolumeExpansion) return
    throw refuse(
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
  },
}
