/** DaemonSets: where their Pods belong, and how an update goes from node to node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DaemonSet } from '../../sim/api/apps/types.ts'
import type { Pod, PodSpec } from '../../sim/api/core/pod-types.ts'
import type { Node, Taint } from '../../sim/api/core/types.ts'
import {
  type DaemonState,
  groupByNode,
  placementOn,
  planDaemonSet,
  planRollingUpdate,
  statusOf,
} from '../../sim/controllers/daemonset/plan.ts'
import { newPod, targetNode } from '../../sim/controllers/daemonset/pods.ts'

const NOW = Date.UTC(2026, 0, 1)

const aSet = (spec: Partial<PodSpec> = {}, rollingUpdate: object = { maxUnavailable: 1, maxSurge: 0 }): DaemonSet =>
  ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: 'log',
      namespace: 'ns',
      uid: 'set',
      annotations: { 'deprecated.daemonset.template.generation': '4' },
    },
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: { metadata: { labels: { app: 'log' } }, spec },
    },
    status: {},
  }) as unknown as DaemonSet

const aNode = (name: string, labels: Record<string, string> = {}, ...taints: Taint[]): Node =>
  ({ metadata: { name, labels }, spec: { taints } }) as unknown as Node

const placements: {
  name: string
  spec?: Partial<PodSpec>
  node: Node
  want: [shouldRun: boolean, mayStay: boolean]
}[] = [
  { name: 'any node', node: aNode('n'), want: [true, true] },
  {
    name: 'a node that lacks the label of nodeSelector',
    spec: { nodeSelector: { disk: 'ssd' } },
    node: aNode('n'),
    want: [false, false],
  },
  {
    name: 'a node with a NoSchedule taint',
    node: aNode('n', {}, { key: 'gpu', effect: 'NoSchedule' }),
    want: [false, true],
  },
  {
    name: 'a node with a NoExecute taint',
    node: aNode('n', {}, { key: 'gpu', effect: 'NoExecute' }),
    want: [false, false],
  },
  {
    name: 'a cordoned node',
    node: aNode('n', {}, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }),
    want: [true, true],
  },
  {
    name: 'a node that does not answer',
    node: aNode('n', {}, { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }),
    want: [true, true],
  },
  { name: 'another node than the one named', spec: { nodeName: 'm' }, node: aNode('n'), want: [false, false] },
]
for (const { name, spec, node, want } of placements) {
  test(`on ${name}, a Pod ${want[0] ? 'runs' : want[1] ? 'is not started, and stays if it runs' : 'does not belong'}`, () => {
    const { shouldRun, mayStay } = placementOn(aSet(spec), node)
    assert.deepEqual([shouldRun, mayStay], want)
  })
}

/**
 * `n1`, `n2 old starting`, `n3 going`: a ready Pod of the newest template on that node unless told; `fresh` since ten seconds, `new` since now, `waiting`
 * for that node, `twin` as old as the first.
 */
function pods(...texts: string[]): Pod[] {
  return texts.map((text, index) => {
    const [node, ...words] = text.split(' ')
    const phase = words.includes('failed') ? 'Failed' : words.includes('done') ? 'Succeeded' : 'Running'
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }]
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    }
    return {
      metadata: {
        name: `log-${index}`,
        uid: `log-${index}`,
        creationTimestamp: `2025-12-31T23:0${words.includes('twin') ? 0 : index}:00Z`,
        labels: { 'controller-revision-hash': words.includes('old') ? 'a' : 'b' },
        ...(words.includes('going') ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: words.includes('waiting') ? { affinity } : { nodeName: node },
      status: {
        phase,
        conditions: [
          {
            type: 'Ready',
            status: words.includes('starting') ? 'False' : 'True',
            lastTransitionTime: words.includes('new')
              ? '2026-01-01T00:00:00Z'
              : words.includes('fresh')
                ? '2025-12-31T23:59:50Z'
                : '2025-12-31T23:00:00Z',
          },
        ],
      },
    } as unknown as Pod
  })
}

const state = (set: DaemonSet, nodes: number, present: Pod[]): DaemonState => ({
  set,
  nodes: Array.from({ length: nodes }, (_, index) => aNode(`n${index + 1}`)),
  podsByNode: groupByNode(present),
  hash: 'b',
  nowEpochMs: NOW,
})
const surge = { maxUnavailable: 0, maxSurge: 1 }

/** A set whose Pods need a disk, on `n1` with and `n2` without one. */
const withDisk = (rollingUpdate?: object, present: Pod[] = [], more: object = {}): DaemonState => ({
  ...state(patient(aSet({ nodeSelector: { disk: 'ssd' } }, rollingUpdate), more), 0, present),
  nodes: [aNode('n1', { disk: 'ssd' }), aNode('n2')],
})
const patient = (set: DaemonSet, spec: object): DaemonSet => ({ ...set, spec: { ...set.spec, ...spec } })
/** `n1` takes Pods, `n2` no new ones. */
const withTaint = (set: DaemonSet, present: Pod[]): DaemonState => ({
  ...state(set, 0, present),
  nodes: [aNode('n1'), aNode('n2', {}, { key: 'gpu', effect: 'NoSchedule' })],
})

const plans: { name: string; state: DaemonState; create?: string[]; remove?: string[]; ended?: string[] }[] = [
  { name: 'brings a Pod to each node', state: state(aSet(), 2, pods('n1')), create: ['n2'] },
  { name: 'waits for a Pod that is going', state: state(aSet(), 1, pods('n1 going')) },
  { name: 'keeps the oldest of two', state: state(aSet(), 1, pods('n1', 'n1')), remove: ['log-1'] },
  { name: 'replaces a Pod that failed', state: state(aSet(), 1, pods('n1 failed')), ended: ['log-0'] },
  {
    name: 'keeps an old and a new Pod while it surges',
    state: state(aSet({}, surge), 1, pods('n1 old', 'n1 starting')),
  },
  {
    name: 'removes the old one when the new one is up',
    state: state(aSet({}, surge), 1, pods('n1 old', 'n1')),
    remove: ['log-0'],
  },
  {
    name: 'surging, fills a node whose Pod is going',
    state: state(aSet({}, surge), 1, pods('n1 going')),
    create: ['n1'],
  },
  { name: 'replaces a Pod that ended well', state: state(aSet(), 1, pods('n1 done')), ended: ['log-0'] },
  {
    name: 'replaces a Pod that ended, not one that is going already',
    state: state(aSet(), 2, pods('n1 failed going', 'n2 failed', 'n2')),
    create: ['n1'],
    ended: ['log-1'],
  },
  {
    name: 'removes Pods from where they do not belong',
    state: withDisk(undefined, pods('n1', 'n2', 'n2 going')),
    remove: ['log-1'],
  },
  { name: 'leaves a node alone that should have none', state: withDisk(undefined, pods('n1')) },
  { name: 'leaves a Pod where no new one would be started', state: withTaint(aSet(), pods('n1', 'n2')) },
  { name: 'starts none where none may be started', state: withTaint(aSet(), pods('n1')) },
  {
    name: 'surging, starts none in the place of one that is going where none may be started',
    state: withTaint(aSet({}, surge), pods('n1', 'n2 going')),
  },
  {
    name: 'keeps the Pod that has its node',
    state: state(aSet(), 1, pods('n1 waiting', 'n1', 'n1 twin')),
    remove: ['log-1', 'log-0'],
  },
  {
    name: 'of twins keeps the first by name',
    state: state(aSet(), 1, pods('n1 twin', 'n1 twin').reverse()),
    remove: ['log-1'],
  },
  {
    name: 'keeps the older of two that wait',
    state: state(aSet(), 1, pods('n1 waiting', 'n1 waiting').reverse()),
    remove: ['log-1'],
  },
  {
    name: 'removes Pods that wait for a node that is gone, and leaves those that ran there to others',
    state: state(aSet(), 1, pods('n1', 'n9 waiting', 'n9', 'n9 waiting going')),
    remove: ['log-1'],
  },
  {
    name: 'does not count a Pod that ended and is going',
    state: state(aSet({}, surge), 1, pods('n1 failed going')),
    create: ['n1'],
  },
  {
    name: 'surging, removes the old one that is not ready',
    state: state(aSet({}, surge), 1, pods('n1 old starting', 'n1 starting')),
    remove: ['log-0'],
  },
  {
    name: 'surging, keeps the old one until the new one is available',
    state: state(patient(aSet({}, surge), { minReadySeconds: 30 }), 1, pods('n1 old', 'n1 fresh')),
  },
  {
    name: 'surging, removes the old one the moment the new one is up',
    state: state(aSet({}, surge), 1, pods('n1 old', 'n1 new')),
    remove: ['log-0'],
  },
  {
    name: 'surging, keeps the oldest of each template',
    state: state(aSet({}, surge), 1, pods('n1 old', 'n1 old', 'n1 starting', 'n1 starting')),
    remove: ['log-1', 'log-3'],
  },
  {
    name: 'surging, keeps the oldest of one template',
    state: state(aSet({}, surge), 1, pods('n1', 'n1')),
    remove: ['log-1'],
  },
  { name: 'surging, leaves one Pod alone', state: state(aSet({}, surge), 1, pods('n1 old')) },
  {
    name: 'surges by a share too',
    state: state(aSet({}, { maxSurge: '1%' }), 1, pods('n1 old', 'n1 starting')),
  },
  {
    name: 'surges only in a rolling update',
    state: state(
      patient(aSet({}, surge), { updateStrategy: { type: 'OnDelete', rollingUpdate: surge } }),
      1,
      pods('n1 old', 'n1 starting'),
    ),
    remove: ['log-1'],
  },
  {
    name: 'without a word on surge does not surge',
    state: state(patient(aSet(), { updateStrategy: { type: 'RollingUpdate' } }), 1, pods('n1 old', 'n1 starting')),
    remove: ['log-1'],
  },
]
for (const { name, state: given, create = [], remove = [], ended = [] } of plans) {
  test(`planDaemonSet ${name}`, () => {
    const plan = planDaemonSet(given)
    assert.deepEqual(
      { create: plan.create, remove: names(plan.remove), ended: names(plan.ended.map(({ pod }) => pod)) },
      { create, remove, ended },
    )
  })
}

const updates: { name: string; state: DaemonState; create?: string[]; remove?: string[] }[] = [
  { name: 'takes one node at a time', state: state(aSet(), 3, pods('n1 old', 'n2 old', 'n3 old')), remove: ['log-0'] },
  { name: 'waits while a new Pod is not up', state: state(aSet(), 2, pods('n1 starting', 'n2 old')) },
  {
    name: 'replaces old Pods that do not work at once',
    state: state(aSet(), 2, pods('n1 old starting', 'n2 old starting')),
    remove: ['log-0', 'log-1'],
  },
  {
    name: 'takes a share of the nodes',
    state: state(aSet({}, { maxUnavailable: '50%' }), 4, pods('n1 old', 'n2 old', 'n3 old', 'n4 old')),
    remove: ['log-0', 'log-1'],
  },
  {
    name: 'with surge starts beside the old Pod',
    state: state(aSet({}, surge), 2, pods('n1 old', 'n2 old')),
    create: ['n1'],
  },
  {
    name: 'takes one node at a time where nothing is said',
    state: state(patient(aSet(), { updateStrategy: { type: 'RollingUpdate' } }), 2, pods('n1 old', 'n2 old')),
    remove: ['log-0'],
  },
  {
    name: 'takes one node at a time where neither surge nor unavailability is allowed',
    state: state(aSet({}, { maxUnavailable: 0, maxSurge: 0 }), 2, pods('n1 old', 'n2 old')),
    remove: ['log-0'],
  },
  {
    name: 'rounds a share of the nodes up',
    state: state(aSet({}, { maxUnavailable: '34%' }), 3, pods('n1 old', 'n2 old', 'n3 old')),
    remove: ['log-0', 'log-1'],
  },
  { name: 'leaves what is new', state: state(aSet(), 2, pods('n1', 'n2')) },
  {
    name: 'waits while a new Pod is not available yet',
    state: state(patient(aSet(), { minReadySeconds: 30 }), 2, pods('n1 fresh', 'n2 old')),
  },
  {
    name: 'takes the next node the moment the last is up',
    state: state(aSet(), 2, pods('n1 new', 'n2 old')),
    remove: ['log-1'],
  },
  {
    name: 'with surge removes an old Pod the moment the new one is up',
    state: state(aSet({}, surge), 1, pods('n1 old', 'n1 new')),
    remove: ['log-0'],
  },
  { name: 'waits while a node has no Pod', state: state(aSet(), 2, pods('n1 old')) },
  {
    name: 'waits for no Pod where none should be',
    state: withDisk({ maxUnavailable: 1 }, pods('n1 old')),
    remove: ['log-0'],
  },
  { name: 'waits while a Pod is going', state: state(aSet(), 2, pods('n1 old', 'n2 going')) },
  { name: 'waits while a node has an old and a new Pod', state: state(aSet(), 2, pods('n1 old', 'n2 old', 'n2')) },
  { name: 'waits while a node has several old Pods', state: state(aSet(), 2, pods('n1 old', 'n2 old', 'n2 old')) },
  { name: 'waits while a node has several new Pods', state: state(aSet(), 2, pods('n1 old', 'n2', 'n2')) },
  {
    name: 'replaces an old Pod that is not available yet, and counts it',
    state: state(patient(aSet(), { minReadySeconds: 30 }), 2, pods('n1 old', 'n2 old fresh')),
    remove: ['log-1'],
  },
  {
    name: 'takes a share of no nodes as none',
    state: {
      ...withTaint(aSet({}, { maxUnavailable: '50%' }), pods('n2 old')),
      nodes: withTaint(aSet(), []).nodes.slice(1),
    },
  },
  {
    name: 'with surge starts beside as many as the share says, rounded up',
    state: state(aSet({}, { maxSurge: '50%', maxUnavailable: 0 }), 3, pods('n1 old', 'n2 old', 'n3 old')),
    create: ['n1', 'n2'],
  },
  {
    name: 'with surge starts no more while a new one is not up',
    state: state(aSet({}, surge), 2, pods('n1 old', 'n1 starting', 'n2 old')),
  },
  {
    name: 'with surge starts no more while a node has too many',
    state: state(aSet({}, surge), 2, pods('n1 old', 'n1', 'n1', 'n2 old')),
  },
  {
    name: 'with surge removes an old Pod beside one that is available',
    state: state(aSet({}, surge), 2, pods('n1 old', 'n1', 'n2 old')),
    create: ['n2'],
    remove: ['log-0'],
  },
  {
    name: 'with surge keeps an old Pod beside one that is not available yet',
    state: state(patient(aSet({}, surge), { minReadySeconds: 30 }), 1, pods('n1 old', 'n1 fresh')),
  },
  {
    name: 'with surge starts beside an old Pod that does not work at once',
    state: state(aSet({}, surge), 3, pods('n1 old', 'n2 old starting', 'n3 old starting')),
    create: ['n2', 'n3', 'n1'],
  },
  { name: 'with surge leaves what is new', state: state(aSet({}, surge), 2, pods('n1 starting', 'n2')) },
  {
    name: 'with surge removes an old Pod that does not work where none should run',
    state: withDisk(surge, pods('n1', 'n2 old starting')),
    remove: ['log-1'],
  },
  {
    name: 'with surge keeps an old Pod that works where none should run until there is one for it',
    state: withDisk(surge, pods('n1 starting', 'n2 old')),
  },
  {
    name: 'with surge removes an old Pod that works where none should run once there is one for it',
    state: withDisk(surge, pods('n1', 'n2 old')),
    remove: ['log-1'],
  },
]
for (const { name, state: given, create = [], remove = [] } of updates) {
  test(`planRollingUpdate ${name}`, () => {
    const plan = planRollingUpdate(given)
    assert.deepEqual({ create: plan.create, remove: names(plan.remove) }, { create, remove })
  })
}

const names = (list: readonly Pod[]): string[] => list.map(({ metadata }) => metadata.name)

const report = (given: DaemonState, observes = true) => statusOf(given, observes)

test('the status counts nodes by what runs on them', () => {
  const set = patient({ ...aSet({ nodeSelector: { disk: 'ssd' } }), status: {} } as DaemonSet, { minReadySeconds: 30 })
  const given = {
    ...state(set, 0, pods('n1', 'n2 old', 'n3 fresh', 'n4 starting', 'n6', 'n6 old', 'n8')),
    nodes: ['n1', 'n2', 'n3', 'n4', 'n5']
      .map((name) => aNode(name, { disk: 'ssd' }))
      .concat(aNode('n6'), aNode('n7'), aNode('n8')),
  }
  const counts = {
    currentNumberScheduled: 4,
    numberMisscheduled: 2,
    desiredNumberScheduled: 5,
    numberReady: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 2,
    numberUnavailable: 3,
  }
  assert.deepEqual(report(given), counts)
})

test('of several Pods on a node the oldest counts', () => {
  const { numberReady, updatedNumberScheduled } = report(state(aSet(), 1, pods('n1 starting', 'n1 old').reverse()))
  assert.deepEqual([numberReady, updatedNumberScheduled], [0, 1])
})

test('a status of nothing says what is wanted, and keeps what is not counted', () => {
  const conditions = [{ type: 'Other', status: 'True' as const }]
  const set = { ...aSet(), metadata: { ...aSet().metadata, generation: 5 } }
  const none = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
  assert.deepEqual(report(state(set, 0, [])), { ...none, observedGeneration: 5 })
  const known = { ...set, status: { observedGeneration: 4, collisionCount: 0, conditions } } as unknown as DaemonSet
  assert.deepEqual(report(state(known, 0, []), false), {
    ...none,
    observedGeneration: 4,
    collisionCount: 0,
    conditions,
  })
})

test('a node whose Pod is available is not unavailable', () => {
  const counts = (...texts: string[]) => {
    const { numberAvailable, numberUnavailable } = report(state(aSet(), 1, pods(...texts)))
    return [numberAvailable, numberUnavailable]
  }
  assert.deepEqual(
    [counts('n1'), counts('n1 new'), counts('n1 starting')],
    [
      [1, undefined],
      [1, undefined],
      [undefined, 1],
    ],
  )
})

test('a Pod is meant for one node by its affinity, and keeps what else the template says', () => {
  const set = aSet({
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } },
  })
  const pod = newPod(set, 'n1', 'b') as Pod
  assert.equal(targetNode(pod), 'n1')
  assert.ok(pod.spec.affinity?.podAntiAffinity)
  assert.deepEqual(
    pod.spec.tolerations?.map(({ key }) => key?.replace('node.kubernetes.io/', '')),
    ['gpu', 'not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'],
  )
  assert.equal(pod.metadata.labels?.['pod-template-generation'], '4')
})
