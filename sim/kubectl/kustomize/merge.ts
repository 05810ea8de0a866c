/**
 * A strategic merge patch as kustomize merges it, which is not quite as the API server does: what the patch lists comes first.
 * Source: kustomize/kyaml/yaml/merge2 with MergeOptionsListPrepend
 */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { equalJson } from '../../api/meta/json.ts'
import { findMergeRule } from '../../api/schema/list-map-keys.ts'

/**
 * @param schema the object's definition: `io.k8s.api.apps.v1.Deployment`; undefined for a kind nobody knows
 * @returns undefined when the patch deletes the object
 */
export function mergePatch(schema: string | undefined, target: JsonMap, patch: JsonMap): JsonMap | undefined {
  const { $patch: directive, ...rest } = patch
  if (directive === 'delete') return undefined
  if (directive === 'replace') return withoutNulls(rest)
  const result: JsonMap = { ...target }
  for (const [field, value] of Object.entries(rest)) {
    const old = result[field]
    const rule = schema ? findMergeRule(schema, field) : undefined
    let merged: unknown = value
    if (isMap(value)) merged = mergePatch(rule?.definition, isMap(old) ? old : {}, value)
    else if (Array.isArray(value) && rule?.patch.strategy === 'merge')
      merged = mergeLists(rule.definition, rule.patch.mergeKey, Array.isArray(old) ? old : [], value)
    else if (Array.isArray(value)) merged = value.map((item) => (isMap(item) ? withoutNulls(item) : item))
    if (merged === null || merged === undefined) delete result[field]
    else result[field] = merged
  }
  return result
}

function mergeLists(
  definition: string | undefined,
  mergeKey: string | undefined,
  target: readonly unknown[],
  patch: readonly unknown[],
): unknown[] | undefined {
  const isReplace = (item: unknown): boolean =>
    isMap(item) && item.$patch === 'replace' && Object.keys(item).length === 1
  if (patch.some(isReplace)) return patch.filter((item) => !isReplace(item))
  if (mergeKey === undefined)
    return [...patch, ...target.filter((item) => !patch.some((other) => equalJson(item, other)))]
  const isSame = (a: unknown, b: unknown): boolean =>
    isMap(a) &&
    isMap(b) &&
    a[mergeKey] === b[mergeKey] &&
    (mergeKey !== 'containerPort' || (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP'))
  const merged = patch.flatMap((item) => {
    const old = target.find((other) => isSame(item, other))
    if (!isMap(item)) return [item]
    return mergePatch(definition, isMap(old) ? old : {}, item) ?? []
  })
  const list = [...merged, ...target.filter((item) => !patch.some((other) => isSame(item, other)))]
  return list.length > 0 ? list : undefined
}

const withoutNulls = (map: JsonMap): JsonMap =>
  Object.fromEntries(
    Object.entries(map)
      .filter(([key, value]) => value !== null && key !== '$patch')
      .map(([key, value]) => [key, isMap(value) ? withoutNulls(value) : value]),
  )
