/** kubectl delete. Source: k8s.io/kubectl/pkg/cmd/delete/delete.go */
import type { Kind } from '../../api/meta/kind.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import type { DeleteOptions } from '../../client/client.ts'
import type { Wait } from '../../runtime/process.ts'
import {
  allFlag,
  allNamespacesFlag,
  type Command,
  dryRunFlag,
  fieldSelectorFlag,
  fileFlags,
  type Invocation,
  selectorFlag,
} from '../command.ts'
import { ActionError, KubectlError, throwAll } from '../errors.ts'
import { namesFiles, readManifests } from '../manifests.ts'
import { refuseRawWith, sendRaw } from '../raw.ts'
import { fetchSelection, selectResources, shownKind, shownName } from '../resources.ts'
import { withAction } from '../results.ts'
import { eachState } from '../waits.ts'

interface Doomed {
  kind: Kind
  namespace: string
  name: string
  source?: string
}

export const deleteCommand: Command = {
  name: 'delete',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: '([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]',
  flags: [
    ...fileFlags,
    dryRunFlag,
    selectorFlag,
    fieldSelectorFlag,
    allFlag,
    allNamespacesFlag,
    {
      name: 'cascade',
      type: 'string',
      default: 'background',
      bare: 'background',
      help: 'Must be "background", "orphan", or "foreground".',
    },
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
    { name: 'ignore-not-found', type: 'bool', help: 'Treat "resource not found" as a successful delete.' },
    { name: 'interactive', short: 'i', type: 'bool', help: 'If true, delete resource only when user confirms.' },
    {
      name: 'now',
      type: 'bool',
      help: 'If true, resources are signaled for immediate shutdown (same as --grace-period=1).',
    },
    {
      name: 'output',
      short: 'o',
      type: 'string',
      help: 'Output mode. Use "-o name" for shorter output (resource/name).',
    },
    {
      name: 'timeout',
      type: 'duration',
      help: 'The length of time to wait before giving up on a delete, zero means as long as it takes.',
    },
    { name: 'wait', type: 'bool', default: true, help: 'If true, wait for resources to be gone before returning.' },
    { name: 'raw', type: 'string', help: 'Raw URI to DELETE to the server.' },
  ],
  *run(invocation) {
    const { flags } = invocation
    const output = flags.string('output')
    if (output && output !== 'name') {
      throw new KubectlError(`unexpected -o output mode: ${output}. We only support '-o name'`)
    }
    if (flags.string('raw')) {
      refuseRawWith(invocation, ['filename', 'recursive', 'output'])
      sendRaw(invocation, 'DELETE')
      return 0
    }
    const gracePeriod = gracePeriodOf(invocation)
    const propagationPolicy = readCascade(invocation)
    const errors: unknown[] = []
    const doomed = findDoomed(invocation, errors)
    if (flags.bool('interactive') && doomed.length > 0 && !isConfirmed(invocation, doomed)) return 0
    if (doomed.length > 0 && gracePeriod === 0) {
      invocation.err(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
      )
    }
    const options: DeleteOptions = {
      propagationPolicy,
      ...(gracePeriod >= 0 ? { gracePeriodSeconds: gracePeriod } : {}),
      ...(invocation.dryRun === 'server' ? { dryRun: true } : {}),
    }
    const uids = new Map<Doomed, string>()
    for (const target of doomed) {
      try {
        uids.set(target, deleteOne(invocation, target, options))
      } catch (error) {
        const isMissing = isStatus(error instanceof ActionError ? error.status : error, 'NotFound')
        if (isMissing && ignoresNotFound(invocation)) uids.set(target, '')
        else errors.push(error)
      }
    }
    throwAll(errors)
    if (doomed.length === 0) {
      invocation.out('No resources found\n')
      return 0
    }
    if (flags.bool('wait') && invocation.dryRun === 'none') {
      const timeoutMs = flags.number('timeout') || 168 * 3_600_000
      for (const [target, uid] of uids) yield* waitUntilGone(invocation, target, uid, timeoutMs)
    }
    return 0
  },
}

/** Asks on standard output; anything but y or yes means no. */
function isConfirmed(invocation: Invocation, doomed: readonly Doomed[]): boolean {
  invocation.out(`You are about to delete the following ${doomed.length} resource(s):\n`)
  for (const { kind, name } of doomed) invocation.out(`${shownName(kind, name)}\n`)
  invocation.out('Do you want to continue? (y/N): ')
  const answer = invocation.context.stdin.split('\n')[0].trim().toLowerCase()
  if (answer === 'y' || answer === 'yes') return true
  invocation.out('deletion is cancelled\n')
  return false
}

/** Seconds, or -1 for what the object itself says. */
function gracePeriodOf(invocation: Invocation): number {
  const { flags } = invocation
  const given = flags.number('grace-period')
  if (flags.bool('now')) {
    if (given !== -1) throw new KubectlError('--now and --grace-period cannot be specified together')
    return 1
  }
  if (given > 0 && flags.bool('force')) {
    throw new KubectlError('--force and --grace-period greater than 0 cannot be specified together')
  }
  // Zero alone means one: only --force may lose what a process had not finished.
  if (given === 0 && !flags.bool('force')) return 1
  return flags.bool('force') ? 0 : given
}

/** Truth values are words of old, and told so. */
export function readCascade(invocation: Invocation): DeleteOptions['propagationPolicy'] {
  const text = invocation.flags.string('cascade')
  const policy = cascadeOf(text)
  if (text === 'true' || text === 'false')
    invocation.err(
      `warning: --cascade=${text} is deprecated (boolean value) and can be replaced with --cascade=${policy!.toLowerCase()}.\n`,
    )
  return policy
}

function cascadeOf(text: string): DeleteOptions['propagationPolicy'] {
  switch (text) {
    case 'background':
    case 'true':
      return 'Background'
    case 'foreground':
      return 'Foreground'
    case 'orphan':
    case 'false':
      return 'Orphan'
    default:
      throw new KubectlError(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`)
  }
}

const ignoresNotFound = (invocation: Invocation): boolean =>
  invocation.flags.bool('ignore-not-found') ||
  (invocation.flags.bool('all') && !invocation.flags.has('ignore-not-found'))

function findDoomed(invocation: Invocation, errors: unknown[]): readonly Doomed[] {
  const { flags } = invocation
  if (namesFiles(invocation)) {
    if (invocation.args.length > 0) {
      throw new KubectlError(
        'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
      )
    }
    return readManifests(invocation, (error) => errors.push(error))
  }
  if (flags.bool('all') && flags.string('selector')) {
    throw new KubectlError("setting 'all' parameter but found a non empty selector. ")
  }
  const selection = selectResources(invocation, invocation.args, {
    needsNames: !flags.string('field-selector'),
    selectsAll: true,
  })
  if (selection.targets.length > 0) return selection.targets
  return fetchSelection(invocation, selection, (error) => errors.push(error)).map(({ kind, object }) => ({
    kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  }))
}

/** Deletes an object, prints its line and gives its uid. */
export function deleteOne(invocation: Invocation, target: Doomed, options: DeleteOptions): string {
  const { kind, namespace, name, source } = target
  const request = (): string =>
    invocation.dryRun === 'client' ? '' : invocation.client.delete(kind, { namespace, name }, options).metadata.uid
  if (!name) throw new KubectlError(`error when deleting "${source}": resource name may not be empty`)
  const uid = source ? withAction('deleting', source, request) : request()
  if (invocation.dryRun !== 'client') invocation.showWarnings()
  if (invocation.flags.string('output') === 'name') invocation.out(`${shownName(kind, name)}\n`)
  else {
    const operation = options.gracePeriodSeconds === 0 ? 'force deleted' : 'deleted'
    const place = namespace ? ` from ${namespace} namespace` : ''
    invocation.out(`${shownKind(kind)} "${name}" ${operation}${place}${invocation.dryRunSuffix}\n`)
  }
  return uid
}

export function* waitUntilGone(
  invocation: Invocation,
  target: Doomed,
  uid: string,
  timeoutMs: number,
): Generator<Wait, void, unknown> {
  const { kind, name } = target
  const left = invocation.client.find(kind, target)
  if (!left || left.metadata.uid !== uid) return
  const outcome = yield* eachState(
    invocation.context,
    invocation.client,
    kind,
    target,
    (object) => object === undefined || object.metadata.uid !== uid,
    invocation.context.nowEpochMs() + timeoutMs,
  )
  if (outcome === 'timeout') throw new KubectlError(`timed out waiting for the condition on ${kind.plural}/${name}`)
}
