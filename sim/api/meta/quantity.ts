/**
 * Amounts of resources: `500m`, `128Mi`, `1e3`. Source: k8s.io/apimachinery/pkg/api/resource.
 * Simplified: amounts are kept as doubles, exact up to 2^53 of their smallest digit; Go switches to big decimals there. So nothing longer than
 * `longestText` or larger than `largest` is an amount here, which Go would still reckon with.
 */
import type { Quantity, ResourceList } from './object.ts'

/** How an amount is printed: `128Mi`, `128M`, `128e6`. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent'

/** digits × 10^exponent, as whole digits. */
export interface Amount {
  digits: number
  exponent: number
  format: QuantityFormat
}

export const WRONG_QUANTITY =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const WRONG_NUMBER = 'unable to parse numeric part of quantity'
const WRONG_SUFFIX = "unable to parse quantity's suffix"

const DECIMAL_EXPONENT: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const DECIMAL_SUFFIX = new Map(Object.entries(DECIMAL_EXPONENT).map(([suffix, exponent]) => [exponent, suffix]))
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
/** Nothing finer than a nano is kept: it is rounded up. */
const FINEST_EXPONENT = -9

/** Characters: more are refused before they are read. */
const longestText = 320
/** What sums and products of amounts stay clear of: the end of a double. */
const largest = 1e290
/** In digits: Go takes ten of them, and computes for minutes. */
const longestExponent = 3
/** Binary amounts are cut off there, as Go does. */
const largestBinary = 2 ** 63

/** Why a text is no quantity, worded as the API server does; undefined when it is one. */
export function quantityError(text: string): string | undefined {
  const parsed = tryParse(text)
  return typeof parsed === 'string' ? parsed : undefined
}

/** @throws Error with the server's words when the text is no quantity */
function parseQuantity(text: Quantity | number): Amount {
  const parsed = tryParse(String(text))
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

function tryParse(text: string): Amount | string {
  if (text.length > longestText) return /^[\d.+-]/.test(text) ? WRONG_NUMBER : WRONG_QUANTITY
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text)
  if (!match || (!match[2] && !match[3])) return WRONG_QUANTITY
  const [, sign, whole, fraction = '', suffix] = match
  const trimmed = fraction.replace(/0+$/, '')
  const digits = Number(`${sign === '-' ? '-' : ''}${whole}${trimmed}`)
  const exponent = -trimmed.length
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  if (Math.abs(digits) > largest) return WRONG_NUMBER
  if (binary > 0) {
    const amount = finest({ digits: digits * 1024 ** binary, exponent, format: 'BinarySI' })
    const value = amount.digits * 10 ** amount.exponent
    return Math.abs(value) < largestBinary
      ? amount
      : { digits: Math.sign(value) * largestBinary, exponent: 0, format: 'BinarySI' }
  }
  if (suffix in DECIMAL_EXPONENT) {
    return finest({ digits, exponent: exponent + DECIMAL_EXPONENT[suffix], format: 'DecimalSI' })
  }
  const power = /^[eE]([+-]?)0*(\d+)$/.exec(suffix)
  if (!power || power[2].length > longestExponent) return WRONG_SUFFIX
  const scale = exponent + Number(`${power[1]}${power[2]}`)
  if (digits !== 0 && Math.log10(Math.abs(digits)) + scale > Math.log10(largest)) return WRONG_NUMBER
  return finest({ digits, exponent: scale, format: 'DecimalExponent' })
}

function finest(amount: Amount): Amount {
  if (amount.digits === 0) return { digits: 0, exponent: 0, format: amount.format }
  return amount.exponent >= FINEST_EXPONENT ? amount : roundUp(amount, FINEST_EXPONENT)
}

/** The least amount in whole 10^exponent that is not smaller, away from zero. */
function roundUp(amount: Amount, exponent: number): Amount {
  if (amount.exponent >= exponent) return amount
  const digits = awayFromZero(amount.digits / 10 ** (exponent - amount.exponent))
  // What is too small for a double is still more than nothing.
  return { digits: digits || Math.sign(amount.digits), exponent, format: amount.format }
}

const awayFromZero = (value: number): number => (value < 0 ? Math.floor(value) : Math.ceil(value)) || 0

const unitsOf = (amount: Amount, exponent: number): number =>
  amount.exponent >= exponent
    ? amount.digits * 10 ** (amount.exponent - exponent)
    : awayFromZero(amount.digits / 10 ** (exponent - amount.exponent))

/** Whole units (bytes, cores, Pods), rounded away from zero. */
export const quantityValue = (quantity: Quantity | number): number => unitsOf(parseQuantity(quantity), 0)

/** The amount as a number, as near as a double comes. */
export function quantityNumber(quantity: Quantity | number): number {
  const { digits, exponent } = parseQuantity(quantity)
  return exponent < 0 ? digits / 10 ** -exponent : digits * 10 ** exponent
}

/** Thousandths (CPU millis), rounded away from zero. */
export const quantityMillis = (quantity: Quantity | number): number => unitsOf(parseQuantity(quantity), -3)

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: Quantity | number, b: Quantity | number): number {
  const [left, right] = aligned(parseQuantity(a), parseQuantity(b))
  return left - right
}

/** The sum, printed in the format of `a`, or of `b` when `a` is zero. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity =>
  printAmount(addAmounts(parseQuantity(a), parseQuantity(b)))

/** `a` less `b`, printed in the format of `a`. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  const right = parseQuantity(b)
  return printAmount(addAmounts(parseQuantity(a), { ...right, digits: -right.digits }))
}

function addAmounts(a: Amount, b: Amount): Amount {
  const [left, right, exponent] = aligned(a, b)
  return { digits: left + right, exponent, format: a.digits === 0 ? b.format : a.format }
}

function aligned(a: Amount, b: Amount): [left: number, right: number, exponent: number] {
  const exponent = Math.min(a.exponent, b.exponent)
  return [a.digits * 10 ** (a.exponent - exponent), b.digits * 10 ** (b.exponent - exponent), exponent]
}

/**
 * The one way the server writes an amount: `0.5` → `500m`, `1024Mi` → `1Gi`, `1500Mi` as it is, `1000` → `1k`.
 * @throws Error as parseQuantity
 */
export const canonicalQuantity = (quantity: Quantity | number): Quantity => printAmount(parseQuantity(quantity))

/** A quantity from whole units in a format: bytes as `16Gi`. */
export const quantityFrom = (value: number, format: QuantityFormat): Quantity =>
  printAmount({ digits: value, exponent: 0, format })

function printAmount(amount: Amount): Quantity {
  if (amount.digits === 0) return '0'
  if (amount.format === 'BinarySI') {
    const value = amount.digits * 10 ** amount.exponent
    if (Math.abs(value) >= 1024) return printBinary(unitsOf(amount, 0))
  }
  return printDecimal(amount)
}

function printBinary(units: number): Quantity {
  if (Math.abs(units) >= largestBinary) return `${units < 0 ? '-' : ''}${2n ** 63n - 1n}`
  let value = units
  let power = 0
  while (value % 1024 === 0 && power < BINARY_SUFFIXES.length - 1) {
    value /= 1024
    power++
  }
  return `${wholeText(value)}${BINARY_SUFFIXES[power]}`
}

function printDecimal(amount: Amount): Quantity {
  let { digits, exponent } = amount
  while (digits % 10 === 0) {
    digits /= 10
    exponent++
  }
  while (exponent % 3 !== 0 || (exponent > 18 && amount.format !== 'DecimalExponent')) {
    digits *= 10
    exponent--
  }
  if (amount.format === 'DecimalExponent')
    return exponent === 0 ? wholeText(digits) : `${wholeText(digits)}e${exponent}`
  return `${wholeText(digits)}${DECIMAL_SUFFIX.get(exponent)}`
}

const wholeText = (value: number): string => BigInt(Math.round(value)).toString()

/**
 * Every amount in its canonical form, rounded up to thousandths as the server's defaulting does; entries that are no quantity stay.
 * Gives the same object back when nothing changes.
 */
export function canonicalResources(resources: ResourceList): ResourceList {
  let isChanged = false
  const result: ResourceList = {}
  for (const [name, quantity] of Object.entries(resources)) {
    const parsed = tryParse(String(quantity))
    result[name] = typeof parsed === 'string' ? quantity : printAmount(roundUp(parsed, -3))
    if (result[name] !== quantity) isChanged = true
  }
  return isChanged ? result : resources
}
