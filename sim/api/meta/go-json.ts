/** JSON as Go's encoding/json writes it: the keys of a map sorted, those of a struct as declared; <, >, & escaped. */

import { charge, chargeText } from '../../engine/work.ts'

/** Which keys of a map are printed, and in which order. */
export type KeyOrder = (map: JsonMap) => string[]

/** Of computing, for each value, however deep it is. */
const stepsForEach = 2

/** One line, as json.Marshal writes it: what last-applied-configuration and jsonpath hold. */
export function printCompactJson(value: unknown, keysOf: KeyOrder = sortedKeys): string {
  charge(stepsForEach)
  if (Array.isArray(value)) return copied(`[${value.map((item) => printCompactJson(item, keysOf)).join(',')}]`)
  if (isMap(value)) {
    const fields = keysOf(value).map((key) => `${printJsonString(key)}:${printCompactJson(value[key], keysOf)}`)
    return copied(`{${fields.join(',')}}`)
  }
  return printScalar(value)
}

/** Indented by four spaces, as `-o json` prints it, unless told; without a newline at the end. */
export function printIndentedJson(
  value: unknown,
  keysOf: KeyOrder = sortedKeys,
  indent = '',
  step: '    ' | '  ' | ' ' = '    ',
): string {
  charge(stepsForEach)
  const inner = indent + step
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return copied(
      `[\n${value.map((item) => inner + printIndentedJson(item, keysOf, inner, step)).join(',\n')}\n${indent}]`,
    )
  }
  if (isMap(value)) {
    const keys = keysOf(value)
    if (keys.length === 0) return '{}'
    const fields = keys.map(
      (key) => `${inner}${printJsonString(key)}: ${printIndentedJson(value[key], keysOf, inner, step)}`,
    )
    return copied(`{\n${fields.join(',\n')}\n${indent}}`)
  }
  return printScalar(value)
}

/** What is in something is copied with it, at each depth. */
function copied(text: string): string {
  chargeText(text.length)
  return text
}

export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keys whose value is there, sorted by code unit. */
export const sortedKeys = (map: JsonMap): string[] =>
  Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort()

/** Keys whose value is there, as they stand: for what is a Go struct and was built in its order. */
export const givenKeys = (map: JsonMap): string[] => Object.keys(map).filter((key) => map[key] !== undefined)

/** The map with its keys in order, as Go prints every map. */
export const sorted = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

function printScalar(value: unknown): string {
  if (typeof value === 'string') return printJsonString(value)
  if (typeof value === 'number') return printNumber(value)
  if (typeof value === 'boolean') return String(value)
  return 'null'
}

/** A number as Go prints a float64 or int64: exponents only where Go uses them. */
export function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return Object.is(value, -0) ? '0' : String(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

const ESCAPED: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

export const printJsonString = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (char) => ESCAPED[char])
