import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { runtimeClasses } from '../../../sim/api/node/runtime-class.ts'
import { runtimeClassAdmission } from '../../../sim/apiserver/admission/runtime-class.ts'
import { ask, OTHER_REQUESTS } from './plugin.ts'

const classes = [
  { metadata: { name: 'plain' } },
  {
    metadata: { name: 'heavy' },
    overhead: { podFixed: { cpu: '250m' } },
    scheduling: {
      nodeSelector: { runtime: 'heavy' },
      tolerations: [{ key: 'heavy', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    },
  },
]
const asked = (spec: object, metadata: object = { name: 'p' }, more: object = {}) =>
  ask(runtimeClassAdmission, pods, { object: { metadata, spec }, ...more }, [[runtimeClasses, classes]])
const heavy = (part: object = {}) => ({ runtimeClassName: 'heavy', ...part })
const own = classes[1].scheduling!.tolerations[0]
const filled = {
  runtimeClassName: 'heavy',
  overhead: { cpu: '250m' },
  nodeSelector: { runtime: 'heavy' },
  tolerations: [own],
}

test('the class of a Pod adds its overhead, its nodes and what it tolerates', () => {
  assert.deepEqual(asked(heavy()).object.spec, filled)
  assert.deepEqual(
    asked(heavy({ overhead: { cpu: '250m' }, nodeSelector: { disk: 'ssd', runtime: 'heavy' } })).object.spec,
    {
      ...filled,
      nodeSelector: { disk: 'ssd', runtime: 'heavy' },
    },
  )
})

test('a Pod of a class that asks for nothing, of none, or that is not new is left as it is', () => {
  for (const spec of [{ runtimeClassName: 'plain' }, { runtimeClassName: '' }, {}]) {
    const { object, refusal } = asked(spec)
    assert.deepEqual([object.spec, refusal], [spec, undefined])
  }
  for (const other of OTHER_REQUESTS) assert.deepEqual(asked(heavy(), { name: 'p' }, other).object.spec, heavy())
  const object = { metadata: { name: 'm' }, spec: heavy() }
  assert.deepEqual(ask(runtimeClassAdmission, configMaps, { object }, [[runtimeClasses, classes]]).object, object)
})

for (const { name, spec, why } of [
  {
    name: 'names a class that there is not',
    spec: { runtimeClassName: 'none' },
    why: 'pod rejected: RuntimeClass "none" not found',
  },
  ...[{}, { runtimeClassName: 'plain' }].map((part) => ({
    name: `sets an overhead that no class of ${JSON.stringify(part)} has`,
    spec: { ...part, overhead: { cpu: '1' } },
    why: 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  })),
  {
    name: 'sets another overhead than its class',
    spec: heavy({ overhead: { cpu: '1' } }),
    why: "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  },
  {
    name: 'asks for other nodes than its class',
    spec: heavy({ nodeSelector: { runtime: 'light' } }),
    why: 'conflict: runtimeClass.scheduling.nodeSelector[runtime] = heavy; pod.spec.nodeSelector[runtime] = light',
  },
])
  test(`a Pod that ${name} is refused`, () => {
    assert.equal(asked(spec).refusal, `pods "p" is forbidden: ${why}`)
    assert.equal(asked(spec, { generateName: 'g-' }).refusal, `pods "g-" is forbidden: ${why}`)
    assert.equal(asked(spec, {}).refusal, `pods is forbidden: ${why}`)
  })

const toleration = (part: object) => ({ key: 'heavy', operator: 'Exists', effect: 'NoExecute', ...part })
for (const { name, given, want } of [
  { name: 'the same', given: [own], want: [own] },
  {
    name: 'the same for longer',
    given: [toleration({ tolerationSeconds: 61 })],
    want: [toleration({ tolerationSeconds: 61 })],
  },
  { name: 'the same for ever', given: [toleration({})], want: [toleration({})] },
  { name: 'the same for a shorter time', given: [toleration({ tolerationSeconds: 59 })], want: [own] },
  {
    name: 'the same with any effect',
    given: [toleration({ effect: undefined })],
    want: [{ key: 'heavy', operator: 'Exists' }],
  },
  { name: 'every taint', given: [{ operator: 'Exists' }], want: [{ operator: 'Exists' }] },
  {
    name: 'another effect',
    given: [toleration({ effect: 'NoSchedule' })],
    want: [toleration({ effect: 'NoSchedule' }), own],
  },
  { name: 'another taint', given: [{ key: 'a', operator: 'Exists' }], want: [{ key: 'a', operator: 'Exists' }, own] },
  {
    name: 'one value of it',
    given: [toleration({ operator: 'Equal', value: 'a', tolerationSeconds: 30 })],
    want: [own],
  },
  {
    name: 'one value of it for longer',
    given: [toleration({ operator: 'Equal', value: 'a' }), toleration({ operator: 'Equal', value: 'b' })],
    want: [toleration({ operator: 'Equal', value: 'a' }), toleration({ operator: 'Equal', value: 'b' }), own],
  },
  {
    name: 'two values of another taint, one of them with any effect',
    given: [
      { key: 'a', operator: 'Equal', value: 'x', effect: 'NoSchedule' },
      { key: 'a', operator: 'Equal', value: 'x' },
      { key: 'a', operator: 'Equal', value: 'y' },
    ],
    want: [{ key: 'a', operator: 'Equal', value: 'x' }, { key: 'a', operator: 'Equal', value: 'y' }, own],
  },
])
  test(`of what a Pod and its class tolerate what the other covers is left out: the Pod tolerates ${name}`, () => {
    const { tolerations } = asked(heavy({ tolerations: given })).object.spec as { tolerations: object[] }
    assert.deepEqual(JSON.parse(JSON.stringify(tolerations)), want)
  })
