/** The seam of volumes: how a kubelet has a volume set up, and what a volume plugin may ask of its node. */
import type { Pod, Volume } from '../api/core/pod-types.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../api/core/storage-types.ts'
import type { ConfigMap, Secret } from '../api/core/types.ts'
import type { SizedVolumeTree } from '../runtime/file-system.ts'
import type { Disk } from '../runtime/file-tree.ts'
import type { CsiNode } from './csi-node.ts'

export interface VolumeHost {
  nowEpochMs(): number
  findConfigMap(namespace: string, name: string): ConfigMap | undefined
  findSecret(namespace: string, name: string): Secret | undefined
  findClaim(namespace: string, name: string): PersistentVolumeClaim | undefined
  findVolume(name: string): PersistentVolume | undefined
  /** Whether the volume is attached to this node. */
  isAttached(volume: PersistentVolume): boolean
  /** The node part of CSI drivers. */
  readonly csi: CsiNode
  /** Writes into the claim that the file system of its volume fills the volume as it is now. */
  reportGrown(claim: PersistentVolumeClaim, volume: PersistentVolume, pod: Pod): void
  /** What the driver has made of a volume; undefined for one that it knows nothing of. */
  diskBytes(volume: PersistentVolume): number | undefined
  /** The files of a volume that lives outside the node, the same for every node. */
  sharedTree(name: string, capacityBytes?: number): SizedVolumeTree
  /** A field of the Pod for the downward API; undefined for a path that is not supported. */
  fieldValue(pod: Pod, path: string): string | undefined
  resourceValue(pod: Pod, containerName: string, resource: string, divisor: string | undefined): string
  /** A token of the Pod's service account. */
  token(pod: Pod, audience: string | undefined, expirationSeconds: number): string
  decodeBase64(text: string): string
  /** The node's own files. */
  readonly hostFiles: SizedVolumeTree
  /** The node's disk. */
  readonly disk?: Disk
}

export interface MountedVolume {
  tree: SizedVolumeTree
  /** Where in the tree the volume begins; '' for its root. */
  root: string
  /** It lies in memory. */
  isMemory?: boolean
  /** It belongs to the Pod alone, and goes with it. */
  isOwn?: boolean
  /** Its files are the kubelet's to write: every mount of it is read-only. */
  isReadOnly?: boolean
  /** Brings the files up to date with their sources; left out for volumes that have none. The reason when it can't. */
  refresh?(pod: Pod): { error: string } | undefined
  /** It may become larger at any time: `refresh` looks. */
  mayGrow?: boolean
  /** Lets go of what was taken for the Pod, when it has ended. */
  release?(pod: Pod): void
  /** When something in it runs out and has to be made anew; undefined when nothing does. */
  renewEpochMs?(): number | undefined
}

export interface MountFailure {
  error: string
  /** Somebody else has to do something first: nothing is said of it. */
  isWaiting?: boolean
}

export interface VolumePlugin {
  /** The field of the volume's source: `emptyDir`. */
  readonly source: string
  setUp(volume: Volume, pod: Pod, host: VolumeHost): MountedVolume | MountFailure
}
