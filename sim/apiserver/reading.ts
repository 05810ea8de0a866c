/** Lists and watches. Source: k8s.io/apiserver/pkg/endpoints/handlers/get.go, k8s.io/apiserver/pkg/storage/etcd3/store.go */
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { expired, StatusError } from '../api/meta/status-error.ts'
import type { ListOptions, ObjectList, Watch, WatchEvent, WatchOptions } from '../client/client.ts'
import type { Link } from '../client/link.ts'
import type { Engine } from '../engine/engine.ts'
import { type Change, CompactedError } from '../etcd/etcd.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import { readContinue, writeContinue } from './continue-token.ts'
import type { ObjectStore } from './object-store.ts'
import { compileSelection, type Selection } from './selection.ts'
import { type VirtualResources, virtualMethod } from './virtual.ts'
import type { Watchers } from './watchers.ts'

export interface ReadParts {
  readonly engine: Engine
  readonly store: ObjectStore
  readonly watchers: Watchers
  readonly access: Access
  readonly virtualResources: VirtualResources
  /** To whoever watches from outside. */
  readonly link: Link
}

export function list<T extends KubeObject>(
  parts: ReadParts,
  caller: Caller,
  kind: Kind<T>,
  options: ListOptions,
): ObjectList<T> {
  const key = { namespace: options.namespace ?? '', name: selectedName(options) }
  parts.access.check(caller, kind, { verb: 'list', key, fieldSelector: options.fieldSelector })
  return select(parts, kind, options)
}

/** What a list gives, for a request that was allowed by another name. */
export function select<T extends KubeObject>(parts: ReadParts, kind: Kind<T>, options: ListOptions): ObjectList<T> {
  const { store } = parts
  const namespace = options.namespace ?? ''
  const selection = compileSelection(kind as unknown as Kind, options)
  const resourceVersion = String(store.etcd.revision)
  if (kind.isVirtual) {
    const items = virtualMethod(parts.virtualResources, kind as unknown as Kind, 'list')(namespace)
    return { items: items.filter(selection.matches) as T[], resourceVersion }
  }
  const page = pageOf(store, options)
  const name = selectedName(options)
  if (name && page.revision === undefined && (namespace || !kind.isNamespaced)) {
    const named = store.get(kind, { namespace, name })
    return { items: named && selection.matches(named) ? [named] : [], resourceVersion }
  }
  try {
    return readPage(store, kind, selection, page)
  } catch (error) {
    if (error instanceof CompactedError) throw expired(LIST_TOO_OLD)
    throw error
  }
}

/** Which part of a list is asked for. */
interface Page {
  prefix: string
  /** The newest unless told. */
  revision: number | undefined
  token: { revision: number | undefined; after: string } | undefined
  limit: number | undefined
}

/** @throws StatusError 410 for a revision that clients may no longer ask for, 504 for one that is yet to come */
function pageOf(store: ObjectStore, options: ListOptions): Page {
  const prefix = options.namespace ? `${options.namespace}/` : ''
  const token = options.continue ? readContinue(options.continue, prefix) : undefined
  const asked = options.resourceVersion ? Number(options.resourceVersion) : 0
  checkRevision(store, asked)
  // A page from a revision is of that revision, whether or not the match says so.
  const isExact = options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && options.limit)
  const revision = token ? token.revision : isExact && asked > 0 ? asked : undefined
  if (token?.revision !== undefined) checkRevision(store, token.revision)
  if (revision !== undefined && revision < store.oldestRevision)
    throw token ? continueExpired(writeContinue(-1, token.after, prefix)) : expired(LIST_TOO_OLD)
  return { prefix, revision, token, limit: options.limit }
}

/** A page is full when as many were found as asked for, not when as many were looked at. */
function readPage<T extends KubeObject>(
  store: ObjectStore,
  kind: Kind<T>,
  selection: Selection,
  { prefix, revision, token, limit }: Page,
): ObjectList<T> {
  const items: T[] = []
  let after = token?.after
  for (;;) {
    const wanted = limit ? limit - items.length : undefined
    const range = store.etcd.range(resourceName(kind), { revision, prefix, after, limit: wanted })
    // A token is written where something is left. Simplified: with nothing left it is of a revision from before there was a server to
    // write it, which is compacted in any cluster that somebody has come to.
    if (token?.revision !== undefined && after === token.after && range.items.length === 0)
      throw continueExpired(writeContinue(-1, token.after, prefix))
    items.push(...store.asRead(kind, range.items as T[]).filter((item) => selection.matches(item)))
    after = range.lastKey
    if (after !== undefined && items.length < (limit ?? 0)) continue
    const next = after === undefined ? undefined : writeContinue(range.revision, after, prefix)
    return {
      items,
      resourceVersion: String(range.revision),
      ...(next ? { continue: next } : {}),
      ...(next && !selection.isSelective ? { remainingItemCount: range.remaining } : {}),
    }
  }
}

/** What the store tells, in the version that is watched. */
function inKind<T extends KubeObject>(
  { store }: ReadParts,
  kind: Kind<T>,
  onEvent: (event: WatchEvent<T>) => void,
): (event: WatchEvent<KubeObject>) => void {
  const deliver = onEvent as (event: WatchEvent<KubeObject>) => void
  if (!kind.custom) return deliver
  return (event) => {
    let told = event
    try {
      if (event.type !== 'ERROR') told = { ...event, object: store.asRead(kind as unknown as Kind, [event.object])[0] }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      told = errorEvent(error)
    }
    deliver(told)
  }
}

/** A watch of a component: what it is told takes virtual time. */
export function watch<T extends KubeObject>(
  parts: ReadParts,
  caller: Caller,
  kind: Kind<T>,
  options: WatchOptions,
  onEvent: (event: WatchEvent<T>) => void,
): Watch {
  const { engine, store, watchers } = parts
  const namespace = options.namespace ?? ''
  checkWatch(parts, caller, kind, options)
  const bucket = resourceName(kind)
  const selection = compileSelection(kind as unknown as Kind, options)
  const from = revisionOf(options)
  const latencyMs = options.latencyMs ?? 2
  const label = `watch ${bucket}`
  const deliver = inKind(parts, kind, onEvent)
  try {
    const past = from === undefined ? [] : store.etcd.changesAfter(from)
    const { matches, index } = selection
    const watcher = watchers.add({ bucket, namespace, matches, index, latencyMs, label, onEvent: deliver }, past)
    if (from === undefined) {
      const current = store.list(kind, namespace).filter(matches)
      engine.after(latencyMs, label, () => {
        for (const object of current) deliver({ type: 'ADDED', object })
      })
    }
    return watcher
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error
    const gone = tooOld(from ?? 0, error.compactRevision)
    const timer = engine.after(latencyMs, label, () => deliver(errorEvent(gone)))
    return { stop: () => engine.cancel(timer) }
  }
}

/**
 * A watch from outside the cluster: it is told at once, and leaves no trace in the cluster's history.
 * @param onEnd the server is gone
 */
export function observe<T extends KubeObject>(
  parts: ReadParts,
  caller: Caller,
  kind: Kind<T>,
  options: WatchOptions,
  onEvent: (event: WatchEvent<T>) => void,
  onEnd: () => void,
): Watch {
  const { store, watchers, link } = parts
  const { namespace, selection, from } = checkObservation(parts, caller, kind, options)
  const deliver = inKind(parts, kind, onEvent)
  const bucket = resourceName(kind)
  const startsWithState =
    options.sendInitialEvents ?? (options.resourceVersion === undefined || options.resourceVersion === '0')
  let past: readonly Change[] = []
  if (startsWithState) {
    for (const object of store.list(kind, namespace)) if (selection.matches(object)) deliver({ type: 'ADDED', object })
  } else if (from !== undefined) {
    if (from < store.oldestRevision) {
      deliver(errorEvent(tooOld(from, store.oldestRevision)))
      onEnd()
      return { stop: () => undefined }
    }
    past = store.etcd.changesAfter(from)
  }
  const { matches, index } = selection
  const label = `watch ${bucket}`
  const watcher = watchers.add(
    { bucket, namespace, matches, index, latencyMs: undefined, label, onEvent: deliver },
    past,
  )
  const stop = (): void => {
    leave()
    watcher.stop()
  }
  const leave = link.onChange(() => {
    if (link.failure === undefined) return
    stop()
    onEnd()
  })
  return { stop }
}

/**
 * Whether a watch from outside can begin.
 * @throws StatusError 403, 400 for a selector that cannot be read, 405, 504 for a revision that is yet to come
 */
export function checkObservation<T extends KubeObject>(
  parts: ReadParts,
  caller: Caller,
  kind: Kind<T>,
  options: WatchOptions,
): { namespace: string; selection: Selection; from: number | undefined } {
  checkWatch(parts, caller, kind, options)
  if (kind.isVirtual)
    throw new StatusError(
      405,
      'MethodNotAllowed',
      `watch is not supported on resources of kind ${JSON.stringify(resourceName(kind))}`,
    )
  const selection = compileSelection(kind as unknown as Kind, options)
  const from = revisionOf(options)
  checkRevision(parts.store, from ?? 0)
  return { namespace: options.namespace ?? '', selection, from }
}

/** @throws StatusError 504 for a revision that is yet to come */
export function checkRevision({ etcd }: ObjectStore, asked: number): void {
  if (asked > etcd.revision) throw tooLarge(asked, etcd.revision)
}

function checkWatch<T extends KubeObject>(
  { access }: ReadParts,
  caller: Caller,
  kind: Kind<T>,
  options: WatchOptions,
): void {
  const key = { namespace: options.namespace ?? '', name: selectedName(options) }
  access.check(caller, kind, { verb: 'watch', key, fieldSelector: options.fieldSelector })
}

const revisionOf = ({ resourceVersion }: WatchOptions): number | undefined =>
  resourceVersion && resourceVersion !== '0' ? Number(resourceVersion) : undefined

/** The one object that a field selector leaves, as authorizers see it. */
const selectedName = ({ fieldSelector }: ListOptions): string =>
  (fieldSelector && /^metadata\.name==?([^=,\\]+)$/.exec(fieldSelector)?.[1]) || ''

const errorEvent = (error: StatusError): WatchEvent<KubeObject> => ({
  type: 'ERROR',
  object: error.toStatus() as unknown as KubeObject,
})

const tooOld = (asked: number, kept: number): StatusError => expired(`too old resource version: ${asked} (${kept})`)

/** Source: k8s.io/apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError */
const tooLarge = (asked: number, current: number): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })

const LIST_TOO_OLD = 'The resourceVersion for the provided list is too old.'

/** Source: k8s.io/apiserver/pkg/storage/etcd3/errors.go */
const continueExpired = (token: string): StatusError =>
  new StatusError(
    410,
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    undefined,
    { continue: token },
  )
