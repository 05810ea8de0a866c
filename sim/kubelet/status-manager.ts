/** Writes Pod statuses to the API: only on change, a little later, the newest version. Source: pkg/kubelet/status */
import { pods } from '../api/core/pod.ts'
import type { ContainerState, Pod, PodStatus } from '../api/core/pod-types.ts'
import { type Condition, findCondition, keyOf } from '../api/meta/object.ts'
import { isStatus, StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import { retryAfter } from '../client/retry.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import { kubeletConditions } from './pod-status.ts'
import { isSameValue } from './same-value.ts'

/** On a mirror Pod: the uid of the static Pod it shows. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'
/** On a static Pod, as its kubelet knows it. */
export const staticAnnotation = 'kubernetes.io/config.source'

// From the change to the write: a goroutine is woken, reads the Pod and patches it.
const WRITE_DELAY_MS = 4
// syncBatch tries what could not be written, and repairs what somebody else wrote.
const RETRY_MS = 10_000

/** Termination messages of a Pod's containers together. */
const MAX_MESSAGES_LENGTH = 12 * 1024

interface Entry {
  pod: Pod
  status: PodStatus
  isWriteDue: boolean
  /** Every container has ended and the volumes are gone: the object may go too. */
  isFinished: boolean
}

export interface StatusManagerOptions {
  engine: Engine
  client: Client
  actor: string
  /** Whether a static Pod has a mirror to write to. */
  isShown(pod: Pod): boolean
  /** A terminal phase is not shown while this holds. */
  mayHaveRunningContainers(uid: string): boolean
}

export class StatusManager {
  private readonly entries = new Map<string, Entry>()
  private readonly options: StatusManagerOptions
  private readonly startedMs: number
  /** Those of static Pods that wait for a mirror. */
  private readonly held = new Set<string>()
  private batch: Timer | undefined
  private isStopped = false

  constructor(options: StatusManagerOptions) {
    this.options = options
    this.startedMs = options.engine.nowMs
  }

  get(uid: string): PodStatus | undefined {
    return this.entries.get(uid)?.status
  }

  /** Takes over a status; fills in startTime and transition times. Gives what is kept. */
  set(pod: Pod, status: PodStatus, force = false): PodStatus {
    const { engine } = this.options
    const entry = this.entries.get(pod.metadata.uid)
    const old = entry?.status ?? pod.status
    const now = engine.timestamp()
    const next: PodStatus = {
      ...status,
      startTime: status.startTime ?? old.startTime ?? now,
      ...shortenedStatuses(status),
      ...(status.conditions
        ? { conditions: status.conditions.map((condition) => withTransition(condition, old, now)) }
        : {}),
    }
    if (entry && !force && isSameValue(entry.status, next)) {
      entry.pod = pod
      return entry.status
    }
    if (entry) {
      entry.pod = pod
      entry.status = next
    } else this.entries.set(pod.metadata.uid, { pod, status: next, isWriteDue: false, isFinished: false })
    this.writeHeld()
    this.schedule(pod.metadata.uid, WRITE_DELAY_MS)
    return next
  }

  /** The Pod holds nothing on the node any more: its object is deleted once it is marked for that. */
  finish(pod: Pod): void {
    const entry = this.entries.get(pod.metadata.uid)
    if (!entry) return
    entry.pod = pod
    entry.isFinished = true
    this.schedule(pod.metadata.uid, WRITE_DELAY_MS)
  }

  /** Writes again what the phase held back. */
  flush(uid: string): void {
    if (this.entries.has(uid)) this.schedule(uid, WRITE_DELAY_MS)
  }

  /** The Pod as the API shows it: where its status is not what this kubelet says, it will be written again. */
  reconcile(pod: Pod): void {
    const { uid } = pod.metadata
    const entry = this.entries.get(uid)
    if (!entry || entry.isWriteDue || isSameValue(pod.status, this.merge(pod, entry))) return
    const { engine, client } = this.options
    retryAfter(engine, client, RETRY_MS, 'pod status', () => {
      if (!this.isStopped && this.entries.get(uid) === entry) this.schedule(uid, WRITE_DELAY_MS)
    })
  }

  forget(uid: string): void {
    this.entries.delete(uid)
    this.held.delete(uid)
  }

  stop(): void {
    this.isStopped = true
    this.options.engine.cancel(this.batch)
  }

  /** A static Pod has a mirror that nobody has written to yet. */
  mirrored(uid: string): void {
    if (!this.entries.has(uid)) return
    this.held.add(uid)
    this.batchLater()
  }

  /** Of those that wait for a mirror, what has one by now: with any change of a status, and every ten seconds. Source: syncBatch */
  private writeHeld(): void {
    for (const uid of [...this.held]) {
      const entry = this.entries.get(uid)
      if (entry && !this.options.isShown(entry.pod)) continue
      this.held.delete(uid)
      if (entry) this.schedule(uid, WRITE_DELAY_MS)
    }
  }

  /** @param hasWaited at a batch before: nobody has to wait for it */
  private batchLater(hasWaited = false): void {
    const { engine } = this.options
    if (this.held.size === 0 || this.batch) return
    const turns = Math.floor((engine.nowMs - this.startedMs) / RETRY_MS) + 1
    const write = (): void => {
      this.batch = undefined
      this.writeHeld()
      this.batchLater(true)
    }
    const dueMs = this.startedMs + turns * RETRY_MS
    this.batch = engine.at(dueMs, 'pod statuses', write, { background: hasWaited })
  }

  private schedule(uid: string, delayMs: number): void {
    const entry = this.entries.get(uid)!
    if (entry.isWriteDue) return
    if (entry.pod.metadata.annotations?.[staticAnnotation] === 'file' && !this.options.isShown(entry.pod)) {
      this.held.add(uid)
      this.batchLater()
      return
    }
    entry.isWriteDue = true
    const { engine, client } = this.options
    retryAfter(engine, client, delayMs, 'pod status', () => {
      entry.isWriteDue = false
      if (!this.isStopped && this.entries.get(uid) === entry) this.write(uid, entry)
    })
  }

  private write(uid: string, entry: Entry): void {
    const { client, engine, actor } = this.options
    const key = keyOf(entry.pod)
    try {
      const current = client.find(pods, key)
      const isSame = current?.metadata.uid === uid || current?.metadata.annotations?.[mirrorAnnotation] === uid
      if (!current || !isSame) {
        // The object of a static Pod comes and goes; what it stands for stays.
        if (!entry.pod.metadata.annotations?.[staticAnnotation]) this.entries.delete(uid)
        return
      }
      const status = this.merge(current, entry)
      if (!isSameValue(current.status, status)) {
        engine.trace.record(actor, 'status', { kind: 'Pod', ...key }, traceDetail(status))
        client.updateStatus(pods, { ...current, status })
      }
      if (entry.isFinished && current.metadata.uid === uid && current.metadata.deletionTimestamp) {
        engine.trace.record(actor, 'delete finished Pod', { kind: 'Pod', ...key })
        client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid } })
        this.entries.delete(uid)
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (isStatus(error, 'NotFound')) this.entries.delete(uid)
      else this.schedule(uid, RETRY_MS)
    } finally {
      client.takeChargedMs?.()
    }
  }

  private merge(current: Pod, entry: Entry): PodStatus {
    const old = current.status
    const others = (old.conditions ?? []).filter((condition) => !kubeletConditions.has(condition.type))
    const own = (entry.status.conditions ?? []).filter(
      (condition) => kubeletConditions.has(condition.type) || condition.type === 'DisruptionTarget',
    )
    const ownTypes = new Set(own.map(({ type }) => type))
    const kept = others.filter(({ type }) => !ownTypes.has(type))
    const isEnding = isFinal(entry.status.phase) && !isFinal(old.phase)
    const status = { ...entry.status, conditions: [...kept, ...own] }
    if (!entry.status.conditions) status.conditions = old.conditions ?? []
    // The claims are the controller's to tell of.
    if (old.resourceClaimStatuses) status.resourceClaimStatuses = old.resourceClaimStatuses
    if (isEnding && this.options.mayHaveRunningContainers(current.metadata.uid)) {
      status.phase = old.phase
      for (const field of ['reason', 'message'] as const) {
        if (old[field] === undefined) delete status[field]
        else status[field] = old[field]
      }
    }
    return status
  }
}

/** The lists of container statuses whose termination messages take more than their share. Source: normalizeStatus */
function shortenedStatuses(status: PodStatus): Partial<PodStatus> {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const
  const count = lists.reduce((sum, list) => sum + (status[list]?.length ?? 0), 0)
  const most = Math.floor(MAX_MESSAGES_LENGTH / count)
  const isLong = ({ terminated }: ContainerState): boolean => (terminated?.message?.length ?? 0) > most
  const shortened = (state: ContainerState): ContainerState =>
    isLong(state) ? { terminated: { ...state.terminated!, message: state.terminated!.message!.slice(0, most) } } : state
  const changed: Partial<PodStatus> = {}
  for (const list of lists)
    if (status[list]?.some(({ state, lastState }) => isLong(state) || isLong(lastState)))
      changed[list] = status[list].map((container) => ({
        ...container,
        state: shortened(container.state),
        lastState: shortened(container.lastState),
      }))
  return changed
}

const isFinal = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'

function withTransition(condition: Condition, old: PodStatus, now: string): Condition {
  if (!kubeletConditions.has(condition.type)) return condition
  const before = findCondition(old.conditions, condition.type)
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now
  return { ...condition, lastProbeTime: null, lastTransitionTime }
}

const traceDetail = (status: PodStatus): Record<string, unknown> => ({
  phase: status.phase,
  ready: findCondition(status.conditions, 'Ready')?.status,
  containers: status.containerStatuses?.map((container) => {
    const { waiting, running, terminated } = container.state
    return `${container.name}: ${waiting ? (waiting.reason ?? 'waiting') : running ? 'running' : (terminated?.reason ?? 'terminated')}`
  }),
})
