/** Sets of indexes as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addIndexes,
  checkIndexes,
  countIndexes,
  hasIndex,
  parseIndexes,
  printIndexes,
} from '../../../sim/api/batch/indexes.ts'

test('three or more indexes in a row are written as an interval', () => {
  assert.equal(printIndexes(addIndexes([], [3, 0, 1, 4, 5, 9])), '0,1,3-5,9')
})

test('indexes are the same after being written and read', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), (indexes) => {
      const read = parseIndexes(printIndexes(addIndexes([], indexes)), 51)
      assert.equal(countIndexes(read), indexes.length)
      assert.ok(indexes.every((index) => hasIndex(read, index)))
    }),
  )
})

test('indexes beyond the completions are not read', () => {
  assert.equal(printIndexes(parseIndexes('0,2-9,12', 5)), '0,2-4')
})

const refusals: [text: string, problem: string][] = [
  [
    '1-2-3',
    `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
  ],
  ['a', 'cannot convert string to integer for index: "a"'],
  ['7', 'too large index: "7"'],
  ['3-3', 'non-increasing order, previous: 3, current: 3'],
  ['3,1', 'non-increasing order, previous: 3, current: 1'],
]
for (const [text, problem] of refusals) {
  test(`"${text}" is refused: ${problem}`, () => {
    assert.deepEqual(checkIndexes(text, 5), { problem })
  })
}

test('indexes in order are counted', () => {
  assert.deepEqual(checkIndexes('0,2-4', 5), { total: 4 })
})
