/** kubectl set selector: for Services, as the API lets no other selector change. */
import type { Service } from '../../../api/core/types.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Command } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { parseLabels } from '../../labels.ts'
import { showResult } from '../../results.ts'
import { changeFlags, findTargets, sendChange } from '../../targets.ts'

export const setSelector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  usage: '(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version] [options]',
  flags: [
    ...changeFlags('kubectl-set'),
    { name: 'resource-version', type: 'string', help: 'Precondition for resource version.' },
  ],
  run(invocation) {
    const expression = invocation.args.at(-1)
    if (expression === undefined) throw new KubectlError('one selector is required')
    if (!expression.includes('='))
      throw new KubectlError('one or more resources must be specified as <resource> <name> or <resource>/<name>')
    const selector = parseLabels(expression)
    const errors: unknown[] = []
    for (const found of findTargets(invocation, invocation.args.slice(0, -1), (error) => errors.push(error))) {
      if (found.kind.kind !== 'Service') {
        throw new KubectlError('cannot patch selector of anything but a Service')
      }
      const service = found.object as Service
      const changed = { ...service, spec: { ...service.spec, selector } } as KubeObject
      showResult(invocation, found.kind, sendChange(invocation, found, changed), 'selector updated')
    }
    throwAll(errors)
    return 0
  },
}
