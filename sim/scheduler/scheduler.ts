/**
 * kube-scheduler: gives each Pod without a node the best one. Watches nodes and Pods, tries one Pod after the other, and
 * binds while it goes on with the next. Source: pkg/scheduler
 */
import { nodes as nodeKind } from '../api/core/node.ts'
import { persistentVolumes } from '../api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../api/core/persistent-volume-claim.ts'
import { pods as podKind } from '../api/core/pod.ts'
import type { Pod } from '../api/core/pod-types.ts'
import type { Node } from '../api/core/types.ts'
import { equalJson } from '../api/meta/json.ts'
import type { Kind } from '../api/meta/kind.ts'
import { findCondition, keyOf } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { deviceClasses } from '../api/resource/device-class.ts'
import { resourceClaims } from '../api/resource/resource-claim.ts'
import { resourceSlices } from '../api/resource/resource-slice.ts'
import type { Attempt } from '../api/scheduling/attempt.ts'
import { csiNodes } from '../api/storage/csi-node.ts'
import { storageClasses } from '../api/storage/storage-class.ts'
import { volumeAttachments } from '../api/storage/volume-attachment.ts'
import type { ComponentContext, EventRecorder, RunningComponent } from '../client/machinery.ts'
import type { SchedulerProfile } from '../scenario/types.ts'
import type { Family } from '../text/metrics-text.ts'
import { SchedulerCache } from './cache.ts'
import { type CycleResult, type CycleRunner, createCycleRunner } from './cycle.ts'
import type { ClusterEvent, Cycle, SchedulerPlugin } from './framework.ts'
import { AttemptCounts, schedulerFamilies } from './metrics.ts'
import type { NodeInfo } from './node-info.ts'
import { Nominations } from './nominations.ts'
import { createPodInfo, type PodInfo } from './pod-info.ts'
import { DEFAULT_PROFILE, pluginsOf } from './profile.ts'
import { createSchedulingQueue, type QueuedPod } from './queue.ts'
import { createResourceReader } from './resources.ts'
import { WhyRecords } from './why.ts'

export interface Scheduler extends RunningComponent {
  families(): readonly Family[]
  /** The latest attempts for a Pod (`namespace/name` or uid), oldest first. */
  why(pod: string): readonly Attempt[]
  /** How many Pods wait where. */
  queues(): { active: number; backoff: number; unschedulable: number; gated: number }
}

const ACTOR = 'system:kube-scheduler'
/** How long a cycle takes, before jitter; binding goes on beside the next cycle. */
const CYCLE_MS = 1
/** From the cycle's end to the binding request. */
const BIND_MS = 1

/** A profile at work. */
interface Profile {
  name: string
  plugins: readonly SchedulerPlugin[]
  runner: CycleRunner
  recorder: EventRecorder
}

/**
 * The caller starts `context.informers` afterwards.
 * @param records where attempts are noted: whoever wants to know of them after the scheduler has ended keeps it
 * @param profiles at least one; a Pod that names none of them is left to some other scheduler
 * @throws Error when a profile does not make sense
 */
export function startScheduler(
  context: ComponentContext,
  profiles: readonly SchedulerProfile[] = [DEFAULT_PROFILE],
  records = new WhyRecords(),
): Scheduler {
  const { engine, client } = context
  const random = engine.random('kube-scheduler')
  const reader = createResourceReader()
  const cache = new SchedulerCache(reader)
  const nominations = new Nominations()
  const byName = new Map(profiles.map((profile) => [profile.schedulerName, startProfile(profile)]))
  const queue = createSchedulingQueue({
    engine,
    pluginsOf: (info) => profileOf(info).plugins,
    isBefore: [...byName.values()][0].plugins.find((plugin) => plugin.isBefore)?.isBefore,
    onReady: pump,
  })
  const attempts = new AttemptCounts()
  let isStopped = false
  let isCycleDue = false
  let busyUntilMs = 0

  function startProfile(profile: SchedulerProfile): Profile {
    const name = profile.schedulerName
    const plugins = pluginsOf(profile, context)
    const runner = createCycleRunner({ plugins, random, nominations })
    return { name, plugins, runner, recorder: context.recorder(name) }
  }

  /** That of a Pod that has come into the queue. */
  function profileOf({ pod }: PodInfo): Profile {
    const profile = byName.get(pod.spec.schedulerName ?? '')
    if (!profile) throw new Error(`no scheduler profile "${pod.spec.schedulerName}"`)
    return profile
  }

  function pump(): void {
    if (isCycleDue || isStopped || !queue.hasNext()) return
    isCycleDue = true
    engine.at(busyUntilMs, 'schedule', () => {
      isCycleDue = false
      if (isStopped) return
      const queued = queue.pop()
      if (!queued) return
      engine.trace.under(queued.cause, () => attempt(queued))
      pump()
    })
  }

  function attempt(queued: QueuedPod): void {
    const { info } = queued
    // What goes away needs no node; deletion takes it out of the queue for good.
    if (info.pod.metadata.deletionTimestamp) return
    const profile = profileOf(info)
    const result = profile.runner.run(info, cache.nodes(), cache.index)
    const endMs = engine.nowMs + random.jitter(CYCLE_MS, 1)
    busyUntilMs = endMs
    const record: Attempt = {
      pod: info.key,
      uid: info.uid,
      attempt: queued.attempts,
      atMs: engine.nowMs,
      profile: profile.name,
      ...outcome(result),
      ...result.record,
    }
    records.add(record)
    const { namespace, name } = info.pod.metadata
    engine.trace.record(ACTOR, 'schedule', { kind: 'Pod', namespace, name }, { ...record })
    if ('node' in result) {
      const { cycle, node } = result
      place({ queued, profile, record, cycle, node }, endMs)
    } else reject(queued, result, endMs)
  }

  function place(placement: Placement, endMs: number): void {
    const { queued, node } = placement
    cache.assume(queued.info, node)
    nominations.delete(queued.info.uid)
    const refusal = reserve(placement)
    if (refusal) {
      undo(placement, refusal)
      return
    }
    engine.at(endMs + BIND_MS, 'bind', () => {
      if (!isStopped) bind(placement)
    })
  }

  /** Runs Reserve and Permit; the message of the first refusal. */
  function reserve({ profile: { plugins }, cycle, node }: Placement): string | undefined {
    for (const plugin of plugins) {
      const refusal = plugin.reserve?.(cycle, node)
      if (refusal) return refusal.reasons.join(', ')
    }
    for (const plugin of plugins) {
      const refusal = plugin.permit?.(cycle, node)
      if (refusal) return refusal.reasons.join(', ')
    }
    return undefined
  }

  /** @param from the plugin to go on with, when one before it had to wait */
  function bind(placement: Placement, from = 0): void {
    const { queued, profile, cycle, node } = placement
    const { info } = queued
    const { plugins } = profile
    let running = ''
    try {
      for (let i = from; i < plugins.length; i++) {
        const fail = (why: string): void => undo(placement, `running PreBind plugin "${plugins[i].name}": ${why}`)
        running = `PreBind plugin "${plugins[i].name}"`
        const said = plugins[i].preBind?.(cycle, node)
        if (!said) continue
        if ('begin' in said) {
          said.begin((refusal) => {
            if (isStopped) return
            if (refusal) fail(refusal.reasons.join(', '))
            else bind(placement, i + 1)
          })
        } else fail(said.reasons.join(', '))
        return
      }
      for (const plugin of plugins) {
        running = `Bind plugin "${plugin.name}"`
        if (plugin.bind?.(cycle, node)) break
      }
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      undo(placement, `running ${running}: ${error.message}`)
      return
    }
    queue.done(info.uid)
    attempts.note(profile.name, 'scheduled')
    profile.recorder.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${info.key} to ${node.name}`)
  }

  function undo({ queued, profile, record, cycle, node }: Placement, message: string): void {
    Object.assign(record, { result: 'error', message })
    attempts.note(profile.name, 'error')
    for (const plugin of profile.plugins.toReversed()) plugin.unreserve?.(cycle, node)
    cache.forget(queued.info.uid)
    queue.wake({ on: 'assigned-pod', change: 'delete', info: queued.info })
    if (!queue.find(queued.info.uid)) return
    queue.addFailed(queued)
    report(queued.info, 'SchedulerError', message)
  }

  function reject(queued: QueuedPod, result: Extract<CycleResult, { message: string }>, endMs: number): void {
    const { info } = queued
    if (result.nominatedNode) nominations.set(info, result.nominatedNode)
    queue.addUnschedulable(queued, result.rejectedBy)
    attempts.note(profileOf(info).name, 'unschedulable')
    engine.at(endMs, 'unschedulable', () => {
      if (isStopped) return
      for (const victim of result.victims) preempt(victim, info)
      report(info, 'Unschedulable', result.message, result.nominatedNode)
    })
  }

  function preempt(victim: PodInfo, by: PodInfo): void {
    try {
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: engine.timestamp(),
        reason: 'PreemptionByScheduler',
        message: `${by.pod.spec.schedulerName}: preempting to accommodate a higher priority pod`,
        observedGeneration: victim.pod.metadata.generation,
      }
      client.patchStatus(podKind, keyOf(victim.pod), 'strategic', { status: { conditions: [condition] } })
      client.delete(podKind, keyOf(victim.pod), { preconditions: { uid: victim.uid } })
      profileOf(by).recorder.event(
        victim.pod,
        'Normal',
        'Preempted',
        `Preempted by pod ${by.uid} on node ${victim.pod.spec.nodeName}`,
      )
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  /** Says it in an event, and in the Pod's condition where that says something else. */
  function report(
    info: PodInfo,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    nominatedNode?: string,
  ): void {
    profileOf(info).recorder.event(info.pod, 'Warning', 'FailedScheduling', message)
    const pod = queue.find(info.uid)?.info.pod
    if (!pod) return
    const known = findCondition(pod.status.conditions, 'PodScheduled')
    const isSame = known?.status === 'False' && known.reason === reason && known.message === message
    if (isSame && (pod.status.nominatedNodeName ?? '') === (nominatedNode ?? '')) return
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : engine.timestamp(),
      reason,
      message,
      observedGeneration: pod.metadata.generation,
    }
    const status = { conditions: [condition], ...(nominatedNode ? { nominatedNodeName: nominatedNode } : {}) }
    try {
      client.patchStatus(podKind, keyOf(pod), 'strategic', { status })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  // ---------- what the informers tell ----------

  const isTerminal = (pod: Pod): boolean => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
  const isOnNode = (pod: Pod): boolean => Boolean(pod.spec.nodeName) && !isTerminal(pod)
  const isWaiting = (pod: Pod): boolean =>
    !pod.spec.nodeName && !isTerminal(pod) && byName.has(pod.spec.schedulerName ?? '')

  function seeOnNode(pod: Pod): void {
    const { uid } = pod.metadata
    const before = cache.pod(uid)
    const wasAssumed = cache.isAssumed(uid)
    if (before && !wasAssumed && isSameToOthers(before.pod, pod)) return
    const info = createPodInfo(pod, reader)
    cache.setPod(info)
    queue.remove(uid)
    if (!before || wasAssumed) queue.wake({ on: 'assigned-pod', change: 'add', info, old: before })
    else {
      if (!sameMap(before.pod.metadata.labels, pod.metadata.labels))
        queue.wake({ on: 'assigned-pod', change: 'labels', info, old: before })
      if (isLess(info, before)) queue.wake({ on: 'assigned-pod', change: 'requests', info, old: before })
    }
  }

  function seeGone(pod: Pod): void {
    const { uid } = pod.metadata
    const info = cache.pod(uid)
    nominations.delete(uid)
    queue.remove(uid)
    if (!info) return
    cache.removePod(uid)
    queue.wake({ on: 'assigned-pod', change: 'delete', info })
  }

  context.informers.informer(podKind).addHandlers({
    onAdd(pod) {
      if (isOnNode(pod)) seeOnNode(pod)
      else if (isWaiting(pod)) queue.add(createPodInfo(pod, reader))
    },
    onUpdate(pod, old) {
      if (pod.metadata.uid !== old.metadata.uid) seeGone(old)
      if (isOnNode(pod)) seeOnNode(pod)
      else if (isTerminal(pod)) seeGone(pod)
      else if (isWaiting(pod)) {
        const known = queue.find(pod.metadata.uid)
        const info = known && known.info.pod.spec === pod.spec ? { ...known.info, pod } : createPodInfo(pod, reader)
        if (!known && !cache.isAssumed(info.uid)) queue.add(info)
        else queue.update(info, changesOf(info, old))
      }
    },
    onDelete: seeGone,
  })

  context.informers.informer(nodeKind).addHandlers({
    onAdd(node) {
      cache.setNode(node)
      queue.wake({ on: 'node', change: 'add', node })
    },
    onUpdate(node, old) {
      cache.setNode(node)
      for (const event of nodeEvents(node, old)) queue.wake(event)
    },
    onDelete(node) {
      cache.removeNode(node.metadata.name)
      queue.wake({ on: 'node', change: 'delete', node })
    },
  })

  const volumeChanged = (change: 'volume' | 'class' | 'csi-node') => {
    const wake = (): void => queue.wake({ on: 'volume', change })
    return { onAdd: wake, onUpdate: wake }
  }
  context.informers.informer(persistentVolumeClaims).addHandlers({
    onAdd: (claim) => queue.wake({ on: 'claim', change: 'add', claim: keyOf(claim) }),
    onUpdate: (claim) => queue.wake({ on: 'claim', change: 'update', claim: keyOf(claim) }),
  })
  context.informers.informer(persistentVolumes).addHandlers(volumeChanged('volume'))
  context.informers.informer(storageClasses).addHandlers(volumeChanged('class'))
  context.informers.informer(csiNodes).addHandlers(volumeChanged('csi-node'))
  context.informers.informer(volumeAttachments).addHandlers({
    onDelete: () => queue.wake({ on: 'volume', change: 'attachment' }),
  })

  const devicesChanged = (): void => queue.wake({ on: 'devices' })
  for (const kind of [resourceClaims, deviceClasses, resourceSlices])
    context.informers
      .informer(kind as Kind)
      .addHandlers({ onAdd: devicesChanged, onUpdate: devicesChanged, onDelete: devicesChanged })

  const changesOf = (info: PodInfo, old: Pod): ClusterEvent[] => {
    const { pod } = info
    const events: ClusterEvent[] = []
    if (!sameMap(pod.metadata.labels, old.metadata.labels)) events.push({ on: 'pod', change: 'labels', info })
    if (!equalJson(pod.status.resourceClaimStatuses, old.status.resourceClaimStatuses))
      events.push({ on: 'pod', change: 'claims', info })
    if (pod.spec === old.spec) return events
    if ((old.spec.schedulingGates?.length ?? 0) > (pod.spec.schedulingGates?.length ?? 0))
      events.push({ on: 'pod', change: 'gates', info })
    if ((pod.spec.tolerations?.length ?? 0) !== (old.spec.tolerations?.length ?? 0))
      events.push({ on: 'pod', change: 'tolerations', info })
    if (isLess(info, createPodInfo(old, reader))) events.push({ on: 'pod', change: 'requests', info })
    return events
  }

  return {
    stop() {
      isStopped = true
      queue.stop()
    },
    why: (pod) => records.get(pod),
    queues: () => queue.counts(),
    families: () => schedulerFamilies(attempts, queue),
  }
}

/** A Pod that was given a node, on its way there. */
interface Placement {
  queued: QueuedPod
  profile: Profile
  record: Attempt
  cycle: Cycle
  node: NodeInfo
}

function outcome(result: CycleResult): Pick<Attempt, 'result' | 'node' | 'message' | 'preemption'> {
  if ('node' in result) return { result: 'scheduled', node: result.node.name }
  const { message, nominatedNode, victims } = result
  const preemption = nominatedNode && { node: nominatedNode, victims: victims.map(({ key }) => key) }
  return { result: 'unschedulable', message, ...(preemption ? { preemption } : {}) }
}

/** Whether neither what the Pod takes, nor whether it counts, nor since when it runs has changed. */
const isSameToOthers = (a: Pod, b: Pod): boolean =>
  a.spec === b.spec &&
  a.status?.startTime === b.status?.startTime &&
  a.metadata.labels === b.metadata.labels &&
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
  resizeOf(a) === resizeOf(b)

const resizeOf = ({ status }: Pod): string | undefined => findCondition(status?.conditions, 'PodResizePending')?.reason

const isLess = (info: PodInfo, old: PodInfo): boolean =>
  info.requests.cpuMillis < old.requests.cpuMillis || info.requests.memoryBytes < old.requests.memoryBytes

function nodeEvents(node: Node, old: Node): ClusterEvent[] {
  const events: ClusterEvent[] = []
  if (!sameMap(node.status?.allocatable, old.status?.allocatable))
    events.push({ on: 'node', change: 'allocatable', node, old })
  if (!sameMap(node.metadata.labels, old.metadata.labels)) events.push({ on: 'node', change: 'labels', node, old })
  const hasOtherTaints =
    node.spec.taints !== old.spec.taints && JSON.stringify(node.spec.taints) !== JSON.stringify(old.spec.taints)
  if (hasOtherTaints || node.spec.unschedulable !== old.spec.unschedulable)
    events.push({ on: 'node', change: 'taints', node, old })
  return events
}

function sameMap(a: Record<string, string> | undefined, b: Record<string, string> | undefined): boolean {
  if (a === b) return true
  const [left, right] = [Object.entries(a ?? {}), Object.entries(b ?? {})]
  return left.length === right.length && left.every(([key, value]) => b?.[key] === value)
}
