/**
 * Graceful node shutdown: told that the system goes down, the kubelet takes no Pod any more and ends those it has, critical ones
 * last. Sources: pkg/kubelet/nodeshutdown, https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/
 */
import type { Engine, Timer } from '../engine/engine.ts'
import type { Refusal } from './admission.ts'
import { isCritical } from './eviction.ts'
import type { PodRecord } from './pod-record.ts'

export interface ShutdownOptions {
  engine: Engine
  records: ReadonlyMap<string, PodRecord>
  /** shutdownGracePeriod: 0 for a kubelet that does not wait. */
  graceSeconds: number
  /** shutdownGracePeriodCriticalPods: the last part of it. */
  criticalSeconds: number
  terminate(record: PodRecord, reason: string, message: string, graceSeconds: number): void
  onBegin(): void
}

// How often it is looked whether all have ended.
const LOOK_MS = 500
// Once nobody holds the shutdown back the system takes that long to stop the kubelet itself.
const SYSTEM_MS = 2000

export class NodeShutdown {
  private readonly options: ShutdownOptions
  private timer: Timer | undefined
  isUnderWay = false

  constructor(options: ShutdownOptions) {
    this.options = options
  }

  stop(): void {
    this.options.engine.cancel(this.timer)
  }

  /** @param off cuts the power */
  begin(off: () => void): void {
    const { engine, graceSeconds, criticalSeconds, onBegin } = this.options
    if (this.isUnderWay) return
    if (graceSeconds === 0) {
      off()
      return
    }
    this.isUnderWay = true
    onBegin()
    const stopSystem = (): void => {
      this.timer = engine.after(SYSTEM_MS, 'system stops', off)
    }
    this.end(false, graceSeconds - criticalSeconds, () => this.end(true, criticalSeconds, stopSystem))
  }

  /** Why no Pod may come. */
  admit(): Refusal | undefined {
    if (!this.isUnderWay) return undefined
    return { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }
  }

  private end(critical: boolean, seconds: number, then: () => void): void {
    const { engine, records, terminate } = this.options
    const chosen = [...records.values()].filter(
      (record) => isCritical(record.pod) === critical && record.phase !== 'terminated' && record.phase !== 'finished',
    )
    for (const record of chosen) {
      const grace = Math.min(record.pod.spec.terminationGracePeriodSeconds ?? 30, seconds)
      terminate(record, 'Terminated', 'Pod was terminated in response to imminent node shutdown.', grace)
    }
    const untilMs = engine.nowMs + seconds * 1000
    const look = (): void => {
      const isOver = chosen.every(({ phase }) => phase === 'finished' || phase === 'terminated')
      if (isOver || engine.nowMs >= untilMs) then()
      else this.timer = engine.after(LOOK_MS, 'node shutdown', look)
    }
    look()
  }
}
