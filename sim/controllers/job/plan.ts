/**
 * How a Job stands, and which Pods it creates or deletes. Pure.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/, kubernetes/pkg/controller/job/job_controller.go
 */
import {
  addIndexes,
  countCommon,
  countIndexes,
  hasIndex,
  type Interval,
  parseIndexes,
} from '../../api/batch/indexes.ts'
import { isConditionTrue } from '../../api/batch/job/conditions.ts'
import type { Job } from '../../api/batch/types.ts'
import type { Pod } from '../../api/core/pod-types.ts'
import { type Condition, findCondition } from '../../api/meta/object.ts'
import { isActive, isFinished, isReady } from '../pod-state.ts'
import { byDeletionRank } from '../replicaset/deletion-rank.ts'
import { type Backoff, nextBackoff, remainingMs } from './backoff.ts'
import { judgeFailure } from './failure-policy.ts'
import {
  countIn,
  FAILURES,
  finishedAtMs,
  hasFinalizer,
  IGNORED_FAILURES,
  indexOf,
  isFailed,
  isIndexed,
  replacesOnlyFailed,
} from './pods.ts'

// No more creations or deletions than this in one go.
const MAX_PODS_PER_SYNC = 500

/** Why a Job ends: an interim condition, which becomes Complete or Failed when all its Pods are gone and counted. */
export interface Ending {
  type: 'SuccessCriteriaMet' | 'FailureTarget'
  reason?: string
  message?: string
}

/** What the Pods say of a Job. */
export interface JobState {
  job: Job
  pods: readonly Pod[]
  active: readonly Pod[]
  terminating: number
  ready: number
  succeeded: number
  failed: number
  backoff: Backoff
  /** Of an Indexed Job. */
  succeededIndexes: Interval[]
  /** With backoffLimitPerIndex. */
  failedIndexes: Interval[] | undefined
  /** The last failed Pod of each index that waits for a new one: its finalizer stays until the new one knows its count. */
  waiting: ReadonlyMap<number, Pod>
  nowEpochMs: number
}

/**
 * @param pods every Pod of the Job; those whose finalizer was removed a moment ago already without it
 * @param before the back-off as it was
 */
export function observeJob(job: Job, pods: readonly Pod[], before: Backoff, nowEpochMs: number): JobState {
  const { spec, status } = job
  const uncounted = status.uncountedTerminatedPods ?? {}
  const isNews = (pod: Pod, counted: readonly string[] | undefined): boolean =>
    hasFinalizer(pod) && !counted?.includes(pod.metadata.uid) && (!isIndexed(job) || indexOf(job, pod) !== undefined)
  const newSucceeded = pods.filter((pod) => pod.status.phase === 'Succeeded' && isNews(pod, uncounted.succeeded))
  const newFailed = pods.filter((pod) => isFailed(job, pod) && isNews(pod, uncounted.failed))
  const active = pods.filter(isActive)
  const completions = spec.completions ?? 0
  const succeededIndexes = addIndexes(
    parseIndexes(status.completedIndexes, completions),
    newSucceeded.flatMap((pod) => indexOf(job, pod) ?? []),
  )
  const failedIndexes =
    isIndexed(job) && spec.backoffLimitPerIndex !== undefined
      ? addIndexes(
          parseIndexes(status.failedIndexes, completions),
          pods.filter((pod) => hasFinalizer(pod) && failsIndex(job, pod)).flatMap((pod) => indexOf(job, pod) ?? []),
        )
      : undefined
  return {
    job,
    pods,
    active,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isFinished(pod)).length,
    ready: active.filter(isReady).length,
    succeeded: isIndexed(job)
      ? countIndexes(succeededIndexes)
      : (status.succeeded ?? 0) + newSucceeded.length + (uncounted.succeeded?.length ?? 0),
    failed:
      (status.failed ?? 0) +
      newFailed.filter((pod) => judgeFailure(job, pod).counts).length +
      (uncounted.failed?.length ?? 0),
    backoff: nextBackoff(before, newSucceeded, newFailed),
    succeededIndexes,
    failedIndexes,
    waiting: failedIndexes ? waitingPods(job, pods, active, succeededIndexes, failedIndexes) : new Map(),
    nowEpochMs,
  }
}

/** Whether the Pod's failure was one too many for its index. */
function failsIndex(job: Job, pod: Pod): boolean {
  if (!isFailed(job, pod)) return false
  const { counts, action } = judgeFailure(job, pod)
  if (action === 'FailIndex') return true
  return counts && countIn(pod, FAILURES) >= job.spec.backoffLimitPerIndex!
}

const allFailures = (pod: Pod): number => countIn(pod, FAILURES) + countIn(pod, IGNORED_FAILURES)

function waitingPods(
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
  succeeded: readonly Interval[],
  failed: readonly Interval[],
): Map<number, Pod> {
  const running = new Set(active.map((pod) => indexOf(job, pod)))
  const last = new Map<number, Pod>()
  for (const pod of pods) {
    const index = indexOf(job, pod)
    if (index === undefined || !hasFinalizer(pod) || !isFailed(job, pod) || running.has(index)) continue
    if (hasIndex(succeeded, index) || hasIndex(failed, index)) continue
    const known = last.get(index)
    if (!known || (allFailures(known) <= allFailures(pod) && finishedAtMs(pod) >= finishedAtMs(known)))
      last.set(index, pod)
  }
  return last
}

/** Annotations with which the next Pod of the index goes on counting. */
export function failureCounts({ job, failedIndexes, waiting }: JobState, index: number): Record<string, string> {
  if (!failedIndexes) return {}
  const replaced = waiting.get(index)
  const counts = replaced !== undefined && judgeFailure(job, replaced).counts
  const failures = countIn(replaced, FAILURES) + (counts ? 1 : 0)
  const ignored = countIn(replaced, IGNORED_FAILURES) + (replaced && !counts ? 1 : 0)
  return { [FAILURES]: String(failures), ...(ignored > 0 ? { [IGNORED_FAILURES]: String(ignored) } : {}) }
}

/** Whether the Job is over, and why; undefined while it goes on. */
export function findEnding(state: JobState): Ending | undefined {
  const { job, pods, failed, succeededIndexes, failedIndexes } = state
  const { spec, status } = job
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const known = findCondition(status.conditions, type)
    if (known?.status === 'True') return { type, reason: known.reason, message: known.message }
  }
  const failure = (reason: string, message: string): Ending => ({ type: 'FailureTarget', reason, message })
  for (const pod of pods.filter((one) => isFailed(job, one))) {
    const { message } = judgeFailure(job, pod)
    if (message !== undefined) return failure('PodFailurePolicy', message)
  }
  if (failed > spec.backoffLimit! || hasRestartedTooOften(job, pods))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (deadlineMs(state) === 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  if (!isIndexed(job)) return undefined
  const failedCount = countIndexes(failedIndexes ?? [])
  if (spec.maxFailedIndexes !== undefined && failedCount > spec.maxFailedIndexes)
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failedCount > 0 && failedCount + countIndexes(succeededIndexes) >= spec.completions!)
    return failure('FailedIndexes', 'Job has failed indexes')
  const rule = metSuccessRule(job, succeededIndexes)
  if (rule === undefined) return undefined
  return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
}

/**
 * Milliseconds until the Job has been active for too long; undefined when it may take its time. One that is being resumed
 * begins anew.
 */
export function deadlineMs({ job, nowEpochMs }: Pick<JobState, 'job' | 'nowEpochMs'>): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec
  if (activeDeadlineSeconds === undefined || suspend || !job.status.startTime || isSuspendedNow(job)) return undefined
  return Math.max(0, Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000 - nowEpochMs)
}

/** Under OnFailure the restarts of the running Pods are what counts. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += restartCount
  }
  const limit = spec.backoffLimit!
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function metSuccessRule({ spec }: Job, succeeded: readonly Interval[]): number | undefined {
  if (succeeded.length === 0) return undefined
  const at = (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount
    const wanted = parseIndexes(succeededIndexes, spec.completions!)
    if (wanted.length === 0) return false
    const present = countCommon(wanted, succeeded)
    return present === countIndexes(wanted) || (succeededCount !== undefined && present >= succeededCount)
  })
  return at < 0 ? undefined : at
}

export interface JobPlan {
  /** One entry a Pod: its index, or undefined. */
  create: (number | undefined)[]
  remove: Pod[]
  /** Pods are missing, and may be created then. */
  retryAfterMs?: number
}

/** Brings the number of active Pods to what is wanted: either creates or deletes, never both at once. */
export function planJob(state: JobState): JobPlan {
  const { job, active, succeeded, nowEpochMs } = state
  const { completions } = job.spec
  const parallelism = job.spec.parallelism!
  if (job.spec.suspend) return { create: [], remove: surplus(state, active.length) }
  const left = completions === undefined ? parallelism : completions - succeeded
  // A work queue that saw a success lets the others finish, and starts no more.
  const wanted = completions === undefined && succeeded > 0 ? active.length : Math.min(left, parallelism)
  const remove = surplus(state, active.length - wanted).slice(0, MAX_PODS_PER_SYNC)
  if (remove.length > 0) return { create: [], remove }
  const busy = active.length + (replacesOnlyFailed(job) ? state.terminating : 0)
  const missing = Math.min(wanted - busy, MAX_PODS_PER_SYNC)
  if (missing <= 0) return { create: [], remove }
  if (job.spec.backoffLimitPerIndex === undefined) {
    const waitMs = remainingMs(state.backoff, nowEpochMs)
    if (waitMs > 0) return { create: [], remove, retryAfterMs: waitMs }
    return {
      create: isIndexed(job) ? pendingIndexes(state, missing) : Array<undefined>(missing).fill(undefined),
      remove,
    }
  }
  const waits = pendingIndexes(state, missing).map((index) => ({ index, waitMs: waitOfIndex(state, index) }))
  const now = waits.filter(({ waitMs }) => waitMs === 0).map(({ index }) => index)
  if (now.length > 0 || waits.length === 0) return { create: now, remove }
  return { create: [], remove, retryAfterMs: Math.min(...waits.map(({ waitMs }) => waitMs)) }
}

function waitOfIndex({ waiting, nowEpochMs }: JobState, index: number): number {
  const pod = waiting.get(index)
  return pod ? remainingMs({ failures: allFailures(pod) + 1, lastFailureMs: finishedAtMs(pod) }, nowEpochMs) : 0
}

/** The lowest indexes that have neither ended nor a Pod. */
function pendingIndexes({ job, pods, succeededIndexes, failedIndexes }: JobState, count: number): number[] {
  const busy = replacesOnlyFailed(job) ? pods.filter((pod) => !isFinished(pod)) : pods.filter(isActive)
  const taken = addIndexes(
    [...succeededIndexes, ...(failedIndexes ?? [])],
    busy.flatMap((pod) => indexOf(job, pod) ?? []),
  )
  const pending: number[] = []
  const until = (end: number): void => {
    while (candidate < end && pending.length < count) pending.push(candidate++)
  }
  let candidate = 0
  for (const { first, last } of taken) {
    until(first)
    candidate = Math.max(candidate, last + 1)
  }
  until(job.spec.completions!)
  return pending
}

/** At least so many Pods, the least useful first; of an Indexed Job also those without an index of their own. */
function surplus({ job, active, nowEpochMs }: JobState, atLeast: number): Pod[] {
  const remove: Pod[] = []
  let left = byDeletionRank(active, active, nowEpochMs)
  if (isIndexed(job)) {
    // The last of each index in that order is the most useful, and stays.
    const last = new Map(left.map((pod) => [indexOf(job, pod), pod]))
    const stays = (pod: Pod): boolean => indexOf(job, pod) !== undefined && last.get(indexOf(job, pod)) === pod
    remove.push(...left.filter((pod) => !stays(pod)))
    left = left.filter(stays)
  }
  return [...remove, ...left.slice(0, Math.max(0, atLeast - remove.length))]
}

/** Whether as many Pods succeeded as it takes, and none is left running. */
export function isComplete({ job, succeeded }: JobState, activeCount: number): boolean {
  if (activeCount > 0) return false
  return job.spec.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions
}

/** Whether the Pod has been heard out, and its finalizer may go. */
export function mayLetGo({ job, waiting }: JobState, pod: Pod, isEnding: boolean): boolean {
  if (job.metadata.deletionTimestamp !== undefined || isEnding || pod.status.phase === 'Succeeded') return true
  if (!isFailed(job, pod)) return false
  const index = indexOf(job, pod)
  return index === undefined || waiting.get(index)?.metadata.uid !== pod.metadata.uid
}

/** The list with the condition as told; nothing becomes False that was not there. */
export function withCondition(
  list: readonly Condition[] | undefined,
  type: string,
  status: 'True' | 'False',
  { reason, message }: { reason?: string; message?: string },
  now: string,
): Condition[] {
  const conditions = [...(list ?? [])]
  const at = conditions.findIndex((condition) => condition.type === type)
  const known = conditions[at]
  if (known ? known.status === status && known.reason === reason && known.message === message : status === 'False')
    return conditions
  const condition: Condition = {
    type,
    status,
    lastProbeTime: now,
    lastTransitionTime: now,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  }
  if (known) conditions[at] = condition
  else conditions.push(condition)
  return conditions
}

export const isSuspendedNow = (job: Job): boolean => isConditionTrue(job.status, 'Suspended')
