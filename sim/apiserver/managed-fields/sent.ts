/**
 * What a client sent, once it is read and has its defaults: that is owned, and not what admission and the server itself make of it.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go, where fields get their owners before admission
 */
import { cloneJson, equalJson, isRecord } from '../../api/meta/json.ts'
import type { KubeObject, ObjectMeta } from '../../api/meta/object.ts'

/** A copy, before anybody changes the object. */
export const asSent = (object: KubeObject): KubeObject => cloneJson(object)

/**
 * What is kept of it beside the object that is stored: nothing where only the server's own metadata and the status differ, which are not the
 * client's to write there.
 * @param old the object before; undefined when it was made, without a status then
 */
export function keptOfSent(
  sent: KubeObject | undefined,
  stored: KubeObject,
  old: KubeObject | undefined,
  hasStatus: boolean,
): unknown {
  if (!sent) return undefined
  const { labels, annotations, finalizers, ownerReferences } = sent.metadata
  const metadata: ObjectMeta = { ...stored.metadata, labels, annotations, finalizers, ownerReferences }
  const status = hasStatus ? { status: (old as { status?: unknown } | undefined)?.status } : {}
  const kept = { ...sent, apiVersion: stored.apiVersion, kind: stored.kind, metadata, ...status }
  return equalJson(kept, stored) ? undefined : shared(kept, stored)
}

/** The value with the parts of another one in the place of those that are the same. */
function shared(value: unknown, other: unknown): unknown {
  if (equalJson(value, other)) return other
  if (!isRecord(value) || !isRecord(other)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === undefined ? [] : [[name, shared(member, other[name])]],
    ),
  )
}
