/** persistentVolumeClaim: the volume that the claim is bound to. Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes */
import { needsAttachment } from '../api/core/persistent-volume/attachment.ts'
import { isFullyBound } from '../api/core/persistent-volume/match.ts'
import type { Volume } from '../api/core/pod-types.ts'
import type { PersistentVolume } from '../api/core/storage-types.ts'
import { quantityValue } from '../api/meta/quantity.ts'
import { hostPathVolume } from './host-path.ts'
import { nfsVolume } from './nfs.ts'
import type { MountedVolume, MountFailure, VolumeHost, VolumePlugin } from './types.ts'

export const persistentVolumeClaimVolume: VolumePlugin = {
  source: 'persistentVolumeClaim',
  setUp(volume, pod, host) {
    const { claimName, readOnly = false } = volume.persistentVolumeClaim!
    const claim = host.findClaim(pod.metadata.namespace ?? '', claimName)
    if (!claim) return { error: `persistentvolumeclaim "${claimName}" not found` }
    if (claim.metadata.deletionTimestamp !== undefined) return { error: `PVC is being deleted` }
    if (!isFullyBound(claim)) return { error: 'PVC is not bound' }
    const found = host.findVolume(claim.spec.volumeName ?? '')
    if (!found) return { error: `persistentvolume "${claim.spec.volumeName}" not found` }
    if (found.spec.claimRef?.uid !== claim.metadata.uid) return { error: 'PVC is not bound' }
    const mounted = mountSource(found, volume, pod, host)
    return 'error' in mounted || !readOnly ? mounted : { ...mounted, isReadOnly: true }
  },
}

function mountSource(
  found: PersistentVolume,
  volume: Volume,
  ...[pod, host]: [Parameters<VolumePlugin['setUp']>[1], VolumeHost]
): MountedVolume | MountFailure {
  const { metadata, spec } = found
  const { hostPath, local, nfs, csi } = spec
  if (hostPath) return hostPathVolume.setUp({ name: volume.name, hostPath }, pod, host)
  if (nfs) return nfsVolume.setUp({ name: volume.name, nfs }, pod, host)
  if (local) {
    // What a local volume stands for must be there: nobody makes it.
    if (!host.hostFiles.files.exists(local.path)) return { error: `path "${local.path}" does not exist` }
    return { tree: host.hostFiles, root: local.path.replace(/^\/+|\/+$/g, '') }
  }
  if (csi) {
    if (needsAttachment(found) && !host.isAttached(found)) return { error: 'volume is not attached', isWaiting: true }
    const capacityBytes = quantityValue(spec.capacity?.storage ?? '0')
    const tree = host.sharedTree(`csi:${csi.driver}:${csi.volumeHandle}`, capacityBytes)
    return { tree, root: '', ...(csi.readOnly ? { isReadOnly: true } : {}) }
  }
  return { error: `no volume plugin matched: the source of volume "${metadata.name}" is not simulated` }
}
