/** What an Event must be. Source: kubernetes/pkg/apis/core/validation/events.go */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import type { Event } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
/** Kinds without a namespace: their events are in `default`. */
const CLUSTER_KINDS = new Set(['Node', 'Namespace', 'PersistentVolume'])

export function validateEvent(event: Event): FieldError[] {
  const errors = validateObjectMeta(event.metadata, META)
  const { kind, namespace } = event.involvedObject
  const isClusterScoped = kind !== undefined && CLUSTER_KINDS.has(kind)
  if (!namespace) {
    const isPlaced = ['default', 'kube-system', ''].includes(event.metadata.namespace ?? '')
    if (!isPlaced) errors.push(invalid('involvedObject.namespace', namespace ?? '', 'does not match event.namespace'))
  } else if (!isClusterScoped && namespace !== event.metadata.namespace)
    errors.push(invalid('involvedObject.namespace', namespace, 'does not match event.namespace'))
  if (!event.eventTime) return errors
  if (!event.reportingComponent) errors.push(required('reportingController'))
  if (!event.reportingInstance) errors.push(required('reportingInstance'))
  if (!event.action) errors.push(required('action'))
  if (!event.reason) errors.push(required('reason'))
  return errors
}

export const validateEventUpdate = (event: Event, old: Event): FieldError[] => [
  ...validateObjectMetaUpdate(event.metadata, old.metadata),
  ...validateEvent(event),
]
