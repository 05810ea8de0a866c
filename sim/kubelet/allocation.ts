/**
 * What a node has granted to its Pods: what they asked for when they were admitted, and what they were resized to since.
 * A resize that can't be granted stays pending. Source: pkg/kubelet/allocation/allocation_manager.go
 */
import { isSidecar, podRequests } from '../api/core/pod/resources.ts'
import type { Container, Pod, ResourceRequirements } from '../api/core/pod-types.ts'
import type { Node } from '../api/core/types.ts'
import { sorted } from '../api/meta/go-json.ts'
import { equalJson } from '../api/meta/json.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import { admitPod } from './admission.ts'
import type { PodRecord } from './pod-record.ts'

// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
const RETRY_MS = 180_000

/** Of each Pod by uid, what its containers were granted. It outlives the kubelet's restarts. */
export type Grants = Map<string, ReadonlyMap<string, ResourceRequirements>>

export interface AllocationOptions {
  engine: Engine
  recorder: EventRecorder
  records: ReadonlyMap<string, PodRecord>
  grants: Grants
  node(): Node | undefined
  /** The Pod was granted more or less, or told that it is not. */
  onChange(record: PodRecord): void
}

export class Allocation {
  private readonly options: AllocationOptions
  private retry: Timer | undefined

  constructor(options: AllocationOptions) {
    this.options = options
  }

  stop(): void {
    this.options.engine.cancel(this.retry)
  }

  /** The Pod with what it was granted; one that is seen for the first time is granted what it asks for. */
  granted(pod: Pod): Pod {
    const grants = this.options.grants.get(pod.metadata.uid)
    if (!grants) {
      this.grant(pod)
      return pod
    }
    return withGrants(pod, grants)
  }

  /** Takes a newer version of a Pod, whose resize is granted if the node can. Gives the Pod as it is to be run. */
  update(record: PodRecord, pod: Pod): Pod {
    const { engine, recorder } = this.options
    const current = this.granted(pod)
    record.desired = pod
    if (current === pod || record.phase !== 'sync') {
      record.pendingResize = undefined
      return current
    }
    const refusal = this.refusalOf(record, pod)
    const generation = pod.metadata.generation ?? 0
    if (refusal) {
      const { reason, message } = refusal
      const isNews = reason !== record.pendingResize?.reason || message !== record.pendingResize.message
      record.pendingResize = { reason, message, generation }
      if (isNews)
        recorder.event(
          pod,
          'Warning',
          `Resize${refusal.reason}`,
          `Pod resize ${refusal.why}: ${details(pod, refusal.message)}`,
        )
      if (refusal.reason === 'Deferred')
        this.retry ??= engine.after(RETRY_MS, 'retry resizes', () => this.retryDeferred(), { background: true })
      return current
    }
    record.pendingResize = undefined
    record.resizing = { generation }
    this.grant(pod)
    recorder.event(pod, 'Normal', 'ResizeStarted', `Pod resize started: ${details(pod)}`)
    return pod
  }

  /** Room may have become free: what was put off is tried again. */
  retryDeferred(): void {
    const { engine, records, onChange } = this.options
    engine.cancel(this.retry)
    this.retry = undefined
    for (const record of records.values()) {
      if (record.pendingResize?.reason !== 'Deferred' || record.phase !== 'sync') continue
      record.pod = this.update(record, record.desired)
      if (!record.pendingResize) onChange(record)
    }
  }

  forget(uid: string): void {
    this.options.grants.delete(uid)
  }

  /** The resize is done. */
  completed(record: PodRecord): void {
    record.resizing = undefined
    this.options.recorder.event(record.pod, 'Normal', 'ResizeCompleted', `Pod resize completed: ${details(record.pod)}`)
  }

  /** The resize cannot be done now; told once for each reason. Source: SyncPod */
  failed(record: PodRecord, error: string): void {
    const { pod, resizing } = record
    if (!resizing || resizing.error === error) return
    record.resizing = { ...resizing, error }
    this.options.recorder.event(pod, 'Warning', 'ResizeError', `Pod resize error: ${details(pod, error)}`)
  }

  private grant(pod: Pod): void {
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
    this.options.grants.set(pod.metadata.uid, new Map(containers.map(({ name, resources }) => [name, resources])))
  }

  /** `why` is what the event says, which is more exact than the condition's reason. Source: status_manager.go SetPodResizePendingCondition */
  private refusalOf(
    record: PodRecord,
    pod: Pod,
  ): { reason: 'Infeasible' | 'Deferred'; why: string; message: string } | undefined {
    const node = this.options.node()
    if (!node) return undefined
    const requests = podRequests(pod.spec)
    const allocatable = node.status.allocatable ?? {}
    for (const name of ['memory', 'cpu']) {
      const amount = name === 'cpu' ? quantityMillis : quantityValue
      const requested = amount(requests[name] ?? '0')
      const capacity = amount(allocatable[name] ?? '0')
      if (requested <= capacity) continue
      const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}`
      return { reason: 'Infeasible', why: 'Infeasible', message }
    }
    const others = [...this.options.records.values()].filter(
      (other) => other !== record && other.phase !== 'terminated' && other.phase !== 'finished',
    )
    const refusal = admitPod(
      pod,
      node,
      others.map((other) => other.pod),
    )
    return refusal && { reason: 'Deferred', why: refusal.reason, message: refusal.message }
  }
}

function withGrants(pod: Pod, grants: ReadonlyMap<string, ResourceRequirements>): Pod {
  let isSame = true
  const granted = (container: Container): Container => {
    const resources = grants.get(container.name)
    if (!resources || equalJson(resources, container.resources)) return container
    isSame = false
    return { ...container, resources }
  }
  const containers = pod.spec.containers.map(granted)
  const initContainers = pod.spec.initContainers?.map((container) =>
    isSidecar(container) ? granted(container) : container,
  )
  if (isSame) return pod
  return { ...pod, spec: { ...pod.spec, containers, ...(initContainers ? { initContainers } : {}) } }
}

/** As Go writes it: limits before requests, each sorted. */
const summary = ({ name, resources: { limits, requests } }: Container) => ({
  name,
  resources: { ...(limits ? { limits: sorted(limits) } : {}), ...(requests ? { requests: sorted(requests) } : {}) },
})
const details = ({ spec, metadata }: Pod, error?: string): string =>
  JSON.stringify({
    ...(spec.initContainers?.length ? { initContainers: spec.initContainers.map(summary) } : {}),
    containers: spec.containers.map(summary),
    generation: metadata.generation,
    ...(error ? { error } : {}),
  })
