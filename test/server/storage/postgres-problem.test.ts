/** What somebody reads whose database cannot be used. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPostgresStore } from '../../../server/storage/postgres/store.ts'
import { DatabaseUnusable } from '../../../server/storage/store.ts'
import { freshDatabase, withPostgres } from '../../support/postgres.ts'

const secret = 'a-word-that-nobody-reads'

/** @returns what was told */
async function refusal(url: string): Promise<string> {
  const error = await createPostgresStore({ url, patienceMs: 300 }).then(
    async (store) => {
      await store.close()
      return new Error('it was opened')
    },
    (error: Error) => error,
  )
  assert.equal(error instanceof DatabaseUnusable, true, String(error.stack))
  assert.match(error.message, / cannot be used: .*\. Its address is in DATABASE_URL\.$/)
  assert.doesNotMatch(error.message, new RegExp(secret))
  return error.message
}

test('an address where nothing is, is told without its password', async () => {
  const at = (place: string) => `postgres://ann:${secret}@${place}`
  assert.match(
    await refusal(at('127.0.0.1:1/podium')),
    /database podium at 127\.0\.0\.1:1 .*nothing listens at 127\.0\.0\.1:1/,
  )
  assert.match(await refusal(at('/podium?host=/nowhere')), /there is no socket of a server in \/nowhere/)
  assert.match(await refusal(at('no-such-host.invalid/podium')), /no-such-host\.invalid/)
})

withPostgres(() => {
  test('a wrong password, a database that is not there, and one that nobody may write in, are told', async () => {
    const { url, query, dispose } = await freshDatabase()
    await query(`drop role if exists guarded`)
    await query(`create role guarded login password 'right'`)
    const as = (user: string) => url.replace('//postgres@', `//${user}@`)
    assert.match(await refusal(as(`guarded:${secret}`)), /it refuses the password of the user guarded/)
    assert.match(await refusal(as('guarded')), /wants a password of the user guarded, and the address has none/)
    assert.match(await refusal(as('guarded:right')), /the user guarded may not make tables in it.*owner to "guarded"/)
    assert.match(await refusal(as('nobody')), /does not let the user nobody in/)
    assert.match(await refusal(url.replace(/@\/\w+/, '@/missing')), /it has no database missing/)
    await query('drop role guarded')
    await dispose()
  })

  test('a database of another encoding is refused', async () => {
    const { url, query, dispose } = await freshDatabase()
    await query(`create database latin encoding 'LATIN1' template template0`)
    assert.match(await refusal(url.replace(/@\/\w+/, '@/latin')), /its encoding is LATIN1.*--encoding=UTF8/)
    await query('drop database latin')
    await dispose()
  })

  test('a database that a newer program has changed is refused and left as it is', async () => {
    const { url, query, dispose } = await freshDatabase()
    await (await createPostgresStore({ url })).close()
    await query(`insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '')`)
    assert.match(await refusal(url), /changed by a newer program \(9999-of-tomorrow\)\. Start that one/)
    assert.equal((await query(`select 1 from kysely_migration where name = '9999-of-tomorrow'`)).rows.length, 1)
    await dispose()
  })
})
