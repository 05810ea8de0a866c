/**
 * Strategic merge patch: lists are merged by key where the API says so, with the directives that kubectl sends.
 * Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { cannotUnmarshal } from '../../text/go-json-errors.ts'
import { goText } from '../meta/go-text.ts'
import { isRecord } from '../meta/json.ts'
import { badRequest, StatusError } from '../meta/status-error.ts'
import { findMergeRule, type PatchRule } from '../schema/list-map-keys.ts'

type Json = Record<string, unknown>

/** In the place of an item that the patch takes away. */
const deleted = Symbol('deleted')
/** What tells items of a list of plain values apart. */
const keyOfItem = (item: unknown): string => JSON.stringify(item)

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'

/**
 * The target with the patch merged in; shares what it leaves alone.
 * @param schema the target's definition: `io.k8s.api.apps.v1.Deployment`
 * @throws StatusError 500, as the API server answers, for a directive that can't be understood or a list item without its merge key
 */
export function strategicMergePatch(schema: string, target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) throw badRequest(cannotUnmarshal(patch, 'map[string]interface {}'))
  return mergeMap(schema, isRecord(target) ? target : {}, patch)
}

function mergeMap(schema: string | undefined, target: Json, patch: Json): Json {
  const directive = patch.$patch
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined) throw unknownDirective(patch)
  let result: Json = { ...target }
  if (Array.isArray(patch.$retainKeys)) {
    const kept = new Set(patch.$retainKeys.map(String))
    result = Object.fromEntries(Object.entries(result).filter(([key]) => kept.has(key)))
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix) && Array.isArray(value)) {
      const field = key.slice(deletePrefix.length)
      const current = result[field]
      const gone = new Set(value.map(keyOfItem))
      if (Array.isArray(current)) result[field] = current.filter((item) => !gone.has(keyOfItem(item)))
    }
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') || key === '__proto__') continue
    if (value === null) {
      delete result[key]
      continue
    }
    const rule = schema ? findMergeRule(schema, key) : undefined
    const child = rule?.definition
    const current = result[key]
    if (Array.isArray(value)) {
      const merged = mergeList(child, rule?.patch, key, current, value, patch[orderPrefix + key])
      // What deletions have emptied is as if it had never been there.
      if (merged.length > 0 || value.length === 0) result[key] = merged
      else delete result[key]
    } else if (isRecord(value)) {
      if (value.$patch === 'delete') delete result[key]
      else result[key] = mergeMap(child, isRecord(current) ? current : {}, value)
    } else result[key] = value
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix) || !Array.isArray(order)) continue
    const field = key.slice(orderPrefix.length)
    const list = result[field]
    if (patch[field] !== undefined || !Array.isArray(list)) continue
    const rule = schema ? findMergeRule(schema, field) : undefined
    result[field] = ordered(list, list, order, rule?.patch.mergeKey)
  }
  return result
}

/** Source: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go, handleDirectiveInMergeMap */
const unknownDirective = (patch: Json): StatusError =>
  new StatusError(500, '', `unknown patch type: ${goText(patch.$patch)} in map: ${goText(patch)}`)

function mergeList(
  child: string | undefined,
  rule: PatchRule | undefined,
  field: string,
  current: unknown,
  patch: readonly unknown[],
  order: unknown,
): unknown[] {
  const target = Array.isArray(current) ? current : []
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch
      .filter((item) => !(isRecord(item) && item.$patch === 'replace' && Object.keys(item).length === 1))
      .map(plain)
  }
  if (rule?.strategy !== 'merge') return patch.map(plain)
  // Where there is no list yet, its items need not be told apart.
  const mergeKey = rule.mergeKey
  if (mergeKey && !Array.isArray(current) && patch.some((item) => isRecord(item) && item[mergeKey] === undefined))
    return patch.map(plain)
  if (!mergeKey) {
    const merged = [...target]
    const present = new Set(target.map(keyOfItem))
    for (const item of patch) {
      const key = keyOfItem(item)
      if (present.has(key)) continue
      present.add(key)
      merged.push(item)
    }
    return ordered(merged, target, Array.isArray(order) ? order : patch, undefined)
  }
  const merged: unknown[] = [...target]
  const places = new Map<unknown, number[]>()
  for (const [place, item] of target.entries()) {
    if (!isRecord(item)) continue
    const equal = places.get(item[mergeKey])
    if (equal) equal.push(place)
    else places.set(item[mergeKey], [place])
  }
  for (const item of patch) {
    if (!isRecord(item)) throw badRequest(`expected a mapping in the list ${field}`)
    const key = item[mergeKey]
    if (key === undefined)
      throw new StatusError(500, '', `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
    if (item.$patch === 'merge') throw new StatusError(500, '', 'merging lists cannot yet be specified in the patch')
    const equal = places.get(key) ?? []
    const [place] = equal
    if (item.$patch === 'delete') {
      for (const each of equal) merged[each] = deleted
      places.delete(key)
    } else if (place === undefined) places.set(key, [merged.push(mergeMap(child, {}, item)) - 1])
    else merged[place] = mergeMap(child, merged[place] as Json, item)
  }
  const left = merged.filter((item) => item !== deleted)
  // Without an order of its own, the patch's items are the order.
  return ordered(left, target, Array.isArray(order) ? order : patch, mergeKey)
}

/** The merged items in the order the patch asks for; items it does not name keep their place relative to the target's. */
function ordered(
  merged: readonly unknown[],
  target: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const keyOf = (item: unknown): unknown => (mergeKey && isRecord(item) ? item[mergeKey] : item)
  const ranksOf = (list: readonly unknown[]): ((item: unknown) => number) => {
    const ranks = new Map(list.map((item, place) => [keyOf(item), place] as const).reverse())
    return (item) => ranks.get(keyOf(item)) ?? -1
  }
  const wanted = ranksOf(order)
  const before = ranksOf(target)
  const named = merged.filter((item) => wanted(item) >= 0).toSorted((a, b) => wanted(a) - wanted(b))
  const others = merged.filter((item) => wanted(item) < 0)
  const result: unknown[] = []
  let i = 0
  let j = 0
  while (i < others.length || j < named.length) {
    if (i >= others.length) result.push(named[j++])
    else if (j >= named.length) result.push(others[i++])
    else {
      const left = before(others[i])
      const right = before(named[j])
      if (left >= 0 && right >= 0 && left < right) result.push(others[i++])
      else result.push(named[j++])
    }
  }
  return result
}

function plain(value: unknown): unknown {
  return isRecord(value) ? withoutDirectives(value) : value
}

/** What a patch says when there is nothing to merge it with. */
function withoutDirectives(patch: Json): Json {
  const result: Json = {}
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$') || key === '__proto__' || value === null) continue
    result[key] = Array.isArray(value) ? value.map(plain) : plain(value)
  }
  return result
}
