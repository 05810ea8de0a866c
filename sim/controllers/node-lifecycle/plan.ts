/** What the health of nodes means for their conditions, taints and zones. Pure. Source: kubernetes/pkg/controller/nodelifecycle */
import type { Node, Taint } from '../../api/core/types.ts'
import { type Condition, findCondition } from '../../api/meta/object.ts'

export const UNREACHABLE = 'node.kubernetes.io/unreachable'
export const NOT_READY = 'node.kubernetes.io/not-ready'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

// Which status of which condition keeps new Pods off.
const CONDITION_TAINTS: readonly [type: string, status: Condition['status'], key: string][] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
]
const NO_SCHEDULE_KEYS = new Set([...CONDITION_TAINTS.map(([, , key]) => key), UNSCHEDULABLE])

/**
 * The node's taints with those NoSchedule taints that its conditions and spec.unschedulable call for, and without those they
 * do not; undefined when they are right already.
 */
export function withConditionTaints(node: Node, now: string): Taint[] | undefined {
  const wanted = new Set<string>()
  for (const [type, status, key] of CONDITION_TAINTS) {
    if (findCondition(node.status.conditions, type)?.status === status) wanted.add(key)
  }
  if (node.spec.unschedulable) wanted.add(UNSCHEDULABLE)
  const taints = node.spec.taints ?? []
  const isOurs = ({ key, effect }: Taint): boolean => effect === 'NoSchedule' && NO_SCHEDULE_KEYS.has(key)
  const missing = [...wanted].filter((key) => !taints.some((taint) => isOurs(taint) && taint.key === key))
  const kept = taints.filter((taint) => !isOurs(taint) || wanted.has(taint.key))
  if (missing.length === 0 && kept.length === taints.length) return undefined
  return [...kept, ...missing.map((key): Taint => ({ key, effect: 'NoSchedule', timeAdded: now }))]
}

/** The taints with the NoExecute taint `key` (or none) of the two that drive Pods away; undefined when right already. */
export function withEvictionTaint(node: Node, key: string | undefined, now: string): Taint[] | undefined {
  const taints = node.spec.taints ?? []
  const isOurs = (taint: Taint): boolean =>
    taint.effect === 'NoExecute' && (taint.key === NOT_READY || taint.key === UNREACHABLE)
  const ours = taints.filter(isOurs)
  if (key === undefined ? ours.length === 0 : ours.length === 1 && ours[0].key === key) return undefined
  const others = taints.filter((taint) => !isOurs(taint))
  return key === undefined ? others : [...others, { key, effect: 'NoExecute', timeAdded: now }]
}

const MONITORED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/** The conditions of a node that has been silent for too long; undefined when they say so already. */
export function silentConditions(node: Node, now: string): Condition[] | undefined {
  const conditions = [...(node.status.conditions ?? [])]
  let isChanged = false
  for (const type of MONITORED) {
    const index = conditions.findIndex((condition) => condition.type === type)
    if (index < 0) {
      isChanged = true
      conditions.push({
        type,
        status: 'Unknown',
        lastHeartbeatTime: node.metadata.creationTimestamp,
        lastTransitionTime: now,
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
      })
    } else if (conditions[index].status !== 'Unknown') {
      isChanged = true
      conditions[index] = {
        ...conditions[index],
        status: 'Unknown',
        lastTransitionTime: now,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
      }
    }
  }
  return isChanged ? conditions : undefined
}

type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

const UNHEALTHY_SHARE = 0.55
const LARGE_CLUSTER = 50

/** @param ready whether each node of the zone is Ready */
export function zoneStateOf(ready: readonly boolean[]): ZoneState {
  const notReady = ready.filter((isReady) => !isReady).length
  if (ready.length > 0 && notReady === ready.length) return 'FullDisruption'
  if (notReady > 2 && notReady / ready.length >= UNHEALTHY_SHARE) return 'PartialDisruption'
  return 'Normal'
}

/**
 * Nodes per second whose Pods may be driven away in a zone. A zone that is mostly down is rather cut off than broken, so it
 * is handled slowly or, when small, not at all; one that is down entirely counts as normal unless all zones are.
 */
export const evictionsPerSecond = (state: ZoneState, nodes: number): number =>
  state === 'PartialDisruption' ? (nodes > LARGE_CLUSTER ? 0.01 : 0) : 0.1
