/** How the items of an exercise have done: told of many, not of few, and never with a name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrate } from '../../../server/hiring/calibration.ts'
import type { Answer } from '../../../server/storage/types.ts'
import { hiring, manager } from './hiring-site.ts'

const answer = (questionId: string, score: number): Answer => ({
  ...{ id: `${questionId}-${score}`, questionId, contentHash: 'h', seed: 's', given: ['a'], confidence: null, score },
  ...{ verdict: score === 1 ? 'right' : 'wrong', topics: [], tookMs: 30_000, atMs: 1000 },
})
/** The stronger half has both right, the weaker neither. */
const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    person: `p${n}`,
    work: { answers: [answer('a/one', n % 2), answer('a/two', n % 2)], attempts: [], mocks: [] },
  }))
const order = ['question:a/one', 'question:a/two', 'challenge:none']

test('items are told in the order of the exercise, with what they say of people, and how exact the sum is', () => {
  const { items, reliability, distribution, ...rest } = calibrate(order, people(40), () => undefined, 2000)
  assert.equal(rest.people, 40)
  assert.deepEqual(
    items.map(({ item, figures }) => [
      item,
      figures?.n,
      figures?.facility,
      figures?.itemTotal && Math.round(figures.itemTotal),
    ]),
    [
      ['question:a/one', 40, 0.5, 1],
      ['question:a/two', 40, 0.5, 1],
      ['challenge:none', 0, undefined, undefined],
    ],
  )
  assert.equal(reliability.alpha !== undefined && Math.abs(reliability.alpha - 0.75) < 1e-9, true)
  assert.deepEqual(distribution, [20, 0, 0, 0, 0, 0, 20, 0, 0, 0])
})

test('of few nothing is told', () => {
  const { items, reliability } = calibrate(order, people(19), () => undefined, 2000)
  assert.deepEqual(
    [items[0]!.figures?.facility, reliability.alpha, items[0]!.figures?.flags],
    [undefined, undefined, ['suppressed']],
  )
  assert.deepEqual(calibrate([], [], () => undefined, 0).items, [])
})

test('its page is for who manages the exercise, says from how many on it tells, and names nobody', async () => {
  const { app, deps, mara, exercise, act, invites } = await hiring()
  await act('open')
  await invites('Kimberley Quist')
  assert.match((await mara.get(exercise)).text, /How the items have done/)
  const { text } = await mara.get(`${exercise}/calibrate`).expect(200)
  assert.match(text, /0 candidates have handed in/)
  assert.match(text, /shown from 20 on/)
  assert.doesNotMatch(text, /Quist|Candidate /)
  assert.doesNotMatch(text, /Reliability/)
  const otto = await manager({ app, deps } as Parameters<typeof manager>[0], 'otto')
  await otto.get(`${exercise}/calibrate`).expect(404)
})
