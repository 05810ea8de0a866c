/**
 * How much the volumes of a Pod hold, as the kubelet knows it: measured when it comes by, and not in between.
 * Source: pkg/kubelet/server/stats/fs_resource_analyzer.go and volume_stat_calculator.go
 */
import type { Pod } from '../api/core/pod-types.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import type { PodRecord } from './pod-record.ts'

/** volumeStatsAggPeriod: how often new Pods are found, and the least time between two looks at one. */
const PERIOD_MS = 60_000

export interface VolumeStatsOptions {
  engine: Engine
  random: Random
  records: ReadonlyMap<string, PodRecord>
  startedMs: number
  onMeasured(record: PodRecord): void
}

export class VolumeStats {
  private readonly options: VolumeStatsOptions
  private readonly measured = new Map<string, ReadonlyMap<string, number>>()
  private readonly timers = new Map<string, Timer>()

  constructor(options: VolumeStatsOptions) {
    this.options = options
  }

  stop(): void {
    for (const timer of this.timers.values()) this.options.engine.cancel(timer)
  }

  /** A Pod is measured from the next round on. */
  watch({ metadata: { uid } }: Pod): void {
    const { engine, startedMs } = this.options
    if (this.timers.has(uid!)) return
    const rounds = Math.floor((engine.nowMs - startedMs) / PERIOD_MS) + 1
    this.timers.set(
      uid!,
      engine.at(startedMs + rounds * PERIOD_MS, 'volume stats', () => this.measure(uid!)),
    )
  }

  /** Bytes of the Pod's volume at the last look; 0 before the first. */
  usedBytes(record: PodRecord, volume: string): number {
    return this.measured.get(record.uid)?.get(volume) ?? 0
  }

  private measure(uid: string): void {
    const { engine, random, records, onMeasured } = this.options
    const record = records.get(uid)
    if (!record) {
      this.timers.delete(uid)
      this.measured.delete(uid)
      return
    }
    const sizes = [...record.volumes].map(([name, { tree }]) => [name, tree.usedBytes()] as const)
    this.measured.set(uid, new Map(sizes))
    onMeasured(record)
    // A look takes place after each period, made up to twice as long by chance.
    const delayMs = PERIOD_MS * (1 + random.next())
    this.timers.set(
      uid,
      engine.after(delayMs, 'volume stats', () => this.measure(uid), { background: true }),
    )
  }
}
