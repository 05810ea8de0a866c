/** kubectl patch. Source: k8s.io/kubectl/pkg/cmd/patch/patch.go */

import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, StatusError } from '../../api/meta/status-error.ts'
import { jsonMergePatch } from '../../api/patch/json-merge-patch.ts'
import { strategicMergePatch } from '../../api/patch/strategic-merge-patch.ts'
import type { PatchType } from '../../client/client.ts'
import { jsonFault } from '../../text/go-json-errors.ts'
import type { Command, Invocation } from '../command.ts'
import { KubectlError, throwAll } from '../errors.ts'
import { readText } from '../files.ts'
import { withJsonPatch } from '../json-patch.ts'
import { namesFiles, readManifests } from '../manifests.ts'
import { objectPrinter } from '../printers/objects.ts'
import { type Found, shownName } from '../resources.ts'
import { withType } from '../results.ts'
import { changeFlags, checkSubresource, findTargets, isLocal } from '../targets.ts'
import { parseYamlValue } from '../yaml.ts'

export const patch: Command = {
  name: 'patch',
  short: 'Update fields of a resource',
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]',
  flags: [
    ...changeFlags('kubectl-patch').filter(({ name }) => name !== 'all' && name !== 'selector'),
    { name: 'patch', short: 'p', type: 'string', help: 'The patch to be applied to the resource JSON file.' },
    { name: 'patch-file', type: 'string', help: 'A file containing a patch to be applied to the resource.' },
    {
      name: 'type',
      type: 'string',
      default: 'strategic',
      help: 'The type of patch being provided; one of [json merge strategic]',
    },
    {
      name: 'subresource',
      type: 'string',
      help: 'If specified, patch will operate on the subresource of the requested object.',
    },
  ],
  run(invocation) {
    const { flags } = invocation
    const type = flags.string('type').toLowerCase()
    if (type !== 'json' && type !== 'merge' && type !== 'strategic') {
      throw new KubectlError(`--type must be one of [json merge strategic], not "${flags.string('type')}"`)
    }
    const { value: body, fault } = readPatch(invocation)
    const errors: unknown[] = []
    const isOwn = isLocal(invocation) || invocation.dryRun === 'client'
    const targets =
      isOwn && namesFiles(invocation)
        ? findLocal(invocation, errors)
        : findTargets(invocation, invocation.args, (error) => errors.push(error))
    for (const { kind, object } of targets) {
      try {
        if (fault)
          throw isOwn
            ? new KubectlError(fault)
            : badRequest(`${type === 'strategic' ? '' : 'error decoding patch: '}${fault}`)
        const isScale = flags.string('subresource') === 'scale' && kind.scale !== undefined
        const own: Found = isScale ? { kind: SCALE, object: scaleOf(kind, object) } : { kind, object }
        const patched = isOwn ? patchHere(own, type, body) : patchThere(invocation, { kind, object }, own, type, body)
        const operation = equalJson(patched.before, patched.after) ? 'patched (no change)' : 'patched'
        const printer = objectPrinter(invocation)
        if (printer) invocation.out(printer.print(withType(patched.kind, patched.after), patched.kind))
        else invocation.out(`${shownName(patched.kind, object.metadata.name)} ${operation}\n`)
      } catch (error) {
        errors.push(error)
      }
    }
    throwAll(errors)
    return 0
  },
}

interface Patched {
  /** Of what is shown: a Scale when that was patched. */
  kind: Kind
  before: KubeObject
  after: KubeObject
}

const findLocal = (invocation: Invocation, errors: unknown[]): Found[] =>
  readManifests(invocation, (error) => errors.push(error)).map(({ kind, object, given }) => ({
    kind,
    object: (isLocal(invocation) ? given : object) as unknown as KubeObject,
  }))

/** Without asking the server. */
function patchHere({ kind, object }: Found, type: PatchType, body: unknown): Patched {
  const after =
    type === 'json'
      ? patchedByOperations(object, body)
      : type === 'merge'
        ? jsonMergePatch(object, body)
        : strategicMergePatch(kind.schema, object, body)
  return { kind, before: object, after: after as KubeObject }
}

/** What is missing is told in kubectl's own words. Source: getPatchedJSON */
function patchedByOperations(object: KubeObject, body: unknown): unknown {
  try {
    return withJsonPatch(object, body)
  } catch (error) {
    const missing = error instanceof KubectlError && /doc is missing key: (.*)/s.exec(error.message)
    throw missing ? new KubectlError(`Object to be patched is missing field (${missing[1]})`) : error
  }
}

/** @param own what is shown of it: its Scale when that is patched */
function patchThere(
  invocation: Invocation,
  { kind, object }: Found,
  own: Found,
  type: PatchType,
  body: unknown,
): Patched {
  const { client, flags } = invocation
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  const options = invocation.writeOptions(flags.string('field-manager'))
  const subresource = flags.string('subresource')
  checkSubresource(kind, key.name, subresource)
  const send = (): KubeObject =>
    subresource === 'status'
      ? client.patchStatus(kind, key, type, body, options)
      : client.patch(kind, key, type, body, { ...options, subresource })
  const patched = toldOfType(kind, type, send)
  invocation.showWarnings()
  return { kind: own.kind, before: own.object, after: own.kind === SCALE ? scaleOf(kind, patched) : patched }
}

/** A server that does not take patches of that type is told of with the type. Source: k8s.io/kubectl/pkg/cmd/patch */
function toldOfType(kind: Kind, type: PatchType, send: () => KubeObject): KubeObject {
  try {
    return send()
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 415) throw error
    const name = type === 'strategic' ? 'application/strategic-merge-patch+json' : `application/${type}-patch+json`
    throw new KubectlError(`${name} is not supported by ${kind.apiVersion}, Kind=${kind.kind}: ${error.message}`)
  }
}

/** Names of the kind that only answers have. */
const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  singular: 'scale',
  schema: 'io.k8s.api.autoscaling.v1.Scale',
} as Kind

function scaleOf(kind: Kind, object: KubeObject): KubeObject {
  const { namespace = '', name, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas, statusReplicas, selector } = kind.scale!
  return {
    apiVersion: SCALE.apiVersion,
    kind: SCALE.kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas(object) },
    status: { replicas: statusReplicas(object), selector: selector(object) },
  } as KubeObject
}

/** What is to change; or why the server will not read it. */
function readPatch(invocation: Invocation): { value: unknown; fault?: string } {
  const { flags, context } = invocation
  const file = flags.string('patch-file')
  if (flags.has('patch') && file) throw new KubectlError('cannot specify --patch and --patch-file together')
  if (flags.string('patch') === '' && !file) {
    throw new KubectlError('must specify --patch or --patch-file containing the contents of the patch')
  }
  const text = file ? readText(context, file) : flags.string('patch')
  if (text === undefined) throw new KubectlError(`unable to read patch file: open ${file}: no such file or directory`)
  // What begins as JSON does is sent as it is, and read by the server. Source: yaml.ToJSON in k8s.io/apimachinery
  const fault = text.trimStart().startsWith('{') ? jsonFault(text) : undefined
  let value: unknown
  try {
    if (fault === undefined) value = parseYamlValue(text)
  } catch (error) {
    throw new KubectlError(
      `unable to parse ${JSON.stringify(text)}: ${(error as Error).message.replace(/^error parsing value: (error converting YAML to JSON: )?/, '')}`,
    )
  }
  return { value, fault }
}
