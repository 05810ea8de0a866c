/**
 * Values of a template as Go has them: nil is null, an int is a bigint, a float64 a number, what has fields and methods a GoStruct.
 * Simplified: an int64 is an int, so a function takes it where Go would ask for a conversion.
 */
import { charge } from '../engine/work.ts'

export type GoMap = Record<string, unknown>
export type Method = { params: string; run(...args: never[]): unknown }

/** A value with a type of its own. */
export class GoStruct {
  /** As `%T` names it. */
  readonly type: string
  readonly fields: GoMap
  readonly methods: Readonly<Record<string, Method>>
  /** What `range` goes over, and a key of it is looked up by a field's name, of what is a map. */
  readonly entries: GoMap | undefined

  constructor(type: string, fields: GoMap, methods: Readonly<Record<string, Method>> = {}, entries?: GoMap) {
    this.type = type
    this.fields = fields
    this.methods = methods
    this.entries = entries
  }
}

export const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

/** A map with text for keys. */
export const isGoMap = (value: unknown): value is GoMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof GoStruct) &&
  !(value instanceof Uint8Array)

export const isNil = (value: unknown): value is null | undefined => value === null || value === undefined

/** An empty map without anything that JavaScript puts into each. */
export const newMap = (): GoMap => Object.create(null) as GoMap

/** What every JavaScript object has by itself is no key of a map. */
export const ownValue = (map: GoMap, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : null)

/** Sorted, which is what makes an order of a map. */
export function keysOf(map: GoMap): string[] {
  const keys = Object.keys(map)
  charge(keys.length * 3)
  return keys.sort()
}

/** Whether a condition holds. */
export function isTrue(value: unknown): boolean {
  if (isNil(value)) return false
  if (typeof value === 'bigint') return value !== 0n
  if (Array.isArray(value) || isBytes(value)) return value.length > 0
  if (value instanceof GoStruct) return value.entries === undefined || Object.keys(value.entries).length > 0
  if (typeof value === 'object') return Object.keys(value).length > 0
  return Boolean(value)
}

/** The type as `%T` names it. */
export function typeName(value: unknown): string {
  if (isNil(value)) return '<nil>'
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    case 'function':
      return 'func()'
    default:
  }
  if (value instanceof GoStruct) return value.type
  if (isBytes(value)) return '[]uint8'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** The kind as reflection names it. */
export function kindName(value: unknown): string {
  if (isNil(value)) return 'invalid'
  if (value instanceof GoStruct) return value.entries ? 'map' : 'struct'
  if (Array.isArray(value) || isBytes(value)) return 'slice'
  return typeof value === 'object' ? 'map' : typeName(value)
}

/** As a template shows a value. */
export const printValue = (value: unknown): string => (isNil(value) ? '<no value>' : printed(value))

/** As `%v` shows it. */
export function printed(value: unknown): string {
  charge(2)
  if (isNil(value)) return '<nil>'
  if (typeof value === 'number') return printFloat(value)
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`
  if (isBytes(value)) return `[${[...value].join(' ')}]`
  if (value instanceof GoStruct) {
    const own = value.methods.String
    if (own) return String(own.run())
    if (value.entries) return printMap(value.entries)
    return `{${Object.values(value.fields).map(printed).join(' ')}}`
  }
  return typeof value === 'object' ? printMap(value as GoMap) : String(value)
}

const printMap = (map: GoMap): string =>
  `map[${keysOf(map)
    .map((key) => `${key}:${printed(map[key])}`)
    .join(' ')}]`

/** A float64 as `%v` shows it: with an exponent below 1e-04 and from 1e+06 on, which values that are ids run into. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return plainNumber(mantissa, exponent)
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function plainNumber(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const rest = digits.slice(exponent + 1)
  return sign + whole + (rest ? `.${rest}` : '')
}

/** Characters of one value. */
export const longestValue = 4 * 1024 * 1024
/** Items of one list that is made. */
export const longestList = 200_000
