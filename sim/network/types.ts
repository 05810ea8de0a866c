/** The seam of the simulated network: what a process may ask of it, and what it may ask of a server. Requests, not packets. */

export interface HttpRequest {
  method: string
  /** Path with query: `/healthz?x=1`. */
  path: string
  host: string
  headers: Readonly<Record<string, string>>
  body?: string
  scheme: 'http' | 'https'
  /** The client wants a certificate from somebody it knows. */
  verifies?: boolean
  /** The certificates of those whom it knows, as PEM. */
  authorities?: string
  /** The certificate that the client shows, where it is asked for one, as PEM. */
  certificate?: string
  /** The address that the server sees. */
  clientIP?: string
}

export interface HttpResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
}

/** @param afterMs how much later the answer comes; a handler that calls it later needs none */
export type Reply = (response: HttpResponse, afterMs?: number) => void

/** What a name server does with names, each fully qualified and without the last dot. */
export interface NameService {
  /** The address that its own list has for it. */
  hostOf(name: string): string | undefined
  /** It answers as the cluster has it. */
  servesCluster(name: string): boolean
  /** It asks somebody outside, who answers. */
  forwards(name: string): boolean
}

/** What a listening process does with what reaches its port. A server without `http` resets an HTTP request. */
export interface PortServer {
  /** `reply` may be called later (a slow server), or never (a hung one). */
  http?(request: HttpRequest, reply: Reply): void
  /** gRPC health: SERVING or not. */
  grpcHealth?(service: string): 'SERVING' | 'NOT_SERVING' | 'UNKNOWN_SERVICE'
  /** What a raw TCP client reads on connecting and after sending `input`. */
  tcp?(input: string, reply: (output: string) => void): void
  /** It is a name server, and that is what it answers. */
  names?(): NameService
  /** What comes back for a datagram, if anything does. */
  udp?(input: string, reply: (output: string) => void, clientIP: string): void
  /** Bound to the loopback address: nobody else gets there, by whatever other address. */
  isLocal?: boolean
  /** Speaks TLS: plain requests are answered with 400. Without it, https requests fail as `not-tls`. */
  tls?: boolean
  /** What it shows then. */
  certificate?:
    | {
        /** The API server's: the certificate of who signed it, as PEM. */
        readonly authority: string
        readonly names: readonly string[]
      }
    | {
        /** Its own certificate and those that lead to its authority. */
        readonly pem: string
      }
  /** Why it does not take a client that shows that certificate, or none; without it all are taken. */
  clientAlert?(certificate: string | undefined): TlsAlert | undefined
  /** What it shows instead to whoever asks for that host; a client that asks for one without is refused. */
  certificateFor?(host: string): PortServer['certificate']
}

export interface SpokenProtocols {
  http: boolean
  tcp: boolean
  tls: boolean
}

/** What a server does not like about the certificate that a client shows. */
export type TlsAlert = 'certificate required' | 'certificate expired' | 'unknown ca' | 'bad certificate'

export type ConnectFailure =
  | { error: 'refused' }
  /** Dropped on the way, or no answer in time. */
  | { error: 'timeout' }
  | { error: 'no-route' }
  /** `alert`: why a server that speaks TLS ends it, where it says so. */
  | { error: 'reset'; alert?: TlsAlert }
  /** An https request reached a server that speaks plain text. */
  | { error: 'not-tls' }
  /** A server that speaks TLS showed a certificate that the client does not trust. */
  | { error: 'untrusted'; why: string }
  /** The name does not resolve. */
  | { error: 'unknown-host'; host: string }

/** One hop of a packet's walk, in words a learner can read. */
export interface Hop {
  at: string
  did: string
}

/** The way of a connection that was followed and not made. */
export interface Walk {
  hops: readonly Hop[]
  /** `reached`, or why the walk ended: `refused`, `timeout`, `no-route`, `unknown-host`. */
  outcome: string
}

export type HttpResult = ({ ok: true; response: HttpResponse } | ({ ok: false } & ConnectFailure)) & {
  /** Virtual milliseconds from the request to this result. */
  tookMs: number
  /** The address that was reached in the end. */
  server?: { ip: string; port: number; pod?: string }
  hops: readonly Hop[]
}

export type TcpResult = ({ ok: true; output?: string } | ({ ok: false } & ConnectFailure)) & {
  tookMs: number
  server?: { ip: string; port: number; pod?: string }
  hops: readonly Hop[]
}

/** The name of the search list that exists, and the one that it is an alias of, if it is (a CNAME record). */
export interface NameAnswer {
  name: string
  alias?: string
}

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR'

/** One resource record; of SRV the value is `priority weight port name`. Names are without the last dot. */
export interface DnsRecord {
  name: string
  type: RecordType
  value: string
}

/** What a name server says to one question, asked as it is. */
export interface DnsReply {
  /** Its address; '' when there is none to ask. */
  server: string
  /** `TIMEOUT` when nobody answers. */
  code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'TIMEOUT'
  records: readonly DnsRecord[]
  /** The zone is the server's own. */
  isAuthoritative: boolean
}

export interface Target {
  /** A name or an IP address. */
  host: string
  port: number
}

export type Cancel = () => void

/**
 * One network namespace: that of a Pod's sandbox, of a node, or the outside world. Results come through callbacks, at a
 * later virtual moment; the returned function takes the request back.
 */
export interface NetworkNamespace {
  /** '' for the outside. */
  readonly ip: string
  readonly hostname: string
  /** The number, on its node, of the other end of a Pod's interface; 0 without one. */
  readonly linkIndex: number
  /** Ports that are listened on, lowest first; those of TCP unless told. */
  listeningPorts(protocol?: 'TCP' | 'UDP'): readonly number[]
  /** Whether that port is bound to the loopback address alone. */
  isLocal(port: number, protocol?: 'TCP' | 'UDP'): boolean
  /** What who listens on a TCP port understands; undefined when nobody does. */
  spokenOn(port: number): SpokenProtocols | undefined
  /** Fails with the reason (`address already in use`); otherwise gives what closes the port. A port of TCP unless told. */
  listen(port: number, server: PortServer, protocol?: 'TCP' | 'UDP'): { close: () => void } | { error: string }
  http(target: Target, request: HttpRequest, timeoutMs: number, done: (result: HttpResult) => void): Cancel
  tcp(target: Target, input: string | undefined, timeoutMs: number, done: (result: TcpResult) => void): Cancel
  /** Sends a datagram and waits for one that answers it. */
  udp(target: Target, input: string, timeoutMs: number, done: (result: TcpResult) => void): Cancel
  grpcHealth(
    target: Target,
    service: string,
    timeoutMs: number,
    done: (result: TcpResult & { status?: string }) => void,
  ): Cancel
  /** Asks the name server one question, without a search path. */
  query(name: string, type: RecordType, done: (reply: DnsReply) => void): Cancel
  /** The search path of the Pod's resolv.conf; empty without the cluster's DNS. */
  searchPath(): readonly string[]
  /** The names that a resolver asks for in place of this one, in their order: some with a suffix, one as it is. */
  candidateNames(name: string): readonly string[]
  /** A and AAAA addresses; empty when the name does not exist. `answer` is what the DNS server said of it. */
  resolve(name: string, done: (addresses: readonly string[], server: string, answer?: NameAnswer) => void): Cancel
}
