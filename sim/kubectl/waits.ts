/** Waiting for the cluster: watches and deadlines as things that a command can yield. */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Client, Watch, WatchEvent, WatchOptions } from '../client/client.ts'
import { type Driven, drive } from '../runtime/drive.ts'
import { type Wait, waitFor } from '../runtime/process.ts'
import type { KubectlContext } from './context.ts'
import { LoggedClient } from './request-log.ts'

/** A watch whose events are taken one by one. Close it, or it goes on. */
export class EventQueue {
  private readonly events: WatchEvent<KubeObject>[] = []
  private readonly watch: Watch
  private wake: (() => void) | undefined

  constructor(client: Client, kind: Kind, options: WatchOptions) {
    this.watch = client.watch(kind, options, (event) => {
      if (event.type === 'BOOKMARK') return
      this.events.push(event)
      this.wake?.()
    })
  }

  /** The next event; undefined when `untilEpochMs` has come first. */
  *next(context: KubectlContext, untilEpochMs?: number): Generator<Wait, WatchEvent<KubeObject> | undefined, unknown> {
    while (this.events.length === 0) {
      const leftMs = untilEpochMs === undefined ? undefined : untilEpochMs - context.nowEpochMs()
      if (leftMs !== undefined && leftMs <= 0) return undefined
      yield this.wakeUp(context, leftMs)
    }
    return this.events.shift()
  }

  close(): void {
    this.watch.stop()
  }

  private wakeUp(context: KubectlContext, leftMs: number | undefined): Wait {
    return {
      start: (resume) => {
        let isDone = false
        let cancelSleep = (): void => {}
        const stop = (): void => {
          isDone = true
          this.wake = undefined
          cancelSleep()
        }
        const end = (): void => {
          if (isDone) return
          stop()
          resume(undefined)
        }
        this.wake = end
        if (leftMs !== undefined) cancelSleep = context.sleep(leftMs).start(end)
        return stop
      },
    }
  }
}

/**
 * The states of one object: what it is now, then each change; undefined when it is gone. Ends when the deadline has come.
 * @param untilEpochMs never when left out
 */
export function* eachState(
  context: KubectlContext,
  client: Client,
  kind: Kind,
  key: { namespace: string; name: string },
  onState: (object: KubeObject | undefined) => boolean,
  untilEpochMs?: number,
): Generator<Wait, 'done' | 'timeout', unknown> {
  const options = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}` }
  const source = client instanceof LoggedClient ? client.asWatchList(kind, options) : client
  const list = source.list(kind, options)
  if (onState(list.items[0])) return 'done'
  const queue = new EventQueue(source, kind, { ...options, resourceVersion: list.resourceVersion })
  try {
    for (;;) {
      const event = yield* queue.next(context, untilEpochMs)
      if (!event) return 'timeout'
      if (event.type === 'ERROR') continue
      if (onState(event.type === 'DELETED' ? undefined : event.object)) return 'done'
    }
  } finally {
    queue.close()
  }
}

/** Runs all at once. Ends when all have, or one of them fails: with what it threw. */
export function* together(runs: readonly Generator<Wait, void, unknown>[]): Generator<Wait, void, unknown> {
  const failure = yield* waitFor<{ error: unknown } | undefined>({
    start(resume) {
      const driven: Driven[] = []
      let left = runs.length
      let isOver = false
      const stop = (): void => {
        isOver = true
        for (const one of driven) one.interrupt()
      }
      const end = (failure?: { error: unknown }): void => {
        if (isOver) return
        left--
        if (left > 0 && !failure) return
        stop()
        resume(failure)
      }
      for (const run of runs) {
        if (isOver) break
        driven.push(
          drive(
            run,
            () => end(),
            (error) => end({ error }),
          ),
        )
      }
      return stop
    },
  })
  if (failure) throw failure.error
}
