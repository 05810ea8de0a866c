/** hostPath: a directory or file of the node. Source: https://kubernetes.io/docs/concepts/storage/volumes/#hostpath */
import type { FileStat } from '../runtime/files.ts'
import type { VolumePlugin } from './types.ts'

/** What a node's files can be besides files and directories; it has no block devices here. */
const special: Readonly<Record<string, { readonly name: string; readonly kind?: FileStat['type'] }>> = {
  Socket: { name: 'socket file', kind: 'socket' },
  CharDevice: { name: 'character device', kind: 'device' },
  BlockDevice: { name: 'block device' },
}

export const hostPathVolume: VolumePlugin = {
  source: 'hostPath',
  setUp(volume, _pod, host) {
    const { path, type = '' } = volume.hostPath!
    const { files } = host.hostFiles
    const exists = files.exists(path)
    const isDirectory = exists && files.stat(path).type === 'directory'
    if (type === 'DirectoryOrCreate' || type === '') {
      if (exists && type !== '' && !isDirectory)
        return { error: `hostPath type check failed: ${path} is not a directory` }
      if (!exists) files.mkdir(path, { parents: true, mode: 0o755 })
    } else if (type === 'FileOrCreate') {
      if (isDirectory) return { error: `hostPath type check failed: ${path} is not a file` }
      if (!exists) files.write(path, '')
    } else if (type === 'Directory' && !isDirectory)
      return { error: `hostPath type check failed: ${path} is not a directory` }
    else if (type === 'File' && (!exists || isDirectory))
      return { error: `hostPath type check failed: ${path} is not a file` }
    else if (type in special && !(exists && files.stat(path).type === special[type].kind))
      return { error: `hostPath type check failed: ${path} is not a ${special[type].name}` }
    return { tree: host.hostFiles, root: path.replace(/^\/+|\/+$/g, '') }
  },
}
