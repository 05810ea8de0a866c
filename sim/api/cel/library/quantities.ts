/** Amounts of resources. Source: k8s.io/apiserver/pkg/cel/library/quantity.go */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  quantityError,
  quantityNumber,
  quantityValue,
  subtractQuantities,
  WRONG_QUANTITY,
} from '../../meta/quantity.ts'
import { noSuchOverload, opaque, opaqueOf, textOf } from './values.ts'

/** Its value where that is a whole number of 64 bits. */
function integerOf(text: string): bigint | undefined {
  const value = quantityValue(text)
  return compareQuantities(text, value) === 0 && Math.abs(value) < 2 ** 63 ? BigInt(value) : undefined
}

const parsed = (text: string) => {
  if (quantityError(text) !== undefined) throw new Error(WRONG_QUANTITY)
  return opaqueOf('quantity', canonicalQuantity(text)) as never
}

const quantityOrInt = (value: unknown): string => {
  if (typeof value === 'bigint') return String(value)
  return textOf('quantity', value)
}

export const quantityFunctions = [
  celFunc('quantity', [CelScalar.STRING], opaque, parsed),
  celFunc('isQuantity', [CelScalar.STRING], CelScalar.BOOL, (text) => quantityError(text) === undefined),
  celFunc('sign', [opaque], CelScalar.INT, (one) => BigInt(Math.sign(compareQuantities(textOf('quantity', one), '0')))),
  celMethod('isInteger', opaque, [], CelScalar.BOOL, function () {
    return integerOf(textOf('quantity', this)) !== undefined
  }),
  celMethod('asInteger', opaque, [], CelScalar.INT, function () {
    const value = integerOf(textOf('quantity', this))
    if (value === undefined) throw new Error('cannot convert value to integer')
    return value
  }),
  celMethod('asApproximateFloat', opaque, [], CelScalar.DOUBLE, function () {
    return quantityNumber(textOf('quantity', this))
  }),
  celMethod('add', opaque, [CelScalar.DYN], opaque, function (other) {
    return opaqueOf('quantity', addQuantities(textOf('quantity', this), quantityOrInt(other))) as never
  }),
  celMethod('sub', opaque, [CelScalar.DYN], opaque, function (other) {
    return opaqueOf('quantity', subtractQuantities(textOf('quantity', this), quantityOrInt(other))) as never
  }),
]

/** Below 0, 0 or above. @throws Error for values of other types */
export function compareAsQuantities(a: unknown, b: unknown): number {
  if (a === undefined) throw noSuchOverload()
  return compareQuantities(textOf('quantity', a), textOf('quantity', b))
}
