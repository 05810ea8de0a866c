/** Each request has an id by which the log and its page tell of it, and no line of the log holds a secret. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import supertest from 'supertest'
import { parseConfig } from '../../server/config.ts'
import { LabRefusal } from '../../server/labs/types.ts'
import { createLogger } from '../../server/log.ts'
import { requestIdOf, runInRequest } from '../../server/request-id.ts'
import { createTestApp, visitor } from './support.ts'

function logged(level = 'trace') {
  const lines: string[] = []
  return { lines, logger: createLogger(level, { write: (line) => void lines.push(line) }) }
}

/** The site of the tests, which fails at each page of lessons. */
async function failing(error: Error, env: Record<string, string> = {}) {
  const { lines, logger } = logged()
  const config = parseConfig({ RATE_LIMIT: '100000', ...env })
  const site = await createTestApp({ config, logger })
  const { app } = await createTestApp({
    ...{ ...site.deps, logger },
    catalog: () => {
      throw error
    },
  })
  return { app, lines, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test('a mistake of ours stands in the log under the id that the answer and its page tell', async () => {
  for (const language of ['en', 'zh']) {
    const { app, read } = await failing(new Error('by accident'))
    const page = await supertest(app).get('/lessons').set('Accept-Language', language).expect(500)
    const id = page.headers['x-request-id']!
    assert.match(id, /^[0-9a-f]{16}$/)
    assert.match(page.text, new RegExp(`<code>${id}</code>`))
    const told = read().filter(({ requestId }) => requestId === id)
    assert.deepEqual(
      told.map(({ msg }) => msg),
      ['request failed', 'request'],
    )
    const part = await supertest(app).get('/lessons').set('HX-Request', 'true').expect(500)
    assert.match(part.text, new RegExp(`<code>${part.headers['x-request-id']}</code>`))
    assert.doesNotMatch(part.text, /<html/)
  }
})

test('what was refused for load tells its id as well, and what the visitor did does not', async () => {
  const { app } = await failing(new LabRefusal(503, 'Busy.'))
  const busy = await supertest(app).get('/lessons').expect(503)
  assert.match(busy.text, new RegExp(busy.headers['x-request-id']!))
  const { app: well } = await createTestApp()
  const gone = await supertest(well).get('/nothing').expect(404)
  assert.match(gone.headers['x-request-id']!, /^[0-9a-f]{16}$/)
  assert.doesNotMatch(gone.text, new RegExp(gone.headers['x-request-id']!))
})

test('an id is taken of a proxy that is trusted, when it is well-formed, and of nobody else', async () => {
  const given = 'edge-7f3a.0001_b'
  const ask = async (env: Record<string, string>, id: string) => {
    const { app } = await failing(new Error('by accident'), env)
    return (await supertest(app).get('/lessons').set('X-Request-Id', id)).headers['x-request-id']!
  }
  assert.equal(await ask({ TRUST_PROXY: '1' }, given), given)
  assert.match(await ask({}, given), /^[0-9a-f]{16}$/)
  for (const bad of ['short', 'x'.repeat(65), 'has space in it', '<b>markup</b>', '"quote","a":"b', '../../etc/passwd'])
    assert.match(await ask({ TRUST_PROXY: '1' }, bad), /^[0-9a-f]{16}$/, bad)
  for (const bad of [undefined, ['a', 'b'], 'line\nbreak-in-it']) assert.match(requestIdOf(bad), /^[0-9a-f]{16}$/)
})

test('what is logged further in, also behind a form that was read, belongs to its request', async () => {
  const { lines, logger } = logged()
  const { app, deps } = await createTestApp({ logger, config: parseConfig({ RATE_LIMIT: '100000' }) })
  const guest = await visitor(app)
  const { accounts } = deps
  deps.accounts.find = async (name) => {
    logger.info('further in')
    return accounts.find.call(accounts, name)
  }
  const answer = await guest.post('/try')
  const of = lines
    .map((line) => JSON.parse(line))
    .filter(({ requestId }) => requestId === answer.headers['x-request-id'])
  assert.deepEqual(
    of.map(({ msg, route, status, method }) => [msg, route, status, method]),
    [['request', '/try', 303, 'POST']],
  )
  runInRequest('abc', () => logger.info('inside'))
  logger.info('outside')
  assert.equal(JSON.parse(lines.at(-2)!).requestId, 'abc')
  assert.equal(JSON.parse(lines.at(-1)!).requestId, undefined)
})

test('no line holds what opens something: addresses, cookies, passphrases, tokens', async () => {
  const secrets = {
    candidate: 'c4nd1date0123456789abcdef01234567',
    reviewer: 'rev1ewer0123456789abcdef01234567',
    leader: 'lead0123456789abcdef0123456789ab',
    projector: 'proj0123456789abcdef0123456789ab',
    shared: 'shar0123456789abcdef0123456789ab',
    sandbox: 'sandboxsecret0123456789',
    code: 'ABCDEF',
    run: 'runlink0123456789',
    link: 'linktoken0123456789',
    passphrase: 'correct horse battery staple',
    provider: 'providercode0123456789',
  }
  const accident = Object.assign(
    new Error(`at https://podium.example/c/${secrets.candidate}/work?code=${secrets.provider}`),
    {
      body: `passphrase=${secrets.passphrase}`,
      cause: new Error(`postgres://podium:${secrets.passphrase.replaceAll(' ', '-')}@db.example.org/podium is away`),
    },
  )
  const { app, lines } = await failing(accident)
  const cookies = new Set<string>()
  for (const path of [
    `/c/${secrets.candidate}`,
    `/c/${secrets.candidate}/work`,
    `/c/${secrets.candidate}/challenges/three-pods`,
    `/review/${secrets.reviewer}`,
    `/lead/${secrets.leader}`,
    `/p/${secrets.projector}`,
    `/shared/${secrets.shared}`,
    `/k8s/${secrets.sandbox}/api`,
    `/j/${secrets.code}`,
    `/runs/${secrets.run}`,
    `/account/link?token=${secrets.link}`,
    `/account/oidc/return?code=${secrets.provider}&state=${secrets.link}`,
    '/lessons',
  ]) {
    const answer = await supertest(app).get(path)
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) cookies.add(/=([^;]*)/.exec(String(cookie))![1]!)
  }
  const { app: whole } = await createTestApp({
    logger: createLogger('trace', { write: (line) => void lines.push(line) }),
  })
  const guest = await visitor(whole)
  await guest.post('/account', { name: 'ann', passphrase: secrets.passphrase, again: secrets.passphrase })
  await guest.post('/account/sign-in', { name: 'ann', passphrase: `${secrets.passphrase}!` })
  cookies.add(guest.cookie.split('=')[1]!).add(guest.token)
  assert.equal(lines.length > 20, true)
  const all = lines.join('')
  assert.match(all, /\/c\/\(hidden\)\/work\?code=\(hidden\)/)
  assert.match(all, /postgres:\/\/podium:\(hidden\)@db\.example\.org/)
  for (const secret of [...Object.values(secrets), ...cookies, secrets.passphrase.replaceAll(' ', '-')])
    assert.equal(all.includes(secret), false, `${secret} is in the log`)
})

test('a link that the operator is to hand on stays whole', () => {
  const { lines, logger } = logged()
  logger.info(
    'sign-in link for the account "ann", good for 15 minutes: http://localhost:3000/account/link?token=abc123',
  )
  logger.info('somebody asked for /account/link?token=abc123')
  assert.match(lines[0]!, /token=abc123"/)
  assert.match(lines[1]!, /token=\(hidden\)/)
})

test('of an error its name, message, code, stack and causes are told, and nothing that a library added', () => {
  const { lines, logger } = logged()
  const cause = Object.assign(new Error('inner'), { parameters: ['private'] })
  const error = Object.assign(new Error('outer', { cause }), {
    code: 'EHOSTUNREACH',
    body: 'private',
    request: { headers: 'private' },
  })
  logger.error({ err: error }, 'it failed')
  const { err } = JSON.parse(lines[0]!)
  assert.deepEqual([err.type, err.message, err.code, err.cause.message], ['Error', 'outer', 'EHOSTUNREACH', 'inner'])
  assert.match(err.stack, /log\.test\.ts/)
  assert.doesNotMatch(lines[0]!, /private/)
})
