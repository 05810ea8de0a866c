/** Rounds of votes, folded of acts in any order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { voterOf } from '../../../server/workshops/ballots.ts'
import { afterPollAct, changesOf, mostRounds, type Poll, roundOf } from '../../../server/workshops/polls.ts'

type Act = Parameters<typeof afterPollAct>[1]

const of = { step: 's1' }
const voted = (voter: string, given: string[], round = 1): Act => ({
  act: 'voted',
  data: { ...of, round, voter, given },
})
const opened: Act = { act: 'poll-opened', data: of }
const closed: Act = { act: 'poll-closed', data: of }
const folded = (...acts: Act[]): Poll | undefined => acts.reduce<Poll | undefined>(afterPollAct, undefined)

test('a second vote replaces the first until the round is closed, and none is taken afterwards', () => {
  const poll = folded(
    opened,
    voted('ann', ['a']),
    voted('bob', ['a']),
    voted('ann', ['b']),
    closed,
    voted('bob', ['b']),
  )
  assert.deepEqual(
    [...roundOf(poll!).votes],
    [
      ['ann', ['b']],
      ['bob', ['a']],
    ],
  )
})

test('a vote of an earlier round is none of the one that is open', () => {
  const poll = folded(opened, voted('ann', ['a']), closed, opened, voted('ann', ['b'], 1), voted('bob', ['b'], 2))
  assert.deepEqual(
    poll!.rounds.map(({ votes }) => [...votes.keys()]),
    [['ann'], ['bob']],
  )
})

test('changes are counted of those who voted both times', () => {
  const poll = folded(
    ...[opened, voted('ann', ['a']), voted('bob', ['b']), voted('eve', ['a']), closed],
    ...[opened, voted('ann', ['b'], 2), voted('bob', ['a'], 2), voted('late', ['b'], 2), closed],
  )!
  const isRight = ([given]: readonly string[]) => given === 'b'
  assert.deepEqual(changesOf(poll.rounds[0]!, poll.rounds[1]!, isRight), { toRight: 1, fromRight: 1, both: 2 })
})

test('in any order of acts at most the last round is open, and what is revealed stays closed', () => {
  const act = fc.oneof(
    fc.constantFrom<Act>(opened, closed, { act: 'poll-reopened', data: of }, { act: 'poll-revealed', data: of }),
    fc
      .record({ voter: fc.constantFrom('a', 'b', 'c'), round: fc.integer({ min: 1, max: 6 }) })
      .map(({ voter, round }) => voted(voter, ['x'], round)),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      let poll: Poll | undefined
      for (const one of acts) {
        const before = poll
        poll = afterPollAct(poll, one)
        if (!poll) continue
        assert.equal(poll.rounds.length <= mostRounds, true)
        assert.deepEqual(
          poll.rounds.slice(0, -1).filter(({ isOpen }) => isOpen),
          [],
        )
        assert.equal(poll.isRevealed && roundOf(poll).isOpen, false)
        if (before?.isRevealed) assert.deepEqual(poll, before)
        if (before && !roundOf(before).isOpen && one.act === 'voted') assert.equal(poll, before)
      }
    }),
  )
})

test('the mark of an anonymous vote is the same in each round, another at each step, and is not the seat', () => {
  const step = (id: string, isAnonymous: boolean) => ({ id, title: 'x', minutes: 1, poll: { isAnonymous } })
  const mark = voterOf('secret', 'w', step('s1', true), 'seat-1')
  assert.equal(mark, voterOf('secret', 'w', step('s1', true), 'seat-1'))
  assert.doesNotMatch(mark, /seat-1/)
  const others = [
    voterOf('secret', 'w', step('s2', true), 'seat-1'),
    voterOf('secret', 'w', step('s1', true), 'seat-2'),
    voterOf('secret', 'v', step('s1', true), 'seat-1'),
    voterOf('other', 'w', step('s1', true), 'seat-1'),
  ]
  assert.equal(new Set([mark, ...others]).size, 5)
  assert.equal(voterOf('secret', 'w', step('s1', false), 'seat-1'), 'seat-1')
})
