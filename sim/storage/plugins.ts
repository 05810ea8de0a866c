/** Volume plugins, a line each. What is not listed here can't be mounted. */
import { configMapVolume } from './config-map.ts'
import { downwardApiVolume } from './downward-api.ts'
import { emptyDirVolume } from './empty-dir.ts'
import { hostPathVolume } from './host-path.ts'
import { nfsVolume } from './nfs.ts'
import { ephemeralVolume, persistentVolumeClaimVolume } from './persistent-volume-claim.ts'
import { projectedVolume } from './projected.ts'
import { secretVolume } from './secret.ts'
import type { VolumePlugin } from './types.ts'

export const volumePlugins: readonly VolumePlugin[] = [
  configMapVolume,
  downwardApiVolume,
  emptyDirVolume,
  ephemeralVolume,
  hostPathVolume,
  nfsVolume,
  persistentVolumeClaimVolume,
  projectedVolume,
  secretVolume,
]
