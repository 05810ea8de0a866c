/** Job, batch/v1. Source: kubernetes/pkg/registry/batch/job/strategy.go, pkg/apis/batch/v1/defaults.go */
import { notSimulatedPodSpec } from '../core/pod/not-simulated.ts'
import { podNamePrefixWarnings, podSpecWarnings } from '../core/pod/warnings.ts'
import { containerColumns, selectorColumn } from '../core/workload/template-columns.ts'
import { applyTemplateDefaults } from '../core/workload/template-defaults.ts'
import { printHumanDuration } from '../meta/duration.ts'
import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { isConditionTrue } from './job/conditions.ts'
import { validateJob, validateJobStatusUpdate, validateJobUpdate } from './job/validation.ts'
import type { Job, JobSpec } from './types.ts'

const MAX_INT32 = 2 ** 31 - 1

export const jobs: Kind<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  shortNames: [],
  categories: ['all'],
  isNamespaced: true,
  apiVersion: 'batch/v1',
  schema: 'io.k8s.api.batch.v1.Job',
  applyDefaults,
  prepareForCreate: (job) => {
    job.metadata.generation = 1
    job.status = {}
    generateSelector(job)
  },
  prepareForUpdate: (job, old) => {
    job.status = old.status
  },
  prepareForStatusUpdate: (job, old) => {
    job.spec = old.spec
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  hasStatus: true,
  generationOf: (job) => job.spec,
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : podNamePrefixWarnings(metadata.name)),
    ...indexWarnings(spec),
    ...podSpecWarnings(spec.template.spec, 'spec.template.spec'),
  ],
  columns: [
    nameColumn,
    column('Status', 'string', 'How it stands.', printStatus),
    column('Completions', 'string', 'Pods that succeeded, out of those wanted.', printCompletions),
    column('Duration', 'string', 'From its start to its completion, or to now.', (job, { nowEpochMs }) => {
      const { startTime, completionTime } = job.status ?? {}
      if (!startTime) return ''
      return printHumanDuration((completionTime ? Date.parse(completionTime) : nowEpochMs) - Date.parse(startTime))
    }),
    ageColumn,
    ...containerColumns<Job>((job) => job.spec.template),
    selectorColumn,
  ],
  selectableFields: (job) => ({ 'status.successful': String(job.status?.succeeded ?? 0) }),
  notSimulated: notSimulatedPodSpec('spec.template.spec'),
}

function applyDefaults(job: Job): void {
  job.spec ??= {} as JobSpec
  const { spec } = job
  // A Job that says nothing of either runs one Pod; one that only has parallelism is a work queue.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
  applyJobTemplateDefaults(spec)
}

/** What is filled in of a Job that a CronJob is still to make, too. */
export function applyJobTemplateDefaults(spec: JobSpec): void {
  applyTemplateDefaults(spec)
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
}

/** Unless told otherwise, a Job selects its Pods by its own uid, so that no two have the same. */
function generateSelector(job: Job): void {
  const { metadata, spec } = job
  if (!spec.manualSelector) {
    // Without a name validation refuses the Job, once it has looked at these.
    const { name = '' } = metadata as Partial<typeof metadata>
    const generated = {
      'batch.kubernetes.io/controller-uid': metadata.uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': metadata.uid,
      'job-name': name,
    }
    spec.template.metadata.labels = { ...generated, ...spec.template.metadata.labels }
    const uid = 'batch.kubernetes.io/controller-uid'
    spec.selector ??= {}
    spec.selector.matchLabels = { [uid]: metadata.uid, ...spec.selector.matchLabels }
  }
  // The labels of the template stand in for those of the Job, when it has none.
  if (Object.keys(metadata.labels ?? {}).length === 0 && spec.template.metadata.labels)
    metadata.labels = { ...spec.template.metadata.labels }
}

function printStatus(job: Job): string {
  const isTrue = (type: string): boolean => isConditionTrue(job.status ?? {}, type)
  if (isTrue('Complete')) return 'Complete'
  if (isTrue('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(isTrue) ?? 'Running'
}

function printCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

/** Source: kubernetes/pkg/api/job/warnings.go */
const indexWarnings = ({ completionMode, completions = 0, parallelism = 0 }: Job['spec']): string[] =>
  completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000
    ? [
        'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
      ]
    : []
