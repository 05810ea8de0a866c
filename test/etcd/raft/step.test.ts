/** Rules of Raft that chance seldom comes upon, each on members that are driven by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../../sim/engine/random.ts'
import { lastOf } from '../../../sim/etcd/raft/log.ts'
import { compactMember, firstDurable, startMember, step } from '../../../sim/etcd/raft/step.ts'
import type { Durable, Input, Message, Outcome, Raft } from '../../../sim/etcd/raft/types.ts'

const voters = ['a', 'b', 'c']

/** Members whose messages arrive when `deliver` says so; their disks are at once. */
function group(
  durables: Readonly<Record<string, Durable>> = {},
  ids: readonly string[] = voters,
  learners: readonly string[] = [],
) {
  const first = firstDurable({ voters: ids, learners })
  const all = [...ids, ...learners]
  const members = new Map<string, Raft>(
    all.map((id) => [id, startMember(id, durables[id] ?? first, createRandom('group', id)).state]),
  )
  const wire: Message[] = []
  const answered: { id: string; index: number }[] = []
  const hand = (id: string, input: Input): Outcome => {
    const outcome = step(members.get(id)!, input, createRandom('step', id))
    members.set(id, outcome.state)
    answered.push(...outcome.reads)
    wire.push(...outcome.messages, ...outcome.messagesAfterSync.filter(({ to }) => to !== id))
    for (const message of outcome.messagesAfterSync) if (message.to === id) hand(id, { type: 'message', message })
    return outcome
  }
  return {
    hand,
    answered,
    wire,
    of: (id: string) => members.get(id)!,
    tick: (id: string, times: number) => {
      for (let i = 0; i < times; i++) hand(id, { type: 'tick' })
    },
    /** Until nobody has anything to say; the others' messages are lost. */
    deliver: (may: (message: Message) => boolean = () => true) => {
      for (let message = wire.shift(); message; message = wire.shift())
        if (may(message)) hand(message.to, { type: 'message', message })
    },
    elect(id: string) {
      this.tick(id, 20)
      this.deliver()
      assert.equal(members.get(id)!.role, 'leader')
    },
  }
}

const logOf = (...terms: number[]) => ({
  base: { index: 0, term: 0 },
  entries: terms.map((term, i) => ({
    term,
    index: i + 1,
    payload: { kind: 'data', data: `${i + 1}/${term}` } as const,
  })),
})
const disk = (term: number, ...terms: number[]): Durable => ({
  ...firstDurable({ voters, learners: [] }),
  term,
  log: logOf(...terms),
})

test('one is elected, and what is proposed to it is committed by all', () => {
  const members = group()
  members.elect('b')
  assert.equal(members.hand('b', { type: 'propose', payload: { kind: 'data', data: 'x' } }).refusal, undefined)
  members.deliver()
  assert.deepEqual(
    voters.map((id) => members.of(id).commit),
    [2, 2, 2],
  )
  assert.equal(members.hand('a', { type: 'propose', payload: { kind: 'data', data: 'y' } }).refusal, 'not-leader')
})

test('an entry of a former term is not committed by being counted (figure 8)', () => {
  const members = group({ a: disk(3, 1, 2), b: disk(3, 1), c: disk(3, 1) })
  members.tick('a', 20)
  members.deliver(({ type }) => type !== 'append')
  assert.equal(members.of('a').role, 'leader')
  const former: Message = { type: 'append-reply', from: 'b', to: 'a', term: members.of('a').term, index: 2 }
  members.hand('a', { type: 'message', message: former })
  assert.equal(members.of('a').commit, 0)
  members.hand('a', { type: 'message', message: { ...former, index: 3 } })
  assert.equal(members.of('a').commit, 3)
})

test('who lacks what others have is not elected', () => {
  const members = group({ a: disk(2, 1), b: disk(2, 1, 2), c: disk(2, 1, 2) })
  members.tick('a', 20)
  members.deliver()
  assert.equal(members.of('a').role === 'leader', false)
  members.elect('c')
  assert.deepEqual(members.of('a').log, members.of('c').log)
})

test('a leader that is cut off answers no read, and steps down', () => {
  const members = group()
  members.elect('a')
  members.hand('a', { type: 'read', id: 'r1' })
  members.deliver()
  assert.deepEqual(members.answered, [{ id: 'r1', index: 1 }])
  members.hand('a', { type: 'read', id: 'r2' })
  members.deliver(() => false)
  assert.equal(members.answered.length, 1)
  members.tick('a', 20)
  assert.equal(members.of('a').role, 'follower')
})

test('one that was cut off does not unseat the leader: nobody gives it a pre-vote', () => {
  const members = group()
  members.elect('a')
  const { term } = members.of('a')
  for (let i = 0; i < 100; i++) {
    for (const id of voters) members.tick(id, 1)
    members.deliver(({ from, to }) => from !== 'c' && to !== 'c')
  }
  assert.equal(members.of('c').term, term)
  members.tick('c', 20)
  members.deliver()
  assert.deepEqual([members.of('a').role, members.of('a').term], ['leader', term])
})

test('who is far behind is given a snapshot, then entries', () => {
  const members = group()
  members.elect('a')
  for (let i = 0; i < 5; i++) {
    members.hand('a', { type: 'propose', payload: { kind: 'data', data: i } })
    members.deliver(({ to }) => to !== 'c')
  }
  const leader = compactMember(members.of('a'), 0)
  assert.deepEqual([leader.log.entries.length, leader.snapshot.index], [0, 6])
  const again = group({ a: { ...leader }, b: { ...members.of('b') }, c: { ...members.of('c') } })
  again.elect('a')
  again.tick('a', 1)
  again.deliver()
  assert.deepEqual([again.of('c').snapshot.index, again.of('c').commit], [6, lastOf(again.of('a').log).index])
})

test('leadership is handed over at once, and proposals wait for it', () => {
  const members = group()
  members.elect('a')
  members.hand('a', { type: 'transfer', to: 'c' })
  assert.equal(members.hand('a', { type: 'propose', payload: { kind: 'data', data: 'x' } }).refusal, 'transferring')
  members.deliver()
  assert.deepEqual(
    voters.map((id) => members.of(id).role),
    ['follower', 'follower', 'leader'],
  )
})

test('a learner has all entries and no vote; members change one at a time', () => {
  const members = group({}, ['a'], ['d'])
  members.elect('a')
  assert.equal(members.of('d').commit <= 1, true)
  members.hand('a', { type: 'propose', payload: { kind: 'data', data: 'x' } })
  members.deliver(({ to }) => to !== 'd')
  assert.equal(members.of('a').commit, 2)
  members.tick('d', 100)
  assert.deepEqual([members.of('d').role, members.wire.length], ['follower', 0])
  const add = (member: string): Outcome =>
    members.hand('a', { type: 'propose', payload: { kind: 'membership', change: { act: 'add-voter', member } } })
  assert.equal(add('d').refusal, undefined)
  assert.deepEqual(members.of('a').membership, { voters: ['a', 'd'], learners: [] })
  add('e')
  assert.equal(add('f').refusal, 'membership-pending')
})
