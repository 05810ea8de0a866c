/**
 * Static Pods: from files of the node, run without the API. A mirror in the API shows each; it does nothing: deleting it
 * brings another one, and the containers never notice. Source: https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import { equalJson } from '../api/meta/json.ts'
import { keyOf, keyText, type ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import type { InformerHandlers } from '../client/informer.ts'
import { type Retry, retryAfter } from '../client/retry.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import { hashValue } from '../engine/state-hash.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podRef } from './journal.ts'
import { newPodRecord, type PodRecord } from './pod-record.ts'
import type { PodWorkers } from './pod-workers.ts'
import { mirrorAnnotation, type StatusManager, staticAnnotation } from './status-manager.ts'

const MIRROR_MS = 5
const RESYNC_MS = 60_000
/** housekeepingPeriod: how often mirrors are looked for that nobody stands behind. */
const HOUSEKEEPING_MS = 2000

export interface StaticPodsOptions {
  engine: Engine
  client: Client
  runtime: ContainerRuntime
  statuses: StatusManager
  workers: PodWorkers
  records: Map<string, PodRecord>
  /** By file name; outlives the kubelet's restarts. */
  manifests: ReadonlyMap<string, Pod>
  /** The Pod of that name as the kubelet has seen it in the API. */
  seen(key: ObjectKey): Pod | undefined
}

export const isMirrorPod = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined

export class StaticPods implements InformerHandlers<Pod> {
  private readonly options: StaticPodsOptions
  private readonly startedMs: number
  private isStopped = false
  /** Those whose name another one still has that ends. */
  private readonly waiting = new Map<string, Timer>()
  /** Of those that could not be shown. */
  private readonly retries = new Map<string, Retry>()
  /** Mirrors that nobody stands behind any more. */
  private readonly orphans = new Map<string, Pod>()
  private housekeeping: Timer | undefined

  constructor(options: StaticPodsOptions) {
    this.options = options
    this.startedMs = options.engine.nowMs
  }

  stop(): void {
    this.isStopped = true
    const { engine } = this.options
    for (const timer of [...this.waiting.values(), this.housekeeping]) engine.cancel(timer)
    for (const retry of this.retries.values()) retry.cancel()
    this.retries.clear()
  }

  /** Runs the Pod of a manifest. */
  add(pod: Pod): void {
    const { runtime, records } = this.options
    const record = newPodRecord(pod, runtime.status(pod.metadata.uid))
    records.set(pod.metadata.uid, record)
    runtime.journal.info('kubelet.go:2614', 'SyncLoop ADD', { source: 'file', pods: [podRef(pod)] })
    this.start(record)
  }

  /** As soon as no other one of its name runs or ends: what stood in the file before. Source: allowStaticPodStart */
  private start(record: PodRecord): void {
    const { workers } = this.options
    const { uid } = record
    this.waiting.delete(uid)
    if (this.recordsNamed(record.pod).every((other) => other.uid === uid)) workers.update(record)
    else
      this.waiting.set(
        uid,
        workers.afterBackoff('start static Pod', () => this.start(record)),
      )
  }

  /** Ends the Pod of a manifest that is gone. */
  remove(pod: Pod): void {
    const { engine, records, workers } = this.options
    const { uid } = pod.metadata
    const record = records.get(uid)
    if (!record) return
    const { journal } = this.options.runtime
    journal.info('kubelet.go:2620', 'SyncLoop REMOVE', { source: 'file', pods: [podRef(pod)] })
    const waiting = this.waiting.get(uid)
    if (waiting) {
      engine.cancel(waiting)
      this.waiting.delete(uid)
      records.delete(uid)
    } else {
      record.isGone = true
      workers.beginTermination(record)
      workers.update(record)
    }
    const mirror = this.options.seen(keyOf(pod))
    if (mirror && isMirrorPod(mirror)) this.lookForOrphan(mirror)
  }

  onAdd(mirror: Pod): void {
    const record = this.behind(mirror)
    if (record) this.options.statuses.mirrored(record.uid)
    this.changed(mirror)
  }

  onUpdate(mirror: Pod, old: Pod): void {
    const { labels, annotations, deletionTimestamp } = old.metadata
    const isSame =
      equalJson(mirror.spec, old.spec) &&
      equalJson(mirror.metadata.labels, labels) &&
      equalJson(mirror.metadata.annotations, annotations) &&
      mirror.metadata.deletionTimestamp === deletionTimestamp
    if (!isSame) this.changed(mirror)
  }

  private changed(mirror: Pod): void {
    const record = this.behind(mirror)
    if (record) this.options.workers.update(record)
    else this.lookForOrphan(mirror)
  }

  onDelete(mirror: Pod): void {
    this.orphans.delete(keyText(keyOf(mirror)))
    this.options.engine.after(MIRROR_MS, 'create mirror Pod', () => {
      const record = this.isStopped ? undefined : this.behind(mirror)
      if (record) this.options.workers.update(record)
    })
  }

  /** Whether what the kubelet says of that Pod is written to the mirror of its name. Source: GetUIDTranslations, TranslatePodUID */
  isShown(pod: Pod): boolean {
    const mirror = this.options.seen(keyOf(pod))
    const current = this.manifestNamed(pod)
    return mirror !== undefined && isMirrorPod(mirror) && (!current || current.metadata.uid === pod.metadata.uid)
  }

  /**
   * Makes the mirror of a Pod that has none, in place of one that shows what stood in the file before, or that somebody deletes: tried
   * with each sync. Source: tryReconcileMirrorPods in pkg/kubelet/kubelet.go
   */
  show(pod: Pod): void {
    const { uid } = pod.metadata
    if (isMirrorOf(pod, this.options.seen(keyOf(pod)))) return
    const isThere = this.ask((client) => {
      const found = client.find(pods, keyOf(pod))
      if (isMirrorOf(pod, found)) return
      if (found && isMirrorPod(found)) client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 })
      createMirror(client, pod)
    })
    if (!isThere && !this.retries.has(uid)) this.retries.set(uid, this.retry(pod))
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

  private manifestNamed(pod: Pod): Pod | undefined {
    const key = keyText(keyOf(pod))
    return [...this.options.manifests.values()].find((one) => keyText(keyOf(one)) === key)
  }

  /** What still runs or ends of static Pods of that name. */
  private recordsNamed(pod: Pod): PodRecord[] {
    const key = keyText(keyOf(pod))
    return [...this.options.records.values()].filter(
      (record) => record.phase !== 'finished' && isStatic(record.pod) && keyText(keyOf(record.pod)) === key,
    )
  }

  /** The static Pod that a mirror stands for, unless it waits for its turn. */
  private behind(mirror: Pod): PodRecord | undefined {
    const { uid = '' } = this.manifestNamed(mirror)?.metadata ?? {}
    return this.waiting.has(uid) ? undefined : this.options.records.get(uid)
  }

  private lookForOrphan(mirror: Pod): void {
    const { engine } = this.options
    this.orphans.set(keyText(keyOf(mirror)), mirror)
    if (this.housekeeping) return
    const turns = Math.floor((engine.nowMs - this.startedMs) / HOUSEKEEPING_MS) + 1
    const dueMs = this.startedMs + turns * HOUSEKEEPING_MS
    this.housekeeping = engine.at(dueMs, 'kubelet housekeeping', () => {
      this.housekeeping = undefined
      this.deleteOrphans()
    })
  }

  /** Mirrors that stand for nothing, once what they stood for has ended. Source: deleteOrphanedMirrorPods */
  private deleteOrphans(): void {
    for (const [key, mirror] of [...this.orphans]) {
      const isEnding = this.recordsNamed(mirror).length > 0
      if (!isEnding || this.manifestNamed(mirror)) this.orphans.delete(key)
      if (isEnding || this.manifestNamed(mirror)) continue
      this.deleteMirror(mirror)
    }
    const [left] = this.orphans.values()
    if (left) this.lookForOrphan(left)
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

const isStatic = ({ metadata }: Pod): boolean => metadata.annotations?.[staticAnnotation] === 'file'

/** Whether a Pod of the API shows that static one, and stays. */
const isMirrorOf = ({ metadata: { uid } }: Pod, mirror: Pod | undefined): boolean =>
  mirror?.metadata.annotations?.[mirrorAnnotation] === uid && !mirror.metadata.deletionTimestamp

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
