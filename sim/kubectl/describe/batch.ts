/** kubectl describe job and cronjob. Source: k8s.io/kubectl/pkg/describe/describe.go */
import type { CronJob, Job } from '../../api/batch/types.ts'
import { printHumanDuration } from '../../api/meta/duration.ts'
import { formatLabelSelector, selectorText } from '../../api/meta/selector-text.ts'
import {
  type Describer,
  findEvents,
  printTime,
  writeAnnotations,
  writeController,
  writeEvents,
  writeHeader,
  writeLabels,
} from './common.ts'
import { writeTemplate } from './template.ts'

/** Longer lists of indexes are cut at the next comma. */
const MAX_INDEXES_LENGTH = 50
const UNSET = '<unset>'

export const describeJob: Describer<Job> = (job, w, context) => {
  const { metadata, spec, status } = job
  w.field(0, 'Name', metadata.name)
  w.field(0, 'Namespace', metadata.namespace ?? '')
  w.field(0, 'Selector', selectorText(spec.selector ?? {}))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  writeController(w, job)
  const optional = (title: string, value: string | number | boolean | undefined): void => {
    if (value !== undefined) w.field(0, title, value)
  }
  optional('Parallelism', spec.parallelism)
  w.field(0, 'Completions', spec.completions ?? UNSET)
  optional('Completion Mode', spec.completionMode)
  optional('Suspend', spec.suspend)
  optional('Backoff Limit', spec.backoffLimit)
  optional('TTL Seconds After Finished', spec.ttlSecondsAfterFinished)
  const { startTime, completionTime } = status
  if (startTime) w.field(0, 'Start Time', printTime(startTime))
  if (completionTime) w.field(0, 'Completed At', printTime(completionTime))
  if (startTime && completionTime)
    w.field(0, 'Duration', printHumanDuration(Date.parse(completionTime) - Date.parse(startTime)))
  if (spec.activeDeadlineSeconds !== undefined) w.field(0, 'Active Deadline Seconds', `${spec.activeDeadlineSeconds}s`)
  const active = `${status.active ?? 0} Active${status.ready === undefined ? '' : ` (${status.ready} Ready)`}`
  w.field(0, 'Pods Statuses', `${active} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`)
  if (spec.completionMode === 'Indexed') w.field(0, 'Completed Indexes', cutIndexes(status.completedIndexes))
  writeTemplate(w, spec.template)
  writeEvents(w, context, findEvents(context, job))
}

function cutIndexes(text: string | undefined): string {
  if (!text) return '<none>'
  const comma = text.indexOf(',', MAX_INDEXES_LENGTH)
  return comma < 0 ? text : `${text.slice(0, comma + 1)}...`
}

export const describeCronJob: Describer<CronJob> = (cronJob, w, context) => {
  const { spec, status } = cronJob
  writeHeader(w, cronJob)
  w.field(0, 'Schedule', spec.schedule)
  w.field(0, 'Concurrency Policy', spec.concurrencyPolicy)
  w.field(0, 'Suspend', spec.suspend ? 'True' : 'False')
  w.field(0, 'Time Zone', spec.timeZone ?? UNSET)
  w.field(0, 'Successful Job History Limit', spec.successfulJobsHistoryLimit)
  w.field(0, 'Failed Job History Limit', spec.failedJobsHistoryLimit)
  const seconds = (value: number | undefined): string => (value === undefined ? UNSET : `${value}s`)
  w.field(0, 'Starting Deadline Seconds', seconds(spec.startingDeadlineSeconds))
  const job = spec.jobTemplate.spec
  w.field(0, 'Selector', job.selector ? formatLabelSelector(job.selector) : UNSET)
  w.field(0, 'Parallelism', job.parallelism ?? UNSET)
  w.field(0, 'Completions', job.completions ?? UNSET)
  if (job.activeDeadlineSeconds !== undefined) w.field(0, 'Active Deadline Seconds', seconds(job.activeDeadlineSeconds))
  writeTemplate(w, job.template)
  w.field(0, 'Last Schedule Time', status.lastScheduleTime ? printTime(status.lastScheduleTime) : UNSET)
  w.field(0, 'Active Jobs', (status.active ?? []).map(({ name }) => name).join(', ') || '<none>')
  writeEvents(w, context, findEvents(context, cronJob))
}
