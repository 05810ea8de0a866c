import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node, Taint } from '../../sim/api/core/types.ts'
import type { Condition } from '../../sim/api/meta/object.ts'
import {
  evictionsPerSecond,
  silentConditions,
  withConditionTaints,
  withEvictionTaint,
  zoneStateOf,
} from '../../sim/controllers/node-lifecycle/plan.ts'

const created = '2026-01-01T00:00:00Z'
const before = '2026-01-01T01:00:00Z'
const now = '2026-01-01T02:00:00Z'

const condition = (type: string, status: Condition['status']): Condition => ({
  type,
  status,
  reason: 'Kubelet',
  lastHeartbeatTime: before,
  lastTransitionTime: before,
})
/** `key:effect` */
const taintsOf = (texts: readonly string[]): Taint[] =>
  texts.map((text) => {
    const [key, effect] = text.split(':')
    return { key, effect } as Taint
  })
const textsOf = (taints: readonly Taint[] | undefined): string[] | undefined =>
  taints?.map(({ key, effect }) => `${key}:${effect}`)
const aNode = (conditions: Condition[] | undefined, taints: string[] | undefined = undefined, unschedulable = false) =>
  ({
    metadata: { name: 'n', creationTimestamp: created },
    spec: { ...(taints ? { taints: taintsOf(taints) } : {}), ...(unschedulable ? { unschedulable } : {}) },
    status: { conditions },
  }) as unknown as Node

const calledFor: [type: string, status: Condition['status'], key: string | undefined][] = [
  ['Ready', 'True', undefined],
  ['Ready', 'False', 'not-ready'],
  ['Ready', 'Unknown', 'unreachable'],
  ['MemoryPressure', 'True', 'memory-pressure'],
  ['MemoryPressure', 'Unknown', undefined],
  ['DiskPressure', 'True', 'disk-pressure'],
  ['DiskPressure', 'False', undefined],
  ['PIDPressure', 'True', 'pid-pressure'],
  ['NetworkUnavailable', 'True', 'network-unavailable'],
  ['NetworkUnavailable', 'False', undefined],
  ['Other', 'True', undefined],
]
for (const [type, status, key] of calledFor)
  test(`a node whose ${type} is ${status} ${key ? `carries the NoSchedule taint ${key}` : 'carries no taint for it'}`, () => {
    const taints = withConditionTaints(aNode([condition(type, status)]), now)
    const want = key && [{ key: `node.kubernetes.io/${key}`, effect: 'NoSchedule', timeAdded: now }]
    assert.deepEqual(taints, want)
  })

const rightTaints: { name: string; node: Node; want: string[] | undefined }[] = [
  {
    name: 'a cordoned node carries the NoSchedule taint for that',
    node: aNode([], undefined, true),
    want: ['node.kubernetes.io/unschedulable:NoSchedule'],
  },
  {
    name: 'what a node has got right stays as it is',
    node: aNode([condition('Ready', 'False')], ['node.kubernetes.io/not-ready:NoSchedule']),
    want: undefined,
  },
  {
    name: 'taints of conditions that are over go, and those of others stay',
    node: aNode(
      [condition('Ready', 'Unknown')],
      [
        'node.kubernetes.io/not-ready:NoSchedule',
        'gpu:NoSchedule',
        'node.kubernetes.io/unschedulable:NoSchedule',
        'node.kubernetes.io/disk-pressure:NoSchedule',
      ],
    ),
    want: ['gpu:NoSchedule', 'node.kubernetes.io/unreachable:NoSchedule'],
  },
  {
    name: 'a taint that is no longer called for goes even if none is',
    node: aNode([condition('Ready', 'True')], ['node.kubernetes.io/not-ready:NoSchedule']),
    want: [],
  },
  {
    name: 'taints of the same keys with another effect are not touched',
    node: aNode([condition('Ready', 'False')], ['node.kubernetes.io/not-ready:NoExecute', 'gpu:NoExecute']),
    want: ['node.kubernetes.io/not-ready:NoExecute', 'gpu:NoExecute', 'node.kubernetes.io/not-ready:NoSchedule'],
  },
]
for (const { name, node, want } of rightTaints)
  test(name, () => assert.deepEqual(textsOf(withConditionTaints(node, now)), want))

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const evictions: { name: string; taints?: string[]; key: string | undefined; want: string[] | undefined }[] = [
  { name: 'is put on a node', key: NOT_READY, want: [`${NOT_READY}:NoExecute`] },
  { name: 'stays as it is', taints: [`${NOT_READY}:NoExecute`], key: NOT_READY, want: undefined },
  {
    name: 'takes the place of the other',
    taints: [`${NOT_READY}:NoExecute`, 'gpu:NoExecute'],
    key: UNREACHABLE,
    want: ['gpu:NoExecute', `${UNREACHABLE}:NoExecute`],
  },
  {
    name: 'is alone',
    taints: [`${NOT_READY}:NoExecute`, `${UNREACHABLE}:NoExecute`],
    key: NOT_READY,
    want: [`${NOT_READY}:NoExecute`],
  },
  {
    name: 'is taken off a node that is well',
    taints: [`${UNREACHABLE}:NoExecute`, `${UNREACHABLE}:NoSchedule`],
    key: undefined,
    want: [`${UNREACHABLE}:NoSchedule`],
  },
  { name: 'of others is not touched', taints: ['gpu:NoExecute'], key: undefined, want: undefined },
  { name: 'is not missed where there is none', key: undefined, want: undefined },
]
for (const { name, taints, key, want } of evictions)
  test(`the taint that drives Pods away ${name}`, () => {
    const result = withEvictionTaint(aNode([], taints), key, now)
    assert.deepEqual(textsOf(result), want)
    if (key && result) assert.equal(result.at(-1)?.timeAdded, now)
  })

test('a silent node has its kubelet conditions Unknown from now on, heard of last when it was', () => {
  const known = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']
  const conditions = known.map((type) => condition(type, type === 'Ready' ? 'True' : 'False'))
  const silent = silentConditions(aNode(conditions), now)
  const unknown = {
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: before,
    lastTransitionTime: now,
  }
  assert.deepEqual(
    silent,
    known.map((type) => ({ type, ...unknown })),
  )
  assert.equal(silentConditions(aNode(silent), '2026-01-01T03:00:00Z'), undefined)
})

test('a node that never said anything is told to have never posted, since its creation', () => {
  const silent = silentConditions(aNode(undefined), now) ?? []
  assert.deepEqual(silent[0], {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: created,
    lastTransitionTime: now,
  })
  assert.deepEqual(
    silent.map(({ type }) => type),
    ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'],
  )
})

test('the network of a silent node is not spoken of: it is not for the kubelet to say', () => {
  const network = condition('NetworkUnavailable', 'False')
  assert.deepEqual(silentConditions(aNode([network]), now)?.[0], network)
})

const zones: { ready: number; notReady: number; want: string }[] = [
  { ready: 0, notReady: 0, want: 'Normal' },
  { ready: 3, notReady: 0, want: 'Normal' },
  { ready: 0, notReady: 1, want: 'FullDisruption' },
  { ready: 1, notReady: 2, want: 'Normal' },
  { ready: 2, notReady: 3, want: 'PartialDisruption' },
  { ready: 3, notReady: 3, want: 'Normal' },
  { ready: 9, notReady: 11, want: 'PartialDisruption' },
]
for (const { ready, notReady, want } of zones)
  test(`a zone with ${ready} ready nodes and ${notReady} others is in the state ${want}`, () => {
    const nodes = [...Array<boolean>(notReady).fill(false), ...Array<boolean>(ready).fill(true)]
    assert.equal(zoneStateOf(nodes), want)
  })

test('Pods leave one node in ten seconds, in a zone that is disrupted in part one in a hundred, and none if it is small', () => {
  assert.equal(evictionsPerSecond('Normal', 3), 0.1)
  assert.equal(evictionsPerSecond('FullDisruption', 3), 0.1)
  assert.equal(evictionsPerSecond('PartialDisruption', 50), 0)
  assert.equal(evictionsPerSecond('PartialDisruption', 51), 0.01)
})
