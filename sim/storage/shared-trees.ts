/** Volumes that live outside the nodes: each is one tree of files, whoever mounts it. */
import { createVolumeTree, type SizedVolumeTree } from '../runtime/file-system.ts'

export interface SharedTrees {
  /** The tree of that name, empty when it is asked for the first time. */
  get(name: string, capacityBytes?: number): SizedVolumeTree
}

export function createSharedTrees(nowEpochMs: () => number): SharedTrees {
  const trees = new Map<string, SizedVolumeTree>()
  return {
    get(name, capacityBytes) {
      let tree = trees.get(name)
      if (!tree) {
        tree = createVolumeTree({ nowEpochMs, mode: 0o777, capacityBytes })
        trees.set(name, tree)
      } else if (capacityBytes !== undefined) tree.tree.capacityBytes = capacityBytes // it may have grown
      return tree
    },
  }
}
