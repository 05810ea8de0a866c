/** The page that tells what somebody did. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, visitor } from '../support.ts'

const wordsOf = (html: string): string =>
  html
    .slice(html.indexOf('<main'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

test('what was done stands there, the latest first, with what it was done to', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  assert.match(wordsOf((await guest.get('/progress/journal').expect(200)).text), /Nothing yet\./)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get <b>pods' }).expect(303)
  await guest.post('/challenges/three-pods', { do: 'undo' }).expect(303)
  const { text } = await guest.get('/progress/journal').expect(200)
  assert.match(
    wordsOf(text),
    /2026-03-02 09:00 Took the last command back .* Ran: kubectl get &lt;b&gt;pods .* Ran: kubectl get pods .* Began an attempt · Three Pods .* Answered: (right|wrong) · /,
  )
  assert.match(text, /href="\/challenges\/three-pods"/)
  assert.match((await guest.get('/progress')).text, /href="\/progress\/journal"/)
  assert.match(wordsOf((await (await visitor(app)).get('/progress/journal')).text), /Nothing yet\./)
})

test('the same again and again is one line, and much of it is on pages', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (let n = 0; n < 3; n++) await guest.post('/challenges/three-pods', { do: 'run10' }).expect(303)
  assert.match(wordsOf((await guest.get('/progress/journal')).text), /Let time pass \(3 times\)/)
  for (let n = 0; n < 120; n++)
    await guest.post('/study/bookmarks', { item: 'lesson:pod/life', on: n % 2 ? 'no' : 'yes' }).expect(303)
  const first = await guest.get('/progress/journal').expect(200)
  assert.match(first.text, /1 of 2/)
  assert.match(first.text, /href="\?page=2"/)
  const second = await guest.get('/progress/journal?page=2').expect(200)
  assert.match(second.text, /Let time pass/)
  for (const page of ['0', '99', '-1', 'x', '1e3']) await guest.get(`/progress/journal?page=${page}`).expect(200)
})
