/** What an Event must be. Source: kubernetes/pkg/apis/core/validation/events.go */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import { pathSegmentErrors, qualifiedNameErrors } from '../meta/names.ts'
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import type { Event } from './types.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: pathSegmentErrors }
/** In bytes. */
const LIMITS = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const

/** Rules of both versions. @param controller what the version calls the reporting controller */
export function eventErrors(event: Event, controller: 'reportingComponent' | 'reportingController'): FieldError[] {
  const { namespace = '' } = event.metadata
  const about = event.involvedObject?.namespace ?? ''
  const reporter = event.reportingComponent ?? ''
  const isPlaced = (places: readonly string[]): boolean => places.includes(namespace)
  const misplaced = [invalid('involvedObject.namespace', about, 'does not match event.namespace')]
  if (!event.eventTime) return isPlaced(about ? [about] : ['', 'default']) ? [] : misplaced
  const demanded = (field: 'reportingInstance' | 'action' | 'reason'): FieldError[] =>
    event[field] ? [] : [required(field)]
  const limited = (field: keyof typeof LIMITS): FieldError[] => {
    const isLong = new TextEncoder().encode(event[field] ?? '').length > LIMITS[field]
    return isLong ? [invalid(field, '', `can have at most ${LIMITS[field]} characters`)] : []
  }
  return [
    ...(about || isPlaced(['default', 'kube-system']) ? [] : misplaced),
    ...(reporter ? [] : [required(controller)]),
    ...qualifiedNameErrors(reporter).map((why) => invalid(controller, reporter, why)),
    ...(['reportingInstance', 'action', 'reason'] as const).flatMap((field) => [...demanded(field), ...limited(field)]),
    ...limited('message'),
  ]
}

export function validateEvent(event: Event): FieldError[] {
  const errors = eventErrors(event, 'reportingComponent')
  return errors.length > 0 ? errors : validateObjectMeta(event.metadata, META)
}

export const validateEventUpdate = (event: Event, old: Event): FieldError[] => [
  ...validateObjectMetaUpdate(event.metadata, old.metadata),
  ...eventErrors(event, 'reportingComponent'),
]
