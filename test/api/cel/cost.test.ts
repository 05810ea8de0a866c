/** Estimated costs, with the figures of Kubernetes v1.36 itself (TestCostEstimation, TestCelEstimatedCostStability of its API server). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { celTypeOf, declaredType } from '../../../sim/api/apiextensions/declared-type.ts'
import type { JsonSchema } from '../../../sim/api/apiextensions/types.ts'
import { estimateCost } from '../../../sim/api/cel/cost.ts'
import { compilePolicyExpression } from '../../../sim/api/cel/policy-expression.ts'

const names = new Set(['self', 'oldSelf'])

function costOf(schema: JsonSchema, rule: string): number {
  const declared = declaredType(schema, false)!
  const self = celTypeOf(declared, 'selfType')
  const { tree } = compilePolicyExpression(rule, names, { types: { self, oldSelf: self } })
  return estimateCost(tree, declared).most
}

const number: JsonSchema = { type: 'number' }
const text: JsonSchema = { type: 'string' }
const dateTime: JsonSchema = { type: 'string', format: 'date-time' }
const intOrString: JsonSchema = { 'x-kubernetes-int-or-string': true }
const list = (items: JsonSchema, maxItems?: number): JsonSchema => ({ type: 'array', items, maxItems })
const map = (value: JsonSchema, maxProperties?: number): JsonSchema => ({
  type: 'object',
  additionalProperties: value,
  maxProperties,
})
const short = (maxLength: number, format?: string): JsonSchema => ({ type: 'string', maxLength, format })
const withRequired: JsonSchema = {
  type: 'object',
  properties: { required: text, optional: text },
  required: ['required'],
}
const pair = (one: JsonSchema): JsonSchema => ({ type: 'object', properties: { val1: one, val2: one } })
const objects: JsonSchema = { type: 'object', properties: { k: text, v: text, v2: text } }
const inList: JsonSchema = {
  type: 'object',
  properties: { list: { ...list(objects), 'x-kubernetes-list-type': 'map' } },
}
const numbers: JsonSchema = { type: 'object', properties: { array: list({ type: 'integer' }) } }
const byName: JsonSchema = { type: 'object', properties: { val: map({ type: 'integer' }) } }
const pairs: JsonSchema = {
  type: 'object',
  properties: { objs: list(list({ type: 'object', properties: { k: text, v: text } })) },
}
const phases: JsonSchema = {
  type: 'object',
  properties: { phase: { type: 'string', enum: ['Pending', 'Available', 'Bound', 'Released', 'Failed'] } },
}

const optionals: JsonSchema = {
  type: 'object',
  properties: {
    obj: { type: 'object', properties: { field: text, absentField: text } },
    m: map(text),
    l: list(text),
  },
}
/** What compares texts whose size nobody knows costs a tenth of the largest number. */
const BEYOND = Math.ceil(2 ** 64 * 0.1)

const cases: readonly [name: string, schema: JsonSchema, rule: string, cost: number][] = [
  ['a list of numbers', list(number), 'self.all(x, true)', 4_718_591],
  ['a list of 10 numbers', list(number, 10), 'self.all(x, true)', 32],
  ['a list of texts', list(text), 'self.all(x, true)', 3_145_727],
  ['a list of booleans', list({ type: 'boolean' }), 'self.all(x, true)', 1_887_437],
  ['a list of lists', list(list(number)), 'self.all(x, true)', 3_145_727],
  ['a list of objects', list(withRequired), 'self.all(x, true)', 555_128],
  ['a list of values of both kinds', list(intOrString), 'self.all(x, true)', 4_718_591],
  ['a list of spans', list({ type: 'string', format: 'duration' }), 'self.all(x, true)', 2_359_295],
  ['a list of dates', list({ type: 'string', format: 'date' }), 'self.all(x, true)', 725_936],
  ['a list of times', list(dateTime), 'self.all(x, true)', 428_963],
  ['a map of numbers', map(number), 'self.all(x, true)', 1_348_169],
  ['a map of 3 texts', map(text, 3), 'self.all(x, true)', 11],
  ['a map of objects', map(withRequired), 'self.all(x, true)', 428_963],
  ['a map of maps', map(map(number)), 'self.all(x, true)', 1_179_647],
  ['a loop in a loop', list(number, 10), 'self.all(x, self.all(y, true))', 352],
  ['three loops', list(number, 10), 'self.all(x, self.all(y, self.all(z, true)))', 3552],
  ['more items than a request holds', list(number, 3 * 1024 * 2048), 'self.all(x, x == 0.0)', 25_165_826],
  ['each item compared', list(number), 'self.all(x, x == 0.0)', 6_291_454],
  ['an item', list(number), 'self[1] == 0.0', 2],
  ['texts of a list', list(text, 8), 'self[1] == self[1]', 314_577],
  ['an item of both kinds', list(intOrString), 'self[0] == 5', 3],
  ['an item of an item', list(list(number)), 'self[0][0] == -1.0', 3],
  ['a member of each item', list(map(number)), 'self.all(x, x.y == 25.2)', 6_291_452],
  ['a member of an item', list(map(number)), 'self[0].x > 2.0', 4],
  ['parts of a time', list(dateTime), 'self[2].getMinutes() == 45', 4],
  ['a part of a text', text, "self.contains('test')", 314_574],
  ['a part of a short text', short(10), "self.contains('test')", 5],
  ['the start of a text', text, "self.startsWith('test')", 2],
  ['texts put together', text, 'size(self + "hello") > size("hello")', 314_578],
  ['short texts put together', short(4), 'size(self + "hello") > size("hello")', 7],
  ['a pattern', text, 'self.matches("x")', 314_574],
  ['a pattern of a short text', short(50), 'self.matches("x")', 22],
  ['a pattern of nothing', text, '"".matches("(((((((((())))))))))[0-9]")', 7],
  ['no pattern', text, 'self.matches("")', 1],
  ['keys, looked up', map(text), 'self.all(x, x.contains(self[x]))', 2_752_507],
  ['a text of no letters', short(0), 'self == "x"', 1],
  ['bytes', { type: 'string', format: 'byte' }, 'self == b"x"', 2],
  ['no bytes', short(0, 'byte'), 'self == b"x"', 1],
  ['fields in maps in lists', list(map(withRequired)), `self.all(x, x["y"].required == "z")`, 7_340_027],
  ['limited fields in maps in lists', list(map(withRequired, 10), 10), `self.all(x, x["y"].required == "z")`, 72],
  ['texts joined', list(text), "self.join(' ') == 'aa bb'", 329_853_068_905],
  ['short texts joined', list(short(10), 10), "self.join(' ') == 'aa bb'", 43],
  ['sorted texts', list(text), 'self.isSorted() == true', 329_854_432_052],
  ['two numbers', pair(number), 'self.val1 == self.val2', 4],
  ['the type of a number', pair(number), 'type(self.val1) == double', 4],
  ['numbers of two types', pair(number), 'double(self.val1) < self.val2', 6],
  ['numbers written out', pair(number), 'double(5) < 10.0', 2],
  ['a sum', pair({ type: 'integer' }), 'self.val1 + 1 == 2147483647 + 1', 5],
  ['a pattern of a field', pair(text), "self.val1.matches('^[^0-9]*$')", 943_721],
  ['the opposite', pair(text), "!self.val1.matches('^[0-9]*$')", 629_149],
  ['a letter', pair(text), "self.val1.charAt(3) == 'k'", 4],
  ['where a letter stands', pair(text), "self.val1.indexOf('o', 2) == 2", 314_576],
  ['letters replaced', pair(text), "self.val1.replace(' ', 'x') == 'Rookxtakesx👑'", 629_150],
  ['a text split', pair(text), "self.val1.split(' ') == ['Rook', 'takes', '👑']", 629_159],
  ['a trimmed part', pair(text), "self.val1.substring(4, 10).trim() == 'takes'", 629_149],
  ['small letters', pair(text), 'self.val1.lowerAscii() == self.val1.lowerAscii()', 943_723],
  ['two texts of bytes', pair({ type: 'string', format: 'byte' }), 'self.val1 == self.val2', 314_577],
  ['a span', pair({ type: 'string', format: 'duration' }), "self.val1 == duration('1h2m') + duration('3s4ms')", 6],
  ['one of an enum', phases, "self.phase == 'Pending'", 3],
  ['some of an enum', phases, "self.phase in ['Pending', 'Available']", 14],
  ['a number in a list', pair(list({ type: 'integer' })), '!(0 in self.val1)', 1_572_866],
  ['lists put together', pair(list({ type: 'integer' })), 'self.val1 + [4, 5] == [1, 2, 3, 4, 5]', 24],
  ['a field that is there', pair(list(text)), 'has(self.val1) && has(self.val2)', 2],
  ['exactly one', pair(list(text)), "self.val1.exists_one(k, self.val1 == ['a'])", 15_728_629],
  ['items that are left', pair(list(text)), 'size(self.val1.filter(k, size(self.val1) > 1)) == 1', 17_825_790],
  ['lists of lists', pairs, 'self.objs[0] + self.objs[2] == self.objs[2]', 104_868],
  ['lists written out', pairs, 'self.objs[2] + [self.objs[0][0], self.objs[0][1]] == self.objs[0]', 104_883],
  ['maps', pair(map(text)), 'self.val1 == self.val2', 39_326],
  ['a key', pair(map(text)), "!('k3' in self.val1)", 4],
  ['a map written out', pair(map(text)), "self.val1 == {'k1': 'a', 'k2': 'b'}", 33],
  ['one key of a map', byName, 'self.val.exists_one(k, self.val[k] == 2)', 2_696_338],
  ['keys that are left', byName, 'size(self.val.filter(k, self.val[k] > 1)) == 1', 8_089_017],
  ['items by a field', inList, "self.list.all(m, !has(m.v2) || m.v2 == 'z')", 8_388_603],
  ['two fields of an item', inList, "self.list.exists(m, m.k == 'a1' && m.v == 'b1')", 10_485_753],
  ['fields taken out', inList, "self.list.map(m, m.v).exists(v, v == 'b1')", 19_922_939],
  ['fields of some', inList, "self.list.map(m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1", 18_874_365],
  [
    'some, and their fields',
    inList,
    "self.list.filter(m, has(m.v2) && m.v2 == 'z').map(m, m.v2).size() == 1",
    32_505_851,
  ],
  ['loops one after the other', numbers, 'self.array.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)', 53_477_367],
  ['even numbers', numbers, 'size(self.array.filter(e, e%2 == 0)) == 3', 25_165_823],
  ['optionals', optionals, "optional.of('a') != optional.of('b')", BEYOND],
  ['optionals', optionals, "optional.of('a') != optional.none()", BEYOND],
  ['optionals', optionals, "optional.of('a').hasValue()", 2],
  ['optionals', optionals, "optional.of('a').or(optional.of('a')).hasValue()", 4],
  ['optionals', optionals, "optional.none().or(optional.of('a')).hasValue()", 4],
  ['optionals', optionals, "optional.of('a').optMap(v, v == 'value').hasValue()", 18],
  ['optionals', optionals, "self.obj.?field == optional.of('a')", BEYOND],
  ['optionals', optionals, 'self.obj.?absentField == optional.none()', BEYOND],
  ['optionals', optionals, "self.obj.?field.orValue('v') == 'a'", 5],
  ['optionals', optionals, "self.m[?'k'] == optional.of('v')", BEYOND],
  ['optionals', optionals, "self.l[?0] == optional.of('a')", BEYOND],
  ['optionals', optionals, 'optional.ofNonZeroValue(1).hasValue()', 2],
  ['optionals', optionals, 'optional.of([1, 2, 3, 4, 5]).optMap(v, v.size()).hasValue()', 38],
  ['optionals', optionals, "optional.of('abcdefgabcdefg').optMap(v, v.size()).hasValue()", 18],
  ['optionals', optionals, "self.l[?0].optMap(v, v == 'a').hasValue()", 22],
  ['quantities', pair(text), 'quantity("50k").add(quantity("20")) == quantity("50.02k")', 5],
  ['quantities', pair(text), 'quantity("50k").sub(20) == quantity("49980")', 4],
  ['quantities', pair(text), 'quantity(self.val1).isLessThan(quantity(self.val2))', 629_151],
  ['quantities', pair(text), 'quantity(self.val1).isInteger()', 314_576],
]

test('an expression too deep to be looked at is refused in words', () => {
  for (const count of [600, 3000, 14_000])
    assert.throws(
      () => costOf(number, `${'self + '.repeat(count)}1.0 > 0.0`),
      /^Error: compilation failed:.*expression recursion limit exceeded/,
    )
  assert.equal(costOf(number, `${'self + '.repeat(300)}1.0 > 0.0`), 601)
})

for (const [name, schema, rule, cost] of cases)
  test(`the cost of ${name} is that of Kubernetes: ${rule}`, () => {
    assert.equal(costOf(schema, rule), cost)
  })
