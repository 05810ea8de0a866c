/** Annotations by which a Deployment keeps its history and its proportions. Source: kubernetes/pkg/controller/deployment/util */
import type { Deployment, ReplicaSet } from '../../api/apps/types.ts'
import { maxSurge } from './limits.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
])

// Former revisions are dropped from the front once the list is longer.
const MAX_HISTORY_CHARACTERS = 2000

type Annotations = Record<string, string>

const MAX_INT64 = 2n ** 63n - 1n

/** 0 for a ReplicaSet that has none, or one that is no number of 64 bits. */
function revisionOf(set: ReplicaSet): bigint {
  const text = set.metadata.annotations?.[REVISION] ?? ''
  const revision = /^[+-]?\d{1,20}$/.test(text) ? BigInt(text) : 0n
  return revision > MAX_INT64 || revision < -MAX_INT64 - 1n ? 0n : revision
}

export const maxRevision = (sets: readonly ReplicaSet[]): bigint =>
  sets.map(revisionOf).reduce((most, revision) => (revision > most ? revision : most), 0n)

/** Orders ReplicaSets, the lowest revision first. */
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [revisionOf(a), revisionOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** What the Deployment had as its desired replicas when it last sized this ReplicaSet; undefined when not noted. */
export const desiredAnnotation = (set: ReplicaSet): number | undefined => numberIn(set, DESIRED_REPLICAS)

/** Its replicas plus surge at that time. */
export const maxAnnotation = (set: ReplicaSet): number | undefined => numberIn(set, MAX_REPLICAS)

function numberIn(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED_REPLICAS]: String(deployment.spec.replicas),
  [MAX_REPLICAS]: String(deployment.spec.replicas + maxSurge(deployment)),
})

/**
 * The annotations that the newest ReplicaSet should have: the Deployment's own, and its revision. A revision that it had
 * before goes into its history.
 * @param set undefined when it is about to be created
 */
export function newestSetAnnotations(
  deployment: Deployment,
  set: ReplicaSet | undefined,
  revision: bigint,
): Annotations {
  const annotations: Annotations = { ...set?.metadata.annotations }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!NOT_COPIED.has(key)) annotations[key] = value
  const former = set ? revisionOf(set) : 0n
  if (former < revision) {
    const formerText = annotations[REVISION]
    annotations[REVISION] = String(revision)
    if (set && formerText) annotations[REVISION_HISTORY] = withFormer(annotations[REVISION_HISTORY], formerText)
  }
  return set ? annotations : { ...annotations, ...sizeAnnotations(deployment) }
}

function withFormer(history: string | undefined, former: string): string {
  const revisions = history ? history.split(',') : []
  while (revisions.length > 0 && revisions.join(',').length + former.length + 1 > MAX_HISTORY_CHARACTERS)
    revisions.shift()
  return [...revisions, former].join(',')
}
