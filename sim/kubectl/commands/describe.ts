/** kubectl describe. Source: k8s.io/kubectl/pkg/cmd/describe/describe.go */
import { StatusError } from '../../api/meta/status-error.ts'
import { allNamespacesFlag, type Command, fileFlags, type Invocation, selectorFlag } from '../command.ts'
import { describerFor, hasDescriber } from '../describe/registry.ts'
import { DescribeWriter } from '../describe/writer.ts'
import { throwAll } from '../errors.ts'
import { namesFiles, readManifests } from '../manifests.ts'
import { type Found, fetchSelection, listSelected, type Selection, selectResources, type Target } from '../resources.ts'

export const describe: Command = {
  name: 'describe',
  short: 'Show details of a specific resource or group of resources',
  usage: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]',
  flags: [
    ...fileFlags,
    selectorFlag,
    allNamespacesFlag,
    {
      name: 'show-events',
      type: 'bool',
      default: true,
      help: 'If true, display events related to the described object.',
    },
    { name: 'chunk-size', type: 'int', default: 500, help: 'Return large lists in chunks rather than all at once.' },
  ],
  run(invocation) {
    const { flags } = invocation
    const errors: unknown[] = []
    const selection = selectionOf(invocation, errors)
    const found = fetchSelection(invocation, selection, (error) => errors.push(error))
    const isOne = found.length <= 1 && errors.length === 0
    const showsEvents = flags.has('show-events') ? flags.bool('show-events') : isOne
    const similar = isName(selection, errors) ? findSimilar(invocation, selection.targets[0]) : []
    if (similar.length > 0) {
      for (const each of similar) invocation.out(`${textOf(invocation, each, showsEvents)}\n`)
      return 0
    }
    found.forEach((each, at) => {
      invocation.out(`${at === 0 ? '' : '\n\n'}${textOf(invocation, each, showsEvents)}`)
    })
    if (found.length === 0 && errors.length === 0) {
      const where = flags.bool('all-namespaces') ? '' : ` in ${invocation.namespace} namespace.`
      invocation.err(`No resources found${where}\n`)
    }
    throwAll(errors)
    return 0
  },
}

/** What was found is only named: whoever describes it reads it anew. */
function textOf(invocation: Invocation, { kind, object }: Found, showsEvents: boolean): string {
  const w = new DescribeWriter()
  const { client, resources, context, flags } = invocation
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  // Describers of a kind know the stored version; what has none is shown as it is.
  const described = hasDescriber(kind) ? resources.storedOf(kind) : kind
  describerFor(described)(client.get(described, key), w, {
    client,
    resources,
    nowEpochMs: context.nowEpochMs(),
    showsEvents,
    chunkSize: flags.number('chunk-size'),
  })
  return w.finish()
}

function selectionOf(invocation: Invocation, errors: unknown[]): Selection {
  if (!namesFiles(invocation)) {
    return selectResources(invocation, invocation.args, { verb: 'describe' })
  }
  const targets = readManifests(invocation, (error) => errors.push(error))
  return { kinds: [...new Set(targets.map(({ kind }) => kind))], targets, isSingle: false, isMixed: false }
}

/** Whether the line has one type and one name that no object has: it may be how the names of some begin. */
const isName = (selection: Selection, errors: readonly unknown[]): boolean =>
  selection.isSingle && errors.length === 1 && errors[0] instanceof StatusError && errors[0].reason === 'NotFound'

const findSimilar = (invocation: Invocation, { kind, name }: Target): Found[] =>
  listSelected(invocation, kind)
    .items.filter(({ metadata }) => metadata.name.startsWith(name))
    .map((object) => ({ kind, object }))
