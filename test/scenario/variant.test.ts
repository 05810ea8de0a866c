/** Variants of an exercise: parameters that are drawn and filled in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawParams, fillText, fillValue, variantCount } from '../../sim/scenario/variant.ts'

test('parameters are decided by seed and specification, and rejected combinations are not drawn', () => {
  const specs = { app: { oneOf: ['web', 'api'] }, replicas: { int: { min: 2, max: 6, step: 2 } } }
  assert.deepEqual(drawParams(specs, 's'), drawParams(specs, 's'))
  const drawn = Array.from({ length: 60 }, (_, i) => drawParams(specs, `s${i}`, ["app == 'web' && replicas == 6"]))
  assert.ok(drawn.every(({ app, replicas }) => !(app === 'web' && replicas === 6)))
  assert.equal(new Set(drawn.map((params) => JSON.stringify(params))).size, 5)
  assert.equal(variantCount(specs), 6)
  assert.throws(() => drawParams(specs, 's', ['true']), /no variant is left/)
})

test('texts are filled with parameters, and a text that is one parameter becomes its value', () => {
  assert.deepEqual(fillValue({ 'a-{{n}}': ['{{n}}', 'x{{n}}'] }, { n: 3 }), { 'a-3': [3, 'x3'] })
  assert.throws(() => fillText('{{nope}}', { n: 3 }), /\{\{nope\}\} is no parameter; there are n/)
})
