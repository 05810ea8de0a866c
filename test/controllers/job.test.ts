/** Jobs: how they stand, what they do next, and when they are over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job, JobSpec, JobStatus } from '../../sim/api/batch/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { NO_BACKOFF, nextBackoff, remainingMs } from '../../sim/controllers/job/backoff.ts'
import { findEnding, isComplete, observeJob, planJob } from '../../sim/controllers/job/plan.ts'
import { expiryMs } from '../../sim/controllers/ttl-after-finished/controller.ts'

const NOW = Date.UTC(2026, 0, 1, 0, 10)
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString().replace('.000', '')

const aJob = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'ns', uid: 'job', creationTimestamp: at(300) },
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      template: { metadata: {}, spec: { restartPolicy: 'Never', containers: [] } },
      ...spec,
    },
    status: { startTime: at(300), ...status },
  }) as unknown as Job

interface Facts {
  phase?: string
  index?: number
  exitCode?: number
  endedSecondsAgo?: number
  isGoing?: boolean
  isCounted?: boolean
  restarts?: number
  failures?: number
}

function aPod(
  name: string,
  {
    phase = 'Running',
    index,
    exitCode = 1,
    endedSecondsAgo = 60,
    isGoing,
    isCounted,
    restarts = 0,
    failures,
  }: Facts = {},
): Pod {
  const hasEnded = phase === 'Succeeded' || phase === 'Failed'
  return {
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      creationTimestamp: at(120),
      finalizers: isCounted ? [] : ['batch.kubernetes.io/job-tracking'],
      ...(isGoing ? { deletionTimestamp: at(1), deletionGracePeriodSeconds: 0 } : {}),
      annotations: {
        ...(index === undefined ? {} : { 'batch.kubernetes.io/job-completion-index': String(index) }),
        ...(failures === undefined ? {} : { 'batch.kubernetes.io/job-index-failure-count': String(failures) }),
      },
    },
    spec: { containers: [] },
    status: {
      phase,
      containerStatuses: [
        {
          name: 'main',
          restartCount: restarts,
          state: hasEnded
            ? { terminated: { exitCode: phase === 'Failed' ? exitCode : 0, finishedAt: at(endedSecondsAgo) } }
            : { running: { startedAt: at(100) } },
        },
      ],
    },
  } as unknown as Pod
}

const observe = (job: Job, ...pods: Pod[]) => observeJob(job, pods, NO_BACKOFF, NOW)

const plans: {
  name: string
  job: Job
  pods: Pod[]
  create?: (number | undefined)[]
  remove?: string[]
  retryAfterMs?: number
}[] = [
  {
    name: 'starts as many as may run at once',
    job: aJob({ completions: 5, parallelism: 2 }),
    pods: [],
    create: [undefined, undefined],
  },
  {
    name: 'starts no more than are left to do',
    job: aJob({ completions: 3, parallelism: 2 }, { succeeded: 2 }),
    pods: [],
    create: [undefined],
  },
  { name: 'leaves what runs', job: aJob({ completions: 5, parallelism: 2 }), pods: [aPod('a'), aPod('b')] },
  {
    name: 'replaces a failed Pod after its back-off',
    job: aJob(),
    pods: [aPod('a', { phase: 'Failed' })],
    create: [undefined],
  },
  {
    name: 'waits for the back-off of a failed Pod',
    job: aJob(),
    pods: [aPod('a', { phase: 'Failed', endedSecondsAgo: 4 })],
    retryAfterMs: 6000,
  },
  {
    name: 'removes Pods when parallelism shrinks',
    job: aJob({ completions: 5, parallelism: 1 }),
    pods: [aPod('a'), aPod('b', { phase: 'Pending' })],
    remove: ['b'],
  },
  {
    name: 'removes all when suspended',
    job: aJob({ suspend: true, parallelism: 2, completions: 2 }),
    pods: [aPod('a')],
    remove: ['a'],
  },
  {
    name: 'starts the lowest indexes that nobody has',
    job: aJob({ completionMode: 'Indexed', completions: 5, parallelism: 3 }, { completedIndexes: '0,2' }),
    pods: [aPod('a', { index: 1 })],
    create: [3, 4],
  },
  {
    name: 'removes the second Pod of an index',
    job: aJob({ completionMode: 'Indexed', completions: 2, parallelism: 2 }),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 0, phase: 'Pending' })],
    remove: ['b'],
  },
  {
    name: 'does not retry an index that failed for good',
    job: aJob({ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 }),
    pods: [aPod('a', { index: 0, phase: 'Failed', failures: 1 })],
    create: [1],
  },
  {
    name: 'replaces a Pod that is going at once, after the back-off',
    job: aJob(),
    pods: [aPod('a', { isGoing: true })],
    retryAfterMs: 9000,
  },
  {
    name: 'waits for the end of a Pod that is going, when only failed ones are replaced',
    job: aJob({ podReplacementPolicy: 'Failed' }),
    pods: [aPod('a', { isGoing: true })],
  },
  {
    name: 'of a work queue starts parallelism Pods',
    job: aJob({ completions: undefined, parallelism: 3 }),
    pods: [aPod('a')],
    create: [undefined, undefined],
  },
  {
    name: 'of a work queue starts none after a success',
    job: aJob({ completions: undefined, parallelism: 3 }, { succeeded: 1 }),
    pods: [aPod('a')],
  },
]
for (const { name, job, pods, create = [], remove = [], retryAfterMs } of plans) {
  test(`planJob ${name}`, () => {
    const plan = planJob(observe(job, ...pods))
    assert.deepEqual(
      {
        create: plan.create,
        remove: plan.remove.map(({ metadata }) => metadata.name),
        retryAfterMs: plan.retryAfterMs,
      },
      { create, remove, retryAfterMs },
    )
  })
}

const rules = [{ action: 'FailJob' as const, onExitCodes: { operator: 'In' as const, values: [42] } }]
const endings: { name: string; job: Job; pods: Pod[]; want: string | undefined }[] = [
  { name: 'goes on at its back-off limit', job: aJob({ backoffLimit: 1 }, { failed: 1 }), pods: [], want: undefined },
  {
    name: 'fails beyond its back-off limit',
    job: aJob({ backoffLimit: 1 }, { failed: 1 }),
    pods: [aPod('a', { phase: 'Failed' })],
    want: 'BackoffLimitExceeded',
  },
  {
    name: 'counts a Pod once',
    job: aJob({ backoffLimit: 1 }, { failed: 1 }),
    pods: [aPod('a', { phase: 'Failed', isCounted: true })],
    want: undefined,
  },
  {
    name: 'under OnFailure fails at as many restarts',
    job: aJob({ backoffLimit: 2, template: { metadata: {}, spec: { restartPolicy: 'OnFailure' } } as never }),
    pods: [aPod('a', { restarts: 2 })],
    want: 'BackoffLimitExceeded',
  },
  { name: 'fails at its deadline', job: aJob({ activeDeadlineSeconds: 300 }), pods: [], want: 'DeadlineExceeded' },
  {
    name: 'has no deadline while it is suspended',
    job: aJob({ activeDeadlineSeconds: 300, suspend: true }),
    pods: [],
    want: undefined,
  },
  {
    name: 'fails at an exit code of its policy',
    job: aJob({ podFailurePolicy: { rules } }),
    pods: [aPod('a', { phase: 'Failed', exitCode: 42 })],
    want: 'PodFailurePolicy',
  },
  {
    name: 'does not fail at another exit code',
    job: aJob({ podFailurePolicy: { rules } }),
    pods: [aPod('a', { phase: 'Failed', exitCode: 41 })],
    want: undefined,
  },
  {
    name: 'does not count what its policy ignores',
    job: aJob({ backoffLimit: 0, podFailurePolicy: { rules: [{ ...rules[0], action: 'Ignore' }] } }),
    pods: [aPod('a', { phase: 'Failed', exitCode: 42 })],
    want: undefined,
  },
  {
    name: 'fails when all indexes have ended and one failed',
    job: aJob({ completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 0 }, { completedIndexes: '1' }),
    pods: [aPod('a', { index: 0, phase: 'Failed', failures: 0 })],
    want: 'FailedIndexes',
  },
  {
    name: 'fails when too many indexes failed',
    job: aJob(
      { completionMode: 'Indexed', completions: 9, backoffLimitPerIndex: 0, maxFailedIndexes: 1 },
      { failedIndexes: '3' },
    ),
    pods: [aPod('a', { index: 0, phase: 'Failed', failures: 0 })],
    want: 'MaxFailedIndexesExceeded',
  },
  {
    name: 'has met its success policy',
    job: aJob(
      {
        completionMode: 'Indexed',
        completions: 9,
        successPolicy: { rules: [{ succeededIndexes: '0-3', succeededCount: 2 }] },
      },
      { completedIndexes: '0,5' },
    ),
    pods: [aPod('a', { index: 2, phase: 'Succeeded' })],
    want: 'SuccessPolicy',
  },
  {
    name: 'ends as it was decided before',
    job: aJob({}, { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'DeadlineExceeded' }] }),
    pods: [],
    want: 'DeadlineExceeded',
  },
]
for (const { name, job, pods, want } of endings) {
  test(`a Job ${name}`, () => {
    assert.equal(findEnding(observe(job, ...pods))?.reason, want)
  })
}

test('a Job is complete when enough Pods succeeded and none runs', () => {
  const state = observe(aJob({ completions: 2 }, { succeeded: 1 }), aPod('a', { phase: 'Succeeded' }))
  assert.equal(isComplete(state, 0), true)
  assert.equal(isComplete(state, 1), false)
})

test('the back-off doubles from 10 s to 10 min, and a success ends it', () => {
  const waits = [1, 2, 3, 7, 20].map((failures) => remainingMs({ failures, lastFailureMs: NOW }, NOW))
  assert.deepEqual(waits, [10_000, 20_000, 40_000, 600_000, 600_000])
  const failed = [aPod('a', { phase: 'Failed', endedSecondsAgo: 50 })]
  const later = [aPod('b', { phase: 'Succeeded', endedSecondsAgo: 40 })]
  assert.equal(nextBackoff({ failures: 3, lastFailureMs: 0 }, [], failed).failures, 4)
  assert.equal(nextBackoff({ failures: 3, lastFailureMs: 0 }, later, failed).failures, 0)
})

test('only a finished Job with a time to live expires', () => {
  const finished: JobStatus = { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: at(10) }] }
  assert.equal(expiryMs(aJob({ ttlSecondsAfterFinished: 30 }, finished)), NOW + 20_000)
  assert.equal(expiryMs(aJob({}, finished)), undefined)
  assert.equal(expiryMs(aJob({ ttlSecondsAfterFinished: 30 })), undefined)
})
