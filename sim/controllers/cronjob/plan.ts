/**
 * When a CronJob is due, and what it does about it. Pure.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/, kubernetes/pkg/controller/cronjob
 */
import type { Schedule } from '../../api/batch/cron-job/schedule.ts'
import { finishedCondition } from '../../api/batch/job/conditions.ts'
import type { CronJob, Job } from '../../api/batch/types.ts'
import type { Draft } from '../../api/meta/object.ts'
import { timestampOf } from '../../engine/engine.ts'
import { controllerReference } from '../ownership.ts'

const MANY_MISSED = 100
// The real clock is never quite on time; being a little late is being sure.
const NEXT_DELTA_MS = 100
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

interface Recent {
  /** From when on runs are looked for. */
  sinceMs: number
  /** The latest run that is due, if one is. */
  latestMs?: number
  missed: 'none' | 'few' | 'many'
}

/**
 * The latest run between the last one (or creation) and now. With runs that are far apart it looks at each; with many it
 * estimates, so that a CronJob that was asleep for a year costs nothing.
 * @throws Error when the schedule has no second run
 */
function recentRun(cronJob: CronJob, schedule: Schedule, nowMs: number, heedsDeadline: boolean): Recent {
  const { startingDeadlineSeconds } = cronJob.spec
  let sinceMs = Date.parse(cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp)
  if (heedsDeadline && startingDeadlineSeconds !== undefined)
    sinceMs = Math.max(sinceMs, nowMs - startingDeadlineSeconds * 1000)
  const first = schedule.next(sinceMs)
  const second = first === undefined ? undefined : schedule.next(first)
  if (first === undefined || nowMs < first) return { sinceMs, missed: 'none' }
  if (second === undefined || nowMs < second) return { sinceMs, latestMs: first, missed: 'none' }
  const intervalMs = Math.round((second - first) / 1000) * 1000
  if (intervalMs < 1000) throw new Error('time difference between two schedules is less than 1 second')
  const missed = Math.floor(Math.floor((nowMs - first) / 1000) / (intervalMs / 1000)) + 1
  let latestMs: number | undefined
  let next = schedule.next(first + (missed - 2) * intervalMs)
  while (next !== undefined && next <= nowMs) {
    latestMs = next
    next = schedule.next(next)
  }
  return { sinceMs, latestMs, missed: missed > MANY_MISSED ? 'many' : missed > 0 ? 'few' : 'none' }
}

/** The run that is due, and whether a suspicious number before it was missed. @throws Error as recentRun */
export function dueRun(
  cronJob: CronJob,
  schedule: Schedule,
  nowMs: number,
): { dueMs: number; hasMissedMany: boolean } | undefined {
  const { latestMs, missed } = recentRun(cronJob, schedule, nowMs, true)
  return latestMs === undefined ? undefined : { dueMs: latestMs, hasMissedMany: missed === 'many' }
}

/** Milliseconds until it should be looked at again; undefined when it will never be due. */
export function untilNextRunMs(cronJob: CronJob, schedule: Schedule, nowMs: number): number | undefined {
  let fromMs = nowMs
  try {
    const { sinceMs, latestMs, missed } = recentRun(cronJob, schedule, nowMs, false)
    fromMs = latestMs ?? (missed === 'none' ? sinceMs : nowMs)
  } catch {
    // The slot after now will do.
  }
  const next = schedule.next(fromMs)
  return next === undefined ? undefined : next + NEXT_DELTA_MS - nowMs
}

/** The name says which run the Job is: it can't be made twice. */
export const jobName = (cronJob: CronJob, dueMs: number): string =>
  `${cronJob.metadata.name}-${Math.floor(dueMs / 60_000)}`

export function newJob(cronJob: CronJob, dueMs: number): Draft<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate
  return {
    metadata: {
      name: jobName(cronJob, dueMs),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timestampOf(dueMs) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  }
}

/** Finished Jobs beyond the limits of the history, the earliest started first. */
export function planHistory({ spec }: CronJob, children: readonly Job[]): Job[] {
  const surplus = (type: 'Complete' | 'Failed', limit: number): Job[] => {
    const finished = children.filter(({ status }) => finishedCondition(status)?.type === type).sort(byStart)
    return finished.slice(0, Math.max(0, finished.length - limit))
  }
  return [...surplus('Complete', spec.successfulJobsHistoryLimit), ...surplus('Failed', spec.failedJobsHistoryLimit)]
}

function byStart(a: Job, b: Job): number {
  const [left, right] = [a.status.startTime ?? '~', b.status.startTime ?? '~']
  if (left !== right) return left < right ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}
