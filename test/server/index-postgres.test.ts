/** The whole process on PostgreSQL: what starts it, what it outlives, and what it says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { ownServer, withPostgres } from '../support/postgres.ts'
import { program, root } from '../support/programs.ts'
import { plainBrowser, startServer } from '../support/server-process.ts'
import { fixtureFolder } from './support.ts'

const secret = 'a-word-that-nobody-reads'

const variables = (url: string, folder: string) => ({
  ...{ STORAGE: 'postgres', DATABASE_URL: url, DATA_DIR: join(folder, 'data'), CONTENT_DIR: fixtureFolder },
})

const started = (url: string, folder: string) => startServer(variables(url, folder))

const bookmark = { item: 'lesson:pod/life', on: 'yes' }

withPostgres(() => {
  test('the server outlives its database, loses nothing, needs no data folder, and another one goes on', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
    const database = await ownServer()
    t.after(database.end)
    const admin = new pg.Client({ connectionString: database.url })
    await admin.connect()
    await admin.query(`create role guarded login password '${secret}'`)
    await admin.query('create database podium owner guarded')
    await admin.end()
    const url = database.url.replace('postgres@/postgres', `guarded:${secret}@/podium`)
    const [one, two] = await Promise.all([started(url, folder), started(url, folder)])
    t.after(() => Promise.all([one.stop(), two.stop()]))
    const me = plainBrowser()
    await me.get(`${one.at}/help`)
    assert.equal((await me.post(`${one.at}/study/bookmarks`, bookmark)).status, 303)

    await database.stop()
    const [read, ready] = await Promise.all([me.get(`${one.at}/progress`), fetch(`${one.at}/readyz`)])
    assert.equal(read.status, 503)
    assert.match(read.text, /The database does not answer/)
    assert.deepEqual([ready.status, (await ready.json()).problems.includes('storage')], [503, true])
    assert.equal((await fetch(`${one.at}/healthz`)).status, 200)
    const waiting = me.post(`${one.at}/study/bookmarks`, { item: 'lesson:pod/life', on: 'no' })
    await database.start()
    assert.equal((await waiting).status, 303)

    // The cookie of the one is good in the other, and what was saved is there.
    assert.equal((await me.post(`${two.at}/study/bookmarks`, bookmark)).status, 303)
    const lesson = (await me.get(`${two.at}/lessons/pod/life`)).text
    assert.match(lesson, /name="on" value="no"/)
    assert.match((await me.get(`${one.at}/lessons/pod/life`)).text, /name="on" value="no"/)

    // A role is given while they run.
    const words = { which: 'own', own: 'acorn river maple stone olive', again: 'acorn river maple stone olive' }
    assert.equal((await me.post(`${one.at}/account`, { name: 'maple', ...words })).status, 303)
    const grant = spawnSync(process.execPath, [...program('server/grant.ts'), 'maple', 'instructor'], {
      cwd: root,
      env: { ...process.env, ...variables(url, folder) },
      encoding: 'utf8',
    })
    assert.equal(grant.stdout, 'maple has the role instructor.\n', grant.stderr)
    await me.get(`${two.at}/help`)
    assert.equal((await me.post(`${two.at}/workshops/new`, {})).status, 303)

    assert.deepEqual(await Promise.all([one.stop(), two.stop()]), [0, 0])
    for (const { told } of [one, two]) {
      assert.doesNotMatch(told.text, new RegExp(secret))
      assert.match(told.text, /"data":"database podium at /)
      assert.doesNotMatch(told.text, /unhandledRejection|uncaughtException/)
    }
    assert.equal(existsSync(join(folder, 'data')), false)
    await rm(folder, { recursive: true })
  })

  test('a database that refuses ends the start with a sentence, without a stack and without the password', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podium-index-'))
    const { told, isGone } = await started(`postgres://ann:${secret}@/podium?host=/nowhere`, folder)
    assert.equal(await isGone, 1)
    assert.match(
      told.text,
      /^The database podium at \/nowhere cannot be used: there is no socket .* in DATABASE_URL\.$/m,
    )
    assert.doesNotMatch(told.text, new RegExp(`${secret}|^\\s+at `, 'm'))
    await rm(folder, { recursive: true })
  })
})
