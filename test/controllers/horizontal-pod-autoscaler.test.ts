import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HorizontalPodAutoscaler, PodMetrics } from '../../sim/api/autoscaling/types.ts'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { proposeReplicas } from '../../sim/controllers/horizontal-pod-autoscaler/metrics.ts'
import { type Memory, memorySeconds, normalizeReplicas } from '../../sim/controllers/horizontal-pod-autoscaler/plan.ts'
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
    want: 'failed to get cpu utilization: missing request for cpu in container main of Pod a',
  },
  {
    name: 'needs Pods',
    pods: [],
    metrics: [used('a', '10m')],
    want: 'failed to get cpu utilization: no pods returned by selector while calculating replica count',
  },
  {
    name: 'needs metrics',
    pods: [aPod('a')],
    metrics: [],
    want: 'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
  },
]
for (const { name, pods, metrics, target = 50, want } of proposals)
  test(`proposeReplicas ${name}`, () => {
    const proposal = proposeReplicas({
      metric: cpuAt(target),
      namespace: 'default',
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
/** Three Pods, or one in ten. */
const bothRules = (selectPolicy: string) => ({
  ...rules(3, 'Pods', selectPolicy),
  policies: [...rules(3).policies, ...rules(10, 'Percent').policies],
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
    name: 'counts a recommendation of five minutes ago to the second',
    current: 5,
    proposed: 2,
    memory: { recommendations: [{ replicas: 4, atMs: 700_000 }] },
    want: [4, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'takes the highest recent recommendation, be it more than there is',
    current: 5,
    proposed: 6,
    memory: {
      recommendations: [
        { replicas: 8, atMs: 900_000 },
        { replicas: 3, atMs: 950_000 },
      ],
    },
    want: [8, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  { name: 'may double exactly', current: 4, proposed: 8, want: [8, 'ReadyForNewScale', 'DesiredWithinRange'] },
  { name: 'doubles three to six', current: 3, proposed: 9, want: [6, 'ReadyForNewScale', 'ScaleUpLimit'] },
  { name: 'may reach the maximum', current: 8, proposed: 10, want: [10, 'ReadyForNewScale', 'DesiredWithinRange'] },
  {
    name: 'at the maximum by doubling has too many',
    current: 5,
    proposed: 11,
    want: [10, 'ReadyForNewScale', 'TooManyReplicas'],
  },
  { name: 'may reach the minimum', current: 4, proposed: 2, want: [2, 'ReadyForNewScale', 'DesiredWithinRange'] },
  {
    name: 'with behavior keeps what there is while less was recommended lately',
    current: 5,
    proposed: 8,
    memory: { recommendations: [{ replicas: 3, atMs: 980_000 }] },
    behavior: { scaleUp: { ...rules(9), stabilizationWindowSeconds: 60 }, scaleDown: rules(1) },
    want: [5, 'ScaleUpStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior grows to the lowest that was recommended lately',
    current: 5,
    proposed: 8,
    memory: {
      recommendations: [
        { replicas: 2, atMs: 940_000 },
        { replicas: 6, atMs: 941_000 },
        { replicas: 7, atMs: 970_000 },
      ],
    },
    behavior: { scaleUp: { ...rules(9), stabilizationWindowSeconds: 60 }, scaleDown: rules(1) },
    want: [6, 'ScaleUpStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior keeps what there is while more was recommended lately',
    current: 5,
    proposed: 3,
    memory: { recommendations: [{ replicas: 8, atMs: 990_000 }] },
    behavior: { scaleUp: rules(9), scaleDown: { ...rules(9), stabilizationWindowSeconds: 30 } },
    want: [5, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior that says no window waits for five minutes before it shrinks',
    current: 5,
    proposed: 3,
    memory: {
      recommendations: [
        { replicas: 5, atMs: 700_000 },
        { replicas: 4, atMs: 700_001 },
      ],
    },
    behavior: { scaleUp: rules(9), scaleDown: { ...rules(9), stabilizationWindowSeconds: undefined } },
    want: [4, 'ScaleDownStabilized', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior is told to grow stably even where nothing changes',
    current: 5,
    proposed: 5,
    memory: { recommendations: [{ replicas: 3, atMs: 990_000 }] },
    behavior: { scaleUp: { ...rules(9), stabilizationWindowSeconds: 60 }, scaleDown: rules(1) },
    want: [5, 'ReadyForNewScale', 'DesiredWithinRange'],
  },
  {
    name: 'counts no change at the very beginning of the period',
    current: 6,
    proposed: 9,
    memory: { scaleUps: [{ change: 2, atMs: 940_000 }] },
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [8, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'may grow back by what it shrank within the period',
    current: 4,
    proposed: 9,
    memory: { scaleDowns: [{ change: 3, atMs: 950_000 }] },
    behavior: { scaleUp: rules(1), scaleDown: rules(1) },
    want: [8, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'may shrink back by what it grew within the period',
    current: 8,
    proposed: 2,
    memory: { scaleUps: [{ change: 3, atMs: 950_000 }] },
    behavior: { scaleUp: rules(1), scaleDown: rules(1) },
    want: [4, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'counts what was taken away within the period',
    current: 6,
    proposed: 3,
    memory: {
      scaleDowns: [
        { change: 1, atMs: 950_000 },
        { change: 1, atMs: 960_000 },
      ],
    },
    behavior: { scaleUp: rules(1), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'grows by a share, rounded up',
    current: 5,
    proposed: 9,
    behavior: { scaleUp: rules(10, 'Percent'), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'does not grow where that is disabled',
    current: 5,
    proposed: 9,
    behavior: { scaleUp: rules(3, 'Pods', 'Disabled'), scaleDown: rules(1) },
    want: [5, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'grows by the policy that allows most',
    current: 5,
    proposed: 10,
    behavior: { scaleUp: bothRules('Max'), scaleDown: rules(1) },
    want: [8, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'grows by the policy that allows least where Min says so',
    current: 5,
    proposed: 10,
    behavior: { scaleUp: bothRules('Min'), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'ScaleUpLimit'],
  },
  {
    name: 'shrinks by the policy that allows most',
    current: 9,
    proposed: 2,
    behavior: { scaleUp: rules(1), scaleDown: bothRules('Max') },
    want: [6, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'shrinks by the policy that allows least where Min says so',
    current: 9,
    proposed: 2,
    behavior: { scaleUp: rules(1), scaleDown: bothRules('Min') },
    want: [8, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'with behavior may grow as far as it is allowed to',
    current: 4,
    proposed: 6,
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [6, 'ReadyForNewScale', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior may shrink as far as it is allowed to',
    current: 6,
    proposed: 5,
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [5, 'ReadyForNewScale', 'DesiredWithinRange'],
  },
  {
    name: 'with behavior keeps to the maximum',
    current: 8,
    proposed: 12,
    behavior: { scaleUp: rules(2), scaleDown: rules(1) },
    want: [10, 'ReadyForNewScale', 'TooManyReplicas'],
  },
  {
    name: 'with behavior keeps to the minimum',
    current: 4,
    proposed: 1,
    behavior: { scaleUp: rules(2), scaleDown: rules(2) },
    want: [2, 'ReadyForNewScale', 'TooFewReplicas'],
  },
  {
    name: 'with behavior leaves a size alone that is asked for, be it below the minimum',
    current: 1,
    proposed: 1,
    behavior: { scaleUp: rules(2), scaleDown: rules(2) },
    want: [1, 'ReadyForNewScale', 'DesiredWithinRange'],
  },
  {
    name: 'shrinks by a whole share at most',
    current: 10,
    proposed: 2,
    behavior: { scaleUp: rules(2), scaleDown: rules(20, 'Percent') },
    want: [8, 'ReadyForNewScale', 'ScaleDownLimit'],
  },
  {
    name: 'with behavior leaves a size alone that is asked for, be it beyond the maximum',
    current: 12,
    proposed: 12,
    behavior: { scaleUp: rules(2), scaleDown: rules(2) },
    want: [12, 'ReadyForNewScale', 'DesiredWithinRange'],
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

test('a hundred replicas and ten per cent are 111, as the arithmetic of the controller has it', () => {
  const behavior = { scaleUp: rules(10, 'Percent'), scaleDown: rules(1) }
  assert.equal(normalizeReplicas(100, 200, { min: 1, max: 300, behavior }, nothing, 1_000_000).replicas, 111)
})

const conditionsOf = (current: number, proposed: number, behavior?: Behavior, memory: Partial<Memory> = {}) =>
  normalizeReplicas(current, proposed, { min: 2, max: 10, behavior }, { ...nothing, ...memory }, 1_000_000).conditions

test('an autoscaler says that it may scale, and whether it is held back', () => {
  assert.deepEqual(conditionsOf(2, 3), [
    {
      type: 'AbleToScale',
      status: 'True',
      reason: 'ReadyForNewScale',
      message: 'recommended size matches current size',
    },
    {
      type: 'ScalingLimited',
      status: 'False',
      reason: 'DesiredWithinRange',
      message: 'the desired count is within the acceptable range',
    },
  ])
})

const behavior = { scaleUp: { ...rules(2), stabilizationWindowSeconds: 60 }, scaleDown: rules(1) }
const recently = (replicas: number): Partial<Memory> => ({ recommendations: [{ replicas, atMs: 990_000 }] })
const messages: { given: Parameters<typeof conditionsOf>; want: string }[] = [
  {
    given: [5, 8, behavior, recently(6)],
    want: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
  },
  {
    given: [5, 3, undefined, recently(4)],
    want: 'recent recommendations were higher than current one, applying the highest recent recommendation',
  },
  { given: [3, 1], want: 'the desired replica count is less than the minimum replica count' },
  { given: [8, 20], want: 'the desired replica count is more than the maximum replica count' },
  { given: [2, 9], want: 'the desired replica count is increasing faster than the maximum scale rate' },
  { given: [9, 3, behavior], want: 'the desired replica count is decreasing faster than the maximum scale rate' },
]
for (const { given, want } of messages)
  test(`an autoscaler says that ${want}`, () => {
    const [able, limited] = conditionsOf(...given)
    assert.ok(want.startsWith('recent') ? able.message === want : limited.message === want)
    assert.deepEqual([able.type, limited.type], ['AbleToScale', 'ScalingLimited'])
    assert.deepEqual([able.status, limited.status], ['True', want.startsWith('recent') ? 'False' : 'True'])
  })

test('recommendations are remembered for the longest window or period of the behavior, at least five minutes by default', () => {
  assert.equal(memorySeconds(undefined), 300)
  const scaleUp = { ...rules(1), stabilizationWindowSeconds: 400 }
  assert.equal(memorySeconds({ scaleUp }), 400)
  assert.equal(memorySeconds({ scaleUp: rules(1), scaleDown: rules(1) }), 60)
  const daily = { ...rules(1), policies: [{ type: 'Pods', value: 1, periodSeconds: 1800 }] }
  assert.equal(memorySeconds({ scaleUp: rules(1), scaleDown: daily }), 1800)
  assert.equal(memorySeconds({ scaleUp: daily, scaleDown: rules(1) }), 1800)
  assert.equal(memorySeconds({ scaleDown: { ...rules(1), stabilizationWindowSeconds: 90 } }), 90)
})

test('an autoscaler/v1 manifest is read as v2', () => {
  const cluster = createCluster({ seed: 'hpa', shape: { nodes: [{ name: 'n1' }] } })
  const manifest =
    '{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":70,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}'
  assert.equal(cluster.execute({ op: 'apply', manifest }).stderr, '')
  const [object] = cluster.objects('hpa') as unknown as HorizontalPodAutoscaler[]
  assert.equal(object.spec.metrics?.[0].resource?.target.averageUtilization, 70)
})
