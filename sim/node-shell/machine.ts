/** What the programs of a node see of it: its services, its network, its hardware. */

import type { Client, UserInfo } from '../client/client.ts'
import type { Link } from '../client/link.ts'
import type { ControlPlaneHost } from '../components/component.ts'
import type { ProxyHost } from '../components/kube-proxy.ts'
import type { ServerTrust } from '../components/trust.ts'
import type { Engine } from '../engine/engine.ts'
import type { KubectlContext } from '../kubectl/context.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import type { KubeletNodeShape } from '../kubelet/node-status.ts'
import type { FlowTable } from '../network/conntrack.ts'
import type { RuleTable } from '../network/proxy/rule-table.ts'
import type { NetworkNamespace } from '../network/types.ts'
import type { Authority } from '../pki/authority.ts'
import type { Program } from '../runtime/process.ts'
import type { EtcdMachine } from './etcd-machine.ts'

export type Service = 'kubelet' | 'containerd'

/** What a kubectl on a node has of its node. */
export type NodeKubectlIO = Pick<KubectlContext, 'stdin' | 'files' | 'environment' | 'stdout' | 'stderr'>

export interface NodeMachine {
  readonly engine: Engine
  readonly shape: KubeletNodeShape
  readonly ip: string
  readonly podCIDR: string
  readonly kubelet: Kubelet
  /** When the cluster's certificates were made, in milliseconds since 1970. */
  readonly certifiedMs: number
  /** The cluster's own. */
  readonly authority: Authority
  /** What certificates the API server shows and takes. */
  readonly trust: ServerTrust
  /** What the API server says it is: `v1.36.2`. */
  serverRelease(): string
  /** Whose token that is; undefined for one that is not valid. */
  userOfToken(token: string): UserInfo | undefined
  /** Whether the cluster vouches for itself with that bootstrap token. */
  signsWith(token: string): boolean
  /** Goes to the API server as that user. @param far what lies between besides the node's network */
  clientOf(user: UserInfo, far: Link): Client
  /** What a kubectl on the node works with: the cluster as that client sees it, the files and the streams given. */
  kubectl(client: Client, io: NodeKubectlIO): KubectlContext
  /** The node's own network namespace. */
  readonly network: NetworkNamespace
  /** Of a control-plane node: the API server's store, of which a member of etcd is here. */
  readonly etcd?: EtcdMachine
  /** Of a control-plane node whose control plane runs as static Pods. */
  readonly controlPlane?: ControlPlaneHost
  /** Where kube-proxy is a Pod. */
  readonly proxy?: ProxyHost
  /** Goes down after that time, and comes up again by itself. Asked once more before it goes down, the later request counts. */
  reboot(afterMs: number): void
  /** Takes such a request back, as long as the machine is not going down yet. */
  cancelReboot(): void
  /** What its kube-proxy told its kernel. */
  rules(): RuleTable
  /** The connections that its kernel remembers. */
  flows(): FlowTable
  /** The other nodes, as routes lead to their Pods. */
  peers(): readonly { ip: string; podCIDR: string }[]
  /** The names of its Pods' network interfaces, and their addresses. */
  podAddresses(): readonly { uid: string; ip: string; linkIndex: number }[]
}

/** A program of the node, at its path. */
export interface NodeProgram {
  readonly path: string
  make(machine: NodeMachine): Program
}
