/** kubectl patch. Source: k8s.io/kubectl/pkg/cmd/patch/patch.go */

import { equalJson } from '../../api/meta/json.ts'
import type { PatchType } from '../../client/client.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { readText } from '../files.ts'
import { isMap } from '../printers/json.ts'
import { showResult } from '../results.ts'
import { changeFlags, findTargets, warnOfRecord } from '../targets.ts'
import { parseYamlValue } from '../yaml.ts'

export const patch: Command = {
  name: 'patch',
  short: 'Update fields of a resource',
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]',
  flags: [
    ...changeFlags('kubectl-patch'),
    { name: 'patch', short: 'p', type: 'string', help: 'The patch to be applied to the resource JSON file.' },
    { name: 'patch-file', type: 'string', help: 'A file containing a patch to be applied to the resource.' },
    {
      name: 'type',
      type: 'string',
      default: 'strategic',
      help: 'The type of patch being provided; one of [json merge strategic]',
    },
    {
      name: 'subresource',
      type: 'string',
      help: 'If specified, patch will operate on the subresource of the requested object.',
    },
  ],
  run(invocation) {
    const { flags, client } = invocation
    warnOfRecord(invocation)
    const type = flags.string('type').toLowerCase()
    if (type !== 'json' && type !== 'merge' && type !== 'strategic') {
      throw new KubectlError(`--type must be one of [json merge strategic], not "${flags.string('type')}"`)
    }
    const body = readPatch(invocation, type)
    const errors: unknown[] = []
    const targets = findTargets(invocation, invocation.args, (error) => errors.push(error))
    for (const { kind, object } of targets) {
      const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
      const options = invocation.writeOptions(flags.string('field-manager'))
      const subresource = flags.string('subresource')
      try {
        if (subresource && subresource !== 'status' && !kind.updates?.[subresource]) {
          throw new KubectlError(`the server could not find the requested resource (subresource ${subresource})`)
        }
        // A client's dry run asks the server to merge: it alone knows how to, and keeps nothing.
        const dryRun = invocation.dryRun === 'client' ? { dryRun: true } : {}
        const patched =
          subresource === 'status'
            ? client.patchStatus(kind, key, type, body, { ...options, ...dryRun })
            : client.patch(kind, key, type, body, { ...options, ...dryRun, subresource })
        invocation.showWarnings()
        showResult(invocation, kind, patched, equalJson(object, patched) ? 'patched (no change)' : 'patched')
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function readPatch(invocation: Invocation, type: PatchType): unknown {
  const { flags, context } = invocation
  const file = flags.string('patch-file')
  if (flags.has('patch') && file) throw new KubectlError('cannot specify --patch and --patch-file together')
  if (!flags.has('patch') && !file) {
    throw new KubectlError('must specify --patch or --patch-file containing the contents of the patch')
  }
  const text = file ? (file === '-' ? context.stdin : readText(context, file)) : flags.string('patch')
  if (text === undefined) throw new KubectlError(`unable to read patch file: open ${file}: no such file or directory`)
  let value: unknown
  try {
    value = parseYamlValue(text)
  } catch (error) {
    throw new KubectlError(
      `unable to parse ${JSON.stringify(text)}: ${(error as Error).message.replace(/^error parsing value: (error converting YAML to JSON: )?/, '')}`,
    )
  }
  if (type === 'json' ? !Array.isArray(value) : !isMap(value)) {
    throw new KubectlError(
      `unable to parse ${JSON.stringify(text)}: ${type === 'json' ? 'a JSON patch is a list of operations' : 'a patch is an object'}`,
    )
  }
  return value
}
