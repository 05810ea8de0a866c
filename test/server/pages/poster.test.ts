import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createTestApp, visitor } from '../support.ts'

const pod = (over = '') =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: mine\n${over}spec:\n  containers:\n  - {name: a, image: nginx}\n`

test('a Pod’s manifest becomes the sequence of exactly that Pod, from the first message on', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  assert.match((await guest.get('/poster').expect(200)).text, /name: hello/)
  const { text } = await guest.post('/poster', { manifest: pod() }).expect(200)
  assert.match(text, /How mine came to life/)
  assert.match(text, /create Pod web-1/)
  assert.match(text, /<svg[^>]*>[\s\S]*kube-scheduler/)
  const { demo } = labs.calls.at(-1)!.request as { demo: { sequence: string; steps: unknown[] } }
  assert.equal(demo.sequence, 'Pod/default/mine')
  assert.equal(demo.steps.length, 1)
  // In a namespace of its own, which is made first.
  await guest.post('/poster', { manifest: pod('  namespace: team\n') }).expect(200)
  const other = labs.calls.at(-1)!.request as { demo: { sequence: string; steps: { run?: string }[] } }
  assert.equal(other.demo.sequence, 'Pod/team/mine')
  assert.equal(other.demo.steps[0]!.run, 'kubectl create namespace team')
})

test('what is no Pod, several things, broken, hostile or too long is refused in words, with what was typed', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const bombs = `a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}]\nc: [${'*b, '.repeat(50)}]\nkind: Pod\nmetadata: {name: x}\n`
  for (const manifest of [
    '',
    'hello',
    '[1, 2',
    'kind: Service\nmetadata: {name: x}',
    'kind: Pod\nmetadata: {}',
    'kind: Pod\nmetadata: {name: "x; kubectl delete all"}',
    'kind: Pod\nmetadata: {name: x, namespace: "a b"}',
    'kind: Pod\nmetadata: {name: 7}',
    `${pod()}---\n${pod()}`,
    bombs,
  ]) {
    const { text } = await guest.post('/poster', { manifest }).expect(422)
    assert.match(text, /role="alert"[^>]*>Paste the manifest of one Pod/)
  }
  assert.deepEqual(labs.calls, [])
  const long = await guest.post('/poster', { manifest: `${pod()}# ${'x'.repeat(20_000)}` }).expect(422)
  assert.match(long.text, /may have 20000 characters/)
  const escaped = await guest.post('/poster', { manifest: '</textarea><script>alert(1)</script>' }).expect(422)
  assert.doesNotMatch(escaped.text, /<script>alert/)
})

test('a Pod that the API server refuses, or that nobody has time for, is told', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const { runDemo } = labs
  labs.runDemo = async (...asked) => {
    const run = await runDemo(...asked)
    return { ...run, steps: [{ ...run.steps[0]!, exit: 1, stderr: 'spec.containers: Required value' }] }
  }
  assert.match((await guest.post('/poster', { manifest: pod() }).expect(422)).text, /Required value/)
  labs.runDemo = async () => {
    throw new LabRefusal(503, 'Many wait.')
  }
  assert.match((await guest.post('/poster', { manifest: pod() }).expect(503)).text, /Many wait\./)
})
