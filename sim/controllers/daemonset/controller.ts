/** Keeps a Pod of each DaemonSet on every node that is for it. Source: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
import { controllerRevisions } from '../../api/apps/controller-revision.ts'
import { daemonSets } from '../../api/apps/daemon-set.ts'
import type { ControllerRevision, DaemonSet } from '../../api/apps/types.ts'
import { nodes } from '../../api/core/node.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import type { Node } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, type Draft, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, type StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { templateHash } from '../deployment/template-hash.ts'
import { Expectations } from '../expectations.ts'
import { createListening } from '../handlers.ts'
import {
  keepsTemplate,
  nextRevisionNumber,
  planTruncation,
  REVISION_LABEL,
  revisionData,
  sortRevisions,
} from '../history.ts'
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
import { isReady } from '../pod-state.ts'
import { updateStatusRetrying } from '../status-update.ts'
import { type DaemonState, groupByNode, placementOn, planDaemonSet, planRollingUpdate, statusOf } from './plan.ts'
import { newPod } from './pods.ts'

// No more creations or deletions than this in one go.
const BURST_REPLICAS = 250
// A Pod that ends at once is not replaced in a hot loop.
const ENDED_BACKOFF_MS = 1000
const MAX_ENDED_BACKOFF_MS = 15 * 60_000

export const daemonSetController: ControllerSpec = {
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  watches: [daemonSets, pods, nodes, controllerRevisions],
  start: startDaemonSetController,
}

function startDaemonSetController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const setInformer = informers.informer(daemonSets)
  const podInformer = informers.informer(pods)
  const nodeInformer = informers.informer(nodes)
  const revisionInformer = informers.informer(controllerRevisions)
  indexByController(podInformer)
  indexByController(revisionInformer)
  const events = recorder('daemonset-controller')
  const expectations = new Expectations(() => engine.nowMs)
  const podControl = createPodControl(client, events, expectations)
  const queue = createQueue({ name: 'daemonset', workers: 2, reconcile })
  const keyOfSet = (set: DaemonSet): string => keyText(keyOf(set))
  const enqueue = (set: DaemonSet): void => queue.add(keyOfSet(set))
  /** How long a node's ended Pods of a set are left, since when. */
  const backoffs = new Map<string, { delayMs: number; sinceMs: number }>()

  function reconcile(key: string): void {
    const set = setInformer.get(parseKeyText(key))
    if (!set) {
      expectations.forget(key)
      return
    }
    if (set.metadata.deletionTimestamp !== undefined) return
    const revisions = claimRevisions(set)
    const { current, old } = currentRevision(set, revisions)
    const hash = current.metadata.labels?.[REVISION_LABEL] ?? ''
    const observe = (): DaemonState => ({
      set,
      nodes: nodeInformer.list(),
      podsByNode: groupByNode(claimPods(set)),
      hash,
      nowEpochMs: engine.epochMs,
    })
    const state = observe()
    if (!expectations.areSatisfied(key)) {
      writeStatus(set, key, statusOf(state, false))
      return
    }
    const failure = act(set, key, state)
    if (!failure) truncate(set, old)
    writeStatus(set, key, statusOf(state, true))
    if (failure) throw failure
  }

  function act(set: DaemonSet, key: string, state: DaemonState): StatusError | undefined {
    const plan = planDaemonSet(state)
    const ended = plan.ended.filter(({ node, pod }) => mayReplace(set, key, node, pod)).map(({ pod }) => pod)
    const failure = apply(set, key, plan.create, [...plan.remove, ...ended], state.hash)
    if (failure || !expectations.areSatisfied(key)) return failure
    if (set.spec.updateStrategy.type === 'OnDelete') return undefined
    const update = planRollingUpdate(state)
    return apply(set, key, update.create, update.remove, state.hash)
  }

  /** Tells of a Pod that ended, unless the last of its node was replaced just now. */
  function mayReplace(set: DaemonSet, key: string, node: string, pod: Pod): boolean {
    const where = `${pod.metadata.namespace}/${pod.metadata.name} on node ${node}`
    if (pod.status.phase === 'Succeeded') {
      events.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${where}, will try to delete it`)
      return true
    }
    const id = `${set.metadata.uid}/${set.status.observedGeneration ?? 0}/${node}`
    const backoff = backoffs.get(id)
    const passedMs = backoff ? engine.nowMs - backoff.sinceMs : Number.POSITIVE_INFINITY
    if (backoff && passedMs < backoff.delayMs) {
      queue.addAfter(key, backoff.delayMs - passedMs)
      return false
    }
    const isFresh = !backoff || passedMs > 2 * MAX_ENDED_BACKOFF_MS
    const delayMs = isFresh ? ENDED_BACKOFF_MS : Math.min(2 * backoff.delayMs, MAX_ENDED_BACKOFF_MS)
    backoffs.set(id, { delayMs, sinceMs: engine.nowMs })
    events.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${where}, will try to kill it`)
    return true
  }

  /** Creates and deletes; returns what went wrong first. */
  function apply(
    set: DaemonSet,
    key: string,
    targets: readonly string[],
    surplus: readonly Pod[],
    hash: string,
  ): StatusError | undefined {
    const create = targets.slice(0, BURST_REPLICAS)
    const remove = surplus.slice(0, BURST_REPLICAS)
    expectations.expect(
      key,
      create.length,
      remove.map((pod) => keyText(keyOf(pod))),
    )
    const made = podControl.create(
      set,
      key,
      create.map((node) => newPod(set, node, hash)),
    )
    const gone = podControl.remove(set, key, remove)
    return made.failure ?? gone.failure
  }

  function claimPods(set: DaemonSet): readonly Pod[] {
    const owned = ownedBy(podInformer, set.metadata.uid)
    const orphans = orphansIn(podInformer, set.metadata.namespace!)
    return claim(client, daemonSets, set, pods, planClaims(set, set.spec.selector, owned, orphans))
  }

  function claimRevisions(set: DaemonSet): readonly ControllerRevision[] {
    const owned = ownedBy(revisionInformer, set.metadata.uid)
    const orphans = orphansIn(revisionInformer, set.metadata.namespace!)
    return claim(client, daemonSets, set, controllerRevisions, planClaims(set, set.spec.selector, owned, orphans))
  }

  /** The revision of the template as it is, made or numbered anew when it was not the newest; and the others. */
  function currentRevision(set: DaemonSet, revisions: readonly ControllerRevision[]) {
    const same = sortRevisions(revisions.filter((revision) => keepsTemplate(revision, set.spec.template)))
    const old = revisions.filter((revision) => !same.includes(revision))
    const number = nextRevisionNumber(old)
    const newest = same.at(-1)
    if (!newest) return { current: createRevision(set, number), old }
    for (const duplicate of same.slice(0, -1)) removeRevision(duplicate)
    if (newest.revision >= number) return { current: newest, old }
    return { current: client.update(controllerRevisions, { ...newest, revision: number }), old }
  }

  function createRevision(set: DaemonSet, revision: number): ControllerRevision {
    const hash = templateHash(set.spec.template, set.status.collisionCount)
    const { annotations } = set.metadata
    const draft: Draft<ControllerRevision> = {
      metadata: {
        ...keyOf(set),
        name: `${set.metadata.name}-${hash}`,
        labels: { ...set.spec.template.metadata.labels, [REVISION_LABEL]: hash },
        ...(annotations ? { annotations } : {}),
        ownerReferences: [controllerReference(set)],
      },
      data: revisionData(set.spec.template),
      revision,
    }
    try {
      return client.create(controllerRevisions, draft)
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error
      const existing = client.get(controllerRevisions, {
        namespace: set.metadata.namespace!,
        name: draft.metadata.name!,
      })
      if (keepsTemplate(existing, set.spec.template)) return existing
      // Another template of the same hash: the count gives this one another name.
      const collisionCount = (set.status.collisionCount ?? 0) + 1
      client.updateStatus(daemonSets, { ...set, status: { ...set.status, collisionCount } })
      throw error
    }
  }

  function truncate(set: DaemonSet, old: readonly ControllerRevision[]): void {
    const used = new Set(
      ownedBy(podInformer, set.metadata.uid).map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? ''),
    )
    const live = new Set(
      old
        .filter(({ metadata }) => used.has(metadata.labels?.[REVISION_LABEL] ?? ''))
        .map(({ metadata }) => metadata.name),
    )
    for (const revision of planTruncation(old, live, Math.max(0, set.spec.revisionHistoryLimit - live.size)))
      removeRevision(revision)
  }

  function removeRevision(revision: ControllerRevision): void {
    try {
      client.delete(controllerRevisions, keyOf(revision))
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  function writeStatus(set: DaemonSet, key: string, status: DaemonSet['status']): void {
    if (!equalJson(set.status, status)) updateStatusRetrying(client, daemonSets, set, status)
    const minReadySeconds = set.spec.minReadySeconds ?? 0
    if (minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0))
      queue.addAfter(key, minReadySeconds * 1000)
  }

  const ownerOf = (pod: Pod): DaemonSet | undefined => findController(pod, daemonSets, setInformer)
  const offer = (pod: Pod): void => {
    for (const set of setInformer.list(pod.metadata.namespace))
      if (selectorMatches(set.spec.selector, pod.metadata.labels)) enqueue(set)
  }
  const podGone = (pod: Pod): void => {
    const set = ownerOf(pod)
    if (!set) return
    expectations.deletionObserved(keyOfSet(set), keyText(keyOf(pod)))
    enqueue(set)
  }
  const podAdded = (pod: Pod): void => {
    if (pod.metadata.deletionTimestamp !== undefined) podGone(pod)
    else if (!controllerOf(pod)) offer(pod)
    else {
      const set = ownerOf(pod)
      if (!set) return
      expectations.creationObserved(keyOfSet(set))
      enqueue(set)
    }
  }
  const podChanged = (pod: Pod, old: Pod): void => {
    if (pod.metadata.deletionTimestamp !== undefined) {
      podGone(pod)
      return
    }
    const before = controllerOf(old)
    const after = controllerOf(pod)
    if (before && before.uid !== after?.uid) {
      const former = ownerOf(old)
      if (former) enqueue(former)
    }
    if (!after) {
      if (before || !equalJson(pod.metadata.labels, old.metadata.labels)) offer(pod)
      return
    }
    const set = ownerOf(pod)
    if (set && (before?.uid !== after.uid || isNews(pod, old))) enqueue(set)
  }
  const nodeChanged = (node: Node, old?: Node): void => {
    if (old && equalJson(node.metadata.labels, old.metadata.labels) && equalJson(node.spec.taints, old.spec.taints))
      return
    for (const set of setInformer.list())
      if (!old || !equalJson(placementOn(set, node), placementOn(set, old))) enqueue(set)
  }

  const listening = createListening(() => queue.stop())
  listening.on(setInformer, {
    onAdd: enqueue,
    onUpdate(set, old) {
      if (set.metadata.uid !== old.metadata.uid) expectations.forget(keyOfSet(old))
      enqueue(set)
    },
    onDelete(set) {
      expectations.forget(keyOfSet(set))
      enqueue(set)
    },
  })
  listening.on(podInformer, { onAdd: podAdded, onUpdate: podChanged, onDelete: podGone })
  listening.on<Node>(nodeInformer, {
    onAdd: (node) => nodeChanged(node),
    onUpdate: nodeChanged,
    onDelete: (node) => nodeChanged(node),
  })
  return listening
}

/** Whether the change of a Pod can change what its set does or reports. */
const isNews = (pod: Pod, old: Pod): boolean =>
  pod.status.phase !== old.status.phase ||
  isReady(pod) !== isReady(old) ||
  pod.spec.nodeName !== old.spec.nodeName ||
  !equalJson(pod.metadata.labels, old.metadata.labels)
