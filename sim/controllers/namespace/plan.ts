/**
 * What the namespace controller reports of a Namespace that it empties. Pure.
 * Source: kubernetes/pkg/controller/namespace/deletion/status_condition_utils.go
 */
import { type Condition, findCondition } from '../../api/meta/object.ts'

/** What is left of one kind. */
export interface Remainder {
  /** `pods`, and its group. */
  plural: string
  group: string
  version: string
  count: number
  /** How many objects have each finalizer. */
  finalizers: ReadonlyMap<string, number>
  /** Seconds until it may be gone; 0 when there is no reason for it to be there still. */
  estimateSeconds: number
}

/** How long finalizers are given before looking again. */
const FINALIZER_ESTIMATE_SECONDS = 15

/** Why the emptying went wrong: what should be gone and is not. */
export const unexpectedRemainder = (namespace: string, { group, version, plural }: Remainder): string =>
  `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${plural}`

/**
 * The Namespace's conditions after a pass.
 * @param failures what could not be deleted, one message each
 * @param undiscovered versions of groups whose kinds nobody tells
 */
export function conditionsOf(
  known: readonly Condition[] | undefined,
  remainders: readonly Remainder[],
  failures: readonly string[],
  now: string,
  undiscovered: readonly string[] = [],
): Condition[] {
  const wanted: Omit<Condition, 'lastTransitionTime'>[] = [
    undiscovered.length > 0
      ? {
          type: 'NamespaceDeletionDiscoveryFailure',
          status: 'True',
          reason: 'DiscoveryFailed',
          message: `Discovery failed for some groups, ${undiscovered.length} failing: ${discoveryError(undiscovered)}`,
        }
      : {
          type: 'NamespaceDeletionDiscoveryFailure',
          status: 'False',
          reason: 'ResourcesDiscovered',
          message: 'All resources successfully discovered',
        },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    failures.length > 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
    contentCondition(remainders),
    finalizerCondition(remainders),
  ]
  return wanted.map((condition): Condition => {
    const before = findCondition(known, condition.type)
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now
    return { ...condition, lastTransitionTime }
  })
}

/** Source: k8s.io/client-go/discovery ErrGroupDiscoveryFailed */
export const discoveryError = (undiscovered: readonly string[]): string =>
  `unable to retrieve the complete list of server APIs: ${undiscovered.map((one) => `${one}: stale GroupVersion discovery: ${one}`).join(', ')}`

function contentCondition(remainders: readonly Remainder[]): Omit<Condition, 'lastTransitionTime'> {
  const type = 'NamespaceContentRemaining'
  const parts = remainders
    .filter(({ count }) => count > 0)
    .map(({ plural, group, count }) => `${plural}.${group} has ${count} resource instances`)
    .sort()
  return parts.length > 0
    ? {
        type,
        status: 'True',
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${parts.join(', ')}`,
      }
    : { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' }
}

function finalizerCondition(remainders: readonly Remainder[]): Omit<Condition, 'lastTransitionTime'> {
  const type = 'NamespaceFinalizersRemaining'
  const totals = new Map<string, number>()
  for (const { finalizers } of remainders)
    for (const [name, count] of finalizers) totals.set(name, (totals.get(name) ?? 0) + count)
  const parts = [...totals].map(([name, count]) => `${name} in ${count} resource instances`).sort()
  return parts.length > 0
    ? {
        type,
        status: 'True',
        reason: 'SomeFinalizersRemain',
        message: `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`,
      }
    : { type, status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' }
}

/** @returns undefined when nothing of the kind is left */
export function remainderOf(
  kind: { plural: string; group: string; version: string },
  objects: readonly { metadata: { finalizers?: string[] } }[],
  graceSeconds: number,
): Remainder | undefined {
  if (objects.length === 0) return undefined
  const finalizers = new Map<string, number>()
  for (const { metadata } of objects)
    for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
  const estimateSeconds = graceSeconds > 0 ? graceSeconds : finalizers.size > 0 ? FINALIZER_ESTIMATE_SECONDS : 0
  const { plural, group, version } = kind
  return { plural, group, version, count: objects.length, finalizers, estimateSeconds }
}
