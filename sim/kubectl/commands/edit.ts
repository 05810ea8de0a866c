/**
 * kubectl edit: objects as YAML in an editor, and what was changed in them as patches. The editor stands outside: a terminal opens it
 * beforehand and gives what it was left with. Source: k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go
 */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { twoWayPatch } from '../patch/three-way.ts'
import type { Found } from '../resources.ts'
import { showResult } from '../results.ts'
import { changeFlags, checkSubresource, findTargets, sendPatch } from '../targets.ts'
import { parseManifest } from '../yaml.ts'

export const nothingChanged = 'Edit cancelled, no changes made.\n'

export const edit: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  usage: '(RESOURCE/NAME | -f FILENAME) [options]',
  flags: [
    ...changeFlags('kubectl-edit').filter(({ name }) => name !== 'local' && name !== 'all'),
    { name: 'output-patch', type: 'bool', help: 'Output the patch if the resource is edited.' },
    { name: 'save-config', type: 'bool', help: 'If true, the configuration is saved in its annotation.' },
    { name: 'subresource', type: 'string', help: 'Edit the subresource of the requested object.' },
    { name: 'windows-line-endings', type: 'bool', help: 'Defaults to the line ending native to your platform.' },
  ],
  run(invocation) {
    const errors: unknown[] = []
    const found = findTargets(invocation, invocation.args, (error) => errors.push(error), { needsNames: false })
    throwAll(errors)
    for (const { kind, object } of found)
      checkSubresource(kind, object.metadata.name, invocation.flags.string('subresource'))
    const objects = editedObjects(invocation, found.length, 'use kubectl patch, or apply a file')
    if (!objects) return 0
    const { shown, changed } = objects
    let count = 0
    for (const [at, target] of found.entries()) {
      try {
        if (sendEdit(invocation, target, shown[at], changed[at])) count++
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    if (count === 0) invocation.err(nothingChanged)
    return 0
  },
}

/**
 * What an editor was opened on and left with; undefined when it was left without anything, which is told.
 * @param count how many objects there are to edit
 * @param instead what to do where there is no editor
 */
export function editedObjects(
  invocation: Invocation,
  count: number,
  instead: string,
): { shown: JsonMap[]; changed: JsonMap[] } | undefined {
  const { edited } = invocation.context
  if (edited === undefined) throw new KubectlError(`unable to launch the editor: there is no terminal here; ${instead}`)
  const { before, after } = edited
  if (after.split('\n').every((line) => line.trim() === '' || line.startsWith('#'))) {
    invocation.err('Edit cancelled, saved file was empty.\n')
    return undefined
  }
  const [shown, changed] = [objectsIn(before), objectsIn(after)]
  if (shown.length !== count || changed.length !== count)
    throw new KubectlError(`the file holds ${changed.length} objects, and ${count} were edited`)
  return { shown, changed }
}

function objectsIn(text: string): JsonMap[] {
  const values = parseManifest(text, 'edited-file').map(({ value }) => value)
  const items = values.flatMap((value) => (isMap(value) && Array.isArray(value.items) ? value.items : [value]))
  return items.map((item) => {
    if (!isMap(item)) throw new KubectlError('unable to parse the edited file: an object is a mapping of fields')
    return item
  })
}

/** @returns whether there was anything to send */
function sendEdit(invocation: Invocation, { kind, object }: Found, shown: JsonMap, edited: JsonMap): boolean {
  const { flags } = invocation
  const metadata = isMap(edited.metadata) ? edited.metadata : {}
  if (edited.apiVersion !== object.apiVersion || edited.kind !== object.kind || metadata.name !== object.metadata.name)
    throw new KubectlError('At least one of apiVersion, kind and name was changed')
  const patch = twoWayPatch(kind.schema, shown, edited)
  if (Object.keys(patch).length === 0) return false
  if (flags.bool('output-patch')) invocation.out(`Patch: ${JSON.stringify(patch)}\n`)
  const patched = sendPatch(invocation, kind, object, patch, flags.string('subresource') || undefined)
  showResult(invocation, kind, patched, 'edited')
  return true
}
