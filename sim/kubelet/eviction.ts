/**
 * Node-pressure eviction: when memory or disk runs short the kubelet first frees what nobody uses, then ends Pods one by one;
 * and it ends Pods that hold more local storage than they may.
 * Sources: pkg/kubelet/eviction, https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
 */
import { podLimits, podRequests, qosClass } from '../api/core/pod/resources.ts'
import type { Container, Pod } from '../api/core/pod-types.ts'
import type { Node } from '../api/core/types.ts'
import { canonicalQuantity, quantityFrom, quantityValue } from '../api/meta/quantity.ts'
import type { EventRecorder } from '../client/machinery.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import type { Refusal } from './admission.ts'
import type { ContainerRuntime, RuntimeContainer } from './container-runtime.ts'
import { podRef } from './journal.ts'
import type { PodRecord } from './pod-record.ts'
import { evictionBytes, usualReservation } from './service/reservation.ts'
import { staticAnnotation } from './status-manager.ts'
import { VolumeStats } from './volume-stats.ts'

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'

// The default of evictionHard, and how often the kubelet looks.
const DISK_THRESHOLD_SHARE = 0.15
const LOOK_MS = 10_000
// evictionPressureTransitionPeriod: a condition outlives its cause.
const TRANSITION_MS = 300_000
/** Seconds that an evicted Pod's containers get. */
const GRACE_SECONDS = 1
const CRITICAL_PRIORITY = 2_000_000_000

export interface EvictionOptions {
  engine: Engine
  runtime: ContainerRuntime
  recorder: EventRecorder
  records: ReadonlyMap<string, PodRecord>
  startedMs: number
  random: Random
  /** evictionHard of memory.available, a quantity or a share; none if it is not kept to. */
  memoryThreshold?: string
  /** evictionHard of pid.available, a number or a share; none by default. */
  pidThreshold?: string
  node(): Node | undefined
  /** Deletes the images that no container uses. */
  removeUnusedImages(): void
  /** Ends a Pod for good; a disruption stands in its conditions. */
  evict(record: PodRecord, reason: string, message: string, graceSeconds: number, how?: { isDisruption: boolean }): void
  /** The node's conditions are to be looked at anew. */
  onPressure(): void
}

interface Threshold {
  resource: 'memory' | 'ephemeral-storage' | 'pids'
  pressure: Pressure
  thresholdText: string
  availableText: string
}

export class EvictionManager {
  private readonly options: EvictionOptions
  private readonly leastMemoryBytes: number
  private readonly lastMetMs = new Map<Pressure, number>()
  private readonly pressures = new Set<Pressure>()
  private timer: Timer | undefined
  private hasLimitedPods = false
  private readonly volumeStats: VolumeStats

  constructor(options: EvictionOptions) {
    this.options = options
    const { engine, random, records, startedMs, runtime } = options
    this.volumeStats = new VolumeStats({
      ...{ engine, random, records, startedMs },
      onMeasured: (record) => {
        if (this.excessOf(record)) this.look()
      },
    })
    this.leastMemoryBytes = evictionBytes(
      { ...usualReservation, evictionMemory: options.memoryThreshold },
      runtime.memoryCapacityBytes,
    )
    runtime.onMemory = () => {
      if (this.memoryAvailableBytes() < this.leastMemoryBytes) this.look()
    }
    runtime.disk.onGrow = () => {
      if (this.hasLimitedPods || this.isDiskShort()) this.look()
    }
    runtime.pids.onGrow = () => {
      if (this.arePidsShort()) this.look()
    }
    if (this.thresholdsMet().length > 0) this.look()
  }

  stop(): void {
    const { engine, runtime } = this.options
    engine.cancel(this.timer)
    this.volumeStats.stop()
    runtime.onMemory = undefined
    runtime.disk.onGrow = undefined
    runtime.pids.onGrow = undefined
  }

  has(pressure: Pressure): boolean {
    return this.pressures.has(pressure)
  }

  /** Looks at the next of its moments. */
  look(): void {
    if (this.timer) return
    const { engine, startedMs } = this.options
    const looks = Math.floor((engine.nowMs - startedMs) / LOOK_MS) + 1
    this.timer = engine.at(startedMs + looks * LOOK_MS, 'eviction manager', () => {
      this.timer = undefined
      this.synchronize()
    })
  }

  /** A Pod that came to the node; its limits are watched. */
  watch(pod: Pod): void {
    const isLimited =
      podLimits(pod.spec)['ephemeral-storage'] !== undefined ||
      (pod.spec.volumes ?? []).some((volume) => volume.emptyDir?.sizeLimit !== undefined)
    if (!isLimited) return
    this.hasLimitedPods = true
    if (pod.spec.volumes?.some(({ emptyDir }) => emptyDir)) this.volumeStats.watch(pod)
    this.look()
  }

  /** Why a Pod may not come now. Source: managerImpl.Admit */
  admit(pod: Pod): Refusal | undefined {
    if (this.pressures.size === 0 || isCritical(pod)) return undefined
    if (this.pressures.size === 1 && this.has('MemoryPressure')) {
      const isTolerant = (pod.spec.tolerations ?? []).some(
        ({ key, operator, effect }) =>
          (!effect || effect === 'NoSchedule') &&
          (key === 'node.kubernetes.io/memory-pressure' || (!key && operator === 'Exists')),
      )
      if (isTolerant || qosClass(pod) !== 'BestEffort') return undefined
    }
    return { reason: 'Evicted', message: `The node had condition: [${[...this.pressures].sort().join(' ')}]. ` }
  }

  private synchronize(): void {
    const { engine, recorder, node, removeUnusedImages } = this.options
    let thresholds = this.thresholdsMet()
    this.notePressures(thresholds)
    if (this.evictOverLimit()) {
      this.look()
      return
    }
    if (thresholds.length === 0) {
      if (this.pressures.size > 0) this.lookLater()
      return
    }
    // Memory comes first: a node without any is worse off than one without disk.
    const [threshold] = thresholds
    const self = node()
    if (self) recorder.event(self, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${threshold.resource}`)
    engine.trace.record('eviction manager', `reclaim ${threshold.resource}`)
    const { journal } = this.options.runtime
    journal.warn('eviction_manager.go:376', 'Eviction manager: attempting to reclaim', {
      resourceName: threshold.resource,
    })
    if (threshold.resource === 'ephemeral-storage') {
      removeUnusedImages()
      thresholds = this.thresholdsMet()
      if (thresholds.length === 0) {
        this.lookLater()
        return
      }
    }
    this.evictOne(threshold)
    this.look()
  }

  private lookLater(): void {
    const { engine } = this.options
    this.timer ??= engine.after(
      LOOK_MS,
      'eviction manager',
      () => {
        this.timer = undefined
        this.synchronize()
      },
      { background: true },
    )
  }

  private notePressures(thresholds: readonly Threshold[]): void {
    const { engine, onPressure } = this.options
    const before = [...this.pressures].join()
    for (const { pressure } of thresholds) this.lastMetMs.set(pressure, engine.nowMs)
    for (const pressure of ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const) {
      const metMs = this.lastMetMs.get(pressure)
      if (metMs !== undefined && engine.nowMs - metMs < TRANSITION_MS) this.pressures.add(pressure)
      else this.pressures.delete(pressure)
    }
    if ([...this.pressures].join() !== before) onPressure()
  }

  // ---------- what is short ----------

  private memoryAvailableBytes(): number {
    const { runtime } = this.options
    return runtime.memoryCapacityBytes - runtime.usedMemoryBytes()
  }

  private isDiskShort(): boolean {
    const { disk } = this.options.runtime
    return disk.availableBytes < disk.capacityBytes * DISK_THRESHOLD_SHARE
  }

  /** Process numbers that have to be left; a share is one of all that the node has. */
  private leastPids(): number {
    const { pidThreshold, runtime } = this.options
    const [, share] = /^(.+)%$/.exec(pidThreshold ?? '') ?? []
    return share ? Math.trunc((runtime.pids.limit * Number(share)) / 100) : quantityValue(pidThreshold ?? '0')
  }

  private arePidsShort(): boolean {
    return this.options.pidThreshold !== undefined && this.options.runtime.pids.available < this.leastPids()
  }

  private thresholdsMet(): Threshold[] {
    const { disk } = this.options.runtime
    const met: Threshold[] = []
    const memory = this.memoryAvailableBytes()
    if (memory < this.leastMemoryBytes)
      met.push({
        resource: 'memory',
        pressure: 'MemoryPressure',
        thresholdText: canonicalQuantity(quantityFrom(this.leastMemoryBytes, 'BinarySI')),
        availableText: kibibytes(memory),
      })
    if (this.isDiskShort())
      met.push({
        resource: 'ephemeral-storage',
        pressure: 'DiskPressure',
        thresholdText: String(Math.floor(disk.capacityBytes * DISK_THRESHOLD_SHARE)),
        availableText: kibibytes(disk.availableBytes),
      })
    if (this.arePidsShort())
      met.push({
        resource: 'pids',
        pressure: 'PIDPressure',
        thresholdText: String(this.leastPids()),
        availableText: canonicalQuantity(String(this.options.runtime.pids.available)),
      })
    return met
  }

  // ---------- who goes ----------

  /** One Pod, the first by rank that may go: its users wait for what that frees. */
  private evictOne(threshold: Threshold): void {
    const { records, evict } = this.options
    const candidates = [...records.values()]
      .filter((record) => record.phase === 'sync' && !isCritical(record.pod))
      .map((record) => ({ record, ...this.standing(record, threshold) }))
      .sort(
        (a, b) =>
          Number(b.exceeds) - Number(a.exceeds) ||
          a.priority - b.priority ||
          b.over - a.over ||
          (a.record.uid < b.record.uid ? -1 : 1),
      )
    const first = candidates[0]
    this.log(threshold, candidates)
    if (first) evict(first.record, 'Evicted', this.messageFor(first.record, threshold), GRACE_SECONDS)
  }

  /** Source: pkg/kubelet/eviction/eviction_manager.go, synchronize */
  private log({ resource }: Threshold, ranked: readonly { record: PodRecord }[]): void {
    const { journal } = this.options.runtime
    journal.info('eviction_manager.go:387', 'Eviction manager: must evict pod(s) to reclaim', {
      resourceName: resource,
    })
    if (ranked.length === 0) {
      journal.error(
        'eviction_manager.go:398',
        'Eviction manager: eviction thresholds have been met, but no pods are active to evict',
        undefined,
      )
      return
    }
    journal.info('eviction_manager.go:405', 'Eviction manager: pods ranked for eviction', {
      pods: ranked.map(({ record }) => podRef(record.pod)),
    })
    journal.info('eviction_manager.go:627', 'Eviction manager: pod is evicted successfully', {
      pod: podRef(ranked[0].record.pod),
    })
  }

  /** Whether a Pod uses more than it asked for, its priority, and by how much it is over. */
  private standing(record: PodRecord, { resource }: Threshold) {
    const priority = record.pod.spec.priority ?? 0
    // Nobody asks for processes: whoever has the most is over by the most.
    if (resource === 'pids') return { exceeds: false, priority, over: this.options.runtime.processesOf(record.uid) }
    const requested = quantityValue(podRequests(record.pod.spec)[resource] ?? '0')
    const used = resource === 'memory' ? this.memoryOf(record) : this.diskOf(record)
    return { exceeds: used > requested, priority, over: used - requested }
  }

  private messageFor(record: PodRecord, { resource, thresholdText, availableText }: Threshold): string {
    let message = `The node was low on resource: ${resource}. Threshold quantity: ${thresholdText}, available: ${availableText}. `
    if (resource === 'pids') return message
    for (const container of record.pod.spec.containers) {
      const running = this.running(record, container)
      const request = container.resources.requests?.[resource] ?? '0'
      const used = running ? (resource === 'memory' ? (running.handle?.memoryUsage() ?? 0) : layerBytes(running)) : 0
      if (used > quantityValue(request))
        message += `Container ${container.name} was using ${kibibytes(used)}, request is ${request}, has larger consumption of ${resource}. `
    }
    return message
  }

  /** Pods beyond their own limits of local storage. Source: localStorageEviction */
  private evictOverLimit(): boolean {
    if (!this.hasLimitedPods) return false
    let isAny = false
    for (const record of this.options.records.values()) {
      if (record.phase !== 'sync') continue
      const message = this.excessOf(record)
      if (!message) continue
      isAny = true
      this.options.evict(record, 'Evicted', message, GRACE_SECONDS, { isDisruption: false })
    }
    return isAny
  }

  private excessOf(record: PodRecord): string | undefined {
    const { spec } = record.pod
    for (const volume of spec.volumes ?? []) {
      const limit = volume.emptyDir?.sizeLimit
      const used = this.volumeStats.usedBytes(record, volume.name)
      if (limit !== undefined && quantityValue(limit) > 0 && used > quantityValue(limit))
        return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${canonicalQuantity(limit)}". `
    }
    const limit = podLimits(spec)['ephemeral-storage']
    const measured = (one: PodRecord, volume: string): number => this.volumeStats.usedBytes(one, volume)
    if (limit !== undefined && this.diskOf(record, measured) > quantityValue(limit))
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `
    for (const container of spec.containers) {
      const own = container.resources.limits?.['ephemeral-storage']
      const running = own === undefined ? undefined : this.running(record, container)
      if (own !== undefined && running && layerBytes(running) > quantityValue(own))
        return `Container ${container.name} exceeded its local ephemeral storage limit "${own}". `
    }
    return undefined
  }

  private running(record: PodRecord, container: Container): RuntimeContainer | undefined {
    return this.options.runtime.runningOf(record.uid).find(({ spec }) => spec.name === container.name)
  }

  private memoryOf(record: PodRecord): number {
    return this.options.runtime.runningOf(record.uid).reduce((sum, { handle }) => sum + (handle?.memoryUsage() ?? 0), 0)
  }

  /** Layers, logs and directories on the disk that live as long as the Pod. */
  private diskOf(record: PodRecord, usedBytes = bytesOfVolume): number {
    let sum = 0
    for (const container of this.options.runtime.containersOf(record.uid)) sum += layerBytes(container)
    for (const volume of record.pod.spec.volumes ?? [])
      if (volume.emptyDir && volume.emptyDir.medium !== 'Memory') sum += usedBytes(record, volume.name)
    return sum
  }
}

/** Those that the cluster can't do without. Source: pkg/kubelet/types, IsCriticalPod */
export const isCritical = (pod: Pod): boolean =>
  pod.metadata.annotations?.[staticAnnotation] !== undefined || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY

const bytesOfVolume = (record: PodRecord, volume: string): number => record.volumes.get(volume)?.tree.usedBytes() ?? 0

const layerBytes = ({ spec, log }: RuntimeContainer): number => spec.files.writtenBytes() + log.sizeBytes

/** As a quantity of pages is printed. */
const kibibytes = (bytes: number): string => canonicalQuantity(`${Math.max(0, Math.floor(bytes / 1024))}Ki`)
