/** kubectl describe. Source: k8s.io/kubectl/pkg/cmd/describe/describe.go */
import { StatusError } from '../../api/meta/status-error.ts'
import { allNamespacesFlag, type Command, fileFlags, type Invocation, selectorFlag } from '../command.ts'
import { describerFor } from '../describe/registry.ts'
import { DescribeWriter } from '../describe/writer.ts'
import { throwAll } from '../errors.ts'
import { readManifests } from '../manifests.ts'
import { type Found, fetchSelection, listOptionsFor, type Selection, selectResources } from '../resources.ts'

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
    const errors: unknown[] = []
    const selection = selectionOf(invocation, errors)
    const found = findAll(invocation, selection, errors)
    found.forEach(({ kind, object }, at) => {
      const w = new DescribeWriter()
      describerFor(kind)(object, w, {
        client: invocation.client,
        resources: invocation.resources,
        nowEpochMs: invocation.context.nowEpochMs(),
        showsEvents: invocation.flags.bool('show-events'),
      })
      invocation.out(`${at === 0 ? '' : '\n\n'}${w.finish()}`)
    })
    if (found.length === 0 && errors.length === 0) {
      const isNamespaced = selection.kinds.some((kind) => kind.isNamespaced) && !invocation.flags.bool('all-namespaces')
      invocation.err(`No resources found${isNamespaced ? ` in ${invocation.namespace} namespace.` : ''}\n`)
    }
    throwAll(errors)
    return 0
  },
}

function selectionOf(invocation: Invocation, errors: unknown[]): Selection {
  if (invocation.flags.list('filename').length === 0) {
    return selectResources(invocation, invocation.args, { verb: 'describe' })
  }
  const targets = readManifests(invocation, (error) => errors.push(error))
  return { kinds: [...new Set(targets.map(({ kind }) => kind))], targets, isSingle: false, isMixed: false }
}

/** A name that no object has stands for those that begin with it. */
function findAll(invocation: Invocation, selection: Selection, errors: unknown[]): Found[] {
  const missing: unknown[] = []
  const found = fetchSelection(invocation, selection, (error) => missing.push(error))
  const isPrefix =
    missing.length === 1 && selection.isSingle && missing[0] instanceof StatusError && missing[0].reason === 'NotFound'
  if (isPrefix) {
    const [{ kind, name }] = selection.targets
    const similar = invocation.client
      .list(kind, listOptionsFor(invocation, kind))
      .items.filter(({ metadata }) => metadata.name.startsWith(name))
    if (similar.length > 0) return similar.map((object) => ({ kind, object }))
  }
  errors.push(...missing)
  return found
}
