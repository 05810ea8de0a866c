/**
 * The container runtime of one node, behind the container runtime interface: sandboxes, containers, images. It lives on
 * when the kubelet stops.
 */

import type { ResourceRequirements } from '../api/core/pod-types.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'
import type { Engine } from '../engine/engine.ts'
import { hash32, type Random } from '../engine/random.ts'
import type { ObjectRef } from '../engine/trace.ts'
import { charge } from '../engine/work.ts'
import { totalBytes } from '../images/layers.ts'
import type { NetworkNamespace } from '../network/types.ts'
import { type Container, type ContainerExit, startContainer } from '../runtime/container.ts'
import type { Limits } from '../runtime/control-group.ts'
import { ControlGroup } from '../runtime/control-group.ts'
import {
  type ContainerFiles,
  createFileSystem,
  createVolumeTree,
  type SizedVolumeTree,
  type Credentials as UserCredentials,
} from '../runtime/file-system.ts'
import { Disk, type FileTree } from '../runtime/file-tree.ts'
import { type Interference, PidBudget, type PidNamespace } from '../runtime/kernel.ts'
import { firstNamespaces, type Namespaces, type NamespaceType, type ProcessPlace } from '../runtime/namespaces.ts'
import type { Image, Program, Wait } from '../runtime/process.ts'
import { createSessionInput, type SessionInput } from '../runtime/session-input.ts'
import type { TerminalOptions } from '../runtime/terminal.ts'
import type { ImageReference } from '../text/image-reference.ts'
import { durationText } from './backoff.ts'
import { cdiEnvironment } from './cdi.ts'
import { type CniState, cniStateOf, networkNotReady } from './cni-configuration.ts'
import { ContainerLog } from './container-log.ts'
import { type FirstImages, ImageStore, type PulledImage, pulledImage } from './image-store.ts'
import { Journal } from './journal.ts'
import { NodeProcesses, type SandboxProcesses } from './node-processes.ts'
import { emptyPodStatus, type RuntimeContainerStatus, type RuntimePodStatus } from './pod-cache.ts'
import { cpuShares, type PodCgroup, scopeOf } from './pod-cgroup.ts'
import type { Cni, ImageRegistry, SandboxRequest } from './ports.ts'
import type { Credentials } from './pull-secrets.ts'
import { pause, type Routine } from './routine.ts'

// What the calls take on the recorded cluster.
const SANDBOX_MS = 350
const MAX_TURN_MS = 1200
const CREATE_MS = 12
const START_MS = 55
const SIGNAL_MS = 10
const STOP_MS = 15
// Before that the runtime does not tell that a container which ended as it started has ended.
const EXIT_MS = 40
const STOP_SANDBOX_MS = 180
const PULL_START_MS = 180
// Simplified: a Pod runs as with runc, whatever the handler.
const RUNTIME_HANDLERS: readonly string[] = ['runc', 'runsc', 'kata']
// Below that share of a node's memory nobody counts.
const WATCHED_SHARE = 0.75
const RUNTIME_SYNC_MS = 30_000
const RELIST_THRESHOLD_MS = 180_000
/** How long the runtime has to be away until more is said of it. */
export const runtimeDownMs: readonly number[] = [RUNTIME_SYNC_MS, RELIST_THRESHOLD_MS]
// What containerd gives to /dev/shm of a sandbox; the node's own has half of its memory.
const SHARED_MEMORY_BYTES = 64 * 1024 * 1024
// The user of registry.k8s.io/pause.
const PAUSE_UID = 65_535
const BYTES_PER_MS = 100_000
/** Of computing: a container's file system, its processes, and the end that follows each start. */
const stepsOfStart = 5500
// What the system and the kubelet hold of a node's memory.
const SYSTEM_SHARE = 0.05
const MAX_SYSTEM_BYTES = 256 * 1024 * 1024

export interface ContainerSpec {
  name: string
  restartCount: number
  hash: number
  image: Image
  reference: ImageReference
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  workingDir?: string
  files: ContainerFiles
  user?: UserCredentials
  limits?: Limits
  resources?: ResourceRequirements
  /** Names of devices that files of the node describe: see cdi.ts. */
  cdiDevices: readonly string[]
  hostname: string
  /** Files below /proc/sys that show something else than usual. */
  kernelValues?: Readonly<Record<string, string>>
  /** '' for none. */
  terminationMessagePath: string
  fallbackToLogs: boolean
  isTerminal?: boolean
  /** Volumes in memory that it mounts. */
  memoryVolumes?: readonly SizedVolumeTree[]
  /** -997 for who is never to go, 1000 for who goes first. */
  oomScoreAdjust: number
  /** Standard input stays open for who attaches, after whom it is closed when `stdinOnce`. */
  stdin?: { once: boolean }
  /** The container whose processes it sees. */
  target?: string
  /** One of `kubectl debug`. */
  isEphemeral?: boolean
}

export interface RuntimeContainer {
  readonly spec: ContainerSpec
  readonly podUid: string
  readonly object: ObjectRef
  readonly log: ContainerLog
  status: RuntimeContainerStatus
  handle: Container | undefined
  stdin: SessionInput | undefined
  /** Since it was started. */
  namespaces: Namespaces | undefined
  /** Numbers of the snapshots that its root is made of: the image's layers, the lowest first, and its own. */
  readonly snapshots: { readonly lower: readonly number[]; readonly upper: number }
  readonly waiters: Set<() => void>
}

export interface Sandbox {
  id: string
  createdMs: number
  attempt: number
  isReady: boolean
  ip: string
  network: NetworkNamespace | undefined
  request: SandboxRequest
  /** The process that holds the shared process numbers. */
  pause: Container | undefined
  processes: SandboxProcesses
  /** /dev/shm of its containers. */
  sharedMemory: SizedVolumeTree
  /** The processes of its containers. */
  pids: PidBudget
  /** Limits of the Pod as a whole; undefined without any. */
  group: ControlGroup | undefined
  cgroup: PodCgroup
  /** Of its pause process. */
  namespaces: Namespaces
}

export interface RuntimePod {
  sandbox: Sandbox | undefined
  /** Newest first. */
  containers: RuntimeContainer[]
  /** How many of its containers were killed for memory. */
  oomKills: number
  /** The number of the last log that a container of that name wrote. */
  readonly logNumbers: Map<string, number>
}

/** Whether the registry gives the image to who knows that much. */
export const mayPull = ({ credentials: asked }: Image, known: readonly Credentials[]): boolean =>
  !asked || known.some(({ username, password }) => username === asked.username && password === asked.password)

export interface ContainerRuntimeOptions {
  engine: Engine
  node: string
  cni: Cni
  registry: ImageRegistry
  /** The images on the node at first. */
  present: FirstImages
  memoryBytes: number
  diskBytes: number
  /** What the kernel has numbers for. */
  maxPids: number
  /** Of its kubelet: for each Pod; no limit without it. */
  podPidsLimit?: number
  /** What the node's files are at first; it is never changed. */
  hostLayer?: FileTree
  /** The programs of the node's own. */
  nodePrograms?: () => Readonly<Record<string, Program>>
  /** It runs no programs: containers run until they are stopped, at once. As kubemark's, k8s.io/cri-api/pkg/apis/testing. */
  isHollow?: boolean
  /** Told when something makes a container's command do something else than it says. */
  onInterference?: (pod: ObjectRef, container: string, what: Interference) => void
}

export class ContainerRuntime {
  /** Told of a Pod whose containers changed. */
  onChange: ((podUid: string) => void) | undefined
  /** Told when containers hold more memory. */
  onMemory: (() => void) | undefined
  /** Told of a container that is forgotten. */
  onDiscard: ((container: RuntimeContainer) => void) | undefined
  /** The node's disk: layers, logs, images that were pulled, directories of Pods. */
  readonly disk: Disk
  readonly images: ImageStore
  readonly memoryCapacityBytes: number
  /** Memory that the node's own processes hold. */
  systemMemoryBytes: number
  /** What containers used that have ended. */
  endedCpuMs = 0
  /** Told of a process that the kernel killed because the node had no memory left. */
  onSystemOom: ((container: RuntimeContainer) => void) | undefined
  /** Why the container network can't be set up; undefined while it can. */
  networkError: string | undefined
  private downSinceMs: number | undefined
  /** The node's own files. */
  readonly hostFiles: SizedVolumeTree
  /** What runs beside containers, and the numbers of all processes. */
  readonly processes: NodeProcesses
  /** How many processes there are, and may be. */
  readonly pids: PidBudget
  /** What the node's services say. */
  readonly journal: Journal
  private readonly hostSharedMemory: SizedVolumeTree
  private readonly pods = new Map<string, RuntimePod>()
  private readonly options: ContainerRuntimeOptions
  private readonly random: Random
  private readonly execIds: Random
  private readonly actor: string
  private isOff = false
  private activePulls = 0
  private busyUntilMs = 0
  /** Numbers that the snapshotter gave. */
  private readonly layerSnapshots = new Map<string, number>()
  private lastSnapshot = 0
  /** No less than the memory in use, but for what each process holds from its start. */
  private memoryEstimate = 0

  constructor(options: ContainerRuntimeOptions) {
    this.options = options
    this.random = options.engine.random(`containerd/${options.node}`)
    this.execIds = options.engine.random(`containerd/${options.node}/exec`)
    this.actor = `containerd/${options.node}`
    this.journal = new Journal(options.engine, (unit) => this.processes.pidOf(unit))
    this.disk = new Disk(options.diskBytes)
    this.memoryCapacityBytes = options.memoryBytes
    this.systemMemoryBytes = Math.min(MAX_SYSTEM_BYTES, options.memoryBytes * SYSTEM_SHARE)
    this.hostFiles = createVolumeTree({
      base: options.hostLayer,
      nowEpochMs: () => options.engine.epochMs,
      mode: 0o755,
      disk: this.disk,
    })
    this.hostSharedMemory = this.newSharedMemory(options.memoryBytes / 2)
    this.pids = new PidBudget(options.maxPids)
    this.processes = new NodeProcesses(options.engine, this.hostFiles.files, this.pids)
    this.images = new ImageStore(options.present, this.disk)
  }

  status(podUid: string): RuntimePodStatus {
    const pod = this.pods.get(podUid)
    if (!pod) return emptyPodStatus
    const { sandbox } = pod
    return {
      containers: pod.containers.map((container) => container.status),
      sandbox: sandbox && { id: sandbox.id, attempt: sandbox.attempt, isReady: sandbox.isReady, ip: sandbox.ip },
    }
  }

  /** The address of the Pod's sandbox; undefined without one, and where it has none. */
  sandboxIP(podUid: string): string | undefined {
    return this.pods.get(podUid)?.sandbox?.ip
  }

  podUids(): string[] {
    return [...this.pods.keys()]
  }

  /** Every Pod that it holds, by uid. */
  get allPods(): ReadonlyMap<string, Readonly<RuntimePod>> {
    return this.pods
  }

  find(podUid: string, id: string): RuntimeContainer | undefined {
    return this.pods.get(podUid)?.containers.find((container) => container.status.id === id)
  }

  networkOf(podUid: string): NetworkNamespace | undefined {
    return this.pods.get(podUid)?.sandbox?.network
  }

  /** Those that stand. */
  sandboxes(): Sandbox[] {
    return [...this.pods.values()].flatMap(({ sandbox }) => (sandbox?.isReady ? [sandbox] : []))
  }

  /** The memory that the containers of a Pod share below /dev/shm. */
  sharedMemoryOf(podUid: string): SizedVolumeTree | undefined {
    return this.pods.get(podUid)?.sandbox?.sharedMemory
  }

  /** Processes of a Pod's containers. */
  processesOf(podUid: string): number {
    return this.pods.get(podUid)?.sandbox?.pids.used ?? 0
  }

  runningOf(podUid: string): RuntimeContainer[] {
    return this.pods.get(podUid)?.containers.filter((c) => c.status.state === 'running') ?? []
  }

  running(): RuntimeContainer[] {
    return [...this.pods.values()].flatMap((pod) => pod.containers.filter((c) => c.status.state === 'running'))
  }

  // ---------- sandboxes ----------

  *runPodSandbox(request: SandboxRequest, attempt: number): Routine<{ error: string } | undefined> {
    const { engine, cni } = this.options
    const object = { kind: 'Pod', namespace: request.namespace, name: request.name }
    const record = engine.trace.record(this.actor, 'CRI RunPodSandbox', object, { attempt })
    yield pause(engine, this.turnMs(SANDBOX_MS), 'CRI RunPodSandbox')
    engine.trace.current = record
    if (request.runtimeHandler && !RUNTIME_HANDLERS.includes(request.runtimeHandler)) {
      return {
        error: `rpc error: code = Unknown desc = unable to get OCI runtime for sandbox "${this.newId()}": no runtime for "${request.runtimeHandler}" is configured`,
      }
    }
    // A sandbox on the node's own network is none of the plugin's.
    const { missing, failure } = this.cniState()
    const configured = missing ? 'cni plugin not initialized' : failure
    const networkError = request.hostNetwork ? undefined : (this.networkError ?? configured)
    if (!request.hostNetwork) engine.trace.record(this.actor, networkError ? 'CNI ADD failed' : 'CNI ADD', object)
    const added = networkError ? { error: networkError } : cni.addSandbox(request)
    const id = this.newId()
    const what = `RunPodSandbox for &PodSandboxMetadata{Name:${request.name},Uid:${request.podUid},Namespace:${request.namespace},Attempt:${attempt},}`
    if ('error' in added) {
      this.journal.complain(
        'containerd',
        `${what} failed, error`,
        `failed to setup network for sandbox "${id}": ${added.error}`,
      )
      return { error: `rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${added.error}` }
    }
    const pod = this.podOf(request.podUid)
    const { network, ip } = added
    const pauseUid = request.runAsUser ?? PAUSE_UID
    const namespaces = this.processes.namespaces.make(firstNamespaces, sandboxNamespaces(request))
    const place = placeIn(request.cgroup, id, namespaces)
    const processes = this.processes.openSandbox(id, request.sharesProcesses ? undefined : pauseUid, place)
    const group = request.limits && new ControlGroup(request.limits, () => this.volumeMemoryOf(request.podUid))
    const pids = new PidBudget(this.options.podPidsLimit ?? Number.POSITIVE_INFINITY, this.pids)
    const holder = request.sharesProcesses
      ? this.startPause(id, request, network, { shim: processes.shim, uid: pauseUid, pids, place })
      : undefined
    const sharedMemory = request.hostIPC ? this.hostSharedMemory : this.newSharedMemory(SHARED_MEMORY_BYTES)
    pod.sandbox = {
      id,
      createdMs: engine.nowMs,
      attempt,
      isReady: true,
      ip,
      network,
      request,
      pause: holder,
      processes,
      sharedMemory,
      pids,
      group,
      cgroup: request.cgroup,
      namespaces,
    }
    this.journal.say('containerd', `${what} returns sandbox id "${id}"`)
    this.changed(request.podUid)
    return undefined
  }

  *stopPodSandbox(podUid: string): Routine<void> {
    const { engine } = this.options
    const sandbox = this.pods.get(podUid)?.sandbox
    if (!sandbox?.isReady) return
    engine.trace.record(this.actor, 'CRI StopPodSandbox', objectOf(sandbox.request))
    yield pause(engine, this.turnMs(STOP_SANDBOX_MS), 'CRI StopPodSandbox')
    this.closeSandbox(sandbox)
    this.changed(podUid)
  }

  /** Forgets a Pod whose containers have all ended. */
  removePod(podUid: string): void {
    this.removeSandbox(podUid)
    this.pods.delete(podUid)
  }

  /** Removes what runs of a Pod behind its kubelet's back: the directory of its logs stays. */
  removeSandbox(podUid: string): void {
    const pod = this.pods.get(podUid)
    if (!pod) return
    for (const container of pod.containers) {
      this.kill(container)
      this.discard(container)
    }
    if (pod.sandbox?.isReady) this.closeSandbox(pod.sandbox)
    pod.containers = []
    pod.sandbox = undefined
  }

  /** How often a container started of which the runtime knows nothing more. Source: calcRestartCountByLogDir */
  restartCountByLogs(podUid: string, name: string): number {
    return (this.pods.get(podUid)?.logNumbers.get(name) ?? -1) + 1
  }

  // ---------- containers ----------

  *createContainer(podUid: string, spec: ContainerSpec): Routine<RuntimeContainer | { error: string }> {
    const { engine } = this.options
    const pod = this.pods.get(podUid)
    if (!pod?.sandbox?.isReady) return { error: 'rpc error: code = NotFound desc = failed to find sandbox' }
    const object = objectOf(pod.sandbox.request)
    engine.trace.record(this.actor, 'CRI CreateContainer', object, {
      container: spec.name,
      image: spec.reference.canonical,
    })
    yield pause(engine, this.jittered(CREATE_MS), 'CRI CreateContainer')
    const injected = spec.cdiDevices.length > 0 ? cdiEnvironment(this.hostFiles.files, spec.cdiDevices) : undefined
    if (injected && 'error' in injected) return injected
    const image = this.images.find(spec.reference.canonical)
    const container: RuntimeContainer = {
      spec: injected ? { ...spec, env: { ...spec.env, ...injected.env } } : spec,
      podUid,
      object,
      log: new ContainerLog(this.disk),
      handle: undefined,
      stdin: undefined,
      namespaces: undefined,
      snapshots: this.snapshotsOf(image),
      waiters: new Set(),
      status: {
        id: this.newId(),
        name: spec.name,
        state: 'created',
        createdMs: engine.nowMs,
        startedMs: -1,
        finishedMs: -1,
        exitCode: 0,
        reason: '',
        message: '',
        image: spec.reference.canonical,
        imageID: image?.imageID ?? '',
        restartCount: spec.restartCount,
        hash: spec.hash,
        resources: spec.resources,
        user: spec.user,
      },
    }
    pod.containers.unshift(container)
    pod.logNumbers.set(spec.name, spec.restartCount)
    this.journal.say(
      'containerd',
      `CreateContainer within sandbox "${pod.sandbox.id}" for &ContainerMetadata{Name:${spec.name},Attempt:${spec.restartCount},} returns container id "${container.status.id}"`,
    )
    if (spec.stdin) container.stdin = createSessionInput(spec.isTerminal ? this.terminalOf(container) : undefined)
    return container
  }

  /** A layer is unpacked once, whatever number of containers is made of it. */
  private snapshotsOf(image: PulledImage | undefined): RuntimeContainer['snapshots'] {
    const lower = (image?.layers ?? []).map(({ id }) => {
      const number = this.layerSnapshots.get(id) ?? ++this.lastSnapshot
      this.layerSnapshots.set(id, number)
      return number
    })
    return { lower, upper: ++this.lastSnapshot }
  }

  private terminalOf(container: RuntimeContainer): TerminalOptions {
    return {
      echo: (text) => container.log.write('stdout', text, this.options.engine.epochMs),
      signal: (signal) => container.handle?.interrupt(signal),
    }
  }

  *startContainer(container: RuntimeContainer): Routine<{ error: string } | undefined> {
    const { engine } = this.options
    const { spec, podUid } = container
    const record = engine.trace.record(this.actor, 'CRI StartContainer', container.object, { container: spec.name })
    yield pause(engine, this.jittered(START_MS), 'CRI StartContainer')
    charge(stepsOfStart)
    engine.trace.current = record
    const network = this.networkOf(podUid)
    const sandbox = this.pods.get(podUid)?.sandbox
    if (!network || !sandbox || this.isOff) return { error: 'rpc error: code = NotFound desc = the sandbox is gone' }
    if (this.options.isHollow) {
      this.hasStarted(container)
      return undefined
    }
    const namespaces = this.namespacesFor(container, sandbox)
    container.namespaces = namespaces
    const started = startContainer({
      engine,
      image: spec.image,
      argv: spec.argv,
      env: spec.env,
      workingDir: spec.workingDir,
      files: spec.files,
      network,
      hostname: spec.hostname,
      imageTag: spec.reference.tag,
      kernelValues: spec.kernelValues,
      user: spec.user,
      limits: spec.limits,
      pids: this.pidsFor(container),
      nodePids: this.processes.pids,
      nodePrograms: this.options.nodePrograms,
      nodeParent: sandbox.processes.shim,
      pidBudget: sandbox.pids,
      group: sandbox.group,
      place: placeIn(sandbox.cgroup, container.status.id, namespaces),
      oomScoreAdjust: spec.oomScoreAdjust,
      onMemory: (addedBytes) => this.memoryGrew(addedBytes),
      isForDebugging: spec.isEphemeral,
      onInterference: (what) => this.options.onInterference?.(container.object, spec.name, what),
      ...(spec.memoryVolumes?.length
        ? {
            sharedMemoryBytes: () =>
              spec.memoryVolumes!.reduce((sum, volume) => sum + (volume.tree.disk?.usedBytes ?? 0), 0),
          }
        : {}),
      stdin: container.stdin?.input,
      tty: spec.isTerminal,
      name: container.status.id,
      onOutput: (stream, text) => container.log.write(stream, text, engine.epochMs),
      onExit: (exit) => this.exited(container, exit),
    })
    if ('error' in started) {
      this.end(container, { exitCode: started.exitCode, reason: 'StartError', message: started.error })
      return { error: started.error }
    }
    container.handle = started
    this.journal.say('containerd', `StartContainer for "${container.status.id}" returns successfully`)
    for (const { tree } of spec.memoryVolumes ?? []) tree.disk?.watchers.add(started.memoryGrew)
    // A program may have ended before its container's handle was here.
    if (container.status.state === 'created') this.hasStarted(container)
    return undefined
  }

  private hasStarted(container: RuntimeContainer): void {
    const { engine } = this.options
    const { name, argv } = container.spec
    container.status = { ...container.status, state: 'running', startedMs: engine.nowMs }
    engine.trace.record(this.actor, 'start', container.object, { container: name, command: argv })
    this.changed(container.podUid)
  }

  /** SIGTERM (or what the image asks for), SIGKILL after the grace period; ends when the container has. */
  *stopContainer(container: RuntimeContainer, graceMs: number): Routine<void> {
    const { engine } = this.options
    if (container.status.state !== 'running') return
    const signal = container.spec.image.stopSignal ?? 'SIGTERM'
    engine.trace.record(this.actor, 'CRI StopContainer', container.object, {
      container: container.spec.name,
      signal,
      graceMs,
    })
    if (this.options.isHollow) {
      this.end(container, { exitCode: 0, reason: '', message: '' })
      return
    }
    const stopped: Wait<void> = {
      start: (resume) => {
        const timer = engine.after(graceMs, 'SIGKILL', () => {
          engine.trace.record(this.actor, 'SIGKILL', container.object, { container: container.spec.name })
          this.journal.say('containerd', `Kill container "${container.status.id}"`)
          container.handle?.kill()
        })
        const done = (): void => {
          engine.cancel(timer)
          resume(undefined)
        }
        container.waiters.add(done)
        container.handle?.signal(signal)
        return () => {
          engine.cancel(timer)
          container.waiters.delete(done)
        }
      },
    }
    this.journal.say('containerd', `StopContainer for "${container.status.id}" with timeout ${graceMs / 1000} (s)`)
    yield pause(engine, this.jittered(SIGNAL_MS), 'CRI StopContainer')
    if (container.status.state === 'running') yield stopped
    yield pause(engine, this.jittered(STOP_MS), 'CRI StopContainer')
  }

  /** Ends a container at once, as a fault does. */
  kill(container: RuntimeContainer): void {
    container.handle?.kill()
  }

  /** Drops a container that has ended; true when there was one. */
  removeContainers(podUid: string, ids: ReadonlySet<string>): void {
    const pod = this.pods.get(podUid)
    if (!pod) return
    const removed = pod.containers.filter(({ status }) => ids.has(status.id))
    pod.containers = pod.containers.filter(({ status }) => !ids.has(status.id))
    for (const container of removed) this.discard(container)
  }

  /** Gives a running container other limits. */
  updateContainer(container: RuntimeContainer, resources: ResourceRequirements): void {
    const { engine } = this.options
    engine.trace.record(this.actor, 'CRI UpdateContainerResources', container.object, {
      container: container.spec.name,
      resources,
    })
    const { limits } = this.pods.get(container.podUid)?.sandbox?.request ?? {}
    container.spec.limits = { ...limits, ...limitsOf(resources) }
    container.status = { ...container.status, resources }
    container.handle?.setLimits(container.spec.limits)
    this.changed(container.podUid)
  }

  /** What the kubelet lets the Pod have as a whole, from now on. */
  updatePodCgroup(podUid: string, cgroup: PodCgroup): void {
    const sandbox = this.pods.get(podUid)?.sandbox
    if (sandbox) sandbox.cgroup = cgroup
  }

  /** Bytes of memory that containers hold now. */
  memoryBytes(): number {
    return this.running().reduce((sum, container) => sum + (container.handle?.memoryUsage() ?? 0), 0)
  }

  /** Bytes of memory in use on the node. */
  usedMemoryBytes(): number {
    return this.systemMemoryBytes + this.memoryBytes()
  }

  /** Its process is down: nobody is started or stopped; what runs goes on. */
  get isDown(): boolean {
    return this.downSinceMs !== undefined
  }

  setUp(isUp: boolean): void {
    this.downSinceMs = isUp ? undefined : this.options.engine.nowMs
    this.processes.setContainerd(isUp)
  }

  /** What systemd says of the service. */
  tellService(isUp: boolean): void {
    const { journal } = this
    if (isUp) journal.say('systemd', 'Started containerd.service - containerd container runtime.')
    else {
      journal.say('systemd', 'Stopping containerd.service - containerd container runtime...')
      journal.say('systemd', 'containerd.service: Deactivated successfully.')
      journal.say('systemd', 'Stopped containerd.service - containerd container runtime.')
    }
  }

  /** A machine whose files nobody described has a network all the same. */
  cniState(): CniState {
    return this.options.hostLayer ? cniStateOf(this.hostFiles.files) : {}
  }

  /** What its kubelet has to say of it. Sources: pkg/kubelet/runtime.go, pkg/kubelet/pleg/generic.go */
  problems(): string[] {
    if (this.downSinceMs === undefined)
      return this.cniState().missing ? [`container runtime network not ready: ${networkNotReady}`] : []
    const downMs = this.options.engine.nowMs - this.downSinceMs
    return [
      ...(downMs >= RUNTIME_SYNC_MS ? ['container runtime is down'] : []),
      ...(downMs >= RELIST_THRESHOLD_MS
        ? [`PLEG is not healthy: pleg was last seen active ${durationText(downMs)} ago; threshold is 3m0s`]
        : []),
    ]
  }

  containersOf(podUid: string): readonly RuntimeContainer[] {
    return this.pods.get(podUid)?.containers ?? []
  }

  /** When the node has no memory left its kernel kills who is the least worth keeping. */
  memoryGrew(addedBytes: number): void {
    // Counting everything each time would cost a node of many Pods more than the rest of their start.
    const enoughBytes = this.memoryCapacityBytes * WATCHED_SHARE
    this.memoryEstimate += addedBytes
    if (this.memoryEstimate < enoughBytes) return
    this.memoryEstimate = this.usedMemoryBytes()
    if (this.memoryEstimate < enoughBytes) return
    while (this.usedMemoryBytes() > this.memoryCapacityBytes) {
      const victim = this.running()
        .map((container) => ({ container, score: this.oomScore(container) }))
        .sort((a, b) => b.score - a.score || (a.container.status.id < b.container.status.id ? -1 : 1))[0]
      if (!victim) break
      this.options.engine.trace.record(this.actor, 'system out of memory', victim.container.object, {
        container: victim.container.spec.name,
      })
      this.onSystemOom?.(victim.container)
      victim.container.handle?.oomKill()
    }
    this.onMemory?.()
  }

  /** The share of memory in tenths of a percent, moved by how much was promised. Source: pkg/kubelet/qos/policy.go */
  private oomScore({ spec, handle }: RuntimeContainer): number {
    const used = ((handle?.memoryUsage() ?? 0) * 1000) / this.memoryCapacityBytes
    return used + spec.oomScoreAdjust
  }

  private startPause(
    id: string,
    request: SandboxRequest,
    network: NetworkNamespace,
    { shim, uid, pids, place }: { shim: number; uid: number; pids: PidBudget; place: ProcessPlace },
  ): Container | undefined {
    const { engine, registry } = this.options
    const image = registry.find('registry.k8s.io/pause:3.10')
    if (!image) return undefined
    const files = createFileSystem({ base: registry.layerOf(image), nowEpochMs: () => engine.epochMs })
    const ignore = (): void => undefined
    const { hostname } = request
    const argv = image.entrypoint ?? []
    const pause = startContainer({
      engine,
      image,
      argv,
      env: {},
      files,
      network,
      hostname,
      name: id,
      user: { uid, gid: uid },
      nodePids: this.processes.pids,
      nodeParent: shim,
      pidBudget: pids,
      place,
      onOutput: ignore,
      onExit: ignore,
    })
    return 'error' in pause ? undefined : pause
  }

  /** The process numbers that a container shares with its Pod, or with the container it looks into. */
  private pidsFor({ spec, podUid }: RuntimeContainer): PidNamespace | undefined {
    const pod = this.pods.get(podUid)
    const target =
      spec.target &&
      pod?.containers.find((other) => other.spec.name === spec.target && other.status.state === 'running')?.handle
    if (target) return target.pids
    return pod?.sandbox?.request.hostPID ? this.processes.pids : pod?.sandbox?.pause?.pids
  }

  /** Mounts and control groups of its own; process numbers as `pidsFor` has it, the rest of the sandbox. */
  private namespacesFor({ spec, podUid }: RuntimeContainer, sandbox: Sandbox): Namespaces {
    const { hostPID } = sandbox.request
    const target = spec.target && this.runningOf(podUid).find((other) => other.spec.name === spec.target)
    const own: NamespaceType[] = ['mnt', 'cgroup']
    const pid = target ? target.namespaces?.pid : hostPID ? firstNamespaces.pid : undefined
    if (pid === undefined && !sandbox.pause) own.push('pid')
    const made = this.processes.namespaces.make(sandbox.namespaces, own)
    return pid === undefined ? made : { ...made, pid }
  }

  volumeMemoryOf(podUid: string): number {
    const trees = new Set(this.runningOf(podUid).flatMap(({ spec }) => spec.memoryVolumes ?? []))
    return [...trees].reduce((sum, { tree }) => sum + (tree.disk?.usedBytes ?? 0), 0)
  }

  private newSharedMemory(capacityBytes: number): SizedVolumeTree {
    const { engine } = this.options
    const disk = new Disk(Number.POSITIVE_INFINITY)
    return createVolumeTree({ nowEpochMs: () => engine.epochMs, mode: 0o1777, capacityBytes, disk })
  }

  // ---------- images ----------

  /** What containers are of, also of those that have ended: canonical references. */
  imagesInUse(): ReadonlySet<string> {
    const used = new Set<string>()
    for (const pod of this.pods.values())
      for (const container of pod.containers) used.add(container.spec.reference.canonical)
    return used
  }

  /** The error is worded as the kubelet tells it: without a code that says nothing. */
  *pullImage(
    reference: ImageReference,
    credentials: readonly Credentials[] = [],
  ): Routine<PulledImage | { error: string }> {
    const { engine, registry } = this.options
    const name = reference.canonical
    const what = `failed to pull and unpack image "${name}": failed to resolve reference "${name}"`
    const record = engine.trace.record(this.actor, 'CRI PullImage', undefined, {
      image: name,
      registry: registry.state,
    })
    if (registry.state === 'down') {
      yield pause(engine, 1000, 'CRI PullImage')
      return { error: `${what}: failed to do request: ${refusedRequest(reference)}` }
    }
    const image = registry.find(name)
    if (!image || !mayPull(image, credentials)) {
      yield pause(engine, this.jittered(image ? PULL_START_MS : 8), 'CRI PullImage')
      engine.trace.current = record
      engine.trace.record(this.actor, image ? 'image not authorized' : 'image not found', undefined, { image: name })
      const refusal = registry.refusal(reference, credentials)
      return {
        error: refusal ? `${what}: ${refusal}` : `rpc error: code = NotFound desc = ${what}: ${name}: not found`,
      }
    }
    const pulled = pulledImage(reference, image, registry)
    const hasRoom = (): boolean => totalBytes(this.images.missing(pulled)) <= this.disk.availableBytes
    const noRoom = {
      error: `failed to pull and unpack image "${name}": failed to extract layer: write /var/lib/containerd: no space left on device`,
    }
    if (!hasRoom()) {
      yield pause(engine, this.jittered(PULL_START_MS), 'CRI PullImage')
      return noRoom
    }
    // Pulls side by side share the line. Simplified: by how many they are at the start.
    this.activePulls++
    const transferMs = (totalBytes(this.images.missing(pulled)) / BYTES_PER_MS) * this.activePulls
    const factor = registry.state === 'slow' ? 10 : 1
    try {
      yield pause(engine, this.jittered((PULL_START_MS + transferMs) * factor), 'CRI PullImage')
    } finally {
      this.activePulls--
    }
    if (!hasRoom()) return noRoom
    this.images.add(pulled, engine.nowMs)
    this.journal.say('containerd', `PullImage "${name}" returns image reference "${pulled.imageID}"`)
    return pulled
  }

  // ---------- power ----------

  /** The node loses power: everything on it ends without a word. */
  powerOff(): void {
    this.isOff = true
    // What a hollow node has instead of a runtime is part of its kubelet, and remembers nothing.
    if (this.options.isHollow) for (const uid of [...this.pods.keys()]) this.removePod(uid)
    for (const pod of this.pods.values()) {
      for (const container of pod.containers) container.handle?.kill()
      if (pod.sandbox?.isReady) this.closeSandbox(pod.sandbox)
    }
    this.hostFiles.files.forgetMounts()
  }

  powerOn(): void {
    this.isOff = false
    emptyRun(this.hostFiles.files)
    this.processes.boot()
  }

  // ---------- inside ----------

  private discard(container: RuntimeContainer): void {
    container.spec.files.discard()
    container.log.discard()
    this.onDiscard?.(container)
  }

  private exited(container: RuntimeContainer, exit: ContainerExit): void {
    const { status } = container
    if (status.state === 'exited') return
    const { engine } = this.options
    const bornMs = status.state === 'created' ? engine.nowMs : status.startedMs
    const earlyMs = bornMs + EXIT_MS - engine.nowMs
    if (earlyMs > 0 && !this.isOff) {
      engine.after(earlyMs, 'exit of a container', () => this.exited(container, exit))
      return
    }
    if (this.isOff) {
      this.end(container, { exitCode: 255, reason: 'Unknown', message: '' })
      return
    }
    const reason = exit.reason ?? (exit.exitCode === 0 ? 'Completed' : 'Error')
    this.end(container, { exitCode: exit.exitCode, reason, message: terminationMessage(container, exit.exitCode) })
  }

  private end(container: RuntimeContainer, how: { exitCode: number; reason: string; message: string }): void {
    const { engine } = this.options
    const { status } = container
    // One that ended in the moment it started has started all the same; StartError never did.
    const startedMs = status.startedMs < 0 && how.reason !== 'StartError' ? engine.nowMs : status.startedMs
    container.status = { ...status, state: 'exited', startedMs, finishedMs: engine.nowMs, ...how }
    if (how.reason === 'OOMKilled') this.podOf(container.podUid).oomKills++
    container.log.close()
    this.endedCpuMs += container.handle?.cpuUsage().totalMs ?? 0
    if (container.handle)
      for (const { tree } of container.spec.memoryVolumes ?? []) tree.disk?.watchers.delete(container.handle.memoryGrew)
    engine.trace.record(this.actor, 'exit', container.object, {
      container: status.name,
      exitCode: how.exitCode,
      reason: how.reason,
    })
    this.changed(container.podUid)
    for (const waiter of [...container.waiters]) waiter()
    container.waiters.clear()
  }

  private closeSandbox(sandbox: Sandbox): void {
    sandbox.isReady = false
    sandbox.ip = ''
    sandbox.network = undefined
    sandbox.pause?.kill()
    this.processes.closeSandbox(sandbox.processes)
    this.options.engine.trace.record(this.actor, 'CNI DEL', objectOf(sandbox.request))
    this.options.cni.removeSandbox(sandbox.request.podUid)
  }

  private changed(podUid: string): void {
    if (!this.isOff) this.onChange?.(podUid)
  }

  private podOf(podUid: string): RuntimePod {
    let pod = this.pods.get(podUid)
    if (!pod) {
      pod = { sandbox: undefined, containers: [], oomKills: 0, logNumbers: new Map() }
      this.pods.set(podUid, pod)
    }
    return pod
  }

  /**
   * When work is done that keeps a small node busy: sandboxes that are wanted together are there one after the other.
   * Simplified: each node is as small as the recorded one, and a crowd waits no longer than a handful.
   */
  private turnMs(ms: number): number {
    const { nowMs } = this.options.engine
    const startMs = Math.min(Math.max(this.busyUntilMs, nowMs), nowMs + MAX_TURN_MS)
    this.busyUntilMs = startMs + this.jittered(ms)
    return this.busyUntilMs - nowMs
  }

  private jittered(ms: number): number {
    return Math.round(ms * (0.9 + 0.3 * this.random.next()))
  }

  /** What an exec is called. Simplified: of a stream of its own, so that a typing error changes no other id. */
  newExecId(): string {
    return this.newId(this.execIds)
  }

  private newId(random = this.random): string {
    const parts: string[] = []
    for (let i = 0; i < 8; i++) parts.push(((random.next() * 4294967296) >>> 0).toString(16).padStart(8, '0'))
    return parts.join('')
  }
}

/** The part of resources that the kernel keeps. */
export function limitsOf({ limits, requests }: ResourceRequirements): NonNullable<ContainerSpec['limits']> {
  const cpu = requests?.cpu ?? limits?.cpu
  return {
    ...(limits?.memory ? { memoryBytes: quantityValue(limits.memory) } : {}),
    ...(limits?.cpu ? { cpuMillis: quantityMillis(limits.cpu) } : {}),
    ...(cpu === undefined ? {} : { cpuShares: cpuShares(quantityMillis(cpu)) }),
  }
}

/** What a registry says to whom it does not let in: nothing listens at its address. Source: containerd, core/remotes/docker */
function refusedRequest({ registry, repository, tag, digest }: ImageReference): string {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const [name, port = '443'] = host.split(':')
  // Addresses that are kept for examples: RFC 5737.
  const address = `203.0.113.${1 + (hash32(name) % 254)}:${port}`
  const url = `https://${host}/v2/${repository}/manifests/${digest ?? tag}`
  return `Head "${url}": dial tcp ${address}: connect: connection refused`
}

/** Those that a sandbox makes; the others are its node's. Source: containerd, internal/cri/server/podsandbox */
function sandboxNamespaces({ hostNetwork, hostPID, hostIPC }: SandboxRequest): NamespaceType[] {
  return [
    'mnt',
    ...(hostNetwork ? [] : (['uts', 'net'] as const)),
    ...(hostIPC ? [] : (['ipc'] as const)),
    ...(hostPID ? [] : (['pid'] as const)),
    'cgroup',
  ]
}

const placeIn = (pod: PodCgroup, id: string, namespaces: Namespaces): ProcessPlace => {
  const cgroup = scopeOf(pod, id)
  return { cgroup, cgroupRoot: cgroup, namespaces }
}

const objectOf = (request: SandboxRequest): ObjectRef => ({
  kind: 'Pod',
  namespace: request.namespace,
  name: request.name,
})

const MAX_MESSAGE_BYTES = 4096

function terminationMessage(container: RuntimeContainer, exitCode: number): string {
  const { terminationMessagePath: path, files, fallbackToLogs } = container.spec
  let message = ''
  if (path) {
    try {
      if (files.exists(path)) message = files.read(path).slice(0, MAX_MESSAGE_BYTES)
    } catch {
      message = '' // a directory, or no file any more: nothing to tell
    }
  }
  // The last 80 lines or 2 KiB of the log: https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
  return message === '' && fallbackToLogs && exitCode !== 0 ? container.log.tail(80, 2048) : message
}

/** What stood there was in memory. Source: file-hierarchy(7) of systemd */
function emptyRun(files: ContainerFiles): void {
  if (!files.exists('/run')) return
  for (const name of files.list('/run')) files.remove(`/run/${name}`, { recursive: true })
  files.mkdir('/run/containerd')
}
