/** Where a connection goes: decided when it is made, from the rules that the kernels on its way hold at that moment. */
import type { Engine } from '../engine/engine.ts'
import { hash32, type Random } from '../engine/random.ts'
import { charge } from '../engine/work.ts'
import { cidrHolds, parseCidr, parseIp } from './address.ts'
import { type Fabric, isCutBetween, type LoadBalancer, type NodeEntry } from './fabric.ts'
import type { Namespace, Route } from './namespace.ts'
import { isDenied, type PolicyPeer, type Verdict } from './policy.ts'
import type { PortRule, Protocol } from './proxy/rules.ts'
import type { ConnectFailure, Hop } from './types.ts'

/** The address that the world outside sends from. */
export const OUTSIDE_IP = '203.0.113.10'

/** One way, in milliseconds, before jitter. */
const SAME_HOST_MS = 0.05
const SAME_NODE_MS = 0.1
const ACROSS_MS = 0.25
const OUTSIDE_MS = 0.5
const ARP_FAILURE_MS = 3000

export interface Router {
  /** @param isReal false for a walk, which tells more and leaves no trace: nothing is drawn, remembered or spent */
  route(from: Namespace, ip: string, port: number, protocol: Protocol, isReal: boolean): Route
}

/** A connection on its way. */
interface Trip {
  from: Namespace
  protocol: Protocol
  /** What was asked for. */
  asked: { ip: string; port: number }
  hops: Hop[]
  nowMs: number
  random: Random
  isReal: boolean
  /** The way between nodes, told once the sender's own policies have let it go. */
  way?: Hop
  /** Policies of the sender have been asked. */
  hasLeft?: boolean
  /** The node whose rules have translated it. */
  translatedOn?: string
}

export function createRouter(engine: Engine, fabric: Fabric): Router {
  const { nodes, nodeByIp, podByIp, published, balancers, controlPlane } = fabric

  const isControlPlane = (ip: string, port: number, protocol: Protocol): boolean =>
    ip === controlPlane.ip && controlPlane.isListening(port, protocol)

  function leave(trip: Trip): Route {
    const { from, protocol } = trip
    const { ip, port } = trip.asked
    trip.hops.push({ at: from.label, did: `${protocol === 'TCP' ? 'connects' : `sends ${protocol}`} to ${ip}:${port}` })
    if (from.isRemoved) return fail(trip, { error: 'no-route' }, 0)
    const reached = from === controlPlane ? podByIp.get(ip) : undefined
    if (reached) return reach(trip, reached, ip, port, from.ip)
    if (from.owner.kind === 'outside') return ip.startsWith('127.') ? reach(trip, from, ip, port, ip) : enter(trip)
    const node = nodes.get(from.owner.node)
    if (!node) return fail(trip, { error: 'no-route' }, 0)
    if (ip.startsWith('127.')) return toLocalhost(trip, node)
    if (isControlPlane(ip, port, protocol)) return reach(trip, controlPlane, ip, port, node.ip)
    const isOwnNode = nodeByIp.get(ip) === node
    const nodePortRule = isOwnNode ? node.rules.forNodePort(port, protocol) : undefined
    const rule = node.rules.forAddress(ip, port, protocol) ?? nodePortRule
    if (rule) return fromInside(trip, node, rule)
    if (node.rules.refuses(ip)) {
      trip.hops.push({ at: rulesOn(node), did: `no Service has port ${port}/${protocol} at ${ip}: rejected` })
      return fail(trip, { error: 'refused' }, SAME_HOST_MS)
    }
    if (isOwnNode) return throughHostPort(trip, node, ip, from.ip) ?? reach(trip, node.host, ip, port, ip)
    const other = nodeByIp.get(ip)
    // The address of the sender's node stands for the Pod's on the way to other machines.
    if (other) {
      tellRoute(trip, node, other)
      if (isKeptIn(trip, other.host, ip, port)) return fail(trip, { error: 'timeout' }, Infinity)
      return arriveAtNode(trip, other, node.ip)
    }
    return deliver(trip, node, ip, port, from.ip)
  }

  /**
   * Node ports answer on the loopback address as well, with iptables (route_localnet), and so do host ports.
   * Source: github.com/containernetworking/plugins/plugins/meta/portmap, whose rules stand behind those of kube-proxy
   */
  function toLocalhost(trip: Trip, node: NodeEntry): Route {
    const { from, protocol, asked } = trip
    const rule =
      isHost(from, node) && node.rules.proxy.mode === 'iptables'
        ? node.rules.forNodePort(asked.port, protocol)
        : undefined
    if (rule && !from.isListening(asked.port, protocol)) return fromInside(trip, node, rule)
    const mapped = isHost(from, node) ? throughHostPort(trip, node, asked.ip, node.ip) : undefined
    return mapped ?? reach(trip, from, asked.ip, asked.port, asked.ip)
  }

  /** Traffic that starts inside is not held to externalTrafficPolicy on its own node. */
  function fromInside(trip: Trip, node: NodeEntry, rule: PortRule): Route {
    const { from, asked } = trip
    if (isKeptOut(rule, asked.ip, from.ip)) return keepOut(trip, node, rule, from.ip)
    const isInternal = asked.ip === rule.clusterIP
    const isMasqueraded = isHost(from, node) || (!isInternal && !rule.isExternalLocal)
    return translate(trip, node, rule, isInternal && rule.isInternalLocal, from.ip, isMasqueraded)
  }

  /** From outside only the nodes' own addresses and those that Services publish can be reached. */
  function enter(trip: Trip): Route {
    const { ip, port } = trip.asked
    if (isControlPlane(ip, port, trip.protocol)) return reach(trip, controlPlane, ip, port, OUTSIDE_IP)
    const node = nodeByIp.get(ip)
    if (node) return arriveAtNode(trip, node, OUTSIDE_IP)
    const target = publishedAt(ip)
    if (target) {
      trip.hops.push({ at: 'load balancer', did: `sends it to ${target.label}` })
      return reach(trip, target, target.ip, port, OUTSIDE_IP)
    }
    const balancer = balancers.get(ip)
    if (balancer) return balance(trip, balancer, OUTSIDE_IP)
    // Addresses that somebody leads to the nodes, as for spec.externalIPs.
    const ready = [...nodes.values()].filter((candidate) => candidate.isUp && !candidate.isCut)
    const routed = ready.filter((candidate) => {
      const rule = candidate.rules.forAddress(ip, port, trip.protocol)
      if (!rule || ip === rule.clusterIP) return false
      return !rule.isExternalLocal || rule.localEndpoints(candidate.name).length > 0
    })
    if (routed.length === 0)
      return drop(trip, 'outside the cluster', `${ip} is not an address that can be reached from outside: no answer`)
    const chosen = trip.random.pick(routed)
    trip.hops.push({ at: 'load balancer', did: `sends it to ${chosen.name}` })
    return arriveAtNode(trip, chosen, OUTSIDE_IP)
  }

  function publishedAt(ip: string): Namespace | undefined {
    // Whatever was published came from this network.
    return published.get(ip)?.namespace as Namespace | undefined
  }

  /** A load balancer of the cloud picks a node by its health checks, not by what it could know of the rules there. */
  function balance(trip: Trip, balancer: LoadBalancer, clientIP: string): Route {
    const at = `load balancer ${balancer.ip}`
    const { port } = trip.asked
    if (!balancer.ports().some((one) => one.protocol === trip.protocol && one.port === port))
      return drop(trip, at, `Service ${balancer.service} has no port ${port}/${trip.protocol}: dropped`)
    const targets = balancer.targets()
    if (targets.length === 0)
      return drop(trip, at, `no node passes the health check of Service ${balancer.service}: dropped`)
    const name = balancer.isSticky() ? targets[hash32(clientIP) % targets.length] : trip.random.pick(targets)
    trip.hops.push({ at, did: `sends it to ${name}` })
    return arriveAtNode(trip, nodes.get(name)!, clientIP)
  }

  function arriveAtNode(trip: Trip, node: NodeEntry, clientIP: string): Route {
    const { ip, port } = trip.asked
    if (isSilent(trip, node)) return noAnswer(trip, node)
    const rule =
      ip === node.ip ? node.rules.forNodePort(port, trip.protocol) : node.rules.forAddress(ip, port, trip.protocol)
    if (rule && isKeptOut(rule, ip, clientIP)) return keepOut(trip, node, rule, clientIP)
    if (rule) return translate(trip, node, rule, rule.isExternalLocal, clientIP, !rule.isExternalLocal)
    return throughHostPort(trip, node, ip, clientIP) ?? reach(trip, node.host, ip, port, clientIP)
  }

  function keepOut(trip: Trip, node: NodeEntry, rule: PortRule, clientIP: string): Route {
    const did = `loadBalancerSourceRanges of Service ${rule.name} do not hold ${clientIP}: dropped`
    return drop(trip, rulesOn(node), did)
  }

  function throughHostPort(trip: Trip, node: NodeEntry, ip: string, clientIP: string): Route | undefined {
    const { port } = trip.asked
    charge(node.hostPorts.length / 8)
    const mapped = node.hostPorts.find(
      (one) => one.port === port && one.protocol === trip.protocol && (!one.hostIP || one.hostIP === ip),
    )
    if (!mapped) return undefined
    const { sandbox, containerPort } = mapped
    trip.translatedOn = node.name
    trip.hops.push({ at: `node ${node.name}`, did: `host port ${port} leads to ${sandbox.ip}:${containerPort}` })
    return reach(trip, sandbox, sandbox.ip, containerPort, clientIP)
  }

  /** What the node's rules make of an address of a Service: one of its endpoints, a refusal, or nothing. */
  function translate(
    trip: Trip,
    node: NodeEntry,
    rule: PortRule,
    isLocal: boolean,
    clientIP: string,
    isMasqueraded: boolean,
  ): Route {
    const at = rulesOn(node)
    const { port } = trip.asked
    const service = `Service ${rule.name}${port === rule.port ? '' : ` by its node port ${port}`}`
    if (rule.endpoints.length === 0) {
      trip.hops.push({ at, did: `${service} has no endpoints: rejected, connection refused` })
      return fail(trip, { error: 'refused' }, SAME_HOST_MS)
    }
    const among = isLocal ? rule.localEndpoints(node.name) : rule.clusterEndpoints(node.rules)
    if (among.length === 0) {
      const why = `${service} has no endpoint on this node and its traffic policy is Local`
      if (node.rules.proxy.mode !== 'ipvs') return drop(trip, at, `${why}: dropped`)
      // A virtual server without real ones says so (ip_vs_leave in the kernel).
      trip.hops.push({ at, did: `${why}: rejected, connection refused` })
      return fail(trip, { error: 'refused' }, SAME_HOST_MS)
    }
    const choice = node.rules.choose(rule, trip.asked, clientIP, among, trip)
    const { endpoint, release } = choice
    trip.translatedOn = node.name
    trip.hops.push({
      at,
      did: `${service} leads to ${whichOf(node, rule, among.length, isLocal)}: ${endpoint.ip}:${endpoint.port}`,
    })
    if (!trip.isReal && choice.isSticky)
      trip.hops.push({ at, did: `session affinity keeps ${clientIP} with this endpoint` })
    // Whoever is sent to itself would see itself as the sender.
    const source = isMasqueraded || endpoint.ip === trip.from.ip ? gatewayTo(node, endpoint.ip) : clientIP
    if (!trip.isReal && source !== clientIP)
      trip.hops.push({ at, did: `puts ${source} in place of the sender's address ${clientIP}` })
    const route = deliver(trip, node, endpoint.ip, endpoint.port, source)
    return release ? { ...route, release: () => release(engine.nowMs) } : route
  }

  function whichOf(node: NodeEntry, rule: PortRule, count: number, isLocal: boolean): string {
    const topology = isLocal ? undefined : rule.topologyAt(node.rules)
    if (topology) {
      const where = topology === 'PreferSameNode' ? `node ${node.name}` : `zone ${node.rules.zone}`
      return `one of ${count} of its ${rule.endpoints.length} endpoints, those with a hint for ${where}`
    }
    return count === 1 ? 'its only endpoint' : `one of its ${count} endpoints`
  }

  /** The address a node puts in place of the sender's: that of its bridge for its own Pods. */
  const gatewayTo = (node: NodeEntry, ip: string): string => (nodeOf(ip) === node ? node.ipam.gateway : node.ip)

  const nodeOf = (ip: string): NodeEntry | undefined => {
    const owner = podByIp.get(ip)?.owner
    return owner?.kind === 'pod' ? nodes.get(owner.node) : undefined
  }

  /** Hands over to whoever has the address, by way of `node`. */
  function deliver(trip: Trip, node: NodeEntry, ip: string, port: number, clientIP: string): Route {
    if (isControlPlane(ip, port, trip.protocol)) return reach(trip, controlPlane, ip, port, node.ip)
    const target = nodeByIp.get(ip)
    if (target) {
      if (target !== node) tellRoute(trip, node, target)
      return isSilent(trip, target) ? noAnswer(trip, target) : reach(trip, target.host, ip, port, clientIP)
    }
    const pod = podByIp.get(ip)
    if (pod) {
      const other = nodeOf(ip)
      if (other && other !== node) tellRoute(trip, node, other, ip)
      return reach(trip, pod, ip, port, isHost(trip.from, node) && other === node ? node.ipam.gateway : clientIP)
    }
    const publication = publishedAt(ip)
    const balancer = balancers.get(ip)
    if ((publication || balancer) && isKeptIn(trip, undefined, ip, port))
      return fail(trip, { error: 'timeout' }, Infinity)
    if (publication) {
      trip.hops.push({ at: 'load balancer', did: `sends it to ${publication.label}` })
      return reach(trip, publication, publication.ip, port, node.ip)
    }
    if (balancer) return balance(trip, balancer, node.ip)
    const address = parseIp(ip) ?? 0
    for (const other of nodes.values()) {
      if (!cidrHolds(other.podCIDR, address)) continue
      if (isSilent(trip, other)) return noAnswer(trip, other)
      trip.hops.push({ at: `node ${other.name}`, did: `no Pod has the address ${ip}: no route to host` })
      return fail(trip, { error: 'no-route' }, ARP_FAILURE_MS)
    }
    if (isKeptIn(trip, undefined, ip, port)) return fail(trip, { error: 'timeout' }, Infinity)
    const did = `no rule and no route knows ${ip}:${port}: sent out of the cluster, no answer`
    return drop(trip, `node ${node.name}`, did)
  }

  function reach(trip: Trip, to: Namespace, ip: string, port: number, clientIP: string): Route {
    const { from, hops, protocol } = trip
    const target = to.owner.kind === 'outside' ? undefined : nodes.get(to.owner.node)
    if (target && isSilent(trip, target)) return noAnswer(trip, target)
    if (isKeptIn(trip, to, ip, port) || isKeptOff(trip, to, ip, port, clientIP))
      return fail(trip, { error: 'timeout' }, Infinity)
    const base = distance(from, to)
    const oneWayMs = trip.isReal ? trip.random.jitter(base, 1) : base
    const { translatedOn } = trip
    return { hops, to, ip, port, protocol, clientIP, oneWayMs, ...(translatedOn ? { translatedOn } : {}) }
  }

  /** Whether policies of the sender drop it. They see the address that it leaves its node with. */
  function isKeptIn(trip: Trip, to: Namespace | undefined, ip: string, port: number): boolean {
    const { policies } = fabric
    const { from, protocol, hops } = trip
    if (trip.hasLeft) return false
    trip.hasLeft = true
    const sender = peerOf(from, from.ip)
    if (policies && sender.pod && from !== to) {
      const verdict = policies.judge('Egress', sender, peerOf(to, ip), { protocol, port })
      const isKept = isDenied(verdict)
      if (isKept || !trip.isReal) {
        const what = `egress to ${to?.label ?? ip} ${onPort(port, protocol)}`
        hops.push({ at: from.label, did: printVerdict(verdict, what, 'egress') })
      }
      if (isKept) return true
    }
    if (trip.way) hops.push(trip.way)
    return false
  }

  /** Whether policies of the receiver drop it; kubelets always reach the Pods of their node. */
  function isKeptOff(trip: Trip, to: Namespace, ip: string, port: number, clientIP: string): boolean {
    const { policies } = fabric
    const { from, protocol, hops } = trip
    const receiver = peerOf(to, ip)
    if (!policies || from === to || !receiver.pod) return false
    const isOwnNode =
      to.owner.kind === 'pod' &&
      from.owner.kind !== 'outside' &&
      !peerOf(from, from.ip).pod &&
      from.owner.node === to.owner.node
    if (isOwnNode) {
      const did = 'what comes from its own node is allowed, whatever NetworkPolicies say'
      if (!trip.isReal) hops.push({ at: to.label, did })
      return false
    }
    const verdict = policies.judge('Ingress', receiver, peerOf(podByIp.get(clientIP), clientIP), { protocol, port })
    const isKept = isDenied(verdict)
    if (isKept || !trip.isReal) {
      const what = `ingress from ${podByIp.has(clientIP) ? from.label : clientIP} ${onPort(port, protocol)}`
      hops.push({ at: to.label, did: printVerdict(verdict, what, 'ingress') })
    }
    return isKept
  }

  /** Host network Pods count as their node. */
  function peerOf(namespace: Namespace | undefined, ip: string): PolicyPeer {
    const owner = namespace?.owner
    return owner?.kind === 'pod' && podByIp.get(ip) === namespace
      ? { ip, pod: { namespace: owner.namespace, name: owner.name } }
      : { ip }
  }

  const senderOf = ({ from: { owner } }: Trip): NodeEntry | undefined =>
    owner.kind === 'outside' ? undefined : nodes.get(owner.node)

  /** Whether nothing that is sent arrives at the node. */
  const isSilent = (trip: Trip, node: NodeEntry): boolean => !node.isUp || isCutBetween(senderOf(trip), node)

  function noAnswer(trip: Trip, node: NodeEntry): Route {
    if (!node.isUp) return drop(trip, `node ${node.name}`, 'is off: no answer')
    const cut = node.isCut ? node : senderOf(trip)
    return drop(trip, `node ${cut?.name}`, 'is cut off from the network: no answer')
  }

  return {
    route(from, ip, port, protocol, isReal) {
      const random = isReal ? engine.random('network') : firstOf
      return leave({ from, protocol, asked: { ip, port }, hops: [], nowMs: engine.nowMs, random, isReal })
    },
  }
}

const rulesOn = ({ name }: NodeEntry): string => `rules of kube-proxy on ${name}`

/** Whether the sender uses the node's own network. */
const isHost = (from: Namespace, node: NodeEntry): boolean => from.ports === node.host.ports

const fail = ({ hops }: Trip, failure: ConnectFailure, afterMs: number): Route => ({ hops, failure, afterMs })

function drop(trip: Trip, at: string, did: string): Route {
  trip.hops.push({ at, did })
  return fail(trip, { error: 'timeout' }, Infinity)
}

/** @param podIP of a Pod on that node */
function tellRoute(trip: Trip, node: NodeEntry, other: NodeEntry, podIP?: string): void {
  if (trip.isReal) return
  const whose = podIP ? `, whose Pods have ${podIP}` : ''
  trip.way = { at: `node ${node.name}`, did: `routes it to node ${other.name}${whose}` }
}

function distance(from: Namespace, to: Namespace): number {
  if (from.ports === to.ports) return SAME_HOST_MS
  if (from.owner.kind === 'outside' || to.owner.kind === 'outside') return OUTSIDE_MS
  return from.owner.node === to.owner.node ? SAME_NODE_MS : ACROSS_MS
}

/** `NetworkPolicy scn/a allows`, `NetworkPolicies scn/a, scn/b allow` */
const named = (names: readonly string[]): string =>
  names.length === 1 ? `NetworkPolicy ${names[0]} allows` : `NetworkPolicies ${names.join(', ')} allow`

const onPort = (port: number, protocol: Protocol): string =>
  `on port ${port}${protocol === 'TCP' ? '' : `/${protocol}`}`

function printVerdict(verdict: Verdict, what: string, direction: string): string {
  if (isDenied(verdict)) return `${named(verdict.isolating)} no ${what}: dropped`
  if (verdict.allowing.length === 0) return `no NetworkPolicy selects it for ${direction}: allowed`
  return `${named(verdict.allowing)} ${what}`
}

/** Whether the Service's load balancer address is closed to the client. */
function isKeptOut(rule: PortRule, ip: string, clientIP: string): boolean {
  if (rule.sourceRanges.length === 0 || !rule.loadBalancerIPs.includes(ip)) return false
  charge(3 * rule.sourceRanges.length)
  const client = parseIp(clientIP) ?? 0
  return !rule.sourceRanges.some((range) => cidrHolds(parseCidr(range.trim()), client))
}

/** Stands in for chance where nothing may be drawn: always the first. */
const firstOf: Random = { next: () => 0, int: (min) => min, pick: (items) => items[0], jitter: (ms) => ms }
