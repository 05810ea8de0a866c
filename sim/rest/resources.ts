/** The verbs of resources over HTTP: reads, writes and their answers. Source: k8s.io/apiserver/pkg/endpoints/handlers */
import { type FieldError, invalidObject } from '../api/meta/field-error.ts'
import { cloneJson, isRecord } from '../api/meta/json.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../api/meta/object.ts'
import { badRequest, methodNotAllowed, notFound, type StatusError } from '../api/meta/status-error.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../api/patch/json-patch.ts'
import { strategicMergePatch } from '../api/patch/strategic-merge-patch.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Caller } from '../apiserver/caller.ts'
import { decode } from '../apiserver/decoding.ts'
import { managedFieldsOf } from '../apiserver/managed-fields/managers.ts'
import type { ApplyOptions, UserInfo, WriteOptions, WrittenFields } from '../client/client.ts'
import { checkApplied, type PatchContent, readBody, readPatch, writtenFields } from './bodies.ts'
import { negotiate, type Representation, speaksProtobufAlone } from './negotiation.ts'
import { deleteOptions, type ReadOptions, readOptions, writeOptions } from './options.ts'
import type { ResourcePath } from './paths.ts'
import type { ExpectedKind } from './protobuf/decode.ts'
import { type IncludeObject, type ListMeta, type Shape, showList, showObject } from './representation.ts'
import { patchScale, readScale, writeScale } from './scale.ts'
import type { HttpOutcome } from './types.ts'
import type { OtherVersion } from './versions/version.ts'
import { watchStream } from './watch-stream.ts'

/** A request for a resource, read so far that verbs can act on it. */
export interface ResourceRequest {
  server: ApiServer
  /** As it is stored. */
  kind: Kind
  /** How the path calls it, when that is not the version it is stored in. */
  version: OtherVersion | undefined
  path: ResourcePath
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  caller: Caller
  answer(value: unknown, status?: number): HttpOutcome
}

const FORMS: readonly Representation['as'][] = ['Table', 'PartialObjectMetadata']
const LIST_FORMS: readonly Representation['as'][] = ['Table', 'PartialObjectMetadataList']
const WATCH_FORMS: readonly Representation['as'][] = ['Table', 'PartialObjectMetadata']

/** Kinds whose deletion is answered by the object as it was, even when it is gone at once. Source: `ReturnDeletedObject` of their storages. */
const RETURNED_WHEN_DELETED = new Set([
  'Pod',
  'Service',
  'ServiceAccount',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ResourceQuota',
  'StorageClass',
  'CSINode',
  'VolumeAttachment',
])

const DELETE_OPTIONS: ExpectedKind = { apiVersion: 'v1', kind: 'DeleteOptions' }

const keyOfPath = ({ namespace, name }: ResourcePath): ObjectKey => ({ namespace, name })

function shapeOf(request: ResourceRequest, served: readonly Representation['as'][]): Shape {
  const { kind, server } = request
  // What can only be created is no object that is kept, and has no other form.
  const forms = kind.isVirtual && !server.virtualVerbs(kind).includes('get') ? [] : served
  const include = request.query.get('includeObject') ?? 'Metadata'
  if (!['None', 'Metadata', 'Object'].includes(include))
    throw badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`)
  return {
    form: negotiate(request.headers.accept, forms),
    includeObject: include as IncludeObject,
    context: { nowEpochMs: request.server.engine.epochMs },
  }
}

/** The object with what answers say of who owns its fields, which is reckoned only when somebody asks. */
function withManagedFields(server: ApiServer, kind: Kind, object: KubeObject): KubeObject {
  if (kind.isVirtual) return object
  const managedFields = managedFieldsOf(kind, server.versionOf(kind, object))
  return managedFields.length > 0 ? { ...object, metadata: { ...object.metadata, managedFields } } : object
}

/** The object in the version of the path. */
function inPathVersion({ version }: ResourceRequest, object: KubeObject): KubeObject {
  if (!version) return object
  const { apiVersion, kind } = version.kind
  return { ...version.fromStored({ ...object }), apiVersion, kind } as unknown as KubeObject
}

/** The object as answers show it: with managed fields, in the version of the path. */
const fullObject = (request: ResourceRequest, object: KubeObject): KubeObject =>
  inPathVersion(request, withManagedFields(request.server, request.kind, object))

function answerObject(request: ResourceRequest, object: KubeObject, status = 200): HttpOutcome {
  const { kind } = request
  const shape = shapeOf(request, FORMS)
  const full = shape.form.as === 'Table' ? object : fullObject(request, object)
  return request.answer(showObject(kind, full, shape), status)
}

// ---------- reads ----------

export function get(request: ResourceRequest): HttpOutcome {
  const { server, caller, kind, path } = request
  shapeOf(request, FORMS)
  readVersion(request)
  if (path.subresource === 'scale' && kind.scale)
    return request.answer(readScale(server, caller, kind, keyOfPath(path)))
  if (path.subresource) {
    server.check(caller, 'get', kind, keyOfPath(path), path.subresource)
    const object = server.stored(kind, keyOfPath(path))
    if (!object) throw notFound(resourceName(kind), path.name)
    return answerObject(request, object)
  }
  return answerObject(request, server.get(caller, kind, keyOfPath(path)))
}

/** @throws StatusError 400 for a revision that is none, 504 for one that is yet to come */
function readVersion({ server, query }: ResourceRequest): void {
  const { resourceVersion } = readOptions(
    new URLSearchParams({ resourceVersion: query.get('resourceVersion') ?? '' }),
    false,
  )
  server.checkRevision(Number(resourceVersion ?? 0))
}

export function list(request: ResourceRequest): HttpOutcome {
  const { server, caller, kind, path } = request
  const options = selectable(request, readOptions(request.query, path.isWatch))
  if (options.watch) return watch(request, options)
  const shape = shapeOf(request, LIST_FORMS)
  const found = server.list(caller, kind, { ...options, namespace: path.namespace })
  const meta: ListMeta = {
    resourceVersion: found.resourceVersion,
    ...(found.continue ? { continue: found.continue } : {}),
    ...(found.remainingItemCount ? { remainingItemCount: found.remainingItemCount } : {}),
  }
  const items = shape.form.as === 'Table' ? found.items : found.items.map((object) => fullObject(request, object))
  return request.answer(showList(request.version?.kind ?? kind, items, meta, shape))
}

/** The field selector in the words of the stored version. */
function selectable({ version }: ResourceRequest, options: ReadOptions): ReadOptions {
  const { fieldSelector } = options
  if (!version?.selectableAs || !fieldSelector) return options
  const words = fieldSelector.split(',').map((term) => {
    const [, field, rest] = /^([^=!]*)(.*)$/.exec(term) ?? []
    return `${version.selectableAs?.[field] ?? field}${rest}`
  })
  return { ...options, fieldSelector: words.join(',') }
}

/** A watch of a collection, or by the old way of one object. */
export function watch(request: ResourceRequest, options: ReadOptions): HttpOutcome {
  const { server, caller, kind, path } = request
  shapeOf(request, WATCH_FORMS)
  const named = path.name ? { fieldSelector: `metadata.name=${path.name}` } : {}
  return watchStream(
    server,
    caller,
    kind,
    path.namespace,
    { ...options, ...named },
    () => shapeOf(request, WATCH_FORMS),
    (object) => fullObject(request, object),
    speaksProtobufAlone(request.headers.accept),
  )
}

// ---------- writes ----------
// Whether the answer can be given in the form that was asked for is told before anything is written.

function objectInBody(request: ResourceRequest): Record<string, unknown> {
  const value = readBody(request.body, request.headers['content-type'], request.kind)
  if (!isRecord(value)) throw badRequest(`the body of the request holds no ${request.kind.kind}: it must be an object`)
  return value
}

/** The body as it is stored: what was sent in another version is read in that one first. */
function toStored(
  { version, caller, query }: ResourceRequest,
  body: Record<string, unknown>,
  written?: WrittenFields,
): Record<string, unknown> {
  if (!version) return body
  const fieldValidation = (query.get('fieldValidation') || 'Warn') as WriteOptions['fieldValidation']
  const read = decode(version.kind, body, caller, { fieldValidation, written }) as unknown as Record<string, unknown>
  const { apiVersion, kind } = version.stored
  return { ...version.toStored(read), apiVersion, kind }
}

/** What is asked for besides the object, and how the object was written. */
function optionsOf({ query, body, headers }: ResourceRequest, kind: 'CreateOptions' | 'UpdateOptions'): WriteOptions {
  const options = writeOptions(query, kind)
  if (options.fieldValidation === 'Ignore') return options
  return { ...options, written: writtenFields(body, headers['content-type']) }
}

/** The same of a patch: what it has twice is told before what the patched object has too much. */
function patchOptions({ query, body, headers }: ResourceRequest, type: PatchContent): ApplyOptions {
  const options = writeOptions(query, 'PatchOptions', type === 'apply')
  if (options.fieldValidation === 'Ignore' || type === 'apply') return options
  const { duplicates = [] } = writtenFields(body, headers['content-type']) ?? {}
  return { ...options, written: { duplicates } }
}

/** The refusal of a body for what its metadata says; a body that cannot be read is refused for that. */
function misfit(request: ResourceRequest, body: Record<string, unknown>, why: string): StatusError {
  const { version, kind, query } = request
  const fieldValidation = query.get('fieldValidation') === 'Strict' ? 'Strict' : 'Ignore'
  decode(version?.kind ?? kind, cloneJson(body), { isTrusted: false, warn() {} }, { fieldValidation })
  return badRequest(why)
}

/** The metadata of a body, made if there is none, in the namespace of the path. */
function metadataOf(object: Record<string, unknown>, request: ResourceRequest): Record<string, unknown> {
  if (object.metadata !== undefined && object.metadata !== null && !isRecord(object.metadata))
    throw misfit(request, object, 'metadata must be an object')
  const metadata: Record<string, unknown> = isRecord(object.metadata) ? object.metadata : {}
  object.metadata = metadata
  const { namespace } = request.path
  if (!request.kind.isNamespaced) return metadata
  if (metadata.namespace && metadata.namespace !== namespace)
    throw misfit(
      request,
      object,
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  metadata.namespace = namespace
  return metadata
}

export function create(request: ResourceRequest): HttpOutcome {
  shapeOf(request, FORMS)
  const { server, caller, kind, path } = request
  const object = objectInBody(request)
  const options = optionsOf(request, 'CreateOptions')
  if (path.name) return createPart(request, object)
  if (kind.isNamespaced && !path.namespace) throw methodNotAllowed()
  metadataOf(object, request)
  const wanted = toStored(request, object, options.written) as unknown as KubeObject
  if (request.version?.validate) {
    server.check(caller, 'create', kind, { namespace: path.namespace, name: '' })
    demand(request, wanted, request.version.validate(wanted as unknown as Record<string, unknown>))
  }
  const created = server.create(caller, kind, wanted, options)
  return answerObject(request, created, 201)
}

/** What the version of the path does not allow. */
function demand({ version, kind }: ResourceRequest, { metadata }: KubeObject, errors: readonly FieldError[]): void {
  const { group, kind: name } = version?.kind ?? kind
  if (errors.length > 0) throw invalidObject(group, name, metadata.name || (metadata.generateName ?? ''), errors)
}

/** PUT, or what comes of a patch: the object in the words of the stored version. */
function replaceStored(request: ResourceRequest, object: KubeObject, options: WriteOptions): KubeObject {
  const { server, caller, kind, path, version } = request
  const old = version?.validateUpdate && server.stored(kind, keyOfPath(path))
  if (version?.validateUpdate && old) {
    server.check(caller, 'update', kind, keyOfPath(path))
    const [changed, before] = [object, old] as unknown as Record<string, unknown>[]
    demand(request, object, version.validateUpdate(changed, before))
  }
  return server.update(caller, kind, object, options)
}

/** POST to a part of an object: binding, eviction, token. */
function createPart(request: ResourceRequest, body: Record<string, unknown>): HttpOutcome {
  const { server, caller, kind, path } = request
  const { subresource } = path
  if (!subresource) throw methodNotAllowed()
  const named = isRecord(body.metadata) && body.metadata.name ? body.metadata.name : path.name
  if (named !== path.name)
    throw badRequest(
      `name in URL does not match name in ${String(body.kind ?? 'the')} object: ${path.name} and ${named}`,
    )
  const options = writeOptions(request.query, 'CreateOptions')
  const result = server.createSubresource(caller, kind, keyOfPath(path), subresource, body, options)
  const isObject = isRecord(result) && result.kind === kind.kind
  // A binding and an eviction are answered by a Status.
  return request.answer(
    isObject ? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } : result,
    201,
  )
}

export function update(request: ResourceRequest): HttpOutcome {
  shapeOf(request, FORMS)
  const { server, caller, kind, path } = request
  const key = keyOfPath(path)
  const body = objectInBody(request)
  const options = optionsOf(request, 'UpdateOptions')
  if (path.subresource === 'scale' && kind.scale)
    return request.answer(writeScale(server, caller, kind, key, body, options))
  if (path.subresource === 'finalize')
    return answerObject(request, server.createSubresource(caller, kind, key, 'finalize', body, options) as KubeObject)
  const metadata = metadataOf(body, request)
  if (metadata.name !== path.name) {
    const why = metadata.name
      ? `the name of the object (${metadata.name}) does not match the name on the URL (${path.name})`
      : `the name of the object (${path.name} based on URL) was undeterminable: name must be provided`
    throw misfit(request, body, why)
  }
  const object = toStored(request, body, options.written) as unknown as KubeObject
  if (path.subresource === '') {
    const existed = server.has(kind, key)
    return answerObject(request, replaceStored(request, object, options), existed ? 200 : 201)
  }
  if (path.subresource === 'status') return answerObject(request, server.updateStatus(caller, kind, object, options))
  return answerObject(request, server.updatePart(caller, kind, object, path.subresource, options))
}

export function patch(request: ResourceRequest): HttpOutcome {
  shapeOf(request, FORMS)
  const { server, caller, kind, path } = request
  const key = keyOfPath(path)
  const { type, patch: change } = readPatch(request.body, request.headers['content-type'])
  const options = patchOptions(request, type)
  if (path.subresource === 'scale' && kind.scale)
    return request.answer(patchScale(server, caller, kind, key, type, change, options))
  if (request.version) return answerObject(request, patchOtherVersion(request, type, change, options))
  if (type !== 'apply')
    return answerObject(request, server.patch(caller, kind, key, type, change, options, path.subresource))
  if (!isRecord(change)) throw badRequest('the applied configuration must be an object')
  const metadata = metadataOf(change, request)
  if (metadata.managedFields !== undefined && metadata.managedFields !== null)
    throw badRequest('metadata.managedFields must be nil')
  metadata.name ??= path.name
  if (metadata.name !== path.name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${path.name})`)
  if (options.fieldValidation !== 'Ignore')
    checkApplied(request.body, options.fieldValidation === 'Strict', caller.warn)
  const existed = server.has(kind, key)
  const applied = server.apply(caller, kind, change as unknown as KubeObject, {
    ...options,
    subresource: path.subresource,
  })
  return answerObject(request, applied, existed ? 200 : 201)
}

/** A patch of what the object looks like in the version of the path. */
function patchOtherVersion(
  request: ResourceRequest,
  type: PatchContent,
  change: unknown,
  options: WriteOptions,
): KubeObject {
  const { server, caller, kind, path, version } = request
  const key = keyOfPath(path)
  if (type === 'apply') {
    if (!isRecord(change)) throw badRequest('the applied configuration must be an object')
    metadataOf(change, request).name ??= path.name
    return server.apply(caller, kind, toStored(request, change) as unknown as KubeObject, options)
  }
  const old = server.get(caller, kind, key)
  const shown = inPathVersion(request, old)
  const patched = cloneJson(
    type === 'json'
      ? jsonPatch(shown, change)
      : type === 'merge'
        ? jsonMergePatch(shown, change)
        : strategicMergePatch(version!.kind.schema, shown, change),
  ) as Record<string, unknown>
  return replaceStored(request, toStored(request, patched) as unknown as KubeObject, options)
}

export function remove(request: ResourceRequest): HttpOutcome {
  shapeOf(request, request.path.name ? FORMS : LIST_FORMS)
  const { server, caller, kind, path } = request
  if (path.subresource) throw methodNotAllowed()
  const options = deleteOptions(request.query, readBody(request.body, request.headers['content-type'], DELETE_OPTIONS))
  if (!path.name) return removeCollection(request, options)
  const key = keyOfPath(path)
  const deleted = server.delete(caller, kind, key, options)
  const isGone = options.dryRun ? !deleted.metadata.finalizers?.length : !server.has(kind, key)
  if (!isGone || RETURNED_WHEN_DELETED.has(kind.kind)) return answerObject(request, deleted)
  return request.answer({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: path.name,
      ...(kind.group ? { group: kind.group } : {}),
      kind: kind.plural,
      uid: deleted.metadata.uid,
    },
  })
}

function removeCollection(request: ResourceRequest, options: ReturnType<typeof deleteOptions>): HttpOutcome {
  const { server, caller, kind, path } = request
  if (kind.isVirtual || kind.liesInItself || (kind.isNamespaced && !path.namespace)) throw methodNotAllowed()
  const read = selectable(request, readOptions(request.query, false))
  const deleted = server.deleteCollection(caller, kind, { ...read, namespace: path.namespace }, options)
  const shape = shapeOf(request, LIST_FORMS)
  return request.answer(
    showList(
      request.version?.kind ?? kind,
      deleted.map((object) => inPathVersion(request, object)),
      { resourceVersion: String(server.etcd.revision) },
      shape,
    ),
  )
}

/** As the server sees somebody who asks over HTTP. @param userAgent its first part is the default manager of fields */
export function callerOf(
  user: UserInfo,
  userAgent: string | undefined,
  warnings: Set<string>,
  spend: (ms: number) => void,
): Caller {
  return {
    user,
    fieldManager: userAgent?.split('/')[0] || 'unknown',
    isTrusted: false,
    warn: (text) => void warnings.add(text),
    spend,
  }
}
