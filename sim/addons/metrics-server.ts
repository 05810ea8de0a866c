/**
 * The add-on metrics-server: what containers and nodes use, as the API metrics.k8s.io.
 * Source: https://github.com/kubernetes-sigs/metrics-server. Simplified: it is no Pod, and reckons when it is asked instead of
 * every 15 seconds; a container is known once it has run that long.
 */
import { apiServices } from '../api/apiregistration/api-service.ts'
import { nodeMetrics, podMetrics } from '../api/autoscaling/metrics.ts'
import type { NodeMetrics, PodMetrics } from '../api/autoscaling/types.ts'
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import { resourceName } from '../api/meta/kind.ts'
import type { KubeObject, ObjectMeta } from '../api/meta/object.ts'
import { notFound } from '../api/meta/status-error.ts'
import { clusterRoles } from '../api/rbac/role.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Client } from '../client/client.ts'
import { SYSTEM_CPU_MILLIS } from '../kubelet/pages.ts'

/** --metric-resolution */
const RESOLUTION_MS = 15_000
/** What a node uses besides its Pods. */
const NODE_MEMORY_BYTES = 400 * 1024 ** 2

/** What a running container uses now. */
export interface ContainerUse {
  node: string
  namespace: string
  pod: string
  container: string
  /** On the engine's clock. */
  startedMs: number
  cpuMillis: number
  memoryBytes: number
}

export interface MetricsServerOptions {
  server: ApiServer
  /** Of the administrator, who installs it. */
  client: Client
  /** Of nodes that answer. */
  containers(): readonly ContainerUse[]
}

/** Serves metrics from now on. */
export function installMetricsServer({ server, client, containers }: MetricsServerOptions): void {
  const { engine } = server
  const window = `${RESOLUTION_MS / 1000}s`
  const measured = (): ContainerUse[] =>
    containers().filter(({ startedMs }) => engine.nowMs - startedMs >= RESOLUTION_MS)

  const meta = (source: ObjectMeta): ObjectMeta => ({
    name: source.name,
    ...(source.namespace === undefined ? {} : { namespace: source.namespace }),
    uid: '',
    resourceVersion: '',
    creationTimestamp: engine.timestamp(),
    ...(source.labels ? { labels: source.labels } : {}),
  })

  const podList = (namespace: string): PodMetrics[] => {
    const byPod = new Map<string, ContainerUse[]>()
    for (const use of measured()) {
      if (namespace && use.namespace !== namespace) continue
      const key = `${use.namespace}/${use.pod}`
      const known = byPod.get(key)
      if (known) known.push(use)
      else byPod.set(key, [use])
    }
    return [...byPod]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, uses]) => {
        const pod = server.stored(pods, { namespace: uses[0].namespace, name: uses[0].pod })
        // Pods that have ended, or whose containers are not all known yet, are left out.
        if (pod?.status.phase !== 'Running' || uses.length < pod.spec.containers.length) return []
        return [
          {
            apiVersion: podMetrics.apiVersion,
            kind: podMetrics.kind,
            metadata: meta(pod.metadata),
            timestamp: engine.timestamp(),
            window,
            containers: uses.map(({ container, cpuMillis, memoryBytes }) => ({
              name: container,
              usage: usageOf(cpuMillis, memoryBytes),
            })),
          },
        ]
      })
  }

  const nodeList = (): NodeMetrics[] => {
    const uses = measured()
    const answering = new Set(containers().map(({ node }) => node))
    return server.etcd.range('nodes').items.flatMap((node: KubeObject) => {
      const { name } = node.metadata
      const isReady = (
        node as unknown as { status: { conditions?: { type: string; status: string }[] } }
      ).status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
      if (!isReady && !answering.has(name)) return []
      const own = uses.filter((use) => use.node === name)
      const sum = (of: (use: ContainerUse) => number): number => own.reduce((total, use) => total + of(use), 0)
      return [
        {
          apiVersion: nodeMetrics.apiVersion,
          kind: nodeMetrics.kind,
          metadata: meta(node.metadata),
          timestamp: engine.timestamp(),
          window,
          usage: usageOf(
            SYSTEM_CPU_MILLIS + sum(({ cpuMillis }) => cpuMillis),
            NODE_MEMORY_BYTES + sum(({ memoryBytes }) => memoryBytes),
          ),
        },
      ]
    })
  }

  server.virtualResources.set(resourceName(podMetrics), {
    list: podList,
    get: ({ namespace, name }) => podList(namespace).find(({ metadata }) => metadata.name === name),
    // pkg/api/pod.go: the Pod's own absence, or that of its metrics.
    missing: (key) =>
      server.stored(pods, key)
        ? notFound('podmetrics.metrics.k8s.io', `${key.namespace}/${key.name}`)
        : notFound(pods.plural, key.name),
  })
  server.virtualResources.set(resourceName(nodeMetrics), {
    list: nodeList,
    get: ({ name }) => nodeList().find(({ metadata }) => metadata.name === name),
    missing: (key) => (server.stored(nodes, key) ? notFound('nodemetrics.metrics.k8s.io', key.name) : undefined),
  })
  server.seed(apiServices, {
    metadata: { name: `v1beta1.${podMetrics.group}`, labels: { 'k8s-app': 'metrics-server' } },
    spec: {
      group: podMetrics.group,
      groupPriorityMinimum: 100,
      insecureSkipTLSVerify: true,
      service: { name: 'metrics-server', namespace: 'kube-system', port: 443 },
      version: podMetrics.version,
      versionPriority: 100,
    },
    status: {},
  })
  const labels = Object.fromEntries(
    ['admin', 'edit', 'view'].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']),
  )
  client.create(clusterRoles, {
    metadata: { name: 'system:aggregated-metrics-reader', labels: { 'k8s-app': 'metrics-server', ...labels } },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: [pods.plural, nodes.plural], verbs: ['get', 'list', 'watch'] }],
  })
}

/** CPU in billionths, memory in kibibytes, as metrics-server tells them. */
const usageOf = (cpuMillis: number, memoryBytes: number) => ({
  cpu: `${Math.round(cpuMillis * 1_000_000)}n`,
  memory: `${Math.round(memoryBytes / 1024)}Ki`,
})
