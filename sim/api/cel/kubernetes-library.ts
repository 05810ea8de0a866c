/**
 * The functions that Kubernetes adds to CEL, as far as policies here may use them: lists and quantities.
 * Source: k8s.io/apiserver/pkg/cel/library
 */
import {
  type CelList,
  type CelMap,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  isCelList,
  listType,
  mapType,
} from '@bufbuild/cel'
import { charge } from '../../engine/work.ts'
import { compareQuantities, quantityError } from '../meta/quantity.ts'

const list = listType(CelScalar.DYN)
/** A quantity has no type of its own here: it is a map with its text under this key, which no object of the API has. */
const quantityKey = '@quantity'
const quantity = mapType(CelScalar.STRING, CelScalar.DYN)

const textOf = (one: CelMap): string => {
  const text = one.get(quantityKey)
  if (typeof text !== 'string') throw new Error('no such overload')
  return text
}

const parseQuantity = (text: string): CelValue => {
  if (quantityError(text) !== undefined)
    throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
  return new Map([[quantityKey, text]]) as unknown as CelValue
}

/** Below 0, 0 or above, for values that CEL orders. */
function compare(a: unknown, b: unknown): number {
  if (typeof a !== typeof b || (typeof a !== 'bigint' && typeof a !== 'number' && typeof a !== 'string'))
    throw new Error('no such overload')
  return a < (b as typeof a) ? -1 : a > (b as typeof a) ? 1 : 0
}

function extreme(items: CelList, sign: number, name: string): CelValue {
  const all = [...items] as CelValue[]
  charge(all.length)
  if (all.length === 0) throw new Error(`${name} called on empty list`)
  return all.reduce((best, item) => (compare(item, best) * sign > 0 ? item : best))
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (isCelList(a) && isCelList(b) && a.size === b.size && [...a].every((item, n) => isSame(item, [...b][n])))

export const kubernetesFunctions = [
  celMethod('isSorted', list, [], CelScalar.BOOL, function () {
    const all = [...this]
    charge(all.length)
    return all.every((item, n) => n === 0 || compare(all[n - 1], item) <= 0)
  }),
  celMethod('sum', list, [], CelScalar.DYN, function () {
    const all = [...this]
    charge(all.length)
    return all.some((item) => typeof item === 'number')
      ? all.reduce<number>((sum, item) => sum + Number(item), 0)
      : all.reduce<bigint>((sum, item) => sum + (item as bigint), 0n)
  }),
  celMethod('min', list, [], CelScalar.DYN, function () {
    return extreme(this, -1, 'min')
  }),
  celMethod('max', list, [], CelScalar.DYN, function () {
    return extreme(this, 1, 'max')
  }),
  celMethod('indexOf', list, [CelScalar.DYN], CelScalar.INT, function (wanted) {
    return BigInt([...this].findIndex((item) => isSame(item, wanted)))
  }),
  celMethod('lastIndexOf', list, [CelScalar.DYN], CelScalar.INT, function (wanted) {
    return BigInt([...this].findLastIndex((item) => isSame(item, wanted)))
  }),
  celFunc('quantity', [CelScalar.STRING], quantity, (text) => parseQuantity(text) as never),
  celFunc('isQuantity', [CelScalar.STRING], CelScalar.BOOL, (text) => quantityError(text) === undefined),
  celMethod('compareTo', quantity, [quantity], CelScalar.INT, function (other) {
    return BigInt(Math.sign(compareQuantities(textOf(this), textOf(other))))
  }),
  celMethod('isGreaterThan', quantity, [quantity], CelScalar.BOOL, function (other) {
    return compareQuantities(textOf(this), textOf(other)) > 0
  }),
  celMethod('isLessThan', quantity, [quantity], CelScalar.BOOL, function (other) {
    return compareQuantities(textOf(this), textOf(other)) < 0
  }),
]

/** What `undeclared reference` is not said of. */
export const kubernetesFunctionNames: ReadonlySet<string> = new Set([
  ...['isSorted', 'sum', 'min', 'max', 'indexOf', 'lastIndexOf'],
  ...['quantity', 'isQuantity', 'compareTo', 'isGreaterThan', 'isLessThan'],
])
