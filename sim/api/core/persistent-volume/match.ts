/**
 * Which volume a claim may have: what the volume controller and the scheduler both decide by.
 * Source: k8s.io/component-helpers/storage/volume/pv_helpers.go, kubernetes/pkg/controller/volume/persistentvolume/index.go
 */

import { equalJson } from '../../meta/json.ts'
import { selectorMatches } from '../../meta/label-selector.ts'
import { compareQuantities } from '../../meta/quantity.ts'
import type { StorageClass } from '../../storage/types.ts'
import { nodeMatchesTerm } from '../pod/node-fit.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../storage-types.ts'
import type { Node } from '../types.ts'
import { classOf } from './access-modes.ts'

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
/** The node that the scheduler has chosen for the claim's first Pod. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner'
/** The provisioner of classes whose volumes are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** How a volume is called that is made for the claim. */
export const provisionedName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`

/** Whether the claim has its volume, and both know. */
export const isFullyBound = (claim: PersistentVolumeClaim): boolean =>
  Boolean(claim.spec.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined

/** Whether the volume is the claim's, or kept for one of its name. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec
  if (!claimRef || claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace)
    return false
  return !claimRef.uid || claimRef.uid === claim.metadata.uid
}

/** Whether the claim is to wait until a Pod that uses it is given a node. */
export const waitsForConsumer = (claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): boolean =>
  claim.metadata.annotations?.[SELECTED_NODE] === undefined &&
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

/** Whether the node can reach the volume. */
export const isReachable = (volume: PersistentVolume, node: Node): boolean => {
  const required = volume.spec.nodeAffinity?.required
  return !required || required.nodeSelectorTerms.some((term) => nodeMatchesTerm(node, term))
}

const hasModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))

const hasVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem')

const capacityOf = ({ spec }: PersistentVolume): string => spec.capacity?.storage ?? '0'
const sizeOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.storage ?? '0'

/** Why the volume that a claim names will not do; undefined when it will. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(capacityOf(volume), sizeOf(claim)) < 0) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if (!hasVolumeMode(volume, claim)) return 'incompatible volumeMode'
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode'
}

export interface MatchOptions {
  /** The Pod's node: only volumes that it reaches will do. */
  node?: Node
  /** Without a node, only a volume that is kept for the claim will do. */
  isDelayed?: boolean
  /** Volumes that other claims of the same Pod get. */
  taken?: ReadonlySet<string>
}

/**
 * The best volume: one that is kept for the claim; else, of those that satisfy it with the fewest access modes, the smallest. Pure.
 * @param volumes any, in a fixed order: of equal ones the first is taken
 */
export function findBestMatch(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { node, isDelayed = false, taken }: MatchOptions = {},
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    if (taken?.has(volume.metadata.name) || !hasModes(volume, claim) || !hasVolumeMode(volume, claim)) continue
    if (volume.spec.claimRef) {
      if (!isBoundTo(volume, claim) || compareQuantities(capacityOf(volume), sizeOf(claim)) < 0) continue
      if (node && !isReachable(volume, node)) continue
      return volume
    }
    if (!node && isDelayed) continue
    if (volume.metadata.deletionTimestamp !== undefined || volume.status?.phase !== 'Available') continue
    if (claim.spec.selector && !selectorMatches(claim.spec.selector, volume.metadata.labels)) continue
    if (classOf(volume) !== classOf(claim) || compareQuantities(capacityOf(volume), sizeOf(claim)) < 0) continue
    if (node && !isReachable(volume, node)) continue
    if (!best || isBetter(volume, best)) best = volume
  }
  return best
}

function isBetter(volume: PersistentVolume, best: PersistentVolume): boolean {
  const modes = (volume.spec.accessModes ?? []).length - (best.spec.accessModes ?? []).length
  return modes === 0 ? compareQuantities(capacityOf(volume), capacityOf(best)) < 0 : modes < 0
}

/** The volume, given to the claim by the system; the same object when it is the claim's already. */
export function bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { claimRef } = volume.spec
  if (claimRef?.uid === claim.metadata.uid) return volume
  const { namespace, name, uid, resourceVersion } = claim.metadata
  const reference = { kind: claim.kind, namespace, name, uid, apiVersion: claim.apiVersion, resourceVersion }
  // What somebody has kept for the claim by hand stays theirs: it is not marked.
  const annotations = claimRef
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' }
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(annotations ? { annotations } : {}) },
    spec: { ...volume.spec, claimRef: equalJson(claimRef, reference) ? claimRef : reference },
  }
}
