/**
 * Deletes what lost its owner. Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents,
 * kubernetes/pkg/controller/garbagecollector
 */
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey, OwnerReference } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import { kinds } from '../../api/registry.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { charge } from '../../engine/work.ts'
import { createCustomKinds } from '../custom-kinds.ts'
import { createListening } from '../handlers.ts'
import { DependencyGraph, FOREGROUND, type GraphNode, ORPHAN } from './graph.ts'
import { type OwnerState, planCollection } from './plan.ts'

const WORKERS = 20

// Owners known to be gone, so that a thousand dependents do not ask a thousand times.
const ABSENT_OWNERS = 500

// Events come and go by the thousand, and nobody owns them.
const isCollected = (kind: Kind): boolean => kind.kind !== 'Event'

export const garbageCollector: ControllerSpec = {
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  watches: kinds.filter(isCollected),
  // Each deletion takes two requests, so it has twice what others have a second. Source: kube-controller-manager/app/core.go
  requestRate: { perSecond: 40, burst: 30 },
  start: startGarbageCollector,
}

function startGarbageCollector({ client, informers, queue: createQueue }: ComponentContext): RunningComponent {
  const custom = createCustomKinds(informers)
  const kindOf = ({ apiVersion, kind }: { apiVersion: string; kind: string }) => custom.find(apiVersion, kind)
  const absentOwners = new Set<string>()
  const deleteQueue = createQueue({
    name: 'garbage delete',
    metricName: 'garbage_collector_attempt_to_delete',
    workers: WORKERS,
    reconcile: attemptToDelete,
  })
  const orphanQueue = createQueue({
    name: 'garbage orphan',
    metricName: 'garbage_collector_attempt_to_orphan',
    workers: WORKERS,
    reconcile: orphanDependents,
  })
  const graph = new DependencyGraph({
    mayDelete: ({ uid }) => deleteQueue.add(uid),
    mayOrphan: ({ uid }) => orphanQueue.add(uid),
  })

  function attemptToDelete(uid: string): void {
    const node = graph.get(uid)
    if (!node || (node.isBeingDeleted && !node.isDeletingDependents)) return
    const kind = kindOf(node)
    if (!kind) return // a reference to a kind that this cluster does not serve
    const latest = client.find(kind, keyIn(kind, node))
    if (latest?.metadata.uid !== uid) {
      if (node.isVirtual) noteAbsent(node)
      graph.remove(uid)
      return
    }
    if (node.isVirtual) {
      deleteQueue.addRateLimited(uid) // exists, and its informer will soon tell
      return
    }
    if (node.isDeletingDependents) {
      finishForeground(kind, node)
      return
    }
    charge(stepsOfOwner * (latest.metadata.ownerReferences?.length ?? 0))
    const owners = (latest.metadata.ownerReferences ?? []).map((reference) => ({
      reference,
      state: stateOf(reference, node),
    }))
    const plan = planCollection(owners, latest.metadata.finalizers ?? [], node.dependents.size > 0)
    if (plan.action === 'keep') return
    if (plan.action === 'disown') {
      disown(kind, latest, plan.uids)
      return
    }
    if (plan.unblock) unblockCircle(node)
    remove(kind, latest, plan.policy)
  }

  /** Lets an owner go whose last blocking dependent is gone. */
  function finishForeground(kind: Kind, node: GraphNode): void {
    for (const { owners } of node.dependents) charge(1 + owners.length / 64)
    const blocking = [...node.dependents].filter((dependent) =>
      dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion),
    )
    if (blocking.length === 0) removeFinalizer(kind, node, FOREGROUND)
    for (const dependent of blocking) if (!dependent.isDeletingDependents) deleteQueue.add(dependent.uid)
  }

  /** Two objects that wait for each other would wait for ever: a dependent that waits itself no longer blocks. */
  function unblockCircle(node: GraphNode): void {
    const circular = [...node.dependents].some((dependent) => dependent.isDeletingDependents)
    const kind = kindOf(node)
    if (!circular || !kind) return
    modify(kind, node, (object) => ({
      ownerReferences: object.metadata.ownerReferences?.map((reference) =>
        reference.blockOwnerDeletion ? { ...reference, blockOwnerDeletion: false } : reference,
      ),
    }))
  }

  function stateOf(reference: OwnerReference, dependent: GraphNode): OwnerState {
    if (absentOwners.has(absentKey(reference, dependent.namespace))) return 'dangling'
    const kind = kindOf(reference)
    // Unlike an owner that is gone, a kind that is not served may be one day.
    if (!kind)
      throw new StatusError(
        404,
        'NotFound',
        `no matches for kind "${reference.kind}" in version "${reference.apiVersion}"`,
      )
    if (kind.isNamespaced && dependent.namespace === '') return 'solid'
    const namespace = kind.isNamespaced ? dependent.namespace : ''
    const owner = client.find(kind, { namespace, name: reference.name })
    if (owner?.metadata.uid !== reference.uid) {
      remember(absentKey(reference, dependent.namespace))
      return 'dangling'
    }
    const isWaiting = owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(FOREGROUND)
    return isWaiting ? 'waiting' : 'solid'
  }

  function orphanDependents(uid: string): void {
    const node = graph.get(uid)
    const kind = node && kindOf(node)
    if (!node || !kind) return
    for (const dependent of [...node.dependents]) {
      const dependentKind = kindOf(dependent)
      if (dependentKind) modify(dependentKind, dependent, (object) => ({ ownerReferences: without(object, [uid]) }))
    }
    removeFinalizer(kind, node, ORPHAN)
  }

  const disown = (kind: Kind, object: KubeObject, uids: readonly string[]): void => {
    const { resourceVersion } = object.metadata
    const patch = { metadata: { resourceVersion, ownerReferences: without(object, uids) } }
    client.patch(kind, keyOfObject(object), 'merge', patch)
  }

  const removeFinalizer = (kind: Kind, node: GraphNode, finalizer: string): void =>
    modify(kind, node, ({ metadata }) => {
      const finalizers = metadata.finalizers ?? []
      return finalizers.includes(finalizer)
        ? { finalizers: finalizers.filter((name) => name !== finalizer) }
        : undefined
    })

  /** Patches the metadata of the node's object as it is now; an object that is gone needs nothing any more. */
  function modify(
    kind: Kind,
    node: GraphNode,
    change: (object: KubeObject) => Record<string, unknown> | undefined,
  ): void {
    const object = client.find(kind, keyIn(kind, node))
    if (object?.metadata.uid !== node.uid) return
    const metadata = change(object)
    if (!metadata) return
    const { uid, resourceVersion } = object.metadata
    try {
      client.patch(kind, keyOfObject(object), 'merge', { metadata: { uid, resourceVersion, ...metadata } })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  function remove(kind: Kind, object: KubeObject, propagationPolicy: 'Orphan' | 'Foreground' | 'Background'): void {
    const { uid, resourceVersion } = object.metadata
    try {
      client.delete(kind, keyOfObject(object), { propagationPolicy, preconditions: { uid, resourceVersion } })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  const noteAbsent = (node: GraphNode): void => {
    for (const dependent of node.dependents) {
      charge(1 + dependent.owners.length / 64)
      const reference = dependent.owners.find(({ uid }) => uid === node.uid)
      if (reference) remember(absentKey(reference, dependent.namespace))
    }
  }
  const remember = (key: string): void => {
    absentOwners.add(key)
    if (absentOwners.size > ABSENT_OWNERS) for (const oldest of absentOwners) return void absentOwners.delete(oldest)
  }

  const listening = createListening(() => {
    deleteQueue.stop()
    orphanQueue.stop()
  })
  const collect = (kind: Kind): void =>
    listening.on(informers.informer(kind), {
      onAdd: (object) => graph.put(object),
      onUpdate: (object, old) => {
        // The object was deleted and made again between two deliveries.
        if (object.metadata.uid !== old.metadata.uid) graph.remove(old.metadata.uid)
        graph.put(object)
      },
      onDelete: (object) => graph.remove(object.metadata.uid),
    })
  for (const kind of kinds.filter(isCollected)) collect(kind)
  const collected = new Set<string>()
  custom.onStored((kind) => {
    const name = resourceName(kind)
    if (collected.has(name)) return
    collected.add(name)
    collect(kind)
    informers.start()
  })
  return listening
}

/** Of computing: to look up one owner. */
const stepsOfOwner = 10

const keyIn = (kind: Kind, { namespace, name }: GraphNode): ObjectKey => ({
  namespace: kind.isNamespaced ? namespace : '',
  name,
})

const keyOfObject = ({ metadata }: KubeObject): ObjectKey => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
})

/** The owner references but those; null takes the whole list out. */
function without({ metadata }: KubeObject, uids: readonly string[]): OwnerReference[] | null {
  const kept = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid))
  return kept.length > 0 ? kept : null
}

const absentKey = (reference: OwnerReference, namespace: string): string =>
  [reference.apiVersion, reference.kind, namespace, reference.name, reference.uid].join('|')
