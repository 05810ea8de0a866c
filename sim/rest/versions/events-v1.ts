/**
 * Event, events.k8s.io/v1: the same objects as those of the core group, under other names, and under stricter rules.
 * Sources: kubernetes/pkg/apis/events/v1/conversion.go, pkg/apis/core/validation/events.go
 */
import { events } from '../../api/core/event.ts'
import { eventErrors } from '../../api/core/event-validation.ts'
import type { Event } from '../../api/core/types.ts'
import { type FieldError, invalid, required } from '../../api/meta/field-error.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { dnsSubdomainErrors } from '../../api/meta/names.ts'
import type { ObjectMeta } from '../../api/meta/object.ts'
import { immutable, type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from '../../api/meta/object-meta.ts'
import { inVersion, type OtherVersion } from './version.ts'

/** What a field of this version is called in the core group. */
const CORE_NAMES: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}
const EVENT_NAMES = Object.fromEntries(Object.entries(CORE_NAMES).map(([name, core]) => [core, name]))

const renamed = (object: Record<string, unknown>, names: Readonly<Record<string, string>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]))

const OBJECT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']

export const eventsV1: OtherVersion = {
  kind: inVersion(events as unknown as Kind, 'events.k8s.io', 'v1', 'io.k8s.api.events.v1.Event'),
  stored: events as unknown as Kind,
  fromStored: (object) => renamed(object, EVENT_NAMES),
  toStored: (object) => renamed(object, CORE_NAMES),
  validate: (object) => validateNew(object as unknown as Event),
  validateUpdate: (object, old) => validateChange(object as unknown as Event, old as unknown as Event),
  selectableAs: {
    ...Object.fromEntries(OBJECT_FIELDS.map((field) => [`regarding.${field}`, `involvedObject.${field}`])),
    reportingController: 'reportingComponent',
  },
}

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

/** Its name is made up after this, where that is asked for. */
const named = ({ name, generateName, ...metadata }: ObjectMeta): ObjectMeta => ({
  ...metadata,
  ...(generateName ? { generateName } : {}),
  name: name || (generateName ? `${generateName}x` : ''),
})

const mustBeUnset = (field: string): FieldError => invalid(field, '', 'needs to be unset')

function validateNew(event: Event): FieldError[] {
  const { eventTime, type, firstTimestamp, lastTimestamp, count, source } = event
  return [
    ...eventErrors(event, 'reportingController'),
    ...validateObjectMeta(named(event.metadata), META),
    ...validateSeries(event),
    ...(eventTime ? [] : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type ?? ''}`)]),
    ...(firstTimestamp ? [mustBeUnset('firstTimestamp')] : []),
    ...(lastTimestamp ? [mustBeUnset('lastTimestamp')] : []),
    ...(count ? [mustBeUnset('count')] : []),
    ...(source?.component || source?.host ? [mustBeUnset('source')] : []),
  ]
}

function validateSeries({ series }: Event): FieldError[] {
  if (!series) return []
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ]
}

/** Nothing changes but the series, in the order in which that is looked at. */
const FIXED: readonly [field: keyof Event, name: string][] = [
  ['involvedObject', 'involvedObject'],
  ['reason', 'reason'],
  ['message', 'message'],
  ['source', 'source'],
  ['firstTimestamp', 'firstTimestamp'],
  ['lastTimestamp', 'lastTimestamp'],
  ['count', 'count'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
]
/** In Go a field that is left out has the zero value of its type. */
const isZero = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || equalJson(value, {})

function validateChange(event: Event, old: Event): FieldError[] {
  return [
    ...eventErrors(event, 'reportingController'),
    ...validateObjectMetaUpdate(event.metadata, old.metadata),
    ...(equalJson(event.series, old.series) ? [] : validateSeries(event)),
    ...FIXED.flatMap(([field, name]) =>
      isZero(event[field]) && isZero(old[field]) ? [] : immutable(name, event[field], old[field]),
    ),
  ]
}
