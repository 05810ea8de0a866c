/** Amounts of resources. Source: k8s.io/apiserver/pkg/cel/library/quantity.go */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  quantityError,
  subtractQuantities,
} from '../../meta/quantity.ts'
import { noSuchOverload, opaque, opaqueOf, textOf } from './values.ts'

const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Its exact value in whole digits where it has one that fits into 64 bits. */
function integerOf(text: string): bigint | undefined {
  const { sign, whole, fraction, exponent } = decimalOf(text)
  const digits = `${whole}${fraction}`
  const shift = exponent - fraction.length
  const cut = shift < 0 ? digits.slice(shift) : ''
  if (/[1-9]/.test(cut)) return undefined
  const value = BigInt(`${shift < 0 ? digits.slice(0, shift) || '0' : digits}${'0'.repeat(Math.max(0, shift))}`)
  return value < 2n ** 63n ? value * (sign === '-' ? -1n : 1n) : undefined
}

/** The parts of a canonical quantity: what has a binary suffix is told without. */
function decimalOf(text: string): { sign: string; whole: string; fraction: string; exponent: number } {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/.exec(text) ?? []
  const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].indexOf(suffix)
  if (binary >= 0)
    return { sign, whole: String(BigInt(whole || '0') * 1024n ** BigInt(binary + 1)), fraction: '', exponent: 0 }
  const named: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
  return { sign, whole, fraction, exponent: named[suffix] ?? Number(suffix.slice(1)) }
}

const parsed = (text: string) => {
  if (quantityError(text) !== undefined) throw new Error(WRONG_FORMAT)
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
    const { sign, whole, fraction, exponent } = decimalOf(textOf('quantity', this))
    return Number(`${sign}${whole || '0'}.${fraction || '0'}e${exponent}`)
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
