/** PATCH in its four forms: JSON patch, merge patch, strategic merge patch, server-side apply. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go */

import { invalid, invalidObject } from '../../api/meta/field-error.ts'
import { goText } from '../../api/meta/go-text.ts'
import { cloneJson, isRecord } from '../../api/meta/json.ts'
import { definitionOf, type Kind, type ResourceNames, resourceName } from '../../api/meta/kind.ts'
import type { Draft, KubeObject, ObjectKey } from '../../api/meta/object.ts'
import { badRequest, methodNotAllowed, noSuchPath, notFound, StatusError } from '../../api/meta/status-error.ts'
import { jsonMergePatch } from '../../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../../api/patch/json-patch.ts'
import { strategicMergePatch } from '../../api/patch/strategic-merge-patch.ts'
import { objectMessage } from '../../api/schema/messages.ts'
import { typedErrors } from '../../api/schema/typed-errors.ts'
import { type Passed, printTypedJson } from '../../api/schema/typed-json.ts'
import { unstructuredFault } from '../../api/schema/unstructured-fault.ts'
import type { ApplyOptions, PatchType, Scale, WriteOptions } from '../../client/client.ts'
import { cannotUnmarshal } from '../../text/go-json-errors.ts'
import type { Caller } from '../caller.ts'
import { decode } from '../decoding.ts'
import { serverSideApply } from '../managed-fields/apply.ts'
import { managedFieldsOf } from '../managed-fields/managers.ts'
import { createDecoded } from './create.ts'
import type { WriteParts } from './parts.ts'
import { scaleOf } from './scale-of.ts'
import { replace } from './update.ts'

export interface Patch {
  type: PatchType
  patch: unknown
  options: WriteOptions
  /** '' for the object itself. */
  subresource?: string
}

export function patchObject<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  key: ObjectKey,
  { type, patch, options, subresource = '' }: Patch,
): T {
  parts.access.check(caller, kind, { verb: 'patch', key, subresource })
  const { scale } = kind
  const make =
    subresource === 'scale' && scale
      ? (old: T): T => {
          const patched = (type === 'json' ? jsonPatch : jsonMergePatch)(scaleOf(kind, old), patch) as Scale
          return cloneJson(scale.withReplicas(old, patched.spec.replicas))
        }
      : (old: T): T => patchedObject(parts, caller, kind, old, { type, patch, options })
  if (subresource && !isServed(kind, subresource)) throw noSuchPath()
  return replace(parts, caller, kind, { key, make, options, subresource, isPatch: true })
}

const isServed = <T extends KubeObject>(kind: Kind<T>, subresource: string): boolean =>
  subresource === 'status'
    ? kind.hasStatus
    : (subresource === 'scale' && kind.scale !== undefined) || kind.updates?.[subresource] !== undefined

function patchedObject<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  old: T,
  { type, patch, options }: Patch,
): T {
  const message = objectMessage(kind.schema)
  if (type === 'strategic') {
    const patched = strategicMergePatch(mergeable(kind), old, patch) as Record<string, unknown>
    const refuse = (why: string) => unpatchable(goText(patch), why)
    const fault = message && unstructuredFault(message, patched)
    if (fault) throw refuse(fault)
    // What kind of object it is, is the server's to say.
    const object = { ...patched, apiVersion: kind.apiVersion, kind: kind.kind } as unknown as T
    return decode(kind, cloneJson(object), caller, options, refuse)
  }
  if (type === 'merge' && !isRecord(patch))
    throw badRequest(`error decoding patch: ${cannotUnmarshal(patch, 'map[string]interface {}')}`)
  const patched = type === 'json' ? jsonPatch(patchable(parts, kind, old, patch), patch) : jsonMergePatch(old, patch)
  const refuse = (why: string) => {
    const passed = type === 'json' ? passedByOperations(patch) : passedByMerge(patch)
    return unpatchable(printTypedJson(message, withManagedFields(parts, kind, old, patched), passed), why)
  }
  return decode(kind, cloneJson(patched) as T, caller, options, refuse)
}

/** @param shown the patch, or what became of the object */
const unpatchable = (shown: string, why: string): StatusError =>
  invalidObject('', '', '', [invalid('patch', shown, why)])

/** The patched object as the server has it at hand, with the fields' owners as they were. */
function withManagedFields<T extends KubeObject>(
  { store }: WriteParts,
  kind: Kind<T>,
  old: T,
  patched: unknown,
): unknown {
  if (!isRecord(patched) || !isRecord(patched.metadata) || patched.metadata.managedFields !== undefined) return patched
  const managedFields = managedFieldsOf(kind, store.versionOf(kind, old))
  return managedFields.length > 0 ? { ...patched, metadata: { ...patched.metadata, managedFields } } : patched
}

/** Names come from outside: none of them may be one that every object has. */
const passedNothing = (): Record<string, Passed> => Object.create(null)

/** Every map that a merge patch goes into. */
function passedByMerge(patch: unknown): Passed {
  const passed = passedNothing()
  if (!isRecord(patch)) return passed
  for (const [name, value] of Object.entries(patch)) if (isRecord(value)) passed[name] = passedByMerge(value)
  return passed
}

/** Every map and list on the way to where an operation acts. */
function passedByOperations(operations: unknown): Passed {
  const root = passedNothing()
  for (const operation of Array.isArray(operations) ? operations : []) {
    for (const pointer of [operation?.path, operation?.from]) {
      if (typeof pointer !== 'string') continue
      let at = root
      for (const token of pointer.split('/').slice(1, -1)) {
        const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
        at[name] ??= passedNothing()
        at = at[name] as Record<string, Passed>
      }
    }
  }
  return root
}

/** What a strategic merge patch goes by: only kinds of the server itself have such. @throws StatusError 415 */
function mergeable<T extends KubeObject>({ custom, schema }: Kind<T>): string {
  if (!custom) return schema
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  )
}

/** What the operations of a JSON patch act on: who owns what is reckoned only when one of them names it. */
function patchable<T extends KubeObject>({ store }: WriteParts, kind: Kind<T>, old: T, patch: unknown): T {
  if (!Array.isArray(patch) || !patch.some((operation) => /^\/metadata\/managedFields/.test(operation?.path)))
    return old
  const managedFields = managedFieldsOf(kind, store.versionOf(kind, old))
  return { ...old, metadata: { ...old.metadata, managedFields } }
}

/** Server-side apply: the object is made when there is none. */
export function applyObject<T extends KubeObject>(
  parts: WriteParts,
  caller: Caller,
  kind: Kind<T>,
  config: Draft<T>,
  given: ApplyOptions,
): T {
  const namespace = kind.isNamespaced ? (config.metadata.namespace ?? '') : ''
  const key = { namespace, name: config.metadata.name ?? '' }
  const { subresource = '', fieldManager: manager, force = false } = given
  parts.access.check(caller, kind, { verb: 'patch', key, subresource })
  if (subresource && !isServed(kind, subresource)) throw noSuchPath()
  if (kind.isVirtual) throw methodNotAllowed()
  if (!key.name) throw badRequest('metadata.name is required for apply')
  if (!manager)
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
  if (!caller.isTrusted && config.apiVersion === kind.apiVersion) refuseUntyped(kind, config)
  const message = caller.isTrusted ? undefined : objectMessage(kind.schema)
  const fault = message && unstructuredFault(message, config)
  if (fault) throw unconverted(kind, config, fault)
  const decoded = decode(kind, cloneJson(config), caller, given, (why) => unconverted(kind, config, why))
  const live = parts.store.get(kind, key)
  const version = live && parts.store.versionOf(kind, live)
  const applied = withoutReset(kind, decoded, subresource)
  const merged = serverSideApply(kind as unknown as Kind, version, applied, { manager, force })
  if (!live && subresource) throw notFound(resourceName(kind), key.name)
  const options = { ...given, fieldManager: manager }
  const make = (): T => cloneJson(merged) as T
  return live
    ? replace(parts, caller, kind, { key, make, options, subresource, applied, isPatch: true })
    : createDecoded(parts, caller, kind, { object: withoutVersion(make()), namespace, options, applied })
}

/**
 * What the address does not change is neither merged nor owned: the status at the object's, all else at the status'.
 * Source: GetResetFields of pkg/registry/<group>/<resource>/strategy.go
 */
function withoutReset<T extends KubeObject>(kind: Kind<T>, applied: T, subresource: string): T {
  if (!kind.hasStatus) return applied
  const { spec, status, ...rest } = applied as T & { spec?: unknown; status?: unknown }
  if (!subresource) return { ...rest, ...(spec === undefined ? {} : { spec }) } as unknown as T
  return subresource === 'status' ? ({ ...rest, ...(status === undefined ? {} : { status }) } as unknown as T) : applied
}

const withoutVersion = <T extends KubeObject>(object: T): T => {
  object.metadata.resourceVersion = ''
  return object
}

/**
 * What a configuration may not say, whatever is stored. Source: structuredMergeManager.Apply of
 * k8s.io/apimachinery/pkg/util/managedfields/internal/structuredmerge.go
 */
function refuseUntyped<T extends KubeObject>(kind: Kind<T>, config: Draft<T>): void {
  if (config.metadata.managedFields) throw badRequest('metadata.managedFields must be nil')
  const errors = typedErrors(definitionOf(kind), config as unknown as Record<string, unknown>)
  if (errors === undefined) return
  throw new StatusError(500, '', `failed to create typed patch object (${described(kind, config)}): ${errors}`)
}

/** What cannot be made an object of the kind. @param why as making it of maps and lists words it */
function unconverted<T extends KubeObject>(kind: Kind<T>, config: Draft<T>, why: string): StatusError {
  return new StatusError(
    500,
    '',
    `failed to convert new object (${described(kind, config)}) to proper version: unable to convert unstructured object to ${typeOf(kind)}: ${why}`,
  )
}

const described = <T extends KubeObject>(kind: Kind<T>, { metadata }: Draft<T>): string =>
  `${metadata.namespace ?? ''}/${metadata.name}; ${typeOf(kind)}`

const typeOf = ({ group, version, kind }: ResourceNames): string => `${group}/${version}, Kind=${kind}`
