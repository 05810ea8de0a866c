import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, visitor } from '../support.ts'

const start = async () => visitor((await createTestApp()).app)

/** What a page says of tracks. */
const tracksOn = (html: string) => /<nav class="on-tracks".*?<\/nav>/s.exec(html)?.[0] ?? ''

test('a lesson leads on to the step that follows it on the track, and marks itself as read', async () => {
  const guest = await start()
  const offered = tracksOn((await guest.get('/lessons/pod/restarts').expect(200)).text)
  assert.match(offered, /First steps<\/a>, step 1 of \d+/)
  const [, next] = /name="back" value="([^"]+)"/.exec(offered)!
  await guest.post('/study/read', { item: 'lesson:pod/restarts', back: next! }).expect(303).expect('Location', next!)
  const read = tracksOn((await guest.get('/lessons/pod/restarts').expect(200)).text)
  assert.doesNotMatch(read, /<form/)
  assert.ok(read.includes(`href="${next}"`))
})

test('a question leads on along a track that was begun, and says nothing of others', async () => {
  const guest = await start()
  const answer = async (given: string, more = {}) => {
    const sent = await guest.post('/questions/pod/always/answer', { v: '1', answer: given, ...more }).expect(303)
    return tracksOn((await guest.get(sent.headers.location!.split('#')[0]!).expect(200)).text)
  }
  assert.equal(await answer('b'), '')
  await guest.post('/study/read', { item: 'lesson:pod/restarts', back: '/' }).expect(303)
  assert.match(await answer('b'), /step 2 of \d+/)
  assert.equal(await answer('a', { in: 'mistakes' }), '')
})

test('Study leads to the page of each track', async () => {
  const guest = await start()
  const [, href] = /href="(\/tracks\/[\w-]+)"/.exec((await guest.get('/study').expect(200)).text)!
  await guest.get(href!).expect(200)
})
