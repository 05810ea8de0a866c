import assert from 'node:assert/strict'
import { delimiter } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../server/config.ts'

test('an empty environment gives a configuration that works on a laptop', () => {
  const config = parseConfig({})
  assert.deepEqual(
    [config.port, config.dataDir, config.storage, config.sessionSecret],
    [3000, './data', 'lowdb', undefined],
  )
})

test('content lies in one folder, or in several', () => {
  assert.deepEqual(parseConfig({}).contentDirs, ['./content'])
  assert.deepEqual(parseConfig({ CONTENT_DIR: ['./content', '/srv/more'].join(delimiter) }).contentDirs, [
    './content',
    '/srv/more',
  ])
})

test('an empty variable counts as one that is not set', () => {
  assert.equal(parseConfig({ PORT: '' }).port, 3000)
})

test('every bad variable is named with its value and what it has to be, and a secret is not repeated', () => {
  assert.throws(() => parseConfig({ PORT: '80800', WORKERS: 'two', LOG_LEVEL: 'loud', SESSION_SECRET: 'short' }), {
    name: 'ConfigError',
    message:
      /PORT="80800": must be 65535 or less\n.*WORKERS="two": must be a whole number\n.*LOG_LEVEL="loud"|SESSION_SECRET=\(hidden\): must have at least 32/s,
  })
  assert.throws(
    () => parseConfig({ SESSION_SECRET: 'short' }),
    (error: Error) => !error.message.includes('short'),
  )
})

test('a process of several says what it does, where it is reached, and has a database', () => {
  const shared = { STORAGE: 'postgres', DATABASE_URL: 'postgres://podium@/podium?host=/run' }
  const web = parseConfig({ ...shared, ROLE: 'web', PEER_URL: 'http://10.0.0.5:7070' })
  assert.deepEqual([web.role, web.peerUrl, parseConfig({}).role], ['web', 'http://10.0.0.5:7070', 'all'])
  for (const [given, told] of [
    [{ ROLE: 'worker' }, /ROLE="worker": needs STORAGE=postgres/],
    [{ PEER_URL: 'http://10.0.0.5:7070' }, /PEER_URL=.*: needs STORAGE=postgres/],
    [{ ...shared, PEER_URL: 'http://10.0.0.5' }, /must have a port, and no path/],
    [{ ...shared, PEER_URL: 'https://10.0.0.5:7070' }, /must be an address such as/],
    [{ ...shared, ROLE: 'worker', PEER_URL: 'http://10.0.0.5:7070' }, /a worker keeps nothing/],
    [{ ...shared, ROLE: 'both' }, /ROLE="both"/],
  ] as const)
    assert.throws(() => parseConfig(given), { name: 'ConfigError', message: told })
})

test('mail needs the address of the site and a sender, and the password in its address is not repeated', () => {
  const url = 'smtp://podium:hidden-word@mail.example.org:587'
  assert.throws(() => parseConfig({ MAIL_URL: url }), {
    name: 'ConfigError',
    message: /PUBLIC_URL=: is needed beside MAIL_URL\n {2}MAIL_FROM=: is needed beside MAIL_URL/,
  })
  assert.throws(
    () => parseConfig({ MAIL_URL: 'http://podium:hidden-word@mail.example.org' }),
    (error: Error) =>
      /MAIL_URL=\(hidden\): must look like smtp:/.test(error.message) && !error.message.includes('hidden-word'),
  )
  const config = parseConfig({
    MAIL_URL: url,
    MAIL_FROM: 'podium@example.org',
    PUBLIC_URL: 'https://podium.example.org/',
  })
  assert.deepEqual([config.mail, config.publicUrl], [{ url, from: 'podium@example.org' }, 'https://podium.example.org'])
  assert.equal(parseConfig({}).mail, undefined)
})

test('ALLOWED_HOSTS is a list of names and domains', () => {
  assert.deepEqual(parseConfig({ ALLOWED_HOSTS: 'Lab, .School.example' }).allowedHosts, ['lab', '.school.example'])
  assert.deepEqual(parseConfig({}).allowedHosts, [])
  for (const bad of ['https://lab', 'lab:3000', 'a b', 'lab,,x', '*.example.org'])
    assert.throws(() => parseConfig({ ALLOWED_HOSTS: bad }), /ALLOWED_HOSTS=.*must be names such as/)
})

test('PostgreSQL needs an address, and the password in it is not repeated', () => {
  assert.throws(() => parseConfig({ STORAGE: 'postgres' }), /DATABASE_URL=: is needed beside STORAGE=postgres/)
  for (const DATABASE_URL of [
    'ann:hidden-word@db/podium',
    'mysql://ann:hidden-word@db',
    'postgres://',
    'postgres://a:hidden-word@[x/',
  ])
    assert.throws(
      () => parseConfig({ STORAGE: 'postgres', DATABASE_URL }),
      (error: Error) =>
        /DATABASE_URL=\(hidden\): must look like postgres:/.test(error.message) &&
        !error.message.includes('hidden-word'),
    )
  for (const url of [
    'postgres://ann:secret@db.example.org:5432/podium',
    'postgresql://ann@/podium?host=/run/postgresql',
  ])
    assert.equal(parseConfig({ STORAGE: 'postgres', DATABASE_URL: url }).databaseUrl, url)
  // Of a platform that sets it for everybody.
  assert.equal(parseConfig({ DATABASE_URL: 'postgres://db/podium' }).databaseUrl, undefined)
})

test('what is kept in memory of what is stored is a third documents, two thirds acts, at two bytes a character', () => {
  const most = 48 << 20
  assert.deepEqual(parseConfig({}).cached, { acts: (most * 2) / 3, documents: most / 3 })
  assert.deepEqual(parseConfig({ CACHE_MB: '3' }).cached, { acts: 2 << 19, documents: 1 << 19 })
  assert.throws(() => parseConfig({ CACHE_MB: '2' }), /CACHE_MB/)
})
