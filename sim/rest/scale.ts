/** The subresource `scale`: an autoscaling/v1 Scale of whatever has replicas. Source: kubernetes/pkg/registry/apps/deployment/storage ScaleREST */
import { invalid, invalidObject } from '../api/meta/field-error.ts'
import { cloneJson, isRecord } from '../api/meta/json.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../api/meta/object.ts'
import { badRequest, notAScale, notFound } from '../api/meta/status-error.ts'
import { jsonMergePatch } from '../api/patch/json-merge-patch.ts'
import { jsonPatch } from '../api/patch/json-patch.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Caller } from '../apiserver/caller.ts'
import type { ApplyOptions, PatchType, WriteOptions } from '../client/client.ts'

/** What the API shows of the object's scale. */
function scaleOf(kind: Kind, object: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas, statusReplicas, selector } = kind.scale!
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas(object) },
    status: { replicas: statusReplicas(object), selector: selector(object) },
  }
}

function stored(server: ApiServer, kind: Kind, key: ObjectKey): KubeObject {
  const object = server.stored(kind, key)
  if (!object) throw notFound(resourceName(kind), key.name)
  return object
}

export function readScale(server: ApiServer, caller: Caller, kind: Kind, key: ObjectKey): Record<string, unknown> {
  server.check(caller, 'get', kind, key, 'scale')
  return scaleOf(kind, stored(server, kind, key))
}

/** @throws StatusError 400 or 422 for what is no Scale, 409 for an old resourceVersion */
export function writeScale(
  server: ApiServer,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  body: unknown,
  options: WriteOptions,
): Record<string, unknown> {
  server.check(caller, 'update', kind, key, 'scale')
  return replaceScale(server, caller, kind, key, body, options)
}

export function patchScale(
  server: ApiServer,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  type: PatchType | 'apply',
  patch: unknown,
  options: WriteOptions,
): Record<string, unknown> {
  if (type === 'apply') return applyScale(server, caller, kind, key, patch, options)
  server.check(caller, 'patch', kind, key, 'scale')
  const current = scaleOf(kind, stored(server, kind, key))
  // A Scale has no lists to merge by key, so that a strategic patch means what a merge patch does.
  const patched = (type === 'json' ? jsonPatch : jsonMergePatch)(current, patch)
  return replaceScale(server, caller, kind, key, patched, options)
}

/** The field is owned as what it is in the object: `spec.replicas`. Source: k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go */
function applyScale(
  server: ApiServer,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  config: unknown,
  options: ApplyOptions,
): Record<string, unknown> {
  if (isRecord(config) && config.kind !== 'Scale') {
    const { apiVersion, kind: other } = config
    throw badRequest(`invalid object type: ${String(apiVersion).replace(/^([^/]*)$/, '/$1')}, Kind=${other}`)
  }
  const { spec } = checkScale(config, key)
  const applied = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { ...key }, spec } as unknown as KubeObject
  return scaleOf(kind, server.apply(caller, kind, applied, { ...options, subresource: 'scale' }))
}

function replaceScale(
  server: ApiServer,
  caller: Caller,
  kind: Kind,
  key: ObjectKey,
  body: unknown,
  options: WriteOptions,
): Record<string, unknown> {
  const { metadata, spec } = checkScale(body, key)
  const { replicas = 0 } = spec
  const { resourceVersion } = metadata
  const changed = server.scaleTo(caller, kind, key, options, (old) => {
    const object = cloneJson(kind.scale!.withReplicas(old, replicas))
    object.metadata.resourceVersion = typeof resourceVersion === 'string' ? resourceVersion : ''
    return object
  })
  return scaleOf(kind, changed)
}

/** The parts of a Scale. @throws StatusError 400 for what is none or another one's, 422 for a number that cannot be */
function checkScale(body: unknown, key: ObjectKey): { metadata: Record<string, unknown>; spec: { replicas?: number } } {
  if (!isRecord(body)) throw badRequest(`expected an object of kind Scale, got ${typeof body}`)
  if (body.kind !== undefined && body.kind !== 'Scale')
    throw notAScale({ version: String(body.apiVersion).split('/').pop()!, kind: String(body.kind) })
  const metadata = isRecord(body.metadata) ? body.metadata : {}
  if (metadata.name !== undefined && metadata.name !== key.name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${key.name})`)
  const { replicas } = isRecord(body.spec) ? body.spec : {}
  if (replicas === undefined || replicas === null) return { metadata, spec: {} }
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be a whole number')
  if (replicas < 0)
    throw invalidObject('autoscaling', 'Scale', key.name, [
      invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ])
  return { metadata, spec: { replicas } }
}
