/** Optional values of CEL, as cel-go has them. Source: github.com/google/cel-go/cel/library.go (OptionalTypes) */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'
import { toCel, toJson } from '../../../sim/api/cel/values.ts'

const object = toCel({
  spec: { replicas: 3, list: [1, 2], labels: { a: 'x' }, nested: { deep: { v: 'w' } } },
  name: 'web',
  nothing: null,
})
const compiled = (text: string) => compilePolicyExpression(text, new Set(['object']))
const resultOf = (text: string) => toJson(compiled(text).evaluate({ object }))

const values: readonly [text: string, value: unknown][] = [
  ['object.?spec.?replicas.orValue(1)', 3],
  ['object.spec.?missing.orValue(7)', 7],
  // After the first mark all further parts are optional.
  ['object.?spec.nested.deep.v.orValue("none")', 'w'],
  ['object.?status.conditions[0].type.orValue("none")', 'none'],
  ['object.?spec.nested["deep"].v.orValue("none")', 'w'],
  ['object.? spec.replicas.orValue(1)', 3],
  ['has(object.?spec.replicas)', true],
  ['has(object.?status.replicas)', false],
  // A text, a number or null has no members, and that is no error.
  ['object.name.?first.hasValue()', false],
  ['object.nothing.?first.hasValue()', false],
  ['object.spec.list[?1].orValue(0)', 2],
  ['object.spec.list[?2].hasValue()', false],
  ['object.spec.list[?-1].hasValue()', false],
  ['object.spec.labels[?"a"].value()', 'x'],
  ['object.spec.labels[?"b"].or(object.spec.labels[?"a"]).value()', 'x'],
  ['[?object.spec.?replicas, ?object.?status, dyn(5)]', [3, 5]],
  ['[[1, ?optional.none()], [?optional.of(2)], [3]]', [[1], [2], [3]]],
  ['{?"r": object.spec.?replicas, ?"s": object.?status, "k": dyn(1)}', { r: 3, k: 1 }],
  ['{"a": [dyn(1), ?object.?status], ?"b": optional.of([?optional.none(), dyn(3)])}', { a: [1], b: [3] }],
  ['object.spec.list.map(x, [?optional.of(x)])', [[1], [2]]],
  ['object.spec.?replicas.optMap(r, r * 2).orValue(0)', 6],
  ['object.?status.optMap(s, s.replicas).orValue(0)', 0],
  ['object.?spec.optFlatMap(s, s.?replicas).value()', 3],
  ['object.?spec.optFlatMap(s, s.?replicas.optMap(r, r + s.replicas)).value()', 6],
  ['optional.none().or(optional.of(1)).or(optional.of(2)).orValue(3)', 1],
  // What is not needed is not worked out.
  ['object.spec.?replicas.orValue(1 / 0)', 3],
  ['optional.of(1).or(optional.of(1 / 0)).value()', 1],
  ['optional.ofNonZeroValue("").hasValue() || optional.ofNonZeroValue([]).hasValue()', false],
  ['optional.ofNonZeroValue(0.5).value()', 0.5],
  ['object.spec.list.first().value() + object.spec.list.last().value()', 3],
  ['[].first().hasValue() || [].last().hasValue()', false],
  ['optional.unwrap([optional.of(1), optional.none()])', [1]],
  ['[object.?spec.nested.deep.v, object.?status].unwrapOpt()', ['w']],
  ['object.?spec == optional.of(object.spec) && object.?status == optional.none()', true],
  ['optional.of(object.spec).replicas.value()', 3],
  // A question mark of another kind stays what it is.
  ['object.spec.replicas > 2 ? "a.?b" : r\'[?\'', 'a.?b'],
  ['true ?[1]: [2]', [1]],
  ['"[?" + r"a.?b" // a.?b', '[?a.?b'],
]
for (const [text, value] of values)
  test(`optional values: ${text}`, () => {
    assert.deepEqual(resultOf(text), value)
  })

test('what an optional value does not hold, or is not one, is an error', () => {
  assert.throws(() => resultOf('object.?status.value()'), /^Error: optional\.none\(\) dereference$/)
  assert.throws(() => resultOf('object.spec.?missing.orValue(1 / 0)'), /^Error: division by zero$/)
  assert.throws(() => resultOf('dyn(object.spec.?replicas) > 1'), /^Error: no such overload$/)
  assert.throws(() => resultOf('object.spec.hasValue()'), /^Error: no such overload$/)
  assert.throws(() => resultOf('object.?spec.?replicas.orValue(1).foo'), /no such key: foo/)
  assert.throws(() => resultOf('[?object.spec]'), /no such overload/)
})

test('a mark where none may stand is told with its place', () => {
  const refused = (text: string, why: RegExp) => assert.throws(() => compiled(text), why)
  refused('has(object.?spec)', /<input>:1:12: invalid argument to has\(\) macro/)
  refused('object.spec.?replicas.optMap(a.b, 1)', /optMap\(\) variable name must be a simple identifier/)
  refused('other.?spec.hasValue()', /undeclared reference to 'other'/)
  refused('{"a": ?object.?spec}', /Syntax error/)
  refused('size([1],? [2])', /Syntax error: extraneous input '\?'/)
  refused('object.??spec', /Syntax error/)
})

test('an expression of very many marks is read at once, and costs what it is long', () => {
  const many = 5000
  assert.deepEqual(resultOf(`[${'?optional.none(),'.repeat(many)}1]`), [1])
  const chain = `object${'.?a'.repeat(200)}.hasValue()`
  assert.equal(resultOf(chain), false)
  const ors = `optional.none()${'.or(optional.none())'.repeat(100)}.orValue(1)`
  assert.equal(resultOf(ors), 1)
})
