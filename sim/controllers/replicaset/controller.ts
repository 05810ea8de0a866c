/**
 * Keeps each ReplicaSet's and each ReplicationController's number of Pods.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/, kubernetes/pkg/controller/{replicaset,replication}
 */
import { replicaSets } from '../../api/apps/replica-set.ts'
import type { ReplicaSet } from '../../api/apps/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { replicationControllers } from '../../api/core/replication-controller.ts'
import type { ReplicationController } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, type Draft, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import type { StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { Expectations } from '../expectations.ts'
import { createListening } from '../handlers.ts'
import {
  claim,
  controllerReference,
  findController,
  indexByController,
  orphansIn,
  ownedBy,
  planClaims,
} from '../ownership.ts'
import { createPodControl } from '../pod-control.ts'
import { isActive, isFinished, isReady } from '../pod-state.ts'
import { updateStatusRetrying } from '../status-update.ts'
import { planReplicaSet, statusOf } from './plan.ts'
import type { Replicated, ReplicatedKind } from './replicated.ts'

const PODS_PER_MS = 500

export const replicaSetController = replicaController<ReplicaSet>({
  kind: replicaSets,
  controller: 'replicaset-controller',
  serviceAccount: 'replicaset-controller',
  eventSource: 'replicaset-controller',
  selectorOf: (set) => set.spec.selector,
  countsTerminating: true,
})

export const replicationController = replicaController<ReplicationController>({
  kind: replicationControllers,
  controller: 'replicationcontroller-controller',
  serviceAccount: 'replication-controller',
  eventSource: 'replication-controller',
  selectorOf: (set) => ({ matchLabels: set.spec.selector }),
  countsTerminating: false,
})

function replicaController<T extends Replicated>(of: ReplicatedKind<T>): ControllerSpec {
  return {
    name: of.controller,
    serviceAccount: of.serviceAccount,
    watches: [of.kind as unknown as Kind, pods],
    start: (context) => startReplicaController(of, context),
  }
}

function startReplicaController<T extends Replicated>(
  { kind, controller, eventSource, selectorOf, countsTerminating }: ReplicatedKind<T>,
  { engine, client, informers, recorder, queue: createQueue }: ComponentContext,
): RunningComponent {
  const setInformer = informers.informer(kind)
  const podInformer = informers.informer(pods)
  indexByController(setInformer)
  indexByController(podInformer)
  const expectations = new Expectations(() => engine.nowMs)
  const podControl = createPodControl(client, recorder(eventSource), expectations)
  const queue = createQueue({ name: controller, workers: 5, reconcile })
  const keyOfSet = (set: T): string => keyText(keyOf(set))
  /** When a Pod was seen to become ready, to the millisecond; its condition only has seconds. */
  const readySinceMs = new Map<string, number>()

  function reconcile(key: string): void {
    const set = setInformer.get(parseKeyText(key))
    if (!set) {
      expectations.forget(key)
      return
    }
    const mayAct = expectations.areSatisfied(key)
    const owned = ownedBy(podInformer, set.metadata.uid)
    const orphans = orphansIn(podInformer, set.metadata.namespace!).filter(isActive)
    const mine = claim(client, kind, set, pods, planClaims(set, selectorOf(set), owned, orphans))
    const failure = mayAct && set.metadata.deletionTimestamp === undefined ? manage(set, key, mine) : undefined
    const status = statusOf(set, mine, failure?.message, engine.epochMs, engine.timestamp())
    if (!countsTerminating) delete status.terminatingReplicas
    writeStatus(set, key, status, mine)
    if (failure) throw failure
  }

  /** Creates or deletes as planned; returns what went wrong first. */
  function manage(set: T, key: string, mine: readonly Pod[]): StatusError | undefined {
    const plan = planReplicaSet(set, mine, () => peersOf(set), engine.epochMs)
    if (plan.create > 0) return createPods(set, key, plan.create)
    if (plan.remove.length > 0) return deletePods(set, key, plan.remove)
    return undefined
  }

  function createPods(set: T, key: string, count: number): StatusError | undefined {
    expectations.expectCreations(key, count)
    return podControl.create(set, key, Array<Draft<Pod>>(count).fill(newPod(set))).failure
  }

  function deletePods(set: T, key: string, surplus: readonly Pod[]): StatusError | undefined {
    expectations.expectDeletions(
      key,
      surplus.map((pod) => keyText(keyOf(pod))),
    )
    return podControl.remove(set, key, surplus).failure
  }

  /** Active Pods of every ReplicaSet under the same owner. */
  function peersOf(set: T): Pod[] {
    const owner = controllerOf(set)
    const siblings = owner ? ownedBy(setInformer, owner.uid) : [set]
    return siblings.flatMap((sibling) => ownedBy(podInformer, sibling.metadata.uid).filter(isActive))
  }

  function writeStatus(set: T, key: string, status: T['status'], mine: readonly Pod[]): void {
    if (!equalJson(set.status, status)) updateStatusRetrying(client, kind, set, status)
    if ((status.readyReplicas ?? 0) > (status.availableReplicas ?? 0)) queue.addAfter(key, nextAvailableMs(set, mine))
  }

  /** Milliseconds until the next ready Pod has been ready for minReadySeconds. */
  function nextAvailableMs(set: T, mine: readonly Pod[]): number {
    const minReadyMs = (set.spec.minReadySeconds ?? 0) * 1000
    let nextMs = minReadyMs
    for (const pod of mine) {
      const sinceMs = readySinceMs.get(pod.metadata.uid)
      if (sinceMs === undefined || !isReady(pod)) continue
      const leftMs = sinceMs + minReadyMs - engine.nowMs
      if (leftMs > 0 && leftMs < nextMs) nextMs = leftMs
    }
    return nextMs
  }

  /** A reconcile takes as long as it has Pods to look at, so that changes of a large ReplicaSet gather in the meantime. */
  const enqueueFor = (set: T): void => queue.addAfter(keyOfSet(set), Math.floor(set.spec.replicas / PODS_PER_MS))

  const podGone = (pod: Pod): void => {
    readySinceMs.delete(pod.metadata.uid)
    const set = findController(pod, kind, setInformer)
    if (!set) return
    const key = keyOfSet(set)
    expectations.deletionObserved(key, keyText(keyOf(pod)))
    enqueueFor(set)
  }

  /** Nobody controls the Pod: whoever selects it may want it. */
  const offer = (pod: Pod): void => {
    for (const set of setInformer.list(pod.metadata.namespace)) {
      if (selectorMatches(selectorOf(set), pod.metadata.labels)) queue.add(keyOfSet(set))
    }
  }

  const podAdded = (pod: Pod): void => {
    if (pod.metadata.deletionTimestamp !== undefined) {
      podGone(pod)
      return
    }
    if (!controllerOf(pod)) {
      offer(pod)
      return
    }
    const set = findController(pod, kind, setInformer)
    if (!set) return
    expectations.creationObserved(keyOfSet(set))
    enqueueFor(set)
  }

  const podChanged = (pod: Pod, old: Pod): void => {
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (old.metadata.deletionTimestamp === undefined || isCountedOtherwise(pod, old)) podGone(pod)
      return
    }
    const before = controllerOf(old)
    const after = controllerOf(pod)
    if (before && before.uid !== after?.uid) {
      const former = findController(old, kind, setInformer)
      if (former) queue.add(keyOfSet(former))
    }
    if (!after) {
      if (before || !equalJson(pod.metadata.labels, old.metadata.labels)) offer(pod)
      return
    }
    const set = findController(pod, kind, setInformer)
    if (!set) return
    if (before?.uid !== after.uid || isCountedOtherwise(pod, old)) enqueueFor(set)
    if (!set.spec.minReadySeconds) return
    if (!isReady(pod)) readySinceMs.delete(pod.metadata.uid)
    else if (!isReady(old)) readySinceMs.set(pod.metadata.uid, engine.nowMs)
  }

  const listening = createListening(() => queue.stop())
  listening.on(setInformer, {
    onAdd: (set) => queue.add(keyOfSet(set)),
    onUpdate: (set, old) => {
      if (set.metadata.uid !== old.metadata.uid) expectations.forget(keyOfSet(old))
      queue.add(keyOfSet(set))
    },
    onDelete: (set) => {
      expectations.forget(keyOfSet(set))
      queue.add(keyOfSet(set))
    },
  })
  listening.on(podInformer, {
    onAdd: podAdded,
    onUpdate: podChanged,
    onDelete: podGone,
  })
  return listening
}

/** Whether the change of a Pod can change a count of its ReplicaSet. */
const isCountedOtherwise = (pod: Pod, old: Pod): boolean =>
  isReady(pod) !== isReady(old) ||
  isFinished(pod) !== isFinished(old) ||
  (pod.metadata.labels !== old.metadata.labels && !equalJson(pod.metadata.labels, old.metadata.labels))

/** The Pod that the template describes, owned by the ReplicaSet. */
function newPod(set: Replicated): Draft<Pod> {
  const { metadata, spec } = set.spec.template
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(set)],
    },
    spec,
  }
}
