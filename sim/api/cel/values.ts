/** Values of CEL from objects of the API, and back. */
import { type CelInput, isCelList, isCelMap } from '@bufbuild/cel'

export type CelValueJson = string | number | boolean | null | CelValueJson[] | { [key: string]: CelValueJson }

const converted = new WeakMap<object, CelInput>()

/** Whole numbers become CEL ints; parts that are shared between revisions are converted once. */
export function toCel(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value as CelInput
  const cached = converted.get(value)
  if (cached !== undefined) return cached
  const result = Array.isArray(value) ? value.map(toCel) : membersToCel(value as Record<string, unknown>)
  converted.set(value, result)
  return result
}

function membersToCel(value: Record<string, unknown>): Map<string, CelInput> {
  const members = new Map<string, CelInput>()
  for (const key in value) {
    const item = value[key]
    if (item !== undefined) members.set(key, toCel(item))
  }
  return members
}

export function toJson(value: unknown): CelValueJson {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value
  if (isCelList(value)) return [...value].map(toJson)
  if (isCelMap(value)) {
    const result: { [key: string]: CelValueJson } = {}
    for (const [key, item] of value.entries()) result[String(key)] = toJson(item)
    return result
  }
  return String(value)
}
