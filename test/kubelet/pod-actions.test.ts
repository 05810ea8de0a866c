import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { type ProbeVerdicts, planPodActions } from '../../sim/kubelet/pod-actions.ts'
import { emptyPodStatus, type RuntimePodStatus } from '../../sim/kubelet/pod-cache.ts'
import { aContainer, aPod, aRuntimeContainer, exited, withSandbox } from './support.ts'

const quiet: ProbeVerdicts = { liveness: () => undefined, startup: () => undefined }
const two = [aContainer('a'), aContainer('b')]
const init = [aContainer('i1'), aContainer('i2')]
const sidecar = aContainer('s', { restartPolicy: 'Always' })

interface Case {
  name: string
  pod: Pod
  runtime: RuntimePodStatus
  probes?: ProbeVerdicts
  want: {
    sandbox?: boolean
    killPod?: boolean
    init?: string[]
    start?: string[]
    kill?: string[]
    ephemeral?: string[]
    resize?: string[]
  }
}
const cases: Case[] = [
  {
    name: 'a new Pod gets a sandbox and its containers',
    pod: aPod({ containers: two }),
    runtime: emptyPodStatus,
    want: { sandbox: true, killPod: true, start: ['a', 'b'] },
  },
  {
    name: 'a new Pod with init containers starts the first of them',
    pod: aPod({ initContainers: init }),
    runtime: emptyPodStatus,
    want: { sandbox: true, killPod: true, init: ['i1'] },
  },
  {
    name: 'a Pod whose containers run is left alone',
    pod: aPod({ containers: two }),
    runtime: withSandbox(aRuntimeContainer('a'), aRuntimeContainer('b')),
    want: {},
  },
  {
    name: 'Always restarts a container that succeeded',
    pod: aPod({ containers: two }),
    runtime: withSandbox(exited('a', 0), aRuntimeContainer('b')),
    want: { start: ['a'] },
  },
  {
    name: 'OnFailure restarts only what failed',
    pod: aPod({ containers: two, restartPolicy: 'OnFailure' }),
    runtime: withSandbox(exited('a', 0), exited('b', 1)),
    want: { start: ['b'] },
  },
  {
    name: 'Never restarts nothing, and what runs goes on',
    pod: aPod({ containers: two, restartPolicy: 'Never' }),
    runtime: withSandbox(exited('a', 1), aRuntimeContainer('b')),
    want: {},
  },
  {
    name: 'a Pod that has nothing to run is killed',
    pod: aPod({ restartPolicy: 'Never' }),
    runtime: withSandbox(exited('main', 0)),
    want: { killPod: true },
  },
  {
    name: 'a Pod under deletion is not restarted',
    pod: aPod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    runtime: withSandbox(exited('main', 1)),
    want: { killPod: true },
  },
  {
    name: 'the next init container follows the one that succeeded',
    pod: aPod({ initContainers: init }),
    runtime: withSandbox(exited('i1', 0)),
    want: { init: ['i2'] },
  },
  {
    name: 'a running init container is waited for',
    pod: aPod({ initContainers: init }),
    runtime: withSandbox(aRuntimeContainer('i1')),
    want: {},
  },
  {
    name: 'a failed init container is retried',
    pod: aPod({ initContainers: init }),
    runtime: withSandbox(exited('i1', 1)),
    want: { init: ['i1'] },
  },
  {
    name: 'a failed init container ends a Pod that never restarts',
    pod: aPod({ initContainers: init, restartPolicy: 'Never' }),
    runtime: withSandbox(exited('i1', 1)),
    want: { killPod: true },
  },
  {
    name: 'containers start once every init container succeeded',
    pod: aPod({ initContainers: init }),
    runtime: withSandbox(exited('i2', 0), exited('i1', 0)),
    want: { start: ['main'] },
  },
  {
    name: 'a running sidecar lets the containers start',
    pod: aPod({ initContainers: [sidecar] }),
    runtime: withSandbox(aRuntimeContainer('s')),
    want: { start: ['main'] },
  },
  {
    name: 'a sidecar with a startup probe is waited for',
    pod: aPod({
      initContainers: [
        { ...sidecar, startupProbe: { timeoutSeconds: 1, periodSeconds: 1, successThreshold: 1, failureThreshold: 3 } },
      ],
    }),
    runtime: withSandbox(aRuntimeContainer('s')),
    want: {},
  },
  {
    name: 'a sidecar that ended is started again beside the containers',
    pod: aPod({ initContainers: [sidecar] }),
    runtime: withSandbox(aRuntimeContainer('main'), exited('s', 0)),
    want: { init: ['s'] },
  },
  {
    name: 'a failed liveness probe of a sidecar kills and restarts it, and its event says only why',
    pod: aPod({ initContainers: [sidecar] }),
    runtime: withSandbox(aRuntimeContainer('main'), aRuntimeContainer('s')),
    probes: { ...quiet, liveness: () => 'failure' },
    want: {
      init: ['s'],
      start: ['main'],
      kill: ['Init container s failed liveness probe', 'Container main failed liveness probe, will be restarted'],
    },
  },
  {
    name: 'a failed liveness probe kills and restarts',
    pod: aPod(),
    runtime: withSandbox(aRuntimeContainer('main')),
    probes: { ...quiet, liveness: () => 'failure' },
    want: { start: ['main'], kill: ['Container main failed liveness probe, will be restarted'] },
  },
  {
    name: 'a failed liveness probe under Never kills for good',
    pod: aPod({ restartPolicy: 'Never' }),
    runtime: withSandbox(aRuntimeContainer('main')),
    probes: { ...quiet, liveness: () => 'failure' },
    want: { killPod: true },
  },
  {
    name: 'a failed startup probe kills and restarts',
    pod: aPod(),
    runtime: withSandbox(aRuntimeContainer('main')),
    probes: { ...quiet, startup: () => 'failure' },
    want: { start: ['main'], kill: ['Container main failed startup probe, will be restarted'] },
  },
  {
    name: 'a changed image restarts the container',
    pod: aPod({ containers: [aContainer('main', { image: 'busybox:1.35' })] }),
    runtime: withSandbox(aRuntimeContainer('main')),
    want: { start: ['main'], kill: ['Container main definition changed, will be restarted'] },
  },
  {
    name: 'an ephemeral container starts beside what runs',
    pod: aPod({ ephemeralContainers: [aContainer('debug')] }),
    runtime: withSandbox(aRuntimeContainer('main')),
    want: { ephemeral: ['debug'] },
  },
  {
    name: 'an ephemeral container that ended is not started again',
    pod: aPod({ ephemeralContainers: [aContainer('debug')] }),
    runtime: withSandbox(aRuntimeContainer('main'), exited('debug', 1)),
    want: {},
  },
  {
    name: 'an exit code that a rule names restarts a container under Never',
    pod: aPod({
      restartPolicy: 'Never',
      containers: [
        aContainer('main', {
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        }),
      ],
    }),
    runtime: withSandbox(exited('main', 42)),
    want: { start: ['main'] },
  },
  {
    name: 'an exit code that a rule leaves out falls back to the policy',
    pod: aPod({
      restartPolicy: 'Never',
      containers: [
        aContainer('main', {
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'NotIn', values: [1] } }],
        }),
      ],
    }),
    runtime: withSandbox(exited('main', 1)),
    want: { killPod: true },
  },
  {
    name: 'a container gets other resources as it runs',
    pod: aPod({ containers: [aContainer('main', { resources: { limits: { cpu: '2' } } })] }),
    runtime: withSandbox(aRuntimeContainer('main', { resources: { limits: { cpu: '1' } } })),
    want: { resize: ['main'] },
  },
  {
    name: 'a container whose policy says so is restarted for other resources',
    pod: aPod({
      containers: [
        aContainer('main', {
          resources: { limits: { memory: '2Gi' } },
          resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
        }),
      ],
    }),
    runtime: withSandbox(aRuntimeContainer('main', { resources: { limits: { memory: '1Gi' } } })),
    want: { start: ['main'], kill: ['Container main resize requires restart'] },
  },
  {
    name: 'a sandbox that is gone is made anew with everything in it',
    pod: aPod(),
    runtime: { ...withSandbox(exited('main', 255)), sandbox: { id: 's', attempt: 0, isReady: false, ip: '' } },
    want: { sandbox: true, killPod: true, start: ['main'] },
  },
  {
    name: 'a Pod that never restarts gets no second sandbox',
    pod: aPod({ restartPolicy: 'Never' }),
    runtime: { ...withSandbox(exited('main', 255)), sandbox: { id: 's', attempt: 0, isReady: false, ip: '' } },
    want: { killPod: true },
  },
]
for (const { name, pod, runtime, probes, want } of cases)
  test(name, () => {
    const actions = planPodActions(pod, runtime, probes ?? quiet)
    assert.deepEqual(
      {
        sandbox: actions.createSandbox,
        killPod: actions.killPod,
        init: actions.initToStart.map((c) => c.name),
        start: actions.containersToStart.map((c) => c.name),
        kill: actions.containersToKill.map((c) => c.message),
        ephemeral: actions.ephemeralToStart.map((c) => c.name),
        resize: actions.containersToResize.map(({ container }) => container.name),
      },
      { sandbox: false, killPod: false, init: [], start: [], kill: [], ephemeral: [], resize: [], ...want },
    )
  })
