/**
 * What kube-proxy makes of Services and EndpointSlices: rules by which a node's kernel rewrites addresses. Compiled once a
 * revision of a Service and shared among nodes. Sources: pkg/proxy/topology.go, pkg/proxy/iptables/proxier.go (facts only).
 * Simplified: TCP only; topology hints and trafficDistribution are not looked at.
 */
import type { Service, ServicePort } from '../api/core/types.ts'
import type { EndpointSlice } from '../api/discovery/types.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import { hash32 } from '../engine/random.ts'

export interface RuleEndpoint {
  readonly ip: string
  readonly port: number
  readonly node: string | undefined
}

/** One port of one Service, as a node's kernel knows it. */
export interface PortRule {
  /** `namespace/service:port`, or without the port's name when it has none. */
  readonly name: string
  readonly clusterIP: string
  readonly port: number
  readonly nodePort: number | undefined
  /** External and load balancer addresses. */
  readonly externalIPs: readonly string[]
  readonly sourceRanges: readonly string[]
  readonly loadBalancerIPs: readonly string[]
  /** How long a client keeps its endpoint; 0 without session affinity. */
  readonly affinityMs: number
  readonly isInternalLocal: boolean
  readonly isExternalLocal: boolean
  /** Endpoints that take connections, sorted by address: the ready ones, or else those that serve while they terminate. */
  readonly endpoints: readonly RuleEndpoint[]
  /** The same among the endpoints of one node. */
  localEndpoints(node: string): readonly RuleEndpoint[]
}

interface Candidate extends RuleEndpoint {
  readonly isReady: boolean
  readonly isServingTerminating: boolean
}

const usable = (candidates: readonly Candidate[]): readonly Candidate[] => {
  const ready = candidates.filter((candidate) => candidate.isReady)
  return ready.length > 0 ? ready : candidates.filter((candidate) => candidate.isServingTerminating)
}

/** The rules of one Service; none for a headless Service or an ExternalName. */
function compileService(service: Service, slices: readonly EndpointSlice[]): readonly PortRule[] {
  const { spec } = service
  if (!spec.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName') return []
  return (spec.ports ?? [])
    .filter((port) => (port.protocol ?? 'TCP') === 'TCP')
    .map((port) => compilePort(service, port, slices))
}

function compilePort(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): PortRule {
  const { spec } = service
  // In ipMode Proxy the load balancer changes addresses itself, and has to be reached to do so (KEP-1860).
  const loadBalancerIPs = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip && ipMode !== 'Proxy' ? [ip] : [],
  )
  const facts = {
    name: `${keyText(keyOf(service))}${port.name ? `:${port.name}` : ''}`,
    clusterIP: spec.clusterIP ?? '',
    port: port.port,
    nodePort: port.nodePort || undefined,
    externalIPs: [...(spec.externalIPs ?? []), ...loadBalancerIPs],
    loadBalancerIPs,
    sourceRanges: spec.loadBalancerSourceRanges ?? [],
    affinityMs:
      spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000 : 0,
    isInternalLocal: spec.internalTrafficPolicy === 'Local',
    isExternalLocal: spec.externalTrafficPolicy === 'Local',
  }
  return Object.assign(new Endpoints(port.name ?? '', slices), facts)
}

/** The endpoints of a port. Worked out when first asked for: most revisions of most rules never meet a connection. */
class Endpoints {
  readonly #portName: string
  readonly #slices: readonly EndpointSlice[]
  #found: readonly Candidate[] | undefined
  #usable: readonly RuleEndpoint[] | undefined
  #local: Map<string, readonly RuleEndpoint[]> | undefined

  constructor(portName: string, slices: readonly EndpointSlice[]) {
    this.#portName = portName
    this.#slices = slices
  }

  get endpoints(): readonly RuleEndpoint[] {
    this.#usable ??= usable(this.candidates())
    return this.#usable
  }

  localEndpoints(node: string): readonly RuleEndpoint[] {
    this.#local ??= new Map()
    let own = this.#local.get(node)
    if (!own) {
      own = usable(this.candidates().filter((candidate) => candidate.node === node))
      this.#local.set(node, own)
    }
    return own
  }

  private candidates(): readonly Candidate[] {
    this.#found ??= candidatesOf(this.#portName, this.#slices)
    return this.#found
  }
}

/** Every endpoint of the port named so, once an address, sorted. */
function candidatesOf(portName: string, slices: readonly EndpointSlice[]): readonly Candidate[] {
  const found = new Map<string, Candidate>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)
    if (port?.port === undefined) continue
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

/** The rules that one node's kernel was given, and what its kernel remembers of clients with session affinity. */
export class RuleTable {
  private readonly byService = new Map<string, readonly PortRule[]>()
  private readonly byAddress = new Map<string, PortRule>()
  private readonly byNodePort = new Map<number, PortRule>()
  /** `rule|client` -> endpoint and when it was last used. */
  private readonly affinity = new Map<string, { endpoint: string; atMs: number }>()
  /** How often the table was programmed. */
  syncs = 0

  /** The rule for a cluster, external or load balancer address. */
  forAddress(ip: string, port: number): PortRule | undefined {
    return this.byAddress.get(`${ip}:${port}`)
  }

  forNodePort(port: number): PortRule | undefined {
    return this.byNodePort.get(port)
  }

  set(service: string, rules: readonly PortRule[]): void {
    for (const rule of this.byService.get(service) ?? []) {
      for (const ip of [rule.clusterIP, ...rule.externalIPs]) {
        if (this.byAddress.get(`${ip}:${rule.port}`) === rule) this.byAddress.delete(`${ip}:${rule.port}`)
      }
      if (rule.nodePort && this.byNodePort.get(rule.nodePort) === rule) this.byNodePort.delete(rule.nodePort)
    }
    if (rules.length === 0) this.byService.delete(service)
    else this.byService.set(service, rules)
    for (const rule of rules) {
      for (const ip of [rule.clusterIP, ...rule.externalIPs]) this.byAddress.set(`${ip}:${rule.port}`, rule)
      if (rule.nodePort) this.byNodePort.set(rule.nodePort, rule)
    }
  }

  clear(): void {
    this.byService.clear()
    this.byAddress.clear()
    this.byNodePort.clear()
    this.affinity.clear()
  }

  services(): readonly string[] {
    return [...this.byService.keys()].sort()
  }

  rules(): readonly PortRule[] {
    return this.services().flatMap((service) => this.byService.get(service) ?? [])
  }

  /** The endpoint this client is bound to, if it still is one and the time has not passed. */
  stickyEndpoint(
    rule: PortRule,
    clientIP: string,
    among: readonly RuleEndpoint[],
    nowMs: number,
  ): RuleEndpoint | undefined {
    const known = this.affinity.get(`${rule.name}|${clientIP}`)
    if (!known || nowMs - known.atMs > rule.affinityMs) return undefined
    return among.find((endpoint) => `${endpoint.ip}:${endpoint.port}` === known.endpoint)
  }

  remember(rule: PortRule, clientIP: string, endpoint: RuleEndpoint, nowMs: number): void {
    this.affinity.set(`${rule.name}|${clientIP}`, { endpoint: `${endpoint.ip}:${endpoint.port}`, atMs: nowMs })
  }

  /**
   * The table as iptables-save shows it. Simplified: the letters after KUBE-SVC- are a hash of ours, chains for
   * masquerading are left out.
   */
  print(node: string): readonly string[] {
    const lines: string[] = []
    for (const rule of this.rules()) lines.push(...printRule(rule, node))
    const rank = (line: string): number => CHAINS.findIndex((chain) => line.startsWith(`-A ${chain}`))
    return lines
      .map((line, i) => ({ line, i }))
      .sort((a, b) => rank(a.line) - rank(b.line) || a.i - b.i)
      .map(({ line }) => line)
  }
}

const CHAINS = ['KUBE-NODEPORTS', 'KUBE-SERVICES', 'KUBE-EXT-', 'KUBE-SVC-', 'KUBE-SVL-', 'KUBE-SEP-']

/** Sixteen letters that stand for a name, as in the chains' names. */
function chainId(name: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  let id = ''
  for (let part = 0; part < 4; part++) {
    const hash = hash32(name, 0x811c9dc5 + part)
    for (let i = 0; i < 4; i++) id += alphabet[(hash >>> (i * 5)) & 31]
  }
  return id
}

function printRule(rule: PortRule, node: string): string[] {
  const id = chainId(rule.name)
  const lines: string[] = []
  const local = rule.isInternalLocal || rule.isExternalLocal ? rule.localEndpoints(node) : []
  const match = (ip: string, what: string): string =>
    `-A KUBE-SERVICES -d ${ip}/32 -p tcp -m comment --comment "${rule.name} ${what}" -m tcp --dport ${rule.port}`
  const none = '-j REJECT --reject-with icmp-port-unreachable'
  const way = (isLocal: boolean, chain: string): { what?: string; jump: string } => {
    if (rule.endpoints.length === 0) return { what: 'has no endpoints', jump: none }
    if (isLocal && local.length === 0) return { what: 'has no local endpoints', jump: '-j DROP' }
    return { jump: `-j ${chain}-${id}` }
  }
  const inside = way(rule.isInternalLocal, rule.isInternalLocal ? 'KUBE-SVL' : 'KUBE-SVC')
  lines.push(`${match(rule.clusterIP, inside.what ?? 'cluster IP')} ${inside.jump}`)
  const outside = way(rule.isExternalLocal, 'KUBE-EXT')
  for (const ip of rule.externalIPs) {
    const what = rule.loadBalancerIPs.includes(ip) ? 'loadbalancer IP' : 'external IP'
    lines.push(`${match(ip, outside.what ?? what)} ${outside.jump}`)
  }
  if (rule.nodePort) {
    const comment = outside.what ? `"${rule.name} ${outside.what}"` : rule.name
    lines.push(
      `-A KUBE-NODEPORTS -p tcp -m comment --comment ${comment} -m tcp --dport ${rule.nodePort} ${outside.jump}`,
    )
  }
  if (rule.endpoints.length === 0) return lines
  if (rule.nodePort || rule.externalIPs.length > 0) {
    const chain = rule.isExternalLocal ? 'KUBE-SVL' : 'KUBE-SVC'
    lines.push(
      `-A KUBE-EXT-${id} -m comment --comment "route traffic for ${rule.name} external destinations" -j ${chain}-${id}`,
    )
  }
  lines.push(...printChoice(`KUBE-SVC-${id}`, rule, rule.endpoints))
  if (local.length > 0) lines.push(...printChoice(`KUBE-SVL-${id}`, rule, local))
  for (const endpoint of rule.endpoints) {
    lines.push(
      `-A ${sepChain(rule, endpoint)} -p tcp -m comment --comment ${rule.name} -m tcp -j DNAT --to-destination ${endpoint.ip}:${endpoint.port}`,
    )
  }
  return lines
}

const sepChain = (rule: PortRule, endpoint: RuleEndpoint): string =>
  `KUBE-SEP-${chainId(`${rule.name}|${endpoint.ip}:${endpoint.port}`)}`

/** One of n: the first is taken with probability 1/n, the next with 1/(n-1) of what is left, … */
function printChoice(chain: string, rule: PortRule, endpoints: readonly RuleEndpoint[]): string[] {
  const lines: string[] = []
  if (rule.affinityMs > 0) {
    for (const endpoint of endpoints) {
      const sep = sepChain(rule, endpoint)
      lines.push(
        `-A ${chain} -m comment --comment "${rule.name} -> ${endpoint.ip}:${endpoint.port}" -m recent --rcheck --seconds ${rule.affinityMs / 1000} --reap --name ${sep} --rsource -j ${sep}`,
      )
    }
  }
  endpoints.forEach((endpoint, i) => {
    const left = endpoints.length - i
    const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}` : ''
    lines.push(
      `-A ${chain} -m comment --comment "${rule.name} -> ${endpoint.ip}:${endpoint.port}"${chance} -j ${sepChain(rule, endpoint)}`,
    )
  })
  return lines
}
