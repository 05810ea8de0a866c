/** kubectl apply. Source: k8s.io/kubectl/pkg/cmd/apply, https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/ */
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import {
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
import { ActionError, KubectlError, throwAll } from '../errors.ts'
import { type ManifestObject, readManifests, requireFilename } from '../manifests.ts'
import { threeWayPatch } from '../patch/three-way.ts'
import { isMap, type JsonMap, type KeyOrder, printCompactJson, sortedKeys } from '../printers/json.ts'
import { objectPrinter } from '../printers/objects.ts'
import { showResult, validation, withAction } from '../results.ts'
import { recorded, warnOfRecord } from '../targets.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

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
    { name: 'prune', type: 'bool', help: 'Automatically delete resource objects that do not appear in the configs.' },
    {
      name: 'force',
      type: 'bool',
      help: 'If true, immediately remove resources from API and bypass graceful deletion.',
    },
  ],
  run(invocation) {
    const { flags } = invocation
    if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`)
    if (flags.bool('prune'))
      throw new KubectlError('--prune is not available here: delete what is no longer wanted by name')
    if (flags.bool('force'))
      throw new KubectlError('--force is not available here: delete the object and apply it again')
    if (flags.bool('force-conflicts') && !flags.bool('server-side')) {
      throw new KubectlError('--force-conflicts only works with --server-side')
    }
    if (flags.bool('server-side') && invocation.dryRun === 'client') {
      throw new KubectlError(
        `--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)`,
      )
    }
    requireFilename(invocation)
    warnOfRecord(invocation)
    objectPrinter(invocation)
    const errors: unknown[] = []
    const manifests = readManifests(invocation, (error) => errors.push(error))
    if (manifests.length === 0 && errors.length === 0) throw new KubectlError('no objects passed to apply')
    for (const manifest of manifests) {
      try {
        if (flags.bool('server-side')) applyOnServer(invocation, manifest)
        else applyOnClient(invocation, manifest)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

function applyOnServer(invocation: Invocation, manifest: ManifestObject): void {
  const { kind, object } = manifest
  checkName(manifest)
  const options = {
    ...invocation.writeOptions(invocation.flags.string('field-manager') || 'kubectl'),
    ...validation(invocation),
  }
  try {
    const applied = invocation.client.apply(kind, object as never, {
      ...options,
      force: invocation.flags.bool('force-conflicts'),
    })
    invocation.showWarnings()
    showResult(invocation, kind, applied, 'serverside-applied')
  } catch (error) {
    if (error instanceof StatusError && isFieldConflict(error))
      throw new KubectlError(`${error.message}\n${conflictHelp}`)
    throw error instanceof StatusError ? new ActionError('', error) : error
  }
}

const isFieldConflict = (error: StatusError): boolean =>
  error.details?.causes?.some((cause) => cause.reason === 'FieldManagerConflict') ?? false

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

function applyOnClient(invocation: Invocation, manifest: ManifestObject): void {
  const { kind, namespace, name, source } = manifest
  const { client, flags } = invocation
  checkName(manifest)
  const modified = withLastApplied(recorded(invocation, manifest.object as Recordable))
  const options = {
    ...invocation.writeOptions(flags.string('field-manager') || 'kubectl-client-side-apply'),
    ...validation(invocation),
  }
  const live = withAction(`retrieving current configuration of:\n${describeInfo(manifest)}\nfrom for:`, source, () =>
    client.find(kind, { namespace, name }),
  )
  if (!live) {
    if (invocation.dryRun === 'client') {
      showResult(invocation, kind, modified as unknown as KubeObject, 'created')
      return
    }
    const created = withAction('creating', source, () => client.create(kind, modified as never, options))
    invocation.showWarnings()
    showResult(invocation, kind, created, 'created')
    return
  }
  const lastApplied = live.metadata.annotations?.[lastAppliedAnnotation]
  if (lastApplied === undefined) {
    invocation.err(
      `Warning: resource ${kind.plural}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    )
  }
  if (invocation.dryRun === 'client') {
    showResult(invocation, kind, live, 'configured')
    return
  }
  const patch = threeWayPatch(kind.schema, parseLastApplied(lastApplied), modified, live as unknown as JsonMap)
  if (Object.keys(patch).length === 0) {
    showResult(invocation, kind, live, 'unchanged')
    return
  }
  const action = `applying patch:\n${printCompactJson(patch)}\nto:\n${describeInfo(manifest)}\nfor:`
  const patched = withAction(action, source, () => client.patch(kind, { namespace, name }, 'strategic', patch, options))
  invocation.showWarnings()
  if (live.metadata.deletionTimestamp) {
    invocation.err(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`)
  }
  showResult(invocation, kind, patched, 'configured')
}

type Recordable = JsonMap & { metadata: { annotations?: Record<string, string> } }

function checkName({ object, source, name }: ManifestObject): void {
  if (name) return
  const generateName = isMap(object.metadata) ? object.metadata.generateName : undefined
  if (generateName) throw new KubectlError(`from ${generateName}: cannot use generate name with apply`)
  throw new KubectlError(`error when applying "${source}": resource name may not be empty`)
}

/** The object as `original`'s next self: without an older last-applied annotation, and with one of its own. */
export function withLastApplied(object: JsonMap, keysOf: KeyOrder = sortedKeys): JsonMap {
  const metadata = isMap(object.metadata) ? object.metadata : {}
  const annotations = isMap(metadata.annotations) ? { ...metadata.annotations } : {}
  delete annotations[lastAppliedAnnotation]
  // What was read from a file keeps an empty map there; what kubectl built itself has none.
  const isBare = keysOf !== sortedKeys && Object.keys(annotations).length === 0
  const bare = isBare ? object : { ...object, metadata: { ...metadata, annotations } }
  const text = `${printCompactJson(bare, keysOf)}\n`
  return { ...bare, metadata: { ...metadata, annotations: { ...annotations, [lastAppliedAnnotation]: text } } }
}

function parseLastApplied(text: string | undefined): JsonMap | undefined {
  if (!text) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : undefined
  } catch {
    throw new KubectlError(`the ${lastAppliedAnnotation} annotation of the live object is not JSON`)
  }
}

/** An object as `resource.Info` names itself in messages. */
function describeInfo({ kind, namespace, name }: ManifestObject): string {
  const groupVersion = `${kind.group}/${kind.version}`
  return `Resource: "${groupVersion}, Resource=${kind.plural}", GroupVersionKind: "${groupVersion}, Kind=${kind.kind}"\nName: "${name}", Namespace: "${namespace}"`
}
