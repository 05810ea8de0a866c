/** What commands that change objects in place share: which objects, what they were called with, how a change is sent. */

import type { JsonMap } from '../api/meta/go-json.ts'
import { type Kind, resourceName } from '../api/meta/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { noSuchPath, notFound } from '../api/meta/status-error.ts'
import {
  allFlag,
  dryRunFlag,
  fieldManagerFlag,
  fileFlags,
  type Invocation,
  outputFlags,
  recordFlag,
  selectorFlag,
} from './command.ts'
import { KubectlError, throwAll } from './errors.ts'
import type { Flag } from './flags.ts'
import { namesFiles, readManifests } from './manifests.ts'
import { twoWayPatch } from './patch/three-way.ts'
import { type Found, fetchSelection, type SelectOptions, selectResources } from './resources.ts'
import { changeCauseAnnotation } from './revisions.ts'

/** Flags of commands that change objects which a line or a file names. */
export const changeFlags = (manager: string): readonly Flag[] => [
  ...fileFlags,
  ...outputFlags,
  dryRunFlag,
  selectorFlag,
  allFlag,
  recordFlag,
  fieldManagerFlag(manager),
  { name: 'local', type: 'bool', help: 'If true, the command will NOT contact api-server but run locally.' },
]

/**
 * The objects that the arguments or -f name, each read from the server.
 * @param onError gets each failure; the others are still handled
 */
export function findTargets(
  invocation: Invocation,
  args: readonly string[],
  onError: (error: unknown) => void,
  options: Pick<SelectOptions, 'ignoresSelector' | 'needsNames'> = {},
): Found[] {
  const { flags } = invocation
  const hasFieldSelector = flags.knows('field-selector') && flags.string('field-selector') !== ''
  if (isLocal(invocation)) return findLocal(invocation, args, onError)
  if (namesFiles(invocation)) {
    const targets = readManifests(invocation, onError)
    const kinds = [...new Set(targets.map(({ kind }) => kind))]
    return fetchSelection(invocation, { kinds, targets, isSingle: false, isMixed: false }, onError)
  }
  const selection = selectResources(invocation, args, { needsNames: !hasFieldSelector, ...options })
  const subresource = invocation.flags.knows('subresource') ? invocation.flags.string('subresource') : ''
  // A part that the kind does not have is missed before the object is.
  if (subresource) for (const { kind, name } of selection.targets) checkSubresource(kind, name, subresource)
  return fetchSelection(invocation, selection, onError)
}

/** As findTargets, for commands that do nothing when one of the objects cannot be had. @throws KubectlError and others, all of them */
export function findAllTargets(invocation: Invocation, args: readonly string[]): Found[] {
  const errors: unknown[] = []
  const found = findTargets(invocation, args, (error) => errors.push(error))
  throwAll(errors)
  return found
}

/**
 * @throws StatusError for a subresource that the kind does not have; '' is the whole
 */
export function checkSubresource(kind: Kind, name: string, subresource: string): void {
  const isKnown =
    subresource === '' ||
    (subresource === 'status' ? kind.hasStatus : subresource === 'scale' ? kind.scale : kind.updates?.[subresource])
  if (isKnown) return
  if (kind.custom) throw notFound(resourceName(kind), name)
  throw noSuchPath()
}

export const isLocal = ({ flags }: Invocation): boolean => flags.knows('local') && flags.bool('local')

/** Objects of files, as they stand there: the server is not asked. */
function findLocal(invocation: Invocation, args: readonly string[], onError: (error: unknown) => void): Found[] {
  if (invocation.dryRun === 'server')
    throw new KubectlError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (args.length > 0) {
    throw new KubectlError('can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set')
  }
  if (!namesFiles(invocation)) throw new KubectlError('one or more files must be specified as -f when --local is set')
  return readManifests(invocation, onError).map(({ kind, given }) => ({ kind, object: given as unknown as KubeObject }))
}

/** Arguments that name resources, and the pairs (`a=b`, `a-`) behind them. */
export function splitPairs(
  args: readonly string[],
  isPair: (arg: string) => boolean = (arg) => arg.indexOf('=') > 0 || (arg.length > 1 && arg.endsWith('-')),
  what = 'label',
): { resources: string[]; pairs: string[] } {
  const first = args.findIndex(isPair)
  if (first < 0) return { resources: [...args], pairs: [] }
  const stray = args.slice(first).find((arg) => !isPair(arg))
  if (stray !== undefined) throw new KubectlError(`all resources must be specified before ${what} changes: ${stray}`)
  return { resources: args.slice(0, first), pairs: args.slice(first) }
}

/**
 * Sends the difference between an object and its changed self as a strategic merge patch.
 * @returns what the server made of it; the changed object itself in a client's dry run
 */
export function sendChange(invocation: Invocation, { kind, object }: Found, changed: KubeObject): KubeObject {
  const patch = twoWayPatch(kind.schema, object as unknown as JsonMap, changed as unknown as JsonMap)
  if (invocation.dryRun === 'client' || isLocal(invocation)) return changed
  return sendPatch(invocation, kind, object, patch)
}

/** How a difference is sent: a custom resource knows no strategic merge. Both are worked out the same, since it has no lists with keys there. */
export const patchTypeOf = ({ custom }: Kind): 'merge' | 'strategic' => (custom ? 'merge' : 'strategic')

/** @param subresource what of the object is patched, if not the whole */
export function sendPatch(
  invocation: Invocation,
  kind: Kind,
  object: KubeObject,
  patch: JsonMap,
  subresource?: string,
): KubeObject {
  const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name }
  const options = { ...invocation.writeOptions(invocation.flags.string('field-manager')), subresource }
  const patched = invocation.client.patch(kind, key, subresource ? 'merge' : patchTypeOf(kind), patch, options)
  invocation.showWarnings()
  return patched
}

/** The object with the line in its change-cause annotation, when --record asks for it. */
export function recorded<T extends { metadata: { annotations?: Record<string, string> } }>(
  invocation: Invocation,
  object: T,
): T {
  if (!invocation.flags.bool('record')) return object
  const annotations = { ...object.metadata.annotations, [changeCauseAnnotation]: changeCause(invocation) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** The line as cobra tells it: command, arguments, then flags as `--name=value`. Source: parseCommandArguments in k8s.io/cli-runtime */
function changeCause(invocation: Invocation): string {
  const given = invocation.flags.given().map(([name, value]) => `--${name}=${value}`)
  return [invocation.path, ...invocation.args, ...given].join(' ')
}
