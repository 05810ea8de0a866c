/** What a Deployment does with its ReplicaSets. Pure. Source: kubernetes/pkg/controller/deployment/{rolling,sync}.go */
import type { Deployment, ReplicaSet } from '../../api/apps/types.ts'
import { isRolling, maxSurge, maxUnavailable } from './limits.ts'
import { byRevision, desiredAnnotation, maxAnnotation } from './revision.ts'

/** A ReplicaSet, as it was when planned, and the size it is to have. Carried out in order; the same one may come twice. */
export interface Scaling {
  set: ReplicaSet
  replicas: number
}

export const replicasOf = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + set.spec.replicas, 0)

export const actualReplicasOf = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + set.status.replicas, 0)

export const availableReplicasOf = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.status.availableReplicas ?? 0), 0)

export const isSized = (set: ReplicaSet): boolean => set.spec.replicas > 0

/** Older first, then by name. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const textOf = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp} ${metadata.name}`
  return textOf(a) < textOf(b) ? -1 : 1
}

/** How large the newest ReplicaSet may be now: as much of the desired size as the surge leaves room for. */
export function newestSetReplicas(deployment: Deployment, sets: readonly ReplicaSet[], newestReplicas: number): number {
  const desired = deployment.spec.replicas
  if (!isRolling(deployment)) return desired
  const room = desired + maxSurge(deployment) - replicasOf(sets)
  return newestReplicas + Math.max(0, Math.min(room, desired - newestReplicas))
}

/** The newest ReplicaSet's next step of a rolling update; undefined when it has its size. */
export function planNewest(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newest: ReplicaSet,
): Scaling | undefined {
  const replicas = Math.min(deployment.spec.replicas, newestSetReplicas(deployment, sets, newest.spec.replicas))
  return replicas === newest.spec.replicas ? undefined : { set: newest, replicas }
}

/**
 * The old ReplicaSets' next step of a rolling update: first what is unhealthy goes, as far as that leaves enough Pods in all,
 * then as many more as availability allows. The oldest go first.
 */
export function planOld(deployment: Deployment, old: readonly ReplicaSet[], newest: ReplicaSet): Scaling[] {
  const sized = old.filter(isSized).sort(byAge)
  const minAvailable = deployment.spec.replicas - maxUnavailable(deployment)
  const newestUnavailable = newest.spec.replicas - (newest.status.availableReplicas ?? 0)
  const spare = replicasOf(sized) + newest.spec.replicas - minAvailable - newestUnavailable
  if (spare <= 0) return []

  const sizes = new Map(sized.map((set) => [set, set.spec.replicas]))
  const scalings: Scaling[] = []
  const shrink = (set: ReplicaSet, less: number): void => {
    sizes.set(set, sizes.get(set)! - less)
    scalings.push({ set, replicas: sizes.get(set)! })
  }

  let cleaned = 0
  for (const set of sized) {
    if (cleaned >= spare) break
    const unhealthy = set.spec.replicas - (set.status.availableReplicas ?? 0)
    // More available than wanted: the status is older than the last step. Counting on it would remove too many.
    if (unhealthy < 0) return scalings
    if (unhealthy === 0) continue
    const less = Math.min(spare - cleaned, unhealthy)
    shrink(set, less)
    cleaned += less
  }

  let removable = availableReplicasOf([...sized, newest]) - minAvailable
  for (const set of sized) {
    const less = Math.min(sizes.get(set)!, removable)
    if (less <= 0) continue
    shrink(set, less)
    removable -= less
  }
  return scalings
}

/**
 * What follows from a change of spec.replicas, outside the steps of a rollout: one ReplicaSet alone takes the new size;
 * several share the difference in proportion to their sizes, the largest taking what rounding leaves.
 */
export function planScale(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Scaling[] {
  if (!newest && old.length === 0) return []
  const desired = deployment.spec.replicas
  const single = activeOrLatest(newest, old)
  if (single) return single.spec.replicas === desired ? [] : [{ set: single, replicas: desired }]
  if (newest && isSaturated(deployment, newest)) return old.filter(isSized).map((set) => ({ set, replicas: 0 }))
  if (!isRolling(deployment)) return []

  const sized = [...old, ...(newest ? [newest] : [])].filter(isSized)
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0
  const toAdd = allowed - replicasOf(sized)
  // Growing favours the newer of two equals, shrinking the older.
  sized.sort((a, b) => b.spec.replicas - a.spec.replicas || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  let added = 0
  const scalings = sized.map((set): Scaling => {
    const share = proportionOf(set, deployment, toAdd, added)
    added += share
    return { set, replicas: set.spec.replicas + share }
  })
  scalings[0].replicas = Math.max(0, scalings[0].replicas + toAdd - added)
  return scalings
}

/** The only ReplicaSet with replicas; when there is none the newest, or the youngest of the old. */
function activeOrLatest(newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const sized = [...(newest ? [newest] : []), ...old].filter(isSized)
  if (sized.length === 0) return newest ?? [...old].sort(byAge).at(-1)
  return sized.length === 1 ? sized[0] : undefined
}

function isSaturated(deployment: Deployment, newest: ReplicaSet): boolean {
  const desired = deployment.spec.replicas
  return (
    newest.spec.replicas === desired &&
    desiredAnnotation(newest) === desired &&
    newest.status.availableReplicas === desired
  )
}

function proportionOf(set: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (toAdd === added) return 0
  const fraction = fractionOf(set, deployment)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const desired = deployment.spec.replicas
  if (desired === 0) return -set.spec.replicas
  const before = maxAnnotation(set) || deployment.status.replicas
  // The annotation is gone, and no Pod was ever made.
  if (!before) return 0
  const size = (set.spec.replicas * (desired + maxSurge(deployment))) / before
  return Math.round(size) - set.spec.replicas
}

/** Old ReplicaSets beyond the revision history limit that are empty and may go, lowest revision first. */
export function planCleanup(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const candidates = old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const surplus = Math.max(0, candidates.length - deployment.spec.revisionHistoryLimit)
  return candidates
    .sort((a, b) => byRevision(a, b) || byAge(a, b))
    .slice(0, surplus)
    .filter(
      (set) =>
        set.spec.replicas === 0 &&
        set.status.replicas === 0 &&
        (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0),
    )
}
