/** kubectl apply edit-last-applied. Source: ApplyEditMode in k8s.io/kubectl/pkg/cmd/util/editor/editoptions.go */

import { printCompactJson } from '../../../api/meta/go-json.ts'
import { equalJson } from '../../../api/meta/json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { type Command, fieldManagerFlag, fileFlags, outputFlags, validateFlag } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { lastAppliedAnnotation, lastAppliedOf } from '../../last-applied.ts'
import { namesFiles } from '../../manifests.ts'
import { noResources } from '../../resources.ts'
import { showResult, validation } from '../../results.ts'
import { findTargets } from '../../targets.ts'
import { editedObjects, nothingChanged } from '../edit.ts'

export const editLastApplied: Command = {
  name: 'edit-last-applied',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  usage: '(RESOURCE/NAME | -f FILENAME) [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    validateFlag,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'windows-line-endings', type: 'bool', help: 'Defaults to the line ending native to your platform.' },
  ],
  run(invocation) {
    const { client, flags } = invocation
    if (invocation.args.length === 0 && !namesFiles(invocation)) throw noResources()
    const validated = validation(invocation)
    const errors: unknown[] = []
    const found = findTargets(invocation, invocation.args, (error) => errors.push(error), { needsNames: false })
    throwAll(errors)
    const remembered = found.filter(({ object }) => lastAppliedOf(object))
    if (remembered.length === 0)
      throw new KubectlError(
        'no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`',
      )
    const objects = editedObjects(invocation, remembered.length, 'change a file and use kubectl apply set-last-applied')
    if (!objects) return 0
    const { shown, changed } = objects
    if (equalJson(shown, changed)) {
      invocation.err(nothingChanged)
      return 0
    }
    for (const [at, { kind }] of remembered.entries()) {
      const edited = changed[at] as unknown as KubeObject
      // What is remembered has no uid to tell objects apart by, so that each is compared with the first.
      if (equalJson(shown[0], changed[at])) {
        showResult(invocation, kind, edited, 'skipped')
        continue
      }
      const text = `${printCompactJson(edited)}\n`
      const key = { namespace: kind.isNamespaced ? invocation.namespace : '', name: edited.metadata?.name ?? '' }
      const patch = { metadata: { annotations: { [lastAppliedAnnotation]: text } } }
      client.patch(kind, key, 'merge', patch, {
        fieldManager: flags.string('field-manager'),
        ...validated,
      })
      invocation.showWarnings()
      showResult(invocation, kind, edited, 'edited')
    }
    return 0
  },
}
