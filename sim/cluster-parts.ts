/**
 * The parts of a cluster, put together: an engine, a store behind an API server, the control plane, nodes with their kubelets and
 * proxies, a network between them, and the machine of somebody with a kubectl. The only place that knows every component.
 */
import { installCloudProvider } from './addons/cloud/cloud-provider.ts'
import { installGatewayApi } from './addons/gateway/gateway-api.ts'
import { installIngressController } from './addons/ingress-controller.ts'
import { installMetricsServer } from './addons/metrics-server.ts'
import { installMetricsPods, installSystemPods } from './addons/system-pods.ts'
import { nodeMetrics, podMetrics } from './api/autoscaling/metrics.ts'
import { namespaces } from './api/core/namespace.ts'
import type { Kind } from './api/meta/kind.ts'
import { kinds, virtualKinds } from './api/registry.ts'
import { ApiServer } from './apiserver/api-server.ts'
import { createRbacAuthorization } from './apiserver/authorization/rbac.ts'
import { bootstrap, bootstrapPolicy } from './apiserver/bootstrap.ts'
import { createClient } from './apiserver/client.ts'
import type { Client } from './client/client.ts'
import type { ClusterOptions } from './cluster-types.ts'
import { adminUser } from './component-context.ts'
import { knownUser } from './components/trust.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { allNodes, areStaticPods, certifiedMs, memberPlaces, releaseOfShape } from './control-plane-nodes.ts'
import { Engine } from './engine/engine.ts'
import { EtcdMembers } from './etcd/members.ts'
import { createKubeadmObjects } from './kubeadm/objects.ts'
import type { LocalMachine } from './kubectl/context.ts'
import { DiscoveryCache } from './kubectl/discovery-cache.ts'
import { apiServerIP } from './network/address.ts'
import { createNetwork, type Network } from './network/network.ts'
import type { TrafficSource } from './network/traffic.ts'
import { createNodes, type Nodes, type NodesOptions } from './nodes.ts'
import { createPodAccess, type PodAccess } from './pod-access.ts'
import { serveInside } from './rest/inside.ts'
import { createLocalMachine } from './rest/local-machine.ts'
import { createRest, type Rest } from './rest/rest.ts'
import { createSessions, type SessionCommand, type SessionParts, type Sessions } from './rest/streaming/sessions.ts'

/** 2026-01-01T00:00:00Z: the wall clock at hand-over unless told. */
export const defaultStartEpochMs = Date.UTC(2026, 0, 1)
/** The control plane, the nodes and the system's objects come up in this time, before the hand-over. */
const usualBootMs = 20_000
/** Until the probes of its Pods have found a control plane of static Pods well. */
const staticPodsBootMs = 40_000
/** The namespace of the lines is made last, with what controllers put into it. */
const lastMs = 500

export interface ClusterParts {
  readonly engine: Engine
  readonly server: ApiServer
  readonly network: Network
  readonly nodes: Nodes
  readonly pods: PodAccess
  readonly controlPlane: ControlPlane
  /** The administrator's client. */
  readonly client: Client
  /** All that are served now. */
  readonly kinds: () => readonly Kind[]
  /** What kubectl knows of the kinds, on the machine of the one who types. */
  readonly discovery: DiscoveryCache
  /** That kubectl lines use unless they name one. */
  readonly namespace: string
  /** Of kubectl lines that come without files. */
  readonly kubeconfig: { text?: string }
  readonly rest: Rest
  readonly sessions: Sessions
  readonly sessionParts: SessionParts
  /** Of the one who types. */
  readonly machine: LocalMachine
  /** By name. */
  readonly traffic: Map<string, TrafficSource>
}

/**
 * A booted cluster: nodes ready, system namespaces there.
 * @param note is told what comes through open sessions, for the log
 * @param kubectl what a kubectl on a node works with, once the cluster is there
 */
export function assembleCluster(
  options: ClusterOptions,
  note: (command: SessionCommand) => void,
  kubectl: NodesOptions['kubectl'],
): ClusterParts {
  const startEpochMs = options.startEpochMs ?? defaultStartEpochMs
  const staticPods = areStaticPods(options.shape)
  const bootMs = staticPods ? staticPodsBootMs : usualBootMs
  const handOverMs = bootMs + lastMs
  const engine = new Engine({ seed: options.seed, startEpochMs: startEpochMs - handOverMs, limits: options.limits })
  const places = memberPlaces(options.shape)
  const shape = { ...options.shape, nodes: allNodes(options.shape) }
  const server = new ApiServer({
    engine,
    members: places.length > 0 ? new EtcdMembers(engine, places) : undefined,
    certifiedMs: certifiedMs(options.shape, startEpochMs),
    authorityKey: options.authorityKey,
    strict: options.strict,
    hashesContent: options.hashesContent,
    authorization: createRbacAuthorization,
  })
  const release = releaseOfShape(options.shape)
  server.release = release
  const client = createClient(server, { user: adminUser, fieldManager: 'kubectl', latencyMs: 0 })
  const network = createNetwork(engine)
  server.dial = network.askFromControlPlane
  server.probe = network.failureFromControlPlane
  const apiClient = createClient(server, {
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    fieldManager: 'kube-apiserver',
    isTrusted: true,
    isLoopback: true,
  })
  const namespace = options.shape.namespace ?? 'default'
  bootstrap(server, apiClient, apiServerIP)
  bootstrapPolicy(server)
  if (staticPods) createKubeadmObjects(apiClient, server.authority, places.length, release)
  const controlPlane = startControlPlane(server, options.shape, staticPods)
  const nodes = createNodes({
    server,
    network,
    shape,
    controlPlane: staticPods ? places : [],
    runComponent: controlPlane.run,
    release,
    apiServerTls: controlPlane.apiServerTls,
    kubectl,
  })
  if (options.shape.systemPods) {
    installSystemPods(createClient(server, { user: adminUser, fieldManager: 'kubeadm', latencyMs: 0 }), release)
    if (options.shape.metricsServer) installMetricsPods(client)
  }
  if (options.shape.metricsServer)
    installMetricsServer({ server, client: apiClient, containers: nodes.containersInUse })
  if (options.shape.ingressController)
    installIngressController({ server, client: apiClient, network, node: options.shape.nodes[0].name })
  if (options.shape.gatewayApi)
    installGatewayApi({ server, client: apiClient, network, node: options.shape.nodes[0].name })
  if (options.shape.cloudProvider) installCloudProvider({ server, network })
  const served = servedKinds(options)
  const servedNow = (): readonly Kind[] => [...served, ...server.customResources.kinds]
  const { kubeletOf } = nodes
  const sessionParts: SessionParts = { server, kubeletOf, trace: engine.trace, note }
  const sessions = createSessions(sessionParts)
  const rest = createRest({
    server,
    kinds: served,
    streaming: { server, kubeletOf, sessions },
    proxying: {
      server,
      network,
      kubeletOf,
      wait(isDone, limitMs) {
        const limit = engine.nowMs + limitMs
        while (!isDone() && (engine.nextDueMs() ?? Number.POSITIVE_INFINITY) <= limit && engine.step());
      },
    },
  })
  serveInside({
    server,
    network,
    rest,
    isCutOff: nodes.isCutOff,
    servingCertificate: () => controlPlane.apiServerTls()?.certificate(),
    userOf: (certificate) => knownUser(nodes.trust, certificate, engine.epochMs),
  })
  engine.runUntil(bootMs)
  if (!client.find(namespaces, { namespace: '', name: namespace }))
    client.create(namespaces, { metadata: { name: namespace }, spec: {} })
  engine.runUntil(handOverMs)

  const machine = createLocalMachine({ network, rest, sessions: sessionParts })
  const traffic = new Map<string, TrafficSource>()
  return {
    engine,
    server,
    network,
    nodes,
    pods: createPodAccess(server, client),
    controlPlane,
    client,
    kinds: servedNow,
    kubeconfig: {},
    discovery: new DiscoveryCache(servedNow, () => engine.nowMs),
    namespace,
    rest,
    sessions,
    sessionParts,
    machine,
    traffic,
  }
}

function servedKinds({ shape }: ClusterOptions): readonly Kind[] {
  const ofMetrics = shape.metricsServer ? [podMetrics as unknown as Kind, nodeMetrics as unknown as Kind] : []
  return [...kinds, ...virtualKinds, ...ofMetrics]
}
