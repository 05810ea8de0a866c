/**
 * Values of Kubernetes' own types in CEL: an address, a quantity, a URL. CEL's library knows no such: each is a map with its text, in one
 * canonical form, under a key that no object of the API has.
 */
import {
  type CelList,
  type CelMap,
  CelScalar,
  type CelValue,
  isCelList,
  isCelMap,
  listType,
  mapType,
} from '@bufbuild/cel'
import { charge } from '../../../engine/work.ts'

/** What all such values are to CEL's library. */
export const opaque = mapType(CelScalar.STRING, CelScalar.DYN)
export const anyList = listType(CelScalar.DYN)
export const anyMap = mapType(CelScalar.DYN, CelScalar.DYN)

/** Whether something can be read. */
export function isReadable(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}

export const noSuchOverload = (): Error => new Error('no such overload')

export type OpaqueType = 'authorizer' | 'cidr' | 'decision' | 'format' | 'ip' | 'quantity' | 'semver' | 'url'

const keyOf = (type: OpaqueType): string => `@${type}`

export const opaqueOf = (type: OpaqueType, text: string): CelValue =>
  new Map([[keyOf(type), text]]) as unknown as CelValue

export const isOpaque = (type: OpaqueType, value: unknown): boolean => isCelMap(value) && value.has(keyOf(type))

/** @throws Error for a value of another type */
export function textOf(type: OpaqueType, value: unknown): string {
  const text = isCelMap(value) ? (value as CelMap).get(keyOf(type)) : undefined
  if (typeof text !== 'string') throw noSuchOverload()
  return text
}

/** Below 0, 0 or above, for values that CEL orders. @throws Error for others */
export function compare(a: unknown, b: unknown): number {
  if (typeof a !== typeof b || !['bigint', 'number', 'string', 'boolean'].includes(typeof a)) throw noSuchOverload()
  return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0
}

/** As `==` has it, for lists, maps and what they hold. */
export function isSame(a: unknown, b: unknown): boolean {
  charge(1)
  if (a === b) return true
  if (isCelList(a) && isCelList(b)) {
    const others = [...b]
    return a.size === b.size && [...a].every((item, n) => isSame(item, others[n]))
  }
  if (!isCelMap(a) || !isCelMap(b) || a.size !== b.size) return isNumber(a) && isNumber(b) && Number(a) === Number(b)
  return [...a.entries()].every(([key, value]) => b.has(key) && isSame(value, b.get(key)))
}

const isNumber = (value: unknown): boolean => typeof value === 'bigint' || typeof value === 'number'

/** The items of a list, charged. */
export function itemsOf(list: CelList): CelValue[] {
  charge(list.size)
  return [...list] as CelValue[]
}

export const listFrom = (items: readonly unknown[]): CelValue => items as unknown as CelValue
