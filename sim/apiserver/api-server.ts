/**
 * The API server: the request chain from authentication to storage, for every kind of the registry alike.
 * Sources: k8s.io/apiserver/pkg/registry/generic/registry, k8s.io/apiserver/pkg/endpoints/handlers
 */

import { leases } from '../api/coordination/lease.ts'
import type { Lease } from '../api/coordination/types.ts'
import { invalid, invalidObject } from '../api/meta/field-error.ts'
import { cloneJson, equalJson, freezeJson } from '../api/meta/json.ts'
import {
  type Kind,
  type ResourceNames,
  resourceName,
  type ServiceAddressAllocator,
  type StrategyContext,
} from '../api/meta/kind.ts'
import { type Draft, type KubeObject, keyText, type ObjectKey, type ObjectMeta } from '../api/meta/object.ts'
import { generateName, randomSuffix } from '../api/meta/safe-names.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  methodNotAllowed,
  notFound,
  StatusError,
  staleConflict,
} from '../api/meta/status-error.ts'
import { ipAddresses } from '../api/networking/ip-address.ts'
import { serviceCidrs } from '../api/networking/service-cidr.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../api/patch/json-patch.ts'
import { strategicMergePatch } from '../api/patch/strategic-merge-patch.ts'
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
import { SwitchedLink } from '../client/link.ts'
import { BudgetError, type Engine } from '../engine/engine.ts'
import { type Random, randomUuid } from '../engine/random.ts'
import { hashValue } from '../engine/state-hash.ts'
import { charge } from '../engine/work.ts'
import { type Change, CompactedError, Etcd, type Version, type Write } from '../etcd/etcd.ts'
import type { AdmissionContext, AdmissionRequest } from './admission/admission.ts'
import { admissionChain, statusAdmission } from './admission/chain.ts'
import { allowKnown } from './authorization/allow-known.ts'
import type { AuthorizationStore } from './authorization/rbac.ts'
import { readContinue, writeContinue } from './continue-token.ts'
import { decode } from './decoding.ts'
import { FlowControl } from './flow-control.ts'
import { goText } from './go-text.ts'
import { serverSideApply } from './managed-fields/apply.ts'
import { changesOwnership, managedFieldsOf, writtenManagedFields } from './managed-fields/managers.ts'
import { type Authorization, forbiddenMessage, type RequestInfo } from './request.ts'
import { compileSelection, type Selection } from './selection.ts'
import { createServiceAddresses } from './service-addresses.ts'
import { subresources } from './subresources.ts'
import { userOfToken } from './tokens.ts'
import { createReviews, type VirtualResources, virtualMethod } from './virtual.ts'
import { Watchers } from './watchers.ts'

/** Of computing: each label and annotation is copied, compared and kept by several components for every version of an object. */
const stepsOfMark = 16

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
}

/** A request's author and what the answer says besides the object. */
export interface Caller {
  user: UserInfo
  /** The default manager of fields: the first part of the user agent. */
  fieldManager: string
  /** Skips strict decoding and field checks: for the cluster's own components, whose objects are built by type. */
  isTrusted: boolean
  /** By which the kind is asked for, when it is another one than that it is stored under. */
  group?: string
  warn(text: string): void
}

/** What admission writes, such as the use of a quota, the server writes itself. */
const serverItself: Caller = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  fieldManager: 'kube-apiserver',
  isTrusted: true,
  warn: () => undefined,
}

/** Events are kept for an hour. Source: kube-apiserver --event-ttl */
const eventTtlMs = 3_600_000
const compactionIntervalMs = 300_000
/** More would tell nobody anything. */
const keptRefusals = 100
/** Not worth a place in the causal trace: they tell of things, and cause nothing. */
const untraced = new Set(['events', 'leases.coordination.k8s.io'])

export class ApiServer {
  readonly engine: Engine
  /** Cut while its process is stopped. Clients heed it; what is stored is there all the same. */
  readonly link = new SwitchedLink()
  readonly etcd: Etcd
  readonly watchers: Watchers
  readonly serviceAddresses: ServiceAddressAllocator
  /** Field paths that were written and have no effect here. */
  readonly notSimulated = new Set<string>()
  readonly authorization: Authorization
  readonly flowControl: FlowControl
  /** Resources that are answered instead of stored, by name; add-ons put theirs here. */
  readonly virtualResources: VirtualResources
  private readonly isStrict: boolean
  private readonly hashesContent: boolean
  private readonly names: Random
  private readonly admissionContext: AdmissionContext
  /** Leases that are renewed without a write, by key. */
  private readonly dryRuns = new WeakMap<KubeObject, Version>()
  private readonly renewals = new Map<string, Renewal>()
  private readonly refusals = new Map<string, RequestInfo>()
  private readonly eventExpiry: { dueMs: number; key: string }[] = []
  /**
   * What clients may still ask for. A real server compacts its store every five minutes, up to where it was at the time before;
   * here the past is kept for those who look at it, and clients are told the same.
   * Source: k8s.io/apiserver/pkg/storage/etcd3/compact.go
   */
  private oldestRevision = 0
  private nextOldestRevision = 0

  constructor(options: ApiServerOptions) {
    this.engine = options.engine
    this.etcd = new Etcd(() => this.engine.nowMs)
    this.watchers = new Watchers(this.engine)
    this.authorization = (options.authorization ?? allowKnown)({
      find: (kind, key) => this.stored(kind, key),
      list: (kind, namespace) => this.storedList(kind, namespace),
    })
    this.virtualResources = createReviews(this.authorization, (token, audience) => userOfToken(this, token, audience))
    this.flowControl = new FlowControl(this)
    this.etcd.onChange = (change) => {
      this.authorization.noteChange?.(change)
      this.flowControl.noteChange(change.bucket)
      if (change.bucket === resourceName(leases)) this.renewals.get(change.key)?.onOverwritten()
      this.watchers.dispatch(change)
    }
    this.isStrict = options.strict ?? false
    this.hashesContent = options.hashesContent ?? this.isStrict
    this.names = this.engine.random('apiserver/names')
    this.serviceAddresses = createServiceAddresses(this.engine.random('apiserver/service-addresses'), {
      cidrs: () => this.storedList(serviceCidrs),
      isTaken: (ip) => this.etcd.get(resourceName(ipAddresses), ip) !== undefined,
      take: (ip, service) => this.seed(ipAddresses, allocatedAddress(ip, service)),
      giveBack: (ip) => {
        const address = this.stored(ipAddresses, { namespace: '', name: ip })
        if (address) this.remove(ipAddresses, address, 0)
      },
    })
    this.admissionContext = {
      find: (kind, key) => this.stored(kind, key),
      list: (kind, namespace) => this.storedList(kind, namespace),
      suffix: () => randomSuffix(this.names),
      nowMs: () => this.engine.nowMs,
      nowEpochMs: () => this.engine.epochMs,
      updateStatus: (kind, object) => void this.updateStatus(serverItself, kind, object, {}),
      authorization: this.authorization,
    }
    this.housekeep(options.historyMs ?? Number.POSITIVE_INFINITY)
  }

  // ---------- reads ----------

  /** As get, but undefined when there is none. */
  find<T extends KubeObject>(caller: Caller, kind: Kind<T>, key: ObjectKey): T | undefined {
    this.check(caller, 'get', kind, key)
    return this.stored(kind, key)
  }

  get<T extends KubeObject>(caller: Caller, kind: Kind<T>, key: ObjectKey): T {
    const object = this.find(caller, kind, key)
    if (object) return object
    const resource = resourceName(kind)
    throw this.virtualResources.get(resource)?.missing?.(key) ?? notFound(resource, key.name)
  }

  list<T extends KubeObject>(caller: Caller, kind: Kind<T>, options: ListOptions): ObjectList<T> {
    const namespace = options.namespace ?? ''
    this.check(caller, 'list', kind, { namespace, name: selectedName(options) }, '', options.fieldSelector)
    return this.select(kind, options)
  }

  /** What a list gives, for a request that was allowed by another name. */
  select<T extends KubeObject>(kind: Kind<T>, options: ListOptions): ObjectList<T> {
    const namespace = options.namespace ?? ''
    const selection = compileSelection(kind as unknown as Kind, options)
    if (kind.isVirtual) {
      const items = virtualMethod(this.virtualResources, kind as unknown as Kind, 'list')(namespace)
      return { items: items.filter(selection.matches) as T[], resourceVersion: String(this.etcd.revision) }
    }
    const prefix = namespace ? `${namespace}/` : ''
    const token = options.continue ? readContinue(options.continue, prefix) : undefined
    const asked = options.resourceVersion ? Number(options.resourceVersion) : 0
    this.checkRevision(asked)
    // A page from a revision is of that revision, whether or not the match says so.
    const isExact = options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && options.limit)
    const revision = token ? token.revision : isExact && asked > 0 ? asked : undefined
    if (token?.revision !== undefined) this.checkRevision(token.revision)
    if (revision !== undefined && revision < this.oldestRevision)
      throw token ? continueExpired(writeContinue(-1, token.after, prefix)) : expired(LIST_TOO_OLD)
    const name = selectedName(options)
    if (name && revision === undefined && (namespace || !kind.isNamespaced)) {
      const named = this.stored(kind, { namespace, name })
      const items = named && selection.matches(named) ? [named] : []
      return { items, resourceVersion: String(this.etcd.revision) }
    }
    try {
      // A page is full when as many were found as asked for, not when as many were looked at.
      const items: T[] = []
      let after = token?.after
      for (;;) {
        const range = this.etcd.range(resourceName(kind), {
          revision,
          prefix,
          after,
          limit: options.limit ? options.limit - items.length : undefined,
        })
        // A token is written where something is left. Simplified: with nothing left it is of a revision from before there was a server to
        // write it, which is compacted in any cluster that somebody has come to.
        if (token?.revision !== undefined && after === token.after && range.items.length === 0)
          throw continueExpired(writeContinue(-1, token.after, prefix))
        items.push(...this.asRenewed(kind, range.items as T[]).filter((item) => selection.matches(item)))
        after = range.lastKey
        if (after !== undefined && items.length < (options.limit ?? 0)) continue
        const next = after === undefined ? undefined : writeContinue(range.revision, after, prefix)
        return {
          items,
          resourceVersion: String(range.revision),
          ...(next ? { continue: next } : {}),
          ...(next && !selection.isSelective ? { remainingItemCount: range.remaining } : {}),
        }
      }
    } catch (error) {
      if (error instanceof CompactedError) throw expired(LIST_TOO_OLD)
      throw error
    }
  }

  watch<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watch {
    const namespace = options.namespace ?? ''
    this.check(caller, 'watch', kind, { namespace, name: selectedName(options) }, '', options.fieldSelector)
    const bucket = resourceName(kind)
    const selection = compileSelection(kind as unknown as Kind, options)
    const from =
      options.resourceVersion && options.resourceVersion !== '0' ? Number(options.resourceVersion) : undefined
    const latencyMs = options.latencyMs ?? 2
    const label = `watch ${bucket}`
    const deliver = onEvent as (event: WatchEvent<KubeObject>) => void
    try {
      const past = from === undefined ? [] : this.etcd.changesAfter(from)
      const watcher = this.watchers.add(
        { bucket, namespace, matches: selection.matches, index: selection.index, latencyMs, label, onEvent: deliver },
        past,
      )
      if (from === undefined) {
        const current = this.storedList(kind, namespace).filter(selection.matches)
        this.engine.after(latencyMs, label, () => {
          for (const object of current) deliver({ type: 'ADDED', object })
        })
      }
      return watcher
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      const gone = tooOld(from ?? 0, error.compactRevision)
      const timer = this.engine.after(latencyMs, label, () =>
        deliver({ type: 'ERROR', object: gone.toStatus() as unknown as KubeObject }),
      )
      return { stop: () => this.engine.cancel(timer) }
    }
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
    const { namespace, selection, from } = this.checkObservation(caller, kind, options)
    const deliver = onEvent as (event: WatchEvent<KubeObject>) => void
    const bucket = resourceName(kind)
    const startsWithState =
      options.sendInitialEvents ?? (options.resourceVersion === undefined || options.resourceVersion === '0')
    let past: readonly Change[] = []
    if (startsWithState) {
      for (const object of this.storedList(kind, namespace))
        if (selection.matches(object)) deliver({ type: 'ADDED', object })
    } else if (from !== undefined) {
      if (from < this.oldestRevision) {
        deliver({ type: 'ERROR', object: tooOld(from, this.oldestRevision).toStatus() as unknown as KubeObject })
        onEnd()
        return { stop: () => undefined }
      }
      past = this.etcd.changesAfter(from)
    }
    const watcher = this.watchers.add(
      {
        bucket,
        namespace,
        matches: selection.matches,
        index: selection.index,
        latencyMs: undefined,
        label: `watch ${bucket}`,
        onEvent: deliver,
      },
      past,
    )
    const stop = (): void => {
      leave()
      watcher.stop()
    }
    const leave = this.link.onChange(() => {
      if (this.link.failure === undefined) return
      stop()
      onEnd()
    })
    return { stop }
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
    const namespace = options.namespace ?? ''
    this.check(caller, 'watch', kind, { namespace, name: selectedName(options) }, '', options.fieldSelector)
    if (kind.isVirtual) throw methodNotAllowed()
    const selection = compileSelection(kind as unknown as Kind, options)
    const from =
      options.resourceVersion && options.resourceVersion !== '0' ? Number(options.resourceVersion) : undefined
    this.checkRevision(from ?? 0)
    return { namespace, selection, from }
  }

  /** @throws StatusError 504 for a revision that is yet to come */
  checkRevision(asked: number): void {
    if (asked > this.etcd.revision) throw tooLarge(asked, this.etcd.revision)
  }

  // ---------- writes ----------

  create<T extends KubeObject>(caller: Caller, kind: Kind<T>, draft: Draft<T>, options: WriteOptions): T {
    const namespace = kind.isNamespaced ? (draft.metadata?.namespace ?? '') : ''
    this.check(caller, 'create', kind, { namespace, name: '' })
    const object = decode(kind, cloneJson(draft), caller, options)
    if (kind.isVirtual) {
      const errors = kind.validate(object)
      if (errors.length > 0) throw invalidObject(kind.group, kind.kind, object.metadata.name ?? '', errors)
      return virtualMethod(this.virtualResources, kind as unknown as Kind, 'create')(
        object,
        caller.user,
        namespace,
      ) as T
    }
    return this.createDecoded(caller, kind, object, namespace, options)
  }

  private createDecoded<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    object: T,
    namespace: string,
    options: WriteOptions,
    applied?: unknown,
  ): T {
    const resource = resourceName(kind)
    if (kind.isNamespaced && !namespace) throw badRequest('an empty namespace may not be set during creation')
    if (kind.isNamespaced) object.metadata.namespace = namespace
    else delete object.metadata.namespace
    if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
    kind.applyDefaults(object)
    const request = this.admissionRequest('CREATE', caller, kind, '', object, undefined, options)
    this.admit(request)
    const context = this.strategyContext(caller)
    const meta = object.metadata as Partial<ObjectMeta> & { name: string }
    delete meta.deletionTimestamp
    delete meta.deletionGracePeriodSeconds
    delete meta.managedFields
    meta.uid = this.newUid(resource)
    meta.creationTimestamp = this.engine.timestamp()
    if (kind.generationOf) meta.generation = 1
    else delete meta.generation
    if (!meta.name && meta.generateName) meta.name = generateName(meta.generateName, this.names)
    kind.prepareForCreate(object, context)
    const errors = kind.validate(object)
    if (errors.length > 0) throw invalidObject(kind.group, kind.kind, meta.name || (meta.generateName ?? ''), errors)
    for (const warning of kind.warnings?.(object, undefined) ?? []) caller.warn(warning)
    this.noteNotSimulated(caller, kind, object)
    const key = keyText({ namespace, name: meta.name })
    this.validateAdmission({ ...request, name: meta.name })
    if (this.etcd.get(resource, key)) throw alreadyExists(resource, meta.name)
    const refusals = options.dryRun ? [] : (kind.allocate?.(object, undefined, context) ?? [])
    if (refusals.length > 0) throw invalidObject(kind.group, kind.kind, meta.name, refusals)
    const write: Write = {
      manager: options.fieldManager ?? caller.fieldManager,
      operation: applied ? 'Apply' : 'Update',
      subresource: undefined,
      atEpochMs: this.engine.epochMs,
      applied,
    }
    if (options.dryRun) return this.unwritten(object, write, undefined)
    const most = this.engine.limits.objects
    if (this.etcd.size >= most)
      throw new BudgetError(
        'objects',
        `the cluster may hold ${most} objects, and holds as many: no ${kind.kind} was added`,
        { objects: most, kind: kind.kind },
      )
    const record = this.trace(caller, 'create', kind, object)
    const stored = this.put(kind, key, object, record, write)
    if (resource === 'events') this.eventExpiry.push({ dueMs: this.engine.nowMs + eventTtlMs, key })
    return stored
  }

  update<T extends KubeObject>(caller: Caller, kind: Kind<T>, object: T, options: WriteOptions): T {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
    this.check(caller, 'update', kind, key)
    const decoded = decode(kind, cloneJson(object), caller, options)
    if (kind.createsOnUpdate && !this.stored(kind, key)) {
      const { uid } = decoded.metadata
      if (uid) throw otherUid(kind, key, uid, '')
      this.check(caller, 'create', kind, key)
      decoded.metadata.resourceVersion = ''
      return this.createDecoded(caller, kind, decoded, key.namespace, options)
    }
    return this.replace(caller, kind, key, () => decoded, options, '')
  }

  updateStatus<T extends KubeObject>(caller: Caller, kind: Kind<T>, object: T, options: WriteOptions): T {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
    this.check(caller, 'update', kind, key, 'status')
    if (!kind.hasStatus) throw notFound(resourceName(kind), key.name)
    const copy = caller.isTrusted ? shallowCopy(object) : decode(kind, cloneJson(object), caller, options)
    return this.replace(caller, kind, key, () => copy, options, 'status')
  }

  /** PUT of a part that the kind names among its `updates`. */
  updatePart<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    object: T,
    subresource: string,
    options: WriteOptions,
  ): T {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
    this.check(caller, 'update', kind, key, subresource)
    if (!kind.updates?.[subresource]) throw methodNotAllowed()
    const decoded = decode(kind, cloneJson(object), caller, options)
    return this.replace(caller, kind, key, () => decoded, options, subresource)
  }

  /** Changes how many replicas are wanted; whether the caller may was asked for already. */
  scaleTo(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    options: WriteOptions,
    make: (old: KubeObject) => KubeObject,
  ): KubeObject {
    return this.replace(caller, kind, key, make, options, 'scale')
  }

  /** What may be done with a resource that is answered instead of stored. */
  virtualVerbs(kind: Kind): readonly string[] {
    return Object.keys(this.virtualResources.get(resourceName(kind)) ?? {})
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
    this.check(caller, 'patch', kind, key, subresource)
    const { scale } = kind
    if (subresource === 'scale' && scale)
      return this.replace(
        caller,
        kind,
        key,
        (old) => {
          const patched = (type === 'json' ? jsonPatch : jsonMergePatch)(scaleOf(kind, old), patch) as Scale
          return cloneJson(scale.withReplicas(old, patched.spec.replicas))
        },
        options,
        subresource,
      )
    if (subresource && !(subresource === 'status' ? kind.hasStatus : kind.updates?.[subresource]))
      throw notFound(resourceName(kind), key.name)
    const apply = (old: T): T => {
      const patched =
        type === 'json'
          ? jsonPatch(this.patchable(kind, old, patch), patch)
          : type === 'merge'
            ? jsonMergePatch(old, patch)
            : strategicMergePatch(kind.schema, old, patch)
      const refuse = (why: string) => {
        const shown = type === 'strategic' ? goText(patch) : JSON.stringify(patched)
        return invalidObject('', '', '', [invalid('patch', shown, why)])
      }
      return decode(kind, cloneJson(patched) as T, caller, options, refuse)
    }
    return this.replace(caller, kind, key, apply, options, subresource)
  }

  /** What the operations of a JSON patch act on: who owns what is reckoned only when one of them names it. */
  private patchable<T extends KubeObject>(kind: Kind<T>, old: T, patch: unknown): T {
    if (!Array.isArray(patch) || !patch.some((operation) => /^\/metadata\/managedFields/.test(operation?.path)))
      return old
    const managedFields = managedFieldsOf(kind, this.versionOf(kind, old))
    return { ...old, metadata: { ...old.metadata, managedFields } }
  }

  apply<T extends KubeObject>(caller: Caller, kind: Kind<T>, config: Draft<T>, options: ApplyOptions): T {
    const namespace = kind.isNamespaced ? (config.metadata.namespace ?? '') : ''
    const key = { namespace, name: config.metadata.name ?? '' }
    const { subresource = '' } = options
    this.check(caller, 'patch', kind, key, subresource)
    if (
      subresource &&
      !(subresource === 'status' ? kind.hasStatus : subresource === 'scale' ? kind.scale : kind.updates?.[subresource])
    )
      throw notFound(resourceName(kind), key.name)
    if (!key.name) throw badRequest('metadata.name is required for apply')
    const manager = options.fieldManager
    if (!manager)
      throw badRequest(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      )
    const applied = decode(kind, cloneJson(config), caller, options)
    const live = this.stored(kind, key)
    const merged = serverSideApply(kind as unknown as Kind, live && this.versionOf(kind, live), applied, {
      manager,
      force: options.force ?? false,
    })
    if (!live && subresource) throw notFound(resourceName(kind), key.name)
    if (!live)
      return this.createDecoded(
        caller,
        kind,
        cloneJson(merged) as T,
        namespace,
        { ...options, fieldManager: manager },
        applied,
      )
    return this.replace(
      caller,
      kind,
      key,
      () => cloneJson(merged) as T,
      { ...options, fieldManager: manager },
      subresource,
      applied,
    )
  }

  /** The one way by which a stored object changes. `make` is given the stored object and builds the new one on a copy. */
  private replace<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    key: ObjectKey,
    make: (old: T) => T,
    options: WriteOptions,
    subresource: string,
    applied?: unknown,
  ): T {
    const resource = resourceName(kind)
    const old = this.stored(kind, key)
    if (!old) throw notFound(resource, key.name)
    const object = make(old)
    const meta = object.metadata
    const managedFields = subresource
      ? undefined
      : writtenManagedFields(meta.managedFields, () => managedFieldsOf(kind, this.versionOf(kind, old)))
    if (meta.name !== key.name) {
      throw badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${key.name})`)
    }
    if (meta.resourceVersion && meta.resourceVersion !== old.metadata.resourceVersion)
      throw staleConflict(resource, key.name)
    if (!meta.resourceVersion && kind.needsResourceVersion)
      throw invalidObject(kind.group, kind.plural, key.name, [
        invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
      ])
    if (meta.uid && meta.uid !== old.metadata.uid) throw otherUid(kind, key, meta.uid, old.metadata.uid)
    const context = this.strategyContext(caller)
    let request: AdmissionRequest | undefined
    if (subresource === 'status') {
      // In Go a status is never missing, only empty.
      ;(object as { status?: unknown }).status ??= {}
      object.metadata = {
        ...carriedMeta(meta, old.metadata),
        ...(old.metadata.generation ? { generation: old.metadata.generation } : {}),
      }
      const asked = this.admissionRequest('UPDATE', caller, kind, subresource, object, old, options)
      for (const plugin of statusAdmission) plugin.admit?.(asked, this.admissionContext)
      if (kind.prepareForStatusUpdate) kind.prepareForStatusUpdate(object, old)
      else keepAllButStatus(object, old)
    } else {
      kind.applyDefaults(object)
      object.metadata = carriedMeta(meta, old.metadata)
      request = this.admissionRequest('UPDATE', caller, kind, subresource, object, old, options)
      this.admit(request)
      const update = kind.updates?.[subresource]
      if (update) update.prepare(object, old, context)
      else kind.prepareForUpdate(object, old, context)
      if (kind.generationOf) {
        const changed = !equalJson(kind.generationOf(object), kind.generationOf(old))
        object.metadata.generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0)
      }
    }
    const errors =
      subresource === 'status'
        ? caller.isTrusted
          ? []
          : (kind.validateStatusUpdate?.(object, old) ?? [])
        : (kind.updates?.[subresource]?.validate ?? kind.validateUpdate)(object, old)
    if (errors.length > 0) throw invalidObject(kind.group, kind.kind, key.name, errors)
    if (subresource !== 'status') {
      for (const warning of kind.warnings?.(object, old) ?? []) caller.warn(warning)
      this.noteNotSimulated(caller, kind, object)
    }
    if (request) this.validateAdmission(request)
    if (subresource !== 'status') {
      const refusals = options.dryRun ? [] : (kind.allocate?.(object, old, context) ?? [])
      if (refusals.length > 0) throw invalidObject(kind.group, kind.kind, key.name, refusals)
    }
    object.apiVersion = kind.apiVersion
    object.kind = kind.kind
    object.metadata.resourceVersion = old.metadata.resourceVersion
    const isNews =
      managedFields !== undefined ||
      (applied !== undefined &&
        changesOwnership(kind, this.versionOf(kind, old), applied, options.fieldManager ?? caller.fieldManager))
    if (!isNews && equalJson(object, old)) return old
    const write = {
      manager: options.fieldManager ?? caller.fieldManager,
      operation: applied ? ('Apply' as const) : ('Update' as const),
      subresource: subresource || undefined,
      atEpochMs: this.engine.epochMs,
      applied,
      managedFields,
    }
    if (options.dryRun) return this.unwritten(object, write, this.versionOf(kind, old))
    const record = this.trace(caller, subresource ? `update ${subresource}` : 'update', kind, object)
    const stored = this.put(kind, keyText(key), object, record, write)
    if (isDone(kind, stored)) return this.remove(kind, stored, record)
    return stored
  }

  /** @param isAuthorized asked for already, by another name: an eviction */
  delete<T extends KubeObject>(
    caller: Caller,
    kind: Kind<T>,
    key: ObjectKey,
    options: DeleteOptions,
    isAuthorized = false,
  ): T {
    const resource = resourceName(kind)
    if (!isAuthorized) this.check(caller, 'delete', kind, key)
    const old = this.stored(kind, key)
    if (!old) throw notFound(resource, key.name)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if (uid && uid !== old.metadata.uid) throw otherUid(kind, key, uid, old.metadata.uid)
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(
        resource,
        key.name,
        `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${old.metadata.resourceVersion}`,
      )
    }
    const request = this.admissionRequest('DELETE', caller, kind, '', undefined, old, options)
    this.admit(request)
    this.validateAdmission(request)
    if (options.dryRun) return old
    const object = { ...old, metadata: { ...old.metadata, finalizers: finalizersFor(old, options) } }
    if (!object.metadata.finalizers?.length) delete object.metadata.finalizers
    const grace = kind.gracePeriodSeconds?.(old, options.gracePeriodSeconds)
    const isGoing = old.metadata.deletionTimestamp !== undefined
    if (grace !== undefined && grace > 0) {
      // A second request can only shorten what is left.
      if (isGoing && grace >= (old.metadata.deletionGracePeriodSeconds ?? 0)) return old
      this.markForDeletion(kind, object, old, grace)
    } else if (object.metadata.finalizers || kind.holdsDeletion?.(object)) {
      this.markForDeletion(kind, object, old, 0)
    } else {
      const record = this.trace(caller, 'delete', kind, old)
      return this.remove(kind, old, record)
    }
    if (equalJson(object, old)) return old
    const record = this.trace(caller, 'delete', kind, object)
    const stored = this.put(kind, keyText(key), object, record, this.plainWrite(caller))
    if (isDone(kind, stored)) return this.remove(kind, stored, record)
    return stored
  }

  getScale(caller: Caller, kind: Kind, key: ObjectKey): Scale {
    this.check(caller, 'get', kind, key, 'scale')
    const object = this.stored(kind, key)
    if (!object || !kind.scale) throw notFound(resourceName(kind), key.name)
    return scaleOf(kind, object)
  }

  updateScale(caller: Caller, kind: Kind, key: ObjectKey, replicas: number): Scale {
    this.check(caller, 'update', kind, key, 'scale')
    const { scale } = kind
    if (!scale) throw notFound(resourceName(kind), key.name)
    const make = (old: KubeObject): KubeObject => cloneJson(scale.withReplicas(old, replicas))
    return scaleOf(kind, this.replace(caller, kind, key, make, {}, 'scale'))
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
    return handler.create({ server: this, caller, kind, key, body, options })
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
    const old = this.stored(kind, key)
    if (!old) throw notFound(resourceName(kind), key.name)
    const object = change(old)
    if (equalJson(object, old)) return old
    const record = this.trace(caller, action, kind, object)
    const stored = this.put(kind, keyText(key), object, record, this.plainWrite(caller))
    if (isDone(kind, stored)) return this.remove(kind, stored, record)
    return stored
  }

  // ---------- storage ----------

  /**
   * Puts an object there as the server itself does at its start: without checks, defaults and admission, and without a copy.
   * @param object as it is to be stored, but for what the server sets
   */
  seed<T extends KubeObject>(kind: Kind<T>, object: Draft<T> & { metadata: { name: string } }): void {
    const { name, namespace = '' } = object.metadata
    const metadata = {
      ...object.metadata,
      uid: this.newUid(resourceName(kind)),
      creationTimestamp: this.engine.timestamp(),
    }
    const stored = { apiVersion: kind.apiVersion, kind: kind.kind, ...object, metadata } as unknown as T
    this.put(kind, keyText({ namespace, name }), stored, 0, {
      manager: serverItself.fieldManager,
      operation: 'Update',
      atEpochMs: this.engine.epochMs,
    })
  }

  /** As stored now, without a request. */
  stored<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    if (kind.isVirtual)
      return virtualMethod(this.virtualResources, kind as unknown as Kind, 'get')(key) as T | undefined
    const object = this.etcd.get(resourceName(kind), keyText(key)) as T | undefined
    return object && this.asRenewed(kind, [object])[0]
  }

  /** All of a kind, as stored now. */
  storedList<T extends KubeObject>(kind: Kind<T>, namespace?: string): T[] {
    const prefix = namespace ? `${namespace}/` : ''
    return this.asRenewed(kind, this.etcd.range(resourceName(kind), { prefix }).items as T[])
  }

  /**
   * Has a Lease renewed without a write each time: whoever reads it sees when that was last.
   * @returns how to end it, which stores the last renewal
   */
  keepRenewed(key: ObjectKey, renewal: Renewal): () => void {
    const text = keyText(key)
    this.renewals.set(text, renewal)
    return () => {
      const lease = this.stored(leases, key)
      this.renewals.delete(text)
      if (lease) this.put(leases, text, cloneJson(lease), 0, this.plainWrite(serverItself))
    }
  }

  private asRenewed<T extends KubeObject>(kind: Kind<T>, objects: T[]): T[] {
    if (this.renewals.size === 0 || kind.plural !== leases.plural || kind.group !== leases.group) return objects
    return objects.map((object) => {
      const { namespace = '', name } = object.metadata
      const renewal = this.renewals.get(keyText({ namespace, name }))
      if (!renewal) return object
      const lease = object as KubeObject as Lease
      return { ...lease, spec: { ...lease.spec, renewTime: renewal.renewTime() } } as KubeObject as T
    })
  }

  /** What a dry run gives, with the version that it would have been. */
  private unwritten<T extends KubeObject>(object: T, write: Write, before: Version | undefined): T {
    const now = { revision: 0, createRevision: 0, record: 0, atMs: this.engine.nowMs }
    this.dryRuns.set(object, { ...now, value: object, write, before })
    return object
  }

  /** The version that an object is, or would be if it was written; undefined for one that the store does not keep. */
  versionOf<T extends KubeObject>(kind: Kind<T>, object: T): Version | undefined {
    const unwritten = this.dryRuns.get(object)
    if (unwritten) return unwritten
    const { namespace = '', name } = object.metadata
    const versions = this.etcd.versionsOf(resourceName(kind), keyText({ namespace, name }))
    for (let i = versions.length - 1; i >= 0; i--) if (versions[i].value === object) return versions[i]
    return undefined
  }

  private plainWrite(caller: Caller): Write {
    return {
      manager: caller.fieldManager,
      operation: 'Update',
      subresource: undefined,
      atEpochMs: this.engine.epochMs,
      applied: undefined,
    }
  }

  private put<T extends KubeObject>(kind: Kind<T>, key: string, object: T, record: number, write: Write): T {
    const { labels = {}, annotations = {} } = object.metadata
    charge(stepsOfMark * (Object.keys(labels).length + Object.keys(annotations).length))
    const stored = this.etcd.put(
      resourceName(kind),
      key,
      (revision) => {
        object.metadata.resourceVersion = String(revision)
        return this.isStrict ? freezeJson(object) : object
      },
      record,
      write,
    ) as T
    if (this.hashesContent) this.engine.stateHash.fold(hashValue(stored))
    return stored
  }

  private remove<T extends KubeObject>(kind: Kind<T>, object: T, record: number): T {
    const key = keyText({ namespace: object.metadata.namespace ?? '', name: object.metadata.name })
    const last = this.etcd.delete(
      resourceName(kind),
      key,
      (value, revision) => ({ ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } }),
      record,
    ) as T
    kind.release?.(object, this.strategyContext(undefined))
    if (this.hashesContent) this.engine.stateHash.fold(hashValue(last))
    return last
  }

  private markForDeletion<T extends KubeObject>(kind: Kind<T>, object: T, old: T, graceSeconds: number): void {
    const meta = object.metadata
    if (kind.gracePeriodSeconds || !meta.deletionTimestamp)
      meta.deletionTimestamp = this.deletionTime(old, graceSeconds)
    meta.deletionGracePeriodSeconds = graceSeconds
    if (kind.generationOf && !old.metadata.deletionTimestamp) meta.generation = (meta.generation ?? 0) + 1
    kind.beginDeletion?.(object)
  }

  private deletionTime(old: KubeObject, graceSeconds: number): string {
    const former = old.metadata.deletionTimestamp
    const start = former
      ? Date.parse(former) - (old.metadata.deletionGracePeriodSeconds ?? 0) * 1000
      : this.engine.epochMs
    return new Date(Math.floor((start + graceSeconds * 1000) / 1000) * 1000).toISOString().replace('.000Z', 'Z')
  }

  // ---------- the chain's parts ----------

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
    const group = caller.group ?? kind.group
    const request: RequestInfo = {
      user: caller.user,
      verb,
      group,
      resource: kind.plural,
      subresource,
      // A Namespace lies in itself, so that a RoleBinding in it may allow reading it.
      namespace: kind.plural === 'namespaces' ? key.name : key.namespace,
      name: key.name,
      fieldSelector,
    }
    const decision = this.authorization.authorize(request)
    if (!decision.allowed) {
      this.noteRefusal(request)
      throw forbidden(resourceName({ ...kind, group }), key.name, forbiddenMessage(request, decision.reason))
    }
    if (kind.deprecation) caller.warn?.(kind.deprecation)
  }

  /** The requests that were refused so far, each once. */
  refusedRequests(): readonly RequestInfo[] {
    return [...this.refusals.values()]
  }

  private noteRefusal(request: RequestInfo): void {
    if (this.refusals.size >= keptRefusals) return
    const { user, fieldSelector: _, ...asked } = request
    this.refusals.set([user.name, ...Object.values(asked)].join(' '), request)
  }

  private admissionRequest<T extends KubeObject>(
    operation: AdmissionRequest['operation'],
    caller: Caller,
    kind: Kind<T>,
    subresource: string,
    object: T | undefined,
    old: T | undefined,
    { dryRun = false }: { dryRun?: boolean },
  ): AdmissionRequest {
    const meta = (object ?? old)!.metadata
    return {
      operation,
      kind: kind as unknown as Kind,
      subresource,
      namespace: meta.namespace ?? '',
      name: meta.name ?? '',
      object,
      old,
      user: caller.user,
      isDryRun: dryRun,
      warn: (text) => caller.warn(text),
    }
  }

  private admit(request: AdmissionRequest): void {
    for (const plugin of admissionChain) plugin.admit?.(request, this.admissionContext)
  }

  private validateAdmission(request: AdmissionRequest): void {
    for (const plugin of admissionChain) plugin.validate?.(request, this.admissionContext)
  }

  private strategyContext(caller: Caller | undefined): StrategyContext {
    return {
      now: this.engine.timestamp(),
      serviceAddresses: this.serviceAddresses,
      user: caller?.user ?? { name: 'system:apiserver', groups: ['system:masters'] },
    }
  }

  private trace<T extends KubeObject>(caller: Caller, action: string, kind: Kind<T>, object: T): number {
    const trace = this.engine.trace
    if (untraced.has(resourceName(kind))) return trace.current
    const { name, namespace } = object.metadata
    return trace.record(
      caller.user.name,
      action,
      { kind: kind.kind, namespace, name },
      { revision: this.etcd.revision + 1 },
    )
  }

  private noteNotSimulated<T extends KubeObject>(caller: Caller, kind: Kind<T>, object: T): void {
    if (caller.isTrusted) return
    for (const path of kind.notSimulated ?? []) {
      if (!hasPath(object, path.split('.'))) continue
      this.notSimulated.add(`${kind.kind}.${path}`)
      caller.warn(`not simulated: ${path} is accepted and stored, and has no effect here`)
    }
  }

  /** Each resource draws from a stream of its own, so that a new kind of object does not shift the uids of others. */
  private newUid(resource: string): string {
    return randomUuid(this.engine.random(`apiserver/uids/${resource}`))
  }

  private housekeep(historyMs: number): void {
    const run = () => {
      const now = this.engine.nowMs
      while (this.eventExpiry.length > 0 && this.eventExpiry[0].dueMs <= now)
        this.expireEvent(this.eventExpiry.shift()!.key)
      if (historyMs < now) this.etcd.compact(this.etcd.revisionAt(now - historyMs))
      this.oldestRevision = Math.max(this.nextOldestRevision, this.etcd.compactRevision)
      this.nextOldestRevision = this.etcd.revision
      this.engine.after(compactionIntervalMs, 'apiserver housekeeping', run, { background: true })
    }
    this.engine.after(compactionIntervalMs, 'apiserver housekeeping', run, { background: true })
  }

  private expireEvent(key: string): void {
    const event = this.etcd.get('events', key)
    if (!event) return
    const last = (event as KubeObject & { lastTimestamp?: string | null }).lastTimestamp
    const written = last ? Date.parse(last) - this.engine.startEpochMs : 0
    // A lease is renewed by each write: the event lives an hour from its last one.
    if (written + eventTtlMs > this.engine.nowMs) this.eventExpiry.push({ dueMs: written + eventTtlMs, key })
    else this.etcd.delete('events', key, (value) => value, 0)
  }
}

const scaleOf = <T extends KubeObject>(kind: Kind<T>, object: T): Scale => ({
  spec: { replicas: kind.scale!.replicas(object) },
  status: { replicas: kind.scale!.statusReplicas(object), selector: kind.scale!.selector(object) },
})

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

/** The one object that a field selector leaves, as authorizers see it. */
const selectedName = ({ fieldSelector }: ListOptions): string =>
  (fieldSelector && /^metadata\.name==?([^=,\\]+)$/.exec(fieldSelector)?.[1]) || ''

/** Metadata of an update: what a client may not change is as it was. */
function carriedMeta(meta: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const carried: ObjectMeta = {
    ...meta,
    uid: old.uid,
    creationTimestamp: old.creationTimestamp,
    resourceVersion: old.resourceVersion,
  }
  if (old.namespace !== undefined) carried.namespace = old.namespace
  if (old.generation !== undefined) carried.generation = old.generation
  if (old.generateName !== undefined && meta.generateName === undefined) carried.generateName = old.generateName
  if (old.deletionTimestamp === undefined) delete carried.deletionTimestamp
  else carried.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds === undefined) delete carried.deletionGracePeriodSeconds
  else carried.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
  delete carried.managedFields
  return carried
}

/** The default status strategy: nothing but status (and labels, annotations, finalizers) changes. */
function keepAllButStatus<T extends KubeObject>(object: T, old: T): void {
  const target = object as unknown as Record<string, unknown>
  const source = old as unknown as Record<string, unknown>
  for (const key of new Set([...Object.keys(target), ...Object.keys(source)])) {
    if (key === 'status' || key === 'metadata') continue
    if (source[key] === undefined) delete target[key]
    else target[key] = source[key]
  }
}

const shallowCopy = <T extends KubeObject>(object: T): T => ({ ...object, metadata: { ...object.metadata } })

/** A deleted object goes once nothing holds it: no finalizer, no grace period, nothing of its kind's own. */
function isDone<T extends KubeObject>(kind: Kind<T>, object: T): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (!deletionTimestamp || finalizers?.length) return false
  if (deletionGracePeriodSeconds) return false
  return !kind.holdsDeletion?.(object)
}

/** Finalizers after a DELETE with that propagation policy. Source: registry/generic/registry deletionFinalizersForGarbageCollection */
function finalizersFor(object: KubeObject, options: DeleteOptions): string[] | undefined {
  const policy = options.propagationPolicy
  const current = object.metadata.finalizers ?? []
  if (!policy) return object.metadata.finalizers
  const kept = current.filter((f) => f !== 'orphan' && f !== 'foregroundDeletion')
  if (policy === 'Orphan') kept.push('orphan')
  if (policy === 'Foreground') kept.push('foregroundDeletion')
  return kept
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  if (path.length === 0) return value !== undefined && value !== null
  const [name, ...rest] = path
  if (name.endsWith('[]')) {
    const list = (value as Record<string, unknown> | undefined)?.[name.slice(0, -2)]
    return Array.isArray(list) && list.some((item) => hasPath(item, rest))
  }
  return typeof value === 'object' && value !== null && hasPath((value as Record<string, unknown>)[name], rest)
}

const otherUid = (kind: ResourceNames, key: ObjectKey, wanted: string, found: string): StatusError =>
  conflict(
    resourceName(kind),
    key.name,
    `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`,
  )

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
