/** Parts that many describers share: labels, annotations, events, times. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { Event } from '../../api/core/types.ts'
import { printHumanDuration } from '../../api/meta/duration.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { controllerOf, type KubeObject } from '../../api/meta/object.ts'
import type { Client } from '../../client/client.ts'
import type { ResourceTypes } from '../resources.ts'
import type { DescribeWriter } from './writer.ts'

/** What a describer may ask besides the object. */
export interface DescribeContext {
  client: Client
  resources: ResourceTypes
  nowEpochMs: number
  showsEvents: boolean
}

export type Describer<T extends KubeObject = KubeObject> = (
  object: T,
  w: DescribeWriter,
  context: DescribeContext,
) => void

const MAX_LENGTH = 140
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** `Labels:  a=1`, the others below it. */
export function writeLabels(
  w: DescribeWriter,
  title: string,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  const pairs = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`)
  writeMultiline(w, title, pairs)
}

/** Values below each other in the second column; `<none>` without any. */
export function writeMultiline(w: DescribeWriter, title: string, values: readonly string[]): void {
  if (values.length === 0) w.line(0, `${title}:\t<none>`)
  values.forEach((value, at) => {
    w.line(0, at === 0 ? `${title}:\t${value}` : `\t${value}`)
  })
}

/** Annotations but for kubectl's own; long ones and those of several lines below their key. */
export function writeAnnotations(
  w: DescribeWriter,
  title: string,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  const lines: string[] = []
  for (const key of Object.keys(annotations ?? {}).sort()) {
    if (key === LAST_APPLIED) continue
    const value = (annotations?.[key] ?? '').replace(/\n$/, '')
    if (value.length + key.length + 2 > MAX_LENGTH || value.includes('\n')) {
      lines.push(`${key}:`, ...value.split('\n').map((part) => `  ${shorten(part, MAX_LENGTH - 2)}`))
    } else lines.push(`${key}: ${value}`)
  }
  writeMultiline(w, title, lines)
}

const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}...` : text)

/** Name, namespace, labels and annotations: how most descriptions begin. */
export function writeHeader(w: DescribeWriter, object: KubeObject): void {
  w.field(0, 'Name', object.metadata.name)
  if (object.metadata.namespace !== undefined) w.field(0, 'Namespace', object.metadata.namespace)
  writeLabels(w, 'Labels', object.metadata.labels)
  writeAnnotations(w, 'Annotations', object.metadata.annotations)
}

export function writeController(w: DescribeWriter, object: KubeObject): void {
  const owner = controllerOf(object)
  if (owner) w.field(0, 'Controlled By', `${owner.kind}/${owner.name}`)
}

/** `Fri, 20 Nov 2026 08:20:12 +0000` */
export function printTime(timestamp: string | null | undefined): string {
  if (!timestamp) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  return new Date(Date.parse(timestamp)).toUTCString().replace('GMT', '+0000')
}

export function printAgo(timestamp: string | null | undefined, nowEpochMs: number): string {
  return timestamp ? printHumanDuration(nowEpochMs - Date.parse(timestamp)) : '<unknown>'
}

/** Events about the object, the longest ago first. */
export function findEvents(context: DescribeContext, object: KubeObject, uid = object.metadata.uid): Event[] {
  const kind = context.resources.lookUp('events') as Kind<Event> | undefined
  if (!kind) return []
  const terms = [
    `involvedObject.name=${object.metadata.name}`,
    ...(object.metadata.namespace ? [`involvedObject.namespace=${object.metadata.namespace}`] : []),
    `involvedObject.uid=${uid}`,
  ]
  // Events about cluster-scoped objects live in the namespace default.
  const namespace = object.metadata.namespace ?? ''
  return [...context.client.list(kind, { namespace, fieldSelector: terms.join(',') }).items]
}

export function writeEvents(w: DescribeWriter, context: DescribeContext, events: readonly Event[]): void {
  if (!context.showsEvents) return
  if (events.length === 0) {
    w.field(0, 'Events', '<none>')
    return
  }
  w.flush()
  const lastMs = (event: Event): number => (event.lastTimestamp ? Date.parse(event.lastTimestamp) : 0)
  w.write(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage\n')
  w.line(1, '----\t------\t----\t----\t-------')
  for (const event of events.toSorted((a, b) => lastMs(a) - lastMs(b))) {
    const source = event.source?.component || event.reportingComponent || ''
    w.line(
      1,
      [event.type, event.reason, printInterval(event, context.nowEpochMs), source, event.message.trim()].join('\t'),
    )
  }
}

/** `14s`, `2s (x3 over 14s)` */
export function printInterval(event: Event, nowEpochMs: number): string {
  const first = printAgo(event.eventTime ?? event.firstTimestamp, nowEpochMs)
  if (event.series)
    return `${printAgo(event.series.lastObservedTime, nowEpochMs)} (x${event.series.count} over ${first})`
  if ((event.count ?? 0) > 1) return `${printAgo(event.lastTimestamp, nowEpochMs)} (x${event.count} over ${first})`
  return first
}

/** Looks up a kind that a description needs besides its own. */
export function kindOf<T extends KubeObject>(context: DescribeContext, resource: string): Kind<T> {
  return context.resources.find(resource) as unknown as Kind<T>
}
