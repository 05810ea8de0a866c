/**
 * A client of the API server, in the same process: one identity's way to it. Simplified: what one reconcile asks is done at once, and
 * its worker is busy for as long as the client's rate would have held it back; so a ReplicaSet of hundreds has its Pods in a moment, and
 * is looked at again when a real one would have made the last of them.
 */
import type { Kind } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { unreachable } from '../api/meta/status-error.ts'
import type { Client, UserInfo, Watch, WatchEvent, WatchOptions } from '../client/client.ts'
import { JoinedLink, type Link } from '../client/link.ts'
import type { RequestRate } from '../client/machinery.ts'
import { createTokenBucket } from '../client/token-bucket.ts'
import type { ApiServer } from './api-server.ts'
import type { Caller } from './caller.ts'
import { managedFieldsOf } from './managed-fields/managers.ts'

export interface ClientOptions {
  user: UserInfo
  /** `kubectl-create`, `kube-controller-manager`: what owns the fields it writes. */
  fieldManager: string
  /** A component of the cluster itself: its objects are built by type, and need no strict decoding. */
  isTrusted?: boolean
  /** Virtual milliseconds that a request takes. */
  latencyMs?: number
  /** Virtual milliseconds between a write and its delivery to this client's watches. */
  watchLatencyMs?: number
  /** What lies between the client and the server, and may be cut. */
  link?: Link
  /** The server's own, which trusts what it shows. */
  isLoopback?: boolean
  /** What it holds itself to; without one, nothing. */
  requestRate?: RequestRate
}

/** Adds to Client what the machinery needs to know of the time that calls take. */
export interface ChargedClient extends Client {
  /** Virtual milliseconds that the requests since the last call of this took. */
  takeChargedMs(): number
}

export function createClient(server: ApiServer, options: ClientOptions): ChargedClient {
  const latencyMs = options.latencyMs ?? 1
  const watchLatencyMs = options.watchLatencyMs ?? 2
  const bucket = options.requestRate && createTokenBucket(options.requestRate.perSecond, options.requestRate.burst)
  let chargedMs = 0
  const caller: Caller = {
    user: options.user,
    fieldManager: options.fieldManager,
    isTrusted: options.isTrusted ?? false,
    warn: (text) => void client.warnings.push(text),
    spend: (ms) => {
      chargedMs += ms
    },
  }
  // Who is the API server itself comes over its loopback.
  const far = options.isLoopback ? server.process : server.link
  const link: Link = options.link ? new JoinedLink(options.link, far) : far
  const asked = <T>(call: () => T): T => {
    // It waits for its turn before it asks. Whoever asks does so at once; that it waits is what it is busy with.
    if (bucket) chargedMs = Math.max(chargedMs, bucket.reserveMs(server.engine.nowMs))
    chargedMs += latencyMs
    client.warnings = []
    const { failure } = link
    if (failure !== undefined) throw unreachable(failure)
    server.takeSpentMs()
    try {
      return call()
    } finally {
      chargedMs += server.takeSpentMs()
    }
  }
  /** A watch that ends when its way is cut. */
  const watch = <T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watch => {
    const open = server.watch(caller, kind, options, onEvent)
    const stop = (): void => {
      leave()
      open.stop()
    }
    const leave = link.onChange(() => {
      const { failure } = link
      if (failure === undefined) return
      stop()
      onEvent({ type: 'ERROR', object: unreachable(failure).toStatus() as unknown as T })
    })
    return { stop }
  }
  const generic = <T extends KubeObject>(kind: Kind<T>): Kind => kind as unknown as Kind
  const client: ChargedClient & { warnings: string[] } = {
    user: options.user,
    warnings: [],
    takeChargedMs() {
      const charged = chargedMs
      chargedMs = 0
      return charged
    },
    get: (kind, key) => asked(() => server.get(caller, kind, key)),
    managedFields: (kind, object) => managedFieldsOf(kind, server.versionOf(kind, object)),
    find: (kind, key) => asked(() => server.find(caller, kind, key)),
    list: (kind, list = {}) => asked(() => server.list(caller, kind, list)),
    create: (kind, object, write = {}) => asked(() => server.create(caller, kind, object, write)),
    update: (kind, object, write = {}) =>
      asked(() =>
        write.subresource
          ? server.updatePart(caller, kind, object, write.subresource, write)
          : server.update(caller, kind, object, write),
      ),
    updateStatus: (kind, object, write = {}) => asked(() => server.updateStatus(caller, kind, object, write)),
    patch: (kind, key, type, patch, write = {}) =>
      asked(() => server.patch(caller, kind, key, type, patch, write, write.subresource)),
    patchStatus: (kind, key, type, patch, write = {}) =>
      asked(() => server.patch(caller, kind, key, type, patch, write, 'status')),
    apply: (kind, object, apply = {}) => asked(() => server.apply(caller, kind, object, apply)),
    delete: (kind, key, remove = {}) => asked(() => server.delete(caller, kind, key, remove)),
    deleteCollection: (kind, selection) => asked(() => server.deleteCollection(caller, kind, selection, {})),
    getScale: (kind, key) => asked(() => server.getScale(caller, kind, key)),
    updateScale: (kind, key, replicas) => asked(() => server.updateScale(caller, kind, key, replicas)),
    createSubresource: (kind, key, subresource, body, write = {}) =>
      asked(() => server.createSubresource(caller, generic(kind), key, subresource, body, write)),
    link,
    watch: (kind, options: WatchOptions, onEvent) =>
      asked(() => watch(kind, { latencyMs: watchLatencyMs, ...options }, onEvent)),
  }
  return client
}
