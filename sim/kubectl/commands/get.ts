/** kubectl get. Source: k8s.io/kubectl/pkg/cmd/get */
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import { ageColumn, nameColumn } from '../../api/meta/table.ts'
import { askServer } from '../ask.ts'
import {
  allNamespacesFlag,
  type Command,
  fieldSelectorFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  selectorFlag,
} from '../command.ts'
import type { Run } from '../context.ts'
import { KubectlError, throwAll } from '../errors.ts'

import { namesFiles, readManifests } from '../manifests.ts'
import { pathOf } from '../paths.ts'
import { listOf, type ObjectPrinter, objectPrinter } from '../printers/objects.ts'
import { TablePrinter } from '../printers/table.ts'
import { checkRawPath } from '../raw.ts'
import {
  type Found,
  fetchSelection,
  listOptionsFor,
  listSelected,
  type Selection,
  selectResources,
  shownKind,
  type Target,
} from '../resources.ts'
import { withType } from '../results.ts'
import { sortByPath } from '../sorting.ts'
import { EventQueue } from '../waits.ts'

export const get: Command = {
  name: 'get',
  short: 'Display one or many resources',
  usage:
    '[(-o|--output=)json|yaml|name|go-template|jsonpath|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]',
  flags: [
    ...outputFlags,
    ...fileFlags,
    selectorFlag,
    fieldSelectorFlag,
    allNamespacesFlag,
    { name: 'watch', short: 'w', type: 'bool', help: 'After listing/getting the requested object, watch for changes.' },
    {
      name: 'watch-only',
      type: 'bool',
      help: 'Watch for changes to the requested object(s), without listing/getting first.',
    },
    {
      name: 'output-watch-events',
      type: 'bool',
      help: 'Output watch event objects when --watch or --watch-only is used.',
    },
    { name: 'ignore-not-found', type: 'bool', help: 'Return exit code 0 when nothing is found.' },
    { name: 'label-columns', short: 'L', type: 'list', help: 'Labels that are presented as columns.' },
    { name: 'show-labels', type: 'bool', help: 'When printing, show all labels as the last column.' },
    { name: 'show-kind', type: 'bool', help: 'If present, list the resource type for the requested object(s).' },
    {
      name: 'no-headers',
      type: 'bool',
      help: "When using the default or custom-column output format, don't print headers.",
    },
    { name: 'sort-by', type: 'string', help: 'If non-empty, sort list types using this field specification.' },
    { name: 'chunk-size', type: 'int', default: 500, help: 'Return large lists in chunks rather than all at once.' },
    { name: 'server-print', type: 'bool', default: true, help: 'Have the server return the appropriate table output.' },
    { name: 'raw', type: 'string', help: 'Raw URI to request from the server.' },
    { name: 'subresource', type: 'string', help: 'Operate on the subresource of the requested object.' },
  ],
  *run(invocation) {
    const { flags } = invocation
    if (flags.string('raw') && invocation.args.length > 0)
      throw new KubectlError('arguments may not be passed when --raw is specified')
    if (flags.string('raw')) {
      const path = flags.string('raw')
      if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector') !== '')
        throw new KubectlError(
          '--raw may not be specified with other flags that filter the server request or alter the output',
        )
      if (flags.string('output') !== '') throw new KubectlError('--raw and --output are mutually exclusive')
      checkRawPath(path)
      invocation.out(askServer(invocation, path))
      return 0
    }
    const output = flags.string('output')
    if (flags.bool('show-labels') && output !== '' && output !== 'wide')
      throw new KubectlError(`--show-labels option cannot be used with ${output} printer`)
    const printer = objectPrinter(invocation, { tables: true })
    if (flags.bool('output-watch-events') && !flags.bool('watch') && !flags.bool('watch-only'))
      throw new KubectlError('--output-watch-events option can only be used with --watch or --watch-only')
    readAsTables(invocation, printer)
    const selection = selectionOf(invocation)
    if (flags.bool('watch') || flags.bool('watch-only')) return yield* watchObjects(invocation, selection, printer)
    const errors: unknown[] = []
    const onError = (error: unknown): void => {
      const isIgnored = flags.bool('ignore-not-found') && error instanceof StatusError && error.reason === 'NotFound'
      if (!isIgnored) errors.push(error)
    }
    const subresource = flags.string('subresource')
    const found = subresource
      ? fetchSubresources(invocation, selection, subresource, onError)
      : fetchSelection(invocation, selection, onError)
    const sorted = sortFound(found, selection, printer === undefined, flags.string('sort-by'))
    const isAsked = selection.targets.length === 0 || sorted.length > 0
    if (flags.string('output') === 'name' && isAsked) warnOfNoTable(invocation)
    if (subresource && !printer) for (const _ of sorted) warnOfNoTable(invocation)
    if (printer) printObjects(invocation, printer, sorted, selection)
    else printTables(invocation, sorted, selection, errors)
    throwAll(errors)
    return 0
  },
}

/** What is shown in tables comes as such from the server: only its log can tell. */
function readAsTables({ flags, requests }: Invocation, printer: ObjectPrinter | undefined): void {
  if (!requests || printer || !flags.bool('server-print')) return
  const table = (version: string): string => `application/json;as=Table;v=${version};g=meta.k8s.io`
  requests.accept = `${table('v1')},${table('v1beta1')},application/json`
  if (flags.string('sort-by')) requests.includeObject = 'Object'
}

/** Names are printed as if they were tables. */
function warnOfNoTable(invocation: Invocation): void {
  if (invocation.verbosity < 2) return
  const text = 'Unable to decode server response into a Table. Falling back to hardcoded types'
  invocation.log('I', 'table_printer.go:45', `${text}: attempt to decode non-Table object`)
}

function selectionOf(invocation: Invocation): Selection {
  if (!namesFiles(invocation)) {
    return selectResources(invocation, invocation.args, { verb: 'get' })
  }
  const errors: unknown[] = []
  const targets = readManifests(invocation, (error) => errors.push(error))
  throwAll(errors)
  if (invocation.args.length > 0)
    throw new KubectlError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    )
  const kinds = [...new Set(targets.map(({ kind }) => kind))]
  return { kinds, targets, isSingle: targets.length === 1, isMixed: kinds.length > 1 }
}

/** A part of each object that is named, as the HTTP API answers it. */
function fetchSubresources(
  invocation: Invocation,
  { targets }: Selection,
  subresource: string,
  onError: (error: unknown) => void,
): Found[] {
  if (targets.length === 0) throw new KubectlError('subresource cannot be used when bulk resources are specified')
  // One kind for all that are the same: their rows form one table.
  const kinds = new Map<string, Kind>()
  return targets.flatMap((target) => {
    try {
      const { kind, object } = fetchSubresource(invocation, target, subresource)
      const known = kinds.get(`${kind.apiVersion} ${kind.kind}`) ?? kind
      kinds.set(`${kind.apiVersion} ${kind.kind}`, known)
      return [{ kind: known, object }]
    } catch (error) {
      onError(error)
      return []
    }
  })
}

function fetchSubresource(invocation: Invocation, { kind, namespace, name }: Target, subresource: string): Found {
  const path = pathOf(kind, { namespace, name }, subresource)
  const object = readObject(askServer(invocation, path, { noPage: `(get ${resourceName(kind)} ${name})` }))
  if (object.kind === kind.kind) return { kind, object }
  const [version, group = ''] = object.apiVersion.split('/').reverse()
  const singular = object.kind.toLowerCase()
  const names = { kind: object.kind, plural: `${singular}s`, singular, shortNames: [] }
  return {
    kind: { ...kind, ...names, group, version, apiVersion: object.apiVersion, columns: [nameColumn, ageColumn] },
    object,
  }
}

/** @throws KubectlError for an answer that is no object */
function readObject(text: string): KubeObject {
  try {
    return JSON.parse(text) as KubeObject
  } catch {
    throw new KubectlError("serializer for text/plain doesn't exist")
  }
}

function printObjects(
  invocation: Invocation,
  printer: ObjectPrinter,
  found: readonly Found[],
  selection: Selection,
): void {
  const { client, flags } = invocation
  const shown = ({ kind, object }: Found): KubeObject => {
    const typed = withType(kind, object)
    if (!flags.bool('show-managed-fields')) return typed
    return { ...typed, metadata: { ...typed.metadata, managedFields: client.managedFields(kind, object) } }
  }
  if (selection.isSingle) {
    const [only] = found
    if (only) invocation.out(printer.print(shown(only), only.kind))
    return
  }
  const items = found.map(shown)
  const kinds = new Set(found.map(({ kind }) => kind))
  invocation.out(printer.print(listOf(items), kinds.size === 1 ? found[0].kind : undefined))
}

function printTables(
  invocation: Invocation,
  found: readonly Found[],
  selection: Selection,
  errors: readonly unknown[],
): void {
  const { flags } = invocation
  if (found.length === 0) {
    if (errors.length === 0 && !flags.bool('ignore-not-found')) {
      const isNamespaced = selection.kinds.every((kind) => kind.isNamespaced) && !flags.bool('all-namespaces')
      invocation.err(`No resources found${isNamespaced ? ` in ${invocation.namespace} namespace.` : ''}\n`)
    }
    return
  }
  // Of what is named only what there is counts; of lists also the empty ones.
  const isMixed = selection.targets.length > 0 ? found.some(({ kind }) => kind !== found[0].kind) : selection.isMixed
  let start = 0
  while (start < found.length) {
    const { kind } = found[start]
    let end = start
    while (end < found.length && found[end].kind === kind) end++
    if (start > 0 && !flags.bool('no-headers')) invocation.out('\n')
    const table = tableFor(invocation, kind, isMixed)
    const objects = found.slice(start, end).map(({ object }) => object)
    const isSorted = selection.targets.length > 0 || flags.string('sort-by') !== ''
    invocation.out(table.rows(isSorted ? objects : inTableOrder(invocation, kind, objects)))
    start = end
  }
}

/** As the server puts the rows of a table. */
const inTableOrder = ({ flags }: Invocation, { compareRows }: Kind, objects: readonly KubeObject[]) =>
  compareRows && flags.bool('server-print') ? objects.toSorted(compareRows) : objects

function tableFor(invocation: Invocation, kind: Kind, isMixed: boolean): TablePrinter {
  const { flags } = invocation
  const columns = flags.bool('server-print') ? kind.columns : [nameColumn, ageColumn]
  return new TablePrinter(
    { ...kind, columns },
    {
      isWide: flags.string('output') === 'wide',
      showsNamespace: flags.bool('all-namespaces') && kind.isNamespaced,
      showsLabels: flags.bool('show-labels'),
      hasHeaders: !flags.bool('no-headers'),
      labelColumns: flags.list('label-columns'),
      namePrefix: isMixed || flags.bool('show-kind') ? `${shownKind(kind)}/` : '',
    },
    { nowEpochMs: invocation.context.nowEpochMs() },
  )
}

/**
 * Tables are sorted one by one as they are printed, and one that cannot be sorted is not printed. Several of them are looked at before,
 * as if they were the objects. Objects in other forms are sorted as a list.
 */
function sortFound(found: readonly Found[], selection: Selection, isTable: boolean, path: string): readonly Found[] {
  if (!path) return found
  const tables = selection.targets.length > 0 ? found.length : selection.kinds.length
  if (isTable && tables > 1) {
    sortByPath(found, path, () => tableObject)
    return found
  }
  if (found.length <= 1) return found
  try {
    return sortByPath(found, path, ({ object }) => object)
  } catch (error) {
    if (isTable && error instanceof KubectlError) return []
    throw error
  }
}

/** What of a table does not depend on what is in it. */
const tableObject = { kind: 'Table', apiVersion: 'meta.k8s.io/v1' }

/** get -w: what is there, then each change, until it is interrupted. */
function* watchObjects(invocation: Invocation, selection: Selection, printer: ObjectPrinter | undefined): Run {
  const { flags, client, context } = invocation
  if (selection.kinds.length !== 1) throw new KubectlError('you may only specify a single resource type')
  if (selection.targets.length > 1)
    throw new KubectlError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    )
  const [kind] = selection.kinds
  const [target] = selection.targets
  const options = target
    ? { namespace: target.namespace, fieldSelector: `metadata.name=${target.name}` }
    : listOptionsFor(invocation, kind)
  if (target) client.get(kind, target)
  const list = target ? client.list(kind, options) : listSelected(invocation, kind)
  let table: TablePrinter | undefined
  const show = (objects: readonly KubeObject[], event: string): void => {
    const extra = flags.bool('output-watch-events') ? { header: 'EVENT', values: objects.map(() => event) } : undefined
    if (printer) for (const object of objects) invocation.out(printer.print(withType(kind, object), kind))
    else {
      // Ages are told as of now; widths carry over from the rows before.
      table = table?.at(context.nowEpochMs()) ?? tableFor(invocation, kind, selection.isMixed)
      invocation.out(table.rows(objects, extra))
    }
  }
  if (!flags.bool('watch-only') && list.items.length > 0)
    show(printer ? list.items : inTableOrder(invocation, kind, list.items), 'ADDED')
  const queue = new EventQueue(client, kind, { ...options, resourceVersion: list.resourceVersion })
  try {
    for (;;) {
      const event = yield* queue.next(context)
      if (event && event.type !== 'ERROR') show([event.object], event.type)
    }
  } finally {
    queue.close()
  }
}
