/** The pages of a kubelet, as it serves them on its port and by the API server's proxy. Source: kubernetes/pkg/kubelet/server/server.go, and stats/v1alpha1 */
import { claimOfVolume } from '../api/core/pod/volume-claims.ts'
import { quantityValue } from '../api/meta/quantity.ts'
import type { Engine } from '../engine/engine.ts'
import type { HttpResponse } from '../network/types.ts'
import type { ContainerRuntime, RuntimeContainer } from './container-runtime.ts'
import {
  cadvisorPage,
  kubeletPage,
  type MeasuredContainer,
  type MeasuredNode,
  type MeasuredVolume,
  resourcePage,
} from './metric-pages.ts'
import { capacityOf, type KubeletNodeShape } from './node-status.ts'
import type { PodRecord } from './pod-record.ts'

/** What the node's own services take: kubelet, container runtime, kernel. */
export const SYSTEM_CPU_MILLIS = 60

/** Text, or what is sent as JSON; undefined where there is no page. */
export type KubeletPage = string | { readonly json: unknown } | undefined

/** As it is sent: text, JSON, or 404. */
export function answerOf(page: KubeletPage): HttpResponse {
  const [status, type, body] =
    page === undefined
      ? [404, 'text/plain; charset=utf-8', '404 page not found\n']
      : typeof page === 'string'
        ? [200, 'text/plain; charset=utf-8', page]
        : [200, 'application/json', JSON.stringify(page.json)]
  return { status, headers: { 'Content-Type': type }, body }
}

export interface PagesOptions {
  readonly engine: Engine
  readonly node: string
  readonly shape: KubeletNodeShape
  readonly runtime: ContainerRuntime
  release(): string
  records(): Iterable<PodRecord>
}

export class KubeletPages {
  private readonly options: PagesOptions

  constructor(options: PagesOptions) {
    this.options = options
  }

  at(path: string): KubeletPage {
    switch (path.replace(/\/$/, '')) {
      case '/healthz':
      case '/healthz/ping':
      case '/healthz/syncloop':
        return 'ok'
      case '/metrics':
        return kubeletPage(this.measure())
      case '/metrics/resource':
        return resourcePage(this.measure())
      case '/metrics/cadvisor':
        return cadvisorPage(this.measure())
      case '/pods':
        return podList([...this.options.records()].map(({ pod }) => pod))
      case '/runningpods':
        return podList(this.running())
      case '/stats/summary':
        return { json: this.summary() }
      default:
        return undefined
    }
  }

  private measure(): MeasuredNode {
    const { engine, node, shape, runtime, release, records } = this.options
    const qualities = new Map([...records()].map(({ uid, pod }) => [uid, pod.status.qosClass]))
    const running = runtime.running()
    const usedMs = new Map(running.map(({ status, handle }) => [status.id, handle?.cpuUsage().totalMs ?? 0]))
    // Those that have ended count as well: a node's counter never falls.
    const ofContainersMs = [...usedMs.values()].reduce((sum, ms) => sum + ms, runtime.endedCpuMs)
    return {
      name: node,
      release: release(),
      cores: quantityValue(shape.cpu ?? '2'),
      memoryBytes: capacityOf(shape).memoryBytes,
      cpuSeconds: inMicroseconds(ofContainersMs + (engine.nowMs * SYSTEM_CPU_MILLIS) / 1000),
      workingSetBytes: Math.round(runtime.usedMemoryBytes()),
      pods: new Set(running.map(({ podUid }) => podUid)).size,
      volumes: this.volumes(),
      containers: running.map(
        ({ object, podUid, spec, status, handle }): MeasuredContainer => ({
          ...{ namespace: object.namespace ?? '', pod: object.name, podUid },
          qosClass: qualities.get(podUid) ?? 'BestEffort',
          ...{ container: spec.name, id: status.id, image: spec.reference.canonical },
          startedEpochMs: this.epochMsOf(status.startedMs),
          memoryBytes: handle?.memoryUsage() ?? 0,
          cpuSeconds: inMicroseconds(usedMs.get(status.id) ?? 0),
          throttling: handle?.cpuThrottling(),
          cpuLimitMillis: spec.limits?.cpuMillis,
          memoryLimitBytes: spec.limits?.memoryBytes,
          cpuShares: spec.limits?.cpuShares ?? 2,
        }),
      ),
    }
  }

  /** Of claims, and with a size of their own. Simplified: measured when somebody asks, not once a minute. */
  private volumes(): MeasuredVolume[] {
    return [...this.options.records()].flatMap(({ pod, uid, volumes }) =>
      (pod.spec.volumes ?? []).flatMap((volume): MeasuredVolume[] => {
        const claim = claimOfVolume(pod, volume)?.claimName
        const tree = volumes.get(volume.name)?.tree.tree
        if (claim === undefined || !tree || !Number.isFinite(tree.capacityBytes)) return []
        const { namespace = '', name } = pod.metadata
        const { capacityBytes, usedBytes } = tree
        return [{ namespace, claim, pod: name, podUid: uid, name: volume.name, capacityBytes, usedBytes }]
      }),
    )
  }

  private byPod(): RuntimeContainer[][] {
    const groups = new Map<string, RuntimeContainer[]>()
    for (const one of this.options.runtime.running()) groups.set(one.podUid, [...(groups.get(one.podUid) ?? []), one])
    return [...groups.values()]
  }

  private running(): unknown[] {
    return this.byPod().map((containers) => ({
      metadata: referenceOf(containers[0]!),
      spec: { containers: containers.map(({ spec }) => ({ name: spec.name, resources: {} })) },
      status: {},
    }))
  }

  private summary(): unknown {
    const { engine, node, runtime } = this.options
    const time = secondsOf(engine.epochMs)
    const use = (containers: readonly RuntimeContainer[]) => ({
      cpu: {
        time,
        usageNanoCores: Math.round(
          containers.reduce((sum, { handle }) => sum + (handle?.cpuUsage().millis ?? 0), 0) * 1e6,
        ),
      },
      memory: { time, workingSetBytes: containers.reduce((sum, { handle }) => sum + (handle?.memoryUsage() ?? 0), 0) },
    })
    const volumes = this.volumes()
    const volumesOf = (podUid: string): object => {
      const volume = volumes
        .filter((one) => one.podUid === podUid)
        .map(({ name, namespace, claim, capacityBytes, usedBytes }) => ({
          ...{ time, availableBytes: Math.max(0, capacityBytes - usedBytes), capacityBytes, usedBytes, name },
          pvcRef: { name: claim, namespace },
        }))
      return volume.length > 0 ? { volume } : {}
    }
    const startTime = (startedMs: number): string => secondsOf(this.epochMsOf(startedMs))
    return {
      node: { nodeName: node, ...use(runtime.running()) },
      pods: this.byPod().map((containers) => ({
        podRef: referenceOf(containers[0]!),
        startTime: startTime(Math.min(...containers.map(({ status }) => status.startedMs))),
        containers: containers.map((container) => ({
          name: container.spec.name,
          startTime: startTime(container.status.startedMs),
          ...use([container]),
        })),
        ...use(containers),
        ...volumesOf(containers[0]!.podUid),
      })),
    }
  }

  private epochMsOf(ms: number): number {
    const { engine } = this.options
    return engine.epochMs - engine.nowMs + ms
  }
}

const podList = (items: readonly unknown[]): KubeletPage => ({
  json: { kind: 'PodList', apiVersion: 'v1', metadata: {}, items },
})

const referenceOf = ({ object, podUid }: RuntimeContainer) => ({
  name: object.name,
  namespace: object.namespace ?? '',
  uid: podUid,
})

/** Seconds, no finer than a control group counts. */
const inMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1e6

const secondsOf = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
