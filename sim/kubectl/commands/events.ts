/** kubectl events. Source: k8s.io/kubectl/pkg/cmd/events */
import type { Event } from '../../api/core/types.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { allNamespacesFlag, type Command, type Invocation, outputFlags } from '../command.ts'
import { printInterval } from '../describe/common.ts'
import { KubectlError } from '../errors.ts'
import { listOf, objectPrinter } from '../printers/objects.ts'
import { layOut, tableTabs } from '../printers/tab-writer.ts'
import { targetOf } from '../resources.ts'
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
    const options = {
      namespace: flags.bool('all-namespaces') ? '' : invocation.namespace,
      ...(flags.string('for') ? { fieldSelector: subjectSelector(invocation, flags.string('for')) } : {}),
    }
    const isWanted = (event: KubeObject): boolean => {
      const types = flags.list('types').map((type) => type.toLowerCase())
      return types.length === 0 || types.includes((event as Event).type.toLowerCase())
    }
    const list = client.list(kind, options)
    const found = list.items.filter(isWanted).toSorted((a, b) => lastMs(a as Event) - lastMs(b as Event))
    const printer = objectPrinter(invocation)
    if (printer) {
      invocation.out(printer.print(listOf(found.map((event) => withType(kind, event))), kind))
      return 0
    }
    if (found.length === 0 && !flags.bool('watch')) {
      const where = flags.bool('all-namespaces') ? '' : ` in ${invocation.namespace} namespace.`
      invocation.err(flags.bool('all-namespaces') ? 'No events found.\n' : `No events found${where}\n`)
      return 0
    }
    const rows = found.map((event) => row(invocation, event as Event))
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

function subjectSelector(invocation: Invocation, text: string): string {
  const [type, name] = text.split('/')
  if (!name) throw new KubectlError('--for must be in resource/name form')
  const { kind } = targetOf(invocation, invocation.resources.find(type), name)
  return `involvedObject.kind=${kind.kind},involvedObject.name=${name}`
}

const header = (invocation: Invocation): string =>
  `${invocation.flags.bool('all-namespaces') ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`

function row(invocation: Invocation, event: Event): string {
  const interval = printInterval(event, invocation.context.nowEpochMs())
  const place = invocation.flags.bool('all-namespaces') ? `${event.metadata.namespace}\t` : ''
  return `${place}${interval}\t${event.type}\t${event.reason}\t${event.involvedObject.kind}/${event.involvedObject.name}\t${event.message.trim()}\n`
}

const lastMs = (event: Event): number =>
  Date.parse(
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp,
  )
