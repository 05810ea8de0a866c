/**
 * Volumes that are folders of the only node, made by the controller manager itself: `--enable-hostpath-provisioner`. Pure.
 * Source: kubernetes/pkg/volume/hostpath/host_path.go and pkg/controller/volume/persistentvolume/pv_controller.go
 */
import { BOUND_BY_CONTROLLER, PROVISIONED_BY, provisionedName } from '../../api/core/persistent-volume/match.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { Draft } from '../../api/meta/object.ts'
import type { StorageClass } from '../../api/storage/types.ts'

/** The plugin, and what a StorageClass calls it. */
export const HOST_PATH = 'kubernetes.io/host-path'
/** Holds a volume until its storage is gone. */
export const IN_TREE_FINALIZER = 'kubernetes.io/pv-controller'

/** @param id names the folder @returns why there can be none, or the volume */
export function planHostPath(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  id: string,
): { problem: string } | { volume: Draft<PersistentVolume> } {
  const { accessModes, dataSource, resources, volumeMode } = claim.spec
  const className = storageClass.metadata.name
  if (dataSource)
    return {
      problem: `plugin "${HOST_PATH}" is not a CSI plugin. Only CSI plugin can provision a claim with a datasource`,
    }
  if (storageClass.mountOptions?.length)
    return {
      problem: `Mount options are not supported by the provisioner but StorageClass "${className}" has mount options [${storageClass.mountOptions.join(' ')}]`,
    }
  if (volumeMode === 'Block')
    return {
      problem: `Failed to provision volume with StorageClass "${className}": ${HOST_PATH} does not support block volume provisioning`,
    }
  const { namespace, name, uid, resourceVersion } = claim.metadata
  const persistentVolumeReclaimPolicy = storageClass.reclaimPolicy ?? 'Delete'
  return {
    volume: {
      metadata: {
        name: provisionedName(claim),
        annotations: {
          'kubernetes.io/createdby': 'hostpath-dynamic-provisioner',
          [BOUND_BY_CONTROLLER]: 'yes',
          [PROVISIONED_BY]: HOST_PATH,
        },
        ...(persistentVolumeReclaimPolicy === 'Delete' ? { finalizers: [IN_TREE_FINALIZER] } : {}),
      },
      spec: {
        capacity: { storage: resources.requests?.storage ?? '0' },
        accessModes: accessModes ?? [],
        claimRef: { kind: claim.kind, namespace, name, uid, apiVersion: claim.apiVersion, resourceVersion },
        persistentVolumeReclaimPolicy,
        storageClassName: className,
        hostPath: { path: `/tmp/hostpath_pv/${id}`, type: '' },
      } as Draft<PersistentVolume>['spec'],
    },
  }
}
