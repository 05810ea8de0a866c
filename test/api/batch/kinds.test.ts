/** Jobs and CronJobs: what the server fills in, shows and refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cronJobs } from '../../../sim/api/batch/cron-job.ts'
import { jobs } from '../../../sim/api/batch/job.ts'
import type { CronJob, Job } from '../../../sim/api/batch/types.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'
import type { Kind } from '../../../sim/api/meta/kind.ts'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { context } from '../core/pod/pod-fixture.ts'

const NOW = { nowEpochMs: Date.parse('2026-11-20T08:01:30Z') }
const template = (spec: object = {}) => ({
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }], ...spec },
})

/** The object as the server stores it. */
function stored<T extends KubeObject>(kind: Kind<T>, spec: object, name = 'work'): T {
  const metadata = {
    name,
    namespace: 'ns',
    uid: 'uid-1',
    resourceVersion: '1',
    creationTimestamp: '2026-11-20T08:00:00Z',
  }
  const object = structuredClone({ apiVersion: kind.apiVersion, kind: kind.kind, metadata, spec }) as unknown as T
  kind.applyDefaults(object)
  kind.prepareForCreate(object, context)
  return object
}
const aJob = (spec: object = {}, name?: string): Job => stored(jobs, { template: template(), ...spec }, name)
const aCronJob = (spec: object = {}, name?: string): CronJob =>
  stored(cronJobs, { schedule: '* * * * *', jobTemplate: { spec: { template: template() } }, ...spec }, name)

test('a Job runs one Pod, six retries, and selects its Pods by its own uid', () => {
  const { spec, metadata } = aJob()
  assert.deepEqual([spec.completions, spec.parallelism, spec.backoffLimit], [1, 1, 6])
  assert.deepEqual(
    [spec.completionMode, spec.suspend, spec.podReplacementPolicy],
    ['NonIndexed', false, 'TerminatingOrFailed'],
  )
  assert.deepEqual(spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'uid-1' } })
  assert.deepEqual(metadata.labels, spec.template.metadata.labels)
  assert.equal(metadata.labels?.['job-name'], 'work')
})

test('a Job with parallelism alone is a work queue', () => {
  assert.equal(aJob({ parallelism: 3 }).spec.completions, undefined)
})

test('a limit per index takes the place of the limit for all', () => {
  const { spec } = aJob({ completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1 })
  assert.equal(spec.backoffLimit, 2147483647)
})

const refused: { name: string; spec: object; want: string[] }[] = [
  { name: 'nothing', spec: {}, want: [] },
  {
    name: 'Pods that are always restarted',
    spec: { template: template({ restartPolicy: 'Always' }) },
    want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'an Indexed Job without completions',
    spec: { completionMode: 'Indexed', parallelism: 2 },
    want: ['spec.completions: Required value: when completion mode is Indexed'],
  },
  {
    name: 'a limit per index without indexes',
    spec: { backoffLimitPerIndex: 1 },
    want: ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode'],
  },
  {
    name: 'a rule without a condition',
    spec: { podFailurePolicy: { rules: [{ action: 'Ignore' }] } },
    want: [
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  },
  {
    name: 'exit code 0 as a failure, and codes out of order',
    spec: { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [3, 0] } }] } },
    want: [
      'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,0]: must be ordered',
    ],
  },
  {
    name: 'a success policy for more indexes than there are',
    spec: {
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 1,
      successPolicy: { rules: [{ succeededCount: 4 }] },
    },
    want: [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
    ],
  },
  {
    name: 'negative numbers',
    spec: { parallelism: -1 },
    want: ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  },
]
for (const { name, spec, want } of refused) {
  test(`a Job with ${name} is ${want.length > 0 ? 'refused' : 'accepted'}`, () => {
    assert.deepEqual(jobs.validate(aJob(spec)).map(messageOf), want)
  })
}

test('labels of the generated selector may not be set otherwise', () => {
  const job = aJob({ template: { metadata: { labels: { 'job-name': 'other' } }, ...template() } })
  assert.match(
    jobs.validate(job).map(messageOf)[0],
    /^spec\.template\.metadata\.labels\[job-name\]: Invalid value: .*: must be 'work'$/,
  )
})

test('the template of a Job is immutable; a suspended Job that never ran may still be sent to other nodes', () => {
  const moved = { template: template({ nodeSelector: { disk: 'ssd' } }) }
  const errors = (before: object): string[] =>
    jobs.validateUpdate(aJob({ ...before, ...moved }), aJob(before)).map(({ field }) => field)
  assert.deepEqual(errors({}), ['spec.template'])
  assert.deepEqual(errors({ suspend: true }), [])
})

test('the completions of an Indexed Job change together with its parallelism', () => {
  const indexed = (completions: number, parallelism: number): Job =>
    aJob({ completionMode: 'Indexed', completions, parallelism })
  assert.deepEqual(jobs.validateUpdate(indexed(4, 4), indexed(2, 2)), [])
  assert.deepEqual(jobs.validateUpdate(indexed(4, 2), indexed(2, 2)).map(messageOf), [
    'spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism',
  ])
})

test('a CronJob allows concurrent Jobs and keeps three good ones and a bad one', () => {
  const { spec } = aCronJob()
  assert.deepEqual(
    [spec.concurrencyPolicy, spec.suspend, spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit],
    ['Allow', false, 3, 1],
  )
  assert.equal(spec.jobTemplate.spec.backoffLimit, undefined)
})

const refusedCronJobs: { name: string; spec: object; want: string[] }[] = [
  { name: 'no schedule', spec: { schedule: '' }, want: ['spec.schedule: Required value'] },
  {
    name: 'a time zone in the schedule',
    spec: { schedule: 'CRON_TZ=Europe/Berlin 0 9 * * *' },
    want: [
      'spec.schedule: Invalid value: "CRON_TZ=Europe/Berlin 0 9 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  },
  {
    name: 'an unknown time zone',
    spec: { timeZone: 'Mars/Base' },
    want: ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  },
  {
    name: 'a selector',
    spec: { jobTemplate: { spec: { template: template(), selector: { matchLabels: { a: 'b' } } } } },
    want: [
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
    ],
  },
]
for (const { name, spec, want } of refusedCronJobs) {
  test(`a CronJob with ${name} is refused`, () => {
    assert.deepEqual(cronJobs.validate(aCronJob(spec)).map(messageOf), want)
  })
}

test('the name of a CronJob leaves room for the time of its Jobs', () => {
  const name = 'x'.repeat(53)
  assert.deepEqual(cronJobs.validate(aCronJob({}, name)).map(messageOf), [
    `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
  ])
})

test('rows show how far a Job is and when a CronJob ran last', () => {
  const status = { startTime: '2026-11-20T08:00:05Z', completionTime: '2026-11-20T08:00:35Z', succeeded: 2 }
  const job = { ...aJob({ completions: 2 }), status }
  const cells = <T extends KubeObject>(kind: Kind<T>, object: T) =>
    kind.columns.filter(({ priority }) => priority === 0).map((column) => column.cell(object, NOW))
  assert.deepEqual(cells(jobs, job), ['work', 'Running', '2/2', '30s', '90s'])
  const cronJob = { ...aCronJob(), status: { lastScheduleTime: '2026-11-20T08:01:00Z' } }
  assert.deepEqual(cells(cronJobs, cronJob), ['work', '* * * * *', '<none>', 'False', 0, '30s', '90s'])
})
