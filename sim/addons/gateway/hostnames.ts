/**
 * Host names of listeners, routes and requests. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/{gateway_types,httproute_types}.go (Listener.Hostname, HTTPRouteSpec.Hostnames)
 */
import { charge } from '../../engine/work.ts'

/** Whether a request for the host is meant. A wildcard stands for one label or more; '' is any host. */
export const matchesHost = (pattern: string, host: string): boolean =>
  pattern === '' || pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)))

/** The more exactly a name says which hosts are meant, the higher: an exact one above a wildcard, a longer above a shorter, any host lowest. */
export const hostRank = (pattern: string): number =>
  pattern === '' ? -1 : pattern.startsWith('*.') ? pattern.length : 1000 + pattern.length

/** The hosts that both names mean, as a name; undefined when there are none. */
export function intersection(a: string, b: string): string | undefined {
  if (a === '') return b
  if (b === '' || a === b) return a
  if (matchesHost(b, a)) return a
  return matchesHost(a, b) ? b : undefined
}

/**
 * The names by which a route is reached through a listener.
 * @param hostnames of the route; none stand for any
 * @returns an empty list when the listener has none of its hosts
 */
export function commonHosts(listenerHost: string, hostnames: readonly string[]): string[] {
  if (hostnames.length === 0) return [listenerHost]
  charge(hostnames.length)
  return hostnames.flatMap((name) => {
    const common = intersection(listenerHost, name.toLowerCase())
    return common === undefined ? [] : [common]
  })
}

/** Whether some host is meant by both. */
export const overlap = (a: string, b: string): boolean => intersection(a, b) !== undefined
