/** kubectl apply set-last-applied. Source: k8s.io/kubectl/pkg/cmd/apply/apply_set_last_applied.go */

import { printCompactJson } from '../../../api/meta/go-json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import type { Client } from '../../../client/client.ts'
import { type Command, dryRunFlag, fileFlags, outputFlags } from '../../command.ts'
import { KubectlError, throwAll } from '../../errors.ts'
import { lastAppliedAnnotation, lastAppliedOf } from '../../last-applied.ts'
import { describeInfo, type ManifestObject, readManifests } from '../../manifests.ts'
import { objectPrinter } from '../../printers/objects.ts'
import { noResources } from '../../resources.ts'
import { showResult, withAction, withType } from '../../results.ts'

export const setLastApplied: Command = {
  name: 'set-last-applied',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  usage: '-f FILENAME [options]',
  flags: [
    ...fileFlags.filter(({ name }) => name === 'filename'),
    ...outputFlags,
    dryRunFlag,
    {
      name: 'create-annotation',
      type: 'bool',
      help: "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
    },
  ],
  run(invocation) {
    const { client, flags } = invocation
    const printer = objectPrinter(invocation)
    void invocation.dryRun
    if (flags.list('filename').length === 0) throw noResources()
    const errors: unknown[] = []
    const manifests = readManifests(invocation, (error) => errors.push(error))
    throwAll(errors)
    const changes = manifests.flatMap((manifest) => {
      const { kind, object, name } = manifest
      const live = getLive(client, manifest)
      const original = lastAppliedOf(live)
      if (original === undefined && !flags.bool('create-annotation')) {
        throw new KubectlError(
          `no last-applied-configuration annotation found on resource: ${name}, to create the annotation, run the command with --create-annotation`,
        )
      }
      const text = `${printCompactJson(object)}\n`
      if (text !== original) return { kind, live, text }
      invocation.out(`set-last-applied ${name}: no changes required.\n`)
      return []
    })
    for (const { kind, live, text } of changes) {
      const { namespace = '', name } = live.metadata
      const patch = { metadata: { annotations: { [lastAppliedAnnotation]: text } } }
      const dryRun = invocation.dryRun === 'server' ? { dryRun: true } : {}
      const changed =
        invocation.dryRun === 'client' ? live : client.patch(kind, { namespace, name }, 'merge', patch, dryRun)
      if (printer) invocation.out(printer.print(withType(kind, changed), kind))
      else showResult(invocation, kind, changed, 'configured')
    }
    return 0
  },
}

/** @throws StatusError as it is for one that is not there, ActionError for everything else */
function getLive(client: Client, manifest: ManifestObject): KubeObject {
  const { kind, source } = manifest
  const action = `retrieving current configuration of:\n${describeInfo(manifest)}\nfrom server for:`
  const live = withAction(action, source, () => client.find(kind, manifest))
  return live ?? client.get(kind, manifest)
}
