/** kubectl set selector: for Services, as the API lets no other selector change. */
import type { Service } from '../../../api/core/types.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Command } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { parseLabels } from '../../labels.ts'
import { showTyped } from '../../results.ts'
import { changeFlags, findTargets, sendChange } from '../../targets.ts'

export const setSelector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  readsTypes: true,
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]',
  flags: [
    ...changeFlags('kubectl-set'),
    { name: 'resource-version', type: 'string', help: 'Precondition for resource version.' },
  ],
  run(invocation) {
    const expression = invocation.args.at(-1)
    if (expression === undefined) throw new KubectlError('one selector is required')
    const selector = readSelector(expression)
    const version = invocation.flags.string('resource-version')
    const errors: unknown[] = []
    for (const found of findTargets(invocation, invocation.args.slice(0, -1), (error) => errors.push(error))) {
      if (found.kind.kind !== 'Service') {
        throw new KubectlError('setting a selector is only supported for Services')
      }
      const service = found.object as Service
      const metadata = version ? { ...service.metadata, resourceVersion: version } : service.metadata
      const changed = { ...service, metadata, spec: { ...service.spec, selector } } as KubeObject
      showTyped(invocation, found.kind, sendChange(invocation, found, changed), 'selector updated')
    }
    throwAll(errors)
    return 0
  },
}

/** Pairs that a Service can select by. Source: metav1.ParseToLabelSelector */
function readSelector(text: string): Record<string, string> {
  if (!/[=!]| (not)?in /.test(text)) throw new KubectlError('resource(s) were provided, but no name was specified')
  if (text.includes('!=')) throw new KubectlError('"!=" is not a valid label selector operator')
  const [, key, operator, values] = /^\s*(\S+) (in|notin) \((.*)\)$/.exec(text) ?? []
  if (key !== undefined) {
    const shown = `{${key} ${operator === 'in' ? 'In' : 'NotIn'} [${values.split(',').join(' ')}]}`
    throw new KubectlError(`match expression [${shown}] not supported on this object`)
  }
  return parseLabels(text)
}
