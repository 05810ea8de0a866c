/** Where a kubelet's Pods come from: a watch of those bound to its node. Source: pkg/kubelet/kubelet.go, syncLoopIteration */
import type { Pod } from '../api/core/pod-types.ts'
import type { Node } from '../api/core/types.ts'
import type { InformerHandlers } from '../client/informer.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import { hashValue } from '../engine/state-hash.ts'
import { admitPod, type Refusal } from './admission.ts'
import type { Allocation } from './allocation.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podRef } from './journal.ts'
import { newPodRecord, type PodRecord } from './pod-record.ts'
import { needsReadinessUpdate } from './pod-status.ts'
import type { PodWorkers } from './pod-workers.ts'
import type { ProbeManager } from './prober.ts'
import type { StatusManager } from './status-manager.ts'

export interface PodSourceOptions {
  engine: Engine
  runtime: ContainerRuntime
  recorder: EventRecorder
  statuses: StatusManager
  probes: ProbeManager
  workers: PodWorkers
  records: Map<string, PodRecord>
  allocation: Allocation
  /** Who may refuse a Pod before its fit is looked at. */
  admits: readonly ((pod: Pod) => Refusal | undefined)[]
  /** Told of each Pod that comes. */
  onArrival(pod: Pod): void
  /** The node as the kubelet sees it. */
  node(): Node | undefined
}

/** Handlers that admit new Pods, and tell workers of changes that matter to them. */
export function createPodSource(options: PodSourceOptions): InformerHandlers<Pod> {
  const { engine, runtime, recorder, statuses, probes, workers, records } = options

  const tell = (operation: string, pod: Pod): void =>
    runtime.journal.info('kubelet.go:2614', `SyncLoop ${operation}`, { source: 'api', pods: [podRef(pod)] })

  function onAdd(pod: Pod): void {
    const { uid } = pod.metadata
    if (records.has(uid)) return
    tell('ADD', pod)
    const record = newPodRecord(pod, runtime.status(uid))
    record.pod = options.allocation.granted(pod)
    records.set(uid, record)
    const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
    if (isOver && record.cache.containers.every((container) => container.state !== 'running')) {
      record.phase = pod.metadata.deletionTimestamp ? 'terminated' : 'finished'
      workers.update(record)
      return
    }
    const isNew = !isOver && !pod.metadata.deletionTimestamp && record.cache.containers.length === 0
    options.onArrival(pod)
    const refusal = isNew ? refusalOf(record) : undefined
    if (refusal) {
      const { reason, message } = refusal
      record.phase = 'finished'
      recorder.event(pod, 'Warning', reason, message)
      const { observedGeneration: _, ...status } = pod.status
      const observed = pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}
      statuses.set(pod, { ...status, ...observed, phase: 'Failed', reason, message: `Pod was rejected: ${message}` })
      return
    }
    if (pod.metadata.deletionTimestamp) workers.beginTermination(record)
    workers.update(record)
  }

  function refusalOf(record: PodRecord): Refusal | undefined {
    for (const admit of options.admits) {
      const refusal = admit(record.pod)
      if (refusal) return refusal
    }
    const node = options.node()
    if (!node) return undefined
    const others: Pod[] = []
    for (const other of records.values()) {
      if (other !== record && other.phase !== 'terminated' && other.phase !== 'finished') others.push(other.pod)
    }
    return admitPod(record.pod, node, others)
  }

  function onUpdate(pod: Pod, old: Pod): void {
    const record = records.get(pod.metadata.uid)
    if (!record) {
      // Another Pod of the same name took the place of one whose end was not seen.
      if (old.metadata.uid !== pod.metadata.uid) onDelete(old)
      onAdd(pod)
      return
    }
    record.pod = options.allocation.update(record, pod)
    probes.updatePod(pod)
    statuses.reconcile(pod)
    if (record.phase === 'finished') {
      if (pod.metadata.deletionTimestamp) statuses.finish(pod)
      return
    }
    if (pod.metadata.deletionTimestamp) workers.beginTermination(record)
    const isMeaningful = isMeaningfulChange(pod, old)
    if (isMeaningful) tell(pod.metadata.deletionTimestamp ? 'DELETE' : 'UPDATE', pod)
    if (isMeaningful || needsReadinessUpdate(pod)) workers.update(record)
  }

  function onDelete(pod: Pod): void {
    const record = records.get(pod.metadata.uid)
    if (!record) return
    tell('REMOVE', pod)
    const deletionTimestamp = pod.metadata.deletionTimestamp ?? engine.timestamp()
    record.pod = { ...pod, metadata: { ...pod.metadata, deletionTimestamp } }
    record.isGone = true
    if (record.phase === 'finished') {
      workers.forget(record)
      return
    }
    workers.beginTermination(record)
    workers.update(record)
  }

  return { onAdd, onUpdate, onDelete }
}

/** What makes a worker look again: not the status, which is the kubelet's own. */
function isMeaningfulChange(pod: Pod, old: Pod): boolean {
  const { metadata } = pod
  return (
    isChanged(pod.spec, old.spec) ||
    metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    metadata.deletionGracePeriodSeconds !== old.metadata.deletionGracePeriodSeconds ||
    isChanged(metadata.labels, old.metadata.labels) ||
    isChanged(metadata.annotations, old.metadata.annotations)
  )
}

const isChanged = (a: unknown, b: unknown): boolean => a !== b && hashValue(a) !== hashValue(b)
