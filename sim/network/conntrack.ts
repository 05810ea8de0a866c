/**
 * The connections that a node's kernel remembers, so that what comes back is translated back. Simplified: translation keeps the sender's port,
 * lookups of names and what the control plane's programs say to each other leave no entry, and what is dropped on the way leaves none either.
 * Sources: Documentation/networking/nf_conntrack-sysctl.rst of Linux; pkg/proxy/apis/config/v1alpha1/defaults.go
 */
import { hash32 } from '../engine/random.ts'
import type { Protocol } from './proxy/rules.ts'

export interface FlowAddress {
  readonly ip: string
  readonly port: number
}

/** Of a connection: who asked whom, and who answers to whom. The pairs are each other's mirror where nothing was translated. */
export interface FlowWay {
  readonly protocol: Protocol
  readonly client: FlowAddress
  readonly asked: FlowAddress
  readonly replier: FlowAddress
  readonly repliesTo: FlowAddress
}

export interface Flow extends FlowWay {
  /** Of TCP. */
  state: 'SYN_SENT' | 'ESTABLISHED' | 'TIME_WAIT'
  isReplied: boolean
  /** It is not thrown out when the table is full. */
  isAssured: boolean
  /** When it is forgotten, if nothing more comes. */
  untilMs: number
}

const SYN_SENT_MS = 120_000
/** kube-proxy's tcpEstablishedTimeout. */
const ESTABLISHED_MS = 86_400_000
const TIME_WAIT_MS = 120_000
const UDP_MS = 30_000
/** Simplified: then the oldest goes. */
const MOST_FLOWS = 4096
/** Source: Documentation/networking/ip-sysctl.rst, ip_local_port_range */
const FIRST_PORT = 32_768
const PORTS = 28_232

/** A port that a client sends from. @param number of the connection */
export const portOfClient = (client: string, number: number): number => FIRST_PORT + (hash32(client, number) % PORTS)

export class FlowTable {
  private flows: Flow[] = []

  open(way: FlowWay, nowMs: number): Flow {
    const isTcp = way.protocol === 'TCP'
    const flow: Flow = {
      ...way,
      state: 'SYN_SENT',
      isReplied: false,
      isAssured: false,
      untilMs: nowMs + (isTcp ? SYN_SENT_MS : UDP_MS),
    }
    if (this.flows.length >= MOST_FLOWS) this.flows = this.list(nowMs).slice(-MOST_FLOWS / 2)
    this.flows.push(flow)
    return flow
  }

  /** Those that are not forgotten, the oldest first. */
  list(nowMs: number): readonly Flow[] {
    return this.flows.filter(({ untilMs }) => untilMs > nowMs)
  }

  remove(gone: ReadonlySet<Flow>): void {
    this.flows = this.flows.filter((flow) => !gone.has(flow))
  }

  /** As when the machine starts. */
  clear(): void {
    this.flows = []
  }
}

/** The entries of one connection, on every node that it comes through. */
export class TrackedConnection {
  private readonly flows: readonly { flow: Flow; table: FlowTable }[]

  constructor(flows: readonly { flow: Flow; table: FlowTable }[]) {
    this.flows = flows
  }

  accepted(nowMs: number): void {
    for (const { flow } of this.flows)
      if (flow.protocol === 'TCP')
        Object.assign(flow, { state: 'ESTABLISHED', isReplied: true, isAssured: true, untilMs: nowMs + ESTABLISHED_MS })
  }

  /** A refusal is an end before there was a connection: the entry goes at once. Source: nf_conntrack_proto_tcp.c of Linux */
  refused(): void {
    for (const { flow, table } of this.flows) table.remove(new Set([flow]))
  }

  /** Nothing more is said. @param isAnswered somebody did answer */
  over(nowMs: number, isAnswered: boolean): void {
    for (const { flow } of this.flows)
      if (flow.protocol !== 'TCP') Object.assign(flow, { isReplied: isAnswered, untilMs: nowMs + UDP_MS })
      else if (flow.state === 'ESTABLISHED') Object.assign(flow, { state: 'TIME_WAIT', untilMs: nowMs + TIME_WAIT_MS })
  }
}
