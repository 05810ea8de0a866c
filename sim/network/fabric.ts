/** What the simulated network is made of: nodes, who has which address, and what stands before the cluster. */
import type { Cidr } from './address.ts'
import type { FlowTable } from './conntrack.ts'
import type { Ipam } from './ipam.ts'
import type { Namespace } from './namespace.ts'
import type { PolicyEnforcer } from './policy.ts'
import type { RuleTable } from './proxy/rule-table.ts'
import type { Protocol } from './proxy/rules.ts'
import type { NetworkNamespace } from './types.ts'

export interface NodeEntry {
  name: string
  ip: string
  ipam: Ipam
  podCIDR: Cidr
  host: Namespace
  rules: RuleTable
  flows: FlowTable
  /** The number of the next interface that is made on it. */
  nextLink: number
  isUp: boolean
  /** Its cable is cut: what goes to or from any other place is lost. */
  isCut: boolean
  hostPorts: HostPort[]
}

/** A port of a node that leads to a Pod, as the CNI plugin portmap makes them. */
export interface HostPort {
  port: number
  protocol: Protocol
  /** The node's address that it is bound to; all of them unless told. */
  hostIP?: string
  sandbox: Namespace
  containerPort: number
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
  protocol: Protocol
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

/** Whether nothing gets from one place to the other; places that are no node have no cable of their own. */
export const isCutBetween = (a: NodeEntry | undefined, b: NodeEntry | undefined): boolean =>
  a !== b && (a?.isCut === true || b?.isCut === true)

export interface Fabric {
  readonly nodes: Map<string, NodeEntry>
  readonly nodeByIp: Map<string, NodeEntry>
  readonly podByIp: Map<string, Namespace>
  readonly published: Map<string, Publication>
  readonly balancers: Map<string, LoadBalancer>
  /** Where the API server is, beside all nodes; it has the address of one of them. */
  readonly controlPlane: Namespace
  /** Who knows the NetworkPolicies; without it there are none. */
  policies: PolicyEnforcer | undefined
}
