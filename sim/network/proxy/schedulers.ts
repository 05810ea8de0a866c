/**
 * How a virtual server of IPVS chooses among its real servers. All weights are 1, as kube-proxy sets them. Simplified: a server that
 * goes is forgotten at once, where kube-proxy keeps it with weight 0 as long as it has connections.
 * Source: linux net/netfilter/ipvs/ip_vs_{rr,wrr,lc,wlc,sh,dh,sed,nq}.c
 */
import type { IpvsScheduler } from '../../scenario/types.ts'
import { parseIp } from '../address.ts'
import type { RuleEndpoint } from './rules.ts'

/** A real server, and the connections it has. */
export interface RealServer {
  readonly endpoint: RuleEndpoint
  active: number
  /** When each connection that is over is forgotten, soonest first. */
  over: number[]
}

/** A virtual server: an address, a port, and who serves them, the latest addition first. */
export interface VirtualServer {
  servers: RealServer[]
  /** Who was chosen last, for those that go round. */
  last: RealServer | undefined
}

export interface Addresses {
  clientIP: string
  /** The address that was asked for. */
  ip: string
}

type Choose = (virtual: VirtualServer, addresses: Addresses) => RealServer

/** The one after the last, in the order of the list. */
const roundRobin: Choose = ({ servers, last }) => servers[(last ? servers.indexOf(last) + 1 : 0) % servers.length]

/** A connection that is open weighs as much as 256 that are over. */
const leastConnections: Choose = ({ servers }) => least(servers, ({ active, over }) => active * 256 + over.length)

/** Whoever would have the fewest with the new one. Connections that are over do not count. */
const shortestDelay: Choose = ({ servers }) => least(servers, ({ active }) => active + 1)

/** The first of those with the smallest number. */
function least(servers: readonly RealServer[], number: (server: RealServer) => number): RealServer {
  let best = servers[0]
  for (const server of servers) if (number(server) < number(best)) best = server
  return best
}

const TABLE_BITS = 8
const GOLDEN_RATIO_32 = 0x61c88647

/** A table of 256 buckets, dealt out to the servers in turn. */
const byHash = ({ servers }: VirtualServer, ip: string): RealServer =>
  servers[(Math.imul(parseIp(ip) ?? 0, GOLDEN_RATIO_32) >>> (32 - TABLE_BITS)) % servers.length]

const choosers: Readonly<Record<IpvsScheduler, Choose>> = {
  rr: roundRobin,
  wrr: roundRobin,
  lc: leastConnections,
  wlc: leastConnections,
  sh: (virtual, { clientIP }) => byHash(virtual, clientIP),
  dh: (virtual, { ip }) => byHash(virtual, ip),
  sed: shortestDelay,
  nq: (virtual, addresses) => virtual.servers.find(({ active }) => active === 0) ?? shortestDelay(virtual, addresses),
}

/** Which server gets the next connection. There has to be one. */
export const scheduleConnection = (
  scheduler: IpvsScheduler,
  virtual: VirtualServer,
  addresses: Addresses,
): RealServer => choosers[scheduler](virtual, addresses)

/** Keeps the servers that are wanted, with their connections, and adds new ones at the head of the list. */
export function updateServers(virtual: VirtualServer, wanted: readonly RuleEndpoint[]): void {
  const nameOf = ({ ip, port }: RuleEndpoint): string => `${ip}:${port}`
  const names = new Set(wanted.map(nameOf))
  const kept = virtual.servers.filter(({ endpoint }) => names.has(nameOf(endpoint)))
  const isKept = new Set(kept)
  if (virtual.last && !isKept.has(virtual.last)) {
    // The one before takes its place, so that the turn goes on with the one after.
    const before = virtual.servers.slice(0, virtual.servers.indexOf(virtual.last))
    virtual.last = before.findLast((server) => isKept.has(server))
  }
  const known = new Set(kept.map(({ endpoint }) => nameOf(endpoint)))
  const added = wanted.filter((endpoint) => !known.has(nameOf(endpoint)))
  virtual.servers = [...added.reverse().map((endpoint) => ({ endpoint, active: 0, over: [] })), ...kept]
}
