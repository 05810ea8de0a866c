/**
 * Changing a stored object: the object itself, its status, or another part of it that the kind names.
 * Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Update), rest/update.go (BeforeUpdate)
 */
import { invalid, invalidObject } from '../../api/meta/field-error.ts'
import { cloneJson, equalJson } from '../../api/meta/json.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey, ObjectMeta } from '../../api/meta/object.ts'
import { equalSemantically } from '../../api/meta/semantic-equality.ts'
import { badRequest, methodNotAllowed, notFound, staleConflict } from '../../api/meta/status-error.ts'
import type { WriteOptions } from '../../client/client.ts'
import type { Caller } from '../caller.ts'
import { decode } from '../decoding.ts'
import { changesOwnership, managedFieldsOf, takesOver, writtenManagedFields } from '../managed-fields/managers.ts'
import { keptOfSent } from '../managed-fields/sent.ts'
import { plainWrite } from '../object-store.ts'
import { admissionRequest, admit, admitStatus, validateAdmission, validateStatusAdmission } from './admit.ts'
import { commit } from './commit.ts'
import { createDecoded } from './create.ts'
import { reserve, strategyContext, type WriteParts, warn } from './parts.ts'
import { otherUid } from './preconditions.ts'

const keyOf = ({ metadata }: KubeObject): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** PUT of the object. */
export function update<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  object: T,
  options: WriteOptions,
): T {
  const key = keyOf(object)
  parts.access.check(caller, kind, { verb: 'update', key })
  const decoded = decode(kind, cloneJson(object), caller, options)
  if (!kind.createsOnUpdate || parts.store.get(kind, key))
    return replace(parts, caller, kind, { key, make: () => decoded, options })
  const { uid } = decoded.metadata
  if (uid) throw otherUid(kind, key, uid, '')
  parts.access.check(caller, kind, { verb: 'create', key })
  decoded.metadata.resourceVersion = ''
  return createDecoded(parts, caller, kind, { object: decoded, namespace: key.namespace, options })
}

/** PUT of its status. */
export function updateStatus<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  object: T,
  options: WriteOptions,
): T {
  const key = keyOf(object)
  parts.access.check(caller, kind, { verb: 'update', key, subresource: 'status' })
  if (!kind.hasStatus) throw notFound(resourceName(kind), key.name)
  const copy = caller.isTrusted ? shallowCopy(object) : decode(kind, cloneJson(object), caller, options)
  return replace(parts, caller, kind, { key, make: () => copy, options, subresource: 'status' })
}

/** PUT of a part that the kind names among its `updates`. */
export function updatePart<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  object: T,
  subresource: string,
  options: WriteOptions,
): T {
  const key = keyOf(object)
  parts.access.check(caller, kind, { verb: 'update', key, subresource })
  if (!kind.updates?.[subresource]) throw methodNotAllowed()
  const decoded = decode(kind, cloneJson(object), caller, options)
  return replace(parts, caller, kind, { key, make: () => decoded, options, subresource })
}

export interface Replacement<T> {
  key: ObjectKey
  /** Given the stored object; builds the new one on a copy. */
  make(old: T): T
  options: WriteOptions
  /** '' for the object itself. */
  subresource?: string
  /** What server-side apply was given, which owns its fields. */
  applied?: unknown
  /** A patch says nothing of which object is meant: a uid or a namespace in it is a change like others. */
  isPatch?: boolean
}

/** The one way by which a stored object changes. Whether the caller may was asked before. */
export function replace<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  { key, make, options, subresource = '', applied, isPatch = false }: Replacement<T>,
): T {
  if (kind.isVirtual) throw methodNotAllowed()
  const { store } = parts
  const old = store.get(kind, key)
  if (!old) throw notFound(resourceName(kind), key.name)
  const object = make(old)
  const managedFields = subresource
    ? undefined
    : writtenManagedFields(object.metadata.managedFields, () => managedFieldsOf(kind, store.versionOf(kind, old)))
  checkPreconditions(kind, key, object.metadata, old.metadata, isPatch)
  const prepared: Prepared<T> = { caller, kind, object, old, subresource, dryRun: options.dryRun }
  let sent: KubeObject | undefined
  if (subresource === 'status') prepareStatus(parts, prepared)
  else sent = prepareObject(parts, prepared)
  object.apiVersion = kind.apiVersion
  object.kind = kind.kind
  object.metadata.resourceVersion = old.metadata.resourceVersion
  const manager = options.fieldManager ?? caller.fieldManager
  const kept = keptOfSent(sent, object, old, kind.hasStatus)
  const write = {
    ...plainWrite({ ...caller, fieldManager: manager }, parts.engine),
    ...(applied ? { operation: 'Apply' as const, applied } : {}),
    subresource: subresource || undefined,
    managedFields,
    sent: kept,
  }
  const changesOwners = (): boolean =>
    managedFields !== undefined ||
    (applied !== undefined && changesOwnership(kind, store.versionOf(kind, old), applied, manager)) ||
    (applied === undefined && kept !== undefined && takesOver(kind, store.versionOf(kind, old), kept, write))
  if (equalJson(object, old) && !changesOwners()) return old
  if (options.dryRun) return store.unwritten(object, write, store.versionOf(kind, old))
  const action = subresource ? `update ${subresource}` : 'update'
  return commit(parts, { caller, kind, key, action, object, write })
}

/** That it is the object which the caller means, in the version that they know. */
function checkPreconditions<T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey,
  meta: ObjectMeta,
  old: ObjectMeta,
  isPatch: boolean,
): void {
  if (!meta.name)
    throw badRequest(`the name of the object (${key.name} based on URL) was undeterminable: name must be provided`)
  if (meta.name !== key.name)
    throw badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${key.name})`)
  if (meta.resourceVersion && meta.resourceVersion !== old.resourceVersion)
    throw staleConflict(resourceName(kind), key.name)
  if (!meta.resourceVersion && kind.needsResourceVersion)
    throw invalidObject(kind.group, kind.plural, key.name, [
      invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ])
  if ((meta.namespace ?? '') !== (old.namespace ?? ''))
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (!meta.uid || meta.uid === old.uid) return
  if (!isPatch) throw otherUid(kind, key, meta.uid, old.uid)
  throw invalidObject(kind.group, kind.kind, key.name, [invalid('metadata.uid', meta.uid, 'field is immutable')])
}

interface Prepared<T extends KubeObject> {
  caller: Caller
  kind: Kind<T>
  object: T
  old: T
  subresource: string
  dryRun: boolean | undefined
}

/** A write to the status: everything else stays, but for labels, annotations and finalizers. */
function prepareStatus<T extends KubeObject>(parts: WriteParts, prepared: Prepared<T>): void {
  const { caller, kind, object, old } = prepared
  // In Go a status is never missing, only empty; a custom resource is no struct of Go's.
  if (kind.custom) kind.applyDefaults(object)
  else (object as { status?: unknown }).status ??= {}
  object.metadata = {
    ...carriedMeta(object.metadata, old.metadata),
    ...(old.metadata.generation ? { generation: old.metadata.generation } : {}),
  }
  const request = admissionRequest(caller, kind, { operation: 'UPDATE', ...prepared })
  admitStatus(parts, request)
  if (kind.prepareForStatusUpdate) kind.prepareForStatusUpdate(object, old)
  else keepAllButStatus(object, old)
  const errors = caller.isTrusted ? [] : (kind.validateStatusUpdate?.(object, old) ?? [])
  if (errors.length > 0) throw invalidObject(kind.group, kind.kind, old.metadata.name, errors)
  validateStatusAdmission(parts, request)
}

/**
 * A write to the object, or to a part that has a strategy of its own.
 * @returns what was sent; nothing of the server's own components, which send what is stored
 */
function prepareObject<T extends KubeObject>(parts: WriteParts, prepared: Prepared<T>): KubeObject | undefined {
  const { caller, kind, object, old, subresource, dryRun } = prepared
  const { name } = old.metadata
  const context = strategyContext(parts, caller)
  kind.applyDefaults(object)
  object.metadata = carriedMeta(object.metadata, old.metadata)
  const sent = caller.isTrusted ? undefined : cloneJson(object)
  const request = admissionRequest(caller, kind, { operation: 'UPDATE', ...prepared })
  admit(parts, request)
  const part = kind.updates?.[subresource]
  if (part) part.prepare(object, old, context)
  else kind.prepareForUpdate(object, old, context)
  if (kind.generationOf) {
    // Of a custom resource nobody knows which of its members are quantities.
    const isEqual = kind.custom ? equalJson : equalSemantically
    const changed = !isEqual(kind.generationOf(object), kind.generationOf(old))
    object.metadata.generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0)
  }
  const takeReserved = reserve(parts, kind, { object, old, context, dryRun })
  const errors = part ? part.validate(object, old) : kind.validateUpdate(object, old)
  if (errors.length > 0) throw invalidObject(kind.group, kind.kind, name, errors)
  warn(parts, caller, kind, object, old)
  validateAdmission(parts, request)
  takeReserved()
  return sent
}

/**
 * Changes an object outside the update strategy (binding sets nodeName, which an update may not).
 * @param action what the trace calls it
 */
export function modify<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  key: ObjectKey,
  action: string,
  change: (old: T) => T,
): T {
  const old = parts.store.get(kind, key)
  if (!old) throw notFound(resourceName(kind), key.name)
  const object = change(old)
  if (equalJson(object, old)) return old
  // Nobody owns what comes about so.
  const write = { ...plainWrite(caller, parts.engine), sent: old }
  return commit(parts, { caller, kind, key, action, object, write })
}

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
  // What a client makes up for an object that nobody deletes is left for validation to refuse.
  if (old.deletionTimestamp !== undefined) carried.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined)
    carried.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds
  delete carried.managedFields
  delete (carried as { selfLink?: string }).selfLink
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
