/**
 * kubectl diff: the live objects beside what apply would make of them, as `diff` shows it.
 * Source: k8s.io/kubectl/pkg/cmd/diff/diff.go
 */

import { isMap, type JsonMap } from '../../api/meta/go-json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status-error.ts'
import { type Command, fieldManagerFlag, fileFlags, type Invocation, selectorFlag } from '../command.ts'
import type { KubectlContext } from '../context.ts'
import { diffFolders, type Folder } from '../diff/diff-folders.ts'
import { KubectlError } from '../errors.ts'
import { lastAppliedOf, parseLastApplied, withoutLastApplied } from '../last-applied.ts'
import { type ManifestObject, readManifests, requireFilename } from '../manifests.ts'
import { threeWayPatch } from '../patch/three-way.ts'
import { printYaml } from '../printers/yaml.ts'
import type { Target } from '../resources.ts'
import { warnIfDeleting, withType } from '../results.ts'
import { patchTypeOf } from '../targets.ts'
import { prunable, prunableKinds } from './apply/prune.ts'

export const diff: Command = {
  name: 'diff',
  short: 'Diff the live version against a would-be applied version',
  usage: '-f FILENAME [options]',
  // One says that there are differences.
  failureCode: 2,
  flags: [
    ...fileFlags,
    selectorFlag,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'server-side', type: 'bool', help: 'If true, apply runs in the server instead of the client.' },
    {
      name: 'force-conflicts',
      type: 'bool',
      help: 'If true, server-side apply will force the changes against conflicts.',
    },
    { name: 'concurrency', type: 'int', default: 1, help: 'Number of objects to process in parallel.' },
    { name: 'prune', type: 'bool', help: 'Include resources that would be deleted by pruning.' },
    {
      name: 'prune-allowlist',
      type: 'array',
      help: 'Overwrite the default allowlist with <group/version/kind> for --prune',
    },
    { name: 'show-managed-fields', type: 'bool', help: 'If true, include managed fields in the diff.' },
    { name: 'show-secrets', type: 'bool', help: 'If true, do not mask secret values in the diff.' },
  ],
  run(invocation) {
    const { flags, context } = invocation
    requireFilename(invocation)
    if (flags.bool('force-conflicts') && !flags.bool('server-side'))
      throw new KubectlError('--force-conflicts only works with --server-side')
    const prunes = flags.bool('prune') ? prunableKinds(invocation) : undefined
    if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`)
    const manifests = readManifests(invocation, (error) => {
      throw error
    })
    const [before, after]: [Folder, Folder] = [new Map(), new Map()]
    const seen: KubeObject[] = []
    for (const manifest of manifests) {
      if (!manifest.name) throw new KubectlError('resource name may not be empty')
      const live = invocation.client.find(manifest.kind, manifest)
      if (live) seen.push(live)
      const merged = mergedObject(invocation, manifest, live)
      const name = fileName(manifest)
      const shown = shownPair(invocation, manifest.kind, live, merged)
      before.set(name, shown.live === undefined ? '' : printYaml(shown.live))
      after.set(name, printYaml(shown.merged))
      if (live) warnIfDeleting(invocation, live)
    }
    if (prunes)
      for (const { kind, object } of prunable(invocation, prunes, manifests, seen)) {
        const { namespace = '', name } = object.metadata
        before.set(fileName({ kind, namespace, name }), printYaml(withManagers(invocation, kind, object)))
      }
    const place = (prefix: string, files: Folder) => ({ name: `${prefix}-${numberOf(prefix, context)}`, files })
    return diffFolders(invocation, place('LIVE', before), place('MERGED', after))
  },
}

/** What makes a temporary folder's name its own. Simplified: not drawn, but made of the moment. */
const numberOf = (prefix: string, { nowEpochMs }: KubectlContext): number =>
  Math.imul(nowEpochMs() + prefix.length, 2_654_435_761) >>> 0

/** Source: InfoObject.Name */
const fileName = ({ kind, namespace, name }: Target): string =>
  `${kind.group ? `${kind.group}.` : ''}${kind.version}.${kind.kind}.${namespace}.${name}`

/** What the server would make of the manifest. Source: InfoObject.Merged */
function mergedObject(invocation: Invocation, manifest: ManifestObject, live: KubeObject | undefined): KubeObject {
  const { client, flags } = invocation
  const { kind, object, namespace, name } = manifest
  const manager = flags.has('field-manager') || !flags.bool('server-side') ? flags.string('field-manager') : 'kubectl'
  const options = { fieldManager: manager, dryRun: true }
  const request = (): KubeObject => {
    if (flags.bool('server-side'))
      return client.apply(kind, object as never, { ...options, force: flags.bool('force-conflicts') })
    if (!live) return client.create(kind, object as never, options)
    const modified = withoutLastApplied(object)
    const patch = threeWayPatch(
      kind.schema,
      parseLastApplied(lastAppliedOf(live)),
      modified,
      live as unknown as JsonMap,
    )
    if (Object.keys(patch).length === 0) return live
    const metadata = {
      ...(isMap(patch.metadata) ? patch.metadata : {}),
      resourceVersion: live.metadata.resourceVersion,
    }
    return client.patch(kind, { namespace, name }, patchTypeOf(kind), { ...patch, metadata }, options)
  }
  try {
    const merged = request()
    invocation.showWarnings()
    return merged
  } catch (error) {
    // What another manager holds is taken for a change in the meantime; no try is without it, and the last one is told of.
    if (isStatus(error, 'Conflict')) {
      const type = `${kind.apiVersion.includes('/') ? '' : '/'}${kind.apiVersion}, Kind=${kind.kind}`
      invocation.logWarning('diff.go:723', `Object (${type}: ${name}) keeps changing, diffing without lock`)
    }
    throw error
  }
}

interface Pair {
  /** Undefined for no text at all. */
  live: KubeObject | null | undefined
  merged: KubeObject
}

/** Both as they are shown: who manages which field only when asked, and what a Secret holds as well. */
function shownPair(invocation: Invocation, kind: Kind, live: KubeObject | undefined, merged: KubeObject): Pair {
  const { flags } = invocation
  const shown = (object: KubeObject): KubeObject =>
    flags.bool('show-managed-fields') ? withManagers(invocation, kind, object) : withType(kind, object)
  const pair = { live: live && shown(live), merged: shown(merged) }
  return kind.kind === 'Secret' && kind.version === 'v1' && !flags.bool('show-secrets') ? masked(pair) : pair
}

function withManagers({ client }: Invocation, kind: Kind, object: KubeObject): KubeObject {
  const typed = withType(kind, object)
  return { ...typed, metadata: { ...typed.metadata, managedFields: client.managedFields(kind, object) } }
}

/** Values that differ can still be told apart; no object stands as `null`. Source: Masker */
function masked({ live, merged }: Pair): Pair {
  const [from, to] = [dataOf(live), dataOf(merged)]
  const mask = (
    object: KubeObject,
    data: JsonMap | undefined,
    other: JsonMap | undefined,
    note: string,
  ): KubeObject => {
    if (!data) return object
    const isOther = (key: string): boolean => other !== undefined && key in other && other[key] !== data[key]
    const hidden = Object.fromEntries(Object.keys(data).map((key) => [key, isOther(key) ? `*** (${note})` : '***']))
    return { ...object, data: hidden } as KubeObject
  }
  return { live: live ? mask(live, from, to, 'before') : null, merged: mask(merged, to, from, 'after') }
}

function dataOf(object: KubeObject | null | undefined): JsonMap | undefined {
  const data = (object as { data?: unknown } | undefined)?.data
  return isMap(data) ? data : undefined
}
