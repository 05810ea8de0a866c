/** Classical item statistics: what they tell, and of whom they tell nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { itemStatistics } from '../../../server/workshops/item-statistics.ts'

const people = (n: number, scores: (n: number) => (number | undefined)[]) =>
  Array.from({ length: n }, (_, at) => scores(at))

test('below 20 people nothing is told but how many tried it', () => {
  const [one] = itemStatistics(
    people(19, () => [1, 0]),
    2,
  )
  assert.deepEqual(one, { n: 19, p: undefined, r: undefined, flags: [] })
})

test('facility is the mean, discrimination the correlation with the rest; who did not try does not count', () => {
  // The better half passes the first two; the third is passed by the others.
  const [first, second, third, fourth] = itemStatistics(
    people(24, (n) => [n < 12 ? 1 : 0, n < 12 ? 1 : 0, n < 12 ? 0 : 1, n < 4 ? undefined : 1]),
    4,
  )
  assert.deepEqual([first!.n, first!.p], [24, 0.5])
  // The rest of the first: second + third + fourth = 1 + 0 or 0 + 1: hardly varies.
  assert.equal(second!.p, 0.5)
  assert.ok(third!.r! < 0)
  assert.deepEqual(third!.flags, ['does not tell people apart'])
  assert.deepEqual([fourth!.n, fourth!.p, fourth!.r, fourth!.flags], [20, 1, undefined, ['too easy']])
})

test('an item that goes with all others has r = 1', () => {
  const [one] = itemStatistics(
    people(20, (n) => [n % 2, n % 2]),
    2,
  )
  assert.ok(Math.abs(one!.r! - 1) < 1e-9)
})
