// The way of a learner, a class and a candidate on PostgreSQL: another process on the same database shows what this one stored.
// TEST_STORAGE=postgres has all tests of pages do so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import supertest from 'supertest'
import type { AppDeps } from '../../../server/pages/deps.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createPostgresStore } from '../../../server/storage/postgres/store.ts'
import type { Storage } from '../../../server/storage/types.ts'
import { freshDatabase, withPostgres } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'
import { hiring } from './hiring-site.ts'
import { planned } from './workshop-site.ts'

const passphrase = 'acorn river maple stone olive'

type Made = <S extends { deps: AppDeps }>(site: Promise<S>) => Promise<S>

/** What two sites on one database are made with, as two processes would be. */
async function onOneDatabase(act: (stores: { storage: Storage }[], made: Made) => Promise<void>) {
  const { url, dispose } = await freshDatabase()
  const stores = await Promise.all(
    [1, 2].map(async () => ({ storage: createStorage(await createPostgresStore({ url })) })),
  )
  const running: AppDeps['gradings'][] = []
  const made: Made = async (site) => {
    running.push((await site).deps.gradings)
    return site
  }
  try {
    await act(stores, made)
  } finally {
    for (const gradings of running) await gradings.close()
    for (const { storage } of stores) await storage.close()
    await dispose()
  }
}

withPostgres(() => {
  test('who signs up, writes and is graded in one process finds it all in the other', () =>
    onOneDatabase(async ([here, there], made) => {
      const { app } = await made(createTestApp(here))
      const guest = await visitor(app)
      await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
      await guest
        .post('/challenges/three-pods', { do: 'save', file: 'web.yaml', content: 'kind: Pod # 期望 \ud83d' })
        .expect(303)
      await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
      await guest.post('/account', { name: 'maple', which: 'own', own: passphrase, again: passphrase }).expect(303)
      const mine = (await guest.get('/progress/export').expect(200)).text

      const elsewhere = supertest.agent((await made(createTestApp(there))).app)
      const page = (await elsewhere.get('/account')).text
      const token = /name="_csrf" value="([^"]+)"/.exec(page)![1]!
      await elsewhere
        .post('/account/sign-in')
        .type('form')
        .send({ _csrf: token, name: 'maple', passphrase })
        .expect(303)
      const theirs = exported((await elsewhere.get('/progress/export').expect(200)).text)
      assert.deepEqual(theirs, exported(mine))
      assert.deepEqual([theirs.answers.length, theirs.attempts.length, theirs.attempts[0]!.gradings.length], [1, 1, 1])
      assert.match(theirs.attempts[0]!.drafts['web.yaml']!, /^kind: Pod # 期望 /)
    }))

  test('who joins a workshop in one process is in the room of the other', () =>
    onOneDatabase(async ([here, there], made) => {
      const class1 = await made(planned(here))
      await class1.act('open').expect(303)
      await class1.joins('Kim')
      const other = await made(createTestApp(there))
      let changes = 0
      const stop = class1.deps.rooms.follow(class1.id, () => changes++)
      const guest = await visitor(other.app)
      await guest.post(`/j/${class1.code}`, { nickname: 'Lee', do: 'join' }).expect(200)
      const [one, two] = await Promise.all(
        [here, there].map(async ({ storage }) =>
          (await storage.participants.listOf(class1.id)).map(({ nickname }) => nickname),
        ),
      )
      assert.deepEqual(one!.toSorted(), ['Kim', 'Lee'])
      assert.deepEqual(two, one)
      // Whoever looks at the wall of the one process hears of it.
      await until(() => changes > 0, 'the wall is told')
      stop()
      // What the room does there is refused to nobody here.
      await class1.act('pause').expect(303)
      assert.equal(
        (await other.deps.rooms.room(class1.id)).life.state,
        (await class1.deps.rooms.room(class1.id)).life.state,
      )
    }))

  test('a candidate who is invited in one process works in the other', () =>
    onOneDatabase(async ([here, there], made) => {
      const site = await made(hiring(here))
      await site.act('open')
      const link = await site.invites('Kim Example')
      const kim = await visitor((await made(createTestApp(there))).app)
      await kim.post(link, { do: 'consent', grading: 'yes', statistics: 'yes' }).expect(200)
      await kim.post(`${link}/start`).expect(303)
      await kim.post(`${link}/questions/pod/always/answer`, { v: '1', answer: 'a' }).expect(303)
      const [seat] = await site.seats()
      const { answers } = await site.deps.journals.work({ sittingId: site.id, participantId: seat!.id })
      assert.equal(answers.length, 1)
      await kim.get('/c/%00').expect(404)
      await kim.get('/j/%00').expect(404)
    }))
})
