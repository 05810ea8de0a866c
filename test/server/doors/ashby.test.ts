/** Ashby as its documentation says it asks: by its key, with assessments to start and to cancel, and told of each as it goes on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import type { Letter } from '../../../server/accounts/mail.ts'
import { createApp } from '../../../server/app.ts'
import { parseConfig } from '../../../server/config.ts'
import { createAshby, idOfUuid, uuidOf } from '../../../server/doors/ashby.ts'
import { joinPeers } from '../../../server/peers/membership.ts'
import { turnsAmong } from '../../../server/peers/turns.ts'
import { resultsOf, sumOf } from '../../../server/practice/exercise-results.ts'
import { reviewing } from '../pages/review-site.ts'
import { createTestApp, visitor } from '../support.ts'
import { receiver } from './receiver.ts'

const key = 'a-key-of-ashby-for-the-tests'
const apiKey = 'the-key-of-this-site-there'
const publicUrl = 'https://podium.example'
const uuid = /^[a-f0-9]{8}-[a-f0-9]{4}-8[a-f0-9]{3}-8[a-f0-9]{3}-[a-f0-9]{12}$/
const env = {
  ...{ MAIL_URL: 'smtp://a.example', MAIL_FROM: 'podium@a.example', PUBLIC_URL: publicUrl },
  ...{ ASHBY_KEY: key, ASHBY_API_KEY: apiKey },
}

type Reply = Parameters<typeof receiver>[0]

async function setUp(answer: Reply = () => [200, {}, '{"success":true,"results":{}}']) {
  const there = await receiver(answer)
  const letters: Letter[] = []
  let [isMailDown, log] = [false, '']
  const mail = {
    send: async (letter: Letter) => {
      if (isMailDown) throw Object.assign(new Error(`550 ${letter.to} is refused`), { code: 'EENVELOPE' })
      letters.push(letter)
    },
  }
  const config = parseConfig({ RATE_LIMIT: '100000', LOG_LEVEL: 'silent', ...env })
  const logger = pino({ level: 'trace' }, { write: (line: string) => (log += line) })
  const site = await reviewing({ config, mail, logger })
  const { leases, bus } = site.deps.storage
  /** As another process of the site has it. */
  const another = async () =>
    createAshby({
      inTurn: turnsAmong(
        await joinPeers({ leases, bus, isAlone: true, onProblem: (problem) => logger.error(problem) }),
      ),
      ...{ ...site.deps, apiKey, publicUrl, outside: { allowsLoopback: true }, apiUrl: new URL(there.url).origin },
      percentOf: (exercise, work) => sumOf(resultsOf(exercise, work)).percent,
      onError: (error) => logger.error({ err: error }),
    })
  const ashby = await another()
  const app = createApp({ ...site.deps, ashby })
  const ask = (call: string, body: object | string = {}, as = key, asked = app) =>
    supertest(asked)
      .post(`/ats/ashby/assessment.${call}`)
      .set('Authorization', `Basic ${Buffer.from(`${as}:`).toString('base64')}`)
      .type('json')
      .send(body)
  const wanted = (over: object = {}) => ({
    assessment_type_id: uuidOf(site.id),
    candidate: {
      ...{ ashby_id: 'c1', first_name: 'Kim', last_name: '<b>Quist', email: 'kim@example.org' },
      ashby_profile_url: 'https://app.ashby.example/c1',
    },
    application: { ashby_id: 'a1', status: 'Active' },
    job: { ashby_id: 'j1', name: 'Platform engineer', ashby_job_url: 'https://app.ashby.example/j1' },
    ...over,
  })
  const starts = async (over: object = {}): Promise<string> =>
    (await ask('start', wanted(over)).expect(200)).body.results.assessment_id
  const link = () => /\/c\/[a-f0-9]{32}/.exec(letters.at(-1)!.text)![0]
  const begins = async () => {
    const kim = await visitor(app)
    await kim.post(link(), { do: 'consent', grading: 'yes' }).expect(200)
    await kim.post(`${link()}/start`).expect(303)
    return kim
  }
  /** What was told, shortly. */
  const told = () =>
    there.all.map(({ body }) => {
      const { assessment_status: status, cancelled_reason: reason } = JSON.parse(body)
      return (reason ?? status).value as string
    })
  return {
    ...{ ...site, app, ashby, another, there, letters, ask, wanted, starts, link, begins, told, log: () => log },
    mailIsDown: (is: boolean) => {
      isMailDown = is
    },
  }
}

test('an assessment is listed, started by mail, worked on, and told with its score', async () => {
  const { ask, id, starts, letters, begins, link, look, ashby, there, told, deps, exercise, time, log } = await setUp()
  try {
    const { body } = await ask('list').expect(200)
    assert.deepEqual(body, {
      success: true,
      results: [
        {
          assessment_type_id: uuidOf(id),
          name: `Platform engineer: ${(await deps.exercises.find(id))!.title}`,
          description: body.results[0].description,
        },
      ],
    })
    assert.match(body.results[0].description, /^\d+ minutes of work in a simulated Kubernetes cluster$/)
    const assessment = await starts()
    assert.match(assessment, uuid)
    assert.deepEqual([letters.length, letters[0]!.to], [1, 'kim@example.org'])
    assert.deepEqual([await ashby.tellNews(), await ashby.tellNews(), told()], [1, 0, ['Sent']])
    time.pass(1)
    const kim = await begins()
    await kim.post(`${link()}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
    assert.deepEqual([await ashby.tellNews(), await ashby.tellNews()], [1, 0])
    time.pass(7)
    await kim.post(`${link()}/hand-in`).expect(303)
    await look()
    assert.deepEqual([await ashby.tellNews(), await ashby.tellNews()], [2, 0])
    assert.deepEqual(told(), ['Sent', 'Started', 'Completed', 'Graded'])
    for (const { asked, headers } of there.all) {
      assert.equal(asked, 'POST /assessment.update')
      assert.equal(headers.authorization, `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`)
      assert.deepEqual([headers['content-type'], headers.accept], ['application/json', 'application/json; version=1'])
    }
    const updates = there.all.map((one) => JSON.parse(one.body))
    assert.deepEqual(new Set(updates.map((one) => one.assessment_id)), new Set([assessment]))
    const times = updates.map((one) => one.timestamp as number)
    assert.deepEqual([times, new Set(times).size], [[...times].sort((a, b) => a - b), 4])
    assert.equal(updates.at(1).timestamp, time.now() - 7 * 60_000)
    const { assessment_result: result, assessment_profile_url: report, metadata } = updates.at(-1)
    assert.deepEqual([result.type, Number.isInteger(result.value), report.type], ['numeric_score', true, 'url'])
    assert.match(report.value, new RegExp(`^${publicUrl}${exercise}/candidates/\\w+/report$`))
    assert.deepEqual([metadata.length, metadata[0].type, metadata[0].value], [1, 'numeric_duration_minutes', 7])
    for (const one of [updates.at(0).assessment_status, result, report, ...metadata])
      assert.deepEqual(Object.keys(one), ['identifier', 'label', 'type', 'value', 'description'])
    assert.equal(
      updates.slice(0, 3).some((one) => 'assessment_result' in one),
      false,
    )
    const written = log() + JSON.stringify(await deps.audit.entries()) + there.all.map((one) => one.body).join('')
    assert.match(written, /invited-by-ashby/)
    assert.doesNotMatch(written, /Kim|Quist|kim@|a-key-of|the-key-of/)
  } finally {
    await there.close()
  }
})

test('a start that is repeated is the same assessment, also at once, and after the mail server was away', async () => {
  const { ask, app, another, deps, wanted, starts, letters, seats, mailIsDown, there, log } = await setUp()
  try {
    const both = await Promise.all([starts(), starts()])
    assert.equal(both[0], both[1])
    assert.deepEqual([letters.length, (await seats()).length], [1, 1])
    // By another process of the site as well.
    const third = { application: { ashby_id: 'a3' }, candidate: { ...wanted().candidate, ashby_id: 'c3' } }
    const apps = [app, createApp({ ...deps, ashby: await another() })]
    const answers = await Promise.all(apps.map((one) => ask('start', wanted(third), key, one).expect(200)))
    assert.equal(new Set(answers.map(({ body }) => body.results.assessment_id)).size, 1)
    assert.deepEqual([letters.length, (await seats()).length], [2, 2])
    mailIsDown(true)
    const other = { application: { ashby_id: 'a2' }, candidate: { ...wanted().candidate, ashby_id: 'c2' } }
    assert.match((await ask('start', wanted(other)).expect(422)).body.message, /could not be mailed/)
    mailIsDown(false)
    assert.notEqual(await starts(other), both[0])
    assert.deepEqual([letters.length, (await seats()).length], [3, 3])
    assert.match(log(), /EENVELOPE/)
    assert.doesNotMatch(log(), /kim@/)
  } finally {
    await there.close()
  }
})

test('a start that was killed before the seat was there goes on with the same assessment', async () => {
  const { deps, starts, seats, letters, there } = await setUp()
  try {
    const save = deps.storage.candidates.save
    deps.storage.candidates.save = () => Promise.reject(new Error('killed'))
    await assert.rejects(starts())
    const [begun] = await deps.storage.atsTests.list()
    deps.storage.candidates.save = save
    assert.equal(idOfUuid(await starts()), begun!.seat)
    assert.deepEqual([(await seats()).length, letters.length], [1, 1])
  } finally {
    await there.close()
  }
})

test('an update that is not acknowledged is told again, each once, and by one process alone', async () => {
  let reply: ReturnType<NonNullable<Reply>> = 503
  const { starts, ashby, another, there, told, time, log } = await setUp(() => reply)
  try {
    await starts()
    assert.equal(await ashby.tellNews(), 0)
    assert.equal(await ashby.tellNews(), 0)
    assert.equal(there.all.length, 1)
    time.pass(1)
    // It says 200 to what it does not take.
    reply = [200, {}, '{ "success": false, "errors": ["not_found"] }']
    assert.equal(await ashby.tellNews(), 0)
    for (let n = 0; n < 40; n++) {
      time.pass(24 * 60)
      assert.equal(await ashby.tellNews(), 0)
    }
    reply = [200, {}, '{"success":true}']
    time.pass(24 * 60)
    const other = await another()
    assert.deepEqual((await Promise.all([ashby.tellNews(), other.tellNews()])).sort(), [0, 2])
    assert.deepEqual(await other.tellNews(), 0)
    assert.equal(told().at(-2), 'Sent')
    assert.match(told().at(-1)!, /has expired/)
    // What is repeated says the same.
    const sent = there.all.filter((_one, n) => told()[n] === 'Sent').map(({ body }) => body)
    assert.deepEqual([new Set(sent).size, sent.length > 10], [1, true])
    assert.match(log(), /Ashby could not be told: 503/)
    assert.doesNotMatch(log(), /Kim|kim@|the-key-of/)
  } finally {
    await there.close()
  }
})

test('a cancellation takes the invitation back, once, and a later start is another assessment', async () => {
  const { ask, starts, app, link, letters, ashby, told, there, deps, mara, exercise, seats } = await setUp()
  try {
    const first = await starts()
    const before = link()
    for (const n of [1, 2]) {
      const { body } = await ask('cancel', { assessment_id: first }).expect(200)
      assert.deepEqual([n, body], [n, { success: true, results: { assessment_id: first } }])
    }
    assert.match((await (await visitor(app)).get(before).expect(410)).text, /taken back/)
    assert.equal(await ashby.tellNews(), 1)
    assert.deepEqual(told(), ['The invitation was taken back'])
    assert.equal((await deps.audit.entries()).filter(({ act }) => act === 'cancelled-by-ashby').length, 1)
    const second = await starts()
    assert.notEqual(second, first)
    assert.equal(letters.length, 2)
    await ashby.tellNews()
    // Renewed by hand here, it is none of Ashby's any more.
    const seat = (await seats()).find((one) => one.id === idOfUuid(first))!
    const n = seat.candidate!.blindName.split(' ')[1]!.toLowerCase()
    await mara.post(`${exercise}/candidates/${n}/invitation`, { do: 'renew' }).expect(200)
    assert.equal(await ashby.tellNews(), 0)
    assert.deepEqual(told(), ['The invitation was taken back', 'Sent'])
  } finally {
    await there.close()
  }
})

test('who has begun is not cancelled, and who has declined is told as cancelled', async () => {
  const { ask, wanted, starts, begins, app, link, look, ashby, told, there, log } = await setUp()
  try {
    const assessment = await starts()
    const kim = await begins()
    for (const when of ['at work', 'handed in']) {
      const { body } = await ask('cancel', { assessment_id: assessment }).expect(200)
      assert.deepEqual([when, body.success], [when, false])
      assert.match(body.errors[0], /has begun/)
      if (when === 'at work') await kim.post(`${link()}/hand-in`).expect(303)
    }
    await look()
    await ashby.tellNews()
    assert.deepEqual(told(), ['Sent', 'Started', 'Completed', 'Graded'])
    assert.equal(await starts(), assessment)
    const other = { application: { ashby_id: 'a2' }, candidate: { ...wanted().candidate, ashby_id: 'c2' } }
    const second = await starts(other)
    await (await visitor(app)).post(link(), { do: 'decline' }).expect(303)
    await ashby.tellNews()
    assert.deepEqual(told().slice(4), ['Sent', 'The candidate declined'])
    const declined = link()
    assert.notEqual(await starts(other), second)
    // The link of before leads nowhere: there is one to begin by.
    await (await visitor(app)).get(declined).expect(410)
    await (await visitor(app)).get(link()).expect(200)
    await ashby.tellNews()
    assert.deepEqual(told().slice(6).sort(), ['Sent', 'The invitation was taken back'])
    assert.doesNotMatch(log(), /"level":50/)
  } finally {
    await there.close()
  }
})

test('who ran out of time to begin gets a new link by a repeated start, and nobody is assessed twice at a time', async () => {
  const { ask, wanted, starts, letters, link, ashby, told, there, time, act, seats } = await setUp()
  try {
    const assessment = await starts()
    const before = link()
    const twice = wanted({ application: { ashby_id: 'a2' } })
    assert.match((await ask('start', twice).expect(409)).body.message, /already/)
    await ashby.tellNews()
    time.pass(15 * 24 * 60)
    await ashby.tellNews()
    assert.equal(await starts(), assessment)
    assert.notEqual(link(), before)
    assert.equal(letters.length, 2)
    await ashby.tellNews()
    assert.deepEqual([told()[0], told()[2], told().length], ['Sent', 'Sent', 3])
    time.pass(15 * 24 * 60)
    await act('close')
    assert.match((await ask('start', wanted()).expect(422)).body.message, /not open/)
    assert.deepEqual([letters.length, (await seats()).length], [2, 1])
  } finally {
    await there.close()
  }
})

test('without its key, for what is not there, and with what cannot be read, nobody is invited and nothing fails', async () => {
  const { ask, app, wanted, seats, there, mara, exercise, sits, deps, starts, ashby, log } = await setUp()
  try {
    for (const as of ['', 'x', `${key}x`, apiKey])
      for (const call of ['list', 'start', 'cancel', 'nothing']) {
        const { body } = await ask(call, wanted(), as).expect(401)
        assert.deepEqual([body.success, body.message], [false, 'the API key is not known here'])
      }
    const { candidate } = wanted()
    for (const over of [
      { assessment_type_id: '../x' },
      { assessment_type_id: uuidOf('0'.repeat(18)) },
      { assessment_type_id: 7 },
      { assessment_type_id: '__proto__' },
      { candidate: { ...candidate, email: 'none' } },
      { candidate: { ...candidate, email: '' } },
      { candidate: { ...candidate, first_name: '\u202e', last_name: ' ' } },
      { candidate: { ...candidate, ashby_id: '' } },
      { candidate: null },
      { application: [] },
      { application: { ashby_id: 'a'.repeat(201) } },
      { application: { ashby_id: { toString: 'x' } } },
    ]) {
      const { body } = await ask('start', wanted(over)).expect(422)
      assert.deepEqual(
        [JSON.stringify(over), typeof body.message, body.success],
        [JSON.stringify(over), 'string', false],
      )
      assert.doesNotMatch(body.message, /kim@/)
    }
    for (const call of ['start', 'cancel'])
      for (const text of ['', '[]', '{}', '[[[]]]', '{"assessment_id":null,"assessment_type_id":{}}']) {
        const { body } = await ask(call, text).expect(422)
        assert.deepEqual([call, text, body.success], [call, text, false])
      }
    for (const [text, status] of [
      ['{', 400],
      ['"text"', 400],
      ['null', 400],
      [`{"a":"${'x'.repeat(70_000)}"}`, 413],
    ] as const) {
      const { body } = await ask('start', text).expect(status)
      assert.deepEqual([status, body.success, typeof body.errors[0]], [status, false, 'string'])
    }
    for (const id of ['', 'x', uuidOf('0'.repeat(18)), 'constructor']) {
      const { body } = await ask('cancel', { assessment_id: id }).expect(200)
      assert.deepEqual([id, body.success], [id, false])
      assert.match(body.errors[0], /no such assessment/)
    }
    assert.deepEqual(await seats(), [])
    // Somebody whom Ashby did not send is none of its business.
    const lee = await sits('Lee', { isIn: false })
    assert.equal((await ask('cancel', { assessment_id: uuidOf(lee.seat.id) }).expect(200)).body.success, false)
    assert.equal(await ashby.tellNews(), 0)
    await ask('nothing').expect(404)
    const basic = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
    await supertest(app).get('/ats/ashby/assessment.list').set('Authorization', basic).expect(404)
    // Who is erased is not known to it any more.
    const assessment = await starts()
    const kim = (await seats()).find((one) => one.id === idOfUuid(assessment))!
    const n = kim.candidate!.blindName.split(' ')[1]!.toLowerCase()
    await mara.post(`${exercise}/candidates/${n}/erase`).expect(303)
    assert.deepEqual(await deps.storage.atsTests.list(), [])
    assert.equal(await ashby.tellNews(), 0)
    assert.equal((await ask('cancel', { assessment_id: assessment }).expect(200)).body.success, false)
    assert.doesNotMatch(log(), /"level":50|Kim|kim@/)
    await (await visitor((await createTestApp()).app)).get('/ats/ashby/assessment.list').expect(404)
  } finally {
    await there.close()
  }
})

test('its two keys need each other, an address and a mail server, and stay out of what is said', () => {
  for (const name of ['ASHBY_API_KEY', 'MAIL_URL', 'PUBLIC_URL'] as const)
    assert.throws(
      () => parseConfig({ ...env, [name]: undefined }),
      (error: Error) => error.message.includes(`${name}=: is needed`) && !error.message.includes(key),
    )
  assert.throws(
    () => parseConfig({ ...env, ASHBY_API_KEY: 'with:a colon' }),
    (error: Error) => /ASHBY_API_KEY/.test(error.message) && !error.message.includes('with:a'),
  )
  assert.deepEqual(parseConfig(env).ashby, { key, apiKey })
  assert.equal(parseConfig({}).ashby, undefined)
})

test('an id of this site goes into a UUID and back', () => {
  const id = '0123456789abcdef01'
  assert.match(uuidOf(id), uuid)
  assert.deepEqual([idOfUuid(uuidOf(id)), idOfUuid(uuidOf(id).toUpperCase())], [id, id])
  assert.deepEqual([idOfUuid('5b591aed-88e3-4395-b9c6-7d529f93354a'), idOfUuid('')], [undefined, undefined])
})
