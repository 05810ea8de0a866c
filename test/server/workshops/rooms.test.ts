/** Many who act in one room at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { NewRoomAct } from '../../../server/workshops/room-acts.ts'
import { createRooms } from '../../../server/workshops/rooms.ts'

const steps = [{ id: 's1', title: 'Vote', minutes: 5, poll: { isAnonymous: false } }]

/** A room whose poll is open, with the number of writes so far; `meanwhile` is done by another process before each write. */
async function open(meanwhile: (n: number) => Promise<void> = async () => undefined) {
  const storage = createStorage(createMemoryStore())
  const writes = { count: 0 }
  const { append } = storage.journals
  const counted = {
    ...storage.journals,
    append: async (...args: Parameters<typeof append>) => {
      await meanwhile(++writes.count)
      return append(...args)
    },
  }
  const rooms = createRooms({ storage: { ...storage, journals: counted }, now: () => 0 })
  const { id } = await rooms.create('owner')
  await rooms.act(id, 'owner', (): NewRoomAct[] => [
    { act: 'planned', data: { title: '', steps } },
    { act: 'opened', data: {} },
    { act: 'poll-opened', data: { step: 's1' } },
  ])
  const vote = (voter: string) =>
    rooms.act(id, voter, () => [{ act: 'voted', data: { step: 's1', round: 1, voter, given: ['a'] } }])
  const votes = async () => (await rooms.room(id)).polls.get('s1')!.rounds[0]!.votes.size
  return { storage, rooms, id, writes, vote, votes }
}

test('two hundred votes at once are all kept, in a few writes', async () => {
  const { writes, vote, votes } = await open()
  const before = writes.count
  await Promise.all(Array.from({ length: 200 }, (_, n) => vote(`seat-${n}`)))
  assert.equal(await votes(), 200)
  assert.equal(writes.count - before <= 3, true, `${writes.count - before} writes`)
})

test('who is refused takes nobody else along, and each sees the room after their own act', async () => {
  const { rooms, id, vote, votes } = await open()
  const [ann, bad, wrong, bob] = await Promise.allSettled([
    vote('ann'),
    rooms.act(id, 'x', () => {
      throw new Error('refused')
    }),
    rooms.act(id, 'x', () => [{ act: 'announced', data: { text: 'x'.repeat(501) } }]),
    vote('bob'),
  ])
  assert.deepEqual(
    [ann, bad, wrong, bob].map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  assert.equal(ann.status === 'fulfilled' && ann.value.polls.get('s1')!.rounds[0]!.votes.has('ann'), true)
  assert.equal(await votes(), 2)
})

test('what another process wrote meanwhile stays, and what was decided is decided again on it', async () => {
  let other: (() => Promise<unknown>) | undefined
  const { storage, id, vote, votes, rooms } = await open(async () => {
    const now = other
    other = undefined
    await now?.()
  })
  const elsewhere = createRooms({ storage, now: () => 0 })
  other = () =>
    elsewhere.act(id, 'eve', () => [{ act: 'voted', data: { step: 's1', round: 1, voter: 'eve', given: ['b'] } }])
  await Promise.all([vote('ann'), vote('bob')])
  assert.equal(await votes(), 3)
  assert.equal((await rooms.acts(id)).filter(({ act }) => act === 'voted').length, 3)
})
