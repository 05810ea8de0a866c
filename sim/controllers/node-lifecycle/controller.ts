/** Notices nodes that fall silent, and keeps and drives Pods away from them. Source: https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller */

import { leases } from '../../api/coordination/lease.ts'
import { nodes } from '../../api/core/node.ts'
import { zoneKey } from '../../api/core/node-topology.ts'
import { pods } from '../../api/core/pod.ts'
import type { Node, Taint } from '../../api/core/types.ts'
import { type Condition, findCondition, keyOf } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createTokenBucket, type TokenBucket } from '../../client/token-bucket.ts'
import type { Timer } from '../../engine/engine.ts'
import { createListening } from '../handlers.ts'
import { isReady } from '../pod-state.ts'
import { indexByNode, podsOn } from '../pods-by-node.ts'
import {
  evictionsPerSecond,
  NOT_READY,
  silentConditions,
  UNREACHABLE,
  withConditionTaints,
  withEvictionTaint,
  zoneStateOf,
} from './plan.ts'

// The next pass starts five seconds after the end of the one before, which takes a moment: so a node whose grace is a
// multiple of five seconds is found silent at the pass at its end.
const MONITOR_PERIOD_MS = 5_000 + 1
// 40 s before v1.32.
const GRACE_MS = 50_000
const STARTUP_GRACE_MS = 60_000

const LEASE_NAMESPACE = 'kube-node-lease'

export const nodeLifecycleController: ControllerSpec = {
  name: 'node-lifecycle-controller',
  serviceAccount: 'node-controller',
  watches: [nodes, leases, pods],
  start: startNodeLifecycleController,
}

/** The last sign of life of a node, and when it was noticed by this controller's own clock. */
interface Health {
  heartbeat: string
  noticedMs: number
}

function startNodeLifecycleController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const nodeInformer = informers.informer(nodes)
  const leaseInformer = informers.informer(leases)
  const podInformer = informers.informer(pods)
  indexByNode(podInformer)
  const events = recorder('node-controller')
  const healths = new Map<string, Health>()
  const zones = new Map<string, { perSecond: number; bucket: TokenBucket }>()
  const taintQueue = createQueue({
    name: 'node taints',
    metricName: 'node_lifecycle_controller',
    workers: 8,
    reconcile: reconcileTaints,
  })
  let areAllDown = false
  let timer: Timer | undefined

  /** Brings the NoSchedule taints in line with conditions and spec.unschedulable. */
  function reconcileTaints(name: string): void {
    const node = nodeInformer.get({ namespace: '', name })
    const taints = node && withConditionTaints(node, engine.timestamp())
    if (taints) writeTaints(node, taints)
  }

  const writeTaints = (node: Node, taints: Taint[]): Node => {
    const { taints: _, ...spec } = node.spec
    return client.update(nodes, { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec })
  }

  function monitor(): void {
    timer = engine.after(MONITOR_PERIOD_MS, 'node monitor', monitor, { background: true })
    const observed = new Map<string, { node: Node; ready: Condition['status'] }>()
    for (const node of [...nodeInformer.list()]) {
      attempt(() => observed.set(node.metadata.name, { node, ready: observe(node) }))
    }
    noteZones([...observed.values()])
    for (const { node, ready } of observed.values()) attempt(() => driveAway(node, ready))
  }

  /** Returns the readiness that the node reported up to now; one that has been silent too long is marked as of now. */
  function observe(node: Node): Condition['status'] {
    const { name } = node.metadata
    const ready = findCondition(node.status.conditions, 'Ready')
    const lease = leaseInformer.get({ namespace: LEASE_NAMESPACE, name })
    const heartbeat = `${lease?.spec.renewTime ?? ''}|${ready?.lastHeartbeatTime ?? ''}`
    const known = healths.get(name)
    if (!known || (known.heartbeat !== heartbeat && ready?.status !== 'Unknown')) {
      healths.set(name, { heartbeat, noticedMs: engine.nowMs })
    } else if (known.heartbeat !== heartbeat) known.heartbeat = heartbeat
    // Simplified: a node that says Ready and has never sent a heartbeat has no kubelet here, and is left alone.
    if (ready && heartbeat === '|') return ready.status
    const silentMs = engine.nowMs - healths.get(name)!.noticedMs
    if (silentMs > (ready ? GRACE_MS : STARTUP_GRACE_MS)) markSilent(node)
    return ready?.status ?? 'Unknown'
  }

  function markSilent(node: Node): void {
    const conditions = silentConditions(node, engine.timestamp())
    if (!conditions) return
    const wasReady = findCondition(node.status.conditions, 'Ready')?.status === 'True'
    client.updateStatus(nodes, { ...node, status: { ...node.status, conditions } })
    if (!wasReady) return
    const { name } = node.metadata
    events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    markPodsNotReady(name)
  }

  function markPodsNotReady(node: string): void {
    for (const pod of [...podsOn(podInformer, node)]) {
      if (!isReady(pod)) continue
      events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
      const conditions = pod.status.conditions!.map(
        (condition): Condition =>
          condition.type === 'Ready'
            ? { ...condition, status: 'False', lastTransitionTime: engine.timestamp() }
            : condition,
      )
      attempt(() => client.updateStatus(pods, { ...pod, status: { ...pod.status, conditions } }))
    }
  }

  /** Sets how fast each zone's nodes may be emptied; when all zones are down, it is rather this controller that is cut off. */
  function noteZones(observed: readonly { node: Node; ready: Condition['status'] }[]): void {
    const readiness = new Map<string, boolean[]>()
    for (const { node, ready } of observed) {
      const zone = zoneKey(node)
      const list = readiness.get(zone)
      if (list) list.push(ready === 'True')
      else readiness.set(zone, [ready === 'True'])
    }
    const states = new Map([...readiness].map(([zone, ready]) => [zone, zoneStateOf(ready)]))
    const wereAllDown = areAllDown
    areAllDown = states.size > 0 && [...states.values()].every((state) => state === 'FullDisruption')
    for (const [zone, state] of states)
      setRate(zone, areAllDown ? 0 : evictionsPerSecond(state, readiness.get(zone)?.length ?? 0))
    if (wereAllDown && !areAllDown) for (const health of healths.values()) health.noticedMs = engine.nowMs
  }

  /** Another rate does not hand out anew what the one before has spent. */
  function setRate(zone: string, perSecond: number): void {
    const known = zones.get(zone)
    if (known?.perSecond === perSecond) return
    const bucket = createTokenBucket(perSecond, perSecond > 0 ? 1 : 0)
    if (known && !known.bucket.tryTake(engine.nowMs)) bucket.tryTake(engine.nowMs)
    zones.set(zone, { perSecond, bucket })
  }

  /** Puts the NoExecute taint on a node that is not ready, as fast as its zone allows, and takes it from one that is. */
  function driveAway(node: Node, ready: Condition['status']): void {
    const key = areAllDown || ready === 'True' ? undefined : ready === 'False' ? NOT_READY : UNREACHABLE
    const fresh = nodeInformer.get(keyOf(node))
    const taints = fresh && withEvictionTaint(fresh, key, engine.timestamp())
    if (!taints) return
    const isSwap = (fresh.spec.taints ?? []).some(
      (taint) => taint.effect === 'NoExecute' && [NOT_READY, UNREACHABLE].includes(taint.key),
    )
    const zone = zones.get(zoneKey(node))
    if (key !== undefined && !isSwap && !zone?.bucket.tryTake(engine.nowMs)) return
    writeTaints(fresh, taints)
  }

  const listening = createListening(() => {
    engine.cancel(timer)
    taintQueue.stop()
  })
  listening.on(nodeInformer, {
    onAdd(node) {
      const { name } = node.metadata
      events.event(node, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
      taintQueue.add(name)
    },
    onUpdate: ({ metadata }) => taintQueue.add(metadata.name),
    onDelete(node) {
      const { name } = node.metadata
      healths.delete(name)
      events.event(node, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
    },
  })
  timer = engine.after(MONITOR_PERIOD_MS, 'node monitor', monitor, { background: true })
  return listening
}

/** A refusal is left to the next pass. */
function attempt(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}
