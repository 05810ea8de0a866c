/** Profiles of the scheduler: which plugins act, by which weight, and how NodeResourcesFit scores. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { Node } from '../../sim/api/core/types.ts'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import { createCluster, type SchedulerProfile, type ScoringStrategy } from '../../sim/index.ts'
import { ClusterIndex, NodeInfo } from '../../sim/scheduler/node-info.ts'
import { createPodInfo } from '../../sim/scheduler/pod-info.ts'
import { createResourceReader } from '../../sim/scheduler/resources.ts'
import { createScorer } from '../../sim/scheduler/scoring-strategy.ts'

const reader = createResourceReader()

/** The score of a node of 10 CPUs, 10 Gi and 4 GPUs for a Pod that would make so much of it requested. */
function checkScore(strategy: ScoringStrategy | undefined, requests: Record<string, string>): number {
  const node = new NodeInfo('node', reader, new ClusterIndex())
  const allocatable = { cpu: '10', memory: '10Gi', 'example.com/gpu': '4', pods: '110' }
  node.setNode({ metadata: { name: 'node' }, spec: {}, status: { allocatable } } as unknown as Node)
  const pod = {
    metadata: { namespace: 'scn', name: 'p', uid: 'p' },
    spec: { containers: [{ name: 'c', image: 'x', resources: { requests } }] },
    status: {},
  }
  return createScorer(strategy)(createPodInfo(pod as unknown as Pod, reader), node)
}

const half = { cpu: '5', memory: '5Gi' }
const shape = [
  { utilization: 0, score: 0 },
  { utilization: 50, score: 10 },
  { utilization: 100, score: 5 },
]
const scores: { name: string; strategy?: ScoringStrategy; requests: Record<string, string>; want: number }[] = [
  { name: 'by default the least allocated', requests: { cpu: '2', memory: '4Gi' }, want: 70 },
  { name: 'the most allocated', strategy: { type: 'MostAllocated' }, requests: { cpu: '2', memory: '4Gi' }, want: 30 },
  {
    name: 'resources by their weights',
    strategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 3 }, { name: 'memory' }] },
    requests: { cpu: '2', memory: '6Gi' },
    want: 30,
  },
  {
    name: 'an extended resource that the Pod wants',
    strategy: { type: 'MostAllocated', resources: [{ name: 'example.com/gpu' }] },
    requests: { ...half, 'example.com/gpu': '1' },
    want: 25,
  },
  {
    name: 'not one that it does not want',
    strategy: { type: 'MostAllocated', resources: [{ name: 'cpu' }, { name: 'example.com/gpu' }] },
    requests: half,
    want: 50,
  },
  {
    name: 'at a point of the shape',
    strategy: { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } },
    requests: half,
    want: 100,
  },
  {
    name: 'between two points of the shape',
    strategy: { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } },
    requests: { cpu: '8', memory: '8Gi' },
    want: 70,
  },
  {
    name: 'the shape without what scores nothing in it',
    strategy: {
      type: 'RequestedToCapacityRatio',
      requestedToCapacityRatio: {
        shape: [
          { utilization: 20, score: 0 },
          { utilization: 70, score: 10 },
        ],
      },
    },
    requests: { cpu: '1', memory: '7Gi' },
    want: 100,
  },
]
for (const { name, strategy, requests, want } of scores)
  test(`NodeResourcesFit scores ${name}`, () => assert.equal(checkScore(strategy, requests), want))

/** Which scorers, with which weights, a Pod of the profile meets on two nodes. */
function scorersOf(profile: Omit<SchedulerProfile, 'schedulerName'>): Record<string, number> {
  const nodes = ['node-1', 'node-2'].map((name) => ({ name, cpu: '2', memory: '4Gi' }))
  const schedulerProfiles = [{ schedulerName: 'own', ...profile }]
  const cluster = createCluster({ seed: 'profile', shape: { nodes, schedulerProfiles, dns: false } })
  const container = { name: 'main', image: 'nginx:1.27', resources: { requests: { cpu: '100m' } } }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { schedulerName: 'own', containers: [container] },
  }
  cluster.execute({ op: 'apply', manifest: JSON.stringify(pod) })
  cluster.advance(5000)
  const bound = cluster.objects('pods').find(({ metadata }) => metadata.name === 'p') as KubeObject & {
    spec: { nodeName?: string }
  }
  assert.ok(bound.spec.nodeName)
  const [attempt] = cluster.schedulingAttempts(1, ({ pod: key }) => key === 'default/p')
  assert.equal(attempt.profile, 'own')
  return Object.fromEntries(attempt.scorers.map(({ name, weight }) => [name, weight]))
}

const byDefault = { TaintToleration: 3, NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1, ImageLocality: 1 }
const profiles: { name: string; plugins: SchedulerProfile['plugins']; want: Record<string, number> }[] = [
  { name: 'has the defaults', plugins: {}, want: byDefault },
  {
    name: 'gives a plugin another weight',
    plugins: { score: { enabled: [{ name: 'NodeResourcesFit', weight: 7 }] } },
    want: { ...byDefault, NodeResourcesFit: 7 },
  },
  {
    name: 'leaves a plugin out of scoring',
    plugins: { score: { disabled: [{ name: 'ImageLocality' }] } },
    want: { TaintToleration: 3, NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1 },
  },
  {
    name: 'leaves all but one out of scoring',
    plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit' }] } },
    want: { NodeResourcesFit: 1 },
  },
  {
    name: 'leaves a plugin out altogether',
    plugins: { multiPoint: { disabled: [{ name: 'TaintToleration' }] } },
    want: { NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1, ImageLocality: 1 },
  },
]
for (const { name, plugins, want } of profiles)
  test(`a scheduler profile ${name}`, () => assert.deepEqual(scorersOf({ plugins }), want))

const mistakes: { plugins: SchedulerProfile['plugins']; says: RegExp }[] = [
  {
    plugins: { score: { disabled: [{ name: 'ImageLocalty' }] } },
    says: /"own": there is no plugin ImageLocalty; there are/,
  },
  { plugins: { multiPoint: { disabled: [{ name: 'DefaultBinder' }] } }, says: /a plugin that binds is needed/ },
]
for (const { plugins, says } of mistakes)
  test(`a scheduler profile is refused: ${says.source}`, () => assert.throws(() => scorersOf({ plugins }), says))
