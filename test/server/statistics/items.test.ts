/** Item statistics: of whom nothing is told, what is flagged, and what must hold of any figures. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Cell, type ItemFigures, itemFigures } from '../../../server/statistics/items.ts'

const people = (n: number, scores: (n: number) => (number | undefined)[]): Cell[][] =>
  Array.from({ length: n }, (_, at) =>
    scores(at).map((score) => (score === undefined ? undefined : { score, hints: 0 })),
  )
const columns = (n: number) => Array.from({ length: n }, (_, at) => ({ item: `question:${at}` }))

test('below 20 people nothing is told but how many tried it, below 100 with a warning', () => {
  const of = (n: number) =>
    itemFigures(
      people(n, (at) => [at % 2, (at + 1) % 3 ? 1 : 0]),
      columns(2),
    )[0]!
  const { n, flags, ...rest } = of(19)
  assert.deepEqual([n, flags], [19, ['suppressed']])
  assert.deepEqual([...new Set(Object.values(rest))], [undefined])
  assert.equal(of(20).facility, 0.5)
  assert.equal(of(20).flags.includes('few people'), true)
  assert.equal(of(100).flags.includes('few people'), false)
  assert.deepEqual(itemFigures([], columns(1))[0]!.flags, [])
})

test('facility is the mean, discrimination the correlation with the rest; who did not try does not count', () => {
  // The better half passes the first two; the third is passed by the others.
  const [first, second, third, fourth] = itemFigures(
    people(120, (n) => [n < 60 ? 1 : 0, n < 60 ? 1 : 0, n < 60 ? 0 : 1, n < 20 ? undefined : 1]),
    columns(4),
  ) as [ItemFigures, ItemFigures, ItemFigures, ItemFigures]
  assert.deepEqual([first.n, first.facility], [120, 0.5])
  assert.equal(second.facility, 0.5)
  assert.equal(third.itemTotal! < -0.9, true)
  assert.deepEqual(third.flags, ['does not tell people apart'])
  assert.deepEqual([fourth.n, fourth.facility, fourth.itemTotal, fourth.flags], [100, 1, undefined, ['too easy']])
})

test('an item that goes with all others has r = 1, and one that is too hard says so', () => {
  const [one] = itemFigures(
    people(20, (n) => [n % 2, n % 2]),
    columns(2),
  )
  assert.equal(Math.abs(one!.itemTotal! - 1) < 1e-9, true)
  assert.equal(one!.upperLower, 1)
  const [hard] = itemFigures(
    people(100, (n) => [n < 19 ? 1 : 0, n < 50 ? 1 : 0]),
    columns(2),
  )
  assert.deepEqual(hard!.flags, ['too hard'])
})

test('scores that are all alike but for rounding correlate with nothing', () => {
  const [one] = itemFigures(
    people(40, (n) => [n % 2, 0.1, 0.2, 0.7]),
    columns(4),
  )
  assert.equal(one!.itemTotal, undefined)
})

test('with nothing to compare with, only facility and times are told', () => {
  const [alone] = itemFigures(
    people(120, (n) => [n % 2]),
    columns(1),
  )
  assert.deepEqual([alone!.facility, alone!.itemTotal, alone!.upperLower], [0.5, undefined, undefined])
})

test('a wrong option that the better pick is told, and picks of other options are left out', () => {
  const pick = (id: string, score: number): Cell => ({ score, hints: 0, picked: [id] })
  const rows = Array.from({ length: 120 }, (_, n): Cell[] => [
    // The best third picks the wrong one.
    n < 40 ? pick('wrong', 0) : n < 80 ? pick('right', 1) : pick('other', 0),
    { score: n < 40 ? 1 : n < 80 ? 0.25 : 0, hints: 0 },
    { score: n < 40 ? 1 : n < 80 ? 0.25 : 0, hints: 0 },
  ])
  const options = ['right', 'wrong', 'other'].map((id) => ({ id, isRight: id === 'right' }))
  const [told] = itemFigures(rows, [{ item: 'question:a', options }, ...columns(2)])
  assert.equal(told!.flags.includes('a wrong option draws the better'), true)
  assert.deepEqual(
    told!.options!.map(({ id, thirds }) => [id, ...thirds]),
    [
      ['right', 0, 1, 0],
      ['wrong', 0, 0, 1],
      ['other', 1, 0, 0],
    ],
  )
  const [former] = itemFigures(rows, [{ item: 'question:a', options: options.slice(1) }, ...columns(2)])
  assert.equal(former!.options!.length, 2)
  assert.equal(former!.options![1]!.thirds.every(Number.isFinite), true)
})

test('what was passed over earns nothing for the rest; what was not reached is told as a share', () => {
  const rows = Array.from({ length: 100 }, (_, n): Cell[] => [
    { score: 1, hints: n % 4 === 0 ? 2 : 0, tookMs: 1000 * (n + 1) },
    n < 25 ? 'skipped' : { score: 1, hints: 0 },
    n < 40 ? 'not reached' : { score: 0, hints: 0 },
  ])
  const [first, second, third] = itemFigures(rows, columns(3))
  assert.deepEqual(first!.hints, { share: 0.25, mean: 0.5 })
  assert.deepEqual([first!.p50Ms, first!.notReached], [50_500, undefined])
  assert.deepEqual([second!.n, second!.notReached], [75, 0])
  assert.deepEqual([third!.n, third!.notReached], [60, 0.4])
})

const cell = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ score: fc.constantFrom(0, 0.25, 0.5, 1), hints: fc.nat(3), tookMs: fc.nat(10 ** 7) }),
  },
  { weight: 1, arbitrary: fc.constantFrom('skipped' as const, 'not reached' as const, undefined) },
)
const rows = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 0, maxLength: 60 })

test('figures of whatever people lie where they can lie, and do not depend on their order', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const figures = itemFigures(given, columns(4))
      const turned = itemFigures(given.toReversed(), columns(4))
      for (const [n, one] of figures.entries()) {
        const within = (value: number | undefined, low: number, high: number) =>
          value === undefined || (value >= low - 1e-9 && value <= high + 1e-9)
        assert.equal(within(one.facility, 0, 1) && within(one.notReached, 0, 1), true)
        assert.equal(within(one.itemTotal, -1, 1) && within(one.upperLower, -1, 1), true)
        assert.equal(one.p50Ms === undefined || one.p50Ms <= one.p90Ms!, true)
        assert.equal(one.n >= 20 || one.facility === undefined, true)
        for (const key of ['facility', 'itemTotal', 'upperLower'] as const)
          assert.equal(Math.abs((one[key] ?? 0) - (turned[n]![key] ?? 0)) < 1e-9, true, key)
      }
    }),
    { numRuns: 200 },
  )
})
