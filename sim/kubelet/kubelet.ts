/** A kubelet: runs the Pods that are bound to its node, and tells the API how they and the node are. Source: pkg/kubelet */
import { configMaps } from '../api/core/config-map.ts'
import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Container, Pod } from '../api/core/pod-types.ts'
import { secrets } from '../api/core/secret.ts'
import { services } from '../api/core/service.ts'
import { serviceAccounts } from '../api/core/service-account.ts'
import type { Node, Service } from '../api/core/types.ts'
import type { Kind } from '../api/meta/kind.ts'
import { type KubeObject, keyOf, type ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Lister, SharedInformer } from '../client/informer.ts'
import type { ComponentContext, EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import { hashValue } from '../engine/state-hash.ts'
import { parseImageReference } from '../images/reference.ts'
import { FileError } from '../runtime/files.ts'
import type { InputStream } from '../runtime/process.ts'
import type { VolumeHost, VolumePlugin } from '../storage/types.ts'
import { admitPod } from './admission.ts'
import { decodeBase64 } from './base64.ts'
import type { LogQuery } from './container-log.ts'
import { ContainerRuntime, imageIDOf, type PulledImage, type RuntimeContainer } from './container-runtime.ts'
import { fieldValue, resourceValue } from './downward.ts'
import { ImageManager } from './image-manager.ts'
import { type KubeletNodeShape, NodeStatusReporter } from './node-status.ts'
import type { ProbeVerdict } from './pod-actions.ts'
import type { RuntimePodStatus } from './pod-cache.ts'
import { newPodRecord, type PodRecord } from './pod-record.ts'
import { needsReadinessUpdate, withContainerReadiness } from './pod-status.ts'
import { PodWorker, type SyncOutcome } from './pod-worker.ts'
import type { Cni, ImageRegistry, ProbeNetwork } from './ports.ts'
import { ProbeManager, type ProbeType } from './prober.ts'
import { runRoutine } from './routine.ts'
import { mirrorAnnotation, StatusManager, staticAnnotation } from './status-manager.ts'
import { followsObjects } from './volume-manager.ts'

export interface KubeletOptions {
  engine: Engine
  /** A fresh context, under the node's identity `system:node:NAME`, each time the kubelet starts. */
  newContext(): ComponentContext
  shape: KubeletNodeShape
  nodeIP: string
  podCIDR?: string
  registry: ImageRegistry
  /** References of the images that are on the node from the start. */
  presentImages: readonly string[]
  cni: Cni
  /** The node's own, for probes. */
  network: ProbeNetwork
  volumePlugins: readonly VolumePlugin[]
  /** Services as the kubelet sees them; its own informer unless the composition root shares one among the nodes. */
  services?: Lister<Service>
  /** `v1.36.0` unless told. */
  version?: string
  clusterDNS?: string
  clusterDomain?: string
}

export interface ExecIo {
  stdin?: InputStream
  tty?: boolean
  onOutput(stream: 'stdout' | 'stderr', text: string): void
  onExit(exitCode: number): void
}

export interface RunningContainer {
  namespace: string
  pod: string
  podUid: string
  container: string
  id: string
  startedMs: number
  memoryBytes: number
  cpuMillis: number
}

export interface Kubelet {
  readonly node: string
  readonly isRunning: boolean
  start(): void
  /** The kubelet stops; containers go on. */
  stop(): void
  /** The node loses power: kubelet and containers end without a word. */
  powerOff(): void
  powerOn(): void
  /** Runs a program in a container; the error is what the API answers. */
  exec(pod: ObjectKey, container: string, argv: readonly string[], io: ExecIo): { kill(): void } | { error: string }
  /** Gives a container's output; with `follow` until it ends or `close` is called. The error is what the API answers (400). */
  logs(
    pod: ObjectKey,
    container: string,
    query: LogQuery & { previous?: boolean },
    onText: (text: string) => void,
    onEnd?: () => void,
  ): { close(): void } | { error: string }
  runningContainers(): RunningContainer[]
  /** SIGKILL to what runs in the Pod's containers, as the kernel might send it. */
  killContainers(podUid: string): void
  /** @throws FileError when the node has no such file */
  readHostFile(path: string): string
  /** Writes a static Pod's manifest, already parsed; undefined removes it. */
  writeStaticPod(file: string, manifest: Pod | undefined): void
}

// Relists and sync ticks come every second from the kubelet's start.
const RELIST_MS = 1000
const MIRROR_MS = 5
const RESYNC_MS = 60_000
const RESYNC_JITTER = 0.5
// A failed sync is repeated after 10 s to 15 s. Simplified: drawn from the middle of that range, so that a run is a typical one.
const RETRY_MS = 11_400
const RETRY_JITTER = 0.088
// The sync ticker starts a little after the first relist.
const SYNC_OFFSET_MS = 300

export const createKubelet = (options: KubeletOptions): Kubelet => new NodeKubelet(options)

/** What lives from a start of the kubelet to its stop. */
interface Session {
  context: ComponentContext
  podInformer: SharedInformer<Pod>
  nodeInformer: SharedInformer<Node>
  recorder: EventRecorder
  statuses: StatusManager
  probes: ProbeManager
  worker: PodWorker
  reporter: NodeStatusReporter
  records: Map<string, PodRecord>
  startedMs: number
  /** Pods whose containers changed since the last relist. */
  dirty: Set<string>
  /** Pods whose worker waits for a relist. */
  waiting: Set<PodRecord>
  isRelistDue: boolean
}

class NodeKubelet implements Kubelet {
  readonly node: string
  private readonly options: KubeletOptions
  private readonly engine: Engine
  private readonly actor: string
  private readonly runtime: ContainerRuntime
  private readonly random: Random
  private readonly staticPods = new Map<string, Pod>()
  private session: Session | undefined
  private isPowered = true

  constructor(options: KubeletOptions) {
    this.options = options
    this.engine = options.engine
    this.node = options.shape.name
    this.actor = `kubelet/${this.node}`
    this.random = options.engine.random(`kubelet/${this.node}`)
    const present: PulledImage[] = []
    for (const name of options.presentImages) {
      const reference = parseImageReference(name)
      const image = options.registry.find(name)
      if (image && typeof reference !== 'string')
        present.push({ reference, image, imageID: imageIDOf(reference, options.registry) })
    }
    this.runtime = new ContainerRuntime({
      engine: this.engine,
      node: this.node,
      cni: options.cni,
      registry: options.registry,
      present,
    })
    this.runtime.onChange = (uid) => this.containerChanged(uid)
  }

  get isRunning(): boolean {
    return this.session !== undefined
  }

  // ---------- starting and stopping ----------

  start(): void {
    if (this.session || !this.isPowered) return
    const { options, engine, actor, runtime, node } = this
    const context = options.newContext()
    const recorder = context.recorder('kubelet', node)
    const records = new Map<string, PodRecord>()
    const statuses = new StatusManager({
      engine,
      client: context.client,
      actor,
      mayHaveRunningContainers: (uid) => {
        const phase = records.get(uid)?.phase
        return phase === 'sync' || phase === 'terminating'
      },
    })
    const startedMs = engine.nowMs
    const probes = new ProbeManager({
      engine,
      runtime,
      network: options.network,
      actor,
      random: this.random,
      startedMs,
      statusOf: (uid) => statuses.get(uid),
      event: (pod, container, type, reason, message) =>
        recorder.event(pod, type, reason, message, fieldPathOf(pod, container)),
      onVerdict: (pod, container, type, verdict) => this.verdictChanged(pod, container, type, verdict),
    })
    const reporter = new NodeStatusReporter({
      engine,
      client: context.client,
      recorder,
      runtime,
      shape: options.shape,
      nodeIP: options.nodeIP,
      podCIDR: options.podCIDR,
      version: options.version ?? 'v1.36.0',
    })
    const serviceLister = options.services ?? context.informers.informer(services)
    const volumeHost = this.makeVolumeHost(context, statuses, () => reporter.allocatable)
    const worker = new PodWorker({
      engine,
      node,
      nodeIP: options.nodeIP,
      network: options.network,
      actor,
      runtime,
      registry: options.registry,
      images: new ImageManager(engine, runtime, () => reporter.changed()),
      probes,
      statuses,
      recorder,
      volumePlugins: options.volumePlugins,
      volumeHost,
      servicesFor: (namespace) => servicesSeenFrom(serviceLister, namespace),
      allocatable: () => reporter.allocatable,
      clusterDNS: options.clusterDNS ?? '10.96.0.10',
      clusterDomain: options.clusterDomain ?? 'cluster.local',
    })
    const podInformer = context.informers.informer(pods, { fieldSelector: `spec.nodeName=${node}` })
    const nodeInformer = context.informers.informer(nodes, { fieldSelector: `metadata.name=${node}` })
    const session: Session = {
      context,
      podInformer,
      nodeInformer,
      recorder,
      statuses,
      probes,
      worker,
      reporter,
      records,
      startedMs,
      dirty: new Set(),
      waiting: new Set(),
      isRelistDue: false,
    }
    this.session = session
    engine.trace.record(actor, 'start')
    reporter.start()
    podInformer.addHandlers({
      onAdd: (pod) =>
        this.session === session && (isMirrorPod(pod) ? this.mirrorChanged(session, pod) : this.podAdded(pod)),
      onUpdate: (pod, old) =>
        this.session === session && (isMirrorPod(pod) ? this.mirrorChanged(session, pod) : this.podUpdated(pod, old)),
      onDelete: (pod) =>
        this.session === session && (isMirrorPod(pod) ? this.mirrorRemoved(session, pod) : this.podRemoved(pod)),
    })
    context.informers.start()
    this.removeOrphans(session)
    for (const pod of this.staticPods.values()) this.addStatic(session, pod)
  }

  stop(): void {
    const { session } = this
    if (!session) return
    this.session = undefined
    this.engine.trace.record(this.actor, 'stop')
    session.context.informers.stop()
    session.reporter.stop()
    session.statuses.stop()
    session.probes.stop()
    for (const record of session.records.values()) {
      record.abandon?.()
      this.engine.cancel(record.requeue)
      this.engine.cancel(record.deadline)
    }
  }

  powerOff(): void {
    if (!this.isPowered) return
    this.isPowered = false
    this.stop()
    this.engine.trace.record(`containerd/${this.node}`, 'power off')
    this.runtime.powerOff()
  }

  powerOn(): void {
    if (this.isPowered) return
    this.isPowered = true
    this.runtime.powerOn()
    this.start()
  }

  // Pods that went while the kubelet was down leave containers behind.
  private removeOrphans(session: Session): void {
    for (const uid of this.runtime.podUids()) {
      if (!session.records.has(uid)) this.runtime.removePod(uid)
    }
  }

  // ---------- where Pods come from ----------

  private podAdded(pod: Pod): void {
    const session = this.session!
    const { uid } = pod.metadata
    if (session.records.has(uid)) return
    const record = newPodRecord(pod, this.runtime.status(uid))
    const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
    if (isOver && record.cache.containers.every((container) => container.state !== 'running')) {
      session.records.set(uid, record)
      record.phase = pod.metadata.deletionTimestamp ? 'terminated' : 'finished'
      if (record.phase === 'terminated') this.update(record)
      return
    }
    if (!isOver && !pod.metadata.deletionTimestamp && record.cache.containers.length === 0) {
      const refusal = this.refusalOf(session, pod)
      if (refusal) {
        session.records.set(uid, record)
        record.phase = 'finished'
        session.recorder.event(pod, 'Warning', refusal.reason, refusal.message)
        const status = {
          ...pod.status,
          phase: 'Failed' as const,
          reason: refusal.reason,
          message: `Pod ${refusal.message}`,
        }
        session.statuses.set(pod, status)
        return
      }
    }
    session.records.set(uid, record)
    if (pod.metadata.deletionTimestamp) this.beginTermination(record)
    this.update(record)
  }

  private refusalOf(session: Session, pod: Pod) {
    const node = session.nodeInformer.get({ namespace: '', name: this.node })
    if (!node) return undefined
    const others: Pod[] = []
    for (const record of session.records.values()) {
      if (record.phase !== 'terminated' && record.phase !== 'finished') others.push(record.pod)
    }
    return admitPod(pod, node, others)
  }

  private podUpdated(pod: Pod, old: Pod): void {
    const session = this.session!
    const record = session.records.get(pod.metadata.uid)
    if (!record) {
      // Another Pod of the same name took the place of one whose end was not seen.
      if (old.metadata.uid !== pod.metadata.uid) this.podRemoved(old)
      this.podAdded(pod)
      return
    }
    record.pod = pod
    session.probes.updatePod(pod)
    if (record.phase === 'finished') {
      if (pod.metadata.deletionTimestamp) session.statuses.finish(pod)
      return
    }
    if (pod.metadata.deletionTimestamp) this.beginTermination(record)
    if (isMeaningfulChange(pod, old) || needsReadinessUpdate(pod)) this.update(record)
  }

  private podRemoved(pod: Pod): void {
    const session = this.session!
    const record = session.records.get(pod.metadata.uid)
    if (!record) return
    record.pod = {
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.deletionTimestamp ?? this.engine.timestamp() },
    }
    record.isGone = true
    if (record.phase === 'finished') {
      this.forget(record)
      return
    }
    this.beginTermination(record)
    this.update(record)
  }

  private forget(record: PodRecord): void {
    const session = this.session!
    this.engine.cancel(record.requeue)
    this.engine.cancel(record.deadline)
    session.probes.removePod(record.uid)
    session.statuses.forget(record.uid)
    session.worker.forget(record.uid)
    session.records.delete(record.uid)
    session.waiting.delete(record)
    session.dirty.delete(record.uid)
    this.runtime.removePod(record.uid)
  }

  // ---------- workers ----------

  /** From now on the Pod is only stopped. Source: pkg/kubelet/pod_workers.go, calculateEffectiveGracePeriod */
  private beginTermination(record: PodRecord): void {
    const asked = record.pod.metadata.deletionGracePeriodSeconds
    let seconds = record.graceSeconds ?? 0
    if (asked !== undefined && (seconds === 0 || asked < seconds)) seconds = asked
    if (seconds === 0) seconds = record.pod.spec.terminationGracePeriodSeconds ?? 30
    seconds = Math.max(seconds, 1)
    const isShorter =
      record.phase === 'terminating' && record.graceSeconds !== undefined && seconds < record.graceSeconds
    record.graceSeconds = seconds
    if (record.phase === 'sync') {
      record.phase = 'terminating'
      record.interrupt?.()
    } else if (isShorter && record.abandon) {
      // A shorter grace period cuts the running termination off and begins it anew.
      record.abandon()
      record.abandon = undefined
      record.isWorking = false
    }
  }

  private update(record: PodRecord): void {
    if (record.phase === 'finished') return
    if (record.isWorking) {
      record.isPending = true
      return
    }
    record.isWorking = true
    this.engine.cancel(record.requeue)
    record.requeue = undefined
    // A sync decides on a state that is newer than its predecessor: until the next relist there is none.
    if (record.phase === 'sync' && record.lastSyncMs >= 0 && this.lastRelistMs() <= record.lastSyncMs) {
      this.session!.waiting.add(record)
      this.scheduleRelist()
      return
    }
    this.work(record)
  }

  private work(record: PodRecord): void {
    const session = this.session!
    const { worker } = session
    const { trace } = this.engine
    trace.record(this.actor, `${record.phase} Pod`, { kind: 'Pod', ...keyOf(record.pod) })
    const ended = (next: () => void) => (): void => {
      record.abandon = undefined
      if (this.session !== session) return
      record.lastSyncMs = this.engine.nowMs
      next()
    }
    if (record.phase === 'terminating') {
      record.abandon = runRoutine(
        worker.terminate(record),
        ended(() => {
          record.phase = 'terminated'
          session.statuses.flush(record.uid)
          this.again(record)
        }),
      )
    } else if (record.phase === 'terminated') {
      record.abandon = runRoutine(
        worker.cleanUp(record),
        ended(() => {
          record.phase = 'finished'
          record.isWorking = false
          if (record.isGone) this.forget(record)
        }),
      )
    } else {
      let outcome: SyncOutcome | undefined
      const cancel = runRoutine(worker.sync(record), (result) => {
        outcome = result
        ended(() => this.synced(record, result))()
      })
      if (!outcome) record.abandon = cancel
    }
  }

  private synced(record: PodRecord, outcome: SyncOutcome): void {
    if (record.phase !== 'sync') {
      this.again(record)
      return
    }
    if (outcome.isTerminal) {
      record.phase = 'terminating'
      record.graceSeconds ??= record.pod.spec.terminationGracePeriodSeconds ?? 30
      this.again(record)
      return
    }
    record.isWorking = false
    this.scheduleDeadline(record)
    if (record.isPending) {
      record.isPending = false
      this.update(record)
      return
    }
    if (outcome.isError) this.requeue(record, this.random.jitter(RETRY_MS, RETRY_JITTER), false)
    // A Pod that nothing outside can change needs no look of its own: every change of its containers is told.
    else if (followsObjects(record.pod)) this.requeue(record, this.random.jitter(RESYNC_MS, RESYNC_JITTER), true)
  }

  private again(record: PodRecord): void {
    record.isWorking = false
    record.isPending = false
    this.update(record)
  }

  private requeue(record: PodRecord, delayMs: number, background: boolean): void {
    const dueMs = this.nextSyncMs(this.engine.nowMs + delayMs)
    record.requeue = this.engine.at(
      dueMs,
      'resync Pod',
      () => {
        record.requeue = undefined
        this.update(record)
      },
      { background },
    )
  }

  private scheduleDeadline(record: PodRecord): void {
    const seconds = record.pod.spec.activeDeadlineSeconds
    if (seconds === undefined || record.deadline) return
    const startTime = this.session!.statuses.get(record.uid)?.startTime
    if (!startTime) return
    const dueMs = this.nextSyncMs(Date.parse(startTime) - this.engine.startEpochMs + seconds * 1000)
    record.deadline = this.engine.at(dueMs, 'active deadline', () => this.update(record))
  }

  // ---------- relisting ----------

  private containerChanged(uid: string): void {
    if (!this.session) return
    this.session.dirty.add(uid)
    this.scheduleRelist()
  }

  private scheduleRelist(): void {
    const session = this.session!
    if (session.isRelistDue) return
    session.isRelistDue = true
    this.engine.at(this.nextTickMs(this.engine.nowMs + 1), 'PLEG relist', () => {
      if (this.session === session) this.relist(session)
    })
  }

  private relist(session: Session): void {
    session.isRelistDue = false
    const waiting = [...session.waiting]
    session.waiting.clear()
    const woken: [record: PodRecord, events: number][] = []
    for (const uid of session.dirty) {
      const record = session.records.get(uid)
      if (!record) continue
      const before = record.cache
      record.cache = this.runtime.status(uid)
      woken.push([record, countEvents(before, record.cache)])
      this.pruneContainers(record)
    }
    session.dirty.clear()
    // Each event asks for a sync. While one is under way a second is remembered, and then waits for the next relist: that is why
    // CrashLoopBackOff shows a second after the back-off began.
    for (const [record, events] of woken) for (let n = 0; n < Math.min(events, 2); n++) this.update(record)
    for (const record of waiting) if (session.records.get(record.uid) === record) this.work(record)
  }

  /** Keeps one dead container a name beside the newest: maximum-dead-containers-per-container. */
  private pruneContainers(record: PodRecord): void {
    const counts = new Map<string, number>()
    for (const container of record.cache.containers) {
      const count = (counts.get(container.name) ?? 0) + 1
      counts.set(container.name, count)
      if (count > 2 && container.state === 'exited') this.runtime.removeContainer(record.uid, container.id)
    }
  }

  private nextTickMs(fromMs: number): number {
    const { startedMs } = this.session!
    return startedMs + Math.ceil((fromMs - startedMs) / RELIST_MS) * RELIST_MS
  }

  private nextSyncMs(fromMs: number): number {
    return this.nextTickMs(fromMs - SYNC_OFFSET_MS) + SYNC_OFFSET_MS
  }

  private lastRelistMs(): number {
    const { startedMs } = this.session!
    return startedMs + Math.floor((this.engine.nowMs - startedMs) / RELIST_MS) * RELIST_MS
  }

  // ---------- probes ----------

  private verdictChanged(pod: Pod, container: Container, type: ProbeType, verdict: ProbeVerdict): void {
    const session = this.session
    const record = session?.records.get(pod.metadata.uid)
    if (!session || !record || verdict === 'unknown') return
    if (type === 'liveness' && verdict !== 'failure') return
    if (type === 'readiness') {
      const status = session.statuses.get(record.uid)
      const own = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
        (s) => s.name === container.name,
      )
      const changed =
        status &&
        withContainerReadiness(record.pod, status, container.name, verdict === 'success' && (own?.started ?? true))
      if (changed) session.statuses.set(record.pod, changed)
    }
    this.update(record)
  }

  // ---------- volumes ----------

  private makeVolumeHost(
    context: ComponentContext,
    statuses: StatusManager,
    allocatable: () => Record<string, string>,
  ): VolumeHost {
    const { engine, options, runtime } = this
    const find = <T extends KubeObject>(kind: Kind<T>, namespace: string, name: string): T | undefined => {
      try {
        return context.client.find(kind, { namespace, name })
      } catch (error) {
        if (error instanceof StatusError) return undefined
        throw error
      } finally {
        context.client.takeChargedMs?.()
      }
    }
    return {
      nowEpochMs: () => engine.epochMs,
      findConfigMap: (namespace, name) => find(configMaps, namespace, name),
      findSecret: (namespace, name) => find(secrets, namespace, name),
      fieldValue: (pod, path) =>
        fieldValue(pod, path, { podIP: statuses.get(pod.metadata.uid)?.podIP ?? '', hostIP: options.nodeIP }),
      resourceValue(pod, containerName, resource, divisor) {
        const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
          (c) => c.name === containerName,
        )
        return container ? resourceValue(container, resource, divisor, allocatable()) : ''
      },
      token(pod, audience, expirationSeconds) {
        const key = { namespace: pod.metadata.namespace ?? '', name: pod.spec.serviceAccountName ?? 'default' }
        const body = {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {
            ...(audience ? { audiences: [audience] } : {}),
            expirationSeconds,
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
          },
        }
        try {
          const answer = context.client.createSubresource(serviceAccounts, key, 'token', body) as
            | { status?: { token?: string } }
            | undefined
          return answer?.status?.token ?? ''
        } catch (error) {
          if (error instanceof StatusError) return ''
          throw error
        } finally {
          context.client.takeChargedMs?.()
        }
      },
      decodeBase64,
      hostFiles: runtime.hostFiles,
    }
  }

  // ---------- static Pods ----------

  writeStaticPod(file: string, manifest: Pod | undefined): void {
    const old = this.staticPods.get(file)
    const { session } = this
    if (old) {
      this.staticPods.delete(file)
      const record = session?.records.get(old.metadata.uid)
      if (session && record) {
        record.isGone = true
        this.beginTermination(record)
        this.update(record)
        this.deleteMirror(session, old)
      }
    }
    if (!manifest) return
    const pod = staticPodOf(manifest, this.node)
    this.staticPods.set(file, pod)
    if (session) this.addStatic(session, pod)
  }

  private addStatic(session: Session, pod: Pod): void {
    const record = newPodRecord(pod, this.runtime.status(pod.metadata.uid), true)
    session.records.set(pod.metadata.uid, record)
    this.createMirror(session, pod)
    this.update(record)
  }

  // A mirror shows a static Pod and does nothing: deleting it brings another one, and the containers never notice.
  private mirrorChanged(session: Session, mirror: Pod): void {
    const uid = mirror.metadata.annotations?.[mirrorAnnotation] ?? ''
    const isWanted = [...this.staticPods.values()].some((pod) => pod.metadata.uid === uid)
    if (!isWanted || mirror.metadata.deletionTimestamp) this.deleteMirror(session, mirror)
    else session.statuses.flush(uid)
  }

  private mirrorRemoved(session: Session, mirror: Pod): void {
    const uid = mirror.metadata.annotations?.[mirrorAnnotation]
    const pod = [...this.staticPods.values()].find((candidate) => candidate.metadata.uid === uid)
    if (pod)
      this.engine.after(
        MIRROR_MS,
        'create mirror Pod',
        () => this.session === session && this.createMirror(session, pod),
      )
  }

  private createMirror(session: Session, pod: Pod): void {
    try {
      session.context.client.create(pods, {
        ...pod,
        metadata: {
          name: pod.metadata.name,
          namespace: pod.metadata.namespace,
          labels: pod.metadata.labels,
          annotations: {
            ...pod.metadata.annotations,
            [mirrorAnnotation]: pod.metadata.uid,
          },
        },
      })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  private deleteMirror(session: Session, pod: Pod): void {
    try {
      session.context.client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  // ---------- what the API server asks ----------

  exec(pod: ObjectKey, container: string, argv: readonly string[], io: ExecIo): { kill(): void } | { error: string } {
    const running = this.findContainer(pod, container)
    if (running?.status.state !== 'running' || !running.handle) {
      return { error: `container not found ("${container}")` }
    }
    const started = running.handle.exec({
      argv,
      stdin: io.stdin,
      tty: io.tty,
      onOutput: (stream, text) => io.onOutput(stream, text),
      onExit: ({ exitCode }) => io.onExit(exitCode),
    })
    if ('error' in started) return { error: `failed to exec in container: failed to start exec: ${started.error}` }
    return { kill: started.kill }
  }

  logs(
    pod: ObjectKey,
    container: string,
    query: LogQuery & { previous?: boolean },
    onText: (text: string) => void,
    onEnd?: () => void,
  ): { close(): void } | { error: string } {
    const record = this.findRecord(pod)
    if (!record) return { error: `pod "${pod.name}" cannot be found - no logs available` }
    const status = this.session?.statuses.get(record.uid) ?? record.pod.status
    const own = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find(
      (s) => s.name === container,
    )
    if (!own) return { error: `container "${container}" in pod "${pod.name}" is not available` }
    const where = `container "${container}" in pod "${pod.name}"`
    const lastID = own.lastState.terminated?.containerID
    let id: string | undefined
    if (query.previous) {
      if (!lastID) return { error: `previous terminated ${where} not found` }
      id = lastID
    } else if (own.state.running) id = own.containerID
    else if (own.state.terminated) id = own.state.terminated.containerID ?? lastID
    else if (own.lastState.terminated) id = lastID
    else {
      const reason = own.state.waiting?.reason
      if (reason === 'ErrImagePull') return { error: `${where} is waiting to start: image can't be pulled` }
      if (reason === 'ImagePullBackOff')
        return { error: `${where} is waiting to start: trying and failing to pull image` }
      return { error: `${where} is waiting to start: ${reason ?? 'no logs yet'}` }
    }
    if (!id) return { error: `${where} is terminated` }
    const found = this.runtime.find(record.uid, id.slice('containerd://'.length))
    if (!found) return { error: `unable to retrieve container logs for ${id}` }
    return { close: found.log.read(query, this.engine.epochMs, onText, onEnd) }
  }

  runningContainers(): RunningContainer[] {
    return this.runtime.running().map((container) => ({
      namespace: container.object.namespace ?? '',
      pod: container.object.name,
      podUid: container.podUid,
      container: container.spec.name,
      id: container.status.id,
      startedMs: container.status.startedMs,
      memoryBytes: container.handle?.memoryUsage() ?? 0,
      cpuMillis: container.handle?.cpuUsage().millis ?? 0,
    }))
  }

  killContainers(podUid: string): void {
    for (const container of this.runtime.runningOf(podUid)) this.runtime.kill(container)
  }

  readHostFile(path: string): string {
    const { files } = this.runtime.hostFiles
    if (!this.isPowered) throw new FileError('EPERM', 'the node is off')
    return files.read(path)
  }

  private findRecord(pod: ObjectKey): PodRecord | undefined {
    for (const record of this.session?.records.values() ?? []) {
      if (record.pod.metadata.name === pod.name && record.pod.metadata.namespace === pod.namespace) return record
    }
    return undefined
  }

  private findContainer(pod: ObjectKey, name: string): RuntimeContainer | undefined {
    return this.runtime
      .running()
      .find((c) => c.object.namespace === pod.namespace && c.object.name === pod.name && c.spec.name === name)
  }
}

/** Containers and sandboxes that started or ended since; that one was removed moves nobody. */
function countEvents(before: RuntimePodStatus, after: RuntimePodStatus): number {
  const isSandboxChanged =
    before.sandbox?.id !== after.sandbox?.id || before.sandbox?.isReady !== after.sandbox?.isReady
  const changed = after.containers.filter((now) => {
    const then = before.containers.find((container) => container.id === now.id)
    return now.state !== 'created' && then?.state !== now.state
  })
  return changed.length + (isSandboxChanged ? 1 : 0)
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

const isMirrorPod = (pod: Pod): boolean => pod.metadata.annotations?.[mirrorAnnotation] !== undefined

function fieldPathOf(pod: Pod, container: Container): string {
  const isInit = pod.spec.initContainers?.some((c) => c.name === container.name)
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container.name}}`
}

/** Services of the namespace in the order they were made, and the API server's own. */
function servicesSeenFrom(lister: Lister<Service>, namespace: string): readonly Service[] {
  const own = lister.list(namespace)
  if (namespace === 'default') return own
  const apiServer = lister.get({ namespace: 'default', name: 'kubernetes' })
  return apiServer ? [...own, apiServer] : own
}

/** A static Pod as its kubelet runs it: named after the node, with a uid made of the manifest. */
function staticPodOf(manifest: Pod, node: string): Pod {
  const hex = [0, 1, 2, 3].map((i) => hashValue({ i, manifest, node }).toString(16).padStart(8, '0')).join('')
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      name: `${manifest.metadata.name}-${node}`,
      namespace: manifest.metadata.namespace ?? 'default',
      uid: hex,
      annotations: {
        ...manifest.metadata.annotations,
        'kubernetes.io/config.hash': hex,
        [staticAnnotation]: 'file',
      },
    },
    spec: {
      ...manifest.spec,
      nodeName: node,
      tolerations: [...(manifest.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: manifest.status ?? {},
  }
}
