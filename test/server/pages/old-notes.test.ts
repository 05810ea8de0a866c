// What old notes say: on a page of its own, found by search, linked from what sets it right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, visitor } from '../support.ts'

test('the page holds each entry with what is so today and where it is taught', async () => {
  const { app } = await createTestApp()
  const { agent } = await visitor(app)
  const { text } = await agent.get('/old-notes').expect(200)
  const [, row] = /<li id="probes-restart">([\s\S]*?)<\/li>/.exec(text) ?? []
  assert.match(row!, /A failing <code>readinessProbe<\/code> restarts the container\./)
  assert.match(row!, /It takes the Pod out of the Service's endpoints/)
  assert.match(row!, /<a href="\/lessons\/pod\/restarts">/)
  assert.match(row!, /<a href="\/questions\/pod\/always">/)
  assert.match((await agent.get('/lessons').expect(200)).text, /href="\/old-notes"/)
})

test('a lesson links to its entry, a question only once it is answered', async () => {
  const { app } = await createTestApp()
  const learner = await visitor(app)
  const link = /href="\/old-notes#probes-restart"/
  assert.match((await learner.agent.get('/lessons/pod/restarts').expect(200)).text, link)
  const asked = await learner.agent.get('/questions/pod/always').expect(200)
  assert.doesNotMatch(asked.text, link)
  const sent = await learner.post('/questions/pod/always/answer', { v: '1', answer: ['a'] }).expect(303)
  const page = await learner.agent.get(sent.headers.location!).expect(200)
  assert.match(page.text, link)
})

test('search finds an entry by what the notes say', async () => {
  const { app } = await createTestApp()
  const { agent } = await visitor(app)
  const { text } = await agent.get('/search?q=readinessProbe restarts').expect(200)
  assert.match(text, /href="\/old-notes#probes-restart"/)
})
