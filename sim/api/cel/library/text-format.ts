/** `'%s has %d'.format([…])`. Source: github.com/google/cel-go/ext/{formatting,strings}.go */
import { type CelList, CelScalar, celMethod, isCelList, isCelMap, isCelUint } from '@bufbuild/cel'
import { chargeText } from '../../../engine/work.ts'
import { goQuote } from '../../../text/go-quote.ts'
import { anyList, itemsOf } from './values.ts'

const DEFAULT_PRECISION = 6
/** Digits behind the point: nobody reads more. */
const MOST_PRECISION = 100

function typeNameOf(value: unknown): string {
  if (value === null) return 'null_type'
  if (isCelList(value)) return 'list'
  if (isCelMap(value)) return 'map'
  if (isCelUint(value)) return 'uint'
  return { bigint: 'int', number: 'double', string: 'string', boolean: 'bool' }[typeof value as string] ?? 'bytes'
}

const refuse = (clause: string, accepted: string, value: unknown): never => {
  throw new Error(
    `error during formatting: ${clause} clause can only be used on ${accepted}, was given ${typeNameOf(value)}`,
  )
}

const wholeOf = (value: unknown): bigint | undefined =>
  typeof value === 'bigint' ? value : isCelUint(value) ? value.value : undefined

/** As CEL writes a value. @param isInside of a list or a map, where texts are in quotes */
function textOfValue(value: unknown, isInside = false): string {
  if (value === null) return 'null'
  const whole = wholeOf(value)
  if (whole !== undefined) return String(whole)
  if (typeof value === 'string') return isInside ? goQuote(value) : value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return isInside ? value.toFixed(DEFAULT_PRECISION) : doubleText(value)
  if (isCelList(value))
    return `[${itemsOf(value)
      .map((item) => textOfValue(item, true))
      .join(', ')}]`
  if (isCelMap(value)) {
    const pairs = [...value.entries()].map(([key, held]) => [textOfValue(key, true), textOfValue(held, true)] as const)
    return `{${pairs
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, held]) => `${key}:${held}`)
      .join(', ')}}`
  }
  return refuse('string', 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps', value)
}

const doubleText = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value < 0 ? '-Inf' : '+Inf'

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** English, as the locale of a server: `1,234.500000`, `1.052033 × 10⁰³`. */
function fixed(value: unknown, precision: number): string {
  const number = numberOf(value) ?? refuse('fixed-point', 'doubles', value)
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number < 0 ? '-∞' : '∞'
  const [whole = '', fraction] = number.toFixed(precision).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

function scientific(value: unknown, precision: number): string {
  const number = numberOf(value) ?? refuse('scientific', 'doubles', value)
  if (!Number.isFinite(number)) return fixed(value, precision)
  const [mantissa = '', exponent = '0'] = number.toExponential(precision).split('e')
  const digits = exponent.replace(/^[+-]/, '').padStart(2, '0')
  const raised = [...digits].map((digit) => SUPERSCRIPTS[Number(digit)]).join('')
  return `${mantissa}\u202f×\u202f10${exponent.startsWith('-') ? '⁻' : ''}${raised}`
}

/** A double, or the name of one that is no number. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const named: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity }
  return typeof value === 'string' && Object.hasOwn(named, value) ? named[value] : undefined
}

function hex(value: unknown): string {
  const whole = wholeOf(value)
  if (whole !== undefined) return whole.toString(16)
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  if (!(bytes instanceof Uint8Array)) return refuse('hex', 'integers, byte buffers, and strings', value)
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function written(clause: string, value: unknown, precision: number): string {
  const whole = wholeOf(value)
  switch (clause) {
    case 's':
      return textOfValue(value)
    case 'd':
      return whole === undefined ? refuse('decimal', 'integers', value) : String(whole)
    case 'f':
      return fixed(value, precision)
    case 'e':
      return scientific(value, precision)
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      return whole === undefined ? refuse('binary', 'integers and bools', value) : whole.toString(2)
    case 'x':
      return hex(value)
    case 'X':
      return hex(value).toUpperCase()
    case 'o':
      return whole === undefined ? refuse('octal', 'integers', value) : whole.toString(8)
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(clause)}`)
  }
}

function formatted(text: string, values: CelList): string {
  chargeText(text.length)
  const all = itemsOf(values)
  let next = 0
  return text.replace(/%(?:%|(?:\.(\d*))?([\s\S]?))/gu, (whole, precision?: string, clause?: string) => {
    if (whole === '%%') return '%'
    if (!clause)
      throw new Error(
        precision === undefined
          ? 'unexpected end of string'
          : 'could not parse formatting clause: error while parsing precision: could not find end of precision specifier',
      )
    if (next >= all.length) throw new Error(`index ${next} out of range`)
    const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision)
    const result = written(clause, all[next++], Math.min(digits, MOST_PRECISION))
    chargeText(result.length)
    return result
  })
}

export const formatFunction = celMethod('format', CelScalar.STRING, [anyList], CelScalar.STRING, function (values) {
  return formatted(this, values)
})
