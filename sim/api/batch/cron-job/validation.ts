/** What a CronJob must be. Source: kubernetes/pkg/apis/batch/validation/validation.go */
import { WORKLOAD_META } from '../../core/workload/validation.ts'
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { internalForm } from '../../schema/internal-form.ts'
import { validateJobSpec } from '../job/validation.ts'
import type { CronJob } from '../types.ts'
import { isTimeZone, parseSchedule } from './schedule.ts'

/** Eleven characters are added for the time of a Job. */
const MAX_NAME_LENGTH = 52
const POLICIES = ['Allow', 'Forbid', 'Replace']

export function validateCronJob(cronJob: CronJob): FieldError[] {
  const { metadata, spec } = cronJob
  const errors = [...validateObjectMeta(metadata, WORKLOAD_META), ...validateSpec(spec, undefined)]
  if (metadata.name && metadata.name.length > MAX_NAME_LENGTH)
    errors.push(invalid('metadata.name', metadata.name, `must be no more than ${MAX_NAME_LENGTH} characters`))
  return errors
}

export const validateCronJobUpdate = (cronJob: CronJob, old: CronJob): FieldError[] => [
  ...validateObjectMetaUpdate(cronJob.metadata, old.metadata),
  ...validateSpec(cronJob.spec, old.spec),
]

export const validateCronJobStatusUpdate = (cronJob: CronJob, old: CronJob): FieldError[] =>
  validateObjectMetaUpdate(cronJob.metadata, old.metadata)

function validateSpec(spec: CronJob['spec'], old: CronJob['spec'] | undefined): FieldError[] {
  const { schedule, jobTemplate, concurrencyPolicy } = spec
  const errors = schedule ? validateSchedule(schedule) : [required('spec.schedule')]
  errors.push(...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds))
  if (spec.timeZone !== old?.timeZone) errors.push(...validateTimeZone(spec.timeZone))
  if (!POLICIES.includes(concurrencyPolicy))
    errors.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, POLICIES))
  errors.push(...validateJobSpec(jobTemplate.spec, 'spec.jobTemplate.spec'))
  const { selector, manualSelector } = jobTemplate.spec
  if (selector)
    errors.push(
      invalid(
        'spec.jobTemplate.spec.selector',
        internalForm('LabelSelector', selector),
        '`selector` will be auto-generated',
      ),
    )
  if (manualSelector)
    errors.push(notSupported('spec.jobTemplate.spec.manualSelector', manualSelector, ['nil', 'false']))
  return [
    ...errors,
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function validateSchedule(schedule: string): FieldError[] {
  const errors: FieldError[] = []
  try {
    parseSchedule(fieldsOf(schedule))
  } catch (error) {
    errors.push(invalid('spec.schedule', schedule, (error as Error).message))
  }
  if (schedule.includes('TZ'))
    errors.push(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
  return errors
}

/**
 * What is behind a zone, which is understood and refused all the same.
 * @throws Error as the parser words it. Source: github.com/robfig/cron/v3, parser.go; ParseCronScheduleWithPanicRecovery of
 * kubernetes/pkg/util/parsers
 */
function fieldsOf(schedule: string): string {
  const prefix = /^(CRON_)?TZ=/.exec(schedule)?.[0]
  if (prefix === undefined) return schedule
  const space = schedule.indexOf(' ')
  if (space < 0) throw new Error('invalid schedule format: runtime error: slice bounds out of range [:-1]')
  const zone = schedule.slice(prefix.length, space)
  if (zone !== '' && zone !== 'Local' && !isTimeZone(zone))
    throw new Error(`provided bad location ${zone}: unknown time zone ${zone}`)
  return schedule.slice(space).trim()
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  if (timeZone === undefined) return []
  const refuse = (why: string): FieldError[] => [invalid('spec.timeZone', timeZone, why)]
  if (timeZone === '') return refuse('timeZone must be nil or non-empty string')
  if (
    timeZone
      .split('/')
      .some((part) => part === '.' || part === '..' || !/^[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}$/.test(part))
  )
    return refuse(`unknown time zone ${timeZone}`)
  return [
    ...(timeZone.toLowerCase() === 'local'
      ? refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')
      : []),
    ...(timeZone === 'Local' || isTimeZone(timeZone) ? [] : refuse(`unknown time zone ${timeZone}`)),
  ]
}
