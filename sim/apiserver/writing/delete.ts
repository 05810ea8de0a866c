/** Deleting an object: at once, after a grace period, or once its finalizers are done. Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Delete) */
import { equalJson } from '../../api/meta/json.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import { type KubeObject, keyText, type ObjectKey } from '../../api/meta/object.ts'
import { forbidden, methodNotAllowed, notFound } from '../../api/meta/status-error.ts'
import type { DeleteOptions } from '../../client/client.ts'
import { timestampOf } from '../../engine/engine.ts'
import type { Caller } from '../caller.ts'
import { plainWrite } from '../object-store.ts'
import { admissionRequest, admit, validateAdmission } from './admit.ts'
import { commit, recordOf } from './commit.ts'
import type { WriteParts } from './parts.ts'
import { checkDeletion } from './preconditions.ts'

/** Whether the caller may was asked before. */
export function deleteObject<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  key: ObjectKey,
  options: DeleteOptions,
): T {
  if (kind.isVirtual) throw methodNotAllowed()
  const refused = kind.refusesDeletion?.(key.name)
  if (refused) throw forbidden(resourceName(kind), key.name, refused)
  const old = parts.store.read(kind, key)
  if (!old) throw notFound(resourceName(kind), key.name)
  checkDeletion(kind, key, old, options.preconditions)
  const { dryRun } = options
  const request = admissionRequest(caller, kind, { operation: 'DELETE', object: undefined, old, dryRun })
  admit(parts, request)
  validateAdmission(parts, request)
  if (dryRun) return old
  const object: T = { ...old, metadata: { ...old.metadata, finalizers: finalizersFor(old, options) } }
  if (!object.metadata.finalizers?.length) delete object.metadata.finalizers
  const grace = kind.gracePeriodSeconds?.(old, options.gracePeriodSeconds) ?? 0
  if (grace > 0) {
    // A second request can only shorten what is left.
    const isGoing = old.metadata.deletionTimestamp !== undefined
    if (isGoing && grace >= (old.metadata.deletionGracePeriodSeconds ?? 0)) return old
  }
  const isGone = grace <= 0 && !object.metadata.finalizers && !kind.holdsDeletion?.(object)
  // Where there is a grace period the end of it is written first: whoever watches sees it, and then the object go.
  const isMarked = kind.gracePeriodSeconds === undefined || old.metadata.deletionGracePeriodSeconds === 0
  const action = 'delete'
  if (isGone && isMarked) return parts.store.remove(kind, old, recordOf(parts, caller, action, kind, old))
  markForDeletion(parts, kind, object, old, Math.max(0, grace))
  if (equalJson(object, old)) return old
  const write = plainWrite(caller, parts.engine)
  if (!isGone) return commit(parts, { caller, kind, key, action, object, write })
  const record = recordOf(parts, caller, action, kind, object)
  return parts.store.remove(kind, parts.store.put(kind, keyText(key), object, record, write), record)
}

function markForDeletion<T extends KubeObject>(
  { engine }: WriteParts,
  kind: Kind<T>,
  object: T,
  old: T,
  graceSeconds: number,
): void {
  const meta = object.metadata
  const { at, seconds } = whenDue(old, graceSeconds, engine.epochMs)
  if (kind.gracePeriodSeconds || !meta.deletionTimestamp) meta.deletionTimestamp = at
  meta.deletionGracePeriodSeconds = seconds
  if (kind.generationOf && !old.metadata.deletionTimestamp) meta.generation = (meta.generation ?? 0) + 1
  kind.beginDeletion?.(object)
}

/** Reckoned from the first request, also by a second one; never in the past. Source: k8s.io/apiserver/pkg/registry/rest/delete.go BeforeDelete */
function whenDue({ metadata }: KubeObject, graceSeconds: number, nowEpochMs: number): { at: string; seconds: number } {
  const former = metadata.deletionTimestamp
  const startMs = former ? Date.parse(former) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 : nowEpochMs
  const dueMs = startMs + graceSeconds * 1000
  const isPast = dueMs < nowEpochMs
  return { at: timestampOf(isPast ? nowEpochMs : dueMs), seconds: isPast && graceSeconds !== 0 ? 1 : graceSeconds }
}

/** Finalizers after a DELETE with that propagation policy. Source: registry/generic/registry deletionFinalizersForGarbageCollection */
function finalizersFor(object: KubeObject, { propagationPolicy: policy }: DeleteOptions): string[] | undefined {
  const current = object.metadata.finalizers ?? []
  if (!policy) return object.metadata.finalizers
  const kept = current.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion')
  if (policy === 'Orphan') kept.push('orphan')
  if (policy === 'Foreground') kept.push('foregroundDeletion')
  return kept
}
