/** Event, core/v1. */

import type { Kind, PrintContext } from '../meta/kind.ts'
import { column, nameColumn, printAge } from '../meta/table.ts'
import { validateEvent, validateEventUpdate } from './event-validation.ts'
import type { Event } from './types.ts'

export const events: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.Event',
  applyDefaults: (event) => {
    event.involvedObject ??= {}
    event.source ??= {}
    // Written as null where they are left out.
    for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime'] as const)
      if (event[field] === undefined) event[field] = null
    event.reportingComponent ??= ''
    event.reportingInstance ??= ''
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
  createsOnUpdate: true,
  hasStatus: false,
  isReport: true,
  // Source: kube-apiserver --event-ttl
  expiry: {
    ttlMs: 3_600_000,
    lastWrittenEpochMs: ({ lastTimestamp }) => (lastTimestamp ? Date.parse(lastTimestamp) : undefined),
  },
  columns: [
    column('Last Seen', 'string', 'How long ago it happened last.', lastSeen),
    column('Type', 'string', 'Normal or Warning.', (event) => event.type ?? ''),
    column('Reason', 'string', 'Why, in one word.', (event) => event.reason ?? ''),
    column('Object', 'string', 'What it is about.', printInvolvedObject),
    column('Subobject', 'string', 'The part it is about.', (event) => event.involvedObject.fieldPath ?? '', 'wide'),
    column('Source', 'string', 'Who reported it.', printSource, 'wide'),
    column('Message', 'string', 'What happened.', (event) => (event.message ?? '').trim()),
    column('First Seen', 'string', 'How long ago it happened first.', firstSeen, 'wide'),
    column('Count', 'string', 'How often it happened.', (event) => event.series?.count ?? (event.count || 1), 'wide'),
    { ...nameColumn, priority: 1 },
  ],
  selectableFields: (event) => ({
    'involvedObject.kind': event.involvedObject.kind ?? '',
    'involvedObject.namespace': event.involvedObject.namespace ?? '',
    'involvedObject.name': event.involvedObject.name ?? '',
    'involvedObject.uid': event.involvedObject.uid ?? '',
    'involvedObject.apiVersion': event.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': event.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': event.involvedObject.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source.component || event.reportingComponent || '',
    type: event.type ?? '',
  }),
}

function firstSeen(event: Event, context: PrintContext): string {
  return printAge(event.firstTimestamp ?? event.eventTime, context)
}

function lastSeen(event: Event, context: PrintContext): string {
  if (event.series) return printAge(event.series.lastObservedTime, context)
  return event.lastTimestamp ? printAge(event.lastTimestamp, context) : firstSeen(event, context)
}

function printInvolvedObject({ involvedObject }: Event): string {
  const kind = (involvedObject.kind ?? '').toLowerCase()
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind
}

function printSource(event: Event): string {
  const component = event.source.component || event.reportingComponent || ''
  const host = event.source.host || event.reportingInstance || ''
  return host ? `${component}, ${host}` : component
}
