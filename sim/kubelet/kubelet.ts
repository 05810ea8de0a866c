/** A kubelet: runs the Pods that are bound to its node, and tells the API how they and the node are. Source: pkg/kubelet */

import { nodes } from '../api/core/node.ts'
import { pods } from '../api/core/pod.ts'
import type { Container, Pod } from '../api/core/pod-types.ts'
import { services } from '../api/core/service.ts'
import type { Service } from '../api/core/types.ts'
import { keyOf, keyText, type ObjectKey } from '../api/meta/object.ts'
import { runtimeClasses } from '../api/node/runtime-class.ts'
import type { Lister } from '../client/informer.ts'
import type { ComponentContext } from '../client/machinery.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import type { ObjectRef } from '../engine/trace.ts'
import type { PortServer } from '../network/types.ts'
import type { RunningExec } from '../runtime/container.ts'
import { type FileTree, nodeAt, type TreeNode } from '../runtime/file-tree.ts'
import { FileError, type FileSystem } from '../runtime/files.ts'
import type { Interference } from '../runtime/kernel.ts'
import type { Program } from '../runtime/process.ts'
import { type CsiNode, createCsiNode } from '../storage/csi-node.ts'
import { createSharedTrees, type SharedTrees } from '../storage/shared-trees.ts'
import type { VolumePlugin } from '../storage/types.ts'
import { serverVersion } from '../version.ts'
import { Allocation, type Grants } from './allocation.ts'
import { cniFolder, networkNotReady } from './cni-configuration.ts'
import {
  type AttachIo,
  type Attachment,
  attachToContainer,
  type ExecIo,
  execInContainer,
  findSandbox,
  type LogRequest,
  openAttachment,
  type ReachedSandbox,
  readContainerLog,
} from './container-access.ts'
import { ContainerRuntime, runtimeDownMs } from './container-runtime.ts'
import { refuseDevices } from './devices.ts'
import { DynamicResources, noDevices, type PreparedClaims } from './dynamic-resources.ts'
import { EvictionManager } from './eviction.ts'
import { type KubeletServer, kubeletServer, readOnlyServer } from './http-server.ts'
import { ImageGarbageCollector } from './image-garbage.ts'
import { ImageManager } from './image-manager.ts'
import { manifestFolder, type ParseManifest, readManifests } from './manifest-files.ts'
import { usualKubelet, wantsLink } from './node-processes.ts'
import { NodeShutdown } from './node-shutdown.ts'
import { capacityOf, type KubeletNodeShape, machineResources, NodeStatusReporter } from './node-status.ts'
import { type KubeletPage, KubeletPages } from './pages.ts'
import { PluginManager } from './plugin-manager.ts'
import type { ProbeVerdict } from './pod-actions.ts'
import type { PodRecord } from './pod-record.ts'
import { createPodSource } from './pod-source.ts'
import { withContainerReadiness } from './pod-status.ts'
import { PodWorker } from './pod-worker.ts'
import { PodWorkers } from './pod-workers.ts'
import type { Cni, ImageRegistry, ProbeNetwork } from './ports.ts'
import type { PresentImages } from './present-images.ts'
import { ProbeManager, type ProbeType } from './prober.ts'
import { type Reservation, usualReservation } from './service/reservation.ts'
import {
  type ApiServerPlace,
  type ForPods,
  type LetsIn,
  type StartFailure,
  type Startup,
  startupOf,
} from './service/startup.ts'
import { type LoadedUnit, loadProblem, loadUnit } from './service/unit.ts'
import { isMirrorPod, StaticPods } from './static-pods.ts'
import { StatusManager } from './status-manager.ts'
import { createVolumeHost } from './volume-host.ts'

export interface KubeletOptions {
  engine: Engine
  /**
   * A fresh context, under the node's identity `system:node:NAME`, each time the kubelet starts.
   * @param failure why the place that its kubeconfig names is no API server
   */
  newContext(failure?: string): ComponentContext
  shape: KubeletNodeShape
  nodeIP: string
  podCIDR?: string
  registry: ImageRegistry
  /** The images that are on the node from the start. */
  presentImages: PresentImages
  cni: Cni
  /** The node's own, for probes. */
  network: ProbeNetwork
  volumePlugins: readonly VolumePlugin[]
  /** Volumes that live outside the nodes; its own, which nobody shares, unless told. */
  sharedTrees?: SharedTrees
  /** Services as the kubelet sees them; its own informer unless the composition root shares one among the nodes. */
  services?: Lister<Service>
  /** Which release it is, as its node's files have it when it starts; that of the server unless told. */
  releaseIn?(files: Pick<FileSystem, 'exists' | 'read'>, binary: string): string | undefined
  /** Why nobody answers this kubelet there as the API server does; undefined where it does. */
  reach?(server: ApiServerPlace): string | undefined
  /** Opens a port of the node; undefined when it is taken. */
  listen(port: number, server: PortServer): (() => void) | undefined
  /** How the manifests of static Pods are read. */
  parseManifest: ParseManifest
  /** The node's files at first, and its own programs. */
  hostLayer?: FileTree
  nodePrograms?: () => Readonly<Record<string, Program>>
  /** Told when something makes a container's command do something else than it says. */
  onInterference?: (pod: ObjectRef, container: string, what: Interference) => void
  clusterDNS?: string
  clusterDomain?: string
}

export interface RunningContainer {
  namespace: string
  pod: string
  container: string
  startedMs: number
  memoryBytes: number
  cpuMillis: number
}

export interface KubeletExit {
  readonly pid: number
  readonly atMs: number
  /** As systemd tells it: `1/FAILURE`. */
  readonly status: string
}

export interface Kubelet {
  readonly node: string
  readonly isRunning: boolean
  readonly isPowered: boolean
  /** Of one that ended by itself how, until it runs or is stopped: systemd starts it again and again. */
  readonly lastExit: KubeletExit | undefined
  /** The unit on the disk is another than the one that systemd has read. */
  readonly needsReload: boolean
  /** What systemd has read of its unit; undefined on a machine whose files nobody described. */
  readonly loadedUnit: LoadedUnit | undefined
  /** Why systemd does not start it, in its words. */
  readonly loadProblem: string | undefined
  /** It runs, and waits for its first certificate. */
  readonly isBootstrapping: boolean
  /** Where it answers everybody; 0 for nowhere. */
  readonly readOnlyPort: number
  /** systemd reads the units of the machine anew. */
  reloadUnits(): void
  /** Whether the machine starts it when it starts itself. */
  isEnabled(service: 'kubelet' | 'containerd'): boolean
  start(): void
  /** The kubelet stops; containers go on. */
  stop(): void
  /** The node loses power: kubelet and containers end without a word. */
  powerOff(): void
  powerOn(): void
  /** The system announces that it goes down; `off` is called when the power is gone. */
  shutDown(off: () => void): void
  /** The container runtime's process starts or stops. */
  setRuntime(isUp: boolean): void
  /** Why no Pod's network can be set up; undefined when it can. */
  setNetworkError(error: string | undefined): void
  /** Something else fills the disk until that share of it is left; 1 frees what was taken. */
  fillDisk(leftShare: number): void
  /** The node's own processes take memory until that much is left; Infinity frees what was taken. */
  fillMemory(leftBytes: number): void
  /** The node's own processes multiply until room for that many is left; Infinity ends those that came. */
  fillPids(left: number): void
  /** Runs a program in a container; the error is what the API answers. */
  exec(pod: ObjectKey, container: string, argv: readonly string[], io: ExecIo): RunningExec | { error: string }
  /** Sends input to a container's first process and gives its output until it ends. */
  attach(
    pod: ObjectKey,
    container: string,
    stdin: string | undefined,
    onText: (text: string) => void,
    onEnd: (exitCode: number) => void,
  ): { close(): void } | { error: string }
  /** The same for somebody who types over time. */
  openAttachment(pod: ObjectKey, container: string, io: AttachIo): Attachment | { error: string }
  /** Where ports of a Pod are reached from inside. */
  findSandbox(pod: ObjectKey): ReachedSandbox | { error: string }
  /** Gives a container's output; with `follow` until it ends or `close` is called. The error is what the API answers (400). */
  logs(
    pod: ObjectKey,
    container: string,
    request: LogRequest,
    onText: (text: string) => void,
    onEnd?: () => void,
  ): { close(): void } | { error: string }
  runningContainers(): RunningContainer[]
  /** SIGKILL to what runs in the Pod's containers, as the kernel might send it. */
  killContainers(podUid: string): void
  /** @throws FileError when the node has no such file */
  readHostFile(path: string): string
  /** The container runtime of the node, which lives on without its kubelet. */
  readonly runtime: ContainerRuntime
  /** What it serves at a path. */
  pageAt(path: string): KubeletPage
  /** With what it turns the API server away; undefined when it does not. */
  refusalOf: KubeletServer['refusalOf']
  /** What it knows of its Pods, or knew when it stopped. */
  podRecords(): Iterable<PodRecord>
  /** What this kubelet, or else the one before it, keeps of the machine. */
  readonly reserved: Reservation
}

export const createKubelet = (options: KubeletOptions): Kubelet => new NodeKubelet(options)

const HOUSEKEEPING_MS = 2000
const KUBELET_PORT = 10_250
const HEALTHZ_PORT = 10_248
const plainText = { 'Content-Type': 'text/plain; charset=utf-8' }
const answerHealthz = (path: string) =>
  path === '/healthz'
    ? { status: 200, headers: plainText, body: 'ok' }
    : { status: 404, headers: plainText, body: '404 page not found\n' }
/** A change of a file is noticed by inotify; every fileCheckFrequency the whole folder is listed. */
const NOTICE_MS = 1
// How often it asks the runtime how it is: updateRuntimeUp.
const RUNTIME_STATE_MS = 5000
/** RestartSec= of its unit. */
const RESTART_MS = 10_000
const RESYNC_FILES_MS = 20_000

/** What lives from a start of the kubelet to its stop. */
interface Session {
  records: Map<string, PodRecord>
  statuses: StatusManager
  workers: PodWorkers
  staticPods: StaticPods
  shutdown: NodeShutdown
  /** What listens on its port. */
  server(letsIn: LetsIn): KubeletServer
  runtimeChanged(): void
  stop(): void
}

class NodeKubelet implements Kubelet {
  readonly node: string
  private readonly options: KubeletOptions
  private readonly engine: Engine
  private readonly actor: string
  readonly runtime: ContainerRuntime
  private readonly random: Random
  private readonly grants: Grants = new Map()
  /** The Pods that run, by the files that they are from. */
  private readonly manifests = new Map<string, Pod>()
  /** The folder of manifests as it is watched; undefined while there is none. */
  private watchedFolder: TreeNode | undefined
  /** What stands in each file. */
  private readonly wanted = new Map<string, Pod>()
  /** Outlives the kubelet's process, as the driver's does. */
  private readonly csi: CsiNode
  private readonly preparedClaims: PreparedClaims = new Map()
  /** Which one it has been since it started. */
  private release = serverVersion
  /** What systemd has read of its unit. */
  private unit: LoadedUnit | undefined
  lastExit: KubeletExit | undefined
  isBootstrapping = false
  readOnlyPort = 0
  reserved: Reservation = usualReservation
  private forPods: ForPods | undefined
  private restartTimer: Timer | undefined
  private restarts = 0
  private session: Session | undefined
  /** What this kubelet, or else the one before it, knows of its Pods. */
  private records: ReadonlyMap<string, PodRecord> = new Map()
  private told: () => void = () => undefined
  /** What closes the ports that it listens on. */
  private ports: readonly ((() => void) | undefined)[] = []
  private server: KubeletServer | undefined
  private manifestTimer: Timer | undefined
  private folderTimer: Timer | undefined
  private networkTimer: Timer | undefined
  private hasPower = true
  private readonly pages: KubeletPages
  private boots = 0
  private foreignDiskBytes = 0
  private foreignMemoryBytes = 0
  private foreignPids = 0

  constructor(options: KubeletOptions) {
    const { engine, cni, registry, shape } = options
    this.options = options
    this.engine = engine
    this.node = shape.name
    this.actor = `kubelet/${this.node}`
    this.random = engine.random(this.actor)
    this.csi = createCsiNode(engine, this.node)
    const present = options.presentImages
    const { podPidsLimit } = shape
    const capacity = capacityOf(shape)
    const { hostLayer, nodePrograms, onInterference } = options
    const node = { node: this.node, isHollow: shape.hollow, hostLayer, nodePrograms, onInterference }
    this.runtime = new ContainerRuntime({ engine, cni, registry, present, ...node, ...capacity, podPidsLimit })
    const { runtime } = this
    const [release, records] = [() => this.release, () => this.records.values()]
    this.pages = new KubeletPages({ engine, node: this.node, shape, runtime, release, records })
    this.reloadUnits()
    this.watchManifests()
    if (options.hostLayer) this.watchNetwork()
    this.runtime.onChange = (uid) => this.session?.workers.containerChanged(uid)
  }

  get isRunning(): boolean {
    return this.session !== undefined
  }

  get isPowered(): boolean {
    return this.hasPower
  }

  // ---------- starting and stopping ----------

  get needsReload(): boolean {
    return this.unit !== undefined && loadUnit(this.runtime.hostFiles.files).text !== this.unit.text
  }

  reloadUnits(): void {
    this.unit = this.options.hostLayer && loadUnit(this.runtime.hostFiles.files)
  }

  get loadedUnit(): LoadedUnit | undefined {
    return this.unit
  }

  get loadProblem(): string | undefined {
    return this.unit && loadProblem(this.unit, this.runtime.hostFiles.files)
  }

  start(): void {
    if (this.session || !this.hasPower || this.loadProblem !== undefined) return
    this.engine.cancel(this.restartTimer)
    this.restarts = 0
    this.launch()
  }

  /** One process, which may end at once. */
  private launch(): void {
    this.restartTimer = undefined
    this.engine.trace.record(this.actor, 'start')
    const { journal, hostFiles, processes } = this.runtime
    const { files, tree } = hostFiles
    const isUntouched = (path: string): boolean => nodeAt(tree.root, path.split('/').filter(Boolean))?.owner !== tree
    const releaseOf = (path: string): string | undefined => this.options.releaseIn?.(files, path)
    const startup: Startup = this.unit
      ? startupOf(this.unit, {
          ...{ files, isUntouched, releaseOf, parse: this.options.parseManifest },
          capacity: machineResources(this.options.shape),
        })
      : { argv: usualKubelet }
    const { argv, failure } = startup
    processes.setKubelet(argv)
    journal.say('systemd', 'Started kubelet.service - kubelet: The Kubernetes Node Agent.')
    if (failure) {
      this.fail(failure)
      return
    }
    this.lastExit = undefined
    this.release = releaseOf(argv[0] ?? '') ?? serverVersion
    journal.info('server.go:525', 'Kubelet version', { kubeletVersion: this.release })
    journal.info('kubelet.go:2470', 'Starting kubelet main sync loop')
    this.isBootstrapping = startup.isBootstrapping === true
    if (this.isBootstrapping) return
    const { readOnlyPort = 0 } = startup
    const readOnly = readOnlyPort > 0 ? this.listenReadOnly(readOnlyPort) : undefined
    if (readOnlyPort > 0 && !readOnly) {
      const err = `listen tcp 0.0.0.0:${readOnlyPort}: bind: address already in use`
      journal.error('server.go:245', 'Failed to listen and serve', err)
      this.fail({ status: '1/FAILURE' })
      return
    }
    this.readOnlyPort = readOnlyPort
    this.reserved = startup.reservation ?? usualReservation
    this.forPods = startup.forPods
    this.session = this.open(this.unreached(startup))
    this.records = this.session.records
    this.told = this.tellOfRuntime()
    const server = this.session.server(startup.letsIn ?? { anonymous: false, tokens: true, allToAll: false })
    this.server = server
    this.ports = [
      this.options.listen(KUBELET_PORT, server),
      readOnly,
      this.options.listen(HEALTHZ_PORT, { isLocal: true, http: ({ path }, reply) => reply(answerHealthz(path)) }),
    ]
    this.takeManifests(true)
  }

  /** @returns undefined where somebody listens there already */
  private listenReadOnly(port: number): (() => void) | undefined {
    this.runtime.journal.info('server.go:231', 'Starting to listen read-only', { address: '0.0.0.0', port })
    if ([KUBELET_PORT, HEALTHZ_PORT].includes(port)) return undefined
    return this.options.listen(
      port,
      readOnlyServer((path) => this.pages.at(path)),
    )
  }

  /** Why it does not come to the API server, whatever the network does. */
  private unreached({ server, isAlone }: Startup): string | undefined {
    if (isAlone) return 'no API server is named'
    return server && this.options.reach?.(server)
  }

  /** It has ended by itself, and is started again after a while. Source: Restart= and RestartSec= of its unit */
  private fail({ systemd = [], message, status }: StartFailure): void {
    const { journal, processes } = this.runtime
    const pid = processes.pidOf('kubelet')
    for (const line of systemd) journal.say('systemd', line)
    if (message !== undefined) journal.error('run.go:72', 'command failed', message)
    processes.setKubelet(undefined)
    journal.say('systemd', `kubelet.service: Main process exited, code=exited, status=${status}`)
    journal.say('systemd', "kubelet.service: Failed with result 'exit-code'.")
    this.lastExit = { pid, atMs: this.engine.nowMs, status }
    const again = (): void => {
      this.restarts++
      journal.say('systemd', `kubelet.service: Scheduled restart job, restart counter is at ${this.restarts}.`)
      this.launch()
    }
    this.restartTimer = this.engine.after(RESTART_MS, 'kubelet.service', again, { background: true })
  }

  stop(): void {
    if (this.restartTimer) {
      this.engine.cancel(this.restartTimer)
      this.restartTimer = undefined
      this.lastExit = undefined
      if (this.hasPower)
        this.runtime.journal.say('systemd', 'Stopped kubelet.service - kubelet: The Kubernetes Node Agent.')
    }
    if (this.isBootstrapping) {
      this.isBootstrapping = false
      this.runtime.processes.setKubelet(undefined)
    }
    if (!this.session) return
    this.engine.trace.record(this.actor, 'stop')
    this.session.stop()
    this.session = undefined
    for (const close of this.ports) close?.()
    this.ports = []
    this.readOnlyPort = 0
    this.server = undefined
    this.told()
    this.engine.cancel(this.manifestTimer)
    this.manifestTimer = undefined
    this.runtime.processes.setKubelet(undefined)
    if (!this.hasPower) return
    const { journal } = this.runtime
    journal.say('systemd', 'Stopping kubelet.service - kubelet: The Kubernetes Node Agent...')
    journal.say('systemd', 'kubelet.service: Deactivated successfully.')
    journal.say('systemd', 'Stopped kubelet.service - kubelet: The Kubernetes Node Agent.')
  }

  powerOff(): void {
    if (!this.hasPower) return
    this.hasPower = false
    this.stop()
    this.engine.trace.record(`containerd/${this.node}`, 'power off')
    this.runtime.powerOff()
  }

  powerOn(): void {
    if (this.hasPower) return
    this.hasPower = true
    this.boots++
    this.runtime.powerOn()
    this.reloadUnits()
    this.setRuntime(this.isEnabled('containerd'))
    if (this.isEnabled('kubelet')) this.start()
  }

  isEnabled(service: 'kubelet' | 'containerd'): boolean {
    const path = wantsLink(service)
    const { files } = this.runtime.hostFiles
    const folder = path.slice(0, path.lastIndexOf('/'))
    // A machine whose files nobody described starts everything.
    if (!this.options.hostLayer) return true
    const isFolder = files.exists(folder) && files.stat(folder).type === 'directory'
    return isFolder && files.list(folder).includes(`${service}.service`)
  }

  shutDown(off: () => void): void {
    const powerOff = (): void => {
      this.powerOff()
      off()
    }
    if (this.session) this.session.shutdown.begin(powerOff)
    else powerOff()
  }

  setRuntime(isUp: boolean): void {
    if (this.runtime.isDown === !isUp) return
    this.engine.trace.record(`containerd/${this.node}`, isUp ? 'start' : 'stop')
    this.runtime.setUp(isUp)
    this.runtime.tellService(isUp)
    if (this.session) {
      this.told()
      this.told = this.tellOfRuntime()
    }
    this.session?.runtimeChanged()
  }

  /** What a kubelet says all the time while the container runtime is away. Sources: pkg/kubelet/kubelet.go, pleg/generic.go */
  private tellOfRuntime(): () => void {
    const { runtime } = this
    if (!runtime.isDown) return () => undefined
    const { journal } = runtime
    const err =
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory"'
    const ends = [
      journal.errorEvery(1000, 'log.go:32', 'ListPodSandbox with filter from runtime service failed', err, {
        filter: { raw: 'nil' },
      }),
      journal.errorEvery(1000, 'kuberuntime_sandbox.go:305', 'Failed to list pod sandboxes', err),
      journal.errorEvery(1000, 'generic.go:254', 'GenericPLEG: Unable to retrieve pods', err),
      journal.errorEvery(
        5000,
        'kubelet.go:2646',
        'Skipping pod synchronization',
        'container runtime is down',
        {},
        runtimeDownMs[0],
      ),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  setNetworkError(error: string | undefined): void {
    this.runtime.networkError = error
  }

  fillDisk(leftShare: number): void {
    const { disk } = this.runtime
    disk.give(this.foreignDiskBytes)
    this.foreignDiskBytes = Math.max(0, Math.floor(disk.availableBytes - disk.capacityBytes * leftShare))
    disk.take(this.foreignDiskBytes)
  }

  fillMemory(leftBytes: number): void {
    const { runtime } = this
    runtime.systemMemoryBytes -= this.foreignMemoryBytes
    this.foreignMemoryBytes = Math.max(0, runtime.memoryCapacityBytes - runtime.usedMemoryBytes() - leftBytes)
    runtime.systemMemoryBytes += this.foreignMemoryBytes
    runtime.memoryGrew(Number.POSITIVE_INFINITY)
  }

  fillPids(left: number): void {
    const { pids } = this.runtime
    pids.change(-this.foreignPids)
    this.foreignPids = Math.max(0, pids.available - left)
    pids.change(this.foreignPids)
  }

  /**
   * Puts the parts together, registers the node, and takes on the Pods that are bound to it.
   * @param failure why it does not reach the API server, whatever the network does
   */
  private open(failure?: string): Session {
    const { options, engine, actor, runtime, node, random } = this
    const context = options.newContext(failure)
    const { client, informers } = context
    const recorder = context.recorder('kubelet', node)
    const records = new Map<string, PodRecord>()
    let isStopped = false

    const statuses = new StatusManager({
      engine,
      client,
      actor,
      isShown: (pod) => staticPods.isShown(pod),
      mayHaveRunningContainers(uid) {
        const phase = records.get(uid)?.phase
        return phase === 'sync' || phase === 'terminating'
      },
    })
    const probes = new ProbeManager({
      engine,
      runtime,
      network: options.network,
      actor,
      random,
      startedMs: engine.nowMs,
      statusOf: (uid) => statuses.get(uid),
      event: (pod, container, type, reason, message) =>
        recorder.event(pod, type, reason, message, fieldPathOf(pod, container)),
      onVerdict(pod, container, type, verdict) {
        const record = records.get(pod.metadata.uid)
        if (record && actsOn(record, statuses, container, type, verdict)) workers.update(record)
      },
    })
    const nodeInformer = informers.informer(nodes, { fieldSelector: `metadata.name=${node}` })
    const ownNode = () => nodeInformer.get({ namespace: '', name: node })
    const allocation = new Allocation({
      engine,
      recorder,
      records,
      grants: this.grants,
      node: ownNode,
      onChange: (record) => workers.update(record),
    })
    const reporter = new NodeStatusReporter({
      engine,
      client,
      recorder,
      runtime,
      shape: this.forPods ? { ...options.shape, pods: this.forPods.maxPods } : options.shape,
      nodeIP: options.nodeIP,
      podCIDR: options.podCIDR,
      version: this.release,
      reserved: this.reserved,
      hasPressure: (pressure) => eviction.has(pressure),
      boots: () => this.boots,
      problems: () => [...(shutdown.isUnderWay ? ['node is shutting down'] : []), ...runtime.problems()],
    })
    const imageGarbage = new ImageGarbageCollector({
      engine,
      runtime,
      recorder,
      startedMs: engine.nowMs,
      policy: options.shape,
      node: ownNode,
      onRemoved: () => reporter.changed(),
    })
    const eviction: EvictionManager = new EvictionManager({
      engine,
      runtime,
      recorder,
      records,
      startedMs: engine.nowMs,
      random: engine.random(`${actor}/volume-stats`),
      memoryThreshold: this.reserved.evictionMemory,
      pidThreshold: options.shape.evictionHard?.['pid.available'],
      node: ownNode,
      removeUnusedImages: () => imageGarbage.removeUnused(),
      evict(record, reason, message, graceSeconds, how) {
        recorder.event(record.pod, 'Warning', reason, message)
        workers.evict(record, reason, message, graceSeconds, how)
      },
      onPressure: () => reporter.changed(),
    })
    const shutdown: NodeShutdown = new NodeShutdown({
      engine,
      records,
      graceSeconds: options.shape.shutdownGracePeriodSeconds ?? 0,
      criticalSeconds: options.shape.shutdownGracePeriodCriticalPodsSeconds ?? 0,
      terminate: (record, reason, message, graceSeconds) => workers.evict(record, reason, message, graceSeconds),
      onBegin: () => reporter.reportNow(),
    })
    const runtimeChanged = (): void => {
      workers.runtimeChanged()
      if (!runtime.isDown) reporter.changed()
      else
        for (const ms of runtimeDownMs)
          engine.after(ms, 'runtime health', () => reporter.changed(), { background: true })
    }
    runtime.onSystemOom = ({ spec }) => {
      const self = ownNode()
      const command = spec.argv[0]?.split('/').at(-1) ?? ''
      if (self)
        recorder.event(self, 'Warning', 'SystemOOM', `System OOM encountered, victim process: ${command}, pid: 1`)
    }
    const allocatable = () => reporter.allocatable
    const sharedTrees = options.sharedTrees ?? createSharedTrees(() => engine.epochMs)
    const serviceLister = options.services ?? informers.informer(services)
    const devices = options.shape.hollow
      ? undefined
      : new DynamicResources({
          ...{ engine, client, node, files: runtime.hostFiles.files, prepared: this.preparedClaims },
          isActive: (uid) => records.has(uid),
        })
    const plugins =
      devices &&
      new PluginManager({
        ...{ engine, hostFiles: runtime.hostFiles, journal: runtime.journal },
        handlers: { DRAPlugin: devices },
      })
    const worker = new PodWorker({
      engine,
      node,
      nodeIP: options.nodeIP,
      network: options.network,
      isHollow: options.shape.hollow ?? false,
      actor,
      journal: runtime.journal,
      runtime,
      allocation,
      runtimeHandler({ spec: { runtimeClassName: name } }) {
        if (!name) return { handler: '' }
        const found = client.find(runtimeClasses, { namespace: '', name })
        // A lister names its resource in the singular.
        return found ? { handler: found.handler } : { missing: `runtimeclass.node.k8s.io "${name}" not found` }
      },
      registry: options.registry,
      images: new ImageManager(engine, runtime, () => reporter.changed(), options.shape.maxParallelImagePulls),
      probes,
      statuses,
      recorder,
      volumePlugins: options.volumePlugins,
      volumeHost: createVolumeHost({
        engine,
        client,
        runtime,
        statuses,
        nodeIP: options.nodeIP,
        allocatable,
        sharedTrees,
        csi: this.csi,
        recorder,
        node: options.shape.name,
      }),
      servicesFor: (namespace) => servicesSeenFrom(serviceLister, namespace),
      allocatable,
      devices: devices ?? noDevices,
      showStaticPod: (pod) => staticPods.show(pod),
      clusterDNS: this.forPods?.clusterDNS ?? [options.clusterDNS ?? '10.96.0.10'],
      clusterDomain: this.forPods?.clusterDomain ?? options.clusterDomain ?? 'cluster.local',
    })
    const workers: PodWorkers = new PodWorkers({
      engine,
      actor,
      random,
      runtime,
      worker,
      allocation,
      statuses,
      probes,
      records,
    })
    const { manifests } = this
    const staticPods: StaticPods = new StaticPods({
      ...{ engine, client, runtime, statuses, workers, records, manifests },
      seen: (key) => podInformer.get(key),
    })

    const source = createPodSource({
      engine,
      runtime,
      recorder,
      statuses,
      probes,
      workers,
      records,
      allocation,
      admits: [
        (pod) => eviction.admit(pod),
        () => shutdown.admit(),
        (pod) => refuseDevices(pod, options.shape.devices ?? {}, records.values()),
      ],
      onArrival: (pod) => eviction.watch(pod),
      node: ownNode,
    })
    const handlersFor = (pod: Pod) => (isStopped ? {} : isMirrorPod(pod) ? staticPods : source)
    nodeInformer.addHandlers({ onUpdate: (self) => !isStopped && reporter.observe(self) })
    reporter.start()
    const podInformer = informers.informer(pods, { fieldSelector: `spec.nodeName=${node}` })
    podInformer.addHandlers({
      onAdd: (pod) => handlersFor(pod).onAdd?.(pod),
      onUpdate: (pod, old) => handlersFor(pod).onUpdate?.(pod, old),
      onDelete: (pod) => handlersFor(pod).onDelete?.(pod),
    })
    informers.start()
    for (const pod of manifests.values()) staticPods.add(pod)
    /** Pods that went while the kubelet was down have left containers behind. Which ones, only the API server knows. */
    const tidyUp = (): void => {
      if (isStopped) return
      if (!podInformer.hasSynced()) {
        engine.after(HOUSEKEEPING_MS, 'kubelet housekeeping', tidyUp, { background: true })
        return
      }
      for (const uid of this.grants.keys()) if (!records.has(uid)) this.grants.delete(uid)
      for (const uid of runtime.podUids()) if (!records.has(uid)) runtime.removePod(uid)
    }
    tidyUp()

    const stop = (): void => {
      isStopped = true
      informers.stop()
      for (const part of [
        ...(devices && plugins ? [devices, plugins] : []),
        allocation,
        eviction,
        imageGarbage,
        shutdown,
        reporter,
        statuses,
        probes,
        staticPods,
        workers,
      ])
        part.stop()
    }
    const server = (letsIn: LetsIn): KubeletServer =>
      kubeletServer({
        ...{ engine, node, client, letsIn },
        pageAt: (path) => this.pages.at(path),
      })
    return { records, statuses, workers, staticPods, shutdown, server, runtimeChanged, stop }
  }

  // ---------- what others ask of it ----------

  refusalOf: KubeletServer['refusalOf'] = (request, shown) => this.server?.refusalOf(request, shown)

  exec(pod: ObjectKey, container: string, argv: readonly string[], io: ExecIo): RunningExec | { error: string } {
    return execInContainer(this.runtime, pod, container, argv, io)
  }

  attach(
    pod: ObjectKey,
    container: string,
    stdin: string | undefined,
    onText: (text: string) => void,
    onEnd: (exitCode: number) => void,
  ): { close(): void } | { error: string } {
    return attachToContainer(this.runtime, pod, container, stdin, onText, onEnd)
  }

  openAttachment(pod: ObjectKey, container: string, io: AttachIo): Attachment | { error: string } {
    return openAttachment(this.runtime, pod, container, io)
  }

  findSandbox(pod: ObjectKey): ReachedSandbox | { error: string } {
    return findSandbox(this.runtime, pod)
  }

  logs(
    pod: ObjectKey,
    container: string,
    request: LogRequest,
    onText: (text: string) => void,
    onEnd?: () => void,
  ): { close(): void } | { error: string } {
    const { session, runtime, engine } = this
    const record = [...(session?.records.values() ?? [])].find(
      ({ pod: { metadata } }) => metadata.name === pod.name && metadata.namespace === pod.namespace,
    )
    if (!session || !record) return { error: `pod "${pod.name}" cannot be found - no logs available` }
    const status = session.statuses.get(record.uid) ?? record.pod.status
    return readContainerLog(runtime, record, status, container, request, engine.epochMs, onText, onEnd)
  }

  pageAt(path: string): KubeletPage {
    return this.pages.at(path)
  }

  runningContainers(): RunningContainer[] {
    return this.runtime.running().map(({ object, spec, status, handle }) => ({
      namespace: object.namespace ?? '',
      pod: object.name,
      container: spec.name,
      startedMs: status.startedMs,
      memoryBytes: handle?.memoryUsage() ?? 0,
      cpuMillis: handle?.cpuUsage().millis ?? 0,
    }))
  }

  killContainers(podUid: string): void {
    for (const container of this.runtime.runningOf(podUid)) this.runtime.kill(container)
  }

  readHostFile(path: string): string {
    if (!this.hasPower) throw new FileError('EPERM', 'the node is off')
    return this.runtime.hostFiles.files.read(path)
  }

  podRecords(): Iterable<PodRecord> {
    return this.records.values()
  }

  /** The runtime sees a change of CNI's settings at once, and the kubelet what comes of it when it asks next. */
  private watchNetwork(): void {
    const { tree } = this.runtime.hostFiles
    const parts = cniFolder.split('/').filter(Boolean)
    tree.own(tree.root, parts)
    tree.watches.set(nodeAt(tree.root, parts.slice(0, -1))!, () => {
      // Told before it is changed.
      this.networkTimer ??= this.engine.after(RUNTIME_STATE_MS, 'container network', () => {
        this.networkTimer = undefined
        const { journal } = this.runtime
        if (this.runtime.cniState().missing)
          journal.error('kubelet.go:3277', 'Container runtime network not ready', undefined, {
            networkReady: networkNotReady,
          })
        this.session?.runtimeChanged()
      })
    })
  }

  // ---------- static Pods ----------

  private watchManifests(): void {
    const { files, tree } = this.runtime.hostFiles
    if (!files.exists(manifestFolder)) files.mkdir(manifestFolder, { parents: true })
    const parts = manifestFolder.split('/').filter(Boolean)
    tree.own(tree.root, parts)
    tree.watches.set(nodeAt(tree.root, parts.slice(0, -1))!, () => {
      // Told before it is changed.
      this.folderTimer ??= this.engine.after(NOTICE_MS, 'static Pod folder', () => {
        this.folderTimer = undefined
        this.followFolder()
      })
    })
    this.followFolder()
  }

  /** The folder may be moved away, and another one be put into its place: that is seen when the whole is listed. */
  private followFolder(): void {
    const { tree } = this.runtime.hostFiles
    const now = nodeAt(tree.root, manifestFolder.split('/').filter(Boolean))
    if (now === this.watchedFolder) return
    if (this.watchedFolder) tree.watches.delete(this.watchedFolder)
    this.watchedFolder = now
    if (now) tree.watches.set(now, () => this.lookAtManifests(NOTICE_MS))
    this.lookAtManifests(RESYNC_FILES_MS)
  }

  private lookAtManifests(delayMs: number): void {
    if (!this.session || this.manifestTimer) return
    this.manifestTimer = this.engine.after(delayMs, 'static Pod manifests', () => {
      this.manifestTimer = undefined
      this.takeManifests(delayMs === RESYNC_FILES_MS)
    })
  }

  /**
   * Runs what stands in the folder of manifests, and ends what does not any more. A file that can't be read leaves its Pod alone until
   * the whole folder is listed again. Source: consumeWatchEvent and listConfig in pkg/kubelet/config/file.go
   */
  private takeManifests(isListing: boolean): void {
    const { session, manifests, runtime, wanted } = this
    const found = readManifests(runtime.hostFiles.files, this.node, this.options.parseManifest)
    for (const file of [...wanted.keys()]) if (!found.has(file)) wanted.delete(file)
    for (const [file, now] of found) {
      const path = `${manifestFolder}/${file}`
      if ('pod' in now) {
        if (wanted.get(file)?.metadata.uid !== now.pod.metadata.uid) wanted.set(file, now.pod)
      } else if (isListing) {
        wanted.delete(file)
        runtime.journal.error('file.go:182', 'Could not process manifest file', now.error, { path })
      } else
        runtime.journal.error(
          'file_linux.go:61',
          'Unable to process watch event',
          `can't process config file ${JSON.stringify(path)}: ${now.error}`,
        )
      if ('error' in now && wanted.has(file)) this.lookAtManifests(RESYNC_FILES_MS)
    }
    const running = new Set([...manifests.values()].map(({ metadata }) => metadata.uid))
    const chosen = oneOfEachName(wanted, running)
    for (const [file, old] of [...manifests]) {
      manifests.delete(file)
      if (![...chosen.values()].some(({ metadata }) => metadata.uid === old.metadata.uid))
        session?.staticPods.remove(old)
    }
    for (const [file, pod] of chosen) {
      manifests.set(file, pod)
      if (!running.has(pod.metadata.uid)) session?.staticPods.add(pod)
    }
  }
}

/**
 * Of several files with Pods of one name one runs: that which runs already, else the first. The others wait until it is gone, such as the
 * copy of a manifest beside the one that somebody edits. Source: allowStaticPodStart in pkg/kubelet/pod_workers.go
 */
function oneOfEachName(wanted: ReadonlyMap<string, Pod>, running: ReadonlySet<string>): Map<string, Pod> {
  const chosen = new Map<string, Pod>()
  const fileOf = new Map<string, string>()
  for (const [file, pod] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = keyText(keyOf(pod))
    const other = fileOf.get(name)
    if (other !== undefined) {
      if (running.has(chosen.get(other)!.metadata.uid) || !running.has(pod.metadata.uid)) continue
      chosen.delete(other)
    }
    fileOf.set(name, file)
    chosen.set(file, pod)
  }
  return chosen
}

/** Whether a probe's verdict asks for a sync; readiness is shown at once. */
function actsOn(
  record: PodRecord,
  statuses: StatusManager,
  container: Container,
  type: ProbeType,
  verdict: ProbeVerdict,
): boolean {
  if (verdict === 'unknown' || (type === 'liveness' && verdict !== 'failure')) return false
  const status = statuses.get(record.uid)
  if (type === 'readiness' && status) {
    const all = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
    const isStarted = all.find((s) => s.name === container.name)?.started ?? true
    const changed = withContainerReadiness(record.pod, status, container.name, verdict === 'success' && isStarted)
    if (changed) statuses.set(record.pod, changed)
  }
  return true
}

function fieldPathOf(pod: Pod, container: Container): string {
  const isInit = pod.spec.initContainers?.some((c) => c.name === container.name)
  return `spec.${isInit ? 'initContainers' : 'containers'}{${container.name}}`
}

/** Services of the namespace, and the API server's own. */
function servicesSeenFrom(lister: Lister<Service>, namespace: string): readonly Service[] {
  const own = lister.list(namespace)
  if (namespace === 'default') return own
  const apiServer = lister.get({ namespace: 'default', name: 'kubernetes' })
  return apiServer ? [...own, apiServer] : own
}
