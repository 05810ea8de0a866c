/**
 * The node part of CSI drivers, as the kubelet of one node calls it: a volume is staged on the node once, and published for each
 * Pod. Every call is noted in the trace; simplified: none takes time or fails.
 * Source: https://github.com/container-storage-interface/spec/blob/master/spec.md#node-service-rpc, kubernetes/pkg/volume/csi
 */
import { hasStaging } from '../api/core/persistent-volume/csi-drivers.ts'
import type { Pod } from '../api/core/pod-types.ts'
import type { PersistentVolume } from '../api/core/storage-types.ts'
import type { Engine } from '../engine/engine.ts'

export interface CsiNode {
  /** Makes the volume's files reachable for the Pod; nothing when they are. */
  publish(volume: PersistentVolume, pod: Pod): void
  /** Takes them away from it, and from the node with its last Pod. */
  unpublish(volume: PersistentVolume, pod: Pod): void
  /** Lets the file system fill a volume that has become larger. */
  expand(volume: PersistentVolume, pod: Pod): void
}

export function createCsiNode({ trace }: Engine, node: string): CsiNode {
  /** By driver and handle: the uids of the Pods that use the volume. */
  const users = new Map<string, Set<string>>()
  const keyOf = ({ spec: { csi } }: PersistentVolume): string => `${csi?.driver}/${csi?.volumeHandle}`

  function call(name: string, { metadata, spec: { csi } }: PersistentVolume, pod: Pod): void {
    const object = { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name }
    trace.record(`${csi?.driver}/${node}`, `CSI ${name}`, object, { volume: metadata.name, caller: 'kubelet' })
  }

  return {
    publish(volume, pod) {
      const key = keyOf(volume)
      const pods = users.get(key) ?? new Set()
      users.set(key, pods)
      if (pods.has(pod.metadata.uid)) return
      if (pods.size === 0 && hasStaging(volume)) call('NodeStageVolume', volume, pod)
      pods.add(pod.metadata.uid)
      call('NodePublishVolume', volume, pod)
    },
    unpublish(volume, pod) {
      const pods = users.get(keyOf(volume))
      if (!pods?.delete(pod.metadata.uid)) return
      call('NodeUnpublishVolume', volume, pod)
      if (pods.size > 0) return
      users.delete(keyOf(volume))
      if (hasStaging(volume)) call('NodeUnstageVolume', volume, pod)
    },
    expand: (volume, pod) => call('NodeExpandVolume', volume, pod),
  }
}
