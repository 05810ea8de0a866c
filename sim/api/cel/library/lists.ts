/** Functions of lists and of sets. Sources: k8s.io/apiserver/pkg/cel/library/lists.go, github.com/google/cel-go/ext/{lists,sets}.go */
import { type CelList, CelScalar, type CelValue, celFunc, celMethod, isCelList } from '@bufbuild/cel'
import { charge } from '../../../engine/work.ts'
import { anyList, compare, isSame, itemsOf, listFrom } from './values.ts'

function extreme(items: CelList, sign: number, name: string): CelValue {
  const all = itemsOf(items)
  if (all.length === 0) throw new Error(`${name} called on empty list`)
  return all.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best))
}

const indexOf = (found: number): bigint => BigInt(found)

const hasAll = (list: readonly unknown[], wanted: readonly unknown[]): boolean =>
  wanted.every((one) => list.some((item) => isSame(item, one)))

/** @throws Error in the words of cel-go */
function slice(list: CelList, start: bigint, end: bigint): CelValue {
  const refuse = (why: string): never => {
    throw new Error(`cannot slice(${start}, ${end}), ${why}`)
  }
  if (start < 0n || end < 0n) refuse('negative indexes not supported')
  if (start > end) refuse('start index must be less than or equal to end index')
  if (BigInt(list.size) < end) refuse(`list is length ${list.size}`)
  return listFrom(itemsOf(list).slice(Number(start), Number(end)))
}

function flatten(list: CelList, depth: bigint): unknown[] {
  if (depth < 0n) throw new Error('level must be non-negative')
  return itemsOf(list).flatMap((item) => (isCelList(item) && depth > 0n ? flatten(item, depth - 1n) : [item]))
}

/** @param keys what the items are ordered by, one for each */
function sorted(items: readonly unknown[], keys: readonly unknown[]): CelValue {
  charge(items.length * (1 + Math.ceil(Math.log2(items.length + 1))))
  const [first] = keys
  if (items.length > 0 && !['bigint', 'number', 'string', 'boolean'].includes(typeof first))
    throw new Error('list elements must be comparable')
  if (keys.some((key) => typeof key !== typeof first)) throw new Error('list elements must have the same type')
  const order = items.map((_, n) => n).sort((a, b) => compare(keys[a], keys[b]))
  return listFrom(order.map((n) => items[n]))
}

function distinct(list: CelList): CelValue {
  const all = itemsOf(list)
  const kept: unknown[] = []
  for (const item of all) if (!kept.some((one) => isSame(one, item))) kept.push(item)
  return listFrom(kept)
}

function range(count: bigint): CelValue {
  const length = count > 0n ? Number(count) : 0
  charge(length)
  return listFrom(Array.from({ length }, (_, n) => BigInt(n)))
}

export const listFunctions = [
  celMethod('isSorted', anyList, [], CelScalar.BOOL, function () {
    const all = itemsOf(this)
    return all.every((item, n) => n === 0 || compare(all[n - 1], item) <= 0)
  }),
  celMethod('sum', anyList, [], CelScalar.DYN, function () {
    const all = itemsOf(this)
    return all.some((item) => typeof item === 'number')
      ? all.reduce<number>((sum, item) => sum + Number(item), 0)
      : all.reduce<bigint>((sum, item) => sum + (item as bigint), 0n)
  }),
  celMethod('min', anyList, [], CelScalar.DYN, function () {
    return extreme(this, -1, 'min')
  }),
  celMethod('max', anyList, [], CelScalar.DYN, function () {
    return extreme(this, 1, 'max')
  }),
  celMethod('indexOf', anyList, [CelScalar.DYN], CelScalar.INT, function (wanted) {
    return indexOf(itemsOf(this).findIndex((item) => isSame(item, wanted)))
  }),
  celMethod('lastIndexOf', anyList, [CelScalar.DYN], CelScalar.INT, function (wanted) {
    return indexOf(itemsOf(this).findLastIndex((item) => isSame(item, wanted)))
  }),
  celMethod('slice', anyList, [CelScalar.INT, CelScalar.INT], CelScalar.DYN, function (start, end) {
    return slice(this, start, end)
  }),
  celMethod('flatten', anyList, [], CelScalar.DYN, function () {
    return listFrom(flatten(this, 1n))
  }),
  celMethod('flatten', anyList, [CelScalar.INT], CelScalar.DYN, function (depth) {
    return listFrom(flatten(this, depth))
  }),
  celMethod('sort', anyList, [], CelScalar.DYN, function () {
    const all = itemsOf(this)
    return sorted(all, all)
  }),
  celMethod('@sortByAssociatedKeys', anyList, [anyList], CelScalar.DYN, function (keys) {
    return sorted(itemsOf(this), itemsOf(keys))
  }),
  celMethod('reverse', anyList, [], CelScalar.DYN, function () {
    return listFrom(itemsOf(this).reverse())
  }),
  celMethod('distinct', anyList, [], CelScalar.DYN, function () {
    return distinct(this)
  }),
  celFunc('lists.range', [CelScalar.INT], CelScalar.DYN, range),
  celFunc('sets.contains', [anyList, anyList], CelScalar.BOOL, (list, sublist) =>
    hasAll(itemsOf(list), itemsOf(sublist)),
  ),
  celFunc('sets.equivalent', [anyList, anyList], CelScalar.BOOL, (a, b) => {
    const [left, right] = [itemsOf(a), itemsOf(b)]
    return hasAll(left, right) && hasAll(right, left)
  }),
  celFunc('sets.intersects', [anyList, anyList], CelScalar.BOOL, (a, b) => {
    const right = itemsOf(b)
    return itemsOf(a).some((item) => right.some((one) => isSame(item, one)))
  }),
]
