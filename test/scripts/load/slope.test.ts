import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slope } from '../../../scripts/load/slope.ts'

const cases: { name: string; points: [number, number][]; want: number }[] = [
  {
    name: 'what grows by two a unit',
    points: [
      [0, 1],
      [1, 3],
      [2, 5],
    ],
    want: 2,
  },
  {
    name: 'what goes up and down',
    points: [
      [0, 1],
      [1, 2],
      [2, 2],
      [3, 1],
    ],
    want: 0,
  },
  { name: 'one point', points: [[1, 5]], want: 0 },
  { name: 'no point', points: [], want: 0 },
]
for (const { name, points, want } of cases)
  test(`the slope of ${name} is ${want}`, () => {
    assert.equal(slope(points), want)
  })
