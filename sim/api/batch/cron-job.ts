/** CronJob, batch/v1. Source: kubernetes/pkg/registry/batch/cronjob/strategy.go */
import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from '../core/pod/warnings.ts'
import { containerColumns } from '../core/workload/template-columns.ts'
import type { Kind } from '../meta/kind.ts'
import { formatLabelSelector } from '../meta/selector-text.ts'
import { ageColumn, column, nameColumn, orNone, printAge } from '../meta/table.ts'
import { validateCronJob, validateCronJobStatusUpdate, validateCronJobUpdate } from './cron-job/validation.ts'
import { applyJobTemplateDefaults } from './job.ts'
import type { CronJob, JobSpec } from './types.ts'

export const cronJobs: Kind<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'batch/v1',
  schema: 'io.k8s.api.batch.v1.CronJob',
  applyDefaults,
  prepareForCreate: (cronJob) => {
    cronJob.metadata.generation = 1
    cronJob.status = {}
  },
  prepareForUpdate: (cronJob, old) => {
    cronJob.status = old.status
  },
  prepareForStatusUpdate: (cronJob, old) => {
    cronJob.spec = old.spec
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  validateStatusUpdate: validateCronJobStatusUpdate,
  hasStatus: true,
  generationOf: (cronJob) => cronJob.spec,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...podSpecWarnings(spec.jobTemplate.spec.template.spec, 'spec.jobTemplate.spec.template.spec'),
  ],
  columns: [
    nameColumn,
    column('Schedule', 'string', 'When it runs.', (cronJob) => cronJob.spec.schedule),
    column('Timezone', 'string', 'Whose clock the schedule means.', (cronJob) => orNone(cronJob.spec.timeZone)),
    column('Suspend', 'boolean', 'Makes no Jobs at present.', (cronJob) => (cronJob.spec.suspend ? 'True' : 'False')),
    column('Active', 'integer', 'Jobs of it that run.', (cronJob) => cronJob.status?.active?.length ?? 0),
    column('Last Schedule', 'string', 'How long ago it was due last.', (cronJob, context) =>
      cronJob.status?.lastScheduleTime ? printAge(cronJob.status.lastScheduleTime, context) : '<none>',
    ),
    ageColumn,
    ...containerColumns<CronJob>((cronJob) => cronJob.spec.jobTemplate.spec.template),
    column(
      'Selector',
      'string',
      'The labels of the Pods it counts as its own.',
      (cronJob) => formatLabelSelector(cronJob.spec.jobTemplate.spec.selector),
      'wide',
    ),
  ],
  notSimulated: notSimulatedPodSpec('spec.jobTemplate.spec.template.spec'),
}

function applyDefaults(cronJob: CronJob): void {
  cronJob.spec ??= {} as CronJob['spec']
  const { spec } = cronJob
  spec.concurrencyPolicy ||= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  spec.jobTemplate ??= {} as CronJob['spec']['jobTemplate']
  spec.jobTemplate.spec ??= {} as JobSpec
  spec.jobTemplate.metadata ??= {}
  applyJobTemplateDefaults(spec.jobTemplate.spec)
}
