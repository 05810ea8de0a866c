/** Deletes Pods that do not tolerate a NoExecute taint of their node (any longer). Source: kubernetes/pkg/controller/tainteviction */
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node, Taint } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { type Condition, keyOf, keyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
import { createListening } from '../handlers.ts'
import { indexByNode, podsOn } from '../pods-by-node.ts'
import { toleratedSeconds } from './plan.ts'

const RETRY_MS = 10
const RETRIES = 5

export const taintEvictionController: ControllerSpec = {
  name: 'taint-eviction-controller',
  serviceAccount: 'taint-eviction-controller',
  watches: [nodes, pods],
  start: startTaintEvictionController,
}

function startTaintEvictionController({ engine, client, informers, recorder }: ComponentContext): RunningComponent {
  const nodeInformer = informers.informer(nodes)
  const podInformer = informers.informer(pods)
  indexByNode(podInformer)
  const events = recorder('taint-eviction-controller')
  /** Evictions to come, by Pod. */
  const evictions = new Map<string, Timer>()

  function checkPod(pod: Pod): void {
    const node = pod.spec.nodeName ? nodeInformer.get({ namespace: '', name: pod.spec.nodeName }) : undefined
    if (!node) return
    check(pod, noExecuteTaints(node))
  }

  function check(pod: Pod, taints: readonly Taint[]): void {
    const key = keyText(keyOf(pod))
    const seconds =
      taints.length === 0 ? Number.POSITIVE_INFINITY : toleratedSeconds(taints, pod.spec.tolerations ?? [])
    if (seconds === Number.POSITIVE_INFINITY) {
      cancelWithEvent(pod, key)
      return
    }
    // What is scheduled stays as it is, but for a taint that the Pod does not bear at all.
    if (seconds > 0 && evictions.has(key)) return
    cancelWithEvent(pod, key)
    const timer = engine.after(seconds * 1000, 'taint eviction', () => evict(pod, key, RETRIES))
    evictions.set(key, timer)
  }

  function cancelWithEvent(pod: Pod, key: string): void {
    if (!evictions.has(key)) return
    cancel(key)
    events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
  }

  function cancel(key: string): void {
    engine.cancel(evictions.get(key))
    evictions.delete(key)
  }

  function evict(scheduled: Pod, key: string, tries: number): void {
    evictions.delete(key)
    const pod = podInformer.get(keyOf(scheduled))
    if (pod?.metadata.uid !== scheduled.metadata.uid) return
    if (tries === RETRIES) events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
    try {
      const condition = disruptionTarget(engine.timestamp())
      client.patchStatus(pods, keyOf(pod), 'strategic', {
        metadata: { uid: pod.metadata.uid },
        status: { conditions: [condition] },
      })
      client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (isStatus(error, 'NotFound') || tries <= 1) return
      evictions.set(
        key,
        engine.after(RETRY_MS, 'taint eviction', () => evict(pod, key, tries - 1)),
      )
    }
  }

  const listening = createListening(() => {
    for (const timer of evictions.values()) engine.cancel(timer)
  })
  listening.on(nodeInformer, {
    onAdd: (node) => noteTaints(node, []),
    onUpdate: (node, old) => noteTaints(node, noExecuteTaints(old)),
  })
  listening.on(podInformer, {
    onAdd: checkPod,
    onUpdate(pod, old) {
      const isMoved = pod.spec.nodeName !== old.spec.nodeName
      if (isMoved || !equalJson(pod.spec.tolerations, old.spec.tolerations)) checkPod(pod)
    },
    onDelete: (pod) => cancelWithEvent(pod, keyText(keyOf(pod))),
  })

  function noteTaints(node: Node, before: readonly Taint[]): void {
    const taints = noExecuteTaints(node)
    if (equalJson(taints, before)) return
    for (const pod of [...podsOn(podInformer, node.metadata.name)]) check(pod, taints)
  }

  return listening
}

const noExecuteTaints = (node: Node): Taint[] => (node.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

const disruptionTarget = (now: string): Condition => ({
  type: 'DisruptionTarget',
  status: 'True',
  lastTransitionTime: now,
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
})
