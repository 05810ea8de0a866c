/** Greenhouse as its documentation says it asks: by its key, with a test to send, and for a status when it was told of news. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { z } from 'zod'
import type { Letter } from '../../../server/accounts/mail.ts'
import { createApp } from '../../../server/app.ts'
import { parseConfig } from '../../../server/config.ts'
import { createGreenhouse } from '../../../server/doors/greenhouse.ts'
import { resultsOf, sumOf } from '../../../server/practice/exercise-results.ts'
import { createAtsTests } from '../../../server/storage/ats-tests.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { createTurns } from '../../../server/storage/turns.ts'
import { reviewing } from '../pages/review-site.ts'
import { createTestApp, visitor } from '../support.ts'
import { receiver } from './receiver.ts'

const key = 'a-key-of-greenhouse-for-the-tests'
const publicUrl = 'https://podium.example'

async function setUp(answer: () => number = () => 204) {
  const there = await receiver(answer)
  const letters: Letter[] = []
  let [isMailDown, log] = [false, '']
  const mail = {
    send: async (letter: Letter) => {
      if (isMailDown) throw new Error('no mail')
      letters.push(letter)
    },
  }
  const env = {
    MAIL_URL: 'smtp://a.example',
    MAIL_FROM: 'podium@a.example',
    PUBLIC_URL: publicUrl,
    GREENHOUSE_KEY: key,
  }
  const config = parseConfig({ RATE_LIMIT: '100000', LOG_LEVEL: 'silent', ...env })
  const logger = pino({ level: 'trace' }, { write: (line: string) => (log += line) })
  const site = await reviewing({ config, mail, logger })
  const greenhouse = createGreenhouse({
    ...{ ...site.deps, key, publicUrl, outside: { allowsLoopback: true } },
    inTurn: createTurns(),
    percentOf: (exercise, work) => sumOf(resultsOf(exercise, work)).percent,
    onError: (error) => logger.error({ err: error }),
  })
  const app = createApp({ ...site.deps, greenhouse })
  const ask = (method: 'get' | 'post', path: string, body?: object, as = key) => {
    const asked = supertest(app)
      [method](`/ats/greenhouse/${path}`)
      .set('Authorization', `Basic ${Buffer.from(`${as}:`).toString('base64')}`)
    return body ? asked.send(body) : asked
  }
  const wanted = (over: object = {}) => ({
    partner_test_id: site.id,
    candidate: {
      ...{ first_name: 'Kim', last_name: 'Quist', email: 'kim@example.org', phone_number: null, resume_url: null },
      greenhouse_profile_url: 'https://app.greenhouse.example/people/1',
    },
    url: there.url,
    ...over,
  })
  const link = () => /\/c\/[a-f0-9]{32}/.exec(letters.at(-1)!.text)![0]
  return {
    ...{ ...site, app, greenhouse, there, letters, ask, wanted, link, log: () => log },
    mailIsDown: (is: boolean) => {
      isMailDown = is
    },
  }
}

test('a test is listed, sent by mail, worked on, and its score is read once Greenhouse was told of it', async () => {
  const { ask, id, wanted, letters, link, app, look, greenhouse, there, deps, job, exercise, log } = await setUp()
  try {
    assert.deepEqual((await ask('get', 'list_tests').expect(200)).body, [
      { partner_test_id: id, partner_test_name: `Platform engineer: ${(await deps.exercises.find(id))!.title}` },
    ])
    const sent = await ask('post', 'send_test', wanted()).expect(200)
    const seat = sent.body.partner_interview_id as string
    assert.deepEqual([letters.length, letters[0]!.to], [1, 'kim@example.org'])
    const status = async () => (await ask('get', `test_status?partner_interview_id=${seat}`).expect(200)).body
    assert.deepEqual(await status(), { partner_status: 'invited', metadata: {} })
    const kim = await visitor(app)
    await kim.post(link(), { do: 'consent', grading: 'yes' }).expect(200)
    await kim.post(`${link()}/start`).expect(303)
    await kim.post(`${link()}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
    assert.equal((await status()).partner_status, 'started')
    assert.equal(await greenhouse.tellNews(), 0)
    await kim.post(`${link()}/hand-in`).expect(303)
    await look()
    assert.equal(await greenhouse.tellNews(), 1)
    assert.equal(await greenhouse.tellNews(), 0)
    assert.equal(there.all[0]!.headers.authorization, `Basic ${Buffer.from(`${key}:`).toString('base64')}`)
    const done = await status()
    assert.equal(done.partner_status, 'complete')
    assert.equal(typeof done.partner_score, 'number')
    assert.match(done.partner_profile_url, new RegExp(`^${publicUrl}${exercise}/candidates/\\w+/report$`))
    assert.deepEqual(Object.keys(done.metadata), ['Started at', 'Ended at'])
    assert.equal(job.length > 0, true)
    assert.doesNotMatch(log() + JSON.stringify(await deps.audit.entries()), /Kim|kim@|a-key-of/)
  } finally {
    await there.close()
  }
})

test('a request that is repeated invites once, also at once, and after the mail server was away', async () => {
  const { ask, wanted, letters, seats, mailIsDown, there } = await setUp()
  try {
    const both = await Promise.all([ask('post', 'send_test', wanted()), ask('post', 'send_test', wanted())])
    assert.deepEqual(both[0].body, both[1].body)
    assert.deepEqual([letters.length, (await seats()).length], [1, 1])
    mailIsDown(true)
    const other = wanted({ url: `${there.url}&n=2` })
    assert.match((await ask('post', 'send_test', other).expect(502)).body.error, /mail server/)
    mailIsDown(false)
    await ask('post', 'send_test', other).expect(200)
    assert.deepEqual([letters.length, (await seats()).length], [2, 2])
  } finally {
    await there.close()
  }
})

test('news that Greenhouse does not take is told later', async () => {
  let status = 503
  const { ask, wanted, link, app, look, greenhouse, there, time } = await setUp(() => status)
  try {
    await ask('post', 'send_test', wanted()).expect(200)
    const kim = await visitor(app)
    await kim.post(link(), { do: 'consent', grading: 'yes' })
    await kim.post(`${link()}/start`)
    await kim.post(`${link()}/hand-in`)
    await look()
    assert.equal(await greenhouse.tellNews(), 0)
    status = 200
    assert.equal(await greenhouse.tellNews(), 0)
    time.pass(1)
    assert.equal(await greenhouse.tellNews(), 1)
    assert.equal(there.all.length, 2)
  } finally {
    await there.close()
  }
})

test('without its key, for what is not there, and with what cannot be read, nothing is told and nobody is invited', async () => {
  const { ask, wanted, seats, there, mara, exercise, sits, deps, act, log } = await setUp()
  try {
    for (const as of ['', 'x', `${key}x`]) {
      await ask('get', 'list_tests', undefined, as).expect(401)
      await ask('post', 'send_test', wanted(), as).expect(401)
    }
    for (const [over, status] of [
      [{ partner_test_id: '0'.repeat(18) }, 404],
      [{ partner_test_id: '../x' }, 422],
      [{ candidate: { first_name: 'Kim', last_name: 'Q', email: 'none' } }, 422],
      [{ candidate: { first_name: '', last_name: ' ', email: 'kim@example.org' } }, 422],
      [{ url: 'http://169.254.169.254/' }, 422],
      [{ url: undefined }, 422],
    ] as const)
      await ask('post', 'send_test', wanted(over)).expect(status)
    assert.deepEqual(await seats(), [])
    // Somebody whom Greenhouse did not send is none of its business.
    const lee = await sits('Lee')
    await ask('get', `test_status?partner_interview_id=${lee.seat.id}`).expect(404)
    await ask('get', 'nothing').expect(404)
    await ask('post', 'response_error', {
      api_call: 'test_status',
      errors: ['no score'],
      candidate_email: 'kim@example.org',
    }).expect(204)
    assert.match(log(), /no score/)
    assert.doesNotMatch(log(), /kim@example/)
    // Who is erased is not known to it any more.
    const { body } = await ask('post', 'send_test', wanted()).expect(200)
    const [kim] = (await seats()).filter(({ id }) => id === body.partner_interview_id)
    const n = kim!.candidate!.blindName.split(' ')[1]!.toLowerCase()
    await mara.post(`${exercise}/candidates/${n}/erase`).expect(303)
    await ask('get', `test_status?partner_interview_id=${kim!.id}`).expect(404)
    assert.deepEqual(await deps.storage.atsTests.list(), [])
    await act('close')
    assert.deepEqual((await ask('get', 'list_tests')).body, [])
    await (await visitor((await createTestApp()).app)).get('/ats/greenhouse/list_tests').expect(404)
    assert.throws(
      () => parseConfig({ GREENHOUSE_KEY: key }),
      (error: Error) => /MAIL_URL=: is needed/.test(error.message) && !error.message.includes(key),
    )
  } finally {
    await there.close()
  }
})

test('what was stored before there was another system is Greenhouse’s, and what it was told is not told again', async () => {
  const stored = {
    ...{ seat: 'a', sittingId: 's', url: 'https://a.example', urlSha256: 'h', isSent: true, tries: 0, nextTryMs: 0 },
    toldMs: null as number | null,
  }
  const store = createMemoryStore()
  const old = store.documents({ name: 'ats-tests', version: 1, upgrades: [], schema: z.custom<typeof stored>() })
  await old.update('a', () => stored)
  await old.update('b', () => ({ ...stored, seat: 'b', toldMs: 7 }))
  const tests = createAtsTests(store)
  const found = await tests.ofRequest('h')
  assert.deepEqual(
    found.map(({ seat, system, told, isCancelled }) => [seat, system, told, isCancelled]),
    [
      ['a', 'greenhouse', [], false],
      ['b', 'greenhouse', ['graded 7'], false],
    ],
  )
})
