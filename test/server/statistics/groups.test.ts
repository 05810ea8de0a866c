/** Groups, variants, reviewers and reliability: what is not told, and what must hold of any counts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { adverseImpact, fisherExact } from '../../../server/statistics/adverse-impact.ts'
import { weightedKappa } from '../../../server/statistics/kappa.ts'
import { mantelHaenszel, type VariantResult, variantDrift } from '../../../server/statistics/mantel-haenszel.ts'
import { reliability, scoreInterval } from '../../../server/statistics/reliability.ts'

test('of a group of fewer than 30 nothing is told, and it is nobody’s reference', () => {
  const told = adverseImpact([
    { group: 'small', people: 29, selected: 29 },
    { group: 'a', people: 60, selected: 12 },
    { group: 'b', people: 75, selected: 30 },
  ])
  assert.deepEqual(told[0], { group: 'small', isSuppressed: true })
  assert.deepEqual([told[1]!.ratio, told[1]!.isBelowFourFifths], [0.5, true])
  assert.deepEqual(told[2], { group: 'b', isSuppressed: false, people: 75, rate: 0.4 })
})

test('groups where nobody or everybody is selected are told without what cannot be said', () => {
  const [none, all] = adverseImpact([
    { group: 'none', people: 30, selected: 0 },
    { group: 'all', people: 40, selected: 40 },
  ])
  assert.deepEqual([none!.ratio, none!.interval, none!.isBelowFourFifths], [0, undefined, true])
  assert.equal(none!.p! < 1e-15, true)
  assert.deepEqual(all, { group: 'all', isSuppressed: false, people: 40, rate: 1 })
  const nobody = adverseImpact([
    { group: 'a', people: 30, selected: 0 },
    { group: 'b', people: 40, selected: 0 },
  ])
  assert.deepEqual(
    nobody.map(({ ratio, p }) => [ratio, p]),
    [
      [undefined, undefined],
      [undefined, undefined],
    ],
  )
  assert.throws(() => adverseImpact([{ group: 'a', people: 30, selected: 31 }]), /cannot be/)
  assert.deepEqual(adverseImpact([]), [])
})

test('Fisher’s test is a likelihood, the same from either side', () => {
  const count = fc.nat(80)
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      const p = fisherExact([a, b, c, d])
      assert.equal(p > 0 && p <= 1, true)
      assert.equal(Math.abs(p - fisherExact([c, d, a, b])) < 1e-9, true)
      assert.equal(Math.abs(p - fisherExact([a, c, b, d])) < 1e-9, true)
    }),
  )
})

const drawn = (variant: string, passes: (n: number) => boolean): VariantResult[] =>
  Array.from({ length: 60 }, (_, n) => ({ variant, isPassed: passes(n), rest: n % 10 }))

test('a variant that is harder for people who are equally good is told from 100 people on', () => {
  const even = drawn('a', (n) => n % 10 > 4)
  const harder = drawn('b', (n) => n % 10 > 7)
  const [a, b] = variantDrift([...harder, ...even])
  assert.deepEqual([a!.variant, a!.isDrifting, b!.isDrifting], ['a', true, true])
  assert.equal(b!.oddsRatio! < 1 && a!.oddsRatio! > 1, true)
  const few = variantDrift([...harder.slice(0, 39), ...even])
  assert.deepEqual(
    few.map(({ n, p, isDrifting }) => [n, p, isDrifting]),
    [
      [60, undefined, false],
      [39, undefined, false],
    ],
  )
})

test('a variant that only the weaker were given is not harder for it', () => {
  const results = [
    ...Array.from({ length: 200 }, (_, n) => ({ variant: 'a', isPassed: n % 10 < 8, rest: n % 2 ? 80 : 90 })),
    ...Array.from({ length: 200 }, (_, n) => ({ variant: 'b', isPassed: n % 10 < 3, rest: n % 2 ? 20 : 30 })),
  ]
  assert.deepEqual(
    variantDrift(results).map(({ p, isDrifting }) => [p, isDrifting]),
    [
      [undefined, false],
      [undefined, false],
    ],
  )
})

test('one variant, tables without a word, and odds without an end', () => {
  assert.equal(variantDrift(drawn('only', () => true))[0]!.p, undefined)
  assert.deepEqual(variantDrift([]), [])
  assert.equal(
    mantelHaenszel([
      [0, 0, 4, 5],
      [3, 0, 4, 0],
      [0, 0, 0, 1],
    ]),
    undefined,
  )
  const endless = mantelHaenszel([[5, 0, 2, 3]])!
  assert.deepEqual([endless.oddsRatio, endless.interval], [Number.POSITIVE_INFINITY, undefined])
})

test('reviewers who agree have kappa 1, those who say the opposite less than 0; without pairs it says nothing', () => {
  assert.equal(
    weightedKappa([
      [1, 1],
      [3, 3],
      [5, 5],
    ]),
    1,
  )
  assert.equal(
    weightedKappa([
      [1, 5],
      [5, 1],
      [1, 5],
      [5, 1],
    ]),
    -1,
  )
  assert.equal(weightedKappa([]), undefined)
  assert.equal(
    weightedKappa([
      [3, 3],
      [3, 3],
    ]),
    undefined,
  )
  const judgement = fc.integer({ min: 1, max: 5 })
  fc.assert(
    fc.property(fc.array(fc.tuple(judgement, judgement), { minLength: 1 }), (pairs) => {
      const kappa = weightedKappa(pairs)
      assert.equal(kappa === undefined || (kappa <= 1 && kappa >= -1), true)
      assert.equal(weightedKappa(pairs.map(([a, b]) => [b, a])), kappa)
    }),
  )
})

test('reliability needs people, items and scores that differ; its interval stays within the scale', () => {
  const rows = (n: number, row: (n: number) => number[]) => Array.from({ length: n }, (_, at) => row(at))
  assert.equal(reliability(rows(19, (n) => [n, n])).alpha, undefined)
  assert.equal(reliability(rows(30, (n) => [n])).sem, undefined)
  assert.equal(reliability(rows(30, () => [50, 50])).sem, undefined)
  const same = reliability(rows(30, (n) => [n, n]))
  assert.deepEqual([same.alpha, same.sem, same.isRough], [1, 0, true])
  // Items that contradict each other: the error is as large as the spread.
  const apart = reliability(rows(30, (n) => [n, (n * 7) % 30]))
  assert.equal(apart.alpha! < 0.5 && apart.sem! > 0, true)
  assert.deepEqual(scoreInterval(95, 100, { sem: 10 }), { low: 95 - 19.59963984540054, high: 100 })
  assert.equal(scoreInterval(95, 100, { sem: undefined }), undefined)
})
