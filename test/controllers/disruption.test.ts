import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { PodDisruptionBudget } from '../../sim/api/policy/types.ts'
import { type ExpectedScale, planBudget } from '../../sim/controllers/disruption/plan.ts'

const nowEpochMs = Date.UTC(2026, 0, 1)
const now = '2026-01-01T00:00:00Z'

const aBudget = (spec: PodDisruptionBudget['spec'], disruptedPods?: Record<string, string>): PodDisruptionBudget =>
  ({
    metadata: { name: 'b', namespace: 'ns', generation: 3 },
    spec,
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptedPods },
  }) as PodDisruptionBudget

const somePods = (ready: number, unready = 0): Pod[] =>
  Array.from({ length: ready + unready }, (_, n) => ({
    metadata: { name: `p${n}`, namespace: 'ns' },
    spec: {},
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: n < ready ? 'True' : 'False' }] },
  })) as unknown as Pod[]

const wanted = (replicas: number) => (): ExpectedScale => ({ replicas, unmanaged: [] })
const reckon = (budget: PodDisruptionBudget, pods: Pod[], scale: () => ExpectedScale = wanted(pods.length)) => {
  const plan = planBudget(budget, pods, scale, nowEpochMs, now)
  assert.ok('status' in plan)
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = plan.status
  return [disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods]
}

const cases: { name: string; spec: PodDisruptionBudget['spec']; pods: Pod[]; replicas?: number; want: number[] }[] = [
  { name: 'allows what is above the minimum', spec: { minAvailable: 2 }, pods: somePods(3), want: [1, 3, 2, 3] },
  { name: 'allows nothing at the minimum', spec: { minAvailable: 3 }, pods: somePods(3), want: [0, 3, 3, 3] },
  { name: 'allows nothing below the minimum', spec: { minAvailable: 3 }, pods: somePods(2, 1), want: [0, 2, 3, 3] },
  { name: 'rounds a minimum in per cent up', spec: { minAvailable: '50%' }, pods: somePods(3), want: [1, 3, 2, 3] },
  { name: 'rounds a maximum in per cent up', spec: { maxUnavailable: '30%' }, pods: somePods(7), want: [3, 7, 4, 7] },
  {
    name: 'counts what the controllers want, not what there is',
    spec: { maxUnavailable: 1 },
    pods: somePods(2),
    replicas: 3,
    want: [0, 2, 2, 3],
  },
  { name: 'allows nothing of no Pods', spec: { minAvailable: 0 }, pods: [], want: [0, 0, 0, 0] },
  {
    name: 'allows nothing while the controllers want no Pods, whatever is still there',
    spec: { maxUnavailable: 1 },
    pods: somePods(1),
    replicas: 0,
    want: [0, 1, 0, 0],
  },
  {
    name: 'in numbers counts the Pods there are, not what the controllers want',
    spec: { minAvailable: 1 },
    pods: somePods(2),
    replicas: 5,
    want: [1, 2, 1, 2],
  },
  {
    name: 'that may miss more than there are wants none',
    spec: { maxUnavailable: 5 },
    pods: somePods(2),
    want: [2, 2, 0, 2],
  },
  { name: 'may allow the only Pod to go', spec: { minAvailable: 0 }, pods: somePods(1), want: [1, 1, 0, 1] },
  { name: 'without a number expects nothing', spec: {}, pods: somePods(2), want: [0, 2, 0, 0] },
]
for (const { name, spec, pods, replicas, want } of cases)
  test(`A budget ${name}`, () => assert.deepEqual(reckon(aBudget(spec), pods, wanted(replicas ?? pods.length)), want))

test('An evicted Pod that is still there does not count as healthy, for two minutes', () => {
  const since = (secondsAgo: number): string =>
    new Date(nowEpochMs - secondsAgo * 1000).toISOString().replace('.000Z', 'Z')
  assert.deepEqual(reckon(aBudget({ minAvailable: 1 }, { p0: since(10) }), somePods(2)), [0, 1, 1, 2])
  const plan = planBudget(aBudget({ minAvailable: 1 }, { p0: since(130) }), somePods(2), wanted(2), nowEpochMs, now)
  assert.ok('status' in plan)
  assert.deepEqual(
    plan.notDeleted.map(({ metadata }) => metadata.name),
    ['p0'],
  )
  assert.equal(plan.status.disruptedPods, undefined)
  const recent = planBudget(aBudget({ minAvailable: 1 }, { p0: now }), somePods(2), wanted(2), nowEpochMs, now)
  assert.deepEqual('status' in recent && recent.status.disruptedPods, { p0: now })
})

const problem = { problem: 'found no controllers for pod "p0"' }
for (const spec of [{ maxUnavailable: 1 }, { minAvailable: '50%' }])
  test(`A budget of ${JSON.stringify(spec)} cannot be told while nobody knows how many Pods there should be`, () => {
    assert.deepEqual(
      planBudget(aBudget(spec), somePods(2), () => problem, nowEpochMs, now),
      problem,
    )
  })

test('A budget of a number of Pods needs no controllers', () => {
  assert.deepEqual(
    reckon(aBudget({ minAvailable: 1 }), somePods(2), () => problem),
    [1, 2, 1, 2],
  )
})

test('Evicted Pods are looked at again two minutes after the first of them was', () => {
  const evicted = { p0: '2025-12-31T23:59:00Z', p1: '2025-12-31T23:58:00Z', p2: '2025-12-31T23:59:30Z' }
  const planAt = (epochMs: number, pods = somePods(3)) => {
    const plan = planBudget(aBudget({ minAvailable: 1 }, evicted), pods, wanted(3), epochMs, now)
    assert.ok('status' in plan)
    return plan
  }
  // Two minutes to the second are not over yet.
  const before = planAt(nowEpochMs)
  assert.deepEqual([before.recheckMs, before.notDeleted], [0, []])
  assert.deepEqual(before.status.disruptedPods, evicted)
  const { recheckMs, notDeleted, status } = planAt(nowEpochMs + 1)
  assert.equal(recheckMs, 59_999)
  assert.deepEqual(
    notDeleted.map(({ metadata }) => metadata.name),
    ['p1'],
  )
  assert.deepEqual(Object.keys(status.disruptedPods ?? {}), ['p0', 'p2'])
  assert.equal(status.currentHealthy, 1)
  assert.equal(status.observedGeneration, 3)
})

test('An evicted Pod that is on its way out needs no look, and is not healthy', () => {
  const going = somePods(2).map((pod) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: now } }))
  const budget = aBudget({ minAvailable: 1 }, { p0: now })
  const plan = planBudget(budget, [...going, ...somePods(0, 1)], wanted(3), nowEpochMs, now)
  assert.ok('status' in plan)
  assert.equal(plan.recheckMs, 120_000)
  const alone = planBudget(budget, going, wanted(2), nowEpochMs, now)
  assert.ok('status' in alone)
  assert.deepEqual(
    [alone.recheckMs, alone.status.currentHealthy, alone.status.disruptedPods],
    [undefined, 0, undefined],
  )
})

test('The time of the condition stays while its status does', () => {
  const budget = aBudget({ minAvailable: 1 })
  const first = planBudget(budget, somePods(2), wanted(2), nowEpochMs, now)
  assert.ok('status' in first)
  const later = planBudget(
    { ...budget, status: first.status },
    somePods(3),
    wanted(3),
    nowEpochMs,
    '2026-01-01T00:01:00Z',
  )
  assert.ok('status' in later)
  assert.equal(later.status.conditions?.[0].lastTransitionTime, now)
  assert.equal(later.status.conditions?.[0].reason, 'SufficientPods')
})
