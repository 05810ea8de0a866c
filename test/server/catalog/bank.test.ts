/** What the bank of questions gives away to somebody who knows nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankStatistics } from '../../../server/catalog/bank.ts'
import type { Catalog } from '../../../server/catalog/types.ts'

const option = (text: string, correct = false) => ({ id: text, text, correct, why: 'w' })
const catalogOf = (...questions: { type: string; data: unknown }[]): Catalog =>
  ({ questions: new Map(questions.map((question, n) => [`q${n}`, question])) }) as unknown as Catalog

test('the rank of the right option by its length is counted, and the longest beside chance', () => {
  const { single } = bankStatistics(
    catalogOf(
      { type: 'single', data: { options: [option('aaa'), option('a', true), option('aa')] } },
      { type: 'single', data: { options: [option('aaaa', true), option('a'), option('aa')] } },
      { type: 'single', data: { options: [option('b'), option('bbbb'), option('bbb', true), option('bb')] } },
    ),
  )
  assert.deepEqual(single, {
    count: 3,
    rightByLength: { '1 of 3': 1, '3 of 3': 1, '3 of 4': 1 },
    longestIsRight: { found: 1, byChance: 0.9 },
  })
})

test('how many options are right is counted, and which statements hold', () => {
  const { multiple, trueFalse } = bankStatistics(
    catalogOf(
      { type: 'multiple', data: { options: [option('a', true), option('b', true), option('c')] } },
      { type: 'multiple', data: { options: [option('a', true), option('b'), option('c', true)] } },
      { type: 'true-false', data: { answer: false } },
      { type: 'true-false', data: { answer: true } },
      { type: 'true-false', data: { answer: false } },
      { type: 'short', data: {} },
    ),
  )
  assert.deepEqual(multiple, { count: 2, rightOfOptions: { '2 of 3': 2 } })
  assert.deepEqual(trueFalse, { true: 1, false: 2 })
})
