/**
 * Static Pods: from files of the node, run without the API. A mirror in the API shows each; it does nothing: deleting it
 * brings another one, and the containers never notice. Source: https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import type { InformerHandlers } from '../client/informer.ts'
import { type Retry, retryAfter } from '../client/retry.ts'
import type { Engine } from '../engine/engine.ts'
import { hashValue } from '../engine/state-hash.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podRef } from './journal.ts'
import { newPodRecord, type PodRecord } from './pod-record.ts'
import type { PodWorkers } from './pod-workers.ts'
import { mirrorAnnotation, type StatusManager, staticAnnotation } from './status-manager.ts'

const MIRROR_MS = 5
const RESYNC_MS = 60_000

export interface StaticPodsOptions {
  engine: Engine
  client: Client
  runtime: ContainerRuntime
  statuses: StatusManager
  workers: PodWorkers
  records: Map<string, PodRecord>
  /** By file name; outlives the kubelet's restarts. */
  manifests: ReadonlyMap<string, Pod>
}

export const isMirrorPod = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined

export class StaticPods implements InformerHandlers<Pod> {
  private readonly options: StaticPodsOptions
  private isStopped = false
  /** Those that a mirror was made for. */
  private readonly shown = new Set<string>()
  /** Of those that could not be shown. */
  private readonly retries = new Map<string, Retry>()

  constructor(options: StaticPodsOptions) {
    this.options = options
  }

  stop(): void {
    this.isStopped = true
    for (const retry of this.retries.values()) retry.cancel()
    this.retries.clear()
  }

  /** Runs the Pod of a manifest. */
  add(pod: Pod): void {
    const { runtime, records, workers } = this.options
    const record = newPodRecord(pod, runtime.status(pod.metadata.uid))
    records.set(pod.metadata.uid, record)
    runtime.journal.info('kubelet.go:2614', 'SyncLoop ADD', { source: 'file', pods: [podRef(pod)] })
    this.show(pod)
    workers.update(record)
  }

  /** Ends the Pod of a manifest that is gone. */
  remove(pod: Pod): void {
    const { records, workers } = this.options
    const record = records.get(pod.metadata.uid)
    if (!record) return
    const { journal } = this.options.runtime
    journal.info('kubelet.go:2620', 'SyncLoop REMOVE', { source: 'file', pods: [podRef(pod)] })
    record.isGone = true
    this.shown.delete(pod.metadata.uid)
    workers.beginTermination(record)
    workers.update(record)
    this.deleteMirror(pod)
  }

  onAdd(mirror: Pod): void {
    const pod = this.shownBy(mirror)
    if (pod && !mirror.metadata.deletionTimestamp) this.options.statuses.flush(pod.metadata.uid)
    else this.deleteMirror(mirror)
  }

  onUpdate(mirror: Pod): void {
    this.onAdd(mirror)
  }

  onDelete(mirror: Pod): void {
    const key = keyText(keyOf(mirror))
    const find = () => [...this.options.manifests.values()].find((pod) => keyText(keyOf(pod)) === key)
    if (!find()) return
    this.options.engine.after(MIRROR_MS, 'create mirror Pod', () => {
      const pod = this.isStopped ? undefined : find()
      if (!pod) return
      this.shown.delete(pod.metadata.uid)
      this.show(pod)
    })
  }

  /**
   * Makes the mirror of a Pod that has none, in place of one that shows what stood in the file before: tried with each sync.
   * Source: tryReconcileMirrorPods in pkg/kubelet/kubelet.go
   */
  show(pod: Pod): void {
    const { uid } = pod.metadata
    if (this.shown.has(uid)) return
    const isThere = this.ask((client) => {
      const found = client.find(pods, keyOf(pod))
      if (found?.metadata.annotations?.[mirrorAnnotation] === uid) return
      if (found && isMirrorPod(found)) client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 })
      createMirror(client, pod)
    })
    if (isThere) this.shown.add(uid)
    else if (!this.retries.has(uid)) this.retries.set(uid, this.retry(pod))
  }

  /** A Pod that changes nothing is synced once a minute, too. */
  private retry(pod: Pod): Retry {
    const { engine, client } = this.options
    const { uid } = pod.metadata
    return retryAfter(engine, client, RESYNC_MS, 'create mirror Pod', () => {
      this.retries.delete(uid)
      if ([...this.options.manifests.values()].some(({ metadata }) => metadata.uid === uid)) this.show(pod)
    })
  }

  private shownBy(mirror: Pod): Pod | undefined {
    const uid = mirror.metadata.annotations?.[mirrorAnnotation]
    return [...this.options.manifests.values()].find((pod) => pod.metadata.uid === uid)
  }

  private deleteMirror(pod: Pod): void {
    this.ask((client) => client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 }))
  }

  /** A mirror that can't be made or deleted changes nothing for the Pod. @returns whether it could */
  private ask(call: (client: Client) => void): boolean {
    const { client } = this.options
    try {
      call(client)
      return true
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return false
    } finally {
      client.takeChargedMs?.()
    }
  }
}

function createMirror(client: Client, pod: Pod): void {
  const { name, namespace, labels, uid } = pod.metadata
  const annotations = { ...pod.metadata.annotations, [mirrorAnnotation]: uid }
  const node = client.find(nodes, { namespace: '', name: pod.spec.nodeName! })
  const owner = node && {
    apiVersion: 'v1',
    kind: 'Node',
    name: node.metadata.name,
    uid: node.metadata.uid,
    controller: true,
  }
  const ownerReferences = owner && [owner]
  client.create(pods, { ...pod, metadata: { name, namespace, labels, annotations, ownerReferences } })
}

/** A static Pod as its kubelet runs it: named after the node, with a uid made of the manifest. */
export function staticPodOf(manifest: Pod, node: string): Pod {
  const uid = [0, 1, 2, 3].map((i) => hashValue({ i, manifest, node }).toString(16).padStart(8, '0')).join('')
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      name: `${manifest.metadata.name}-${node}`,
      namespace: manifest.metadata.namespace ?? 'default',
      uid,
      annotations: { ...manifest.metadata.annotations, 'kubernetes.io/config.hash': uid, [staticAnnotation]: 'file' },
    },
    spec: {
      ...manifest.spec,
      nodeName: node,
      tolerations: [...(manifest.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: manifest.status ?? {},
  }
}
