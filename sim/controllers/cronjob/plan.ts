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
  /** How many were due since then, by the distance of the first two. */
  missed: number
}

/**
 * The latest run between the last one (or creation) and now. With runs that are far apart it looks at each; with many it
 * estimates, so that a CronJob that was asleep for a year costs nothing.
 * @throws Error when it never comes
 */
function recentRun(cronJob: CronJob, schedule: Schedule, nowMs: number, heedsDeadline: boolean): Recent {
  const { startingDeadlineSeconds } = cronJob.spec
  let sinceMs = Date.parse(cronJob.status.lastScheduleTime ?? cronJob.metadata.creationTimestamp)
  if (heedsDeadline && startingDeadlineSeconds !== undefined)
    sinceMs = Math.max(sinceMs, nowMs - startingDeadlineSeconds * 1000)
  const first = schedule.next(sinceMs)
  // 31 February: the real controller reckons from the year 1 to the year 1.
  if (first === undefined) throw new Error('time difference between two schedules is less than 1 second')
  if (nowMs < first) return { sinceMs, missed: 0 }
  const intervalMs = schedule.next(first)! - first
  const missed = Math.floor((nowMs - first) / intervalMs) + 1
  let latestMs: number | undefined
  let next = schedule.next(first + (missed - 2) * intervalMs)
  while (next !== undefined && next <= nowMs) {
    latestMs = next
    next = schedule.next(next)
  }
  return { sinceMs, latestMs, missed }
}

/** The run that is due, and whether a suspicious number before it was missed. @throws Error as recentRun */
export function dueRun(
  cronJob: CronJob,
  schedule: Schedule,
  nowMs: number,
): { dueMs: number; hasMissedMany: boolean } | undefined {
  const { latestMs, missed } = recentRun(cronJob, schedule, nowMs, true)
  return latestMs === undefined ? undefined : { dueMs: latestMs, hasMissedMany: missed > MANY_MISSED }
}

/** Milliseconds until it should be looked at again: at once when its schedule never comes, for that to be told. */
export function untilNextRunMs(cronJob: CronJob, schedule: Schedule, nowMs: number): number {
  if (schedule.next(nowMs) === undefined) return 0
  const { sinceMs, latestMs, missed } = recentRun(cronJob, schedule, nowMs, false)
  const next = schedule.next(latestMs ?? (missed === 0 ? sinceMs : nowMs))
  return next! + NEXT_DELTA_MS - nowMs
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
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: zonedTimestamp(dueMs, cronJob.spec.timeZone ?? 'UTC') },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  }
}

/** RFC 3339, by the clocks of that place. */
function zonedTimestamp(epochMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')!.value
  const offset = /[1-9]/.test(name) ? name.replace('GMT', '') : 'Z'
  return timestampOf(epochMs - Date.parse(`1970-01-01T00:00:00${offset}`)).replace('Z', offset)
}

/** Finished Jobs beyond the limits of the history, the earliest started first. */
export function planHistory({ spec }: CronJob, children: readonly Job[]): Job[] {
  const surplus = (type: 'Complete' | 'Failed', limit: number): Job[] => {
    const finished = children.filter(({ status }) => finishedCondition(status)?.type === type)
    return finished.sort(byStart).slice(0, Math.max(0, finished.length - limit))
  }
  return [...surplus('Complete', spec.successfulJobsHistoryLimit), ...surplus('Failed', spec.failedJobsHistoryLimit)]
}

/** Those without a start last, then by name. */
function byStart(a: Job, b: Job): number {
  const textOf = ({ metadata, status }: Job): string => `${status.startTime ?? '~'} ${metadata.name}`
  return textOf(a) < textOf(b) ? -1 : 1
}
