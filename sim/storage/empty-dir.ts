/** emptyDir: an empty directory that lives as long as the Pod. */
import { quantityValue } from '../api/meta/quantity.ts'
import { createVolumeTree } from '../runtime/file-system.ts'
import { Disk } from '../runtime/file-tree.ts'
import type { VolumePlugin } from './types.ts'

export const emptyDirVolume: VolumePlugin = {
  source: 'emptyDir',
  setUp(volume, _pod, host) {
    const { medium, sizeLimit } = volume.emptyDir ?? {}
    // On disk the limit is watched and the Pod evicted; in memory it is the size of the tmpfs.
    const capacityBytes = medium === 'Memory' && sizeLimit ? quantityValue(sizeLimit) : undefined
    // A tmpfs is memory, and counts as that of the containers which mount it.
    const disk = medium === 'Memory' ? new Disk(Number.POSITIVE_INFINITY) : host.disk
    const tree = createVolumeTree({ nowEpochMs: host.nowEpochMs, mode: 0o777, capacityBytes, disk })
    return { tree, root: '', isOwn: true, ...(medium === 'Memory' ? { isMemory: true } : {}) }
  },
}
