import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createStorage } from '../../../server/storage/aggregates.ts'
import type { DocumentKind } from '../../../server/storage/documents.ts'
import { createPostgresStore, type PostgresStore } from '../../../server/storage/postgres/store.ts'
import { StoreAway } from '../../../server/storage/store.ts'
import { StreamMoved } from '../../../server/storage/streams.ts'
import { freshDatabase, ownServer, type TestDatabase, withPostgres } from '../../support/postgres.ts'
import { testBusContract } from './bus-contract.ts'
import { aLearner, aSandbox, testStorageContract } from './contract.ts'
import { testIndexContract } from './index-contract.ts'
import { testJobsContract } from './jobs-contract.ts'
import { testLeasesContract } from './leases-contract.ts'
import { stepKind, testStreamsContract } from './streams-contract.ts'

const open = async () => {
  const { url, dispose } = await freshDatabase()
  return { store: await createPostgresStore({ url }), dispose }
}

const listKind: DocumentKind<string[]> = { name: 'lists', version: 1, upgrades: [], schema: z.array(z.string()) }
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** As many processes would have: stores that know nothing of each other. */
async function inStores(count: number, act: (stores: PostgresStore[], database: TestDatabase) => Promise<void>) {
  const database = await freshDatabase()
  const stores = await Promise.all(numbers(count).map(() => createPostgresStore({ url: database.url })))
  try {
    await act(stores, database)
  } finally {
    for (const store of stores) await store.close()
    await database.dispose()
  }
}

withPostgres(() => {
  testStorageContract('PostgreSQL', open)
  testStreamsContract('PostgreSQL', open)
  testJobsContract('PostgreSQL', open)
  testIndexContract('PostgreSQL', open)
  testBusContract('PostgreSQL', open)
  testLeasesContract('PostgreSQL', open)

  test('processes that start at once on an empty database all come up, and share their secret', () =>
    inStores(5, async (stores, { query }) => {
      const secrets = await Promise.all(stores.map((store, n) => store.secret('session', () => `made by ${n}`)))
      assert.equal(new Set(secrets).size, 1)
      assert.equal((await query('select name from kysely_migration')).rows.length, 3)
    }))

  test('of what several processes do to a document at once nothing is lost', () =>
    inStores(3, async (stores) => {
      const lists = stores.map((store) => store.documents(listKind))
      await Promise.all(
        lists.flatMap((list, who) =>
          numbers(30).map((n) => list.update('a', (now) => [...(now ?? []), `${who} ${n}`])),
        ),
      )
      const found = (await lists[0]!.find('a'))!
      assert.equal(new Set(found).size, 90)
      // Whoever begins it, one does.
      const begun = await Promise.all(lists.map((list, who) => list.update('b', (now) => now ?? [String(who)])))
      assert.equal(new Set(begun.map(String)).size, 1)
    }))

  test('a document that is removed and written at once by several processes has the index of what is there', () =>
    inStores(3, async (stores, { query }) => {
      const kind: DocumentKind<string[]> = { ...listKind, indexes: { word: (words) => words } }
      const lists = stores.map((store) => store.documents(kind))
      for (let round = 0; round < 30; round++)
        await Promise.all(
          lists.map((list, who) =>
            (round + who) % 3 === 0 ? list.remove('a') : list.update('a', () => [`w${who}`, `r${round}`]),
          ),
        )
      const words = (await lists[0]!.find('a')) ?? []
      const { rows } = await query('select count(*)::int as entries from indexed')
      assert.equal(rows[0].entries, words.length)
      for (const word of words) assert.deepEqual(await lists[1]!.keysBy('word', word), ['a'])
    }))

  test('of several processes that append at once one does, and the others are told where the stream is', () =>
    inStores(3, async (stores) => {
      const streams = stores.map((store) => store.streams(stepKind))
      const outcomes = await Promise.allSettled(streams.map((one, n) => one.append('a', 0, [{ n }, { n }])))
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected')
          assert.deepEqual([outcome.reason.name, outcome.reason.head], ['StreamMoved', 2])
      let refused = 0
      const persist = async (who: number, n: number): Promise<void> => {
        for (;;)
          try {
            return void (await streams[who]!.append('b', await streams[who]!.head('b'), [{ n: who * 100 + n }]))
          } catch (error) {
            if (!(error instanceof StreamMoved)) throw error
            refused++
          }
      }
      await Promise.all(
        streams.map(async (_, who) => {
          for (const n of numbers(20)) await persist(who, n)
        }),
      )
      const found = await streams[0]!.read('b')
      assert.deepEqual(
        found.map(({ seq }) => seq),
        numbers(60).map((n) => n + 1),
      )
      assert.equal(new Set(found.map(({ entry }) => entry.n)).size, 60)
      assert.equal(refused > 0, true)
    }))

  test('a stream that is removed while others append holds nothing of before', () =>
    inStores(3, async (stores, { query }) => {
      const streams = stores.map((store) => store.streams(stepKind))
      for (let round = 0; round < 20; round++)
        await Promise.all(
          streams.map(async (one, who) => {
            if (who === 0) await one.remove('a')
            else await one.append('a', await one.head('a'), [{ n: round }, { n: round }]).catch(() => undefined)
          }),
        )
      const head = await streams[0]!.head('a')
      assert.equal((await streams[1]!.read('a')).length, head)
      assert.equal((await query('select count(*)::int as entries from events')).rows[0].entries, head)
    }))

  test('a job that two processes want is one’s', () =>
    inStores(2, async (stores) => {
      const kind = { name: 'chores', version: 1, upgrades: [], payload: z.object({}) }
      const jobs = stores.map((store) => store.jobs(kind))
      for (const n of numbers(20)) await jobs[0]!.add({ key: `j${n}`, who: 'ann', payload: {} }, n)
      const taken = await Promise.all(numbers(30).map((n) => jobs[n % 2]!.take(100, 10)))
      const keys = taken.flatMap((job) => job?.key ?? [])
      assert.deepEqual([keys.length, new Set(keys).size], [20, 20])
    }))

  test('rows that an older program wrote are found by fields that only the newer one has', () =>
    inStores(2, async ([older, newer]) => {
      const before = older!.documents({ ...listKind, indexes: { first: ([word]) => (word ? [word] : []) } })
      const after = newer!.documents({
        ...listKind,
        indexes: { first: ([word]) => (word ? [word] : []), any: (words) => words },
      })
      for (const n of numbers(450)) await before.update(`d${n}`, () => [`w${n}`, 'all'])
      assert.equal((await after.keysBy('any', 'all')).length, 450)
      // It goes on beside the newer one for a while.
      await before.update('late', () => ['late', 'all'])
      await before.update('d1', () => ['w1'])
      assert.equal((await after.keysBy('any', 'all')).length, 450)
      assert.deepEqual(await before.keysBy('first', 'late'), ['late'])
    }))

  test('a row that cannot be read is told of, is never written over, hides no other one, and can be removed', () =>
    inStores(0, async (_, { url, query }) => {
      const told: string[] = []
      const store = await createPostgresStore({ url, onProblem: (message) => told.push(message) })
      const storage = createStorage(store)
      for (const id of ['ann', 'bob']) await storage.learners.save(aLearner(id))
      await storage.sandboxes.add(aSandbox('one'))
      await query(`update documents set data = '{"id":7}' where key = 'ann'`)
      const unreadable = { name: 'DocumentUnreadable', message: /learners ann in the database cannot be read: id/ }
      for (const _times of [1, 2]) await assert.rejects(storage.learners.find('ann'), unreadable)
      await assert.rejects(storage.learners.save(aLearner('ann')), unreadable)
      assert.equal(told.length, 1)
      assert.deepEqual(await storage.learners.find('bob'), aLearner('bob'))
      assert.equal((await query(`select data from documents where key = 'ann'`)).rows[0].data.id, 7)
      await query(`update documents set schema_version = 99 where key = 'bob'`)
      await assert.rejects(storage.learners.find('bob'), /schema version 99, and this program knows/)
      await storage.learners.remove('ann')
      assert.equal(await storage.learners.find('ann'), undefined)

      const [loose, strict] = [stepKind, { ...stepKind, name: 'strict', toleratesGaps: false }].map((kind) =>
        store.streams(kind),
      )
      for (const streams of [loose!, strict!]) await streams.append('a', 0, [{ n: 0 }, { n: 1 }, { n: 2 }])
      await query(`update events set data = '{"n":"x"}' where seq = 2`)
      const keys: string[] = []
      const left = await loose!.read('a', 0, ({ key }) => keys.push(key))
      assert.deepEqual([left.map(({ seq }) => seq), keys], [[1, 3], ['a/2']])
      await assert.rejects(
        strict!.read('a', 0, () => undefined),
        { name: 'DocumentUnreadable' },
      )
      await query('delete from events where seq = 2')
      await assert.rejects(strict!.read('a'), /strict a has 1 entries where 2 are due/)
      await store.close()
    }))

  const arrival = async (holds: () => boolean) => {
    for (let tries = 0; tries < 400 && !holds(); tries++) await new Promise((go) => setTimeout(go, 25))
  }

  test('what one process publishes the others hear, each once and in order, however long it is', () =>
    inStores(3, async (stores) => {
      const heard: string[][] = stores.map(() => [])
      for (const [n, { bus }] of stores.entries()) bus.subscribe('wall', (text) => heard[n]!.push(text))
      stores[1]!.bus.subscribe('other', () => assert.fail('nobody said that'))
      const texts = ['same', 'same', '\u0000 \ud800 期望', 'x'.repeat(50_000), '', 'last']
      for (const text of texts) await stores[0]!.bus.publish('wall', text)
      await arrival(() => heard.every((own) => own.length >= texts.length))
      await new Promise((go) => setTimeout(go, 100))
      assert.deepEqual(
        heard,
        stores.map(() => texts),
      )
    }))

  test('who follows hears what every process appends, in order, and what was lost while nobody could listen', () =>
    inStores(3, async (stores, { query }) => {
      const streams = stores.map((store) => store.streams(stepKind))
      const heard: number[][] = stores.map(() => [])
      await streams[0]!.append('class/old', 0, [{ n: 1 }])
      const stops = streams.map((one, n) =>
        one.follow('class', ({ stream, seq, entries }) => {
          if (stream !== 'class/a') return
          assert.equal(seq, heard[n]!.length + 1)
          heard[n]!.push(...entries.map(({ n }) => n))
        }),
      )
      // What is appended while they begin may come late.
      await new Promise((go) => setTimeout(go, 200))
      const appendAll = async (from: number, to: number) => {
        for (let n = from; n < to; n++) {
          const by = streams[n % 3]!
          await by.append('class/a', await by.head('class/a'), [{ n }])
        }
      }
      await appendAll(0, 30)
      await arrival(() => heard.every((own) => own.length >= 30))
      assert.deepEqual(
        heard,
        stores.map(() => numbers(30)),
      )
      await query(
        `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`,
      )
      await appendAll(30, 45)
      await arrival(() => heard.every((own) => own.length >= 45))
      assert.deepEqual(
        heard,
        stores.map(() => numbers(45)),
      )
      // Another stream of that name.
      await streams[1]!.remove('class/a')
      for (const own of heard) own.splice(0)
      await streams[2]!.append('class/a', 0, [{ n: 7 }])
      await arrival(() => heard.every((own) => own.length >= 1))
      assert.deepEqual(
        heard,
        stores.map(() => [7]),
      )
      for (const stop of stops) stop()
      await streams[0]!.append('class/a', 1, [{ n: 8 }])
      await new Promise((go) => setTimeout(go, 200))
      assert.deepEqual(
        heard,
        stores.map(() => [7]),
      )
    }))

  test('connections that are cut under load lose nothing that was acknowledged', () =>
    inStores(1, async ([store], { query }) => {
      const streams = store!.streams(stepKind)
      const acknowledged = new Set<number>()
      const uncertain = new Set<number>()
      let isOver = false
      const persist = async (who: number) => {
        for (let n = who * 1000; !isOver; n++)
          try {
            await streams.append(`a/${who}`, await streams.head(`a/${who}`), [{ n }])
            acknowledged.add(n)
          } catch (error) {
            assert.equal(error instanceof StoreAway, true, String(error))
            if ((error as StoreAway).mayBeDone) uncertain.add(n)
          }
      }
      const load = numbers(8).map(persist)
      for (const _times of numbers(15)) {
        await query(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`)
        await new Promise((go) => setTimeout(go, 30))
      }
      isOver = true
      await Promise.all(load)
      const stored = new Set<number>()
      for (const who of numbers(8)) for (const { entry } of await streams.read(`a/${who}`)) stored.add(entry.n)
      assert.deepEqual(
        [...acknowledged].filter((n) => !stored.has(n)),
        [],
      )
      assert.deepEqual(
        [...stored].filter((n) => !acknowledged.has(n) && !uncertain.has(n)),
        [],
      )
      assert.equal(acknowledged.size > 20, true)
    }))

  test('while PostgreSQL is away reads and writes wait, or are refused in words', async () => {
    const server = await ownServer()
    const store = await createPostgresStore({ url: server.url, patienceMs: 4000 })
    const hasty = await createPostgresStore({ url: server.url, patienceMs: 300 })
    const lists = store.documents(listKind)
    await lists.update('a', () => ['before'])
    await server.stop()
    const away = { name: 'StoreAway', message: 'the database does not answer', mayBeDone: false }
    await assert.rejects(hasty.documents(listKind).find('a'), away)
    await assert.rejects(
      hasty.documents(listKind).update('a', () => ['x']),
      away,
    )
    await assert.rejects(hasty.healthy(), away)
    const read = lists.find('a')
    const write = store.streams(stepKind).append('s', 0, [{ n: 1 }])
    await server.start()
    assert.deepEqual(await read, ['before'])
    assert.equal(await write, 1)
    assert.deepEqual(await hasty.documents(listKind).find('a'), ['before'])
    assert.deepEqual((await store.streams(stepKind).read('s')).length, 1)
    for (const one of [store, hasty]) await one.close()
    await server.end()
  })
})
