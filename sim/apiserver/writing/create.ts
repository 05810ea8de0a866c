/** Creating an object. Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Create), rest/create.go (BeforeCreate) */
import { invalidObject } from '../../api/meta/field-error.ts'
import { cloneJson } from '../../api/meta/json.ts'
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import { type Draft, type KubeObject, keyText, type ObjectMeta } from '../../api/meta/object.ts'
import { generateName } from '../../api/meta/safe-names.ts'
import { alreadyExists, badRequest, StatusError } from '../../api/meta/status-error.ts'
import type { WriteOptions } from '../../client/client.ts'
import { BudgetError } from '../../engine/engine.ts'
import type { Caller } from '../caller.ts'
import { decode } from '../decoding.ts'
import { keptOfSent } from '../managed-fields/sent.ts'
import { plainWrite } from '../object-store.ts'
import { virtualMethod } from '../virtual.ts'
import { admissionRequest, admit, validateAdmission } from './admit.ts'
import { commit } from './commit.ts'
import { reserve, strategyContext, type WriteParts, warn } from './parts.ts'

export function create<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  draft: Draft<T>,
  options: WriteOptions,
): T {
  const namespace = kind.isNamespaced ? (draft.metadata?.namespace ?? '') : ''
  parts.access.check(caller, kind, { verb: 'create', key: { namespace, name: '' } })
  const object = decode(kind, cloneJson(draft), caller, options)
  if (!kind.isVirtual) return createDecoded(parts, caller, kind, { object, namespace, options })
  const errors = kind.validate(object)
  if (errors.length > 0) throw invalidObject(kind.group, kind.kind, object.metadata.name ?? '', errors)
  const answer = virtualMethod(parts.virtualResources, kind as unknown as Kind, 'create')
  return answer(object, { caller, namespace, options }) as T
}

/** @param created.applied what server-side apply was given, which owns its fields */
export function createDecoded<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  created: { object: T; namespace: string; options: WriteOptions; applied?: unknown },
): T {
  const { object, namespace, options, applied } = created
  const { engine, store } = parts
  const resource = resourceName(kind)
  if (kind.custom?.isTerminating)
    throw new StatusError(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating')
  if (kind.isNamespaced && !namespace) throw badRequest('an empty namespace may not be set during creation')
  if (kind.isNamespaced) object.metadata.namespace = namespace
  else delete object.metadata.namespace
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  kind.applyDefaults(object)
  const sent = cloneJson(object)
  const { dryRun } = options
  const request = admissionRequest(caller, kind, { operation: 'CREATE', object, old: undefined, dryRun })
  admit(parts, request)
  const context = strategyContext(parts, caller)
  const meta = prepareMeta(parts, kind, object)
  kind.prepareForCreate(object, context)
  const takeReserved = reserve(parts, kind, { object, old: undefined, context, dryRun })
  const errors = [...(kind.validateCreate?.(object, context) ?? []), ...kind.validate(object)]
  if (errors.length > 0) throw invalidObject(kind.group, kind.kind, meta.name || (meta.generateName ?? ''), errors)
  warn(parts, caller, kind, object, undefined)
  const key = { namespace, name: meta.name }
  validateAdmission(parts, { ...request, name: meta.name })
  if (store.etcd.get(resource, keyText(key))) throw alreadyExists(resource, meta.name)
  const write = {
    ...plainWrite({ ...caller, fieldManager: options.fieldManager ?? caller.fieldManager }, engine),
    ...(applied ? { operation: 'Apply' as const, applied } : {}),
    sent: keptOfSent(sent, object, undefined, kind.hasStatus),
  }
  if (dryRun) return store.unwritten(object, write, undefined)
  const most = engine.limits.objects
  if (store.etcd.size >= most)
    throw new BudgetError(
      'objects',
      `the cluster may hold ${most} objects, and holds as many: no ${kind.kind} was added`,
      { objects: most, kind: kind.kind },
    )
  takeReserved()
  const stored = commit(parts, { caller, kind, key, action: 'create', object, write })
  store.expires(kind, keyText(key))
  return stored
}

/** What the server sets of a new object's metadata, and a client may not. */
function prepareMeta<T extends KubeObject>(
  { engine, store, names }: WriteParts,
  kind: Kind<T>,
  object: T,
): Partial<ObjectMeta> & { name: string } {
  const meta = object.metadata as Partial<ObjectMeta> & { name: string }
  delete meta.deletionTimestamp
  delete meta.deletionGracePeriodSeconds
  delete meta.managedFields
  meta.uid = store.newUid(kind)
  meta.creationTimestamp = engine.timestamp()
  if (kind.generationOf) meta.generation = 1
  else delete meta.generation
  if (!meta.name && meta.generateName) meta.name = generateName(meta.generateName, names)
  return meta
}
