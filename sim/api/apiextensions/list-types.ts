/** Lists that are sets or maps hold nothing twice. Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go */
import { charge } from '../../engine/work.ts'
import { duplicate, type FieldError, invalid } from '../meta/field-error.ts'
import { printCompactJson } from '../meta/go-json.ts'
import { isRecord } from '../meta/json.ts'
import type { JsonSchema } from './types.ts'

/** Of one item. */
const stepsOfItem = 4

/** Items that stand twice in a list whose type forbids it, or have no keys where that takes some. */
export function listTypeErrors(schema: JsonSchema, value: unknown, path = ''): FieldError[] {
  const { items, properties = {}, additionalProperties } = schema
  if (Array.isArray(value)) {
    if (!items) return []
    return [
      ...twice(schema, value, path),
      ...value.flatMap((item, index) => listTypeErrors(items, item, `${path}[${index}]`)),
    ]
  }
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, member]) => {
    if (Object.hasOwn(properties, name))
      return listTypeErrors(properties[name], member, path ? `${path}.${name}` : name)
    return isRecord(additionalProperties)
      ? listTypeErrors(additionalProperties as JsonSchema, member, `${path}[${name}]`)
      : []
  })
}

function twice(schema: JsonSchema, list: readonly unknown[], path: string): FieldError[] {
  const { 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': keys = [], items } = schema
  if (type !== 'set' && type !== 'map') return []
  charge(stepsOfItem * list.length)
  const strange = type === 'map' ? list.findIndex((item) => item !== null && !isRecord(item)) : -1
  if (strange >= 0)
    return [invalid(`${path}[${strange}]`, list[strange], 'must be an object for an array of list-type map')]
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const shown = type === 'set' || !isRecord(item) ? item : keyOf(item, keys, items)
    const text = printCompactJson(shown)
    const isTwice = seen.has(text)
    seen.add(text)
    return isTwice ? [duplicate(`${path}[${index}]`, shown)] : []
  })
}

function keyOf(
  item: Record<string, unknown>,
  keys: readonly string[],
  items: JsonSchema | undefined,
): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const key of keys) {
    const value = item[key] ?? items?.properties?.[key]?.default
    if (value !== undefined) picked[key] = value
  }
  return picked
}
