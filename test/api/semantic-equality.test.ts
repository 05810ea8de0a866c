import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloneJson } from '../../sim/api/meta/json.ts'
import { equalSemantically } from '../../sim/api/meta/semantic-equality.ts'

test('quantities are equal by what they amount to, where quantities stand', () => {
  const of = (memory: unknown, cpu: unknown) => ({ resources: { limits: { memory, cpu } } })
  assert.equal(equalSemantically(of('128Mi', '500m'), of('134217728', 0.5)), true)
  assert.equal(equalSemantically(of('128Mi', '500m'), of('134217729', '500m')), false)
  assert.equal(equalSemantically(of('128Mi', undefined), of('134217728', '1')), false)
  assert.equal(equalSemantically({ sizeLimit: '1Gi' }, { sizeLimit: '1024Mi' }), true)
})

test('texts are no quantities, whatever their names', () => {
  for (const map of ['labels', 'annotations', 'matchLabels', 'nodeSelector', 'data', 'openAPIV3Schema'])
    for (const name of ['divisor', 'limits', 'max'])
      assert.equal(equalSemantically({ [map]: { [name]: '1' } }, { [map]: { [name]: '1.0' } }), false, `${map}.${name}`)
  assert.equal(equalSemantically({ limits: { memory: 'much' } }, { limits: { memory: 'more' } }), false)
})

test('whatever there is equals its copy, also objects where quantities might stand', () => {
  for (const object of [
    {
      spec: {
        versions: [{ schema: { openAPIV3Schema: { properties: { limits: { type: 'object', default: {} } } } } }],
      },
    },
    {
      spec: {
        devices: [{ capacity: { memory: { value: '1Gi', requestPolicy: { default: '1Gi', validValues: ['1'] } } } }],
      },
    },
    { spec: { limits: [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '500m' } }] } },
    { spec: { hard: null, min: [], capacity: 'none', max: { a: null } } },
  ]) {
    assert.equal(equalSemantically(object, cloneJson(object)), true, JSON.stringify(object))
  }
  const capacity = (value: string) => ({ capacity: { memory: { value } } })
  assert.equal(equalSemantically(capacity('1Gi'), capacity('2Gi')), false)
})
