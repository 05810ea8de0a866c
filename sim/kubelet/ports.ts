/** What the composition root gives a kubelet: the node's network plumbing, the image registry, the volume plugins. */
import type { NetworkNamespace } from '../network/types.ts'
import type { FileTree } from '../runtime/file-tree.ts'
import type { Image } from '../runtime/process.ts'

export interface SandboxRequest {
  podUid: string
  namespace: string
  name: string
  hostNetwork: boolean
  node: string
}

/** The container network interface: gives a sandbox its network namespace and takes it back. */
export interface Cni {
  addSandbox(request: SandboxRequest): { ip: string; network: NetworkNamespace } | { error: string }
  removeSandbox(podUid: string): void
}

/** The registry that nodes pull from. */
export interface ImageRegistry {
  /** A registry that is slow serves a tenth of the bandwidth; one that is down answers nothing. */
  readonly state: 'up' | 'down' | 'slow'
  /** The image that a reference (`nginx:1.27`, with its tag) names; undefined when the registry has none. */
  find(reference: string): Image | undefined
  /** The image's files, the same tree for every container of it. */
  layerOf(image: Image): FileTree
}
