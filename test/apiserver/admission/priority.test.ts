import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { priorityClasses } from '../../../sim/api/scheduling/priority-class.ts'
import { priorityAdmission } from '../../../sim/apiserver/admission/priority.ts'
import { ask } from './plugin.ts'

const classOf = (name: string, value: number, part: object = {}) => ({ metadata: { name }, value, ...part })
const usual = [classOf('high', 1000, { preemptionPolicy: 'Never' }), classOf('low', -5)]
const withDefault = [...usual, classOf('b', 7, { globalDefault: true }), classOf('a', 9, { globalDefault: true })]
const asked = (spec: object, classes: object[] = usual, more: object = {}) =>
  ask(priorityAdmission, pods, { object: { metadata: { name: 'p' }, spec }, ...more }, [[priorityClasses, classes]])

for (const { name, spec, classes, want } of [
  { name: 'of no class', spec: {}, want: { priority: 0, preemptionPolicy: 'PreemptLowerPriority' } },
  {
    name: 'of no class, with what it would get',
    spec: { priorityClassName: '', priority: 0, preemptionPolicy: 'PreemptLowerPriority' },
    want: { priorityClassName: '', priority: 0, preemptionPolicy: 'PreemptLowerPriority' },
  },
  {
    name: 'of no class, where one is the default: of several the one worth the least',
    spec: {},
    classes: withDefault,
    want: { priorityClassName: 'b', priority: 7, preemptionPolicy: 'PreemptLowerPriority' },
  },
  {
    name: 'of a class that does not preempt',
    spec: { priorityClassName: 'high' },
    want: { priorityClassName: 'high', priority: 1000, preemptionPolicy: 'Never' },
  },
  {
    name: 'of a class, where another is the default',
    spec: { priorityClassName: 'low' },
    classes: withDefault,
    want: { priorityClassName: 'low', priority: -5, preemptionPolicy: 'PreemptLowerPriority' },
  },
])
  test(`a Pod ${name} gets its priority as a number`, () => {
    const { object, refusal } = asked(spec, classes)
    assert.deepEqual([object.spec, refusal], [want, undefined])
  })

const CLASS_NAME = 'from the given PriorityClass name'
for (const { spec, why } of [
  { spec: { priorityClassName: 'top' }, why: 'no PriorityClass with name top was found' },
  {
    spec: { priorityClassName: 'high', priority: 5 },
    why: `the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 ${CLASS_NAME}`,
  },
  {
    spec: { preemptionPolicy: 'Never' },
    why: `the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority ${CLASS_NAME}`,
  },
])
  test(`a Pod with ${JSON.stringify(spec)} is refused`, () => {
    assert.equal(asked(spec).refusal, `pods "p" is forbidden: ${why}`)
    const generated = { object: { metadata: { generateName: 'g-' }, spec } }
    assert.equal(asked(spec, usual, generated).refusal, `pods "g-" is forbidden: ${why}`)
    assert.equal(asked(spec, usual, { object: { metadata: {}, spec } }).refusal, `pods is forbidden: ${why}`)
  })

test('a Pod that is written again keeps the priority that is left out', () => {
  const old = { metadata: { name: 'p' }, spec: { priority: 1000, preemptionPolicy: 'Never' } }
  const update = (spec: object) => asked(spec, usual, { operation: 'UPDATE', old }).object.spec
  assert.deepEqual(update({}), old.spec)
  const other = { priority: 5, preemptionPolicy: 'PreemptLowerPriority', priorityClassName: 'top' }
  assert.deepEqual(update(other), other)
})

test('the status of a Pod, a Pod that goes, and other kinds have no priority', () => {
  assert.deepEqual(asked({}, usual, { subresource: 'status' }).object.spec, {})
  assert.deepEqual(asked({}, usual, { operation: 'DELETE' }).object.spec, {})
  assert.deepEqual(ask(priorityAdmission, configMaps, { object: { metadata: { name: 'm' } } }).object, {
    metadata: { name: 'm' },
  })
})

test('only one class is the default', () => {
  const isDefault = { globalDefault: true }
  const refusal = (object: object, more: object = {}, classes: object[] = [classOf('a', 1, isDefault)]) =>
    ask(priorityAdmission, priorityClasses, { object, namespace: '', ...more }, [[priorityClasses, classes]]).refusal
  const why =
    'priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist'
  const second = classOf('b', 2, isDefault)
  assert.equal(refusal(second), why)
  assert.equal(refusal(second, { operation: 'UPDATE' }), why)
  assert.equal(refusal(classOf('b', 2)), undefined)
  assert.equal(refusal(second, {}, [classOf('a', 1)]), undefined)
  assert.equal(refusal(classOf('a', 2, isDefault), { operation: 'UPDATE' }), undefined)
  assert.equal(refusal(second, { operation: 'DELETE' }), undefined)
  assert.equal(refusal(second, { subresource: 'status' }), undefined)
  assert.match(refusal(classOf('a', 2, isDefault)) ?? '', /already marked as default/)
})
