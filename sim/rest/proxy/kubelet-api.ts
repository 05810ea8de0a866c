/** What a kubelet answers over HTTP, of that what is often asked. Source: kubernetes/pkg/kubelet/server/server.go, and stats/v1alpha1 */
import { pods } from '../../api/core/pod.ts'
import { resourceName } from '../../api/meta/kind.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { ApiServer } from '../../apiserver/api-server.ts'
import type { Kubelet } from '../../kubelet/kubelet.ts'
import type { HttpResponse } from '../../network/types.ts'
import type { ProxyParts } from './proxy.ts'
import { type NodeTarget, unreachable } from './target.ts'

const json = (value: unknown): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
const text = (body: string, status = 200): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** @throws StatusError 503 when the kubelet does not answer */
export function askKubelet({ server, kubeletOf }: ProxyParts, target: NodeTarget, path: string): HttpResponse {
  const kubelet = reach(kubeletOf, target)
  switch (path.replace(/\/$/, '')) {
    case '/healthz':
    case '/healthz/ping':
    case '/healthz/syncloop':
      return text('ok')
    case '/pods':
      return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podsOn(server, target.name) })
    case '/runningpods':
      return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: runningPods(kubelet) })
    case '/stats/summary':
      return json(summaryOf(server, kubelet))
    default:
      return text('404 page not found\n', 404)
  }
}

function reach(kubeletOf: ProxyParts['kubeletOf'], { name, address }: NodeTarget): Kubelet {
  try {
    return kubeletOf({ spec: { nodeName: name }, status: { hostIP: address } }, () => '')
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw unreachable(error.message.replace(/^: /, ''))
  }
}

/** Simplified: as the API server has them. */
const podsOn = (server: ApiServer, node: string) =>
  server.etcd
    .range(resourceName(pods), { prefix: '' })
    .items.filter((pod) => (pod as { spec?: { nodeName?: string } }).spec?.nodeName === node)

type Running = ReturnType<Kubelet['runningContainers']>[number]

function byPod(kubelet: Kubelet): Map<string, Running[]> {
  const groups = new Map<string, Running[]>()
  for (const container of kubelet.runningContainers())
    groups.set(container.podUid, [...(groups.get(container.podUid) ?? []), container])
  return groups
}

const runningPods = (kubelet: Kubelet): unknown[] =>
  [...byPod(kubelet)].map(([uid, containers]) => ({
    metadata: { name: containers[0].pod, namespace: containers[0].namespace, uid },
    spec: { containers: containers.map(({ container }) => ({ name: container, resources: {} })) },
    status: {},
  }))

function summaryOf(server: ApiServer, kubelet: Kubelet): unknown {
  const { engine } = server
  const time = new Date(engine.epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const use = (containers: readonly Running[]) => ({
    cpu: { time, usageNanoCores: Math.round(containers.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0) * 1e6) },
    memory: { time, workingSetBytes: containers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) },
  })
  const startTime = (startedMs: number): string =>
    new Date(engine.epochMs - engine.nowMs + startedMs).toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    node: { nodeName: kubelet.node, ...use(kubelet.runningContainers()) },
    pods: [...byPod(kubelet)].map(([uid, containers]) => ({
      podRef: { name: containers[0].pod, namespace: containers[0].namespace, uid },
      startTime: startTime(Math.min(...containers.map(({ startedMs }) => startedMs))),
      containers: containers.map((container) => ({
        name: container.container,
        startTime: startTime(container.startedMs),
        ...use([container]),
      })),
      ...use(containers),
    })),
  }
}
