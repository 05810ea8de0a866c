/** kubectl set serviceaccount */
import type { Command } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { namesFiles } from '../../manifests.ts'
import { noResources } from '../../resources.ts'
import { changeFlags } from '../../targets.ts'
import { changePodSpecs } from './pod-spec.ts'

export const setServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  readsTypes: true,
  usage: '(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT [options]',
  flags: changeFlags('kubectl-set'),
  run(invocation) {
    const { args } = invocation
    const name = args.at(-1)
    if (!name) throw new KubectlError('serviceaccount is required')
    if (args.length < 2 && !namesFiles(invocation)) throw noResources()
    return changePodSpecs(invocation, args.slice(0, -1), {
      operation: 'serviceaccount updated',
      what: 'service account update',
      tellsUnchanged: true,
      apply: (spec) => ({ ...spec, serviceAccountName: name, serviceAccount: name }),
    })
  },
}
