/**
 * Workers, one a Pod: each does one thing at a time (sync, terminate, clean up), and remembers that it was asked for more.
 * Relists tell them of containers that started or ended. Sources: pkg/kubelet/pod_workers.go, pkg/kubelet/pleg/generic.go
 */

import type { Condition } from '../api/meta/object.ts'
import { keyOf } from '../api/meta/object.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { Random } from '../engine/random.ts'
import { charge } from '../engine/work.ts'
import type { Allocation } from './allocation.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { podRef } from './journal.ts'
import { finderOf, type RuntimePodStatus } from './pod-cache.ts'
import type { PodRecord } from './pod-record.ts'
import type { PodWorker, SyncOutcome } from './pod-worker.ts'
import type { ProbeManager } from './prober.ts'
import { runRoutine } from './routine.ts'
import type { StatusManager } from './status-manager.ts'
import { followsObjects } from './volume-manager.ts'

/** Of computing, to compare a container with what it was. */
const stepsOfContainer = 10
// Relists and sync ticks come every second, each from where its loop began after the kubelet's start.
const TICK_MS = 1000
const RELIST_OFFSET_MS = 900
// From the end of a sync to the answer of the runtime about that Pod alone.
const RELIST_POD_MS = 10
const SYNC_OFFSET_MS = 300
const RESYNC_MS = 60_000
const RESYNC_JITTER = 0.5
// A failed sync is repeated after 10 s, or when a container's back-off is over, lengthened by up to a half. Simplified: drawn from the middle of
// that range, so that a run is a typical one. Source: completeWork
const RETRY_MS = 10_000
const RETRY_LEAST = 1.18
const RETRY_JITTER = 0.086

export interface PodWorkersOptions {
  engine: Engine
  actor: string
  random: Random
  runtime: ContainerRuntime
  worker: PodWorker
  statuses: StatusManager
  allocation: Allocation
  probes: ProbeManager
  records: Map<string, PodRecord>
}

export class PodWorkers {
  private readonly options: PodWorkersOptions
  private readonly engine: Engine
  private readonly startedMs: number
  /** Pods whose containers changed since the last relist, with the trace record of the last change. */
  private readonly changed = new Map<string, number>()
  /** Pods whose worker waits for a relist, with the trace record that asked for the sync. */
  private readonly waiting = new Map<PodRecord, number>()
  /** Pods whose workers wait for the container runtime. */
  private readonly held = new Set<PodRecord>()
  private isRelistDue = false
  private isStopped = false

  constructor(options: PodWorkersOptions) {
    this.options = options
    this.engine = options.engine
    this.startedMs = options.engine.nowMs
  }

  /** Abandons what the workers do; the containers go on. */
  stop(): void {
    this.isStopped = true
    for (const record of this.options.records.values()) {
      record.abandon?.()
      this.engine.cancel(record.requeue)
      this.engine.cancel(record.deadline)
    }
  }

  /** The container runtime went away, or is back: then all that waited for it goes on. */
  runtimeChanged(): void {
    if (this.options.runtime.isDown) return
    const held = [...this.held]
    this.held.clear()
    for (const record of held) this.update(record)
    if (this.changed.size > 0 || this.waiting.size > 0) this.scheduleRelist()
  }

  /** Asks the Pod's worker for one more look. */
  update(record: PodRecord): void {
    if (record.phase === 'finished') return
    if (this.options.runtime.isDown) {
      this.held.add(record)
      return
    }
    if (record.isWorking) {
      record.isPending = true
      return
    }
    record.isWorking = true
    this.engine.cancel(record.requeue)
    record.requeue = undefined
    // Each step decides on a state that is newer than the end of its predecessor: until the next relist there is none. Source: GetNewerThan
    if (record.lastSyncMs >= 0 && Math.max(this.lastRelistMs(), record.observedMs) <= record.lastSyncMs) {
      this.waiting.set(record, this.engine.trace.current)
      this.scheduleRelist()
      return
    }
    this.work(record)
  }

  /** From now on the Pod is only stopped. Source: calculateEffectiveGracePeriod */
  beginTermination(record: PodRecord): void {
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

  /**
   * Ends a Pod for the node's sake: it fails, and does not come back.
   * @param graceSeconds what its containers get
   * @param how a Pod beyond a limit of its own is not disrupted by others
   */
  evict(
    record: PodRecord,
    reason: string,
    message: string,
    graceSeconds: number,
    { isDisruption } = { isDisruption: true },
  ): void {
    const condition: Condition = {
      type: 'DisruptionTarget',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: this.engine.timestamp(),
      reason: 'TerminationByKubelet',
      message,
      ...(record.pod.metadata.generation ? { observedGeneration: record.pod.metadata.generation } : {}),
    }
    record.eviction = { reason, message, ...(isDisruption ? { condition } : {}) }
    record.graceSeconds = graceSeconds
    if (record.phase === 'sync') {
      record.phase = 'terminating'
      record.interrupt?.()
    }
    this.update(record)
  }

  /** Drops a Pod that is gone from the API and from the node. */
  forget(record: PodRecord): void {
    const { probes, statuses, worker, allocation, records, runtime } = this.options
    this.engine.cancel(record.requeue)
    this.engine.cancel(record.deadline)
    probes.removePod(record.uid)
    statuses.forget(record.uid)
    worker.forget(record.uid)
    allocation.forget(record.uid)
    records.delete(record.uid)
    this.waiting.delete(record)
    this.held.delete(record)
    this.changed.delete(record.uid)
    runtime.removePod(record.uid)
  }

  /** A container or sandbox of that Pod started or ended: the next relist sees it. */
  containerChanged(uid: string): void {
    this.changed.set(uid, this.engine.trace.current)
    this.scheduleRelist()
  }

  // ---------- one thing at a time ----------

  private work(record: PodRecord): void {
    const { worker, statuses, actor } = this.options
    this.engine.trace.record(actor, `${record.phase} Pod`, { kind: 'Pod', ...keyOf(record.pod) })
    let isOver = false
    const then =
      <T>(next: (result: T) => void) =>
      (result: T): void => {
        isOver = true
        record.abandon = undefined
        if (this.isStopped) return
        record.lastSyncMs = this.engine.nowMs
        next(result)
      }
    let abandon: () => void
    if (record.phase === 'terminating') {
      abandon = runRoutine(
        worker.terminate(record),
        then((failure) => {
          if (failure !== undefined) {
            record.isWorking = false
            this.retry(record, { isTerminal: false, isError: true, problem: failure })
            return
          }
          record.phase = 'terminated'
          statuses.flush(record.uid)
          this.again(record)
        }),
      )
    } else if (record.phase === 'terminated') {
      abandon = runRoutine(
        worker.cleanUp(record),
        then(() => {
          record.phase = 'finished'
          record.isWorking = false
          this.options.allocation.retryDeferred()
          if (record.isGone) this.forget(record)
        }),
      )
    } else {
      abandon = runRoutine(
        worker.sync(record),
        then((outcome) => this.synced(record, outcome)),
      )
    }
    if (!isOver) record.abandon = abandon
  }

  private synced(record: PodRecord, outcome: SyncOutcome): void {
    if (record.phase === 'sync' && outcome.isTerminal) {
      record.phase = 'terminating'
      record.graceSeconds ??= record.pod.spec.terminationGracePeriodSeconds ?? 30
    }
    if (record.phase !== 'sync') {
      this.again(record)
      return
    }
    record.isWorking = false
    if (!outcome.isError && outcome.hasActed) this.scheduleRelistOf(record)
    this.scheduleDeadline(record)
    if (outcome.isError) {
      this.retry(record, outcome)
      return
    }
    const { random } = this.options
    if (record.isPending) {
      record.isPending = false
      this.update(record)
    }
    // A Pod that nothing outside can change needs no look of its own: every change of its containers is told.
    else if (outcome.isIncomplete || followsObjects(record))
      this.requeue(record, random.jitter(RESYNC_MS, RESYNC_JITTER), true)
    else this.requeueForRenewal(record)
  }

  /** Does it after the pause that follows what could not be done yet. */
  afterBackoff(label: string, act: () => void): Timer {
    const delayMs = this.options.random.jitter(RETRY_MS * RETRY_LEAST, RETRY_JITTER)
    return this.engine.at(this.nextSyncMs(this.engine.nowMs + delayMs), label, act)
  }

  /** What failed is done again after a while, or as soon as there is something new. */
  private retry(record: PodRecord, outcome: SyncOutcome): void {
    this.logError(record, outcome)
    if (record.isPending) {
      record.isPending = false
      this.update(record)
      return
    }
    const backoffMs = outcome.retryAtMs === undefined ? RETRY_MS : outcome.retryAtMs - this.engine.nowMs
    const delayMs = Math.min(Math.max(backoffMs, 0), RESYNC_MS)
    this.requeue(record, this.options.random.jitter(delayMs * RETRY_LEAST, RETRY_JITTER), false)
  }

  /** Source: pkg/kubelet/pod_workers.go, podWorkerLoop */
  private logError({ pod, startFailures, uid }: PodRecord, { problem }: SyncOutcome): void {
    const failures = [...startFailures].map(
      ([name, { reason, message }]) =>
        `failed to "StartContainer" for "${name}" with ${reason}: ${JSON.stringify(message)}`,
    )
    const problems = problem ? [problem] : failures
    if (problems.length === 0) return
    const err = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
    const about = { pod: podRef(pod), podUID: uid }
    this.options.runtime.journal.error('pod_workers.go:1324', 'Error syncing pod, skipping', err, about)
  }

  /** A token in a volume is renewed in time. */
  private requeueForRenewal(record: PodRecord): void {
    let dueEpochMs = Number.POSITIVE_INFINITY
    for (const volume of record.volumes.values())
      dueEpochMs = Math.min(dueEpochMs, volume.renewEpochMs?.() ?? Number.POSITIVE_INFINITY)
    const delayMs = dueEpochMs - this.engine.epochMs
    if (Number.isFinite(delayMs)) this.requeue(record, Math.max(delayMs, RESYNC_MS), true)
  }

  private again(record: PodRecord): void {
    record.isWorking = false
    record.isPending = false
    this.update(record)
  }

  private requeue(record: PodRecord, delayMs: number, background: boolean): void {
    const look = (): void => {
      record.requeue = undefined
      this.update(record)
    }
    record.requeue = this.engine.at(this.nextSyncMs(this.engine.nowMs + delayMs), 'resync Pod', look, { background })
  }

  private scheduleDeadline(record: PodRecord): void {
    const seconds = record.pod.spec.activeDeadlineSeconds
    if (seconds === undefined || record.deadline) return
    const startTime = this.options.statuses.get(record.uid)?.startTime
    if (!startTime) return
    const dueMs = this.nextSyncMs(Date.parse(startTime) - this.engine.startEpochMs + seconds * 1000)
    record.deadline = this.engine.at(dueMs, 'active deadline', () => this.update(record))
  }

  // ---------- relisting ----------

  private scheduleRelist(): void {
    if (this.isRelistDue || this.isStopped) return
    this.isRelistDue = true
    this.engine.at(this.nextTickMs(this.engine.nowMs + 1, RELIST_OFFSET_MS), 'PLEG relist', () => {
      this.isRelistDue = false
      if (!this.isStopped) this.relist()
    })
  }

  private relist(): void {
    if (this.options.runtime.isDown) return
    const waiting = [...this.waiting]
    const changed = new Map(this.changed)
    this.changed.clear()
    for (const [uid, cause] of changed) {
      const record = this.options.records.get(uid)
      if (record) this.reconcile(record, cause)
    }
    // Those that changed were woken already, and may wait again: for the next relist.
    for (const [record, cause] of waiting) if (!changed.has(record.uid)) this.wake(record, cause)
  }

  /** After a sync that changed something, and did all it wanted, that Pod alone is relisted at once. Source: RequestPodRelist */
  private scheduleRelistOf(record: PodRecord): void {
    const requestedMs = this.engine.nowMs
    this.engine.after(RELIST_POD_MS, 'PLEG relist of a Pod', () => {
      const { records, runtime } = this.options
      if (this.isStopped || runtime.isDown || records.get(record.uid) !== record) return
      if (this.lastRelistMs() > requestedMs) return
      record.observedMs = this.engine.nowMs
      const cause = this.changed.get(record.uid)
      this.changed.delete(record.uid)
      const waitingSince = this.waiting.get(record)
      if (cause !== undefined) this.reconcile(record, cause)
      else if (waitingSince !== undefined) this.wake(record, waitingSince)
    })
  }

  /** Takes over what the runtime says of a Pod. A worker that waited for it goes on; what changed asks for one look or more. */
  private reconcile(record: PodRecord, cause: number): void {
    const { runtime } = this.options
    const before = record.cache
    record.cache = runtime.status(record.uid)
    charge(stepsOfContainer * record.cache.containers.length)
    const events = lifecycleEvents(before, record.cache)
    for (const [type, id] of events)
      runtime.journal.info('kubelet.go:2642', 'SyncLoop (PLEG): event for pod', {
        pod: podRef(record.pod),
        event: { struct: { ID: record.uid, Type: type, Data: id } },
      })
    this.prune(record)
    const waitingSince = this.waiting.get(record)
    if (waitingSince !== undefined) this.wake(record, waitingSince)
    const asked = looksAskedFor(events) || (isResized(before, record.cache) ? 1 : 0)
    this.engine.trace.under(cause, () => {
      for (let n = 0; n < asked; n++) this.update(record)
    })
  }

  private wake(record: PodRecord, cause: number): void {
    if (!this.waiting.delete(record) || this.options.records.get(record.uid) !== record) return
    this.engine.trace.under(cause, () => this.work(record))
  }

  /** Keeps one dead container a name beside the newest: maximum-dead-containers-per-container. */
  private prune(record: PodRecord): void {
    const { containers } = record.cache
    if (containers.length <= record.pod.spec.containers.length) return
    const counts = new Map<string, number>()
    const dead = new Set<string>()
    for (const container of containers) {
      const count = (counts.get(container.name) ?? 0) + 1
      counts.set(container.name, count)
      if (count > 2 && container.state === 'exited') dead.add(container.id)
    }
    if (dead.size > 0) this.options.runtime.removeContainers(record.uid, dead)
  }

  private nextSyncMs(fromMs: number): number {
    return this.nextTickMs(fromMs, SYNC_OFFSET_MS)
  }

  private nextTickMs(fromMs: number, offsetMs: number): number {
    const firstMs = this.startedMs + offsetMs
    return firstMs + Math.max(0, Math.ceil((fromMs - firstMs) / TICK_MS)) * TICK_MS
  }

  private lastRelistMs(): number {
    const firstMs = this.startedMs + RELIST_OFFSET_MS
    return firstMs + Math.floor((this.engine.nowMs - firstMs) / TICK_MS) * TICK_MS
  }
}

/** What a relist finds, as type and id, in the order of PLEG: those that ended, and those that started. */
function lifecycleEvents(before: RuntimePodStatus, after: RuntimePodStatus): (readonly [string, string])[] {
  const events: (readonly [string, string])[] = []
  const known = finderOf(before.containers, ({ id }) => id)
  for (const now of after.containers) {
    const then = known(now.id)
    if (now.state !== 'created' && then?.state !== now.state)
      events.push([now.state === 'running' ? 'ContainerStarted' : 'ContainerDied', now.id])
  }
  const left = finderOf(after.containers, ({ id }) => id)
  for (const { id, state } of before.containers)
    if (state === 'running' && !left(id)) events.push(['ContainerDied', id])
  const { sandbox } = after
  const knownSandbox = before.sandbox?.id === sandbox?.id ? before.sandbox : undefined
  if (before.sandbox?.isReady && !knownSandbox) events.push(['ContainerDied', before.sandbox.id])
  if (sandbox && knownSandbox?.isReady !== sandbox.isReady)
    events.push([sandbox.isReady ? 'ContainerStarted' : 'ContainerDied', sandbox.id])
  return events
}

/**
 * Events that follow each other reach the worker as one, since it has not taken up the first yet. After one of a container that died
 * it has: the kubelet first looks for dead containers to remove. Source: syncLoopIteration
 */
const looksAskedFor = (events: readonly (readonly [type: string, id: string])[]): number =>
  events.filter((_, index) => index === 0 || events[index - 1]![0] === 'ContainerDied').length

/** Whether a container has other resources than before, which the kubelet asks to be looked at. Source: RequestPodReinspect */
function isResized(before: RuntimePodStatus, after: RuntimePodStatus): boolean {
  const known = finderOf(before.containers, ({ id }) => id)
  return after.containers.some((now) => {
    const then = known(now.id)
    return then !== undefined && then.resources !== now.resources
  })
}
