import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import pg from 'pg'
import { freshDatabase, ownServer, withPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'

withPostgres(() => {
  test('tests have a database each, in one server of this machine', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()])
    await one.query('create table only_here (n int)')
    assert.equal((await two.query("select to_regclass('only_here') as found")).rows[0].found, null)
    const folders = await Promise.all(
      [one, two].map(async ({ query }) => (await query('show unix_socket_directories')).rows[0]),
    )
    assert.deepEqual(folders[0], folders[1])
    // Nobody comes over a network.
    assert.equal((await one.query('show listen_addresses')).rows[0].listen_addresses, '')
    await one.dispose()
    const again = await freshDatabase()
    assert.equal((await again.query("select to_regclass('only_here') as found")).rows[0].found, null)
    for (const { dispose } of [again, two]) await dispose()
  })

  test('a server of one’s own keeps its data while it is stopped', async () => {
    const server = await ownServer()
    const ask = async (text: string) => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      return client.query(text).finally(() => client.end())
    }
    await ask('create table kept as select 7 as n')
    await server.stop()
    await assert.rejects(ask('select n from kept'), /ENOENT|ECONNREFUSED/)
    await server.start()
    assert.deepEqual((await ask('select n from kept')).rows, [{ n: 7 }])
    await server.end()
    assert.equal(existsSync(new URL(server.url.replace('@/', '@host/')).searchParams.get('host')!), false)
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    test(`the server ends with whoever asked for it: ${signal}`, async () => {
      const child = spawn(process.execPath, ['scripts/postgres.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] })
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const folder = /host=(\S+)/.exec(String((await lines.next()).value))![1]!
      assert.equal(existsSync(`${folder}/.s.PGSQL.5432`), true)
      const isGone = once(child, 'exit')
      child.kill(signal)
      await isGone
      // Whoever is killed leaves the folder to the next one.
      await until(() => !existsSync(`${folder}/data/postmaster.pid`))
    })
})
