/** What counts as somebody's first try, in practice, exams, workshops and exercises. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstTries, type WorkInSitting } from '../../../server/statistics/first-tries.ts'
import type { Answer, Attempt, Grading, MockItem } from '../../../server/storage/types.ts'
import { aGrade } from '../fake-labs.ts'
import { aMock, anAttempt } from '../storage/contract.ts'

const anAnswer = (questionId: string, atMs: number, score: number, over: Partial<Answer> = {}): Answer => ({
  ...{ id: `${questionId}.${atMs}`, questionId, contentHash: 'h', seed: 's', given: ['a'], confidence: null },
  ...{ score, verdict: score === 1 ? 'right' : 'wrong', topics: [], tookMs: 5000, atMs },
  ...over,
})
const aGrading = (atMs: number, score: number, over: Partial<Grading> = {}): Grading => ({
  ...{ atMs, commands: 0, result: aGrade({ score }), hintsOpened: [], proof: null },
  ...over,
})
const tried = (id: string, createdAtMs: number, gradings: Grading[], over: Partial<Attempt> = {}): Attempt =>
  anAttempt('p', id, { challengeId: 'crash-loop', createdAtMs, gradings, ...over })
const work = (over: Partial<WorkInSitting>): WorkInSitting => ({
  ...{ person: 'ann', answers: [], attempts: [], mocks: [], counts: 'first grading' },
  ...over,
})
const elsewhere = { from: 'elsewhere', atMs: 1 } as Answer['origin']
const cells = (works: WorkInSitting[], nowMs = 1000) => {
  const { items, people } = firstTries(works, () => undefined, nowMs)
  return people.map((own) => Object.fromEntries(own.map((cell, n) => [items[n]!.item, cell])))
}

test('the first answer of a person counts, in whichever sitting it was given; those of elsewhere do not', () => {
  const works = [
    work({ answers: [anAnswer('a', 50, 1), anAnswer('a', 60, 0)] }),
    work({ answers: [anAnswer('a', 20, 0, { given: ['b'] }), anAnswer('a', 10, 1, { origin: elsewhere })] }),
    work({ person: 'bob', answers: [anAnswer('b', 5, 1, { tookMs: null })] }),
  ]
  assert.deepEqual(cells(works), [
    { 'question:a': { score: 0, hints: 0, picked: ['b'], tookMs: 5000 }, 'question:b': undefined },
    { 'question:a': undefined, 'question:b': { score: 1, hints: 0, picked: ['a'] } },
  ])
})

test('of a challenge the first grading counts; in an exercise the one that stands at the end', () => {
  const attempts = [
    tried('later', 500, [aGrading(900, 100)]),
    tried('first', 100, [
      aGrading(150, 0, { result: aGrade({ gradable: false }) }),
      aGrading(200, 40, { hintsOpened: ['h1'] }),
      aGrading(300, 80),
    ]),
    tried('of elsewhere', 1, [aGrading(2, 100)], { origin: elsewhere }),
  ]
  const of = (counts: WorkInSitting['counts']) => cells([work({ attempts, counts })])[0]!['challenge:crash-loop']
  assert.deepEqual(of('first grading'), { score: 0.4, tookMs: 100, hints: 1 })
  assert.deepEqual(of('last grading'), { score: 0.8, tookMs: 200, hints: 0 })
})

test('an attempt in practice that was never graded says nothing', () => {
  assert.deepEqual(cells([work({ attempts: [tried('open', 1, [])] })]), [{}])
})

test('in a sitting, who came further passed an item over, and who did not come so far did not reach it', () => {
  const order = ['question:a', 'challenge:crash-loop', 'question:b', 'question:c']
  const works = [
    work({ order, answers: [anAnswer('b', 5, 1)] }),
    work({ person: 'bob', order, attempts: [tried('open', 1, [])] }),
    work({ person: 'eve', order }),
  ]
  const told = cells(works).map((own) => order.map((item) => (typeof own[item] === 'object' ? 'tried' : own[item])))
  assert.deepEqual(told, [
    ['skipped', 'skipped', 'tried', 'not reached'],
    ['skipped', 'skipped', 'not reached', 'not reached'],
    [undefined, undefined, undefined, undefined],
  ])
})

test('of an exam that is over the page that was looked at last says how far somebody came', () => {
  const item = (questionId: string, given: string[]): MockItem => ({
    ...{ questionId, contentHash: 'h', seed: 's', group: 'g', given, confidence: null },
    ...{ isFlagged: false, spentMs: 0, result: null },
  })
  const items = [item('a', []), item('b', ['x']), item('c', []), item('d', [])]
  const exam = aMock('ann', 'm', { items, current: 2, endsAtMs: 900 })
  const of = (nowMs: number) => cells([work({ mocks: [exam], answers: [anAnswer('b', 800, 1)] })], nowMs)[0]!
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((id) => {
      const cell = of(1000)[`question:${id}`]
      return typeof cell === 'object' ? 'tried' : cell
    }),
    ['skipped', 'tried', 'skipped', 'not reached'],
  )
  assert.deepEqual(Object.keys(of(899)), ['question:b'])
})

test('what was not reached once and tried later was tried', () => {
  const order = ['question:a', 'question:b']
  const works = [work({ order, answers: [anAnswer('a', 5, 1)] }), work({ answers: [anAnswer('b', 50, 0)] })]
  for (const given of [works, works.toReversed()])
    assert.equal((cells(given)[0]!['question:b'] as { score: number }).score, 0)
})
