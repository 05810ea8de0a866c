import assert from 'node:assert/strict'
import test from 'node:test'
import { pods } from '../../../../sim/api/core/pod.ts'
import type { ContainerStatus, Pod } from '../../../../sim/api/core/pod-types.ts'
import { storedPod } from './pod-fixture.ts'

const context = { nowEpochMs: Date.parse('2026-11-20T08:01:30Z') }
const status = (part: Partial<ContainerStatus>, name = 'c'): ContainerStatus => ({
  name,
  state: {},
  lastState: {},
  ready: false,
  restartCount: 0,
  image: 'i',
  imageID: '',
  ...part,
})
const running = { running: { startedAt: '2026-11-20T08:00:00Z' } }
const ready = { type: 'Ready', status: 'True' as const }

function row(pod: Pod): Record<string, string | number | boolean | null> {
  return Object.fromEntries(pods.columns.map((column) => [column.name, column.cell(pod, context)]))
}

const cases: { name: string; pod: Pod; want: Record<string, string> }[] = []
const given = (
  name: string,
  change: (pod: Pod) => void,
  want: Record<string, string>,
  spec: Record<string, unknown> = {},
) => {
  const pod = storedPod(spec)
  change(pod)
  cases.push({ name, pod, want })
}

given('new', () => {}, { Ready: '0/1', Status: 'Pending', Restarts: '0', Age: '90s', Node: '<none>', IP: '<none>' })
given(
  'whose image is pulled',
  (pod) => {
    pod.status.containerStatuses = [status({ state: { waiting: { reason: 'ContainerCreating' } } })]
  },
  { Ready: '0/1', Status: 'ContainerCreating' },
)
given(
  'that runs',
  (pod) => {
    pod.status = {
      phase: 'Running',
      conditions: [ready],
      podIPs: [{ ip: '10.1.0.4' }],
      containerStatuses: [status({ state: running, ready: true })],
    }
  },
  { Ready: '1/1', Status: 'Running', IP: '10.1.0.4' },
)
given(
  'in a crash loop',
  (pod) => {
    pod.status = {
      phase: 'Running',
      containerStatuses: [
        status({
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-20T08:01:20Z' } },
        }),
      ],
    }
  },
  { Ready: '0/1', Status: 'CrashLoopBackOff', Restarts: '3 (10s ago)' },
)
given(
  'that completed',
  (pod) => {
    pod.status = {
      phase: 'Succeeded',
      containerStatuses: [status({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
    }
  },
  { Ready: '0/1', Status: 'Completed' },
)
given(
  'killed by a signal without a reason',
  (pod) => {
    pod.status = {
      phase: 'Failed',
      containerStatuses: [status({ state: { terminated: { exitCode: 137, signal: 9 } } })],
    }
  },
  { Status: 'Signal:9' },
)
given(
  'of which one container completed and one runs',
  (pod) => {
    pod.status = {
      phase: 'Running',
      containerStatuses: [
        status({ state: { terminated: { exitCode: 0, reason: 'Completed' } } }, 'a'),
        status({ state: running, ready: true }, 'b'),
      ],
    }
  },
  { Ready: '1/2', Status: 'NotReady' },
  { containers: ['a', 'b'].map((name) => ({ name, image: 'i' })) },
)
given(
  'that is deleted',
  (pod) => {
    pod.metadata.deletionTimestamp = '2026-11-20T08:02:00Z'
    pod.status = { phase: 'Running', containerStatuses: [status({ state: running, ready: true })] }
  },
  { Ready: '1/1', Status: 'Terminating' },
)
given(
  'that is evicted',
  (pod) => {
    pod.status = { phase: 'Failed', reason: 'Evicted' }
  },
  { Ready: '0/1', Status: 'Evicted' },
)

const withInit = { initContainers: ['i0', 'i1'].map((name) => ({ name, image: 'i' })) }
given(
  'in its second init container',
  (pod) => {
    pod.status.initContainerStatuses = [
      status({ state: { terminated: { exitCode: 0, reason: 'Completed' } } }, 'i0'),
      status({ state: running }, 'i1'),
    ]
    pod.status.containerStatuses = [status({ state: { waiting: { reason: 'PodInitializing' } } })]
  },
  { Ready: '0/1', Status: 'Init:1/2' },
  withInit,
)
given(
  'whose init container fails',
  (pod) => {
    pod.status.initContainerStatuses = [
      status({ restartCount: 2, state: { terminated: { exitCode: 1, reason: 'Error' } } }, 'i0'),
      status({ state: { waiting: { reason: 'PodInitializing' } } }, 'i1'),
    ]
  },
  { Status: 'Init:Error', Restarts: '2' },
  withInit,
)
given(
  'whose init container backs off',
  (pod) => {
    pod.status.initContainerStatuses = [status({ state: { waiting: { reason: 'CrashLoopBackOff' } } }, 'i0')]
  },
  { Status: 'Init:CrashLoopBackOff' },
  withInit,
)
given(
  'with a sidecar',
  (pod) => {
    pod.status = {
      phase: 'Running',
      conditions: [{ type: 'Initialized', status: 'True' }, ready],
      initContainerStatuses: [status({ state: running, started: true, ready: true, restartCount: 1 }, 's')],
      containerStatuses: [status({ state: running, ready: true })],
    }
  },
  { Ready: '2/2', Status: 'Running', Restarts: '1' },
  { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] },
)
given(
  'with a gate',
  () => {},
  { Status: 'SchedulingGated', 'Readiness Gates': '0/1' },
  {
    schedulingGates: [{ name: 'a/b' }],
    readinessGates: [{ conditionType: 'example.com/ok' }],
  },
)

for (const { name, pod, want } of cases)
  test(`the row of a Pod ${name} is what kubectl prints`, () => {
    const cells = row(pod)
    assert.deepEqual(Object.fromEntries(Object.keys(want).map((column) => [column, cells[column]])), want)
  })

test('a Pod is selected by the fields that the server allows', () =>
  assert.deepEqual(Object.keys(pods.selectableFields?.(storedPod()) ?? {}).sort(), [
    'spec.hostNetwork',
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.nominatedNodeName',
    'status.phase',
    'status.podIP',
  ]))
