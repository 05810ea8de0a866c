import assert from 'node:assert/strict'
import { mock, test } from 'node:test'

const { knownKinds, outlineOf } = await import(new URL('../../static/editor/schema.js', import.meta.url).href)

/** Answers each request in turn; undefined is a server that cannot be reached. */
function answering(t: { after(undo: () => void): void }, ...answers: (Response | undefined)[]) {
  const asked = mock.method(
    globalThis,
    'fetch',
    async () => answers.shift() ?? Promise.reject(new Error('unreachable')),
  )
  t.after(() => asked.mock.restore())
  return asked.mock
}

const outline = { root: 'Pod', definitions: {} }

test('a schema is asked once, also of a kind that does not exist', async (t) => {
  const asked = answering(t, Response.json(outline), new Response('', { status: 404 }))
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(await outlineOf('v1', 'Pod'), outline)
    assert.equal(await outlineOf('v1', 'Po'), undefined)
  }
  assert.equal(asked.callCount(), 2)
})

test('what could not be asked is asked again: a server that is busy or cannot be reached', async (t) => {
  const kinds = [{ apiVersion: 'v1', kind: 'Pod' }]
  const answers = [
    undefined,
    new Response('', { status: 429 }),
    Response.json(outline),
    undefined,
    Response.json(kinds),
  ]
  const asked = answering(t, ...answers)
  assert.equal(await outlineOf('v1', 'Service'), undefined)
  assert.equal(await outlineOf('v1', 'Service'), undefined)
  assert.deepEqual(await outlineOf('v1', 'Service'), outline)
  assert.deepEqual(await knownKinds(), [])
  assert.deepEqual(await knownKinds(), kinds)
  assert.equal(asked.callCount(), 5)
})
