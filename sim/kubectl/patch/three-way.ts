/**
 * The patch of client-side apply: what takes the live object to the manifest, and removes what the last manifest had and this
 * one lacks, leaving alone what others set. Pure. Source: k8s.io/apimachinery/pkg/util/strategicpatch, CreateThreeWayMergePatch
 */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import { equalJson } from '../../api/meta/json.ts'
import { findMergeRule, type MergeRule } from '../../api/schema/list-map-keys.ts'

/**
 * A strategic merge patch; `{}` when nothing has to change.
 * @param schema the object's definition: `io.k8s.api.apps.v1.Deployment`
 * @param original the last applied manifest; undefined for an object that apply has not touched
 * @param modified the manifest, with its last-applied annotation
 * @param current the live object
 */
export function threeWayPatch(
  schema: string,
  original: JsonMap | undefined,
  modified: JsonMap,
  current: JsonMap,
): JsonMap {
  return diffMaps(schema, original ?? {}, modified, current)
}

/** A two-way strategic patch from one state to another: what `set`, `taint` and others send. */
export const twoWayPatch = (schema: string, from: JsonMap, to: JsonMap): JsonMap => diffMaps(schema, from, to, from)

function diffMaps(schema: string | undefined, original: JsonMap, modified: JsonMap, current: JsonMap): JsonMap {
  const patch: JsonMap = {}
  for (const field of Object.keys(modified)) {
    const wanted = modified[field]
    const live = current[field]
    if (wanted === undefined) continue
    const rule = schema ? findMergeRule(schema, field) : undefined
    if (wanted === null) {
      if (live !== undefined && live !== null) patch[field] = null
    } else if (isMap(wanted) && isMap(live)) {
      const inner = diffMaps(rule?.definition, asMap(original[field]), wanted, live)
      if (Object.keys(inner).length > 0) {
        patch[field] = rule?.patch.retainKeys ? { ...inner, $retainKeys: Object.keys(wanted).sort() } : inner
      }
    } else if (Array.isArray(wanted) && Array.isArray(live)) {
      const lists = { field, original: asList(original[field]), modified: wanted, current: live }
      if (isKeyed(rule, wanted, live)) diffKeyed(rule, lists, patch)
      else if (rule?.patch.strategy === 'merge' && !rule.patch.mergeKey) diffSets(lists, patch)
      else if (!equalJson(wanted, live)) patch[field] = wanted
    } else if (!equalJson(wanted, live)) patch[field] = wanted
  }
  for (const field of Object.keys(original)) {
    const isGone = modified[field] === undefined && original[field] !== undefined && original[field] !== null
    if (isGone && current[field] !== undefined) patch[field] = null
  }
  return patch
}

interface Lists {
  field: string
  original: readonly unknown[]
  modified: readonly unknown[]
  current: readonly unknown[]
}

type KeyedRule = MergeRule & { patch: { mergeKey: string } }

/** A list is merged by key only when all of its items have the key. */
function isKeyed(rule: MergeRule | undefined, ...lists: (readonly unknown[])[]): rule is KeyedRule {
  const key = rule?.patch.strategy === 'merge' ? rule.patch.mergeKey : undefined
  return key !== undefined && lists.every((list) => list.every((item) => isMap(item) && item[key] !== undefined))
}

function diffKeyed(rule: KeyedRule, { field, original, modified, current }: Lists, patch: JsonMap): void {
  const key = rule.patch.mergeKey
  // Items of one key are compared in their order, such as a port over UDP and TCP. Source: diffListsOfMaps
  const find = (list: readonly unknown[], value: unknown, nth = 0): JsonMap | undefined =>
    list.filter(isMap).filter((item) => item[key] === value)[nth]
  const items: JsonMap[] = []
  const seen = new Map<unknown, number>()
  for (const wanted of modified.filter(isMap)) {
    const nth = seen.get(wanted[key]) ?? 0
    seen.set(wanted[key], nth + 1)
    const live = find(current, wanted[key], nth)
    if (!live) {
      items.push(wanted)
      continue
    }
    const inner = diffMaps(rule.definition, find(original, wanted[key], nth) ?? {}, wanted, live)
    if (Object.keys(inner).length === 0) continue
    const keyed = { ...inner, [key]: wanted[key] }
    items.push(rule.patch.retainKeys ? { ...keyed, $retainKeys: Object.keys(wanted).sort() } : keyed)
  }
  const count = (list: readonly unknown[], value: unknown): number =>
    list.filter((item) => isMap(item) && item[key] === value).length
  for (const value of new Set(original.filter(isMap).map((old) => old[key]))) {
    // One that was applied twice and stands once is deleted, as kubectl counts.
    if (count(original, value) <= count(modified, value) || !find(current, value)) continue
    const change = items.find((item) => item[key] === value)
    if (change) change.$patch = 'delete'
    else items.push({ $patch: 'delete', [key]: value })
  }
  const order = modified.filter(isMap).map((item) => item[key])
  const liveOrder = current.filter(isMap).map((item) => item[key])
  if (items.length > 0) patch[field] = items
  if (items.length > 0 || isReordered(order, liveOrder)) {
    patch[`$setElementOrder/${field}`] = order.map((value) => ({ [key]: value }))
  }
}

function diffSets({ field, original, modified, current }: Lists, patch: JsonMap): void {
  const added = modified.filter((item) => !current.includes(item))
  const removed = original.filter((item) => !modified.includes(item) && current.includes(item))
  if (added.length > 0) patch[field] = added
  if (removed.length > 0) patch[`$deleteFromPrimitiveList/${field}`] = removed
  if (added.length > 0 || removed.length > 0) patch[`$setElementOrder/${field}`] = [...modified]
}

/** Whether items that both lists have stand in another order. */
const isReordered = (wanted: readonly unknown[], live: readonly unknown[]): boolean => {
  const common = live.filter((value) => wanted.includes(value))
  const expected = wanted.filter((value) => live.includes(value))
  return !equalJson(common, expected)
}

const asMap = (value: unknown): JsonMap => (isMap(value) ? value : {})
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
