/** Event, events.k8s.io/v1: the same objects as those of the core group, under other names. Source: kubernetes/pkg/apis/events/v1/conversion.go */
import { events } from '../../api/core/event.ts'
import type { Kind } from '../../api/meta/kind.ts'
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
  selectableAs: {
    ...Object.fromEntries(OBJECT_FIELDS.map((field) => [`regarding.${field}`, `involvedObject.${field}`])),
    reportingController: 'reportingComponent',
  },
}
