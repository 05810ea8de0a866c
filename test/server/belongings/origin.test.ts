import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Belongings, nothing } from '../../../server/belongings/belongings.ts'
import { received, standingOf } from '../../../server/belongings/origin.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { aGrade } from '../fake-labs.ts'
import { aMock, anAnswer, anAttempt } from '../storage/contract.ts'

const owner = practiceSeat('ann')
const maker = (learner: string) => ({ learner, account: null, atMs: 1 })

test('a file is one’s own, somebody’s who has gone, another learner’s, or from elsewhere', () => {
  assert.equal(standingOf(maker('ann'), owner, true), 'own')
  assert.equal(standingOf(maker('ann'), owner, false), 'own')
  assert.equal(standingOf(maker('bob'), owner, true), 'learner')
  assert.equal(standingOf(maker('bob'), owner, false), 'gone')
  assert.equal(standingOf(null, owner, false), 'elsewhere')
})

const grading = {
  ...{ atMs: 1, commands: 0, hintsOpened: [], proof: null, verifiedAtMs: 5 },
  result: aGrade(),
}
const given = {
  ...nothing,
  answers: [anAnswer('a')],
  attempts: [anAttempt('ann', 'x', { gradings: [grading] })],
  mocks: [
    aMock('ann', 'running', { endsAtMs: 500 }),
    aMock('ann', 'over', { endsAtMs: 50 }),
    aMock('ann', 'handed-in', { endsAtMs: 500, handedInAtMs: 20 }),
    aMock('ann', 'training', { endsAtMs: null }),
  ],
}

test('one’s own comes back as it was', () => {
  assert.deepEqual(received(given, 'own', 100), given)
})

for (const [standing, from] of [
  ['elsewhere', 'elsewhere'],
  ['learner', 'learner'],
] as const)
  test(`${standing}: all of it says where it comes from, grades are not proven, and exams that run are over`, () => {
    const origin = { from, atMs: 100 }
    const { answers, attempts, mocks } = received(given, standing, 100)
    assert.deepEqual(answers[0]!.origin, origin)
    assert.deepEqual(attempts[0]!.origin, origin)
    assert.deepEqual(attempts[0]!.gradings[0]!.origin, origin)
    // What another server says it verified is not verified here.
    assert.equal(attempts[0]!.gradings[0]!.verifiedAtMs, undefined)
    assert.deepEqual(
      mocks.map(({ handedInAtMs, origin: of }) => [handedInAtMs, of]),
      [
        [100, origin],
        [null, origin],
        [20, origin],
        [null, origin],
      ],
    )
  })

test('of a learner who has gone the grades of this server stand, and the origin is told', () => {
  const { attempts, mocks } = received(given, 'gone', 100)
  assert.deepEqual([attempts[0]!.origin?.from, attempts[0]!.gradings[0]!.origin], ['learner', undefined])
  assert.equal(mocks[0]!.handedInAtMs, null)
})

/** All of it says already where it comes from. */
const said = (from: 'learner' | 'elsewhere') => {
  const origin = { from, atMs: 1 }
  return {
    ...given,
    answers: [anAnswer('a', { origin })],
    attempts: [anAttempt('ann', 'x', { origin, gradings: [{ ...grading, origin }] })],
    mocks: [aMock('ann', 'running', { endsAtMs: 500, origin })],
  }
}
const originsOf = ({ answers, attempts, mocks }: Belongings) => [
  answers[0]!.origin,
  attempts[0]!.origin,
  attempts[0]!.gradings[0]!.origin,
  mocks[0]!.origin,
]

test('what a file that this server did not sign says of its origin is not believed', () => {
  const origin = { from: 'elsewhere', atMs: 100 }
  assert.deepEqual(originsOf(received(said('learner'), 'elsewhere', 100)), [origin, origin, origin, origin])
})

for (const standing of ['own', 'gone', 'learner'] as const)
  test(`${standing}: what came from elsewhere still does in a file that this server signed`, () => {
    const origin = { from: 'elsewhere', atMs: 1 }
    assert.deepEqual(originsOf(received(said('elsewhere'), standing, 100)), [origin, origin, origin, origin])
  })
