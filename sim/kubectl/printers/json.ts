/** JSON as Go's encoding/json writes it: keys sorted, and <, >, & escaped. */

/** One line, as json.Marshal writes it: what last-applied-configuration and jsonpath hold. */
export function printCompactJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printCompactJson).join(',')}]`
  if (isMap(value)) {
    const fields = sortedKeys(value).map((key) => `${printJsonString(key)}:${printCompactJson(value[key])}`)
    return `{${fields.join(',')}}`
  }
  return printScalar(value)
}

/** Indented by four spaces, as `-o json` prints it; without a newline at the end. */
export function printIndentedJson(value: unknown, indent = ''): string {
  const inner = `${indent}    `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item) => inner + printIndentedJson(item, inner)).join(',\n')}\n${indent}]`
  }
  if (isMap(value)) {
    const keys = sortedKeys(value)
    if (keys.length === 0) return '{}'
    const fields = keys.map((key) => `${inner}${printJsonString(key)}: ${printIndentedJson(value[key], inner)}`)
    return `{\n${fields.join(',\n')}\n${indent}}`
  }
  return printScalar(value)
}

export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Keys whose value is there, sorted by code unit. */
export const sortedKeys = (map: JsonMap): string[] =>
  Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort()

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
