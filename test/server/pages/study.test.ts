import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actsOfBook } from '../../../server/journal/folds/study-book.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { exported } from '../exported.ts'
import type { visitor as visit } from '../support.ts'
import { createTestApp, visitor } from '../support.ts'

const hourMs = 3_600_000

async function start() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  return { ...made, guest: await visitor(made.app), pass: (ms: number) => (nowMs += ms) }
}

const answer = (guest: Awaited<ReturnType<typeof visit>>, path: string, given: string, more = {}) =>
  guest.post(`/questions/pod/${path}/answer`, { v: '1', answer: given, ...more }).expect(303)

test('somebody new is told what to do first, on every page of Study', async () => {
  const { guest } = await start()
  assert.match((await guest.get('/study').expect(200)).text, /Begin with a track/)
  assert.match((await guest.get('/study/review').expect(200)).text, /Your queue is empty/)
  const { text } = await guest.get('/study/notebook').expect(200)
  assert.match(text, /No open mistakes.*Nothing bookmarked.*No notes/s)
  await guest.get('/study/review/next').expect(303).expect('Location', '/study/review')
  await guest.get('/study/mistakes/next').expect(303).expect('Location', '/study/notebook')
})

test('a concept answered wrong is due within minutes, asked by another question, and off again when it is known', async () => {
  const { guest, pass } = await start()
  await answer(guest, 'always', 'b')
  assert.match((await guest.get('/study/review').expect(200)).text, /The next concept is due in \d+ minutes?/)
  pass(hourMs)
  assert.match((await guest.get('/study').expect(200)).text, /Review 1 now/)
  const next = await guest.get('/study/review/next').expect(303)
  const [, id] = /^\/questions\/pod\/([\w-]+)\?v=\d+&in=review$/.exec(next.headers.location!)!
  assert.notEqual(id, 'always')
  const page = await guest.get(next.headers.location!).expect(200)
  assert.match(page.text, /<a href="\/study\/review">Review<\/a>/)
  const sent = await answer(guest, 'claim', 'false', { in: 'review' })
  assert.match(sent.headers.location!, /&in=review#question$/)
  const verdict = await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
  assert.match(verdict.text, /href="\/study\/review\/next" data-next>Go on with: review/)
  await guest.get('/study/review/next').expect(303).expect('Location', '/study/review')
  assert.match((await guest.get('/study/review').expect(200)).text, /All done/)
})

test('mistakes wait in the notebook until they are answered right', async () => {
  const { guest } = await start()
  await answer(guest, 'always', 'b')
  assert.match((await guest.get('/study/notebook').expect(200)).text, /What does Always do\?.*Not right/s)
  const next = await guest.get('/study/mistakes/next').expect(303)
  assert.match(next.headers.location!, /^\/questions\/pod\/always\?v=\d+&in=mistakes$/)
  await answer(guest, 'always', 'a', { in: 'mistakes' })
  assert.match((await guest.get('/study/notebook').expect(200)).text, /No open mistakes/)
})

test('a lesson is bookmarked, noted and marked as read; all of it is exported, and deleted with the rest', async () => {
  const { guest } = await start()
  const item = 'lesson:pod/restarts'
  const back = '/lessons/pod/restarts'
  await guest.post('/study/bookmarks', { item, on: 'yes', back }).expect(303).expect('Location', back)
  await guest.post('/study/notes', { item, text: 'back-off: <10 s>\r\n', back }).expect(303)
  await guest.post('/study/read', { item, back: '/study' }).expect(303).expect('Location', '/study')
  const lesson = await guest.get(back).expect(200)
  assert.match(lesson.text, /Bookmarked/)
  assert.match(lesson.text, /✓ Read/)
  const { text } = await guest.get('/study/notebook').expect(200)
  assert.match(text, /back-off: &lt;10 s&gt;/)
  const { studyBook } = exported((await guest.get('/progress/export')).text)
  assert.equal(studyBook.notes[0].text, 'back-off: <10 s>')
  assert.deepEqual([studyBook.bookmarks.length, studyBook.read.length], [1, 1])
  await guest.post('/study/bookmarks', { item, on: 'no', back }).expect(303)
  await guest.post('/study/notes', { item, text: ' ', back }).expect(303)
  assert.match((await guest.get('/study/notebook').expect(200)).text, /Nothing bookmarked.*No notes/s)
  await guest.post('/study/bookmarks', { item, on: 'yes', back }).expect(303)
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  assert.match((await (await visitor((await start()).app)).get('/study/notebook')).text, /Nothing bookmarked/)
})

test('with htmx only the marks come back', async () => {
  const { guest } = await start()
  const { text } = await guest.htmx('/study/bookmarks', { item: 'question:pod/always', on: 'yes' }).expect(200)
  assert.match(text, /^<div class="marks"/)
  assert.match(text, /aria-pressed="true"/)
})

test('a bookmark that is set leaves a note that is being written alone', async () => {
  const { guest } = await start()
  const { text } = await guest.get('/lessons/pod/life').expect(200)
  const [, id, target, select] =
    /<form id="([^"]+)"[^>]*action="\/study\/bookmarks"[^>]*hx-target="([^"]+)" hx-select="([^"]+)"/.exec(text)!
  assert.deepEqual([target, select], [`#${id}`, `#${id}`])
})

test('a note that is too long comes back as it was typed, with what is wrong beside it', async () => {
  const { guest } = await start()
  const note = { item: 'lesson:pod/life', text: `precious <b> ${'x'.repeat(4001)}`, back: '/lessons/pod/life' }
  const page = (await guest.post('/study/notes', note).expect(422)).text
  const part = (await guest.htmx('/study/notes', note).expect(422)).text
  assert.match(page, /<h1>Your note<\/h1>/)
  assert.match(part, /^\s*<div class="marks"/)
  for (const text of [page, part]) {
    assert.match(text, /<textarea[^>]*aria-invalid="true" aria-describedby="([^"]+)"[^>]*>precious &lt;b&gt; x{4001}</)
    assert.match(
      text,
      /class="field-problem" id="note-problem-[^"]+" role="alert">A note holds 4000 characters; this one has 4014/,
    )
    assert.match(text, /<details id="note-[^"]+" open/)
  }
  assert.match((await guest.get('/study/notebook')).text, /No notes/)
})

test('a note that there is no room for comes back as it was typed', async () => {
  const { guest, deps } = await start()
  await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }).expect(303)
  const { learner } = exported((await guest.get('/progress/export')).text)
  const notes = Array.from({ length: 500 }, (_, n) => ({ item: `lesson:pod/l${n}`, text: 'x', atMs: 1 }))
  await deps.journals.add(practiceSeat(learner.id), actsOfBook({ read: [], bookmarks: [], notes }))
  const { text } = await guest.post('/study/notes', { item: 'lesson:pod/life', text: 'precious' }).expect(422)
  assert.match(text, />precious<\/textarea>[\s\S]*You have 500 notes/)
})

const refusals: [string, string, Record<string, string>, number][] = [
  ['an item that is not there', '/study/bookmarks', { item: 'lesson:pod/none', on: 'yes' }, 404],
  ['no item', '/study/notes', { text: 'x' }, 404],
  ['a name of something inherited', '/study/read', { item: 'lesson:constructor' }, 404],
  ['a note that is too long', '/study/notes', { item: 'lesson:pod/life', text: 'x'.repeat(4001) }, 422],
]
for (const [name, path, fields, status] of refusals)
  test(`${name} is refused with ${status}`, async () => {
    const { guest } = await start()
    await guest.post(path, fields).expect(status)
  })

for (const back of [
  'https://elsewhere.example/',
  '//elsewhere.example',
  '/\\elsewhere.example',
  'javascript:alert(1)',
  '',
])
  test(`nobody is sent to ${JSON.stringify(back)}`, async () => {
    const { guest } = await start()
    await guest
      .post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes', back })
      .expect(303)
      .expect('Location', '/lessons/pod/life')
  })

test('one learner does not see the marks of another', async () => {
  const { app, guest } = await start()
  await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }).expect(303)
  assert.match((await (await visitor(app)).get('/study/notebook').expect(200)).text, /Nothing bookmarked/)
})

test('the way through a track is counted', async () => {
  const { guest } = await start()
  const { text } = await guest.get('/study').expect(200)
  const [, total] = /0 of (\d+) steps/.exec(text)!
  assert.match(text, /Begin: /)
  await guest.post('/study/read', { item: 'lesson:pod/restarts' }).expect(303)
  await answer(guest, 'always', 'a')
  assert.match((await guest.get('/study').expect(200)).text, new RegExp(`[12] of ${total} steps`))
})

test('a weak topic says what to do next: read its lesson, then answer what suits, and what is known is left alone', async () => {
  const { guest } = await start()
  await answer(guest, 'always', 'b')
  const first = (await guest.get('/study').expect(200)).text
  assert.match(first, /Worth practising.*1 answer so far.*href="\/lessons\/pod\/[^"]+"><span>Read: /s)
  for (const item of ['lesson:pod/life', 'lesson:pod/restarts']) await guest.post('/study/read', { item }).expect(303)
  const second = (await guest.get('/study').expect(200)).text
  assert.match(second, /Worth practising.*href="\/questions\/pod\/[^"]+"><span>Answer: /s)
  const progress = (await guest.get('/progress').expect(200)).text
  assert.match(progress, /Topics, weakest first.*not enough answers.*Answer: /s)
  // Four answers are enough to go by.
  for (const [path, given] of [
    ['claim', 'true'],
    ['half-a-cpu', '0.5'],
    ['name-it', 'whatever'],
  ] as const)
    await answer(guest, path, given)
  assert.match(
    (await guest.get('/progress').expect(200)).text,
    /Topics, weakest first.*<span class="num">\d+ %<\/span>/s,
  )
})
