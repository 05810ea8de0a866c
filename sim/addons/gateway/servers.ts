/**
 * What a Gateway serves on its ports: for each host the matches of the routes that are reached by it, in the order in which they are asked. Pure.
 * Source: sigs.k8s.io/gateway-api v1.6.1, apis/v1/gateway_types.go (Gateway listeners), apis/v1/httproute_types.go (HTTPRouteSpec.Hostnames)
 */
import { charge } from '../../engine/work.ts'
import { hostRank, matchesHost } from './hostnames.ts'
import type { PlannedListener } from './listeners.ts'
import { type AskedFor, byPrecedence, isMatch, type RouteMatch } from './route-rules.ts'

/** A route that was accepted, as one listener has it. */
export interface AttachedRoute {
  planned: PlannedListener
  hosts: readonly string[]
  matches: readonly RouteMatch[]
}

export interface ServedListener {
  host: string
  /** What it shows to who speaks TLS, as PEM. */
  certificate?: string
  /** By host, '' for any. */
  servers: ReadonlyMap<string, readonly RouteMatch[]>
}

export interface ServedPort {
  port: number
  isTls: boolean
  /** The one that names hosts most exactly first. */
  listeners: readonly ServedListener[]
}

export function planPorts(listeners: readonly PlannedListener[], routes: readonly AttachedRoute[]): ServedPort[] {
  charge(listeners.length + routes.length)
  const byListener = new Map<PlannedListener, AttachedRoute[]>(listeners.map((planned) => [planned, []]))
  for (const route of routes) byListener.get(route.planned)?.push(route)
  const ports = new Map<number, ServedPort & { listeners: ServedListener[] }>()
  for (const planned of listeners) {
    if (!planned.isServed) continue
    const { port, protocol } = planned.listener
    const served = ports.get(port) ?? { port, isTls: protocol === 'HTTPS', listeners: [] }
    ports.set(port, served)
    const { certificate } = planned
    served.listeners.push({
      host: planned.host,
      ...(certificate === undefined ? {} : { certificate }),
      servers: serversOf(byListener.get(planned) ?? []),
    })
  }
  for (const { listeners: own } of ports.values()) own.sort((a, b) => hostRank(b.host) - hostRank(a.host))
  return [...ports.values()]
}

function serversOf(routes: readonly AttachedRoute[]): Map<string, RouteMatch[]> {
  const servers = new Map<string, RouteMatch[]>()
  for (const { hosts, matches } of routes)
    for (const host of new Set(hosts)) {
      charge(matches.length)
      const known = servers.get(host)
      if (known) known.push(...matches)
      else servers.set(host, [...matches])
    }
  for (const matches of servers.values()) {
    charge(matches.length * Math.ceil(Math.log2(matches.length + 1)))
    matches.sort(byPrecedence)
  }
  return servers
}

/** The listener of the port that a host belongs to: one alone, however many there are for parts of its name. */
export function listenerFor({ listeners }: ServedPort, host: string): ServedListener | undefined {
  charge(listeners.length)
  return listeners.find((one) => matchesHost(one.host, host))
}

/** The first match for a request; the host that is named most exactly is the only one that is asked. */
export function findMatch({ servers }: ServedListener, host: string, asked: AskedFor): RouteMatch | undefined {
  charge(servers.size)
  let best: string | undefined
  for (const name of servers.keys())
    if (matchesHost(name, host) && (best === undefined || hostRank(name) > hostRank(best))) best = name
  return best === undefined ? undefined : servers.get(best)?.find((match) => isMatch(match, asked))
}
