/** The scale subresource: how many replicas are wanted, in the same words for every kind that has them. */
import { cloneJson } from '../../api/meta/json.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import { notFound } from '../../api/meta/status-error.ts'
import type { Scale } from '../../client/client.ts'
import type { Caller } from '../caller.ts'
import type { WriteParts } from './parts.ts'
import { scaleOf } from './scale-of.ts'
import { replace } from './update.ts'

export function getScale(parts: WriteParts, caller: Caller, kind: Kind, key: ObjectKey): Scale {
  parts.access.check(caller, kind, { verb: 'get', key, subresource: 'scale' })
  const object = parts.store.get(kind, key)
  if (!object || !kind.scale) throw notFound(resourceName(kind), key.name)
  return scaleOf(kind, object)
}

export function updateScale(parts: WriteParts, caller: Caller, kind: Kind, key: ObjectKey, replicas: number): Scale {
  parts.access.check(caller, kind, { verb: 'update', key, subresource: 'scale' })
  const { scale } = kind
  if (!scale) throw notFound(resourceName(kind), key.name)
  const make = (old: KubeObject): KubeObject => cloneJson(scale.withReplicas(old, replicas))
  return scaleOf(kind, replace(parts, caller, kind, { key, make, options: {}, subresource: 'scale' }))
}
