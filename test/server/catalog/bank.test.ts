/** What the bank of questions gives away to somebody who knows nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankStatistics, guessable } from '../../../server/catalog/bank.ts'
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

test('a bank in which a length, a number or a side is usually right is told; an even one, and one of few, is not', () => {
  const even = {
    single: {
      count: 40,
      rightByLength: { '1 of 4': 9, '2 of 4': 11, '3 of 4': 8, '4 of 4': 12 },
      longestIsRight: { found: 12, byChance: 10 },
    },
    multiple: { count: 24, rightOfOptions: { '2 of 6': 7, '3 of 6': 8, '4 of 6': 9 } },
    trueFalse: { true: 12, false: 15 },
  }
  assert.deepEqual(guessable(even), [])
  assert.deepEqual(
    guessable({
      single: { ...even.single, rightByLength: { '1 of 4': 4, '2 of 4': 6, '3 of 4': 8, '4 of 4': 22 } },
      multiple: { count: 24, rightOfOptions: { '2 of 6': 2, '3 of 6': 22 } },
      trueFalse: { true: 20, false: 4 },
    }),
    [
      'of 40 single choices the option whose length is 1 of 4 is right in 4',
      'of 40 single choices the option whose length is 4 of 4 is right in 22',
      'of 24 multiple choices 22 have 3 of 6 right options',
      'of 24 claims 20 are true',
    ],
  )
  const few = { '4 of 4': 9 }
  assert.deepEqual(
    guessable({ ...even, single: { ...even.single, rightByLength: few }, trueFalse: { true: 9, false: 0 } }),
    [],
  )
})
