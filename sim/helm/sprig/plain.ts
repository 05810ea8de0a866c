/** What values are when they are compared, copied and merged. */
import { charge } from '../../engine/work.ts'
import { type GoMap, GoStruct, isBytes, isGoMap, isNil, newMap } from '../../go-template/values.ts'

/** As sprig's `empty`: false, 0, '', nothing, and what has no items. */
export function isEmpty(value: unknown): boolean {
  if (isNil(value) || value === false || value === 0 || value === 0n || value === '') return true
  if (Array.isArray(value) || isBytes(value)) return value.length === 0
  if (value instanceof GoStruct) return value.entries !== undefined && Object.keys(value.entries).length === 0
  return isGoMap(value) && Object.keys(value).length === 0
}

export function areDeepEqual(a: unknown, b: unknown): boolean {
  charge(1)
  if (a === b || (isNil(a) && isNil(b))) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => areDeepEqual(item, b[at]))
  if (!isGoMap(a) || !isGoMap(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && areDeepEqual(a[key], b[key]))
  )
}

export function deepCopy(value: unknown, depth = 0): unknown {
  charge(1)
  if (depth > 200) throw new RangeError('the value is nested too deep')
  if (Array.isArray(value)) return value.map((item) => deepCopy(item, depth + 1))
  if (!isGoMap(value)) return value
  const copy = newMap()
  for (const key of Object.keys(value)) copy[key] = deepCopy(value[key], depth + 1)
  return copy
}

/** A map as JSON: integers as numbers, what has fields as a map of them. */
export function toPlain(value: unknown, depth = 0): unknown {
  charge(1)
  if (depth > 200) throw new RangeError('the value is nested too deep')
  if (typeof value === 'bigint') return Number(value)
  if (isNil(value) || typeof value === 'function') return null
  if (Array.isArray(value)) return value.map((item) => toPlain(item, depth + 1))
  const map: GoMap | undefined =
    value instanceof GoStruct ? (value.entries ?? lowerKeys(value.fields)) : isGoMap(value) ? value : undefined
  if (!map) return value
  const plain: GoMap = {}
  for (const key of Object.keys(map)) {
    const item = toPlain(map[key], depth + 1)
    Object.defineProperty(plain, key, { value: item, enumerable: true, configurable: true, writable: true })
  }
  return plain
}

/** Fields as the JSON of a Go struct names them, without those that are empty. */
const lowerKeys = (fields: GoMap): GoMap =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => !isEmpty(value))
      .map(([key, value]) => [key === 'APIVersion' ? 'apiVersion' : key[0]!.toLowerCase() + key.slice(1), value]),
  )
