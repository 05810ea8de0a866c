/** The one step by which an object that was checked is stored: its record in the trace, its version, and its end if nothing holds it. */
import type { Kind } from '../../api/meta/kind.ts'
import { type KubeObject, keyText, type ObjectKey } from '../../api/meta/object.ts'
import type { Write } from '../../etcd/etcd.ts'
import type { Caller } from '../caller.ts'
import type { WriteParts } from './parts.ts'

export interface Commit<T extends KubeObject> {
  caller: Caller
  kind: Kind<T>
  key: ObjectKey
  /** What the trace calls it. */
  action: string
  object: T
  write: Write
}

/**
 * Stores it. One whose deletion nothing holds up any more is removed instead: who watches sees it go as it was last, with the finalizer that held
 * it. Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (deleteWithoutFinalizers)
 */
export function commit<T extends KubeObject>(parts: WriteParts, { caller, kind, key, ...change }: Commit<T>): T {
  const { object } = change
  const record = recordOf(parts, caller, change.action, kind, object)
  const last = isDone(kind, object) ? parts.store.read(kind, key) : undefined
  if (!last) return parts.store.put(kind, keyText(key), object, record, change.write)
  parts.store.remove(kind, last, record)
  return object
}

/** The act in the causal trace. @returns its number */
export function recordOf<T extends KubeObject>(
  { engine: { trace }, store }: WriteParts,
  caller: Caller,
  action: string,
  kind: Kind<T>,
  object: T,
): number {
  if (kind.isReport) return trace.current
  const { name, namespace } = object.metadata
  return trace.record(
    caller.user.name,
    action,
    { kind: kind.kind, namespace, name },
    { revision: store.etcd.revision + 1 },
  )
}

/** A deleted object goes once nothing holds it: no finalizer, no grace period, nothing of its kind's own. */
function isDone<T extends KubeObject>(kind: Kind<T>, object: T): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (!deletionTimestamp || finalizers?.length) return false
  if (deletionGracePeriodSeconds) return false
  return !kind.holdsDeletion?.(object)
}
