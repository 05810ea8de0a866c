import assert from 'node:assert/strict'
import test from 'node:test'
import {
  compileSelector,
  parseSelector,
  printSelector,
  selectorFromText,
  selectorMatches,
} from '../../../sim/api/meta/label-selector.ts'

const labels = { app: 'web', tier: 'front', count: '5' }
const matching = [
  { text: '', matches: true },
  { text: 'app=web', matches: true },
  { text: 'app==web', matches: true },
  { text: 'app!=web', matches: false },
  { text: 'missing!=x', matches: true },
  { text: 'app in (web, api)', matches: true },
  { text: 'app notin (web)', matches: false },
  { text: 'missing notin (x)', matches: true },
  { text: 'app', matches: true },
  { text: '!app', matches: false },
  { text: '!missing,app=web', matches: true },
  { text: 'count>4', matches: true },
  { text: 'count<5', matches: false },
  { text: 'app=', matches: false },
]
for (const { text, matches } of matching)
  test(`selector "${text}" ${matches ? 'matches' : 'does not match'}`, () =>
    assert.equal(compileSelector(text).matches(labels), matches))

const errors = [
  { text: 'app in', error: "unable to parse requirement: found '' expected: '('" },
  { text: 'app x', error: "unable to parse requirement: found 'x', expected: in, notin, =, ==, !=, gt, lt" },
  { text: 'a=b,', error: "found '', expected: identifier after ','" },
  { text: ',a', error: "found ',', expected: !, identifier, or 'end of string'" },
  {
    text: '-a=b',
    error:
      "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  },
  {
    text: 'a>b',
    error:
      "unable to parse requirement: values[0][a]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
  },
]
for (const { text, error } of errors)
  test(`selector "${text}" is refused in the server's words`, () =>
    assert.throws(() => parseSelector(text), { message: error }))

test('an absent selector matches nothing, an empty one everything', () => {
  assert.equal(selectorMatches(undefined, labels), false)
  assert.equal(selectorMatches({}, undefined), true)
})

test('expressions of an object are and-ed with its labels', () => {
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'In' as const, values: ['front', 'back'] }],
  }
  assert.equal(selectorMatches(selector, labels), true)
  assert.equal(selectorMatches(selector, { app: 'web' }), false)
  assert.equal(printSelector(selector), 'app=web,tier in (back,front)')
})

test('text becomes the object that kubectl would write', () =>
  assert.deepEqual(selectorFromText('app=web,tier in (b,a),!old'), {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'old', operator: 'DoesNotExist' },
      { key: 'tier', operator: 'In', values: ['a', 'b'] },
    ],
  }))
