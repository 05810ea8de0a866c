/**
 * nfs: a directory of a file server, the same for all that mount it. Simplified: every server that is named answers, and holds
 * an empty directory under each path.
 */
import type { VolumePlugin } from './types.ts'

export const nfsVolume: VolumePlugin = {
  source: 'nfs',
  setUp(volume, _pod, host) {
    const { server, path, readOnly = false } = volume.nfs!
    const tree = host.sharedTree(`nfs:${server}:${path.replace(/\/+$/, '') || '/'}`)
    return { tree, root: '', ...(readOnly ? { isReadOnly: true } : {}) }
  },
}
