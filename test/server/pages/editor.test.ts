import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createTestApp, visitor } from '../support.ts'

test('what is wrong with a text is told as JSON', async () => {
  const { app, labs } = await createTestApp()
  const place = { line: 1, column: 1 }
  labs.next.diagnostics = [{ severity: 'error', message: 'no', from: place, to: place }]
  const { body } = await (await visitor(app)).post('/editor/lint', { text: 'a: 1\r\nb: 2' }).expect(200)
  assert.deepEqual(body.diagnostics, labs.next.diagnostics)
  assert.equal(labs.calls[0]!.request, 'a: 1\nb: 2')
})

test('a text without a form token, one that is too long, and one that took too long are refused', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  await guest.agent.post('/editor/lint').type('form').send('text=a').expect(403)
  await guest.post('/editor/lint', { text: 'x'.repeat(100_001) }).expect(422)
  labs.next.refusal = new LabRefusal(503, 'Busy.')
  await guest.post('/editor/lint', { text: 'a: 1' }).expect(503)
})

test('the schema of a kind is given, and that of none is not', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const { body } = await guest.get('/editor/schema?apiVersion=v1&kind=Pod').expect(200)
  assert.equal(body.root, 'Pod')
  for (const query of ['apiVersion=v1&kind=Pot', 'kind=Pod', '', 'apiVersion=__proto__&kind=constructor'])
    await guest.get(`/editor/schema?${query}`).expect(404)
})

test('the kinds are those that are simulated', async () => {
  const { app } = await createTestApp()
  const { body } = await (await visitor(app)).get('/editor/kinds').expect(200)
  assert.deepEqual(body, [{ apiVersion: 'v1', kind: 'Pod' }])
})
