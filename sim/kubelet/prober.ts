/** Probe workers: one a container and probe. Sources: pkg/kubelet/prober, pkg/probe */

import { isSidecar } from '../api/core/pod/resources.ts'
import type { Container, Pod, PodStatus, Probe } from '../api/core/pod-types.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import type { Cancel } from '../network/types.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podRef } from './journal.ts'
import type { ProbeVerdict, ProbeVerdicts } from './pod-actions.ts'
import type { ProbeNetwork } from './ports.ts'
import {
  askExec,
  askHttp,
  dialError,
  findPortError,
  type HttpCheck,
  MAX_OUTPUT,
  makeHttpCheck,
  portNumber,
} from './probe-checks.ts'

export type ProbeType = 'liveness' | 'readiness' | 'startup'

const titles: Record<ProbeType, string> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }
const initialVerdicts: Record<ProbeType, ProbeVerdict> = {
  liveness: 'success',
  readiness: 'failure',
  startup: 'unknown',
}

// A container that is not ready after that long is not expected to become so: its probes don't keep a cluster unsettled.
const HOPE_MS = 300_000

export interface ProbeManagerOptions {
  engine: Engine
  runtime: ContainerRuntime
  /** The node's own. */
  network: ProbeNetwork
  actor: string
  random: Random
  startedMs: number
  statusOf(uid: string): PodStatus | undefined
  event(pod: Pod, container: Container, type: 'Normal' | 'Warning', reason: string, message: string): void
  /** A verdict changed. */
  onVerdict(pod: Pod, container: Container, type: ProbeType, verdict: ProbeVerdict): void
}

export class ProbeManager implements ProbeVerdicts {
  private readonly verdicts: Record<ProbeType, Map<string, ProbeVerdict>> = {
    liveness: new Map(),
    readiness: new Map(),
    startup: new Map(),
  }
  private readonly workers = new Map<string, ProbeWorker[]>()
  readonly options: ProbeManagerOptions

  constructor(options: ProbeManagerOptions) {
    this.options = options
  }

  liveness(id: string): ProbeVerdict | undefined {
    return this.verdicts.liveness.get(id)
  }
  startup(id: string): ProbeVerdict | undefined {
    return this.verdicts.startup.get(id)
  }

  /** Whether a running container has passed its startup probe, or has none. */
  isStarted(container: Container, id: string, before: boolean): boolean {
    return !container.startupProbe || holds(this.verdicts.startup.get(id), before)
  }

  /** Whether a started container is ready as far as its readiness probe goes. */
  isReady(container: Container, id: string, before: boolean): boolean {
    return !container.readinessProbe || holds(this.verdicts.readiness.get(id), before)
  }

  /** Starts the workers of a Pod; those that run go on. */
  addPod(pod: Pod): void {
    const { uid } = pod.metadata
    if (this.workers.has(uid)) return
    const workers: ProbeWorker[] = []
    const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar)
    for (const container of [...sidecars, ...pod.spec.containers]) {
      for (const type of ['startup', 'readiness', 'liveness'] as const) {
        const probe = container[`${type}Probe`]
        if (probe) workers.push(new ProbeWorker(this, pod, container, type, probe))
      }
    }
    if (workers.length > 0) this.workers.set(uid, workers)
  }

  /** The newest version of a Pod whose probes run. */
  updatePod(pod: Pod): void {
    for (const worker of this.workers.get(pod.metadata.uid) ?? []) worker.pod = pod
  }

  /** A new status: new containers are probed, and what waited for a state looks again. */
  onStatus(uid: string, status: PodStatus): void {
    for (const worker of this.workers.get(uid) ?? []) worker.look(status)
  }

  /** A Pod that is being terminated is not restarted. */
  stopLivenessAndStartup(uid: string): void {
    const workers = this.workers.get(uid)
    if (!workers) return
    for (const worker of workers) if (worker.type !== 'readiness') worker.stop()
    this.workers.set(
      uid,
      workers.filter((worker) => worker.type === 'readiness'),
    )
  }

  removePod(uid: string): void {
    for (const worker of this.workers.get(uid) ?? []) worker.stop()
    this.workers.delete(uid)
  }

  stop(): void {
    for (const uid of [...this.workers.keys()]) this.removePod(uid)
  }

  verdictOf(type: ProbeType, id: string): ProbeVerdict | undefined {
    return this.verdicts[type].get(id)
  }

  setVerdict(worker: ProbeWorker, id: string, verdict: ProbeVerdict): void {
    const map = this.verdicts[worker.type]
    if (map.get(id) === verdict) return
    map.set(id, verdict)
    this.options.onVerdict(worker.pod, worker.container, worker.type, verdict)
  }

  forgetContainer(type: ProbeType, id: string): void {
    this.verdicts[type].delete(id)
  }
}

class ProbeWorker {
  pod: Pod
  readonly container: Container
  readonly type: ProbeType
  private readonly probe: Probe
  private readonly manager: ProbeManager
  private readonly periodMs: number
  /** Probes are due at this moment and every period after it. */
  private readonly baseMs: number
  private readonly label: string
  private id = ''
  private startedMs = 0
  private timer: Timer | undefined
  private cancel: Cancel | undefined
  /** Made for an address, and used as long as the Pod has it. */
  private check: { ip: string; http: HttpCheck } | undefined
  private isInFlight = false
  private isOnHold = false
  private isStopped = false
  private last: ProbeVerdict | undefined
  private run = 0

  constructor(manager: ProbeManager, pod: Pod, container: Container, type: ProbeType, probe: Probe) {
    this.manager = manager
    this.pod = pod
    this.container = container
    this.type = type
    this.probe = probe
    this.periodMs = probe.periodSeconds * 1000
    this.label = `${type} probe`
    const { engine, startedMs, random } = manager.options
    // Only a kubelet that has just started spreads its probes.
    const spread = engine.nowMs - startedMs < this.periodMs && startedMs > 0 ? random.next() * this.periodMs : 0
    this.baseMs = engine.nowMs + spread
  }

  stop(): void {
    this.isStopped = true
    this.manager.options.engine.cancel(this.timer)
    this.cancel?.()
    if (this.id) this.manager.forgetContainer(this.type, this.id)
  }

  look(podStatus: PodStatus): void {
    const status = statusOf(podStatus, this.container.name)
    const id = status?.containerID?.slice('containerd://'.length)
    if (!status || !id || this.isStopped) return
    if (id !== this.id) {
      if (this.id) this.manager.forgetContainer(this.type, this.id)
      this.id = id
      this.isOnHold = false
      this.cancel?.()
      this.isInFlight = false
      // A kubelet that has just started does not forget what was known of a container.
      const isKnownGood = (this.type === 'readiness' && status.ready) || (this.type === 'startup' && status.started)
      this.manager.setVerdict(this, id, isKnownGood ? 'success' : initialVerdicts[this.type])
    }
    if (!status.state.running) {
      this.disarm()
      return
    }
    this.startedMs = Date.parse(status.state.running.startedAt) - this.manager.options.engine.startEpochMs
    if (!this.isWanted(status.started ?? false)) {
      this.disarm()
      return
    }
    if (this.timer || this.isInFlight) return
    // A container whose readiness is not known yet is asked at once.
    const { engine } = this.manager.options
    const isUnasked = this.type === 'readiness' && this.last === undefined && engine.nowMs >= this.readyMs()
    this.arm(isUnasked ? engine.nowMs : this.nextTickMs(engine.nowMs))
  }

  private isWanted(isStarted: boolean): boolean {
    if (this.isOnHold) return false
    return this.type === 'startup' ? !isStarted : isStarted
  }

  /** When initialDelaySeconds have passed: counted from the whole second of the start. */
  private readyMs(): number {
    return this.startedMs + (this.probe.initialDelaySeconds ?? 0) * 1000
  }

  private nextTickMs(afterMs: number): number {
    const earliest = Math.max(afterMs, this.readyMs(), this.baseMs)
    const ticks = Math.ceil((earliest - this.baseMs) / this.periodMs)
    const due = this.baseMs + ticks * this.periodMs
    return due > afterMs ? due : due + this.periodMs
  }

  private arm(dueMs: number): void {
    const { engine } = this.manager.options
    const isSteady =
      this.manager.verdictOf(this.type, this.id) === 'success' &&
      this.last !== 'failure' &&
      this.type !== 'startup' &&
      this.last !== undefined
    const background = isSteady || engine.nowMs - this.startedMs > HOPE_MS
    this.timer = engine.at(dueMs, this.label, this.fire, { background })
  }

  private disarm(): void {
    this.manager.options.engine.cancel(this.timer)
    this.timer = undefined
  }

  private readonly fire = (): void => {
    this.timer = undefined
    if (this.isStopped) return
    const status = this.manager.options.statusOf(this.pod.metadata.uid)
    const own = status && statusOf(status, this.container.name)
    if (!own?.state.running || !this.isWanted(own.started ?? false)) return
    const error = findPortError(this.probe, this.container)
    if (error) {
      this.throwAway(error)
      return
    }
    this.isInFlight = true
    const id = this.id
    const cancel = this.ask((verdict, output) => {
      if (this.isStopped || id !== this.id) return
      this.isInFlight = false
      this.cancel = undefined
      if (verdict === 'unknown') this.throwAway(output)
      else this.judge(verdict, output)
    })
    if (this.isInFlight) this.cancel = cancel
  }

  /** What could not be asked counts neither as a success nor as a failure. */
  private throwAway(error: string): void {
    this.tell(`errored and resulted in unknown state: ${error}`, error)
    this.arm(this.nextTickMs(this.manager.options.engine.nowMs))
  }

  /** Records that the probe did not succeed, in the trace and as an event. */
  private tell(what: string, output: string): void {
    const { engine, event, actor } = this.manager.options
    const { namespace, name } = this.pod.metadata
    const pod = { kind: 'Pod', namespace, name }
    this.log(what, output)
    engine.trace.record(actor, `${this.type} probe failed`, pod, { container: this.container.name, output })
    event(this.pod, this.container, 'Warning', 'Unhealthy', `${titles[this.type]} probe ${what}`)
  }

  /** Sources: pkg/kubelet/prober/prober.go */
  private log(what: string, output: string): void {
    const { journal } = this.manager.options.runtime
    const about = {
      probeType: titles[this.type],
      pod: podRef(this.pod),
      podUID: this.pod.metadata.uid,
      containerName: this.container.name,
    }
    if (what.startsWith('errored'))
      journal.error('prober.go:104', 'Probe errored', output, { ...about, probeResult: 'unknown' })
    else journal.info('prober.go:120', 'Probe failed', { ...about, probeResult: 'failure', output })
  }

  private judge(verdict: ProbeVerdict, output: string): void {
    const { engine } = this.manager.options
    if (verdict === 'failure') this.tell(`failed: ${output.slice(0, MAX_OUTPUT)}`, output)
    if (this.last === verdict) this.run++
    else {
      this.last = verdict
      this.run = 1
    }
    const threshold = verdict === 'failure' ? this.probe.failureThreshold : this.probe.successThreshold
    if (this.run >= threshold) {
      // Until there is a new container a failed one is not asked again.
      if (verdict === 'failure' && this.type !== 'readiness') {
        this.isOnHold = true
        this.run = 0
      }
      this.manager.setVerdict(this, this.id, verdict)
    }
    if (!this.isStopped && !this.isOnHold && !this.timer) this.arm(this.nextTickMs(engine.nowMs))
  }

  private ask(done: (verdict: ProbeVerdict, output: string) => void): Cancel {
    const { network, runtime } = this.manager.options
    const { probe, container } = this
    const timeoutMs = probe.timeoutSeconds * 1000
    const status = this.manager.options.statusOf(this.pod.metadata.uid)
    const ip = status?.podIP ?? ''
    if (probe.exec)
      return askExec(runtime, this.manager.options.engine, this.pod, this.id, probe.exec.command ?? [], timeoutMs, done)
    if (probe.httpGet) {
      if (this.check?.ip !== ip) this.check = { ip, http: makeHttpCheck(probe.httpGet, container, ip) }
      return askHttp(network, this.check.http, timeoutMs, done)
    }
    if (probe.tcpSocket) {
      const host = probe.tcpSocket.host || ip
      const port = portNumber(probe.tcpSocket.port, container)
      return network.tcp({ host, port }, undefined, timeoutMs, (result) =>
        result.ok ? done('success', '') : done('failure', dialError(result, host, port, 'i/o timeout')),
      )
    }
    if (probe.grpc) {
      const { port, service = '' } = probe.grpc
      return network.grpcHealth({ host: ip, port }, service, timeoutMs, (result) => {
        if (result.ok && result.status === 'SERVING') done('success', 'service healthy')
        else if (result.ok && result.status === 'UNKNOWN_SERVICE')
          done('failure', 'error: health rpc failed: rpc error: code = NotFound desc = unknown service')
        else if (result.ok) done('failure', `service unhealthy (responded with "${result.status}")`)
        else
          done(
            'failure',
            `timeout: failed to connect service "${ip}:${port}" within ${probe.timeoutSeconds}s: context deadline exceeded`,
          )
      })
    }
    done('success', '')
    return () => {}
  }
}

/** A verdict that is not there yet is what was known before. */
const holds = (verdict: ProbeVerdict | undefined, before: boolean): boolean =>
  verdict === undefined ? before : verdict === 'success'

const statusOf = (status: PodStatus, name: string) =>
  status.containerStatuses?.find((s) => s.name === name) ?? status.initContainerStatuses?.find((s) => s.name === name)
