/** persistentVolumeClaim and ephemeral: the volume that the claim is bound to. Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes */
import { needsAttachment, needsNodeExpansion } from '../api/core/persistent-volume/csi-drivers.ts'
import { isFullyBound } from '../api/core/persistent-volume/match.ts'
import { claimOfVolume, whyNotMadeFor } from '../api/core/pod/volume-claims.ts'
import type { Pod, Volume } from '../api/core/pod-types.ts'
import type { PersistentVolume } from '../api/core/storage-types.ts'
import { compareQuantities, quantityValue } from '../api/meta/quantity.ts'
import type { SizedVolumeTree } from '../runtime/file-system.ts'
import { hostPathVolume } from './host-path.ts'
import { nfsVolume } from './nfs.ts'
import type { MountedVolume, MountFailure, VolumeHost, VolumePlugin } from './types.ts'

export const persistentVolumeClaimVolume: VolumePlugin = { source: 'persistentVolumeClaim', setUp }

/** The claim that was made for the Pod from its template. */
export const ephemeralVolume: VolumePlugin = { source: 'ephemeral', setUp }

function setUp(volume: Volume, pod: Pod, host: VolumeHost): MountedVolume | MountFailure {
  const { claimName, readOnly, isEphemeral } = claimOfVolume(pod, volume)!
  const claim = host.findClaim(pod.metadata.namespace ?? '', claimName)
  if (!claim) return { error: `persistentvolumeclaim "${claimName}" not found` }
  const whyNot = isEphemeral ? whyNotMadeFor(pod, claim) : undefined
  if (whyNot !== undefined) return { error: whyNot }
  if (claim.metadata.deletionTimestamp !== undefined) return { error: `PVC is being deleted` }
  if (!isFullyBound(claim)) return { error: 'PVC is not bound' }
  const found = host.findVolume(claim.spec.volumeName ?? '')
  if (!found) return { error: `persistentvolume "${claim.spec.volumeName}" not found` }
  if (found.spec.claimRef?.uid !== claim.metadata.uid) return { error: 'PVC is not bound' }
  const mounted = mountSource(found, volume, pod, host)
  return 'error' in mounted || !readOnly ? mounted : { ...mounted, isReadOnly: true }
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
    host.csi.publish(found, pod)
    return {
      tree: growTo(found, pod, host),
      root: '',
      ...(csi.readOnly ? { isReadOnly: true } : {}),
      mayGrow: true,
      refresh(user) {
        const volume = host.findVolume(metadata.name)
        if (volume) growTo(volume, user, host)
        return undefined
      },
      release: (user) => host.csi.unpublish(found, user),
    }
  }
  return { error: `no volume plugin matched: the source of volume "${metadata.name}" is not simulated` }
}

/** The files of the volume, which fill its disk, also when that has become larger since they were mounted: whatever size the cluster believes in. */
function growTo(volume: PersistentVolume, pod: Pod, host: VolumeHost): SizedVolumeTree {
  const { csi, capacity, claimRef } = volume.spec
  const size = capacity?.storage ?? '0'
  const claim = host.findClaim(claimRef?.namespace ?? '', claimRef?.name ?? '')
  const known = claim?.status?.capacity?.storage
  if (claim && known && needsNodeExpansion(volume) && compareQuantities(known, size) < 0) {
    host.csi.expand(volume, pod)
    host.reportGrown(claim, volume, pod)
  }
  return host.sharedTree(`csi:${csi?.driver}:${csi?.volumeHandle}`, host.diskBytes(volume) ?? quantityValue(size))
}
