/**
 * Where a DaemonSet's Pods should be, and which may go for an update. Pure.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/, kubernetes/pkg/controller/daemon
 */
import type { DaemonSet } from '../../api/apps/types.ts'
import { findUntolerated, nodeMatchesPod } from '../../api/core/pod/node-fit.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { scaledValue } from '../../api/meta/int-or-string.ts'
import { REVISION_LABEL } from '../history.ts'
import { isAvailable, isFinished, isReady } from '../pod-state.ts'
import { targetNode, withDaemonTolerations } from './pods.ts'

/** What a DaemonSet is planned with. */
export interface DaemonState {
  set: DaemonSet
  nodes: readonly Node[]
  /** Its Pods by the node they are on or for; those that have ended and are being deleted count no more. */
  podsByNode: ReadonlyMap<string, readonly Pod[]>
  /** Of the newest template. */
  hash: string
  nowEpochMs: number
}

export interface DaemonSetPlan {
  /** Nodes that get a Pod. */
  create: string[]
  remove: Pod[]
  /** Pods that ended, which a daemon should not: they are deleted, unless that happened too often. */
  ended: { node: string; pod: Pod }[]
}

const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined
const isUpdated = (pod: Pod, hash: string): boolean => pod.metadata.labels?.[REVISION_LABEL] === hash

/** Whether a Pod should run on the node, and whether one that does may stay. */
export function placementOn(set: DaemonSet, node: Node): { shouldRun: boolean; mayStay: boolean } {
  const spec = withDaemonTolerations(set.spec.template.spec)
  const isElsewhere = Boolean(spec.nodeName) && spec.nodeName !== node.metadata.name
  if (isElsewhere || !nodeMatchesPod(node, { spec })) return { shouldRun: false, mayStay: false }
  const { taints } = node.spec
  if (findUntolerated({ spec }, taints, 'NoSchedule', 'NoExecute'))
    return { shouldRun: false, mayStay: !findUntolerated({ spec }, taints, 'NoExecute') }
  return { shouldRun: true, mayStay: true }
}

export function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>()
  for (const pod of pods) {
    if (isTerminating(pod) && isFinished(pod)) continue
    const node = targetNode(pod)
    const group = groups.get(node)
    if (group) group.push(pod)
    else groups.set(node, [pod])
  }
  return groups
}

/** Brings a Pod to each node that should have one, and removes the others. */
export function planDaemonSet(state: DaemonState): DaemonSetPlan {
  const { set, nodes, podsByNode } = state
  const plan: DaemonSetPlan = { create: [], remove: [], ended: [] }
  for (const node of nodes) {
    const { name } = node.metadata
    const { shouldRun, mayStay } = placementOn(set, node)
    const present = podsByNode.get(name)
    if (!mayStay) plan.remove.push(...(present ?? []).filter((pod) => !isTerminating(pod)))
    else if (!present) {
      if (shouldRun) plan.create.push(name)
    } else {
      const live = present.filter((pod) => !isTerminating(pod))
      plan.ended.push(...live.filter(isFinished).map((pod) => ({ node: name, pod })))
      const running = live.filter((pod) => !isFinished(pod)).sort(byAge)
      if (!surges(set)) plan.remove.push(...running.slice(1))
      else if (running.length > 1) plan.remove.push(...surplusOf(running, state))
      else if (running.length === 0 && shouldRun) plan.create.push(name)
    }
  }
  // Nobody else would ever remove a Pod that waits for a node that is gone.
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const [node, present] of podsByNode)
    if (!known.has(node)) plan.remove.push(...present.filter((pod) => !pod.spec.nodeName && !isTerminating(pod)))
  return plan
}

const surges = (set: DaemonSet): boolean => {
  const { type, rollingUpdate } = set.spec.updateStrategy
  return type === 'RollingUpdate' && scaledValue(rollingUpdate?.maxSurge ?? 0, 100, 'up') > 0
}

/** While surging, an old Pod stays beside the new one as long as it is ready and the new one is not available. */
function surplusOf(running: readonly Pod[], { set, hash, nowEpochMs }: DaemonState): Pod[] {
  const newest = running.find((pod) => isUpdated(pod, hash))
  const oldest = running.find((pod) => !isUpdated(pod, hash))
  const surplus = running.filter((pod) => pod !== newest && pod !== oldest)
  if (newest && oldest && (!isReady(oldest) || isAvailable(newest, set.spec.minReadySeconds ?? 0, nowEpochMs)))
    surplus.push(oldest)
  return surplus
}

/** Scheduled before unscheduled, then the oldest first. */
function byAge(a: Pod, b: Pod): number {
  const textOf = ({ metadata, spec }: Pod): string =>
    `${spec.nodeName ? 'has' : 'lacks'} a node, ${metadata.creationTimestamp} ${metadata.name}`
  return textOf(a) < textOf(b) ? -1 : 1
}

/** Old Pods that may be deleted, and nodes that may get a new Pod beside the old. */
export function planRollingUpdate(state: DaemonState): DaemonSetPlan {
  const { set, nodes } = state
  const { maxUnavailable = 1, maxSurge = 0 } = set.spec.updateStrategy.rollingUpdate ?? {}
  const desired = nodes.filter((node) => placementOn(set, node).shouldRun).map(({ metadata }) => metadata.name)
  const surge = scaledValue(maxSurge, desired.length, 'up')
  if (surge > 0) return planSurge(state, surge, new Set(desired))
  const unavailable = scaledValue(maxUnavailable, desired.length, 'up')
  return planReplacement(state, desired.length > 0 ? Math.max(unavailable, 1) : unavailable, desired)
}

/** The new and the old Pod of a node; undefined when there are more than that. */
function pairOn(pods: readonly Pod[], hash: string): { fresh?: Pod; old?: Pod } | undefined {
  const live = pods.filter((pod) => !isTerminating(pod))
  const fresh = live.filter((pod) => isUpdated(pod, hash))
  const old = live.filter((pod) => !isUpdated(pod, hash))
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] }
}

/** @param desired nodes that should have a Pod; those that have none are unavailable */
function planReplacement(
  { set, podsByNode, hash, nowEpochMs }: DaemonState,
  maxUnavailable: number,
  desired: readonly string[],
): DaemonSetPlan {
  const isUp = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowEpochMs)
  const broken: Pod[] = []
  const candidates: Pod[] = []
  let unavailable = desired.filter((node) => !podsByNode.has(node)).length
  for (const pods of podsByNode.values()) {
    const pair = pairOn(pods, hash)
    if (!pair || Boolean(pair.fresh) === Boolean(pair.old)) unavailable++
    else if (pair.fresh) {
      if (!isUp(pair.fresh)) unavailable++
    } else if (!isUp(pair.old!)) {
      // It serves nobody: replacing it costs nothing.
      broken.push(pair.old!)
      unavailable++
    } else candidates.push(pair.old!)
  }
  const remove = [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))]
  return { create: [], remove, ended: [] }
}

function planSurge(
  { set, podsByNode, hash, nowEpochMs }: DaemonState,
  maxSurge: number,
  desired: ReadonlySet<string>,
): DaemonSetPlan {
  const isUp = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, nowEpochMs)
  const remove: Pod[] = []
  const leaving: Pod[] = []
  const broken: string[] = []
  const candidates: string[] = []
  let surging = 0
  let available = 0
  for (const [node, pods] of podsByNode) {
    const pair = pairOn(pods, hash)
    if (!pair) {
      surging++
      continue
    }
    const { fresh, old } = pair
    const counted = old ?? fresh
    if (counted && isUp(counted)) available++
    if (!old) continue
    if (fresh) {
      if (isUp(fresh)) remove.push(old)
      else surging++
    } else if (isUp(old)) desired.has(node) ? candidates.push(node) : leaving.push(old)
    else if (desired.has(node)) broken.push(node)
    else remove.push(old)
  }
  remove.push(...leaving.slice(0, Math.max(0, available - desired.size)))
  return { create: [...broken, ...candidates.slice(0, Math.max(0, maxSurge - surging))], remove, ended: [] }
}

/**
 * The status that the Pods add up to.
 * @param observes whether what the spec asks for has been acted on
 */
export function statusOf(
  { set, nodes, podsByNode, hash, nowEpochMs }: DaemonState,
  observes: boolean,
): DaemonSet['status'] {
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 }
  for (const node of nodes) {
    const present = podsByNode.get(node.metadata.name) ?? []
    if (!placementOn(set, node).shouldRun) {
      if (present.length > 0) counts.misscheduled++
      continue
    }
    counts.desired++
    if (present.length === 0) continue
    counts.current++
    const [oldest] = present.toSorted(byAge)
    if (isReady(oldest)) {
      counts.ready++
      if (isAvailable(oldest, set.spec.minReadySeconds ?? 0, nowEpochMs)) counts.available++
    }
    if (isUpdated(oldest, hash)) counts.updated++
  }
  const observedGeneration = observes ? set.metadata.generation : set.status.observedGeneration
  const unavailable = counts.desired - counts.available
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...(observedGeneration ? { observedGeneration } : {}),
    ...(counts.updated > 0 ? { updatedNumberScheduled: counts.updated } : {}),
    ...(counts.available > 0 ? { numberAvailable: counts.available } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    ...(set.status.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
    ...(set.status.conditions ? { conditions: set.status.conditions } : {}),
  }
}
