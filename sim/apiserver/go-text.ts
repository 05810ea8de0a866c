/** A JSON value as Go's %v shows it: `map[spec:map[replicas:2]]`. Errors about patches quote them so. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  if (value === null) return '<nil>'
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${members.map(([name, member]) => `${name}:${goText(member)}`).join(' ')}]`
}
