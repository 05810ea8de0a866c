/** kubectl replace. Source: k8s.io/kubectl/pkg/cmd/replace */
import { isStatus, notAScale } from '../../api/meta/status-error.ts'
import type { DeleteOptions } from '../../client/client.ts'
import type { Wait } from '../../runtime/process.ts'
import { readDescription } from '../ask.ts'
import {
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  validateFlag,
} from '../command.ts'
import { ActionError, KubectlError, throwAll } from '../errors.ts'
import { withLastApplied } from '../last-applied.ts'
import { type ManifestObject, readManifests, requireFilename, unversioned } from '../manifests.ts'
import { refuseRawWith, sendRaw } from '../raw.ts'
import { showResult, validation, withAction } from '../results.ts'
import { checkSubresource } from '../targets.ts'
import { deleteOne, readCascade, waitUntilGone } from './delete.ts'

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
    { name: 'wait', type: 'bool', help: 'If true, wait for resources to be gone before returning.' },
  ],
  *run(invocation) {
    const { flags, client } = invocation
    const propagationPolicy = readCascade(invocation)
    requireFilename(invocation)
    const isForced = flags.bool('force')
    // A Pod has a second at least: zero is no more than a word of old here.
    const gracePeriod = flags.number('grace-period') === 0 ? 1 : flags.number('grace-period')
    if (gracePeriod >= 0 && !isForced) throw new KubectlError('--grace-period must have --force specified')
    if (flags.number('timeout') !== 0 && !isForced) throw new KubectlError('--timeout must have --force specified')
    if (isForced && invocation.dryRun !== 'none')
      throw new KubectlError('--dry-run can not be used when --force is set')
    if (flags.string('raw')) {
      refuseRawWith(invocation, ['filename', 'recursive', 'output'])
      sendRaw(invocation, 'PUT')
      return 0
    }
    if (isForced) {
      yield* deleteAll(invocation, {
        propagationPolicy,
        ...(gracePeriod >= 0 ? { gracePeriodSeconds: gracePeriod } : {}),
      })
      createAll(invocation)
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

/**
 * All objects of the files are deleted before the first of them is looked for again: what one refuses keeps nobody else's from going.
 * @throws KubectlError when one is there still, or again by somebody else's hand, after the time of --timeout
 */
function* deleteAll(invocation: Invocation, options: DeleteOptions): Generator<Wait, void, unknown> {
  const { flags, client, context } = invocation
  const errors: unknown[] = []
  const doomed = readManifests(invocation, (error) => errors.push(error))
  const uids = new Map<ManifestObject, string>()
  for (const target of doomed) {
    try {
      uids.set(target, deleteOne(invocation, target, options))
    } catch (error) {
      if (!isStatus(error instanceof ActionError ? error.status : error, 'NotFound')) errors.push(error)
    }
  }
  throwAll(errors)
  if (doomed.length === 0) invocation.out('No resources found\n')
  const timeoutMs = flags.number('timeout')
  if (flags.bool('wait') || flags.number('grace-period') === 0) {
    for (const [target, uid] of uids) yield* waitUntilGone(invocation, target, uid, timeoutMs || 168 * 3_600_000)
  }
  for (const { kind, namespace, name } of doomed) {
    const untilEpochMs = context.nowEpochMs() + (timeoutMs || 300_000)
    try {
      while (client.find(kind, { namespace, name })) {
        if (context.nowEpochMs() + 1_000 > untilEpochMs) throw new KubectlError('context deadline exceeded')
        yield context.sleep(1_000)
      }
    } catch (error) {
      errors.push(error)
    }
  }
  throwAll(errors)
}

/** The files are read once more, and an object that is refused is gone by now. */
function createAll(invocation: Invocation): void {
  const { flags, client } = invocation
  const errors: unknown[] = []
  let count = 0
  for (const { kind, object } of readManifests(invocation, (error) => errors.push(error))) {
    try {
      const sent = flags.bool('save-config') ? withLastApplied(object) : object
      const options = { ...invocation.writeOptions(flags.string('field-manager')), ...validation(invocation) }
      const created = client.create(kind, unversioned(sent) as never, options)
      invocation.showWarnings()
      showResult(invocation, kind, created, 'replaced')
      count++
    } catch (error) {
      errors.push(error)
    }
  }
  throwAll(errors)
  if (count === 0) throw new KubectlError('no objects passed to replace')
}
