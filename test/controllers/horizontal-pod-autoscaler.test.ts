import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HorizontalPodAutoscaler, PodMetrics } from '../../sim/api/autoscaling/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { proposeReplicas } from '../../sim/controllers/horizontal-pod-autoscaler/metrics.ts'
import { type Memory, normalizeReplicas } from '../../sim/controllers/horizontal-pod-autoscaler/plan.ts'
import { createCluster } from '../../sim/index.ts'

const nowEpochMs = Date.UTC(2026, 0, 1, 1)
const startTime = '2026-01-01T00:00:00Z'
const aPod = (name: string, options: { phase?: string; ready?: boolean; request?: string } = {}): Pod =>
  ({
    metadata: { name, namespace: 'ns' },
    spec: {
      containers: [
        { name: 'main', resources: options.request === '' ? {} : { requests: { cpu: options.request ?? '100m' } } },
      ],
    },
    status: {
      phase: options.phase ?? 'Running',
      startTime,
      conditions: [
        { type: 'Ready', status: (options.ready ?? true) ? 'True' : 'False', lastTransitionTime: startTime },
      ],
    },
  }) as unknown as Pod
const used = (name: string, cpu: string): PodMetrics =>
  ({ metadata: { name }, containers: [{ name: 'main', usage: { cpu, memory: '1Mi' } }] }) as unknown as PodMetrics
const cpuAt = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

const proposals: { name: string; pods: Pod[]; metrics: PodMetrics[]; target?: number; want: number | string }[] = [
  {
    name: 'grows in proportion',
    pods: [aPod('a'), aPod('b')],
    metrics: [used('a', '100m'), used('b', '100m')],
    want: 4,
  },
  { name: 'rounds up', pods: [aPod('a'), aPod('b')], metrics: [used('a', '60m'), used('b', '60m')], want: 3 },
  {
    name: 'stays within a tolerance of 10 %',
    pods: [aPod('a'), aPod('b')],
    metrics: [used('a', '55m'), used('b', '55m')],
    want: 2,
  },
  {
    name: 'shrinks in proportion',
    pods: [aPod('a'), aPod('b')],
    metrics: [used('a', '10m'), used('b', '10m')],
    want: 1,
  },
  {
    name: 'counts a missing Pod as idle when it grows',
    pods: [aPod('a'), aPod('b')],
    metrics: [used('a', '150m')],
    want: 3,
  },
  {
    name: 'counts a missing Pod as fully used when it shrinks',
    pods: [aPod('a'), aPod('b')],
    metrics: [used('a', '10m')],
    want: 2,
  },
  {
    name: 'counts a Pending Pod as idle when it grows',
    pods: [aPod('a'), aPod('b', { phase: 'Pending' })],
    metrics: [used('a', '150m')],
    want: 3,
  },
  {
    name: 'needs requests',
    pods: [aPod('a', { request: '' })],
    metrics: [used('a', '10m')],
    want: 'missing request for cpu in container main of Pod a',
  },
  {
    name: 'needs Pods',
    pods: [],
    metrics: [used('a', '10m')],
    want: 'no pods returned by selector while calculating replica count',
  },
  {
    name: 'needs metrics',
    pods: [aPod('a')],
    metrics: [],
    want: 'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
  },
]
for (const { name, pods, metrics, target = 50, want } of proposals)
  test(`proposeReplicas ${name}`, () => {
    const proposal = proposeReplicas({
      metric: cpuAt(target),
      currentReplicas: 2,
      pods,
      metrics,
      tolerance: { up: 0.1, down: 0.1 },
      nowEpochMs,
    })
    assert.equal('error' in proposal ? proposal.error : proposal.replicas, want)
  })

const nothing: Memory = { recommendations: [], scaleUps: [], scaleDowns: [] }
const rules = (value: number, type = 'Pods', selectPolicy = 'Max') => ({
  stabilizationWindowSeconds: 0,
  selectPolicy,
  policies: [{ type, value, periodSeconds: 60 }],
})
type Behavior = HorizontalPodAutoscaler['spec']['behavior']

const plans: {
  name: string
  current: number
  proposed: number
  memory?: Partial<Memory>
  behavior?: Behavior
  want: [number, string, string]
}[] = [
  { name: 'takes what is asked for', current: 2, proposed: 3, want: [3, 'ReadyForNewScale', 'DesiredWithinRange'] },
  { name: 'at most doubles', current: 4, proposed: 20, want: [8, 'ReadyForNewScale', 'ScaleUpLimit'] },
  { name: 'goes from one to four at once', current: 1, proposed: 20, want: [4, 'ReadyForNewScale', 'ScaleUpLimit'] },
  { name: 'keeps to the maximum', current: 8, proposed: 20, want: [10, 'ReadyForNewScale', 'TooManyReplicas'] },
  { name: 'keeps to the minimum', current: 3, proposed: 1, want: [2, 'ReadyForNewScale', 'TooFewReplicas'] },
  {
    name: 'does not shrink within five minutes of a higher recommendation',
    current: 5,
    proposed: 2,
    memory: { recommendations: [{ replicas: 5, atMs: 800_000 }] },
    want: [5, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'shrinks after them',
    current: 5,
    proposed: 2,
    memory: { recommendations: [{ replicas: 5, atMs: 699_000 }] },
    want: [2, 'ReadyForNewScale', 'DesiredWithinRange'],
  },
  {
    name: 'grows by no more than a policy says',
    current: 4,
    proposed: 9,
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'counts what was added within the period',
    current: 6,
    proposed: 9,
    memory: { scaleUps: [{ change: 2, atMs: 950_000 }] },
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'shrinks by no more than a policy says',
    current: 9,
    proposed: 2,
    behavior: { scaleUp: rules(2), scaleDown: rules(3) },
    want: [6, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'shrinks by a share',
    current: 9,
    proposed: 2,
    behavior: { scaleUp: rules(2), scaleDown: rules(50, 'Percent') },
    want: [4, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'does not shrink where that is disabled',
    current: 9,
    proposed: 2,
    behavior: { scaleUp: rules(2), scaleDown: rules(3, 'Pods', 'Disabled') },
    want: [9, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
]
for (const { name, current, proposed, memory, behavior, want } of plans)
  test(`normalizeReplicas ${name}`, () => {
    const limits = { min: 2, max: 10, behavior }
    const { replicas, conditions } = normalizeReplicas(current, proposed, limits, { ...nothing, ...memory }, 1_000_000)
    assert.deepEqual([replicas, ...conditions.map(({ reason }) => reason)], want)
  })

test('an autoscaler/v1 manifest is read as v2', () => {
  const cluster = createCluster({ seed: 'hpa', shape: { nodes: [{ name: 'n1' }] } })
  const manifest =
    '{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":70,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}'
  assert.equal(cluster.execute({ op: 'apply', manifest }).stderr, '')
  const [object] = cluster.objects('hpa') as unknown as HorizontalPodAutoscaler[]
  assert.equal(object.spec.metrics?.[0].resource?.target.averageUtilization, 70)
})
