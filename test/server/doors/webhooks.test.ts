/** Webhooks from the fact to the receiver: what is told, signed, tried again, paused, and forgotten with who is erased. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { parseConfig } from '../../../server/config.ts'
import { putInOutbox } from '../../../server/doors/outbox.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { until } from '../../support/until.ts'
import { aGrade } from '../fake-labs.ts'
import { manager } from '../pages/hiring-site.ts'
import { reviewing } from '../pages/review-site.ts'
import { fixtureFolder } from '../support.ts'
import { receiver, type Taken } from './receiver.ts'

const all = [
  ...['candidate.invited', 'candidate.declined', 'candidate.started', 'candidate.handed_in', 'candidate.graded'],
  ...['candidate.scored', 'candidate.report_ready', 'candidate.grade_changed', 'candidate.erased', 'exercise.closed'],
]

/** A site whose admin has made a webhook to a receiver. */
async function hooked(
  answer: Parameters<typeof receiver>[0] = () => 204,
  {
    fields = {},
    over = {},
  }: { fields?: Record<string, string | string[]>; over?: Parameters<typeof reviewing>[0] } = {},
) {
  const there = await receiver(answer)
  const config = parseConfig({ RATE_LIMIT: '100000', LOG_LEVEL: 'silent', WEBHOOK_LOOPBACK: 'true' })
  const site = await reviewing({ config, ...over })
  const ada = await manager(site, 'ada', 'admin')
  const made = await ada.post('/admin/webhooks', { url: there.url, events: all, ...fields }).expect(200)
  const secret = /whsec_[A-Za-z0-9+/=]+/.exec(made.text)![0]
  const [hook] = await site.deps.storage.webhooks.list()
  const page = `/admin/webhooks/${hook!.id}`
  const { look: settle } = site
  const look = () => site.deps.deliveries.look()
  const told = () => there.told(secret)
  const types = () => told().map(({ type }) => type)
  return { ...site, settle, there, ada, made, secret, page, hook: hook!, look, told, types, close: () => there.close() }
}

test('a receiver is told of each step of a candidate, signed, by ids and addresses, without a name', async () => {
  const { sits, look, told, types, deps, id, mara, exercise, there, close } = await hooked()
  try {
    const kim = await sits('Kim <Quist>', { terms: { mail: 'kim@example.org' } })
    await look()
    assert.deepEqual(types(), [
      ...['candidate.invited', 'candidate.started', 'candidate.handed_in', 'candidate.graded'],
      'candidate.report_ready',
    ])
    const [invited, , handedIn, graded] = told()
    const job = (await deps.exercises.find(id))!.exercise.jobId
    const ids = { job, exercise: id, candidate: kim.seat.id }
    assert.deepEqual(invited!.data, { ...ids, url: `https://podium.example${exercise}` })
    assert.deepEqual(handedIn!.data, { ...ids, by: 'candidate', url: `https://podium.example${exercise}` })
    assert.deepEqual(graded!.data, { ...ids, url: `https://podium.example${kim.href}/report` })
    assert.equal(Date.parse(invited!.timestamp), kim.seat.joinedAtMs)
    await look()
    assert.equal(there.all.length, 5)
    await mara.post(`${exercise}/candidates/${kim.n}/erase`, { confirm: 'yes', sure: 'yes', do: 'erase' })
    assert.equal(await deps.storage.participants.find(id, kim.seat.id), undefined)
    await look()
    assert.deepEqual(told().at(-1)!.data, ids)
    assert.equal(types().at(-1), 'candidate.erased')
    assert.doesNotMatch(there.all.map(({ body }) => body).join(), /Kim|Quist|kim@|Candidate /)
    assert.deepEqual(await deps.storage.webhooksOwed.list(), [])
  } finally {
    await close()
  }
})

test('the score is told only where an admin chose so', async () => {
  const { sits, look, told, close } = await hooked(undefined, { fields: { scores: 'yes' } })
  try {
    await sits('Kim')
    await look()
    const scored = told().filter(({ data }) => 'score' in data)
    assert.deepEqual(
      scored.map(({ type, data }) => [type, typeof data.score]),
      [
        ['candidate.graded', 'number'],
        ['candidate.report_ready', 'number'],
      ],
    )
  } finally {
    await close()
  }
})

test('a grade that a regrading changes is told once, with its score, also of an exercise that had settled', async () => {
  let catalog = await loadCatalogOrThrow(fixtureFolder)
  const site = await hooked(undefined, { fields: { scores: 'yes' }, over: { catalog: () => catalog } })
  const { sits, settle, look, told, types, act, time, labs, mara, exercise, deps, id, close } = site
  try {
    const [check] = aGrade().tests
    const points = (score: number) =>
      aGrade({ score, tests: [{ ...check!, points: score, maxPoints: 100, status: score < 100 ? 'fail' : 'pass' }] })
    labs.next.grade = points(40)
    const kim = await sits('Kim')
    labs.next.grade = points(100)
    await sits('Lee')
    await act('close')
    time.pass(5)
    await settle()
    await look()
    const before = types().length
    assert.equal(types().at(-1), 'exercise.closed')
    const challenge = catalog.challenges.get('three-pods')!
    const fixed = { ...challenge, hash: 'ffff0000ffff0000', files: { ...challenge.files } }
    catalog = { ...catalog, challenges: new Map(catalog.challenges).set('three-pods', fixed) }
    labs.next.grade = { ...points(70), contentHash: fixed.hash }
    const page = `${exercise}/regrade`
    const table = async () => (await mara.get(`${page}?item=challenge:three-pods`)).text
    await until(async () => /value="propose /.test(await table()), 'the table is made')
    const propose = /value="(propose [0-9a-f]{64})"/.exec(await table())![1]!
    await mara.post(page, { do: propose, item: 'challenge:three-pods' }).expect(303)
    const [one] = [...(await deps.exercises.course(id)).regradings.values()]
    await look()
    assert.equal(types().length, before, 'nothing is changed yet')
    time.pass(1)
    // Somebody looks in the moment between the decision and the grades.
    const { contentVersions } = deps.storage
    const keep = contentVersions.keep.bind(contentVersions)
    let isBetween = false
    contentVersions.keep = async (...args) => {
      isBetween = true
      await look()
      return keep(...args)
    }
    await (await manager(site, 'otto')).post(page, { do: `approve ${one!.id} ${one!.table}` }).expect(303)
    contentVersions.keep = keep
    assert.ok(isBetween)
    await look()
    await look()
    const news = told().slice(before)
    assert.deepEqual(
      news.map(({ type, data }) => [type, data.candidate, data.url]),
      [['candidate.grade_changed', kim.seat.id, `https://podium.example${kim.href}/report`]],
    )
    const scoreOf = (type: string) =>
      told().find((one) => one.type === type && one.data.candidate === kim.seat.id)!.data.score as number
    assert.equal(
      scoreOf('candidate.grade_changed') - scoreOf('candidate.graded'),
      15,
      'the task is half of the exercise',
    )
    assert.equal(Date.parse(news[0]!.timestamp), time.now())
  } finally {
    await close()
  }
})

test('only events that were chosen are told, from the moment they were chosen', async () => {
  const { sits, look, types, ada, page, there, time, close } = await hooked(undefined, {
    fields: { events: ['candidate.handed_in'] },
  })
  try {
    await sits('Kim')
    await look()
    assert.deepEqual(types(), ['candidate.handed_in'])
    time.pass(1)
    await ada
      .post(page, { do: 'save', url: there.url, events: ['candidate.handed_in', 'candidate.started', 'no.such'] })
      .expect(303)
    await look()
    assert.deepEqual(types(), ['candidate.handed_in'])
    await sits('Lee')
    await look()
    assert.deepEqual(types(), ['candidate.handed_in', 'candidate.started', 'candidate.handed_in'])
  } finally {
    await close()
  }
})

test('nothing is lost and nothing is another message when the process ends between any two writes', async () => {
  const { sits, look, deps, told, close } = await hooked()
  try {
    await sits('Kim')
    const stopped = () => Promise.reject(new Error('killed'))
    const { storage } = deps
    const cut = async (over: Partial<typeof storage>) =>
      assert.rejects(putInOutbox({ ...deps, storage: { ...storage, ...over } }, new Map()), /killed/)
    await cut({ webhooksOwed: { ...storage.webhooksOwed, add: stopped } })
    assert.deepEqual(await storage.webhooksOwed.list(), [])
    let adds = 0
    const second: typeof storage.webhooksOwed.add = (job, nowMs) =>
      ++adds > 2 ? stopped() : storage.webhooksOwed.add(job, nowMs)
    await cut({ webhooksOwed: { ...storage.webhooksOwed, add: second } })
    assert.equal((await storage.webhooksOwed.list()).length, 2)
    await cut({ webhooksTold: { ...storage.webhooksTold, add: stopped } })
    assert.equal((await storage.webhooksOwed.list()).length, 5)
    // It is sent, and the process ends before that is noted: the receiver has it twice, under one id.
    const done = await storage.webhooksOwed.list()
    await look()
    for (const { key, who, payload } of done.slice(0, 1))
      await storage.webhooksOwed.add({ key, who, payload }, deps.now())
    await look()
    assert.deepEqual(
      told().map(({ type }) => type),
      all.filter((type) => !/declined|scored|changed|erased|closed/.test(type)),
    )
  } finally {
    await close()
  }
})

test('what is not taken is tried again with longer pauses for three days, then the webhook is paused and says why', async () => {
  let isUp = false
  const { sits, look, there, deps, hook, time, ada, page, types, close } = await hooked(() => (isUp ? 200 : 500), {
    fields: { events: ['candidate.handed_in'] },
  })
  try {
    await sits('Kim')
    await look()
    await look()
    assert.equal(there.all.length, 1)
    const tries: number[] = []
    const startMs = time.now()
    for (let minutes = 0; minutes < 4 * 24 * 60 && !(await deps.storage.webhooks.find(hook.id))!.paused; minutes += 2) {
      const before = there.all.length
      time.pass(2)
      await look()
      if (there.all.length > before) tries.push(Math.round((time.now() - startMs) / 60_000))
    }
    assert.deepEqual(tries.slice(0, 4), [2, 8, 38, 158])
    const pausedAfterHours = (time.now() - startMs) / 3_600_000
    assert.equal(pausedAfterHours > 48 && pausedAfterHours <= 72.1, true, String(pausedAfterHours))
    const shown = (await ada.get(page).expect(200)).text
    assert.match(shown, /The receiver accepted nothing for three days/)
    assert.match(shown, /answered with 500/)
    assert.match(shown, /1 event waits/)
    const before = there.all.length
    time.pass(60 * 24)
    await sits('Lee')
    await look()
    assert.equal(there.all.length, before)
    isUp = true
    await ada.post(page, { do: 'resume' }).expect(303)
    await look()
    assert.equal(there.all.length, before + 2)
    assert.equal(new Set(there.all.map(({ headers }) => headers['webhook-id'])).size, 2)
    assert.match((await ada.get(page)).text, /accepted \(200\)/)
    assert.equal(types.length, 0)
  } finally {
    await close()
  }
})

test('an address that is gone is paused at once, and a redirect is not followed', async () => {
  let status = 410
  const other = await receiver()
  const { sits, look, deps, hook, ada, page, there, close } = await hooked(() => [status, { Location: other.url }])
  try {
    await sits('Kim')
    await look()
    assert.equal(there.all.length, 1)
    assert.match((await deps.storage.webhooks.find(hook.id))!.paused!.text, /gone for good/)
    status = 302
    await ada.post(page, { do: 'test' }).expect(303).expect('location', `${page}?done=failed`)
    assert.match((await ada.get(page)).text, /redirect \(302\), which is not followed/)
    assert.equal(other.all.length, 0)
  } finally {
    await Promise.all([close(), other.close()])
  }
})

test('after a rotation both secrets are good for a day, and then the new one alone', async () => {
  const { ada, page, secret, there, time, close } = await hooked()
  try {
    const { text } = await ada.post(page, { do: 'rotate' }).expect(200)
    const fresh = /whsec_[A-Za-z0-9+/=]+/.exec(text)![0]
    assert.notEqual(fresh, secret)
    await ada.post(page, { do: 'test' }).expect(303).expect('location', `${page}?done=taken`)
    const verdicts = (taken: Taken) => [secret, fresh].map((one) => there.believes(taken, one, time.now()))
    assert.deepEqual(verdicts(there.all.at(-1)!), [true, true])
    time.pass(24 * 60 + 1)
    await ada.post(page, { do: 'test' }).expect(303)
    assert.deepEqual(verdicts(there.all.at(-1)!), [false, true])
    // A body that was altered, and a message that is old, are not believed.
    const last = there.all.at(-1)!
    assert.equal(there.believes({ ...last, body: last.body.replace('test', 'text') }, fresh, time.now()), false)
    assert.equal(there.believes(last, fresh, time.now() + 10 * 60_000), false)
  } finally {
    await close()
  }
})

test('a delivery is sent again with its id, as a test is sent with one of its own', async () => {
  const { sits, look, ada, page, there, deps, hook, close } = await hooked()
  try {
    await sits('Kim')
    await look()
    const [latest] = (await deps.storage.webhooks.find(hook.id))!.deliveries
    await ada.post(page, { do: 'again', id: latest!.notice.id }).expect(303).expect('location', `${page}?done=again`)
    assert.deepEqual(
      there.all.slice(-2).map(({ headers }) => headers['webhook-id']),
      [latest!.notice.id, latest!.notice.id],
    )
    assert.match((await ada.post(page, { do: 'again', id: 'msg_none' }).expect(422)).text, /no longer in the list/)
  } finally {
    await close()
  }
})

test('what waits about somebody goes when they are erased, but that they were', async () => {
  const { sits, look, deps, mara, exercise, ada, page, there, types, close } = await hooked(() => 500)
  try {
    const kim = await sits('Kim')
    await look()
    await sits('Lee')
    await look()
    const about = async (seat: string) =>
      (await deps.storage.webhooksOwed.list())
        .filter(({ payload }) => payload.seat === seat)
        .map(({ payload }) => payload.type)
    assert.equal((await about(kim.seat.id)).length, 5)
    await mara.post(`${exercise}/candidates/${kim.n}/erase`, { confirm: 'yes', sure: 'yes', do: 'erase' })
    assert.deepEqual(await about(kim.seat.id), [])
    const [hook] = await deps.storage.webhooks.list()
    assert.deepEqual(
      hook!.deliveries.filter(({ notice }) => notice.seat === kim.seat.id),
      [],
    )
    await look()
    assert.deepEqual(await about(kim.seat.id), ['candidate.erased'])
    assert.equal((await deps.storage.webhooksOwed.list()).length, 6)
    await ada.post(page, { do: 'remove' }).expect(422)
    await ada.post(page, { do: 'remove', sure: 'yes' }).expect(303)
    assert.deepEqual(await deps.storage.webhooksOwed.list(), [])
    await ada.get(page).expect(404)
    assert.equal(there.all.length > 0 && types().length > 0, true)
  } finally {
    await close()
  }
})

test('an address is refused in words as it is typed, with what was typed kept', async () => {
  const { ada, deps, there, close } = await hooked()
  try {
    for (const [url, says] of [
      ['http://example.org/', /begin with https/],
      ['https://10.0.0.1/', /inner network/],
      ['https://u:p@example.org/', /Leave them out/],
      ['<b>', /not an address such as/],
    ] as const) {
      const { text } = await ada.post('/admin/webhooks', { url, events: all }).expect(422)
      assert.match(text, says)
      assert.doesNotMatch(text, /value="<b>/)
    }
    assert.match((await ada.post('/admin/webhooks', { url: there.url }).expect(422)).text, /at least one event/)
    assert.equal((await deps.storage.webhooks.list()).length, 1)
  } finally {
    await close()
  }
})

test('the secret stands on the page that made it, and in no other page, file, log or entry of the audit log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-webhooks-'))
  let log = ''
  const logger = pino({ level: 'trace' }, { write: (line: string) => (log += line) })
  const storage = createStorage(await createLowdbStore({ folder }))
  try {
    const { ada, page, secret, look, sits, made, deps, close } = await hooked(() => 500, { over: { storage, logger } })
    assert.equal(made.headers['cache-control'], 'no-store')
    await sits('Kim')
    await look()
    const rotated = /whsec_[A-Za-z0-9+/=]+/.exec((await ada.post(page, { do: 'rotate' })).text)![0]
    await ada.post(page, { do: 'test' })
    const pages = [page, '/admin/webhooks', '/admin/audit', '/progress/export', '/account']
    const texts = [log, JSON.stringify(await deps.audit.entries())]
    for (const path of pages) texts.push((await ada.get(path).expect(200)).text)
    await close()
    await storage.close()
    for (const name of await readdir(folder, { recursive: true }))
      if (/\.(json|log)$/.test(name)) texts.push(await readFile(join(folder, name), 'utf8'))
    assert.equal(texts.length > 20, true)
    for (const one of [secret, rotated])
      for (const text of texts) {
        assert.equal(text.includes(one), false)
        assert.equal(text.includes(one.slice('whsec_'.length)), false)
      }
    assert.deepEqual(texts[1]!.match(/webhook-[a-z-]+/g), ['webhook-made', 'webhook-secret-rotated'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('with another secret of the server nothing is sent that nobody would believe', async () => {
  const { sits, look, deps, hook, there, close } = await hooked()
  try {
    await sits('Kim')
    await deps.storage.webhooks.update(hook.id, (one) => ({
      ...one,
      secrets: one.secrets.map((secret) => ({ ...secret, nonce: 'another' })),
    }))
    await look()
    assert.equal(there.all.length, 0)
    assert.match((await deps.storage.webhooks.find(hook.id))!.paused!.text, /Rotate the secret/)
  } finally {
    await close()
  }
})
