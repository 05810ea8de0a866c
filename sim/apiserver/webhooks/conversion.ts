/**
 * Custom resources of one version as another, where a webhook says how. Source:
 * k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go
 */
import { messageOf } from '../../api/meta/field-error.ts'
import { goTypeName } from '../../api/meta/go-text.ts'
import { cloneJson, isRecord } from '../../api/meta/json.ts'
import type { ConversionWebhook } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { validateAnnotations, validateLabels } from '../../api/meta/object-meta.ts'
import { REVIEW_VERSIONS } from '../../api/meta/webhook-client.ts'
import { charge } from '../../engine/work.ts'
import { type CallParts, post, whyUnreachable } from './call.ts'

const GROUP = 'apiextensions.k8s.io'
/** Of the client that asks conversion webhooks. Source: k8s.io/apiserver/pkg/util/webhook/authentication.go */
const TIMEOUT_SECONDS = 30
/** Of one call, whatever it carries. */
const stepsOfCall = 400

/** `isSilent` where nobody was there to answer. */
export type Converted = { tookMs: number } & ({ object: KubeObject } | { error: string; isSilent: boolean })

export const conversionFailed = ({ apiVersion, kind }: KubeObject, why: string): string =>
  `conversion webhook for ${apiVersion}, Kind=${kind} failed: ${why}`

/** Why it could not be asked now; leaves no trace. */
export const unreachable = (parts: CallParts, { clientConfig }: ConversionWebhook): string | undefined =>
  whyUnreachable(parts, clientConfig, TIMEOUT_SECONDS)

/** @param to the apiVersion that is wanted, other than the object's own */
export function convertByWebhook(
  parts: CallParts,
  { clientConfig, conversionReviewVersions }: ConversionWebhook,
  object: KubeObject,
  to: string,
): Converted {
  const version = conversionReviewVersions.find((one) => REVIEW_VERSIONS.includes(one))
  if (version === undefined) return { tookMs: 0, error: 'no supported conversion review versions', isSilent: false }
  charge(stepsOfCall)
  const uid = parts.outgoing.uid()
  const review = {
    kind: 'ConversionReview',
    apiVersion: `${GROUP}/${version}`,
    request: { uid, desiredAPIVersion: to, objects: [object] },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  }
  const called = post(parts, clientConfig, review, TIMEOUT_SECONDS)
  const { tookMs } = called
  const refused = (error: string, isSilent = false): Converted => ({ tookMs, error, isSilent })
  const returned = (what: string): Converted =>
    refused(`conversion webhook for ${object.apiVersion}, Kind=${object.kind} returned ${what}`)
  if ('error' in called) return refused(conversionFailed(object, called.error), called.isSilent)
  const read = convertedObjects(called.answer, version, uid)
  if (typeof read === 'string') return refused(conversionFailed(object, read))
  if (read.length !== 1) return returned(`${read.length} objects, expected 1`)
  const [converted] = read
  if (!isRecord(converted)) return returned('invalid object at index 0: it is no object')
  const fault = identityFault(object, converted, to) ?? metadataFault(object, converted)
  return fault === undefined ? { tookMs, object: withMetadataOf(object, converted) } : returned(fault)
}

/** @returns text where it is no success: why not */
function convertedObjects(
  { kind, apiVersion, response }: Readonly<Record<string, unknown>>,
  version: string,
  uid: string,
): readonly unknown[] | string {
  if (version === 'v1' && (kind !== 'ConversionReview' || apiVersion !== `${GROUP}/v1`))
    return `expected webhook response of ${GROUP}/v1, Kind=ConversionReview, got ${apiVersion}, Kind=${kind}`
  if (!isRecord(response)) return 'no response provided'
  const given = typeof response.uid === 'string' ? response.uid : ''
  if (version === 'v1' && given !== uid)
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`
  const { status = '', message = '' } = isRecord(response.result) ? response.result : {}
  if (status !== 'Success') return String(message) || `response.result.status was '${status}', not 'Success'`
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : []
}

/** What another object would be taken for. */
function identityFault(object: KubeObject, converted: Record<string, unknown>, to: string): string | undefined {
  const { apiVersion, kind, metadata } = converted
  if (apiVersion !== to)
    return `invalid object at index 0: invalid groupVersion (expected ${to}, received ${apiVersion})`
  if (kind !== object.kind) return `invalid object at index 0: invalid kind (expected ${object.kind}, received ${kind})`
  if (!isRecord(metadata)) return undefined
  const told = (value: unknown): string => (typeof value === 'string' ? value : '')
  for (const [field, label] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const expected = object.metadata[field] ?? ''
    if (told(metadata[field]) !== expected)
      return `invalid object: must have the same ${label}: ${expected} != ${told(metadata[field])}`
  }
  return undefined
}

const LOOSE = ['labels', 'annotations'] as const

/** Labels and annotations are all of the metadata that a webhook may change. */
function metadataFault(object: KubeObject, { metadata, ...rest }: Record<string, unknown>): string | undefined {
  const invalid = (why: string): string => `invalid metadata: ${why}`
  if (metadata === undefined && !('metadata' in rest)) return invalid('missing metadata in converted object')
  if (!isRecord(metadata)) return invalid(`invalid metadata of type ${goTypeName(metadata)} in converted object`)
  for (const field of LOOSE) {
    const value = metadata[field]
    if (value === undefined || value === null) continue
    if (!isRecord(value)) return invalid(`invalid metadata.${field} of type ${goTypeName(value)} in converted object`)
    for (const [key, text] of Object.entries(value))
      if (typeof text !== 'string')
        return invalid(`metadata.${field}[${key}] must be a string, but is ${goTypeName(text)} in converted object`)
    const texts = value as Record<string, string>
    const before = object.metadata[field] ?? {}
    const isSame =
      Object.keys(texts).length === Object.keys(before).length &&
      Object.entries(texts).every(([key, text]) => before[key] === text)
    if (isSame) continue
    const errors =
      field === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation')
    const messages = errors.map(messageOf)
    if (messages.length > 0) return invalid(messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`)
  }
  return undefined
}

function withMetadataOf({ metadata }: KubeObject, converted: Record<string, unknown>): KubeObject {
  const given = converted.metadata as Record<string, unknown>
  const kept: Record<string, unknown> = { ...cloneJson(metadata) }
  for (const field of LOOSE) {
    if (given[field] === undefined || given[field] === null) delete kept[field]
    else kept[field] = given[field]
  }
  return { ...converted, metadata: kept } as unknown as KubeObject
}
