/** kubectl apply. Source: k8s.io/kubectl/pkg/cmd/apply, https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/ */

import { givenKeys, isMap, type JsonMap, type KeyOrder, printCompactJson, sortedKeys } from '../../api/meta/go-json.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, isStatus, StatusError } from '../../api/meta/status-error.ts'
import { strategicMergePatch } from '../../api/patch/strategic-merge-patch.ts'
import type { Wait } from '../../runtime/process.ts'
import { readDescription } from '../ask.ts'
import {
  allFlag,
  type Command,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  recordFlag,
  selectorFlag,
  validateFlag,
} from '../command.ts'
import { ownsLastApplied, upgradedManagedFields } from '../csa-upgrade.ts'
import { ActionError, KubectlError, throwAll } from '../errors.ts'
import { lastAppliedAnnotation, lastAppliedOf, parseLastApplied, withLastApplied } from '../last-applied.ts'
import { describeInfo, type ManifestObject, readManifests, requireFilename, unversioned } from '../manifests.ts'
import { threeWayPatch } from '../patch/three-way.ts'
import { objectPrinter } from '../printers/objects.ts'
import { showResult, validation, warnIfDeleting, withAction, withType } from '../results.ts'
import { checkSubresource, patchTypeOf, recorded } from '../targets.ts'
import { eachState } from '../waits.ts'
import { editLastApplied } from './apply/edit-last-applied.ts'
import { prunableKinds, prune } from './apply/prune.ts'
import { setLastApplied } from './apply/set-last-applied.ts'
import { viewLastApplied } from './apply/view-last-applied.ts'
import { readCascade } from './delete.ts'

export const apply: Command = {
  name: 'apply',
  short: 'Apply a configuration to a resource by file name or stdin',
  usage: '(-f FILENAME | -k DIRECTORY) [options]',
  flags: [
    ...fileFlags,
    ...outputFlags,
    dryRunFlag,
    validateFlag,
    selectorFlag,
    recordFlag,
    fieldManagerFlag(''),
    { name: 'server-side', type: 'bool', help: 'If true, apply runs in the server instead of the client.' },
    {
      name: 'force-conflicts',
      type: 'bool',
      help: 'If true, server-side apply will force the changes against conflicts.',
    },
    {
      name: 'overwrite',
      type: 'bool',
      default: true,
      help: 'Automatically resolve conflicts between the modified and live configuration.',
    },
    allFlag,
    { name: 'prune', type: 'bool', help: 'Automatically delete resource objects that do not appear in the configs.' },
    {
      name: 'prune-allowlist',
      type: 'array',
      help: 'Overwrite the default allowlist with <group/version/kind> for --prune',
    },
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
    {
      name: 'timeout',
      type: 'duration',
      help: 'The length of time to wait before giving up on a delete, zero means as long as it takes.',
    },
    { name: 'wait', type: 'bool', help: 'If true, wait for resources to be gone before returning.' },
    {
      name: 'subresource',
      type: 'string',
      help: 'If specified, apply will operate on the subresource of the requested object.  Only allowed when using --server-side.',
    },
    { name: 'openapi-patch', type: 'bool', default: true, help: 'If true, use openapi to calculate diff.' },
  ],
  subcommands: [editLastApplied, setLastApplied, viewLastApplied],
  *run(invocation) {
    const { flags } = invocation
    if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`)
    requireFilename(invocation)
    refuseContradictions(invocation)
    const printer = objectPrinter(invocation, { keysOf: fieldsOfList })
    const prunes = flags.bool('prune') ? prunableKinds(invocation) : undefined
    const errors: unknown[] = []
    const manifests = readManifests(invocation, (error) => errors.push(error))
    if (manifests.length === 0 && errors.length === 0) throw new KubectlError('no objects passed to apply')
    if (validation(invocation).fieldValidation !== 'Ignore')
      for (const { kind } of manifests) readDescription(invocation, kind)
    const applied: KubeObject[] = []
    const isListed = printer !== undefined && flags.string('output') !== 'name'
    for (const manifest of manifests) {
      try {
        const { object, operation } = flags.bool('server-side')
          ? applyOnServer(invocation, manifest)
          : yield* applyOnClient(invocation, manifest)
        applied.push(withType(manifest.kind, object))
        if (!isListed) showResult(invocation, manifest.kind, object, operation)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    if (invocation.verbosity >= 4) invocation.log('I', 'apply.go:546', 'Running apply post-processor function')
    if (isListed) {
      const list = { kind: 'List', apiVersion: 'v1', metadata: {}, items: applied }
      invocation.out(printer.print(applied.length === 1 ? applied[0] : list, undefined))
    }
    if (prunes) prune(invocation, prunes, manifests, applied)
    return 0
  },
}

/** A list that kubectl builds itself has its fields in the order of a Go struct. */
const fieldsOfList: KeyOrder = (map) =>
  map.kind === 'List' && Array.isArray(map.items) ? givenKeys(map) : sortedKeys(map)

/** Source: ApplyOptions.Validate */
function refuseContradictions(invocation: Invocation): void {
  const { flags, dryRun } = invocation
  const isServerSide = flags.bool('server-side')
  if (flags.bool('force-conflicts') && !isServerSide)
    throw new KubectlError('--force-conflicts only works with --server-side')
  if (isServerSide && dryRun === 'client')
    throw new KubectlError(`--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)`)
  if (flags.bool('force') && isServerSide) throw new KubectlError('--force cannot be used with --server-side')
  if (flags.bool('force') && dryRun === 'server') throw new KubectlError('--dry-run=server cannot be used with --force')
  if (flags.bool('all') && flags.string('selector'))
    throw new KubectlError('cannot set --all and --selector at the same time')
  if (flags.bool('prune') && !flags.bool('all') && !flags.string('selector'))
    throw new KubectlError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    )
  if (flags.string('subresource') && !isServerSide)
    throw new KubectlError('--subresource can only be specified for --server-side')
}

interface Applied {
  object: KubeObject
  /** `created`, `configured`… */
  operation: string
}

function applyOnServer(invocation: Invocation, manifest: ManifestObject): Applied {
  const { kind, object } = manifest
  if (!manifest.name) throw new KubectlError(namelessReason(manifest))
  const { client, flags } = invocation
  const manager = flags.string('field-manager') || serverSideManager
  const options = { ...invocation.writeOptions(manager), ...validation(invocation) }
  const subresource = flags.string('subresource')
  const force = flags.bool('force-conflicts')
  const apply = () => client.apply(kind, object as never, { ...options, force, subresource })
  try {
    checkSubresource(kind, manifest.name, subresource)
    if (subresource === 'scale')
      throw badRequest(
        `invalid object type: ${kind.apiVersion.includes('/') ? '' : '/'}${kind.apiVersion}, Kind=${kind.kind}`,
      )
    let applied = apply()
    invocation.showWarnings()
    applied = migrated(invocation, manifest, applied, manager, apply)
    warnIfDeleting(invocation, applied)
    return { object: applied, operation: 'serverside-applied' }
  } catch (error) {
    if (isStatus(error, 'Conflict')) throw new KubectlError(`${error.message}\n${conflictHelp}`)
    throw error instanceof StatusError ? new ActionError('', error) : error
  }
}

const serverSideManager = 'kubectl'

/**
 * What client-side apply owned becomes the manager's that applies, and then it applies once more, so that what left the manifest is taken
 * away. The object is applied by then: whatever fails here is a warning, and tried again with the next apply.
 */
function migrated(
  invocation: Invocation,
  manifest: ManifestObject,
  object: KubeObject,
  manager: string,
  apply: () => KubeObject,
): KubeObject {
  const { client } = invocation
  const { kind, namespace, name } = manifest
  let applied = object
  let failed = 'failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply'
  try {
    applied = keepLastApplied(invocation, manifest, applied, manager)
    failed = 'server rejected managed fields migration to Server-Side Apply'
    const entries = upgradedManagedFields(client.managedFields(kind, applied), manager)
    if (!entries) return applied
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: entries },
      { op: 'replace', path: '/metadata/resourceVersion', value: applied.metadata.resourceVersion },
    ]
    applied = client.patch(kind, { namespace, name }, 'json', patch, invocation.writeOptions(manager))
    failed = 'failed to re-apply configuration after performing Server-Side Apply migration'
    return apply()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    invocation.err(
      `Warning: ${failed}. This is non-fatal and will be retried next time you apply. Error: ${error.message}\n`,
    )
    return applied
  }
}

/**
 * Gives what client-side apply remembers an owner of its own, so that the manager that applies does not take it away. Only the usual manager
 * does so: for another one the server does not keep it up to date. Source: saveLastApplyAnnotationIfNecessary
 */
function keepLastApplied(
  invocation: Invocation,
  { kind }: ManifestObject,
  applied: KubeObject,
  manager: string,
): KubeObject {
  const { client } = invocation
  const remembered = lastAppliedOf(applied)
  if (manager !== serverSideManager || remembered === undefined) return applied
  if (ownsLastApplied(client.managedFields(kind, applied), 'Apply')) return applied
  const { namespace, name } = applied.metadata
  const config = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...(namespace ? { namespace } : {}), name, annotations: { [lastAppliedAnnotation]: remembered } },
  }
  return client.apply(kind, config as never, invocation.writeOptions('kubectl-last-applied'))
}

const conflictHelp = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`

function* applyOnClient(invocation: Invocation, manifest: ManifestObject): Generator<Wait, Applied, unknown> {
  const { kind, namespace, name, source } = manifest
  const { client, flags } = invocation
  const info = describeInfo(manifest)
  const retrieving = `retrieving current configuration of:\n${info}\nfrom server for:`
  if (!name) {
    const why = namelessReason(manifest)
    throw new KubectlError(isGenerated(manifest) ? why : `error when ${retrieving} "${source}": ${why}`)
  }
  const modified = withLastApplied(recorded(invocation, manifest.object as Recordable))
  const options = {
    ...invocation.writeOptions(flags.string('field-manager') || 'kubectl-client-side-apply'),
    ...validation(invocation),
  }
  const live = withAction(retrieving, source, () => client.find(kind, { namespace, name }))
  if (!live) {
    if (invocation.dryRun === 'client') return { object: modified as unknown as KubeObject, operation: 'created' }
    const created = withAction('creating', source, () => client.create(kind, unversioned(modified) as never, options))
    invocation.showWarnings()
    return { object: created, operation: 'created' }
  }
  readDescription(invocation, kind)
  const lastApplied = lastAppliedOf(live)
  if (lastApplied === undefined) {
    invocation.err(
      `Warning: resource ${kind.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    )
  }
  const patch = threeWayPatch(kind.schema, parseLastApplied(lastApplied), modified, live as unknown as JsonMap)
  if (invocation.dryRun === 'client') {
    const changed = strategicMergePatch(kind.schema, live, patch) as KubeObject
    warnIfDeleting(invocation, changed)
    return { object: changed, operation: Object.keys(patch).length === 0 ? 'unchanged' : 'configured' }
  }
  if (Object.keys(patch).length === 0) {
    warnIfDeleting(invocation, live)
    return { object: live, operation: 'unchanged' }
  }
  const action = `applying patch:\n${printCompactJson(patch)}\nto:\n${info}\nfor:`
  let patched: KubeObject
  try {
    patched = client.patch(kind, { namespace, name }, patchTypeOf(kind), patch, options)
  } catch (error) {
    if (!flags.bool('force') || !(isStatus(error, 'Conflict') || isStatus(error, 'Invalid')))
      throw error instanceof StatusError ? new ActionError(`error when ${action} "${source}": `, error) : error
    patched = yield* deleteAndCreate(invocation, manifest, modified)
  }
  invocation.showWarnings()
  warnIfDeleting(invocation, patched)
  return { object: patched, operation: 'configured' }
}

/** For what cannot be changed in place, with --force. Source: Patcher.deleteAndCreate */
function* deleteAndCreate(
  invocation: Invocation,
  { kind, namespace, name, source }: ManifestObject,
  modified: JsonMap,
): Generator<Wait, KubeObject, unknown> {
  const { client, context, flags } = invocation
  const key = { namespace, name }
  client.delete(kind, key, {
    propagationPolicy: readCascade(invocation),
    gracePeriodSeconds: Math.max(flags.number('grace-period'), 0),
  })
  yield* eachState(context, client, kind, key, (state) => state === undefined)
  const options = invocation.writeOptions(flags.string('field-manager') || 'kubectl-client-side-apply')
  return withAction('creating', source, () => client.create(kind, unversioned(modified) as never, options))
}

type Recordable = JsonMap & { metadata: { annotations?: Record<string, string> } }

const generateNameOf = ({ object }: ManifestObject): unknown =>
  isMap(object.metadata) ? object.metadata.generateName : undefined
const isGenerated = (manifest: ManifestObject): boolean => Boolean(generateNameOf(manifest))
const namelessReason = (manifest: ManifestObject): string =>
  isGenerated(manifest)
    ? `from ${generateNameOf(manifest)}: cannot use generate name with apply`
    : 'resource name may not be empty'
