/**
 * Sets of fields, in the form of metadata.managedFields: `f:name` for a member, `k:{...}` for an item of a keyed list, `v:x`
 * for one of a set, and `.` for the thing itself. Source: sigs.k8s.io/structured-merge-diff
 */
import { charge } from '../../engine/work.ts'
import { equalJson, isRecord } from '../meta/json.ts'
import { type ApplyRule, type Definition, keyDefault, ruleOf } from './list-map-keys.ts'
import { zeroForm } from './zero-form.ts'

/** FieldsV1. A leaf is an empty node. */
export type FieldSet = { [element: string]: FieldSet }

const ordered = new WeakMap<FieldSet, FieldSet>()

/**
 * The same fields in the order in which a server writes them: names by their letters, items by the values of their keys.
 * Source: structured-merge-diff, PathElement.Compare
 */
export function inOrder(set: FieldSet): FieldSet {
  const known = ordered.get(set)
  if (known) return known
  const elements = Object.entries(set)
  charge(elements.length)
  const sorted = Object.fromEntries(
    elements.sort(([a], [b]) => compareElements(a, b)).map(([element, below]) => [element, inOrder(below)]),
  )
  ordered.set(set, sorted)
  return sorted
}

function compareElements(a: string, b: string): number {
  const byText = a < b ? -1 : a > b ? 1 : 0
  if (!a.startsWith('k:') || !b.startsWith('k:')) return byText
  const [left, right] = [keysIn(a), keysIn(b)]
  for (const [name, value] of Object.entries(left)) {
    const other = right[name]
    if (value === other || other === undefined) continue
    if (typeof value === 'number' && typeof other === 'number') return value - other
    return String(value) < String(other) ? -1 : 1
  }
  return byText
}

/** Of `k:{...}`; a client may have written what is none. */
function keysIn(element: string): Record<string, unknown> {
  try {
    const keys: unknown = JSON.parse(element.slice(2))
    return isRecord(keys) ? keys : {}
  } catch {
    return {}
  }
}

/** What is walked: a value with the rule that says how it is owned. */
interface Typed {
  value: unknown
  rule: ApplyRule
  /** Of the value, or of the items of a list. */
  definition: Definition | undefined
}

const granular: ApplyRule = { type: 'granular' }

const typedRoot = (schema: Definition, value: unknown): Typed => ({ value, rule: granular, definition: schema })

/** The parts of a value that can be owned one by one; undefined for what is owned as a whole. */
function parts({ value, rule, definition }: Typed): Map<string, Typed> | undefined {
  if (rule.type === 'atomic') return undefined
  const found = new Map<string, Typed>()
  if (Array.isArray(value)) {
    if (rule.type === 'map') {
      for (const item of value)
        found.set(itemElement(item, rule, definition), { value: item, rule: granular, definition })
      return found
    }
    if (rule.type === 'set') {
      for (const item of value)
        found.set(itemElement(item, rule, definition), { value: item, rule: { type: 'atomic' }, definition: undefined })
      return found
    }
    return undefined
  }
  if (!isRecord(value)) return undefined
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const merge = definition ? ruleOf(definition, name) : undefined
    found.set(`f:${name}`, { value: member, rule: merge?.apply ?? granular, definition: merge?.definition })
  }
  return found
}

/**
 * The element that names an item of a list whose items are told apart.
 * @param definition of the items
 */
export function itemElement(
  item: unknown,
  rule: Extract<ApplyRule, { type: 'map' | 'set' }>,
  definition: Definition | undefined,
): string {
  if (rule.type === 'set') return `v:${JSON.stringify(item)}`
  const picked: Record<string, unknown> = {}
  for (const key of [...rule.keys].sort())
    picked[key] = isRecord(item) ? (item[key] ?? keyDefault(definition, key)) : undefined
  return `k:${JSON.stringify(picked)}`
}

/** The fields that a configuration sets. */
export function fieldsOf(schema: Definition, value: unknown): FieldSet {
  return withoutIdentity(setOf(typedRoot(schema, value)))
}

function setOf(typed: Typed): FieldSet {
  const members = parts(typed)
  if (!members || members.size === 0) return {}
  const set: FieldSet = {}
  for (const [element, member] of members) {
    const child = setOf(member)
    set[element] = element.startsWith('k:') ? { '.': {}, ...child } : child
  }
  return set
}

/** Around the name of an element in JSON: its colon, the braces of what is below, and a comma. */
const AROUND_ELEMENT = 4
/** The item of a keyed list itself. */
const SELF_LENGTH = '".":{},'.length

/** Characters of FieldsV1 as JSON, where one manager sets all fields of a value: what `fieldsOf` gives, without making it. */
export function lengthOfFields(schema: Definition, value: unknown): number {
  let length = 0
  const add = (typed: Typed): void => {
    for (const [element, member] of parts(typed) ?? []) {
      charge(1)
      const isItem = element.startsWith('k:')
      length += JSON.stringify(element).length + AROUND_ELEMENT + (isItem ? SELF_LENGTH : 0)
      add(member)
    }
  }
  add(typedRoot(schema, value))
  return length
}

export interface Comparison {
  /** Set in the new value, and other or absent in the old one. */
  changed: FieldSet
  /** Set in the old value, absent from the new one. */
  removed: FieldSet
}

/** What a write did, field by field; `before` is undefined for an object that was made. */
export function compareFields(schema: Definition, before: unknown, after: unknown): Comparison {
  const from = before ?? (typeof schema === 'string' ? zeroForm(schema) : {})
  const { changed, removed } = compare(typedRoot(schema, from), typedRoot(schema, after))
  return { changed: withoutIdentity(changed ?? {}), removed: withoutIdentity(removed ?? {}) }
}

function compare(before: Typed, after: Typed): { changed?: FieldSet; removed?: FieldSet } {
  if (before.value === after.value || equalJson(before.value, after.value)) return {}
  if (after.value === undefined) return { removed: wholeSet(before) }
  if (before.value === undefined) return { changed: wholeSet(after) }
  const old = parts(before)
  const now = parts(after)
  if (!old || !now) return { changed: {} }
  const changed: FieldSet = {}
  const removed: FieldSet = {}
  for (const [element, member] of now) {
    const difference = compare(old.get(element) ?? { ...member, value: undefined }, member)
    if (difference.changed) changed[element] = difference.changed
    if (difference.removed) removed[element] = difference.removed
  }
  for (const [element, member] of old) if (!now.has(element)) removed[element] = wholeSet(member)
  return {
    ...(Object.keys(changed).length > 0 ? { changed } : {}),
    ...(Object.keys(removed).length > 0 ? { removed } : {}),
  }
}

/** A value that came or went as a whole: itself, and all that is in it. */
function wholeSet(typed: Typed): FieldSet {
  const members = parts(typed)
  if (!members || members.size === 0) return {}
  const set: FieldSet = { '.': {} }
  for (const [element, member] of members) set[element] = wholeSet(member)
  return set
}

/** What is the server's to say belongs to nobody. */
function withoutIdentity(set: FieldSet): FieldSet {
  const { 'f:apiVersion': _version, 'f:kind': _kind, 'f:metadata': metadata, '.': _self, ...rest } = set
  if (!metadata) return rest
  const kept: FieldSet = {}
  for (const [element, child] of Object.entries(metadata)) if (!serverFields.has(element)) kept[element] = child
  return Object.keys(kept).some((element) => element !== '.') ? { 'f:metadata': withoutSelf(kept), ...rest } : rest
}

const withoutSelf = ({ '.': _self, ...rest }: FieldSet): FieldSet => rest

const serverFields = new Set(
  [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
    'selfLink',
  ].map((name) => `f:${name}`),
)

const isLeaf = (set: FieldSet): boolean => Object.keys(set).length === 0

/** Fields of either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a }
  for (const [element, child] of Object.entries(b))
    result[element] = result[element] ? union(result[element], child) : child
  return result
}

/**
 * Fields of `a` that are not in `b`; undefined when none is left. A leaf of `b` takes the whole branch, and one of `a` stays where only
 * what is below it goes.
 */
export const difference = (a: FieldSet, b: FieldSet): FieldSet | undefined =>
  without(a, b, (child, other) => isLeaf(child) && !isLeaf(other) && !other['.'])

/** Fields of `a` of which `b` has nothing, neither themselves nor anything below them; undefined when there is none. */
export const unnamed = (a: FieldSet, b: FieldSet): FieldSet | undefined => without(a, b, () => false)

/** @param stays whether a field stays although `b` has it, or something below it */
function without(a: FieldSet, b: FieldSet, stays: (child: FieldSet, other: FieldSet) => boolean): FieldSet | undefined {
  const result: FieldSet = {}
  for (const [element, child] of Object.entries(a)) {
    const other = b[element]
    if (!other || stays(child, other)) result[element] = child
    else if (!isLeaf(child) && !isLeaf(other)) {
      const rest = without(child, other, stays)
      if (rest) result[element] = rest
    }
  }
  return Object.keys(result).some((element) => element !== '.') || (result['.'] && !b['.']) ? result : undefined
}

/** Fields of both sets; undefined when there is none. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const result: FieldSet = {}
  for (const [element, child] of Object.entries(a)) {
    const other = b[element]
    if (!other) continue
    if (isLeaf(child) || isLeaf(other)) {
      const [leaf, branch] = isLeaf(child) ? [child, other] : [other, child]
      if (isLeaf(branch) || branch['.']) result[element] = leaf
      continue
    }
    const both = intersection(child, other)
    if (both) result[element] = both
  }
  return Object.keys(result).some((element) => element !== '.') ? result : undefined
}

/**
 * The leaves as paths: `.spec.replicas`, `.spec.template.spec.containers[name="web"].image`. Sorted, those of a level before those
 * below it. Source: Set.Iterate of sigs.k8s.io/structured-merge-diff/v6/fieldpath/set.go
 */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const leaves: string[] = []
  const below: string[] = []
  for (const element of Object.keys(set).sort()) {
    if (element === '.') continue
    const child = set[element]
    const path = prefix + printElement(element)
    if (isLeaf(child) || (Object.keys(child).length === 1 && child['.'])) leaves.push(path)
    else below.push(...pathsOf(child, path))
  }
  return [...leaves, ...below]
}

/** As a path has it: `.name`, `[name="web"]`, `[="x"]`. */
export function printElement(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('v:')) return `[=${text}]`
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>)
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}

/** The value without those fields; members and items that are left empty by it go as well. */
export function removeFields(schema: Definition, value: unknown, set: FieldSet): unknown {
  return prune(typedRoot(schema, value), set)
}

function prune(typed: Typed, set: FieldSet): unknown {
  const members = parts(typed)
  if (!members) return typed.value
  if (Array.isArray(typed.value)) {
    const elements = [...members.keys()]
    return typed.value.flatMap((item, i) => {
      const child = set[elements[i]]
      if (!child) return [item]
      if (isLeaf(child) || child['.']) return []
      return [prune(members.get(elements[i])!, child)]
    })
  }
  const result: Record<string, unknown> = {}
  for (const [element, member] of members) {
    const child = set[element]
    const name = element.slice(2)
    if (!child) result[name] = member.value
    else if (!isLeaf(child)) {
      const rest = prune(member, child)
      const isEmpty = isRecord(rest) ? Object.keys(rest).length === 0 : Array.isArray(rest) && rest.length === 0
      if (!isEmpty) result[name] = rest
    }
  }
  return result
}

/** Where the value holds a list, a map or a struct that is owned as a whole: `.spec.selector`. */
export const atomicsIn = (schema: Definition, value: unknown): string[] => atomics(typedRoot(schema, value), '')

function atomics(typed: Typed, path: string): string[] {
  const { value, rule } = typed
  if (typeof value !== 'object' || value === null) return []
  const members = parts(typed)
  if (!members) return rule.type === 'atomic' || Array.isArray(value) ? [path] : []
  return [...members].flatMap(([element, member], index) =>
    atomics(member, Array.isArray(value) ? `${path}[${index}]` : path + printElement(element)),
  )
}

/** The old value with the configuration merged in: members and items one by one, what is atomic as a whole. */
export function mergeFields(schema: Definition, live: unknown, applied: unknown): unknown {
  return merge(typedRoot(schema, live), typedRoot(schema, applied))
}

function merge(live: Typed, applied: Typed): unknown {
  if (live.value === undefined || live.value === null) return applied.value
  const members = parts(applied)
  const old = parts(live)
  if (!members || !old) return applied.value
  if (Array.isArray(applied.value)) {
    const result = [...(live.value as unknown[])]
    const places = new Map([...old.keys()].map((element, index) => [element, index]))
    for (const [element, member] of members) {
      const index = places.get(element)
      if (index !== undefined) result[index] = merge(old.get(element)!, member)
      else result.push(member.value)
    }
    return result
  }
  const result: Record<string, unknown> = { ...(live.value as Record<string, unknown>) }
  for (const [element, member] of members) {
    const name = element.slice(2)
    result[name] = merge(old.get(element) ?? { ...member, value: undefined }, member)
  }
  return result
}
