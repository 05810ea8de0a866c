/** kubectl cordon and uncordon. Source: k8s.io/kubectl/pkg/cmd/drain */
import type { Node } from '../../api/core/types.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { type Command, dryRunFlag, fieldManagerFlag, type Invocation, outputFlags, selectorFlag } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { type Found, fetchSelection, selectResources } from '../resources.ts'
import { showResult } from '../results.ts'
import { sendPatch } from '../targets.ts'

export const nodeFlags = [dryRunFlag, selectorFlag, ...outputFlags, fieldManagerFlag('kubectl-cordon')]

/** The nodes that arguments or -l name. */
export function findNodes(invocation: Invocation, onError: (error: unknown) => void): Found[] {
  const { args, flags } = invocation
  if (args.length === 0 && !flags.string('selector')) {
    throw invocation.usageError(`USAGE: ${invocation.path} NODE [flags]`)
  }
  if (args.length > 0 && flags.string('selector')) {
    throw new KubectlError('error: cannot specify both a node name and a --selector option')
  }
  const names = args.map((arg) => arg.replace(/^(nodes?|no)\//, ''))
  return fetchSelection(invocation, selectResources(invocation, ['nodes', ...names]), onError)
}

/** Makes a node (un)schedulable and tells it; one that is already so is only told. */
export function setSchedulable(invocation: Invocation, { kind, object }: Found, unschedulable: boolean): void {
  const verb = unschedulable ? 'cordoned' : 'uncordoned'
  const isAlready = ((object as Node).spec.unschedulable ?? false) === unschedulable
  let result: KubeObject = object
  if (!isAlready && invocation.dryRun !== 'client') {
    result = sendPatch(invocation, kind, object, { spec: { unschedulable: unschedulable ? true : null } })
  }
  showResult(invocation, kind, result, isAlready ? `already ${verb}` : verb)
}

const schedulingCommand = (name: string, short: string, unschedulable: boolean): Command => ({
  name,
  short,
  usage: 'NODE [options]',
  flags: nodeFlags,
  run(invocation) {
    const errors: unknown[] = []
    for (const found of findNodes(invocation, (error) => errors.push(error))) {
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
