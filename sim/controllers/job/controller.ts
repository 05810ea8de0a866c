/** Runs the Pods of each Job until enough of them have succeeded, or too many failed. Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
import { addIndexes, hasIndex, parseIndexes, printIndexes } from '../../api/batch/indexes.ts'
import { finishedCondition } from '../../api/batch/job/conditions.ts'
import { jobs } from '../../api/batch/job.ts'
import type { Job, JobStatus } from '../../api/batch/types.ts'
import { pods } from '../../api/core/pod.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { isStatus, type StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { Expectations } from '../expectations.ts'
import { createListening } from '../handlers.ts'
import { claim, findController, indexByController, orphansIn, ownedBy, planClaims } from '../ownership.ts'
import { createPodControl } from '../pod-control.ts'
import { isActive, isReady } from '../pod-state.ts'
import { type Backoff, NO_BACKOFF } from './backoff.ts'
import { judgeFailure } from './failure-policy.ts'
import {
  deadlineMs,
  type Ending,
  failureCounts,
  findEnding,
  isComplete,
  isSuspendedNow,
  type JobState,
  mayLetGo,
  observeJob,
  planJob,
  withCondition,
} from './plan.ts'
import { FINALIZER, hasFinalizer, indexOf, isFailed, isIndexed, newPod } from './pods.ts'

// What Pods do is gathered for so long, so that a large Job is not looked at for each of them.
const BATCH_MS = 1000
/** Source: newSuccessCondition */
const COMPLETED: Ending = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}
const OWN_NAME = 'kubernetes.io/job-controller'

export const jobController: ControllerSpec = {
  name: 'job-controller',
  serviceAccount: 'job-controller',
  watches: [jobs, pods],
  start: startJobController,
}

const isOurs = ({ spec }: Job): boolean => (spec.managedBy ?? OWN_NAME) === OWN_NAME

function startJobController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const jobInformer = informers.informer(jobs)
  const podInformer = informers.informer(pods)
  indexByController(podInformer)
  const events = recorder('job-controller')
  const expectations = new Expectations(() => engine.nowMs)
  const podControl = createPodControl(client, events, expectations)
  const queue = createQueue({ name: 'job', workers: 5, reconcile, baseDelayMs: 1000, maxDelayMs: 60_000 })
  const strayQueue = createQueue({
    name: 'job stray pod',
    metricName: 'job_orphan_pod',
    workers: 1,
    reconcile: freeStray,
  })
  const keyOfJob = (job: Job): string => keyText(keyOf(job))
  const backoffs = new Map<string, Backoff>()
  /** Pods whose finalizer was removed here, and that the cache still shows with it. */
  const freed = new Set<string>()

  function reconcile(key: string): void {
    const job = jobInformer.get(parseKeyText(key))
    if (!job) {
      expectations.forget(key)
      backoffs.delete(key)
      return
    }
    if (!isOurs(job)) return
    if (finishedCondition(job.status)) {
      backoffs.delete(key)
      return
    }
    const mayAct = expectations.areSatisfied(key)
    const state = observeJob(job, claimPods(job), backoffs.get(key) ?? NO_BACKOFF, engine.epochMs)
    const status: JobStatus = { ...job.status, uncountedTerminatedPods: { ...job.status.uncountedTerminatedPods } }
    if (!status.startTime && !job.spec.suspend) status.startTime = engine.timestamp()
    const step = advance(key, state, status, mayAct)
    setNumber(status, 'active', step.active)
    status.ready = step.ready
    status.terminating = step.terminating
    track(key, state, status, step)
    const dueMs = deadlineMs({ job: { ...job, status }, nowEpochMs: engine.epochMs })
    if (dueMs !== undefined && !step.ending) queue.addAfter(key, dueMs)
    if (step.failure) throw step.failure
  }

  interface Step {
    active: number
    ready: number
    terminating: number
    ending?: Ending
    failure?: StatusError
  }

  /** Creates and deletes Pods as the state asks for; changes the conditions of suspension in `status`. */
  function advance(key: string, state: JobState, status: JobStatus, mayAct: boolean): Step {
    const { job, active } = state
    const ending = findEnding({ ...state, job: { ...job, status } })
    const step: Step = { active: active.length, ready: state.ready, terminating: state.terminating, ending }
    const gone = (removed: readonly Pod[]): void => {
      step.active -= removed.length
      step.ready -= removed.filter(isReady).length
      step.terminating += removed.length
    }
    if (ending) {
      const { removed, failure } = podControl.remove(job, key, active)
      // Not over yet while a Pod may be there that the cache does not show.
      if (removed.length !== active.length || !mayAct) step.ending = undefined
      gone(removed)
      step.failure = failure
      return step
    }
    if (mayAct && job.metadata.deletionTimestamp === undefined) {
      const plan = planJob(state)
      if (plan.remove.length > 0) {
        expectations.expectDeletions(
          key,
          plan.remove.map((pod) => keyText(keyOf(pod))),
        )
        // They are not wanted, which is no failure: let go before they end.
        for (const pod of plan.remove) free(pod)
        const { removed, failure } = podControl.remove(job, key, plan.remove)
        gone(removed)
        step.failure = failure
      } else if (plan.create.length > 0) {
        expectations.expectCreations(key, plan.create.length)
        const drafts = plan.create.map((index) =>
          newPod(job, index, index === undefined ? {} : failureCounts(state, index)),
        )
        const { created, failure } = podControl.create(job, key, drafts)
        step.active += created
        step.failure = failure
      } else if (plan.retryAfterMs !== undefined) queue.addAfter(key, plan.retryAfterMs)
    }
    if (isComplete(state, step.active)) step.ending = COMPLETED
    else if (mayAct && job.metadata.deletionTimestamp === undefined) noteSuspension(job, status)
    return step
  }

  function noteSuspension(job: Job, status: JobStatus): void {
    const suspends = job.spec.suspend ?? false
    if (suspends === isSuspendedNow(job)) return
    const word = suspends ? 'Suspended' : 'Resumed'
    const message = `Job ${word.toLowerCase()}`
    const text = { reason: `Job${word}`, message }
    status.conditions = withCondition(
      status.conditions,
      'Suspended',
      suspends ? 'True' : 'False',
      text,
      engine.timestamp(),
    )
    events.event(job, 'Normal', word, message)
    // The deadline is one of being active without a break.
    if (!suspends) status.startTime = engine.timestamp()
  }

  /**
   * Counts the Pods that ended, each exactly once: it is noted as about to be counted, then its finalizer is removed, then
   * it is counted. The Job is over when all is counted and no Pod is left.
   */
  function track(key: string, state: JobState, status: JobStatus, step: Step): void {
    const { job } = state
    const { ending } = step
    const letGo = noteEnded(state, status, ending)
    if (ending && !status.conditions?.some(({ type, status: value }) => type === ending.type && value === 'True'))
      status.conditions = withCondition(status.conditions, ending.type, 'True', ending, engine.timestamp())
    let current = job
    if (!equalJson(status, job.status)) {
      current = client.updateStatus(jobs, { ...job, status })
      backoffs.set(key, state.backoff)
    }
    for (const pod of letGo) free(pod)
    const counted = countNoted(current.status, state.pods)
    const isOver = ending !== undefined && !hasUncounted(counted) && step.terminating === 0
    const final = isOver ? finish(counted, ending) : counted
    if (!equalJson(final, current.status)) client.updateStatus(jobs, { ...current, status: final })
    if (isOver) tellEnd(job, final, ending)
  }

  /** Notes in `status` which Pods are to be counted; returns those whose finalizer goes. */
  function noteEnded(state: JobState, status: JobStatus, ending: Ending | undefined): Pod[] {
    const { job, pods: all } = state
    const uncounted = status.uncountedTerminatedPods!
    const succeeded = [...(uncounted.succeeded ?? [])]
    const failed = [...(uncounted.failed ?? [])]
    const letGo = all.filter((pod) => hasFinalizer(pod) && mayLetGo(state, pod, ending !== undefined))
    const completed = parseIndexes(status.completedIndexes, job.spec.completions ?? 0)
    const newIndexes: number[] = []
    for (const pod of letGo) {
      const { uid } = pod.metadata
      const index = indexOf(job, pod)
      if (pod.status.phase === 'Succeeded' && !failed.includes(uid)) {
        if (!isIndexed(job)) {
          if (!succeeded.includes(uid)) succeeded.push(uid)
        } else if (index !== undefined && !hasIndex(completed, index)) newIndexes.push(index)
      } else if (isFailed(job, pod) || ending?.type === 'FailureTarget') {
        const isValid = !isIndexed(job) || index !== undefined
        if (isValid && !failed.includes(uid) && judgeFailure(job, pod).counts) failed.push(uid)
      }
    }
    status.uncountedTerminatedPods = {
      ...(succeeded.length > 0 ? { succeeded } : {}),
      ...(failed.length > 0 ? { failed } : {}),
    }
    if (isIndexed(job)) {
      const indexes = addIndexes(completed, newIndexes)
      const text = printIndexes(indexes)
      if (text) status.completedIndexes = text
      else delete status.completedIndexes
      setNumber(
        status,
        'succeeded',
        indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0),
      )
      if (state.failedIndexes) status.failedIndexes = printIndexes(state.failedIndexes)
    }
    return letGo
  }

  /** The status with those counted whose finalizer is gone. */
  function countNoted(status: JobStatus, all: readonly Pod[]): JobStatus {
    const held = new Set(
      all.filter((pod) => hasFinalizer(pod) && !freed.has(pod.metadata.uid)).map(({ metadata }) => metadata.uid),
    )
    const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
    const left = { succeeded: succeeded.filter((uid) => held.has(uid)), failed: failed.filter((uid) => held.has(uid)) }
    const counted: JobStatus = { ...status }
    setNumber(counted, 'succeeded', (status.succeeded ?? 0) + succeeded.length - left.succeeded.length)
    setNumber(counted, 'failed', (status.failed ?? 0) + failed.length - left.failed.length)
    counted.uncountedTerminatedPods = {
      ...(left.succeeded.length > 0 ? { succeeded: left.succeeded } : {}),
      ...(left.failed.length > 0 ? { failed: left.failed } : {}),
    }
    return counted
  }

  function finish(status: JobStatus, ending: Ending): JobStatus {
    const now = engine.timestamp()
    const isSuccess = ending.type === 'SuccessCriteriaMet'
    const conditions = withCondition(status.conditions, isSuccess ? 'Complete' : 'Failed', 'True', ending, now)
    return { ...status, conditions, ...(isSuccess ? { completionTime: now } : {}) }
  }

  function tellEnd(job: Job, status: JobStatus, ending: Ending): void {
    if (ending.type === 'FailureTarget') {
      events.event(job, 'Warning', ending.reason ?? '', ending.message ?? '')
      return
    }
    if (job.spec.completions !== undefined && (status.succeeded ?? 0) > job.spec.completions)
      events.event(
        job,
        'Warning',
        'TooManySucceededPods',
        'Too many succeeded pods running after completion count reached',
      )
    events.event(job, 'Normal', 'Completed', 'Job completed')
  }

  /** Removes the finalizer. */
  function free(pod: Pod): void {
    if (!hasFinalizer(pod) || freed.has(pod.metadata.uid)) return
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER], uid: pod.metadata.uid } }
    try {
      client.patch(pods, keyOf(pod), 'strategic', patch)
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error
    }
    freed.add(pod.metadata.uid)
  }

  function claimPods(job: Job): readonly Pod[] {
    const owned = ownedBy(podInformer, job.metadata.uid)
    const orphans = orphansIn(podInformer, job.metadata.namespace!)
    const plan = planClaims(job, job.spec.selector!, owned, orphans)
    for (const pod of plan.release) free(pod)
    const mine = claim(client, jobs, job, pods, plan, { finalizers: [FINALIZER] })
    return mine.some((pod) => freed.has(pod.metadata.uid))
      ? mine.map((pod) => (freed.has(pod.metadata.uid) ? withoutFinalizer(pod) : pod))
      : mine
  }

  /** A Pod whose Job is gone or over will never be counted. */
  function freeStray(key: string): void {
    const pod = podInformer.get(parseKeyText(key))
    if (!pod || !hasFinalizer(pod)) return
    const reference = controllerOf(pod)
    if (reference) {
      if (reference.kind !== jobs.kind || reference.apiVersion !== jobs.apiVersion) return
      const job = client.find(jobs, { namespace: pod.metadata.namespace!, name: reference.name })
      if (job?.metadata.uid === reference.uid && (!isOurs(job) || !finishedCondition(job.status))) return
    }
    free(pod)
  }

  const ownerOf = (pod: Pod): Job | undefined => findController(pod, jobs, jobInformer)
  const enqueueSoon = (job: Job): void => queue.addAfter(keyOfJob(job), BATCH_MS)
  const offer = (pod: Pod): void => {
    for (const job of jobInformer.list(pod.metadata.namespace))
      if (selectorMatches(job.spec.selector, pod.metadata.labels)) enqueueSoon(job)
  }
  const checkStray = (pod: Pod, job: Job | undefined): void => {
    if (hasFinalizer(pod) && (!job || finishedCondition(job.status))) strayQueue.add(keyText(keyOf(pod)))
  }
  const podGone = (pod: Pod): void => {
    const job = ownerOf(pod)
    if (!job) return
    expectations.deletionObserved(keyOfJob(job), keyText(keyOf(pod)))
    enqueueSoon(job)
  }

  const listening = createListening(() => {
    queue.stop()
    strayQueue.stop()
  })
  listening.on(jobInformer, {
    onAdd: (job) => queue.add(keyOfJob(job)),
    onUpdate(job, old) {
      if (job.metadata.generation !== old.metadata.generation || job.metadata.deletionTimestamp !== undefined)
        queue.add(keyOfJob(job))
      else enqueueSoon(job)
      if (finishedCondition(job.status) && !finishedCondition(old.status))
        for (const pod of ownedBy(podInformer, job.metadata.uid)) checkStray(pod, job)
    },
    onDelete(job) {
      expectations.forget(keyOfJob(job))
      queue.add(keyOfJob(job))
      for (const pod of ownedBy(podInformer, job.metadata.uid)) checkStray(pod, undefined)
    },
  })
  listening.on(podInformer, {
    onAdd(pod) {
      const job = ownerOf(pod)
      checkStray(pod, controllerOf(pod)?.kind === jobs.kind || !controllerOf(pod) ? job : undefined)
      if (pod.metadata.deletionTimestamp !== undefined) podGone(pod)
      else if (job) {
        expectations.creationObserved(keyOfJob(job))
        enqueueSoon(job)
      } else if (!controllerOf(pod)) offer(pod)
    },
    onUpdate(pod, old) {
      if (!hasFinalizer(pod)) freed.delete(pod.metadata.uid)
      const job = ownerOf(pod)
      checkStray(pod, job)
      if (pod.metadata.deletionTimestamp !== undefined && old.metadata.deletionTimestamp === undefined) {
        podGone(pod)
        return
      }
      const former = controllerOf(old)?.uid === controllerOf(pod)?.uid ? undefined : ownerOf(old)
      if (former) enqueueSoon(former)
      if (job) {
        if (former || isNews(pod, old)) enqueueSoon(job)
      } else if (!controllerOf(pod) && !equalJson(pod.metadata.labels, old.metadata.labels)) offer(pod)
    },
    onDelete(pod) {
      freed.delete(pod.metadata.uid)
      podGone(pod)
    },
  })
  return listening
}

/** Whether the change of a Pod can change what its Job does or reports. */
const isNews = (pod: Pod, old: Pod): boolean =>
  pod.status.phase !== old.status.phase ||
  isActive(pod) !== isActive(old) ||
  isReady(pod) !== isReady(old) ||
  restartsOf(pod) !== restartsOf(old) ||
  !equalJson(pod.metadata.finalizers, old.metadata.finalizers) ||
  !equalJson(pod.metadata.labels, old.metadata.labels)

const restartsOf = ({ status }: Pod): number =>
  [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].reduce(
    (sum, { restartCount }) => sum + restartCount,
    0,
  )

const withoutFinalizer = (pod: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, finalizers: pod.metadata.finalizers?.filter((one) => one !== FINALIZER) },
})

const hasUncounted = ({ uncountedTerminatedPods: uncounted }: JobStatus): boolean =>
  (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0) > 0

/** A count of nothing is left out. */
function setNumber(status: JobStatus, field: 'active' | 'succeeded' | 'failed', value: number): void {
  if (value > 0) status[field] = value
  else delete status[field]
}
