/** Figures against those of numpy, scipy, pandas, statsmodels and scikit-learn: test/fixtures/statistics/make.py writes them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { adverseImpact, fisherExact } from '../../../server/statistics/adverse-impact.ts'
import { chiSquareTail } from '../../../server/statistics/distributions.ts'
import { facilityDifference, type Stratum } from '../../../server/statistics/facility-difference.ts'
import { type Cell, itemFigures } from '../../../server/statistics/items.ts'
import { weightedKappa } from '../../../server/statistics/kappa.ts'
import { mantelHaenszel, type Table } from '../../../server/statistics/mantel-haenszel.ts'
import { reliability, scoreInterval } from '../../../server/statistics/reliability.ts'

interface Expected {
  people: Cell[][]
  items: Record<string, unknown>[]
  reliability: {
    points: number[][]
    alpha: number
    sem: number
    around: { score: number; low: number; high: number }
  }
  mantelHaenszel: { tables: Table[] }[]
  impact: { groups: [number, number][]; ratio: number; interval: { low: number; high: number }; p: number }[]
  fisher: { table: [number, number, number, number]; p: number }[]
  kappa: { pairs: [number, number][]; kappa: number }[]
  chiSquare: { x: number; tail: number }[]
  facilityDifference: { strata: Stratum[]; difference: number; interval: { low: number; high: number } }[]
}

const expected = JSON.parse(readFileSync('test/fixtures/statistics/expected.json', 'utf8')) as Expected
const exactness = 1e-9

/** Each number that is expected, wherever it stands; large ones in proportion. */
function checkClose(actual: unknown, wanted: unknown, where: string): number {
  if (typeof wanted === 'object' && wanted !== null)
    return Object.entries(wanted).reduce(
      (count, [key, value]) =>
        count + checkClose((actual as Record<string, unknown> | undefined)?.[key], value, `${where}.${key}`),
      0,
    )
  if (typeof wanted !== 'number') {
    assert.equal(actual, wanted, where)
    return 1
  }
  assert.equal(typeof actual, 'number', where)
  const difference = Math.abs((actual as number) - wanted)
  assert.equal(difference <= exactness * Math.max(1, Math.abs(wanted)), true, `${where}: ${actual}, not ${wanted}`)
  return 1
}

test('items: facility, item-total correlation, upper and lower 27 %, times, options by thirds, hints, not reached', () => {
  const options = ['a', 'b', 'c', 'd'].map((id) => ({ id, isRight: id === 'a' }))
  const figures = itemFigures(
    expected.people,
    expected.items.map((_, at) => ({ item: `question:${at}`, ...(at === 3 ? { options } : {}) })),
  )
  assert.equal(checkClose(figures, expected.items, 'items'), 7 * 9 + 4 * 5)
  assert.equal(expected.people.length, 240)
})

test('the order in which people come changes nothing', () => {
  const columns = expected.items.map((_, at) => ({ item: String(at) }))
  checkClose(itemFigures(expected.people.toReversed(), columns), itemFigures(expected.people, columns), 'reversed')
})

test('alpha, the standard error and the interval of a score', () => {
  const { points, alpha, sem, around } = expected.reliability
  const own = reliability(points)
  checkClose(own, { alpha, sem }, 'reliability')
  checkClose(scoreInterval(around.score, 700, own), { low: around.low, high: around.high }, 'interval')
})

test('Mantel-Haenszel: odds ratio, its interval, chi-square and p', () => {
  for (const [n, { tables, ...wanted }] of expected.mantelHaenszel.entries())
    checkClose(mantelHaenszel(tables), wanted, `tables ${n}`)
  assert.equal(expected.mantelHaenszel.length, 4)
})

test('adverse impact: ratio, interval and Fisher’s exact test', () => {
  for (const [n, { groups, ...wanted }] of expected.impact.entries()) {
    const [own] = adverseImpact(groups.map(([selected, people], k) => ({ group: String(k), people, selected })))
    checkClose(own, wanted, `groups ${n}`)
  }
  for (const { table, p } of expected.fisher) checkClose(fisherExact(table), p, `table ${table}`)
  assert.equal(expected.fisher.length, 26)
})

test('quadratically weighted kappa', () => {
  for (const { pairs, kappa } of expected.kappa) checkClose(weightedKappa(pairs), kappa, 'kappa')
})

test('the tail of chi-square, near nothing as well', () => {
  for (const { x, tail } of expected.chiSquare) {
    checkClose(chiSquareTail(x), tail, `tail of ${x}`)
    if (x >= 1) assert.equal(Math.abs(chiSquareTail(x) / tail - 1) < 1e-9, true, `in proportion, at ${x}`)
  }
})

test('differences of facility among equals, as least squares with a level for each stratum has them', () => {
  for (const [at, { strata, ...wanted }] of expected.facilityDifference.entries())
    checkClose(facilityDifference(strata), wanted, `facilityDifference[${at}]`)
  assert.equal(expected.facilityDifference.length, 3)
  assert.equal(facilityDifference([{ own: [1], others: [0] }]), undefined)
  assert.equal(facilityDifference([{ own: [1, 0], others: [] }]), undefined)
})
