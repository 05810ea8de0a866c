/**
 * The simulated network: nodes, Pods on them, and the world outside. Requests, not packets: where a request goes is decided
 * when it is sent, from the rules that the kernels on its way hold at that moment.
 */
import type { Engine } from '../engine/engine.ts'
import { hash32, type Random } from '../engine/random.ts'
import { cidrHolds, parseCidr, parseIp } from './address.ts'
import { createIpam, type Ipam } from './ipam.ts'
import { type Lookup, Namespace, type Route, type World } from './namespace.ts'
import type { PolicyEnforcer, PolicyPeer } from './policy.ts'
import { createRuleCompiler, type PortRule, type RuleCompiler, type RuleEndpoint, RuleTable } from './proxy-rules.ts'
import type { Hop, NetworkNamespace, Target } from './types.ts'

/** The address that the world outside sends from. */
const OUTSIDE_IP = '203.0.113.10'

interface NodeOptions {
  name: string
  ip: string
  podCIDR: string
}

interface SandboxOptions {
  node: string
  podUid: string
  namespace: string
  name: string
  hostNetwork?: boolean
  /** The Pod's name unless told: `spec.hostname`. */
  hostname?: string
  /** `ClusterFirst` unless told. */
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None'
  /** Of dnsConfig: tried after the cluster's own. */
  searches?: readonly string[]
  hostAliases?: readonly { ip: string; hostnames?: readonly string[] }[]
  /** Ports of the node that lead to the Pod, as the CNI plugin portmap makes them. */
  hostPorts?: readonly { hostPort: number; containerPort: number }[]
}

/** Answers names; `undefined` when it knows nothing of the name. */
export interface NameServer {
  readonly ip: string
  readonly clusterDomain: string
  /** @param name fully qualified, without the last dot */
  answer(name: string): readonly string[] | undefined
}

/** An address that a load balancer outside leads to a Pod. */
export interface Publication {
  ip: string
  namespace: NetworkNamespace
  /** Whether a name has a DNS record for it. */
  answers(name: string): boolean
}

/** A port that a load balancer takes connections at and passes them on to, unchanged. */
export interface BalancedPort {
  protocol: 'TCP' | 'UDP' | 'SCTP'
  port: number
}

/** A load balancer outside of the cluster: an address whose packets reach one of the nodes as they came. */
export interface LoadBalancer {
  ip: string
  /** `namespace/name` */
  service: string
  ports(): readonly BalancedPort[]
  /** Whether a client is sent to the same node each time. */
  isSticky(): boolean
  /** Nodes that may be sent to, as of now. */
  targets(): readonly string[]
}

/** A namespace whose requests are background work. */
type QuietNamespace = Pick<NetworkNamespace, 'ip' | 'hostname' | 'http' | 'tcp' | 'grpcHealth'>

interface Walk {
  hops: readonly Hop[]
  /** `reached`, or why the walk ended: `refused`, `timeout`, `no-route`, `unknown-host`. */
  outcome: string
}

export interface Network {
  readonly outside: NetworkNamespace
  addNode(node: NodeOptions): NetworkNamespace
  /** @throws Error when there is no such node */
  node(name: string): NetworkNamespace
  nodeNames(): readonly string[]
  /** The node's namespace for probes: what is sent through it is background work. */
  prober(node: string): QuietNamespace
  /** The same for the outside, and for a Pod that has a sandbox. */
  readonly outsideQuietly: QuietNamespace
  sandboxQuietly(pod: { namespace: string; name: string }): QuietNamespace | undefined
  /** Power: what is sent to, from or by way of a node that is off is lost. */
  setNodeUp(node: string, isUp: boolean): void
  /** A Pod's sandbox, with an address of its node's range; of the node itself for a host network Pod. */
  addSandbox(options: SandboxOptions): { ip: string; network: NetworkNamespace } | { error: string }
  /** Gives the address back; unknown Pods are ignored. */
  removeSandbox(podUid: string): void
  /** The namespace of a Pod that has one. */
  sandbox(pod: { namespace: string; name: string }): NetworkNamespace | undefined
  /** What the kernel of that node was told by its kube-proxy. */
  rules(node: string): RuleTable
  /** Compiles Services for every node's kube-proxy. */
  readonly compiler: RuleCompiler
  setNameServer(server: NameServer | undefined): void
  /** Makes a Pod reachable from outside at an address of its own. */
  publish(publication: Publication): void
  addLoadBalancer(balancer: LoadBalancer): void
  removeLoadBalancer(ip: string): void
  /** Who knows the NetworkPolicies; without it there are none. */
  setPolicies(policies: PolicyEnforcer | undefined): void
  /** Follows a connection hop by hop without making it: nothing is drawn, remembered or spent. */
  walk(from: NetworkNamespace, target: Target): Walk
}

interface NodeEntry {
  name: string
  ip: string
  ipam: Ipam
  podCIDR: ReturnType<typeof parseCidr>
  host: Namespace
  rules: RuleTable
  isUp: boolean
  hostPorts: Map<number, { sandbox: Namespace; port: number }>
}

/** One way, in milliseconds, before jitter. */
const SAME_HOST_MS = 0.05
const SAME_NODE_MS = 0.1
const ACROSS_MS = 0.25
const OUTSIDE_MS = 0.5
const DNS_MS = 0.6
const ARP_FAILURE_MS = 3000
/** A resolver asks twice, and waits five seconds each time. */
const DNS_TIMEOUT_MS = 10_000
/** Stands for a Pod of CoreDNS, which this cluster does not run as one. */
const DNS_POD: PolicyPeer = { ip: '10.244.0.2', pod: { namespace: 'kube-system', name: 'coredns' } }

export function createNetwork(engine: Engine): Network {
  const nodes = new Map<string, NodeEntry>()
  const nodeByIp = new Map<string, NodeEntry>()
  const podByIp = new Map<string, Namespace>()
  const podByUid = new Map<string, Namespace>()
  const podByKey = new Map<string, Namespace>()
  const compiler = createRuleCompiler()
  let nameServer: NameServer | undefined
  let policies: PolicyEnforcer | undefined
  const published = new Map<string, Publication>()
  const balancers = new Map<string, LoadBalancer>()

  const world: World = {
    engine,
    lookup,
    route: (from, ip, port) => route(from, ip, port, { random: engine.random('network'), isReal: true }),
    isUp: (namespace) => namespace.owner.kind === 'outside' || (nodes.get(namespace.owner.node)?.isUp ?? false),
  }
  const outside = new Namespace(world, { kind: 'outside' }, '', 'outside')

  function lookup(from: Namespace, host: string): Lookup {
    if (parseIp(host) !== undefined) return { addresses: [host], server: '', delayMs: 0 }
    const name = host.endsWith('.') ? host.slice(0, -1) : host
    const known = from.hosts.get(name)
    if (known) return { addresses: [known], server: '/etc/hosts', delayMs: 0 }
    if (nameServer && from.searches) {
      const { ip } = nameServer
      if (keptFromDns(from)) return { addresses: [], server: ip, delayMs: DNS_TIMEOUT_MS }
      for (const candidate of candidates(name, host.endsWith('.'), from.searches)) {
        const addresses = nameServer.answer(candidate)
        if (!addresses) continue
        const alias = addresses.find((address) => parseIp(address) === undefined)
        return { addresses: followNames(addresses), server: ip, delayMs: DNS_MS, answer: { name: candidate, alias } }
      }
      return { addresses: nodeAddress(name), server: ip, delayMs: DNS_MS }
    }
    return { addresses: nodeAddress(name), server: '', delayMs: DNS_MS }
  }

  /** Whether policies drop what the Pod sends to the cluster's DNS. */
  const keptFromDns = (from: Namespace): boolean => {
    const sender = peerOf(from, from.ip)
    return !!sender.pod && !!policies?.keptFromSending(sender, DNS_POD, { protocol: 'UDP', port: 53 })
  }

  /** Host network Pods count as their node. */
  const peerOf = (namespace: Namespace | undefined, ip: string): PolicyPeer => {
    const owner = namespace?.owner
    return owner?.kind === 'pod' && podByIp.get(ip) === namespace
      ? { ip, pod: { namespace: owner.namespace, name: owner.name } }
      : { ip }
  }

  /** Drops the connection when policies of either end say so; kubelets always reach the Pods of their node. */
  function dropped(
    from: Namespace,
    to: Namespace | undefined,
    ip: string,
    port: number,
    clientIP: string,
    hops: Hop[],
  ): boolean {
    if (!policies || from === to) return false
    const asked = { protocol: 'TCP', port } as const
    const sender = peerOf(from, from.ip)
    const receiver = peerOf(to, ip)
    const unsent = sender.pod && policies.keptFromSending(sender, receiver, asked)
    if (unsent) {
      hops.push({ at: from.label, did: `${named(unsent)} no egress to ${to?.label ?? ip} on port ${port}: dropped` })
      return true
    }
    if (!to || !receiver.pod) return false
    const isOwnNode =
      to.owner.kind === 'pod' && from.owner.kind !== 'outside' && !sender.pod && from.owner.node === to.owner.node
    if (isOwnNode) return false
    const unreached = policies.keptFromReaching(receiver, peerOf(podByIp.get(clientIP), clientIP), asked)
    if (!unreached) return false
    const who = podByIp.has(clientIP) ? from.label : clientIP
    hops.push({ at: to.label, did: `${named(unreached)} no ingress from ${who} on port ${port}: dropped` })
    return true
  }

  const nodeAddress = (name: string): readonly string[] => {
    const ip = nodes.get(name)?.ip
    if (ip) return [ip]
    return [...published.values()].filter(({ answers }) => answers(name)).map((publication) => publication.ip)
  }

  /** An ExternalName Service answers with another name. */
  function followNames(addresses: readonly string[]): readonly string[] {
    return addresses.flatMap((address) => {
      if (parseIp(address) !== undefined) return [address]
      return nameServer?.answer(address)?.filter((next) => parseIp(next) !== undefined) ?? nodeAddress(address)
    })
  }

  interface RouteMode {
    random: Random
    /** False for a walk that must leave no trace. */
    isReal: boolean
  }

  function route(from: Namespace, ip: string, port: number, mode: RouteMode): Route {
    const hops: Hop[] = [{ at: from.label, did: `connects to ${ip}:${port}` }]
    if (from.isRemoved) return { hops, failure: { error: 'no-route' }, afterMs: 0 }
    if (ip.startsWith('127.')) return reach(from, from, ip, port, ip, hops, mode)
    if (from.owner.kind === 'outside') return enter(from, ip, port, hops, mode)
    const node = nodes.get(from.owner.node)
    if (!node) return { hops, failure: { error: 'no-route' }, afterMs: 0 }
    const isNodePort = nodeByIp.get(ip) === node
    const rule = node.rules.forAddress(ip, port) ?? (isNodePort ? node.rules.forNodePort(port) : undefined)
    // Traffic that starts inside is not held to externalTrafficPolicy on its own node.
    if (rule) {
      if (isKeptOut(rule, ip, from.ip)) return keepOut(node, rule, from.ip, hops)
      const isLocal = ip === rule.clusterIP && rule.isInternalLocal
      return translate(from, node, rule, isLocal, from.ip, port, hops, mode)
    }
    if (isNodePort)
      return hostPort(from, node, ip, port, hops, mode) ?? reach(from, node.host, ip, port, ip, hops, mode)
    const other = nodeByIp.get(ip)
    // The address of the sender's node stands for the Pod's on the way to other machines.
    if (other) return arriveAtNode(from, other, ip, port, node.ip, hops, mode)
    return deliver(from, node, ip, port, from.ip, hops, mode)
  }

  function publishedAt(ip: string): Namespace | undefined {
    const namespace = published.get(ip)?.namespace
    return namespace instanceof Namespace ? namespace : undefined
  }

  /** From outside only the nodes' own addresses and those that Services publish can be reached. */
  function enter(from: Namespace, ip: string, port: number, hops: Hop[], mode: RouteMode): Route {
    const node = nodeByIp.get(ip)
    if (node) return arriveAtNode(from, node, ip, port, OUTSIDE_IP, hops, mode)
    const target = publishedAt(ip)
    if (target) {
      hops.push({ at: 'load balancer', did: `sends it to ${target.label}` })
      return reach(from, target, target.ip, port, OUTSIDE_IP, hops, mode)
    }
    const balancer = balancers.get(ip)
    if (balancer) return balance(from, balancer, port, OUTSIDE_IP, hops, mode)
    const ready = [...nodes.values()].filter((candidate) => candidate.isUp)
    const balanced = ready.filter((candidate) => {
      const rule = candidate.rules.forAddress(ip, port)
      if (!rule?.externalIPs.includes(ip)) return false
      return !rule.isExternalLocal || rule.localEndpoints(candidate.name).length > 0
    })
    if (balanced.length === 0) {
      hops.push({
        at: 'outside the cluster',
        did: `${ip} is not an address that can be reached from outside: no answer`,
      })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    const chosen = mode.random.pick(balanced)
    hops.push({ at: 'load balancer', did: `sends it to ${chosen.name}` })
    return arriveAtNode(from, chosen, ip, port, OUTSIDE_IP, hops, mode)
  }

  /** A load balancer of the cloud picks a node by its health checks, not by what it could know of the rules there. */
  function balance(
    from: Namespace,
    balancer: LoadBalancer,
    port: number,
    clientIP: string,
    hops: Hop[],
    mode: RouteMode,
  ): Route {
    const at = `load balancer ${balancer.ip}`
    const drop = (did: string): Route => {
      hops.push({ at, did })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    if (!balancer.ports().some((one) => one.protocol === 'TCP' && one.port === port))
      return drop(`Service ${balancer.service} has no port ${port}: dropped`)
    const targets = balancer.targets()
    if (targets.length === 0) return drop(`no node passes the health check of Service ${balancer.service}: dropped`)
    const name = balancer.isSticky() ? targets[hash32(clientIP) % targets.length] : mode.random.pick(targets)
    hops.push({ at, did: `sends it to ${name}` })
    return arriveAtNode(from, entry(name), balancer.ip, port, clientIP, hops, mode)
  }

  function arriveAtNode(
    from: Namespace,
    node: NodeEntry,
    ip: string,
    port: number,
    clientIP: string,
    hops: Hop[],
    mode: RouteMode,
  ): Route {
    if (!node.isUp) {
      hops.push({ at: `node ${node.name}`, did: 'is off: no answer' })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    const rule = ip === node.ip ? node.rules.forNodePort(port) : node.rules.forAddress(ip, port)
    if (rule && isKeptOut(rule, ip, clientIP)) return keepOut(node, rule, clientIP, hops)
    if (rule) return translate(from, node, rule, rule.isExternalLocal, clientIP, port, hops, mode)
    return hostPort(from, node, clientIP, port, hops, mode) ?? reach(from, node.host, ip, port, clientIP, hops, mode)
  }

  function keepOut(node: NodeEntry, rule: PortRule, clientIP: string, hops: Hop[]): Route {
    const did = `loadBalancerSourceRanges of Service ${rule.name} do not hold ${clientIP}: dropped`
    hops.push({ at: `rules of kube-proxy on ${node.name}`, did })
    return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
  }

  function hostPort(
    from: Namespace,
    node: NodeEntry,
    clientIP: string,
    port: number,
    hops: Hop[],
    mode: RouteMode,
  ): Route | undefined {
    const mapped = node.hostPorts.get(port)
    if (!mapped) return undefined
    hops.push({ at: `node ${node.name}`, did: `host port ${port} leads to ${mapped.sandbox.ip}:${mapped.port}` })
    return reach(from, mapped.sandbox, mapped.sandbox.ip, mapped.port, clientIP, hops, mode)
  }

  /** What the node's rules make of an address of a Service: one of its endpoints, a refusal, or nothing. */
  function translate(
    from: Namespace,
    node: NodeEntry,
    rule: PortRule,
    isLocal: boolean,
    clientIP: string,
    port: number,
    hops: Hop[],
    mode: RouteMode,
  ): Route {
    const at = `rules of kube-proxy on ${node.name}`
    const asked = port === rule.port ? '' : ` by its node port ${port}`
    if (rule.endpoints.length === 0) {
      hops.push({ at, did: `Service ${rule.name}${asked} has no endpoints: rejected, connection refused` })
      return { hops, failure: { error: 'refused' }, afterMs: SAME_HOST_MS }
    }
    const among = isLocal ? rule.localEndpoints(node.name) : rule.endpoints
    if (among.length === 0) {
      hops.push({
        at,
        did: `Service ${rule.name}${asked} has no endpoint on this node and its traffic policy is Local: dropped`,
      })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    const endpoint = chooseEndpoint(node, rule, clientIP, among, mode)
    const count = among.length === 1 ? 'its only endpoint' : `one of its ${among.length} endpoints`
    hops.push({ at, did: `Service ${rule.name}${asked} leads to ${count}: ${endpoint.ip}:${endpoint.port}` })
    const isMasqueraded = (from.owner.kind !== 'pod' && !isLocal) || endpoint.ip === from.ip
    return deliver(
      from,
      node,
      endpoint.ip,
      endpoint.port,
      isMasqueraded ? gatewayTo(node, endpoint.ip) : clientIP,
      hops,
      mode,
    )
  }

  function chooseEndpoint(
    node: NodeEntry,
    rule: PortRule,
    clientIP: string,
    among: readonly RuleEndpoint[],
    mode: RouteMode,
  ): RuleEndpoint {
    const sticky = rule.affinityMs > 0 ? node.rules.stickyEndpoint(rule, clientIP, among, engine.nowMs) : undefined
    const endpoint = sticky ?? (among.length === 1 ? among[0] : mode.random.pick(among))
    if (rule.affinityMs > 0 && mode.isReal) node.rules.remember(rule, clientIP, endpoint, engine.nowMs)
    return endpoint
  }

  /** The address a node puts in place of the sender's: that of its bridge for its own Pods. */
  const gatewayTo = (node: NodeEntry, ip: string): string =>
    podByIp.get(ip)?.owner.kind === 'pod' && nodeOf(ip) === node ? node.ipam.gateway : node.ip

  const nodeOf = (ip: string): NodeEntry | undefined => {
    const owner = podByIp.get(ip)?.owner
    return owner?.kind === 'pod' ? nodes.get(owner.node) : undefined
  }

  /** Hands over to whoever has the address, by way of `node`. */
  function deliver(
    from: Namespace,
    node: NodeEntry,
    ip: string,
    port: number,
    clientIP: string,
    hops: Hop[],
    mode: RouteMode,
  ): Route {
    const target = nodeByIp.get(ip)
    if (target) {
      if (target.isUp) return reach(from, target.host, ip, port, clientIP, hops, mode)
      hops.push({ at: `node ${target.name}`, did: 'is off: no answer' })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    const pod = podByIp.get(ip)
    if (pod) {
      const client = from === node.host && nodeOf(ip) === node ? node.ipam.gateway : clientIP
      return reach(from, pod, ip, port, client, hops, mode)
    }
    const publication = publishedAt(ip)
    if (publication) {
      hops.push({ at: 'load balancer', did: `sends it to ${publication.label}` })
      return reach(from, publication, publication.ip, port, node.ip, hops, mode)
    }
    const balancer = balancers.get(ip)
    if (balancer) return balance(from, balancer, port, node.ip, hops, mode)
    const address = parseIp(ip) ?? 0
    for (const other of nodes.values()) {
      if (!cidrHolds(other.podCIDR, address)) continue
      if (!other.isUp) {
        hops.push({ at: `node ${other.name}`, did: 'is off: no answer' })
        return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
      }
      hops.push({ at: `node ${other.name}`, did: `no Pod has the address ${ip}: no route to host` })
      return { hops, failure: { error: 'no-route' }, afterMs: ARP_FAILURE_MS }
    }
    if (dropped(from, undefined, ip, port, clientIP, hops))
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    hops.push({
      at: `node ${node.name}`,
      did: `no rule and no route knows ${ip}:${port}: sent out of the cluster, no answer`,
    })
    return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
  }

  function reach(
    from: Namespace,
    to: Namespace,
    ip: string,
    port: number,
    clientIP: string,
    hops: Hop[],
    mode: RouteMode,
  ): Route {
    const target = to.owner.kind === 'outside' ? undefined : nodes.get(to.owner.node)
    if (target && !target.isUp) {
      hops.push({ at: `node ${target.name}`, did: 'is off: no answer' })
      return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    }
    if (dropped(from, to, ip, port, clientIP, hops)) return { hops, failure: { error: 'timeout' }, afterMs: Infinity }
    const base = distance(from, to)
    const oneWayMs = mode.isReal ? mode.random.jitter(base, 1) : base
    return { hops, to, ip, port, clientIP, oneWayMs }
  }

  function distance(from: Namespace, to: Namespace): number {
    if (from.ports === to.ports) return SAME_HOST_MS
    if (from.owner.kind === 'outside' || to.owner.kind === 'outside') return OUTSIDE_MS
    return from.owner.node === to.owner.node ? SAME_NODE_MS : ACROSS_MS
  }

  function entry(name: string): NodeEntry {
    const node = nodes.get(name)
    if (!node) throw new Error(`the network has no node ${name}`)
    return node
  }

  return {
    outside,
    compiler,
    addNode({ name, ip, podCIDR }) {
      const host = new Namespace(world, { kind: 'node', node: name }, ip, name)
      const node: NodeEntry = {
        name,
        ip,
        ipam: createIpam(podCIDR),
        podCIDR: parseCidr(podCIDR),
        host,
        rules: new RuleTable(),
        isUp: true,
        hostPorts: new Map(),
      }
      nodes.set(name, node)
      nodeByIp.set(ip, node)
      return host
    },
    node: (name) => entry(name).host,
    nodeNames: () => [...nodes.keys()],
    prober: (name) => entry(name).host.quietly(),
    outsideQuietly: outside.quietly(),
    sandboxQuietly: ({ namespace, name }) => podByKey.get(`${namespace}/${name}`)?.quietly(),
    setNodeUp(name, isUp) {
      entry(name).isUp = isUp
    },
    addSandbox(options) {
      const node = entry(options.node)
      const owner = {
        kind: 'pod',
        namespace: options.namespace,
        name: options.name,
        uid: options.podUid,
        node: options.node,
      } as const
      let sandbox: Namespace
      if (options.hostNetwork) sandbox = new Namespace(world, owner, node.ip, node.name, node.host.ports)
      else {
        const allocated = node.ipam.allocate()
        if ('error' in allocated) return allocated
        sandbox = new Namespace(world, owner, allocated.ip, options.hostname ?? options.name)
        podByIp.set(allocated.ip, sandbox)
        for (const { hostPort: port, containerPort } of options.hostPorts ?? []) {
          node.hostPorts.set(port, { sandbox, port: containerPort })
        }
      }
      for (const alias of options.hostAliases ?? [])
        for (const name of alias.hostnames ?? []) sandbox.hosts.set(name, alias.ip)
      sandbox.searches = searchesOf(options, nameServer)
      podByUid.set(options.podUid, sandbox)
      podByKey.set(`${options.namespace}/${options.name}`, sandbox)
      return { ip: sandbox.ip, network: sandbox }
    },
    removeSandbox(podUid) {
      const sandbox = podByUid.get(podUid)
      if (sandbox?.owner.kind !== 'pod') return
      const node = entry(sandbox.owner.node)
      const key = `${sandbox.owner.namespace}/${sandbox.owner.name}`
      sandbox.remove()
      podByUid.delete(podUid)
      if (podByKey.get(key) === sandbox) podByKey.delete(key)
      if (podByIp.get(sandbox.ip) === sandbox) {
        podByIp.delete(sandbox.ip)
        node.ipam.release(sandbox.ip)
      }
      for (const [port, mapped] of [...node.hostPorts]) if (mapped.sandbox === sandbox) node.hostPorts.delete(port)
    },
    sandbox: ({ namespace, name }) => podByKey.get(`${namespace}/${name}`),
    rules: (name) => entry(name).rules,
    setNameServer(server) {
      nameServer = server
    },
    publish(publication) {
      published.set(publication.ip, publication)
    },
    addLoadBalancer(balancer) {
      balancers.set(balancer.ip, balancer)
    },
    removeLoadBalancer: (ip) => void balancers.delete(ip),
    setPolicies(enforcer) {
      policies = enforcer
    },
    walk(from, target) {
      if (!(from instanceof Namespace)) throw new Error('the walk has to start in a namespace of this network')
      return walk(from, target)
    },
  }

  function walk(from: Namespace, target: Target): Walk {
    const { addresses, server } = lookup(from, target.host)
    const named: Hop[] = []
    if (addresses.length === 0) {
      const who = server && server !== '/etc/hosts' ? `DNS server ${server}` : from.label
      if (keptFromDns(from))
        return {
          hops: [
            { at: from.label, did: `a NetworkPolicy allows no egress to DNS server ${server} on port 53: dropped` },
          ],
          outcome: 'unknown-host',
        }
      return { hops: [{ at: who, did: `the name ${target.host} does not exist` }], outcome: 'unknown-host' }
    }
    if (addresses[0] !== target.host) {
      named.push({
        at: server === '/etc/hosts' || !server ? '/etc/hosts' : `DNS server ${server}`,
        did: `${target.host} is ${addresses.join(', ')}`,
      })
    }
    const found = route(from, addresses[0], target.port, { random: firstOf, isReal: false })
    const hops = [...named, ...found.hops]
    if ('failure' in found) return { hops, outcome: found.failure.error }
    const listener = found.to.ports.get(found.port)
    if (listener)
      return { hops: [...hops, { at: listener.owner.label, did: `accepts on port ${found.port}` }], outcome: 'reached' }
    return {
      hops: [...hops, { at: found.to.label, did: `nothing listens on port ${found.port}: connection refused` }],
      outcome: 'refused',
    }
  }
}

/** `NetworkPolicy scn/a allows`, `NetworkPolicies scn/a, scn/b allow` */
const named = (names: readonly string[]): string =>
  names.length === 1 ? `NetworkPolicy ${names[0]} allows` : `NetworkPolicies ${names.join(', ')} allow`

/** Whether the Service's load balancer address is closed to the client. */
const isKeptOut = (rule: PortRule, ip: string, clientIP: string): boolean =>
  rule.sourceRanges.length > 0 &&
  rule.loadBalancerIPs.includes(ip) &&
  !rule.sourceRanges.some((range) => cidrHolds(parseCidr(range.trim()), parseIp(clientIP) ?? 0))

/** Stands in for chance where nothing may be drawn: always the first. */
const firstOf: Random = { next: () => 0, int: (min) => min, pick: (items) => items[0], jitter: (ms) => ms }

/** The names that a resolver with ndots:5 asks for, in order. */
function candidates(name: string, isAbsolute: boolean, searches: readonly string[]): readonly string[] {
  if (isAbsolute) return [name]
  const suffixed = searches.map((search) => `${name}.${search}`)
  return name.split('.').length > 5 ? [name, ...suffixed] : [...suffixed, name]
}

/** The search path of a Pod's resolv.conf; undefined when the Pod asks its node's name server only. */
function searchesOf(options: SandboxOptions, server: NameServer | undefined): readonly string[] | undefined {
  const policy = options.dnsPolicy ?? 'ClusterFirst'
  const isCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !options.hostNetwork)
  if (!isCluster) return undefined
  const domain = server?.clusterDomain ?? 'cluster.local'
  return [`${options.namespace}.svc.${domain}`, `svc.${domain}`, domain, ...(options.searches ?? [])]
}
