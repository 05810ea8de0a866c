import { goQuote } from '../../text/go-quote.ts'

/** A JSON value as Go's %v shows it: `map[spec:map[replicas:2]]`. Errors about patches quote them so. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  if (value === null) return '<nil>'
  return `map[${sorted(value)
    .map(([name, member]) => `${name}:${goText(member)}`)
    .join(' ')}]`
}

/** The same as Go's %#v shows it: `map[string]interface {}{"replicas":2}`. */
export function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'string') return goQuote(value)
  if (typeof value !== 'object') return String(value)
  if (value === null) return 'interface {}(nil)'
  return `map[string]interface {}{${sorted(value)
    .map(([name, member]) => `${goQuote(name)}:${goSyntax(member)}`)
    .join(', ')}}`
}

/** Its type in Go, as %T shows it. */
export function goTypeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return value === null ? '<nil>' : 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const sorted = (map: object): [string, unknown][] => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
