// What somebody reads while the database is away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { StoreAway } from '../../../server/storage/store.ts'
import { createTestApp, visitor } from '../support.ts'

for (const [mayBeDone, words] of [
  [false, 'The database does not answer. Everything saved before is there; try again in a moment.'],
  [true, 'The database went away while this was saved. Check whether it was saved before you do it again.'],
] as const)
  test(`pages and forms are refused in words while the database is away: ${mayBeDone ? 'in the middle' : 'before'}`, async () => {
    let isAway = false
    const store = createMemoryStore()
    const unlessAway =
      <G extends unknown[], R>(act: (...given: G) => Promise<R>) =>
      async (...given: G) => {
        if (isAway) throw new StoreAway(mayBeDone)
        return act(...given)
      }
    const storage = createStorage({
      ...store,
      streams: (kind) => {
        const streams = store.streams(kind)
        return { ...streams, head: unlessAway(streams.head), append: unlessAway(streams.append) }
      },
    })
    const { app } = await createTestApp({ storage })
    const guest = await visitor(app)
    await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }).expect(303)
    isAway = true
    for (const answer of [
      await guest.get('/progress'),
      await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'no' }),
    ]) {
      assert.equal(answer.status, 503)
      assert.equal(answer.text.includes(words), true, answer.text)
    }
    isAway = false
    // It was kept: what the page offers is to take it away.
    assert.match((await guest.get('/lessons/pod/life')).text, /name="on" value="no"/)
  })
