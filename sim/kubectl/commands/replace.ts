/** kubectl replace. Source: k8s.io/kubectl/pkg/cmd/replace */
import { isStatus, notAScale } from '../../api/meta/status-error.ts'
import { readDescription } from '../ask.ts'
import { type Command, dryRunFlag, fieldManagerFlag, fileFlags, outputFlags, validateFlag } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { withLastApplied } from '../last-applied.ts'
import { readManifests, requireFilename, unversioned } from '../manifests.ts'
import { refuseRawWith, sendRaw } from '../raw.ts'
import { showResult, validation, withAction } from '../results.ts'
import { checkSubresource } from '../targets.ts'
import { eachState } from '../waits.ts'

export const replace: Command = {
  name: 'replace',
  short: 'Replace a resource by file name or stdin',
  usage: '-f FILENAME [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    validateFlag,
    fieldManagerFlag('kubectl-replace'),
    {
      name: 'force',
      type: 'bool',
      help: 'If true, immediately remove resources from API and bypass graceful deletion.',
    },
    {
      name: 'grace-period',
      type: 'int',
      default: -1,
      help: 'Period of time in seconds given to the resource to terminate gracefully.',
    },
    {
      name: 'cascade',
      type: 'string',
      default: 'background',
      bare: 'background',
      help: 'Must be "background", "orphan", or "foreground".',
    },
    {
      name: 'save-config',
      type: 'bool',
      help: 'If true, the configuration of current object will be saved in its annotation.',
    },
    {
      name: 'subresource',
      type: 'string',
      help: 'If specified, replace will operate on the subresource of the requested object.',
    },
    { name: 'raw', type: 'string', help: 'Raw URI to PUT to the server.' },
    { name: 'timeout', type: 'duration', help: 'The length of time to wait before giving up on a delete.' },
  ],
  *run(invocation) {
    const { flags, client, context } = invocation
    requireFilename(invocation)
    if (flags.string('raw')) {
      refuseRawWith(invocation, ['filename', 'recursive', 'output'])
      sendRaw(invocation, 'PUT')
      return 0
    }
    const subresource = flags.string('subresource')
    const isStatusOnly = subresource === 'status'
    const errors: unknown[] = []
    for (const { kind, object, namespace, name, source } of readManifests(invocation, (error) => errors.push(error))) {
      try {
        const sent = flags.bool('save-config') ? withLastApplied(object) : object
        const options = { ...invocation.writeOptions(flags.string('field-manager')), ...validation(invocation) }
        const key = { namespace, name }
        if (invocation.dryRun === 'client') {
          showResult(invocation, kind, sent as never, 'replaced')
          continue
        }
        if (flags.bool('force')) {
          try {
            client.delete(kind, key, {
              propagationPolicy: 'Background',
              ...(flags.number('grace-period') >= 0 ? { gracePeriodSeconds: flags.number('grace-period') } : {}),
            })
            invocation.out(
              `${kind.singular}${kind.group ? `.${kind.group}` : ''} "${name}" deleted${namespace ? ` from ${namespace} namespace` : ''}\n`,
            )
            yield* eachState(context, client, kind, key, (state) => state === undefined)
          } catch (error) {
            if (!isStatus(error, 'NotFound')) throw error
          }
          const created = withAction('creating', source, () => client.create(kind, unversioned(sent) as never, options))
          showResult(invocation, kind, created, 'replaced')
          continue
        }
        if (!name) throw new KubectlError(`error when replacing "${source}": resource name may not be empty`)
        if (options.fieldValidation !== 'Ignore') readDescription(invocation, kind)
        const live = withAction('replacing', source, () => client.get(kind, key))
        checkSubresource(kind, name, subresource)
        if (subresource === 'scale')
          withAction('replacing', source, () => {
            throw notAScale(kind)
          })
        const metadata = { resourceVersion: live.metadata.resourceVersion, ...(sent.metadata as object) }
        const replaced = withAction('replacing', source, () =>
          isStatusOnly
            ? client.updateStatus(kind, { ...sent, metadata } as never, options)
            : client.update(kind, { ...sent, metadata } as never, options),
        )
        invocation.showWarnings()
        showResult(invocation, kind, replaced, 'replaced')
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}
