/** Parts that many describers share: labels, annotations, events, times. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { Event } from '../../api/core/types.ts'
import { utf8Length } from '../../api/meta/base64.ts'
import { printHumanDuration } from '../../api/meta/duration.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { controllerOf, type KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { Client } from '../../client/client.ts'
import { goSorted } from '../go-sort.ts'
import { listInChunks, type ResourceTypes } from '../resources.ts'
import type { DescribeWriter } from './writer.ts'

/** What a describer may ask besides the object. */
export interface DescribeContext {
  client: Client
  resources: ResourceTypes
  nowEpochMs: number
  showsEvents: boolean
  /** How many objects lists are asked for at a time; 0: all. */
  chunkSize: number
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
  level = 0,
): void {
  const pairs = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`)
  writeMultiline(w, title, pairs, level)
}

/** Values below each other in the second column; `<none>` without any. Each piece is indented by itself. */
export function writeMultiline(w: DescribeWriter, title: string, values: readonly string[], level = 0): void {
  w.write(level, `${title}:\t`)
  if (values.length === 0) w.line(level, '<none>')
  values.forEach((value, at) => {
    if (at > 0) {
      w.write(level, '')
      w.write(level, '\t')
    }
    w.line(level, value)
  })
}

/** Annotations but for kubectl's own; long ones and those of several lines below their key. */
export function writeAnnotations(
  w: DescribeWriter,
  title: string,
  annotations: Readonly<Record<string, string>> | undefined,
  level = 0,
): void {
  const keys = Object.keys(annotations ?? {}).filter((key) => key !== LAST_APPLIED)
  w.write(level, `${title}:\t`)
  if (keys.length === 0) w.line(level, '<none>')
  keys.sort().forEach((key, at) => {
    if (at > 0) w.write(level, '\t')
    const value = (annotations?.[key] ?? '').replace(/\n$/, '')
    if (utf8Length(value) + key.length + 2 <= MAX_LENGTH && !value.includes('\n')) {
      w.line(level, `${key}: ${value}`)
      return
    }
    w.line(level, `${key}:`)
    for (const part of value.split('\n')) w.line(level, `\t  ${shorten(part, MAX_LENGTH - 2)}`)
  })
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

/** Events about the object; none for somebody who may not see them. */
export function findEvents(context: DescribeContext, object: KubeObject, uid = object.metadata.uid): Event[] {
  try {
    return listEvents(context, object, uid)
  } catch (error) {
    if (error instanceof StatusError) return []
    throw error
  }
}

/** @throws StatusError for somebody who may not see them */
export function listEvents(context: DescribeContext, object: KubeObject, uid = object.metadata.uid): Event[] {
  if (!context.showsEvents) return []
  const kind = context.resources.lookUp('events') as Kind<Event> | undefined
  if (!kind) return []
  const terms = [
    `involvedObject.name=${object.metadata.name}`,
    `involvedObject.namespace=${object.metadata.namespace ?? ''}`,
    // Pods are looked for by name and uid alone.
    ...(object.kind === 'Pod' ? [] : [`involvedObject.kind=${object.kind}`]),
    `involvedObject.uid=${uid}`,
  ]
  // Events about cluster-scoped objects live in the namespace default.
  const namespace = object.metadata.namespace ?? ''
  return [...listInChunks(context.client, kind, { namespace, fieldSelector: terms.join(',') }, context.chunkSize).items]
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
  for (const event of goSorted(events, (a, b) => lastMs(a) < lastMs(b))) {
    const source = event.source?.component || event.reportingComponent || ''
    const { fieldPath } = event.involvedObject
    const message = `${fieldPath ? `${fieldPath}: ` : ''}${event.message.trim()}`
    w.line(1, [event.type, event.reason, printInterval(event, context.nowEpochMs), source, message].join('\t'))
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
