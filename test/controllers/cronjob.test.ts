/** CronJobs: when they are due, and what stays of the past. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchedule } from '../../sim/api/batch/cron-job/schedule.ts'
import type { CronJob, Job } from '../../sim/api/batch/types.ts'
import { dueRun, jobName, planHistory, untilNextRunMs } from '../../sim/controllers/cronjob/plan.ts'

const time = (text: string): number => Date.parse(`2026-01-01T${text}Z`)

const aCronJob = (schedule: string, status: CronJob['status'] = {}, spec: Partial<CronJob['spec']> = {}): CronJob =>
  ({
    metadata: { name: 'tick', namespace: 'ns', creationTimestamp: '2026-01-01T08:00:30Z' },
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

test('a schedule that never comes is never due', () => {
  const schedule = parseSchedule('0 0 31 2 *')
  assert.equal(dueRun(aCronJob('0 0 31 2 *'), schedule, time('09:00:00')), undefined)
  assert.equal(untilNextRunMs(aCronJob('0 0 31 2 *'), schedule, time('09:00:00')), undefined)
})

test('the name of a Job is that of its minute', () => {
  assert.equal(jobName(aCronJob('* * * * *'), Date.UTC(2026, 10, 20, 8, 8)), 'tick-29919368')
})

test('the history keeps the latest Jobs of each outcome, and all that run', () => {
  const aJob = (name: string, type: string | undefined, minute: number): Job =>
    ({
      metadata: { name },
      status: {
        startTime: `2026-01-01T08:0${minute}:00Z`,
        conditions: type ? [{ type, status: 'True' }] : [],
      },
    }) as unknown as Job
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
