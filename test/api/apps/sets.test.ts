/** StatefulSets, DaemonSets and ReplicationControllers: what the server fills in and refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controllerRevisions } from '../../../sim/api/apps/controller-revision.ts'
import { daemonSets } from '../../../sim/api/apps/daemon-set.ts'
import { statefulSets } from '../../../sim/api/apps/stateful-set.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from '../../../sim/api/apps/types.ts'
import { replicationControllers } from '../../../sim/api/core/replication-controller.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'
import type { Kind } from '../../../sim/api/meta/kind.ts'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { context } from '../core/pod/pod-fixture.ts'

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }
const selected = { selector: { matchLabels: { app: 'x' } }, template }

/** The object as the server stores it. */
function stored<T extends KubeObject>(kind: Kind<T>, spec: object, name = 'x'): T {
  const metadata = { name, namespace: 'ns', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-20T08:00:00Z' }
  const object = structuredClone({ apiVersion: kind.apiVersion, kind: kind.kind, metadata, spec }) as unknown as T
  kind.applyDefaults(object)
  kind.prepareForCreate(object, context)
  return object
}
const aStatefulSet = (spec: object = {}, name?: string): StatefulSet =>
  stored(statefulSets, { ...selected, ...spec }, name)
const aDaemonSet = (spec: object = {}): DaemonSet => stored(daemonSets, { ...selected, ...spec })

test('a StatefulSet starts one Pod at a time and rolls updates out to all, one at a time', () => {
  const { spec } = aStatefulSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] })
  assert.deepEqual([spec.replicas, spec.podManagementPolicy, spec.revisionHistoryLimit], [1, 'OrderedReady', 10])
  assert.deepEqual(spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { partition: 0 } })
  assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' })
  assert.equal(spec.volumeClaimTemplates?.[0].spec.volumeMode, 'Filesystem')
})

const refusedStatefulSets: { name: string; spec: object; want: string[] }[] = [
  { name: 'nothing wrong', spec: {}, want: [] },
  {
    name: 'an unknown policy',
    spec: { podManagementPolicy: 'Random' },
    want: [`spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`],
  },
  {
    name: 'a rolling update on deletion',
    spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    want: [
      `spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
    ],
  },
  {
    name: 'no Pod that may be unavailable, by a field whose gate is off',
    spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } },
    want: [],
  },
  {
    name: 'an empty selector',
    spec: { selector: {} },
    want: ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  },
  {
    name: 'Pods that are not restarted',
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
    want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
]
for (const { name, spec, want } of refusedStatefulSets) {
  test(`a StatefulSet with ${name} is ${want.length > 0 ? 'refused' : 'accepted'}`, () => {
    assert.deepEqual(statefulSets.validate(aStatefulSet(spec)).map(messageOf), want)
  })
}

test('of a StatefulSet only what the message lists may change', () => {
  const errors = (after: object): string[] =>
    statefulSets.validateUpdate(aStatefulSet(after), aStatefulSet()).map(messageOf)
  assert.deepEqual(errors({ replicas: 3, minReadySeconds: 2, revisionHistoryLimit: 1 }), [])
  assert.deepEqual(errors({ serviceName: 'other' }), [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ])
})

test('a DaemonSet counts the changes of its template in an annotation', () => {
  const generation = (set: DaemonSet): string | undefined =>
    set.metadata.annotations?.['deprecated.daemonset.template.generation']
  const old = aDaemonSet()
  assert.equal(generation(old), '1')
  const scaled = aDaemonSet({ minReadySeconds: 3 })
  daemonSets.prepareForUpdate(scaled, old, context)
  assert.equal(generation(scaled), '1')
  const changed = aDaemonSet({ template: { ...template, metadata: { labels: { app: 'x', tier: 'a' } } } })
  daemonSets.prepareForUpdate(changed, old, context)
  assert.equal(generation(changed), '2')
})

const strategies: { name: string; rollingUpdate: object; want: string[] }[] = [
  { name: 'maxUnavailable alone', rollingUpdate: { maxUnavailable: '30%' }, want: [] },
  { name: 'maxSurge alone', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }, want: [] },
  {
    name: 'both',
    rollingUpdate: { maxUnavailable: 1, maxSurge: 1 },
    want: [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
  },
  {
    name: 'neither',
    rollingUpdate: { maxUnavailable: 0 },
    want: ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  },
]
for (const { name, rollingUpdate, want } of strategies) {
  test(`a DaemonSet with ${name} is ${want.length > 0 ? 'refused' : 'accepted'}`, () => {
    const set = aDaemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
    assert.deepEqual(daemonSets.validate(set).map(messageOf), want)
  })
}

test('the selector of a DaemonSet is immutable', () => {
  const labels = { app: 'x', tier: 'a' }
  const after = aDaemonSet({ selector: { matchLabels: labels }, template: { ...template, metadata: { labels } } })
  assert.deepEqual(
    daemonSets.validateUpdate(after, aDaemonSet()).map(({ field, body }) => [field, body.slice(-18)]),
    [['spec.selector', 'field is immutable']],
  )
})

test('a ReplicationController takes its selector and labels from its template', () => {
  const { spec, metadata } = stored(replicationControllers, { template })
  assert.deepEqual([spec.selector, metadata.labels, spec.replicas], [{ app: 'x' }, { app: 'x' }, 1])
})

test('a ReplicationController whose selector does not fit its template is refused', () => {
  const controller = stored(replicationControllers, { selector: { app: 'y' }, template })
  assert.deepEqual(replicationControllers.validate(controller).map(messageOf), [
    'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
  ])
})

test('what a ControllerRevision keeps does not change', () => {
  const revision = (image: string): ControllerRevision =>
    ({
      metadata: { name: 'x-1', namespace: 'ns', uid: 'u', resourceVersion: '1' },
      data: { image },
      revision: 1,
    }) as never
  const [error] = controllerRevisions.validateUpdate(revision('b'), revision('a'))
  assert.equal(error.field, 'data')
})
