/** Removes Pods that nobody else will: of nodes that are gone or given up, never placed ones that are being deleted, and too many finished ones. Source: kubernetes/pkg/controller/podgc */
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { type Condition, findCondition, keyOf, keyText } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { createListening } from '../handlers.ts'
import { isFinished } from '../pod-state.ts'
import { indexByNode, podsOn } from '../pods-by-node.ts'

const PERIOD_MS = 20_000
// Passes count from when the process leads, some seconds after it starts.
const FIRST_PASS_MS = 5_000
// How long a node has to be missing before its Pods are given up.
const QUARANTINE_MS = 40_000
const MAX_FINISHED = 12_500
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

export const podGarbageCollector: ControllerSpec = {
  name: 'pod-garbage-collector-controller',
  serviceAccount: 'pod-garbage-collector',
  watches: [pods, nodes],
  start: startPodGarbageCollector,
}

function startPodGarbageCollector({ engine, client, informers }: ComponentContext): RunningComponent {
  const podInformer = informers.informer(pods)
  const nodeInformer = informers.informer(nodes)
  indexByNode(podInformer)
  const firstPassMs = engine.nowMs + FIRST_PASS_MS
  /** Nodes that Pods name and that are not there, and when a pass first noticed. */
  const missing = new Map<string, number | undefined>()
  /** Nodes that somebody has given up, and that do not answer. */
  const outOfService = new Set<string>()
  /** Pods without a node that are being deleted. */
  const unplaced = new Map<string, Pod>()
  const finished = new Set<string>()
  let timer: Timer | undefined

  // The passes stand at fixed moments, and only those that have something to look at are made.
  const schedule = (): void => {
    const isIdle = missing.size === 0 && outOfService.size === 0 && unplaced.size === 0 && finished.size <= MAX_FINISHED
    if (timer || isIdle) return
    const passes = Math.floor((engine.nowMs - firstPassMs) / PERIOD_MS) + 1
    timer = engine.at(firstPassMs + passes * PERIOD_MS, 'pod garbage', pass, { background: true })
  }

  function pass(): void {
    timer = undefined
    collectFinished()
    for (const node of outOfService) collectTerminating(node)
    for (const [node, sinceMs] of missing) collectMissing(node, sinceMs)
    for (const [key, pod] of unplaced) {
      unplaced.delete(key)
      remove(pod, undefined)
    }
    schedule()
  }

  /** What is being deleted there waits for a kubelet that will not answer. */
  function collectTerminating(node: string): void {
    for (const pod of [...podsOn(podInformer, node)])
      if (pod.metadata.deletionTimestamp !== undefined) remove(pod, undefined)
  }

  function collectMissing(node: string, sinceMs: number | undefined): void {
    if (nodeInformer.get({ namespace: '', name: node }) || podsOn(podInformer, node).length === 0) {
      missing.delete(node)
      return
    }
    if (sinceMs === undefined) {
      missing.set(node, engine.nowMs)
      return
    }
    if (engine.nowMs - sinceMs < QUARANTINE_MS) return
    missing.delete(node)
    if (client.find(nodes, { namespace: '', name: node })) return
    for (const pod of [...podsOn(podInformer, node)]) remove(pod, 'PodGC: node no longer exists')
  }

  /** The oldest of the finished go when there are more than the threshold. */
  function collectFinished(): void {
    if (finished.size <= MAX_FINISHED) return
    const done = podInformer.list().filter((pod) => isFinished(pod) && pod.metadata.deletionTimestamp === undefined)
    const byAge = done.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
    for (const pod of byAge.slice(0, Math.max(0, done.length - MAX_FINISHED))) remove(pod, undefined)
  }

  /** Deletes at once, without waiting for a kubelet; one that was not finished is marked as failed before. */
  function remove(pod: Pod, why: string | undefined): void {
    try {
      if (!isFinished(pod)) {
        const conditions = why === undefined ? {} : { conditions: [disruptionTarget(why, engine.timestamp())] }
        client.patchStatus(pods, keyOf(pod), 'strategic', {
          metadata: { uid: pod.metadata.uid },
          status: { phase: 'Failed', ...conditions },
        })
      }
      client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error // a later pass finds it again
      if (error.reason !== 'NotFound') note(pod)
    }
  }

  function note(pod: Pod): void {
    const key = keyText(keyOf(pod))
    if (isFinished(pod)) finished.add(key)
    const { nodeName } = pod.spec
    if (nodeName) {
      unplaced.delete(key)
      if (!missing.has(nodeName) && !nodeInformer.get({ namespace: '', name: nodeName }))
        missing.set(nodeName, undefined)
    } else if (pod.metadata.deletionTimestamp !== undefined) unplaced.set(key, pod)
    schedule()
  }

  const listening = createListening(() => engine.cancel(timer))
  const noteNode = (node: Node): void => {
    if (isOutOfService(node)) outOfService.add(node.metadata.name)
    else outOfService.delete(node.metadata.name)
    schedule()
  }
  listening.on(nodeInformer, {
    onAdd: noteNode,
    onUpdate: (node) => noteNode(node),
    onDelete({ metadata }) {
      outOfService.delete(metadata.name)
      if (podsOn(podInformer, metadata.name).length > 0) missing.set(metadata.name, undefined)
      schedule()
    },
  })
  listening.on(podInformer, {
    onAdd: note,
    onUpdate: (pod) => note(pod),
    onDelete(pod) {
      finished.delete(keyText(keyOf(pod)))
      unplaced.delete(keyText(keyOf(pod)))
    },
  })
  return listening
}

const isOutOfService = ({ spec, status }: Node): boolean =>
  findCondition(status?.conditions, 'Ready')?.status !== 'True' &&
  (spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE)

const disruptionTarget = (message: string, now: string): Condition => ({
  type: 'DisruptionTarget',
  status: 'True',
  lastTransitionTime: now,
  reason: 'DeletionByPodGC',
  message,
})
