/** Who controls what: owner references, adoption and release. Source: kubernetes/pkg/controller/controller_ref_manager.go */
import type { Kind } from '../api/meta/kind.ts'
import { resourceName } from '../api/meta/kind.ts'
import { selectorMatches } from '../api/meta/label-selector.ts'
import { controllerOf, type KubeObject, keyOf, type LabelSelector, type OwnerReference } from '../api/meta/object.ts'
import { conflict, isStatus } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import type { SharedInformer } from '../client/informer.ts'

/** Index of the objects that a controller owns, by its uid; those without one are under their namespace, see orphansIn. */
const BY_CONTROLLER = 'controller'

/** The reference that a controller puts on what it makes or adopts. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** Lets `ownedBy` and `orphansIn` find the informer's objects. */
export function indexByController<T extends KubeObject>(informer: SharedInformer<T>): void {
  informer.addIndex(BY_CONTROLLER, (object) => [
    controllerOf(object)?.uid ?? orphanKey(object.metadata.namespace ?? ''),
  ])
}

export const ownedBy = <T extends KubeObject>(informer: SharedInformer<T>, uid: string): readonly T[] =>
  informer.byIndex(BY_CONTROLLER, uid)

export const orphansIn = <T extends KubeObject>(informer: SharedInformer<T>, namespace: string): readonly T[] =>
  informer.byIndex(BY_CONTROLLER, orphanKey(namespace))

const orphanKey = (namespace: string): string => `orphans of ${namespace}`

/** The object that controls this one, if it is of that kind and the very one (uid) that the reference means. */
export function findController<O extends KubeObject>(
  object: KubeObject,
  kind: Kind<O>,
  owners: SharedInformer<O>,
): O | undefined {
  const reference = controllerOf(object)
  if (reference?.kind !== kind.kind) return undefined
  const owner = owners.get({ namespace: object.metadata.namespace ?? '', name: reference.name })
  return owner?.metadata.uid === reference.uid ? owner : undefined
}

export interface ClaimPlan<T> {
  /** What the owner controls now and keeps. */
  keep: readonly T[]
  /** Matching objects that nobody controls. */
  adopt: readonly T[]
  /** Objects it controls whose labels do not match any more. */
  release: readonly T[]
}

/**
 * Decides what an owner does about ownership. Pure.
 * An owner that is being deleted adopts and releases nothing, and what is being deleted is not adopted.
 */
export function planClaims<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  owned: readonly T[],
  orphans: readonly T[],
): ClaimPlan<T> {
  const isGoing = owner.metadata.deletionTimestamp !== undefined
  const isMatch = (object: T): boolean => selectorMatches(selector, object.metadata.labels)
  // Nearly always all match, and then thousands need not be copied.
  const keep = owned.every(isMatch) ? owned : owned.filter(isMatch)
  if (isGoing) return { keep, adopt: [], release: [] }
  return {
    keep,
    adopt: orphans.filter((object) => object.metadata.deletionTimestamp === undefined && isMatch(object)),
    release: keep === owned ? [] : owned.filter((object) => !isMatch(object)),
  }
}

/**
 * Adopts and releases as planned, and returns what the owner has then.
 * @param more what adoption puts into the metadata besides the reference
 * @throws StatusError when the server refuses; 409 when the owner turned out to be gone or going
 */
export function claim<O extends KubeObject, T extends KubeObject>(
  client: Client,
  ownerKind: Kind<O>,
  owner: O,
  kind: Kind<T>,
  plan: ClaimPlan<T>,
  more: { finalizers?: readonly string[] } = {},
): readonly T[] {
  for (const object of plan.release) release(client, kind, object, owner.metadata.uid)
  if (plan.adopt.length === 0) return plan.keep
  const claimed = [...plan.keep]
  checkStillThere(client, ownerKind, owner)
  for (const object of plan.adopt) {
    const patch = { metadata: { ...more, ownerReferences: [controllerReference(owner)], uid: object.metadata.uid } }
    try {
      claimed.push(client.patch(kind, keyOf(object), 'strategic', patch))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }
  return claimed
}

/** The cache may be old: before adopting, an owner makes sure of itself. */
function checkStillThere<O extends KubeObject>(client: Client, kind: Kind<O>, owner: O): void {
  const fresh = client.get(kind, keyOf(owner))
  const name = owner.metadata.name
  if (fresh.metadata.uid !== owner.metadata.uid)
    throw conflict(resourceName(kind), name, `original ${kind.kind} is gone`)
  if (fresh.metadata.deletionTimestamp !== undefined)
    throw conflict(resourceName(kind), name, 'it has just been deleted')
}

function release<T extends KubeObject>(client: Client, kind: Kind<T>, object: T, ownerUid: string): void {
  const patch = { metadata: { ownerReferences: [{ $patch: 'delete', uid: ownerUid }], uid: object.metadata.uid } }
  try {
    client.patch(kind, keyOf(object), 'strategic', patch)
  } catch (error) {
    // Gone, or another object under the same name: nothing is left to release.
    if (!isStatus(error, 'NotFound') && !isStatus(error, 'Invalid')) throw error
  }
}
