/** What happens to an object whose owners may be gone. Pure. Source: kubernetes/pkg/controller/garbagecollector */
import type { OwnerReference } from '../../api/meta/object.ts'
import type { DeleteOptions } from '../../client/client.ts'
import { FOREGROUND, ORPHAN } from './graph.ts'

export type OwnerState = 'solid' | 'dangling' | 'waiting'

export type CollectionPlan =
  | { action: 'keep' }
  /** Take the references to owners that are gone or going out of it: another owner keeps it. */
  | { action: 'disown'; uids: string[] }
  | { action: 'delete'; policy: NonNullable<DeleteOptions['propagationPolicy']>; unblock: boolean }

/**
 * Decides about an object by the state of its owners: an owner is solid when it exists, dangling when it does not, waiting
 * when it is being deleted in the foreground.
 * @param finalizers the object's own, which tell how its dependents are to be treated
 * @param hasDependents whether something depends on the object itself
 */
export function planCollection(
  owners: readonly { reference: OwnerReference; state: OwnerState }[],
  finalizers: readonly string[],
  hasDependents: boolean,
): CollectionPlan {
  if (owners.length === 0) return { action: 'keep' }
  if (owners.some(({ state }) => state === 'solid')) {
    const uids = owners.filter(({ state }) => state !== 'solid').map(({ reference }) => reference.uid)
    return uids.length > 0 ? { action: 'disown', uids } : { action: 'keep' }
  }
  if (hasDependents && owners.some(({ state }) => state === 'waiting')) {
    return { action: 'delete', policy: 'Foreground', unblock: true }
  }
  const policy = finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background'
  return { action: 'delete', policy, unblock: false }
}
