// Followers of streams to which several processes append: told in order, however slow the first look at the streams is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedFollowers } from '../../../../server/storage/postgres/followers.ts'

interface Entry {
  n: number
}

/** A stream whose heads and entries are read as slowly as a test wants. */
function slowly() {
  const entries: Entry[] = [{ n: 0 }]
  const waiting: (() => void)[] = []
  const later = <T>(value: () => T): Promise<T> => new Promise((go) => waiting.push(() => go(value())))
  const followers = sharedFollowers<Entry>({
    kind: 'acts',
    news: {
      tell: () => undefined,
      listen: () => () => undefined,
      lookAgain: () => () => undefined,
      close: async () => undefined,
    },
    headsOf: () => later(() => new Map([['a/x', entries.length]])),
    read: (_stream, after) => later(() => entries.slice(after).map((entry, n) => ({ seq: after + n + 1, entry }))),
  })
  return {
    followers,
    append(...added: Entry[]) {
      const after = entries.length
      entries.push(...added)
      followers.appended('a/x', after, added)
    },
    /** Lets what is waited for now come. */
    async answer() {
      for (const go of waiting.splice(0)) go()
      await new Promise((done) => setImmediate(done))
    },
  }
}

test('what is appended while what came before it is still read is told behind it', async () => {
  const { followers, append, answer } = slowly()
  const told: number[][] = []
  followers.follow('a', ({ entries }) => told.push(entries.map(({ n }) => n)))
  append({ n: 1 }, { n: 2 })
  // Where the streams end is known, what came last is not read yet.
  await answer()
  append({ n: 3 })
  for (let n = 0; n < 9; n++) await answer()
  assert.deepEqual(told.flat(), [1, 2, 3])
  append({ n: 4 })
  await new Promise((done) => setImmediate(done))
  assert.deepEqual(told.flat(), [1, 2, 3, 4], 'nothing is under way: nothing is read for it')
})
