import assert from 'node:assert/strict'
import { test } from 'node:test'
import { events } from '../../sim/api/core/event.ts'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { nodes } from '../../sim/api/core/node.ts'
import { pods } from '../../sim/api/core/pod.ts'
import type { Pod, PodSpec } from '../../sim/api/core/pod-types.ts'
import { serviceAccounts } from '../../sim/api/core/service-account.ts'
import type { Node } from '../../sim/api/core/types.ts'
import { findCondition, type Loose } from '../../sim/api/meta/object.ts'
import { filterVerdicts } from '../../sim/api/scheduling/attempt.ts'
import { priorityClasses } from '../../sim/api/scheduling/priority-class.ts'
import { ApiServer } from '../../sim/apiserver/api-server.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import type { Client } from '../../sim/client/client.ts'
import { createComponentContext } from '../../sim/component-context.ts'
import { Engine } from '../../sim/engine/engine.ts'
import { type Scheduler, startScheduler } from '../../sim/scheduler/scheduler.ts'

interface World {
  engine: Engine
  client: Client
  scheduler: Scheduler
}

function aWorld(seed = 'scheduler'): World {
  const engine = new Engine({ seed, startEpochMs: Date.UTC(2026, 0, 1) })
  const server = new ApiServer({ engine })
  const user = { name: 'admin', groups: ['system:masters'] }
  const client = createClient(server, { user, fieldManager: 'test', isTrusted: true })
  client.create(namespaces, { metadata: { name: 'scn' }, spec: {} })
  client.create(serviceAccounts, { metadata: { namespace: 'scn', name: 'default' } })
  client.create(priorityClasses, { metadata: { name: 'high' }, value: 1000 })
  client.create(priorityClasses, { metadata: { name: 'polite' }, value: 1000, preemptionPolicy: 'Never' })
  const context = createComponentContext(server, {
    user: { name: 'system:kube-scheduler', groups: [] },
    fieldManager: 'kube-scheduler',
  })
  const scheduler = startScheduler(context)
  context.informers.start()
  return { engine, client, scheduler }
}

interface NodeShape {
  cpu?: string
  pods?: string
  labels?: Record<string, string>
  spec?: Node['spec']
}

function aNode(
  { client }: World,
  name: string,
  { cpu = '4', pods: room = '110', labels, spec = {} }: NodeShape = {},
): void {
  const resources = { cpu, memory: '16Gi', pods: room }
  client.create(nodes, { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } }, spec })
  client.patchStatus(nodes, { namespace: '', name }, 'merge', {
    status: { capacity: resources, allocatable: resources },
  })
}

function aPod(
  { client }: World,
  name: string,
  spec: Loose<PodSpec> & { cpu?: string } = {},
  labels?: Record<string, string>,
): Pod {
  const { cpu, ...rest } = spec
  const main = { name: 'main', image: 'nginx:1.27', ...(cpu ? { resources: { requests: { cpu } } } : {}) }
  return client.create(pods, { metadata: { namespace: 'scn', name, labels }, spec: { containers: [main], ...rest } })
}

const later = (world: World, ms = 1000): void => world.engine.runUntil(world.engine.nowMs + ms)
const podNamed = ({ client }: World, name: string): Pod => client.get(pods, { namespace: 'scn', name })
const nodeOf = (world: World, name: string): string | undefined => podNamed(world, name).spec.nodeName
const why = (world: World, name: string): string | undefined =>
  findCondition(podNamed(world, name).status.conditions, 'PodScheduled')?.message
const reasonsOf = ({ client }: World, name: string): string[] =>
  client
    .list(events, { namespace: 'scn' })
    .items.filter((event) => event.involvedObject.name === name)
    .map((event) => event.reason)

test('a Pod is bound to a node, and an event says so', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'p')
  later(world)
  assert.equal(nodeOf(world, 'p'), 'node-1')
  const [event] = world.client.list(events, { namespace: 'scn' }).items
  assert.equal(event.reason, 'Scheduled')
  assert.equal(event.message, 'Successfully assigned scn/p to node-1')
  assert.equal(event.source.component, 'default-scheduler')
})

const NO_USE = (n: number): string =>
  `no new claims to deallocate, preemption: 0/${n} nodes are available: ${n} Preemption is not helpful for scheduling.`
const required = (key: string, value: string) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In' as const, values: [value] }] }],
    },
  },
})

const refusals: {
  name: string
  nodes?: NodeShape[]
  before?: (world: World) => void
  spec: Loose<PodSpec> & { cpu?: string }
  want: string
}[] = [
  {
    name: 'more CPU than any node has',
    spec: { cpu: '100' },
    want: `0/1 nodes are available: 1 Insufficient cpu. ${NO_USE(1)}`,
  },
  {
    name: 'more CPU than is left',
    before: (world) => aPod(world, 'fill', { cpu: '3' }),
    spec: { cpu: '2' },
    want: '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  },
  {
    name: 'an extended resource that no node has',
    spec: {
      containers: [
        {
          name: 'c',
          image: 'x',
          resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } },
        },
      ],
    },
    want: `0/1 nodes are available: 1 Insufficient example.com/gpu. ${NO_USE(1)}`,
  },
  {
    name: 'a node that holds as many Pods as it may',
    nodes: [{ pods: '1' }],
    before: (world) => aPod(world, 'fill'),
    spec: {},
    want: '0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  },
  {
    name: 'a label that no node has',
    spec: { nodeSelector: { disk: 'ssd' } },
    want: `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${NO_USE(1)}`,
  },
  {
    name: 'a node affinity that no node meets',
    spec: { affinity: required('zone', 'z') },
    want: `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. ${NO_USE(1)}`,
  },
  {
    name: 'a cordoned node',
    nodes: [{ spec: { unschedulable: true } }],
    spec: {},
    want: `0/1 nodes are available: 1 node(s) were unschedulable. ${NO_USE(1)}`,
  },
  {
    name: 'a taint that is not tolerated',
    nodes: [{ spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }],
    spec: { tolerations: [{ key: 'k', operator: 'Equal', value: 'other', effect: 'NoSchedule' }] },
    want: `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${NO_USE(1)}`,
  },
  {
    name: 'a host port that is taken',
    before: (world) =>
      aPod(world, 'fill', { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 8080 }] }] }),
    spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 8080 }] }] },
    want: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
  },
  {
    name: 'a Pod affinity to nobody',
    spec: {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'none' } } },
          ],
        },
      },
    },
    want: `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${NO_USE(1)}`,
  },
  {
    name: 'a spread over a label that no node has',
    spec: {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'nokey', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
    },
    want: `0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label). ${NO_USE(1)}`,
  },
  {
    name: 'each node for its own reason, counted and sorted as text',
    nodes: [
      { cpu: '1' },
      { cpu: '1' },
      { spec: { unschedulable: true } },
      { spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } },
    ],
    spec: { cpu: '2' },
    want: `0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu. ${NO_USE(4)}`,
  },
]
for (const { name, nodes: shapes = [{}], before, spec, want } of refusals)
  test(`a Pod waits for ${name}, and its condition and event say why`, () => {
    const world = aWorld()
    for (const [i, shape] of shapes.entries()) aNode(world, `node-${i + 1}`, shape)
    later(world)
    before?.(world)
    later(world)
    aPod(world, 'p', spec)
    later(world)
    assert.equal(nodeOf(world, 'p'), undefined)
    assert.equal(why(world, 'p'), want)
    assert.deepEqual(reasonsOf(world, 'p'), ['FailedScheduling'])
  })

test('without nodes the message says that there are none', () => {
  const world = aWorld()
  aPod(world, 'p')
  later(world)
  assert.equal(why(world, 'p'), 'no nodes available to schedule pods')
  aNode(world, 'node-1')
  later(world, 3000)
  assert.equal(nodeOf(world, 'p'), 'node-1')
})

const helps: {
  name: string
  node?: NodeShape
  before?: (world: World) => void
  spec: Loose<PodSpec> & { cpu?: string }
  change: (world: World) => void
  isHelped: boolean
}[] = [
  {
    name: 'a Pod that makes room',
    before: (world) => aPod(world, 'fill', { cpu: '3' }),
    spec: { cpu: '2' },
    change: ({ client }) => client.delete(pods, { namespace: 'scn', name: 'fill' }, { gracePeriodSeconds: 0 }),
    isHelped: true,
  },
  {
    name: 'a Pod that has ended',
    before: (world) => aPod(world, 'fill', { cpu: '3' }),
    spec: { cpu: '2' },
    change: ({ client }) =>
      client.patchStatus(pods, { namespace: 'scn', name: 'fill' }, 'merge', { status: { phase: 'Succeeded' } }),
    isHelped: true,
  },
  {
    name: 'a label',
    spec: { nodeSelector: { disk: 'ssd' } },
    change: ({ client }) =>
      client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { metadata: { labels: { disk: 'ssd' } } }),
    isHelped: true,
  },
  {
    name: 'a label of another value',
    spec: { nodeSelector: { disk: 'ssd' } },
    change: ({ client }) =>
      client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { metadata: { labels: { disk: 'hdd' } } }),
    isHelped: false,
  },
  {
    name: 'uncordoning',
    node: { spec: { unschedulable: true } },
    spec: {},
    change: ({ client }) =>
      client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { spec: { unschedulable: null } }),
    isHelped: true,
  },
  {
    name: 'a taint that goes',
    node: { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } },
    spec: {},
    change: ({ client }) => client.patch(nodes, { namespace: '', name: 'node-1' }, 'merge', { spec: { taints: null } }),
    isHelped: true,
  },
  {
    name: 'more allocatable CPU',
    spec: { cpu: '6' },
    change: ({ client }) =>
      client.patchStatus(nodes, { namespace: '', name: 'node-1' }, 'merge', { status: { allocatable: { cpu: '8' } } }),
    isHelped: true,
  },
  {
    name: 'the wanted neighbour',
    spec: {
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } },
          ],
        },
      },
    },
    change: (world) => aPod(world, 'neighbour', {}, { a: 'b' }),
    isHelped: true,
  },
]
for (const { name, node, before, spec, change, isHelped } of helps)
  test(`a waiting Pod is ${isHelped ? 'woken by' : 'not even tried again for'} ${name}`, () => {
    const world = aWorld()
    aNode(world, 'node-1', node)
    later(world)
    before?.(world)
    later(world)
    aPod(world, 'p', spec)
    later(world, 20_000)
    assert.equal(nodeOf(world, 'p'), undefined)
    const attempts = world.scheduler.why('scn/p').length
    change(world)
    later(world, 2000)
    assert.equal(nodeOf(world, 'p') !== undefined, isHelped)
    assert.equal(world.scheduler.why('scn/p').length, attempts + (isHelped ? 1 : 0))
  })

test('a gated Pod gets no attempt until its gates are gone', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'p', { schedulingGates: [{ name: 'wait' }] })
  later(world, 10_000)
  assert.equal(world.scheduler.why('scn/p').length, 0)
  assert.deepEqual(world.scheduler.queues(), { active: 0, backoff: 0, unschedulable: 0, gated: 1 })
  world.client.patch(pods, { namespace: 'scn', name: 'p' }, 'json', [{ op: 'remove', path: '/spec/schedulingGates' }])
  later(world)
  assert.equal(nodeOf(world, 'p'), 'node-1')
})

test('a Pod of another scheduler is left alone', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'p', { schedulerName: 'other' })
  later(world)
  assert.equal(nodeOf(world, 'p'), undefined)
  assert.deepEqual(reasonsOf(world, 'p'), [])
})

test('a Pod that names its node takes room from others', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'direct', { cpu: '3', nodeName: 'node-1' })
  later(world)
  aPod(world, 'p', { cpu: '2' })
  later(world)
  assert.equal(nodeOf(world, 'p'), undefined)
})

test('a Pod that nothing wakes is tried again after five minutes', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'p', { cpu: '100' })
  later(world)
  assert.ok(world.engine.isSettled)
  later(world, 340_000)
  assert.equal(world.scheduler.why('scn/p').length, 2)
})

test('the record of an attempt holds the verdict of each plugin on each node', () => {
  const world = aWorld()
  aNode(world, 'node-1', { labels: { disk: 'ssd' } })
  aNode(world, 'node-2', { spec: { unschedulable: true } })
  aNode(world, 'node-3')
  later(world)
  aPod(world, 'p', {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
        ],
      },
    },
  })
  later(world)
  const [attempt] = world.scheduler.why('scn/p')
  assert.equal(attempt.result, 'scheduled')
  assert.equal(attempt.node, 'node-1')
  const byNode = new Map(attempt.nodes.map((verdict) => [verdict.node, verdict]))
  assert.equal(byNode.get('node-2')?.rejectedBy, 'NodeUnschedulable')
  const scoreOf = (node: string, plugin: string) => {
    const at = attempt.scorers.findIndex(({ name }) => name === plugin)
    const verdict = byNode.get(node)
    return { raw: verdict?.rawScores?.[at], score: verdict?.scores?.[at], weight: attempt.scorers[at].weight }
  }
  assert.deepEqual(scoreOf('node-1', 'NodeAffinity'), { raw: 10, score: 100, weight: 2 })
  assert.deepEqual(scoreOf('node-3', 'NodeAffinity'), { raw: 0, score: 0, weight: 2 })
  assert.deepEqual(scoreOf('node-3', 'TaintToleration'), { raw: 0, score: 100, weight: 3 })
  const total = attempt.scorers.reduce(
    (sum, { weight }, i) => sum + weight * (byNode.get('node-1')?.scores?.[i] ?? 0),
    0,
  )
  assert.equal(byNode.get('node-1')?.total, total)
  const verdictsOf = (node: string) => filterVerdicts(attempt, byNode.get(node)!)
  assert.deepEqual(verdictsOf('node-2'), [{ filter: 'NodeUnschedulable', passed: false }])
  assert.deepEqual(
    verdictsOf('node-3').map(({ filter }) => filter),
    ['NodeUnschedulable', 'TaintToleration', 'NodeResourcesFit'],
  )
  const record = world.engine.trace.records().find(({ action }) => action === 'schedule')
  assert.equal(record?.object?.name, 'p')
  assert.equal(record?.detail?.node, 'node-1')
})

const anti = (labels: Record<string, string>) => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
    ],
  },
})

test('Pods that keep away from each other get a node each, and the rest wait', () => {
  const world = aWorld()
  for (const n of [1, 2, 3]) aNode(world, `node-${n}`)
  later(world)
  for (let i = 0; i < 4; i++) aPod(world, `p${i}`, { affinity: anti({ app: 'web' }) }, { app: 'web' })
  later(world)
  const used = [0, 1, 2, 3].map((i) => nodeOf(world, `p${i}`))
  assert.equal(new Set(used.slice(0, 3)).size, 3)
  assert.equal(used[3], undefined)
  assert.match(
    why(world, 'p3') ?? '',
    /^0\/3 nodes are available: 3 node\(s\) didn't match pod anti-affinity rules\. no new claims to deallocate, preemption: /,
  )
  aPod(world, 'other', { nodeName: undefined }, { app: 'web' })
  later(world)
  assert.match(why(world, 'other') ?? '', /3 node\(s\) didn't satisfy existing pods anti-affinity rules\./)
})

test('a hard spread keeps domains within the skew, and counts empty ones', () => {
  const world = aWorld()
  aNode(world, 'a1', { labels: { zone: 'a' } })
  aNode(world, 'a2', { labels: { zone: 'a' } })
  aNode(world, 'b1', { labels: { zone: 'b' } })
  later(world)
  const spec = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule' as const,
        labelSelector: { matchLabels: { s: 'x' } },
      },
    ],
  }
  for (let i = 0; i < 6; i++) aPod(world, `p${i}`, spec, { s: 'x' })
  later(world)
  const zones = [0, 1, 2, 3, 4, 5].map((i) => nodeOf(world, `p${i}`)?.[0])
  assert.deepEqual(zones.toSorted(), ['a', 'a', 'a', 'b', 'b', 'b'])
  world.client.patch(nodes, { namespace: '', name: 'b1' }, 'merge', { spec: { unschedulable: true } })
  later(world)
  aPod(world, 'p6', spec, { s: 'x' })
  aPod(world, 'p7', spec, { s: 'x' })
  later(world)
  assert.equal([nodeOf(world, 'p6'), nodeOf(world, 'p7')].filter((node) => node !== undefined).length, 1)
})

test('like Pods spread evenly over like nodes', () => {
  const world = aWorld()
  for (let n = 0; n < 5; n++) aNode(world, `node-${n}`)
  later(world)
  for (let i = 0; i < 50; i++) aPod(world, `p${i}`, { cpu: '100m' })
  later(world)
  const counts = new Map<string, number>()
  for (const { spec } of world.client.list(pods).items)
    counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1)
  assert.deepEqual([...counts.values()], [10, 10, 10, 10, 10])
})

test('no node ever gets more than it has, whatever comes and goes', () => {
  for (let seed = 0; seed < 5; seed++) {
    const world = aWorld(`swarm-${seed}`)
    const random = world.engine.random('test')
    for (let n = 0; n < 4; n++) aNode(world, `node-${n}`, { cpu: '2', pods: '6' })
    later(world)
    for (let i = 0; i < 120; i++) {
      if (random.next() < 0.6) aPod(world, `p${i}`, { cpu: `${random.int(1, 12) * 100}m` })
      else {
        const all = world.client.list(pods).items
        if (all.length > 0)
          world.client.delete(
            pods,
            { namespace: 'scn', name: random.pick(all).metadata.name },
            { gracePeriodSeconds: 0 },
          )
      }
      later(world, random.int(1, 400))
      const taken = new Map<string, { millis: number; pods: number }>()
      for (const { spec } of world.client.list(pods).items) {
        if (!spec.nodeName) continue
        const sum = taken.get(spec.nodeName) ?? { millis: 0, pods: 0 }
        const millis = Number.parseInt(spec.containers[0].resources.requests?.cpu ?? '0', 10)
        const isCores = !spec.containers[0].resources.requests?.cpu?.endsWith('m')
        taken.set(spec.nodeName, { millis: sum.millis + (isCores ? millis * 1000 : millis), pods: sum.pods + 1 })
      }
      for (const [node, { millis, pods: count }] of taken)
        assert.ok(millis <= 2000 && count <= 6, `seed swarm-${seed}, ${node}: ${millis}m, ${count} Pods`)
    }
    later(world, 20_000)
    const free = world.client.list(pods).items.filter(({ spec }) => !spec.nodeName)
    assert.equal(world.scheduler.queues().unschedulable, free.length, `seed swarm-${seed}`)
  }
})

test('the same seed places the same Pods on the same nodes', () => {
  const run = (): string => {
    const world = aWorld('same')
    for (let n = 0; n < 7; n++) aNode(world, `node-${n}`)
    later(world)
    for (let i = 0; i < 30; i++) aPod(world, `p${i}`)
    later(world)
    return world.client
      .list(pods)
      .items.map(({ spec }) => spec.nodeName)
      .join()
  }
  assert.equal(run(), run())
})

test('a Pod that matters more gets the room of the least that will do, and the room is kept for it', () => {
  const world = aWorld()
  aNode(world, 'node-1', { cpu: '2' })
  aNode(world, 'node-2', { cpu: '2' })
  later(world)
  aPod(world, 'big', { cpu: '1500m', nodeName: 'node-1', priorityClassName: 'high' })
  aPod(world, 'small-a', { cpu: '500m', nodeName: 'node-2' })
  aPod(world, 'small-b', { cpu: '1500m', nodeName: 'node-2' })
  later(world)
  aPod(world, 'high', { cpu: '1500m', priorityClassName: 'high' })
  later(world)
  const victim = podNamed(world, 'small-b')
  assert.ok(victim.metadata.deletionTimestamp)
  assert.equal(findCondition(victim.status.conditions, 'DisruptionTarget')?.reason, 'PreemptionByScheduler')
  assert.equal(podNamed(world, 'small-a').metadata.deletionTimestamp, undefined)
  assert.equal(podNamed(world, 'high').status.nominatedNodeName, 'node-2')
  assert.equal(why(world, 'high'), '0/2 nodes are available: 2 Insufficient cpu.')
  assert.deepEqual(reasonsOf(world, 'small-b'), ['Preempted'])
  aPod(world, 'thief', { cpu: '1' })
  world.client.delete(pods, { namespace: 'scn', name: 'small-b' }, { gracePeriodSeconds: 0 })
  later(world, 2000)
  assert.equal(nodeOf(world, 'high'), 'node-2')
  assert.equal(nodeOf(world, 'thief'), undefined)
})

test('a Pod that may not preempt says so', () => {
  const world = aWorld()
  aNode(world, 'node-1', { cpu: '2' })
  later(world)
  aPod(world, 'low', { cpu: '2' })
  later(world)
  aPod(world, 'polite', { cpu: '1', priorityClassName: 'polite' })
  later(world)
  assert.equal(
    why(world, 'polite'),
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  )
})

test('a refused binding is reported, and the Pod is tried again after back-off', () => {
  const world = aWorld()
  aNode(world, 'node-1')
  later(world)
  aPod(world, 'p')
  const { client, engine } = world
  // Somebody else binds it first, to a node that the scheduler does not know of yet.
  engine.runUntil(engine.nowMs + 2.5)
  client.createSubresource(pods, { namespace: 'scn', name: 'p' }, 'binding', {
    target: { kind: 'Node', name: 'node-9' },
  })
  later(world, 5000)
  assert.equal(nodeOf(world, 'p'), 'node-9')
  aPod(world, 'q', { cpu: '4' })
  later(world)
  assert.equal(nodeOf(world, 'q'), 'node-1', 'the room that was assumed for p is free again')
})

test('Pods that keep apart never meet on a node, whatever comes, goes and is tried again', () => {
  for (let seed = 0; seed < 4; seed++) {
    const world = aWorld(`apart-${seed}`)
    const random = world.engine.random('test')
    for (let n = 0; n < 5; n++) aNode(world, `node-${n}`, { cpu: '8', labels: { zone: n % 2 ? 'a' : 'b' } })
    later(world)
    const apps = ['x', 'y', 'z']
    for (let i = 0; i < 60; i++) {
      const app = random.pick(apps)
      const affinity = random.next() < 0.5 ? anti({ app: random.pick(apps) }) : undefined
      if (random.next() < 0.7) aPod(world, `p${i}`, { ...(affinity ? { affinity } : {}) }, { app })
      else {
        const all = world.client.list(pods).items
        const gone = all.length > 0 ? random.pick(all).metadata.name : undefined
        if (gone) world.client.delete(pods, { namespace: 'scn', name: gone }, { gracePeriodSeconds: 0 })
      }
      later(world, random.int(1, 2000))
      const placed = world.client.list(pods).items.filter(({ spec }) => spec.nodeName)
      for (const guard of placed) {
        const [term] = guard.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
        if (!term) continue
        const met = placed.filter(
          (other) =>
            other !== guard &&
            other.spec.nodeName === guard.spec.nodeName &&
            other.metadata.labels?.app === term.labelSelector?.matchLabels?.app,
        )
        assert.deepEqual(
          met.map(({ metadata }) => metadata.name),
          [],
          `seed apart-${seed}: beside ${guard.metadata.name}`,
        )
      }
    }
  }
})

test('a search of a large cluster stops early and goes on from there the next time', () => {
  const world = aWorld()
  for (let n = 0; n < 300; n++) aNode(world, `node-${n}`)
  later(world)
  for (let i = 0; i < 3; i++) aPod(world, `p${i}`, { cpu: '1' })
  later(world)
  const attempts = [0, 1, 2].map((i) => world.scheduler.why(`scn/p${i}`)[0])
  assert.deepEqual(
    attempts.map(({ evaluated, feasible }) => [evaluated, feasible]),
    [
      [144, 144],
      [144, 144],
      [144, 144],
    ],
  )
  const numbers = attempts.map(({ node }) => Number(node?.slice('node-'.length)))
  assert.ok(numbers[0] < 144, `${numbers}`)
  assert.ok(numbers[1] >= 144 && numbers[1] < 288, `${numbers}`)
  assert.ok(numbers[2] >= 288 || numbers[2] < 132, `${numbers}`)
})
