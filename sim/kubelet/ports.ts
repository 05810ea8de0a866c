/** What the composition root gives a kubelet: the node's network plumbing, the image registry, the volume plugins. */
import type { PodSpec } from '../api/core/pod-types.ts'
import type { ImageLayer } from '../images/layers.ts'
import type { NetworkNamespace } from '../network/types.ts'
import type { GroupLimits } from '../runtime/control-group.ts'
import type { FileTree } from '../runtime/file-tree.ts'
import type { Image } from '../runtime/process.ts'
import type { ImageReference } from '../text/image-reference.ts'
import type { PodCgroup } from './pod-cgroup.ts'
import type { Credentials } from './pull-secrets.ts'

export interface SandboxRequest {
  podUid: string
  namespace: string
  name: string
  hostNetwork: boolean
  node: string
  hostname: string
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None'
  dnsConfig?: PodSpec['dnsConfig']
  hostAliases?: readonly { ip: string; hostnames?: readonly string[] }[]
  hostPorts?: readonly { hostPort: number; containerPort: number; protocol?: 'TCP' | 'UDP' | 'SCTP'; hostIP?: string }[]
  /** The runtime that its class asks for; '' for the default. */
  runtimeHandler?: string
  /** The Pod's containers share their process numbers. */
  sharesProcesses?: boolean
  /** Its containers have their process numbers of the node. */
  hostPID?: boolean
  /** They share the node's memory below /dev/shm. */
  hostIPC?: boolean
  /** Limits of the Pod as a whole. */
  limits?: GroupLimits
  /** The control group that the kubelet made for it. */
  cgroup: PodCgroup
  /** As whom its pause process runs; the image's user unless told. */
  runAsUser?: number
}

/** What probes and hooks are sent through: background work of the node's own network namespace. */
export type ProbeNetwork = Pick<NetworkNamespace, 'http' | 'tcp' | 'grpcHealth'>

/** The container network interface: gives a sandbox its network namespace and takes it back. */
export interface Cni {
  addSandbox(request: SandboxRequest): { ip: string; network: NetworkNamespace } | { error: string }
  removeSandbox(podUid: string): void
}

/** The registry that nodes pull from. */
export interface ImageRegistry {
  /** A registry that is slow serves a tenth of the bandwidth; one that is down answers nothing. */
  readonly state: 'up' | 'down' | 'slow'
  /** The image that a reference names, in any of its forms; undefined when the registry has none. */
  find(reference: string): Image | undefined
  /** Why it does not say whether it has the image; undefined when it says that it is not found. */
  refusal(reference: ImageReference, credentials: readonly Credentials[]): string | undefined
  /** The lowest first. */
  layers(reference: ImageReference): readonly ImageLayer[]
  /** `sha256:` and 64 hexadecimal digits. */
  digest(reference: ImageReference): string
  /** The image's files, the same tree for every container of it. */
  layerOf(image: Image): FileTree
}
