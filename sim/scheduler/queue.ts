/**
 * Where Pods wait for an attempt: the active queue, the back-off queue, and the unschedulable ones, which come back when
 * something happens that may help them. Source: pkg/scheduler/backend/queue/scheduling_queue.go
 */
import type { Engine, Timer } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { ClusterEvent, SchedulerPlugin } from './framework.ts'
import type { PodInfo } from './pod-info.ts'

/** 1 s after the first failed attempt, twice that after each more, at most 10 s. */
const INITIAL_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 10_000
/** An unschedulable Pod that nothing has woken is tried again after this time, looked at every so often. */
const MAX_UNSCHEDULABLE_MS = 5 * 60_000
const FLUSH_PERIOD_MS = 30_000

export interface QueuedPod {
  info: PodInfo
  /** When it came into the queue where it is now. */
  queuedMs: number
  attempts: number
  /** Plugins that rejected it in the last attempt. */
  rejectedBy: ReadonlySet<string>
  /** The trace record that made it wait for an attempt. */
  cause: number
  where: 'active' | 'backoff' | 'unschedulable' | 'in-flight'
  /** The last attempt failed by an error, and not because no node fits: its back-off is always waited out. */
  hasFailed: boolean
}

export interface SchedulingQueue {
  /** A new Pod, or one whose gates may be open now. */
  add(info: PodInfo): void
  /** The waiting Pod has changed. */
  update(info: PodInfo, events: readonly ClusterEvent[]): void
  remove(uid: string): void
  /** The next to try; from the back-off queue when no other waits. Its attempt counts from here. */
  pop(): QueuedPod | undefined
  hasNext(): boolean
  /** The attempt found no node: waits to be woken. */
  addUnschedulable(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void
  /** The attempt failed: tried again after back-off. */
  addFailed(queued: QueuedPod): void
  /** The attempt has led to a binding. */
  done(uid: string): void
  /** Something happened: wakes those that a plugin believes it may help. */
  wake(event: ClusterEvent): void
  find(uid: string): QueuedPod | undefined
  /** All that are in it, or being tried. */
  pods(): Iterable<QueuedPod>
  counts(): { active: number; backoff: number; unschedulable: number; gated: number }
  stop(): void
}

export interface QueueOptions {
  engine: Engine
  /** Of the profile that the Pod chose. */
  pluginsOf(info: PodInfo): readonly SchedulerPlugin[]
  /** Which of two Pods goes first: one order for all profiles. */
  isBefore?: SchedulerPlugin['isBefore']
  /** Called when there may be something to pop. */
  onReady(): void
}

/** Those plugins of a profile that have a say on who waits. */
interface Voices {
  byName: ReadonlyMap<string, SchedulerPlugin>
  gatekeepers: readonly SchedulerPlugin[]
}

export function createSchedulingQueue({ engine, pluginsOf, isBefore: sort, onReady }: QueueOptions): SchedulingQueue {
  const all = new Map<string, QueuedPod>()
  const isBefore = (a: QueuedPod, b: QueuedPod): boolean =>
    sort?.(a.info, b.info, a.queuedMs, b.queuedMs) ?? a.queuedMs < b.queuedMs
  const active = new PodHeap(isBefore)
  const backoff = new PodHeap((a, b) => backoffEnd(a) < backoffEnd(b))
  const unschedulable = new Map<string, QueuedPod>()
  const voices = new Map<readonly SchedulerPlugin[], Voices>()
  let backoffTimer: Timer | undefined
  let flushTimer: Timer | undefined

  const backoffEnd = (queued: QueuedPod): number => queued.queuedMs + backoffMs(queued.attempts)

  function voicesOf(info: PodInfo): Voices {
    const plugins = pluginsOf(info)
    let known = voices.get(plugins)
    if (!known) {
      known = {
        byName: new Map(plugins.map((plugin) => [plugin.name, plugin])),
        gatekeepers: plugins.filter((plugin) => plugin.preEnqueue),
      }
      voices.set(plugins, known)
    }
    return known
  }

  /** The plugin that keeps the Pod out of the queue altogether, if one does. */
  const gateOf = (info: PodInfo): string | undefined =>
    voicesOf(info).gatekeepers.find((plugin) => plugin.preEnqueue?.(info) !== undefined)?.name

  function activate(queued: QueuedPod): void {
    const gate = gateOf(queued.info)
    if (gate) {
      queued.rejectedBy = new Set([gate])
      park(queued)
      return
    }
    queued.where = 'active'
    queued.cause = engine.trace.current
    active.push(queued)
    onReady()
  }

  function park(queued: QueuedPod): void {
    queued.where = 'unschedulable'
    unschedulable.set(queued.info.uid, queued)
    armFlush()
  }

  function backOff(queued: QueuedPod): void {
    queued.where = 'backoff'
    queued.cause = engine.trace.current
    backoff.push(queued)
    armBackoff()
    onReady()
  }

  /** To the active queue when the back-off since the last attempt is over, else to the back-off queue. */
  function requeue(queued: QueuedPod): void {
    unschedulable.delete(queued.info.uid)
    if (gateOf(queued.info) || backoffEnd(queued) <= engine.nowMs) activate(queued)
    else backOff(queued)
  }

  function armBackoff(): void {
    const first = backoff.peek()
    const dueMs = first ? backoffEnd(first) : undefined
    if (backoffTimer?.action && backoffTimer.dueMs === dueMs) return
    engine.cancel(backoffTimer)
    if (dueMs === undefined) return
    backoffTimer = engine.at(dueMs, 'scheduler back-off', () => {
      for (let next = backoff.peek(); next && backoffEnd(next) <= engine.nowMs; next = backoff.peek()) {
        backoff.pop()
        const { cause } = next
        engine.trace.under(cause, () => activate(next))
      }
      armBackoff()
    })
  }

  function armFlush(): void {
    if (flushTimer?.action || unschedulable.size === 0) return
    let oldestMs = Infinity
    for (const { queuedMs } of unschedulable.values()) if (queuedMs < oldestMs) oldestMs = queuedMs
    const dueMs = Math.max(
      Math.ceil((oldestMs + MAX_UNSCHEDULABLE_MS) / FLUSH_PERIOD_MS) * FLUSH_PERIOD_MS,
      engine.nowMs + 1,
    )
    flushTimer = engine.at(
      dueMs,
      'scheduler flush',
      () => {
        const due = [...unschedulable.values()].filter(
          ({ queuedMs, info }) => engine.nowMs - queuedMs >= MAX_UNSCHEDULABLE_MS && !gateOf(info),
        )
        for (const queued of due) requeue(queued)
        // Gated Pods wait for their gates alone.
        if ([...unschedulable.values()].some(({ info }) => !gateOf(info))) armFlush()
      },
      { background: true },
    )
  }

  const mayHelp = (queued: QueuedPod, event: ClusterEvent): boolean => {
    if (queued.rejectedBy.size === 0) return true
    const { byName } = voicesOf(queued.info)
    for (const name of queued.rejectedBy) if (byName.get(name)?.wakes?.(queued.info, event)) return true
    return false
  }

  function take(queued: QueuedPod): QueuedPod {
    queued.where = 'in-flight'
    queued.attempts++
    return queued
  }

  const waitsForError = (): boolean => backoff.size > 0 && firstWithoutError() === undefined
  const firstWithoutError = (): QueuedPod | undefined => backoff.entries().find(({ hasFailed }) => !hasFailed)

  return {
    add(info) {
      const known = all.get(info.uid)
      if (known) {
        known.info = info
        if (known.where === 'unschedulable') requeue(known)
        return
      }
      const queued: QueuedPod = {
        info,
        queuedMs: engine.nowMs,
        attempts: 0,
        rejectedBy: new Set(),
        cause: engine.trace.current,
        where: 'active',
        hasFailed: false,
      }
      all.set(info.uid, queued)
      activate(queued)
    },
    update(info, events) {
      const queued = all.get(info.uid)
      if (!queued) return
      queued.info = info
      if (queued.where === 'unschedulable' && events.some((event) => mayHelp(queued, event))) requeue(queued)
    },
    remove(uid) {
      const queued = all.get(uid)
      if (!queued) return
      all.delete(uid)
      unschedulable.delete(uid)
      active.remove(queued)
      backoff.remove(queued)
    },
    pop() {
      const next = active.pop()
      if (next) return take(next)
      // Since v1.33 an idle scheduler does not wait for the back-off of Pods that were merely unschedulable.
      const early = firstWithoutError()
      if (!early) return undefined
      backoff.remove(early)
      armBackoff()
      return take(early)
    },
    hasNext() {
      return active.size > 0 || (backoff.size > 0 && !waitsForError())
    },
    addUnschedulable(queued, rejectedBy) {
      if (!all.has(queued.info.uid)) return
      queued.rejectedBy = rejectedBy
      queued.queuedMs = engine.nowMs
      queued.hasFailed = false
      park(queued)
    },
    addFailed(queued) {
      if (!all.has(queued.info.uid)) return
      queued.queuedMs = engine.nowMs
      queued.rejectedBy = new Set()
      queued.hasFailed = true
      backOff(queued)
    },
    done(uid) {
      all.delete(uid)
    },
    wake(event) {
      if (unschedulable.size === 0) return
      charge(unschedulable.size)
      for (const queued of [...unschedulable.values()]) if (mayHelp(queued, event)) requeue(queued)
    },
    find: (uid) => all.get(uid),
    pods: () => all.values(),
    counts() {
      let gated = 0
      for (const { info } of unschedulable.values()) if (gateOf(info)) gated++
      return { active: active.size, backoff: backoff.size, unschedulable: unschedulable.size - gated, gated }
    },
    stop() {
      engine.cancel(backoffTimer)
      engine.cancel(flushTimer)
    },
  }
}

/** How long a Pod waits after that many attempts. */
export function backoffMs(attempts: number): number {
  if (attempts === 0) return 0
  return Math.min(INITIAL_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
}

/** A heap of Pods; of equals the one that was pushed first comes first. */
class PodHeap {
  private readonly items: { queued: QueuedPod; sequence: number }[] = []
  private readonly members = new Set<QueuedPod>()
  private readonly isBefore: (a: QueuedPod, b: QueuedPod) => boolean
  private sequence = 0

  constructor(isBefore: (a: QueuedPod, b: QueuedPod) => boolean) {
    this.isBefore = isBefore
  }

  get size(): number {
    return this.members.size
  }

  entries(): readonly QueuedPod[] {
    return [...this.members]
  }

  push(queued: QueuedPod): void {
    this.members.add(queued)
    this.items.push({ queued, sequence: ++this.sequence })
    this.up(this.items.length - 1)
  }

  peek(): QueuedPod | undefined {
    this.dropRemoved()
    return this.items[0]?.queued
  }

  pop(): QueuedPod | undefined {
    this.dropRemoved()
    const top = this.shift()
    if (top) this.members.delete(top)
    return top
  }

  remove(queued: QueuedPod): void {
    if (!this.members.delete(queued)) return
    const at = this.items.findIndex((item) => item.queued === queued)
    const last = this.items.pop()!
    if (at < this.items.length) {
      this.items[at] = last
      this.down(at)
      this.up(at)
    }
  }

  private dropRemoved(): void {
    while (this.items.length > 0 && !this.members.has(this.items[0].queued)) this.shift()
  }

  private shift(): QueuedPod | undefined {
    const top = this.items[0]
    const last = this.items.pop()
    if (this.items.length > 0 && last) {
      this.items[0] = last
      this.down(0)
    }
    return top?.queued
  }

  private precedes(a: number, b: number): boolean {
    const [left, right] = [this.items[a], this.items[b]]
    if (this.isBefore(left.queued, right.queued)) return true
    if (this.isBefore(right.queued, left.queued)) return false
    return left.sequence < right.sequence
  }

  private up(at: number): void {
    for (let i = at; i > 0; ) {
      const parent = (i - 1) >> 1
      if (!this.precedes(i, parent)) return
      ;[this.items[i], this.items[parent]] = [this.items[parent], this.items[i]]
      i = parent
    }
  }

  private down(at: number): void {
    for (let i = at; ; ) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < this.items.length && this.precedes(child, least)) least = child
      if (least === i) return
      ;[this.items[i], this.items[least]] = [this.items[least], this.items[i]]
      i = least
    }
  }
}
