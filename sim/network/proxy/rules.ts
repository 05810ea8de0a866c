/**
 * What kube-proxy makes of Services and EndpointSlices: rules by which a node's kernel rewrites addresses. Compiled once a
 * revision of a Service and shared among nodes. Sources: pkg/proxy/{servicechangetracker,serviceport,topology}.go
 */
import type { Service, ServicePort } from '../../api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../api/discovery/types.ts'
import { keyOf, keyText } from '../../api/meta/object.ts'
import { charge } from '../../engine/work.ts'

export type Protocol = 'TCP' | 'UDP' | 'SCTP'

export interface RuleEndpoint {
  readonly ip: string
  readonly port: number
  readonly node: string | undefined
}

/** Where a proxy is: what endpoints with hints are chosen by. */
export interface Place {
  readonly node: string
  readonly zone: string | undefined
}

/** Why a node's choice is not all of the endpoints. */
export type Topology = 'PreferSameNode' | 'PreferSameZone' | undefined

/** One port of one Service, as a node's kernel knows it. */
export interface PortRule {
  /** `namespace/service:port`, or without the port's name when it has none. */
  readonly name: string
  readonly protocol: Protocol
  readonly clusterIP: string
  readonly port: number
  readonly nodePort: number | undefined
  /** Addresses of its load balancers, and others that lead to it from outside. */
  readonly loadBalancerIPs: readonly string[]
  readonly externalIPs: readonly string[]
  readonly sourceRanges: readonly string[]
  /** How long a client keeps its endpoint; 0 without session affinity. */
  readonly affinityMs: number
  readonly isInternalLocal: boolean
  readonly isExternalLocal: boolean
  /** Asked by load balancers whether the node has endpoints; undefined when they do not ask. */
  readonly healthCheckNodePort: number | undefined
  /** Endpoints that take connections, sorted by address: the ready ones, or else those that serve while they terminate. */
  readonly endpoints: readonly RuleEndpoint[]
  /** Those that clients at that place are sent to: all of them, or those with a hint for its node or its zone. */
  clusterEndpoints(place: Place): readonly RuleEndpoint[]
  topologyAt(place: Place): Topology
  /** The same among the endpoints of one node. */
  localEndpoints(node: string): readonly RuleEndpoint[]
}

interface Candidate extends RuleEndpoint {
  readonly isReady: boolean
  readonly isServingTerminating: boolean
  readonly hints: Endpoint['hints']
}

const usable = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const ready = candidates.filter((candidate) => candidate.isReady)
  return ready.length > 0 ? ready : candidates.filter((candidate) => candidate.isServingTerminating)
}

/** The rules of one Service; none for a headless Service or an ExternalName. */
function compileService(service: Service, slices: readonly EndpointSlice[]): readonly PortRule[] {
  const { spec } = service
  if (!spec.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') return []
  const ports = spec.ports ?? []
  const ingress = service.status?.loadBalancer?.ingress ?? []
  charge(stepsOfRule * ports.length + ingress.length)
  // In ipMode Proxy the load balancer changes addresses itself, and has to be reached to do so (KEP-1860).
  const loadBalancerIPs = ingress.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))
  return ports.map((port) => compilePort(service, port, loadBalancerIPs, slices))
}

/** Of computing: a rule, without its endpoints, and each of those. */
const stepsOfRule = 10
const stepsOfEndpoint = 5

function compilePort(
  service: Service,
  port: ServicePort,
  loadBalancerIPs: readonly string[],
  slices: readonly EndpointSlice[],
): PortRule {
  const { spec } = service
  const facts = {
    name: `${keyText(keyOf(service))}${port.name ? `:${port.name}` : ''}`,
    protocol: port.protocol ?? 'TCP',
    clusterIP: spec.clusterIP ?? '',
    port: port.port,
    nodePort: port.nodePort || undefined,
    loadBalancerIPs,
    externalIPs: spec.externalIPs ?? [],
    sourceRanges: spec.loadBalancerSourceRanges ?? [],
    affinityMs:
      spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000 : 0,
    isInternalLocal: spec.internalTrafficPolicy === 'Local',
    isExternalLocal: spec.externalTrafficPolicy === 'Local',
    healthCheckNodePort: spec.healthCheckNodePort || undefined,
  }
  return Object.assign(new Endpoints(port, slices), facts)
}

/** Every address that the rule is for, but for node ports. */
export const addressesOf = ({ clusterIP, externalIPs, loadBalancerIPs }: PortRule): readonly string[] => [
  clusterIP,
  ...externalIPs,
  ...loadBalancerIPs,
]

/** Whether it can be reached from outside. */
export const isExternal = ({ nodePort, externalIPs, loadBalancerIPs }: PortRule): boolean =>
  nodePort !== undefined || externalIPs.length > 0 || loadBalancerIPs.length > 0

/** The endpoints of a port. Worked out when first asked for: most revisions of most rules never meet a connection. */
class Endpoints {
  readonly #port: ServicePort
  readonly #slices: readonly EndpointSlice[]
  #found: readonly Candidate[] | undefined
  #usable: readonly RuleEndpoint[] | undefined
  #hasHints: boolean | undefined
  #local: Map<string, readonly RuleEndpoint[]> | undefined
  #near: Map<string, { topology: Topology; endpoints: readonly RuleEndpoint[] }> | undefined

  constructor(port: ServicePort, slices: readonly EndpointSlice[]) {
    this.#port = port
    this.#slices = slices
  }

  get endpoints(): readonly RuleEndpoint[] {
    this.#usable ??= usable(this.candidates())
    return this.#usable
  }

  clusterEndpoints(place: Place): readonly RuleEndpoint[] {
    return this.near(place).endpoints
  }

  topologyAt(place: Place): Topology {
    return this.near(place).topology
  }

  private near(place: Place): { topology: Topology; endpoints: readonly RuleEndpoint[] } {
    this.#hasHints ??= this.candidates().some(({ hints }) => hints)
    if (!this.#hasHints) return { topology: undefined, endpoints: this.endpoints }
    this.#near ??= new Map()
    const key = `${place.node}|${place.zone ?? ''}`
    let own = this.#near.get(key)
    if (!own) {
      charge(this.candidates().length)
      const ready = this.candidates().filter((candidate) => candidate.isReady)
      const topology = topologyOf(ready, place)
      own = { topology, endpoints: topology ? ready.filter(isFor(topology, place)) : this.endpoints }
      this.#near.set(key, own)
    }
    return own
  }

  localEndpoints(node: string): readonly RuleEndpoint[] {
    this.#local ??= new Map()
    let own = this.#local.get(node)
    if (!own) {
      charge(this.candidates().length / 4)
      own = usable(this.candidates().filter((candidate) => candidate.node === node))
      this.#local.set(node, own)
    }
    return own
  }

  private candidates(): readonly Candidate[] {
    this.#found ??= candidatesOf(this.#port, this.#slices)
    return this.#found
  }
}

const isFor = (topology: 'PreferSameNode' | 'PreferSameZone', { node, zone }: Place) =>
  topology === 'PreferSameNode'
    ? ({ hints }: Candidate) => hints?.forNodes?.some(({ name }) => name === node) ?? false
    : ({ hints }: Candidate) => hints?.forZones?.some(({ name }) => name === zone) ?? false

/**
 * Hints count only when every ready endpoint has one, and at least one is for this place: first by node, then by zone.
 * Source: topologyModeFromHints in pkg/proxy/topology.go
 */
function topologyOf(ready: readonly Candidate[], place: Place): Topology {
  if (ready.length === 0) return undefined
  const holds = (topology: 'PreferSameNode' | 'PreferSameZone', list: 'forNodes' | 'forZones'): boolean =>
    ready.every(({ hints }) => hints?.[list]?.length) && ready.some(isFor(topology, place))
  if (holds('PreferSameNode', 'forNodes')) return 'PreferSameNode'
  return holds('PreferSameZone', 'forZones') ? 'PreferSameZone' : undefined
}

/** Every endpoint of the port, once an address, sorted. */
function candidatesOf(
  { name = '', protocol = 'TCP' }: ServicePort,
  slices: readonly EndpointSlice[],
): readonly Candidate[] {
  const found = new Map<string, Candidate>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    charge(1 + (slice.ports?.length ?? 0) / 8)
    const port = slice.ports?.find((one) => (one.name ?? '') === name && (one.protocol ?? 'TCP') === protocol)
    if (port?.port === undefined) continue
    charge(stepsOfEndpoint * (slice.endpoints?.length ?? 0))
    for (const endpoint of slice.endpoints ?? []) {
      const { ready = true, terminating = false } = endpoint.conditions ?? {}
      const serving = endpoint.conditions?.serving ?? ready
      const ip = endpoint.addresses[0]
      found.set(`${ip}:${port.port}`, {
        ip,
        port: port.port,
        node: endpoint.nodeName,
        isReady: ready,
        isServingTerminating: serving && terminating,
        hints: endpoint.hints,
      })
    }
  }
  return [...found.values()].sort((a, b) => (a.ip !== b.ip ? (a.ip < b.ip ? -1 : 1) : a.port - b.port))
}

/** Compiles each revision of a Service once, however many nodes ask for it. */
export interface RuleCompiler {
  rulesOf(key: string, service: Service, slices: readonly EndpointSlice[]): readonly PortRule[]
}

export function createRuleCompiler(): RuleCompiler {
  const last = new Map<string, { service: Service; slices: readonly EndpointSlice[]; rules: readonly PortRule[] }>()
  return {
    rulesOf(key, service, slices) {
      const known = last.get(key)
      if (
        known &&
        known.service === service &&
        known.slices.length === slices.length &&
        known.slices.every((slice, i) => slice === slices[i])
      ) {
        return known.rules
      }
      const rules = compileService(service, slices)
      last.set(key, { service, slices, rules })
      return rules
    },
  }
}
