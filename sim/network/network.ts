/**
 * The simulated network: nodes, Pods on them, and the world outside. Requests, not packets: where a request goes is decided
 * when it is sent, from the rules that the kernels on its way hold at that moment.
 */
import type { Engine } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { ProxyShape } from '../scenario/types.ts'
import { apiServerIP, clusterDnsIP, parseCidr, parseIp } from './address.ts'
import { type FlowAddress, FlowTable, portOfClient, TrackedConnection } from './conntrack.ts'
import { type Fabric, isCutBetween, type LoadBalancer, type NodeEntry, type Publication } from './fabric.ts'
import { askNow, failureNow } from './immediate.ts'
import { createIpam } from './ipam.ts'
import { type Lookup, Namespace, nothingListens, type Route, type World } from './namespace.ts'
import { isDenied, type PolicyEnforcer, type PolicyPeer } from './policy.ts'
import { RuleTable } from './proxy/rule-table.ts'
import { createRuleCompiler, type Protocol, type RuleCompiler } from './proxy/rules.ts'
import { lookUp, type NameServer, type ResolverOptions, resolverOf } from './resolver.ts'
import { createRouter, OUTSIDE_IP } from './router.ts'
import type {
  ConnectFailure,
  DnsRecord,
  DnsReply,
  Hop,
  HttpRequest,
  HttpResult,
  NetworkNamespace,
  PortServer,
  RecordType,
  Target,
  Walk,
} from './types.ts'

interface NodeOptions {
  name: string
  ip: string
  podCIDR: string
  /** How its kube-proxy works; iptables unless told. */
  proxy?: ProxyShape
}

interface SandboxOptions extends ResolverOptions {
  node: string
  podUid: string
  name: string
  /** The Pod's name unless told: `spec.hostname`. */
  hostname?: string
  hostAliases?: readonly { ip: string; hostnames?: readonly string[] }[]
  /** Ports of the node that lead to the Pod, as the CNI plugin portmap makes them. */
  hostPorts?: readonly { hostPort: number; containerPort: number; protocol?: Protocol; hostIP?: string }[]
}

/** A namespace whose requests are background work. */
type QuietNamespace = Pick<NetworkNamespace, 'ip' | 'hostname' | 'http' | 'tcp' | 'grpcHealth'>

export interface Network {
  readonly outside: NetworkNamespace
  /** Where the API server listens. Simplified: on a machine of its own, with the address of the first node. */
  readonly controlPlane: NetworkNamespace
  /** A request of the API server, which cannot wait: the answer comes at once, with the time that it would have taken. */
  askFromControlPlane(target: Target, request: HttpRequest, timeoutMs: number): HttpResult
  /** Why that would fail before anybody is asked anything; leaves no trace. */
  failureFromControlPlane(target: Target, request: HttpRequest): ConnectFailure | undefined
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
  /** The cable: what goes between a node that is cut off and any other place is lost; on the node itself it arrives. */
  setNodeCut(node: string, isCut: boolean): void
  /** A Pod's sandbox, with an address of its node's range; of the node itself for a host network Pod. */
  addSandbox(options: SandboxOptions): { ip: string; network: NetworkNamespace } | { error: string }
  /** Gives the address back; unknown Pods are ignored. */
  removeSandbox(podUid: string): void
  /** The namespace of a Pod that has one. */
  sandbox(pod: { namespace: string; name: string }): NetworkNamespace | undefined
  /** What listens at a Pod's address. */
  serverAt(ip: string, port: number, protocol: Protocol): PortServer | undefined
  /** What the kernel of that node was told by its kube-proxy. */
  rules(node: string): RuleTable
  /** The connections that the kernel of that node remembers. */
  flows(node: string): FlowTable
  /** Compiles Services for every node's kube-proxy. */
  readonly compiler: RuleCompiler
  setNameServer(server: NameServer | undefined): void
  /** Makes a Pod reachable from outside at an address of its own. */
  publish(publication: Publication): void
  unpublish(ip: string): void
  addLoadBalancer(balancer: LoadBalancer): void
  removeLoadBalancer(ip: string): void
  /** Who knows the NetworkPolicies; without it there are none. */
  setPolicies(policies: PolicyEnforcer | undefined): void
  /** Follows a connection hop by hop without making it: nothing is drawn, remembered or spent. */
  walk(from: NetworkNamespace, target: Target, protocol?: 'TCP' | 'UDP'): Walk
}

const DNS_MS = 0.6
/** A resolver asks twice, and waits five seconds each time. */
const DNS_TIMEOUT_MS = 10_000
/** Where kubelets tell Pods that the cluster's DNS is. */
const OUTSIDE_NAMES = 'name servers outside'
const CLUSTER_DOMAIN = 'cluster.local'
/** Stands for a Pod of CoreDNS, which this cluster does not run as one. */
const DNS_POD: PolicyPeer = { ip: '10.244.0.2', pod: { namespace: 'kube-system', name: 'coredns' } }

export function createNetwork(engine: Engine): Network {
  const nodes = new Map<string, NodeEntry>()
  const nodeByIp = new Map<string, NodeEntry>()
  const podByIp = new Map<string, Namespace>()
  const podByUid = new Map<string, Namespace>()
  const podByKey = new Map<string, Namespace>()
  const published = new Map<string, Publication>()
  const balancers = new Map<string, LoadBalancer>()
  const compiler = createRuleCompiler()
  let nameServer: NameServer | undefined

  const world: World = {
    engine,
    lookup,
    query,
    route: (from, ip, port, protocol) => router.route(from, ip, port, protocol, true),
    track,
    isUp: (namespace) => namespace.owner.kind === 'outside' || (nodeHolding(namespace)?.isUp ?? false),
    isCutFrom: (a, b) => isCutBetween(nodeHolding(a), nodeHolding(b)),
  }
  const thought: World = {
    ...world,
    route: (from, ip, port, protocol) => router.route(from, ip, port, protocol, false),
    track: () => undefined,
  }
  const controlPlane = new Namespace(world, { kind: 'outside', label: 'control plane' }, apiServerIP, 'control-plane')
  const fabric: Fabric = { nodes, nodeByIp, podByIp, published, balancers, controlPlane, policies: undefined }
  const router = createRouter(engine, fabric)
  const outside = new Namespace(world, { kind: 'outside' }, '', 'outside')

  function nodeHolding({ owner }: Namespace): NodeEntry | undefined {
    return owner.kind === 'outside' ? undefined : nodes.get(owner.node)
  }

  let connections = 0

  /** On the sender's node, on the one that translates the address, and on the receiver's. */
  function track(
    from: Namespace,
    asked: FlowAddress,
    route: Exclude<Route, { failure: ConnectFailure }>,
  ): TrackedConnection | undefined {
    if (asked.ip.startsWith('127.')) return undefined
    const [sender, receiver] = [nodeHolding(from), nodeHolding(route.to)]
    const translator = route.translatedOn === undefined ? undefined : nodes.get(route.translatedOn)
    const places = new Set([sender, translator, receiver].filter((node) => node !== undefined))
    if (places.size === 0) return undefined
    const own = from.owner.kind !== 'outside' || from === controlPlane ? from.ip : OUTSIDE_IP
    const port = portOfClient(own, connections++)
    const at = (ip: string): FlowAddress => ({ ip, port })
    const reached = { ip: route.ip, port: route.port }
    const ways = [...places].map((node) => {
      const { protocol, clientIP } = route
      // What another node sends on has that node's address.
      const arrived = sender && sender !== node ? sender.ip : own
      const way =
        node === translator
          ? { client: at(arrived), asked, replier: reached, repliesTo: at(clientIP) }
          : node === sender
            ? {
                client: at(translator || from.owner.kind === 'pod' ? own : clientIP),
                asked,
                replier: asked,
                repliesTo: at(translator ? node.ip : clientIP),
              }
            : { client: at(clientIP), asked: reached, replier: reached, repliesTo: at(clientIP) }
      return { table: node.flows, flow: node.flows.open({ protocol, ...way }, engine.nowMs) }
    })
    return new TrackedConnection(ways)
  }

  /** Simplified: the cluster's DNS is on none of the nodes. */
  const isCutFromDns = (from: Namespace): boolean =>
    nodeHolding(from)?.isCut === true || nameServer?.isServed() === false

  function lookup(from: Namespace, host: string): Lookup {
    if (parseIp(host) !== undefined) return { addresses: [host], server: '', delayMs: 0 }
    const name = host.endsWith('.') ? host.slice(0, -1) : host
    const known = from.hosts.get(name)
    if (known) return { addresses: [known], server: '/etc/hosts', delayMs: 0 }
    if (!nameServer || !from.resolver) return { addresses: elsewhere(name), server: '', delayMs: DNS_MS }
    const { ip } = nameServer
    if (isCutFromDns(from) || isKeptFromDns(from)) return { addresses: [], server: ip, delayMs: DNS_TIMEOUT_MS }
    const server = nameServer
    const passedOn = (other: string): readonly string[] => (server.forwards(other) ? elsewhere(other) : [])
    const { addresses, answer, asked } = lookUp(host, from.resolver, server, passedOn)
    return { addresses, server: ip, delayMs: DNS_MS, answer, asked }
  }

  function query(from: Namespace, host: string, type: RecordType): { reply: DnsReply; delayMs: number } {
    const name = host.endsWith('.') ? host.slice(0, -1) : host
    const server = from.resolver && nameServer ? nameServer.ip : ''
    const isKept = isCutFromDns(from) || (server !== '' && isKeptFromDns(from))
    if (isKept)
      return { reply: { server, code: 'TIMEOUT', records: [], isAuthoritative: false }, delayMs: DNS_TIMEOUT_MS }
    const isOwn = server !== '' && nameServer?.owns(name) === true
    const found = (asked: string): readonly DnsRecord[] | undefined =>
      server === ''
        ? recordsElsewhere(asked, type)
        : nameServer?.owns(asked)
          ? nameServer.records(asked, type)
          : nameServer?.forwards(asked)
            ? recordsElsewhere(asked, type)
            : undefined
    const records = found(name)
    const alias = records?.find((record) => record.type === 'CNAME' && type !== 'CNAME')
    const all = [...(records ?? []), ...((alias && found(alias.value)) ?? [])]
    const isLost = server !== '' && !isOwn && nameServer?.forwards(name) === false
    if (isLost && !records)
      return { reply: { server, code: 'SERVFAIL', records: [], isAuthoritative: false }, delayMs: DNS_MS }
    const code = records ? 'NOERROR' : 'NXDOMAIN'
    return { reply: { server, code, records: all, isAuthoritative: isOwn }, delayMs: DNS_MS }
  }

  function recordsElsewhere(name: string, type: RecordType): readonly DnsRecord[] | undefined {
    const addresses = elsewhere(name)
    if (addresses.length === 0) return undefined
    return type === 'A' ? addresses.map((value) => ({ name, type, value })) : []
  }

  /** Whether policies drop what the Pod sends to the cluster's DNS. */
  function isKeptFromDns(from: Namespace): boolean {
    const { owner, ip } = from
    if (!fabric.policies || owner.kind !== 'pod' || podByIp.get(ip) !== from) return false
    const sender = { ip, pod: { namespace: owner.namespace, name: owner.name } }
    return isDenied(fabric.policies.judge('Egress', sender, DNS_POD, { protocol: 'UDP', port: 53 }))
  }

  /**
   * What the name servers of the world outside know: nodes, and hosts that somebody published. A host leads to who served it first, for as long as
   * that one does, as a record that nobody touches while it is right.
   */
  function elsewhere(host: string): readonly string[] {
    const name = host.endsWith('.') ? host.slice(0, -1) : host
    const ip = nodes.get(name)?.ip
    if (ip) return [ip]
    const first = [...published.values()].find(({ answers }) => answers(name))
    return first ? [first.ip] : []
  }

  function entry(name: string): NodeEntry {
    const node = nodes.get(name)
    if (!node) throw new Error(`the network has no node ${name}`)
    return node
  }

  return {
    outside,
    controlPlane,
    compiler,
    askFromControlPlane: (target, request, timeoutMs) => askNow(world, controlPlane, target, request, timeoutMs),
    failureFromControlPlane: (target, request) => failureNow(thought, controlPlane, target, request),
    addNode({ name, ip, podCIDR, proxy = { mode: 'iptables' } }) {
      const host = new Namespace(world, { kind: 'node', node: name }, ip, name)
      const node: NodeEntry = {
        name,
        ip,
        ipam: createIpam(podCIDR),
        podCIDR: parseCidr(podCIDR),
        host,
        rules: new RuleTable(name, ip, proxy),
        flows: new FlowTable(),
        // Behind lo, eth0, flannel.1, cni0, and the interface that holds the addresses of IPVS.
        nextLink: proxy.mode === 'ipvs' ? 6 : 5,
        isUp: true,
        isCut: false,
        hostPorts: [],
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
      if (!isUp) entry(name).flows.clear()
    },
    setNodeCut(name, isCut) {
      entry(name).isCut = isCut
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
        sandbox.linkIndex = node.nextLink++
        podByIp.set(allocated.ip, sandbox)
        charge(options.hostPorts?.length ?? 0)
        for (const { hostPort: port, containerPort, protocol = 'TCP', hostIP } of options.hostPorts ?? [])
          node.hostPorts.push({
            port,
            protocol,
            hostIP: hostIP === '0.0.0.0' ? undefined : hostIP,
            sandbox,
            containerPort,
          })
      }
      for (const alias of options.hostAliases ?? []) {
        charge(1 + (alias.hostnames?.length ?? 0))
        for (const name of alias.hostnames ?? []) sandbox.hosts.set(name, alias.ip)
      }
      sandbox.resolver = resolverOf(
        options,
        nameServer?.ip ?? clusterDnsIP,
        nameServer?.clusterDomain ?? CLUSTER_DOMAIN,
      )
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
      charge(node.hostPorts.length / 8)
      node.hostPorts = node.hostPorts.filter((mapped) => mapped.sandbox !== sandbox)
    },
    sandbox: ({ namespace, name }) => podByKey.get(`${namespace}/${name}`),
    serverAt: (ip, port, protocol) => podByIp.get(ip)?.listenerAt(ip, port, protocol)?.server,
    rules: (name) => entry(name).rules,
    flows: (name) => entry(name).flows,
    setNameServer(server) {
      nameServer = server
    },
    publish(publication) {
      published.set(publication.ip, publication)
    },
    unpublish: (ip) => void published.delete(ip),
    addLoadBalancer(balancer) {
      balancers.set(balancer.ip, balancer)
    },
    removeLoadBalancer: (ip) => void balancers.delete(ip),
    setPolicies(enforcer) {
      fabric.policies = enforcer
    },
    walk(from, target, protocol = 'TCP') {
      if (!(from instanceof Namespace)) throw new Error('the walk has to start in a namespace of this network')
      return walk(from, target, protocol)
    },
  }

  function walk(from: Namespace, target: Target, protocol: 'TCP' | 'UDP'): Walk {
    const { addresses, server, asked = [] } = lookup(from, target.host)
    const hops: Hop[] = []
    const isDns = server !== '' && server !== '/etc/hosts'
    const isOutside = from.owner.kind === 'outside'
    const at = isDns ? `DNS server ${server}` : server || (isOutside ? OUTSIDE_NAMES : `name server of ${from.label}`)
    if (isDns && isCutFromDns(from))
      return { hops: [{ at: from.label, did: `is cut off from ${at}: no answer` }], outcome: 'unknown-host' }
    if (isDns && isKeptFromDns(from)) {
      const did = `a NetworkPolicy allows no egress to DNS server ${server} on port 53: dropped`
      return { hops: [{ at: from.label, did }], outcome: 'unknown-host' }
    }
    for (const { name, addresses: found } of asked)
      if (!found) hops.push({ at, did: `${name} does not exist` })
      else hops.push({ at, did: `${name} is ${found.join(', ')}` })
    if (addresses.length === 0) {
      if (asked.length === 0) hops.push({ at, did: `the name ${target.host} does not exist` })
      return { hops, outcome: 'unknown-host' }
    }
    const isAnswered = asked.some(({ addresses: found }) => found)
    if (addresses[0] !== target.host && !isAnswered)
      hops.push({ at: isDns ? OUTSIDE_NAMES : at, did: `${target.host} is ${addresses.join(', ')}` })
    const route = router.route(from, addresses[0], target.port, protocol, false)
    hops.push(...route.hops)
    if ('failure' in route) return { hops, outcome: route.failure.error }
    const { to, ip, port } = route
    const listener = to.listenerAt(ip, port, protocol)
    if (listener) {
      hops.push({ at: listener.owner.label, did: `accepts on port ${port}${protocol === 'UDP' ? '/UDP' : ''}` })
      return { hops, outcome: 'reached' }
    }
    hops.push({ at: to.label, did: nothingListens(to, port, protocol) })
    return { hops, outcome: 'refused' }
  }
}
