import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldNamed } from '../../../sim/api/cel/field-names.ts'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'
import { objectType, STRING } from '../../../sim/api/cel/types.ts'
import { toCel } from '../../../sim/api/cel/values.ts'

for (const [written, want] of [
  ['__namespace__', 'namespace'],
  ['a__dash__b__dot__c__slash__d', 'a-b.c/d'],
  ['__underscores__a', '__a'],
  ['__other__', '__other__'],
  ['name', 'name'],
])
  test(`${written} stands for the field ${want}`, () => {
    assert.equal(fieldNamed(written), want)
  })

test('a rule asks for a field whose name is a word of CEL', () => {
  const types = { self: objectType('selfType', { namespace: STRING }) }
  const text = 'has(self.__namespace__) && self.__namespace__ == "a"'
  const expression = compilePolicyExpression(text, new Set(['self']), { types })
  assert.equal(expression.evaluate({ self: toCel({ namespace: 'a' }) }), true)
  assert.equal(expression.evaluate({ self: toCel({}) }), false)
})
