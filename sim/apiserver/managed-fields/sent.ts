/**
 * What a client sent, once it is read and has its defaults: that is owned, and not what admission and the server itself make of it.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go, where fields get their owners before admission
 */
import type { KubeObject, ObjectMeta } from '../../api/meta/object.ts'
import { charge } from '../../engine/work.ts'

/** Of comparing one value. */
const stepsOfValue = 1

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
  const shown = shared(kept, stored)
  return shown === stored ? undefined : shown
}

/** The value with the parts of another one in the place of those that are the same; the other one itself where all are. */
function shared(value: unknown, other: unknown): unknown {
  if (value === other || typeof value !== 'object' || typeof other !== 'object' || !value || !other) return value
  charge(stepsOfValue)
  if (Array.isArray(value)) {
    if (!Array.isArray(other)) return value
    const items = value.map((item, index) => shared(item, other[index]))
    return items.length === other.length && items.every((item, index) => item === other[index]) ? other : items
  }
  if (Array.isArray(other)) return value
  const others = other as Record<string, unknown>
  const result: Record<string, unknown> = {}
  let isSame = true
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    result[name] = shared(member, others[name])
    if (result[name] !== others[name]) isSame = false
  }
  for (const name in others) if (others[name] !== undefined && !(name in result)) isSame = false
  return isSame ? other : result
}
