/** The machines of a cluster: each with a kubelet, a kube-proxy, and a place in the network. */
import type { ApiServer } from './apiserver/api-server.ts'
import type { Pod } from './api/core/pod-types.ts'
import type { RunningComponent } from './client/machinery.ts'
import { nodes as nodeKind } from './api/core/node.ts'
import { adminUser, createComponentContext } from './component-context.ts'
import type { NodeAccess } from './kubectl/context.ts'
import { podCidrOf, nodeIpOf } from './network/address.ts'
import { startDns } from './network/dns.ts'
import { createKubeProxy } from './network/kube-proxy.ts'
import type { Network } from './network/network.ts'
import type { ClusterShape, NodeShape } from './scenario/types.ts'

export interface Nodes {
  /** What kubectl needs of the nodes: logs and exec. */
  readonly access: NodeAccess
  powerOff(node: string): void
  powerOn(node: string): void
  stopKubelet(node: string): void
  startKubelet(node: string): void
  setRegistry(state: 'up' | 'down' | 'slow'): void
  /** Kills what runs in the Pod's containers, as the kernel would. */
  killContainers(node: string, podUid: string): void
  writeStaticPod(node: string, file: string, manifest: string): void
  readHostFile(node: string, path: string): string | undefined
  /** What the container last said: its log, or that of its former run when it has just begun. */
  lastLog(pod: Pod, container: string): string
}

export interface NodesOptions {
  server: ApiServer
  network: Network
  shape: ClusterShape
}

export function createNodes({ server, network, shape }: NodesOptions): Nodes {
  const proxies: RunningComponent[] = []
  shape.nodes.forEach((node, i) => {
    network.addNode({ name: node.name, ip: nodeIpOf(i), podCIDR: podCidrOf(i) })
    proxies.push(startProxy(server, network, node))
  })
  if (shape.dns !== false) startClusterDns(server, network)
  // TEMPORARY until the kubelet is wired: bare Node objects.
  const client = createComponentContext(server, { user: adminUser, fieldManager: 'kubelet' }).client
  shape.nodes.forEach((node) => {
    client.create(nodeKind, { metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name, ...node.labels } }, spec: {} })
    const made = client.get(nodeKind, { namespace: '', name: node.name })
    const resources = { cpu: node.cpu ?? '2', memory: node.memory ?? '4Gi', pods: '110' }
    client.updateStatus(nodeKind, { ...made, status: { capacity: resources, allocatable: resources, conditions: [{ type: 'Ready', status: 'True' }] } })
  })
  const none = () => {
    throw new Error('no kubelet')
  }
  return {
    access: { logs: none, exec: none },
    powerOff: none, powerOn: none, stopKubelet: none, startKubelet: none, setRegistry: none, killContainers: none, writeStaticPod: none, readHostFile: none, lastLog: none,
  }
}

function startProxy(server: ApiServer, network: Network, node: NodeShape): RunningComponent {
  const context = createComponentContext(server, {
    user: { name: 'system:kube-proxy', groups: ['system:node-proxier', 'system:authenticated'] },
    fieldManager: 'kube-proxy',
  })
  const proxy = createKubeProxy({ context, node: node.name, network })
  context.informers.start()
  return proxy
}

function startClusterDns(server: ApiServer, network: Network): void {
  const context = createComponentContext(server, {
    user: { name: 'system:serviceaccount:kube-system:coredns', groups: ['system:serviceaccounts', 'system:authenticated'] },
    fieldManager: 'coredns',
  })
  startDns({ context, network })
  context.informers.start()
}
