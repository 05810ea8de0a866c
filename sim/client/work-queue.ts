/** The queue between "something changed" and "reconcile it". Source: k8s.io/client-go/util/workqueue */
import { StatusError } from '../api/meta/status-error.ts'
import type { Engine, Timer } from '../engine/engine.ts'
import type { WorkQueue, WorkQueueOptions } from './machinery.ts'
import { createTokenBucket } from './token-bucket.ts'

export interface WorkQueueSettings extends WorkQueueOptions {
  /** Milliseconds that the API calls since the last asking took: see Client.takeChargedMs. */
  takeChargedMs?: () => number
}

// DefaultTypedControllerRateLimiter: the longer of the key's own back-off and a bucket that all keys share.
const BASE_DELAY_MS = 5
const MAX_DELAY_MS = 1_000_000
const BUCKET_PER_SECOND = 10
const BUCKET_BURST = 100

// After everything else of the same millisecond, so that changes delivered together cost one reconcile.
const PRIORITY = 10

/**
 * A queue that runs `options.reconcile` for each key added: a key waits at most once, is never in work twice at a time,
 * and one that is added while in work is taken up again when that is over. A StatusError retries the key after a
 * back-off; any other error is a bug and goes through to the caller of the engine.
 */
export function createWorkQueue(engine: Engine, options: WorkQueueSettings): WorkQueue {
  const { name, metricName = name, reconcile, maxRetries, takeChargedMs } = options
  const workers = options.workers ?? 1
  const baseDelayMs = options.baseDelayMs ?? BASE_DELAY_MS
  const maxDelayMs = options.maxDelayMs ?? MAX_DELAY_MS
  const bucket = createTokenBucket(BUCKET_PER_SECOND, BUCKET_BURST)
  const label = `queue ${name}`

  /** Keys that need a reconcile, in order of arrival, each with what made it need one. */
  const waiting = new Map<string, number>()
  const processing = new Set<string>()
  /** Keys added while they were in work. */
  const again = new Map<string, number>()
  const delayed = new Map<string, Timer>()
  const failures = new Map<string, number>()
  let wakeUp: Timer | undefined
  let isStopped = false
  let adds = 0
  let retries = 0

  const add = (key: string): void => {
    if (isStopped) return
    if (waiting.has(key) || again.has(key)) return
    adds++
    if (processing.has(key)) again.set(key, engine.trace.current)
    else enqueue(key, engine.trace.current)
  }

  const enqueue = (key: string, cause: number): void => {
    waiting.set(key, cause)
    wake()
  }

  const wake = (): void => {
    if (wakeUp || waiting.size === 0 || processing.size >= workers) return
    wakeUp = engine.after(0, label, work, { priority: PRIORITY })
  }

  const work = (): void => {
    wakeUp = undefined
    while (!isStopped && processing.size < workers) {
      const next = waiting.entries().next()
      if (next.done) return
      const [key, cause] = next.value
      waiting.delete(key)
      processing.add(key)
      engine.trace.under(cause, () => process(key))
      const busyMs = takeChargedMs?.() ?? 0
      if (busyMs > 0) engine.after(busyMs, label, () => done(key))
      else done(key)
    }
  }

  const process = (key: string): void => {
    try {
      reconcile(key)
      failures.delete(key)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (maxRetries !== undefined && (failures.get(key) ?? 0) >= maxRetries) failures.delete(key)
      else addRateLimited(key)
    }
  }

  const done = (key: string): void => {
    processing.delete(key)
    const cause = again.get(key)
    if (cause !== undefined) {
      again.delete(key)
      if (!isStopped) engine.trace.under(cause, () => enqueue(key, cause))
    }
    wake()
  }

  const addAfter = (key: string, delayMs: number): void => {
    if (isStopped) return
    retries++
    if (delayMs <= 0) {
      add(key)
      return
    }
    const pending = delayed.get(key)
    if (pending && pending.dueMs <= engine.nowMs + delayMs) return
    engine.cancel(pending)
    const timer = engine.after(delayMs, label, () => {
      delayed.delete(key)
      add(key)
    })
    delayed.set(key, timer)
  }

  const addRateLimited = (key: string): void => {
    const count = failures.get(key) ?? 0
    failures.set(key, count + 1)
    const backoffMs = Math.min(baseDelayMs * 2 ** count, maxDelayMs)
    addAfter(key, Math.max(backoffMs, bucket.reserveMs(engine.nowMs)))
  }

  return {
    add,
    addAfter,
    addRateLimited,
    forget: (key) => failures.delete(key),
    get figures() {
      return { name: metricName, depth: waiting.size + again.size, adds, retries }
    },
    stop() {
      isStopped = true
      engine.cancel(wakeUp)
      for (const timer of delayed.values()) engine.cancel(timer)
      waiting.clear()
      again.clear()
      delayed.clear()
    },
  }
}
