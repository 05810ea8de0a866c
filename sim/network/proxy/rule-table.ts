/**
 * The rules that one node's kernel was given, how it balances by them, and what it remembers of clients and connections.
 * Sources: pkg/proxy/{iptables,ipvs,nftables}/proxier.go
 */
import type { Random } from '../../engine/random.ts'
import { charge } from '../../engine/work.ts'
import type { ProxyShape } from '../../scenario/types.ts'
import { addressesOf, type Place, type PortRule, type Protocol, type RuleEndpoint } from './rules.ts'
import { type RealServer, scheduleConnection, updateServers, type VirtualServer } from './schedulers.ts'

/** How long IPVS remembers a connection that is over: TIME_WAIT of TCP, and the silence of UDP. */
const OVER_MS: Readonly<Record<Protocol, number>> = { TCP: 120_000, UDP: 300_000, SCTP: 120_000 }

/** The address and port that a client asked for. */
export interface Asked {
  ip: string
  port: number
}

/** The moment of a choice. */
export interface Chance {
  nowMs: number
  random: Random
  /** False for a look that must leave no trace. */
  isReal: boolean
}

export interface Choice {
  endpoint: RuleEndpoint
  isSticky: boolean
  /** To be called when the connection is over, with the time. */
  release?: (nowMs: number) => void
}

export class RuleTable {
  readonly proxy: ProxyShape
  readonly node: string
  readonly nodeIP: string
  /** Of its Node object, when kube-proxy has looked. */
  zone: string | undefined
  private readonly byService = new Map<string, readonly PortRule[]>()
  private readonly byAddress = new Map<string, PortRule>()
  private readonly byNodePort = new Map<string, PortRule>()
  /** How many rules are for an address, whatever the port. */
  private readonly addressUse = new Map<string, number>()
  /** `rule|client` -> endpoint and when it was last used. */
  private readonly affinity = new Map<string, { endpoint: string; atMs: number }>()
  private readonly virtualServers = new Map<string, VirtualServer>()
  /** How often the table was programmed. */
  syncs = 0

  constructor(node: string, nodeIP: string, proxy: ProxyShape) {
    this.node = node
    this.nodeIP = nodeIP
    this.proxy = proxy
  }

  get place(): Place {
    return this
  }

  /** The rule for a cluster, external or load balancer address. */
  forAddress(ip: string, port: number, protocol: Protocol): PortRule | undefined {
    return this.byAddress.get(`${ip}:${port}/${protocol}`)
  }

  forNodePort(port: number, protocol: Protocol): PortRule | undefined {
    return this.byNodePort.get(`${port}/${protocol}`)
  }

  /**
   * Whether the node refuses connections to the address at ports that no rule is for: nftables does for cluster IPs, IPVS for
   * every address that it serves. With iptables they leave the node as any others.
   */
  refuses(ip: string): boolean {
    if (this.proxy.mode === 'iptables' || !this.addressUse.has(ip)) return false
    return this.proxy.mode === 'ipvs' || this.rules().some(({ clusterIP }) => clusterIP === ip)
  }

  set(service: string, rules: readonly PortRule[]): void {
    for (const rule of this.byService.get(service) ?? []) {
      const { port, protocol } = rule
      charge(stepsOfAddress * (2 + rule.externalIPs.length + rule.loadBalancerIPs.length))
      for (const ip of addressesOf(rule)) {
        const key = `${ip}:${port}/${protocol}`
        if (this.byAddress.get(key) === rule) this.byAddress.delete(key)
        const left = (this.addressUse.get(ip) ?? 1) - 1
        if (left === 0) this.addressUse.delete(ip)
        else this.addressUse.set(ip, left)
      }
      const key = `${rule.nodePort}/${protocol}`
      if (this.byNodePort.get(key) === rule) this.byNodePort.delete(key)
    }
    if (rules.length === 0) this.byService.delete(service)
    else this.byService.set(service, rules)
    for (const rule of rules) {
      charge(stepsOfAddress * (2 + rule.externalIPs.length + rule.loadBalancerIPs.length))
      for (const ip of addressesOf(rule)) {
        this.byAddress.set(`${ip}:${rule.port}/${rule.protocol}`, rule)
        this.addressUse.set(ip, (this.addressUse.get(ip) ?? 0) + 1)
      }
      if (rule.nodePort) this.byNodePort.set(`${rule.nodePort}/${rule.protocol}`, rule)
    }
  }

  /** Takes all rules away. */
  flush(): void {
    for (const service of this.services()) this.set(service, [])
  }

  services(): readonly string[] {
    return [...this.byService.keys()].sort()
  }

  rules(): readonly PortRule[] {
    charge(2 * this.byService.size)
    return this.services().flatMap((service) => {
      const rules = this.byService.get(service) ?? []
      charge(rules.length / 4)
      return rules
    })
  }

  /** The endpoint that a new connection is sent to. */
  choose(rule: PortRule, asked: Asked, clientIP: string, among: readonly RuleEndpoint[], chance: Chance): Choice {
    const { nowMs, random, isReal } = chance
    const sticky = rule.affinityMs > 0 ? this.stickyEndpoint(rule, clientIP, among, nowMs) : undefined
    const choice =
      this.proxy.mode === 'ipvs'
        ? this.schedule(rule, asked, clientIP, among, sticky, chance)
        : { endpoint: sticky ?? (among.length === 1 ? among[0] : random.pick(among)), isSticky: sticky !== undefined }
    if (rule.affinityMs > 0 && isReal) this.remember(rule, clientIP, choice.endpoint, nowMs)
    return choice
  }

  private schedule(
    rule: PortRule,
    asked: Asked,
    clientIP: string,
    among: readonly RuleEndpoint[],
    sticky: RuleEndpoint | undefined,
    { nowMs, isReal }: Chance,
  ): Choice {
    const virtual = this.virtualServer(rule, asked, among, nowMs)
    const { scheduler = 'rr' } = this.proxy
    const server = sticky
      ? serverOf(virtual, sticky)!
      : scheduleConnection(scheduler, virtual, { clientIP, ip: asked.ip })
    const choice = { endpoint: server.endpoint, isSticky: sticky !== undefined }
    if (!isReal) return choice
    if (!sticky) virtual.last = server
    server.active++
    const release = (endMs: number): void => {
      server.active--
      server.over.push(endMs + OVER_MS[rule.protocol])
    }
    return { ...choice, release }
  }

  /** As it is now, with servers as the rule has them. */
  private virtualServer(
    rule: PortRule,
    { ip, port }: Asked,
    among: readonly RuleEndpoint[],
    nowMs: number,
  ): VirtualServer {
    const key = `${ip}:${port}/${rule.protocol}`
    let virtual = this.virtualServers.get(key)
    if (!virtual) {
      virtual = { servers: [], last: undefined }
      this.virtualServers.set(key, virtual)
    }
    charge(stepsOfServer * (among.length + virtual.servers.length))
    updateServers(virtual, among)
    for (const server of virtual.servers) forget(server, nowMs)
    return virtual
  }

  /** What IPVS counts of an endpoint's connections by that address; all 0 where nobody has connected. */
  connections(
    rule: PortRule,
    asked: Asked,
    endpoint: RuleEndpoint,
    nowMs: number,
  ): { active: number; inactive: number } {
    const virtual = this.virtualServers.get(`${asked.ip}:${asked.port}/${rule.protocol}`)
    charge((virtual?.servers.length ?? 0) / 8)
    const server = virtual && serverOf(virtual, endpoint)
    if (!server) return { active: 0, inactive: 0 }
    return { active: server.active, inactive: server.over.filter((untilMs) => untilMs > nowMs).length }
  }

  /** The endpoint this client is bound to, if it still is one and the time has not passed. */
  private stickyEndpoint(
    rule: PortRule,
    clientIP: string,
    among: readonly RuleEndpoint[],
    nowMs: number,
  ): RuleEndpoint | undefined {
    const known = this.affinity.get(`${rule.name}/${rule.protocol}|${clientIP}`)
    if (!known || nowMs - known.atMs > rule.affinityMs) return undefined
    charge(among.length)
    return among.find((endpoint) => `${endpoint.ip}:${endpoint.port}` === known.endpoint)
  }

  private remember(rule: PortRule, clientIP: string, endpoint: RuleEndpoint, nowMs: number): void {
    const known = { endpoint: `${endpoint.ip}:${endpoint.port}`, atMs: nowMs }
    this.affinity.set(`${rule.name}/${rule.protocol}|${clientIP}`, known)
  }
}

/** Of computing: to note an address of a rule, and a server of one that is balanced. */
const stepsOfAddress = 10
const stepsOfServer = 4

const serverOf = ({ servers }: VirtualServer, { ip, port }: RuleEndpoint): RealServer | undefined =>
  servers.find(({ endpoint }) => endpoint.ip === ip && endpoint.port === port)

const forget = (server: RealServer, nowMs: number): void => {
  if (server.over.length > 0) server.over = server.over.filter((untilMs) => untilMs > nowMs)
}
