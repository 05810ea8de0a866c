/** CronJobs: when they are due, and what stays of the past. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchedule } from '../../sim/api/batch/cron-job/schedule.ts'
import type { CronJob, Job } from '../../sim/api/batch/types.ts'
import { dueRun, newJob, planHistory, untilNextRunMs } from '../../sim/controllers/cronjob/plan.ts'

const time = (text: string): number => Date.parse(`2026-01-01T${text}Z`)

const aCronJob = (schedule: string, status: CronJob['status'] = {}, spec: Partial<CronJob['spec']> = {}): CronJob =>
  ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'ns', uid: 'cron-job', creationTimestamp: '2026-01-01T08:00:30Z' },
    spec: { schedule, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, ...spec },
    status,
  }) as unknown as CronJob

const runs: { name: string; cronJob: CronJob; now: string; want: string | undefined; many?: boolean }[] = [
  { name: 'not before its first time', cronJob: aCronJob('* * * * *'), now: '08:00:59', want: undefined },
  { name: 'at its first time', cronJob: aCronJob('* * * * *'), now: '08:01:00', want: '08:01:00' },
  {
    name: 'not again for the same time',
    cronJob: aCronJob('* * * * *', { lastScheduleTime: '2026-01-01T08:01:00Z' }),
    now: '08:01:30',
    want: undefined,
  },
  { name: 'for the latest of missed times', cronJob: aCronJob('*/5 * * * *'), now: '08:17:00', want: '08:15:00' },
  {
    name: 'for the latest of very many',
    cronJob: aCronJob('* * * * *'),
    now: '11:00:10',
    want: '11:00:00',
    many: true,
  },
  {
    name: 'not for a time whose deadline has passed',
    cronJob: aCronJob('*/5 * * * *', {}, { startingDeadlineSeconds: 60 }),
    now: '08:17:00',
    want: undefined,
  },
  {
    name: 'for a time whose deadline has not passed yet',
    cronJob: aCronJob('*/5 * * * *', {}, { startingDeadlineSeconds: 150 }),
    now: '08:17:00',
    want: '08:15:00',
  },
  {
    name: 'not for a time just at its deadline',
    cronJob: aCronJob('*/5 * * * *', {}, { startingDeadlineSeconds: 120 }),
    now: '08:17:00',
    want: undefined,
  },
  {
    name: 'at its first time, whatever the deadline allows',
    cronJob: aCronJob('* * * * *', {}, { startingDeadlineSeconds: 3600 }),
    now: '08:01:00',
    want: '08:01:00',
  },
  {
    name: 'at its second time, and has missed one',
    cronJob: aCronJob('* * * * *'),
    now: '08:02:00',
    want: '08:02:00',
  },
  { name: 'without a fuss after a hundred', cronJob: aCronJob('* * * * *'), now: '09:40:59', want: '09:40:00' },
  { name: 'with a fuss after one more', cronJob: aCronJob('* * * * *'), now: '09:41:00', want: '09:41:00', many: true },
  {
    name: 'in steps from its creation on',
    cronJob: aCronJob('@every 90s'),
    now: '08:06:31',
    want: '08:06:30',
  },
  {
    name: 'for the latest time of hours that are not evenly spread',
    cronJob: aCronJob('0 9,10,15 * * *'),
    now: '15:30:00',
    want: '15:00:00',
  },
]
for (const { name, cronJob, now, want, many = false } of runs) {
  test(`a CronJob is due ${name}`, () => {
    const due = dueRun(cronJob, parseSchedule(cronJob.spec.schedule), time(now))
    assert.deepEqual(due, want === undefined ? undefined : { dueMs: time(want), hasMissedMany: many })
  })
}

test('a CronJob comes back just after its next time', () => {
  const cronJob = aCronJob('*/5 * * * *')
  assert.equal(untilNextRunMs(cronJob, parseSchedule('*/5 * * * *'), time('08:02:00')), 180_100)
})

test('a CronJob comes back after its next time even when its last is missed or its deadline is short', () => {
  const wait = (now: string, status: CronJob['status'] = {}, spec: Partial<CronJob['spec']> = {}) =>
    untilNextRunMs(aCronJob('*/5 * * * *', status, spec), parseSchedule('*/5 * * * *'), time(now))
  assert.equal(wait('08:05:00'), 300_100)
  assert.equal(wait('08:17:00'), 180_100)
  assert.equal(wait('08:17:00', {}, { startingDeadlineSeconds: 10 }), 180_100)
  assert.equal(wait('08:05:02', { lastScheduleTime: '2026-01-01T08:05:00Z' }), 298_100)
})

test('a CronJob of an interval comes back by its last run or its creation, whatever its deadline', () => {
  const wait = (now: string, spec: Partial<CronJob['spec']> = {}) =>
    untilNextRunMs(aCronJob('@every 600s', {}, spec), parseSchedule('@every 600s'), time(now))
  assert.equal(wait('08:05:00'), 330_100)
  assert.equal(wait('08:05:00', { startingDeadlineSeconds: 10 }), 330_100)
  assert.equal(wait('08:12:00'), 510_100)
})

test('a CronJob with uneven times comes back after the next one from now on', () => {
  // By the first two it looks as if there was one a minute.
  const schedule = parseSchedule('1,2 8 * * *')
  const cronJob = aCronJob('1,2 8 * * *')
  assert.equal(dueRun(cronJob, schedule, time('12:00:00')), undefined)
  assert.equal(untilNextRunMs(cronJob, schedule, time('12:00:00')), (20 * 60 + 1) * 60_000 + 100)
})

test('a schedule that never comes is no valid one, and is looked at at once', () => {
  const schedule = parseSchedule('0 0 31 2 *')
  assert.throws(() => dueRun(aCronJob('0 0 31 2 *'), schedule, time('09:00:00')), {
    message: 'time difference between two schedules is less than 1 second',
  })
  assert.equal(untilNextRunMs(aCronJob('0 0 31 2 *'), schedule, time('09:00:00')), 0)
})

const aTemplate = (metadata?: object) =>
  ({ jobTemplate: { metadata, spec: { backoffLimit: 2 } } }) as Partial<CronJob['spec']>

test('a Job has the name of its minute, the template of its CronJob, and says when it was due', () => {
  const metadata = { labels: { app: 'tick' }, annotations: { 'example.com/note': 'n' } }
  assert.deepEqual(newJob(aCronJob('* * * * *', {}, aTemplate(metadata)), Date.UTC(2026, 10, 20, 8, 8)), {
    metadata: {
      name: 'tick-29919368',
      namespace: 'ns',
      labels: { app: 'tick' },
      annotations: {
        'example.com/note': 'n',
        'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-11-20T08:08:00Z',
      },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          name: 'tick',
          uid: 'cron-job',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { backoffLimit: 2 },
  })
  const early = newJob(aCronJob('* * * * *', {}, aTemplate()), Date.UTC(2026, 10, 20, 8, 8, 59))
  assert.deepEqual([early.metadata.name, early.metadata.labels], ['tick-29919368', undefined])
})

const zones = [
  { timeZone: 'Asia/Kolkata', want: '2026-07-01T13:38:00+05:30' },
  { timeZone: 'America/New_York', want: '2026-07-01T04:08:00-04:00' },
  { timeZone: 'Etc/UTC', want: '2026-07-01T08:08:00Z' },
]
for (const { timeZone, want } of zones)
  test(`a Job of a CronJob in ${timeZone} says by the clocks there when it was due`, () => {
    const { metadata } = newJob(aCronJob('* * * * *', {}, { ...aTemplate(), timeZone }), Date.UTC(2026, 6, 1, 8, 8))
    assert.equal(metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'], want)
  })

const aJob = (name: string, type: string | undefined, minute: number | undefined): Job =>
  ({
    metadata: { name },
    status: {
      ...(minute === undefined ? {} : { startTime: `2026-01-01T08:0${minute}:00Z` }),
      conditions: type ? [{ type, status: 'True' }] : [],
    },
  }) as unknown as Job

test('the history loses Jobs without a start last, and of those that started together the first by name', () => {
  const children = [
    aJob('d', 'Complete', undefined),
    aJob('c', 'Complete', 2),
    aJob('b', 'Complete', 2),
    aJob('e', 'Complete', 2),
    aJob('a', 'Complete', undefined),
  ]
  const gone = (limit: number): string[] =>
    planHistory(aCronJob('* * * * *', {}, { successfulJobsHistoryLimit: limit }), children).map(
      ({ metadata }) => metadata.name,
    )
  assert.deepEqual([gone(0), gone(3), gone(5), gone(9)], [['b', 'c', 'e', 'a', 'd'], ['b', 'c'], [], []])
})

test('the history keeps the latest Jobs of each outcome, and all that run', () => {
  const children = [
    aJob('a', 'Complete', 1),
    aJob('b', 'Failed', 2),
    aJob('c', 'Complete', 3),
    aJob('d', 'Failed', 4),
    aJob('e', undefined, 0),
    aJob('f', 'Complete', 5),
  ]
  const gone = planHistory(aCronJob('* * * * *', {}, { successfulJobsHistoryLimit: 2 }), children)
  assert.deepEqual(
    gone.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  )
})
