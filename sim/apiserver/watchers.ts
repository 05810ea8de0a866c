/**
 * Watch fan-out: each change of the store reaches those who watch its resource, a little later, in order. Watchers that ask
 * for one value of a field (`spec.nodeName=node-1`, `metadata.name=web`) are found by that value and cost nothing otherwise.
 */
import type { KubeObject } from '../api/meta/object.ts'
import type { WatchEvent, WatchEventType } from '../client/client.ts'
import type { Engine } from '../engine/engine.ts'
import { charge } from '../engine/work.ts'
import type { Change } from '../etcd/etcd.ts'

export interface WatcherOptions {
  bucket: string
  /** Only objects of this namespace; '' for all. */
  namespace: string
  matches: (object: KubeObject) => boolean
  /** A field the matching objects have in common, to find the watcher by. */
  index?: { path: readonly string[]; value: string }
  /** Undefined for somebody outside the cluster: told at once, and without an event of the engine, so that looking changes nothing. */
  latencyMs: number | undefined
  label: string
  onEvent: (event: WatchEvent<KubeObject>) => void
}

interface Watcher extends WatcherOptions {
  isStopped: boolean
  isFlushDue: boolean
  pending: { event: WatchEvent<KubeObject>; record: number }[]
}

interface Watched {
  all: Set<Watcher>
  /** index path -> value -> watchers */
  byValue: Map<string, { path: readonly string[]; watchers: Map<string, Set<Watcher>> }>
}

export class Watchers {
  private readonly engine: Engine
  private readonly watched = new Map<string, Watched>()
  private open = 0

  constructor(engine: Engine) {
    this.engine = engine
  }

  /** Watches that are held open now. */
  get count(): number {
    return this.open
  }

  /** Registers a watcher; `past` are changes it has to be told of first. */
  add(options: WatcherOptions, past: readonly Change[]): { stop: () => void } {
    const watcher: Watcher = { ...options, isStopped: false, isFlushDue: false, pending: [] }
    const watched = this.of(options.bucket)
    let home: Set<Watcher>
    if (options.index) {
      const { path, value } = options.index
      const name = path.join('.')
      let index = watched.byValue.get(name)
      if (!index) {
        index = { path, watchers: new Map() }
        watched.byValue.set(name, index)
      }
      home = index.watchers.get(value) ?? new Set()
      index.watchers.set(value, home)
    } else home = watched.all
    home.add(watcher)
    this.open++
    charge(past.length)
    for (const change of past) if (change.bucket === options.bucket) this.offer(watcher, change)
    return {
      stop: () => {
        if (watcher.isStopped) return
        watcher.isStopped = true
        watcher.pending = []
        home.delete(watcher)
        this.open--
      },
    }
  }

  /** Queues an event for one watcher as it is (bookmarks, initial state). */
  dispatch(change: Change): void {
    const watched = this.watched.get(change.bucket)
    if (!watched) return
    for (const watcher of watched.all) this.offer(watcher, change)
    for (const { path, watchers } of watched.byValue.values()) {
      const now = textAt(change.value, path)
      const before = change.previous ? textAt(change.previous, path) : now
      for (const watcher of watchers.get(now) ?? []) this.offer(watcher, change)
      if (before !== now) for (const watcher of watchers.get(before) ?? []) this.offer(watcher, change)
    }
  }

  private of(bucket: string): Watched {
    let watched = this.watched.get(bucket)
    if (!watched) {
      watched = { all: new Set(), byValue: new Map() }
      this.watched.set(bucket, watched)
    }
    return watched
  }

  private offer(watcher: Watcher, change: Change): void {
    charge(2)
    if (watcher.namespace && change.value.metadata.namespace !== watcher.namespace) return
    const type = eventType(watcher, change)
    if (!type) return
    const event = { type, object: type === 'DELETED' ? lastMatch(change) : change.value }
    const { latencyMs } = watcher
    if (latencyMs === undefined) {
      if (!watcher.isStopped) watcher.onEvent(event)
      return
    }
    watcher.pending.push({ event, record: change.record })
    if (watcher.isFlushDue) return
    watcher.isFlushDue = true
    this.engine.after(latencyMs, watcher.label, () => this.flush(watcher))
  }

  private flush(watcher: Watcher): void {
    watcher.isFlushDue = false
    const batch = watcher.pending
    watcher.pending = []
    for (const { event, record } of batch) {
      if (watcher.isStopped) return
      this.engine.trace.current = record
      watcher.onEvent(event)
    }
  }
}

/**
 * What a watcher is told to be gone: the object as it last was in its selection, with the revision at which it left.
 * Source: k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go convertToWatchEvent
 */
function lastMatch({ type, value, previous }: Change): KubeObject {
  if (type === 'DELETED' || !previous) return value
  const { resourceVersion } = value.metadata
  return { ...previous, metadata: { ...previous.metadata, resourceVersion } }
}

/** What a change is to a watcher with a selector: entering the selection is ADDED, leaving it is DELETED. */
function eventType(watcher: Watcher, change: Change): WatchEventType | undefined {
  const isMatch = watcher.matches(change.value)
  if (change.type === 'ADDED') return isMatch ? 'ADDED' : undefined
  const wasMatch = change.previous ? watcher.matches(change.previous) : false
  if (change.type === 'DELETED') return wasMatch || isMatch ? 'DELETED' : undefined
  if (isMatch) return wasMatch ? 'MODIFIED' : 'ADDED'
  return wasMatch ? 'DELETED' : undefined
}

function textAt(object: KubeObject, path: readonly string[]): string {
  let at: unknown = object
  for (const name of path) at = (at as Record<string, unknown> | undefined)?.[name]
  return at === undefined ? '' : String(at)
}
