import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../../sim/engine/random.ts'
import { playStage, type StageAct, type StageScene } from '../../../sim/etcd/raft/stage.ts'

const three = { members: 3, seed: 'raft' } as const
const play = (...acts: StageAct[]): StageScene => playStage(three, acts)
const second: StageAct = { act: 'second' }
const all: StageAct = { act: 'all' }
const leaderOf = ({ members }: StageScene): number =>
  members.find(({ role, isUp }) => isUp && role === 'leader')?.number ?? 0

test('with nothing but the next step a leader comes about, and each message waits for its turn', () => {
  const acts: StageAct[] = []
  let scene = play()
  assert.deepEqual([scene.messages, scene.ticks, leaderOf(scene)], [[], 0, 0])
  for (let n = 0; n < 20 && leaderOf(scene) === 0; n++) {
    const before = scene.messages
    acts.push({ act: 'next' })
    scene = play(...acts)
    // The oldest has gone; what others said stands behind what was on its way.
    assert.deepEqual(
      scene.messages.slice(0, Math.max(0, before.length - 1)).map(({ number }) => number),
      before.slice(1).map(({ number }) => number),
    )
  }
  assert.notEqual(leaderOf(scene), 0)
  assert.deepEqual(scene.leaders, [{ term: 1, member: leaderOf(scene) }])
})

test('a write is committed by the answer that makes a majority, and others learn of it later', () => {
  const acts = [second, second]
  const leader = leaderOf(play(...acts))
  const written = play(...acts, { act: 'write', member: leader })
  const appends = written.messages.filter(({ type }) => type === 'append')
  assert.deepEqual(
    appends.map(({ entries }) => entries?.map(({ text }) => text)),
    [['x=1'], ['x=1']],
  )
  const delivered = play(...acts, { act: 'write', member: leader }, { act: 'deliver', message: appends[0].number })
  assert.equal(delivered.members[leader - 1].commit, 1)
  const reply = delivered.messages.find(({ type }) => type === 'append-reply')!
  const committed = play(
    ...acts,
    { act: 'write', member: leader },
    { act: 'deliver', message: appends[0].number },
    { act: 'deliver', message: reply.number },
  )
  assert.ok(committed.happened.some((one) => one.what === 'committed' && one.entry.text === 'x=1'))
  assert.deepEqual(
    committed.members.map(({ value }) => value),
    committed.members.map(({ number }) => (number === leader ? 'x=1' : '')),
  )
})

test('a follower passes a write on to its leader; who knows none refuses it, and who is stopped does nothing', () => {
  const acts = [second, second]
  const leader = leaderOf(play(...acts))
  const other = (leader % 3) + 1
  const passed = play(...acts, { act: 'write', member: other })
  assert.deepEqual(
    passed.messages.map(({ type, from, to }) => [type, from, to]),
    [['propose', other, leader]],
  )
  assert.equal(play(...acts, { act: 'write', member: other }, all).members[other - 1].value, 'x=1')
  assert.deepEqual(play({ act: 'write', member: other }).happened, [
    { what: 'refused', member: other, why: 'not-leader' },
  ])
  const stopped = play(...acts, { act: 'stop', member: other }, { act: 'write', member: other })
  assert.deepEqual(stopped.happened, [{ what: 'refused', member: other, why: 'stopped' }])
  assert.throws(() => play({ act: 'write', member: 4 }), RangeError)
})

test('an entry that only a leader had is overwritten when it comes back, and what is committed stays', () => {
  const acts = [second, second]
  const leader = leaderOf(play(...acts))
  const cut: StageAct[] = [...acts, { act: 'cut', member: leader }, { act: 'write', member: leader }, all]
  const later = [...cut, second, second, second]
  const [old, next] = [
    leader,
    leaderOf({ ...play(...later), members: play(...later).members.filter(({ isCut }) => !isCut) }),
  ]
  assert.notEqual(next, 0)
  const healed = play(...later, { act: 'write', member: next }, all, { act: 'cut', member: old }, second)
  assert.ok(healed.happened.some((one) => one.what === 'overwritten' && one.member === old && one.entry.text === 'x=1'))
  assert.deepEqual(
    healed.members.map(({ value }) => value),
    ['x=2', 'x=2', 'x=2'],
  )
})

test('a member that starts again has what was on its disk', () => {
  const acts = [second, second]
  const leader = leaderOf(play(...acts))
  const member = (leader % 3) + 1
  const before = play(...acts, { act: 'write', member: leader }, all).members[member - 1]
  const again = play(...acts, { act: 'write', member: leader }, all, { act: 'stop', member }, { act: 'start', member })
  const { role, term, vote, log, commit, value } = again.members[member - 1]
  assert.deepEqual(
    [role, term, vote, log, commit, value],
    ['follower', before.term, before.vote, before.log, before.commit, before.value],
  )
})

/** Whatever somebody does. */
function drawn(seed: string, members: 3 | 5, count: number): StageAct[] {
  const random = createRandom(seed, 'acts')
  const kinds = ['write', 'stop', 'start', 'start', 'cut', 'hasten', 'transfer'] as const
  return Array.from({ length: count }, (_, n): StageAct => {
    const member = random.int(1, members)
    const chance = random.next()
    if (chance < 0.35) return { act: 'next' }
    if (chance < 0.5) return { act: random.pick(['deliver', 'lose'] as const), message: random.int(1, 10 * n + 2) }
    if (chance < 0.62) return { act: random.pick(['tick', 'second', 'all'] as const) }
    return { act: random.pick(kinds), member }
  })
}

test('whatever is done, a term has one leader, and what is committed is never another thing', () => {
  let commits = 0
  let overwritten = 0
  for (let n = 0; n < 60; n++) {
    const members = n % 2 === 0 ? 3 : 5
    const acts = drawn(`stage ${n}`, members, 120)
    const leaders = new Map<number, number>()
    const committed = new Map<number, string>()
    const seen = new Map<string, number>()
    for (let length = 1; length <= acts.length; length += 7) {
      const scene = playStage({ members, seed: 'raft' }, acts.slice(0, length))
      for (const { role, term, number } of scene.members) {
        if (role !== 'leader') continue
        assert.equal(leaders.get(term) ?? number, number, `two leaders in term ${term} of stage ${n}`)
        leaders.set(term, number)
      }
      for (const { commit, log } of scene.members)
        for (const { index, term, text } of log.slice(0, commit)) {
          const entry = `${term} ${text}`
          assert.equal(committed.get(index) ?? entry, entry, `entry ${index} of stage ${n}`)
          committed.set(index, entry)
        }
      for (const { number, log } of scene.members)
        for (const { index, term } of log) {
          const id = `${number} ${index}`
          if ((seen.get(id) ?? term) !== term) overwritten++
          seen.set(id, term)
        }
    }
    commits += committed.size
    assert.deepEqual(playStage({ members, seed: 'raft' }, acts), playStage({ members, seed: 'raft' }, acts))
  }
  assert.ok(commits > 100, String(commits))
  assert.ok(overwritten > 0)
})
