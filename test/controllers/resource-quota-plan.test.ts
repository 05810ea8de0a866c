import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceQuota } from '../../sim/api/core/policy-types.ts'
import type { QuotaEvaluator } from '../../sim/api/core/resource-quota/usage.ts'
import type { KubeObject, ResourceList } from '../../sim/api/meta/object.ts'
import { planQuotaStatus, type QuotaMeter } from '../../sim/controllers/resource-quota/plan.ts'
import { workSpent } from '../../sim/engine/work.ts'

const aQuota = (hard: ResourceList | undefined, status: ResourceQuota['status'] = {}, scopes?: string[]) =>
  ({ metadata: { name: 'q', namespace: 'ns' }, spec: { hard, scopes }, status }) as unknown as ResourceQuota

/** Objects that take so much each; `scoped` ones are of every scope. */
function meterOf(names: readonly string[], usages: readonly ResourceList[], isInScope = true): QuotaMeter {
  const objects = usages.map((usage, n) => ({ metadata: { name: `${n}` }, usage }) as unknown as KubeObject)
  return {
    evaluator: {
      measures: (name: string) => names.includes(name),
      isInScope: () => isInScope,
    } as unknown as QuotaEvaluator,
    objects: () => objects,
    measure(object) {
      const { usage } = object as KubeObject & { usage: ResourceList }
      return { usage, text: JSON.stringify(usage) }
    },
  }
}
const podMeter = meterOf(
  ['pods', 'requests.cpu'],
  [
    { pods: '1', 'requests.cpu': '100m' },
    { pods: '1', 'requests.cpu': '100m' },
    { pods: '1', 'requests.cpu': '1', 'requests.memory': '1Gi' },
  ],
)
const serviceMeter = meterOf(['services'], [{ services: '1', 'services.nodeports': '2' }])

test('a quota says of each name it limits how much the objects of its namespace take together', () => {
  const hard = { pods: '10', 'requests.cpu': '4', services: '5' }
  assert.deepEqual(planQuotaStatus(aQuota(hard), [podMeter, serviceMeter]), {
    hard,
    used: { pods: '3', 'requests.cpu': '1200m', services: '1' },
  })
})

test('what is measured and not limited is not told', () => {
  assert.deepEqual(planQuotaStatus(aQuota({ pods: '10' }), [podMeter, serviceMeter])?.used, { pods: '3' })
  assert.deepEqual(planQuotaStatus(aQuota(undefined), [podMeter]), { hard: {}, used: {} })
})

test('nothing there takes nothing of what is limited', () => {
  assert.deepEqual(planQuotaStatus(aQuota({ services: '5' }), [meterOf(['services'], [])])?.used, { services: '0' })
})

test('objects outside the scopes of a quota take nothing of it', () => {
  const meter = meterOf(['pods'], [{ pods: '1' }], false)
  assert.deepEqual(planQuotaStatus(aQuota({ pods: '2' }, {}, ['BestEffort']), [meter])?.used, { pods: '0' })
  assert.deepEqual(planQuotaStatus(aQuota({ pods: '2' }, {}), [meter])?.used, { pods: '1' })
})

test('what nobody can measure stays as it was told before, and what is no longer limited goes', () => {
  const before = { 'example.com/x': '3', pods: '7', secrets: '1' }
  const status = planQuotaStatus(aQuota({ 'example.com/x': '9', pods: '10' }, { hard: {}, used: before }), [podMeter])
  assert.deepEqual(status?.used, { 'example.com/x': '3', pods: '3' })
})

const hard = { pods: '10', 'requests.cpu': '4' }
const isRight: { name: string; status: ResourceQuota['status']; want: boolean }[] = [
  { name: 'that says so already', status: { hard, used: { pods: '3', 'requests.cpu': '1200m' } }, want: true },
  { name: 'that says so in another form', status: { hard, used: { pods: '3', 'requests.cpu': '1.2' } }, want: true },
  { name: 'that is new', status: {}, want: false },
  { name: 'that has no usage yet', status: { hard }, want: false },
  {
    name: 'of other limits',
    status: { hard: { pods: '9' }, used: { pods: '3', 'requests.cpu': '1200m' } },
    want: false,
  },
  { name: 'of another usage', status: { hard, used: { pods: '2', 'requests.cpu': '1200m' } }, want: false },
  { name: 'of which some is missing', status: { hard, used: { pods: '3' } }, want: false },
  {
    name: 'of which another name is missing',
    status: { hard, used: { pods: '3', secrets: '1' } },
    want: false,
  },
  {
    name: 'with a name too many',
    status: { hard, used: { pods: '3', 'requests.cpu': '1200m', secrets: '1' } },
    want: false,
  },
]
for (const { name, status, want } of isRight)
  test(`a status ${name} is ${want ? 'left alone' : 'written'}`, () => {
    assert.equal(planQuotaStatus(aQuota(hard, status), [podMeter]) === undefined, want)
  })

test('a quota without limits is told once', () => {
  assert.deepEqual(planQuotaStatus(aQuota(undefined), []), { hard: {}, used: {} })
  assert.equal(planQuotaStatus(aQuota({}, { hard: {}, used: {} }), []), undefined)
})

test('objects of a kind that a quota does not limit are not looked at', () => {
  const services = { ...serviceMeter, objects: () => assert.fail('looked at') }
  assert.deepEqual(planQuotaStatus(aQuota({ pods: '10' }), [services, podMeter])?.used, { pods: '3' })
})

test('to reckon a quota is charged by its names, by what it is measured with, and by its objects', () => {
  const cost = (names: number, meters: number, objects: number, amounts = 0): number => {
    const before = workSpent()
    const limits = Object.fromEntries(Array.from({ length: names }, (_, n) => [`count/${n}`, '1']))
    const others = Object.fromEntries(Array.from({ length: amounts }, (_, n) => [`other-${n}`, '1']))
    const usages = Array.from({ length: objects }, () => ({ 'count/0': '1', ...others }))
    planQuotaStatus(
      aQuota(limits),
      Array.from({ length: meters }, () => meterOf(['count/0'], usages)),
    )
    return workSpent() - before
  }
  // Twice as much of one is about twice the cost of it.
  const grows = (few: number, more: number, most: number): void => {
    assert.ok(more - few >= 100, `${few}, ${more}`)
    assert.ok(Math.abs((most - few) / (more - few) - 2) < 0.1, `${few}, ${more}, ${most}`)
  }
  grows(cost(1, 0, 0), cost(101, 0, 0), cost(201, 0, 0))
  grows(cost(50, 0, 0), cost(50, 40, 0), cost(50, 80, 0))
  grows(cost(1, 1, 1000), cost(1, 1, 2000), cost(1, 1, 3000))
  grows(cost(1, 1, 1), cost(1, 1, 1, 50), cost(1, 1, 1, 100))
})
