/** Jobs: how they stand, what they do next, and when they are over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job, JobSpec, JobStatus } from '../../sim/api/batch/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { NO_BACKOFF, nextBackoff, remainingMs } from '../../sim/controllers/job/backoff.ts'
import {
  deadlineMs,
  failureCounts,
  findEnding,
  isComplete,
  mayLetGo,
  observeJob,
  planJob,
  withCondition,
} from '../../sim/controllers/job/plan.ts'
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
  goingSecondsAgo?: number
  isCounted?: boolean
  restarts?: number
  initRestarts?: number
  failures?: number
  ignored?: number
  /** Whether it says that it is ready. */
  isReady?: boolean
}

function aPod(
  name: string,
  {
    phase = 'Running',
    index,
    exitCode = 1,
    endedSecondsAgo = 60,
    isGoing,
    goingSecondsAgo = 1,
    isCounted,
    restarts = 0,
    initRestarts,
    failures,
    ignored,
    isReady = false,
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
      ...(isGoing ? { deletionTimestamp: at(goingSecondsAgo), deletionGracePeriodSeconds: 0 } : {}),
      annotations: {
        ...(index === undefined ? {} : { 'batch.kubernetes.io/job-completion-index': String(index) }),
        ...(failures === undefined ? {} : { 'batch.kubernetes.io/job-index-failure-count': String(failures) }),
        ...(ignored === undefined ? {} : { 'batch.kubernetes.io/job-index-ignored-failure-count': String(ignored) }),
      },
    },
    spec: { containers: [] },
    status: {
      phase,
      ...(isReady ? { conditions: [{ type: 'Ready', status: 'True' }] } : {}),
      ...(initRestarts === undefined
        ? {}
        : { initContainerStatuses: [{ name: 'init', restartCount: initRestarts, state: {} }] }),
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

const indexed = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job =>
  aJob({ completionMode: 'Indexed', completions: 4, parallelism: 4, ...spec }, status)
const perIndex = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job =>
  indexed({ backoffLimitPerIndex: 3, ...spec }, status)
const going = { isGoing: true } as const
const failed = { phase: 'Failed' } as const
const done = { phase: 'Succeeded' } as const
const manyPods = (count: number): Pod[] => Array.from({ length: count }, (_, n) => aPod(`p${n}`))

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
    name: 'starts as many as are left when some run',
    job: aJob({ completions: 5, parallelism: 4 }, { succeeded: 2 }),
    pods: [aPod('a')],
    create: [undefined, undefined],
  },
  {
    name: 'removes what is no longer needed, the least useful first',
    job: aJob({ completions: 5, parallelism: 5 }, { succeeded: 4 }),
    pods: [aPod('a'), aPod('b', { phase: 'Pending' }), aPod('c', { isReady: true })],
    remove: ['b', 'a'],
  },
  {
    name: 'removes all when more succeeded than it takes',
    job: aJob({ completions: 2, parallelism: 2 }, { succeeded: 3 }),
    pods: [aPod('a')],
    remove: ['a'],
  },
  {
    name: 'starts no more than 500 at once',
    job: aJob({ completions: 600, parallelism: 501 }),
    pods: [],
    create: Array<undefined>(500).fill(undefined),
  },
  {
    name: 'removes no more than 500 at once',
    job: aJob({ completions: 600, parallelism: 1 }),
    pods: manyPods(502),
    remove: manyPods(500).map(({ metadata }) => metadata.name),
  },
  {
    name: 'with nothing to start waits for no back-off',
    job: aJob({ completions: 2, parallelism: 1 }),
    pods: [aPod('a', { ...failed, endedSecondsAgo: 1 }), aPod('b')],
  },
  {
    name: 'starts again the moment the back-off is over',
    job: aJob(),
    pods: [aPod('a', { ...failed, endedSecondsAgo: 10 })],
    create: [undefined],
  },
  {
    name: 'removes no index that is alone, and those without one',
    job: indexed({ completions: 2 }),
    pods: [aPod('a', { index: 0 }), aPod('b'), aPod('c', { index: 5 }), aPod('d', { index: 1 })],
    remove: ['b', 'c'],
  },
  {
    name: 'removes of an Indexed Job what parallelism no longer allows, after the twins',
    job: indexed({ parallelism: 1 }),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 0, phase: 'Pending' }), aPod('c', { index: 1, isReady: true })],
    remove: ['b', 'a'],
  },
  {
    name: 'removes all of an Indexed Job when suspended',
    job: indexed({ suspend: true }),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 1 })],
    remove: ['a', 'b'],
  },
  {
    name: 'starts the index of a Pod that is going at once, after the back-off',
    job: indexed({ completions: 2 }),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 1, isGoing: true })],
    retryAfterMs: 9000,
  },
  {
    name: 'starts the index of a Pod that is going for longer than the back-off',
    job: indexed({ completions: 2 }),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 1, isGoing: true, goingSecondsAgo: 10 })],
    create: [1],
  },
  {
    name: 'removes twins before it starts others',
    job: indexed(),
    pods: [aPod('a', { index: 0 }), aPod('b', { index: 0, phase: 'Pending' })],
    remove: ['b'],
  },
  {
    name: 'does not start the index of a Pod that is going when only failed ones are replaced',
    job: indexed({ podReplacementPolicy: 'Failed', parallelism: 2 }),
    pods: [aPod('a', { index: 0, isGoing: true })],
    create: [1],
  },
  {
    name: 'starts the index of a Pod that ended when only failed ones are replaced',
    job: indexed({ podReplacementPolicy: 'Failed', completions: 1 }),
    pods: [aPod('a', { index: 0, ...failed })],
    create: [0],
  },
  {
    name: 'starts no index beyond the last',
    job: indexed({ parallelism: 9 }, { completedIndexes: '1' }),
    pods: [],
    create: [0, 2, 3],
  },
  {
    name: 'with a limit per index starts others while one waits for its back-off',
    job: perIndex(),
    pods: [aPod('a', { ...failed, index: 1, endedSecondsAgo: 4, failures: 0 })],
    create: [0, 2, 3],
  },
  {
    name: 'with a limit per index waits for the shortest back-off',
    job: perIndex({ completions: 2 }),
    pods: [
      aPod('a', { ...failed, index: 0, endedSecondsAgo: 4, failures: 1 }),
      aPod('b', { ...failed, index: 1, endedSecondsAgo: 3, failures: 0 }),
    ],
    retryAfterMs: 7000,
  },
  {
    name: 'with a limit per index waits twice as long after each failure, ignored ones too',
    job: perIndex({ completions: 1 }),
    pods: [aPod('a', { ...failed, index: 0, endedSecondsAgo: 4, failures: 1, ignored: 1 })],
    retryAfterMs: 36_000,
  },
  {
    name: 'with a limit per index starts one whose back-off is over, whatever failed elsewhere',
    job: perIndex({ completions: 2 }),
    pods: [
      aPod('a', { ...failed, index: 0, endedSecondsAgo: 10, failures: 0 }),
      aPod('b', { ...failed, index: 1, endedSecondsAgo: 1, failures: 0 }),
    ],
    create: [0],
  },
  {
    name: 'with a limit per index has nothing to start when all others failed',
    job: perIndex({ completions: 2, parallelism: 2 }, { failedIndexes: '0', completedIndexes: '1' }),
    pods: [],
  },
  {
    name: 'of a work queue waits until those that run have ended after a success',
    job: aJob({ completions: undefined, parallelism: 1 }, { succeeded: 1 }),
    pods: [aPod('a'), aPod('b')],
  },
  {
    name: 'of a work queue removes what parallelism no longer allows',
    job: aJob({ completions: undefined, parallelism: 1 }),
    pods: [aPod('a'), aPod('b', { phase: 'Pending' })],
    remove: ['b'],
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
const onFailure = (backoffLimit: number): Job =>
  aJob({ backoffLimit, template: { metadata: {}, spec: { restartPolicy: 'OnFailure' } } as never })
const success = (rules: object[], completedIndexes: string | undefined): Job =>
  indexed({ completions: 9, successPolicy: { rules: rules as never } }, { completedIndexes })
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
  {
    name: 'under OnFailure goes on below as many restarts',
    job: onFailure(2),
    pods: [aPod('a', { restarts: 1 })],
    want: undefined,
  },
  {
    name: 'under OnFailure adds the restarts of all containers of all Pods up',
    job: onFailure(4),
    pods: [aPod('a', { restarts: 1, initRestarts: 2 }), aPod('b', { restarts: 1, phase: 'Pending' })],
    want: 'BackoffLimitExceeded',
  },
  {
    name: 'under OnFailure does not count restarts of Pods that have ended',
    job: onFailure(2),
    pods: [aPod('a', { ...done, restarts: 9 })],
    want: undefined,
  },
  {
    name: 'under OnFailure without restarts goes on even if none is allowed',
    job: onFailure(0),
    pods: [aPod('a')],
    want: undefined,
  },
  {
    name: 'under OnFailure fails at the first restart if none is allowed',
    job: onFailure(0),
    pods: [aPod('a', { restarts: 1 })],
    want: 'BackoffLimitExceeded',
  },
  {
    name: 'under Never does not count restarts',
    job: aJob({ backoffLimit: 2 }),
    pods: [aPod('a', { restarts: 9 })],
    want: undefined,
  },
  { name: 'goes on before its deadline', job: aJob({ activeDeadlineSeconds: 301 }), pods: [], want: undefined },
  {
    name: 'is not ended by the policy of failures for a Pod that did not fail',
    job: aJob({
      podFailurePolicy: { rules: [{ action: 'FailJob', onPodConditions: [{ type: 'Ready', status: 'True' }] }] },
    }),
    pods: [aPod('a', { isReady: true })],
    want: undefined,
  },
  {
    name: 'goes on while as many indexes failed as may',
    job: perIndex({ maxFailedIndexes: 1 }, { failedIndexes: '3' }),
    pods: [],
    want: undefined,
  },
  {
    name: 'goes on while an index has not ended',
    job: perIndex({}, { failedIndexes: '3', completedIndexes: '0,1' }),
    pods: [],
    want: undefined,
  },
  {
    name: 'with all indexes succeeded has no failed ones',
    job: perIndex({}, { completedIndexes: '0-3' }),
    pods: [],
    want: undefined,
  },
  {
    name: 'that was decided before heeds what was, not what is',
    job: aJob(
      { backoffLimit: 0 },
      {
        failed: 3,
        conditions: [
          { type: 'SuccessCriteriaMet', status: 'False', reason: 'Nothing' },
          { type: 'FailureTarget', status: 'True', reason: 'PodFailurePolicy' },
        ],
      },
    ),
    pods: [],
    want: 'PodFailurePolicy',
  },
  {
    name: 'that is not Indexed has no success policy',
    job: aJob({ completions: 3, successPolicy: { rules: [{ succeededCount: 1 }] } }, { succeeded: 1 }),
    pods: [],
    want: undefined,
  },
  {
    name: 'has met its success policy by a number',
    job: success([{ succeededCount: 2 }], '0,5'),
    pods: [],
    want: 'SuccessPolicy',
  },
  {
    name: 'has not met its success policy by fewer',
    job: success([{ succeededCount: 3 }], '0,5'),
    pods: [],
    want: undefined,
  },
  {
    name: 'has met its success policy by all indexes',
    job: success([{ succeededIndexes: '0-1' }], '0,1,5'),
    pods: [],
    want: 'SuccessPolicy',
  },
  {
    name: 'has not met its success policy by some of all',
    job: success([{ succeededIndexes: '0-2' }], '0,1,5'),
    pods: [],
    want: undefined,
  },
  {
    name: 'has met its success policy by enough of its indexes',
    job: success([{ succeededIndexes: '0-2', succeededCount: 2 }], '0,1'),
    pods: [],
    want: 'SuccessPolicy',
  },
  {
    name: 'has not met its success policy by other indexes',
    job: success([{ succeededIndexes: '0-2', succeededCount: 2 }], '0,5,6'),
    pods: [],
    want: undefined,
  },
  { name: 'has not met a rule of no index', job: success([{ succeededIndexes: '' }], '0'), pods: [], want: undefined },
  { name: 'has not met a rule of nothing', job: success([{}], '0'), pods: [], want: undefined },
  {
    name: 'has met no success policy while nothing succeeded',
    job: success([{ succeededCount: 0 }], undefined),
    pods: [],
    want: undefined,
  },
]
for (const { name, job, pods, want } of endings) {
  test(`a Job ${name}`, () => {
    assert.equal(findEnding(observe(job, ...pods))?.reason, want)
  })
}

const tellings: { job: Job; pods: Pod[]; want: [type: string, message: string] }[] = [
  {
    job: aJob({ backoffLimit: 0 }, { failed: 1 }),
    pods: [],
    want: ['FailureTarget', 'Job has reached the specified backoff limit'],
  },
  {
    job: aJob({ activeDeadlineSeconds: 1 }),
    pods: [],
    want: ['FailureTarget', 'Job was active longer than specified deadline'],
  },
  {
    job: aJob({ podFailurePolicy: { rules } }),
    pods: [aPod('a', { ...failed, exitCode: 42 })],
    want: ['FailureTarget', 'Container main for pod ns/a failed with exit code 42 matching FailJob rule at index 0'],
  },
  {
    job: perIndex({ maxFailedIndexes: 0 }, { failedIndexes: '1' }),
    pods: [],
    want: ['FailureTarget', 'Job has exceeded the specified maximal number of failed indexes'],
  },
  {
    job: perIndex({ completions: 1 }, { failedIndexes: '0' }),
    pods: [],
    want: ['FailureTarget', 'Job has failed indexes'],
  },
  {
    job: success([{ succeededCount: 3 }, { succeededCount: 1 }], '0'),
    pods: [],
    want: ['SuccessCriteriaMet', 'Matched rules at index 1'],
  },
  {
    job: aJob(
      {},
      { conditions: [{ type: 'SuccessCriteriaMet', status: 'True', reason: 'SuccessPolicy', message: 'm' }] },
    ),
    pods: [],
    want: ['SuccessCriteriaMet', 'm'],
  },
]
for (const { job, pods, want } of tellings)
  test(`a Job that ends says: ${want[1]}`, () => {
    const ending = findEnding(observe(job, ...pods))
    assert.deepEqual([ending?.type, ending?.message], want)
  })

test('what Pods say of a Job is counted: each that ended once, and none twice', () => {
  const uncounted = { succeeded: ['c'], failed: ['d', 'gone'] }
  const job = aJob({ completions: 9, parallelism: 9 }, { succeeded: 3, failed: 1, uncountedTerminatedPods: uncounted })
  const state = observe(
    job,
    aPod('a', { isReady: true }),
    aPod('i'),
    aPod('b', done),
    aPod('c', done),
    aPod('d', failed),
    aPod('e', failed),
    aPod('f', { ...done, isCounted: true }),
    aPod('g', { isGoing: true, isReady: true }),
    aPod('h', { ...failed, isGoing: true }),
  )
  const { active, ready, succeeded, failed: failures, terminating } = state
  assert.deepEqual(
    { active: active.map(({ metadata }) => metadata.name), ready, succeeded, failed: failures, terminating },
    // Of the failed: d and one that is gone already, e, h, and g, which nobody waits for.
    { active: ['a', 'i'], ready: 1, succeeded: 5, failed: 6, terminating: 1 },
  )
})

test('a Job that has counted nothing begins with nothing', () => {
  const { succeeded, failed: failures } = observe(aJob(), aPod('a', done), aPod('b', failed))
  assert.deepEqual([succeeded, failures], [1, 1])
})

test('an Indexed Job counts indexes, not Pods, and no Pod without a valid one', () => {
  const state = observe(
    indexed({}, { completedIndexes: '2,3' }),
    aPod('a', { ...done, index: 0 }),
    aPod('b', { ...done, index: 0 }),
    aPod('c', { ...done, index: 9 }),
    aPod('d', { ...failed, index: 9 }),
    aPod('e', { ...failed, index: 1 }),
  )
  assert.deepEqual([state.succeeded, state.failed, state.failedIndexes], [3, 1, undefined])
  assert.deepEqual(state.succeededIndexes, [
    { first: 0, last: 0 },
    { first: 2, last: 3 },
  ])
})

test('an index fails for good at its limit, or where the policy says so', () => {
  const failIndex = [{ action: 'FailIndex' as const, onExitCodes: { operator: 'In' as const, values: [42] } }]
  const ignore = [{ action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [41] } }]
  const job = perIndex(
    { completions: 9, backoffLimitPerIndex: 1, podFailurePolicy: { rules: [...failIndex, ...ignore] } },
    { failedIndexes: '7' },
  )
  const state = observe(
    job,
    aPod('a', { ...failed, index: 0, failures: 1 }),
    aPod('b', { ...failed, index: 2, failures: 0 }),
    aPod('c', { ...failed, index: 4, exitCode: 42 }),
    aPod('d', { ...failed, index: 5, failures: 1, exitCode: 41 }),
    aPod('e', { ...failed, index: 6, failures: 1, isCounted: true }),
    aPod('f', { index: 8, failures: 1 }),
  )
  assert.deepEqual(state.failedIndexes, [
    { first: 0, last: 0 },
    { first: 4, last: 4 },
    { first: 7, last: 7 },
  ])
})

const waitingIn = (job: Job, ...pods: Pod[]): Record<number, string> =>
  Object.fromEntries([...observe(job, ...pods).waiting].map(([index, { metadata }]) => [index, metadata.name]))

test('the last failed Pod of each index waits for the next one of it', () => {
  const pods = [
    aPod('a', { ...failed, index: 0, failures: 0, endedSecondsAgo: 90 }),
    aPod('b', { ...failed, index: 0, failures: 1, endedSecondsAgo: 50 }),
    aPod('c', { ...failed, index: 0, failures: 0, endedSecondsAgo: 20 }),
    aPod('d', { ...failed, index: 1, failures: 1, endedSecondsAgo: 20 }),
    aPod('e', { ...failed, index: 1, failures: 1, ignored: 1, endedSecondsAgo: 50 }),
    aPod('f', { ...failed, index: 2, failures: 1, endedSecondsAgo: 50 }),
    aPod('g', { ...failed, index: 2, failures: 1, endedSecondsAgo: 50 }),
  ]
  assert.deepEqual(waitingIn(perIndex(), ...pods), { 0: 'b', 1: 'd', 2: 'g' })
})

test('no Pod waits for an index that runs, has ended, or is none, or once it was let go', () => {
  const pods = [
    aPod('a', { ...failed, index: 0 }),
    aPod('b', { index: 0 }),
    aPod('c', { ...failed, index: 1 }),
    aPod('d', { ...failed, index: 2 }),
    aPod('e', { ...failed, index: 9 }),
    aPod('f', { ...failed, index: 3, isCounted: true }),
  ]
  assert.deepEqual(waitingIn(perIndex({}, { completedIndexes: '1', failedIndexes: '2' }), ...pods), {})
  assert.deepEqual(waitingIn(indexed(), aPod('a', { ...failed, index: 0 })), {})
})

test('a new Pod of an index goes on counting the failures before it, ignored ones apart', () => {
  const ignore = [{ action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [41] } }]
  const state = observe(
    perIndex({ podFailurePolicy: { rules: ignore } }),
    aPod('a', { ...failed, index: 0, failures: 1 }),
    aPod('b', { ...failed, index: 1, failures: 1, ignored: 2, exitCode: 41 }),
    aPod('c', { ...failed, index: 2, failures: 0, ignored: 1 }),
  )
  const [counts, ignored] = [
    'batch.kubernetes.io/job-index-failure-count',
    'batch.kubernetes.io/job-index-ignored-failure-count',
  ]
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => failureCounts(state, index)),
    [{ [counts]: '2' }, { [counts]: '1', [ignored]: '3' }, { [counts]: '1', [ignored]: '1' }, { [counts]: '0' }],
  )
  assert.deepEqual(failureCounts(observe(indexed()), 0), {})
})

const deadlines: { name: string; job: Job; want: number | undefined }[] = [
  { name: 'is what is left of it', job: aJob({ activeDeadlineSeconds: 400 }), want: 100_000 },
  { name: 'is over at its end', job: aJob({ activeDeadlineSeconds: 200 }), want: 0 },
  { name: 'is none where none is set', job: aJob(), want: undefined },
  {
    name: 'has not begun before the Job',
    job: aJob({ activeDeadlineSeconds: 9 }, { startTime: undefined }),
    want: undefined,
  },
  { name: 'is none of a suspended Job', job: aJob({ activeDeadlineSeconds: 9, suspend: true }), want: undefined },
  {
    name: 'begins anew when the Job is resumed',
    job: aJob({ activeDeadlineSeconds: 9 }, { conditions: [{ type: 'Suspended', status: 'True' }] }),
    want: undefined,
  },
]
for (const { name, job, want } of deadlines)
  test(`the deadline of a Job ${name}`, () => assert.equal(deadlineMs({ job, nowEpochMs: NOW }), want))

test('a work queue is complete when one Pod succeeded and none runs', () => {
  const queue = (succeeded: number): Job => aJob({ completions: undefined, parallelism: 2 }, { succeeded })
  assert.deepEqual(
    [isComplete(observe(queue(0)), 0), isComplete(observe(queue(1)), 0), isComplete(observe(queue(1)), 1)],
    [false, true, false],
  )
  assert.equal(isComplete(observe(aJob({ completions: 2 }, { succeeded: 1 })), 0), false)
  assert.equal(isComplete(observe(aJob({ completions: 0 })), 0), true)
})

const lettings: { name: string; pod: Pod; job?: Job; isEnding?: boolean; want: boolean }[] = [
  { name: 'that succeeded', pod: aPod('a', done), want: true },
  { name: 'that failed', pod: aPod('a', failed), want: true },
  { name: 'that runs', pod: aPod('a'), want: false },
  { name: 'that runs while its Job ends', pod: aPod('a'), isEnding: true, want: true },
  {
    name: 'that runs while its Job is deleted',
    pod: aPod('a'),
    job: { ...aJob(), metadata: { ...aJob().metadata, deletionTimestamp: at(1) } },
    want: true,
  },
  { name: 'that is going', pod: aPod('a', going), want: true },
  {
    name: 'that is going where only failed ones are replaced',
    pod: aPod('a', going),
    job: aJob({ podReplacementPolicy: 'Failed' }),
    want: false,
  },
  {
    name: 'that failed and waits for the next of its index',
    pod: aPod('a', { ...failed, index: 0 }),
    job: perIndex(),
    want: false,
  },
  { name: 'that failed for good', pod: aPod('a', { ...failed, index: 0, failures: 3 }), job: perIndex(), want: true },
  { name: 'that failed and has no valid index', pod: aPod('a', { ...failed, index: 9 }), job: perIndex(), want: true },
]
for (const { name, pod, job = aJob(), isEnding = false, want } of lettings)
  test(`a Pod ${name} is ${want ? 'let go' : 'kept until the Job has heard it out'}`, () => {
    assert.equal(mayLetGo(observe(job, pod), pod, isEnding), want)
  })

test('a failed Pod is let go when a later one of its index waits in its place', () => {
  const earlier = aPod('a', { ...failed, index: 0, failures: 0 })
  const state = observe(perIndex(), earlier, aPod('b', { ...failed, index: 0, failures: 1 }))
  assert.equal(mayLetGo(state, earlier, false), true)
})

test('a condition comes with its first True, and is written anew when anything of it changes', () => {
  const told = (status: 'True' | 'False', reason?: string, message?: string) =>
    ['Suspended', status, { reason, message }, 'now'] as const
  const other = { type: 'Other', status: 'True' } as const
  assert.deepEqual(withCondition(undefined, ...told('False', 'r')), [])
  const first = withCondition([other], ...told('True', 'r', 'm'))
  const whole = { type: 'Suspended', lastProbeTime: 'now', lastTransitionTime: 'now' }
  assert.deepEqual(first, [other, { ...whole, status: 'True', reason: 'r', message: 'm' }])
  const before = first.map((condition) => ({ ...condition, lastTransitionTime: 'before' }))
  assert.deepEqual(withCondition(before, ...told('True', 'r', 'm')), before)
  assert.deepEqual(withCondition(before, ...told('False')), [before[0], { ...whole, status: 'False' }])
  for (const [reason, message] of [
    ['s', 'm'],
    ['r', 'n'],
  ])
    assert.deepEqual(withCondition(before, ...told('True', reason, message))[1], {
      ...whole,
      status: 'True',
      reason,
      message,
    })
})

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
