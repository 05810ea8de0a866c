import assert from 'node:assert/strict'
import { test } from 'node:test'
import { badgesOf, daysOfPractice } from '../../../server/progress/badges.ts'

const five = ['q1', 'q2', 'q3', 'q4', 'q5']

test('a badge asks for six questions of ten and two tasks, or as many as there are', () => {
  const badge = (questions: string[], tasks: string[], right: string[], passed: string[]) =>
    badgesOf([{ id: 'd', questions, tasks }], new Set(right), new Set(passed))[0]
  assert.deepEqual(badge(five, ['a', 'b', 'c'], ['q1', 'q2', 'q3', 'other'], ['a', 'c']), {
    ...{ id: 'd', questions: { right: 3, needed: 3 }, tasks: { passed: 2, needed: 2 } },
    isEarned: true,
  })
  assert.equal(badge(five, ['a', 'b', 'c'], five, ['a'])!.isEarned, false)
  assert.equal(badge(five, ['a', 'b', 'c'], ['q1', 'q2'], ['a', 'b'])!.isEarned, false)
  assert.equal(badge(five, ['a'], five, ['a'])!.isEarned, true)
  assert.equal(badge(five, [], five, [])!.isEarned, true)
  assert.equal(badge([], ['a', 'b'], [], ['a', 'b'])!.isEarned, true)
})

test('a domain of which nothing is asked has no badge: nobody gets one for doing nothing', () => {
  assert.deepEqual(badgesOf([{ id: 'd', questions: [], tasks: [] }], new Set(), new Set()), [])
})

test('a day counts once, however much was done, and a missed one takes nothing away', () => {
  const day = 24 * 3_600_000
  const nowMs = 100 * day + 5
  assert.deepEqual(daysOfPractice([], nowMs), { all: 0, lately: 0 })
  assert.deepEqual(daysOfPractice([nowMs, nowMs + 1, nowMs - day, nowMs - 6 * day, nowMs - 7 * day, 3 * day], nowMs), {
    all: 5,
    lately: 3,
  })
})
