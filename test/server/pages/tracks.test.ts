import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'

async function start() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  const [track] = made.catalog.tracks.values()
  return { ...made, track: track!, guest: await visitor(made.app), pass: (ms: number) => (nowMs += ms) }
}

const dayMs = 24 * 3_600_000

/** The strip above a page; empty without one. */
const stripOn = (html: string): string =>
  (/<nav class="track-strip".*?<\/nav>/s.exec(html)?.[0] ?? '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('a track has a page with its steps as days, and a list leads to it', async () => {
  const { guest, track } = await start()
  assert.ok((await guest.get('/tracks').expect(200)).text.includes(`href="/tracks/${track.id}"`))
  assert.ok((await guest.get('/lessons').expect(200)).text.includes(`href="/tracks/${track.id}"`))
  const { text } = await guest.get(`/tracks/${track.id}`).expect(200)
  assert.match(text, /Day 1/)
  assert.match(text, /Begin: /)
  for (const { kind, id } of track.steps) assert.ok(text.includes(`href="/${kind}s/${id}"`), id)
  assert.match(
    (await guest.get('/tracks/none').expect(404)).text,
    /The track "none" does not exist|The track &quot;none/,
  )
  assert.equal(stripOn(text), '')
})

test('one’s own track stands above every page with its next step, but not above an exam', async () => {
  const { guest, track, app } = await start()
  const own = `/tracks/${track.id}/own`
  await guest.post(own, { do: 'own', until: '' }).expect(303).expect('Location', `/tracks/${track.id}`)
  const count = track.steps.length
  for (const path of ['/', '/lessons', '/help', '/study', '/nothing'])
    assert.match(stripOn((await guest.get(path)).text), new RegExp(`First steps 0 of ${count} steps · left: .*Next: `))
  const [first] = track.steps
  const at = stripOn((await guest.get(`/${first!.kind}s/${first!.id}`)).text)
  assert.match(at, new RegExp(`step 1 of ${count} `), 'on a step it is told which')
  await guest.post('/study/read', { item: 'lesson:pod/restarts' }).expect(303)
  assert.match(stripOn((await guest.get('/lessons')).text), new RegExp(`1 of ${count} steps`))
  assert.equal(stripOn((await (await visitor(app)).get('/lessons')).text), '', 'it is nobody else’s')
  assert.equal(stripOn((await guest.htmx('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' })).text), '')
  const setup = { pool: 'all', size: 'own', count: '3', minutes: '10', mode: 'timed' }
  const exam = await guest.post('/study/exams', setup).expect(303)
  const question = await guest.get(`${exam.headers.location}/questions/1`)
  assert.equal(stripOn(question.text), '')
  await guest.post(own, { do: 'leave' }).expect(303)
  assert.equal(stripOn((await guest.get('/lessons')).text), '')
  await guest.post('/tracks/none/own', { do: 'own' }).expect(404)
})

test('whoever has begun a track is led on by it without having made it their own: above pages, and from an answer beside it', async () => {
  const { guest, track } = await start()
  assert.equal(stripOn((await guest.get('/lessons')).text), '')
  const [first, second] = track.steps
  await guest.post('/study/read', { item: `${first!.kind}:${first!.id}` }).expect(303)
  assert.match(stripOn((await guest.get('/lessons')).text), new RegExp(`1 of ${track.steps.length} steps .*Next: `))
  assert.ok(!track.steps.some(({ id }) => id === 'pod/claim'))
  const answered = await guest.post('/questions/pod/claim/answer', { v: '1', answer: 'true' }).expect(303)
  const { text } = await guest.get(answered.headers.location!).expect(200)
  const primary = [...text.matchAll(/class="button is-primary" href="([^"]+)"/g)].map(([, href]) => href)
  assert.deepEqual(primary, [`/${second!.kind}s/${second!.id}`])
})

test('a day to be through by makes the plan; one that is none, over or too far away is refused and kept as typed', async () => {
  const { guest, track, pass } = await start()
  const own = `/tracks/${track.id}/own`
  await guest.post(own, { do: 'own', until: '2026-03-04' }).expect(303)
  const { text } = await guest.get(`/tracks/${track.id}`).expect(200)
  assert.match(text, /3 days, today included/)
  assert.match(text, /<h2>\s*Today/)
  for (const [until, problem] of [
    ['2026-03-31x', /year-month-day, such as 2026-03-16/],
    ['2026-02-30', /year-month-day/],
    ['"><script>', /year-month-day/],
    ['2026-02-28', /That day is over/],
    ['2027-06-01', /more than a year away/],
    ['9999-12-31', /more than a year away/],
  ] as const) {
    const refused = await guest.post(own, { do: 'own', until }).expect(422)
    assert.match(refused.text, problem, until)
    assert.ok(
      refused.text.includes(
        `value="${until.replaceAll('"', '&quot;').replaceAll('>', '&gt;').replaceAll('<', '&lt;')}"`,
      ),
    )
    assert.match((await guest.get(`/tracks/${track.id}`)).text, /3 days, today included/)
  }
  pass(4 * dayMs)
  assert.match((await guest.get(`/tracks/${track.id}`)).text, /The day that you chose is over/)
})

test('a choice is an act: it is exported, read back in elsewhere, told in the journal, and made once', async () => {
  const { guest, track, app } = await start()
  const own = `/tracks/${track.id}/own`
  for (let n = 0; n < 2; n++) await guest.post(own, { do: 'own', until: '2026-03-04' }).expect(303)
  await guest.post(own, { do: 'leave' }).expect(303)
  await guest.post(own, { do: 'own', until: '2026-03-05' }).expect(303)
  const journal = (await guest.get('/progress/journal').expect(200)).text
  assert.match(journal, /Chose a track, to finish by 2026-03-05/)
  assert.equal(journal.match(/Chose a track/g)?.length, 2)
  const { text } = await guest.get('/progress/export').expect(200)
  assert.deepEqual(exported(text).followed?.item, `track:${track.id}`)
  const other = await visitor(app)
  const sent = other.agent.post('/progress/import').field('_csrf', other.token)
  await sent.attach('file', Buffer.from(text), 'podium-data.json').expect(303)
  const preview = (await other.get('/progress/import').expect(200)).text
  const [, file] = /name="file" value="([^"]+)"/.exec(preview)!
  await other.post('/progress/import/confirm', { file: file!, do: 'add' }).expect(303)
  assert.match((await other.get(`/tracks/${track.id}`).expect(200)).text, /value="2026-03-05"/)
})

test('who has a past goes on from the start page, on their own track before any other', async () => {
  const { guest, track } = await start()
  assert.match((await guest.get('/').expect(200)).text, /Start with a lesson/)
  await guest.post('/study/read', { item: 'lesson:pod/restarts' }).expect(303)
  const { text } = await guest.get('/').expect(200)
  assert.match(text, /<h1>Go on<\/h1>/)
  assert.match(text, new RegExp(`${track.title}</span>[\\s\\S]*1 of ${track.steps.length} steps`))
  assert.doesNotMatch(text, /Start with a lesson/)
})

test('who begins has the track, and is at its first step; who has one already keeps it, with its day', async () => {
  const { guest, track, catalog } = await start()
  const [first] = track.steps
  const begin = (id: string) => guest.post(`/tracks/${id}/own`, { do: 'begin' }).expect(303)
  await begin(track.id).then((answer) => assert.equal(answer.headers.location, `/${first!.kind}s/${first!.id}`))
  assert.match(stripOn((await guest.get('/lessons')).text), /^ ?First steps/)
  await guest.post(`/tracks/${track.id}/own`, { do: 'own', until: '2026-03-05' }).expect(303)
  // From pages that were open before.
  await begin(track.id)
  await begin([...catalog.tracks.keys()].at(-1)!)
  assert.match((await guest.get(`/tracks/${track.id}`).expect(200)).text, /value="2026-03-05"/)
})
