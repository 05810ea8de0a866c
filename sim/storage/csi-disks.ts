/**
 * How large the volumes really are that CSI drivers have made, by driver and handle. What a PersistentVolume says of its capacity is for the
 * cluster to read: somebody may have written it by hand, and no disk grows by that.
 */
import type { PersistentVolume } from '../api/core/storage-types.ts'
import type { Engine } from '../engine/engine.ts'

export interface CsiDisks {
  /** Of that size from now on. */
  resize(volume: Pick<PersistentVolume, 'spec'>, bytes: number): void
  /** Undefined for what no driver here has made: somebody who writes a volume by hand knows what it is. */
  sizeOf(volume: Pick<PersistentVolume, 'spec'>): number | undefined
}

const all = new WeakMap<Engine, CsiDisks>()

/** The disks of a simulation: they are outside of the cluster, and outlive all that runs in it. */
export function csiDisksOf(engine: Engine): CsiDisks {
  let disks = all.get(engine)
  if (!disks) {
    const sizes = new Map<string, number>()
    const keyOf = ({ spec: { csi } }: Pick<PersistentVolume, 'spec'>): string => `${csi?.driver}/${csi?.volumeHandle}`
    disks = {
      resize: (volume, bytes) => void (volume.spec.csi && sizes.set(keyOf(volume), bytes)),
      sizeOf: (volume) => sizes.get(keyOf(volume)),
    }
    all.set(engine, disks)
  }
  return disks
}
