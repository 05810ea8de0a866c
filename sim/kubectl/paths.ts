/** Where the HTTP API has things. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
import type { Kind } from '../api/meta/kind.ts'

/** What stands behind the `?`; an undefined or empty value is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * @param key without a name: the collection
 * @param part a subresource
 */
export function pathOf(kind: Kind, { namespace, name }: { namespace: string; name?: string }, part?: string): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`
  const place = kind.isNamespaced && namespace ? `/namespaces/${namespace}` : ''
  return `${root}${place}/${kind.plural}${name ? `/${name}` : ''}${part ? `/${part}` : ''}`
}

/** `?a=b&c=d`, in the order of the names, as Go's url.Values.Encode has it. */
export function printQuery(query: Query | readonly (readonly [string, string])[]): string {
  const pairs = Array.isArray(query) ? (query as [string, string][]) : Object.entries(query as Query)
  const shown = pairs
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => [name, escaped(String(value))] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return shown.length > 0 ? `?${shown.map(([name, value]) => `${name}=${value}`).join('&')}` : ''
}

const escaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
