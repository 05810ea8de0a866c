/** Keeps a copy of a collection: list once, watch from there, and list again whenever the watch breaks. */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { Engine } from '../engine/engine.ts'
import type { Client, ListOptions, Watch } from './client.ts'
import { type Retry, retryAfter } from './retry.ts'

export interface ReflectorTarget<T> {
  /** The whole collection, as a list gave it. */
  replace(objects: readonly T[]): void
  put(object: T): void
  remove(object: T): void
}

/** Told whenever a kind could not be listed: it is tried again. */
export type OnListFailed = (kind: Pick<Kind<KubeObject>, 'version' | 'kind'>, error: StatusError) => void

export interface Reflector {
  start(): void
  stop(): void
}

// client-go's reflector: 800 ms doubling to 30 s, each wait lengthened by up to its own length, anew after two quiet minutes.
const FIRST_BACKOFF_MS = 800
const LAST_BACKOFF_MS = 30_000
const BACKOFF_RESET_MS = 120_000

/**
 * Lists and watches `kind`, telling `target` of every change. A watch that ends with an error (410 Expired when the
 * revision was compacted away, an API server that went down) is answered with a new list, after a back-off.
 */
export function createReflector<T extends KubeObject>(
  engine: Engine,
  client: Client,
  kind: Kind<T>,
  options: ListOptions,
  target: ReflectorTarget<T>,
  onFailed?: OnListFailed,
): Reflector {
  let watch: Watch | undefined
  let retry: Retry | undefined
  let isStopped = true
  let backoffMs = FIRST_BACKOFF_MS
  let lastFailureMs = Number.NEGATIVE_INFINITY

  const listAndWatch = (): void => {
    retry = undefined
    try {
      const list = client.list(kind, options)
      client.takeChargedMs?.()
      target.replace(list.items)
      watch = client.watch(
        kind,
        { ...options, resourceVersion: list.resourceVersion, allowBookmarks: true },
        (event) => {
          if (isStopped) return
          if (event.type === 'BOOKMARK') return
          if (event.type === 'ERROR') retryLater()
          else if (event.type === 'DELETED') target.remove(event.object)
          else target.put(event.object)
        },
      )
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      onFailed?.(kind, error)
      retryLater()
    }
  }

  const retryLater = (): void => {
    watch?.stop()
    watch = undefined
    if (engine.nowMs - lastFailureMs > BACKOFF_RESET_MS) backoffMs = FIRST_BACKOFF_MS
    lastFailureMs = engine.nowMs
    const delayMs = engine.random('reflector').jitter(backoffMs, 1)
    backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)
    retry?.cancel()
    retry = retryAfter(engine, client, delayMs, `relist ${kind.plural}`, listAndWatch)
  }

  return {
    start() {
      if (!isStopped) return
      isStopped = false
      listAndWatch()
    },
    stop() {
      isStopped = true
      retry?.cancel()
      watch?.stop()
      watch = undefined
    },
  }
}
