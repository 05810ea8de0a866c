/** Keeps the Pods of each StatefulSet, each with a name of its own. Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ */
import { controllerRevisions } from '../../api/apps/controller-revision.ts'
import { statefulSets } from '../../api/apps/stateful-set.ts'
import type { ControllerRevision, StatefulSet } from '../../api/apps/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { createListening } from '../handlers.ts'
import {
  keepsTemplate,
  newRevision,
  nextRevisionNumber,
  planTruncation,
  sortRevisions,
  templateOf,
} from '../history.ts'
import { claim, findController, indexByController, orphansIn, ownedBy, planClaims } from '../ownership.ts'
import { isNamespaceTerminating } from '../pod-control.ts'
import { isReady } from '../pod-state.ts'
import { updateStatusRetrying } from '../status-update.ts'
import { createClaimKeeper } from './claims.ts'
import { newPod, ordinalOf, podName, revisionOf, startOrdinal, withIdentity } from './identity.ts'
import { planStatefulSet, statusOf } from './plan.ts'

// How soon to look again whether the claim of an earlier Pod is gone.
const CLAIM_RETRY_MS = 1000
/** Simplified: of a Parallel set the real one makes all Pods in one turn; here the others follow when the cache shows these. */
const MOST_AT_ONCE = 500

export const statefulSetController: ControllerSpec = {
  name: 'statefulset-controller',
  serviceAccount: 'statefulset-controller',
  watches: [statefulSets, pods, controllerRevisions],
  start: startStatefulSetController,
}

function startStatefulSetController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const setInformer = informers.informer(statefulSets)
  const podInformer = informers.informer(pods)
  const revisionInformer = informers.informer(controllerRevisions)
  indexByController(podInformer)
  indexByController(revisionInformer)
  const events = recorder('statefulset-controller')
  const claims = createClaimKeeper(client, informers, events)
  const queue = createQueue({ name: 'statefulset', workers: 5, reconcile })
  const enqueue = (set: StatefulSet): void => queue.add(keyText(keyOf(set)))
  /** Pods that were deleted here and that the cache still shows as they were. */
  const going = new Set<string>()

  function reconcile(key: string): void {
    const set = setInformer.get(parseKeyText(key))
    if (!set) return
    const revisions = claimRevisions(set)
    const mine = claimPods(set)
    const { current, update, collisionCount } = currentRevisions(set, revisions)
    const names = { current: current.metadata.name, update: update.metadata.name }
    const created: string[] = []
    const deleted = new Set<string>()
    let failure: StatusError | undefined
    if (set.metadata.deletionTimestamp === undefined) {
      const seen = mine.map((pod) => (going.has(pod.metadata.uid) ? asTerminating(pod) : pod))
      const plan = planStatefulSet(set, seen, names, engine.epochMs)
      failure = attempt(() => {
        for (const pod of mine) {
          // A Pod can't start without its claims: those that somebody deleted are made again.
          if (pod.status.phase === 'Pending') claims.ensure(set, pod.metadata.name)
          claims.retain(set, pod)
        }
        for (const { ordinal, revision } of plan.create.slice(0, MOST_AT_ONCE)) {
          if (claims.areGoing(set, podName(set, ordinal))) queue.addAfter(key, CLAIM_RETRY_MS)
          else {
            createPod(set, ordinal, revision === names.current ? current : update)
            created.push(revision)
          }
        }
        for (const pod of plan.repair) repairPod(set, pod)
        for (const pod of plan.remove) {
          deletePod(set, pod)
          deleted.add(pod.metadata.uid)
        }
      })
    }
    const status = statusOf(set, mine, names, { created, deleted }, collisionCount, engine.epochMs)
    if (!equalJson(set.status, status)) updateStatusRetrying(client, statefulSets, set, status)
    truncate(set, [...revisions, update], mine, names)
    if (failure) throw failure
    if (set.spec.minReadySeconds && (status.readyReplicas ?? 0) > (status.availableReplicas ?? 0))
      queue.addAfter(key, set.spec.minReadySeconds * 1000)
  }

  function claimPods(set: StatefulSet): readonly Pod[] {
    const owned = ownedBy(podInformer, set.metadata.uid)
    const orphans = orphansIn(podInformer, set.metadata.namespace!).filter((pod) => ordinalOf(set, pod) !== undefined)
    return claim(client, statefulSets, set, pods, planClaims(set, set.spec.selector, owned, orphans))
  }

  /** Revisions are adopted by their labels, and never released. */
  function claimRevisions(set: StatefulSet): readonly ControllerRevision[] {
    const owned = ownedBy(revisionInformer, set.metadata.uid)
    const orphans = orphansIn(revisionInformer, set.metadata.namespace!)
    const plan = planClaims(set, set.spec.selector, owned, orphans)
    return claim(client, statefulSets, set, controllerRevisions, { ...plan, keep: owned, release: [] })
  }

  /** The revision that Pods have and the one they get, made now when the template is new. */
  function currentRevisions(set: StatefulSet, known: readonly ControllerRevision[]) {
    const revisions = sortRevisions(known)
    const number = nextRevisionNumber(revisions)
    let collisionCount = set.status.collisionCount ?? 0
    const equal = revisions.filter((revision) => keepsTemplate(revision, set.spec.template)).at(-1)
    let update: ControllerRevision
    if (!equal) {
      const made = createRevision(set, number, collisionCount)
      update = made.revision
      collisionCount = made.collisionCount
    } else if (equal === revisions.at(-1)) update = equal
    else update = client.update(controllerRevisions, { ...equal, revision: number })
    const current = revisions.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update
    return { current: current.metadata.name === update.metadata.name ? update : current, update, collisionCount }
  }

  function createRevision(set: StatefulSet, number: number, collisions: number) {
    for (let collisionCount = collisions; ; collisionCount++) {
      const draft = newRevision(set, number, collisionCount)
      try {
        return { revision: client.create(controllerRevisions, draft), collisionCount }
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error
        const existing = client.get(controllerRevisions, {
          namespace: set.metadata.namespace!,
          name: draft.metadata.name!,
        })
        if (keepsTemplate(existing, set.spec.template)) return { revision: existing, collisionCount }
      }
    }
  }

  function createPod(set: StatefulSet, ordinal: number, revision: ControllerRevision): void {
    const name = podName(set, ordinal)
    claims.ensure(set, name)
    try {
      const pod = client.create(pods, newPod(set, ordinal, templateOf(revision), revision.metadata.name))
      tell(set, 'create', name)
      claims.retain(set, pod)
    } catch (error) {
      // It is there and only the cache does not show it, or it is somebody else's: tried again without a word.
      if (isStatus(error, 'AlreadyExists')) throw error
      throw tell(set, 'create', name, error)
    }
  }

  function repairPod(set: StatefulSet, pod: Pod): void {
    try {
      client.update(pods, withIdentity(pod, ordinalOf(set, pod) ?? startOrdinal(set)))
      tell(set, 'update', pod.metadata.name)
    } catch (error) {
      throw tell(set, 'update', pod.metadata.name, error)
    }
  }

  function deletePod(set: StatefulSet, pod: Pod): void {
    try {
      client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
      going.add(pod.metadata.uid)
      tell(set, 'delete', pod.metadata.name)
    } catch (error) {
      if (isStatus(error, 'NotFound')) return
      throw tell(set, 'delete', pod.metadata.name, error)
    }
  }

  /** Records what was done to a Pod, or why it could not be; returns the error for the caller to throw. */
  function tell(set: StatefulSet, verb: 'create' | 'update' | 'delete', pod: string, error?: unknown): unknown {
    const title = verb[0].toUpperCase() + verb.slice(1)
    const what = `${title} Pod ${pod} in StatefulSet ${set.metadata.name}`
    if (error === undefined) events.event(set, 'Normal', `Successful${title}`, `${what} successful`)
    else if (error instanceof StatusError && !isNamespaceTerminating(error))
      events.event(set, 'Warning', `Failed${title}`, `${what} failed error: ${error.message}`)
    return error
  }

  function truncate(
    set: StatefulSet,
    revisions: readonly ControllerRevision[],
    mine: readonly Pod[],
    names: { current: string; update: string },
  ): void {
    const live = new Set([names.current, names.update, ...mine.map(revisionOf)])
    for (const revision of planTruncation(revisions, live, set.spec.revisionHistoryLimit)) {
      try {
        client.delete(controllerRevisions, keyOf(revision))
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error
      }
    }
  }

  const offer = (pod: Pod): void => {
    for (const set of setInformer.list(pod.metadata.namespace))
      if (selectorMatches(set.spec.selector, pod.metadata.labels)) enqueue(set)
  }
  const enqueueOwner = (pod: Pod): void => {
    const set = findController(pod, statefulSets, setInformer)
    if (set) enqueue(set)
  }

  const listening = createListening(() => queue.stop())
  listening.on(setInformer, { onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue })
  listening.on(podInformer, {
    onAdd: (pod) => (controllerOf(pod) ? enqueueOwner(pod) : offer(pod)),
    onUpdate(pod, old) {
      if (pod.metadata.deletionTimestamp !== undefined) going.delete(pod.metadata.uid)
      const before = controllerOf(old)
      const after = controllerOf(pod)
      if (before && before.uid !== after?.uid) enqueueOwner(old)
      if (after) {
        if (before?.uid !== after.uid || isNews(pod, old)) enqueueOwner(pod)
      } else if (before || !equalJson(pod.metadata.labels, old.metadata.labels)) offer(pod)
    },
    onDelete(pod) {
      going.delete(pod.metadata.uid)
      enqueueOwner(pod)
    },
  })
  return listening
}

/** Whether the change of a Pod can change what its set does or reports. */
const isNews = (pod: Pod, old: Pod): boolean =>
  pod.status.phase !== old.status.phase ||
  isReady(pod) !== isReady(old) ||
  pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
  !equalJson(pod.metadata.labels, old.metadata.labels)

const asTerminating = (pod: Pod): Pod =>
  pod.metadata.deletionTimestamp === undefined
    ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: pod.metadata.creationTimestamp } }
    : pod

/** What the server refused, for after the status is written. */
function attempt(act: () => void): StatusError | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
}
