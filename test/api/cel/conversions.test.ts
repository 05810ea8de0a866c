import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'

const resultOf = (text: string): unknown => {
  try {
    return compilePolicyExpression(text, new Set()).evaluate({})
  } catch (error) {
    return (error as Error).message
  }
}

const failed = (to: string): string => `type conversion error from 'string' to '${to}'`

const cases: readonly [expression: string, result: unknown][] = [
  ["int('-12')", -12n],
  ["int('+7')", 7n],
  ["int('9223372036854775807')", 9223372036854775807n],
  ["int(dyn('9223372036854775808'))", failed('int')],
  ["int(dyn(''))", failed('int')],
  ["int(dyn('0x10'))", failed('int')],
  ["int(dyn('many'))", failed('int')],
  ["uint('7') == 7u", true],
  ["uint(dyn('-1'))", failed('uint')],
  ["double('1.5e3')", 1500],
  ["double('-inf') < 0.0", true],
  ["double(dyn(''))", failed('double')],
  ["double(dyn('1e999'))", failed('double')],
  ["double(dyn('many'))", failed('double')],
  ["bool('T')", true],
  ["bool('False')", false],
  ["bool(dyn('yes'))", failed('bool')],
  ["timestamp(dyn('now'))", failed('google.protobuf.Timestamp')],
  ["duration(dyn('soon'))", failed('google.protobuf.Duration')],
  ['1 / 0', 'division by zero'],
  ['1 % 0', 'modulus by zero'],
  ['9223372036854775807 + 1', 'integer overflow'],
  ['[1][5]', 'index out of bounds: 5'],
  ["{'a': 1}['b']", 'no such key: b'],
  ["type('a') == string", true],
  ['type(1) == string', false],
]

for (const [expression, result] of cases)
  test(`${expression} gives ${String(result)}`, () => {
    assert.equal(resultOf(expression), result)
  })
