import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  quantityError,
  quantityFrom,
  quantityMillis,
  quantityValue,
  subtractQuantities,
} from '../../../sim/api/meta/quantity.ts'

const SEED = 20261120

const cases = [
  { text: '0.5', canonical: '500m', millis: 500, value: 1 },
  { text: '1000m', canonical: '1', millis: 1000, value: 1 },
  { text: '1500m', canonical: '1500m', millis: 1500, value: 2 },
  { text: '1024Mi', canonical: '1Gi', millis: 1073741824000, value: 1073741824 },
  { text: '1.5Gi', canonical: '1536Mi', millis: 1610612736000, value: 1610612736 },
  { text: '1500Mi', canonical: '1500Mi', millis: 1572864000000, value: 1572864000 },
  { text: '1000', canonical: '1k', millis: 1000000, value: 1000 },
  { text: '1e3', canonical: '1e3', millis: 1000000, value: 1000 },
  { text: '100', canonical: '100', millis: 100000, value: 100 },
  { text: '.5', canonical: '500m', millis: 500, value: 1 },
  { text: '0.1Ki', canonical: '102400m', millis: 102400, value: 103 },
  { text: '0.0000000001', canonical: '1n', millis: 1, value: 1 },
  { text: '-1', canonical: '-1', millis: -1000, value: -1 },
  { text: '0', canonical: '0', millis: 0, value: 0 },
  { text: '0Mi', canonical: '0', millis: 0, value: 0 },
]
for (const { text, canonical, millis, value } of cases)
  test(`quantity ${text} is written ${canonical}`, () => {
    assert.equal(canonicalQuantity(text), canonical)
    assert.equal(quantityMillis(text), millis)
    assert.equal(quantityValue(text), value)
  })

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
for (const { text, error } of [
  { text: 'abc', error: FORMAT },
  { text: '', error: FORMAT },
  { text: '1 Gi', error: FORMAT },
  { text: '1Gib', error: FORMAT },
  { text: '1MiB', error: FORMAT },
  { text: '1ki', error: "unable to parse quantity's suffix" },
  { text: '1e', error: "unable to parse quantity's suffix" },
])
  test(`quantity "${text}" is refused`, () => assert.equal(quantityError(text), error))

test('sums keep the format of the first amount, unless it is zero', () => {
  assert.equal(addQuantities('1Gi', '512Mi'), '1536Mi')
  assert.equal(addQuantities('250m', '0.75'), '1')
  assert.equal(addQuantities('0', '64Mi'), '64Mi')
  assert.equal(subtractQuantities('2', '1500m'), '500m')
})

const quantities = fc
  .tuple(fc.integer({ min: 0, max: 99_999 }), fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3'))
  .map(([digits, suffix]) => `${digits}${suffix}`)

test('the canonical form is a fixed point and means the same amount', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      const canonical = canonicalQuantity(text)
      assert.equal(canonicalQuantity(canonical), canonical)
      assert.equal(compareQuantities(text, canonical), 0)
    }),
    { seed: SEED },
  )
})

// A binary amount is written in whole bytes: thousandths would not come back.
const wholeQuantities = quantities.filter((text) => !text.endsWith('m'))

test('what is added can be taken away again', () => {
  fc.assert(
    fc.property(wholeQuantities, wholeQuantities, (a, b) => {
      assert.equal(compareQuantities(subtractQuantities(addQuantities(a, b), b), a), 0)
      assert.equal(compareQuantities(addQuantities(a, b), addQuantities(b, a)), 0)
    }),
    { seed: SEED },
  )
})

test('order agrees with the number of thousandths', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      assert.equal(Math.sign(compareQuantities(a, b)), Math.sign(quantityMillis(a) - quantityMillis(b)))
    }),
    { seed: SEED },
  )
})

test('bytes become the largest whole unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (bytes) =>
      assert.equal(quantityValue(quantityFrom(bytes, 'BinarySI')), bytes),
    ),
    { seed: SEED },
  )
})
