/**
 * What the filters of a rule do to requests and responses. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/httproute_types.go (HTTPHeaderFilter, HTTPPathModifier, HTTPRequestRedirectFilter)
 */
import { charge } from '../../engine/work.ts'
import type { Filter, HeaderModifier, PathModifier, RequestRedirect } from './types.ts'

type Headers = Readonly<Record<string, string>>

/** Sets, adds and removes headers, whatever the case of their names. What is added to one that is there stands behind a comma. */
export function modifyHeaders(headers: Headers, modifier: HeaderModifier | undefined): Headers {
  if (!modifier) return headers
  const { set = [], add = [], remove = [] } = modifier
  charge(Object.keys(headers).length + set.length + add.length + remove.length)
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  for (const { name, value } of set) byName.set(name.toLowerCase(), { name, value })
  for (const { name, value } of add) {
    const before = byName.get(name.toLowerCase())
    byName.set(name.toLowerCase(), before ? { ...before, value: `${before.value},${value}` } : { name, value })
  }
  for (const name of remove) byName.delete(name.toLowerCase())
  return Object.fromEntries([...byName.values()].map(({ name, value }) => [name, value]))
}

export const modifierOf = (
  filters: readonly Filter[] | undefined,
  field: 'requestHeaderModifier' | 'responseHeaderModifier',
) => filters?.find((filter) => filter[field])?.[field]

/**
 * The path that takes the place of the one that was asked for; the query stays.
 * @param prefix that the rule matched, without a slash at its end
 */
export function modifyPath(target: string, modifier: PathModifier | undefined, prefix: string): string {
  if (!modifier) return target
  const at = target.indexOf('?')
  const [path, query] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)]
  if (modifier.type === 'ReplaceFullPath') return `${absolute(modifier.replaceFullPath ?? '')}${query}`
  const replacement = (modifier.replacePrefixMatch ?? '').replace(/\/$/, '')
  return `${absolute(`${replacement}${path.slice(prefix.length)}`)}${query}`
}

const absolute = (path: string): string => (path.startsWith('/') ? path : `/${path}`)

const WELL_KNOWN: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** How a request came in. */
export interface Incoming {
  scheme: string
  /** Without a port. */
  host: string
  /** Of the listener. */
  port: number
  /** With the query. */
  target: string
}

/** Where a redirect leads to. */
export function redirectLocation(
  { scheme, hostname, path, port }: RequestRedirect,
  incoming: Incoming,
  prefix: string,
): string {
  const to = scheme ?? incoming.scheme
  const asked = port ?? (scheme === undefined ? incoming.port : (WELL_KNOWN[scheme] ?? incoming.port))
  const shown = WELL_KNOWN[to] === asked ? '' : `:${asked}`
  return `${to}://${hostname ?? incoming.host}${shown}${modifyPath(incoming.target, path, prefix)}`
}
