import assert from 'node:assert/strict'
import { test } from 'node:test'
import supertest from 'supertest'
import { createTestApp } from '../support.ts'

test('the components page has a sample of every part, and no id twice', async () => {
  const { app } = await createTestApp()
  const { text } = await supertest(app).get('/components').expect(200)
  for (const part of ['button is-primary', 'notice is-problem', 'callout-trap', 'verdict is-partly', 'card', 'data'])
    assert.match(text, new RegExp(`class="[^"]*${part}`), part)
  for (const tone of ['ready', 'waiting', 'failing', 'ending', 'done'])
    assert.match(text, new RegExp(`class="pod is-${tone}"`), tone)
  for (const control of ['option', 'order', 'match', 'code-lines', 'typed', 'manifest', 'own-words'])
    assert.match(text, new RegExp(`(class|id)="${control}"`), control)
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.deepEqual(
    ids.filter((id, n) => ids.indexOf(id) !== n),
    [],
  )
  await supertest(app).post('/components').expect(403)
})
