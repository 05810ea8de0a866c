/** What a worker does for its Pod: sync, terminate, clean up. Sources: pkg/kubelet/kubelet.go, pkg/kubelet/kuberuntime */

import { isSidecar } from '../api/core/pod/resources.ts'
import type { Container, Pod, PodStatus } from '../api/core/pod-types.ts'
import type { Service } from '../api/core/types.ts'
import type { ResourceList } from '../api/meta/object.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine } from '../engine/engine.ts'
import { findUser } from '../runtime/container.ts'
import { type Credentials, createFileSystem, createVolumeTree } from '../runtime/file-system.ts'
import { FileError } from '../runtime/files.ts'
import type { Signal, Wait } from '../runtime/process.ts'
import type { VolumeHost, VolumePlugin } from '../storage/types.ts'
import { Backoff, durationText } from './backoff.ts'
import type { ContainerRuntime, ContainerSpec, PulledImage, RuntimeContainer } from './container-runtime.ts'
import { makeEnvironment } from './environment.ts'
import { expandVariables } from './expansion.ts'
import type { ImageManager } from './image-manager.ts'
import { type HookFailure, runHook } from './lifecycle-hooks.ts'
import { containerHash, type KillReason, planPodActions } from './pod-actions.ts'
import { newestOf, type RuntimePodStatus } from './pod-cache.ts'
import { type PodRecord, podTitle } from './pod-record.ts'
import { makePodStatus } from './pod-status.ts'
import type { ImageRegistry, ProbeNetwork, SandboxRequest } from './ports.ts'
import type { ProbeManager } from './prober.ts'
import { all, cutShort, pause, type Routine } from './routine.ts'
import type { StatusManager } from './status-manager.ts'
import { type MountOutcome, mountVolumes, refreshVolumes } from './volume-manager.ts'

export interface WorkerContext {
  engine: Engine
  node: string
  nodeIP: string
  network: ProbeNetwork
  actor: string
  runtime: ContainerRuntime
  registry: ImageRegistry
  images: ImageManager
  probes: ProbeManager
  statuses: StatusManager
  recorder: EventRecorder
  volumePlugins: readonly VolumePlugin[]
  volumeHost: VolumeHost
  servicesFor(namespace: string): readonly Service[]
  allocatable(): ResourceList
  clusterDNS: string
  clusterDomain: string
}

export interface SyncOutcome {
  /** The Pod will run nothing more. */
  isTerminal: boolean
  isError: boolean
}

const INITIAL_BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 300_000
const MIN_GRACE_SECONDS = 2
// WaitForUnmount looks every 300 ms; control groups go after that.
const CLEANUP_MS = 620

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
    const { context } = this
    const { probes, runtime } = context
    const pod = record.pod
    // What was known when the sync began: relists meanwhile are for the next one.
    const seen = record.cache
    const status = this.publish(record, this.withDeadline(record, this.makeStatus(record, false)))
    if (status.phase === 'Succeeded' || status.phase === 'Failed') return { isTerminal: true, isError: false }

    const mounted: MountOutcome = yield* mountVolumes(record, context)
    if (record.phase !== 'sync') return stopped
    if (mounted === 'failed') return { isTerminal: false, isError: true }
    refreshVolumes(record)
    probes.addPod(pod)
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
    if (actions.createSandbox) {
      const request = sandboxRequest(pod, context.node)
      const failure = yield* runtime.runPodSandbox(request, actions.attempt)
      if (failure) {
        context.recorder.event(
          pod,
          'Warning',
          'FailedCreatePodSandBox',
          `Failed to create pod sandbox: ${failure.error}`,
        )
        return { isTerminal: false, isError: true }
      }
    }
    let isError = false
    for (const container of [...actions.initToStart, ...actions.containersToStart]) {
      if (record.phase !== 'sync') return stopped
      // Termination does not wait for a pull or a hook.
      const started = cutShort(this.start(record, container, seen), (cut) => {
        record.interrupt = cut
      })
      const isStarted = yield* waitFor(started)
      if (!isStarted) isError = true
      const isInit = pod.spec.initContainers?.includes(container) ?? false
      if (!isStarted && isInit && !isSidecar(container)) break
    }
    return { isTerminal: false, isError }
  }

  private *start(record: PodRecord, container: Container, seen: RuntimePodStatus): Routine<boolean> {
    const { context } = this
    const { runtime } = context
    const pod = record.pod
    const event = this.eventOf(pod, container)
    const last = newestOf(seen, container.name)
    const lastExited = seen.containers.find((c) => c.name === container.name && c.state === 'exited')
    const key = `${record.uid}/${container.name}/${containerHash(container)}`
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

    const image = yield* context.images.ensureImage(pod, container, event)
    if ('reason' in image) {
      event('Warning', 'Failed', `Error: ${image.reason}`)
      return fail(image.reason, image.message)
    }
    if (record.phase !== 'sync') return false
    const spec = this.makeSpec(record, container, image.image, last ? last.restartCount + 1 : 0)
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
      const podIP = runtime.status(record.uid).sandbox?.ip ?? ''
      const result = yield* waitFor(
        runHook({ ...context, podIP }, pod, container, created, postStart, Number.POSITIVE_INFINITY),
      )
      if (result && result !== 'timeout') {
        event('Warning', 'FailedPostStartHook', result.message)
        yield* this.killContainer(record, created, 'FailedPostStartHook', undefined, 'unknown')
        return fail(`PostStartHookError: ${result.error}`, result.message)
      }
    }
    record.startFailures.delete(container.name)
    return true
  }

  private makeSpec(
    record: PodRecord,
    container: Container,
    pulled: PulledImage,
    restartCount: number,
  ): ContainerSpec | { error: string } {
    const { engine, registry, runtime, nodeIP, node, volumeHost } = this.context
    const pod = record.pod
    const podIP = runtime.status(record.uid).sandbox?.ip || (pod.spec.hostNetwork ? nodeIP : '')
    const made = makeEnvironment(pod, container, {
      findConfigMap: volumeHost.findConfigMap,
      findSecret: volumeHost.findSecret,
      services: this.context.servicesFor(pod.metadata.namespace ?? ''),
      addresses: { podIP, hostIP: nodeIP },
      allocatable: this.context.allocatable(),
    })
    if ('error' in made) return made
    const { env } = made
    const { image } = pulled
    const expand = (text: string): string => expandVariables(text, (name) => env[name])
    const command = container.command?.length ? container.command.map(expand) : (image.entrypoint ?? [])
    const ownArgs = container.args?.length ? container.args.map(expand) : undefined
    const args = ownArgs ?? (container.command?.length ? [] : (image.cmd ?? []))

    const files = createFileSystem({
      base: registry.layerOf(image),
      nowEpochMs: () => engine.epochMs,
      readOnlyRoot: container.securityContext?.readOnlyRootFilesystem,
    })
    const user = this.userOf(pod, container, image.user, files)
    if ('error' in user) return user
    const hostname = pod.spec.hostNetwork ? node : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63)
    const problem = this.mount(record, container, files, expand)
    if (problem) return { error: problem }
    if (!container.securityContext?.readOnlyRootFilesystem) this.writeEtcFiles(pod, files, hostname, podIP)

    const limits = container.resources?.limits
    const terminationMessagePath = container.terminationMessagePath ?? '/dev/termination-log'
    // Root finds its way without a file made for it; another user, or another place, needs one.
    if (user.uid !== 0 || terminationMessagePath !== '/dev/termination-log') {
      const tree = createVolumeTree({ nowEpochMs: () => engine.epochMs })
      tree.files.write('/log', '', { mode: 0o666 })
      files.mount(terminationMessagePath, tree, { subPath: 'log' })
    }
    return {
      name: container.name,
      restartCount,
      hash: containerHash(container),
      image,
      reference: pulled.reference,
      argv: [...command, ...args],
      env,
      workingDir: container.workingDir,
      files,
      user,
      limits: {
        ...(limits?.memory ? { memoryBytes: quantityValue(limits.memory) } : {}),
        ...(limits?.cpu ? { cpuMillis: quantityMillis(limits.cpu) } : {}),
      },
      hostname,
      stopSignal: container.lifecycle?.stopSignal as Signal | undefined,
      terminationMessagePath,
      fallbackToLogs: container.terminationMessagePolicy === 'FallbackToLogsOnError',
      isTerminal: container.tty,
    }
  }

  private userOf(
    pod: Pod,
    container: Container,
    imageUser: string | undefined,
    files: ReturnType<typeof createFileSystem>,
  ): Credentials | { error: string } {
    const own = container.securityContext
    const shared = pod.spec.securityContext
    const runAsUser = own?.runAsUser ?? shared?.runAsUser
    const runAsGroup = own?.runAsGroup ?? shared?.runAsGroup
    const isNonRoot = own?.runAsNonRoot ?? shared?.runAsNonRoot
    const fromImage = findUser(files, imageUser)
    const where = `(pod: "${podTitle(pod)}", container: ${container.name})`
    if (isNonRoot) {
      if (runAsUser === 0) return { error: `container's runAsUser breaks non-root policy ${where}` }
      if (runAsUser === undefined && (fromImage?.uid ?? 0) === 0) {
        return { error: `container has runAsNonRoot and image will run as root ${where}` }
      }
    }
    const uid = runAsUser ?? fromImage?.uid ?? 0
    const known = runAsUser === undefined ? fromImage : findUser(files, String(runAsUser))
    const groups = [...(shared?.supplementalGroups ?? []), ...(shared?.fsGroup === undefined ? [] : [shared.fsGroup])]
    return { uid, gid: runAsGroup ?? known?.gid ?? 0, ...(groups.length > 0 ? { groups } : {}) }
  }

  private mount(
    record: PodRecord,
    container: Container,
    files: ReturnType<typeof createFileSystem>,
    expand: (text: string) => string,
  ): string | undefined {
    const mounts = [...(container.volumeMounts ?? [])].sort(
      (a, b) => a.mountPath.split('/').length - b.mountPath.split('/').length,
    )
    for (const mount of mounts) {
      const volume = record.volumes.get(mount.name)
      if (!volume) return `cannot find volume "${mount.name}" to mount into container "${container.name}"`
      const below = mount.subPathExpr ? expand(mount.subPathExpr) : (mount.subPath ?? '')
      const subPath = [volume.root, below].filter(Boolean).join('/')
      try {
        files.mount(mount.mountPath, volume.tree, {
          readOnly: mount.readOnly || volume.isReadOnly,
          ...(subPath ? { subPath } : {}),
        })
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return `failed to prepare subPath for volumeMount "${mount.name}" of container "${container.name}"`
      }
    }
    return undefined
  }

  /** /etc/hosts, /etc/resolv.conf and /etc/hostname, unless a volume lies there. */
  private writeEtcFiles(pod: Pod, files: ReturnType<typeof createFileSystem>, hostname: string, podIP: string): void {
    const { clusterDNS, clusterDomain } = this.context
    const aliases = (pod.spec.hostAliases ?? [])
      .map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
      .join('')
    const { namespace = '' } = pod.metadata
    const fqdn =
      pod.spec.subdomain && pod.spec.hostname
        ? `${hostname}.${pod.spec.subdomain}.${namespace}.svc.${clusterDomain}\t`
        : ''
    const contents: Record<string, string> = {
      '/etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${podIP}\t${fqdn}${hostname}\n${aliases ? `\n# Entries added by HostAliases.\n${aliases}` : ''}`,
      '/etc/hostname': `${hostname}\n`,
      '/etc/resolv.conf': resolvConf(pod, namespace, clusterDNS, clusterDomain),
    }
    const taken = new Set(files.mountPoints().map(({ path }) => path))
    for (const [path, content] of Object.entries(contents)) {
      if (taken.has(path) || taken.has('/etc')) continue
      try {
        files.write(path, content)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
      }
    }
  }

  // ---------- ending ----------

  *terminate(record: PodRecord): Routine<void> {
    const { probes, runtime } = this.context
    this.publish(record, this.makeStatus(record, false))
    probes.stopLivenessAndStartup(record.uid)
    yield* this.killPod(record, record.graceSeconds)
    probes.removePod(record.uid)
    record.cache = runtime.status(record.uid)
    this.publish(record, this.makeStatus(record, true))
  }

  *cleanUp(record: PodRecord): Routine<void> {
    const { engine, statuses } = this.context
    this.publish(record, this.makeStatus(record, true))
    yield pause(engine, CLEANUP_MS, 'unmount volumes')
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
    const preStop = container.lifecycle?.preStop
    if (preStop && grace > 0) {
      const startMs = context.engine.nowMs
      const podIP = context.runtime.status(record.uid).sandbox?.ip ?? ''
      const result: HookFailure | 'timeout' | undefined = yield* waitFor(
        runHook({ ...context, podIP }, pod, container, running, preStop, grace * 1000),
      )
      if (result && result !== 'timeout') event('Warning', 'FailedPreStopHook', result.message)
      grace -= Math.floor((context.engine.nowMs - startMs) / 1000)
    }
    yield* context.runtime.stopContainer(running, Math.max(grace, MIN_GRACE_SECONDS) * 1000)
  }

  // ---------- status ----------

  private makeStatus(record: PodRecord, isTerminal: boolean): PodStatus {
    const { engine, nodeIP, probes, statuses } = this.context
    return makePodStatus({
      pod: record.pod,
      runtime: record.cache,
      old: statuses.get(record.uid) ?? record.pod.status,
      isTerminal,
      hostIP: nodeIP,
      startFailure: (name) => record.startFailures.get(name),
      isStarted: (container, id, before) => probes.isStarted(container, id, before),
      isReady: (container, id, before) => probes.isReady(container, id, before),
      epochOf: (ms) => engine.startEpochMs + ms,
    })
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
    const list = pod.spec.initContainers?.includes(container) ? 'initContainers' : 'containers'
    const path = `spec.${list}{${container.name}}`
    return (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      this.context.recorder.event(pod, type, reason, message, path)
  }
}

const stopped: SyncOutcome = { isTerminal: false, isError: false }

function* waitFor<T>(wait: Wait<T>): Routine<T> {
  return (yield wait as Wait) as T
}

const containerOf = (pod: Pod, name: string): Container | undefined =>
  pod.spec.containers.find((c) => c.name === name) ?? pod.spec.initContainers?.find((c) => c.name === name)

function sandboxRequest(pod: Pod, node: string): SandboxRequest {
  const { metadata, spec } = pod
  const hostPorts = spec.containers
    .flatMap((c) => c.ports ?? [])
    .flatMap(({ hostPort, containerPort }) => (hostPort ? [{ hostPort, containerPort }] : []))
  return {
    podUid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    hostNetwork: spec.hostNetwork ?? false,
    node,
    hostname: spec.hostNetwork ? node : (spec.hostname ?? metadata.name).slice(0, 63),
    dnsPolicy: spec.dnsPolicy,
    searches: spec.dnsConfig?.searches,
    hostAliases: spec.hostAliases,
    ...(hostPorts.length > 0 && !spec.hostNetwork ? { hostPorts } : {}),
  }
}

function graceFor(pod: Pod, container: Container, reason: KillReason): number {
  const ofPod = pod.metadata.deletionGracePeriodSeconds
  if (ofPod !== undefined) return ofPod
  const probe =
    reason === 'liveness' ? container.livenessProbe : reason === 'startup' ? container.startupProbe : undefined
  return probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
}

function resolvConf(pod: Pod, namespace: string, clusterDNS: string, clusterDomain: string): string {
  const isCluster =
    pod.spec.dnsPolicy === 'ClusterFirstWithHostNet' || (pod.spec.dnsPolicy === 'ClusterFirst' && !pod.spec.hostNetwork)
  const nameservers = isCluster ? [clusterDNS] : pod.spec.dnsPolicy === 'None' ? [] : ['192.168.0.1']
  const searches = isCluster ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : []
  const options = isCluster ? ['ndots:5'] : []
  const extra = pod.spec.dnsConfig
  nameservers.push(...(extra?.nameservers ?? []))
  searches.push(...(extra?.searches ?? []))
  for (const { name, value } of extra?.options ?? []) {
    const index = options.findIndex((option) => option.split(':')[0] === name)
    const text = value === undefined ? name : `${name}:${value}`
    if (index < 0) options.push(text)
    else options[index] = text
  }
  return [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n')
}
