/** A network namespace: its port table, and the requests that leave it. Requests travel in virtual time; nothing else does. */
import type { Engine, Timer } from '../engine/engine.ts'
import type { FlowAddress, TrackedConnection } from './conntrack.ts'
import type { Protocol } from './proxy/rules.ts'
import { candidateNames, type Resolver } from './resolver.ts'
import { serveHttp } from './serve-http.ts'
import type {
  Cancel,
  ConnectFailure,
  DnsReply,
  Hop,
  HttpRequest,
  HttpResponse,
  HttpResult,
  NameAnswer,
  NetworkNamespace,
  PortServer,
  RecordType,
  SpokenProtocols,
  Target,
  TcpResult,
} from './types.ts'

/** What a namespace belongs to. */
export type Owner =
  | { kind: 'pod'; namespace: string; name: string; uid: string; node: string }
  | { kind: 'node'; node: string }
  /** Beyond the nodes and their Pods. */
  | { kind: 'outside'; label?: string }

/** Where a connection goes, as the kernels on its way decide it. */
export type Route = { hops: readonly Hop[] } & (
  | {
      to: Namespace
      ip: string
      port: number
      protocol: Protocol
      clientIP: string
      oneWayMs: number
      /** The node whose rules put another address in place of the one that was asked for. */
      translatedOn?: string
      /** To be called when the connection is over. */
      release?: () => void
    }
  | { failure: ConnectFailure; afterMs: number }
)

export interface Lookup {
  addresses: readonly string[]
  /** Who answered: `/etc/hosts` or the name server's address. */
  server: string
  delayMs: number
  /** What the name server said of it. */
  answer?: NameAnswer
  /** Each name of the search path that was asked for, and its addresses if it exists. */
  asked?: readonly { name: string; addresses: readonly string[] | undefined }[]
}

/** What a namespace asks of the world around it. */
export interface World {
  readonly engine: Engine
  lookup(from: Namespace, host: string): Lookup
  query(from: Namespace, name: string, type: RecordType): { reply: DnsReply; delayMs: number }
  route(from: Namespace, ip: string, port: number, protocol: Protocol): Route
  /** The kernels on the way remember it; undefined where none does. */
  track(
    from: Namespace,
    asked: FlowAddress,
    route: Exclude<Route, { failure: ConnectFailure }>,
  ): TrackedConnection | undefined
  /** False when the node that holds the namespace is off. */
  isUp(namespace: Namespace): boolean
  /** Whether nothing gets from one to the other. */
  isCutFrom(a: Namespace, b: Namespace): boolean
}

/** A failed resolution of a neighbour's address: the kernel gives up after three tries, a second apart. */
const ARP_FAILURE_MS = 3000

interface Listener {
  readonly server: PortServer
  readonly owner: Namespace
  readonly connections: Set<Exchange>
}

/** The ports in use, as `80/TCP`; namespaces of host network Pods share that of their node. */
export type PortTable = Map<string, Listener>

export class Namespace implements NetworkNamespace {
  readonly ip: string
  readonly hostname: string
  readonly owner: Owner
  readonly ports: PortTable
  /** Names of /etc/hosts. */
  readonly hosts = new Map<string, string>()
  /** Undefined when the namespace does not ask the cluster's DNS. */
  resolver: Resolver | undefined
  isRemoved = false
  /** The number, on its node, of the other end of its interface; 0 without one. */
  linkIndex = 0
  private readonly own = new Set<Listener>()
  private readonly world: World
  private ownLabel: string | undefined

  constructor(world: World, owner: Owner, ip: string, hostname: string, ports: PortTable = new Map()) {
    this.world = world
    this.owner = owner
    this.ip = ip
    this.hostname = hostname
    this.ports = ports
    this.hosts.set('localhost', '127.0.0.1')
    if (ip && hostname) this.hosts.set(hostname, ip)
  }

  /** As learners are told of it: `Pod scn/web on node-1`. */
  get label(): string {
    this.ownLabel ??= labelOf(this.owner)
    return this.ownLabel
  }

  listeningPorts(protocol: Protocol = 'TCP'): readonly number[] {
    const own = [...this.ports.keys()].filter((key) => key.endsWith(protocol))
    return own.map((key) => Number(key.slice(0, key.indexOf('/')))).sort((a, b) => a - b)
  }

  isListening(port: number, protocol: Protocol): boolean {
    return this.ports.has(`${port}/${protocol}`)
  }

  /** Who takes what comes to that address. */
  listenerAt(ip: string, port: number, protocol: Protocol): Listener | undefined {
    const listener = this.ports.get(`${port}/${protocol}`)
    return listener?.server.isLocal && !ip.startsWith('127.') && ip !== '::1' ? undefined : listener
  }

  isLocal(port: number, protocol: Protocol = 'TCP'): boolean {
    return this.ports.get(`${port}/${protocol}`)?.server.isLocal === true
  }

  spokenOn(port: number): SpokenProtocols | undefined {
    const server = this.ports.get(`${port}/TCP`)?.server
    return server && { http: server.http !== undefined, tcp: server.tcp !== undefined, tls: server.tls ?? false }
  }

  listen(port: number, server: PortServer, protocol: Protocol = 'TCP'): { close: () => void } | { error: string } {
    const key = `${port}/${protocol}`
    if (this.isRemoved) return { error: 'cannot assign requested address' }
    if (this.ports.has(key)) return { error: 'address already in use' }
    const listener: Listener = { server, owner: this, connections: new Set() }
    this.ports.set(key, listener)
    this.own.add(listener)
    return { close: () => this.close(key, listener) }
  }

  private close(key: string, listener: Listener): void {
    if (!this.own.delete(listener)) return
    if (this.ports.get(key) === listener) this.ports.delete(key)
    for (const exchange of [...listener.connections]) exchange.reset()
  }

  /** Takes the namespace away: its ports close, and nothing can be sent from it or to it any more. */
  remove(): void {
    for (const [key, listener] of [...this.ports]) if (listener.owner === this) this.close(key, listener)
    this.isRemoved = true
  }

  http(target: Target, request: HttpRequest, timeoutMs: number, done: (result: HttpResult) => void): Cancel {
    return this.send(false, target, timeoutMs, new HttpCall(request, done))
  }

  tcp(target: Target, input: string | undefined, timeoutMs: number, done: (result: TcpResult) => void): Cancel {
    return this.send(false, target, timeoutMs, new TcpCall(input, done))
  }

  udp(target: Target, input: string, timeoutMs: number, done: (result: TcpResult) => void): Cancel {
    return this.send(false, target, timeoutMs, new UdpCall(input, done))
  }

  grpcHealth(
    target: Target,
    service: string,
    timeoutMs: number,
    done: (result: TcpResult & { status?: string }) => void,
  ): Cancel {
    return this.send(false, target, timeoutMs, new GrpcCall(service, done))
  }

  resolve(name: string, done: (addresses: readonly string[], server: string, answer?: NameAnswer) => void): Cancel {
    const { engine } = this.world
    const { addresses, server, delayMs, answer } = this.world.lookup(this, name)
    const timer = engine.after(delayMs, 'network resolve', () => done(addresses, server, answer))
    return () => engine.cancel(timer)
  }

  query(name: string, type: RecordType, done: (reply: DnsReply) => void): Cancel {
    const { engine } = this.world
    const { reply, delayMs } = this.world.query(this, name, type)
    const timer = engine.after(delayMs, 'network resolve', () => done(reply))
    return () => engine.cancel(timer)
  }

  searchPath(): readonly string[] {
    return this.resolver?.searches ?? []
  }

  candidateNames(name: string): readonly string[] {
    return candidateNames(name, this.resolver)
  }

  /** The same namespace for periodic checks (probes): what is sent through it does not keep a cluster from being settled. */
  quietly(): Pick<NetworkNamespace, 'ip' | 'hostname' | 'http' | 'tcp' | 'grpcHealth'> {
    return {
      ip: this.ip,
      hostname: this.hostname,
      http: (target, request, timeoutMs, done) => this.send(true, target, timeoutMs, new HttpCall(request, done)),
      tcp: (target, input, timeoutMs, done) => this.send(true, target, timeoutMs, new TcpCall(input, done)),
      grpcHealth: (target, service, timeoutMs, done) => this.send(true, target, timeoutMs, new GrpcCall(service, done)),
    }
  }

  private send(isQuiet: boolean, target: Target, timeoutMs: number, call: Call): Cancel {
    const exchange = new Exchange(this.world, this, target, timeoutMs, call, isQuiet)
    exchange.start()
    return () => exchange.cancel()
  }
}

/** What is said once a connection stands, and how its end is told. */
interface Call {
  readonly protocol: Protocol
  /** Calls `answers` now, later or never; `refuse` when the server does not speak the protocol. */
  serve(server: PortServer, clientIP: string, exchange: Exchange): void
  failed(failure: ConnectFailure, end: End): void
  succeeded(end: End): void
}

interface End {
  tookMs: number
  server?: { ip: string; port: number; pod?: string }
  hops: readonly Hop[]
}

class HttpCall implements Call {
  readonly protocol = 'TCP'
  private readonly request: HttpRequest
  private readonly done: (result: HttpResult) => void
  private response: HttpResponse | undefined

  constructor(request: HttpRequest, done: (result: HttpResult) => void) {
    this.request = request
    this.done = done
  }

  serve(server: PortServer, clientIP: string, exchange: Exchange): void {
    const { engine } = exchange
    const failure = serveHttp(server, { ...this.request, clientIP }, engine.epochMs, (answer, afterMs = 0) => {
      const take = (): void => {
        if (exchange.answers()) this.response = answer
      }
      if (afterMs > 0) engine.after(afterMs, 'network slow answer', take)
      else take()
    })
    if (failure) exchange.refuse(failure)
  }

  failed(failure: ConnectFailure, end: End): void {
    this.done({ ok: false, ...failure, ...end })
  }

  succeeded({ tookMs, server, hops }: End): void {
    this.done({ ok: true, response: this.response!, tookMs, server, hops })
  }
}

class TcpCall implements Call {
  readonly protocol = 'TCP'
  private readonly input: string | undefined
  private readonly done: (result: TcpResult) => void
  private output: string | undefined

  constructor(input: string | undefined, done: (result: TcpResult) => void) {
    this.input = input
    this.done = done
  }

  serve(server: PortServer, _clientIP: string, exchange: Exchange): void {
    if (this.input === undefined) exchange.answers()
    else if (server.tcp) {
      server.tcp(this.input, (text) => {
        if (exchange.answers()) this.output = text
      })
    } else if (exchange.answers()) this.output = ''
  }

  failed(failure: ConnectFailure, end: End): void {
    this.done({ ok: false, ...failure, ...end })
  }

  succeeded(end: End): void {
    const { output } = this
    this.done({ ok: true, ...(output === undefined ? {} : { output }), ...end })
  }
}

/** A datagram and the first one that comes back. A server that says nothing is no different from none. */
class UdpCall implements Call {
  readonly protocol = 'UDP'
  private readonly input: string
  private readonly done: (result: TcpResult) => void
  private output: string | undefined

  constructor(input: string, done: (result: TcpResult) => void) {
    this.input = input
    this.done = done
  }

  serve(server: PortServer, clientIP: string, exchange: Exchange): void {
    server.udp?.(
      this.input,
      (text) => {
        if (exchange.answers()) this.output = text
      },
      clientIP,
    )
  }

  failed(failure: ConnectFailure, end: End): void {
    this.done({ ok: false, ...failure, ...end })
  }

  succeeded(end: End): void {
    this.done({ ok: true, output: this.output, ...end })
  }
}

class GrpcCall implements Call {
  readonly protocol = 'TCP'
  private readonly service: string
  private readonly done: (result: TcpResult & { status?: string }) => void
  private status: string | undefined

  constructor(service: string, done: (result: TcpResult & { status?: string }) => void) {
    this.service = service
    this.done = done
  }

  serve(server: PortServer, _clientIP: string, exchange: Exchange): void {
    if (!server.grpcHealth) {
      exchange.refuse({ error: 'reset' })
      return
    }
    this.status = server.grpcHealth(this.service)
    exchange.answers()
  }

  failed(failure: ConnectFailure, end: End): void {
    this.done({ ok: false, ...failure, ...end })
  }

  succeeded(end: End): void {
    this.done({ ok: true, status: this.status, ...end })
  }
}

/** One request on its way: name, route, server, answer; over when it is answered, refused, cut off or too old. */
class Exchange {
  private readonly world: World
  private readonly from: Namespace
  private readonly target: Target
  private readonly timeoutMs: number
  private readonly call: Call
  private readonly isQuiet: boolean
  private readonly startMs: number
  private timer: Timer | undefined
  private deadline: Timer | undefined
  private to: Namespace | undefined
  private listener: Listener | undefined
  private hasAnswer = false
  private server: End['server']
  private hops: readonly Hop[] = []
  private oneWayMs = 0
  private isOver = false
  private release: (() => void) | undefined
  private tracked: TrackedConnection | undefined

  constructor(world: World, from: Namespace, target: Target, timeoutMs: number, call: Call, isQuiet: boolean) {
    this.world = world
    this.from = from
    this.target = target
    this.timeoutMs = timeoutMs
    this.call = call
    this.isQuiet = isQuiet
    this.startMs = world.engine.nowMs
  }

  get engine(): Engine {
    return this.world.engine
  }

  start(): void {
    const { addresses, delayMs } = this.world.lookup(this.from, this.target.host)
    if (addresses.length === 0) {
      this.endAfter(delayMs, { error: 'unknown-host', host: this.target.host })
      return
    }
    if (delayMs > 0) this.later(delayMs, 'network resolve', () => this.connect(addresses))
    else this.connect(addresses)
  }

  private connect(addresses: readonly string[]): void {
    const { engine } = this.world
    const address = addresses.length > 1 ? engine.random('network').pick(addresses) : addresses[0]
    const route = this.world.route(this.from, address, this.target.port, this.call.protocol)
    this.hops = route.hops
    if ('failure' in route) {
      this.endAfter(route.afterMs, route.failure)
      return
    }
    this.oneWayMs = route.oneWayMs
    this.tracked = this.world.track(this.from, { ip: address, port: this.target.port }, route)
    this.release = route.release
    this.later(route.oneWayMs, 'network request', () => this.arrive(route.to, route.ip, route.port, route.clientIP))
  }

  private arrive(to: Namespace, ip: string, port: number, clientIP: string): void {
    if (!this.world.isUp(to)) {
      this.stop(to.label, 'the node is off: no answer', { error: 'timeout' }, Infinity)
      return
    }
    if (this.world.isCutFrom(this.from, to)) {
      this.stop(to.label, 'the node is cut off from the network: no answer', { error: 'timeout' }, Infinity)
      return
    }
    if (to.isRemoved) {
      const gone = `nobody has the address ${ip} any more: no route to host`
      this.stop(to.label, gone, { error: 'no-route' }, ARP_FAILURE_MS)
      return
    }
    const { protocol } = this.call
    const listener = to.listenerAt(ip, port, protocol)
    this.server = serverOf(listener?.owner ?? to, ip, port)
    if (!listener) {
      this.tracked?.refused()
      this.stop(to.label, nothingListens(to, port, protocol), { error: 'refused' }, this.oneWayMs)
      return
    }
    this.hops = [...this.hops, { at: listener.owner.label, did: `accepts on port ${port}` }]
    this.listener = listener
    listener.connections.add(this)
    this.tracked?.accepted(this.world.engine.nowMs)
    this.to = to
    this.call.serve(listener.server, clientIP, this)
    if (!this.hasAnswer && !this.isOver) this.armDeadline()
  }

  /** The server answers: true when the answer counts, because it is the first and somebody may still receive it. */
  answers(): boolean {
    if (this.hasAnswer || this.isOver || !this.to || !this.world.isUp(this.to)) return false
    if (this.world.isCutFrom(this.to, this.from)) return false
    this.hasAnswer = true
    this.listener?.connections.delete(this)
    this.later(this.oneWayMs, 'network reply', () => this.end(undefined))
    return true
  }

  /** The server does not speak the protocol. */
  refuse(failure: ConnectFailure): void {
    this.hasAnswer = true
    this.endAfter(this.oneWayMs, failure)
  }

  private stop(at: string, did: string, failure: ConnectFailure, afterMs: number): void {
    this.hops = [...this.hops, { at, did }]
    this.endAfter(afterMs, failure)
  }

  /** The server closed the connection before it answered; nobody hears of it from a node that goes off at that moment. */
  reset(): void {
    const owner = this.listener?.owner
    if (!owner || this.isOver) return
    this.listener?.connections.delete(this)
    // Nobody tells the sender of a datagram that its reader has gone.
    if (this.call.protocol === 'UDP') return
    this.later(this.oneWayMs, 'network failure', () => {
      if (!this.world.isUp(owner) || this.world.isCutFrom(owner, this.from)) {
        this.armDeadline()
        return
      }
      this.hops = [...this.hops, { at: owner.label, did: 'closes the connection before it has answered' }]
      this.end({ error: 'reset' })
    })
  }

  cancel(): void {
    if (!this.isOver) this.tracked?.over(this.world.engine.nowMs, this.hasAnswer)
    this.isOver = true
    this.release?.()
    this.release = undefined
    this.listener?.connections.delete(this)
    this.world.engine.cancel(this.timer)
    this.world.engine.cancel(this.deadline)
  }

  private endAfter(delayMs: number, failure: ConnectFailure): void {
    if (failure.error === 'timeout') {
      this.armDeadline()
      return
    }
    this.later(delayMs, 'network failure', () => this.end(failure))
  }

  /** Goes on after a delay, unless the deadline comes first. */
  private later(delayMs: number, label: string, action: () => void): void {
    const { engine } = this.world
    if (engine.nowMs + delayMs >= this.startMs + this.timeoutMs) {
      this.armDeadline()
      return
    }
    engine.cancel(this.timer)
    this.timer = engine.after(delayMs, label, action, { background: this.isQuiet })
  }

  private armDeadline(): void {
    if (this.deadline) return
    const { engine } = this.world
    const action = (): void => this.end({ error: 'timeout' })
    this.deadline = engine.at(this.startMs + this.timeoutMs, 'network timeout', action, { background: this.isQuiet })
  }

  private end(failure: ConnectFailure | undefined): void {
    if (this.isOver) return
    this.cancel()
    if (!this.world.isUp(this.from)) return
    const tookMs = this.world.engine.nowMs - this.startMs
    const { server, hops } = this
    const end: End = server ? { tookMs, server, hops } : { tookMs, hops }
    if (failure) this.call.failed(failure, end)
    else this.call.succeeded(end)
  }
}

export function nothingListens(namespace: Namespace, port: number, protocol: Protocol): string {
  const where = namespace.isLocal(port, protocol) ? ' but at 127.0.0.1' : ''
  return `nothing listens on port ${port}${protocol === 'TCP' ? '' : `/${protocol}`}${where}: connection refused`
}

function labelOf(owner: Owner): string {
  if (owner.kind === 'pod') return `Pod ${owner.namespace}/${owner.name} on ${owner.node}`
  return owner.kind === 'node' ? `node ${owner.node}` : (owner.label ?? 'outside the cluster')
}

function serverOf(namespace: Namespace, ip: string, port: number): End['server'] {
  return namespace.owner.kind === 'pod' ? { ip, port, pod: namespace.owner.name } : { ip, port }
}
