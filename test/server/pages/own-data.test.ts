import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../../server/config.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import type { AppDeps } from '../../../server/pages/deps.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { exported, fileOfWork } from '../exported.ts'
import { aFailedGrade, aGrade } from '../fake-labs.ts'
import { someSandboxes, someShape } from '../labs/sandboxes/support.ts'
import { anAnswer } from '../storage/contract.ts'
import { createTestApp, exchangeAttempts, exchangeMock, visitor } from '../support.ts'

type Guest = Awaited<ReturnType<typeof visitor>>

const dataOf = async (guest: Guest) => (await guest.get('/progress/export').expect(200)).text

const send = (guest: Guest, text: string | Buffer, token = guest.token) =>
  guest.agent.post('/progress/import').field('_csrf', token).attach('file', Buffer.from(text), 'podium-data.json')

/** Sends the file and presses the button of its preview. */
async function readBack(guest: Guest, text: string) {
  await send(guest, text).expect(303).expect('Location', '/progress/import')
  const preview = (await guest.get('/progress/import').expect(200)).text
  const file = /name="file" value="([^"]+)"/.exec(preview)![1]!
  await guest.post('/progress/import/confirm', { file, do: 'add' }).expect(303)
  return { preview, done: (await guest.get('/progress/import').expect(200)).text }
}

/** A learner with something of everything. */
async function start(over: Partial<AppDeps> = {}) {
  const { sandboxes } = await someSandboxes()
  const made = await createTestApp({ sandboxes, ...over })
  const guest = await visitor(made.app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a', confidence: 'sure' }).expect(303)
  await guest.post('/questions/pod/count/answer', { v: '2', answer: '9' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'save', file: 'web.yaml', content: 'kind: Mine' })
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' })
  await guest.post('/challenges/three-pods', { do: 'grade' })
  await guest.post('/study/notes', { item: 'lesson:pod/life', text: 'mine' })
  await guest.post('/study/bookmarks', { item: 'question:pod/always', on: 'yes' })
  await guest.post('/study/read', { item: 'lesson:pod/life' })
  const exam = { pool: 'all', size: 'own', count: '3', minutes: '20', mode: 'training', seed: 'one' }
  await guest.post('/study/exams', exam).expect(303)
  const id = exported(await dataOf(guest)).learner.id as string
  const box = await sandboxes.create(id, { name: 'my cluster', shape: someShape })
  return { ...made, sandboxes, guest, box }
}

const plain = (html: string) =>
  html.replace(
    /<div class="notice"><p>From another learner’s file[^<]*<\/p><\/div>|nonce="[^"]*"|name="(_csrf|once)" value="[^"]*"|X-CSRF-Token":"[^"]*"|Used [^<]*\./g,
    '',
  )

test('what was exported, deleted and read back in makes the same pages', async () => {
  const { guest } = await start()
  const text = await dataOf(guest)
  const { attempts, mocks, sandboxes } = exported(text)
  const pages = [
    '/progress',
    '/study',
    '/study/review',
    '/study/notebook',
    '/study/exams',
    `/study/exams/${mocks[0].id}/questions/1`,
    '/challenges',
    '/challenges/three-pods?file=web.yaml',
    `/challenges/three-pods/results/${attempts[0].id}/1`,
    '/questions',
    '/sandboxes',
  ]
  const show = async (who: Guest) =>
    Object.fromEntries(
      await Promise.all(pages.map(async (path) => [path, plain((await who.get(path).expect(200)).text)])),
    )
  const before = await show(guest)
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  const fresh = { ...guest, token: /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]! }
  const post: Guest['post'] = (path, fields = {}) =>
    guest.agent
      .post(path)
      .type('form')
      .send(new URLSearchParams({ _csrf: fresh.token, ...(fields as Record<string, string>) }).toString())
  const { preview, done } = await readBack({ ...fresh, post }, text)
  for (const page of [preview, done]) {
    for (const line of [
      '2 answers to questions',
      '1 attempt at a challenge',
      '1 result of a grading',
      '1 mock exam',
      '1 note',
      '1 bookmark',
      '1 lesson marked as read',
      '1 sandbox',
    ])
      assert.ok(page.includes(line), `${line} is missing`)
  }
  const after = await show(fresh)
  for (const path of pages) assert.equal(after[path], before[path], path)
  assert.equal((await fresh.get(`/sandboxes/${sandboxes[0].id}`).expect(200)).status, 200)
})

/** Their file as another one's: by another server, or changed. */
const forged = (text: string, change?: (file: never) => void) => {
  const { signature: _, ...unsigned } = exported(text)
  if (!change) return JSON.stringify(unsigned)
  const file = exported(text)
  change(file as never)
  return fileOfWork(file)
}

/** A learner who passed the challenge, and another one. */
async function passedAndOther() {
  const made = await createTestApp()
  const hash = made.catalog.challenges.get('three-pods')!.hash
  made.labs.next.grade = aGrade({ contentHash: hash })
  const guest = await visitor(made.app)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' })
  const page = (await guest.post('/challenges/three-pods', { do: 'grade' })).headers.location!
  const trackOf = async (who: Guest) => (await who.get('/challenges?state=passed')).text.includes('three-pods')
  return { ...made, hash, guest, page, isPassed: trackOf, other: await visitor(made.app), text: await dataOf(guest) }
}

test('a grade from a file that this server did not sign counts for nothing until it is graded here', async () => {
  const { other, page, text, labs, hash, isPassed } = await passedAndOther()
  const { preview, done } = await readBack(other, forged(text))
  for (const shown of [preview, done]) assert.match(shown, /not signed by this server/)
  assert.equal(await isPassed(other), false)
  const list = (await other.get('/challenges')).text
  assert.match(list, /100, not verified here/)
  assert.doesNotMatch(list, /best 100/)
  assert.match((await other.get('/progress')).text, /100 of 100 not verified on this server/)
  const result = (await other.get(page).expect(200)).text
  assert.match(result, /Graded elsewhere/)
  assert.doesNotMatch(result, /KEYDEBRIEF/)
  // What comes of the same commands here is what stands.
  labs.next.grade = { ...aFailedGrade(), contentHash: hash }
  await other.post(`${page}/verify`).expect(303)
  assert.match((await other.get(page)).text, /Not passed yet/)
  labs.next.grade = aGrade({ contentHash: hash })
  await readBack(
    other,
    forged(text, (file: { attempts: { gradings: { atMs: number }[] }[] }) => {
      file.attempts[0]!.gradings[0]!.atMs -= 5
    }),
  )
  const asked = labs.calls.length
  await other.post('/progress/verify').expect(303)
  assert.deepEqual((labs.calls[asked]!.request as { log: object[] }).log.length, 1)
  assert.equal(await isPassed(other), true)
  assert.match((await other.get('/challenges')).text, /best 100/)
  // Read in again, the file takes nothing back.
  await send(other, forged(text)).expect(303)
  assert.equal(await isPassed(other), true)
})

test('a grade of a challenge that has changed cannot be verified, and says so; a busy simulator changes nothing', async () => {
  const { other, page, text, labs } = await passedAndOther()
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  await readBack(other, forged(text))
  assert.match((await other.post(`${page}/verify`).expect(422)).text, /Many simulations are waiting/)
  labs.next.refusal = undefined
  const changed = await passedAndOther()
  await readBack(
    changed.other,
    forged(changed.text, (file: { attempts: { gradings: { result: { contentHash: string } }[] }[] }) => {
      file.attempts[0]!.gradings[0]!.result.contentHash = 'other'
    }),
  )
  assert.match((await changed.other.get(changed.page)).text, /differs from the one that was graded/)
  await changed.other.post(`${changed.page}/verify`).expect(422)
  assert.equal(await changed.isPassed(changed.other), false)
})

test('somebody else’s file says so, and what it brings keeps its origin', async () => {
  const { other, page, text, isPassed } = await passedAndOther()
  const { preview } = await readBack(other, text)
  assert.match(preview, /made here for another learner/)
  assert.equal(await isPassed(other), false)
  assert.match((await other.get(page)).text, /From another learner’s file/)
  assert.deepEqual(exported(await dataOf(other)).attempts[0].origin.from, 'learner')
})

test('an unsigned file that says it is another learner’s is from elsewhere all the same', async () => {
  const { other, text } = await passedAndOther()
  const origin = { from: 'learner', atMs: 1 }
  await readBack(
    other,
    forged(text, (file: { attempts: { origin: object; gradings: { origin: object }[] }[] }) => {
      const [attempt] = file.attempts
      Object.assign(attempt!, { origin })
      Object.assign(attempt!.gradings[0]!, { origin })
    }),
  )
  const [attempt] = exported(await dataOf(other)).attempts
  assert.deepEqual([attempt.origin.from, attempt.gradings[0].origin.from], ['elsewhere', 'elsewhere'])
})

test('answers from a file that this server did not sign are shown and marked, and count for nothing', async () => {
  const { app, guest } = await start()
  const text = forged(
    await dataOf(guest),
    (file: { answers: { verdict: string; score: number; topics: string[] }[] }) => {
      for (const answer of file.answers) Object.assign(answer, { verdict: 'right', score: 1 })
    },
  )
  const other = await visitor(app)
  await readBack(other, text)
  const told = /2 answers come from a file that this server did not make; they are not counted\./
  const progress = (await other.get('/progress')).text
  assert.match(progress, told)
  assert.match(progress, /0 of 0 first answers were right/)
  assert.match(progress, /✓ Right<\/span><span class="listing-note">not counted/)
  assert.doesNotMatch(progress, /Topics, weakest first|How well you know/)
  assert.doesNotMatch(progress, /[1-9]\d* of \d+<\/td>/)
  const study = (await other.get('/study')).text
  assert.match(study, told)
  assert.doesNotMatch(study, /Worth practising|[1-9]\d* of \d+ steps/)
  assert.match((await other.get('/study/review')).text, /2 answers come from .* count for nothing else/)
  const questions = (await other.get('/questions')).text
  assert.match(questions, told)
  assert.doesNotMatch(questions, /verdict-tag/)
  const [answer] = exported(await dataOf(other)).answers
  const page = (await other.get(`/questions/${answer.questionId}?answer=${answer.id}`)).text
  assert.match(page, /From a file of another server, read in .* It is not counted\./)
  // One’s own count beside them.
  await other.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  assert.match((await other.get('/progress')).text, /1 of 1 first answers were right[\s\S]*2 answers come from a file/)
})

test('what was answered in an exam from such a file counts for nothing either', async () => {
  const { app, guest, deps } = await start()
  const mock = await timedExam(deps, exported(await dataOf(guest)).learner.id)
  const question = deps.catalog().questions.get('pod/always')!
  const result = { verdict: 'right', score: 1, key: null, judged: null }
  const item = { ...mock.items[0]!, questionId: question.id, contentHash: question.hash, given: ['a'], result }
  const text = forged(await dataOf(guest), (file: { mocks: object[]; answers: object[] }) => {
    file.mocks = [{ ...mock, items: [item], handedInAtMs: mock.startedAtMs }]
    file.answers = []
  })
  const other = await visitor(app)
  await readBack(other, text)
  await other.get(`/study/exams/${mock.id}/results`).expect(200)
  const { answers } = exported(await dataOf(other))
  assert.deepEqual(
    answers.map(({ origin }: { origin?: { from: string } }) => origin?.from),
    ['elsewhere'],
  )
  assert.match((await other.get('/study/exams')).text, /100 %<\/span><span class="listing-note">taken elsewhere/)
})

test('one’s own file comes back as one’s own', async () => {
  const { guest, text, isPassed, deps } = await passedAndOther()
  const { learner, attempts } = exported(text)
  await exchangeAttempts(deps, learner.id, () => undefined)
  assert.equal(await isPassed(guest), false)
  const { preview } = await readBack(guest, text)
  assert.doesNotMatch(preview, /another learner|not signed/)
  assert.equal(await isPassed(guest), true)
  assert.deepEqual(exported(await dataOf(guest)).attempts, attempts)
})

/** The learner's exam, with a clock. */
async function timedExam(deps: AppDeps, learnerId: string) {
  const [mock] = (await deps.journals.work(practiceSeat(learnerId))).mocks
  const endsAtMs = mock!.startedAtMs + 20 * 60_000
  return exchangeMock(deps, learnerId, mock!.id, (m) => ({ ...m, mode: 'timed', endsAtMs }))
}

test('an exam that is here keeps its clock and its place, whatever a file says of it', async () => {
  const { guest, deps } = await start()
  const { learner } = exported(await dataOf(guest))
  const mock = await timedExam(deps, learner.id)
  const text = forged(await dataOf(guest), (file: { mocks: object[] }) => (file.mocks = [mock]))
  const later = forged(text, (file: { mocks: { endsAtMs: number; current: number; items: object[] }[] }) => {
    file.mocks[0]!.endsAtMs += 20 * 3_600_000
    file.mocks[0]!.current = 2
  })
  for (const file of [later, text]) {
    await send(guest, file).expect(303)
    const preview = (await guest.get('/progress/import')).text
    const id = /name="file" value="([^"]+)"/.exec(preview)?.[1]
    await guest.post('/progress/import/confirm', { file: id ?? '', do: 'add' })
  }
  assert.deepEqual((await deps.journals.work(practiceSeat(learner.id))).mocks, [mock])
})

test('an exam that runs elsewhere comes in as ended, with what was answered', async () => {
  const { app, guest, deps } = await start()
  const mock = await timedExam(deps, exported(await dataOf(guest)).learner.id)
  const text = forged(await dataOf(guest), (file: { mocks: object[] }) => (file.mocks = [mock]))
  const other = await visitor(app)
  await readBack(other, text)
  await other.get(`/study/exams/${mock.id}`).expect(303).expect('Location', `/study/exams/${mock.id}/results`)
  await other.post(`/study/exams/${mock.id}/judge`)
  assert.match((await other.get(`/study/exams/${mock.id}/results`).expect(200)).text, /It was taken elsewhere/)
})

test('a file that is read twice adds nothing, and says so', async () => {
  const { guest } = await start()
  const text = await dataOf(guest)
  await send(guest, text).expect(303)
  const page = (await guest.get('/progress/import')).text
  assert.match(page, /Nothing new is in this file/)
  assert.doesNotMatch(page, /value="add"/)
  assert.deepEqual(exported(await dataOf(guest)).answers, exported(text).answers)
})

test('a file adds nothing before somebody says so, and can be put away', async () => {
  const { app, guest } = await start()
  const text = await dataOf(guest)
  const other = await visitor(app)
  await send(other, text).expect(303)
  assert.equal(exported(await dataOf(other)).answers.length, 0)
  await other.post('/progress/import/confirm', { do: 'cancel' }).expect(303)
  assert.match((await other.get('/progress/import')).text, /type="file"/)
  assert.match(
    (await other.post('/progress/import/confirm', { do: 'add', file: 'x' }).expect(422)).text,
    /no longer here/,
  )
})

test('the button of an older preview does not add the file that came after it', async () => {
  const { app, guest } = await start()
  const other = await visitor(app)
  const text = await dataOf(guest)
  await send(other, text)
  const first = /name="file" value="([^"]+)"/.exec((await other.get('/progress/import')).text)![1]!
  await send(other, text)
  await other.post('/progress/import/confirm', { do: 'add', file: first }).expect(422)
  assert.equal(exported(await dataOf(other)).answers.length, 0)
})

test('a preview is its learner’s alone, and is forgotten after a quarter of an hour', async () => {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const { app, guest } = await start({ now: () => nowMs })
  const text = await dataOf(guest)
  const [one, two] = [await visitor(app), await visitor(app)]
  await send(one, text)
  assert.match((await two.get('/progress/import')).text, /type="file"/)
  nowMs += 15 * 60_000
  assert.match((await one.get('/progress/import')).text, /type="file"/)
})

test('a learner who reads another one’s file has copies, and nothing of theirs', async () => {
  const { app, guest, sandboxes, box } = await start()
  const text = await dataOf(guest)
  const other = await visitor(app)
  await readBack(other, text)
  const [mine, theirs] = [exported(await dataOf(other)), exported(text)]
  assert.notEqual(mine.learner.id, theirs.learner.id)
  assert.equal(mine.attempts[0].participantId, mine.learner.id)
  assert.equal(mine.answers.length, 2)
  assert.notEqual(mine.sandboxes[0].id, box.id)
  await other.get(`/sandboxes/${box.id}`).expect(404)
  await guest.get(`/sandboxes/${box.id}`).expect(200)
  await other.post('/progress/delete', { confirm: 'yes' }).expect(303)
  assert.equal((await sandboxes.find(theirs.learner.id, box.id))?.name, 'my cluster')
  assert.deepEqual(exported(await dataOf(guest)).answers, theirs.answers)
})

test('sandboxes that there is no room for are named, before and after', async () => {
  const { app, guest, sandboxes } = await start()
  const text = await dataOf(guest)
  const other = await visitor(app)
  await other.post('/study/bookmarks', { item: 'question:pod/always', on: 'yes' })
  const id = exported(await dataOf(other)).learner.id as string
  for (const name of ['one', 'two', 'three']) await sandboxes.create(id, { name, shape: someShape })
  const { preview, done } = await readBack(other, text)
  assert.match(preview, /There is no room for these sandboxes: my cluster/)
  assert.match(done, /There was no room for these sandboxes: my cluster/)
  assert.equal((await sandboxes.list(id)).length, 3)
})

const refused: { name: string; text: string | Buffer; want: RegExp }[] = [
  { name: 'an empty file', text: '', want: /Choose the file first/ },
  { name: 'a file that is no JSON', text: '{"answers": [', want: /is not JSON: it ends too early/ },
  { name: 'a picture', text: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]), want: /is not JSON/ },
  {
    name: 'a file of something else',
    text: '{"name": "x", "dependencies": {}}',
    want: /<code>answers<\/code> is missing/,
  },
  {
    name: 'a file with a mark-up in its ids',
    text: JSON.stringify({ answers: [{ id: '"><script>alert(1)</script>' }], attempts: [] }),
    want: /<code>answers\[0\]\.id<\/code> must be 18 digits/,
  },
]
for (const { name, text, want } of refused)
  test(`${name} is refused with what is wrong, and nothing is added`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const page = await send(guest, text).expect(422)
    assert.match(page.text, want)
    assert.match(page.text, /aria-invalid="true"/)
    assert.ok(!page.text.includes('<script>alert'))
    assert.equal(exported(await dataOf(guest)).answers.length, 0)
  })

test('a cluster with everything that the form offers, and one of a lesson, come back', async () => {
  const { app, guest, sandboxes, catalog } = await start()
  const shape = {
    from: 'shape',
    name: 'all',
    nodes: '3',
    size: 'small',
    zones: '3',
    tainted: '1',
    taint: 'a=b:NoSchedule',
    pull: 'yes',
  }
  await guest
    .post('/sandboxes', { ...shape, proxy: 'ipvs', addOns: ['metrics-server', 'ingress', 'cloud', 'policies'] })
    .expect(303)
  const lesson = [...catalog.lessons.values()].find(({ parts }) => parts.some((part) => 'demo' in part))!
  const demo = lesson.parts.flatMap((part) => ('demo' in part ? [part.demo] : []))[0]!
  await guest.post('/sandboxes', { from: 'demo', demo: `${lesson.id}#${demo.id}` }).expect(303)
  const other = await visitor(app)
  const { done } = await readBack(other, await dataOf(guest))
  assert.match(done, /3 sandboxes/)
  assert.doesNotMatch(done, /could not be made/)
  const id = exported(await dataOf(other)).learner.id as string
  assert.equal((await sandboxes.list(id)).length, 3)
})

test('names in a file are shown as text', async () => {
  const { app, guest } = await start()
  const data = exported(await dataOf(guest))
  data.sandboxes = ['<img src=x>', 'b', 'c', 'd'].map((name, n) => ({
    ...data.sandboxes[0],
    name,
    id: n.toString(16).padStart(18, 'a'),
    lastUsedAtMs: 4 - n,
  }))
  data.sandboxes.reverse()
  const other = await visitor(app)
  const { preview } = await readBack(
    other,
    JSON.stringify({
      ...data,
      sandboxes: data.sandboxes.map((s: object, n: number) => ({ ...s, lastUsedAtMs: 9 - n })),
    }),
  )
  assert.ok(!preview.includes('<img') && preview.includes('&lt;img'))
})

test('a file over the limit is refused with 413 and its limit, and one of many megabytes within it is read', async () => {
  const { app } = await createTestApp({ config: parseConfig({ RATE_LIMIT: '100000', IMPORT_MB: '1' }) })
  const guest = await visitor(app)
  assert.match((await send(guest, 'x'.repeat(1_100_000)).expect(413)).text, /larger than 1 MB/)
  const notes = [{ item: 'lesson:pod/life', text: 'n'.repeat(90_000), atMs: 1 }]
  const attempts: object[] = []
  const text = JSON.stringify({ answers: [], attempts, studyBook: { read: [], bookmarks: [], notes } })
  await send(guest, text + ' '.repeat(900_000)).expect(303)
})

const manyAnswers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) =>
    anAnswer(`f${(from + n).toString(16).padStart(17, '0')}`, { questionId: 'pod/always' }),
  )

test('a file with which somebody would have too much is refused, says how much one may have, and changes nothing', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const fileOf = (answers: object[]) => JSON.stringify({ answers, attempts: [] })
  const page = await send(guest, fileOf(manyAnswers(20_001))).expect(422)
  assert.match(page.text, /more here than one learner may have: 20000 answers to questions\. Nothing was added/)
  assert.deepEqual(exported(await dataOf(guest)).answers, [])
  await readBack(guest, fileOf(manyAnswers(20_000)))
  await send(guest, fileOf(manyAnswers(1, 20_000))).expect(422)
  assert.equal(exported(await dataOf(guest)).answers.length, 20_000)
  // What is here already is not too much.
  await send(guest, fileOf(manyAnswers(5))).expect(303)
})

test('a file that was looked at is refused if there is more by the time it is added', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/study/bookmarks', { item: 'question:pod/always', on: 'yes' })
  await send(guest, JSON.stringify({ answers: manyAnswers(20_000), attempts: [] })).expect(303)
  const file = /name="file" value="([^"]+)"/.exec((await guest.get('/progress/import')).text)![1]!
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  const page = await guest.post('/progress/import/confirm', { file, do: 'add' }).expect(422)
  assert.match(page.text, /more here than one learner may have/)
  const { learner } = exported(await dataOf(guest))
  assert.equal((await deps.journals.work(practiceSeat(learner.id))).answers.length, 1)
})

test('a file needs the session’s token, and one that another site sends is refused', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await send(guest, '{}', '').expect(403)
  await send(guest, '{}', (await visitor(app)).token).expect(403)
  await send(guest, '{}').set('Sec-Fetch-Site', 'cross-site').expect(403)
})

test('an address that sends very many files waits', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (let n = 0; n < 60; n++) await send(guest, '').expect(422)
  assert.match((await send(guest, 'x').expect(429)).text, /Wait 60 minutes/)
})

test('deleting says what goes with its number, offers the file first, and wants a word', async () => {
  const { guest, sandboxes } = await start()
  const page = (await guest.get('/progress/delete').expect(200)).text
  assert.match(
    page,
    /2 answers to questions[\s\S]*1 attempt at a challenge[\s\S]*1 sandbox[\s\S]*href="\/progress\/export"/,
  )
  const id = exported(await dataOf(guest)).learner.id as string
  assert.match((await guest.post('/progress/delete').expect(422)).text, /Tick the box first/)
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  assert.deepEqual(await sandboxes.list(id), [])
  assert.match((await guest.get('/progress/delete')).text, /nothing of yours here yet/)
})
