/** The whole process on PostgreSQL: what starts it, what it outlives, and what it says. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { ownServer, withPostgres } from '../support/postgres.ts'
import { fixtureFolder } from './support.ts'

const root = new URL('../../', import.meta.url).pathname
const secret = 'a-word-that-nobody-reads'

const variables = (url: string, folder: string) => ({
  ...process.env,
  ...{ STORAGE: 'postgres', DATABASE_URL: url, DATA_DIR: join(folder, 'data'), CONTENT_DIR: fixtureFolder },
  ...{ PORT: '0', HOST: '127.0.0.1', WORKERS: '1', NODE_ENV: 'production' },
})

async function started(url: string, folder: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'server/index.ts')], {
    cwd: root,
    env: variables(url, folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const told = { text: '' }
  const isGone = once(child, 'close').then(([code]) => code as number | null)
  const port = await new Promise<string | undefined>((found) => {
    void isGone.then(() => found(undefined))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        told.text += part
        const is = /Podium is at http:\/\/localhost:(\d+)/.exec(told.text)?.[1]
        if (is) found(is)
      })
  })
  const at = `http://127.0.0.1:${port}`
  const stop = async () => {
    child.kill('SIGTERM')
    return isGone
  }
  return { at, told, stop, isGone }
}

/** A browser, as far as this needs one. */
function browser() {
  const cookies = new Map<string, string>()
  let token = ''
  const ask = async (url: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const answer = await fetch(url, { redirect: 'manual', ...init, headers })
    for (const one of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one)!
      cookies.set(name!, value!)
    }
    const text = await answer.text()
    token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? token
    return { status: answer.status, text }
  }
  return {
    get: (url: string) => ask(url),
    post: (url: string, fields: Record<string, string>) =>
      ask(url, { method: 'POST', body: new URLSearchParams({ _csrf: token, ...fields }) }),
  }
}

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
    const me = browser()
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
    const grant = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(root, 'server/grant.ts'), 'maple', 'instructor'],
      {
        cwd: root,
        env: variables(url, folder),
        encoding: 'utf8',
      },
    )
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
