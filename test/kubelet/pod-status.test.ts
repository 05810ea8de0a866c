import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod, PodStatus } from '../../sim/api/core/pod-types.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { emptyPodStatus, type RuntimePodStatus } from '../../sim/kubelet/pod-cache.ts'
import { makePodStatus, type StatusInput } from '../../sim/kubelet/pod-status.ts'
import { aContainer, aPod, aRuntimeContainer, exited, withSandbox } from './support.ts'

const statusOf = (pod: Pod, runtime: RuntimePodStatus, more: Partial<StatusInput> = {}): PodStatus =>
  makePodStatus({
    pod,
    runtime,
    old: pod.status,
    isTerminal: false,
    hostIP: '172.18.0.2',
    startFailure: () => undefined,
    isStarted: () => true,
    isReady: () => true,
    epochOf: (ms) => ms,
    ...more,
  })

const two = [aContainer('a'), aContainer('b')]
const init = [aContainer('i')]
const phases: [name: string, pod: Pod, runtime: RuntimePodStatus, phase: string][] = [
  ['before anything runs', aPod(), emptyPodStatus, 'Pending'],
  ['with one of two containers started', aPod({ containers: two }), withSandbox(aRuntimeContainer('a')), 'Pending'],
  [
    'with every container running',
    aPod({ containers: two }),
    withSandbox(aRuntimeContainer('a'), aRuntimeContainer('b')),
    'Running',
  ],
  [
    'with one running and one ended',
    aPod({ containers: two, restartPolicy: 'Never' }),
    withSandbox(exited('a', 1), aRuntimeContainer('b')),
    'Running',
  ],
  ['with everything ended under Always', aPod(), withSandbox(exited('main', 0)), 'Running'],
  [
    'with everything succeeded under Never',
    aPod({ restartPolicy: 'Never' }),
    withSandbox(exited('main', 0)),
    'Succeeded',
  ],
  [
    'with a failure under Never',
    aPod({ containers: two, restartPolicy: 'Never' }),
    withSandbox(exited('a', 0), exited('b', 3)),
    'Failed',
  ],
  ['with a failure under OnFailure', aPod({ restartPolicy: 'OnFailure' }), withSandbox(exited('main', 3)), 'Running'],
  ['with success under OnFailure', aPod({ restartPolicy: 'OnFailure' }), withSandbox(exited('main', 0)), 'Succeeded'],
  ['while an init container runs', aPod({ initContainers: init }), withSandbox(aRuntimeContainer('i')), 'Pending'],
  [
    'with a failed init container under Never',
    aPod({ initContainers: init, restartPolicy: 'Never' }),
    withSandbox(exited('i', 1)),
    'Failed',
  ],
  ['with a failed init container under Always', aPod({ initContainers: init }), withSandbox(exited('i', 1)), 'Pending'],
  [
    'once init is done and containers run',
    aPod({ initContainers: init }),
    withSandbox(aRuntimeContainer('main'), exited('i', 0)),
    'Running',
  ],
]
for (const [name, pod, runtime, phase] of phases)
  test(`the phase ${name} is ${phase}`, () => assert.equal(statusOf(pod, runtime).phase, phase))

test('a Pod under deletion whose containers ended reaches a terminal phase whatever its restart policy', () => {
  assert.equal(statusOf(aPod(), withSandbox(exited('main', 0)), { isTerminal: true }).phase, 'Succeeded')
  assert.equal(statusOf(aPod(), withSandbox(exited('main', 143)), { isTerminal: true }).phase, 'Failed')
})

test('a terminal phase is never left', () => {
  const pod = { ...aPod(), status: { phase: 'Failed' as const, reason: 'Evicted' } }
  const status = statusOf(pod, withSandbox(aRuntimeContainer('main')))
  assert.equal(status.phase, 'Failed')
  assert.equal(status.reason, 'Evicted')
})

test('a new Pod shows why it is not ready', () => {
  const status = statusOf(aPod({ initContainers: [aContainer('one'), aContainer('two')] }), emptyPodStatus)
  assert.equal(findCondition(status.conditions, 'Initialized')?.message, 'containers with incomplete status: [one two]')
  assert.equal(findCondition(status.conditions, 'Ready')?.message, 'containers with unready status: [main]')
  assert.equal(findCondition(status.conditions, 'PodReadyToStartContainers')?.status, 'False')
  assert.equal(status.containerStatuses?.[0].state.waiting?.reason, 'PodInitializing')
})

test('a succeeded Pod is initialized and not ready for the same reason', () => {
  const status = statusOf(aPod({ restartPolicy: 'Never' }), withSandbox(exited('main', 0)))
  assert.equal(findCondition(status.conditions, 'Initialized')?.reason, 'PodCompleted')
  assert.equal(findCondition(status.conditions, 'Ready')?.reason, 'PodCompleted')
})

test('a container that may not start yet waits, and its end moves to lastState', () => {
  const failure = { reason: 'CrashLoopBackOff', message: 'back-off 10s' }
  const [main] = statusOf(aPod(), withSandbox(exited('main', 1)), { startFailure: () => failure }).containerStatuses!
  assert.deepEqual(main.state, { waiting: failure })
  assert.equal(main.lastState.terminated?.exitCode, 1)
})

test('a container that may start at once keeps showing its end', () => {
  const [main] = statusOf(aPod(), withSandbox(exited('main', 1))).containerStatuses!
  assert.equal(main.state.terminated?.exitCode, 1)
})

test('the former run is the last state of the running one', () => {
  const runtime = withSandbox(
    aRuntimeContainer('main', { id: 'second', restartCount: 1 }),
    exited('main', 2, { id: 'first' }),
  )
  const [main] = statusOf(aPod(), runtime).containerStatuses!
  assert.equal(main.restartCount, 1)
  assert.equal(main.lastState.terminated?.exitCode, 2)
  assert.equal(main.containerID, 'containerd://second')
})

test('a readiness gate keeps a Pod with ready containers from being Ready', () => {
  const status = statusOf(
    aPod({ readinessGates: [{ conditionType: 'example.com/ok' }] }),
    withSandbox(aRuntimeContainer('main')),
  )
  assert.equal(findCondition(status.conditions, 'ContainersReady')?.status, 'True')
  assert.deepEqual(
    { ...findCondition(status.conditions, 'Ready') },
    {
      type: 'Ready',
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/ok" does not exist.',
    },
  )
})

test('container statuses are sorted by name, init container statuses are not', () => {
  const pod = aPod({
    containers: [aContainer('z'), aContainer('a')],
    initContainers: [aContainer('y'), aContainer('b')],
  })
  const status = statusOf(pod, emptyPodStatus)
  assert.deepEqual(
    status.containerStatuses?.map((s) => s.name),
    ['a', 'z'],
  )
  assert.deepEqual(
    status.initContainerStatuses?.map((s) => s.name),
    ['y', 'b'],
  )
})
