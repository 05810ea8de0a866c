import assert from 'node:assert/strict'
import { test } from 'node:test'
import { received, type Standing, standingOf } from '../../../server/belongings/origin.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { actsOfWork, type FoldedWork, workOfActs } from '../../../server/journal/work.ts'
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
const given: FoldedWork = {
  studyBook: { read: [], bookmarks: [], notes: [] },
  answers: [anAnswer('a')],
  attempts: [anAttempt('ann', 'x', { gradings: [grading] })],
  mocks: [
    aMock('ann', 'running', { endsAtMs: 500 }),
    aMock('ann', 'over', { endsAtMs: 50 }),
    aMock('ann', 'handed-in', { endsAtMs: 500, handedInAtMs: 20 }),
    aMock('ann', 'training', { endsAtMs: null }),
  ],
}

/** What the file's acts come to once they were received. */
const receive = (work: FoldedWork, standing: Standing): FoldedWork =>
  workOfActs(owner, received({ acts: actsOfWork(work), sandboxes: [] }, standing, owner, 100).acts)

test('one’s own comes back as it was', () => {
  const file = { acts: actsOfWork(given), sandboxes: [] }
  assert.deepEqual(received(file, 'own', owner, 100), file)
})

for (const [standing, from] of [
  ['elsewhere', 'elsewhere'],
  ['learner', 'learner'],
] as const)
  test(`${standing}: all of it says where it comes from, grades are not proven, and exams that run are over`, () => {
    const origin = { from, atMs: 100 }
    const { answers, attempts, mocks } = receive(given, standing)
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
  const { attempts, mocks } = receive(given, 'gone')
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
const originsOf = ({ answers, attempts, mocks }: FoldedWork) => [
  answers[0]!.origin,
  attempts[0]!.origin,
  attempts[0]!.gradings[0]!.origin,
  mocks[0]!.origin,
]

test('what a file that this server did not sign says of its origin is not believed', () => {
  const origin = { from: 'elsewhere', atMs: 100 }
  assert.deepEqual(originsOf(receive(said('learner'), 'elsewhere')), [origin, origin, origin, origin])
})

for (const standing of ['own', 'gone', 'learner'] as const)
  test(`${standing}: what came from elsewhere still does in a file that this server signed`, () => {
    const origin = { from: 'elsewhere', atMs: 1 }
    assert.deepEqual(originsOf(receive(said('elsewhere'), standing)), [origin, origin, origin, origin])
  })

test('acts of an attempt that was worked on elsewhere say where they come from, each by an id of its own', () => {
  const acts: KnownAct[] = [
    {
      ...{ id: 'a', act: 'opened', atMs: 1, item: 'challenge:three-pods' },
      data: { attempt: 'x', seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
    },
    {
      ...{ id: 'b', act: 'graded', atMs: 2, item: 'challenge:three-pods' },
      data: { attempt: 'x', commands: 0, hintsOpened: [], proof: null, result: aGrade() },
    },
    {
      ...{ id: 'c', act: 'verified', atMs: 3, item: 'challenge:three-pods' },
      data: { attempt: 'x', gradedAtMs: 2, commands: 0, hintsOpened: [], proof: null, result: aGrade() },
    },
  ]
  const origin = { from: 'elsewhere', atMs: 100 } as const
  const { acts: marked } = received({ acts, sandboxes: [] }, 'elsewhere', owner, 100)
  assert.deepEqual(
    marked.map((act) => [act.id, act.act, act.origin]),
    [
      ['a.elsewhere', 'opened', origin],
      ['b.elsewhere', 'graded', origin],
    ],
  )
  const [attempt] = workOfActs(owner, marked).attempts
  assert.deepEqual([attempt!.origin, attempt!.gradings[0]!.origin], [origin, origin])
})
