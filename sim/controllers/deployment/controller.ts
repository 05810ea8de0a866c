/** Rolls Deployments out through ReplicaSets. Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ */
import { deployments } from '../../api/apps/deployment.ts'
import { replicaSets } from '../../api/apps/replica-set.ts'
import type { Deployment, ReplicaSet } from '../../api/apps/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, type Draft, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import type { Timer } from '../../engine/engine.ts'
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
import { isFinished } from '../pod-state.ts'
import {
  actualReplicasOf,
  byAge,
  isSized,
  newestSetReplicas,
  planCleanup,
  planNewest,
  planOld,
  planScale,
  type Scaling,
} from './plan.ts'
import { desiredAnnotation, maxRevision, newestSetAnnotations, REVISION, sizeAnnotations } from './revision.ts'
import {
  hasDeadline,
  isComplete,
  newCondition,
  nextDeadlineCheckMs,
  progressingOf,
  rolloutStatusOf,
  statusOf,
  withCondition,
} from './status.ts'
import { HASH_LABEL, isSameTemplate, templateHash } from './template-hash.ts'

const MAX_RETRIES = 15

export const deploymentController: ControllerSpec = {
  name: 'deployment-controller',
  serviceAccount: 'deployment-controller',
  watches: [deployments, replicaSets, pods],
  start: startDeploymentController,
}

/** The ReplicaSets of a Deployment during one reconcile. */
interface History {
  newest: ReplicaSet | undefined
  old: ReplicaSet[]
}

const allOf = ({ newest, old }: History): ReplicaSet[] => (newest ? [...old, newest] : old)

function startDeploymentController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const deploymentInformer = informers.informer(deployments)
  const setInformer = informers.informer(replicaSets)
  const podInformer = informers.informer(pods)
  indexByController(setInformer)
  indexByController(podInformer)
  const events = recorder('deployment-controller')
  const queue = createQueue({ name: 'deployment', workers: 5, maxRetries: MAX_RETRIES, reconcile })
  const enqueue = (deployment: Deployment): void => queue.add(keyText(keyOf(deployment)))
  /** When to look at a rollout that stands still. */
  const deadlines = new Map<string, Timer>()

  function reconcile(key: string): void {
    const cached = deploymentInformer.get(parseKeyText(key))
    if (!cached) {
      engine.cancel(deadlines.get(key))
      deadlines.delete(key)
      return
    }
    const sets = claimSets(cached)
    if (cached.metadata.deletionTimestamp !== undefined) {
      const found = findHistory(cached, sets)
      writeStatus(found.deployment, statusOf(found.deployment, allOf(found), found.newest, engine.timestamp()))
      return
    }
    const deployment = notePause(cached)
    if (deployment.spec.paused || isScaling(deployment, sets)) scale(deployment, sets)
    else if (deployment.spec.strategy.type === 'Recreate') recreate(deployment, sets)
    else roll(deployment, sets)
  }

  function claimSets(deployment: Deployment): readonly ReplicaSet[] {
    const owned = ownedBy(setInformer, deployment.metadata.uid)
    const orphans = orphansIn(setInformer, deployment.metadata.namespace!)
    return claim(
      client,
      deployments,
      deployment,
      replicaSets,
      planClaims(deployment, deployment.spec.selector, owned, orphans),
    )
  }

  /** Pausing and resuming stop the clock of the progress deadline. */
  function notePause(deployment: Deployment): Deployment {
    const current = progressingOf(deployment.status)
    if (!hasDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return deployment
    const wasPaused = current?.reason === 'DeploymentPaused'
    const isPaused = deployment.spec.paused ?? false
    if (isPaused === wasPaused) return deployment
    const [reason, message] = isPaused
      ? ['DeploymentPaused', 'Deployment is paused']
      : ['DeploymentResumed', 'Deployment is resumed']
    return client.updateStatus(deployments, withProgressing(deployment, 'Unknown', reason, message))
  }

  const isScaling = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
    sets.filter(isSized).some((set) => {
      const desired = desiredAnnotation(set)
      return desired !== undefined && desired !== deployment.spec.replicas
    })

  function scale(given: Deployment, sets: readonly ReplicaSet[]): void {
    const found = findHistory(given, sets)
    const { deployment } = found
    const scaled = applyScalings(deployment, planScale(deployment, found.newest, found.old), found)
    if (deployment.spec.paused) cleanUp(deployment, scaled.old)
    writeStatus(deployment, statusOf(deployment, allOf(scaled), scaled.newest, engine.timestamp()))
  }

  function roll(given: Deployment, sets: readonly ReplicaSet[]): void {
    const { deployment, newest, old } = withNewest(given, sets)
    const history = { newest, old }
    const step = planNewest(deployment, allOf(history), newest)
    const steps = step ? [step] : planOld(deployment, old, newest)
    if (steps.length === 0 && isComplete(deployment, deployment.status)) cleanUp(deployment, old)
    writeRolloutStatus(deployment, applyScalings(deployment, steps, history))
  }

  function recreate(given: Deployment, sets: readonly ReplicaSet[]): void {
    const found = findHistory(given, sets)
    const shrunk = found.old.filter(isSized).map((set): Scaling => ({ set, replicas: 0 }))
    if (shrunk.length > 0 || haveOldPods(found)) {
      writeRolloutStatus(found.deployment, applyScalings(found.deployment, shrunk, found))
      return
    }
    const { deployment, newest, old } = withNewest(found.deployment, sets)
    const step: Scaling[] =
      newest.spec.replicas === deployment.spec.replicas ? [] : [{ set: newest, replicas: deployment.spec.replicas }]
    const history = applyScalings(deployment, step, { newest, old })
    if (isComplete(deployment, deployment.status)) cleanUp(deployment, old)
    writeRolloutStatus(deployment, history)
  }

  const haveOldPods = ({ old }: History): boolean =>
    actualReplicasOf(old) > 0 ||
    old.some((set) => ownedBy(podInformer, set.metadata.uid).some((pod) => !isFinished(pod)))

  /** Tells the newest ReplicaSet from the old, and brings its annotations and the Deployment's revision up to date. */
  function findHistory(deployment: Deployment, sets: readonly ReplicaSet[]): History & { deployment: Deployment } {
    const newest = [...sets].sort(byAge).find((set) => isSameTemplate(set.spec.template, deployment.spec.template))
    const old = sets.filter((set) => set !== newest)
    if (!newest) return { deployment, newest, old }
    const annotations = newestSetAnnotations(deployment, newest, maxRevision(old) + 1n)
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0
    if (
      !equalJson(annotations, newest.metadata.annotations ?? {}) ||
      (newest.spec.minReadySeconds ?? 0) !== minReadySeconds
    ) {
      const { minReadySeconds: _, ...others } = newest.spec
      const updated = client.update(replicaSets, {
        ...newest,
        metadata: { ...newest.metadata, annotations },
        spec: { ...others, ...(minReadySeconds ? { minReadySeconds } : {}) },
      })
      return { deployment, newest: updated, old }
    }
    const revision = annotations[REVISION]
    let current = withRevision(deployment, revision)
    if (hasDeadline(deployment) && !progressingOf(deployment.status)) {
      current = withProgressing(
        current,
        'True',
        'FoundNewReplicaSet',
        `Found new replica set "${newest.metadata.name}"`,
      )
    }
    // The object goes on with the resourceVersion it had: what is written of it later in this reconcile conflicts, and is retried.
    if (current !== deployment) client.updateStatus(deployments, current)
    return { deployment: current, newest, old }
  }

  /** As findHistory, creating the newest ReplicaSet when there is none. */
  function withNewest(
    given: Deployment,
    sets: readonly ReplicaSet[],
  ): { deployment: Deployment; newest: ReplicaSet; old: ReplicaSet[] } {
    const { deployment, newest, old } = findHistory(given, sets)
    return newest ? { deployment, newest, old } : { ...createNewest(deployment, old), old }
  }

  function createNewest(
    deployment: Deployment,
    old: readonly ReplicaSet[],
  ): { deployment: Deployment; newest: ReplicaSet } {
    const revision = maxRevision(old) + 1n
    const draft = newReplicaSet(deployment, revision, newestSetReplicas(deployment, old, 0))
    const name = draft.metadata.name!
    let newest: ReplicaSet
    let isMade = true
    try {
      newest = client.create(replicaSets, draft)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      const existing = error.reason === 'AlreadyExists' ? findSame(deployment, name) : undefined
      if (!existing) {
        noteFailedCreation(deployment, name, error)
        throw error
      }
      newest = existing
      isMade = false
    }
    const replicas = newest.spec.replicas
    if (isMade && replicas > 0)
      events.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`)
    let current = withRevision(deployment, String(revision))
    if (isMade && hasDeadline(deployment)) {
      current = withProgressing(current, 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
    }
    if (current !== deployment) client.updateStatus(deployments, current)
    return { deployment: current, newest }
  }

  /** The ReplicaSet of that name, if it is this Deployment's and of this template: an earlier reconcile made it. */
  function findSame(deployment: Deployment, name: string): ReplicaSet | undefined {
    const existing = client.find(replicaSets, { namespace: deployment.metadata.namespace!, name })
    if (!existing || controllerOf(existing)?.uid !== deployment.metadata.uid) return undefined
    return isSameTemplate(existing.spec.template, deployment.spec.template) ? existing : undefined
  }

  function noteFailedCreation(deployment: Deployment, name: string, error: StatusError): void {
    if (error.reason === 'AlreadyExists') {
      const collisionCount = (deployment.status.collisionCount ?? 0) + 1
      client.updateStatus(deployments, { ...deployment, status: { ...deployment.status, collisionCount } })
      return
    }
    if (error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')) return
    const message = `Failed to create new replica set "${name}": ${error.message}`
    if (hasDeadline(deployment)) {
      const failed = withProgressing(deployment, 'False', 'ReplicaSetCreateError', message)
      // What could not be written now is written by the retry that follows.
      if (failed !== deployment) ignoreRefusal(() => client.updateStatus(deployments, failed))
    }
    events.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  }

  /** Sizes the ReplicaSets one after the other; returns them as they are then. */
  function applyScalings(deployment: Deployment, scalings: readonly Scaling[], history: History): History {
    const current = new Map(allOf(history).map((set) => [set.metadata.uid, set]))
    for (const { set, replicas } of scalings) {
      const before = current.get(set.metadata.uid)!
      const annotations = { ...before.metadata.annotations, ...sizeAnnotations(deployment) }
      const isResized = before.spec.replicas !== replicas
      if (!isResized && equalJson(annotations, before.metadata.annotations)) continue
      const after = client.update(replicaSets, {
        ...before,
        metadata: { ...before.metadata, annotations },
        spec: { ...before.spec, replicas },
      })
      current.set(set.metadata.uid, after)
      if (!isResized) continue
      const direction = before.spec.replicas < replicas ? 'up' : 'down'
      const message = `Scaled ${direction} replica set ${before.metadata.name} from ${before.spec.replicas} to ${replicas}`
      events.event(deployment, 'Normal', 'ScalingReplicaSet', message)
    }
    const now = (set: ReplicaSet): ReplicaSet => current.get(set.metadata.uid)!
    return { newest: history.newest && now(history.newest), old: history.old.map(now) }
  }

  function cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): void {
    for (const set of planCleanup(deployment, old)) {
      try {
        client.delete(replicaSets, keyOf(set))
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error
      }
    }
  }

  function writeRolloutStatus(deployment: Deployment, history: History): void {
    const status = rolloutStatusOf(deployment, allOf(history), history.newest, engine.epochMs, engine.timestamp())
    const key = keyText(keyOf(deployment))
    // Only a rollout that does not move waits for its deadline; one that has ended leaves nothing due.
    engine.cancel(deadlines.get(key))
    deadlines.delete(key)
    if (writeStatus(deployment, status)) return
    const checkMs = nextDeadlineCheckMs(deployment, status, engine.epochMs)
    if (checkMs === 0) queue.addRateLimited(key)
    else if (checkMs !== undefined)
      deadlines.set(
        key,
        engine.after(checkMs, 'progress deadline', () => queue.add(key)),
      )
  }

  /** False when there is nothing to write. */
  function writeStatus(deployment: Deployment, status: Deployment['status']): boolean {
    if (equalJson(deployment.status, status)) return false
    client.updateStatus(deployments, { ...deployment, status })
    return true
  }

  function withProgressing(
    deployment: Deployment,
    status: 'True' | 'False' | 'Unknown',
    reason: string,
    message: string,
  ): Deployment {
    const condition = newCondition('Progressing', status, reason, message, engine.timestamp())
    const conditions = withCondition(deployment.status.conditions, condition)
    return { ...deployment, status: { ...deployment.status, conditions } }
  }

  const ownerChanged = (set: ReplicaSet): void => {
    const owner = findController(set, deployments, deploymentInformer)
    if (owner) enqueue(owner)
  }
  const offer = (set: ReplicaSet): void => {
    for (const deployment of deploymentInformer.list(set.metadata.namespace)) {
      if (selectorMatches(deployment.spec.selector, set.metadata.labels)) enqueue(deployment)
    }
  }
  /** Recreate waits for the last old Pod to be gone. */
  const podGone = (pod: Pod): void => {
    const set = findController(pod, replicaSets, setInformer)
    const deployment = set && findController(set, deployments, deploymentInformer)
    if (deployment?.spec.strategy.type !== 'Recreate') return
    const sets = ownedBy(setInformer, deployment.metadata.uid)
    if (sets.every(({ metadata }) => ownedBy(podInformer, metadata.uid).length === 0)) enqueue(deployment)
  }

  const listening = createListening(() => {
    queue.stop()
    for (const timer of deadlines.values()) engine.cancel(timer)
  })
  listening.on(deploymentInformer, {
    onAdd: enqueue,
    onUpdate: (deployment) => enqueue(deployment),
    onDelete: enqueue,
  })
  listening.on(setInformer, {
    onAdd: (set) => (controllerOf(set) ? ownerChanged(set) : offer(set)),
    onUpdate: (set, old) => {
      const before = controllerOf(old)
      const after = controllerOf(set)
      if (before && before.uid !== after?.uid) ownerChanged(old)
      if (after) ownerChanged(set)
      else if (before || !equalJson(set.metadata.labels, old.metadata.labels)) offer(set)
    },
    onDelete: ownerChanged,
  })
  listening.on(podInformer, { onDelete: podGone })
  return listening
}

function withRevision(deployment: Deployment, revision: string): Deployment {
  const { metadata } = deployment
  if (metadata.annotations?.[REVISION] === revision) return deployment
  return { ...deployment, metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } } }
}

function newReplicaSet(deployment: Deployment, revision: bigint, replicas: number): Draft<ReplicaSet> {
  const { template, selector, minReadySeconds } = deployment.spec
  const hash = templateHash(template, deployment.status.collisionCount)
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  return {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: newestSetAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

function ignoreRefusal(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}
