import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  decodeBase64,
  decodeBase64Lossy,
  decodeBase64Text,
  encodeBase64Text,
  utf8Length,
} from '../../../sim/api/meta/base64.ts'
import { scaledValue } from '../../../sim/api/meta/int-or-string.ts'
import { encodeSafe, generateName, randomSuffix } from '../../../sim/api/meta/safe-names.ts'
import { createRandom } from '../../../sim/engine/random.ts'

const SEED = 20261120

for (const { value, total, up, down } of [
  { value: '25%', total: 10, up: 3, down: 2 },
  { value: '25%', total: 4, up: 1, down: 1 },
  { value: '0%', total: 7, up: 0, down: 0 },
  { value: 3, total: 10, up: 3, down: 3 },
])
  test(`${value} of ${total} is ${up} rounded up and ${down} rounded down`, () => {
    assert.equal(scaledValue(value, total, 'up'), up)
    assert.equal(scaledValue(value, total, 'down'), down)
  })

test('text that is no percentage has no scaled value', () => assert.throws(() => scaledValue('many', 3, 'up')))

test('name suffixes hold five characters that spell no words', () => {
  const random = createRandom('seed', 'names')
  for (let i = 0; i < 50; i++) assert.match(randomSuffix(random), /^[bcdfghjklmnpqrstvwxz2456789]{5}$/)
})

test('a generated name never passes 63 characters', () =>
  assert.equal(generateName('x'.repeat(80), createRandom('seed', 'names')).length, 63))

test('numbers are encoded in safe characters by their code', () => assert.equal(encodeSafe('0123456789'), '456789bcdf'))

test('base64 of any text is what Node makes of it, and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(encodeBase64Text(text), Buffer.from(text, 'utf8').toString('base64'))
      assert.equal(decodeBase64Text(encodeBase64Text(text)), text)
      assert.equal(utf8Length(text), Buffer.byteLength(text))
    }),
    { seed: SEED },
  )
})

for (const [text, badOffset] of [
  ['not base64!', 3],
  ['a', 0],
  ['YWI', 0],
  ['YWJjZ', 4],
  ['YWJj\nZ', 5],
  ['Y===', 1],
  ['YW=j', 2],
  ['YQ=', 3],
  ['YQ==YQ==', 4],
  ['é', 0],
] as const)
  test(`what is wrong in ${JSON.stringify(text)} is counted as Go counts it`, () =>
    assert.deepEqual(decodeBase64(text), { badOffset }))

for (const text of ['YQ==', 'YW\nI=\n', 'Y\r\nQ=\n=', ''])
  test(`${JSON.stringify(text)} is base64`, () =>
    assert.deepEqual(decodeBase64(text), { bytes: [...Buffer.from(text, 'base64')] }))

test('bytes that are no UTF-8 are no text, or become the replacement character', () => {
  const beyondUnicode = Buffer.from([0x61, 0xf7, 0xbf, 0xbf, 0xbf]).toString('base64')
  assert.equal(decodeBase64Text(beyondUnicode), undefined)
  assert.equal(decodeBase64Lossy(beyondUnicode), 'a\ufffd\ufffd\ufffd\ufffd')
  assert.equal(decodeBase64Lossy('aGV5'), 'hey')
  assert.equal(decodeBase64Lossy('aGk'), 'hi')
  assert.equal(decodeBase64Lossy('aGVsbG8='), 'hello')
  assert.equal(decodeBase64Lossy('w7zwn5mC'), '\u00fc\u{1f642}')
})
