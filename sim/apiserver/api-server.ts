/**
 * The API server: the one door to what is stored, for components and for HTTP. Reading is in `reading.ts`; each way of writing has its
 * file under `writing`, and all end in the one commit there.
 * Sources: k8s.io/apiserver/pkg/registry/generic/registry, k8s.io/apiserver/pkg/endpoints/handlers
 */
import { customResourceDefinitions } from '../api/apiextensions/custom-resource-definition.ts'
import { type Binding, bindings } from '../api/core/binding.ts'
import { pods } from '../api/core/pod.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { Draft, KubeObject, ObjectKey } from '../api/meta/object.ts'
import { randomSuffix } from '../api/meta/safe-names.ts'
import { notFound } from '../api/meta/status-error.ts'
import { ipAddresses } from '../api/networking/ip-address.ts'
import { serviceCidrs } from '../api/networking/service-cidr.ts'
import type {
  ApplyOptions,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchType,
  Scale,
  UserInfo,
  Watch,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../client/client.ts'
import type { Renewal } from '../client/leader-election.ts'
import { JoinedLink, type Link, SwitchedLink } from '../client/link.ts'
import type { Engine } from '../engine/engine.ts'
import { randomUuid } from '../engine/random.ts'
import type { Etcd, Version } from '../etcd/etcd.ts'
import type { EtcdMembers } from '../etcd/members.ts'
import { type Authority, authorityWithKey, clusterAuthorityOf } from '../pki/authority.ts'
import { serverVersion } from '../version.ts'
import { Access } from './access.ts'
import { allowKnown } from './authorization/allow-known.ts'
import type { AuthorizationStore } from './authorization/rbac.ts'
import { type Caller, serverItself } from './caller.ts'
import { CustomResources } from './custom-resources.ts'
import { FlowControl } from './flow-control.ts'
import { ObjectStore } from './object-store.ts'
import { checkObservation, checkRevision, list, observe, type ReadParts, select, watch } from './reading.ts'
import type { Authorization, RequestInfo } from './request.ts'
import type { Selection } from './selection.ts'
import { createServiceAddresses, type ServiceAddresses } from './service-addresses.ts'
import { bindPod, subresources } from './subresources.ts'
import { userOfToken } from './tokens.ts'
import { createReviews, type VirtualResources } from './virtual.ts'
import { Watchers } from './watchers.ts'
import type { Outgoing } from './webhooks/call.ts'
import { admitPart } from './writing/admit.ts'
import { create } from './writing/create.ts'
import { deleteObject } from './writing/delete.ts'
import { giveBack, type WriteParts } from './writing/parts.ts'
import { applyObject, patchObject } from './writing/patch.ts'
import { getScale, updateScale } from './writing/scale.ts'
import { modify, replace, update, updatePart, updateStatus } from './writing/update.ts'

export interface ApiServerOptions {
  engine: Engine
  /** Decides after authentication; everybody but anonymous may do everything unless told. */
  authorization?: (store: AuthorizationStore) => Authorization
  /** Deep-freezes what is stored. */
  strict?: boolean
  /** Folds what is written into the state hash, not only that something was. */
  hashesContent?: boolean
  /** How much of the past is kept, in virtual milliseconds. */
  historyMs?: number
  /** Who has to agree on each write; without them nobody has to. */
  members?: EtcdMembers
  /** When the cluster's certificates were made, in milliseconds since 1970: when it began unless told. */
  certifiedMs?: number
  /** The private key of the cluster's authority, RSA in PEM, for clients outside that check signatures; drawn unless told. */
  authorityKey?: string
}

export class ApiServer {
  readonly engine: Engine
  /** Of an etcd that several nodes keep. */
  readonly members: EtcdMembers | undefined
  /** When the cluster's certificates were made. */
  readonly certifiedMs: number
  /** Which one answers, as `/version` says: the oldest of those that run. */
  release = serverVersion
  /** Whether a request at that path is answered of somebody who shows nothing. */
  admitsAnonymous: (path: string) => boolean = () => true
  /** The cluster's own: what its `ca.crt` holds. */
  readonly authority: Authority
  /** Cut while its process is stopped. What is stored is there all the same. */
  readonly process = new SwitchedLink()
  /** Cut while those who know the cluster's authority do not trust the certificate that it shows. */
  readonly trust = new SwitchedLink()
  /** The way to it, as clients heed it: both of these. */
  readonly link: Link = new JoinedLink(this.process, this.trust)
  readonly etcd: Etcd
  readonly watchers: Watchers
  readonly serviceAddresses: ServiceAddresses
  /** Field paths that were written and have no effect here. */
  readonly notSimulated = new Set<string>()
  readonly authorization: Authorization
  readonly flowControl: FlowControl
  /** Resources that are answered instead of stored, by name; add-ons put theirs here. */
  readonly virtualResources: VirtualResources
  /** What the cluster's CustomResourceDefinitions add. */
  readonly customResources: CustomResources
  /** How the server reaches others over the network; whoever has one puts it here. */
  dial: Outgoing['ask'] = () => ({ ok: false, error: 'no-route', tookMs: 0, hops: [] })
  /** Whether that would reach anybody, without a trace. */
  probe: Outgoing['failure'] = () => undefined
  /** The same with what is drawn on the way. */
  readonly outgoing: Outgoing
  /** What is stored, for who comes to etcd itself, on its node. */
  readonly store: ObjectStore
  private readonly access: Access
  private readonly parts: ReadParts & WriteParts

  constructor({ engine, authorization = allowKnown, ...options }: ApiServerOptions) {
    this.engine = engine
    this.members = options.members
    this.certifiedMs = options.certifiedMs ?? engine.startEpochMs
    this.authority =
      options.authorityKey === undefined
        ? clusterAuthorityOf(this.certifiedMs)
        : authorityWithKey(options.authorityKey, this.certifiedMs)
    const isStrict = options.strict ?? false
    const store = new ObjectStore({
      engine,
      isStrict,
      hashesContent: options.hashesContent ?? isStrict,
      historyMs: options.historyMs ?? Number.POSITIVE_INFINITY,
      members: options.members,
      virtualResources: () => this.virtualResources,
      conversion: {
        converted: () => this.customResources.converted,
        calls: () => this.parts.admission,
      },
    })
    this.store = store
    this.etcd = store.etcd
    this.watchers = new Watchers(engine)
    this.authorization = authorization({
      find: (kind, key) => store.get(kind, key),
      list: (kind, namespace) => store.list(kind, namespace),
    })
    this.access = new Access(this.authorization)
    this.virtualResources = createReviews(
      this.authorization,
      (token, audience) => userOfToken(this, token, audience),
      () => this.engine.timestamp(),
    )
    this.virtualResources.set(resourceName(bindings as unknown as Kind), {
      create: (object, { caller, namespace, options }) => {
        const key = { namespace, name: object.metadata.name ?? '' }
        return bindPod(this, caller, key, object as Binding, options) as KubeObject
      },
    })
    this.flowControl = new FlowControl(this)
    this.customResources = new CustomResources(() => store.list(customResourceDefinitions))
    this.etcd.onChange = (change) => {
      this.customResources.noteChange(change)
      store.conversions.noteChange(change)
      this.authorization.noteChange?.(change)
      this.flowControl.noteChange(change.bucket)
      store.noteChange(change)
      this.watchers.dispatch(change)
    }
    const names = engine.random('apiserver/names')
    this.serviceAddresses = createServiceAddresses(engine.random('apiserver/service-addresses'), {
      cidrs: () => store.list(serviceCidrs),
      isTaken: (ip) => this.etcd.get(resourceName(ipAddresses), ip) !== undefined,
      take: (ip, service) => store.seed(ipAddresses, allocatedAddress(ip, service)),
      giveBack: (ip) => {
        const address = store.get(ipAddresses, { namespace: '', name: ip })
        if (address) store.remove(ipAddresses, address, 0)
      },
    })
    store.onRemoved = (kind, object) => giveBack(this, kind, object)
    this.outgoing = {
      ask: (target, request, timeoutMs) => this.dial(target, request, timeoutMs),
      failure: (target, request) => this.probe(target, request),
      pick: (among) => engine.random('apiserver/webhooks').pick(among),
      uid: () => randomUuid(engine.random('apiserver/webhooks')),
    }
    this.parts = {
      engine,
      store,
      watchers: this.watchers,
      access: this.access,
      virtualResources: this.virtualResources,
      link: this.link,
      serviceAddresses: this.serviceAddresses,
      names,
      notSimulated: this.notSimulated,
      admission: {
        find: (kind, key) => store.get(kind, key),
        list: (kind, namespace) => store.list(kind, namespace),
        suffix: () => randomSuffix(names),
        nowMs: () => engine.nowMs,
        nowEpochMs: () => engine.epochMs,
        updateStatus: (kind, object) => void this.updateStatus(serverItself, kind, object, {}),
        authorization: this.authorization,
        outgoing: this.outgoing,
      },
    }
  }

  // ---------- reads ----------

  /** As get, but undefined when there is none. */
  find<T extends KubeObject>(caller: Caller, kind: Kind<T>, key: ObjectKey): T | undefined {
    this.check(caller, 'get', kind, key)
    this.store.checkCurrent()
    return this.store.read(kind, key)
  }

  get<T extends KubeObject>(caller: Caller, kind: Kind<T>, key: ObjectKey): T {
    const object = this.find(caller, kind, key)
    if (object) return object
    const resource = resourceName(kind)
    throw this.virtualResources.get(resource)?.missing?.(key) ?? notFound(resource, key.name)
  }

  list<T extends KubeObject>(caller: Caller, kind: Kind<T>, options: ListOptions): ObjectList<T> {
    // Informers ask for what the server has in its cache (resourceVersion 0), and so do not say.
    if (!caller.isTrusted && !options.resourceVersion) this.store.checkCurrent()
    return list(this.parts, caller, kind, options)
  }

  /** What a list gives, for a request that was allowed by another name. */
  select<T extends KubeObject>(kind: Kind<T>, options: ListOptions): ObjectList<T> {
    return select(this.parts, kind, options)
  }

  watch<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watch {
    return watch(this.parts, caller, kind, options, onEvent)
  }

  /**
   * A watch from outside the cluster: it is told at once, and leaves no trace in the cluster's history.
   * @param onEnd the server is gone
   */
  observe<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
    onEnd: () => void,
  ): Watch {
    return observe(this.parts, caller, kind, options, onEvent, onEnd)
  }

  /**
   * Whether a watch from outside can begin.
   * @throws StatusError 403, 400 for a selector that cannot be read, 405, 504 for a revision that is yet to come
   */
  checkObservation<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    options: WatchOptions,
  ): { namespace: string; selection: Selection; from: number | undefined } {
    return checkObservation(this.parts, caller, kind, options)
  }

  /** @throws StatusError 504 for a revision that is yet to come */
  checkRevision(asked: number): void {
    checkRevision(this.store, asked)
  }

  /** What may be done with a resource that is answered instead of stored. */
  virtualVerbs(kind: Kind): readonly string[] {
    return Object.keys(this.virtualResources.get(resourceName(kind)) ?? {}).filter((method) => method !== 'missing')
  }

  // ---------- writes ----------

  create<T extends KubeObject>(caller: Caller, kind: Kind<T>, draft: Draft<T>, options: WriteOptions): T {
    return create(this.parts, caller, kind, draft, options)
  }

  update<T extends KubeObject>(caller: Caller, kind: Kind<T>, object: T, options: WriteOptions): T {
    return update(this.parts, caller, kind, object, options)
  }

  updateStatus<T extends KubeObject>(caller: Caller, kind: Kind<T>, object: T, options: WriteOptions): T {
    return updateStatus(this.parts, caller, kind, object, options)
  }

  /** PUT of a part that the kind names among its `updates`. */
  updatePart<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    object: T,
    subresource: string,
    options: WriteOptions,
  ): T {
    return updatePart(this.parts, caller, kind, object, subresource, options)
  }

  patch<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options: WriteOptions,
    subresource = '',
  ): T {
    return patchObject(this.parts, caller, kind, key, { type, patch, options, subresource })
  }

  apply<T extends KubeObject>(caller: Caller, kind: Kind<T>, config: Draft<T>, options: ApplyOptions): T {
    return applyObject(this.parts, caller, kind, config, options)
  }

  /** @param isAuthorized asked for already, by another name: an eviction */
  delete<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    key: ObjectKey,
    options: DeleteOptions,
    isAuthorized = false,
  ): T {
    if (!isAuthorized) this.check(caller, 'delete', kind, key)
    return deleteObject(this.parts, caller, kind, key, options)
  }

  /** Deletes all that are selected. @returns them as they were left */
  deleteCollection<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    selection: ListOptions,
    options: DeleteOptions,
  ): T[] {
    const { namespace = '' } = selection
    this.check(caller, 'deletecollection', kind, { namespace, name: '' })
    return this.select(kind, selection).items.map(({ metadata }) =>
      deleteObject(this.parts, caller, kind, { namespace: metadata.namespace ?? '', name: metadata.name }, options),
    )
  }

  getScale(caller: Caller, kind: Kind, key: ObjectKey): Scale {
    return getScale(this.parts, caller, kind, key)
  }

  updateScale(caller: Caller, kind: Kind, key: ObjectKey, replicas: number): Scale {
    return updateScale(this.parts, caller, kind, key, replicas)
  }

  /** Changes how many replicas are wanted; whether the caller may was asked for already. */
  scaleTo(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    options: WriteOptions,
    make: (old: KubeObject) => KubeObject,
  ): KubeObject {
    return replace(this.parts, caller, kind, { key, make, options, subresource: 'scale' })
  }

  createSubresource(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    subresource: string,
    body: unknown,
    options: WriteOptions,
  ): unknown {
    const handler = subresources.find((s) => s.kind === kind.kind && s.name === subresource)
    this.check(caller, handler?.verb ?? 'create', kind, key, subresource)
    if (!handler) throw notFound(resourceName(kind), key.name)
    if (handler.sentAs) {
      const object = { apiVersion: handler.sentAs.apiVersion, kind: handler.sentAs.kind, ...Object(body) }
      const sentAs = { kind: groupVersionKindOf(handler.sentAs), object, old: undefined }
      admitPart(this.parts, caller, kind, { key, subresource, sentAs, dryRun: options.dryRun })
    }
    return handler.create({ server: this, caller, kind, key, body, options })
  }

  /** Whether webhooks let a session begin in a container of the Pod; `create` was asked for before. @throws StatusError */
  admitConnect(user: UserInfo, key: ObjectKey, subresource: ConnectPart, asked: object): void {
    const caller: Caller = { user, fieldManager: '', isTrusted: false, warn: () => undefined }
    const kind = CONNECT_OPTIONS[subresource]
    const object = { kind, apiVersion: 'v1', ...asked }
    const sentAs = { kind: { group: '', version: 'v1', kind }, object, old: undefined }
    admitPart(this.parts, caller, pods as unknown as Kind, { operation: 'CONNECT', key, subresource, sentAs })
  }

  /**
   * Changes an object outside the update strategy (binding sets nodeName, which an update may not).
   * @param action what the trace calls it
   */
  modify<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    key: ObjectKey,
    action: string,
    change: (old: T) => T,
  ): T {
    return modify(this.parts, caller, kind, key, action, change)
  }

  // ---------- without a request ----------

  /**
   * Puts an object there as the server itself does at its start: without checks, defaults and admission, and without a copy.
   * @param object as it is to be stored, but for what the server sets
   */
  seed<T extends KubeObject>(kind: Kind<T>, object: Draft<T> & { metadata: { name: string } }): void {
    this.store.seed(kind, object)
  }

  /** Virtual milliseconds that etcd took since the last asking. */
  takeSpentMs(): number {
    return this.store.takeSpentMs()
  }

  /** As stored now. */
  stored<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    return this.store.get(kind, key)
  }

  /** Whether there is such an object, whatever it is. */
  has<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): boolean {
    return this.store.has(kind, key)
  }

  /** All of a kind, as stored now. */
  storedList<T extends KubeObject>(kind: Kind<T>, namespace?: string): T[] {
    return this.store.list(kind, namespace)
  }

  /**
   * Has a Lease renewed without a write each time: whoever reads it sees when that was last.
   * @returns how to end it, which stores the last renewal
   */
  keepRenewed(key: ObjectKey, renewal: Renewal): () => void {
    return this.store.keepRenewed(key, renewal)
  }

  /** The version that an object is, or would be if it was written; undefined for one that the store does not keep. */
  versionOf<T extends KubeObject>(kind: Kind<T>, object: T): Version | undefined {
    return this.store.versionOf(kind, object)
  }

  /**
   * Asks whether the caller may do it, and tells of a deprecated kind: what every request begins with. Called from outside
   * for those that do not go through the methods above: logs, exec.
   * @throws StatusError 403
   */
  check<T extends KubeObject>(
    caller: Pick<Caller, 'user' | 'group'> & Partial<Pick<Caller, 'warn'>>,
    verb: string,
    kind: Kind<T>,
    key: ObjectKey,
    subresource = '',
    fieldSelector?: string,
  ): void {
    this.access.check(caller, kind, { verb, key, subresource, fieldSelector })
  }

  /** The requests that were refused so far, each once. */
  refusedRequests(): readonly RequestInfo[] {
    return this.access.refused()
  }
}

/** Source: kubernetes/pkg/registry/core/service/ipallocator/ipallocator.go createIPAddress */
const allocatedAddress = (ip: string, { namespace, name }: ObjectKey) => ({
  metadata: {
    name: ip,
    labels: {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    },
  },
  spec: { parentRef: { resource: 'services', namespace, name } },
})

/** What a session is asked for by. */
const CONNECT_OPTIONS = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
} as const
export type ConnectPart = keyof typeof CONNECT_OPTIONS

function groupVersionKindOf({ apiVersion, kind }: { apiVersion: string; kind: string }) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return { group, version, kind }
}
