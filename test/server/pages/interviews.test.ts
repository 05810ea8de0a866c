import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Mock } from '../../../server/storage/types.ts'
import { exported } from '../exported.ts'
import { createTestApp, exchangeMock, visitor } from '../support.ts'

type Fields = Record<string, string | string[]>

/** An interview that has begun, over six questions with the rubric of the fixture's one. */
async function begin(fields: Fields = {}) {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  const { questions } = made.catalog
  const open = questions.get('pod/tell-me')!
  for (const n of [1, 2, 3, 4]) questions.set(`pod/tell-${n}`, { ...open, id: `pod/tell-${n}`, title: `Tell ${n}` })
  questions.set('storage/tell', { ...open, id: 'storage/tell', section: 'storage', title: 'Tell of storage' })
  const guest = await visitor(made.app)
  const setup = { section: 'all', count: '5', seed: 'one', ...fields }
  const started = await guest.post('/study/interview', setup).expect(303)
  const url = started.headers.location!
  const data = async () => exported((await guest.get('/progress/export').expect(200)).text)
  return {
    ...made,
    guest,
    url,
    pass: (ms: number) => (nowMs += ms),
    mock: async (): Promise<Mock> => (await data()).mocks[0],
    answers: async (): Promise<Answer[]> => (await data()).answers,
    show: (n: number, words: string, more: Fields = {}) =>
      guest.post(`${url}/questions/${n}`, { do: 'show', answer: words, shown: String(nowMs), ...more }),
    mark: (n: number, ...said: string[]) =>
      guest.post(`${url}/questions/${n}`, { do: 'mark', answer: ['', ...said], confidence: 'fairly' }),
  }
}

const idsOf = ({ items }: Mock) => items.map(({ questionId }) => questionId)

test('interview questions are drawn from a seed, of all sections or of one', async () => {
  const first = idsOf(await (await begin()).mock())
  assert.deepEqual(idsOf(await (await begin()).mock()), first)
  assert.equal(new Set(first).size, 5)
  assert.equal(idsOf(await (await begin({ count: '8' })).mock()).length, 6, 'there are no more')
  assert.deepEqual(idsOf(await (await begin({ section: 'storage' })).mock()), ['storage/tell'])
  assert.match((await (await begin({ seed: '' })).mock()).seed, /^[0-9a-f]{8}$/)
})

const refused: [string, Fields, RegExp][] = [
  ['no section', { section: '' }, /Choose what you are asked about/],
  ['a section without questions', { section: 'networking' }, /Choose what you are asked about/],
  ['a section by an inherited name', { section: 'constructor' }, /Choose what you are asked about/],
  ['another length', { count: '7' }, /Choose how many/],
  ['a seed with markup', { seed: '<b>' }, /A seed is up to 40/],
]
for (const [name, fields, sentence] of refused)
  test(`${name} is refused with a sentence`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const { text } = await guest
      .post('/study/interview', { section: 'all', count: '5', seed: '', ...fields })
      .expect(422)
    assert.match(text, sentence)
    assert.deepEqual(exported((await guest.get('/progress/export')).text).mocks, [])
  })

test('model answer and rubric come after the own words, and the marks become an answer, once', async () => {
  const { guest, url, show, mark, pass, answers, mock } = await begin()
  const page = `${url}/questions/1`
  for (const path of [page, '/study/interview', '/progress/export'])
    assert.doesNotMatch((await guest.get(path).expect(200)).text, /KEYMODEL|RUBRIC|KEYEXPLANATION|KEYASK|KEYFOLLOW/)
  const shownAt = String(Date.UTC(2026, 2, 2, 9))
  pass(95_000)
  await show(1, 'My <own> words', { shown: shownAt }).expect(303).expect('Location', page)
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /KEYMODEL, in <em>words<\/em>/)
  assert.match(text, /RUBRIC-second/)
  // What is asked on is opened one by one.
  assert.match(text, /<summary>KEYASK and <code>then<\/code>\?<\/summary>\s*<div class="prose"><p>KEYFOLLOW<\/p>/)
  assert.match(text, /My &lt;own&gt; words/)
  assert.doesNotMatch(text, /interview-clock/)
  assert.deepEqual(await answers(), [])
  await show(1, 'Other words').expect(303)
  await mark(1, 'first').expect(303).expect('Location', `${url}/questions/2`)
  await mark(1, 'first', 'second', 'third').expect(303)
  const [answer, ...others] = await answers()
  assert.equal(others.length, 0)
  assert.deepEqual(
    [answer!.given, answer!.score, answer!.verdict, answer!.confidence, answer!.tookMs],
    [['My <own> words', 'first'], 0.5, 'partly', 'fairly', 95_000],
  )
  assert.equal((await mock()).current, 1)
  const marked = (await guest.get(page).expect(200)).text
  assert.match(marked, /Partly covered <span class="quiet">50 %/)
  assert.match(marked, /KEYFOLLOW/)
})

test('an answer said aloud is marked as well; the last one leads to the summary of what was left out', async () => {
  const { guest, url, show, mark, answers } = await begin()
  await guest.get(`${url}/summary`).expect(303).expect('Location', `${url}/questions/1`)
  await guest.post(`${url}/questions/1`, { do: 'skip' }).expect(303).expect('Location', `${url}/questions/2`)
  for (const n of [2, 3, 4, 5]) {
    await show(n, '').expect(303)
    await mark(n, ...(n === 2 ? ['first', 'second', 'third'] : ['first'])).expect(303)
  }
  await guest.get(url).expect(303).expect('Location', `${url}/summary`)
  const { text } = await guest.get(`${url}/summary`).expect(200)
  assert.match(text, /62 %<\/span> covered/)
  assert.match(text, /4 of 5 questions marked/)
  assert.match(text, /Well covered, 100 %/)
  assert.match(text, /Not marked/)
  assert.equal(text.match(/RUBRIC-second/g)?.length, 3)
  assert.doesNotMatch(text, /RUBRIC-first/)
  assert.match(text, /section=all&amp;count=5&amp;seed=one">Practise the same again/)
  assert.equal((await answers()).length, 4)
  assert.match((await guest.get('/study/interview').expect(200)).text, /62 % covered/)
  assert.match((await guest.get('/study/interview?section=all&count=8&seed=one')).text, /id="seed"[^>]* value="one"/)
})

test('what is left out again and again is told of first', async () => {
  const { guest, url, show, mark, mock } = await begin()
  const id = idsOf(await mock())[1]!
  for (const v of ['1', '2'])
    await guest.post(`/questions/${id}/answer`, { v, answer: ['', 'first', 'second'], do: 'mark' }).expect(303)
  for (const n of [1, 2]) {
    await show(n, '').expect(303)
    await mark(n, 'first').expect(303)
  }
  await guest.post(`${url}/questions/3`, { do: 'finish' }).expect(303).expect('Location', `${url}/summary`)
  const { text } = await guest.get(`${url}/summary`).expect(200)
  assert.match(text.slice(text.indexOf('Left out most')), /RUBRIC-third.*?left out 3 of 3 times/s)
})

test('a question that was skipped can be gone back to', async () => {
  const { guest, url, show, mark, answers } = await begin()
  await guest.post(`${url}/questions/1`, { do: 'skip' }).expect(303)
  const { text } = await guest.get(`${url}/questions/2`).expect(200)
  assert.match(text, new RegExp(`<a href="${url}/questions/1">`))
  await show(1, 'after all').expect(303)
  await mark(1, 'first').expect(303)
  assert.equal((await answers()).length, 1)
})

test('without script and with it, each step answers with the next one', async () => {
  const { guest, url } = await begin()
  const shown = await guest.htmx(`${url}/questions/1`, { do: 'show', answer: 'words' }).expect(200)
  assert.match(shown.text, /^<title>[^<]+<\/title>\s*<div[^>]*id="interview"/)
  const next = await guest.htmx(`${url}/questions/1`, { do: 'mark', answer: ['words', 'first'] }).expect(200)
  assert.equal(next.headers['hx-push-url'], `${url}/questions/2`)
  assert.doesNotMatch(next.text, /KEYMODEL/)
  await guest.htmx(`${url}/questions/2`, { do: 'finish' }).expect(200).expect('HX-Redirect', `${url}/summary`)
})

test('words that are too long and marks that are not in the list are refused, and nothing is entered', async () => {
  const { show, mark, answers, mock } = await begin()
  assert.match((await show(1, 'x'.repeat(10_001)).expect(422)).text, /Not kept/)
  await show(1, '', { answer: ['a', 'b'] }).expect(422)
  await mark(1, 'first').expect(303)
  assert.deepEqual((await mock()).items[0]!.given, [], 'nothing is marked before the model answer was shown')
  await show(1, 'words').expect(303)
  assert.match((await mark(1, 'first', 'fourth').expect(422)).text, /Not marked/)
  assert.deepEqual(await answers(), [])
})

test('what comes after the end is refused with a sentence', async () => {
  const { guest, url, show, answers } = await begin()
  await guest.post(`${url}/questions/1`, { do: 'finish' }).expect(303)
  assert.match((await show(1, 'late').expect(422)).text, /This interview ended at 09:00:00 UTC/)
  await guest.get(`${url}/questions/1`).expect(200)
  assert.match((await guest.get(`${url}/summary`).expect(200)).text, /No question was marked/)
  assert.deepEqual(await answers(), [])
})

test('an interview of somebody else, an exam, and what is none are not there', async () => {
  const { app, guest, url } = await begin()
  const stranger = await visitor(app)
  for (const base of [url, '/study/interview/__proto__', `/study/interview/${'0'.repeat(18)}`]) {
    for (const path of ['', '/questions/1', '/summary']) await stranger.get(base + path).expect(404)
    for (const path of ['/questions/1', '/remove']) await stranger.post(base + path, { do: 'show' }).expect(404)
  }
  for (const n of ['0', '6', 'x']) await guest.get(`${url}/questions/${n}`).expect(404)
  await guest.get(url.replace('interview', 'exams')).expect(404)
})

test('a question that the content does not have any more is passed over', async () => {
  const { guest, url, catalog, mock, deps } = await begin()
  deps.storage.contentVersions.find = async () => undefined
  catalog.questions.delete(idsOf(await mock())[0]!)
  assert.match((await guest.get(`${url}/questions/1`).expect(200)).text, /A question that is gone/)
  await guest.post(`${url}/questions/1`, { do: 'skip' }).expect(303).expect('Location', `${url}/questions/2`)
  await guest.post(`${url}/questions/2`, { do: 'finish' }).expect(303)
  await guest.get(`${url}/summary`).expect(200)
})

test('a question that is none to talk about any more is passed over as well', async () => {
  const { guest, url, show, mark, catalog, mock, deps } = await begin()
  deps.storage.contentVersions.find = async () => undefined
  await show(1, 'words').expect(303)
  await mark(1, 'first').expect(303)
  for (const id of idsOf(await mock())) catalog.questions.set(id, { ...catalog.questions.get('pod/mend')!, id })
  for (const n of [1, 2])
    assert.match((await guest.get(`${url}/questions/${n}`).expect(200)).text, /A question that is gone/)
  await show(2, 'words').expect(303)
  await guest.post(`${url}/questions/2`, { do: 'finish' }).expect(303)
  await guest.get(`${url}/summary`).expect(200)
})

test('the words stay as they were when the model answer came, also when both tabs are sent at once', async () => {
  const { show, mock, deps } = await begin()
  const { work, write } = deps.journals
  let open = () => {}
  const bothHaveRead = new Promise<void>((resolve) => (open = resolve))
  let reads = 0
  deps.journals.work = async (seat) => {
    const found = await work(seat)
    if (++reads === 2) open()
    await bothHaveRead
    return found
  }
  const written: string[] = []
  deps.journals.write = async (...change) => {
    const after = await write(...change)
    written.push(after.mocks[0]!.items[0]!.given[0]!)
    return after
  }
  await Promise.all([show(1, 'one').expect(303), show(1, 'two').expect(303)])
  assert.ok(written.length >= 2)
  assert.equal(new Set([...written, (await mock()).items[0]!.given[0]]).size, 1)
})

test('an interview that is sent twice is one, one sent again with other choices is another, and it can be removed', async () => {
  const once = 'abcdef0123456789ab'
  const { guest, url, mock } = await begin({ once })
  const setup = { section: 'all', count: '5', seed: 'one', once }
  await guest.post('/study/interview', setup).expect(303).expect('Location', url)
  assert.equal((await mock()).seed, 'one')
  const other = await guest.post('/study/interview', { ...setup, seed: 'two' }).expect(303)
  assert.notEqual(other.headers.location, url)
  await guest.post(`${url}/remove`).expect(303).expect('Location', '/study/interview')
  await guest.get(url).expect(404)
})

test('a mark stays as it was given; where the list of today would give another one, both are told', async () => {
  const { guest, url, catalog, mock, show, mark } = await begin()
  await show(1, 'words').expect(303)
  await mark(1, 'first').expect(303)
  await guest.post(`${url}/questions/2`, { do: 'finish' }).expect(303)
  const pages = async () =>
    Promise.all([`${url}/questions/1`, `${url}/summary`].map(async (page) => (await guest.get(page).expect(200)).text))
  for (const text of await pages()) assert.doesNotMatch(text, /Your verdict stands|has changed since/)
  const id = idsOf(await mock())[0]!
  const question = catalog.questions.get(id)!
  const { rubric } = question.data as { rubric: { id: string; points: number }[] }
  const dearer = rubric.map((one) => (one.id === 'first' ? { ...one, points: 100 } : one))
  catalog.questions.set(id, { ...question, hash: 'another', data: { ...(question.data as object), rubric: dearer } })
  for (const text of await pages()) {
    assert.match(text, /Partly covered/)
    assert.match(
      text,
      /This question has changed since\. You see it as you were asked\. Your verdict stands: Partly covered, 50 %\. Today it would be: Well covered\./,
    )
  }
})

test('the summary of an interview that came from elsewhere says so', async () => {
  const { guest, url, mock, deps } = await begin()
  await guest.post(`${url}/questions/1`, { do: 'finish' }).expect(303)
  const learner = exported((await guest.get('/progress/export').expect(200)).text).learner.id
  assert.doesNotMatch((await guest.get(`${url}/summary`).expect(200)).text, /taken elsewhere/)
  await exchangeMock(deps, learner, (await mock()).id, (one) => ({ ...one, origin: { from: 'elsewhere', atMs: 1 } }))
  assert.match((await guest.get(`${url}/summary`).expect(200)).text, /It was taken elsewhere/)
})
