/** kubectl cordon and uncordon. Source: k8s.io/kubectl/pkg/cmd/drain */
import type { Node } from '../../api/core/types.ts'
import { type Command, dryRunFlag, type Invocation, selectorFlag } from '../command.ts'
import { throwAll } from '../errors.ts'
import { findObject } from '../pods.ts'
import { type Found, fetchSelection, selectResources, shownName } from '../resources.ts'

export const nodeFlags = [dryRunFlag, selectorFlag]

/** The nodes that arguments or -l name. @throws when one of them is not there */
export function findNodes(invocation: Invocation): Found[] {
  const { args, flags } = invocation
  if (args.length === 0 && !flags.string('selector')) {
    throw invocation.usageError(`USAGE: ${invocation.path.replace(/^kubectl /, '')} NODE [flags]`)
  }
  if (args.length > 0 && flags.string('selector')) {
    throw invocation.usageError('error: cannot specify both a node name and a --selector option')
  }
  if (args.length > 0) return args.map((arg) => findObject(invocation, arg, 'nodes'))
  const errors: unknown[] = []
  const found = fetchSelection(invocation, selectResources(invocation, ['nodes']), (error) => errors.push(error))
  throwAll(errors)
  return found
}

/** Makes a node (un)schedulable and tells it; one that is already so is only told. */
export function setSchedulable(invocation: Invocation, { kind, object }: Found, unschedulable: boolean): void {
  const verb = unschedulable ? 'cordoned' : 'uncordoned'
  const isAlready = ((object as Node).spec.unschedulable ?? false) === unschedulable
  if (!isAlready && invocation.dryRun !== 'client') {
    const key = { namespace: '', name: object.metadata.name }
    const patch = { spec: { unschedulable: unschedulable ? true : null } }
    invocation.client.patch(kind, key, 'strategic', patch, invocation.dryRun === 'server' ? { dryRun: true } : {})
    invocation.showWarnings()
  }
  const done = `${isAlready ? 'already ' : ''}${verb}${invocation.dryRunSuffix}`
  invocation.out(`${shownName(kind, object.metadata.name)} ${done}\n`)
}

const schedulingCommand = (name: string, short: string, unschedulable: boolean): Command => ({
  name,
  short,
  usage: 'NODE [options]',
  flags: nodeFlags,
  run(invocation) {
    const errors: unknown[] = []
    for (const found of findNodes(invocation)) {
      try {
        setSchedulable(invocation, found, unschedulable)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
})

export const cordon = schedulingCommand('cordon', 'Mark node as unschedulable', true)
export const uncordon = schedulingCommand('uncordon', 'Mark node as schedulable', false)
