/** The Job that comes before the servers of a new version. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { freshDatabase, withPostgres } from '../support/postgres.ts'
import { program } from '../support/programs.ts'

const root = new URL('../../', import.meta.url).pathname

async function migrate(env: Record<string, string>) {
  const child = spawn(process.execPath, [...program('server/migrate.ts')], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, ...env },
  })
  let told = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (part: string) => {
      told += part
    })
  const [code] = await once(child, 'close')
  return { code, told }
}

test('a folder has nothing to migrate, and a database that is away is told without a stack', async () => {
  assert.deepEqual(await migrate({ STORAGE: 'lowdb' }), {
    code: 0,
    told: 'STORAGE=lowdb has nothing to migrate ahead of the server.\n',
  })
  const away = await migrate({ STORAGE: 'postgres', DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/x' })
  assert.equal(away.code, 1)
  assert.doesNotMatch(away.told, /geheim|^\s+at /m)
})

withPostgres(() => {
  test('it makes the tables, and doing it again or twice at once changes nothing', async () => {
    const database = await freshDatabase()
    const env = { STORAGE: 'postgres', DATABASE_URL: database.url }
    const tables = async () =>
      (await database.query("select tablename from pg_tables where schemaname = 'public' order by 1")).rows.map(
        ({ tablename }) => tablename as string,
      )
    assert.deepEqual(await tables(), [])
    const both = await Promise.all([migrate(env), migrate(env)])
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ told }) => told).join(''),
    )
    const made = await tables()
    assert.equal(made.includes('documents') && made.includes('streams'), true)
    const again = await migrate(env)
    assert.match(again.told, /is in the form of this version/)
    assert.deepEqual(await tables(), made)
    await database.dispose()
  })
})
