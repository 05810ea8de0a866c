/** Whether variants are equally hard: told among equals, of many alone, and not by chance. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { driftOf, isStriking, type VariantTry } from '../../../server/hiring/variant-drift.ts'

/** People of five levels, half of them with each port; those with 9000 lose a share of their points. */
const tries = (count: number, lost: number): VariantTry[] =>
  Array.from({ length: count }, (_, n) => {
    const level = Math.floor(n / 2) % 5
    const port = n % 2 === 0 ? 8080 : 9000
    const score = Math.max(0, 0.2 * level + (n % 3 === 0 ? 0.2 : 0) - (port === 9000 ? lost : 0))
    return { params: { port, app: 'web' }, score, isPassed: score >= 0.5, rest: level }
  })

test('a harder value is told among equals, against the others; what all have is no variant', () => {
  const [drift, ...more] = driftOf(tries(200, 0.3))
  assert.deepEqual([drift?.param, more.length], ['port', 0])
  const [eight, ...others] = drift!.values
  assert.deepEqual([eight?.value, eight?.n, eight?.others, others.length], ['8080', 100, 100, 0])
  assert.equal(eight!.difference!.difference > 0.15, true)
  assert.equal(eight!.difference!.interval.low > 0, true)
  assert.equal(eight!.oddsRatio! > 1, true)
  assert.equal(isStriking(eight!, 1), true)
  assert.equal(isStriking({ p: 0.02 }, 1), true)
  assert.equal(isStriking({ p: 0.02 }, 10), false, 'of ten comparisons one such is no wonder')
  assert.equal(isStriking({ p: undefined }, 1), false)
})

test('equally hard ones differ by nothing that is told from chance', () => {
  const [{ values } = { values: [] }] = driftOf(tries(200, 0))
  const { low, high } = values[0]!.difference!.interval
  assert.equal(low < 0 && high > 0, true)
  assert.equal(isStriking(values[0]!, 1), false)
})

test('those who had the harder variant and are better otherwise are not taken for equals', () => {
  // The stronger half has 9000, and scores the same.
  const unequal = Array.from({ length: 200 }, (_, n): VariantTry => {
    const isStrong = n % 4 === 0 ? n % 8 === 0 : n % 2 === 0
    const score = n % 3 === 0 ? 0.7 : 0.5
    return { params: { port: isStrong ? 9000 : 8080 }, score, isPassed: score > 0.6, rest: isStrong ? 4 : n % 5 }
  })
  const [{ values } = { values: [] }] = driftOf(unequal)
  assert.equal(Math.abs(values[0]!.difference!.difference) < 0.1, true)
})

test('below 30 on a side nothing is told but how many there were, and below 100 no test', () => {
  const few = driftOf(tries(58, 0.3))[0]!
  assert.deepEqual(
    [few.isTooFew, few.values[0]!.n, few.values[0]!.difference, few.values[0]!.p],
    [true, 29, undefined, undefined],
  )
  const some = driftOf(tries(80, 0.3))[0]!
  assert.equal(some.isTooFew, false)
  assert.deepEqual([some.values[0]!.difference !== undefined, some.values[0]!.p], [true, undefined])
  assert.deepEqual(driftOf([]), [])
})
