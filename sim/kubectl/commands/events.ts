/** kubectl events. Source: k8s.io/kubectl/pkg/cmd/events */
import type { Event } from '../../api/core/types.ts'
import type { KeyOrder } from '../../api/meta/go-json.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { allNamespacesFlag, type Command, type Invocation, outputFlags } from '../command.ts'
import { printInterval } from '../describe/common.ts'
import { KubectlError } from '../errors.ts'
import { goSorted } from '../go-sort.ts'
import { objectPrinter } from '../printers/objects.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { listInChunks } from '../resources.ts'
import { withType } from '../results.ts'
import { EventQueue } from '../waits.ts'

export const events: Command = {
  name: 'events',
  short: 'List events',
  usage:
    '[(-o|--output=)json|yaml|name|go-template|jsonpath] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]',
  flags: [
    ...outputFlags,
    allNamespacesFlag,
    { name: 'for', type: 'string', help: 'Filter events to only those pertaining to the specified resource.' },
    { name: 'no-headers', type: 'bool', help: "When using the default output format, don't print headers." },
    { name: 'types', type: 'list', help: 'Output only events of given types.' },
    { name: 'watch', short: 'w', type: 'bool', help: 'After listing the requested events, watch for more events.' },
    { name: 'chunk-size', type: 'int', default: 500, help: 'Return large lists in chunks rather than all at once.' },
  ],
  *run(invocation) {
    const { flags, client, context } = invocation
    const kind = invocation.resources.find('events')
    const subject = flags.string('for') ? subjectSelector(invocation, flags.string('for')) : ''
    const printer = objectPrinter(invocation, { keysOf: fieldsInOrder })
    const types = flags.list('types').map((type) => type.toLowerCase())
    if (types.some((type) => type !== 'normal' && type !== 'warning'))
      throw new KubectlError('valid --types are Normal or Warning')
    const isAll = flags.bool('all-namespaces')
    const options = { namespace: isAll ? '' : invocation.namespace, ...(subject ? { fieldSelector: subject } : {}) }
    const isWanted = (event: KubeObject): boolean =>
      types.length === 0 || types.includes(((event as Event).type ?? '').toLowerCase())
    const list = listInChunks(client, kind, options, flags.number('chunk-size'))
    const found = goSorted(list.items.filter(isWanted) as Event[], (a, b) => lastMs(a) < lastMs(b))
    if (found.length === 0 && !flags.bool('watch')) {
      invocation.err(isAll ? 'No events found.\n' : `No events found in ${invocation.namespace} namespace.\n`)
      return 0
    }
    if (printer) {
      // A list has no name, and its events are not told one by one.
      const items = found.map((event) => withType(kind, event))
      if (flags.string('output') !== 'name')
        invocation.out(printer.print({ kind: 'EventList', apiVersion: 'v1', metadata: {}, items }, kind))
      return 0
    }
    const rows = found.map((event) => row(invocation, event))
    if (!flags.bool('no-headers')) rows.unshift(header(invocation))
    invocation.out(layOut(rows.join(''), tableTabs))
    if (!flags.bool('watch')) return 0
    const queue = new EventQueue(client, kind, { ...options, resourceVersion: list.resourceVersion })
    try {
      for (;;) {
        const change = yield* queue.next(context)
        const isShown = change && change.type !== 'DELETED' && change.type !== 'ERROR' && isWanted(change.object)
        if (isShown) invocation.out(layOut(row(invocation, change.object as Event), tableTabs))
      }
    } finally {
      queue.close()
    }
  },
}

function subjectSelector({ resources }: Invocation, text: string): string {
  const parts = text.split('/')
  if (parts.length === 1) throw new KubectlError('--for must be in resource/name form')
  if (parts.length > 2) throw new KubectlError('arguments in resource/name form may not have more than one slash')
  const [type, name] = parts
  const kind = resources.lookUp(type)
  if (!kind) throw new KubectlError(`the server doesn't have a resource type "${type}"`, 1, true)
  const terms = { kind: kind.kind, apiVersion: kind.apiVersion, name }
  return name
    ? Object.entries(terms)
        .map(([field, value]) => `involvedObject.${field}=${value}`)
        .join(',')
    : ''
}

const REFERENCE = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
const OTHERS = [
  ...['kind', 'apiVersion', 'metadata', 'items', 'name', 'generateName', 'namespace', 'uid', 'resourceVersion'],
  ...[
    'creationTimestamp',
    'labels',
    'annotations',
    'involvedObject',
    'reason',
    'message',
    'source',
    'component',
    'host',
  ],
  ...['firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'series', 'action', 'related'],
  ...['reportingComponent', 'reportingInstance'],
]

/** Fields as Go's types have them: this command reads events into those. */
const fieldsInOrder: KeyOrder = (map) => {
  const isReference = 'kind' in map && !('metadata' in map)
  const order = isReference ? REFERENCE : OTHERS
  const placeOf = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length)
  return Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
}

const header = (invocation: Invocation): string =>
  `${invocation.flags.bool('all-namespaces') ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`

function row(invocation: Invocation, event: Event): string {
  const interval = printInterval(event, invocation.context.nowEpochMs())
  const place = invocation.flags.bool('all-namespaces') ? `${event.metadata.namespace}\t` : ''
  return `${place}${interval}\t${event.type}\t${event.reason}\t${event.involvedObject.kind}/${event.involvedObject.name}\t${event.message.trim()}\n`
}

/** 0 for one that does not say when. */
const lastMs = (event: Event): number =>
  Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '1970-01-01T00:00:00Z')
