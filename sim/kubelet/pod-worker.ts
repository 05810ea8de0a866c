/** What a worker does for its Pod: sync, terminate, clean up. Sources: pkg/kubelet/kubelet.go, pkg/kubelet/kuberuntime */

import { isSidecar, podLimits } from '../api/core/pod/resources.ts'
import type { Container, Pod, PodSpec, PodStatus } from '../api/core/pod-types.ts'
import type { Condition, ResourceList } from '../api/meta/object.ts'
import type { EventRecorder } from '../client/machinery.ts'
import { charge } from '../engine/work.ts'
import type { Wait } from '../runtime/process.ts'
import type { VolumePlugin } from '../storage/types.ts'
import type { Allocation } from './allocation.ts'
import { Backoff, durationText } from './backoff.ts'
import { networkNotReady } from './cni-configuration.ts'
import { limitsOf, type RuntimeContainer } from './container-runtime.ts'
import { asksClusterDNS, type ContainerSpecContext, makeContainerSpec } from './container-spec.ts'
import type { PodDevices } from './dynamic-resources.ts'
import type { ImageManager } from './image-manager.ts'
import { imageVolumeFailure, pullImageVolumes } from './image-volumes.ts'
import { type Journal, podRef } from './journal.ts'
import { type HookFailure, runHook } from './lifecycle-hooks.ts'
import { type MemoryChange, refuseMemoryResize } from './memory-resize.ts'
import { containerHash, type KillReason, type PodActions, planPodActions, resizeOf } from './pod-actions.ts'
import { containersNamed, newestOf, type RuntimePodStatus } from './pod-cache.ts'
import { podCgroupOf } from './pod-cgroup.ts'
import { hostnameOf } from './pod-hostname.ts'
import type { StartFailureReason } from './pod-record.ts'
import { type PodRecord, podTitle } from './pod-record.ts'
import { makePodStatus } from './pod-status.ts'
import type { ProbeNetwork, SandboxRequest } from './ports.ts'
import type { ProbeManager } from './prober.ts'
import { type PullSecrets, readNodeCredentials, readPullSecrets } from './pull-secrets.ts'
import { all, cutShort, pause, type Routine } from './routine.ts'
import { type StatusManager, staticAnnotation } from './status-manager.ts'
import { type MountOutcome, mountVolumes, refreshVolumes } from './volume-manager.ts'

/** Of computing: a look at a Pod, and at each of its containers. */
const stepsOfSync = 500
const stepsOfContainer = 50

export interface WorkerContext extends ContainerSpecContext {
  network: ProbeNetwork
  /** Its containers are no programs, and nobody probes them. */
  isHollow: boolean
  actor: string
  journal: Journal
  allocation: Allocation
  /** What the Pod's RuntimeClass names, '' without one; or that there is no such class. */
  runtimeHandler(pod: Pod): { handler: string } | { missing: string }
  images: ImageManager
  probes: ProbeManager
  statuses: StatusManager
  recorder: EventRecorder
  volumePlugins: readonly VolumePlugin[]
  devices: PodDevices
  /** Sees to it that a static Pod is shown in the API. */
  showStaticPod(pod: Pod): void
}

export interface SyncOutcome {
  /** The Pod will run nothing more. */
  isTerminal: boolean
  isError: boolean
  /** Something has to be tried again that nothing tells of. */
  isIncomplete?: boolean
  /** The runtime was told to start, stop or change something. */
  hasActed?: boolean
  /** Why, when it is not a container's fault. */
  problem?: string
  /** When a container that had to wait for its back-off may start. */
  retryAtMs?: number
}

const INITIAL_BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 300_000
const MIN_GRACE_SECONDS = 2
// Volumes are unmounted in the background once nothing runs; WaitForUnmount looks every 300 ms. Control groups go after that.
const UNMOUNT_MS = 150
const UNMOUNT_POLL_MS = 300
const REMOVE_GROUPS_MS = 20

export class PodWorker {
  private readonly context: WorkerContext
  private readonly backoff: Backoff

  constructor(context: WorkerContext) {
    this.context = context
    this.backoff = new Backoff(INITIAL_BACKOFF_MS, MAX_BACKOFF_MS, () => context.engine.nowMs)
  }

  /** Forgets what was kept beside the record of a Pod that is gone. */
  forget(uid: string): void {
    this.backoff.forget((key) => key.startsWith(`${uid}/`))
    this.context.images.forget(uid)
  }

  // ---------- running ----------

  *sync(record: PodRecord): Routine<SyncOutcome> {
    const { containers, initContainers = [], volumes = [] } = record.pod.spec
    charge(stepsOfSync + stepsOfContainer * (containers.length + initContainers.length) + volumes.length)
    const { context } = this
    const { probes, runtime } = context
    const pod = record.pod
    // What was known when the sync began: relists meanwhile are for the next one.
    const seen = record.cache
    if (record.resizing && isResizeDone(pod, seen)) context.allocation.completed(record)
    const status = this.publish(record, this.withDeadline(record, this.makeStatus(record, false)))
    if (status.phase === 'Succeeded' || status.phase === 'Failed') return { isTerminal: true, isError: false }
    if (pod.metadata.annotations?.[staticAnnotation] === 'file') context.showStaticPod(pod)

    const mounted: MountOutcome = yield* mountVolumes(record, context)
    if (record.phase !== 'sync') return stopped
    if (mounted === 'failed')
      return {
        isTerminal: false,
        isError: true,
        problem: 'unmounted volumes, unattached volumes=[], failed to process volumes=[]: context deadline exceeded',
      }
    refreshVolumes(record)
    const { missing } = this.ownPullSecrets(pod)
    if (missing.length > 0)
      context.recorder.event(
        pod,
        'Warning',
        'FailedToRetrieveImagePullSecret',
        `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`,
      )
    if (!context.isHollow) probes.addPod(pod)
    probes.onStatus(record.uid, status)

    const actions = planPodActions(pod, seen, probes)
    if (actions.killPod) {
      if (actions.createSandbox && seen.sandbox) {
        context.recorder.event(
          pod,
          'Normal',
          'SandboxChanged',
          'Pod sandbox changed, it will be killed and re-created.',
        )
      }
      yield* this.killPod(record, undefined)
    } else {
      for (const { id, message, reason } of actions.containersToKill) {
        const running = runtime.find(record.uid, id)
        if (running) yield* this.killContainer(record, running, message, undefined, reason)
      }
    }
    if (record.phase !== 'sync') return stopped
    const isResized = this.resize(record, actions)
    if (actions.createSandbox && !pod.spec.hostNetwork && runtime.cniState().missing) {
      const why = `container runtime network not ready: ${networkNotReady}`
      context.recorder.event(pod, 'Warning', 'NetworkNotReady', `network is not ready: ${why}`)
      return { isTerminal: false, isError: true, problem: `network is not ready: ${why}` }
    }
    if (actions.createSandbox && context.clusterDNS.length === 0 && asksClusterDNS(pod)) {
      const falls = `kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`
      context.recorder.event(pod, 'Warning', 'MissingClusterDNS', `pod: ${JSON.stringify(podTitle(pod))}. ${falls}`)
    }
    if (actions.createSandbox) {
      const unprepared = yield* context.devices.prepare(pod)
      if (record.phase !== 'sync') return stopped
      if (unprepared !== undefined) {
        context.recorder.event(
          pod,
          'Warning',
          'FailedPrepareDynamicResources',
          `Failed to prepare dynamic resources: ${unprepared}`,
        )
        const about = { pod: podRef(pod) }
        runtime.journal.error('kuberuntime_manager.go:1594', 'Failed to prepare dynamic resources', unprepared, about)
        // No error to its caller: it is tried again when every Pod is looked at again.
        return { isTerminal: false, isError: false, isIncomplete: true }
      }
      const known = context.runtimeHandler(pod)
      const failure =
        'missing' in known
          ? { error: known.missing }
          : yield* runtime.runPodSandbox(
              { ...sandboxRequest(pod, context), runtimeHandler: known.handler },
              actions.attempt,
            )
      if (failure) {
        context.recorder.event(
          pod,
          'Warning',
          'FailedCreatePodSandBox',
          `Failed to create pod sandbox: ${failure.error}`,
        )
        const { journal } = runtime
        const about = { pod: podRef(pod) }
        if (!('missing' in known)) {
          journal.error('log.go:32', 'RunPodSandbox from runtime service failed', failure.error)
          journal.error('kuberuntime_sandbox.go:71', 'Failed to create sandbox for pod', failure.error, about)
        }
        journal.error('kuberuntime_manager.go:1558', 'CreatePodSandbox for pod failed', failure.error, about)
        const why = `Failed to create sandbox for pod ${JSON.stringify(podTitle(pod))}: ${failure.error}`
        const problem = `failed to "CreatePodSandbox" for "${podTitle(pod)}" with CreatePodSandboxError: ${JSON.stringify(why)}`
        return { isTerminal: false, isError: true, problem }
      }
      this.noteSandbox(pod)
    }
    let isError = !isResized
    let retryAtMs: number | undefined
    const toStart = [...actions.ephemeralToStart, ...actions.initToStart, ...actions.containersToStart]
    // Termination does not wait for a pull or a hook.
    const interruptible = <T>(routine: Routine<T>): Routine<T | undefined> =>
      waitFor(
        cutShort(routine, (cut) => {
          record.interrupt = cut
        }),
      )
    const hasImageVolumes = toStart.length > 0 && pod.spec.volumes?.some(({ image }) => image)
    const noVolumes = hasImageVolumes
      ? yield* interruptible(pullImageVolumes(record, context, this.pullSecrets(pod)))
      : undefined
    for (const container of toStart) {
      if (record.phase !== 'sync') return stopped
      const isStarted = yield* interruptible(this.start(record, container, seen, noVolumes))
      if (!isStarted) {
        isError = true
        const expiryMs = this.backoffExpiry(record, container, seen)
        if (expiryMs !== undefined) retryAtMs = Math.min(retryAtMs ?? expiryMs, expiryMs)
      }
      const isInit = pod.spec.initContainers?.includes(container) ?? false
      if (!isStarted && isInit && !isSidecar(container)) break
    }
    return { isTerminal: false, isError, hasActed: hasActions(actions), retryAtMs }
  }

  /** That the sandbox is there is told before any image is pulled. Source: OnPodSandboxReady */
  private noteSandbox(pod: Pod): void {
    const { statuses } = this.context
    const status = statuses.get(pod.metadata.uid) ?? pod.status
    const { generation: observedGeneration } = pod.metadata
    const ready: Condition = { type: 'PodReadyToStartContainers', status: 'True', observedGeneration }
    const conditions = (status.conditions ?? []).map((condition) => (condition.type === ready.type ? ready : condition))
    statuses.set(pod, { ...status, conditions })
  }

  /** When the back-off of a container ends that is in one. */
  private backoffExpiry(record: PodRecord, container: Container, seen: RuntimePodStatus): number | undefined {
    if (record.startFailures.get(container.name)?.reason !== 'CrashLoopBackOff') return undefined
    const ended = lastExitOf(seen, container)
    return ended && ended.finishedMs + this.backoff.delayMs(backoffKey(record, container))
  }

  private ownPullSecrets(pod: Pod): PullSecrets {
    const { volumeHost } = this.context
    return readPullSecrets(pod, (name) => volumeHost.findSecret(pod.metadata.namespace ?? '', name))
  }

  /** The Pod's own ones are shown before the node's. */
  private pullSecrets(pod: Pod): PullSecrets {
    const own = this.ownPullSecrets(pod)
    const ofNode = readNodeCredentials(this.context.runtime.hostFiles.files)
    return { ...own, credentials: [...own.credentials, ...ofNode] }
  }

  /** Gives running containers what they were granted; false when that has to wait. Source: doPodResizeAction */
  private resize(record: PodRecord, { containersToResize }: PodActions): boolean {
    const { runtime, allocation } = this.context
    if (containersToResize.length === 0) return true
    const refusal = refuseMemoryResize(this.memoryChanges(record))
    if (refusal !== undefined && record.resizing) {
      allocation.failed(record, refusal)
      this.publish(record, this.makeStatus(record, false))
      return false
    }
    for (const { id, container } of containersToResize) {
      const running = runtime.find(record.uid, id)
      if (running) runtime.updateContainer(running, container.resources)
    }
    runtime.updatePodCgroup(record.uid, podCgroupOf(record.pod))
    return true
  }

  /** What each running container may use and uses, and may use after the resize. */
  private memoryChanges({ pod, uid, cache }: PodRecord): MemoryChange[] {
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)].flatMap((container) => {
      const last = newestOf(cache, container.name)
      const running = last?.state === 'running' ? this.context.runtime.find(uid, last.id) : undefined
      if (!running) return []
      const before = limitsOf(running.status.resources ?? container.resources).memoryBytes
      const after = limitsOf(container.resources).memoryBytes
      const usedBytes = running.handle?.memoryUsage() ?? 0
      return { name: container.name, beforeBytes: before, afterBytes: after, usedBytes }
    })
  }

  private *start(
    record: PodRecord,
    container: Container,
    seen: RuntimePodStatus,
    noVolumes: ReadonlyMap<string, StartFailureReason> | undefined,
  ): Routine<boolean> {
    const { context } = this
    const { runtime } = context
    const pod = record.pod
    const event = this.eventOf(pod, container)
    const last = newestOf(seen, container.name)
    const lastExited = lastExitOf(seen, container)
    const key = backoffKey(record, container)
    if (lastExited) {
      if (this.backoff.isWithinDelaySince(key, lastExited.finishedMs)) {
        event('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${podTitle(pod)}`)
        const message = `back-off ${durationText(this.backoff.delayMs(key))} restarting failed container=${container.name} pod=${podTitle(pod)}`
        record.startFailures.set(container.name, { reason: 'CrashLoopBackOff', message })
        return false
      }
      this.backoff.next(key, lastExited.finishedMs)
    }
    const fail = (reason: string, message: string): false => {
      record.startFailures.set(container.name, { reason, message })
      return false
    }

    const noVolume = imageVolumeFailure(container, noVolumes)
    if (noVolume) {
      event('Warning', 'Failed', `Error: ${noVolume.reason}`)
      return fail(noVolume.reason, noVolume.message)
    }
    const image = yield* context.images.ensureImage(pod, container, event, this.pullSecrets(pod))
    if ('reason' in image) {
      event('Warning', 'Failed', `Error: ${image.reason}`)
      return fail(image.reason, image.message)
    }
    if (record.phase !== 'sync') return false
    const restartCount = last ? last.restartCount + 1 : runtime.restartCountByLogs(record.uid, container.name)
    const spec = makeContainerSpec(context, record, container, image.image, restartCount)
    if ('error' in spec) {
      event('Warning', 'Failed', `Error: ${spec.error}`)
      return fail('CreateContainerConfigError', spec.error)
    }
    const created = yield* runtime.createContainer(record.uid, spec)
    if ('error' in created) {
      event('Warning', 'Failed', `Error: ${created.error}`)
      return fail('CreateContainerError', created.error)
    }
    event('Normal', 'Created', 'Container created')
    const failure = yield* runtime.startContainer(created)
    if (failure) {
      event('Warning', 'Failed', `Error: ${failure.error}`)
      return fail('RunContainerError', failure.error)
    }
    event('Normal', 'Started', 'Container started')

    const postStart = container.lifecycle?.postStart
    if (postStart && created.status.state === 'running') {
      const podIP = runtime.sandboxIP(record.uid) ?? ''
      const result = yield* waitFor(
        runHook({ ...context, podIP }, pod, container, created, postStart, Number.POSITIVE_INFINITY),
      )
      if (result && result !== 'timeout') {
        // What the hook said stays out of the event, so that no secret gets there.
        event('Warning', 'FailedPostStartHook', 'PostStartHook failed')
        yield* this.killContainer(record, created, 'FailedPostStartHook', undefined, 'unknown')
        return fail('PostStartHookError', result.message)
      }
    }
    record.startFailures.delete(container.name)
    return true
  }

  // ---------- ending ----------

  /** @returns why it has to be tried again */
  *terminate(record: PodRecord): Routine<string | undefined> {
    const { probes, runtime, devices } = this.context
    this.publish(record, this.makeStatus(record, false))
    probes.stopLivenessAndStartup(record.uid)
    yield* this.killPod(record, record.graceSeconds)
    probes.removePod(record.uid)
    record.cache = runtime.status(record.uid)
    // While its devices are not given back the Pod ends for nobody.
    const failure = yield* devices.unprepare(record.pod)
    if (failure !== undefined) return failure
    this.publish(record, this.makeStatus(record, true))
    return undefined
  }

  *cleanUp(record: PodRecord): Routine<void> {
    const { engine, statuses } = this.context
    this.publish(record, this.makeStatus(record, true))
    const unmountMs = record.lastSyncMs + UNMOUNT_MS - engine.nowMs
    const waitMs = Math.ceil(Math.max(0, unmountMs) / UNMOUNT_POLL_MS) * UNMOUNT_POLL_MS
    yield pause(engine, waitMs + REMOVE_GROUPS_MS, 'unmount volumes')
    for (const volume of record.volumes.values()) {
      if (volume.isOwn) volume.tree.tree.discard()
      volume.release?.(record.pod)
    }
    record.volumes.clear()
    statuses.finish(record.pod)
  }

  /** Stops every container, sidecars after the others and in reverse order, then the sandbox. */
  private *killPod(record: PodRecord, graceSeconds: number | undefined): Routine<void> {
    const { runtime, engine } = this.context
    const running = runtime.runningOf(record.uid)
    const sidecars = new Map(
      (record.pod.spec.initContainers ?? []).filter(isSidecar).map((c, index) => [c.name, index]),
    )
    const startMs = engine.nowMs
    yield all(
      running
        .filter((c) => !sidecars.has(c.spec.name))
        .map((c) => this.killContainer(record, c, undefined, graceSeconds, 'unknown')),
    )
    const last = running
      .filter((c) => sidecars.has(c.spec.name))
      .sort((a, b) => sidecars.get(b.spec.name)! - sidecars.get(a.spec.name)!)
    for (const container of last) {
      const total = graceSeconds ?? record.pod.spec.terminationGracePeriodSeconds ?? 30
      const left = Math.max(0, total - Math.floor((engine.nowMs - startMs) / 1000))
      yield* this.killContainer(record, container, undefined, left, 'unknown')
    }
    yield* runtime.stopPodSandbox(record.uid)
  }

  private *killContainer(
    record: PodRecord,
    running: RuntimeContainer,
    message: string | undefined,
    graceOverride: number | undefined,
    reason: KillReason,
  ): Routine<void> {
    const { context } = this
    const pod = record.pod
    const container = containerOf(pod, running.spec.name)
    if (!container || running.status.state !== 'running') return
    const event = this.eventOf(pod, container)
    event('Normal', 'Killing', message ?? `Stopping container ${container.name}`)
    let grace = graceOverride ?? graceFor(pod, container, reason)
    context.runtime.journal.info('kuberuntime_container.go:864', 'Killing container with a grace period', {
      pod: podRef(pod),
      podUID: record.uid,
      containerName: container.name,
      containerID: `containerd://${running.status.id}`,
      gracePeriod: grace,
    })
    const preStop = container.lifecycle?.preStop
    if (preStop && grace > 0) {
      const startMs = context.engine.nowMs
      const podIP = context.runtime.sandboxIP(record.uid) ?? ''
      const noteFailure = (): void => event('Warning', 'FailedPreStopHook', 'PreStopHook failed')
      const result: HookFailure | 'timeout' | undefined = yield* waitFor(
        runHook({ ...context, podIP }, pod, container, running, preStop, grace * 1000, noteFailure),
      )
      if (result && result !== 'timeout') noteFailure()
      grace -= Math.floor((context.engine.nowMs - startMs) / 1000)
    }
    yield* context.runtime.stopContainer(running, Math.max(grace, MIN_GRACE_SECONDS) * 1000)
  }

  // ---------- status ----------

  private makeStatus(record: PodRecord, isTerminal: boolean): PodStatus {
    const { engine, isHollow, nodeIP, probes, statuses } = this.context
    const status = makePodStatus({
      pod: record.pod,
      runtime: record.cache,
      isHollow,
      old: statuses.get(record.uid) ?? record.pod.status,
      isTerminal,
      hostIP: nodeIP,
      startFailure: (name) => record.startFailures.get(name),
      resizeConditions: resizeConditions(record),
      isStarted: (container, id, before) => probes.isStarted(container, id, before),
      isReady: (container, id, before) => probes.isReady(container, id, before),
      epochOf: (ms) => engine.startEpochMs + ms,
    })
    if (record.pod.spec.resourceClaims?.length)
      status.containerStatuses = status.containerStatuses?.map((one) => {
        const container = containerOf(record.pod, one.name)
        return container ? { ...one, ...this.context.devices.healthOf(record.pod, container) } : one
      })
    if (!record.eviction) return status
    const { condition, ...why } = record.eviction
    const conditions = condition
      ? [...(status.conditions ?? []).filter(({ type }) => type !== condition.type), condition]
      : status.conditions
    return { ...status, phase: 'Failed', ...why, conditions }
  }

  private publish(record: PodRecord, status: PodStatus): PodStatus {
    const kept = this.context.statuses.set(record.pod, status)
    this.context.probes.onStatus(record.uid, kept)
    return kept
  }

  /** Source: pkg/kubelet/active_deadline.go */
  private withDeadline(record: PodRecord, status: PodStatus): PodStatus {
    const seconds = record.pod.spec.activeDeadlineSeconds
    if (seconds === undefined || !status.startTime) return status
    const { engine, recorder } = this.context
    const ageMs = engine.epochMs - Date.parse(status.startTime)
    if (ageMs < seconds * 1000) return status
    const message = 'Pod was active on the node longer than the specified deadline'
    if (status.reason !== 'DeadlineExceeded') recorder.event(record.pod, 'Normal', 'DeadlineExceeded', message)
    return { ...status, phase: 'Failed', reason: 'DeadlineExceeded', message }
  }

  private eventOf(pod: Pod, container: Container) {
    const path = `spec.${listOf(pod, container)}{${container.name}}`
    return (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      this.context.recorder.event(pod, type, reason, message, path)
  }
}

/** Whether every running container has the resources that its Pod was granted. */
function isResizeDone(pod: Pod, seen: RuntimePodStatus): boolean {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]
  return containers.every((container) => {
    const last = newestOf(seen, container.name)
    return last?.state !== 'running' || resizeOf(container, last) === undefined
  })
}

function resizeConditions({ pendingResize, resizing }: PodRecord): Condition[] {
  const conditions: Condition[] = []
  if (pendingResize) {
    const { reason, message, generation } = pendingResize
    conditions.push({ type: 'PodResizePending', status: 'True', reason, message, observedGeneration: generation })
  }
  if (resizing) {
    const why = resizing.error ? { reason: 'Error', message: resizing.error } : {}
    conditions.push({ type: 'PodResizeInProgress', status: 'True', ...why, observedGeneration: resizing.generation })
  }
  return conditions
}

const lastExitOf = (status: RuntimePodStatus, { name }: Container) =>
  containersNamed(status, name).find(({ state }) => state === 'exited')

const backoffKey = ({ uid }: PodRecord, container: Container): string =>
  `${uid}/${container.name}/${containerHash(container)}`

const hasActions = ({ killPod, createSandbox, ...lists }: PodActions): boolean =>
  killPod ||
  createSandbox ||
  lists.containersToKill.length +
    lists.containersToResize.length +
    lists.ephemeralToStart.length +
    lists.initToStart.length +
    lists.containersToStart.length >
    0

const stopped: SyncOutcome = { isTerminal: false, isError: false }

function* waitFor<T>(wait: Wait<T>): Routine<T> {
  return (yield wait as Wait) as T
}

const containerOf = (pod: Pod, name: string): Container | undefined =>
  pod.spec.containers.find((c) => c.name === name) ??
  pod.spec.initContainers?.find((c) => c.name === name) ??
  pod.spec.ephemeralContainers?.find((c) => c.name === name)

function listOf({ spec }: Pod, container: Container): string {
  if (spec.initContainers?.includes(container)) return 'initContainers'
  return spec.ephemeralContainers?.includes(container) ? 'ephemeralContainers' : 'containers'
}

function sandboxRequest(
  pod: Pod,
  { node, clusterDomain }: Pick<WorkerContext, 'node' | 'clusterDomain'>,
): SandboxRequest {
  const { metadata, spec } = pod
  const hostPorts = spec.containers
    .flatMap((c) => c.ports ?? [])
    .flatMap(({ hostPort, containerPort, protocol, hostIP }) =>
      hostPort ? [{ hostPort, containerPort, protocol, hostIP }] : [],
    )
  return {
    podUid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    hostNetwork: spec.hostNetwork ?? false,
    node,
    hostname: hostnameOf(pod, node, clusterDomain).kernelName,
    dnsPolicy: spec.dnsPolicy,
    dnsConfig: spec.dnsConfig,
    hostAliases: spec.hostAliases,
    ...(hostPorts.length > 0 && !spec.hostNetwork ? { hostPorts } : {}),
    ...(spec.shareProcessNamespace ? { sharesProcesses: true } : {}),
    ...(spec.resources?.limits ? { limits: limitsOf({ limits: withOverhead(spec) }) } : {}),
    cgroup: podCgroupOf(pod),
    ...(spec.hostPID ? { hostPID: true } : {}),
    ...(spec.hostIPC ? { hostIPC: true } : {}),
    ...(spec.securityContext?.runAsUser === undefined ? {} : { runAsUser: spec.securityContext.runAsUser }),
  }
}

/** Limits that are the Pod's own, with what its runtime needs beside it. */
const withOverhead = (spec: PodSpec): ResourceList =>
  Object.fromEntries(Object.entries(podLimits(spec)).filter(([name]) => spec.resources?.limits?.[name] !== undefined))

function graceFor(pod: Pod, container: Container, reason: KillReason): number {
  const ofPod = pod.metadata.deletionGracePeriodSeconds
  if (ofPod !== undefined) return ofPod
  const probe =
    reason === 'liveness' ? container.livenessProbe : reason === 'startup' ? container.startupProbe : undefined
  return probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
}
