/** What looking documents up by their fields must do in every storage backend. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import type { DocumentKind, Documents } from '../../../server/storage/documents.ts'
import type { Store } from '../../../server/storage/store.ts'

interface Book {
  author: string
  topics: string[]
}

const kind: DocumentKind<Book> = {
  name: 'books',
  version: 1,
  upgrades: [],
  schema: z.object({ author: z.string(), topics: z.array(z.string()) }),
  indexes: { author: ({ author }) => [author], topic: ({ topics }) => topics },
}

export function testIndexContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  const withDocuments = async (act: (books: Documents<Book>, store: Store) => Promise<void>) => {
    const { store, dispose } = await open()
    try {
      await act(store.documents(kind), store)
    } finally {
      await store.close()
      await dispose()
    }
  }

  test(`${name} finds documents by a field, before and after they change`, () =>
    withDocuments(async (books) => {
      await books.update('b', () => ({ author: 'ann', topics: ['pods', 'etcd'] }))
      await books.update('a/x', () => ({ author: 'ann', topics: [] }))
      assert.deepEqual(await books.keysBy('author', 'ann'), ['a/x', 'b'])
      assert.deepEqual(await books.keysBy('topic', 'etcd'), ['b'])
      assert.deepEqual(await books.keysBy('author', 'bob'), [])
      await books.update('b', (book) => ({ ...book!, author: 'bob', topics: ['pods'] }))
      await books.update('c', () => ({ author: 'bob', topics: ['etcd'] }))
      assert.deepEqual(await books.keysBy('author', 'ann'), ['a/x'])
      assert.deepEqual(await books.keysBy('author', 'bob'), ['b', 'c'])
      assert.deepEqual(await books.keysBy('topic', 'etcd'), ['c'])
      await books.remove('c')
      await books.remove('nothing')
      assert.deepEqual(await books.keysBy('topic', 'etcd'), [])
      assert.deepEqual(await books.keysBy('author', 'bob'), ['b'])
    }))

  test(`${name} finds documents by any text, and none by what nothing has`, () =>
    withDocuments(async (books) => {
      const odd = ['', '\u0000', '\ud800', 'it\'s \\ "', 'x'.repeat(10_000), '期望状态']
      for (const [n, author] of odd.entries()) await books.update(`b${n}`, () => ({ author, topics: odd }))
      for (const [n, author] of odd.entries()) {
        assert.deepEqual(await books.keysBy('author', author), [`b${n}`])
        assert.equal((await books.keysBy('topic', author)).length, odd.length)
      }
      for (const nobody of ['\u0000\u0000', '\udc00', 'x'.repeat(9999)])
        assert.deepEqual(await books.keysBy('author', nobody), [])
    }))

  test(`${name} refuses a field that the kind does not look up by`, () =>
    withDocuments(async (books, store) => {
      await assert.rejects(books.keysBy('publisher', 'x'), /books has no index of publisher/)
      await assert.rejects(
        store.documents({ ...kind, name: 'plain', indexes: undefined }).keysBy('author', 'x'),
        /plain has no index of author/,
      )
    }))

  test(`${name} finds what is there, in whatever order changes and questions come`, async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd/e'),
      author: fc.option(fc.constantFrom('ann', 'bob')),
      topics: fc.uniqueArray(fc.constantFrom('pods', 'etcd', 'dns')),
      isAsked: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), (changes) =>
        withDocuments(async (books) => {
          await Promise.all(
            changes.map(async ({ key, author, topics, isAsked }) => {
              if (isAsked) await books.keysBy('topic', 'pods')
              if (author === null) await books.remove(key)
              else await books.update(key, () => ({ author, topics }))
            }),
          )
          const there = await Promise.all(
            (await books.keys()).map(async (key) => [key, (await books.find(key))!] as const),
          )
          for (const author of ['ann', 'bob'])
            assert.deepEqual(
              await books.keysBy('author', author),
              there.filter(([, book]) => book.author === author).map(([key]) => key),
            )
          for (const topic of ['pods', 'etcd', 'dns'])
            assert.deepEqual(
              await books.keysBy('topic', topic),
              there.filter(([, { topics }]) => topics.includes(topic)).map(([key]) => key),
            )
        }),
      ),
      { numRuns: 25 },
    )
  })
}
