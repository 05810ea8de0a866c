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

/** `n1`, `n2 old starting`, `n3 going`: a ready Pod of the newest template on that node unless told. */
function pods(...texts: string[]): Pod[] {
  return texts.map((text, index) => {
    const [node, ...words] = text.split(' ')
    const phase = words.includes('failed') ? 'Failed' : 'Running'
    return {
      metadata: {
        name: `log-${index}`,
        uid: `log-${index}`,
        creationTimestamp: `2025-12-31T23:0${index}:00Z`,
        labels: { 'controller-revision-hash': words.includes('old') ? 'a' : 'b' },
        ...(words.includes('going') ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: { nodeName: node },
      status: {
        phase,
        conditions: [
          {
            type: 'Ready',
            status: words.includes('starting') ? 'False' : 'True',
            lastTransitionTime: '2025-12-31T23:00:00Z',
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
]
for (const { name, state: given, create = [], remove = [] } of updates) {
  test(`planRollingUpdate ${name}`, () => {
    const plan = planRollingUpdate(given)
    assert.deepEqual({ create: plan.create, remove: names(plan.remove) }, { create, remove })
  })
}

const names = (list: readonly Pod[]): string[] => list.map(({ metadata }) => metadata.name)

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
