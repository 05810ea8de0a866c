import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closedAtMs, withResult, withSaid } from '../../../server/exams/mock.ts'
import { scoreByGroup, totalScore } from '../../../server/exams/score.ts'
import type { MockItem, MockResult } from '../../../server/storage/types.ts'
import { aMock } from '../storage/contract.ts'

const judged = (verdict: 'right' | 'partly' | 'wrong', score: number): MockResult => ({
  verdict,
  score,
  key: null,
  judged: null,
})

const anItem = (group: string, result: MockResult | null): MockItem => ({
  questionId: 'pod/one',
  contentHash: 'h',
  seed: 's',
  group,
  given: [],
  confidence: null,
  isFlagged: false,
  spentMs: 0,
  result,
})

test('the weakest domain stands first; what was not answered earns nothing, and what could not be judged does not count', () => {
  const items = [
    anItem('storage', judged('right', 1)),
    anItem('storage', judged('partly', 0.5)),
    anItem('network', judged('right', 1)),
    anItem('network', { verdict: 'none', key: null }),
    anItem('network', { verdict: 'void', why: 'ours' }),
    anItem('nodes', { verdict: 'void', why: 'ours' }),
  ]
  assert.deepEqual(scoreByGroup(items), [
    { group: 'network', questions: 2, answered: 1, right: 1, score: 0.5 },
    { group: 'storage', questions: 2, answered: 2, right: 1, score: 0.75 },
  ])
  assert.deepEqual(totalScore(items), { questions: 4, answered: 3, right: 2, score: 0.625 })
  assert.deepEqual(totalScore([]), { questions: 0, answered: 0, right: 0, score: 0 })
})

const ends: [string, number | null, number | null, number, number | null][] = [
  ['is open before its end', 100, null, 99, null],
  ['is closed at its end, though nobody says so', 100, null, 100, 100],
  ['is closed when it is handed in', 100, 50, 60, 50],
  ['never ends after its end', 100, 120, 130, 100],
  ['is open for ever without a clock', null, null, 1e12, null],
  ['can be handed in without a clock', null, 7, 9, 7],
]
for (const [name, endsAtMs, handedInAtMs, nowMs, closed] of ends)
  test(`an exam ${name}`, () => assert.equal(closedAtMs(aMock('ann', 'm', { endsAtMs, handedInAtMs }), nowMs), closed))

test('what was judged is not answered again, and not judged again', () => {
  const mock = withSaid(aMock('ann', 'm', { items: [anItem('storage', null)] }), 0, { given: ['a'], spentMs: 5 })
  const first = withResult(mock, 0, mock.items[0]!, judged('right', 1))
  const again = withSaid(withResult(first, 0, { given: ['b'], confidence: 'sure' }, judged('wrong', 0)), 0, {
    given: ['b'],
    spentMs: 900,
    flag: true,
  })
  assert.deepEqual(again.items[0], { ...first.items[0], isFlagged: true })
})
