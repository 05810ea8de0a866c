import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { exported } from '../exported.ts'
import { aFailedGrade } from '../fake-labs.ts'
import { createTestApp, visitor } from '../support.ts'

const nine = Date.UTC(2026, 2, 2, 9)
const day = '2026-03-02'
const minute = 60_000

/** A site with a clock that can be set. */
async function siteAt(startMs = nine) {
  const clock = { nowMs: startMs }
  const site = await createTestApp({ now: () => clock.nowMs })
  return { ...site, clock, guest: await visitor(site.app) }
}
type Guest = Awaited<ReturnType<typeof visitor>>

const begin = (guest: Guest, on = day) => guest.post('/daily', { day: on }).expect(303)
const scale = (guest: Guest, n: number) =>
  guest.post(`/daily/${day}`, { do: 'kubectl', line: `scale deployment web --replicas=${n}` }).expect(303)
const grade = (guest: Guest) => guest.post(`/daily/${day}`, { do: 'grade' })
const shareOf = async (guest: Guest, on = day) =>
  /<textarea id="share-text"[^>]*>([^<]*)</.exec((await guest.get(`/daily/${on}/result`).expect(200)).text)![1]!
/** Each request of a test has a server of its own. */
const withoutPort = (text: string) => text.replace(/:\d{4,5}\//, '/')
const learnerOf = (guest: Guest) => /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!

test('the page of the day says nothing of its task before it is begun, and the clock runs from there', async () => {
  const { guest, clock } = await siteAt()
  const before = (await guest.get('/daily').expect(200)).text
  assert.match(before, /Begin, five minutes/)
  assert.doesNotMatch(before.split('id="yesterday"')[0]!, /three-pods|Three Pods/i)
  await guest.get(`/daily/${day}`).expect(404)
  await guest.get(`/daily/${day}/result`).expect(404)
  await begin(guest).expect('Location', `/daily/${day}`)
  clock.nowMs += 100_000
  const desk = (await guest.get(`/daily/${day}`).expect(200)).text
  assert.match(desk, /data-left-ms="200000"/)
  assert.match(desk, /<span role="timer" id="daily-clock">3 min 20 s<\/span> left for green/)
  assert.match(desk, /Three Pods are ready/, 'checks are live')
  assert.match(desk, new RegExp(`action="/daily/${day}"`))
})

test('the squares above the desk are drawn anew with each grade', async () => {
  const { guest, clock } = await siteAt()
  await begin(guest)
  assert.match((await guest.get(`/daily/${day}`)).text, /id="daily-so-far">.*aria-label="0 of \d+ checks right/s)
  clock.nowMs += minute
  await scale(guest, 3)
  const { text } = await grade(guest).set('HX-Request', 'true').expect(200)
  const squares = text.split('hx-target="#daily-so-far"')[1]!.split('</hx-partial>')[0]!
  assert.match(squares, /aria-label="(\d+) of \1 checks right in time, 0 later\."/)
  const other = await guest.post(`/daily/${day}`, { do: 'kubectl', line: 'get pods' }).set('HX-Request', 'true')
  assert.doesNotMatch(other.text, /daily-so-far/)
})

test('passed in time is a green line with its time, told as text and by a link that says nothing of its learner', async () => {
  const { app, guest, clock, labs } = await siteAt()
  await begin(guest)
  clock.nowMs += 3 * minute + 42_900
  await scale(guest, 3)
  const sent = await grade(guest).expect(303)
  const result = (await guest.get(sent.headers.location!).expect(200)).text
  assert.match(result, new RegExp(`href="/daily/${day}/result">Your squares`))
  const text = await shareOf(guest)
  assert.match(text, /^Podium · The daily incident 2026-03-02\n🟩 3:42\nhttp:\/\/[^/]+\/daily\/of\/[\w-]+$/)
  const link = new URL(text.split('\n').at(-1)!).pathname
  const stranger = await visitor(app)
  const shown = (await stranger.get(link).expect(200)).text
  assert.match(shown, /1 of 1 checks right in time, 0 later\./)
  assert.match(shown, /3:42/)
  assert.ok(!shown.includes(learnerOf(guest)) && !/three-pods/.test(shown))
  for (const bent of [`${link}A`, '/daily/of/x', `/daily/of/${'A'.repeat(90)}`]) await stranger.get(bent).expect(404)
  // It stands on the pages that lead here, and its run has a card.
  assert.match((await guest.get('/')).text, /See and share/)
  assert.match((await guest.get('/study')).text, /See and share/)
  assert.match((await guest.get(`/daily/${day}/result`)).text, /card\.svg/)
  // What is over leads to its result; a later go changes nothing.
  await guest.get(`/daily/${day}`).expect(303).expect('Location', `/daily/${day}/result`)
  labs.next.grade = aFailedGrade()
  clock.nowMs += 9 * minute
  await scale(guest, 1)
  await grade(guest).expect(303)
  assert.equal(withoutPort(await shareOf(guest)), withoutPort(text))
})

test('what comes after five minutes is yellow, however late, and starting over stops no clock', async () => {
  const { guest, clock, labs } = await siteAt()
  await begin(guest)
  await scale(guest, 2)
  labs.next.grade = aFailedGrade()
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /\n⬜\n/)
  clock.nowMs += 6 * minute
  await guest.post(`/daily/${day}`, { do: 'reset' }).expect(303)
  assert.match((await guest.get(`/daily/${day}`)).text, /From here on squares are yellow/)
  await scale(guest, 3)
  delete labs.next.grade
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /\n🟨 6:00\n/)
})

test('a second tab, a second start and another device go on with the same clock', async () => {
  const { guest, clock, deps } = await siteAt()
  await Promise.all([begin(guest), begin(guest), begin(guest)])
  clock.nowMs += 2 * minute
  await begin(guest)
  assert.match((await guest.get(`/daily/${day}`)).text, /data-left-ms="180000"/)
  const acts = await deps.journals.acts(practiceSeat(learnerOf(guest)))
  assert.equal(acts.filter(({ act }) => act === 'daily-began').length, 1)
  // A restart of the server: what is stored is all there is.
  const again = createJournals({ storage: deps.storage, now: deps.now })
  const { dailies } = await again.work(practiceSeat(learnerOf(guest)))
  assert.equal(dailies![0]!.startedAtMs, nine)
})

test('a day that begins in the middle takes nothing away, and a page from before it begins nothing unseen', async () => {
  const { guest, clock } = await siteAt(Date.UTC(2026, 2, 2, 23, 58))
  await begin(guest)
  clock.nowMs += 4 * minute
  await scale(guest, 3)
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /2026-03-02\n🟩 4:00\n/)
  const page = (await guest.get('/daily').expect(200)).text
  assert.match(page, /Begin, five minutes/)
  assert.match(page, /name="day" value="2026-03-03"/)
  assert.match(page, /Yesterday[\s\S]*4:00/)
  await begin(guest, day).expect('Location', '/daily?new=day')
  assert.match((await guest.get('/daily?new=day')).text, /A new day has begun/)
  await guest.get('/daily/2026-03-03').expect(404)
  for (const bent of ['', 'x', '2026-03-04', '../etc']) await begin(guest, bent).expect('Location', '/daily?new=day')
})

test('a server that is set back gives no time back, and one that is busy takes none away', async () => {
  const { guest, clock, labs } = await siteAt()
  await begin(guest)
  clock.nowMs += 4 * minute
  await scale(guest, 2)
  clock.nowMs -= 3 * minute
  assert.match((await guest.get(`/daily/${day}`)).text, /data-left-ms="60000"/)
  clock.nowMs += 50_000
  await scale(guest, 3)
  // The grader is slow: what counts is when it was asked.
  const { grade: quick } = labs
  labs.grade = async (...asked) => {
    clock.nowMs += 20 * minute
    return quick(...asked)
  }
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /\n🟩 4:50\n/)
})

test('what was refused and is handed in again as it was came when it came first', async () => {
  const { guest, clock, labs } = await siteAt()
  await begin(guest)
  await scale(guest, 3)
  const { grade: quick } = labs
  labs.grade = async () => {
    throw new LabRefusal(422, 'The run was stopped.')
  }
  await grade(guest)
  labs.grade = quick
  clock.nowMs += 10 * minute
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /\n🟩 0:00\n/)
})

test('hints are told with the line, and with the solutions shown nothing more is earned', async () => {
  const { guest, labs } = await siteAt()
  await begin(guest)
  await guest.post(`/daily/${day}`, { do: 'hint:h1' }).expect(303)
  await scale(guest, 2)
  labs.next.grade = aFailedGrade()
  const result = (await grade(guest).expect(303)).headers.location!
  assert.match(await shareOf(guest), /\n⬜ 💡1\n/)
  await guest.post(`${result}/give-up`).expect(303)
  assert.match((await guest.get('/daily')).text, /See and share/)
  delete labs.next.grade
  await scale(guest, 3)
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /\n⬜ 💡1\n/)
  assert.match((await guest.get(`/daily/${day}/result`)).text, /The solutions were shown/)
})

test('practice and the incident have an attempt each, and practice after it is practice', async () => {
  const { guest, deps } = await siteAt()
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' }).expect(303)
  await begin(guest)
  await scale(guest, 3)
  const { attempts } = await deps.journals.work(practiceSeat(learnerOf(guest)))
  assert.deepEqual(
    attempts.map(({ seed, mock }) => [seed.startsWith('daily/'), mock !== undefined]),
    [
      [false, false],
      [true, true],
    ],
  )
  const other = await visitor((await siteAt()).app)
  await begin(other)
})

test('everybody has the same variant', async () => {
  const { app, guest, deps } = await siteAt()
  const other = await visitor(app)
  for (const one of [guest, other]) {
    await begin(one)
    await scale(one, 1)
  }
  const seeds = await Promise.all(
    [guest, other].map(async (one) => (await deps.journals.work(practiceSeat(learnerOf(one)))).attempts[0]!.seed),
  )
  assert.equal(seeds[0], seeds[1])
  // And nobody sees another one's.
  await (await visitor(app)).get(`/daily/${day}/result`).expect(404)
})

test('what a timed exam asks just now is no incident to be looked at', async () => {
  const { guest, clock } = await siteAt()
  await guest.post('/study/hands-on', { pool: 'cka', size: 'short', mode: 'timed', seed: '' }).expect(303)
  await guest.post('/daily', { day }).expect(423)
  clock.nowMs += 3 * 60 * minute
  await begin(guest)
  await guest.get(`/daily/${day}`).expect(200)
})

test('the day travels with one’s data, and goes with its learner', async () => {
  const { app, guest, clock, deps } = await siteAt()
  await begin(guest)
  clock.nowMs += minute
  await scale(guest, 3)
  await grade(guest).expect(303)
  const before = withoutPort(await shareOf(guest))
  assert.match(before, /🟩 1:00/)
  const text = (await guest.get('/progress/export').expect(200)).text
  assert.equal(exported(text).dailies![0]!.day, day)
  await removeAll(deps, practiceSeat(learnerOf(guest)))
  await guest.get(`/daily/${day}/result`).expect(404)
  await guest.agent
    .post('/progress/import')
    .field('_csrf', guest.token)
    .attach('file', Buffer.from(text), 'podium-data.json')
    .expect(303)
  const file = /name="file" value="([^"]+)"/.exec((await guest.get('/progress/import')).text)![1]!
  await guest.post('/progress/import/confirm', { file, do: 'add' }).expect(303)
  assert.equal(withoutPort(await shareOf(guest)), before)
  const stranger = await visitor(app)
  await stranger.get(`/daily/${day}/result`).expect(404)
})

test('of two learners who become one the earlier beginning counts, with what was earned on it', async () => {
  const { app, guest, clock, deps } = await siteAt()
  const other = await visitor(app)
  await begin(guest)
  clock.nowMs += 2 * minute
  await begin(other)
  await scale(other, 3)
  // Ten seconds after its own beginning; of the other one's clock nothing is taken along.
  clock.nowMs += 10_000
  await grade(other).expect(303)
  assert.match(await shareOf(other), /🟩 0:10/)
  const [from, to] = [practiceSeat(learnerOf(other)), practiceSeat(learnerOf(guest))]
  await moveAll(deps, from, to)
  assert.match(await shareOf(guest), /\n⬜\n/)
  const { dailies, attempts } = await deps.journals.work(to)
  assert.deepEqual([dailies!.length, dailies![0]!.startedAtMs, attempts.length], [1, nine, 1])
  await scale(guest, 2)
  await grade(guest).expect(303)
  assert.match(await shareOf(guest), /🟩 2:10/)
})
