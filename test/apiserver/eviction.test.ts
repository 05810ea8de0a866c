import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../sim/api/policy/types.ts'
import { chargeEviction, decideEviction } from '../../sim/apiserver/eviction.ts'

const aPod = ({ isReady = true, phase = 'Running', labels = { app: 'web' } } = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'ns', labels },
    spec: {},
    status: { phase, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
  }) as unknown as Pod

const aBudget = (
  status: Partial<PodDisruptionBudgetStatus> = {},
  spec: Partial<PodDisruptionBudget['spec']> = {},
): PodDisruptionBudget =>
  ({
    metadata: { name: 'b', namespace: 'ns', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 2,
      desiredHealthy: 2,
      expectedPods: 2,
      ...status,
    },
  }) as PodDisruptionBudget

const none = { disruptionsAllowed: 0 }
const sick = { currentHealthy: 1 }
const cases: { name: string; pod: Pod; budgets: PodDisruptionBudget[]; want: string }[] = [
  { name: 'lets a Pod without a budget go', pod: aPod(), budgets: [], want: 'free' },
  {
    name: 'charges a budget that allows it',
    pod: aPod(),
    budgets: [aBudget({ disruptionsAllowed: 1 })],
    want: 'charged',
  },
  {
    name: 'refuses what the budget does not allow',
    pod: aPod(),
    budgets: [aBudget(none)],
    want: 'The disruption budget b needs 2 healthy pods and has 2 currently',
  },
  {
    name: 'waits for a budget that was just changed',
    pod: aPod(),
    budgets: [aBudget({ observedGeneration: 0, disruptionsAllowed: 1 })],
    want: 'The disruption budget b is still being processed by the server.',
  },
  {
    name: 'asks no budget for a Pod that has ended',
    pod: aPod({ phase: 'Failed' }),
    budgets: [aBudget(none)],
    want: 'free',
  },
  {
    name: 'asks no budget for a Pod that has not begun',
    pod: aPod({ phase: 'Pending' }),
    budgets: [aBudget(none)],
    want: 'free',
  },
  {
    name: 'asks no budget of other Pods',
    pod: aPod({ labels: { app: 'db' } }),
    budgets: [aBudget(none)],
    want: 'free',
  },
  {
    name: 'lets an unready Pod go while enough are healthy',
    pod: aPod({ isReady: false }),
    budgets: [aBudget(none)],
    want: 'free',
  },
  {
    name: 'keeps an unready Pod when too few are healthy',
    pod: aPod({ isReady: false }),
    budgets: [aBudget(sick)],
    want: 'The disruption budget b needs 2 healthy pods and has 1 currently',
  },
  {
    name: 'lets an unready Pod go where the budget always does',
    pod: aPod({ isReady: false }),
    budgets: [aBudget(sick, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })],
    want: 'free',
  },
  {
    name: 'refuses a Pod of two budgets',
    pod: aPod(),
    budgets: [aBudget({ disruptionsAllowed: 1 }), aBudget({ disruptionsAllowed: 1 })],
    want: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  },
]
for (const { name, pod, budgets, want } of cases)
  test(`Eviction ${name}`, () => {
    const decision = decideEviction(pod, budgets)
    const got =
      'refusal' in decision
        ? (decision.refusal.details?.causes?.[0].message ?? decision.refusal.message)
        : decision.budget
          ? 'charged'
          : 'free'
    assert.equal(got, want)
  })

test('An eviction takes one from what is allowed, and notes the Pod', () => {
  const status = chargeEviction(aBudget({ disruptionsAllowed: 1 }), 'p', '2026-01-01T00:00:00Z')
  assert.equal(status.disruptionsAllowed, 0)
  assert.deepEqual(status.disruptedPods, { p: '2026-01-01T00:00:00Z' })
  assert.equal(status.conditions?.[0].reason, 'InsufficientPods')
})
