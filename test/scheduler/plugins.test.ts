import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeMatchesTerm, tolerates } from '../../sim/api/core/pod/node-fit.ts'
import type { NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../sim/api/core/pod-types.ts'
import type { Node, Taint } from '../../sim/api/core/types.ts'
import type { Loose } from '../../sim/api/meta/object.ts'
import { Cycle, normalizeByGreatest, type SchedulerPlugin } from '../../sim/scheduler/framework.ts'
import { ClusterIndex, NodeInfo } from '../../sim/scheduler/node-info.ts'
import { imageLocality } from '../../sim/scheduler/plugins/image-locality.ts'
import { nodePorts } from '../../sim/scheduler/plugins/node-ports.ts'
import { nodeResourcesBalancedAllocation } from '../../sim/scheduler/plugins/node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from '../../sim/scheduler/plugins/node-resources-fit.ts'
import { createPodInfo, type PodInfo } from '../../sim/scheduler/pod-info.ts'
import { createResourceReader } from '../../sim/scheduler/resources.ts'

const reader = createResourceReader()

function aPod(name: string, spec: Loose<PodSpec>): PodInfo {
  const pod = { metadata: { namespace: 'scn', name, uid: name }, spec: { containers: [], ...spec }, status: {} }
  return createPodInfo(pod as unknown as Pod, reader)
}

const requesting = (requests: Record<string, string>): Loose<PodSpec> => ({
  containers: [{ name: 'c', image: 'x', resources: { requests } }],
})

function aNode(
  name: string,
  status: Partial<Node['status']> = {},
  labels: Record<string, string> = {},
  index = new ClusterIndex(),
): NodeInfo {
  const node = {
    metadata: { name, labels },
    spec: {},
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110' }, ...status },
  }
  const info = new NodeInfo(name, reader, index)
  info.setNode(node as unknown as Node)
  return info
}

function scoreOf(
  plugin: SchedulerPlugin,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  index = new ClusterIndex(),
): number[] | 'skip' {
  const cycle = new Cycle(pod, nodes, index)
  if (plugin.preScore?.(cycle, nodes) === 'skip') return 'skip'
  return nodes.map((node) => plugin.score?.(cycle, node) ?? 0)
}

const requests: { name: string; spec: Loose<PodSpec>; millis: number; mebibytes: number }[] = [
  {
    name: 'containers add up',
    spec: {
      containers: [
        { resources: { requests: { cpu: '250m', memory: '64Mi' } } },
        { resources: { requests: { cpu: '1' } } },
      ],
    },
    millis: 1250,
    mebibytes: 64,
  },
  {
    name: 'the greatest init container counts when it asks for more',
    spec: {
      containers: [{ resources: { requests: { cpu: '100m' } } }],
      initContainers: [{ resources: { requests: { cpu: '1' } } }, { resources: { requests: { cpu: '500m' } } }],
    },
    millis: 1000,
    mebibytes: 0,
  },
  {
    name: 'a sidecar adds to containers and to later init containers',
    spec: {
      containers: [{ resources: { requests: { cpu: '100m' } } }],
      initContainers: [
        { restartPolicy: 'Always', resources: { requests: { cpu: '200m' } } },
        { resources: { requests: { cpu: '500m' } } },
      ],
    },
    millis: 700,
    mebibytes: 0,
  },
  {
    name: 'overhead is added',
    spec: { containers: [{ resources: {} }], overhead: { cpu: '50m' } },
    millis: 50,
    mebibytes: 0,
  },
  {
    name: 'requests of the Pod as a whole go before those of its containers',
    spec: { containers: [{ resources: { requests: { cpu: '100m' } } }], resources: { requests: { cpu: '2' } } },
    millis: 2000,
    mebibytes: 0,
  },
]
for (const { name, spec, millis, mebibytes } of requests)
  test(`of a Pod's requests, ${name}`, () => {
    const info = aPod('p', spec)
    assert.deepEqual([info.requests.cpuMillis, info.requests.memoryBytes], [millis, mebibytes * 1024 * 1024])
  })

test('scores count a container without requests as 100m and 200Mi', () => {
  const info = aPod('p', { containers: [{ resources: {} }, { resources: { requests: { cpu: '0' } } }] })
  assert.deepEqual([info.nonZeroRequests.cpuMillis, info.nonZeroRequests.memoryBytes], [100, 400 * 1024 * 1024])
})

const tolerations: { toleration: Toleration; taint: Taint; want: boolean }[] = [
  { toleration: { operator: 'Exists' }, taint: { key: 'k', value: 'v', effect: 'NoExecute' }, want: true },
  { toleration: { key: 'k' }, taint: { key: 'k', effect: 'NoSchedule' }, want: true },
  { toleration: { key: 'k', value: 'v' }, taint: { key: 'k', value: 'v', effect: 'NoSchedule' }, want: true },
  {
    toleration: { key: 'k', operator: 'Equal', value: 'w' },
    taint: { key: 'k', value: 'v', effect: 'NoSchedule' },
    want: false,
  },
  {
    toleration: { key: 'k', operator: 'Exists', effect: 'NoExecute' },
    taint: { key: 'k', effect: 'NoSchedule' },
    want: false,
  },
  { toleration: { key: 'other', operator: 'Exists' }, taint: { key: 'k', effect: 'NoSchedule' }, want: false },
]
for (const { toleration, taint, want } of tolerations)
  test(`${JSON.stringify(toleration)} ${want ? 'tolerates' : 'does not tolerate'} ${JSON.stringify(taint)}`, () => {
    assert.equal(tolerates(toleration, taint), want)
  })

const terms: { term: NodeSelectorTerm; want: boolean }[] = [
  { term: {}, want: false },
  { term: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }, want: true },
  { term: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, want: false },
  { term: { matchExpressions: [{ key: 'gpu', operator: 'NotIn', values: ['yes'] }] }, want: true },
  {
    term: {
      matchExpressions: [
        { key: 'zone', operator: 'Exists' },
        { key: 'gpu', operator: 'DoesNotExist' },
      ],
    },
    want: true,
  },
  { term: { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['8'] }] }, want: true },
  { term: { matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['8'] }] }, want: false },
  { term: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }, want: true },
  { term: { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }] }, want: false },
]
for (const { term, want } of terms)
  test(`a node of zone a with 16 cores ${want ? 'matches' : 'does not match'} ${JSON.stringify(term)}`, () => {
    const { node } = aNode('node-1', {}, { zone: 'a', cores: '16' })
    assert.ok(node)
    assert.equal(nodeMatchesTerm(node, term), want)
  })

const ports: { name: string; used: object; wanted: object; fits: boolean }[] = [
  { name: 'the same port', used: { hostPort: 80 }, wanted: { hostPort: 80 }, fits: false },
  { name: 'another port', used: { hostPort: 80 }, wanted: { hostPort: 81 }, fits: true },
  {
    name: 'another protocol',
    used: { hostPort: 53, protocol: 'UDP' },
    wanted: { hostPort: 53, protocol: 'TCP' },
    fits: true,
  },
  {
    name: 'another address',
    used: { hostPort: 80, hostIP: '10.0.0.1' },
    wanted: { hostPort: 80, hostIP: '10.0.0.2' },
    fits: true,
  },
  { name: 'every address', used: { hostPort: 80, hostIP: '10.0.0.1' }, wanted: { hostPort: 80 }, fits: false },
]
for (const { name, used, wanted, fits } of ports)
  test(`a Pod that wants ${name} as one on the node ${fits ? 'fits' : 'does not fit'}`, () => {
    const node = aNode('node-1')
    node.addPod(aPod('there', { containers: [{ ports: [{ containerPort: 1, ...used }] }] }))
    const cycle = new Cycle(
      aPod('p', { containers: [{ ports: [{ containerPort: 1, ...wanted }] }] }),
      [node],
      new ClusterIndex(),
    )
    assert.equal(nodePorts().filter?.(cycle, node) === undefined, fits)
  })

test('the node with the most left scores best, in whole hundredths', () => {
  const [empty, busy] = [aNode('empty'), aNode('busy')]
  busy.addPod(aPod('there', requesting({ cpu: '1', memory: '1Gi' })))
  assert.deepEqual(
    scoreOf(nodeResourcesFit(), aPod('p', requesting({ cpu: '500m', memory: '1Gi' })), [empty, busy]),
    [75, 37],
  )
})

test('the node whose CPU and memory the Pod brings into balance scores best, one whose balance stays scores 75; Pods without requests are not scored', () => {
  const [even, skewed] = [aNode('even'), aNode('skewed')]
  skewed.addPod(aPod('there', requesting({ cpu: '1' })))
  const plugin = nodeResourcesBalancedAllocation()
  assert.deepEqual(scoreOf(plugin, aPod('p', requesting({ cpu: '500m', memory: '1Gi' })), [even, skewed]), [75, 75])
  assert.deepEqual(scoreOf(plugin, aPod('m', requesting({ memory: '2Gi' })), [even, skewed]), [62, 87])
  assert.equal(scoreOf(plugin, aPod('q', { containers: [{ resources: {} }] }), [even, skewed]), 'skip')
})

test('a large image that is there scores, less so when few nodes have it', () => {
  const images = [{ names: ['big:1'], sizeBytes: 800 * 1024 * 1024 }]
  const index = new ClusterIndex()
  const nodes = [aNode('has', { images }, {}, index), aNode('has-not', {}, {}, index)]
  assert.deepEqual(
    scoreOf(imageLocality(), aPod('p', { containers: [{ image: 'big:1', resources: {} }] }), nodes, index),
    [38, 0],
  )
})

test('taking a Pod off a node gives back all it took', () => {
  const node = aNode('node-1')
  const before = { ...node }
  const pod = aPod('p', {
    containers: [
      {
        resources: { requests: { cpu: '1', memory: '1Gi', 'example.com/gpu': '2' } },
        ports: [{ containerPort: 1, hostPort: 80 }],
      },
    ],
  })
  const question = { isTrueOf: () => true }
  assert.equal(node.countPods(question), 0)
  node.addPod(pod)
  assert.equal(node.countPods(question), 1)
  assert.equal(node.ports.clashWith(pod.hostPorts), true)
  node.removePod(pod.uid)
  assert.equal(node.countPods(question), 0)
  assert.equal(node.cpuMillis, before.cpuMillis)
  assert.equal(node.memoryBytes, before.memoryBytes)
  assert.equal(node.scalars.get('example.com/gpu'), 0)
  assert.equal(node.ports.clashWith(pod.hostPorts), false)
})

for (const { name, scores, isReversed, want } of [
  { name: 'scaled to a hundred', scores: [1, 2, 4], isReversed: false, want: [25, 50, 100] },
  { name: 'turned around when less is better', scores: [0, 1, 2], isReversed: true, want: [100, 50, 0] },
  { name: 'all best when there is nothing against any', scores: [0, 0], isReversed: true, want: [100, 100] },
])
  test(`scores are ${name}`, () => {
    const list = [...scores]
    normalizeByGreatest(list, isReversed)
    assert.deepEqual(list, want)
  })
