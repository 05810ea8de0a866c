/** Leader election by a Lease: of several processes one works, and the others wait. Source: k8s.io/client-go/tools/leaderelection */
import { leases } from '../api/coordination/lease.ts'
import type { Lease } from '../api/coordination/types.ts'
import { keyOf, type ObjectKey } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { type Engine, microTimestampOf, type Timer } from '../engine/engine.ts'
import type { Client } from './client.ts'
import type { EventRecorder, RunningComponent } from './machinery.ts'
import { type Retry, retryAfter } from './retry.ts'

// --leader-elect-lease-duration, --leader-elect-renew-deadline, --leader-elect-retry-period
const LEASE_SECONDS = 15
const RENEW_DEADLINE_MS = 10_000
const RETRY_MS = 2000
const RETRY_JITTER = 1.2

/**
 * Renewals that nobody looks at are not written: while all is well the store is told only how to reckon the last one. What
 * may make them fail, a cut way to the server or a Lease that somebody else has written, is followed by real attempts.
 */
export interface Renewal {
  /** spec.renewTime as of now. */
  renewTime(): string
  /** Somebody else wrote or deleted the Lease. */
  onOverwritten(): void
}

export interface LeaderElectionOptions {
  engine: Engine
  client: Client
  recorder: EventRecorder
  lease: ObjectKey
  /** `control-plane_7f0c…`: another one for each process. */
  identity: string
  /** Returns how to end it; the last renewal is stored then. */
  keepRenewed(lease: ObjectKey, renewal: Renewal): () => void
  /** Calls when the server may answer and still not be able to write. Returns how to leave. */
  onTrouble?(listener: () => void): () => void
  /** Whether the server can write now. */
  isWritable?(): boolean
  /** Told why the server did not answer. */
  onRefused?(why: string): void
  onStartedLeading(): void
  onStoppedLeading(): void
}

/** What a process saw last of the Lease, and when it saw it for the first time. */
interface Observation {
  text: string
  atMs: number
}

export function startLeaderElection(options: LeaderElectionOptions): RunningComponent {
  const { engine, client, recorder, lease: key, identity, keepRenewed } = options
  const label = `leader election ${key.name}`
  let observed: Observation | undefined
  let wait: Retry | undefined
  let leading: Leadership | undefined
  let isStopped = false

  function acquire(): void {
    const lease = tryAcquireOrRenew()
    if (lease) lead(lease)
    else wait = retryAfter(engine, client, engine.random(label).jitter(RETRY_MS, RETRY_JITTER), label, acquire)
  }

  /** The Lease when it is this process's now. */
  function tryAcquireOrRenew(): Lease | undefined {
    const now = microTimestampOf(engine.epochMs)
    const own = { holderIdentity: identity, leaseDurationSeconds: LEASE_SECONDS, renewTime: now }
    try {
      const found = client.find(leases, key)
      if (!found)
        return client.create(leases, { metadata: key, spec: { ...own, acquireTime: now, leaseTransitions: 0 } })
      const { spec } = found
      const text = JSON.stringify(spec)
      if (observed?.text !== text) observed = { text, atMs: engine.nowMs }
      const isOwn = spec.holderIdentity === identity
      if (spec.holderIdentity && !isOwn && observed.atMs + LEASE_SECONDS * 1000 > engine.nowMs) return undefined
      const since = isOwn
        ? { acquireTime: spec.acquireTime, leaseTransitions: spec.leaseTransitions }
        : { acquireTime: now, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 }
      return client.update(leases, { ...found, spec: { ...spec, ...own, ...since } })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      options.onRefused?.(error.message)
      return undefined
    } finally {
      client.takeChargedMs?.()
    }
  }

  function lead(lease: Lease): void {
    leading = new Leadership(engine, label, {
      link: client.link,
      onTrouble: options.onTrouble,
      renew: () => tryAcquireOrRenew() !== undefined,
      keepRenewed: (renewal) => keepRenewed(keyOf(lease), renewal),
      onLost() {
        leading = undefined
        // The process ends at once, and takes with it what cannot be written now.
        if (client.link?.failure === undefined && options.isWritable?.() !== false)
          recorder.event(lease, 'Normal', 'LeaderElection', `${identity} stopped leading`)
        options.onStoppedLeading()
      },
    })
    recorder.event(lease, 'Normal', 'LeaderElection', `${identity} became leader`)
    options.onStartedLeading()
  }

  acquire()
  return {
    stop() {
      if (isStopped) return
      isStopped = true
      wait?.cancel()
      leading?.end()
    },
  }
}

interface LeadershipOptions extends Pick<LeaderElectionOptions, 'onTrouble'> {
  link: Client['link']
  /** True when the Lease was renewed. */
  renew(): boolean
  keepRenewed(renewal: Renewal): () => void
  onLost(): void
}

/** The time from getting the Lease to losing it. */
class Leadership {
  private readonly engine: Engine
  private readonly label: string
  private readonly options: LeadershipOptions
  private readonly leave: () => void
  private readonly release: () => void
  /** The last renewal that is known to have been made; more follow from it each two seconds, unless there is trouble. */
  private renewedMs: number
  private trouble: { untilMs: number; timer: Timer } | undefined

  constructor(engine: Engine, label: string, options: LeadershipOptions) {
    this.engine = engine
    this.label = label
    this.options = options
    this.renewedMs = engine.nowMs
    this.release = options.keepRenewed({
      renewTime: () => microTimestampOf(engine.startEpochMs + this.lastRenewalMs()),
      onOverwritten: () => this.doubt(),
    })
    const leaveLink = options.link?.onChange(() => {
      if (options.link?.failure !== undefined) this.doubt()
    })
    const leaveTrouble = options.onTrouble?.(() => this.doubt())
    this.leave = () => {
      leaveLink?.()
      leaveTrouble?.()
    }
  }

  /** The process is gone without a word: the Lease stays as it was renewed last. */
  end(): void {
    this.engine.cancel(this.trouble?.timer)
    this.leave()
    this.release()
  }

  private lastRenewalMs(): number {
    if (this.trouble) return this.renewedMs
    return this.renewedMs + Math.floor((this.engine.nowMs - this.renewedMs) / RETRY_MS) * RETRY_MS
  }

  /** From here on each renewal is tried. */
  private doubt(): void {
    if (this.trouble) return
    this.renewedMs = this.lastRenewalMs()
    const nextMs = this.renewedMs + RETRY_MS
    this.trouble = { untilMs: nextMs + RENEW_DEADLINE_MS, timer: this.tryAt(nextMs) }
  }

  private tryAt(ms: number): Timer {
    return this.engine.at(ms, this.label, () => this.attempt())
  }

  private attempt(): void {
    const { trouble, engine } = this
    if (!trouble) return
    if (this.options.renew()) {
      this.trouble = undefined
      this.renewedMs = engine.nowMs
    } else if (engine.nowMs < trouble.untilMs) {
      trouble.timer = this.tryAt(Math.min(engine.nowMs + RETRY_MS, trouble.untilMs))
    } else {
      this.end()
      this.options.onLost()
    }
  }
}
