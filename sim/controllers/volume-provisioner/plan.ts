/** The volume that a claim is given by a provisioner. Pure. Source: kubernetes-csi/external-provisioner, pkg/controller/controller.go */
import { ZONE } from '../../api/core/node-topology.ts'
import { PROVISIONED_BY, provisionedName } from '../../api/core/persistent-volume/match.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { Node } from '../../api/core/types.ts'
import type { Draft } from '../../api/meta/object.ts'
import type { StorageClass } from '../../api/storage/types.ts'
import type { Provisioner } from './provisioners.ts'

export const PROVISIONER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer'

/**
 * @param node the one chosen for the claim's first Pod, or any where none was chosen: the volume is made where it is
 * @returns why it cannot be made, or the volume
 */
export function planVolume(
  provisioner: Provisioner,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  node: Node | undefined,
): { problem: string } | { volume: Draft<PersistentVolume> } {
  const modes = claim.spec.accessModes ?? []
  const unsupported = modes.find((mode) => !provisioner.accessModes.includes(mode))
  if (unsupported)
    return {
      problem: `failed to provision volume with StorageClass "${storageClass.metadata.name}": access mode ${unsupported} is not supported by ${provisioner.name}`,
    }
  if (provisioner.needsNode && !node)
    return {
      problem: `failed to provision volume with StorageClass "${storageClass.metadata.name}": configuration error, no node was specified`,
    }
  // Simplified: zones are where nodes are. Each driver has its own words for a zone that it does not know.
  if (!node && provisioner.reach !== 'everywhere' && storageClass.allowedTopologies?.length)
    return {
      problem: `failed to provision volume with StorageClass "${storageClass.metadata.name}": no zone matches its allowed topologies`,
    }
  const { namespace, name, uid, resourceVersion } = claim.metadata
  const volumeName = provisionedName(claim)
  const topology = node && topologyOf(provisioner, node)
  return {
    volume: {
      metadata: {
        name: volumeName,
        annotations: { [PROVISIONED_BY]: provisioner.name },
        finalizers: [PROVISIONER_FINALIZER],
      },
      spec: {
        capacity: { storage: claim.spec.resources.requests?.storage ?? '0' },
        accessModes: modes,
        claimRef: { kind: claim.kind, namespace, name, uid, apiVersion: claim.apiVersion, resourceVersion },
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name,
        volumeMode: claim.spec.volumeMode,
        ...provisioner.source(volumeName, claim),
        ...(topology
          ? {
              nodeAffinity: {
                required: {
                  nodeSelectorTerms: [
                    { matchExpressions: [{ key: topology.key, operator: 'In', values: [topology.value] }] },
                  ],
                },
              },
            }
          : {}),
      } as Draft<PersistentVolume>['spec'],
    },
  }
}

function topologyOf({ reach }: Provisioner, { metadata }: Node): { key: string; value: string } | undefined {
  if (reach === 'everywhere') return undefined
  const key = reach === 'node' ? 'kubernetes.io/hostname' : ZONE
  const value = metadata.labels?.[key]
  return value === undefined ? undefined : { key, value }
}
