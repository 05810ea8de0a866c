/** kubectl apply view-last-applied. Source: k8s.io/kubectl/pkg/cmd/apply/apply_view_last_applied.go */

import { givenKeys, printIndentedJson } from '../../../api/meta/go-json.ts'
import { allFlag, type Command, fileFlags, selectorFlag } from '../../command.ts'
import { lastAppliedOf } from '../../last-applied.ts'
import { printYaml } from '../../printers/yaml.ts'
import { findTargets } from '../../targets.ts'

export const viewLastApplied: Command = {
  name: 'view-last-applied',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  usage: '(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME) [options]',
  flags: [
    ...fileFlags,
    selectorFlag,
    allFlag,
    { name: 'output', short: 'o', type: 'string', default: 'yaml', help: 'Output format. Must be one of (yaml, json)' },
  ],
  run(invocation) {
    const output = invocation.flags.string('output')
    const errors: unknown[] = []
    const found = findTargets(invocation, invocation.args, (error) => errors.push(error))
    if (errors.length > 0) throw errors[0]
    const texts = found.map(({ object }) => lastAppliedOf(object) ?? '')
    for (const text of texts) {
      if (output !== 'json' && output !== 'yaml')
        throw invocation.usageError(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`)
      if (text === '') continue
      const value: unknown = JSON.parse(text)
      invocation.out(output === 'yaml' ? printYaml(value) : `${printIndentedJson(value, givenKeys, '', '  ')}\n`)
    }
    return 0
  },
}
