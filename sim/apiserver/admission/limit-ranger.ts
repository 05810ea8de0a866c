/**
 * LimitRanger: containers get the namespace's defaults, and what is asked for stays within its bounds.
 * Source: kubernetes/plugin/pkg/admission/limitranger
 */
import { limitRanges } from '../../api/core/limit-range.ts'
import { persistentVolumeClaims } from '../../api/core/persistent-volume-claim.ts'
import { podLimits, podRequests } from '../../api/core/pod/resources.ts'
import { pods } from '../../api/core/pod.ts'
import type { Container, Pod } from '../../api/core/pod-types.ts'
import type { LimitRange, LimitRangeItem } from '../../api/core/policy-types.ts'
import type { PersistentVolumeClaim } from '../../api/core/storage-types.ts'
import type { ResourceList } from '../../api/meta/object.ts'
import { sortedEntries } from '../../api/meta/object-meta.ts'
import { canonicalQuantity, compareQuantities, quantityMillis } from '../../api/meta/quantity.ts'
import { forbidden } from '../../api/meta/status-error.ts'
import type { AdmissionPlugin } from './admission.ts'

const ANNOTATION = 'kubernetes.io/limit-ranger'

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  admit(request, context) {
    if (request.kind !== pods || request.operation !== 'CREATE' || request.subresource) return
    for (const limitRange of context.list(limitRanges, request.namespace))
      applyDefaults(request.object as Pod, limitRange)
  },
  validate(request, context) {
    if (request.subresource || request.operation === 'DELETE') return
    const isPod = request.kind === pods && request.operation === 'CREATE'
    if (!isPod && request.kind !== persistentVolumeClaims) return
    for (const { spec } of context.list(limitRanges, request.namespace)) {
      const refusals = spec.limits.flatMap((item) =>
        isPod ? podRefusals(request.object as Pod, item) : claimRefusals(request.object as PersistentVolumeClaim, item),
      )
      if (refusals.length > 0) throw forbidden(request.kind.plural, request.name, aggregate(refusals))
    }
  },
}

/** Several errors in brackets, each once. */
function aggregate(messages: readonly string[]): string {
  const unique = [...new Set(messages)]
  return unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`
}

/** Fills in the container defaults, and notes in an annotation where. */
export function applyDefaults(pod: Pod, { spec }: LimitRange): void {
  let limits: ResourceList = {}
  let requests: ResourceList = {}
  for (const item of spec.limits) {
    if (item.type !== 'Container') continue
    limits = { ...limits, ...item.default }
    requests = { ...requests, ...item.defaultRequest }
  }
  const notes: string[] = []
  const fill = (container: Container, title: string): void => {
    const missingRequests = missingIn(container.resources.requests, requests)
    const missingLimits = missingIn(container.resources.limits, limits)
    if (missingRequests.length > 0) {
      container.resources.requests = { ...requests, ...container.resources.requests }
      notes.push(`${missingRequests.join(', ')} request for ${title} ${container.name}`)
    }
    if (missingLimits.length > 0) {
      container.resources.limits = { ...limits, ...container.resources.limits }
      notes.push(`${missingLimits.join(', ')} limit for ${title} ${container.name}`)
    }
  }
  for (const container of pod.spec.containers) fill(container, 'container')
  for (const container of pod.spec.initContainers ?? []) fill(container, 'init container')
  if (notes.length === 0) return
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}`,
  }
}

const missingIn = (own: ResourceList | undefined, defaults: ResourceList): string[] =>
  Object.keys(defaults)
    .filter((name) => own?.[name] === undefined)
    .sort()

/** Why the Pod is out of one item's bounds. */
export function podRefusals(pod: Pod, item: LimitRangeItem): string[] {
  if (item.type === 'Container') {
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) =>
      boundsRefusals(item, resources.requests ?? {}, resources.limits ?? {}),
    )
  }
  if (item.type !== 'Pod') return []
  const { overhead: _, ...spec } = pod.spec
  return boundsRefusals(item, podRequests(spec), podLimits(spec))
}

function boundsRefusals(item: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  const { type } = item
  const refusals: (string | undefined)[] = []
  for (const [name, bound] of sortedEntries(item.min)) {
    const text = `minimum ${name} usage per ${type} is ${canonicalQuantity(bound)}`
    refusals.push(tooLittle(text, bound, requests[name], limits[name]))
  }
  for (const [name, bound] of sortedEntries(item.max)) {
    const text = `maximum ${name} usage per ${type} is ${canonicalQuantity(bound)}`
    refusals.push(tooMuch(text, bound, requests[name], limits[name]))
  }
  for (const [name, bound] of sortedEntries(item.maxLimitRequestRatio)) {
    const text = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(bound)}`
    refusals.push(tooElastic(text, bound, requests[name], limits[name]))
  }
  return refusals.filter((refusal) => refusal !== undefined)
}

type Amount = string | undefined

function tooLittle(text: string, bound: string, request: Amount, limit: Amount): string | undefined {
  if (request === undefined) return `${text}.  No request is specified`
  if (compareQuantities(request, bound) < 0) return `${text}, but request is ${canonicalQuantity(request)}`
  if (limit !== undefined && compareQuantities(limit, bound) < 0)
    return `${text}, but limit is ${canonicalQuantity(limit)}`
  return undefined
}

function tooMuch(text: string, bound: string, request: Amount, limit: Amount): string | undefined {
  if (limit === undefined) return `${text}.  No limit is specified`
  if (compareQuantities(limit, bound) > 0) return `${text}, but limit is ${canonicalQuantity(limit)}`
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `${text}, but request is ${canonicalQuantity(request)}`
  return undefined
}

function tooElastic(text: string, bound: string, request: Amount, limit: Amount): string | undefined {
  if (request === undefined || compareQuantities(request, '0') === 0)
    return `${text}, but no request is specified or request is 0`
  if (limit === undefined || compareQuantities(limit, '0') === 0)
    return `${text}, but no limit is specified or limit is 0`
  const ratio = quantityMillis(limit) / quantityMillis(request)
  return ratio > quantityMillis(bound) / 1000 ? `${text}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}

/** Why the claim is out of one item's bounds. */
function claimRefusals({ spec }: PersistentVolumeClaim, item: LimitRangeItem): string[] {
  if (item.type !== 'PersistentVolumeClaim') return []
  const requests = spec.resources?.requests ?? {}
  const refusals: string[] = []
  for (const [name, bound] of sortedEntries(item.min)) {
    const text = `minimum ${name} usage per ${item.type} is ${canonicalQuantity(bound)}`
    const refusal = tooLittle(text, bound, requests[name], undefined)
    if (refusal) refusals.push(refusal)
  }
  for (const [name, bound] of sortedEntries(item.max)) {
    const text = `maximum ${name} usage per ${item.type} is ${canonicalQuantity(bound)}`
    const request = requests[name]
    if (request === undefined) refusals.push(`${text}.  No request is specified`)
    else if (compareQuantities(request, bound) > 0)
      refusals.push(`${text}, but request is ${canonicalQuantity(request)}`)
  }
  return refusals
}
