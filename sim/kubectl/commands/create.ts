/** kubectl create -f, and the generators of imperative use. Source: k8s.io/kubectl/pkg/cmd/create */

import type { JsonMap } from '../../api/meta/go-json.ts'
import { readDescription } from '../ask.ts'
import {
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  outputFlags,
  selectorFlag,
  validateFlag,
} from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { withLastApplied } from '../last-applied.ts'
import { namesFiles, readManifests, unversioned } from '../manifests.ts'
import { objectPrinter } from '../printers/objects.ts'
import { refuseRawWith, sendRaw } from '../raw.ts'
import { showResult, validation, withAction } from '../results.ts'
import { createConfigMap } from './create/config-map.ts'
import { createCronJob } from './create/cron-job.ts'
import { createDeployment } from './create/deployment.ts'
import { createIngress } from './create/ingress.ts'
import { createJob } from './create/job.ts'
import { createNamespace } from './create/namespace.ts'
import { createPodDisruptionBudget } from './create/pod-disruption-budget.ts'
import { createPriorityClass } from './create/priority-class.ts'
import { createQuota } from './create/quota.ts'
import { createClusterRole, createRole } from './create/role.ts'
import { createClusterRoleBinding, createRoleBinding } from './create/role-binding.ts'
import { createSecret } from './create/secret.ts'
import { createService } from './create/service.ts'
import { createServiceAccount } from './create/service-account.ts'
import { createToken } from './create/token.ts'

export const create: Command = {
  name: 'create',
  short: 'Create a resource from a file or from stdin',
  usage: '-f FILENAME [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    validateFlag,
    selectorFlag,
    fieldManagerFlag('kubectl-create'),
    {
      name: 'save-config',
      type: 'bool',
      help: 'If true, the configuration of current object will be saved in its annotation.',
    },
    { name: 'edit', type: 'bool', help: 'Edit the API resource before creating' },
    { name: 'raw', type: 'string', help: 'Raw URI to POST to the server.' },
  ],
  subcommands: [
    createClusterRole,
    createClusterRoleBinding,
    createConfigMap,
    createCronJob,
    createDeployment,
    createIngress,
    createJob,
    createNamespace,
    createPodDisruptionBudget,
    createPriorityClass,
    createQuota,
    createRole,
    createRoleBinding,
    createSecret,
    createService,
    createServiceAccount,
    createToken,
  ],
  run(invocation) {
    const { flags, client } = invocation
    if (!namesFiles(invocation)) {
      if (invocation.args.length > 0) {
        throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`)
      }
      throw new KubectlError('must specify one of -f and -k')
    }
    if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`)
    if (flags.string('raw')) {
      refuseRawWith(invocation, ['edit', 'filename', 'recursive', 'selector', 'output'])
      sendRaw(invocation, 'POST')
      return 0
    }
    validation(invocation)
    void invocation.dryRun
    objectPrinter(invocation)
    const errors: unknown[] = []
    const manifests = readManifests(invocation, (error) => errors.push(error))
    if (manifests.length === 0 && errors.length === 0) throw new KubectlError('no objects passed to create')
    for (const { kind, object, source } of manifests) {
      try {
        if (validation(invocation).fieldValidation !== 'Ignore') readDescription(invocation, kind)
        const sent: JsonMap = flags.bool('save-config') ? withLastApplied(object) : object
        const options = { ...invocation.writeOptions(flags.string('field-manager')), ...validation(invocation) }
        const created =
          invocation.dryRun === 'client'
            ? (sent as never)
            : withAction('creating', source, () => client.create(kind, unversioned(sent) as never, options))
        if (invocation.dryRun !== 'client') invocation.showWarnings()
        showResult(invocation, kind, created, 'created')
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}
